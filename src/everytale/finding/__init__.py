"""Finding tales: to a goal, in which everybody acts for reasons of their own.

The search goes over the graph of distinct states, best first (the native core does it). Two worlds are searched at once, a thread for each:
the one that was asked for, and one with tighter limits, where people imagine less, so that more can be searched; what is found there is
proposed only. Every tale is followed anew before it is returned, in worlds that know nothing of what the searches proved: again two,
which find out the reasons of every other move each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import partial
from typing import Literal

from everytale.diagnostics import StoryError
from everytale.finding.budget import Budget, Progress, peak_memory
from everytale.finding.likeliest import Likeliest
from everytale.finding.portfolio import Portfolio, Quest
from everytale.finding.wander import Wanderer
from everytale.ground import Look, another, ground
from everytale.minds import Following, Goal, aim, follow_in, together, wants, worth
from everytale.story import NEVER, Arithmetic, Choice, Comparison, Conjunction, Expression, Number, Story
from everytale.world import Trace, World

__all__ = ["Found", "Progress", "ending", "find"]

UNBOUNDED = 1_000_000
"""As many moves as a tale can have."""
HASTY, PATIENT = 100_000, 1 << 40
"""How much work one verdict may cost when a tale is followed, at first and where that was not enough; a part of it may go into the
proof that a reason is the best that there is."""
MOST_MEMORY = 4.0
"""Gigabytes, where nobody says."""

Status = Literal["found", "none", "undecided"]


@dataclass(frozen=True)
class Found:
    """What a search came to.

    ``status``: *none* is said only where the whole search within the limits is complete; *undecided* where it is not, and nothing was
    found. ``tales``: each followed, with everybody's reasons. ``shortest``, ``likeliest``: it is proved that no tale within the limits
    is shorter, or likelier (``odds``: how likely). ``complete``: there is no tale to another end. ``stopped``: what cut the search
    short: ``"time"``, ``"memory"``, ``"interrupted"``, or nothing.
    ``states``: how many were distinct, in truth and in every mind; ``work``: steps of the search; ``applications``: moves applied
    in them. ``seconds`` of searching and following, ``grounding``: those before; ``memory`` in bytes, at its peak, of the whole process.
    """

    status: Status
    tales: tuple[Following, ...]
    within: int | None
    horizon: int
    minds: int
    shortest: bool
    likeliest: bool
    complete: bool
    odds: Fraction | None
    stopped: str | None
    states: int
    work: int
    applications: int
    seconds: float
    grounding: float
    memory: int

    @property
    def plan(self) -> tuple[str, ...]:
        """The moves of the first tale."""
        return tuple(str(step.move) for step in self.tales[0].moves) if self.tales else ()


def find(
    story: Story,
    *,
    goal: Goal | str | None = None,
    to: str | None = None,
    within: int | None = None,
    horizon: int | None = None,
    minds: int | None = None,
    shortest: bool = False,
    likeliest: bool = False,
    count: int = 1,
    time: float | None = None,
    memory: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Found:
    """Find a tale of ``story`` to a ``goal`` (a condition, ``"together and not dawn"``, or a number that the author's wants must come to)
    or ``to`` the ending of that title.

    ``within``: moves, at most. ``horizon`` and ``minds`` replace the story's own. ``shortest``: and prove that none is shorter.
    ``likeliest``: of all, when moves are drawn by their weights. ``count``: as many, no two of which end in the same state. ``time``
    in seconds and ``memory`` in gigabytes (4, unless said) cut the search short, as Ctrl-C does. ``progress`` is told a few times a second.

    The same call gives the same answer, unless it was cut short: the threads take turns by counts of work, not by time.
    Raises ``StoryError``; ``ValueError`` for a question that is none.
    """
    if (goal is None) == (to is None):
        raise ValueError("either a goal or an ending must be sought")
    if shortest + likeliest + (count != 1) > 1 or count < 1:
        raise ValueError("one of the shortest, the likeliest, or several tales can be sought")
    goal = None if goal is None else aim(goal, story, minds)
    with Budget(time, MOST_MEMORY if memory is None else memory, progress) as budget:
        number = None if to is None else ending(story, to)
        worlds = budget.prepare(lambda look: _worlds(ground(story, minds=minds, horizon=horizon, within=within, look=look), look))
        budget.begin()
        if worlds is None:
            return _found(budget, "undecided", (), [], within, horizon or story.horizon, story.minds if minds is None else minds)
        sought = _Sought(*worlds, story, goal, number, within)
        if likeliest:
            return sought.likeliest(budget)
        return sought.several(budget, shortest, count)


def _worlds(world: World, look: Look) -> tuple[World, tuple[World, World]]:
    """Worlds that know nothing yet: one to search in, two to judge what is found."""
    look(3 * world.grounding.weight)
    searched, judges = another(world), (another(world), another(world))
    searched.core.most_states = 4_000_000_000
    return searched, judges


class _Sought:
    """One question, in the ``world`` that it is asked of; ``judges`` are those in which tales are followed."""

    def __init__(
        self, world: World, judges: tuple[World, World], story: Story, goal: Goal | None, ending: int | None, within: int | None
    ) -> None:
        self.world, self.judges, self.within, self.ending = world, judges, within, -1 if ending is None else ending
        self.goal: Goal
        if ending is not None:
            self.goal = self.condition = story.endings[ending].condition
        else:
            assert goal is not None
            self.goal = goal
            self.condition = reached(world, goal) if isinstance(goal, (int, Fraction)) else goal

    @property
    def limits(self) -> tuple[int | None, int, int]:
        """Moves; as many as people imagine; minds within minds."""
        return self.within, self.world.horizon, self.world.minds

    def quest(self, world: World, horizon: int, order: int, eagerness: float) -> Quest:
        world.core.patience = PATIENT
        which = world.ask(
            world.core.seek,
            goal=world.node(self.condition, {}),
            ending=self.ending,
            within=UNBOUNDED if self.within is None else min(self.within, UNBOUNDED),
            order=order,
            eagerness=eagerness,
            horizon=horizon,
        )
        return Quest(world, which)

    def wanderer(self, world: World) -> Wanderer:
        within = UNBOUNDED if self.within is None else self.within
        return Wanderer(world, world.node(self.condition, {}), self.ending, within)

    def follow(self, moves: list[int], budget: Budget) -> Following | None:
        """The tale, move by move, in worlds that know nothing of the search; ``None``: it was cut short."""
        trace = Trace(tuple(self.world.moves[index].move for index in moves))
        goal = None if self.ending >= 0 else self.goal
        shares = [slice(first, None, len(self.judges)) for first in range(len(self.judges))]
        for patience in (HASTY, PATIENT):
            for judge in self.judges:
                judge.core.patience = patience
            works = [
                partial(follow_in, judge, trace, goal=goal, within=self.within, share=share)
                for judge, share in zip(self.judges, shares, strict=True)
            ]
            parts = budget.wait_for_all(works, self.judges)
            if parts is None:
                return None
            followed = together(parts)
            if followed.ok is not None:
                break
        return followed

    def accepted(self, followed: Following) -> bool:
        if self.ending >= 0 and followed.ending is not self.world.story.endings[self.ending]:
            return False
        return followed.ok is True

    def several(self, budget: Budget, shortest: bool, count: int) -> Found:
        portfolio = Portfolio(self.world, self, shortest, budget)
        tales: dict[int, Following] = {}
        proved = doubted = False
        for moves, complete in portfolio.proposals():
            budget.what = "following a tale"
            followed = self.follow(moves, budget)
            if followed is None:
                break
            budget.what = "searching"
            if not self.accepted(followed):
                doubted = doubted or complete  # the search and the judge are not of one mind, so nothing is proved
                continue
            if shortest:
                if not tales or len(moves) < len(tales[0].moves):
                    tales = {0: followed}
                if complete or not moves:
                    proved = not doubted or not moves
                    break
                portfolio.seek_shorter(than=len(tales[0].moves))
                budget.what = "proving that none is shorter"
            else:
                tales.setdefault(followed.state.handle, followed)
                if len(tales) >= count:
                    break
        done = portfolio.done and budget.stopped is None and not doubted
        if shortest and tales:  # what was sought since is only what is shorter
            proved, done = proved or done, False
        status: Status = "found" if tales else "none" if done else "undecided"
        return _found(budget, status, tuple(tales.values()), portfolio.worlds, *self.limits, shortest=proved, complete=done)

    def likeliest(self, budget: Budget) -> Found:
        within = UNBOUNDED if self.within is None else self.within
        search = Likeliest(self.world, self.world.node(self.condition, {}), self.ending, within)
        best = budget.wait(search.run, (self.world,))
        moves = search.moves
        followed = None if moves is None else self.follow(moves, budget)
        accepted = followed is not None and self.accepted(followed)
        tales = (followed,) if accepted and followed is not None else ()
        done = best is not None and search.decided
        status: Status = "found" if tales else "none" if done and moves is None else "undecided"
        return _found(
            budget,
            status,
            tales,
            [self.world],
            *self.limits,
            likeliest=done and bool(tales),
            complete=not tales and done,
            odds=search.odds if tales else None,
        )


def _found(
    budget: Budget,
    status: Status,
    tales: tuple[Following, ...],
    worlds: list[World],
    within: int | None,
    horizon: int,
    minds: int,
    *,
    shortest: bool = False,
    likeliest: bool = False,
    complete: bool = False,
    odds: Fraction | None = None,
) -> Found:
    figures = [world.core.figures() for world in worlds]
    return Found(
        status=status,
        tales=tales,
        within=within,
        horizon=horizon,
        minds=minds,
        shortest=shortest,
        likeliest=likeliest,
        complete=complete,
        odds=odds,
        stopped=budget.stopped,
        states=sum(one["states"] for one in figures),
        work=sum(one["work"] for one in figures),
        applications=sum(one["applications"] for one in figures),
        seconds=budget.seconds,
        grounding=budget.grounding,
        memory=peak_memory(),
    )


def reached(world: World, goal: Fraction | int) -> Expression:
    """That what the author wants comes to at least ``goal``, and to more than at the start."""
    total: Expression = Number(Fraction(0))
    for want in wants(world.story, None):
        gain = Number(want.worth, span=want.span)
        part: Expression = Arithmetic("*", gain, want.measure) if want.each else Choice(want.measure, gain, Number(Fraction(0)))
        total = Arithmetic("+", total, part)
    start = worth(world.start, None)
    if start is None:
        return NEVER
    return Conjunction((Comparison(">=", total, Number(Fraction(goal))), Comparison(">", total, Number(start))))


def ending(story: Story, title: str) -> int:
    """The number of the ending of that title. Raises ``StoryError``."""
    titles = [ending.title for ending in story.endings]
    for number, one in enumerate(titles):
        if one.casefold() == title.casefold():
            return number
    close = get_close_matches(title, titles, n=1)
    hint = f"Did you mean “{close[0]}”?" if close else f"They are: {', '.join(titles)}." if titles else "The story has none."
    raise StoryError.one("unknown-ending", "There is no such ending", f"There is no ending “{title}”.", None, hint)
