"""Sets of values, and what an expression of such may come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from everytale.core import UNKNOWN
from everytale.world.table import MINUS, OVER, SUM, TIMES
from everytale.world.vocabulary import WIDEST

Rational: TypeAlias = int | Fraction

MAY, MAY_NOT = 1, 2
BOTH = MAY | MAY_NOT
MOST_LISTED = 64
"""Values that are listed; of more, only the least and the greatest are kept."""


@dataclass(frozen=True, slots=True)
class Values:
    """Some values: those ``listed``, or (``None``) all from ``low`` to ``high``; and perhaps unknown."""

    listed: frozenset[Rational] | None
    low: Rational = 0
    high: Rational = 0
    unknown: bool = False

    @property
    def least(self) -> Rational | None:
        return min(self.listed, default=None) if self.listed is not None else self.low

    @property
    def greatest(self) -> Rational | None:
        return max(self.listed, default=None) if self.listed is not None else self.high

    @property
    def single(self) -> bool:
        """There is but one value."""
        return self.listed is not None and len(self.listed) + self.unknown == 1

    @property
    def numbers(self) -> frozenset[int] | None:
        """The values as the core numbers them, if they are listed."""
        if self.listed is None:
            return None
        return frozenset(map(int, self.listed)) | ({UNKNOWN} if self.unknown else set())

    def holds(self, number: Rational) -> bool:
        return number in self.listed if self.listed is not None else self.low <= number <= self.high


def listed(numbers: Iterable[Rational], unknown: bool = False) -> Values:
    found = frozenset(numbers)
    if len(found) > MOST_LISTED:
        return Values(None, min(found), max(found), unknown)
    return Values(found, unknown=unknown)


def joined(one: Values, other: Values) -> Values:
    if one.listed is not None and other.listed is not None:
        if other.listed <= one.listed and other.unknown <= one.unknown:
            return one
        return listed(one.listed | other.listed, one.unknown or other.unknown)
    lows = [low for low in (one.least, other.least) if low is not None]
    highs = [high for high in (one.greatest, other.greatest) if high is not None]
    return Values(None, min(lows), max(highs), one.unknown or other.unknown)


UNKNOWN_ALONE = Values(frozenset(), unknown=True)
ANYTHING = Values(None, -WIDEST, WIDEST, True)
NOTHING = Values(frozenset((0,)))


def swapped(truth: int) -> int:
    return (truth & MAY) << 1 | (truth & MAY_NOT) >> 1


def equal(one: Values, other: Values) -> int:
    if one.listed is not None and other.listed is not None:
        if one.listed.isdisjoint(other.listed) and not (one.unknown and other.unknown):
            return MAY_NOT
        return MAY if one.single and other.single else BOTH
    if one.unknown and other.unknown:
        return BOTH
    if one.listed is not None:
        one, other = other, one
    if other.listed is not None:
        return BOTH if any(one.holds(number) for number in other.listed) else MAY_NOT
    return BOTH if one.low <= other.high and other.low <= one.high else MAY_NOT


def ordered(less: Values, more: Values, strictly: bool) -> int:
    least, greatest, low, high = less.least, less.greatest, more.least, more.greatest
    if least is None or greatest is None or low is None or high is None:
        return MAY_NOT
    may = least < high if strictly else least <= high
    sure = greatest < low if strictly else greatest <= low
    return (MAY if may else 0) | (MAY_NOT if not sure or less.unknown or more.unknown else 0)


def calculated(operator: int, one: Values, other: Values) -> Values:
    unknown = one.unknown or other.unknown
    if one.listed is not None and other.listed is not None and len(one.listed) * len(other.listed) <= 4 * MOST_LISTED:
        pairs = product(one.listed, other.listed)
        found = [number for a, b in pairs if (number := _number(operator, a, b)) is not None]
        return listed(found, unknown or (operator == OVER and 0 in other.listed))
    ends = [end for values in (one, other) for end in (values.least, values.greatest) if end is not None]
    if operator == OVER or len(ends) < 4:
        return ANYTHING
    found = [number for a, b in product(ends[:2], ends[2:]) if (number := _number(operator, a, b)) is not None]
    return Values(None, max(min(found), -WIDEST), min(max(found), WIDEST), unknown)


def _number(operator: int, a: Rational, b: Rational) -> Rational | None:
    if operator == SUM:
        return a + b
    if operator == MINUS:
        return a - b
    if operator == TIMES:
        return a * b
    return Fraction(a) / b if b else None
