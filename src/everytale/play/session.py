"""A tale in which a human plays one of the people, and all others act for reasons of their own.

A *session* is one such tale under way: its *turns* so far, and the *options* from which the player chooses next. It follows the
semantics (docs/semantics.md, section 6) to the letter, so the same story, person, seed and choices give the same tale on every platform.
Nothing here reads, writes, or waits for anybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fractions import Fraction
from typing import Literal

from everytale.chance import Chance
from everytale.diagnostics import StoryError
from everytale.ground import ground
from everytale.story import Ending, Move, Story
from everytale.telling import Told
from everytale.telling.script import Script
from everytale.telling.tell import BREAK, MOVES, Teller, shoulder
from everytale.world import GroundMove, State, Trace, UnknownMove

LONGEST = 10_000
"""Moves that a tale which is played may have."""
MOST_BETWEEN = 1000
"""Moves that may follow one another while there is nothing to choose."""

WAIT = "Wait"


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
        self.script = Script(self.world, self.teller)
        self.departure: Departure | None = None
        self.stopped: Literal["ending", "dead end", "length"] | None = None
        self.ending: Ending | None = None
        self.options: tuple[Option, ...] = ()
        self._turns: list[Turn] = []
        self._chances: list[Chance] = []
        """The stream of chance before each turn."""
        self._drawn: list[tuple[GroundMove, Fraction]] = []
        self._restore(0, Chance(seed, MOVES))
        self.opening: tuple[Told, ...] = self._end()
        """What is told before anything happens."""
        self._repeat(tuple(made))
        self._go_on()

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
        number, chance = len(self._turns), copy(self._chance)
        try:
            if option.move is None:
                self._draw(option)
            else:
                self._make(option.move, option, chance)
            self._go_on()
        except BaseException:
            self._restore(number, chance)
            raise
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
        self._restore(number, self._chances[number])

    # ---- the tale goes on --------------------------------------------------------------------------------------------

    def _restore(self, number: int, chance: Chance) -> None:
        """Back to after so many turns, with the stream of chance as it was then. The teller forgets what it told since."""
        del self._turns[number:], self._chances[number:]
        self._chance = copy(chance)
        self._voice = Teller(self.script, self.seed)
        for turn in self._turns:
            self._voice.move(turn.move, turn.before, turn.after)
        self._look()

    def _look(self) -> None:
        """See what can be done and what can happen here."""
        self.options, self._drawn, self.stopped, self.ending = (), [], None, self.state.ending
        if self.ending is not None:
            self.stopped = "ending"
        elif len(self._turns) >= LONGEST:
            self.stopped = "length"
        else:
            own, self._drawn = self.state.choices(self.player)
            waiting = [Option(None, WAIT)] if own and self._drawn else []
            self.options = (*self._options(own), *waiting)
            if not self.options and not self._drawn:
                self.stopped = "dead end"

    def _options(self, moves: Iterable[GroundMove]) -> Iterator[Option]:
        """Each move in words; two of the same words are told apart by the move itself."""
        labels = {move: self.script.label(move, self.state, self.player) for move in moves}
        often = Counter(labels.values())
        for move, words in labels.items():
            yield Option(move, words if often[words] == 1 else f"{words} [{move}]")

    def _go_on(self) -> None:
        began = len(self._turns)
        while not self.options and self.stopped is None:
            if len(self._turns) - began >= MOST_BETWEEN:
                self.stopped = "length"
            else:
                self._draw(None)

    def _draw(self, option: Option | None) -> None:
        """What somebody else does, or what happens."""
        chance = copy(self._chance)
        index = self._chance.pick([weight for _, weight in self._drawn])
        self._make(self._drawn[index][0], option, chance)

    def _make(self, move: GroundMove, option: Option | None, chance: Chance) -> None:
        before = self.state
        after = before.after(move)
        self._turns.append(Turn(move, option, before, after, self._voice.move(move, before, after)))
        self._chances.append(chance)
        self._look()
        if self.ending is not None:
            self._turns[-1] = replace(self._turns[-1], told=(*self._turns[-1].told, *self._end()))

    def _end(self) -> tuple[Told, ...]:
        """What is told at the ending, if it has come to one."""
        return () if self.ending is None else self._voice.ending(self.ending, self.state)

    # ---- moves made before -------------------------------------------------------------------------------------------

    def _repeat(self, made: tuple[Played, ...]) -> None:
        """Make the moves that were made before, as far as they fit; chance is drawn from as it was then."""
        for number, one in enumerate(made, start=1):
            reason = self._obstacle(one)
            if reason is not None:
                self.departure = Departure(number, len(made), one.move, reason)
                return
            move, chance = self.world.move(one.move), copy(self._chance)
            if one.chosen:
                self._make(move, next(option for option in self.options if option.move == move), chance)
            else:
                self._chance.pick([weight for _, weight in self._drawn])
                self._make(move, self.options[-1] if self.options else None, chance)

    def _obstacle(self, made: Played) -> str | None:
        """Why that move cannot be the next one, if it cannot."""
        try:
            move = self.world.move(made.move)
        except UnknownMove:
            return "the story has no such move"
        if self.stopped is not None:
            return f"the tale has ended before (“{self.ending.title}”)" if self.ending else "nothing more happens before it"
        if made.chosen:
            return None if any(option.move == move for option in self.options) else f"{self.player} cannot do that there"
        return None if any(drawn == move for drawn, _ in self._drawn) else "it cannot happen there"

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
