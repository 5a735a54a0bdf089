"""The words of the planner's problem files, what they name, and a cursor over them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from everytale.diagnostics import Source, Span
from everytale.language.messages import Report
from everytale.language.tokens import Abandon, Name, shortened
from everytale.story import Entity, Fluent, KindDomain, Story, TruthDomain

DEEPEST = 100
"""How deep expressions may be nested."""
ROOT, PERSON = "entity", "character"
_TOKEN = re.compile(
    r"""(?:\s|//[^\n]*|/\*(?:(?!\*/)[\s\S])*\*/)*
    (?:
      (?P<name>[^\W\d]\w*)
    | (?P<number>\d+(?:\.\d+)?|\.\d+)
    | (?P<open>/\*)
    | (?P<sign>==|!=|<=|>=|[=<>!&|+\-*/(){},;:?≠≤≥])
    | (?P<bad>\S)
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_PLAIN = {"≠": "!=", "≤": "<=", "≥": ">="}
Sort = str
"""What an expression comes to: ``boolean``, ``number``, the name of a type, or ``?``, which may be anything."""


class Token(NamedTuple):
    """A name, number or sign; ``end`` comes after the last."""

    kind: str
    text: str
    start: int
    end: int


def tokens(source: Source, report: Report) -> list[Token]:
    """All tokens of a file, without its comments. What belongs nowhere is reported, and left out."""
    found: list[Token] = []
    at = 0
    while True:
        match = _TOKEN.match(source.text, at)
        kind = match.lastgroup if match else None
        if match is None or kind is None or kind == "end":
            found.append(Token("end", "", len(source.text), len(source.text)))
            return found
        start, at = match.span(kind)
        if kind == "open":
            span = Span(source, start, at)
            report.error("unclosed-comment", "A comment begins here and does not end.", span, "no `*/`", "Write `*/` where it ends.")
            at = len(source.text)
        elif kind == "bad":
            report.error("strange-sign", f"`{shortened(match[kind])}` means nothing here.", Span(source, start, at), "strange")
        else:
            found.append(Token(kind, _PLAIN.get(match[kind], match[kind]), start, at))


@dataclass
class Names:
    """What there is in a problem: types, entities, properties by their names."""

    parents: dict[str, tuple[str, ...]] = field(default_factory=lambda: {ROOT: (), PERSON: (ROOT,)})
    entities: dict[str, Entity] = field(default_factory=dict)
    properties: dict[str, list[Fluent]] = field(default_factory=dict)
    lineage: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, story: Story) -> Names:
        """The names of a story that was read from such a file."""
        names = cls({kind.name: kind.parents for kind in story.kinds}, dict(story.entity), {})
        for fluent in story.fluents:
            names.properties.setdefault(fluent.name, []).append(fluent)
        names.settle()
        return names

    def settle(self) -> None:
        """Note for every type all those above it."""
        for name in self.parents:
            above, waiting = {name}, list(self.parents[name])
            while waiting:
                parent = waiting.pop()
                if parent in self.parents and parent not in above:
                    above.add(parent)
                    waiting.extend(self.parents[parent])
            self.lineage[name] = frozenset(above)

    def below(self, sort: Sort, other: Sort) -> bool:
        return other == ROOT or other in self.lineage.get(sort, ())

    def overlap(self, one: Sort, other: Sort) -> bool:
        """Whether something may be of both types."""
        if "?" in (one, other) or self.below(one, other) or self.below(other, one):
            return True
        return any(
            any(self.below(kind, one) for kind in entity.kinds) and any(self.below(kind, other) for kind in entity.kinds)
            for entity in self.entities.values()
        )


class Cursor:
    """A cursor over a part of a file. ``scope``: the type of every variable."""

    def __init__(self, source: Source, found: list[Token], names: Names, report: Report) -> None:
        self.source = source
        self.tokens = found
        self.names = names
        self.report = report
        self.index = 0
        self.depth = 0
        self.scope: dict[str, Sort] = {}

    # ---- tokens ------------------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    @property
    def text(self) -> str:
        return self.tokens[self.index].text

    @property
    def span(self) -> Span:
        return Span(self.source, self.token.start, self.token.end)

    def following(self, ahead: int = 1) -> str:
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)].text

    def next(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.index += 1
        return token

    def accept(self, text: str) -> bool:
        if self.text == text and self.token.kind != "end":
            self.index += 1
            return True
        return False

    def since(self, start: int) -> Span:
        """The place from ``start`` to the last token read."""
        return Span(self.source, start, max(self.tokens[max(self.index - 1, 0)].end, start))

    def fail(self, code: str, message: str, span: Span, label: str = "", hint: str = "") -> NoReturn:
        self.report.error(code, message, span, label, hint)
        raise Abandon

    def unexpected(self, wanted: str, hint: str = "") -> NoReturn:
        found = f"`{shortened(self.text)}`" if self.text else "the end"
        self.fail("unexpected", f"Expected {wanted}, but found {found}.", self.span, f"expected {wanted}", hint)

    def expect(self, text: str, why: str = "") -> Token:
        if self.text != text or self.token.kind == "end":
            self.unexpected(f"`{text}`{why}")
        return self.next()

    def name(self, what: str) -> Name:
        if self.token.kind != "name":
            self.unexpected(what)
        token = self.next()
        return Name(token.text, Span(self.source, token.start, token.end))

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail("too-deep", f"Expressions are nested at most {DEEPEST} deep.", self.span, "deeper than that", "Split it.")


def sort_of(fluent: Fluent) -> Sort:
    match fluent.domain:
        case TruthDomain():
            return "boolean"
        case KindDomain(kind):
            return kind
    return "number"
