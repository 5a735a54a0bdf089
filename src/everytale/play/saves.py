"""What is kept of a tale that is played: saves, as text, in slots.

A *save* is JSON: who is played, the seed, and the moves made, each with whether the player chose it. It knows nothing of states,
so it outlives a change of the story and of Everytale: loading it makes the moves again, as far as they fit. The story's
*fingerprint* says whether it is the same story.

A *shelf* is a folder of saves, one file a *slot*. A file is written whole or not at all: into a new file, brought to the disk, and
then put in the place of the old one. Autosaves have slots of their own, ``auto-1``, ``auto-2`` ..., a new one for each tale.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from time import time
from typing import Any

from everytale.diagnostics import StoryError
from everytale.language.format import format_story
from everytale.play.session import LONGEST, Played, Session
from everytale.story import Story
from everytale.world import UnknownMove
from everytale.world.trace import read_move

FORMAT = 1
LARGEST = 4 * 1024 * 1024
"""Bytes of a save."""
MOST_TEXT = 10_000
"""Characters of a name, a title or a move."""
MOST_AUTOSAVES = 10
"""Autosaves that are kept: those of the tales begun last."""
LEFT_OVER = 24 * 3600
"""Seconds after which a file that was begun and never finished is thrown away."""

_SLOT = re.compile(r"\w(?:[\w -]{0,38}\w)?", re.ASCII)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_AUTOSAVE = re.compile(r"auto-([1-9]\d{0,8})", re.ASCII)


# ---- a save ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Save:
    """A tale that is played, as it is kept. ``version``: that of Everytale which wrote it."""

    title: str
    fingerprint: str
    version: str
    player: str
    teller: str | None
    seed: int
    made: tuple[Played, ...]

    @classmethod
    def of(cls, session: Session, fingerprint: str) -> Save:
        """The tale as it stands; ``fingerprint``: that of its story."""
        title, writer = _line(session.story.title), version("everytale")
        return cls(title, fingerprint, writer, session.player, session.teller, session.seed, session.made)

    def text(self) -> str:
        """The save as JSON, one move a line."""
        head = {
            "everytale": self.version,
            "format": FORMAT,
            "story": {"title": self.title, "fingerprint": self.fingerprint},
            "player": self.player,
            "teller": self.teller,
            "seed": self.seed,
        }
        lines = [f"  {_json(key)}: {_json(value)}," for key, value in head.items()]
        moves = [f"    {_json({'chosen' if one.chosen else 'drawn': str(one.move)})}" for one in self.made]
        return "\n".join(["{", *lines, '  "moves": [', ",\n".join(moves), "  ]", "}"]) + "\n"

    @classmethod
    def read(cls, text: str) -> Save:
        """A save from its text. Raises ``StoryError`` for what is none, and for that of a later version that cannot be read."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise _damaged("it is not JSON") from None
        if not isinstance(data, dict) or type(data.get("format")) is not int or data["format"] < 1:
            raise _damaged("it is not a save of Everytale")
        if data["format"] > FORMAT:
            message = f"It was written by a later version of Everytale ({_text(data, 'everytale')}), which keeps saves in another form."
            raise StoryError.one("damaged-save", "A save cannot be read", message, hint="Play it with that version, or a later one.")
        story, moves, seed, teller = data.get("story"), data.get("moves"), data.get("seed"), data.get("teller")
        if not isinstance(story, dict):
            raise _damaged("it does not say of which story it is")
        if type(seed) is not int or not 0 <= seed < 1 << 64:
            raise _damaged("its seed is not a whole number below 2 to the 64th")
        if not isinstance(moves, list) or len(moves) > LONGEST:
            raise _damaged(f"it has no list of at most {LONGEST:,} moves")
        return cls(
            _text(story, "title"),
            _text(story, "fingerprint"),
            _text(data, "everytale"),
            _text(data, "player"),
            None if teller is None else _text(data, "teller"),
            seed,
            tuple(_made(one, number) for number, one in enumerate(moves, start=1)),
        )

    def resume(self, story: Story) -> Session:
        """The tale, played again as far as it fits ``story``: see the session's ``departure``.

        Raises ``StoryError`` where there is nobody of the player's name any more.
        """
        teller = self.teller if self.teller in story.people else None
        return Session(story, self.player, self.seed, teller=teller, made=self.made)


def fingerprint(story: Story) -> str:
    """The same for stories that say the same, wherever they stand and however they are laid out."""
    return sha256(format_story(story).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _line(text: str) -> str:
    """As much of a text as a save has, without what would confuse a terminal."""
    return _CONTROL.sub("", text)[:MOST_TEXT]


def _text(data: dict[str, Any], key: str) -> str:
    found = data.get(key)
    if not isinstance(found, str) or found != _line(found):
        raise _damaged(f"its “{key}” is missing, or is no line of text")
    return found


def _made(data: object, number: int) -> Played:
    if isinstance(data, dict) and len(data) == 1 and ("chosen" in data or "drawn" in data):
        [(how, move)] = data.items()
        if isinstance(move, str) and move == _line(move):
            with contextlib.suppress(UnknownMove):
                return Played(read_move(move), how == "chosen")
    raise _damaged(f"its move {number} is no move")


def _damaged(what: str) -> StoryError:
    hint = "Load another one: each choice was saved, so the one before may do."
    return StoryError.one("damaged-save", "A save cannot be read", f"It is damaged, or is something else: {what}.", hint=hint)


# ---- slots -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """One file of a shelf: a ``save``, or (``None``) what cannot be read. ``saved``: when, in seconds since 1970."""

    name: str
    saved: float
    save: Save | None


class Shelf:
    """The saves of one story, in ``folder``, which is made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def is_autosave(name: str) -> bool:
        """Whether ``name`` is kept for autosaves."""
        return name.startswith("auto")

    @staticmethod
    def is_name(name: str) -> bool:
        """Whether a save can be called so."""
        return _SLOT.fullmatch(name) is not None

    def slots(self) -> list[Slot]:
        """All slots, those saved last first."""
        found = [slot for path in self._files() if (slot := self._slot(path)) is not None]
        return sorted(found, key=lambda slot: (-slot.saved, slot.name))

    def named(self, name: str) -> str:
        """The slot that is meant by ``name``: ``auto`` is the last autosave."""
        if name == "auto":
            return next((slot.name for slot in self.slots() if _AUTOSAVE.fullmatch(slot.name)), name)
        return name

    def load(self, name: str) -> Save:
        """The save in the slot ``name``. Raises ``StoryError``."""
        path = self._path(name)
        if not path.is_file():
            slots = ", ".join(slot.name for slot in self.slots()[:12])
            hint = f"There are: {slots}." if slots else "Nothing has been saved of this story yet."
            raise StoryError.one("no-such-save", "There is no such save", f"There is no save called {name!r}.", hint=hint)
        return read(path)

    def save(self, name: str, save: Save) -> None:
        """Put ``save`` in the slot ``name``, in place of what is there. Raises ``StoryError``."""
        write(self._path(name), save.text())

    def delete(self, name: str) -> None:
        """Throw a save away. Raises ``StoryError`` where there is none."""
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            raise StoryError.one("no-such-save", "There is no such save", f"There is no save called {name!r}.") from None
        except OSError as error:
            raise _unwritable(self._path(name), error) from None

    def next_autosave(self) -> str:
        """The slot for the autosaves of a new tale. Of older ones, the last few are kept."""
        numbers = sorted(int(match[1]) for path in self._files() if (match := _AUTOSAVE.fullmatch(path.stem)))
        for number in numbers[: max(0, len(numbers) - MOST_AUTOSAVES + 1)]:
            with contextlib.suppress(OSError):
                self._path(f"auto-{number}").unlink()
        return f"auto-{numbers[-1] + 1 if numbers else 1}"

    def _path(self, name: str) -> Path:
        if not self.is_name(name):
            hint = "A slot is called by up to 40 letters, digits, spaces and “-”."
            raise StoryError.one("no-such-save", "There is no such save", f"{name!r} cannot be the name of a save.", hint=hint)
        return self.folder / f"{name}.json"

    def _files(self) -> Iterator[Path]:
        try:
            paths = sorted(self.folder.iterdir())
        except OSError:
            return
        for path in paths:
            if path.suffix == ".json" and self.is_name(path.stem):
                yield path
            elif path.suffix == ".part":
                with contextlib.suppress(OSError):
                    if time() - path.stat().st_mtime > LEFT_OVER:
                        path.unlink()

    def _slot(self, path: Path) -> Slot | None:
        try:
            saved = path.stat().st_mtime
        except OSError:  # it was thrown away a moment ago
            return None
        try:
            return Slot(path.stem, saved, read(path))
        except StoryError:
            return Slot(path.stem, saved, None)


def folder(story: str) -> Path:
    """Where the saves of ``story`` (a file, or the name of one that comes with Everytale) are kept.

    That is a folder of its own, in the one that the system has for what programs keep for their users (on Linux
    ``~/.local/share/everytale/saves``).
    """
    from platformdirs import user_data_path

    path, name = Path(story), story
    if path.exists():
        whole = str(path.resolve()).encode("utf-8", "surrogateescape")
        name = f"{re.sub(r'[^a-zA-Z0-9]+', '-', path.stem)[:40]}-{sha256(whole).hexdigest()[:8]}"
    return user_data_path("everytale", appauthor=False) / "saves" / name


def read(path: Path) -> Save:
    """The save in the file ``path``. Raises ``StoryError``."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise StoryError.one("unreadable-file", "A file cannot be read", f"{path}: {error}.") from None
    if len(content) > LARGEST:
        raise _damaged(f"it is larger than {LARGEST // 1024 // 1024} MB")
    try:
        return Save.read(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise _damaged("it is not text in UTF-8") from None


def write(path: Path, text: str) -> None:
    """Write ``text`` into the file ``path``, wholly or not at all, and onto the disk. Raises ``StoryError``."""
    try:
        if len(text) > LARGEST // 4:  # in bytes, at most four a character
            raise OSError(errno.EFBIG, "it is too large")
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(suffix=".part", prefix=f".{path.stem}-", dir=path.parent)
        try:
            with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise
        if os.name == "posix":  # the name too
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> StoryError:
    message = f"{path}: {(error.strerror or str(error)).lower()}."
    return StoryError.one("unwritable-file", "A file cannot be written", message, hint="Name another folder by --saves.")
