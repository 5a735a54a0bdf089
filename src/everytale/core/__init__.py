"""The native core. :mod:`everytale.core._core` is all of it; its contract is ``_core.pyi``, its overview ``world.hpp``."""

from everytale.core._core import UNKNOWN, Graph, Realm, World, WorldError

__all__ = ["UNKNOWN", "Graph", "Realm", "World", "WorldError"]
