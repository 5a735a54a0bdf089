"""Expressions as the native core has them: nodes of one table, quantifiers expanded, what never changes folded.

An expression is lowered for hundreds of bindings, so what makes its node for a binding is found but once: a function, put together
of those of its parts. It remembers what it made for the entities on which the node depends.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from threading import Lock
from types import MappingProxyType
from typing import TypeAlias

from everytale.core import UNKNOWN
from everytale.diagnostics import Span
from everytale.story import (
    Arithmetic,
    Believes,
    Binder,
    Choice,
    Comparison,
    Conjunction,
    Disjunction,
    Expression,
    Membership,
    Negation,
    Number,
    Quantified,
    Reading,
    Stillness,
    Thing,
    Truth,
    Unknown,
    Variable,
    Want,
)
from everytale.world.folding import Folding
from everytale.world.table import (
    ALL,
    ANY,
    AT_LEAST,
    AT_MOST,
    DIFFERENT,
    EQUAL,
    GREATER,
    LESS,
    MINUS,
    NUMBER,
    OVER,
    READ,
    STILL,
    SUM,
    TIMES,
    Table,
)
from everytale.world.vocabulary import Place, Vocabulary, too_large

_COMPARISONS = {"=": EQUAL, "!=": DIFFERENT, "<": LESS, "<=": AT_MOST, ">": GREATER, ">=": AT_LEAST}
_ARITHMETIC = {"+": SUM, "-": MINUS, "*": TIMES, "/": OVER}

MOST_WORK = 2_000_000
"""How many parts of expressions are lowered, all instances counted, before a world is too large."""

Binding = Mapping[str, str]
Lowered: TypeAlias = Callable[[Binding], int]
"""What makes the node of one expression for a binding."""
Literal: TypeAlias = tuple[Expression, bool, tuple[Place, ...]]
"""A literal of a precondition, whether it is to hold (or not to), and the fluents that it reads."""
NONE_SHARED: Mapping[int, Callable[[Binding], Hashable]] = MappingProxyType({})


class Lowering(Folding):
    """Makes nodes of expressions. ``constant(chain, place)`` is the value of a fluent that is not read but folded (``None``: read it).

    ``shared``: of the expressions of those ids, on which entities of a binding their nodes depend; each is lowered but once for them.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        table: Table,
        constant: Callable[[tuple[int, ...], Place], int | None],
        shared: Mapping[int, Callable[[Binding], Hashable]] = NONE_SHARED,
    ) -> None:
        super().__init__(vocabulary, table)
        self.constant = constant
        self.pinned: set[Place] = set()
        """Fluents that never change by themselves, but that a correction reads or doubts, so that they cannot be folded."""
        self.lock = Lock()
        """For worlds over again (``everytale.ground.another``), which lower into one table, each in a thread of its own."""
        self.work = 0
        self.span: Span | None = None
        self._chain: tuple[int, ...] = ()
        self._folded: list[Place] = []
        self._read: list[Place] = []
        self.literals: dict[int, list[Literal]] = {}
        """The literals of preconditions that read fluents, by their nodes: what to pin, should those be folded one day."""
        self._wanted, self._in_literal = True, False
        self._shared = shared
        self._by_circumstances: dict[tuple[tuple[int, ...], bool, bool], dict[Hashable, int]] = {}
        self._remembered = self._under_these_circumstances()
        self._remembered_exactly: dict[Hashable, int] = self._by_circumstances.setdefault(((), True, True), {})
        self._entities: dict[str, int] = {}
        self._functions: dict[int, tuple[Expression, Lowered]] = {}
        self._by_type: dict[type, Callable[..., Lowered]] = {
            Truth: lambda e: lambda _: self.table.true if e.value else self.table.false,
            Number: lambda e: lambda _: self.table.number(e.value),
            Thing: lambda e: lambda _: self.entity(e.name),
            Variable: lambda e: lambda binding: self.entity(binding[e.name]),
            Unknown: lambda e: lambda _: self.table.unknown,
            Stillness: lambda e: lambda _: self.table.node(STILL),
            Reading: self._reading,
            Comparison: self._comparison,
            Negation: self._negation,
            Conjunction: lambda e: self._connection(ALL, e.parts, True),
            Disjunction: lambda e: self._connection(ANY, e.parts, False),
            Believes: self._believes,
            Membership: self._membership,
            Arithmetic: self._arithmetic,
            Choice: self._choice,
            Quantified: self._quantified,
        }

    def node(self, expression: Expression, binding: Binding) -> int:
        return self.function(expression)(binding)

    def function(self, expression: Expression) -> Lowered:
        """What makes the nodes of ``expression``."""
        known = self._functions.get(id(expression))
        if known is None:
            bare = self._by_type[type(expression)](expression)
            made = self._literal(expression, bare) if _is_literal(expression) else bare
            depends = self._shared.get(id(expression))
            if depends is not None:
                made = self._remembering(expression, depends, made, bare)
            known = self._functions[id(expression)] = expression, made  # which keeps its id
        return known[1]

    def _remembering(self, expression: Expression, depends: Callable[[Binding], Hashable], made: Lowered, bare: Lowered) -> Lowered:
        identity = id(expression)

        def remembered(binding: Binding) -> int:
            if self._in_literal:  # what is read in it is noted each time
                return bare(binding)
            key = identity, depends(binding)
            known = self._remembered.get(key)
            if known is None:
                known = self._remembered[key] = made(binding)
            return known

        return remembered

    def _under_these_circumstances(self) -> dict[Hashable, int]:
        """What was made before under the same circumstances."""
        return self._by_circumstances.setdefault((self._chain, self.exact, self.exact and self._wanted), {})

    def _literal(self, expression: Expression, bare: Lowered) -> Lowered:
        def literal(binding: Binding) -> int:
            if not self.exact or self._in_literal:
                return bare(binding)
            self._in_literal = True
            self._folded.clear()
            self._read.clear()
            made = bare(binding)
            self._in_literal = False
            if self._folded and not self.table.constant(made):
                self._pin(expression, self._wanted, self._folded)
            if self._read:
                self.literals.setdefault(made, []).append((expression, self._wanted, tuple(self._read)))
            return made

        return literal

    def _worked(self, parts: int) -> None:
        self.work += parts
        if self.work > MOST_WORK:
            raise too_large("Its conditions and effects, all instances counted, have too many parts.", self.span)

    def precondition(self, expression: Expression, binding: Binding) -> int:
        """``expression`` exactly."""
        outside, self._remembered = self._remembered, self._remembered_exactly
        self.exact, self._wanted, self._in_literal = True, True, False
        try:
            return self.node(expression, binding)
        finally:
            self.exact = self._in_literal = False
            self._remembered = outside

    def entity(self, name: str) -> int:
        known = self._entities.get(name)
        if known is None:
            known = self._entities[name] = self.table.node(NUMBER, self.vocabulary.numbers[name], 1)
        return known

    def named(self, expression: Expression, binding: Binding) -> str | None:
        """The entity that an expression names in all states, if it does."""
        match expression:
            case Variable(name):
                return binding[name]
            case Thing(name):
                return name
        node = self.node(expression, binding)
        return self._name(node) if self.table.constant(node) else None

    def possible_names(self, expression: Expression, binding: Binding, kind: str) -> list[tuple[str, int]]:
        """The entities of ``kind`` that an expression may name, each with the condition under which it does."""
        if isinstance(expression, (Variable, Thing)):
            return [(binding[expression.name] if isinstance(expression, Variable) else expression.name, self.table.true)]
        node = self.node(expression, binding)
        if self.table.constant(node):
            name = self._name(node)
            return [] if name is None else [(name, self.table.true)]
        return [(name, self.table.node(EQUAL, node, self.entity(name))) for name in self.vocabulary.members.get(kind, ())]

    def entities(self, binder: Binder, binding: Binding) -> Iterator[str]:
        """What a binder ranges over."""
        excluded = {self.named(one, binding) for one in binder.excluded}
        return (name for name in self.vocabulary.members.get(binder.kind, ()) if name not in excluded)

    # -- one kind of expression each --

    def _connection(self, operator: int, parts: tuple[Expression, ...], neutral: bool) -> Lowered:
        functions, known = [self.function(part) for part in parts], self.table.known

        def connected(binding: Binding) -> int:
            self._worked(len(functions))
            if self.exact:
                return self._connected(operator, [function(binding) for function in functions], neutral)
            nodes: list[int] = []
            for function in functions:
                node = function(binding)
                nodes.append(node)
                if known.get(node) is (not neutral):
                    break
            return self._connected(operator, nodes, neutral)

        return connected

    def _negation(self, expression: Negation) -> Lowered:
        function = self.function(expression.what)

        def negation(binding: Binding) -> int:
            self._wanted = not self._wanted
            self._remembered = self._under_these_circumstances()
            inner = function(binding)
            self._wanted = not self._wanted
            self._remembered = self._under_these_circumstances()
            return self.negated(inner)

        return negation

    def _reading(self, expression: Reading) -> Lowered:
        arguments = expression.arguments
        names = [(isinstance(one, Variable), one.name) for one in arguments if isinstance(one, (Variable, Thing))]
        if len(names) < len(arguments):
            functions = [self.function(argument) for argument in arguments]
            return lambda binding: self._read_at(expression, functions, binding, ())

        def reading(binding: Binding) -> int:
            return self.read((expression.fluent, tuple([binding[name] if bound else name for bound, name in names])))

        return reading

    def _read_at(self, expression: Reading, arguments: list[Lowered], binding: Binding, names: tuple[str, ...]) -> int:
        """A reading with arguments that are read themselves, the first of which are known to be ``names``."""
        while len(names) < len(arguments):
            node = arguments[len(names)](binding)
            if not self.table.constant(node):
                return self._chosen(expression, arguments, binding, names, node)
            name = self._name(node)
            if name is None:
                return self.table.unknown
            names = *names, name
        return self.read((expression.fluent, names))

    def _chosen(self, expression: Reading, arguments: list[Lowered], binding: Binding, names: tuple[str, ...], node: int) -> int:
        """The same, the next of which is what ``node`` comes to."""
        parameter = self.vocabulary.story.fluent[expression.fluent].parameters[len(names)]
        result = self.table.unknown
        over = self.vocabulary.over(parameter)
        self._worked(len(over))
        for name in reversed(over):
            condition = self.table.node(EQUAL, node, self.entity(name))
            result = self.choice(condition, self._read_at(expression, arguments, binding, (*names, name)), result)
        return result

    def read(self, place: Place) -> int:
        if place not in self.vocabulary.places:
            return self.table.unknown
        value = self.constant(self._chain, place)
        if value is None:
            if self.exact:
                self._read.append(place)
            return self.table.node(READ, self.vocabulary.index[place])
        if self.exact:
            self._folded.append(place)
        return self.table.unknown if value == UNKNOWN else self.table.node(NUMBER, value, 1)

    def _comparison(self, expression: Comparison) -> Lowered:
        operator, left, right = _COMPARISONS[expression.operator], self.function(expression.left), self.function(expression.right)
        return lambda binding: self.compared(operator, left(binding), right(binding))

    def pin_again(self, literals: Iterable[Literal]) -> None:
        """Pin what has to be of these literals, now that other fluents are folded."""
        for expression, wanted, read in literals:
            folded = [place for place in read if place not in self.vocabulary.index]
            if folded:
                self._pin(expression, wanted, folded)

    def _pin(self, literal: Expression, wanted: bool, folded: list[Place]) -> None:
        """Keep from being folded what a correction of ``literal`` would set: of an equality one side, of all else all fluents in it."""
        if isinstance(literal, Comparison) and literal.operator == ("=" if wanted else "!="):
            for side in (literal.left, literal.right):
                while isinstance(side, Believes):
                    side = side.what
                if isinstance(side, Reading):
                    self.pinned |= {place for place in folded if place[0] == side.fluent}
                    return
        self.pinned |= {place for place in folded if self.vocabulary.ranges[place[0]][2]}

    def _believes(self, expression: Believes) -> Lowered:
        function, person = self.function(expression.what), expression.person
        if isinstance(person, (Variable, Thing)):
            bound, name, number = isinstance(person, Variable), person.name, self.vocabulary.person
            return lambda binding: self._in_mind(number[binding[name] if bound else name], function, binding)

        def believed(binding: Binding) -> int:
            result = self.table.unknown
            for name, condition in reversed(self.possible_names(person, binding, self.vocabulary.story.person_kind)):
                result = self.choice(condition, self._in_mind(self.vocabulary.person[name], function, binding), result)
            return result

        return believed

    def _in_mind(self, person: int, what: Lowered, binding: Binding) -> int:
        chain = self._chain
        if chain[-1:] == (person,):
            return what(binding)
        self._chain = (*chain, person)
        self._remembered = self._under_these_circumstances()
        try:
            inner = what(binding)
        finally:
            self._chain = chain
            self._remembered = self._under_these_circumstances()
        return self.believed(person, inner)

    def _membership(self, expression: Membership) -> Lowered:
        members, function = self.vocabulary.members.get(expression.kind, ()), self.function(expression.what)

        def membership(binding: Binding) -> int:
            node = function(binding)
            if self.table.constant(node):
                return self.table.true if self._name(node) in members else self.table.false
            self._worked(len(members))
            return self.any(self.compared(EQUAL, node, self.entity(name)) for name in members)

        return membership

    def _arithmetic(self, expression: Arithmetic) -> Lowered:
        operator, left, right = _ARITHMETIC[expression.operator], self.function(expression.left), self.function(expression.right)
        return lambda binding: self.calculated(operator, left(binding), right(binding))

    def _choice(self, expression: Choice) -> Lowered:
        condition, then, otherwise = map(self.function, (expression.condition, expression.then, expression.otherwise))
        return lambda binding: self.choice(condition(binding), then(binding), otherwise(binding))

    def _quantified(self, expression: Quantified) -> Lowered:
        variable, body = expression.binder.variable, self.function(expression.body)

        def bodies(binding: Binding) -> Iterator[int]:
            for name in self.entities(expression.binder, binding):
                self._worked(1)
                yield body({**binding, variable: name})

        if expression.quantifier == "every":
            return lambda binding: self.all(bodies(binding))
        if expression.quantifier == "some":
            return lambda binding: self.any(bodies(binding))
        if expression.quantifier == "count":
            return lambda binding: self.sum([self._counted(one) for one in bodies(binding)])
        return lambda binding: self.sum(list(bodies(binding)))

    def _counted(self, body: int) -> int:
        truth = self.truth(body)
        if truth is not None and (self.table.constant(body) or not self.exact):
            return self.table.true if truth else self.table.false
        return body

    def worth(self, wants: Iterable[Want], person: str | None) -> int:
        """What a state is worth to ``person`` (``None``: the author), by their ``wants``, all added up."""
        parts: list[int] = []
        for want in wants:
            if want.person != person:
                continue
            self.span = want.span
            measure = self.node(want.measure, {})
            if not want.each:
                parts.append(self.choice(measure, self.table.number(want.worth), self.table.false))
            elif self.table.constant(measure):
                value = self.table.value(measure)
                parts.append(self.table.unknown if value is None else self.table.number(value * want.worth))
            else:
                parts.append(measure if want.worth == 1 else self.table.node(TIMES, self.table.number(want.worth), measure))
        return self.sum(parts)

    def _name(self, node: int) -> str | None:
        number = self.table.whole(node)
        names = self.vocabulary.names
        return names[number] if number is not None and 0 < number < len(names) else None


def _is_literal(expression: Expression) -> bool:
    """Whether a correction takes an expression whole; a bare fluent aside, which is right where it never changes."""
    if isinstance(expression, Quantified):
        return expression.quantifier in ("count", "sum")
    return isinstance(expression, (Comparison, Choice, Arithmetic))
