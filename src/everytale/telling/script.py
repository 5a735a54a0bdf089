"""A story's prose made ready at one shoulder: the *book* from which the core tells, shared by all tales of a world.

A *line* is one alternative of a ``told`` block, a *block* one such block of one ground move, *words* all that there is to say of that
move to one who witnesses it so. Everything is lowered at once: holes and conditions become nodes of the core's table, texts and names
numbers. ``core/telling/columns.hpp`` says what each column holds.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from everytale.core import Book
from everytale.language.walk import walk
from everytale.story import ALWAYS, Beat, Cue, Expression, Made, Passage, Scene, Slot, Thing, Variable
from everytale.world import GroundMove, GroundTrigger, State, World, instance
from everytale.world.states import sort_of

TELLER, BECAUSE = "teller", "because"
"""What stands in prose for whoever tells, and for the reason of a move."""

SEEN, UNSEEN, LEARNED, CLOSE = "seen", "unseen", "learned", "close"
"""How a move is witnessed, and a scene that closes."""

_KINDS = {"text": 0, "entity": 1, "truth": 2, "unknown": 2, "number": 3, BECAUSE: 4}
_MANNERS = {"narration": 0, "speech": 1, "report": 2, "thought": 3}
_OCCASIONS = {"first": 0, "again": 1, "after": 2, "not after": 3, "just after": 4}
_TENSES = {None: 0, "past": 1, "present": 2}

Binding = Mapping[str, str]


class Alternative(NamedTuple):
    """A line as it stands in the story, the same for every shoulder: ``where`` it is told (a move, what follows by itself, an ending,
    a scene), in which ``block`` there, as which of its ways, and how it begins."""

    where: str
    block: int
    way: int
    beginning: str


class Script:
    """All prose of ``world`` for the shoulder of ``teller`` (``None``: nobody's): the ``strings`` and ``columns`` that its ``book`` has."""

    def __init__(self, world: World, teller: str | None) -> None:
        """Raises ``StoryError`` where a condition or a hole is too large to be kept."""
        self.world, self.teller = world, teller
        self._scribe = _Scribe(world, teller)
        self._scribe.write()
        self.strings = list(self._scribe.strings)
        self.columns = {name: array("q", column) for name, column in self._scribe.columns.items()}

    @cached_property
    def book(self) -> Book:
        """What the core tells from."""
        self.world.send()
        return Book(self.world.core, self.strings, **self.columns)

    def label(self, move: GroundMove, state: State, player: str) -> str:
        """What a choice of ``move`` in ``state`` reads for ``player``: the author's words for it, else the move's name and arguments."""
        return self.world.ask(self.book.label, move.index, state.handle, self.world.vocabulary.person[player])

    def alternatives(self) -> Iterator[tuple[int, Alternative]]:
        """All that can be told at this shoulder, in the order of the story, with the numbers of its lines."""
        story = self.world.story
        owners: list[tuple[str, tuple[Passage, ...]]] = [(one.name, one.told) for one in story.actions]
        owners += [(one.name, one.told) for one in story.triggers]
        owners += [(f"“{one.title}”", one.told) for one in story.endings]
        owners += [(f"“{one.title}”", one.told) for one in story.scenes]
        for where, told in owners:
            for block, passage in enumerate(told):
                if passage.teller in (None, self.teller):
                    for way, line in enumerate(self._scribe.draft(passage).lines):
                        yield line.number, Alternative(where, block, way, _beginning(line.beats))


def script_of(world: World, teller: str | None) -> Script:
    """The script of ``world`` for the shoulder of ``teller``, which all its tales share. Raises as :class:`Script` does."""
    key = Script, teller
    found = world.notes.get(key)
    if found is None:
        found = world.notes[key] = Script(world, teller)
    made: Script = found
    return made


class _Line(NamedTuple):
    """One alternative, by its number, and the variables that it speaks of."""

    number: int
    beats: tuple[Beat, ...]
    free: tuple[str, ...]


class _Draft(NamedTuple):
    """A passage before its variables are bound. ``test``: those of its condition; ``free``: all that it speaks of."""

    number: int
    lines: tuple[_Line, ...]
    test: tuple[str, ...]
    free: frozenset[str]


class _Scribe:
    """Writes the columns of a book."""

    def __init__(self, world: World, teller: str | None) -> None:
        self.world, self.teller, self.story = world, teller, world.story
        self.numbers = world.vocabulary.numbers
        self.strings: dict[str, int] = {}
        self.columns: dict[str, list[int]] = {name: [0] if name.endswith("_offsets") else [] for name in Book.columns}
        self._memories: dict[str, int] = {}
        self._drafts: dict[int, _Draft] = {}
        self._told: dict[tuple[int, str], list[Passage]] = {}
        self._lines: dict[tuple[object, ...], int] = {}
        self._nodes: dict[tuple[object, ...], int] = {}
        self._count = 0

    def write(self) -> None:
        self._people()
        self._all_words()  # before the choices, whose paragraphs are in no line
        for move in self.world.moves:
            self._move(move)
        for trigger in self.world.triggers:
            self._trigger(trigger)
        for scene in self.story.scenes:
            self._scene(scene)
        for ending in self.story.endings:
            self._add(ending_title=self.text(ending.title))
        for want in self.story.wants:
            if want.person is not None and want.because:
                self._add(
                    want_person=self.world.vocabulary.person[want.person],
                    want_sign=(want.worth > 0) - (want.worth < 0),
                    want_each=want.each,
                    want_measure=self.world.lowered(want.measure, {}),
                    want_because=self.text(want.because),
                )

    def text(self, text: str) -> int:
        return self.strings.setdefault(text, len(self.strings))

    def _memory(self, name: str) -> int:
        return self._memories.setdefault(name, len(self._memories))

    def _add(self, **row: int) -> None:
        for name, value in row.items():
            self.columns[name].append(value)

    def _end(self, offsets: str, items: str) -> None:
        """End a row of a ragged list."""
        self.columns[offsets].append(len(self.columns[items]))

    # ---- who there is ------------------------------------------------------------------------------------------------

    def _people(self) -> None:
        story, vocabulary = self.story, self.world.vocabulary
        me = self.numbers[self.teller] if story.person == "first" and self.teller is not None else 0
        person = -1 if self.teller is None else vocabulary.person[self.teller]
        self.columns["settings"] = [self.text(story.title), person, me, _TENSES[story.tense]]
        for name in vocabulary.names[1:]:
            entity = story.entity[name]
            own = entity.pronouns
            words = (own.subject, own.object, own.possessive, own.absolute, own.reflexive)
            self._add(entity_label=self.text(entity.label), entity_plural=own.plural)
            self.columns["entity_word"] += map(self.text, words)
        self.columns["person_entity"] = [self.numbers[name] for name in story.people]

    # ---- what can happen ---------------------------------------------------------------------------------------------

    def _move(self, move: GroundMove) -> None:
        action = move.action
        self._add(
            move_name=self.text(str(move)),
            move_base=self.text(move.name),
            move_memory=self._memory(str(move)),
            move_base_memory=self._memory(move.name),
            move_manner=bool(action.told) + 2 * action.thinks,
            move_choice=self._beat("speech", None, action.choice, move.binding) if action.choice else -1,
        )
        self.columns["move_argument_items"] += (self.numbers[name] for name in move.arguments)
        self._end("move_argument_offsets", "move_argument_items")
        for number, scene in enumerate(self.story.scenes):
            for what, cue in (("opening", scene.opens), ("closing", scene.closes)):
                if cue is not None and cue.move == move.name:
                    self._add(**{f"{what}_scene": number, f"{what}_node": self._cue(cue, move.binding)})
        self._end("opening_offsets", "opening_scene")
        self._end("closing_offsets", "closing_scene")

    def _trigger(self, trigger: GroundTrigger) -> None:
        memory, base = self._memory(str(trigger)), self._memory(trigger.name)
        self._add(trigger_memory=memory, trigger_base_memory=base, trigger_told=bool(trigger.trigger.told))

    def _scene(self, scene: Scene) -> None:
        opens, closes = (
            -1 if cue is None or cue.move is not None else self.world.lowered(cue.condition, {}) for cue in (scene.opens, scene.closes)
        )
        memory = self._memory(f"scene {scene.title}")
        self._add(scene_title=self.text(scene.title), scene_memory=memory, scene_opens=opens, scene_closes=closes)

    def _cue(self, cue: Cue, binding: Binding) -> int:
        return -1 if cue.condition == ALWAYS else self.world.lowered(cue.condition, binding)

    # ---- what there is to say ----------------------------------------------------------------------------------------

    def _all_words(self) -> None:
        for move in self.world.moves:
            for witness in (SEEN, UNSEEN, LEARNED):
                self._words(move.action.told, move.binding, str(move), witness)
        for trigger in self.world.triggers:
            for witness in (SEEN, UNSEEN):
                self._words(trigger.trigger.told, trigger.binding, str(trigger), witness)
        for scene in self.story.scenes:
            for witness in (SEEN, CLOSE):
                self._words(scene.told, {}, f"scene {scene.title}", witness)
        for ending in self.story.endings:
            self._words(ending.told, {}, f"ending {ending.title}", SEEN)

    def _words(self, told: tuple[Passage, ...], binding: Binding, name: str, witness: str) -> None:
        """What can be said of ``name``, with these arguments, to one who witnesses it so."""
        passages = self._meant(told, witness)
        if passages:
            bound = dict(binding) if self.teller is None else {TELLER: self.teller, **binding}
            for passage in passages:
                if not passage.summary:
                    self._block(passage, bound, name)
        before = len(self.columns["block_number"])
        for passage in passages:
            if passage.summary:
                self._block(passage, bound, name)
        self._end("words_block_offsets", "block_number")
        self._add(words_summary=len(self.columns["block_number"]) - before)

    def _meant(self, told: tuple[Passage, ...], witness: str) -> list[Passage]:
        """The passages that are for this shoulder and for one who witnesses it so."""
        found = self._told.get((id(told), witness))
        if found is None:
            mine = (one for one in told if one.teller in (None, self.teller))
            found = self._told[id(told), witness] = [one for one in mine if (CLOSE if one.at_close else one.witness) == witness]
        return found

    def _block(self, passage: Passage, bound: Binding, name: str) -> None:
        draft = self.draft(passage)
        if TELLER in draft.free and TELLER not in bound:
            return
        node = self._condition(passage.condition, draft.test, bound)
        truth = self.world.truth(node)
        if truth is False:
            return
        reasoned = BECAUSE in draft.free and BECAUSE not in bound
        self._add(
            block_number=draft.number,
            block_condition=-1 if truth else node,
            block_manner=passage.once + 2 * passage.refrain + 4 * reasoned,
        )
        for one in passage.occasions:
            self._add(
                when_kind=_OCCASIONS[one.kind],
                when_memory=self._memory(name if one.move is None else _made(one.move, bound)),
                when_since=-1 if one.since is None else self._memory(_made(one.since, bound)),
            )
        self._end("block_when_offsets", "when_kind")
        self.columns["block_line_items"] += [self._line(line, bound) for line in draft.lines]
        self._end("block_line_offsets", "block_line_items")

    def draft(self, passage: Passage) -> _Draft:
        """A passage, which all moves of one action share."""
        found = self._drafts.get(id(passage))
        if found is None:
            test = _variables([passage.condition])
            lines = tuple(_Line(self._number(), beats, _variables(_spoken_of(beats))) for beats in passage.alternatives)
            free = frozenset(test).union(*(line.free for line in lines))
            found = self._drafts[id(passage)] = _Draft(self._number(), lines, test, free)
        return found

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _condition(self, condition: Expression, free: tuple[str, ...], bound: Binding) -> int:
        key = id(condition), *(bound.get(name) for name in free)
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = self.world.lowered(condition, bound)
        return found

    def _line(self, line: _Line, bound: Binding) -> int:
        """The index of a line, which is the same for all moves that bind what it speaks of alike."""
        key = line.number, *(bound.get(name) for name in line.free)
        found = self._lines.get(key)
        if found is None:
            for beat in line.beats:
                self._beat(beat.manner, beat.speaker, beat.text, bound)
            self._end("line_beat_offsets", "beat_manner")
            found = self._lines[key] = len(self.columns["line_number"])
            self._add(line_number=line.number)
        return found

    def _beat(self, manner: str, speaker: Expression | None, parts: Sequence[str | Slot], bound: Binding) -> int:
        kinds, texts, nodes, acts = (self.columns[name] for name in ("part_kind", "part_text", "part_node", "part_acts"))
        for place, part in enumerate(parts):
            if isinstance(part, str):
                kinds.append(_KINDS["text"])
                texts.append(self.text(part))
                nodes.append(-1)
                acts.append(0)
                continue
            reason = part.what == Variable(BECAUSE) and BECAUSE not in bound
            after = parts[place + 1 : place + 3]
            kinds.append(_KINDS[BECAUSE if reason else sort_of(part.what, self.story)])
            texts.append(self.text(part.form))
            nodes.append(-1 if reason else self.world.lowered(part.what, bound))
            acts.append(len(after) == 2 and after[0] == " " and isinstance(after[1], Slot) and after[1].what == part.what)
        self._end("beat_part_offsets", "part_kind")
        somebody = speaker is not None and sort_of(speaker, self.story) == "entity"
        self._add(beat_manner=_MANNERS[manner], beat_speaker=self.world.lowered(speaker, bound) if speaker is not None and somebody else -1)
        return len(self.columns["beat_manner"]) - 1


def _beginning(beats: tuple[Beat, ...], most: int = 60) -> str:
    text = "".join(part if isinstance(part, str) else "…" for part in beats[0].text) if beats else ""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _made(made: Made, binding: Binding) -> str:
    """How a move is remembered: with its arguments, or by its name alone."""
    named = (one.name if isinstance(one, Thing) else binding[one.name] for one in made.arguments if isinstance(one, Thing | Variable))
    return instance(made.name, tuple(named))


def _spoken_of(beats: tuple[Beat, ...]) -> Iterator[Expression]:
    """What a line speaks of, and who speaks in it."""
    for beat in beats:
        yield from (part.what for part in beat.text if isinstance(part, Slot))
        if beat.speaker is not None:
            yield beat.speaker


def _variables(expressions: Iterable[Expression]) -> tuple[str, ...]:
    """The variables that are free in them."""
    return tuple(dict.fromkeys(part.name for one in expressions for part in walk(one) if isinstance(part, Variable)))
