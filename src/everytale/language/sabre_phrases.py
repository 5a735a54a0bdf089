"""The conditions, values and effects of the planner's problem files, read with every name looked up.

Weakest to strongest: ``|``; ``&``; comparisons; ``+ -``; ``* /``; ``!``. The bodies of ``forall``, ``exists``, ``sum``, ``if``,
``elseif`` and ``else`` are *tight*: one value, which ends before an arithmetic sign, or one comparison or assignment, which ends before
``&`` or ``|``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Literal, cast

from everytale.diagnostics import Span
from everytale.language.messages import did_you_mean
from everytale.language.names import article
from everytale.language.sabre_logic import assigned, both, negated
from everytale.language.sabre_tokens import PERSON, Cursor, Sort, sort_of
from everytale.language.tokens import Name, shortened
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
    Expression,
    Fluent,
    Membership,
    Negation,
    Number,
    Parameter,
    Quantified,
    Reading,
    Thing,
    Truth,
    TruthDomain,
    Unknown,
    Variable,
)

LONGEST_NUMBER = 18
_CONSTANTS = {"True": True, "true": True, "False": False, "false": False}
_COMPARISONS = {"=": "=", "==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Phrases(Cursor):
    """A cursor that reads expressions, parameters and effects."""

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
            self.fail(
                "not-a-condition",
                f"A condition is expected here, and this is {article(sort)}.",
                span,
                article(sort),
                "Compare it with `==`.",
            )

    def _junction(self, sign: str) -> tuple[Expression, Sort]:
        start = self.token.start
        self.deeper()
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
        return self._compared(*self._sum(), start)

    def _compared(self, left: Expression, sort: Sort, start: int) -> tuple[Expression, Sort]:
        if self.text == ":" and self.following() in self.names.parents:
            self.next()
            return Membership(left, self.name("a type").text, span=self.since(start)), "boolean"
        operator = _COMPARISONS.get(self.text)
        if operator is None or self.token.kind != "sign":
            return left, sort
        self.next()
        right, other = self._sum()
        span = self.since(start)
        if operator not in ("=", "!=") and not {sort, other} <= {"number", "?"}:
            self.fail("wrong-sort", f"`{operator}` compares numbers; this is {article(sort)} and {article(other)}.", span, "not numbers")
        if not self._comparable(sort, other):
            self.fail(
                "wrong-sort",
                f"{article(sort).capitalize()} and {article(other)} are never equal.",
                span,
                f"{article(sort)} and {article(other)}",
            )
        return Comparison(cast(Literal["=", "!=", "<", "<=", ">", ">="], operator), left, right, span=span), "boolean"

    @staticmethod
    def _comparable(one: Sort, other: Sort) -> bool:
        plain = ("boolean", "number")
        return "?" in (one, other) or one == other or (one not in plain and other not in plain)

    def _sum(self) -> tuple[Expression, Sort]:
        start = self.token.start
        return self._added(*self._unary(), start)

    def _added(self, left: Expression, sort: Sort, start: int) -> tuple[Expression, Sort]:
        """A sum that begins with ``left``."""
        first = self._arithmetic("*/", self._unary, left, sort, start)
        return self._arithmetic("+-", self._product, *first, start)

    def _product(self) -> tuple[Expression, Sort]:
        start = self.token.start
        return self._arithmetic("*/", self._unary, *self._unary(), start)

    def _arithmetic(
        self, signs: str, below: Callable[[], tuple[Expression, Sort]], left: Expression, sort: Sort, start: int
    ) -> tuple[Expression, Sort]:
        levels = 0
        while self.text and self.text in signs and self.token.kind == "sign":
            self.deeper()
            levels += 1
            sign = cast(Literal["+", "-", "*", "/"], self.next().text)
            right, other = below()
            span = self.since(start)
            if not {sort, other} <= {"number", "boolean", "?"}:
                self.fail("wrong-sort", f"`{sign}` is between numbers.", span, f"{article(sort)} and {article(other)}")
            left, sort = Arithmetic(sign, self._number(left, sort), self._number(right, other), span=span), "number"
        self.depth -= levels
        return left, sort

    @staticmethod
    def _number(expression: Expression, sort: Sort) -> Expression:
        """A truth counts as 1 or 0."""
        return Choice(expression, Number(Fraction(1)), Number(Fraction(0)), span=expression.span) if sort == "boolean" else expression

    def _tight(self, of: str = "") -> tuple[Expression, Sort]:
        """The body of a quantifier or conditional, ``of`` which: one value, or one comparison or assignment.

        What follows a value is not part of it, where it can stand by itself: a number is no body of ``forall`` and ``exists``,
        and where a sum is of numbers, it is the sum that is compared.
        """
        start = self.token.start
        self.deeper()
        body, sort = self._unary()
        if of in ("forall", "exists") and sort == "number":
            body, sort = self._added(body, sort, start)
        found = (body, sort) if of == "sum" and sort == "number" else self._compared(body, sort, start)
        self.depth -= 1
        return found

    def _unary(self) -> tuple[Expression, Sort]:
        start = self.token.start
        if self.accept("!"):
            self.deeper()
            what, sort = self._tight()
            self._truth(sort, self.since(start))
            self.depth -= 1
            return negated(what, self.since(start)), "boolean"
        if self.accept("-"):
            self.deeper()
            what, sort = self._unary()
            self.depth -= 1
            if sort not in ("number", "?"):
                self.fail("wrong-sort", "`-` is before a number.", self.since(start), article(sort))
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
            if called and token.text in ("forall", "exists", "sum", "count") and token.text not in self.names.properties:
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
            self.fail("wrong-kind", f"Only a {PERSON} believes anything, and this is {article(sort)}.", self.since(start), article(sort))
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
            self.deeper()
            otherwise, other = self._conditional()
            self.depth -= 1
        elif self.accept("else"):
            otherwise, other = self._tight()
        if otherwise is None:
            otherwise = ALWAYS if sort == "boolean" else Number(Fraction(0)) if sort == "number" else Unknown()
        if not self._comparable(sort, other):
            self.fail("wrong-sort", f"One branch is {article(sort)}, the other {article(other)}.", self.since(start), "of two sorts")
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
            body, sort = self._tight(word)
        finally:
            for variable, before in hidden.items():
                if before is None:
                    del self.scope[variable]
                else:
                    self.scope[variable] = before
        if word == "sum":
            if sort not in ("number", "boolean", "?"):
                self.fail("wrong-sort", "Only numbers can be summed up.", self.since(begun), article(sort))
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
            self.deeper()
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
            elif not named and name.text in self.names.parents:  # a property may leave its names out
                found.append(Parameter(fresh(name.text, self.scope), name.text, span=name.span))
                self.scope[found[-1].name] = name.text
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
                yield from self._effects(then, believers, both(condition, test), each, place)
                yield from self._effects(otherwise, believers, both(condition, Negation(test)), each, place)
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
        target, value = assigned(expression)
        if target is None:
            hint = "Write `property(...) = value`, `property(...)` or `!property(...)`."
            self.fail("not-an-effect", "An effect is expected here, and nothing is assigned.", place, "assigns nothing", hint)
        fluent = next(one for group in self.names.properties.values() for one in group if one.key == target.fluent)
        if isinstance(fluent.domain, TruthDomain) and isinstance(value, Unknown):
            self.fail("never-unknown", f"A {sort_of(fluent)} is never unknown.", place, "never unknown")
        yield Effect(target, value, believers=believers, condition=condition, each=each, span=place)
