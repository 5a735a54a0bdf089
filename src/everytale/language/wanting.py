"""What people want and fear, with every name looked up."""

from __future__ import annotations

from everytale.language.expand import Expander
from everytale.language.names import article
from everytale.language.tokens import Abandon
from everytale.language.tree import DangerBlock, Each, WantLine, WantsBlock
from everytale.language.walk import substitute, walk
from everytale.story import Expression, Reading, Thing, Want

MOST_WANTS = 50_000


def wants(expander: Expander, block: WantsBlock) -> list[Want]:
    """What one wants, or the same wanted by several people one after another."""
    whose = block.whose
    if whose is None:
        return []
    resolver, names = expander.resolver({}), expander.declared.names
    variable = ""
    try:
        if isinstance(whose, Each):
            binder = resolver.bind(whose)
            variable = binder.variable if whose.variable else ""
            excluded = {one.name for one in binder.excluded if isinstance(one, Thing)}
            people = [name for name in names.members[binder.kind] if name not in excluded]
            if not names.below(binder.kind, "person"):
                resolver.fail("wrong-kind", f"Only a person wants anything, and {article(binder.kind)} is none.", whose.span, "no person")
        else:
            who = resolver.entity(whose, "person")
            people = [who.name] if isinstance(who, Thing) else []
    except Abandon:
        return []
    measures: list[tuple[WantLine, Expression]] = []
    for line in block.lines:
        try:
            measures.append((line, resolver.number(line.measure) if line.each else resolver.condition(line.measure)))
        except Abandon:
            continue
    if len(people) * len(measures) > MOST_WANTS:
        expander.report.too_long(MOST_WANTS, "wants", whose.span)
    expander.spend(len(people) * sum(1 for _, measure in measures for _ in walk(measure)), whose.span)
    return [
        Want(name, line.worth, own, line.each, line.because, span=line.span)
        for name in people
        for line, measure in measures
        for own in [substitute(measure, {variable: Thing(name)}) if variable else measure]
    ]


def danger(expander: Expander, block: DangerBlock) -> list[Want]:
    """Wants that somebody who fears something has: that it is not so."""
    found: list[Want] = []
    for name, worth in block.feared:
        try:
            who = expander.resolver({}).entity(name, "person")
        except Abandon:
            continue
        if isinstance(who, Thing):
            measure = Reading(block.name.text, span=block.name.span)
            found.append(Want(who.name, -worth, measure, False, block.because, span=name.span))
    return found
