"""What is known of a realm so far, kept so that a later run goes on from it."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from everytale.core import Realm as Core
from everytale.diagnostics import StoryError
from everytale.world import World

Known: TypeAlias = Mapping[str, NDArray[Any]]
"""Arrays by their names: the graph so far, and of what it is (``of``). Nothing but numbers, so a file of them is only data."""

FIRST = 0.2
"""Seconds to the first time."""
SHARE = 20
"""Keeping takes one part in so many of the time, at most."""


class Keeper:
    """Gives what is known to ``keep``, at the end and from time to time."""

    def __init__(self, world: World, core: Core, of: tuple[object, ...], keep: Callable[[Known], None] | None) -> None:
        self._world, self._core, self._keep = world, core, keep
        self._of = fingerprint(world, of) if keep is not None else ""
        self._asked = of
        self._next = monotonic() + FIRST

    def keep_now_and_then(self) -> None:
        if self._keep is not None and monotonic() >= self._next:
            self.keep()

    def keep(self) -> None:
        if self._keep is None:
            return
        began = monotonic()
        self._keep({**self._core.save(), "of": np.frombuffer(bytes.fromhex(self._of), np.uint8)})
        self._next = monotonic() + max(1.0, SHARE * (monotonic() - began))

    def resume(self, known: Known) -> None:
        """Go on from ``known``. Raises ``StoryError`` where that is of another story, or asked otherwise."""
        given = dict(known)
        of = given.pop("of", None)
        try:
            if of is not None and bytes(of).hex() == fingerprint(self._world, self._asked):
                self._world.ask(self._core.resume, **given)
                return
        except (TypeError, ValueError):
            pass
        message = "What was kept is not of this story as it now stands, explored with the same player, horizon, minds and bound."
        hint = "Name another file, or delete this one."
        raise StoryError.one("other-checkpoint", "The checkpoint is of something else", message, None, hint)


def fingerprint(world: World, of: tuple[object, ...]) -> str:
    """What tells one world, explored in one way, from all others: a hash of all that the core is given."""
    found = hashlib.sha256(repr(of).encode())
    for name, column in sorted(world.grounding.columns.items()):
        found.update(name.encode() + b"=" + (column.tobytes() if isinstance(column, array) else repr(column).encode()) + b";")
    return found.hexdigest()
