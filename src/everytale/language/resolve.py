"""Conditions and values with every name looked up and every sort of value checked.

``every X`` and ``some X`` among the arguments become quantifiers around the comparison, fact or belief they stand in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NoReturn, cast

from everytale.diagnostics import Span
from everytale.language.messages import Report, did_you_mean
from everytale.language.names import ANY, NOTHING, NUMBER, TRUTH, Names, Sort, article, sort_of, written
from everytale.language.tokens import Abandon, Name, shortened
from everytale.language.tree import (
    Belief,
    Binary,
    Call,
    Constant,
    Each,
    IfElse,
    Junction,
    Not,
    Numeral,
    OfKind,
    Over,
    Still,
    Term,
)
from everytale.language.walk import fresh
from everytale.story import (
    Arithmetic,
    Believes,
    Binder,
    Choice,
    Comparison,
    Conjunction,
    Disjunction,
    Expression,
    Fluent,
    Membership,
    Negation,
    Number,
    NumberDomain,
    Quantified,
    Reading,
    Stillness,
    Thing,
    Truth,
    Unknown,
    Variable,
)

_Order = Literal["=", "!=", "<", "<=", ">", ">="]
_Quantifier = Literal["every", "some", "count", "sum"]
_TURNED: dict[str, _Order] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
MOST_KNOWING = 4
MOST_VARIABLES = 40
MOST_TIMES = 3
"""How often one unknown name is reported: what is missing is missing everywhere."""


class Resolver:
    """Looks names up in ``names`` and in ``scope``, the variables there are with their kinds.

    What is wrong is reported and raises :class:`Abandon`: nothing is made of a condition with an error in it.
    """

    def __init__(self, names: Names, report: Report, scope: dict[str, str] | None = None, *, ending: bool = False) -> None:
        self.names = names
        self.report = report
        self.scope = dict(scope or {})
        self.ending = ending
        self.used: set[str] = set()
        self.knowing = 0
        self.pending: list[tuple[str, Binder, Span]] | None = None

    def fail(self, code: str, message: str, span: Span, label: str = "", hint: str = "") -> NoReturn:
        self.report.error(code, message, span, label, hint)
        raise Abandon

    # ---- conditions --------------------------------------------------------------------------------------------------

    def condition(self, term: Term) -> Expression:
        """What holds or not."""
        match term:
            case Junction(word, parts, span):
                inner = tuple(self._all(parts))
                return Conjunction(inner, span=span) if word == "and" else Disjunction(inner, span=span)
            case Not(what, span):
                return Negation(self.condition(what), span=span)
            case Constant("yes" | "no" as text, span):
                return Truth(text == "yes", span=span)
            case Over("every" | "some" as word, each, body, span):
                return self._over("every" if word == "every" else "some", each, body, span)
            case IfElse(test, then, otherwise, span):
                return Choice(self.condition(test), self.condition(then), self.condition(otherwise), span=span)
            case Still(span):
                if not self.ending:
                    hint = "Only an ending can ask whether anything more can happen."
                    self.fail(
                        "misplaced-stillness",
                        "`nothing more can happen` stands in the condition of an ending only.",
                        span,
                        "not here",
                        hint,
                    )
                return Stillness(span=span)
            case Belief() | Binary("=" | "!=" | "<" | "<=" | ">" | ">=") | OfKind() | Name() | Call():
                return self._atom(term)
        expression, sort = self.value(term)
        self._not_a_condition(sort, term.span)
        return expression

    def _all(self, terms: Iterable[Term]) -> Iterable[Expression]:
        """Conditions, each of them looked at even where another is wrong."""
        wrong = False
        found: list[Expression] = []
        for term in terms:
            try:
                found.append(self.condition(term))
            except Abandon:
                wrong = True
        if wrong:
            raise Abandon
        return found

    def _atom(self, term: Term) -> Expression:
        """A comparison, fact or belief, with a quantifier for every ``every`` and ``some`` directly in it."""
        outside, knowing, self.pending = self.pending, self.knowing, []
        try:
            match term:
                case Belief(person, verb, what, span):
                    who = self.somebody(person)
                    self.knowing += verb == "knows"
                    if self.knowing > MOST_KNOWING:
                        self._too_deep(f"`knows` may be nested {MOST_KNOWING} deep, since each says all that is inside of it twice.", span)
                    inner = self.condition(what)
                    atom: Expression = Believes(who, inner, span=span)
                    if verb == "knows":
                        atom = Conjunction((atom, inner), span=span)
                case Binary(operator, left, right, span):
                    atom = self._comparison(cast(_Order, operator), left, right, span)
                case OfKind(what, kind, span):
                    thing, sort = self.value(what)
                    self.kind(kind)
                    if sort.tag not in ("kind", "any"):
                        self.fail("wrong-sort", f"This is {sort}, and never {article(kind.text)}.", span, f"{sort}")
                    atom = Membership(thing, kind.text, span=span)
                case _:
                    atom, sort = self.value(term)
                    self._not_a_condition(sort, term.span)
            for quantifier, binder, span in reversed(self.pending):
                self.release(binder)
                atom = Quantified("every" if quantifier == "every" else "some", binder, atom, span=span)
            return atom
        except Abandon:
            for _, binder, _ in self.pending:
                self.scope.pop(binder.variable, None)
            raise
        finally:
            self.pending, self.knowing = outside, knowing

    def _not_a_condition(self, sort: Sort, span: Span) -> None:
        if sort.tag in ("truth", "any"):
            return
        text = shortened(span.source.text[span.start : span.end])
        hint = f"Say what it should be: `{text} = ...`."
        self.fail("not-a-condition", f"`{text}` is {sort}, and neither holds nor does not.", span, f"{sort}, not a condition", hint)

    def _comparison(self, operator: _Order, left: Term, right: Term, span: Span) -> Expression:
        one, first = self.value(left)
        other, second = self.value(right)
        if operator in ("=", "!="):
            self._comparable(first, second, left, right, span)
        else:
            for sort, term in ((first, left), (second, right)):
                if sort.tag not in ("number", "any"):
                    self.fail(
                        "wrong-sort", f"`{operator}` compares numbers, and this is {sort}.", term.span, f"{sort}", "Compare it by `=`."
                    )
        self._static(operator, (one, first), (other, second), span)
        return Comparison(operator, one, other, span=span)

    def _static(self, operator: _Order, left: tuple[Expression, Sort], right: tuple[Expression, Sort], span: Span) -> None:
        """Warn of a comparison whose outcome can be seen from the range of the fact."""
        if isinstance(left[0], Number):
            left, right = right, left
            operator = _TURNED.get(operator, operator)
        domain, number = left[1].domain, right[0]
        if isinstance(left[0], Thing) and isinstance(number, Thing):
            same = (left[0] == number) == (operator == "=")
            message = "This always holds." if same else "This can never hold."
            self.report.warning("always-holds" if same else "never-holds", message, span, "two names", "Compare a fact, or leave it away.")
        if not isinstance(domain, NumberDomain) or not isinstance(number, Number) or domain.low is None or domain.high is None:
            return
        low, high, value = domain.low, domain.high, number.value
        possible = {
            "=": low <= value <= high and value.denominator == 1,
            "<": low < value,
            "<=": low <= value,
            ">": high > value,
            ">=": high >= value,
        }
        opposite = {"!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
        fact = f"it is {written(domain)}"
        if not possible.get(operator, True) or (operator == "!=" and low == high == value):
            self.report.warning(
                "never-holds", "This can never hold.", span, fact, "Widen the range where the fact is declared, or mend the number."
            )
        elif operator in opposite and not possible[opposite[operator]] and not domain.unknown:
            self.report.warning("always-holds", "This always holds.", span, fact, "Leave it away, or mend the number.")

    def _comparable(self, first: Sort, second: Sort, left: Term, right: Term, span: Span) -> None:
        if "any" in (first.tag, second.tag):
            return
        for sort, other in ((first, second), (second, first)):
            if sort is NOTHING and (other.tag == "truth" or (isinstance(other.domain, NumberDomain) and not other.domain.unknown)):
                hint = "Only a fact of a kind, or a number `or unknown`, can be unknown."
                self.fail(
                    "never-unknown", "This fact is never unknown.", span, f"it is {written(other.domain) if other.domain else other}", hint
                )
        if NOTHING in (first, second):
            return
        if first.tag != second.tag:
            self.fail("wrong-sort", f"{_capital(first)} is compared with {second}.", right.span, f"{second}", self.meant(right, first))
        if first.tag == "kind" and not self.names.overlap(first, second):
            constant, fact = (left, second) if first.entity and not second.entity else (right, first)
            named = first.entity if constant is left else second.entity
            what = f"`{named}` is" if named else f"This is {second}, and"
            label = f"not {article(fact.kind)}"
            self.fail("wrong-sort", f"{what} never {article(fact.kind)}.", constant.span, label, self.meant(constant, fact))

    def meant(self, term: Term, sort: Sort) -> str:
        """Those whom a name could stand for."""
        if sort.tag != "kind":
            return ""
        members = self.names.members.get(sort.kind, ())
        close = did_you_mean(term.text, members) if isinstance(term, Name) else ""
        return close or (f"{_capital(article(sort.kind))} is one of: {', '.join(members[:12])}." if members else "")

    # ---- values ------------------------------------------------------------------------------------------------------

    def value(self, term: Term) -> tuple[Expression, Sort]:
        """Anything that has a value, and of which sort that is."""
        match term:
            case Name():
                return self._named(term)
            case Call():
                return self.reading(term)
            case Constant("unknown", span):
                return Unknown(span=span), NOTHING
            case Numeral(value, span):
                return Number(value, span=span), NUMBER
            case Binary("+" | "-" | "*" | "/" as sign, left, right, span):
                one, other = self.number(left), self.number(right)
                if sign == "/" and isinstance(other, Number) and not other.value:
                    self.fail("division-by-zero", "This divides by zero.", right.span, "zero")
                return Arithmetic(sign, one, other, span=span), NUMBER
            case Each():
                return self._quantified(term)
            case Belief(person, "believes", what, span):
                who = self.somebody(person)
                inner, sort = self.value(what)
                return Believes(who, inner, span=span), sort
            case IfElse(test, then, otherwise, span):
                chosen = self.condition(test)
                one, first = self.value(then)
                other, second = self.value(otherwise)
                self._comparable(first, second, then, otherwise, span)
                return Choice(chosen, one, other, span=span), second if first is NOTHING else first._replace(entity="", domain=None)
            case Over("count", each, body, span):
                return self._over("count", each, body, span), NUMBER
            case Over("sum", each, body, span):
                return self._over("sum", each, body, span), NUMBER
        return self.condition(term), TRUTH

    def number(self, term: Term) -> Expression:
        expression, sort = self.value(term)
        if sort.tag not in ("number", "any"):
            self.fail("wrong-sort", f"A number should stand here, and this is {sort}.", term.span, f"{sort}, not a number")
        return expression

    def _named(self, name: Name) -> tuple[Expression, Sort]:
        found = self.names
        if name.text in self.scope:
            self.used.add(name.text)
            kind = self.scope[name.text]
            return Variable(name.text, span=name.span), Sort("kind", kind) if kind else ANY
        entity = found.roles.get(name.text, name.text)
        if entity in found.entities:
            return Thing(entity, span=name.span), Sort("kind", found.entities[entity].kinds[0], entity)
        if name.text in found.fluents:
            return self.reading(name)
        self.unknown(name, (*self.scope, *found.values()))

    def unknown(self, name: Name, names: Iterable[str], what: str = "") -> NoReturn:
        """Report a name that stands for nothing, the first few times."""
        known = self.names
        self.report.unknown[name.text] += 1
        if self.report.unknown[name.text] > MOST_TIMES:
            raise Abandon
        hint = did_you_mean(name.text, names)
        if not hint and name.text in known.lineage:
            hint = f"`{name.text}` is a kind: write `every {name.text}` or `some {name.text}`."
        elif not hint and name.text in known.moves:
            hint = f"`{name.text}` is a move, and moves are not facts: let it change a fact, and ask for that."
        what = what or "nobody, nothing and no fact"
        self.fail("unknown-name", f"There is {what} called `{shortened(name.text)}`.", name.span, "unknown", hint)

    def reading(self, term: Name | Call) -> tuple[Reading, Sort]:
        """The value of a fact."""
        name, arguments = (term, ()) if isinstance(term, Name) else (term.name, term.arguments)
        fluent = self.names.fluents.get(name.text)
        if fluent is None:
            if name.text in self.scope or name.text in self.names.entities or name.text in self.names.roles:
                self.fail(
                    "not-a-fact",
                    f"`{name.text}` is not a fact.",
                    term.span,
                    "not a fact",
                    "Only facts have values, and arguments in brackets.",
                )
            self.unknown(name, self.names.fluents, "no fact")
        return self._reading(fluent, name, arguments, term.span), sort_of(fluent.domain)

    def _reading(self, fluent: Fluent, name: Name, arguments: tuple[Term, ...], span: Span) -> Reading:
        wanted = fluent.parameters
        if len(arguments) != len(wanted):
            given = f"{len(arguments) or 'none'} {'is' if len(arguments) == 1 else 'are'} given"
            whole = f"{fluent.name}({', '.join(parameter.kind for parameter in wanted)})" if wanted else fluent.name
            message = f"The fact `{whole}` has {_count(len(wanted), 'argument')}, and {given}."
            self.fail("wrong-arguments", message, span, f"{_count(len(wanted), 'argument')} expected")
        return Reading(fluent.key, tuple(self.entity(one, wanted[at].kind) for at, one in enumerate(arguments)), span=span)

    def entity(self, term: Term, kind: str) -> Expression:
        """Somebody or something of ``kind``: a name, a variable, ``every`` or ``some``."""
        if not isinstance(term, Name | Each):
            hint = "Name it by a variable: `for some place q: at(Jack) = q and ...`." if isinstance(term, Call) else ""
            self.fail("wrong-arguments", f"Expected {article(kind)}, by name.", term.span, "not a name", hint)
        if isinstance(term, Name) and term.text not in self.scope:
            entity = self.names.roles.get(term.text, term.text)
            if entity not in self.names.entities:
                self.unknown(term, (*self.scope, *self.names.members.get(kind, ()), *self.names.roles), f"no {kind}")
        expression, sort = self.value(term)
        if not self.names.fits(sort, kind):
            text = shortened(term.span.source.text[term.span.start : term.span.end])
            message = f"Expected {article(kind)}, but `{text}` is {sort}."
            self.fail("wrong-kind", message, term.span, f"not {article(kind)}", self.meant(term, Sort("kind", kind)))
        return expression

    def somebody(self, term: Term) -> Expression:
        """A person: somebody with a mind."""
        if isinstance(term, Name | Each):
            return self.entity(term, self.names.person)
        self.fail("wrong-kind", "Only a person believes or knows anything.", term.span, "not a person")

    def _quantified(self, each: Each) -> tuple[Expression, Sort]:
        if self.pending is None:
            text = shortened(each.span.source.text[each.span.start : each.span.end])
            hint = "Name one, or write `sum of ... for` or `number of ... with` for numbers."
            self.fail("misplaced-every", f"`{text}` cannot stand here: it is not part of a condition.", each.span, "which one?", hint)
        binder = self.bind(each)
        self.pending.append((each.quantifier, binder, each.span))
        return Variable(binder.variable, span=each.span), Sort("kind", binder.kind)

    def _over(self, word: _Quantifier, each: Each, body: Term, span: Span) -> Quantified:
        binder = self.bind(each)
        try:
            return Quantified(word, binder, self.number(body) if word == "sum" else self.condition(body), span=span)
        finally:
            self.release(binder)

    # ---- variables ---------------------------------------------------------------------------------------------------

    def bind(self, each: Each) -> Binder:
        """What ``each`` ranges over; its variable can be used until it is released."""
        kind = self.names.person if each.kind is None else self.kind(each.kind)
        excluded = tuple(self.entity(name, kind) for name in each.excluded)
        if each.variable is None:
            variable = fresh(f"each_{kind}", self)
        else:
            variable = each.variable.text
            self.declare(each.variable, kind)
        if len(self.scope) >= MOST_VARIABLES:
            self._too_deep(f"So many variables, more than {MOST_VARIABLES}, cannot be kept apart.", each.span)
        self.scope[variable] = kind
        return Binder(variable, kind, excluded, span=each.span)

    def _too_deep(self, message: str, span: Span) -> NoReturn:
        self.fail("too-deep", message, span, "too deep", "Let a fact stand for a part of it, kept up by a trigger.")

    def release(self, binder: Binder) -> None:
        self.scope.pop(binder.variable, None)

    def declare(self, name: Name, kind: str) -> None:
        """A variable, whose name must not stand for something else."""
        if name.text in self:
            other = "a variable" if name.text in self.scope else "a fact" if name.text in self.names.fluents else "somebody or something"
            self.fail("declared-twice", f"`{name.text}` is the name of {other} already.", name.span, "again", "Choose another name.")
        self.scope[name.text] = kind

    def __contains__(self, name: object) -> bool:
        """Whether a name stands for something in a condition."""
        return name in self.scope or name in self.names.entities or name in self.names.roles or name in self.names.fluents

    def kind(self, name: Name) -> str:
        if name.text not in self.names.lineage:
            hint = did_you_mean(name.text, self.names.lineage)
            self.fail("unknown-kind", f"There is no kind called `{shortened(name.text)}`.", name.span, "unknown", hint)
        return name.text


def _capital(words: object) -> str:
    text = str(words)
    return text[:1].upper() + text[1:]


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
