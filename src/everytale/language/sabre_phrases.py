"""The conditions, values and effects of the planner's problem files, read with every name looked up.

Weakest to strongest: ``|``; ``&``; comparisons; ``+ -``; ``* /``; ``!``. The bodies of ``forall``, ``exists``, ``sum``, ``if``,
``elseif`` and ``else`` are *tight*: one comparison or assignment, ending before ``&``, ``|`` or an arithmetic sign.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple, NoReturn, cast

from everytale.diagnostics import Source, Span
from everytale.language.messages import Report, did_you_mean
from everytale.language.tokens import Abandon, Name, shortened
from everytale.language.walk import fresh
from everytale.story import (
    ALWAYS,
    Arithmetic,
    Believes,
    Binder,
    Choice,
    Comparison,
    Conjunction,
    Disjunction,
    Effect,
    Entity,
    Expression,
    Fluent,
    KindDomain,
    Membership,
    Negation,
    Number,
    NumberDomain,
    Parameter,
    Quantified,
    Reading,
    Story,
    Thing,
    Truth,
    TruthDomain,
    Unknown,
    Variable,
)

DEEPEST = 100
"""How deep expressions may be nested."""
LONGEST_NUMBER = 18
ROOT, PERSON = "entity", "character"
_CONSTANTS = {"True": True, "true": True, "False": False, "false": False}
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
_COMPARISONS = {"=": "=", "==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
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


class Phrases:
    """A cursor over a part of a file that reads expressions and effects. ``scope``: the type of every variable."""

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

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail("too-deep", f"Expressions are nested at most {DEEPEST} deep.", self.span, "deeper than that", "Split it.")

    # ---- expressions -------------------------------------------------------------------------------------------------

    def expression(self) -> tuple[Expression, Sort]:
        """An expression as far as it goes, and what it comes to."""
        return self._junction("|")

    def condition(self) -> Expression:
        start = self.token.start
        expression, sort = self.expression()
        self._truth(sort, self.since(start))
        return expression

    def _truth(self, sort: Sort, span: Span) -> None:
        if sort not in ("boolean", "?"):
            self.fail("not-a-condition", f"A condition is expected here, and this is a {sort}.", span, f"a {sort}", "Compare it with `==`.")

    def _junction(self, sign: str) -> tuple[Expression, Sort]:
        start = self.token.start
        self._deeper()
        below = self._comparison if sign == "&" else lambda: self._junction("&")
        first, sort = below()
        if self.text == sign:
            self._truth(sort, self.since(start))
            parts = [first]
            while self.accept(sign):
                begun = self.token.start
                part, its = below()
                self._truth(its, self.since(begun))
                parts.append(part)
            kind = Conjunction if sign == "&" else Disjunction
            first, sort = kind(tuple(parts), span=self.since(start)), "boolean"
        self.depth -= 1
        return first, sort

    def _comparison(self) -> tuple[Expression, Sort]:
        start = self.token.start
        return self._compared(*self._sum(), start, tight=False)

    def _compared(self, left: Expression, sort: Sort, start: int, *, tight: bool) -> tuple[Expression, Sort]:
        if self.text == ":" and self.following() in self.names.parents:
            self.next()
            return Membership(left, self.name("a type").text, span=self.since(start)), "boolean"
        operator = _COMPARISONS.get(self.text)
        if operator is None or self.token.kind != "sign":
            return left, sort
        self.next()
        right, other = self._unary() if tight else self._sum()
        span = self.since(start)
        if operator not in ("=", "!=") and not {sort, other} <= {"number", "?"}:
            self.fail("wrong-sort", f"`{operator}` compares numbers; this is a {sort} and a {other}.", span, "not numbers")
        if not self._comparable(sort, other):
            self.fail("wrong-sort", f"A {sort} and a {other} are never equal.", span, f"a {sort} and a {other}")
        return Comparison(cast(Literal["=", "!=", "<", "<=", ">", ">="], operator), left, right, span=span), "boolean"

    @staticmethod
    def _comparable(one: Sort, other: Sort) -> bool:
        plain = ("boolean", "number")
        return "?" in (one, other) or one == other or (one not in plain and other not in plain)

    def _sum(self) -> tuple[Expression, Sort]:
        return self._arithmetic("+-", lambda: self._arithmetic("*/", self._unary))

    def _arithmetic(self, signs: str, below: Callable[[], tuple[Expression, Sort]]) -> tuple[Expression, Sort]:
        start = self.token.start
        left, sort = below()
        levels = 0
        while self.text and self.text in signs and self.token.kind == "sign":
            self._deeper()
            levels += 1
            sign = cast(Literal["+", "-", "*", "/"], self.next().text)
            right, other = below()
            span = self.since(start)
            if not {sort, other} <= {"number", "boolean", "?"}:
                self.fail("wrong-sort", f"`{sign}` is between numbers.", span, f"a {sort} and a {other}")
            left, sort = Arithmetic(sign, self._number(left, sort), self._number(right, other), span=span), "number"
        self.depth -= levels
        return left, sort

    @staticmethod
    def _number(expression: Expression, sort: Sort) -> Expression:
        """A truth counts as 1 or 0."""
        return Choice(expression, Number(Fraction(1)), Number(Fraction(0)), span=expression.span) if sort == "boolean" else expression

    def _tight(self) -> tuple[Expression, Sort]:
        """The body of a quantifier or conditional: one comparison, without arithmetic around it."""
        start = self.token.start
        self._deeper()
        found = self._compared(*self._unary(), start, tight=True)
        self.depth -= 1
        return found

    def _unary(self) -> tuple[Expression, Sort]:
        start = self.token.start
        if self.accept("!"):
            self._deeper()
            what, sort = self._tight()
            self._truth(sort, self.since(start))
            self.depth -= 1
            return Negation(what, span=self.since(start)), "boolean"
        if self.accept("-"):
            self._deeper()
            what, sort = self._unary()
            self.depth -= 1
            if sort not in ("number", "?"):
                self.fail("wrong-sort", "`-` is before a number.", self.since(start), f"a {sort}")
            if isinstance(what, Number):
                return Number(-what.value, span=self.since(start)), "number"
            return Arithmetic("-", Number(Fraction(0)), what, span=self.since(start)), "number"
        return self._operand()

    def _operand(self) -> tuple[Expression, Sort]:
        token, start = self.token, self.token.start
        if token.kind == "number":
            if len(token.text) > LONGEST_NUMBER:
                self.fail("number-too-large", f"A number has at most {LONGEST_NUMBER} digits.", self.span, "too many digits")
            return Number(Fraction(self.next().text), span=self.since(start)), "number"
        if self.accept("("):
            found = self.expression()
            self.expect(")", " to close the bracket")
            return found
        if self.accept("?"):
            return Unknown(span=self.since(start)), "?"
        if token.kind == "name":
            called = self.following() == "("
            if called and token.text in ("forall", "exists", "sum", "count"):
                return self._quantified()
            if called and token.text == "if":
                return self._conditional()
            if called and token.text == "believes" and "believes" not in self.names.properties:
                return self._believes()
            if token.text in _CONSTANTS and token.text not in self.names.entities and token.text not in self.scope:
                return Truth(_CONSTANTS[self.next().text], span=self.since(start)), "boolean"
            bare = token.text in self.names.properties and token.text not in self.scope and token.text not in self.names.entities
            if called or bare:
                return self._reading()
            return self.entity()
        self.unexpected("an expression")

    def entity(self) -> tuple[Expression, Sort]:
        """A variable or the name of something, and its type."""
        name = self.name("a name")
        if name.text in self.scope:
            return Variable(name.text, span=name.span), self.scope[name.text]
        if name.text in self.names.entities:
            kinds = self.names.entities[name.text].kinds
            return Thing(name.text, span=name.span), kinds[0] if len(kinds) == 1 else "?"
        hint = did_you_mean(name.text, [*self.scope, *self.names.entities, *self.names.properties])
        self.fail("unknown-name", f"There is nothing called `{shortened(name.text)}`.", name.span, "unknown", hint)

    def _believes(self) -> tuple[Expression, Sort]:
        start = self.next().start
        self.expect("(")
        person = self._person()
        self.expect(",", " and what is believed")
        what, sort = self.expression()
        self.expect(")", " to close the bracket")
        return Believes(person, what, span=self.since(start)), sort

    def _person(self) -> Expression:
        start = self.token.start
        person, sort = self._sum()
        if not self.names.overlap(sort, PERSON):
            self.fail("wrong-kind", f"Only a {PERSON} believes anything, and this is a {sort}.", self.since(start), f"a {sort}")
        return person

    def _conditional(self) -> tuple[Expression, Sort]:
        start = self.next().start
        self.expect("(")
        condition = self.condition()
        self.expect(")", " to close the bracket")
        then, sort = self._tight()
        otherwise: Expression | None = None
        other = sort
        if self.text == "elseif":
            self._deeper()
            otherwise, other = self._conditional()
            self.depth -= 1
        elif self.accept("else"):
            otherwise, other = self._tight()
        if otherwise is None:
            otherwise = ALWAYS if sort == "boolean" else Number(Fraction(0)) if sort == "number" else Unknown()
        if not self._comparable(sort, other):
            self.fail("wrong-sort", f"One branch is a {sort}, the other a {other}.", self.since(start), "of two sorts")
        return Choice(condition, then, otherwise, span=self.since(start)), other if sort == "?" else sort

    def _quantified(self) -> tuple[Expression, Sort]:
        start, word = self.token.start, self.next().text
        self.expect("(")
        binders = [self.binder()]
        while self.accept(","):
            binders.append(self.binder())
        self.expect(")", " to close the bracket")
        hidden = {binder.variable: self.scope.get(binder.variable) for binder in reversed(binders)}
        self.scope.update({binder.variable: binder.kind for binder in binders})
        try:
            begun = self.token.start
            body, sort = self._tight()
        finally:
            for variable, before in hidden.items():
                if before is None:
                    del self.scope[variable]
                else:
                    self.scope[variable] = before
        if word == "sum":
            if sort not in ("number", "boolean", "?"):
                self.fail("wrong-sort", "Only numbers can be summed up.", self.since(begun), f"a {sort}")
            body = self._number(body, sort)
        else:
            self._truth(sort, self.since(begun))
        named: dict[str, Literal["every", "some", "count", "sum"]] = {"forall": "every", "exists": "some", "count": "count", "sum": "sum"}
        for binder in reversed(binders):
            quantifier = "sum" if named[word] == "count" and binder is not binders[-1] else named[word]
            body = Quantified(quantifier, binder, body, span=self.since(start))
        return body, "number" if word in ("sum", "count") else "boolean"

    def binder(self) -> Binder:
        """``c : character``."""
        name = self.name("a variable")
        self.expect(":", " and a type")
        return Binder(name.text, self.type().text, span=name.span)

    def type(self) -> Name:
        """The name of a declared type."""
        name = self.name("a type")
        if name.text not in self.names.parents:
            hint = did_you_mean(name.text, self.names.parents)
            self.fail("unknown-kind", f"There is no type called `{shortened(name.text)}`.", name.span, "unknown", hint)
        return name

    def _reading(self) -> tuple[Expression, Sort]:
        name = self.name("a property")
        arguments: list[tuple[Expression, Sort]] = []
        if self.accept("(") and not self.accept(")"):
            self._deeper()
            arguments.append(self._sum())
            while self.accept(","):
                arguments.append(self._sum())
            self.expect(")", " to close the bracket")
            self.depth -= 1
        span = self.since(name.span.start)
        if name.text not in self.names.properties:
            hint = did_you_mean(name.text, self.names.properties)
            self.fail("unknown-name", f"There is no property called `{shortened(name.text)}`.", name.span, "unknown", hint)
        fluent = self._overloaded(name.text, [sort for _, sort in arguments], arguments)
        if fluent is None:
            forms = " or ".join(f"{name.text}({', '.join(p.kind for p in one.parameters)})" for one in self.names.properties[name.text])
            self.fail("wrong-arguments", f"`{name.text}` takes other arguments: {forms}.", span, "these do not fit")
        return Reading(fluent.key, tuple(argument for argument, _ in arguments), span=span), sort_of(fluent)

    def _overloaded(self, name: str, sorts: list[Sort], arguments: list[tuple[Expression, Sort]]) -> Fluent | None:
        """The property of that name that the arguments fit: best one to which all of them belong, else one to which they may."""
        fitting = [one for one in self.names.properties[name] if len(one.parameters) == len(sorts)]

        def all_in(one: Fluent) -> bool:
            return all(self._is(argument, parameter.kind) for argument, parameter in zip(arguments, one.parameters, strict=True))

        def may_be(one: Fluent) -> bool:
            return all(self.names.overlap(sort, parameter.kind) for sort, parameter in zip(sorts, one.parameters, strict=True))

        return next(filter(all_in, fitting), None) or next(filter(may_be, fitting), None)

    def _is(self, argument: tuple[Expression, Sort], kind: Sort) -> bool:
        expression, sort = argument
        if isinstance(expression, Thing):
            return any(self.names.below(one, kind) for one in self.names.entities[expression.name].kinds)
        return self.names.below(sort, kind)

    # ---- parameters --------------------------------------------------------------------------------------------------

    def parameters(self, *, named: bool = True) -> tuple[Parameter, ...]:
        """``(name : type, Constant)``; the variables come into scope. ``named``: no two may have one name."""
        self.expect("(")
        found: list[Parameter] = []
        while not self.accept(")"):
            if found:
                self.expect(",", " or `)` to close the bracket")
            name = self.name("a parameter")
            if self.accept(":"):
                known = name.text
                if known in self.scope and not named:
                    known = fresh(known, self.scope)
                if known in self.scope:
                    self.fail("declared-twice", f"`{name.text}` is a parameter already.", name.span, "again", "Choose another name.")
                kind = self.type().text
                self.scope[known] = kind
                found.append(Parameter(known, kind, span=name.span))
            elif name.text in self.names.entities:
                kind = self.names.entities[name.text].kinds[0]
                found.append(Parameter(name.text, kind, constant=name.text, span=name.span))
            else:
                hint = did_you_mean(name.text, self.names.entities) or "Write `name : type`."
                self.fail("unknown-name", f"There is nothing called `{shortened(name.text)}`.", name.span, "unknown", hint)
        return tuple(found)

    # ---- effects -----------------------------------------------------------------------------------------------------

    def effects(self) -> tuple[Effect, ...]:
        """Effects joined by ``&``."""
        start = self.token.start
        expression, _ = self.expression()
        return tuple(self._effects(expression, (), ALWAYS, (), self.since(start)))

    def _effects(
        self, expression: Expression, believers: tuple[Expression, ...], condition: Expression, each: tuple[Binder, ...], place: Span
    ) -> Iterator[Effect]:
        place = expression.span or place
        match expression:
            case Truth(True):
                return
            case Conjunction(parts):
                for part in parts:
                    yield from self._effects(part, believers, condition, each, place)
                return
            case Quantified("every", binder, body):
                yield from self._effects(body, believers, condition, (*each, binder), place)
                return
            case Choice(test, then, otherwise):
                yield from self._effects(then, believers, _both(condition, test), each, place)
                yield from self._effects(otherwise, believers, _both(condition, Negation(test)), each, place)
                return
            case Believes(person, what):
                yield from self._effects(what, (*believers, person), condition, each, place)
                return
            case Negation(Believes(person, what)):
                yield from self._effects(Negation(what, span=expression.span), (*believers, person), condition, each, place)
                return
            case Comparison("=", Believes(person, what), value):
                inner = Comparison("=", what, value, span=expression.span)
                yield from self._effects(inner, (*believers, person), condition, each, place)
                return
        target, value = _assigned(expression)
        if target is None:
            hint = "Write `property(...) = value`, `property(...)` or `!property(...)`."
            self.fail("not-an-effect", "An effect is expected here, and nothing is assigned.", place, "assigns nothing", hint)
        fluent = next(one for group in self.names.properties.values() for one in group if one.key == target.fluent)
        unbounded = isinstance(fluent.domain, TruthDomain | NumberDomain)
        if unbounded and isinstance(value, Unknown):
            self.fail("never-unknown", f"A {sort_of(fluent)} is never unknown.", place, "never unknown")
        yield Effect(target, value, believers=believers, condition=condition, each=each, span=place)


def _both(one: Expression, other: Expression) -> Expression:
    return other if one == ALWAYS else Conjunction((one, other))


def _assigned(expression: Expression) -> tuple[Reading | None, Expression]:
    """What an effect sets, and to what."""
    match expression:
        case Reading():
            return expression, Truth(True)
        case Negation(Reading() as target):
            return target, Truth(False)
        case Comparison("=", Reading() as target, value):
            return target, value
    return None, expression


def sort_of(fluent: Fluent) -> Sort:
    match fluent.domain:
        case TruthDomain():
            return "boolean"
        case KindDomain(kind):
            return kind
    return "number"


def summands(expression: Expression) -> Iterator[Expression]:
    """The parts of a sum."""
    waiting = [expression]
    while waiting:
        current = waiting.pop()
        match current:
            case Arithmetic("+", left, right):
                waiting += (right, left)
            case _:
                yield current
