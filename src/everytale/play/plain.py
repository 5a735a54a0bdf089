"""Playing in plain text: line by line, for pipes, for screen readers, and wherever nothing more is installed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from everytale.diagnostics import StoryError
from everytale.play.game import Game
from everytale.play.reasons import expected, why
from everytale.play.saves import write
from everytale.play.session import Session, Turn
from everytale.story import Story
from everytale.telling import Told
from everytale.telling.tell import BREAK
from everytale.world import Undecided

MOST_SEED = 1_000_000
"""Seeds that are drawn lie below it: short enough to be typed again."""

HELP = """\
A number chooses. Or type, in full or its first letters:
  undo              take the last choice back
  history           what has happened, with numbers
  rewind N          go back to before choice N of the history
  why N             why move N was made; without N, what somebody did last
  people            what the others might do now, as your person sees it
  again             the last part and the choices once more
  save NAME         keep this tale under a name; every choice is saved by itself
  saves             what has been saved
  load NAME         go on with a save; without NAME, with the last one that was saved by itself
  transcript FILE   write the tale so far into a file
  spoilers on|off   whether why tells what goes on in other people; at the end it does
  new               another tale of the same story
  help              this
  quit              leave; what you chose is saved"""
COMMANDS = ("undo", "history", "rewind", "why", "people", "again", "save", "saves", "load", "transcript", "spoilers", "new", "help", "quit")


class Page(Protocol):
    """Where it is written, and who is asked."""

    def heading(self, text: str) -> None: ...
    def paragraph(self, text: str) -> None: ...
    def line(self, text: str) -> None: ...
    def ask(self) -> str | None:
        """A line that the player typed; ``None``: there is no more."""


class Plain:
    """Plays ``game`` on ``page``."""

    def __init__(self, game: Game, page: Page, *, spoilers: bool = False) -> None:
        self.game, self.page, self.spoilers = game, page, spoilers

    @property
    def session(self) -> Session:
        return self.game.session

    def play(self) -> None:
        """Until the player leaves, or nothing more is typed."""
        self._begin()
        while True:
            line = self.page.ask()
            if line is None or not self._obey(line):
                return

    # ---- what is shown -----------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        session = self.session
        self.page.heading(session.story.title)
        if session.departure is not None:
            self.page.paragraph(departed(session))
        self._tell(session.told if session.departure is None and not session.points else self._last())
        self._ask()

    def _last(self) -> Iterable[Told]:
        """What was told since the last choice."""
        points = self.session.points
        return (piece for turn in self.session.turns[points[-1] if points else 0 :] for piece in turn.told)

    def _tell(self, told: Iterable[Told]) -> None:
        for piece in told:
            if piece.occasion == "scene":
                self.page.heading(piece.title or BREAK)
            for paragraph in piece.paragraphs:
                self.page.paragraph(paragraph)

    def _ask(self) -> None:
        session = self.session
        if session.stopped is not None:
            self.page.heading(ended(session))
            self.page.line("undo, rewind, why, transcript, new or quit?")
            return
        self.page.line("")
        for number, option in enumerate(session.options, start=1):
            self.page.line(f"{number}. {option.label}")

    # ---- what is typed -----------------------------------------------------------------------------------------------

    def _obey(self, line: str) -> bool:
        """Do what was typed; whether to go on."""
        word, _, rest = line.strip().partition(" ")
        command = meant(word)
        if command == "quit":
            return False
        try:
            if word.isascii() and word.isdigit():
                self._choose(int(word[:9]))
            elif command is not None:
                self._command(command, rest.strip())
            else:
                self.page.line(f"{word[:40]!r} is not understood; type help for what is." if word else "Type a number, or help.")
        except (StoryError, Undecided) as error:
            self.page.paragraph(problem(error))
        return True

    def _command(self, command: str, rest: str) -> None:
        commands: dict[str, Callable[[str], None]] = {
            "undo": lambda _: self._undo(),
            "history": lambda _: self._history(),
            "rewind": self._rewind,
            "why": self._why,
            "people": lambda _: self._people(),
            "again": lambda _: self._again(),
            "save": self._save,
            "saves": lambda _: self._saves(),
            "load": self._load,
            "transcript": self._transcript,
            "spoilers": self._spoilers,
            "new": lambda _: self._new(),
            "help": lambda _: self.page.line(HELP),
        }
        commands[command](rest)

    def _choose(self, number: int) -> None:
        options = self.session.options
        if not 1 <= number <= len(options):
            there = f"there are 1 to {len(options)}" if options else "the tale has come to its end"
            self.page.line(f"There is no choice {number}: {there}.")
            return
        trouble = self.game.trouble
        turns = self.game.choose(options[number - 1])
        if self.game.trouble and self.game.trouble != trouble:
            self.page.paragraph(f"It could not be saved. {self.game.trouble}")
        self._tell(piece for turn in turns for piece in turn.told)
        self._ask()

    def _undo(self) -> None:
        if not self.session.points:
            self.page.line("There is no choice to take back.")
            return
        self.game.undo()
        self._again()

    def _again(self) -> None:
        self._tell(self._last())
        self._ask()

    def _history(self) -> None:
        for line in history(self.session):
            self.page.line(line)

    def _rewind(self, rest: str) -> None:
        number = _number(rest)
        if number is None or number - 1 not in self.session.points:
            there = ", ".join(str(point + 1) for point in self.session.points)
            self.page.paragraph(f"To which choice? There are: {there}." if there else "There is no choice to go back to.")
            return
        self.game.rewind(number - 1)
        self._again()

    def _why(self, rest: str) -> None:
        turns = len(self.session.turns)
        number = _number(rest) if rest else last_done(self.session) + 1
        if number is None or not 1 <= number <= turns:
            self.page.line(f"Of which move? There are 1 to {turns}." if turns else "Nothing has happened yet.")
            return
        for paragraph in why(self.session, number - 1, spoilers=self.spoilers or self.session.stopped is not None):
            self.page.paragraph(paragraph)

    def _people(self) -> None:
        for paragraph in expected(self.session):
            self.page.paragraph(paragraph)

    def _save(self, name: str) -> None:
        if not name:
            self.page.line("Under which name? Type save and a name.")
            return
        self.game.save(name)
        self.page.line(f"Saved as {name}.")

    def _saves(self) -> None:
        lines = list(saves(self.game))
        for line in lines or ["Nothing has been saved of this story yet."]:
            self.page.line(line)

    def _load(self, name: str) -> None:
        self.game.load(name or "auto")
        self._begin()

    def _transcript(self, name: str) -> None:
        if not name:
            self.page.line(self.session.transcript())
            return
        self.page.line(f"Written to {exported(self.session, Path(name))}.")

    def _spoilers(self, rest: str) -> None:
        if rest in ("on", "off"):
            self.spoilers = rest == "on"
        self.page.line("why tells what goes on in other people." if self.spoilers else "why tells what you may know.")

    def _new(self) -> None:
        self.game.restart(secrets.randbelow(MOST_SEED))
        self._begin()


# ---- words that terminals share --------------------------------------------------------------------------------------


def meant(word: str) -> str | None:
    """The command that ``word`` is, or is the beginning of."""
    if word in COMMANDS:
        return word
    return next((command for command in COMMANDS if word and command.startswith(word.lower())), None)


def ended(session: Session) -> str:
    """What the tale came to, once it has."""
    if session.ending is not None:
        return f"The end: {session.ending.title}"
    return "Nothing more can happen here." if session.stopped == "dead end" else "The tale has gone on for long enough."


def problem(error: StoryError | Undecided) -> str:
    """What stands in the way of what the player wanted."""
    if isinstance(error, Undecided):
        return f"It is undecided: {error}. Nothing has been done."
    one = error.diagnostics[0]
    return " ".join(filter(None, (one.message, one.hint)))


def departed(session: Session) -> str:
    """That a save no longer fits, where, and what becomes of it."""
    return f"The story has changed since this was saved. {session.departure} The tale goes on from there; the save is kept as it was."


def history(session: Session) -> Iterator[str]:
    """The moves that the player chose or was told of, each a line with its number."""
    for number, turn in enumerate(session.turns, start=1):
        told = first_words(turn)
        if turn.option is not None:
            yield f"{number}. > {turn.option.label}" + (f": {told}" if told and not turn.chosen else "")
        elif told:
            yield f"{number}. {told}"


def last_done(session: Session) -> int:
    """The turn, counted from 0, at which somebody last did something; if nobody ever did, the last one."""
    turns = session.turns
    return next((number for number in reversed(range(len(turns))) if not turns[number].move.is_event), len(turns) - 1)


def first_words(turn: Turn, most: int = 56) -> str:
    """The beginning of what was told of a turn."""
    words = next((paragraph for piece in turn.told for paragraph in piece.paragraphs), "").split()
    line = ""
    while words and len(line) + len(words[0]) < most:
        line = f"{line} {words.pop(0)}".strip()
    return f"{line} …" if words else line


def saves(game: Game) -> Iterator[str]:
    """The slots, each a line."""
    for slot in game.shelf.slots():
        if slot.save is None:
            yield f"{slot.name}: cannot be read"
            continue
        moves = len(slot.save.made)
        yield f"{slot.name}: {slot.save.player}, {moves} move{'' if moves == 1 else 's'}, seed {slot.save.seed}"


def exported(session: Session, path: Path) -> Path:
    """Write the transcript into a new file. Raises ``StoryError``."""
    path = path.expanduser()
    if path.exists():
        message = f"{path} is there already, and is left as it is."
        raise StoryError.one("file-exists", "There is such a file already", message, hint="Choose another name.")
    write(path, session.transcript())
    return path


def person(story: Story, name: str | None) -> str:
    """Who is played: ``name``, else the teller, else whom the story names first. Raises ``StoryError`` where there is nobody."""
    found = name or story.teller or next(iter(story.people), None)
    if found is None:
        raise StoryError.one("unknown-name", "There is no such person", "The story has nobody with a mind, so there is nobody to play.")
    return found


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
