"""The voice in which a story is told: its tense, and whether the teller is *I*.

Only holes and the teller's own words (*said Jack*) have a voice. Prose that is written out stays as it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from everytale.story import ME, Entity, Pronouns, Story
from tests.reference.telling.english import capital, joined, possessive
from tests.reference.telling.verbs import Agreement, agreeing, singular


@dataclass(frozen=True)
class Voice:
    """``tense``: of the verbs in holes (``None``: as written). ``me``: who is *I* (``None``: nobody)."""

    tense: Literal["past", "present"] | None = None
    me: str | None = None

    @classmethod
    def of(cls, story: Story, teller: str | None) -> Voice:
        return cls(story.tense, teller if story.person == "first" else None)

    def own(self, entity: Entity) -> bool:
        return entity.name == self.me

    def name(self, entity: Entity, *, subject: bool) -> str:
        """What somebody is called, as the ``subject`` of a sentence or not."""
        return entity.label if not self.own(entity) else ME.subject if subject else ME.object

    def possessive(self, entity: Entity) -> str:
        return ME.possessive if self.own(entity) else possessive(entity.label, plural=entity.pronouns.plural)

    def pronouns(self, entity: Entity) -> Pronouns:
        return ME if self.own(entity) else entity.pronouns

    def agreement(self, entity: Entity) -> Agreement:
        """What a verb after somebody's pronoun agrees with."""
        return "I" if self.own(entity) else "they" if entity.pronouns.plural else "he"

    def says(self, speaker: Entity) -> str:
        """Who says it: *said Jack*, *I said*."""
        said = agreeing("says", "I" if self.own(speaker) else "he", self.tense or "past")
        return f"{ME.subject} {said}" if self.own(speaker) else f"{said} {speaker.label}"

    def plainly(self, who: list[Entity], name: str, others: list[str]) -> str:
        """A move for which the author wrote nothing: by whom, its ``name``, and with what."""
        verb, *rest = name.split("_")
        after = f" ({', '.join(others)})" if others else ""
        if not who:
            return capital(" ".join([verb, *rest])) + after + "."
        actors = sorted(who, key=self.own)  # I come last
        agreement: Agreement = "they" if len(who) > 1 else "I" if self.own(who[0]) else "he"
        subject = joined([self.name(one, subject=True) for one in actors])
        verb = agreeing(singular(verb), agreement, self.tense or "present")
        return capital(f"{subject} {' '.join([verb, *rest])}{after}.")


NARRATOR = Voice()
