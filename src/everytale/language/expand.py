"""From blocks to a story: every name looked up, and all sugar expanded.

What a move needs, does and who sees it is put together here from its clauses, its stage, the questions that it asks and
answers, and whether it happens once.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from fractions import Fraction

from everytale.diagnostics import Span
from everytale.language.changing import effects
from everytale.language.declare import Declarations
from everytale.language.messages import Report, did_you_mean
from everytale.language.prose import Of, ProseReader, pronoun_words
from everytale.language.resolve import Resolver
from everytale.language.tokens import Abandon, shortened
from everytale.language.tree import Clauses as ClausesOf
from everytale.language.tree import MoveBlock, Person, Term, Told, TriggerBlock
from everytale.language.walk import fresh, substitute, walk
from everytale.story import (
    ALWAYS,
    NEVER,
    Action,
    Choice,
    Comparison,
    Conjunction,
    Disjunction,
    Effect,
    Expression,
    Negation,
    Number,
    Observers,
    Parameter,
    Passage,
    Reading,
    Trigger,
    Truth,
    TruthDomain,
    Unknown,
    Variable,
)

MOST_NODES = 500_000
"""Parts of conditions that stages, open questions and wants of several people may come to."""
MOST_ACTORS = 12
_ONE = Number(Fraction(1))


def conjunction(conditions: Iterable[Expression]) -> Expression:
    """All of ``conditions``, without a conjunction in a conjunction."""
    found: list[Expression] = []
    for condition in conditions:
        if isinstance(condition, Conjunction):
            found += condition.parts
        elif condition != ALWAYS:
            found.append(condition)
    return found[0] if len(found) == 1 else Conjunction(tuple(found)) if found else ALWAYS


class Expander:
    """Makes moves and triggers of their blocks."""

    def __init__(self, declared: Declarations, report: Report) -> None:
        self.declared = declared
        self.report = report
        self.forms = pronoun_words({entity.pronouns for entity in declared.names.entities.values()})
        self.words: dict[str, str] = {}
        self.stages: dict[str, tuple[str, Expression]] = {}
        self.sizes: dict[str, int] = {}
        self.budget = MOST_NODES
        self.answered: set[str] = set()
        self.staged: set[str] = set()
        for stage in declared.stages.values():
            resolver = self.resolver({})
            try:
                resolver.declare(stage.variable, "person")
                condition = resolver.condition(stage.condition)
            except Abandon:
                continue
            self.stages[stage.name.text] = (stage.variable.text, condition)
            self.sizes[stage.name.text] = sum(1 for _ in walk(condition))

    def resolver(self, scope: dict[str, str], *, ending: bool = False) -> Resolver:
        return Resolver(self.declared.names, self.report, scope, ending=ending)

    def prose(self, resolver: Resolver, told: list[Told], of: Of) -> tuple[Passage, ...]:
        return ProseReader(resolver, self.forms, self.words).passages(told, of)

    # ---- moves -------------------------------------------------------------------------------------------------------

    def move(self, block: MoveBlock) -> Action:
        """The action or event of ``block``, as far as it can be made out."""
        clauses, header = block.clauses, self.declared.headers[id(block)]
        resolver = self.resolver(header.scope)
        actors = self._people(resolver, block.actors)
        others = self._people(resolver, block.others)
        stage = self._stage(block)
        conditions = [self._on(stage, who, header.scope) for who in (*actors, *others)] if stage else []
        changes: list[Effect] = []
        self._questions(block, resolver, actors, conditions, changes)
        self._once(block, resolver, conditions, changes)
        conditions += self.conditions(resolver, clauses)
        expressive = None
        if clauses.expressive is not None:
            expressive = self._maybe(resolver, clauses.expressive)
        told = self.prose(resolver, clauses.told, "an event" if block.event else "an action")
        choice = ProseReader(resolver, self.forms, self.words).line(clauses.choice) if clauses.choice else ()
        weight = self._weight(resolver, clauses)
        observers = self._observers(block, resolver, stage)
        own = effects(resolver, clauses.changes)
        self._unused(header.parameters, resolver)
        return Action(
            block.name.text,
            header.parameters,
            conjunction(conditions),
            (*own, *changes),
            tuple(actors),
            observers,
            weight,
            expressive,
            clauses.thinks,
            told,
            choice,
            span=block.span,
        )

    def _maybe(self, resolver: Resolver, term: Term) -> Expression:
        try:
            return resolver.condition(term)
        except Abandon:
            return ALWAYS

    def conditions(self, resolver: Resolver, clauses: ClausesOf) -> list[Expression]:
        return [self._maybe(resolver, condition) for condition in clauses.conditions]

    def _people(self, resolver: Resolver, people: Iterable[Person]) -> list[Expression]:
        found: list[Expression] = []
        for person in people:
            if len(found) == MOST_ACTORS:
                message = f"A move has at most {MOST_ACTORS} actors, and as many others."
                self.report.error("too-long", message, person.name.span, "too many", "Leave some out.")
                break
            try:
                who = resolver.entity(person.name, "person")
            except Abandon:
                continue
            if who in found:
                message = f"`{person.name.text}` is named twice."
                self.report.error("said-twice", message, person.name.span, "again", "Name everybody once.")
            found.append(who)
        return found

    # ---- stages, observers -------------------------------------------------------------------------------------------

    def _stage(self, block: MoveBlock) -> tuple[str, Expression] | None:
        if block.stage is None:
            return None
        name = block.stage.text
        if name not in self.declared.stages:
            hint = did_you_mean(name, self.declared.stages) or "Declare it: `stage room: p with` and who is on it."
            self.report.error("unknown-stage", f"There is no stage called `{shortened(name)}`.", block.stage.span, "unknown", hint)
            return None
        self.staged.add(name)
        self.spend(self.sizes.get(name, 0) * (len(block.actors) + len(block.others) + 1), block.stage.span)
        return self.stages.get(name)

    def spend(self, nodes: int, span: Span) -> None:
        """Count parts of conditions that sugar adds. Raises ``Stop`` when they are too many."""
        self.budget -= nodes
        if self.budget < 0:
            self.report.too_long(MOST_NODES, "parts of conditions that come of stages, questions and wants of several", span)

    def _on(self, stage: tuple[str, Expression], who: Expression, taken: Container[str]) -> Expression:
        """That ``who`` is on the stage, in a place where the variables ``taken`` mean something else."""
        variable, condition = stage
        return substitute(condition, {variable: who}, taken)

    def _observers(self, block: MoveBlock, resolver: Resolver, stage: tuple[str, Expression] | None) -> Observers | None:
        seen, header = block.clauses.seen, self.declared.headers[id(block)]
        if (seen is None and stage is None) or (seen is not None and seen.everybody):
            return None
        variable = stage[0] if stage and stage[0] not in resolver.scope else ""
        if not variable and seen and len(seen.conditions) == 1 and not stage and not seen.people:
            variable = seen.conditions[0][0].text
        if not variable or variable in resolver:
            variable = fresh("observer", resolver)
        observer = Variable(variable)
        cases: list[Expression] = [self._on(stage, observer, {**header.scope, variable: ""})] if stage else []
        for name in seen.people if seen else ():
            try:
                cases.append(Comparison("=", observer, resolver.entity(name, "person"), span=name.span))
            except Abandon:
                continue
        for name, term in seen.conditions if seen else ():
            try:
                resolver.declare(name, "person")
                cases.append(substitute(resolver.condition(term), {name.text: observer}, (variable,)))
            except Abandon:
                continue
            finally:
                if name.text not in header.scope:
                    resolver.scope.pop(name.text, None)
        return Observers(variable, cases[0] if len(cases) == 1 else Disjunction(tuple(cases)) if cases else NEVER)

    # ---- questions, once, weight -------------------------------------------------------------------------------------

    def _questions(
        self, block: MoveBlock, resolver: Resolver, actors: list[Expression], conditions: list[Expression], changes: list[Effect]
    ) -> None:
        """A question that is open bars all but answers to it, expressive acts and events that interrupt."""
        clauses, asking = block.clauses, self.declared.asking
        answered: list[Expression] = []
        closes: list[tuple[Reading, Expression]] = []
        for name in clauses.answers:
            if name.text not in asking:
                known = name.text in self.declared.names.moves
                message = f"`{shortened(name.text)}` asks nothing." if known else f"There is no action called `{shortened(name.text)}`."
                hint = f"Write `asks` and who is asked below `{name.text}`." if known else did_you_mean(name.text, asking)
                self.report.error("answers-nothing", message, name.span, "no question", hint)
                continue
            self.answered.add(name.text)
            reading = Reading(asking[name.text], span=name.span)
            open_to = [Comparison("=", reading, actor, span=name.span) for actor in actors]
            answered += open_to
            if name.text != block.name.text or clauses.asks is None:
                closes.append((reading, open_to[0] if len(open_to) == 1 else Disjunction(tuple(open_to))))
        if answered:
            conditions.append(answered[0] if len(answered) == 1 else Disjunction(tuple(answered)))
        elif clauses.expressive is None and not clauses.interrupts and not clauses.answers:
            self.spend(len(asking), block.name.span)
            conditions += [Comparison("=", Reading(fact, span=block.span), Unknown(), span=block.span) for fact in asking.values()]
        for reading, when in closes:
            changes.append(Effect(reading, Unknown(), condition=ALWAYS if len(clauses.answers) == 1 else when, span=reading.span))
        if clauses.asks is not None:
            try:
                whom = resolver.somebody(clauses.asks)
            except Abandon:
                return
            changes.append(Effect(Reading(asking[block.name.text]), whom, span=clauses.asks.span))

    def _once(self, block: MoveBlock, resolver: Resolver, conditions: list[Expression], changes: list[Effect]) -> None:
        if block.clauses.once is None:
            return
        header, span = self.declared.headers[id(block)], block.clauses.once
        key = self.declared.generated(f"made_{block.name.text}", header.parameters, TruthDomain(), span)
        made = Reading(key, tuple(Variable(parameter.name) for parameter in header.parameters), span=span)
        conditions.append(Negation(made, span=span))
        changes.append(Effect(made, Truth(True), span=span))

    def _weight(self, resolver: Resolver, clauses: ClausesOf) -> Expression:
        found: Expression = _ONE
        for value, when in reversed(clauses.weight):
            try:
                number = resolver.number(value)
                if isinstance(number, Number) and number.value < 0:
                    message = f"A weight says how likely a move is, and {number.value} is less than not at all."
                    resolver.fail("negative-weight", message, value.span, "less than 0", "Write 0, or more.")
                found = number if when is None else Choice(resolver.condition(when), number, found, span=value.span)
            except Abandon:
                continue
        return found

    # ---- triggers ----------------------------------------------------------------------------------------------------

    def trigger(self, block: TriggerBlock) -> Trigger:
        """The trigger or inference of ``block``."""
        clauses, header = block.clauses, self.declared.headers[id(block)]
        resolver = self.resolver(header.scope)
        minds = self._people(resolver, (block.mind,)) if block.mind else []
        mind = minds[0] if minds else None
        upon = None if clauses.upon is None else self._maybe(resolver, clauses.upon)
        condition = conjunction(self.conditions(resolver, clauses))
        changes = effects(resolver, clauses.changes, mind=mind)
        told = self.prose(resolver, clauses.told, "what follows by itself")
        self._unused(header.parameters, resolver)
        return Trigger(block.name.text, header.parameters, condition, changes, upon, mind, clauses.because, told, span=block.span)

    # ---- what is never used ------------------------------------------------------------------------------------------

    def _unused(self, parameters: Iterable[Parameter], resolver: Resolver) -> None:
        for parameter in parameters:
            if parameter.name not in resolver.used:
                message = f"Nothing here depends on `{parameter.name}`, and it happens once for every {parameter.kind}."
                self.report.warning("unused-parameter", message, parameter.span, "never used", "Use it, or take it away.")

    def never_used(self) -> None:
        """Report stages on which nothing happens, and questions that nobody answers."""
        for name, stage in self.declared.stages.items():
            if name not in self.staged:
                message = f"No action or event is `in {name}`."
                self.report.warning("unused-stage", message, stage.name.span, "nothing happens here", "Use it, or take it away.")
        for name, key in self.declared.asking.items():
            if name not in self.answered:
                span = self.declared.names.fluents[key].span
                hint = f"Write `answers {name}` below the actions that answer it."
                message = f"`{name}` asks, and while it is unanswered nothing else goes on; but no action answers it."
                self.report.warning("never-answered", message, span, "no answer", hint)
