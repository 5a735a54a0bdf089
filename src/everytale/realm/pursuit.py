"""What can be brought about in a realm: a goal that may be come to, that some way of playing comes to, or that all do.

Each question is answered by yes, no, or ``None`` where it hangs on situations of which it is not known what follows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everytale.core import Graph
from everytale.realm.odds import Marks

OPEN, GOES_ON = -1, -2
Truths = NDArray[np.bool_]


class Pursuit:
    """A graph and the ``goal`` in it, of every situation whether it is one (the last alone, unless given). Nothing follows a goal."""

    def __init__(self, graph: Graph, goal: Marks | None = None) -> None:
        self.graph = graph
        columns = graph.columns()
        self.columns: dict[str, Any] = columns
        self.fate: NDArray[np.int16] = columns["fate"]
        self.situations: NDArray[np.uint32] = columns["situation"]
        self.due: Marks = columns["due"]
        self.open: Marks = (self.fate == OPEN).astype(np.uint8)
        if goal is None:
            goal = np.zeros(len(self.fate), dtype=np.uint8)
            goal[-1] = 1
        self.goal = goal

    def back(self, goal: Marks, *, every: bool) -> Truths:
        """From where ``goal`` can be come to: by some way of playing, or (``every``) with odds above 0 however one plays."""
        return self.graph.back(goal, every).astype(bool)

    # ---- from the start ----------------------------------------------------------------------------------------------

    def _ask(self, question: Callable[[Marks], bool]) -> bool | None:
        if question(self.goal):
            return True
        return None if self.open.any() and question(self.goal | self.open) else False

    def possible(self) -> bool | None:
        """Whether some tale comes to the goal."""
        return self._ask(lambda goal: bool(self.back(goal, every=False)[0]))

    def forced(self) -> bool | None:
        """Whether the odds of coming to the goal are above 0 however one plays."""
        return self._ask(lambda goal: bool(self.back(goal, every=True)[0]))

    def sure(self) -> bool | None:
        """Whether some way of playing comes to the goal with odds of 1."""
        return self._ask(lambda goal: bool(self.graph.surely(goal)[0]))

    def always(self) -> bool | None:
        """Whether every way of playing comes to the goal with odds of 1: nowhere on the way to it can it be avoided for good."""

        def certain(goal: Marks) -> bool:
            avoided = ~self.back(goal, every=True)
            return not self.back(avoided.astype(np.uint8), every=False)[0]

        return self._ask(certain)

    def lasts(self, low: int, high: int | None) -> bool | None:
        """Whether some way of playing makes every tale come to a goal after at least ``low`` moves and at most ``high``."""

        def within(goal: Marks) -> bool:
            ends = goal.astype(bool)
            hoped = ends.copy()
            for _ in range(0 if high is None else high - low):
                more = ends | self._forces(hoped)
                if (more == hoped).all():
                    break
                hoped = more
            if high is None:
                hoped = np.ones(len(ends), dtype=bool) if goal is not self.goal else self.open == 0
            open_ = self.open.astype(bool) & ends
            for _ in range(low):
                before = self._forces(hoped) | open_
                if (before == hoped).all():
                    break
                hoped = before
            return bool(hoped[0])

        return self._ask(within)

    # ---- one move back -----------------------------------------------------------------------------------------------

    @cached_property
    def _edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Of every expanded situation: the first of its moves, the first of those that are drawn, and the end of them."""
        first = self.columns["first"].astype(np.int64)
        chosen = self.columns["chosen"][: len(first) - 1].astype(np.int64)
        begin, end = first[:-1], first[1:]
        return begin, begin + (chosen if len(chosen) else 0), end

    def _counts(self, marks: Truths) -> NDArray[np.int64]:
        """How many of the moves before each lead to ``marks``."""
        return np.concatenate(([0], np.cumsum(marks[self.columns["target"]]))).astype(np.int64)

    def _forces(self, marks: Truths) -> Truths:
        """Where the player can do something that leads to ``marks`` for certain."""
        begin, drawn, end = self._edges
        count = self._counts(marks)
        found = np.zeros(len(self.fate), dtype=bool)
        found[: len(begin)] = (count[drawn] > count[begin]) | ((end > drawn) & (count[end] - count[drawn] == end - drawn))
        return found

    def more(self, most: int) -> NDArray[np.int64]:
        """How many moves a tale can still have, in every situation; at most ``most``."""
        begin, _, end = self._edges
        found = np.zeros(len(self.fate), dtype=np.int64)
        alive = np.ones(len(self.fate), dtype=bool)
        for length in range(1, most + 1):
            count = self._counts(alive)
            further = np.zeros(len(alive), dtype=bool)
            further[: len(begin)] = count[end] > count[begin]
            if (further == alive).all():
                found[alive] = most
                break
            alive = further
            found[alive] = length
        return found
