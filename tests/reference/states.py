"""States as they are defined: a value for every fluent, and for every person the state that they believe in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias

from everytale.story import Fluent, KindDomain, NumberDomain, TruthDomain

Place: TypeAlias = tuple[str, tuple[str, ...]]
Content: TypeAlias = bool | Fraction | str | None


@dataclass(frozen=True)
class Mind:
    """A state: that of ``owner``'s mind, ``level`` minds in (0: the true state, nobody's).

    ``believed`` lacks the owner, who believes what they believe, and at the deepest level everybody.
    """

    owner: str | None
    level: int
    values: tuple[tuple[Place, Content], ...]
    believed: tuple[tuple[str, Mind], ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.owner, self.level, self.values, self.believed)))
        object.__setattr__(self, "_values", dict(self.values))
        object.__setattr__(self, "_believed", dict(self.believed))

    def __hash__(self) -> int:
        return self._hash

    def value(self, place: Place) -> Content:
        return self._values.get(place)  # type: ignore[attr-defined, no-any-return]

    def believes(self, person: str) -> Mind:
        return self._believed.get(person, self)  # type: ignore[attr-defined, no-any-return]

    def within(self, *people: str) -> Mind:
        mind = self
        for person in people:
            mind = mind.believes(person)
        return mind

    def with_(self, values: dict[Place, Content], believed: dict[str, Mind]) -> Mind:
        return replace(self, values=tuple((place, values[place]) for place, _ in self.values), believed=tuple(believed.items()))


NO_VALUE = object()
"""What a fluent cannot have at all."""


def clamped(fluent: Fluent, value: object) -> object:
    """What an assignment of ``value`` makes of the fluent where errors are nobody's."""
    domain = fluent.domain
    if isinstance(domain, TruthDomain):
        return bool(value) if value in (True, False) else NO_VALUE
    if isinstance(domain, KindDomain):
        return value if value is None or isinstance(value, str) else NO_VALUE
    if value is None:
        return None if domain.unknown else NO_VALUE
    if not isinstance(value, Fraction) or value.denominator != 1:
        return NO_VALUE
    return within(domain, value)


def within(domain: NumberDomain, value: Fraction) -> Fraction:
    if domain.low is not None:
        value = max(value, Fraction(domain.low))
    return value if domain.high is None else min(value, Fraction(domain.high))


def fits(fluent: Fluent, value: object) -> bool:
    """Whether the fluent can have exactly that value."""
    found = clamped(fluent, value)
    return found is not NO_VALUE and found == value


def default(fluent: Fluent) -> Content:
    if isinstance(fluent.domain, TruthDomain):
        return False
    return None if isinstance(fluent.domain, KindDomain) else within(fluent.domain, Fraction(0))
