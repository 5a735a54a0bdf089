"""Words and signs of one line, and a cursor that moves over them."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from everytale.diagnostics import Source, Span
from everytale.language.messages import Report

DEEPEST = 100
"""How deep conditions may be nested."""

_TOKEN = re.compile(
    r"""[ \t]*(?:
      (?P<name>[^\W\d_]\w*)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<string>"[^"\n]*")
    | (?P<sign>!=|<=|>=|==|[=<>≠≤≥(),:+\-*/%])
    | (?P<end>\#.*|$)
    | (?P<bad>.)
    )""",
    re.VERBOSE,
)
_PLAIN = {"≠": "!=", "≤": "<=", "≥": ">="}


class Abandon(Exception):
    """What is being read cannot be made out; a diagnostic says so, and reading goes on after it."""


class Token(NamedTuple):
    """A word, number, text in quotes, or sign. The kind ``end`` is after the last; ``bad`` is what belongs nowhere."""

    kind: str
    text: str
    start: int
    end: int


class Name(NamedTuple):
    """A name as it stands in the text."""

    text: str
    span: Span


def tokens(text: str, start: int, end: int, most: int) -> list[Token]:
    """The tokens of a line, or part of one, up to a comment, or up to ``most``; the last is of the kind ``end``."""
    found: list[Token] = []
    last = start
    for match in _TOKEN.finditer(text, start, end):
        kind = match.lastgroup or "end"
        if kind == "end":
            break
        begin, after = match.span(kind)
        word = match[kind]
        found.append(Token(kind, _PLAIN.get(word, word) if kind == "sign" else word, begin, after))
        last = after
        if len(found) > most:
            break
    found.append(Token("end", "", last, last))
    return found


class Cursor:
    """A place among the tokens of one line; what is read from there moves it on.

    Reading what is not there reports it and raises :class:`Abandon`.
    """

    def __init__(self, source: Source, start: int, end: int, report: Report) -> None:
        self.source = source
        self.report = report
        self.tokens = tokens(source.text, start, end, report.words)
        report.read(len(self.tokens), Span(source, start, start))
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    @property
    def text(self) -> str:
        """The token's text, as it stands there but for signs that are written in two ways."""
        return self.tokens[self.index].text

    @property
    def start(self) -> int:
        return self.tokens[self.index].start

    @property
    def done(self) -> bool:
        return self.tokens[self.index].kind == "end"

    def following(self, ahead: int = 1) -> str:
        """The text of a token further on."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)].text

    def following_kind(self, ahead: int = 1) -> str:
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)].kind

    def next(self) -> Token:
        token = self.tokens[self.index]
        self.index = min(self.index + 1, len(self.tokens) - 1)
        return token

    def accept(self, word: str, *more: str) -> bool:
        """Move over these words if they come next, all of them."""
        if self.tokens[self.index].text != word:
            return False
        if any(self.following(ahead) != other for ahead, other in enumerate(more, 1)):
            return False
        self.index += 1 + len(more)
        return True

    def expect(self, word: str, why: str = "") -> Token:
        if self.text != word:
            self.unexpected(f"`{word}`{why}")
        return self.next()

    def span_from(self, start: int) -> Span:
        """From ``start`` to the end of the token read last."""
        end = self.tokens[self.index - 1].end if self.index else start
        return Span(self.source, start, max(start, end))

    @property
    def span(self) -> Span:
        """Of the token that comes next; at the end of the line, the place after it."""
        return Span(self.source, self.token.start, self.token.end)

    def name(self, what: str) -> Name:
        """A name; ``what`` it would be the name of is said where there is none."""
        if self.token.kind != "name":
            self.unexpected(what)
        span = self.span
        return Name(self.next().text, span)

    def string(self, what: str) -> str:
        """A text in quotes, without them."""
        if self.token.kind != "string":
            self.unexpected(f'{what} in quotes, `"..."`')
        return " ".join(self.next().text[1:-1].split())

    def finish(self) -> None:
        """Expect the end of the line."""
        if not self.done:
            self.unexpected("the end of the line")

    def unexpected(self, expected: str, hint: str = "") -> NoReturn:
        """Report that something else than ``expected`` stands here."""
        token = self.token
        if token.kind == "bad" and token.text == '"':
            rest = self.source.text.find("\n", token.start)
            whole = Span(self.source, token.start, len(self.source.text) if rest < 0 else rest)
            self.fail(
                "unclosed-quote",
                "A text in quotes begins here and does not end on this line.",
                whole,
                "no closing quote",
                'Put a `"` where it ends.',
            )
        if token.kind == "bad" or token.text == "==":
            hint = _MENDS.get(token.text) or hint or _character(token.text)
            self.fail("strange-sign", f"`{token.text}` means nothing here; expected {expected}.", self.span, "what is this?", hint)
        found = f"found `{shortened(token.text)}`" if token.kind != "end" else "the line ends"
        self.fail("unexpected", f"Expected {expected}, but {found}.", self.span, f"expected {expected}", hint)

    def fail(self, code: str, message: str, span: Span, label: str = "", hint: str = "") -> NoReturn:
        self.report.error(code, message, span, label, hint)
        raise Abandon

    def deeper(self, levels: int = 1) -> None:
        """Note that reading goes deeper into a nested condition (with a negative number: out again)."""
        self.depth += levels
        if self.depth > DEEPEST:
            self.fail(
                "too-deep", f"Conditions may be nested {DEEPEST} deep, and this one goes deeper.", self.span, "here", "Split it in two."
            )


_MENDS = {
    "==": "Write `=` for equal.",
    "'": 'Quotes are straight and double: `"..."`.',
    "“": 'Quotes are straight: `"..."`.',
    "”": 'Quotes are straight: `"..."`.',
    "!": "Write `not` for the contrary, `!=` for unequal.",
    "&": "Write `and`.",
    "|": "Write `or`. (Alternatives of prose stand on lines of their own.)",
    ";": "Write a comma, or another line.",
    "–": "A minus is `-`.",
    "−": "A minus is `-`.",
    "{": "Braces belong into prose, below `told`.",
    "[": "Write round brackets.",
    ".": "A number has a digit before the point: `0.5`.",
    "_": "A name begins with a letter.",
}


def _character(sign: str) -> str:
    """What a sign is called, where it can be mistaken for another or not be seen."""
    if sign.isascii():
        return ""
    from unicodedata import name

    return f"This is the character U+{ord(sign):04X}, {name(sign, 'which has no name').lower()}."


def shortened(text: str, most: int = 40) -> str:
    """``text`` for use in a message."""
    return text if len(text) <= most else text[: most - 1] + "…"
