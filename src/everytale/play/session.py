"""A tale in which a human plays one of the people, and all others act for reasons of their own.

A *session* is one such tale under way: its *turns* so far, and the *options* from which the player chooses next. It follows the
semantics (docs/semantics.md, section 6) to the letter, so the same story, person, seed and choices give the same tale on every platform.
The core keeps it (``core/session.hpp``), for Python as for a page; here it is in the names of the story. Nothing here reads, writes, or
waits for anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from everytale.core import Session as Core
from everytale.diagnostics import StoryError
from everytale.ground import ground
from everytale.story import Ending, Move, Story
from everytale.telling import Told
from everytale.telling.script import script_of
from everytale.telling.tell import BREAK, shoulder
from everytale.world import GroundMove, State, Trace, UnknownMove

LONGEST = 10_000
"""Moves that a tale which is played may have."""

WAITING = UNKNOWN = -1
IMPOSSIBLE = -2
"""Where the core has the number of a move: that one waits; that the story has none such; that no state allows it."""
_STOPS: tuple[Literal["ending", "dead end", "length"] | None, ...] = (None, "ending", "dead end", "length")


@dataclass(frozen=True)
class Option:
    """What the player can do now: make ``move``, or (``None``) wait and see. ``label``: in words."""

    move: GroundMove | None
    label: str


@dataclass(frozen=True)
class Turn:
    """One move of the tale, and its prose: what the player chose by ``option``, or (``None``) what followed by itself, with nothing to
    choose. Where the player waited, ``move`` is what somebody else did."""

    move: GroundMove
    option: Option | None
    before: State
    after: State
    told: tuple[Told, ...]

    @property
    def chosen(self) -> bool:
        """Whether ``move`` is the player's own."""
        return self.option is not None and self.option.move is not None


@dataclass(frozen=True)
class Played:
    """A move as it is kept, to be made again: ``chosen`` by the player, or by chance and the others."""

    move: Move
    chosen: bool


@dataclass(frozen=True)
class Departure:
    """Where moves that were kept no longer fit the story: at the move of this ``number`` (from 1), of ``of``, and why."""

    number: int
    of: int
    move: Move
    reason: str

    def __str__(self) -> str:
        fit = f"Of {self.of} moves, {self.number - 1} fit the story as it is now."
        return f"{fit} Move {self.number}, {self.move}, does not: {self.reason}."


class Session:
    """A tale of ``story`` in which ``player`` is played by a human, at the shoulder of ``teller`` (the player's own unless said).

    ``seed``, a whole number, draws what chance and the others do, and the wording. ``made``: moves to be made again first, as far as
    they fit; ``departure`` says where they stopped to, if they did. ``stopped``: what the tale came to, as in :class:`everytale.Tale`, or
    ``None`` while there is something to choose.

    Raises ``StoryError`` where the story cannot be grounded or has nobody of that name. A choice, too, raises ``Undecided`` where a
    limit was reached before it was known what can happen, and then leaves the session as it was.
    """

    def __init__(self, story: Story, player: str, seed: int, *, teller: str | None = None, made: Iterable[Played] = ()) -> None:
        if player not in story.people:
            close = get_close_matches(player, story.people, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"They are: {', '.join(story.people)}." if story.people else ""
            raise StoryError.one("unknown-name", "There is no such person", f"{player!r} is nobody with a mind.", hint=hint)
        self.story, self.player, self.seed = story, player, seed
        self.teller = shoulder(story, player if teller is None else teller)
        self.world = ground(story)
        self.script = script_of(self.world, self.teller)
        kept = tuple(made)
        again = [(self._number(one), one.chosen) for one in kept]
        person = self.world.vocabulary.person[player]
        self._core = self.world.ask(Core, self.script.book, person, seed % (1 << 64), again)
        self.opening: tuple[Told, ...] = tuple(map(Told._make, self._core.opening))
        """What is told before anything happens."""
        left = self._core.departure
        self.departure: Departure | None = None if left is None else Departure(left[0], len(kept), kept[left[0] - 1].move, left[1])
        self._turns: list[Turn] = []
        self._look()

    # ---- where it stands ---------------------------------------------------------------------------------------------

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The moves so far, in order."""
        return tuple(self._turns)

    @property
    def state(self) -> State:
        """What is so now, and what everybody believes."""
        return self._turns[-1].after if self._turns else self.world.start

    @property
    def trace(self) -> Trace:
        """The moves so far."""
        return Trace(tuple(turn.move.move for turn in self._turns))

    @property
    def made(self) -> tuple[Played, ...]:
        """The moves so far, to be kept: with the seed, they are the whole tale."""
        return tuple(Played(turn.move.move, turn.chosen) for turn in self._turns)

    @property
    def points(self) -> tuple[int, ...]:
        """The turns, counted from 0, at which the player chose: what :meth:`rewind` can go back to."""
        return tuple(number for number, turn in enumerate(self._turns) if turn.option is not None)

    @property
    def told(self) -> tuple[Told, ...]:
        """The prose so far."""
        return self.opening + tuple(piece for turn in self._turns for piece in turn.told)

    # ---- what the player does ----------------------------------------------------------------------------------------

    def choose(self, option: Option) -> tuple[Turn, ...]:
        """Do it, or wait; then all that follows until there is something to choose again: the new turns, in order.

        Raises ``ValueError`` for what is not among the :attr:`options`.
        """
        if option not in self.options:
            raise ValueError(f"{option.label!r} cannot be chosen here")
        number = len(self._turns)
        self.world.ask(self._core.choose, self.options.index(option))
        self._look()
        return tuple(self._turns[number:])

    def undo(self) -> None:
        """Go back to the choice before. Raises ``ValueError`` where there was none."""
        if not self.points:
            raise ValueError("there is no choice to go back to")
        self.rewind(self.points[-1])

    def rewind(self, number: int) -> None:
        """Go back to before the turn ``number``, one of the :attr:`points`. Raises ``ValueError`` for others."""
        if number not in self.points:
            raise ValueError(f"nothing was chosen at turn {number}")
        self.world.ask(self._core.rewind, number)
        del self._turns[number:]
        self._look()

    # ---- the core's session in the story's terms ---------------------------------------------------------------------

    def _look(self) -> None:
        """See what was done since, and what can be done."""
        for move, option, before, after, told in self._core.turns(len(self._turns)):
            chosen = None if option is None else self._option(*option)
            self._turns.append(
                Turn(self.world.moves[move], chosen, State(self.world, before), State(self.world, after), tuple(map(Told._make, told)))
            )
        self.options: tuple[Option, ...] = tuple(self._option(*one) for one in self._core.options)
        self.stopped: Literal["ending", "dead end", "length"] | None = _STOPS[self._core.stopped]
        self.ending: Ending | None = None if self._core.ending < 0 else self.story.endings[self._core.ending]

    def _option(self, move: int, label: str) -> Option:
        return Option(None if move == WAITING else self.world.moves[move], label)

    def _number(self, made: Played) -> int:
        try:
            index = self.world.move(made.move).index
        except UnknownMove:
            return UNKNOWN
        return IMPOSSIBLE if index < 0 else index

    # ---- what is left of it ------------------------------------------------------------------------------------------

    def transcript(self) -> str:
        """The tale so far, with what was chosen, as Markdown that reads as plain text too."""
        return "\n\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"# {self.story.title}"
        yield from _prose(self.opening)
        for turn in self._turns:
            if turn.option is not None:
                yield f"> {turn.option.label}"
            yield from _prose(turn.told)
        if self.ending is not None:
            yield f"*{self.ending.title}*"


def _prose(told: Iterable[Told]) -> Iterator[str]:
    for piece in told:
        if piece.occasion == "scene":
            yield f"## {piece.title}" if piece.title else BREAK
        yield from piece.paragraphs
