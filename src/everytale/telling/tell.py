"""Telling a tale: its moves, drawn or given, and their prose with scenes between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, NamedTuple, ParamSpec

from everytale.chance import Chance
from everytale.core import Teller as CoreTeller
from everytale.diagnostics import StoryError
from everytale.ground import ground
from everytale.minds import ImpossibleTrace, allowed
from everytale.story import Ending, Story
from everytale.telling.script import Script, script_of
from everytale.world import GroundMove, State, Trace, World

if TYPE_CHECKING:
    from everytale.core._core import Piece

P = ParamSpec("P")

LONGEST = 1000
"""Moves that a tale which nobody ends may have."""

MOVES = 0
"""The stream of chance that draws them; the prose has the next."""
_MASK = (1 << 64) - 1

BREAK = "* * *"


class Told(NamedTuple):
    """A piece of a tale: what opens a scene (with its ``title``, the first time) or closes it, tells a ``move``, tells one that is
    only ``learned`` of now, or ends it. ``paragraphs`` may be none."""

    occasion: Literal["scene", "close", "move", "learned", "ending"]
    paragraphs: tuple[str, ...]
    move: str | None = None
    title: str | None = None


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
    told = Teller(script_of(world, teller), seed).tale(moves, states, ending)
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
        self._core = CoreTeller(script.book, seed & _MASK)

    def another(self) -> Teller:
        """One who has told the same until now, and goes on by itself."""
        copy = Teller.__new__(Teller)
        copy.script, copy._core = self.script, self._core.another()
        return copy

    def tale(self, moves: Sequence[GroundMove], states: Sequence[State], ending: Ending | None) -> tuple[Told, ...]:
        """A whole tale: its ``moves``, the states before each and after the last, and what it comes to."""
        found = self._ask(self._core.moves, [move.index for move in moves], [state.handle for state in states])
        return found if ending is None else found + self.ending(ending, states[-1])

    def move(self, move: GroundMove, before: State, after: State) -> tuple[Told, ...]:
        """What is told when ``move`` is made in the state ``before``, which becomes ``after`` by it."""
        return self._ask(self._core.move, move.index, before.handle, after.handle)

    def ending(self, ending: Ending, state: State) -> tuple[Told, ...]:
        """What is told where the tale comes to ``ending``."""
        number = next(number for number, one in enumerate(self.script.world.story.endings) if one is ending)
        return self._ask(self._core.ending, number, state.handle)

    def _ask(self, question: Callable[P, list[Piece]], *args: P.args, **kwargs: P.kwargs) -> tuple[Told, ...]:
        return tuple(map(Told._make, self.script.world.ask(question, *args, **kwargs)))

    @property
    def reached(self) -> set[int]:
        """The numbers of the lines that were told."""
        return self._core.reached

    @property
    def refrains(self) -> set[str]:
        """The paragraphs told that may come again."""
        return self._core.refrains
