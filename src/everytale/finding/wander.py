"""Tales told at random until one comes to the goal: what an estimate misjudges, chance may know."""

from __future__ import annotations

from fractions import Fraction

from everytale.chance import Chance
from everytale.world import World

LONGEST = 400
"""Moves of one tale, where nobody bounds them."""
PATIENCE = 20_000
"""How much work one verdict may cost; a move that is not decided by then is not made."""
SAVINGS = 10_000
"""How much work is saved up before the first tale: where everything that could be done in a state has to be judged, one can cost much."""
WORK_OF_A_MOVE = 20
"""What a move counts whose state has been left before."""


class Wanderer:
    """Draws every move by its weight. It proves nothing, so its ``status``, as that of a quest, stays 0."""

    def __init__(self, world: World, goal: int, ending: int, within: int) -> None:
        self.world, self.goal, self.ending, self.within = world, goal, ending, min(within, LONGEST)
        self.status = 0
        self._saved = -SAVINGS
        self._chance = Chance(1)
        self._moves: dict[int, tuple[list[int], list[Fraction]]] = {}

    def advance(self, work: int) -> list[int] | None:
        """Tells tales for about that much work, in the long run; the moves of one that comes to the goal."""
        core = self.world.core
        self._saved += work
        before, core.patience = core.patience, PATIENCE
        try:
            while self._saved > 0:
                begun = core.figures()["work"]
                tale, arrived = self._tale()
                if arrived:
                    return tale
                self._saved -= core.figures()["work"] - begun + WORK_OF_A_MOVE * (len(tale) + 1)
        finally:
            core.patience = before
        return None

    def _tale(self) -> tuple[list[int], bool]:
        """One tale, and whether it comes to the goal."""
        ask, core = self.world.ask, self.world.core
        state, tale = core.start(), list[int]()
        while True:
            try:
                ends = ask(core.ending, state)
            except ValueError:  # it hangs on a move that is not decided
                return tale, False
            if ends == self.ending if self.ending >= 0 else ask(core.holds, state, self.goal):
                return tale, True
            if ends >= 0 or len(tale) >= self.within:
                return tale, False
            if state not in self._moves:
                possible = ask(core.moves, state)[0]
                self._moves[state] = [move for move, _, _ in possible], [Fraction(over, under) for _, over, under in possible]
            moves, weights = self._moves[state]
            if not moves:
                return tale, False
            tale.append(moves[self._chance.pick(weights)])
            state = ask(core.step, state, tale[-1])
