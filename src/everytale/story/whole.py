"""A whole story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from everytale.story.premises import Claim, Flip, View
from everytale.story.rules import Action, Effect, Ending, Entity, Fluent, Kind, Scene, StoryTest, Trigger, Want


@dataclass(frozen=True)
class Story:
    """A checked story. Every tuple is in the order of the file.

    ``person_kind`` is the kind whose entities have minds. ``minds`` is how deep people imagine each other, ``horizon``
    how many moves ahead they plan. ``first_effect_wins``: of contradictory effects the first wins everywhere (so in the
    planner's files); otherwise they are an error in the true state. ``tense`` is that of the verbs in holes and of the teller's own
    words (``None``: as they are written); told in the ``first`` person, the teller is *I*.
    """

    title: str
    kinds: tuple[Kind, ...]
    entities: tuple[Entity, ...]
    fluents: tuple[Fluent, ...]
    start: tuple[Effect, ...] = ()
    wants: tuple[Want, ...] = ()
    actions: tuple[Action, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    endings: tuple[Ending, ...] = ()
    scenes: tuple[Scene, ...] = ()
    tests: tuple[StoryTest, ...] = ()
    teller: str | None = None
    minds: int = 2
    horizon: int = 5
    person_kind: str = "person"
    first_effect_wins: bool = False
    claims: tuple[Claim, ...] = ()
    flips: tuple[Flip, ...] = ()
    views: tuple[View, ...] = ()
    tense: Literal["past", "present"] | None = None
    person: Literal["first", "third"] = "third"

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The names of those who have minds."""
        return tuple(self.of_kind(self.person_kind))

    @cached_property
    def entity(self) -> dict[str, Entity]:
        """The entities by their names."""
        return {entity.name: entity for entity in self.entities}

    @cached_property
    def fluent(self) -> dict[str, Fluent]:
        """The fluents by their keys."""
        return {fluent.key: fluent for fluent in self.fluents}

    @cached_property
    def lineage(self) -> dict[str, frozenset[str]]:
        """For every kind, itself and all kinds above it."""
        parents = {kind.name: kind.parents for kind in self.kinds}

        def above(name: str) -> Iterator[str]:
            yield name
            for parent in parents.get(name, ()):
                yield from above(parent)

        return {name: frozenset(above(name)) for name in parents}

    def is_a(self, entity: str, kind: str) -> bool:
        """Whether an entity is of a kind, or of one below it."""
        return any(kind in self.lineage[own] for own in self.entity[entity].kinds)

    def of_kind(self, kind: str) -> Iterator[str]:
        """The names of the entities of ``kind``, in the order of the file."""
        return (entity.name for entity in self.entities if self.is_a(entity.name, kind))
