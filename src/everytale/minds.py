"""What goes on in people: what a state is worth to them, their reasons for a move, and whether a trace is in character.

An *intention* is somebody's reason for a move: a plan that begins with it, at whose end, in the state that they believe
in, they are better off by their own wants. A move is *in character* when everybody who must consent to it has one
(an event needs nobody's; an expressive move needs none); it is *possible* when besides its precondition holds, its weight is
greater than 0, and the tale has not ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from everytale.ground import ground
from everytale.ground.depth import fathom
from everytale.language.expression import read_goal
from everytale.story import Ending, Expression, Story, Want
from everytale.world import GroundMove, State, Trace, World

Goal: TypeAlias = Expression | Fraction | int
"""A condition that must hold at the end, or a number that the author's wants must come to."""


def begin(story: Story, *, minds: int | None = None, horizon: int | None = None) -> State:
    """The state in which the tales of ``story`` begin; ``minds`` and ``horizon`` replace the story's own.

    From there on: ``state.moves()``, ``state.after(move)``, ``state.believes("Jack")``, ``state.value("at", "Jack")``.
    Raises ``StoryError`` where the story cannot be grounded.
    """
    return ground(story, minds=minds, horizon=horizon).start


# ---- what a state is worth -------------------------------------------------------------------------------------------


def wants(story: Story, person: str | None) -> tuple[Want, ...]:
    """What ``person`` (``None``: the author) wants, in the order of the file."""
    return tuple(want for want in story.wants if want.person == person)


def value(state: State, want: Want) -> Fraction | None:
    """What ``want`` brings in ``state``; ``None``: unknown."""
    if not want.each:
        return want.worth if state.holds(want.measure) else Fraction(0)
    number = state.evaluate(want.measure)
    if isinstance(number, bool):
        return want.worth * number
    return want.worth * number if isinstance(number, Fraction) else None


def worth(state: State, person: str | None) -> Fraction | None:
    """What ``state`` itself is worth to ``person`` (``None``: to the author), all their wants added up; ``None``: unknown.

    What people go by is the worth of the state that they believe in: ``worth(state.believes(person), person)``.
    """
    total = Fraction(0)
    for want in wants(state.world.story, person):
        part = value(state, want)
        if part is None:
            return None
        total += part
    return total


# ---- reasons ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Intention:
    """Why ``person`` makes a move: the ``plan`` that begins with it, and by how much they would ``gain``.

    ``best``: it is proved that no other plan is better (of larger gain, else shorter, else earlier in the file); where it
    is not, this is *a* reason. ``serves``: the wants whose value the plan raises, as ``person`` imagines it.
    """

    person: str
    plan: tuple[GroundMove, ...]
    gain: Fraction
    best: bool
    serves: tuple[Want, ...]

    @property
    def because(self) -> tuple[str, ...]:
        """The author's words for what it serves, each once."""
        return tuple(dict.fromkeys(want.because for want in self.serves if want.because))


def intention(state: State, move: GroundMove, person: str) -> Intention | None:
    """The best reason that ``person`` has for ``move`` in ``state``; ``None`` if they have none, or need none (an expressive move)."""
    world = state.world
    found = world.core.intention(state.handle, move.index, world.story.people.index(person))
    if found is None:
        return None
    plan = tuple(world.moves[index] for index in found[0])
    before = state.believes(person)
    after = imagined(before, plan)
    served = tuple(want for want in wants(world.story, person) if _gain(value(before, want), value(after, want)) > 0)
    return Intention(person, plan, _gain(worth(before, person), worth(after, person)), found[1], served)


def hope(state: State, move: GroundMove, person: str) -> tuple[GroundMove, ...] | None:
    """The plan of the greatest worth to ``person`` that begins with ``move`` and that everybody needed would go along with, gain or
    none; ``None``: they believe that it cannot be made."""
    world = state.world
    found = world.core.hope(state.handle, move.index, world.story.people.index(person))
    return None if found is None else tuple(world.moves[index] for index in found[0])


def would(state: State, move: GroundMove, person: str, patience: int) -> bool | None:
    """Whether ``person`` has a reason for ``move`` in ``state``, decided with at most ``patience`` units of work; ``None``: undecided."""
    core = state.world.core
    before, core.patience = core.patience, min(core.patience, patience)
    try:
        return state.in_character(move, person)
    finally:
        core.patience = before


def imagined(state: State, plan: Iterable[GroundMove]) -> State:
    """The state at the end of ``plan``, begun in ``state``."""
    for move in plan:
        state = state.after(move)
    return state


def in_character(state: State, move: GroundMove) -> bool | None:
    """Whether everybody who must consent to ``move`` would, in ``state``; ``None``: undecided, a limit was reached."""
    verdicts = [state.in_character(move, person) for person in move.consenting]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def possible(state: State, move: GroundMove) -> bool | None:
    """Whether ``move`` can be the next of a tale in ``state``; ``None``: undecided, a limit was reached."""
    if not allowed(state, move) or state.ending is not None:
        return False
    return in_character(state, move)


def allowed(state: State, move: GroundMove) -> bool:
    """Whether the world allows ``move`` in ``state``: its precondition holds and its weight is greater than 0."""
    if not state.holds(move.action.precondition, move.binding):
        return False
    weight = state.evaluate(move.action.weight, move.binding)
    return not isinstance(weight, Fraction) or weight > 0


def _gain(before: Fraction | None, after: Fraction | None) -> Fraction:
    """What is unknown before or after brings no gain."""
    return Fraction(0) if before is None or after is None else after - before


# ---- a trace, move by move -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Followed:
    """One move of a trace: whether the world allows it (``possible``), whether it is ``in_character`` (``None``:
    undecided), for whose ``reasons``, and the state ``after`` it (``None`` where it is not possible)."""

    move: GroundMove
    possible: bool
    in_character: bool | None
    reasons: tuple[Intention, ...]
    before: State
    after: State | None

    @property
    def ok(self) -> bool | None:
        """Whether it is possible and in character; ``None``: undecided."""
        return self.in_character if self.possible else False


@dataclass(frozen=True)
class Following:
    """A trace as far as it can be followed. ``goal``: whether the goal holds at its end (``None``: none was asked for)."""

    moves: tuple[Followed, ...]
    state: State
    ending: Ending | None
    value: Fraction | None
    goal: bool | None
    complete: bool

    @property
    def ok(self) -> bool | None:
        """Whether every move is possible and in character and the goal, if any, holds; ``None``: undecided."""
        verdicts = [step.ok for step in self.moves]
        if not self.complete or False in verdicts or self.goal is False:
            return False
        return None if None in verdicts else True


def aim(goal: Goal | str, story: Story, minds: int | None = None) -> Goal:
    """What is to be come to, read where it is still text. Raises ``StoryError``, also where it looks deeper than minds are kept."""
    found = read_goal(goal, story) if isinstance(goal, str) else goal
    if not isinstance(found, (int, Fraction)):
        fathom(found, story, story.minds if minds is None else minds)
    return found


def follow(
    story: Story,
    trace: Trace | str,
    *,
    goal: Goal | str | None = None,
    within: int | None = None,
    horizon: int | None = None,
    minds: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Following:
    """Follow ``trace`` through ``story``: for each move, is it possible, is it in character, and for whose reasons?

    A ``goal`` is a condition that must hold at the end (``"together"``), or a number that the author's worth must reach (and be greater
    than at the start). ``within`` bounds the number of moves; ``horizon`` and ``minds`` replace the story's own.
    ``progress`` is called before each move, with its number (from 1) and that of all. Raises ``UnknownMove`` for a move that the
    story does not have. It stops at a move that the world does not allow.
    """
    trace = Trace.read(trace) if isinstance(trace, str) else trace
    goal = None if goal is None else aim(goal, story, minds)
    if within is None and isinstance(goal, (int, Fraction)):
        within = len(trace.moves)
    world = ground(story, minds=minds, horizon=horizon, within=within)
    return follow_in(world, trace, goal=goal, within=within, progress=progress)


def follow_in(
    world: World,
    trace: Trace,
    *,
    goal: Goal | None = None,
    within: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    share: slice = slice(None),
) -> Following:
    """:func:`follow`, in a world that is grounded already. Of the moves that are not in this ``share`` nobody's reasons are found out."""
    moves = [world.move(move) for move in trace.moves]
    judged = set(range(len(moves))[share])
    state = world.start
    done: list[Followed] = []
    for at, move in enumerate(moves):
        if progress is not None:
            progress(at + 1, len(moves))
        done.append(judge(state, move) if at in judged else pass_over(state, move))
        if done[-1].after is None:
            break
        state = done[-1].after
    complete = len(done) == len(moves) and (not done or done[-1].possible) and (within is None or len(moves) <= within)
    value = worth(state, None) if wants(world.story, None) else None
    return Following(tuple(done), state, state.ending, value, _reached(state, goal), complete)


def together(parts: Sequence[Following]) -> Following:
    """The following of one trace by several, each in a world of their own: the first of ``parts`` has found out the reasons of the first
    move, the second those of the second, and so on in turns."""
    first = parts[0]
    judged = (parts[at % len(parts)].moves[at] for at in range(len(first.moves)))
    moves = (replace(step, in_character=one.in_character, reasons=one.reasons) for step, one in zip(first.moves, judged, strict=True))
    return replace(first, moves=tuple(moves))


def judge(state: State, move: GroundMove) -> Followed:
    """Whether ``move`` is possible and in character in ``state``, and for whose reasons."""
    made = pass_over(state, move)
    if not made.possible:
        return made
    reasons = tuple(reason for person in move.consenting if (reason := intention(state, move, person)))
    return replace(made, in_character=in_character(state, move), reasons=reasons)


def pass_over(state: State, move: GroundMove) -> Followed:
    """``move`` made in ``state``, if it is possible, without asking for anybody's reasons."""
    if not allowed(state, move) or state.ending is not None:
        return Followed(move, False, False, (), state, None)
    return Followed(move, True, None, (), state, state.after(move))


class ImpossibleTrace(Exception):
    """The world does not allow one of a trace's moves where it stands."""


def replay(world: World, trace: Trace) -> tuple[State, ...]:
    """The states before each move of ``trace`` and after the last. Raises :class:`ImpossibleTrace`."""
    states = [world.start]
    for move in trace.moves:
        step = world.move(move)
        if not states[-1].holds(step.action.precondition, step.binding):
            raise ImpossibleTrace(f"Move {len(states)} of the trace, {move}, is not possible there: its condition does not hold.")
        states.append(states[-1].after(step))
    return tuple(states)


def _reached(state: State, goal: Goal | None) -> bool | None:
    if goal is None:
        return None
    if not isinstance(goal, (int, Fraction)):
        return state.holds(goal)
    start, end = worth(state.world.start, None), worth(state, None)
    return start is not None and end is not None and end >= goal and end > start
