"""A tale told move by move, with scenes between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from everytale.chance import Chance
from everytale.minds import intention
from everytale.story import ALWAYS, Ending, Expression, Scene
from everytale.telling import Told
from everytale.world import GroundMove, State
from tests.reference.telling.prose import Prose
from tests.reference.telling.script import Script
from tests.reference.telling.witness import Missed

PROSE = 1
"""The stream of chance that draws it."""


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
        return heading._replace(paragraphs=paragraphs)

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
