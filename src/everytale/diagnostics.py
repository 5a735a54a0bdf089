"""What is wrong in a text, where, and how to mend it: as data, and as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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
