"""Paragraphs from a script: which block is told, in which of its ways, its holes filled, its speech attributed.

The *teller's memory* (what they saw happen, what is said already, what is still in the reader's ear) belongs to one tale; it is
a function of the trace and the seed alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from everytale.chance import Chance
from everytale.story import Entity, Slot, Thing, Variable
from everytale.world import State
from tests.reference.telling.english import begins_sentence, capital, case_of, speech, typographic
from tests.reference.telling.rhythm import Ear, sound
from tests.reference.telling.script import BECAUSE, Block, Line, Said, Script, Way, Words, heard
from tests.reference.telling.verbs import Agreement, agreeing
from tests.reference.telling.voice import NARRATOR, Voice

MOST_UNATTRIBUTED = 4
"""Lines of a dialogue after which it is said again who speaks."""


class Prose:
    """The prose of one tale, at the shoulder of whoever tells it by ``script``."""

    def __init__(self, script: Script, chance: Chance) -> None:
        self.voice = script.voice
        self.teller = script.teller
        self.chance = chance
        self._ear = Ear()
        self._known = 0
        self._last: dict[str, int] = {}
        """When each move was last made, as the teller knows it, counted from 1; by its name, and with its arguments."""
        self._before: tuple[str, ...] = ()
        """The move that the teller saw last, in both ways."""
        self.refrains: set[str] = set()
        """The paragraphs that may come again."""
        self._used: set[int] = set()
        self._said: Counter[tuple[object, ...]] = Counter()
        self._thought: set[str] = set()
        self._speakers: list[str] = []
        """Who spoke the paragraphs just before, newest last; none after narration."""
        self._unattributed = 0

    def remember(self, what: str, name: str = "") -> None:
        """The teller knows now that something happened: a move of that ``name``, a scene."""
        self._known += 1
        self._last[what] = self._last[name or what] = self._known

    def saw(self, move: str, name: str) -> None:
        """The teller just saw ``move``, of that ``name``."""
        self.remember(move, name)
        self._before = (move, name)

    @property
    def reached(self) -> set[object]:
        """The numbers of the lines that were told."""
        return {key[0] for key in self._said}

    # ---- which block, which of its lines -----------------------------------------------------------------------------

    def passage(self, words: Words, state: State, reasons: Iterable[str] = ()) -> tuple[str, ...]:
        """The paragraphs of the first block that fits; its condition is read in ``state``, before the move.

        When it has nothing new to say, those of the first summary that fits. ``reasons``: of the move.
        """
        because = next((reason for reason in reasons if reason not in self._thought), None)
        for blocks in words:
            block = next((one for one in blocks if self._fits(one, state, because)), None)
            if block is None:
                return ()
            way = self._way(block, state, because)
            if way is not None:
                return tuple(self._tell(block, way, because))
        return ()

    def _fits(self, block: Block, state: State, because: str | None) -> bool:
        if (block.once and block.number in self._used) or (block.reasoned and because is None):
            return False
        for kind, move, since in block.whens:
            if kind == "just after":
                fits = move in self._before
            else:
                made = self._last.get(move, 0) > (0 if since is None else self._last.get(since, 0))
                fits = made == (kind in ("again", "after"))
            if not fits:
                return False
        return block.node is None or state.holds_node(block.node)

    def _way(self, block: Block, state: State, because: str | None) -> Way | None:
        """Of the ways to tell it that are left, one of those that jar least; ``None``: none is left."""
        left = [line.way or self._filled_line(line, block, state, because) for line in block.lines]
        if block.refrain:
            least = min(self._said[way.key] for way in left)
            left = [way for way in left if self._said[way.key] == least]
        else:
            left = [way for way in left if way.key not in self._said]
        if len(left) > 1:
            jars = [self._ear.jars(way.sounds) for way in left]
            least = min(jars)
            left = [way for way, cost in zip(left, jars, strict=True) if cost == least]
        if not left:
            return None
        return left[self.chance.below(len(left))] if len(left) > 1 else left[0]

    def _filled_line(self, line: Line, block: Block, state: State, because: str | None) -> Way:
        said: list[Said] = []
        for beat in line.beats:
            speaker = None if beat.speaker is None else _entity(state, beat.speaker, block.binding)
            if beat.manner != "thought" or (speaker is not None and speaker.name == self.teller):
                said.append(Said(beat.manner, filled(beat.text, state, block.binding, self.voice, because), speaker))
        return Way(tuple(said), heard(said), (line.number, *(one.text for one in said)))

    def thought(self, becauses: Iterable[str]) -> tuple[str, ...]:
        """What somebody thinks of why they do it, if it has not been thought in this tale."""
        for because in becauses:
            if because not in self._thought:
                self._thought.add(because)
                self._speakers.clear()
                text = capital(typographic(because))
                text = text if text.endswith((".", "!", "?", "…")) else f"{text}."
                self._ear.hear(sound(text))
                return (text,)
        return ()

    # ---- paragraphs --------------------------------------------------------------------------------------------------

    def _tell(self, block: Block, way: Way, because: str | None) -> Iterator[str]:
        self._used.add(block.number)
        self._said[way.key] += 1
        if block.reasoned and because is not None:
            self._thought.add(because)
        for (manner, text, speaker), sounds in zip(way.said, way.sounds, strict=True):
            self._ear.hear(sounds)
            if speaker is not None and manner != "thought":
                paragraph = self._spoken(text, speaker, quoted=manner == "speech")
            else:
                self._speakers.clear()
                paragraph = text
            if block.refrain:
                self.refrains.add(paragraph)
            yield paragraph

    def _spoken(self, text: str, speaker: Entity, *, quoted: bool) -> str:
        """Speech, with its speaker where it would be unclear: unless two take turns."""
        turns = self._speakers[-2:]
        clear = len(turns) == 2 and turns[0] == speaker.name != turns[1] and self._unattributed < MOST_UNATTRIBUTED
        self._unattributed = self._unattributed + 1 if clear else 0
        self._speakers.append(speaker.name)
        return speech(text, "" if clear else self.voice.says(speaker), quoted=quoted)


def filled(
    parts: Sequence[str | Slot], state: State, binding: Mapping[str, str], voice: Voice = NARRATOR, because: str | None = None
) -> str:
    """Prose with its holes filled, by what is so in ``state``, by the arguments ``binding`` and the reason ``because``; its marks set."""
    text = ""
    last: dict[str, Agreement] = {}  # for everybody named: what verbs after the name or pronoun agree with
    for place, part in enumerate(parts):
        if isinstance(part, str):
            text += part
            continue
        begins = begins_sentence(text)
        if part.what == Variable(BECAUSE) and BECAUSE not in binding:
            word = because or ""
        else:
            word = _word(part, parts[place + 1 : place + 3], state, binding, voice, last, begins=begins)
        text += capital(word) if part.form[:1].isupper() or begins else word
    return typographic(text)


def _word(
    slot: Slot,
    after: Sequence[str | Slot],
    state: State,
    binding: Mapping[str, str],
    voice: Voice,
    last: dict[str, Agreement],
    *,
    begins: bool,
) -> str:
    """What fills a hole, which ``begins`` a sentence or not, before the parts ``after`` it."""
    entity = _entity(state, slot.what, binding)
    if entity is None:
        return _value(state, slot, binding)
    form = slot.form[:1].lower() + slot.form[1:]
    if form in ("", "'s"):
        last[entity.name] = "I" if voice.own(entity) else "he"
        acts = begins or (len(after) == 2 and after[0] == " " and isinstance(after[1], Slot) and after[1].what == slot.what)
        return voice.possessive(entity) if form else voice.name(entity, subject=acts)
    case = case_of(form, entity.pronouns, after[0] if after and isinstance(after[0], str) else "")
    if case is None:
        return agreeing(form, last.get(entity.name, voice.agreement(entity)), voice.tense or "present")
    last[entity.name] = voice.agreement(entity)
    word: str = getattr(voice.pronouns(entity), case)
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
