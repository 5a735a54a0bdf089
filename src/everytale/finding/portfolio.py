"""Several searches for the same goal, in turns: other weights, and tighter limits that are widened to those asked for.

A *strand* is a world with the searches under way in it; they share what is proved about people there. Each strand has a thread,
and a *round* gives every search the same work. What a round found is looked at in the order of the strands, so threads change
nothing about the answer, only when it comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from everytale.finding.budget import Budget
from everytale.finding.wander import Wanderer
from everytale.ground import another
from everytale.world import World

FOUND, NONE = 1, 2

EAGER = (1.0, 5.0)
"""How much the estimated way to the goal counts against the moves made, in turns."""
FIRST_WORK, MOST_WORK = 4_000, 10_000
"""How much work a search does in the first round, and in later ones."""
STAGE_WORK = 3_000_000
"""After how much work in one stage of tighter limits the next is begun besides."""


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

    def quest(self, world: World, horizon: int, eagerness: float, *, shortest: bool = False) -> Quest: ...

    def wanderer(self, world: World) -> Wanderer: ...


class Strand:
    """Searches in one world, stage by stage: the next is begun when one has come to nothing, and besides one that takes long."""

    def __init__(self, world: World, stages: list[Callable[[], list[Quest | Wanderer]]]) -> None:
        self.world, self._waiting = world, stages
        self.under_way: list[list[Quest | Wanderer]] = []
        self._spent = 0
        self.done = not stages

    def round(self, work: int) -> list[list[int]]:
        """Every search goes on for that much work; the moves of the tales found."""
        tales: list[list[int]] = []
        if self._spent > STAGE_WORK:
            self._begin_next()
        for stage in self.under_way:
            tales += self._advance(stage, work)
        self.under_way = [stage for stage in self.under_way if all(quest.status in (0, FOUND) for quest in stage)]
        while not self.under_way and self._waiting:
            self._begin_next()
            tales += self._advance(self.under_way[0], work)
            self.under_way = [stage for stage in self.under_way if all(quest.status in (0, FOUND) for quest in stage)]
        self.done = not self.under_way
        return tales

    def _begin_next(self) -> None:
        if self._waiting:
            self.under_way.append(self._waiting.pop(0)())
            self._spent = 0

    def _advance(self, stage: list[Quest | Wanderer], work: int) -> list[list[int]]:
        """The searches of one stage go on; when one of them is complete, the others need not."""
        tales: list[list[int]] = []
        for quest in stage:
            self._spent += work
            tale = quest.advance(work)
            if tale is not None:
                tales.append(tale)
            elif quest.status != 0:
                break
        return tales


class Portfolio:
    """All strands of one question. ``done``: within the limits asked for, the search is complete."""

    def __init__(self, world: World, aim: Aim, shortest: bool, budget: Budget) -> None:
        self._budget, self._aim = budget, aim
        self._asked = Strand(world, [lambda: self._searches(world, world.horizon, shortest)])
        self._tighter: Strand | None = None
        self._proposes = True
        self._all: list[Quest] = []
        self.done = False

    @property
    def worlds(self) -> list[World]:
        return [self._asked.world] + ([self._tighter.world] if self._tighter else [])

    def propose_no_more(self) -> None:
        """Only the search within the limits asked for goes on."""
        self._proposes = False

    def proposals(self) -> Iterator[tuple[list[int], bool]]:
        """Tales as they are found, and whether the asked search itself found them; they have yet to be followed."""
        work = FIRST_WORK
        while not self._asked.done:
            strands = [self._asked]
            if work > FIRST_WORK and self._proposes:
                self._tighter = self._tighter or self._tightened()
                strands += [self._tighter] if not self._tighter.done else []
            found = self._budget.wait_for_all([partial(strand.round, work) for strand in strands], [strand.world for strand in strands])
            if found is None:
                return
            self._tell_progress()
            for strand, tales in zip(strands, found, strict=True):
                for tale in tales:
                    yield tale, strand is self._asked
            work = min(work + 2_000, MOST_WORK)
        self.done = any(quest.status == NONE for quest in self._all)

    def _searches(self, world: World, horizon: int, shortest: bool = False) -> list[Quest | Wanderer]:
        if shortest:
            self._all = [self._aim.quest(world, horizon, 1.0, shortest=True)]
            return [*self._all]
        self._all = [self._aim.quest(world, horizon, eagerness) for eagerness in EAGER]
        return [*self._all, *([self._aim.wanderer(world)] if world.story.endings else [])]

    def _tightened(self) -> Strand:
        """One mind deep, and with shorter plans at first."""
        asked = self._asked.world
        world = another(asked, minds=min(asked.minds, 1))
        most = asked.horizon if world.minds < asked.minds else asked.horizon - 1
        horizons = sorted({horizon for horizon in (-(-asked.horizon // 2), -(-asked.horizon * 3 // 4), most) if 1 <= horizon <= most})
        return Strand(world, [lambda horizon=horizon: [self._aim.quest(world, horizon, eager) for eager in EAGER] for horizon in horizons])  # type: ignore[misc]

    def _tell_progress(self) -> None:
        figures = [world.core.figures() for world in self.worlds]
        self._budget.states = sum(one["states"] for one in figures)
        self._budget.deepest = max(self._asked.world.core.progress(quest.which)["deepest"] for quest in self._all)
