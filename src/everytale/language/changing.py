"""Effects, and the statements of a start, with every name looked up and every value checked against what it is for."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from everytale.diagnostics import Span
from everytale.language.names import NOTHING, Sort, article, written
from everytale.language.resolve import Resolver
from everytale.language.tokens import Abandon
from everytale.language.tree import Call, Change, Term
from everytale.language.walk import walk
from everytale.story import (
    ALWAYS,
    Binder,
    Effect,
    Expression,
    KindDomain,
    Number,
    NumberDomain,
    Quantified,
    Reading,
    Thing,
    Truth,
    TruthDomain,
    Variable,
)

_ONE = Number(Fraction(1))


def effects(resolver: Resolver, changes: Iterable[Change], *, start: bool = False, mind: Expression | None = None) -> tuple[Effect, ...]:
    """The effects that can be made out of ``changes``.

    ``start``: they are statements of a start, where nothing is so yet. ``mind``: they are made in that person's mind alone.
    """
    found: list[Effect] = []
    for change in changes:
        try:
            found.append(_effect(resolver, change, start, mind))
        except Abandon:
            continue
    return tuple(found)


def _effect(resolver: Resolver, change: Change, start: bool, mind: Expression | None) -> Effect:
    if start:
        _only_a_statement(resolver, change)
    scope = dict(resolver.scope)
    try:
        over = [resolver.bind(each) for each in change.each]
        resolver.pending = []
        told_to = () if change.tells is None else (resolver.somebody(change.tells),)
        believers = (*told_to, *(resolver.somebody(believer) for believer in change.believers))
        target, sort = resolver.reading(change.target)
        for quantifier, binder, span in resolver.pending:
            if quantifier == "some":
                resolver.fail("misplaced-some", "An effect cannot be for some of them: which?", span, "some", "Write `every`, or name one.")
            over.append(binder)
        resolver.pending = None
        value = target if change.tells is not None else _value(resolver, change, sort)
        if start:
            _constant(resolver, value, change)
        condition = ALWAYS if change.condition is None else resolver.condition(change.condition)
    finally:
        resolver.pending = None
        resolver.scope = scope
    if value != target:  # else what is told is so
        _self_known(resolver, change, target, believers, tuple(over), mind)
    return Effect(target, value, change.moves, believers, change.common, condition, tuple(over), span=change.span)


def _only_a_statement(resolver: Resolver, change: Change) -> None:
    problem = "`when`" if change.condition else "`tells`" if change.tells else f"`{change.moves}`" if change.moves != "set" else ""
    if problem:
        hint = "Say what is so at the start; what changes it stands in an action, event or trigger."
        resolver.fail(
            "not-at-the-start", f"At the start nothing has happened: {problem} cannot stand here.", change.span, "not a statement", hint
        )


def _constant(resolver: Resolver, value: Expression, change: Change) -> None:
    for part in walk(value):
        if isinstance(part, Reading | Quantified):
            hint = "Write the value itself."
            span = part.span or change.span
            resolver.fail("not-at-the-start", "A value at the start cannot depend on another fact.", span, "not a constant", hint)


def _value(resolver: Resolver, change: Change, sort: Sort) -> Expression:
    """The value that the target comes to have, or moves by."""
    if change.moves != "set":
        if sort.tag not in ("number", "any"):
            message = f"Only numbers rise and ease, and this is {sort}."
            resolver.fail("wrong-sort", message, change.target.span, f"{sort}", "Write `=` and what it becomes.")
        return _ONE if change.value is None else resolver.number(change.value)
    if change.value is None:
        if sort.tag not in ("truth", "any"):
            message = f"This is {sort}, and nothing says what it becomes."
            hint = "Write `=` and its value, `rises`, or `eases`." if sort.tag == "number" else "Write `=` and its value."
            resolver.fail("missing-value", message, change.target.span, "becomes what?", hint)
        return Truth(not change.negated, span=change.span)
    value, given = resolver.value(change.value)
    _assignable(resolver, sort, given, value, change.value)
    return value


def _assignable(resolver: Resolver, sort: Sort, given: Sort, value: Expression, term: Term) -> None:
    domain, span = sort.domain, term.span
    if given.tag == "any" or domain is None:
        return
    if given is NOTHING:
        if isinstance(domain, TruthDomain) or (isinstance(domain, NumberDomain) and not domain.unknown):
            hint = "Declare it `or unknown`." if isinstance(domain, NumberDomain) else "Write `no`."
            resolver.fail("never-unknown", "This fact is never unknown.", span, f"it is {written(domain)}", hint)
        return
    if given.tag != sort.tag:
        resolver.fail("wrong-sort", f"The fact is {sort}, and this is {given}.", span, f"{given}", resolver.meant(term, sort))
    if isinstance(domain, KindDomain) and not resolver.names.overlap(sort._replace(entity=""), given):
        what = f"`{given.entity}` is" if given.entity else f"This is {given}, and"
        resolver.fail(
            "wrong-sort", f"{what} never {article(domain.kind)}.", span, f"not {article(domain.kind)}", resolver.meant(term, sort)
        )
    if isinstance(domain, NumberDomain) and isinstance(value, Number):
        _in_range(resolver, domain, value, span)


def _in_range(resolver: Resolver, domain: NumberDomain, value: Number, span: Span) -> None:
    low, high = domain.low, domain.high
    if value.value.denominator != 1:
        resolver.fail("out-of-range", f"{value.value} is not a whole number, and facts are.", span, f"it is {written(domain)}")
    if (low is not None and value.value < low) or (high is not None and value.value > high):
        hint = "Widen the range where the fact is declared, or choose another value."
        resolver.fail("out-of-range", f"{value.value} is not from {low} to {high}.", span, f"it is {written(domain)}", hint)


def _self_known(
    resolver: Resolver,
    change: Change,
    target: Reading,
    believers: tuple[Expression, ...],
    over: tuple[Binder, ...],
    mind: Expression | None,
) -> None:
    """Report that somebody would be wrong about what they cannot be wrong about."""
    fluent = resolver.names.fluents[change.target.name.text if isinstance(change.target, Call) else change.target.text]
    if fluent.known_to is None:
        return
    owner = fluent.known_to
    if isinstance(owner, Variable):
        at = [parameter.name for parameter in fluent.parameters].index(owner.name)
        owner = target.arguments[at]
    chain = believers if mind is None else (mind, *believers)
    if not chain:
        return
    last = chain[-1]
    binders = {binder.variable: binder for binder in over}
    wrong = last == owner
    if not wrong and isinstance(last, Variable) and last.name in binders and isinstance(owner, Thing):
        binder = binders[last.name]
        wrong = resolver.names.is_a(owner.name, binder.kind) and owner not in binder.excluded
    if wrong:
        who = owner.name if isinstance(owner, Thing | Variable) else "its owner"
        whom = f"`{who}`" if not who.startswith("each_") else "everybody"
        message = f"`{fluent.name}` is known to {whom}, who cannot believe of it what is not so."
        hint = f"Change the fact itself: `{fluent.name}` without `believes`. Or declare it without `known to`."
        if mind is not None and not believers:
            hint = "An inference changes a belief alone. Make it a trigger, or declare the fact without `known to`."
        resolver.fail("self-known", message, change.span, "never wrong about this", hint)
