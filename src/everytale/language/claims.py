"""What an author says of all tales together, read: claims, the premises of flips, views."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from everytale.language.messages import did_you_mean
from everytale.language.names import article
from everytale.language.phrases import RESERVED, condition, number, reading, tight, whole
from everytale.language.tokens import Cursor, Name
from everytale.language.tree import (
    AssertionTerm,
    ClaimBlock,
    LeadsTerm,
    LengthTerm,
    MadeTerm,
    MomentTerm,
    OddsTerm,
    SwapTerm,
    TitleTerm,
    WithinTerm,
    WithoutTerm,
)

_WHAT = "`never`, `always`, `possible`, `sooner or later`, `odds of`, `at most`, or a moment: a condition, `move` and its name, `ending`"
_THEN = "`is possible`, `only after`, `before` or `leads to`"
_Word = Literal["never", "always", "possible"]
_RULES: tuple[Literal["action", "event", "trigger", "inference"], ...] = ("action", "event", "trigger", "inference")
MOST_MOVES = 1_000_000
"""That a claim can speak of."""


def claim(cursor: Cursor) -> ClaimBlock:
    """A claim, up to the end of the line."""
    cursor.next()
    title = None
    if cursor.token.kind == "string" and cursor.following() == ":":
        title = cursor.string("")
        cursor.next()
    start, ensures = cursor.start, False
    player: Name | None = None
    if cursor.accept("whatever"):
        player = cursor.name("who is played")
        cursor.expect("does", " and what is so, whatever they do")
        cursor.accept(",")
    elif [cursor.following(ahead) for ahead in (1, 2, 3)] == ["can", "make", "sure"]:
        player, ensures = cursor.name("who is played"), True
        cursor.index += 3
    if ensures and cursor.accept("of"):
        what: AssertionTerm = LeadsTerm(None, moment(cursor))
    else:
        if ensures:
            cursor.expect("that", " and a claim, or `of` and what it comes to")
        what = _assertion(cursor, ensures)
    cursor.finish()
    span = cursor.span_from(start)
    return ClaimBlock(what, title, player, ensures, span)


def _assertion(cursor: Cursor, ensures: bool) -> AssertionTerm:
    _join_possible(cursor)
    if cursor.text == "odds" and cursor.following() == "of":
        return _odds(cursor)
    if (cursor.text == "at" and cursor.following() in ("most", "least")) or (
        cursor.text == "between" and cursor.following_kind() == "number"
    ):
        return _length(cursor)
    if cursor.accept("sooner", "or", "later"):
        return LeadsTerm(None, moment(cursor))
    after, before = _window(cursor)
    cursor.accept(",")
    words: tuple[_Word, ...] = ("never", "always", "possible")
    for word in words:
        if cursor.text == word and cursor.following_kind() != "end":
            cursor.next()
            return _within(cursor, word, moment(cursor), after, before)
    if cursor.done:
        cursor.unexpected(_WHAT)
    what = moment(cursor)
    if cursor.accept("possible"):
        return _within(cursor, "possible", what, after, before)
    if after is None and before is None:
        if cursor.accept("only", "after"):
            return WithinTerm("never", what, None, moment(cursor))
        if cursor.accept("before"):
            return WithinTerm("never", moment(cursor), None, what)
        if cursor.text == "leads" and not ensures:
            cursor.next()
            cursor.expect("to", " and what it comes to")
            return LeadsTerm(what, moment(cursor))
    hint = ""
    if ensures and cursor.text == "leads":
        hint = "Say what they can make sure of: `can make sure of` and what it comes to."
    elif cursor.done:
        hint = "If it is so at every moment, write `always`; if at none, `never`; if in some tale, `is possible` after it."
    cursor.unexpected(_THEN, hint)


def _join_possible(cursor: Cursor) -> None:
    """Make one word of ``is possible``, which would be read as a comparison otherwise."""
    words = [token.text for token in cursor.tokens]
    for at in range(cursor.index, len(words) - 2):
        if words[at : at + 2] == ["is", "possible"] and words[at + 2] in ("", "before", "after", "between"):
            del cursor.tokens[at]
            return


def _window(cursor: Cursor) -> tuple[MomentTerm | None, MomentTerm | None]:
    """``after X``, ``before Y``, ``between X and Y``, or nothing."""
    if cursor.accept("after"):
        return moment(cursor), None
    if cursor.accept("before"):
        return None, moment(cursor)
    if cursor.accept("between"):
        after = moment(cursor, tightly=True)
        cursor.expect("and", " and when it is over")
        return after, moment(cursor)
    return None, None


def _within(cursor: Cursor, word: _Word, what: MomentTerm, after: MomentTerm | None, before: MomentTerm | None) -> WithinTerm:
    if after is None and before is None:
        after, before = _window(cursor)
    return WithinTerm(word, what, after, before)


def moment(cursor: Cursor, *, tightly: bool = False) -> MomentTerm:
    """A condition, ``move`` and its name, an ending, a dead end; ``tightly``: before an ``and``."""
    start = cursor.start
    if cursor.text == "ending" and cursor.following_kind() == "string":
        cursor.next()
        return TitleTerm(cursor.string(""), cursor.span_from(start))
    if cursor.accept("an", "ending"):
        return TitleTerm(None, cursor.span_from(start))
    if cursor.accept("a", "dead", "end"):
        return TitleTerm("", cursor.span_from(start), stuck=True)
    if cursor.text == "move" and cursor.following_kind() == "name" and cursor.following() not in _AFTER_A_FACT:
        cursor.next()
        return MadeTerm(reading(cursor, "a move"), cursor.span_from(start))
    return tight(cursor) if tightly else condition(cursor)


_AFTER_A_FACT = RESERVED | {"before", "after", "between", "only", "leads", "possible"}
"""What can follow a fact that happens to be called ``move``."""


def _odds(cursor: Cursor) -> OddsTerm:
    cursor.index += 2
    what: MomentTerm | None = None
    start = cursor.start
    if cursor.token.kind == "string":
        what = TitleTerm(cursor.string(""), cursor.span_from(start))
    elif not cursor.accept("never", "ending"):
        what = moment(cursor)
    low, high = _bounds(cursor, _percent)
    return OddsTerm(what, low, high)


def _length(cursor: Cursor) -> LengthTerm:
    low, high = _bounds(cursor, _count)
    if not cursor.accept("moves"):
        cursor.expect("move", "`s`: how many a tale has")
    return LengthTerm(None if low is None else int(low), None if high is None else int(high))


def _bounds(cursor: Cursor, read: Callable[[Cursor], Fraction]) -> tuple[Fraction | None, Fraction | None]:
    start = cursor.start
    if cursor.accept("at", "least"):
        return read(cursor), None
    if cursor.accept("at", "most"):
        return None, read(cursor)
    if not cursor.accept("between"):
        cursor.unexpected("`at least`, `at most` or `between`")
    low = read(cursor)
    cursor.expect("and", " and the greatest")
    high = read(cursor)
    if low > high:
        span = cursor.span_from(start)
        cursor.fail("empty-range", "Nothing lies between these two.", span, "the wrong way round?", "Write the smaller one first.")
    return low, high


def _percent(cursor: Cursor) -> Fraction:
    span, percent = cursor.span, number(cursor)
    cursor.expect("%", ", as odds are given: `20%`")
    if percent > 100:
        cursor.fail("out-of-range", f"Odds are at most 100%, and this is {percent}%.", span, "more than certain")
    return percent / 100


def _count(cursor: Cursor) -> Fraction:
    span, count = cursor.span, whole(cursor)
    if not 0 <= count <= MOST_MOVES:
        cursor.fail("out-of-range", f"A claim speaks of 0 to {MOST_MOVES:,} moves.", span, f"0 to {MOST_MOVES:,}")
    return Fraction(count)


# ---- flips -----------------------------------------------------------------------------------------------------------


def premise(cursor: Cursor) -> WithoutTerm | SwapTerm:
    """What is left out (``without ...``), or who exchange their roles (``swap ...``)."""
    start = cursor.start
    if cursor.accept("swap"):
        one = cursor.name("somebody")
        cursor.expect("and", " and with whom they exchange their roles")
        return SwapTerm(one, cursor.name("somebody"), cursor.span_from(start))
    if not cursor.accept("without"):
        hint = did_you_mean(cursor.text, ("start", "without", "with", "swap"))
        cursor.unexpected("a premise: `start`, `without`, `with` or `swap`", hint)
    if cursor.accept("wants"):
        whose = cursor.name("whose want")
        because = cursor.string("") if cursor.token.kind == "string" else None
        return WithoutTerm("want", whose, because, cursor.span_from(start))
    for sort in _RULES:
        if cursor.accept(sort):
            return WithoutTerm(sort, cursor.name(f"the name of {article(sort)}"), None, cursor.span_from(start))
    cursor.unexpected(f"`wants`, `{'`, `'.join(_RULES[:-1])}` or `{_RULES[-1]}`", did_you_mean(cursor.text, ("wants", *_RULES)))
