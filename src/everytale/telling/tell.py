"""Telling a tale: its moves, drawn or given, and their prose with scenes between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from everytale.chance import Chance
from everytale.diagnostics import StoryError
from everytale.ground import ground
from everytale.minds import ImpossibleTrace, allowed, intention
from everytale.story import ALWAYS, Cue, Ending, Scene, Story
from everytale.telling.english import capital, joined, singular_verb
from everytale.telling.prose import Prose, Told
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
    shoulder = _teller(story, teller)
    world = ground(story)
    if trace is None:
        moves, states = wander(world, Chance(seed, MOVES), longest)
    else:
        moves, states = _given(world, Trace.read(trace) if isinstance(trace, str) else trace)
    ending = states[-1].ending
    told = tuple(_Teller(world, shoulder, Chance(seed, PROSE)).tale(moves, states, ending))
    return Tale(story, seed, shoulder, Trace(tuple(move.move for move in moves)), told, ending, _stopped(trace, moves, ending, longest))


def wander(world: World, chance: Chance, longest: int = LONGEST) -> tuple[list[GroundMove], list[State]]:
    """A random tale: its moves, and the states before each and after the last.

    Of the possible moves each is as likely as its weight is of the weight of all. Raises ``Undecided``.
    """
    moves: list[GroundMove] = []
    states = [world.start]
    while len(moves) < longest and states[-1].ending is None:
        possible = states[-1].moves()
        if not possible:
            break
        moves.append(possible[chance.pick([weight for _, weight in possible])][0])
        states.append(states[-1].after(moves[-1]))
    return moves, states


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


def _teller(story: Story, teller: str | None) -> str | None:
    if teller is None:
        return story.teller
    if teller in story.people:
        return teller
    close = get_close_matches(teller, story.people, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(story.people)}."
    raise StoryError.one("unknown-teller", "There is nobody to tell it", f"There is no person called {teller!r} in this story.", hint=hint)


class _Teller:
    """Goes through the moves of one tale and tells them."""

    def __init__(self, world: World, teller: str | None, chance: Chance) -> None:
        self.story = world.story
        self.teller = teller
        self.prose = Prose(teller, chance)
        self.scene: Scene | None = None
        self.broken = False
        """A scene closed, and nothing was told since."""

    def tale(self, moves: Sequence[GroundMove], states: Sequence[State], ending: Ending | None) -> Iterator[Told]:
        for move, before, after in zip(moves, states, states[1:], strict=False):
            yield from self._scenes(move, before, after, upon_move=True)
            yield from self._piece("move", self._move(move, before), str(move))
            yield from self._scenes(move, before, after, upon_move=False)
            self.prose.made[str(move)] += 1
        if ending is not None:
            yield from self._piece("ending", self.prose.passage(ending.told, states[-1], {}), title=ending.title)

    def _piece(
        self, occasion: Literal["move", "ending"], paragraphs: tuple[str, ...], move: str | None = None, title: str | None = None
    ) -> Iterator[Told]:
        """A piece, after a break where the scene before it closed."""
        if paragraphs and self.broken:
            self.broken = False
            yield Told("scene", ())
        yield Told(occasion, paragraphs, move, title)

    # ---- scenes ------------------------------------------------------------------------------------------------------

    def _scenes(self, move: GroundMove, before: State, after: State, *, upon_move: bool) -> Iterator[Told]:
        """Close and open scenes. One that a move opens begins with that move, one that a condition opens begins after it."""
        if self.scene is not None and self.scene.closes is not None and not upon_move and _cued(self.scene.closes, move, before, after):
            self.scene, self.broken = None, True
        for scene in self.story.scenes:
            if (scene.opens.move is not None) == upon_move and _cued(scene.opens, move, before, after):
                self.scene, self.broken = scene, False
                yield Told("scene", self.prose.passage(scene.told, before if upon_move else after, {}), str(move), scene.title)
                return

    # ---- moves -------------------------------------------------------------------------------------------------------

    def _move(self, move: GroundMove, before: State) -> tuple[str, ...]:
        """The prose of a move: its own, why its actor makes it, and that of what follows by itself."""
        found = self.prose.passage(move.action.told, before, move.binding, str(move))
        if not move.action.told:
            found = (self._plainly(move),)
        if move.action.thinks and self.teller in move.consenting and self.teller is not None:
            reason = intention(before, move, self.teller)
            found += self.prose.thought(reason.because) if reason else ()
        for chain, trigger in sorted(before.fired(move), key=lambda fired: len(fired[0])):  # first what is so, then what is made of it
            if trigger.trigger.told and (trigger.trigger.mind is None) == (not chain):
                found += self.prose.passage(trigger.trigger.told, before, trigger.binding, str(trigger))
                self.prose.made[str(trigger)] += 1
        return found

    def _plainly(self, move: GroundMove) -> str:
        """A move for which the author wrote nothing: who, what, and with what."""
        label = {name: entity.label for name, entity in self.story.entity.items()}
        verb, *rest = move.name.split("_")
        others = [label[argument] for argument in move.arguments if argument not in move.consenting]
        after = f" ({', '.join(others)})" if others else ""
        if not move.consenting:
            return capital(" ".join([verb, *rest])) + after + "."
        who = joined([label[name] for name in move.consenting])
        if len(move.consenting) == 1:
            verb = singular_verb(verb)
        return capital(f"{who} {' '.join([verb, *rest])}{after}.")


def _cued(cue: Cue, move: GroundMove, before: State, after: State) -> bool:
    """Whether a scene opens or closes now."""
    if cue.move is not None:
        return cue.move == move.name and (cue.condition == ALWAYS or before.holds(cue.condition, move.binding))
    return after.holds(cue.condition) and not before.holds(cue.condition)
