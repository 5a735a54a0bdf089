"""What the names of a story stand for, and of which sort a value is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from everytale.story import Domain, Entity, Fluent, KindDomain, NumberDomain, Parameter, Story, TruthDomain


class Sort(NamedTuple):
    """What a value can be: yes or no, a number, one of a kind (an ``entity``, if it is known which), or only unknown.

    ``domain`` is that of the fact, where the value is a fact's.
    """

    tag: str
    kind: str = ""
    entity: str = ""
    domain: Domain | None = None

    def __str__(self) -> str:
        return {"truth": "yes or no", "number": "a number", "unknown": "unknown", "any": "anything"}.get(
            self.tag
        ) or f"{article(self.kind)}"


TRUTH = Sort("truth")
NUMBER = Sort("number")
NOTHING = Sort("unknown")
ANY = Sort("any")


def article(kind: str) -> str:
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


def sort_of(domain: Domain) -> Sort:
    match domain:
        case TruthDomain():
            return Sort("truth", domain=domain)
        case NumberDomain():
            return Sort("number", domain=domain)
        case KindDomain(kind):
            return Sort("kind", kind, domain=domain) if kind else ANY


def written(domain: Domain) -> str:
    """A domain as the language writes it."""
    match domain:
        case TruthDomain():
            return "yes or no"
        case NumberDomain(low, high, unknown):
            return f"{low} to {high}{' or unknown' if unknown else ''}"
        case KindDomain(kind):
            return kind


class Names:
    """All names of one story. Entities, roles and facts share one space of names; kinds, moves and stages have one each."""

    def __init__(self) -> None:
        self.lineage: dict[str, frozenset[str]] = {}
        self.members: dict[str, tuple[str, ...]] = {}
        self.entities: dict[str, Entity] = {}
        self.roles: dict[str, str] = {}
        self.fluents: dict[str, Fluent] = {}
        self.moves: dict[str, tuple[Parameter, ...]] = {}
        self.person = "person"
        self._shared: dict[tuple[str, str], bool] = {}

    @classmethod
    def of(cls, story: Story) -> Names:
        """The names of a story that is checked. Of facts that share a name, only the first is found by it."""
        names = cls()
        names.person = story.person_kind
        names.lineage = dict(story.lineage)
        names.entities = dict(story.entity)
        names.members = {kind: tuple(story.of_kind(kind)) for kind in names.lineage}
        for fluent in story.fluents:
            names.fluents.setdefault(fluent.name, fluent)
        names.moves = {action.name: action.parameters for action in story.actions}
        return names

    def is_a(self, entity: str, kind: str) -> bool:
        return any(kind in self.lineage.get(own, ()) for own in self.entities[entity].kinds)

    def below(self, kind: str, other: str) -> bool:
        """Whether every ``kind`` is one of ``other`` too."""
        return other in self.lineage.get(kind, ())

    def fits(self, sort: Sort, kind: str) -> bool:
        """Whether a value of ``sort`` is always of ``kind``."""
        if sort.tag == "any" or not kind:
            return True
        return sort.tag == "kind" and (self.is_a(sort.entity, kind) if sort.entity else self.below(sort.kind, kind))

    def overlap(self, left: Sort, right: Sort) -> bool:
        """Whether two values of kinds can be the same at all."""
        if left.entity and right.entity:
            return True
        if left.entity or right.entity:
            one, other = (left, right) if left.entity else (right, left)
            return self.is_a(one.entity, other.kind)
        if self.below(left.kind, right.kind) or self.below(right.kind, left.kind):
            return True
        pair = (left.kind, right.kind)
        if pair not in self._shared:
            self._shared[pair] = not set(self.members.get(left.kind, ())).isdisjoint(self.members.get(right.kind, ()))
        return self._shared[pair]

    def values(self) -> Iterable[str]:
        """Whatever a name in a condition can mean."""
        return (*self.entities, *self.roles, *self.fluents)
