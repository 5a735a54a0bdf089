"""What the teller did not see, and learns of later."""

from __future__ import annotations

from everytale.world import GroundMove, State


class Missed:
    """The moves that ``teller`` did not see happen and has not learned of so far.

    They learn of one when they come to believe anything that it made so and that they did not believe before it.
    """

    def __init__(self, teller: str | None) -> None:
        self.teller = teller
        self._moves: list[tuple[GroundMove, set[tuple[int, int]]]] = []

    def add(self, move: GroundMove, before: State, after: State) -> None:
        """``move`` was made out of the teller's sight."""
        if self.teller is None:
            return
        was, now, believed = before.numbers(), after.numbers(), before.believes(self.teller).numbers()
        made = {(place, new) for place, (old, new) in enumerate(zip(was, now, strict=True)) if old != new != believed[place]}
        if made:
            self._moves.append((move, made))

    def learned(self, state: State) -> list[GroundMove]:
        """The moves that the teller has learned of by now, in ``state``; they are not missed any more."""
        if not self._moves or self.teller is None:
            return []
        believed = set(enumerate(state.believes(self.teller).numbers()))
        found = [move for move, made in self._moves if not made.isdisjoint(believed)]
        self._moves = [(move, made) for move, made in self._moves if made.isdisjoint(believed)]
        return found
