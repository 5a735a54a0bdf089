"""The native core. :mod:`everytale.core._core` is all of it; its contract is ``_core.pyi``, its overview ``world.hpp``."""

from everytale.core._core import UNKNOWN, Book, English, Graph, Realm, Session, Teller, World, WorldError

__all__ = ["UNKNOWN", "Book", "English", "Graph", "Realm", "Session", "Teller", "World", "WorldError"]
