"""Arcs: what each person believes and feels along a tale, as runs of moments in which it stays the same."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from everytale.answers.words import number
from everytale.language.walk import walk
from everytale.minds import worth
from everytale.reporting.pictures import Run
from everytale.story import Reading, Story, Thing, Variable, Want
from everytale.world import GroundFluent, State, Value

MOST_LANES = 10
"""How many facts of one person are shown."""


@dataclass(frozen=True)
class Arc:
    """One person along a tale. ``worth``: what the state that they believe in is worth to them, moment by moment (``None``: unknown).
    ``lanes``: what they believe, fact by fact; those that they are never wrong about first, since these are what they feel."""

    person: str
    worth: tuple[Fraction | None, ...]
    lanes: tuple[tuple[str, tuple[Run, ...]], ...]


def arcs(states: list[State]) -> tuple[Arc, ...]:
    """The arcs of everybody with a mind along a tale that comes through ``states``."""
    return tuple(_arc(person, states) for person in states[0].world.story.people)


def _arc(person: str, states: list[State]) -> Arc:
    story = states[0].world.story
    minds = [state.believes(person) for state in states]
    believed, true = [mind.values() for mind in minds], [state.values() for state in states]
    ranked = []
    for order, fluent in enumerate(states[0].world.fluents):
        own, real = [one[fluent] for one in believed], [one[fluent] for one in true]
        changes, wrong = len(set(own)) > 1, own != real
        if changes or wrong:
            ranked.append((_rank(story, person, fluent, wrong), order, str(fluent), _runs(own, real)))
    ranked.sort(key=lambda one: one[:2])
    worths = tuple(worth(mind, person) for mind in minds)
    return Arc(person, worths, tuple((name, runs) for _, _, name, runs in ranked[:MOST_LANES]))


def _rank(story: Story, person: str, fluent: GroundFluent, wrong: bool) -> int:
    """What comes first: what they know of themselves, what they want, what they are wrong about, then all else."""
    if _known_to(fluent) == person:
        return 0
    if any(_speaks_of(want, fluent) for want in story.wants if want.person == person):
        return 1
    return 2 if wrong else 3


def _known_to(fluent: GroundFluent) -> str | None:
    match fluent.fluent.known_to:
        case Thing(name):
            return name
        case Variable(name):
            names = [parameter.name for parameter in fluent.fluent.parameters]
            return fluent.arguments[names.index(name)]
    return None


def _speaks_of(want: Want, fluent: GroundFluent) -> bool:
    return any(
        isinstance(part, Reading)
        and part.fluent == fluent.fluent.key
        and all(not isinstance(one, Thing) or one.name == its for one, its in zip(part.arguments, fluent.arguments, strict=True))
        for part in walk(want.measure)
    )


def _runs(own: list[Value], real: list[Value]) -> tuple[Run, ...]:
    found: list[Run] = []
    for k, (value, truth) in enumerate(zip(own, real, strict=True)):
        says, is_so = shown(value), shown(truth) if truth != value else None
        if found and (found[-1].value, found[-1].truth) == (says, is_so):
            found[-1] = Run(found[-1].begin, k + 1, says, is_so)
        else:
            found.append(Run(k, k + 1, says, is_so))
    return tuple(found)


def shown(value: Value) -> str:
    """A value by itself."""
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return "unknown"
        case Fraction():
            return number(value)
    return value
