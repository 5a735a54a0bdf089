"""Going through expressions: their parts, and other expressions put in for variables."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from everytale.story import (
    Arithmetic,
    Believes,
    Binder,
    Choice,
    Comparison,
    Conjunction,
    Disjunction,
    Expression,
    Membership,
    Negation,
    Quantified,
    Reading,
    Variable,
)


def parts(expression: Expression) -> tuple[Expression, ...]:
    """What ``expression`` directly consists of."""
    match expression:
        case Reading(arguments=arguments):
            return arguments
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)
        case Negation(what=what) | Membership(what=what):
            return (what,)
        case Conjunction(parts=inner) | Disjunction(parts=inner):
            return inner
        case Believes(person=person, what=what):
            return (person, what)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Quantified(binder=binder, body=body):
            return (*binder.excluded, body)
    return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """``expression`` and all of its parts, however deep."""
    waiting = [expression]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(parts(current)))


def fresh(name: str, taken: Container[str]) -> str:
    """``name``, or with a number after it, so that it is not among ``taken``."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def substitute(expression: Expression, values: Mapping[str, Expression]) -> Expression:
    """``expression`` with ``values`` in the place of free variables. Variables bound inside give way where names clash."""
    match expression:
        case Variable(name=name):
            return values.get(name, expression)
        case Reading(arguments=arguments):
            return replace(expression, arguments=tuple(substitute(argument, values) for argument in arguments))
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            return replace(expression, left=substitute(left, values), right=substitute(right, values))
        case Negation(what=what) | Membership(what=what):
            return replace(expression, what=substitute(what, values))
        case Conjunction(parts=inner) | Disjunction(parts=inner):
            return replace(expression, parts=tuple(substitute(part, values) for part in inner))
        case Believes(person=person, what=what):
            return replace(expression, person=substitute(person, values), what=substitute(what, values))
        case Choice(condition=condition, then=then, otherwise=otherwise):
            condition, then, otherwise = (substitute(part, values) for part in (condition, then, otherwise))
            return replace(expression, condition=condition, then=then, otherwise=otherwise)
        case Quantified(binder=binder, body=body):
            inside = {name: value for name, value in values.items() if name != binder.variable}
            coming = {value.name for value in inside.values() if isinstance(value, Variable)}
            variable = binder.variable
            if variable in coming:
                variable = fresh(variable, coming | {part.name for part in walk(body) if isinstance(part, Variable)})
                inside[binder.variable] = Variable(variable, span=binder.span)
            excluded = tuple(substitute(one, values) for one in binder.excluded)
            changed = Binder(variable, binder.kind, excluded, span=binder.span)
            return replace(expression, binder=changed, body=substitute(body, inside))
    return expression
