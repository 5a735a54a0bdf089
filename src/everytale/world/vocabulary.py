"""Names as numbers: the entities, the people and the ground fluents of one story, as the native core counts them.

Entities are numbered from 1 so that those of a kind lie together; yes is 1 and no is 0; a number is itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import prod
from typing import TypeAlias

from everytale.core import UNKNOWN
from everytale.diagnostics import Span, StoryError
from everytale.story import Domain, Fluent, KindDomain, NumberDomain, Parameter, Story, TruthDomain

Value: TypeAlias = bool | Fraction | str | None
"""What a fluent or an expression comes to: yes or no, a number, an entity's name; ``None``: unknown."""

Place: TypeAlias = tuple[str, tuple[str, ...]]
"""A ground fluent by name: the fluent's key and its arguments."""

MOST_LISTED = 1000
"""Numbers of which all values are listed have no wider range."""
MOST_FLUENTS = 100_000
"""How many ground fluents a story may have."""


@dataclass(frozen=True, slots=True)
class GroundFluent:
    """A fluent with its arguments: ``at(Jack)``. ``index`` is its number in the core (-1: it is the same in all states)."""

    fluent: Fluent = field(compare=False)
    arguments: tuple[str, ...]
    index: int
    key: str = ""

    def __str__(self) -> str:
        return f"{self.fluent.name}({', '.join(self.arguments)})" if self.arguments else self.fluent.name


def too_large(message: str, span: Span | None = None) -> StoryError:
    hint = "Narrow the kinds that parameters and quantifiers range over, or add conditions that rule instances out."
    return StoryError.one("world-too-large", "The world is too large", message, span, hint)


class Vocabulary:
    """The numbers of one story's names. ``fluents`` are those that change, set once it is known which (:meth:`settle`)."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.members = {kind.name: tuple(story.of_kind(kind.name)) for kind in story.kinds}
        self.names = ("", *_together(story))
        self.numbers = {name: number for number, name in enumerate(self.names) if number}
        self.person = {name: index for index, name in enumerate(story.people)}
        self.ranges = {fluent.key: self._range(fluent.domain) for fluent in story.fluents}
        self.places: dict[Place, Fluent] = {}
        for fluent in story.fluents:
            ranges = [self.over(parameter) for parameter in fluent.parameters]
            if len(self.places) + prod(map(len, ranges)) > MOST_FLUENTS:
                raise too_large(f"With {fluent.name} there are more than {MOST_FLUENTS:,} ground fluents.", fluent.span)
            for arguments in product(*ranges):
                self.places[fluent.key, arguments] = fluent
        self.index: dict[Place, int] = {}
        self.possible: dict[Place, frozenset[int] | None] = {}
        """The values, as numbers, that each fluent may ever have (``None``: not known in detail)."""
        self._derived: set[str] = set()
        self.fluents: tuple[GroundFluent, ...] = ()

    def settle(self, changing: Iterable[Place]) -> None:
        """Number the fluents of ``changing`` in the order of the file; all others are constants."""
        chosen = set(changing)
        ordered = [place for place in self.places if place in chosen]
        self.index = {place: index for index, place in enumerate(ordered)}
        self.fluents = tuple(GroundFluent(self.places[place], place[1], index, place[0]) for place, index in self.index.items())

    def is_open(self, fluent: Fluent) -> bool:
        """Whether it is a number without a stated bound."""
        return isinstance(fluent.domain, NumberDomain) and None in (fluent.domain.low, fluent.domain.high)

    def bound(self, place: Place, low: int, high: int) -> None:
        """Give a number without a stated bound the bounds that it keeps within."""
        key = place[0]
        now_low, now_high, unknown = self.ranges[key]
        first = key not in self._derived
        self._derived.add(key)
        self.ranges[key] = (low if first else min(low, now_low), high if first else max(high, now_high), unknown)

    def over(self, parameter: Parameter) -> tuple[str, ...]:
        """The entities that a parameter ranges over."""
        return (parameter.constant,) if parameter.constant is not None else self.members.get(parameter.kind, ())

    def default(self, fluent: Fluent) -> int:
        """The value that a fluent has where nothing is said."""
        match fluent.domain:
            case TruthDomain():
                return 0
            case KindDomain():
                return UNKNOWN
        low, high, _ = self.ranges[fluent.key]
        return min(max(0, low), high)

    def admits(self, key: str, number: int) -> bool:
        """Whether a fluent may have that value."""
        low, high, unknown = self.ranges[key]
        return unknown if number == UNKNOWN else low <= number <= high

    def encode(self, value: Value) -> int:
        """The number that stands for a value that a fluent can have."""
        match value:
            case None:
                return UNKNOWN
            case str():
                return self.numbers[value]
        return int(value)

    def decode(self, domain: Domain, number: int) -> Value:
        if number == UNKNOWN:
            return None
        match domain:
            case TruthDomain():
                return bool(number)
            case KindDomain():
                return self.names[number] if 0 < number < len(self.names) else None
        return Fraction(number)

    def domain(self, place: Place) -> tuple[Value, ...]:
        """The values that a ground fluent may ever have, unknown last; none are listed where there are very many."""
        fluent, possible = self.places[place], self.possible.get(place)
        low, high, unknown = self.ranges[fluent.key]
        numbers: Iterable[int] = range(low, high + 1) if high - low <= MOST_LISTED else ()
        match fluent.domain:
            case TruthDomain():
                numbers = (0, 1)
            case KindDomain(kind):
                numbers = [self.numbers[name] for name in self.members.get(kind, ())]
        found = (*numbers, UNKNOWN) if unknown else tuple(numbers)
        return tuple(self.decode(fluent.domain, number) for number in found if possible is None or number in possible)

    def _range(self, domain: Domain) -> tuple[int, int, bool]:
        match domain:
            case TruthDomain():
                return 0, 1, False
            case KindDomain(kind):
                numbers = [self.numbers[name] for name in self.members.get(kind, ())]
                return min(numbers, default=1), max(numbers, default=1), True
            case NumberDomain(low, high, unknown):
                return -WIDEST if low is None else low, WIDEST if high is None else high, unknown
        raise AssertionError(domain)


WIDEST = 2**61
"""Numbers without a stated or derived bound lie between this and its negative."""


def _together(story: Story) -> list[str]:
    """The entities, so that those of a kind, and of kinds below it, follow one another."""
    below: Mapping[str, list[str]] = {kind.name: [] for kind in story.kinds}
    own: dict[str, list[str]] = {kind.name: [] for kind in story.kinds}
    roots: list[str] = []
    for kind in story.kinds:
        parents = [parent for parent in kind.parents if parent in below]
        (below[parents[0]] if parents else roots).append(kind.name)
    for entity in story.entities:
        if entity.kinds and entity.kinds[0] in own:
            own[entity.kinds[0]].append(entity.name)
    ordered: dict[str, None] = {}
    waiting = roots[::-1]
    while waiting:
        kind_name = waiting.pop()
        ordered |= dict.fromkeys(own[kind_name])
        waiting += below[kind_name][::-1]
    return list(ordered | dict.fromkeys(entity.name for entity in story.entities))
