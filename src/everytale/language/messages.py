"""What can be wrong with a story: every kind of diagnostic of the language, and where they are collected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

from everytale.diagnostics import Diagnostic, Span

ERRORS = {
    # what stands where
    "unexpected": "Something else was expected here",
    "strange-sign": "A sign that means nothing here",
    "unclosed-quote": "A quote is not closed",
    "unclosed-brace": "A brace is not closed",
    "unknown-block": "No block begins with this word",
    "misplaced-line": "A line that does not belong here",
    "bad-indentation": "A line is not indented as those around it",
    "mixed-tabs": "Tabs and spaces are mixed",
    "missing-part": "Something is missing",
    "too-deep": "Nested too deep",
    "too-long": "More than a story can hold",
    "too-many-errors": "Too many errors",
    "empty-story": "There is no story here",
    "number-too-large": "A number is too large",
    # names and what they are
    "unknown-name": "A name that stands for nothing",
    "unknown-kind": "There is no such kind",
    "unknown-stage": "There is no such stage",
    "unknown-move": "There is no such action or event",
    "unknown-ending": "There is no such ending",
    "unknown-rule": "There is no such rule",
    "unknown-because": "No want has this because",
    "answers-nothing": "An answer to what nobody asks",
    "declared-twice": "A name is given twice",
    "said-twice": "Something is said twice",
    "own-ancestor": "A kind cannot be above itself",
    "no-pronouns": "A person has no pronouns",
    "bad-pronouns": "These are no pronouns",
    "no-actor": "An action that nobody does",
    "wrong-arguments": "The arguments do not fit",
    "wrong-kind": "Somebody or something of the wrong kind",
    "wrong-sort": "A value of the wrong sort",
    "not-a-condition": "A value where a condition should stand",
    "not-a-fact": "This is not a fact",
    "never-unknown": "This is never unknown",
    "missing-value": "An effect without a value",
    "out-of-range": "A number is out of range",
    "empty-range": "There is no number in this range",
    "negative-weight": "A weight is negative",
    "never-used": "This is never reached",
    "division-by-zero": "A division by zero",
    "misplaced-every": "Every or some cannot stand here",
    "misplaced-some": "An effect on some, but on which?",
    "misplaced-stillness": "Only an ending can ask whether anything more can happen",
    "not-at-the-start": "This cannot stand at the start",
    "self-known": "Somebody would be wrong about what they know",
    "contradiction": "Effects that contradict each other",
    "wrong-slot": "A hole in the prose that nothing fits",
    "misplaced-occasion": "This is never told so",
    "reserved-word": "A word of the language cannot be a name",
    # in the planner's files only
    "unclosed-comment": "A comment is not closed",
    "unclosed-bracket": "A bracket is not closed",
    "not-an-effect": "This is not an effect",
}
WARNINGS = {
    "unknown-speaker": "Speech by nobody?",
    "never-holds": "A condition that never holds",
    "always-holds": "A condition that always holds",
    "never-told": "Prose that is never told",
    "written-out": "A teller who is called by name",
    "never-answered": "A question that nobody answers",
    "unused-fact": "A fact that is never used",
    "unused-parameter": "A parameter on which nothing depends",
    "unused-stage": "A stage where nothing happens",
}
MOST = 100
"""Errors, after which reading ends; warnings, after which no more are noted."""
MOST_WORDS = 400_000
"""Words and signs outside of prose."""


class Stop(Exception):
    """Reading ends here: a diagnostic says why."""


class Report:
    """The diagnostics of one text so far, and how many more words of it may be read."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.errors = 0
        self.warnings = 0
        self.words = MOST_WORDS
        self.unknown: Counter[str] = Counter()
        """How often a name was found that stands for nothing."""

    def error(self, code: str, message: str, span: Span | None, label: str = "", hint: str = "") -> None:
        """Note an error. Raises ``Stop`` at the last one."""
        self.found.append(Diagnostic(code, "error", ERRORS[code], message, span, label, hint))
        self.errors += 1
        if self.errors >= MOST:
            message, title = f"After {MOST} errors no more are looked for.", ERRORS["too-many-errors"]
            self.found.append(Diagnostic("too-many-errors", "error", title, message, span, hint="Mend the first of them."))
            raise Stop

    def too_long(self, most: int, what: str, span: Span | None) -> NoReturn:
        """Note that a story cannot have more than ``most`` of something, and end."""
        self.error(
            "too-long", f"A story can have {most:,} {what}, and this has more.", span, "too many", "Leave some out, or tell two stories."
        )
        raise Stop

    def warning(self, code: str, message: str, span: Span | None, label: str = "", hint: str = "") -> None:
        """Note a warning; after many of them, no more are kept."""
        self.warnings += 1
        if self.warnings <= MOST:
            self.found.append(Diagnostic(code, "warning", WARNINGS[code], message, span, label, hint))

    def read(self, words: int, span: Span | None) -> None:
        """Note that so many words have been read. Raises ``Stop`` when they come to more than a story can have."""
        self.words -= words
        if self.words < 0:
            self.too_long(MOST_WORDS, "words and signs outside of prose", span)

    def add(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Note what was found elsewhere."""
        for diagnostic in diagnostics:
            self.found.append(diagnostic)
            self.errors += diagnostic.severity == "error"


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A question whether one of ``names`` is meant, or nothing."""
    from difflib import get_close_matches

    near = [other for other in names if abs(len(other) - len(name)) <= 3][:2000] if len(name) <= 60 else []
    folded = {other.casefold(): other for other in near}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return f"Did you mean `{folded[close[0]]}`?" if close else ""
