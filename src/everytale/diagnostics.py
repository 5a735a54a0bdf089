"""What is wrong in a text, where, and how to mend it: as data, and as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from unicodedata import category, combining, east_asian_width


@dataclass(frozen=True, slots=True)
class Source:
    """One file's text, read once. ``name`` is what diagnostics call it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A place: the characters ``start`` to ``end`` (exclusive) of a source."""

    source: Source
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to tell an author.

    ``code`` names the page ``messages/CODE.md``; ``title`` says what is wrong in a few words, ``message`` what was found and
    expected, ``label`` stands under the marked place, ``hint`` says how to mend it.
    """

    code: str
    severity: Literal["error", "warning"]
    title: str
    message: str
    span: Span | None = None
    label: str = ""
    hint: str = ""


class StoryError(Exception):
    """A story cannot be used; ``diagnostics`` say why."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("; ".join(f"{d.title}: {d.message}" for d in diagnostics))
        self.diagnostics = diagnostics

    @classmethod
    def one(cls, code: str, title: str, message: str, span: Span | None = None, hint: str = "") -> StoryError:
        """The error that consists of one diagnostic."""
        return cls((Diagnostic(code, "error", title, message, span, hint=hint),))


# ---- as a person reads it --------------------------------------------------------------------------------------------

_TAB = 4
_SIGNS = {"error": "31", "warning": "33"}


def render(diagnostic: Diagnostic, *, width: int = 80, colour: bool = False) -> str:
    """``diagnostic`` as lines of at most ``width`` columns: what, where, the marked line, and how to mend it.

    Nothing of a story's text can reach the terminal as anything but text: what does not print is shown as ``·``.
    """

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour and text else text

    sign = _SIGNS[diagnostic.severity]
    kind = paint(f"{diagnostic.severity}[{diagnostic.code}]", f"1;{sign}")
    lines = [kind + paint(":", "1") + " " + paint(_printable(diagnostic.title), "1")]
    margin = ""
    if diagnostic.span is not None:
        line, column = position(diagnostic.span)
        margin = " " * len(str(line))
        lines.append(f"{margin}{paint('-->', '34')} {_printable(diagnostic.span.source.name)}:{line}:{column}")
        shown, marks = _excerpt(diagnostic.span, max(20, width - len(margin) - 3))
        label = f" {_printable(diagnostic.label)}" if diagnostic.label else ""
        lines.append(f"{margin} {paint('|', '34')}")
        lines.append(f"{paint(f'{line} |', '34')} {shown}")
        if columns(marks) + columns(label) > width - len(margin) - 3 and label:
            lines.append(f"{margin} {paint('|', '34')} {paint(marks, sign)}")
            lines += [f"{margin} {paint('|', '34')}  {paint(part, sign)}" for part in _wrapped(label.strip(), width - len(margin) - 4)]
        else:
            lines.append(f"{margin} {paint('|', '34')} {paint(marks + label, sign)}")
    for title, text in (("", diagnostic.message), ("hint: ", diagnostic.hint)):
        if text:
            first, *rest = _wrapped(title + _printable(text), width - len(margin) - 3)
            bullet = paint("=", "34")
            painted = paint("hint:", "32") + first[5:] if title else first
            lines.append(f"{margin} {bullet} {painted}")
            lines += [f"{margin}   {part}" for part in rest]
    return "\n".join(lines)


def position(span: Span) -> tuple[int, int]:
    """The line and the column, both from 1, where ``span`` begins."""
    text = span.source.text
    start = min(span.start, len(text))
    return text.count("\n", 0, start) + 1, start - (text.rfind("\n", 0, start) + 1) + 1


def columns(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if character < "\x7f":
        return 1
    if combining(character) or category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " if character in "\t\n" else "·" for character in text)


def _excerpt(span: Span, room: int) -> tuple[str, str]:
    """The line where ``span`` begins, cut to ``room`` columns around it, and the marks below it."""
    text = span.source.text
    start = min(span.start, len(text))
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    stop = len(text) if stop < 0 else stop
    end = max(min(span.end, stop), start)
    before = _plain(text[max(begin, start - 2 * room) : start])
    marked = _plain(text[start : min(end, start + 2 * room)])
    after = _plain(text[end : min(stop, end + 2 * room)]).rstrip()
    cut_before = start - 2 * room > begin
    if columns(before) + max(1, columns(marked)) + columns(after) > room or cut_before:
        marked = _cut(marked, room - 10)
        spare = room - max(1, columns(marked)) - 2
        kept = before
        wanted = max(spare - columns(after), spare // 2)
        while kept and columns(kept) > wanted:
            kept = kept[1:]
        before = f"…{kept}" if kept != before or cut_before else before
        after = _cut(after, room - columns(before) - columns(marked))
    return before + marked + after, " " * columns(before) + "^" * max(1, columns(marked))


def _plain(text: str) -> str:
    return _printable(text.replace("\t", " " * _TAB))


def _cut(text: str, room: int) -> str:
    """``text`` in ``room`` columns, with an ellipsis where something is left out."""
    if columns(text) <= room:
        return text
    kept, used = "", 1
    for character in text:
        used += _width(character)
        if used > room:
            break
        kept += character
    return f"{kept}…"


def _wrapped(text: str, width: int) -> list[str]:
    """``text`` as lines of at most ``width`` columns (but not of fewer than 20); a word longer than that is cut."""
    room = max(width, 20)
    lines, used = [""], 0
    for word in text.split():
        taken = columns(word)
        if used and used + 1 + taken <= room:
            lines[-1], used = f"{lines[-1]} {word}", used + 1 + taken
            continue
        if used:
            lines.append("")
        if taken <= room:
            lines[-1], used = word, taken
            continue
        used = 0
        for character in word:
            if used + _width(character) > room:
                lines.append("")
                used = 0
            lines[-1] += character
            used += _width(character)
    return lines
