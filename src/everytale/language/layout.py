"""Lines and their indentation, which makes blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from everytale.diagnostics import Source, Span
from everytale.language.messages import Report

MOST_LINES = 200_000
"""Lines that a file may have."""

_LINE = re.compile(r"([ \t]*)([^\n]*)(?:\n|$)")
_WORD = re.compile(r"\w*")
_TAB = 4


class Lines:
    """The lines of a source: where each begins and ends, without the space around it, and how far it is indented.

    An empty line is indented by -1.
    """

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.indents: list[int] = []
        self.comments: set[int] = set()
        text, tabs, spaces, mixed = source.text, False, False, False
        if text.count("\n") > MOST_LINES:
            report.too_long(MOST_LINES, "lines", Span(source, 0, 0))
        for match in _LINE.finditer(text):
            start, end = match.span(2)
            while end > start and text[end - 1] in " \t\r\f\v":
                end -= 1
            margin = match[1]
            if "\t" in margin and start < end:
                mixed = mixed or spaces or " " in margin
                if (mixed and not tabs) or " " in margin:
                    self._mixed(start - len(margin), start)
                tabs, width = True, len(margin.expandtabs(_TAB))
            else:
                width = len(margin)
                if margin and start < end:
                    if tabs and not spaces:
                        self._mixed(start - len(margin), start)
                    spaces = True
            if start < end and text[start] == "#":
                self.comments.add(len(self.starts))
            self.starts.append(start)
            self.ends.append(end)
            self.indents.append(width if start < end else -1)

    def _mixed(self, start: int, end: int) -> None:
        if not any(found.code == "mixed-tabs" and found.span and found.span.source is self.source for found in self.report.found):
            message = "This line is indented in another way than those before it."
            span = Span(self.source, start, end)
            self.report.error("mixed-tabs", message, span, "tabs and spaces", "Indent by spaces everywhere, or by tabs everywhere.")

    def __len__(self) -> int:
        return len(self.starts)

    def span(self, line: int) -> Span:
        return Span(self.source, self.starts[line], self.ends[line])

    def first_word(self, line: int) -> str:
        """What a line begins with, up to the first space or sign."""
        word = _WORD.match(self.source.text, self.starts[line], self.ends[line])
        return word[0] if word else ""

    def below(self, line: int, end: int) -> int:
        """The end of the block of ``line``: the first line up to ``end`` that is not indented further, comments aside."""
        indent, following = self.indents[line], line + 1
        while following < end and (self.indents[following] > indent or self.indents[following] < 0 or following in self.comments):
            following += 1
        return following

    def blocks(self) -> Iterator[tuple[int, int]]:
        """The lines that begin a block, each with the end of it."""
        line = 0
        while line < len(self):
            after = line + 1
            if self.indents[line] >= 0 and line not in self.comments:
                after = self.below(line, len(self))
                if self.indents[line] > 0:
                    message = "A block begins at the beginning of a line."
                    hint = "Take the space before it away, or put the line that it belongs to above it."
                    self.report.error("bad-indentation", message, self.span(line), "indented, below nothing", hint)
                else:
                    yield line, after
            line = after

    def statements(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """The lines from ``begin`` to ``end`` that are indented alike, each with the end of its own block."""
        indent, line = -1, begin
        while line < end:
            if self.indents[line] < 0 or line in self.comments:
                line += 1
                continue
            if indent < 0:
                indent = self.indents[line]
            if self.indents[line] != indent:
                message = f"This line is indented by {self.indents[line]}, those beside it by {indent}."
                self.report.error("bad-indentation", message, self.span(line), "not in line", "Lines of one block begin at the same place.")
                indent = self.indents[line]
            after = self.below(line, end)
            yield line, after
            line = after

    def alone(self, line: int, end: int) -> None:
        """Report lines that stand below one that has nothing below it."""
        for below, _ in self.statements(line + 1, end):
            message = "Nothing can stand below the line before this."
            hint = "Take it away, or indent it as the line before."
            if self.source.text.startswith(("and ", "or "), self.starts[below]):
                hint = "A condition stands on one line; of several lines with `if`, all must hold."
            self.report.error("misplaced-line", message, self.span(below), "does not belong here", hint)
            return

    def prose(self, line: int, end: int) -> tuple[tuple[int, int], ...]:
        """The places of the lines of prose below ``line``, empty ones too, from the first to the last that is not empty."""
        indent = self.indents[line]
        found = [(self.starts[at], self.ends[at]) for at in range(line + 1, end) if at not in self.comments or self.indents[at] > indent]
        while found and found[-1][0] >= found[-1][1]:
            found.pop()
        return tuple(found)
