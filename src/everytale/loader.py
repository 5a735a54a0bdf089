"""Stories and traces from files, and the stories that come with Everytale. Nothing else in the library opens a file.

Whatever is wrong with a file (missing, too large, not text, outside the story's folder) is a diagnostic, as is what
is wrong in it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeAlias

from everytale.diagnostics import Diagnostic, Source, Span, StoryError
from everytale.story import Story
from everytale.world import Trace

Format: TypeAlias = Literal["tale", "sabre"]
Template: TypeAlias = Literal["small", "social", "adventure"]

LARGEST = 8 * 1024 * 1024
"""How many bytes a story (with all that it includes) or a trace may have."""

_STORIES = Path(__file__).parent / "stories"
_STORY, _AS_WRITTEN = "story.tale", "as_written.trace"
_MOVES = re.compile(r"\s*\w+\s*(\([^()]*\))?\s*(;\s*\w+\s*(\([^()]*\))?\s*)*;?\s*")


def load(story: str | os.PathLike[str], *, format: Format | None = None) -> Story:
    """The story in the file ``story``, or the one of that name that comes with Everytale: ``load("dont-stay")``.

    ``format`` is ``"tale"`` (the language) or ``"sabre"`` (the planner's problem files, the default for ``.txt``).
    Raises ``StoryError``, whose diagnostics say what is wrong with it.
    """
    found, diagnostics = read(story, format=format)
    if found is None or any(diagnostic.severity == "error" for diagnostic in diagnostics):
        raise StoryError(diagnostics)
    return found


def check(story: str | os.PathLike[str], *, format: Format | None = None) -> tuple[Diagnostic, ...]:
    """All that is wrong with ``story`` (named as for ``load``), errors and warnings, in the order of the text; empty: nothing.

    Besides the text, the world that it describes is made and its start tried: rules that never come to rest, numbers
    out of range, more than can be instantiated.
    """
    from everytale.ground import ground

    found, diagnostics = read(story, format=format)
    if found is None or any(diagnostic.severity == "error" for diagnostic in diagnostics):
        return diagnostics
    try:
        ground(found)
    except StoryError as error:
        return (*diagnostics, *error.diagnostics)
    return diagnostics


def read(
    story: str | os.PathLike[str], *, format: Format | None = None, seen: Callable[[Path], None] = lambda path: None
) -> tuple[Story | None, tuple[Diagnostic, ...]]:
    """The story, if it could be made out, and all that is to be said of its text. ``seen`` is called with every file that it is read
    from, or would be if it were there."""
    try:
        path = _find(story)
        folder = _Folder(path.parent, seen)
        source = folder.open(path, _shown(story, path))
        if (format or guess(story)) == "sabre":
            from everytale.language.sabre import read_problem

            return read_problem(source)
        from everytale.language import read_story

        return read_story(source, folder.include)
    except StoryError as error:
        return None, error.diagnostics


def load_trace(trace: str | os.PathLike[str]) -> Trace:
    """The trace in the file ``trace``: one move a line; or ``trace`` itself, where it is moves with ``;`` between them.

    Raises ``StoryError``.
    """
    path = Path(trace)
    if _exists(path):
        return Trace.read(_Folder(path.parent).open(path, os.fspath(trace)).text)
    if _MOVES.fullmatch(os.fspath(trace)):
        return Trace.read(os.fspath(trace).replace(";", "\n"))
    raise _problem("no-such-file", "There is no such trace", f"There is no file {os.fspath(trace)!r}.", _meant(path))


def as_written(story: str | os.PathLike[str]) -> Trace:
    """The trace that ships with ``story``: the file ``as_written.trace`` in its folder. Raises ``StoryError``."""
    path = _find(story).parent / _AS_WRITTEN
    if not path.exists():
        raise _problem(
            "no-such-file", "No trace comes with this story", f"There is no file {_AS_WRITTEN} in the folder of {os.fspath(story)!r}."
        )
    return Trace.read(_Folder(path.parent).open(path, _AS_WRITTEN).text)


def bundled() -> tuple[str, ...]:
    """The names of the stories that come with Everytale."""
    return tuple(sorted(folder.name.replace("_", "-") for folder in _STORIES.iterdir() if (folder / _STORY).is_file()))


def new(name: str, template: Template = "small") -> Path:
    """Write a story to change into the file ``name`` (with ``.tale`` after it unless it is there), and return its path.

    ``template``: ``"small"``, two people and a cup; ``"social"``, who knows what of whom; ``"adventure"``, places, things and a guard.
    Raises ``StoryError`` where there is such a file already.
    """
    path = Path(name if name.endswith(".tale") else f"{name}.tale")
    title = path.stem.replace("-", " ").replace("_", " ").strip().capitalize()
    story = (_STORIES / "templates" / f"{template}.tale").read_text(encoding="utf-8")
    text = story.replace("TITLE", title.translate({ord('"'): "'", ord("\\"): "/"}), 1)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise _problem(
            "file-exists", "There is such a file already", f"{path} is there already, and is left as it is.", "Choose another name."
        ) from None
    except (OSError, ValueError) as error:
        raise _problem("unwritable-file", "A file cannot be written", f"{path}: {_reason(error)}.") from None
    return path


def guess(story: str | os.PathLike[str]) -> Format:
    """The format that the name of a file speaks for."""
    return "sabre" if os.fspath(story).lower().endswith(".txt") else "tale"


# ---- files -----------------------------------------------------------------------------------------------------------


class _Folder:
    """The files of one story: each read at most once, all inside of one folder, and together not too large."""

    def __init__(self, root: Path, seen: Callable[[Path], None] = lambda path: None) -> None:
        self.root, self.seen = root, seen
        self.paths: dict[str, Path] = {}
        self.left = LARGEST

    def open(self, path: Path, name: str, span: Span | None = None) -> Source:
        self.seen(path)
        try:
            source = Source(name, self._text(path, name, span))
            self.paths[name] = path.resolve()
        except (OSError, ValueError) as error:
            raise _problem("unreadable-file", "A file cannot be read", f"{name}: {_reason(error)}.", span=span) from None
        return source

    def include(self, wanted: str, span: Span) -> Source:
        """The file ``wanted`` by an ``include`` at ``span``; its path counts from the file that includes it."""
        try:
            root = self.root.resolve()
            path = (self.paths.get(span.source.name, root / _STORY).parent / wanted).resolve()
            inside, exists = path.is_relative_to(root), path.exists()
        except (OSError, ValueError, RuntimeError) as error:  # a name too long, with a NUL in it, a ring of links
            raise _problem("unreadable-file", "A file cannot be read", f"{wanted!r}: {_reason(error)}.", span=span) from None
        if not inside:
            hint = "Move that file beside the story, or into a folder below it."
            raise _problem(
                "include-outside", "An include leaves the story's folder", f"{wanted!r} is not in the folder of the story.", hint, span
            )
        if not exists:
            self.seen(path)
            raise _problem("no-such-file", "There is no such file to include", f"There is no file {wanted!r} here.", _meant(path), span)
        if path in self.paths.values():
            hint = "Leave this include out: what a file says counts for the whole story."
            raise _problem("included-twice", "A file is included twice", f"{wanted!r} is part of this story already.", hint, span)
        return self.open(path, str(Path(self.root.name, path.relative_to(root))), span)

    def _text(self, path: Path, name: str, span: Span | None) -> str:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise _problem("unreadable-file", "A file cannot be read", f"{name} is a folder.", "Name the file in it.", span)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
            raise _problem("unreadable-file", "A file cannot be read", f"{name} is not a file of text.", span=span)
        content = b""
        if status.st_size <= self.left:
            with path.open("rb") as file:
                content = file.read(self.left + 1)
        if status.st_size > self.left or len(content) > self.left:
            message = f"{name} is larger than a story can be: all its files together may have {LARGEST // 1024 // 1024} MB."
            raise _problem("file-too-large", "A file is too large", message, span=span)
        self.left -= len(content)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            message = f"{name} is not text in UTF-8: byte {error.start}, on line {line}, does not belong."
            raise _problem("not-text", "A file is not text", message, "Save it as UTF-8.", span) from None
        if "\0" in text:
            raise _problem("not-text", "A file is not text", f"{name} has zero bytes in it, as files have that are not text.", span=span)
        return text.replace("\r\n", "\n").replace("\r", "\n")


def _find(story: str | os.PathLike[str]) -> Path:
    name, stories = os.fspath(story), bundled()
    if name in stories:
        return _STORIES / name.replace("-", "_") / _STORY
    path = Path(name)
    if _exists(path):
        return path
    message = f"There is no file {name!r}, and no story of that name comes with Everytale."
    raise _problem("no-such-file", "There is no such story", message, _meant(path, stories))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a NUL in it
        return False


def _shown(story: str | os.PathLike[str], path: Path) -> str:
    """What diagnostics call the file."""
    return str(Path(path.parent.name, path.name)) if path.is_relative_to(_STORIES) else os.fspath(story)


def _meant(path: Path, names: Iterable[str] = ()) -> str:
    """Names like that of ``path``, among ``names`` and the files beside it."""
    try:
        beside = [file.name for file in path.parent.iterdir()]
    except (OSError, ValueError):
        beside = []
    close = get_close_matches(path.name, [*names, *beside], n=1)
    if not close:
        return "These come with Everytale: " + ", ".join(names) + "." if names else ""
    return f"Did you mean {close[0] if close[0] in names else str(path.with_name(close[0]))!r}?"


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason[:1].lower() + reason[1:]


def _problem(code: str, title: str, message: str, hint: str = "", span: Span | None = None) -> StoryError:
    return StoryError((Diagnostic(code, "error", title, message, span, hint=hint),))
