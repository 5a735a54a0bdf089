"""Telling a tale: its moves, drawn or given, and their prose with scenes between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from everytale.chance import Chance
from everytale.diagnostics import StoryError
from everytale.ground import ground
from everytale.minds import ImpossibleTrace, allowed, intention
from everytale.story import ALWAYS, Ending, Expression, Scene, Story
from everytale.telling.prose import Prose, Told
from everytale.telling.script import Script
from everytale.telling.witness import Missed
from everytale.world import GroundMove, State, Trace, World

LONGEST = 1000
"""Moves that a tale which nobody ends may have."""

MOVES, PROSE = 0, 1
"""The streams of chance that draw them."""

BREAK = "* * *"


@dataclass(frozen=True)
class Tale:
    """One tale told: ``str(tale)`` is its prose, paragraphs with empty lines between.

    ``stopped`` says what ended it: an ``ending``; a ``dead end``, where nothing more can happen; its ``length``; or, of a
    trace that comes to
    no ending, the ``trace``. ``seed`` drew its moves (unless they were given) and its prose.
    """

    story: Story
    seed: int
    teller: str | None
    trace: Trace
    told: tuple[Told, ...]
    ending: Ending | None
    stopped: Literal["ending", "dead end", "length", "trace"]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The prose without titles."""
        return tuple(paragraph for piece in self.told for paragraph in piece.paragraphs)

    def __str__(self) -> str:
        return "\n\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self.story.title
        for piece in self.told:
            if piece.occasion == "scene":
                yield piece.title or BREAK
            yield from piece.paragraphs


def tell(story: Story, *, seed: int = 0, teller: str | None = None, trace: Trace | str | None = None, longest: int = LONGEST) -> Tale:
    """Tell one tale of ``story``: the moves of ``trace``, else moves drawn by ``seed``, in prose drawn by ``seed``.

    ``teller``: at whose shoulder, instead of the story's own. The same arguments tell the same tale on every platform.
    Raises ``StoryError`` where the story cannot be grounded or has no such teller, ``UnknownMove`` and ``ImpossibleTrace``
    for a trace that cannot
    be, ``Undecided`` where a limit was reached before it was known what can happen.
    """
    teller = shoulder(story, teller)
    world = ground(story)
    if trace is None:
        moves, states = wander(world, Chance(seed, MOVES), longest)
    else:
        moves, states = _given(world, Trace.read(trace) if isinstance(trace, str) else trace)
    ending = states[-1].ending
    told = tuple(Teller(Script(world, teller), seed).tale(moves, states, ending))
    return Tale(story, seed, teller, Trace(tuple(move.move for move in moves)), told, ending, _stopped(trace, moves, ending, longest))


def wander(world: World, chance: Chance, longest: int = LONGEST) -> tuple[list[GroundMove], list[State]]:
    """A random tale: its moves, and the states before each and after the last.

    Of the possible moves each is as likely as its weight is of the weight of all. Raises ``Undecided``.
    """
    moves: list[GroundMove] = []
    states = [world.start]
    while True:
        made, reached, drawn, stopped = world.ask(world.core.wander, states[-1].handle, chance.state, longest - len(moves))
        chance.resume(drawn)
        moves += [world.moves[index] for index in made]
        states += [State(world, handle) for handle in reached]
        if stopped or len(moves) >= longest or states[-1].ending is not None:
            return moves, states
        possible = states[-1].moves()  # undecided, which raises, or of weights that are too large for the core
        moves.append(possible[chance.pick([weight for _, weight in possible])][0])
        states.append(states[-1].after(moves[-1]))


def _given(world: World, trace: Trace) -> tuple[list[GroundMove], list[State]]:
    """The moves of a trace, each of which the world must allow where it stands."""
    moves = [world.move(move) for move in trace.moves]
    states = [world.start]
    for number, move in enumerate(moves, start=1):
        if states[-1].ending is not None:
            raise ImpossibleTrace(f"Move {number} of the trace, {move}, comes after the ending “{states[-1].ending.title}”.")
        if not allowed(states[-1], move):
            raise ImpossibleTrace(f"Move {number} of the trace, {move}, is not possible there: its condition does not hold.")
        states.append(states[-1].after(move))
    return moves, states


def _stopped(
    trace: object, moves: Sequence[GroundMove], ending: Ending | None, longest: int
) -> Literal["ending", "dead end", "length", "trace"]:
    if ending is not None:
        return "ending"
    if trace is not None:
        return "trace"
    return "length" if len(moves) >= longest else "dead end"


def shoulder(story: Story, teller: str | None) -> str | None:
    """At whose shoulder ``story`` is told: ``teller``'s, or that of the story's own. Raises ``StoryError``."""
    if teller is None:
        return story.teller
    if teller in story.people:
        return teller
    close = get_close_matches(teller, story.people, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(story.people)}."
    raise StoryError.one("unknown-teller", "There is nobody to tell it", f"There is no person called {teller!r} in this story.", hint=hint)


class Teller:
    """Tells one tale, move by move: each as it is made, in prose drawn by ``seed``.

    What is told of a beginning of a tale is the beginning of what is told of all of it.
    """

    def __init__(self, script: Script, seed: int) -> None:
        self.script = script
        self.teller = script.teller
        self.prose = Prose(script, Chance(seed, PROSE))
        self.missed = Missed(script.teller)
        self.scene: Scene | None = None
        self._titled: set[str] = set()
        self._heading: Told | None = None
        """What is to come before the next words: a scene's title, or a break."""

    def tale(self, moves: Sequence[GroundMove], states: Sequence[State], ending: Ending | None) -> Iterator[Told]:
        """A whole tale: its ``moves``, the states before each and after the last, and what it comes to."""
        for move, before, after in zip(moves, states, states[1:], strict=False):
            yield from self.move(move, before, after)
        if ending is not None:
            yield from self.ending(ending, states[-1])

    def move(self, move: GroundMove, before: State, after: State) -> Iterator[Told]:
        """What is told when ``move`` is made in the state ``before``, which becomes ``after`` by it."""
        name, seen = str(move), self.script.sees(before, move)
        if seen:
            yield from self._scene(move, before, upon=self.script.cues.upon.get(move.name, ()))
        paragraphs = self._move(move, before, "seen" if seen else "unseen")
        yield from self._piece(Told("move", (*paragraphs, *self._following(move, before)), name))
        if seen:
            self.prose.saw(name, move.name)
            yield from self._close(move, before, after)
            coming = tuple(one for one in self.script.cues.coming if _comes(one.opens.condition, before, after))
            yield from self._scene(move, after, upon=coming)
        else:
            self.missed.add(move, before, after)
        for learned in self.missed.learned(after):
            words = self.script.of(learned, "learned")
            yield from self._piece(Told("learned", self.prose.passage(words, before), str(learned)))
            self.prose.remember(str(learned), learned.name)

    def ending(self, ending: Ending, state: State) -> Iterator[Told]:
        """What is told where the tale comes to ``ending``."""
        words = self.script.passages(f"ending {ending.title}", ending.told)
        yield from self._piece(Told("ending", self.prose.passage(words, state), title=ending.title))

    def _piece(self, piece: Told) -> Iterator[Told]:
        """A piece, after the title or the break that waits for words."""
        if piece.paragraphs and self._heading is not None:
            yield self._raised()
        yield piece

    def _raised(self, paragraphs: tuple[str, ...] = ()) -> Told:
        """The heading that waits, with the ``paragraphs`` that open its scene."""
        heading, self._heading = self._heading, None
        assert heading is not None
        if heading.title is not None:
            self._titled.add(heading.title)
        return replace(heading, paragraphs=paragraphs)

    # ---- scenes ------------------------------------------------------------------------------------------------------

    def _scene(self, move: GroundMove, state: State, upon: tuple[Scene, ...]) -> Iterator[Told]:
        """Open the first of the scenes that opens ``upon`` what happens. Its title is given once in a tale; after that, a break."""
        for scene in upon:
            if scene.opens.move is None or scene.opens.condition == ALWAYS or state.holds(scene.opens.condition, move.binding):
                name = f"scene {scene.title}"
                paragraphs = self.prose.passage(self.script.passages(name, scene.told), state)
                self.prose.remember(name)
                self.scene = scene
                self._heading = Told("scene", (), str(move), None if scene.title in self._titled else scene.title)
                if paragraphs:
                    yield self._raised(paragraphs)
                return

    def _close(self, move: GroundMove, before: State, after: State) -> Iterator[Told]:
        """Close the scene that is open, where this closes it: a break comes before whatever is told next."""
        scene = self.scene
        if scene is None or scene.closes is None:
            return
        cue = scene.closes
        if cue.move is None:
            closes = _comes(cue.condition, before, after)
        else:
            closes = cue.move == move.name and (cue.condition == ALWAYS or before.holds(cue.condition, move.binding))
        if closes:
            paragraphs = self.prose.passage(self.script.passages(f"scene {scene.title}", scene.told, "close"), after)
            if paragraphs:
                yield from self._piece(Told("close", paragraphs, str(move)))
            self.scene = None
            self._heading = Told("scene", (), str(move))

    # ---- moves -------------------------------------------------------------------------------------------------------

    def _move(self, move: GroundMove, before: State, witness: Literal["seen", "unseen"]) -> tuple[str, ...]:
        """The prose of a move itself, and why its actor makes it."""
        if not move.action.told:
            return (self._plainly(move),) if witness == "seen" else ()
        words = self.script.of(move, witness)
        thinks = move.action.thinks or words.reasoned
        reason = intention(before, move, self.teller) if thinks and self.teller is not None and self.teller in move.consenting else None
        reasons = reason.because if reason else ()
        found = self.prose.passage(words, before, reasons)
        return found + self.prose.thought(reasons) if move.action.thinks else found

    def _following(self, move: GroundMove, before: State) -> tuple[str, ...]:
        """The prose of what follows by itself."""
        found: tuple[str, ...] = ()
        for trigger, witness in self.script.following(before, move):
            found += self.prose.passage(self.script.of(trigger, witness), before)
            if witness == "seen":
                self.prose.remember(str(trigger), trigger.name)
        return found

    def _plainly(self, move: GroundMove) -> str:
        """A move for which the author wrote nothing: who, what, and with what."""
        entity = self.script.entity
        others = [entity[argument].label for argument in move.arguments if argument not in move.consenting]
        return self.script.voice.plainly([entity[name] for name in move.consenting], move.name, others)


def _comes(condition: Expression, before: State, after: State) -> bool:
    """Whether ``condition`` comes to hold."""
    return after.holds(condition) and not before.holds(condition)
