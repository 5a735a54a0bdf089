"""Going through expressions: their parts, and other expressions put in for variables."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from everytale.story import (
    ALWAYS,
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


def conjuncts(expression: Expression) -> Iterator[Expression]:
    """The conditions that must all hold for it to."""
    if isinstance(expression, Conjunction):
        for part in expression.parts:
            yield from conjuncts(part)
    elif expression != ALWAYS:
        yield expression


def fresh(name: str, taken: Container[str]) -> str:
    """``name``, or with a number after it, so that it is not among ``taken``."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def substitute(expression: Expression, values: Mapping[str, Expression], taken: Container[str] = ()) -> Expression:
    """``expression`` with ``values`` in the place of free variables.

    Variables bound inside get other names where those that come in, or ``taken``, have the same.
    """

    def inside(part: Expression) -> Expression:
        return substitute(part, values, taken)

    match expression:
        case Variable(name=name):
            return values.get(name, expression)
        case Reading(arguments=arguments):
            return replace(expression, arguments=tuple(map(inside, arguments)))
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            return replace(expression, left=inside(left), right=inside(right))
        case Negation(what=what) | Membership(what=what):
            return replace(expression, what=inside(what))
        case Conjunction(parts=several) | Disjunction(parts=several):
            return replace(expression, parts=tuple(map(inside, several)))
        case Believes(person=person, what=what):
            return replace(expression, person=inside(person), what=inside(what))
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return replace(expression, condition=inside(condition), then=inside(then), otherwise=inside(otherwise))
        case Quantified(binder=binder, body=body):
            further = {name: value for name, value in values.items() if name != binder.variable}
            coming = {value.name for value in further.values() if isinstance(value, Variable)}
            variable = binder.variable
            if variable in coming or variable in taken:
                used = {part.name for part in walk(body) if isinstance(part, Variable)}
                number = 2
                while (variable := f"{binder.variable}_{number}") in coming | used or variable in taken:
                    number += 1
                further[binder.variable] = Variable(variable, span=binder.span)
            changed = Binder(variable, binder.kind, tuple(map(inside, binder.excluded)), span=binder.span)
            return replace(expression, binder=changed, body=substitute(body, further, taken))
    return expression
