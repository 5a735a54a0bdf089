"""Several searches for the same goal, in turns: other weights, and tighter limits than those asked for.

A *strand* is a world with the searches under way in it; they share what is proved about people there. Two strands are followed at a time,
each in a thread of its own: the one that was asked for, and one with tighter limits. A *round* gives both the same work, which a strand
deals out to its searches in equal parts; rounds grow, so that little is lost on a search that is soon at its end. What a round found is
looked at in the order of the strands, so threads change nothing about the answer, only when it comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import ceil
from typing import Protocol

from everytale.finding.budget import Budget
from everytale.finding.wander import Wanderer
from everytale.ground import another
from everytale.world import World

FOUND, NONE, UNDECIDED = 1, 2, 3

PROMISING, SHORTEST, CURIOUS = 0, 1, 2
"""Which states come first: those that are thought to be near the goal; those on the shortest way to it; of the former, those that have
something new, so that a search does not stay where the estimate is mistaken."""
SEARCHES = ((PROMISING, 1.0), (PROMISING, 3.0), (CURIOUS, 3.0))
"""The order of each, and how much the estimated way to the goal counts against the moves made."""
FIRST_WORK, MOST_WORK, GROWTH = 4_000, 40_000, 1.25
"""How much work a strand does in the first round, and at most in a later one; how much more it is each time."""
STAGE_WORK = 300_000
"""How much work a strand does in its first stage before the next is begun besides; twice as much in each that follows."""
SHORTER = (3 / 4, 1 / 2)
"""The horizons of tighter searches, of the one asked for."""


@dataclass
class Quest:
    """One search under way in the core of ``world``; ``status`` is the core's, 0 while it goes on."""

    world: World
    which: int
    status: int = 0

    def advance(self, work: int) -> list[int] | None:
        """Search on for about that much work; the moves of a tale, when one is found."""
        self.status = self.world.ask(self.world.core.search, self.which, work)
        return self.world.core.tale(self.which) if self.status == FOUND else None


class Aim(Protocol):
    """What is sought, and how a search for it is begun."""

    def quest(self, world: World, horizon: int, order: int, eagerness: float) -> Quest: ...

    def wanderer(self, world: World) -> Wanderer: ...


class Strand:
    """Searches in one world, stage by stage, each with tighter limits than the last: the next is begun besides one that takes long."""

    def __init__(self, world: World, stages: Sequence[Callable[[], Sequence[Quest | Wanderer]]]) -> None:
        self.world, self._waiting = world, list(stages)
        self._under_way: list[list[Quest | Wanderer]] = []
        self._spent, self._until = 0, 0
        self.done = not stages

    def round(self, work: int) -> list[int] | None:
        """The searches go on for that much work in all; the moves of a tale, as soon as one is found."""
        if self._waiting and self._spent >= self._until:
            self._under_way.append([*self._waiting.pop(0)()])
            self._until = self._until * 2 + STAGE_WORK
        self._spent += work
        tale = None
        each = work // sum(map(len, self._under_way))
        for stage in list(self._under_way):
            tale, end = self._advance(stage, each)
            if tale is not None:
                break
            if end == UNDECIDED:  # with tighter limits, it may be decided
                self._under_way.remove(stage)
                self._until = self._spent
            elif end == NONE:  # and what has tighter limits comes to nothing either
                del self._under_way[self._under_way.index(stage) :]
                self._waiting.clear()
                break
        self.done = not self._under_way and not self._waiting
        return tale

    @staticmethod
    def _advance(stage: list[Quest | Wanderer], work: int) -> tuple[list[int] | None, int]:
        """The searches of one stage go on until one finds a tale, and then waits for the others; when one is complete, the others need not
        go on: its status, else 0."""
        for quest in stage:
            tale = quest.advance(work)
            if tale is not None:
                stage.remove(quest)
                stage.append(quest)
                return tale, 0
            if quest.status != 0:
                return None, quest.status
        return None, 0


class Portfolio:
    """All strands of one question. ``done``: within the limits asked for, the search is complete."""

    def __init__(self, world: World, aim: Aim, shortest: bool, budget: Budget) -> None:
        self._budget, self._aim = budget, aim
        self._asked = Strand(world, [lambda: self._searches(world, world.horizon, shortest)])
        self._strands = [self._asked]
        self._tighter, self._proposes = self._tightened(), True
        self._all: list[Quest] = []
        self.done = False

    @property
    def worlds(self) -> list[World]:
        return [strand.world for strand in self._strands]

    def seek_shorter(self, than: int) -> None:
        """There is a tale of ``than`` moves: only the search within the limits asked for goes on, for one that is shorter."""
        self._proposes = False
        for quest in self._all:
            quest.world.ask(quest.world.core.shorten, quest.which, than - 1)

    def proposals(self) -> Iterator[tuple[list[int], bool]]:
        """Tales as they are found, and whether the asked search itself found them; they have yet to be followed."""
        work = FIRST_WORK
        strands = [self._asked]
        while not self._asked.done:
            found = self._budget.wait_for_all([partial(strand.round, work) for strand in strands], [strand.world for strand in strands])
            if found is None:
                return
            self._tell_progress()
            for strand, tale in zip(strands, found, strict=True):
                if tale is not None:
                    yield tale, strand is self._asked
            work = min(int(work * GROWTH), MOST_WORK)
            strands = [self._asked, *self._beside()]
        self.done = any(quest.status == NONE for quest in self._all)

    def _beside(self) -> list[Strand]:
        """The strand with tighter limits that is followed now, if there is one."""
        if not self._proposes:
            return []
        if len(self._strands) == 1 or self._strands[-1].done:
            self._strands += islice(self._tighter, 1)
        return [strand for strand in self._strands[1:] if not strand.done]

    def _searches(self, world: World, horizon: int, shortest: bool = False) -> list[Quest | Wanderer]:
        if shortest:
            self._all = [self._aim.quest(world, horizon, SHORTEST, 1.0)]
            return [*self._all]
        self._all = self._ahead(world, horizon)
        return [*self._all, *([self._aim.wanderer(world)] if world.story.endings else [])]

    def _tightened(self) -> Iterator[Strand]:
        """People who imagine one mind deep; and those of whom more was asked, but who do not plan so far ahead."""
        asked = self._asked.world
        for minds in sorted({min(asked.minds, 1), asked.minds}):
            world = another(asked, minds=minds)
            horizons = {ceil(asked.horizon * part) for part in (1, *SHORTER)} - ({asked.horizon} if minds == asked.minds else set())
            yield Strand(world, [partial(self._ahead, world, horizon) for horizon in sorted(horizons, reverse=True)])

    def _ahead(self, world: World, horizon: int) -> list[Quest]:
        return [self._aim.quest(world, horizon, order, eagerness) for order, eagerness in SEARCHES]

    def _tell_progress(self) -> None:
        figures = [world.core.figures() for world in self.worlds]
        self._budget.states = sum(one["states"] for one in figures)
        self._budget.deepest = max(self._asked.world.core.progress(quest.which)["deepest"] for quest in self._all)
