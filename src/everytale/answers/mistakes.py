"""What people are wrong about, where it matters: the facts that a condition hangs on, and what minds take them for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from everytale.language.walk import parts
from everytale.minds import wants
from everytale.story import Believes, Binder, Expression, Quantified, Reading, Thing, Variable
from everytale.world import GroundMove, State, Value

Place: TypeAlias = tuple[tuple[str, ...], str, tuple[str, ...]]
"""A fact in a mind: the chain of people that leads there (outermost first; empty: the truth), the fluent's key, its arguments."""


@dataclass(frozen=True)
class Belief:
    """What the last of ``chain`` takes a fact for (if several: what the first believes that the next believes ...).

    ``true`` is the fact's value in truth; of what somebody believes of another's belief, its value in that other's mind.
    """

    chain: tuple[str, ...]
    fluent: str
    arguments: tuple[str, ...]
    believed: Value
    true: Value

    @property
    def mistaken(self) -> bool:
        return self.believed != self.true


def belief(state: State, place: Place) -> Belief:
    """What is believed at ``place``, in ``state``."""
    chain, fluent, arguments = place
    mind, true = state, state
    for person in chain:
        mind = mind.believes(person)
    for person in chain[1:]:
        true = true.believes(person)
    return Belief(chain, fluent, arguments, mind.value(fluent, *arguments), true.value(fluent, *arguments))


def mistakes(state: State, person: str, moves: Iterable[GroundMove]) -> tuple[Belief, ...]:
    """What ``person`` is wrong about in ``state``, of all that ``moves`` and the wants of those who consent to them hang on."""
    story, mind = state.world.story, state.believes(person)
    places: dict[Place, None] = {}
    concerned = {person: None}
    for move in moves:
        concerned |= dict.fromkeys(move.consenting)
        conditions = [move.action.precondition]
        conditions += [part for effect in move.action.effects if not effect.each for part in (effect.condition, effect.value)]
        for condition in conditions:
            places |= dict.fromkeys(readings(mind, condition, move.binding, (person,)))
    for other in concerned:
        chain = (person,) if other == person else (person, other)
        for want in wants(story, other):
            places |= dict.fromkeys(readings(mind.believes(other), want.measure, {}, chain))
    return tuple(found for place in places if (found := belief(state, place)).mistaken)


def readings(state: State, expression: Expression, binding: Mapping[str, str], chain: tuple[str, ...] = ()) -> Iterator[Place]:
    """The facts that ``expression`` hangs on in ``state``, which is the mind at the end of ``chain``."""
    match expression:
        case Reading(fluent, arguments):
            for argument in arguments:
                yield from readings(state, argument, binding, chain)
            names = [name_of(state, argument, binding) for argument in arguments]
            known = tuple(name for name in names if name is not None)
            if len(known) == len(names):
                yield chain, fluent, known
        case Believes(person, what):
            name = name_of(state, person, binding)
            if name is not None:
                yield from readings(state.believes(name), what, binding, chain if chain[-1:] == (name,) else (*chain, name))
        case Quantified(_, binder, body):
            for entity in entities(state, binder, binding):
                yield from readings(state, body, {**binding, binder.variable: entity}, chain)
        case _:
            for part in parts(expression):
                yield from readings(state, part, binding, chain)


def entities(state: State, binder: Binder, binding: Mapping[str, str]) -> Iterator[str]:
    """What ``binder`` ranges over."""
    excluded = [name_of(state, one, binding) for one in binder.excluded]
    return (entity for entity in state.world.story.of_kind(binder.kind) if entity not in excluded)


def name_of(state: State, expression: Expression, binding: Mapping[str, str]) -> str | None:
    """The entity that ``expression`` names in ``state``, if it names one."""
    match expression:
        case Variable(name):
            return binding[name]
        case Thing(name):
            return name
    named = state.evaluate(expression, binding)
    return named if isinstance(named, str) else None
