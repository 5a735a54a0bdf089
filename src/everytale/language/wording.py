"""Expressions and effects written in the language: with as few brackets as read back to the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import TypeVar

from everytale.story import (
    ALWAYS,
    Arithmetic,
    Assertion,
    Believes,
    Binder,
    Choice,
    Claim,
    Comparison,
    Conjunction,
    Disjunction,
    Effect,
    Ended,
    Expression,
    Holds,
    Leads,
    Length,
    Membership,
    Moment,
    Negation,
    Never,
    Number,
    Odds,
    Possible,
    Quantified,
    Reading,
    Stillness,
    Story,
    Stuck,
    Thing,
    Truth,
    Unknown,
    Upon,
    Variable,
)

_Bound = TypeVar("_Bound")

# How tightly a phrase holds together (language/phrases.py): the least is what goes as far as it can.
_FAR, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _WORD = range(8)
_NOBODY: Mapping[str, str] = {}


class Writer:
    """Writes what is in ``story``; ``binding``: what stands for variables."""

    def __init__(self, story: Story, binding: Mapping[str, str] = _NOBODY) -> None:
        self.story = story
        self.binding = binding

    # ---- expressions -------------------------------------------------------------------------------------------------

    def phrase(self, expression: Expression, power: int = _FAR) -> str:
        """``expression``, in brackets where it holds together less tightly than ``power``."""
        text, own = self._phrase(expression)
        return text if own > power or power == _FAR else f"({text})"

    def _phrase(self, expression: Expression) -> tuple[str, int]:
        match expression:
            case Truth(value):
                return ("yes" if value else "no"), _WORD
            case Number(value):
                return _number(value)
            case Thing(name):
                return name, _WORD
            case Unknown():
                return "unknown", _WORD
            case Variable(name):
                return self.binding.get(name, name), _WORD
            case Reading():
                return self.reading(expression), _WORD
            case Comparison(operator, left, right):
                sign = {"=": "is", "!=": "is not"}[operator] if isinstance(right, Unknown) and operator in ("=", "!=") else operator
                return f"{self.phrase(left, _COMPARISON)} {sign} {self.phrase(right, _COMPARISON)}", _COMPARISON
            case Negation(what):
                return f"not {self.phrase(what, _AND)}", _NOT
            case Conjunction(parts) | Disjunction(parts):
                return self._junction(parts, "and" if isinstance(expression, Conjunction) else "or")
            case Believes(person, what):
                return f"{self.phrase(person, _COMPARISON)} believes {self.phrase(what, _AND)}", _COMPARISON
            case Membership(what, kind):
                return f"{self.phrase(what, _COMPARISON)} is {'an' if kind[:1] in 'aeiouAEIOU' else 'a'} {kind}", _COMPARISON
            case Arithmetic(operator, left, right):
                own = _SUM if operator in "+-" else _PRODUCT
                return f"{self.phrase(left, own - 1)} {operator} {self.phrase(right, own)}", own
            case Choice(condition, then, otherwise):
                return f"if {self.phrase(condition)} then {self.phrase(then, _OR)} else {self.phrase(otherwise)}", _FAR
            case Quantified(quantifier, binder, body):
                if quantifier == "count":
                    return f"number of {self._over(binder)} with {self.phrase(body)}", _FAR
                if quantifier == "sum":
                    return f"sum of {self.phrase(body, _OR)} for {self._over(binder)}", _FAR
                return f"for {quantifier} {self._over(binder)}: {self.phrase(body)}", _FAR
            case Stillness():
                return "nothing more can happen", _WORD
        raise TypeError(f"{expression!r} is no expression")

    def _junction(self, parts: tuple[Expression, ...], word: str) -> tuple[str, int]:
        if not parts:
            return ("yes" if word == "and" else "no"), _WORD
        if len(parts) == 1:
            return self._phrase(parts[0])
        own = _AND if word == "and" else _OR
        return f" {word} ".join(self.phrase(part, own) for part in parts), own

    def reading(self, reading: Reading) -> str:
        name = self.story.fluent[reading.fluent].name if reading.fluent in self.story.fluent else reading.fluent
        arguments = ", ".join(self.phrase(argument, _COMPARISON) for argument in reading.arguments)
        return f"{name}({arguments})" if arguments else name

    def _over(self, binder: Binder) -> str:
        excluded = " or ".join(self.phrase(one) for one in binder.excluded)
        return f"{binder.kind} {binder.variable}" + (f" except {excluded}" if excluded else "")

    # ---- claims ------------------------------------------------------------------------------------------------------

    def claimed(self, claim: Claim) -> str:
        """What is claimed, without ``claim`` and its title."""
        if claim.player is None:
            return self._assertion(claim.what)
        if not claim.ensures:
            return f"whatever {claim.player} does, {self._assertion(claim.what)}"
        if isinstance(claim.what, Leads):
            return f"{claim.player} can make sure of {self.moment(claim.what.to)}"
        return f"{claim.player} can make sure that {self._assertion(claim.what)}"

    def _assertion(self, what: Assertion) -> str:
        match what:
            case Never(moment, after, before) | Possible(moment, after, before):
                when = ""
                if after is not None and before is not None:
                    when = f" between {self.moment(after, _AND)} and {self.moment(before)}"
                elif after is not None:
                    when = f" after {self.moment(after)}"
                elif before is not None:
                    when = f" before {self.moment(before)}"
                return (f"never {self.moment(moment)}" if isinstance(what, Never) else f"{self.moment(moment)} is possible") + when
            case Leads(first, to):
                return f"{'sooner or later' if first is None else f'{self.moment(first)} leads to'} {self.moment(to)}"
            case Odds(moment, low, high):
                return f"odds of {'never ending' if moment is None else self.moment(moment)} {_bounds(low, high, _percent)}"
            case Length(low, high):
                return f"{_bounds(low, high, str)} moves"

    def moment(self, moment: Moment, power: int = _FAR) -> str:
        match moment:
            case Holds(condition):
                return self.phrase(condition, power)
            case Upon(move, arguments):
                if arguments is None:
                    return f"move {move}"
                wanted = next(action.parameters for action in self.story.actions if action.name == move)
                given = (one or f"some {parameter.kind}" for one, parameter in zip(arguments, wanted, strict=True))
                return f"move {move}({', '.join(given)})"
            case Ended(title):
                return "an ending" if title is None else f'ending "{title}"'
            case Stuck():
                return "a dead end"

    # ---- effects -----------------------------------------------------------------------------------------------------

    def effect(self, effect: Effect) -> str:
        over = "".join(f"for every {self._over(binder)}: " for binder in effect.each)
        minds = "common " if effect.common else "".join(f"{self.phrase(believer)} believes " for believer in effect.believers)
        when = "" if effect.condition == ALWAYS else f" when {self.phrase(effect.condition)}"
        return over + minds + self._change(effect) + when

    def _change(self, effect: Effect) -> str:
        target = self.reading(effect.target)
        if effect.change != "set":
            return f"{target} {effect.change}" + ("" if effect.value == Number(Fraction(1)) else f" by {self.phrase(effect.value, _OR)}")
        if isinstance(effect.value, Truth):
            return target if effect.value.value else f"not {target}"
        return f"{target} = {self.phrase(effect.value, _OR)}"

    def effects(self, effects: Iterable[Effect]) -> list[str]:
        return [self.effect(effect) for effect in effects]


def _bounds(low: _Bound | None, high: _Bound | None, write: Callable[[_Bound], str]) -> str:
    if low is not None and high is not None:
        return f"between {write(low)} and {write(high)}"
    if low is not None:
        return f"at least {write(low)}"
    return f"at most {write(high)}" if high is not None else ""


def _percent(odds: Fraction) -> str:
    return f"{_number(odds * 100)[0]}%"


def _number(value: Fraction) -> tuple[str, int]:
    """A number; a fraction as a decimal where it is one, else as a division."""
    sign, size = ("-" if value < 0 else ""), abs(value)
    if size.denominator == 1:
        return f"{sign}{size}", _WORD
    places = next((places for places in range(1, 18) if (size * 10**places).denominator == 1), None)
    if places is None:
        return f"{sign}{size.numerator} / {size.denominator}", _PRODUCT
    digits = str(size * 10**places).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}", _WORD


def format_expression(expression: Expression, story: Story, binding: Mapping[str, str] = _NOBODY) -> str:
    """``expression`` in the language; ``binding``: the names that stand for its variables."""
    return Writer(story, binding).phrase(expression)


def format_effect(effect: Effect, story: Story) -> str:
    """``effect`` in the language."""
    return Writer(story).effect(effect)
