"""Conditions, values and effects, read from the tokens of a line.

Weakest to strongest: ``or``; ``and``; ``not``, ``believes``; comparisons; ``+ -``; ``* /``. What begins with ``for``,
``if``, ``number of`` or ``sum of`` goes as far as it can.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from everytale.language.tokens import Cursor, Name
from everytale.language.tree import (
    Belief,
    Binary,
    Call,
    Change,
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

_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT = range(1, 7)
_POWER = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "is", "believes", "knows"), _COMPARISON),
    **dict.fromkeys("+-", _SUM),
    **dict.fromkeys("*/", _PRODUCT),
}
RESERVED = frozenset(
    [
        "and",
        "or",
        "not",
        "is",
        "believes",
        "knows",
        "if",
        "then",
        "else",
        "every",
        "some",
        "everybody",
        "somebody",
        "nobody",
        "unknown",
        "yes",
        "no",
        "when",
        "because",
        "except",
        "with",
        "for",
    ]
)
"""Words of conditions, which name nothing."""

_LONGEST_NUMBER = 18
"""Digits: so many fit into 64 bits, whatever they are."""


def condition(cursor: Cursor) -> Term:
    """A condition or value, as far as it goes."""
    return _phrase(cursor, 0)


def tight(cursor: Cursor) -> Term:
    """A condition up to the next ``and`` or ``or``."""
    return _phrase(cursor, _AND)


def _phrase(cursor: Cursor, power: int) -> Term:
    """The longest phrase whose operators bind more tightly than ``power``."""
    start = cursor.start
    cursor.deeper()
    left = _operand(cursor, power)
    levels = 1
    while (found := _POWER.get(cursor.text, 0)) > power:
        word = cursor.next().text
        if found <= _AND:
            parts = [left, _phrase(cursor, found)]
            while cursor.accept(word):
                parts.append(_phrase(cursor, found))
            left = Junction(word, tuple(parts), cursor.span_from(start))
            continue
        if found == _COMPARISON:
            left = _comparison(cursor, left, word, start)
            if _POWER.get(cursor.text) == _COMPARISON:
                hint = "Join two comparisons by `and`, or put brackets around one."
                cursor.fail("unexpected", f"One comparison cannot go on with `{cursor.text}`.", cursor.span, "another comparison", hint)
        else:
            cursor.deeper()
            levels += 1
            left = Binary(word, left, _phrase(cursor, found), cursor.span_from(start))
    cursor.deeper(-levels)
    return left


def _comparison(cursor: Cursor, left: Term, word: str, start: int) -> Term:
    if word in ("believes", "knows"):
        return Belief(left, word, _phrase(cursor, _AND), cursor.span_from(start))
    if word == "is":
        negated = cursor.accept("not")
        if cursor.text in ("a", "an") and cursor.following_kind() == "name":
            cursor.next()
            test: Term = OfKind(left, cursor.name("a kind"), cursor.span_from(start))
            return Not(test, test.span) if negated else test
        word = "!=" if negated else "="
    return Binary(word, left, _phrase(cursor, _COMPARISON), cursor.span_from(start))


def _operand(cursor: Cursor, power: int) -> Term:
    token, start = cursor.token, cursor.start
    if token.kind == "number":
        return Numeral(number(cursor), cursor.span_from(start))
    match token.text:
        case "(":
            cursor.next()
            inner = _phrase(cursor, 0)
            cursor.expect(")", " to close the bracket")
            return inner
        case "-":
            cursor.next()
            negative = _phrase(cursor, _PRODUCT)
            if isinstance(negative, Numeral):
                return Numeral(-negative.value, cursor.span_from(start))
            return Binary("-", Numeral(Fraction(0), negative.span), negative, cursor.span_from(start))
        case "not":
            cursor.next()
            return Not(_phrase(cursor, max(power, _NOT)), cursor.span_from(start))
        case "yes" | "no" | "unknown":
            return Constant(cursor.next().text, cursor.span_from(start))
        case "every" | "some" | "everybody" | "somebody":
            return each(cursor, named=False)
        case "if":
            return _if_else(cursor)
        case "for":
            over = for_each(cursor)
            cursor.expect(":", " after whom it is for")
            return Over(over.quantifier, over, _phrase(cursor, 0), cursor.span_from(start))
        case "number" if cursor.following() == "of":
            cursor.index += 2
            over = _ranging(cursor)
            cursor.expect("with", " and what must hold")
            return Over("count", over, _phrase(cursor, 0), cursor.span_from(start))
        case "sum" if cursor.following() == "of":
            cursor.index += 2
            body = _phrase(cursor, 0)
            cursor.expect("for", " and whom to add up for")
            return Over("sum", _ranging(cursor), body, cursor.span_from(start))
        case "nothing" if cursor.accept("nothing", "more", "can", "happen"):
            return Still(cursor.span_from(start))
    return reading(cursor, "a condition or a value")


def _if_else(cursor: Cursor) -> IfElse:
    start = cursor.start
    cursor.next()
    test = _phrase(cursor, 0)
    cursor.expect("then", " and the value")
    then = _phrase(cursor, 0)
    cursor.expect("else", " and the other value")
    return IfElse(test, then, _phrase(cursor, 0), cursor.span_from(start))


def reading(cursor: Cursor, what: str) -> Name | Call:
    """A name, with arguments or without."""
    if cursor.text in RESERVED and cursor.token.kind == "name":
        cursor.unexpected(what)
    start, name = cursor.start, cursor.name(what)
    if not cursor.accept("("):
        return name
    arguments: list[Term] = []
    while not cursor.accept(")"):
        arguments.append(_argument(cursor))
        if cursor.text != ")":
            cursor.expect(",", " or `)` to close the bracket")
    return Call(name, tuple(arguments), cursor.span_from(start))


def _argument(cursor: Cursor) -> Term:
    if cursor.text in ("every", "some", "everybody", "somebody"):
        return each(cursor, named=False)
    return _phrase(cursor, _COMPARISON)


def each(cursor: Cursor, *, named: bool) -> Each:
    """``every person except Owen``; ``named``: a variable may stand after the kind."""
    start = cursor.start
    word = cursor.next().text
    quantifier: Literal["every", "some"] = "every" if word.startswith("every") else "some"
    kind = None if word.endswith("body") else _kind(cursor)
    variable = cursor.name("a name") if named and cursor.token.kind == "name" and cursor.text not in RESERVED else None
    return Each(quantifier, kind, variable, _excluded(cursor), cursor.span_from(start))


def for_each(cursor: Cursor) -> Each:
    """``for every person p except Jack``, up to the colon."""
    cursor.next()
    if cursor.text not in ("every", "some", "everybody", "somebody"):
        cursor.unexpected("`every` or `some`")
    over = each(cursor, named=True)
    if over.variable is None:
        cursor.fail("unexpected", "Expected a name for each of them.", over.span, "of what name?", "Write `for every person p: ...`.")
    return over


def _ranging(cursor: Cursor) -> Each:
    start, kind = cursor.start, _kind(cursor)
    variable = cursor.name("a name for each of them")
    return Each("every", kind, variable, _excluded(cursor), cursor.span_from(start))


def _kind(cursor: Cursor) -> Name:
    if cursor.text in RESERVED:
        cursor.unexpected("a kind")
    return cursor.name("a kind")


def _excluded(cursor: Cursor) -> tuple[Name, ...]:
    found: list[Name] = []
    while cursor.accept("except") or (found and cursor.text == "or" and cursor.following_kind() == "name" and cursor.accept("or")):
        found.append(cursor.name("who is excepted"))
    return tuple(found)


def number(cursor: Cursor) -> Fraction:
    """A number without sign: ``3``, ``0.5``."""
    token = cursor.token
    if token.kind != "number":
        cursor.unexpected("a number")
    if len(token.text) > _LONGEST_NUMBER:
        message = f"A number has at most {_LONGEST_NUMBER} digits."
        cursor.fail("number-too-large", message, cursor.span, "more digits than that", "Stories count in small numbers.")
    return Fraction(cursor.next().text)


def whole(cursor: Cursor) -> int:
    """A whole number, with or without a sign."""
    sign, span = (-1 if cursor.accept("-") else 1), cursor.span
    value = number(cursor)
    if value.denominator != 1:
        cursor.fail("unexpected", f"Expected a whole number, but found {value}.", span, "not a whole number")
    return sign * value.numerator


# ---- effects ---------------------------------------------------------------------------------------------------------


def changes(cursor: Cursor) -> list[Change]:
    """Effects with commas between them, to the end of the line; after a comma they may go on below."""
    found = _change(cursor, ())
    while cursor.accept(",") and not cursor.done:
        found += _change(cursor, ())
    return found


def _change(cursor: Cursor, over: tuple[Each, ...]) -> list[Change]:
    start = cursor.start
    if cursor.text == "for":
        more = for_each(cursor)
        cursor.expect(":", " after whom it is for")
        if more.quantifier == "some":
            cursor.fail("misplaced-some", "An effect cannot be for some of them: which?", more.span, "some", "Write `every`, or name one.")
        cursor.deeper()
        inner = _change(cursor, (*over, more))
        cursor.deeper(-1)
        return inner
    verb = cursor.following()
    if cursor.text == "tells" and cursor.following_kind() == "name" and verb not in ("is", "rises", "eases", "when", "believes"):
        return _tells(cursor, over)
    common = cursor.text == "common" and cursor.following_kind() == "name" and verb not in ("is", "rises", "eases", "when", "believes")
    if common:
        cursor.next()
    believers: list[Term] = []
    while True:
        negated = cursor.accept("not")
        if cursor.text in ("every", "everybody", "some", "somebody"):
            subject: Term = each(cursor, named=False)
        else:
            subject = reading(cursor, "an effect")
        if cursor.text == "knows":
            cursor.unexpected("`believes`", "Knowing follows from what is so and what is believed: write `tells ... ` and the fact.")
        if negated or not cursor.accept("believes"):
            break
        believers.append(subject)
        cursor.deeper()
    cursor.deeper(-len(believers))
    if isinstance(subject, Each):
        cursor.unexpected("`believes`")
    assert isinstance(subject, Name | Call)
    moves: Literal["set", "rises", "eases"] = "set"
    value: Term | None = None
    if cursor.text in ("rises", "eases") and not negated:
        moves = "rises" if cursor.next().text == "rises" else "eases"
        value = _phrase(cursor, 0) if cursor.accept("by") else None
    elif cursor.text in ("=", "is") and not negated:
        cursor.next()
        value = _phrase(cursor, 0)
    when = condition(cursor) if cursor.accept("when") else None
    span = cursor.span_from(start)
    return [Change(subject, value, moves, negated, tuple(believers), None, common, over, when, span)]


def _tells(cursor: Cursor, over: tuple[Each, ...]) -> list[Change]:
    """``tells Jack F, G``: a bare fact after a comma is told too."""
    start = cursor.start
    cursor.next()
    told_to = each(cursor, named=False) if cursor.text in ("every", "everybody", "some", "somebody") else reading(cursor, "whom")
    facts: list[tuple[Name | Call, int]] = []
    while True:
        begun = cursor.start
        facts.append((reading(cursor, "the fact that is told"), begun))
        here = cursor.index
        if not (cursor.accept(",") and _bare(cursor)):
            cursor.index = here
            break
    if cursor.text in ("=", "is", "rises", "eases", "believes"):
        hint = "Told is what is so: name the fact alone. For a lie write `Jack believes F = V`."
        cursor.unexpected("the end of what is told", hint)
    when = condition(cursor) if cursor.accept("when") else None
    return [
        Change(fact, None, "set", False, (), told_to, False, over, when, cursor.span_from(begun if count else start))
        for count, (fact, begun) in enumerate(facts)
    ]


def _bare(cursor: Cursor) -> bool:
    """Whether a fact stands here with nothing done to it."""
    if cursor.token.kind != "name" or cursor.text in RESERVED or cursor.text in ("tells", "common"):
        return False
    ahead = 1
    if cursor.following() == "(":
        while cursor.following(ahead) not in (")", ""):
            ahead += 1
        ahead += 1
    return cursor.following(ahead) in (",", "", "when")
