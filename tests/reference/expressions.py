"""What an expression comes to, read straight off its form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import TypeAlias

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
    Number,
    Quantified,
    Reading,
    Stillness,
    Story,
    Thing,
    Truth,
    Unknown,
    Variable,
)
from tests.reference.states import Mind, Place

Value: TypeAlias = bool | Fraction | str | None
Binding: TypeAlias = Mapping[str, str]


class Evaluator:
    """Evaluates the expressions of one story. ``still(mind)`` answers *nothing more can happen*."""

    def __init__(self, story: Story, still: Callable[[Mind], bool]) -> None:
        self.story, self.still = story, still

    def holds(self, condition: Expression, binding: Binding, mind: Mind) -> bool:
        value = self.value(condition, binding, mind)
        return value is not None and value != 0

    def name(self, expression: Expression, binding: Binding, mind: Mind) -> str | None:
        value = self.value(expression, binding, mind)
        return value if isinstance(value, str) else None

    def place(self, reading: Reading, binding: Binding, mind: Mind) -> Place | None:
        names = [self.name(argument, binding, mind) for argument in reading.arguments]
        return None if None in names else (reading.fluent, tuple(name for name in names if name))

    def entities(self, binder: Binder, binding: Binding, mind: Mind) -> Iterator[str]:
        excluded = [self.name(one, binding, mind) for one in binder.excluded]
        return (entity for entity in self.story.of_kind(binder.kind) if entity not in excluded)

    def bindings(self, binders: tuple[Binder, ...], binding: Binding, mind: Mind) -> Iterator[Binding]:
        if not binders:
            yield binding
            return
        for entity in self.entities(binders[0], binding, mind):
            yield from self.bindings(binders[1:], {**binding, binders[0].variable: entity}, mind)

    def value(self, expression: Expression, binding: Binding, mind: Mind) -> Value:
        match expression:
            case Truth(value):
                return value
            case Number(number):
                return number
            case Thing(name):
                return name
            case Unknown():
                return None
            case Variable(name):
                return binding[name]
            case Reading():
                place = self.place(expression, binding, mind)
                return None if place is None else mind.value(place)
            case Comparison(operator, left, right):
                return compare(operator, self.value(left, binding, mind), self.value(right, binding, mind))
            case Negation(what):
                return not self.holds(what, binding, mind)
            case Conjunction(parts):
                return all(self.holds(part, binding, mind) for part in parts)
            case Disjunction(parts):
                return any(self.holds(part, binding, mind) for part in parts)
            case Believes(person, what):
                name = self.name(person, binding, mind)
                return None if name is None else self.value(what, binding, mind.believes(name))
            case Membership(what, kind):
                name = self.name(what, binding, mind)
                return name is not None and self.story.is_a(name, kind)
            case Arithmetic(operator, left, right):
                return calculate(operator, self.value(left, binding, mind), self.value(right, binding, mind))
            case Choice(condition, then, otherwise):
                return self.value(then if self.holds(condition, binding, mind) else otherwise, binding, mind)
            case Stillness():
                return self.still(mind)
            case Quantified(quantifier, binder, body):
                each = [{**binding, binder.variable: entity} for entity in self.entities(binder, binding, mind)]
                if quantifier == "sum":
                    values = [self.value(body, one, mind) for one in each]
                    known = [Fraction(value) for value in values if not isinstance(value, str | None)]
                    return None if None in values else sum(known, Fraction(0))
                held = [self.holds(body, one, mind) for one in each]
                return all(held) if quantifier == "every" else any(held) if quantifier == "some" else Fraction(sum(held))


def compare(operator: str, left: Value, right: Value) -> bool:
    if operator in ("=", "!="):
        return (left == right) == (operator == "=")
    if left is None or right is None or isinstance(left, str) or isinstance(right, str):
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def calculate(operator: str, left: Value, right: Value) -> Fraction | None:
    if left is None or right is None or isinstance(left, str) or isinstance(right, str):
        return None
    a, b = Fraction(left), Fraction(right)
    if operator == "/":
        return a / b if b else None
    return {"+": a + b, "-": a - b, "*": a * b}[operator]
