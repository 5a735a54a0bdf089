"""What a trigger looks at, so that it need not be tried again where all of that is as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from everytale.story import Believes, Effect, Expression, Quantified, Reading, Thing, Trigger, Variable
from tests.reference.expressions import Binding
from tests.reference.states import Mind, Place

Sight: TypeAlias = tuple[str, tuple[str | None, ...]] | tuple[None, str | None]
"""A fluent with its arguments, or ``None`` and somebody's mind; ``None`` within: whatever it may turn out to be."""


def changed(mind: Mind, before: Mind) -> set[Place | str]:
    """The fluents that have another value than before, and the people who believe something else."""
    fluents = {place for (place, value), (_, old) in zip(mind.values, before.values, strict=True) if value != old}
    return fluents | {person for person, inner in mind.believed if inner != before.believes(person)}


def seen_by(trigger: Trigger, binding: Binding, places: Iterable[Place], people: Iterable[str]) -> set[Place | str]:
    """All fluents and people's minds on which it may hang whether the trigger applies."""
    sights = set(looked_at(trigger.precondition, binding))
    if trigger.mind is not None:
        sights |= set(looked_at(trigger.mind, binding))
    for effect in trigger.effects:
        sights |= set(looked_at_by(effect, binding))
    return {place for place in places if any(fits(sight, place) for sight in sights)} | {
        person for person in people if (None, person) in sights or (None, None) in sights
    }


def fits(sight: Sight, place: Place) -> bool:
    fluent, arguments = sight
    if fluent != place[0] or arguments is None:
        return False
    return all(known in (None, argument) for known, argument in zip(arguments, place[1], strict=True))


def looked_at(expression: Expression, binding: Binding) -> Iterator[Sight]:
    match expression:
        case Reading(fluent, arguments):
            yield fluent, tuple(known(argument, binding) for argument in arguments)
            for argument in arguments:
                yield from looked_at(argument, binding)
        case Believes(person, what):
            yield None, known(person, binding)
            yield from looked_at(person, binding)
            yield from looked_at(what, binding)  # in one's own mind, it is looked at there
        case Quantified(_, binder, body):
            yield from looked_at(body, without(binding, binder.variable))
            for one in binder.excluded:
                yield from looked_at(one, binding)
        case _:
            for part in parts(expression):
                yield from looked_at(part, binding)


def looked_at_by(effect: Effect, binding: Binding) -> Iterator[Sight]:
    binding = without(binding, *(binder.variable for binder in effect.each))
    if effect.common:
        yield None, None
    for person in effect.believers:
        yield None, known(person, binding)
    excluded = [one for binder in effect.each for one in binder.excluded]
    for expression in (effect.target, effect.value, effect.condition, *effect.believers, *excluded):
        yield from looked_at(expression, binding)


def known(expression: Expression, binding: Binding) -> str | None:
    """The name that it is whatever happens, if it is one."""
    match expression:
        case Thing(name):
            return name
        case Variable(name):
            return binding.get(name)
    return None


def without(binding: Binding, *variables: str) -> Binding:
    return {variable: name for variable, name in binding.items() if variable not in variables}


def parts(expression: Expression) -> Iterator[Expression]:
    """The expressions that an expression is made of."""
    for name in ("left", "right", "what", "condition", "then", "otherwise"):
        if hasattr(expression, name):
            yield getattr(expression, name)
    yield from getattr(expression, "parts", ())
