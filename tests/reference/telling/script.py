"""A story's prose made ready at one shoulder: what is the same in every tale is worked out once.

A *line* is one alternative of a ``told`` block, a *block* one such block of one ground move, *words* all that there is to
say of that move, by who witnesses it. A script belongs to a world and is shared by all tales told of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from everytale.language.walk import walk
from everytale.story import Beat, Entity, Expression, Made, Passage, Scene, Slot, Thing, Variable
from everytale.world import GroundMove, GroundTrigger, State, World, instance
from tests.reference.telling.english import typographic
from tests.reference.telling.rhythm import Sound, sound
from tests.reference.telling.voice import Voice

TELLER, BECAUSE = "teller", "because"
"""What stands in prose for whoever tells, and for the reason of a move."""


class Said(NamedTuple):
    """A paragraph before it is known whether it must be said who speaks."""

    manner: str
    text: str
    speaker: Entity | None


class Way(NamedTuple):
    """A line with its holes filled: its paragraphs, what is heard of them, and the ``key`` by which it is remembered."""

    said: tuple[Said, ...]
    sounds: tuple[Sound, ...]
    key: tuple[object, ...]


class Line(NamedTuple):
    """An alternative, with a number of its own in the script. ``way``: the one way to tell it, where no hole is in it."""

    number: int
    beats: tuple[Beat, ...]
    way: Way | None


class When(NamedTuple):
    """An occasion: of which move it asks and since which, as they are remembered."""

    kind: str
    move: str
    since: str | None


class Block(NamedTuple):
    """A passage for one ground move. ``node``: its condition in the core (``None``: always); ``reasoned``: it speaks of the reason."""

    number: int
    lines: tuple[Line, ...]
    node: int | None
    whens: tuple[When, ...]
    binding: Mapping[str, str]
    once: bool
    refrain: bool
    reasoned: bool


class Words(NamedTuple):
    """The blocks of a move that tell it, in order, and those that stand in when they have nothing more to say."""

    blocks: tuple[Block, ...]
    summaries: tuple[Block, ...]

    @property
    def reasoned(self) -> bool:
        """Whether any of them speaks of the reason."""
        return any(block.reasoned for blocks in self for block in blocks)


class Cues(NamedTuple):
    """The scenes of a story: those that a move of a name opens, and those that a condition opens."""

    upon: Mapping[str, tuple[Scene, ...]]
    coming: tuple[Scene, ...]


class Script:
    """All prose of ``world`` for the shoulder of ``teller`` (``None``: nobody's)."""

    def __init__(self, world: World, teller: str | None) -> None:
        self.world, self.teller = world, teller
        story = world.story
        self.voice = Voice.of(story, teller)
        self.entity = story.entity
        self.cues = Cues(
            {name: tuple(s for s in story.scenes if s.opens.move == name) for name in {s.opens.move for s in story.scenes} if name},
            tuple(scene for scene in story.scenes if scene.opens.move is None),
        )
        self.follows = any(self._meant(passage) for trigger in story.triggers for passage in trigger.told)
        """Whether anything that follows by itself is told at all."""
        self._lines: dict[int, tuple[int, tuple[Line, ...]]] = {}
        self._words: dict[tuple[str, str], Words] = {}
        self._numbers = 0

    # ---- what there is to say ----------------------------------------------------------------------------------------

    def of(self, made: GroundMove | GroundTrigger, witness: str) -> Words:
        """What can be said of a move, or of what follows by itself, by one who witnesses it so."""
        key = str(made), witness
        words = self._words.get(key)
        if words is None:
            told = made.action.told if isinstance(made, GroundMove) else made.trigger.told
            words = self._words[key] = self._ready(told, made.binding, key[0], witness)
        return words

    def passages(self, name: str, passages: tuple[Passage, ...], witness: str = "seen") -> Words:
        """The same of an ending or a scene, remembered by ``name``; ``witness`` may be ``close``."""
        words = self._words.get((name, witness))
        if words is None:
            words = self._words[name, witness] = self._ready(passages, {}, name, witness)
        return words

    def _ready(self, passages: Iterable[Passage], binding: Mapping[str, str], name: str, witness: str) -> Words:
        blocks: list[Block] = []
        summaries: list[Block] = []
        bound = dict(binding) if self.teller is None else {TELLER: self.teller, **binding}
        for passage in passages:
            if not self._meant(passage) or ("close" if passage.at_close else passage.witness) != witness:
                continue
            free = _free(passage)
            if TELLER in free and TELLER not in bound:
                continue
            node = self.world.node(passage.condition, bound)
            truth = self.world.truth(node)
            if truth is False:
                continue
            whens = tuple(
                When(one.kind, name if one.move is None else _made(one.move, bound), None if one.since is None else _made(one.since, bound))
                for one in passage.occasions
            )
            number, lines = self._passage(passage)
            block = Block(
                number,
                lines,
                None if truth else node,
                whens,
                bound,
                passage.once,
                passage.refrain,
                BECAUSE in free and BECAUSE not in bound,
            )
            (summaries if passage.summary else blocks).append(block)
        return Words(tuple(blocks), tuple(summaries))

    def _meant(self, passage: Passage) -> bool:
        """Whether a passage is for this shoulder."""
        return passage.teller is None or passage.teller == self.teller

    def _passage(self, passage: Passage) -> tuple[int, tuple[Line, ...]]:
        """The number and the lines of a passage, which all moves of one action share."""
        found = self._lines.get(id(passage))
        if found is None:
            lines = tuple(self._line(beats) for beats in passage.alternatives)
            found = self._lines[id(passage)] = self._number(), lines
        return found

    def _line(self, beats: tuple[Beat, ...]) -> Line:
        said: list[Said] = []
        for beat in beats:
            speaker = None if beat.speaker is None else self.entity.get(beat.speaker.name) if isinstance(beat.speaker, Thing) else None
            if (beat.speaker is not None and speaker is None) or not all(isinstance(part, str) for part in beat.text):
                return Line(self._number(), beats, None)
            if beat.manner != "thought" or (speaker is not None and speaker.name == self.teller):
                text = "".join(part for part in beat.text if isinstance(part, str))
                said.append(Said(beat.manner, typographic(text), speaker))
        number = self._number()
        return Line(number, beats, Way(tuple(said), heard(said), (number,)))

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    # ---- what is witnessed -------------------------------------------------------------------------------------------

    def sees(self, state: State, move: GroundMove) -> bool:
        """Whether the teller sees ``move``, made in ``state``. Nobody in particular sees everything."""
        return self.teller is None or state.sees(move, self.teller)

    def following(self, state: State, move: GroundMove) -> list[tuple[GroundTrigger, str]]:
        """What follows by itself on ``move``, and how the teller witnesses it: first what is so, then what is made of it.

        What follows in the teller's own mind is ``seen``, even where it is not so; the rest they do not see.
        """
        if not self.follows:
            return []
        found: dict[GroundTrigger, str] = {}
        for chain, trigger in state.fired(move):
            if not trigger.trigger.told:
                continue
            happens = bool(chain) == (trigger.trigger.mind is not None)  # an inference, in the mind that makes it
            if chain == (self.teller,) or (happens and self.teller is None):
                found[trigger] = "seen"
            elif happens:
                found.setdefault(trigger, "unseen")
        return sorted(found.items(), key=lambda one: one[0].trigger.mind is not None)


def heard(said: Iterable[Said]) -> tuple[Sound, ...]:
    """What is heard of paragraphs."""
    return tuple(sound(f"“{one.text}”" if one.manner == "speech" else one.text) for one in said)


def _made(made: Made, binding: Mapping[str, str]) -> str:
    """How a move is remembered: with its arguments, or by its name alone."""
    named = (one.name if isinstance(one, Thing) else binding[one.name] for one in made.arguments if isinstance(one, Thing | Variable))
    return instance(made.name, tuple(named))


def _free(passage: Passage) -> set[str]:
    """The variables that a passage speaks of."""
    expressions: list[Expression] = [passage.condition]
    for beats in passage.alternatives:
        for beat in beats:
            expressions += [part.what for part in beat.text if isinstance(part, Slot)]
            expressions += [] if beat.speaker is None else [beat.speaker]
    return {part.name for expression in expressions for part in walk(expression) if isinstance(part, Variable)}
