"""Where a server keeps tales and saves: one file of SQLite, or the memory alone.

A *tale* is kept as a *save* is: who is played, the seed, and the moves made, never a state. What is written counts when it
is :meth:`committed <Store.commit>`, and then outlives a kill of the process and a loss of power (a log written ahead, brought to the
disk). A store is used by one thread, and a file by one server, at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import time

from everytale.diagnostics import StoryError
from everytale.play.saves import Save
from everytale.play.session import Played
from everytale.serving.refusals import Refused
from everytale.world import UnknownMove
from everytale.world.trace import read_move

APPLICATION = 0x45564552
"""What SQLite calls the application, so that no other program's file is written into."""
VERSION = 1
CHOSEN = "> "
"""Before a move that the player chose. Each is a line, as in a trace."""
PAGE = 4096
LARGEST = 1 << 30
"""Bytes of a store; what would make it larger is refused."""
MOST_SAVES = 100
"""Saves of one player."""
UNTOUCHED = 30 * 24 * 3600
"""Seconds after which a tale that nobody has gone on with is thrown away. (Saves stay.)"""

_SCHEMA = f"""
    CREATE TABLE tales (
        id TEXT PRIMARY KEY, player TEXT NOT NULL, teller TEXT NOT NULL, seed TEXT NOT NULL, touched REAL NOT NULL, moves TEXT NOT NULL
    );
    CREATE TABLE saves (
        owner TEXT NOT NULL, name TEXT NOT NULL, saved REAL NOT NULL, player TEXT NOT NULL, moves INTEGER NOT NULL, seed TEXT NOT NULL,
        text TEXT NOT NULL, PRIMARY KEY (owner, name)
    );
    PRAGMA application_id = {APPLICATION};
    PRAGMA user_version = {VERSION};
"""


@dataclass(frozen=True)
class Kept:
    """A tale as it is kept."""

    player: str
    teller: str
    seed: int
    made: tuple[Played, ...]


@dataclass(frozen=True)
class Slot:
    """What a list says of one save. ``saved``: when, in seconds since 1970; ``moves``: how many it has."""

    name: str
    saved: float
    player: str
    moves: int
    seed: int


class Store:
    """The tales and saves in ``path``, which is made where it is not there; ``None``: in memory, gone with the process."""

    def __init__(self, path: Path | None = None) -> None:
        """Raises ``StoryError`` where the file cannot be used."""
        self._shown = "the memory" if path is None else str(path)
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._data = sqlite3.connect(":memory:" if path is None else path, timeout=0.5, isolation_level=None, check_same_thread=False)
        except (sqlite3.Error, OSError, ValueError) as error:
            raise _unusable(self._shown, str(error)) from None
        try:
            self._open()
        except sqlite3.Error as error:
            self._data.close()
            raise _unusable(self._shown, str(error)) from None
        except StoryError:
            self._data.close()
            raise

    def _open(self) -> None:
        ask = self._data.execute
        ask("PRAGMA trusted_schema = off")
        application, version = (ask(f"PRAGMA {one}").fetchone()[0] for one in ("application_id", "user_version"))
        empty = ask("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        if application != APPLICATION and not empty:
            raise _unusable(self._shown, "it belongs to another program")
        if version > VERSION:
            raise _unusable(self._shown, "it was written by a later version of Everytale")
        for setting in ("locking_mode = exclusive", "journal_mode = wal", "synchronous = full", f"max_page_count = {LARGEST // PAGE}"):
            ask(f"PRAGMA {setting}")
        ask("BEGIN EXCLUSIVE")
        if empty:
            for statement in _SCHEMA.split(";")[:-1]:
                ask(statement)
        ask("COMMIT")

    def close(self) -> None:
        self._data.close()

    # ---- what counts -------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Make what was written since the last time count, all or nothing. Raises ``Refused``, and then none of it does."""
        if self._data.in_transaction:
            self._ask("COMMIT")

    def roll_back(self) -> None:
        """Forget what was written since the last time."""
        if self._data.in_transaction:
            self._data.execute("ROLLBACK")

    # ---- tales -------------------------------------------------------------------------------------------------------

    def tale(self, id: str) -> Kept | None:
        """The tale of that name. Raises ``Refused`` where what is kept of it cannot be read."""
        row = self._ask("SELECT player, teller, seed, moves FROM tales WHERE id = ?", id).fetchone()
        if row is None:
            return None
        player, teller, seed, moves = row
        try:
            made = tuple(Played(read_move(line.removeprefix(CHOSEN)), line.startswith(CHOSEN)) for line in moves.splitlines())
            return Kept(player, teller, int(seed), made)
        except (ValueError, TypeError, UnknownMove):
            raise Refused("damaged-save", "What is kept of this tale is damaged.") from None

    def add(self, id: str, kept: Kept) -> None:
        """A new tale."""
        self._write("INSERT INTO tales VALUES (?, ?, ?, ?, ?, ?)", id, kept.player, kept.teller, str(kept.seed), time(), _lines(kept.made))

    def go_on(self, id: str, made: Iterable[Played]) -> None:
        """The tale with these moves, in place of those that it had."""
        self._write("UPDATE tales SET moves = ?, touched = ? WHERE id = ?", _lines(made), time(), id)

    def throw_away(self, id: str) -> bool:
        """Whether there was such a tale."""
        return self._write("DELETE FROM tales WHERE id = ?", id) > 0

    def tales(self) -> int:
        """How many there are."""
        return int(self._ask("SELECT count(*) FROM tales").fetchone()[0])

    def tidy(self) -> None:
        """Throw away the tales that nobody has gone on with for long."""
        self._write("DELETE FROM tales WHERE touched < ?", time() - UNTOUCHED)

    # ---- saves -------------------------------------------------------------------------------------------------------

    def slots(self, owner: str) -> list[Slot]:
        """All of one player's, the last first."""
        rows = self._ask("SELECT name, saved, player, moves, seed FROM saves WHERE owner = ? ORDER BY saved DESC, name", owner)
        return [Slot(name, saved, player, moves, int(seed)) for name, saved, player, moves, seed in rows]

    def load(self, owner: str, name: str) -> str | None:
        """The text of a save."""
        row = self._ask("SELECT text FROM saves WHERE owner = ? AND name = ?", owner, name).fetchone()
        return None if row is None else str(row[0])

    def save(self, owner: str, name: str, save: Save, text: str) -> None:
        """Put a save, and its text, in the place of what is there. Raises ``Refused`` where its owner has too many."""
        (many,) = self._ask("SELECT count(*) FROM saves WHERE owner = ? AND name <> ?", owner, name).fetchone()
        if many >= MOST_SAVES:
            raise Refused("no-room", f"You have {MOST_SAVES} saves, which is as many as are kept here. Throw one away first.")
        about = save.player, len(save.made), str(save.seed)
        self._write("INSERT OR REPLACE INTO saves VALUES (?, ?, ?, ?, ?, ?, ?)", owner, name, time(), *about, text)

    def delete(self, owner: str, name: str) -> bool:
        """Whether there was such a save."""
        return self._write("DELETE FROM saves WHERE owner = ? AND name = ?", owner, name) > 0

    # ---- SQLite ------------------------------------------------------------------------------------------------------

    def _ask(self, question: str, *values: object) -> sqlite3.Cursor:
        try:
            return self._data.execute(question, values)
        except sqlite3.Error as error:
            full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
            raise Unwritten("It cannot be kept: there is no room for it." if full else f"It cannot be kept: {error}.") from error

    def _write(self, statement: str, *values: object) -> int:
        if not self._data.in_transaction:
            self._ask("BEGIN IMMEDIATE")
        return self._ask(statement, *values).rowcount


class Unwritten(Refused):
    """The store failed, so that nothing that was written since the last commit counts."""

    def __init__(self, words: str) -> None:
        super().__init__("no-room", words)


def _lines(made: Iterable[Played]) -> str:
    return "\n".join(f"{CHOSEN if one.chosen else ''}{one.move}" for one in made)


def _unusable(path: str, why: str) -> StoryError:
    if "locked" in why:
        why = "another server is using it"
    hint = "Name another file by --saves: a new one, or one that a server has written."
    return StoryError.one("unusable-store", "Saves cannot be kept there", f"{path}: {why}.", hint=hint)
