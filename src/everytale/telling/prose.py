"""Paragraphs from passages: which is told, which of its alternatives, its holes filled, its speech attributed.

The *teller's memory* (what is said already, how often a move was made) belongs to one tale; it is a function of the trace
and the seed alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from everytale.chance import Chance
from everytale.story import ALWAYS, Beat, Entity, Passage, Slot, Thing, Variable
from everytale.telling.english import begins_sentence, capital, case_of, plural_verb, possessive, speech, typographic
from everytale.world import State

MOST_UNATTRIBUTED = 4
"""Lines of a dialogue after which it is said again who speaks."""


@dataclass(frozen=True)
class Told:
    """A piece of a tale: what opens a scene (with its ``title``), tells a ``move``, or ends it. ``paragraphs`` may be none."""

    occasion: Literal["scene", "move", "ending"]
    paragraphs: tuple[str, ...]
    move: str | None = None
    title: str | None = None


class Prose:
    """The prose of one tale, at the shoulder of ``teller`` (``None``: nobody's)."""

    def __init__(self, teller: str | None, chance: Chance) -> None:
        self.teller = teller
        self.chance = chance
        self.made: Counter[str] = Counter()
        """How often each move was made before."""
        self._told: Counter[int] = Counter()
        self._said: Counter[tuple[int, int]] = Counter()
        self._thought: set[str] = set()
        self._speakers: list[str] = []
        """Who spoke the paragraphs just before, newest last; none after narration."""
        self._unattributed = 0

    # ---- which passage, which alternative ----------------------------------------------------------------------------

    def passage(self, passages: Iterable[Passage], state: State, binding: Mapping[str, str], move: str = "") -> tuple[str, ...]:
        """The paragraphs of the first of ``passages`` that fits; conditions are read in ``state``, before the move."""
        for passage in passages:
            if self._fits(passage, state, binding, move):
                self._told[id(passage)] += 1
                return tuple(self._paragraphs(self._alternative(passage), state, binding))
        return ()

    def _fits(self, passage: Passage, state: State, binding: Mapping[str, str], move: str) -> bool:
        if passage.teller is not None and passage.teller != self.teller:
            return False
        if passage.once and self._told[id(passage)]:
            return False
        if passage.occasion is not None and (passage.occasion == "first") == bool(self.made[move]):
            return False
        return passage.condition == ALWAYS or state.holds(passage.condition, binding)

    def _alternative(self, passage: Passage) -> tuple[Beat, ...]:
        """One of those said least often so far: so none is said twice while another is left."""
        said = [self._said[id(passage), index] for index in range(len(passage.alternatives))]
        least = [index for index, times in enumerate(said) if times == min(said)]
        index = least[self.chance.below(len(least))] if len(least) > 1 else least[0]
        self._said[id(passage), index] += 1
        return passage.alternatives[index]

    def thought(self, becauses: Iterable[str]) -> tuple[str, ...]:
        """What somebody thinks of why they do it, if it has not been thought in this tale."""
        for because in becauses:
            if because not in self._thought:
                self._thought.add(because)
                self._speakers.clear()
                text = capital(typographic(because))
                return (text if text.endswith((".", "!", "?", "…")) else f"{text}.",)
        return ()

    # ---- paragraphs --------------------------------------------------------------------------------------------------

    def _paragraphs(self, beats: Iterable[Beat], state: State, binding: Mapping[str, str]) -> Iterable[str]:
        for beat in beats:
            speaker = None if beat.speaker is None else _entity(state, beat.speaker, binding)
            if beat.manner == "thought" and (speaker is None or speaker.name != self.teller):
                continue
            text = typographic(self._filled(beat, state, binding))
            if beat.manner == "speech" and speaker is not None:
                yield self._spoken(text, speaker)
                continue
            self._speakers.clear()
            yield text

    def _spoken(self, text: str, speaker: Entity) -> str:
        """Speech, with its speaker where it would be unclear: unless two take turns."""
        turns = self._speakers[-2:]
        clear = len(turns) == 2 and turns[0] == speaker.name != turns[1] and self._unattributed < MOST_UNATTRIBUTED
        self._unattributed = self._unattributed + 1 if clear else 0
        self._speakers.append(speaker.name)
        return speech(text, "" if clear else speaker.label)

    def _filled(self, beat: Beat, state: State, binding: Mapping[str, str]) -> str:
        text = ""
        last: dict[str, bool] = {}  # for everybody named: whether by a pronoun with plural verbs
        for place, part in enumerate(beat.text):
            if isinstance(part, str):
                text += part
                continue
            following = beat.text[place + 1] if place + 1 < len(beat.text) else ""
            word = self._word(part, state, binding, last, following if isinstance(following, str) else "")
            text += capital(word) if part.form[:1].isupper() or begins_sentence(text) else word
        return text

    def _word(self, slot: Slot, state: State, binding: Mapping[str, str], last: dict[str, bool], following: str) -> str:
        entity = _entity(state, slot.what, binding)
        if entity is None:
            return _value(state, slot, binding)
        form = slot.form[:1].lower() + slot.form[1:]
        if form in ("", "'s"):
            last[entity.name] = False
            return entity.label if not form else possessive(entity.label, plural=entity.pronouns.plural)
        case = case_of(form, entity.pronouns, following)
        if case is None:
            return plural_verb(form) if last.get(entity.name, entity.pronouns.plural) else form
        last[entity.name] = entity.pronouns.plural
        word: str = getattr(entity.pronouns, case)
        return word


def _entity(state: State, expression: object, binding: Mapping[str, str]) -> Entity | None:
    """Who or what an expression comes to in ``state``; ``None``: nobody, or no entity at all."""
    entities = state.world.story.entity
    match expression:
        case Thing(name):
            return entities.get(name)
        case Variable(name):
            return entities.get(binding.get(name, ""))
    value = state.evaluate(expression, binding)  # type: ignore[arg-type]
    return entities.get(value) if isinstance(value, str) else None


def _value(state: State, slot: Slot, binding: Mapping[str, str]) -> str:
    match state.evaluate(slot.what, binding):
        case bool() as truth:
            return "yes" if truth else "no"
        case Fraction() as number:
            return str(number)
    return "unknown"
