"""The likeliest tale to a goal, when every move is drawn by its weight among all that are possible."""

from __future__ import annotations

from fractions import Fraction
from heapq import heappop, heappush
from itertools import count

from everytale.world import World


class Likeliest:
    """Uniform-cost search (Dijkstra, 1959): states in the order of the odds of the likeliest way to them, exactly.

    ``moves``: those of the tale found, with their ``odds``. ``decided``: no state on the way had a move of which
    it is unknown whether it is possible, so the odds are what they are.
    """

    def __init__(self, world: World, goal: int, ending: int, within: int) -> None:
        self.world, self.goal, self.ending, self.within = world, goal, ending, within
        self.moves: list[int] | None = None
        self.odds = Fraction(0)
        self.decided = True

    def run(self) -> bool:
        """Searches to the end; whether there is such a tale."""
        core, order = self.world.core, count()
        start = core.start()
        waiting: list[tuple[Fraction, int, int, int, tuple[object, ...] | None]] = [(Fraction(-1), next(order), 0, start, None)]
        fewest: dict[int, int] = {}  # moves with which a state was left
        while waiting:
            odds, _, depth, state, path = heappop(waiting)
            if fewest.get(state, depth + 1) <= depth:
                continue
            fewest[state] = depth
            ends = self.world.ask(core.ending, state)
            if ends == self.ending if self.ending >= 0 else self.world.ask(core.holds, state, self.goal):
                self.odds, self.moves = -odds, _unwound(path)
                return True
            if ends >= 0 or depth == self.within:
                continue
            possible, undecided = self.world.ask(core.moves, state)
            self.decided = self.decided and not undecided
            total = sum(Fraction(over, under) for _, over, under in possible)
            for move, over, under in possible:
                after = self.world.ask(core.step, state, move)
                if fewest.get(after, depth + 2) > depth + 1:
                    heappush(waiting, (odds * Fraction(over, under) / total, next(order), depth + 1, after, (move, path)))
        return False


def _unwound(path: tuple[object, ...] | None) -> list[int]:
    moves: list[int] = []
    while path is not None:
        move, path = path  # type: ignore[assignment]
        moves.append(move)  # type: ignore[arg-type]
    return moves[::-1]
