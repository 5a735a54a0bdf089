"""What conditions and effects of the planner's problem files come to: what ``!`` makes of them, what is set, what is added up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from everytale.diagnostics import Span
from everytale.story import (
    ALWAYS,
    Arithmetic,
    Believes,
    Comparison,
    Conjunction,
    Disjunction,
    Expression,
    Negation,
    Quantified,
    Reading,
    Truth,
)

_CONVERSE: dict[str, Literal["<", "<=", ">", ">="]] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def negated(what: Expression, span: Span) -> Expression:
    """That ``what`` is not so. An ordering is its converse, so that it is false of what is no number with and without ``!``."""
    if not _orders(what):
        return Negation(what, span=span)
    match what:
        case Comparison(operator, left, right) if operator in _CONVERSE:
            return Comparison(_CONVERSE[operator], left, right, span=span)
        case Conjunction(parts):
            return Disjunction(tuple(negated(part, part.span or span) for part in parts), span=span)
        case Disjunction(parts):
            return Conjunction(tuple(negated(part, part.span or span) for part in parts), span=span)
        case Quantified(("every" | "some") as quantifier, binder, body):
            return Quantified("some" if quantifier == "every" else "every", binder, negated(body, body.span or span), span=span)
        case Believes(person, inner):
            return Believes(person, negated(inner, inner.span or span), span=span)
    return Negation(what, span=span)


def _orders(what: Expression) -> bool:
    """Whether an ordering decides the truth of a condition, alone or with others."""
    match what:
        case Comparison(operator):
            return operator in _CONVERSE
        case Conjunction(parts) | Disjunction(parts):
            return any(map(_orders, parts))
        case Quantified("every" | "some", _, inner) | Believes(_, inner):
            return _orders(inner)
    return False


def both(one: Expression, other: Expression) -> Expression:
    return other if one == ALWAYS else Conjunction((one, other))


def assigned(expression: Expression) -> tuple[Reading | None, Expression]:
    """What an effect sets, and to what."""
    match expression:
        case Reading():
            return expression, Truth(True)
        case Negation(Reading() as target):
            return target, Truth(False)
        case Comparison("=", Reading() as target, value):
            return target, value
    return None, expression


def summands(expression: Expression) -> Iterator[Expression]:
    """The parts of a sum."""
    waiting = [expression]
    while waiting:
        current = waiting.pop()
        match current:
            case Arithmetic("+", left, right):
                waiting += (right, left)
            case _:
                yield current
