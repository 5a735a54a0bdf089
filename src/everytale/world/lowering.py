"""Expressions as the native core has them: nodes of one table, quantifiers expanded, what never changes folded.

A precondition is lowered *exactly*: only what is neutral is left out of it, since somebody who is surprised by a move corrects all of
its literals that are false to them, also those beside one that decides the matter.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from fractions import Fraction
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
from everytale.world.table import (
    ALL,
    ANY,
    AT_LEAST,
    AT_MOST,
    BELIEVES,
    DIFFERENT,
    EQUAL,
    GREATER,
    IF,
    LESS,
    MINUS,
    NOT,
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
Literal: TypeAlias = tuple[Expression, bool, tuple[Place, ...]]
"""A literal of a precondition, whether it is to hold (or not to), and the fluents that it reads."""
_Claim: TypeAlias = tuple[tuple[int, ...], int, bool]
"""Of the fluent at the end of a chain of people, that it has, or has not, the value of a constant node."""
NONE_SHARED: Mapping[int, Callable[[Binding], Hashable]] = MappingProxyType({})


class Lowering:
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
        self.vocabulary, self.table, self.constant = vocabulary, table, constant
        self.exact = False
        self.pinned: set[Place] = set()
        """Fluents that never change by themselves, but that a correction reads or doubts, so that they cannot be folded."""
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
        self._lowered = self._remembered()
        self._entities: dict[str, int] = {}
        self._claims: dict[int, _Claim] = {}
        self._by_type: dict[type, Callable[..., int]] = {
            Truth: lambda e, _: self.table.true if e.value else self.table.false,
            Number: lambda e, _: self.table.number(e.value),
            Thing: lambda e, _: self.entity(e.name),
            Variable: lambda e, binding: self.entity(binding[e.name]),
            Unknown: lambda e, _: self.table.unknown,
            Stillness: lambda e, _: self.table.node(STILL),
            Reading: self._reading,
            Comparison: self._comparison,
            Negation: self._negation,
            Conjunction: lambda e, binding: self._connected(ALL, [self.node(part, binding) for part in e.parts], True),
            Disjunction: lambda e, binding: self._connected(ANY, [self.node(part, binding) for part in e.parts], False),
            Believes: self._believes,
            Membership: self._membership,
            Arithmetic: self._arithmetic,
            Choice: self._choice,
            Quantified: self._quantified,
        }

    def node(self, expression: Expression, binding: Binding) -> int:
        self.work += 1
        if self.work > MOST_WORK:
            raise too_large("Its conditions and effects, all instances counted, have too many parts.", self.span)
        depends = self._shared.get(id(expression))
        if depends is None or (self.exact and self._in_literal):
            return self._made(expression, binding)
        key = id(expression), depends(binding)
        known = self._lowered.get(key)
        if known is None:
            known = self._lowered[key] = self._made(expression, binding)
        return known

    def _remembered(self) -> dict[Hashable, int]:
        """What was lowered before under the same circumstances."""
        return self._by_circumstances.setdefault((self._chain, self.exact, self.exact and self._wanted), {})

    def _made(self, expression: Expression, binding: Binding) -> int:
        """The node of an expression that is not remembered."""
        form = type(expression)
        if not self.exact or self._in_literal or not _is_literal(expression):
            return self._by_type[form](expression, binding)
        self._in_literal = True
        self._folded.clear()
        self._read.clear()
        made = self._by_type[form](expression, binding)
        self._in_literal = False
        if self._folded and not self.table.constant(made):
            self._pin(expression, self._wanted, self._folded)
        if self._read:
            self.literals.setdefault(made, []).append((expression, self._wanted, tuple(self._read)))
        return made

    def precondition(self, expression: Expression, binding: Binding) -> int:
        """``expression`` exactly."""
        self.exact, self._wanted, self._in_literal = True, True, False
        self._lowered = self._remembered()
        try:
            return self.node(expression, binding)
        finally:
            self.exact = False
            self._lowered = self._remembered()

    def truth(self, node: int) -> bool | None:
        """Whether a condition holds in all states or in none (``None``: it depends)."""
        return self.table.known.get(node)

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

    # -- connectives --

    def all(self, nodes: Iterable[int]) -> int:
        return self._connected(ALL, nodes, neutral=True)

    def any(self, nodes: Iterable[int]) -> int:
        return self._connected(ANY, nodes, neutral=False)

    def _connected(self, operator: int, nodes: Iterable[int], neutral: bool) -> int:
        table, kept = self.table, dict[int, None]()
        operators, known_truth = table.operator, table.known.get
        decided = False
        for node in nodes:
            truth = known_truth(node)
            if truth is not None:
                if truth is neutral:
                    if table.constant(node) or not self.exact:
                        continue
                else:
                    if not self.exact:
                        return table.true if not neutral else table.false
                    decided = True
                    if table.constant(node):
                        continue
            if operators[node] == operator:
                kept |= dict.fromkeys(table.parts(node))
            else:
                kept[node] = None
        if not decided:
            if not kept:
                return table.true if neutral else table.false
            if len(kept) == 1 and not self.exact:  # an `or` of one is visited only where that one is true
                return next(iter(kept))
            made = table.group(operator, tuple(kept))
            if known_truth(next(iter(kept))) is neutral and all(known_truth(node) is neutral for node in kept):
                table.known[made] = neutral
            elif operator == ALL and self._contradictory(kept):
                table.known[made] = False
                return made if self.exact else table.false
            return made
        decisive = table.false if neutral else table.true
        if not kept:
            return decisive
        made = table.group(operator, (*(node for node in kept if node != decisive), decisive))
        table.known[made] = not neutral
        return made

    def _contradictory(self, nodes: Iterable[int]) -> bool:
        """Whether one fluent would have two values at once, or one that it must not have."""
        claims = [self._claims.get(node) or self._claim(node) for node in nodes]
        if len({fluent for fluent, _, _ in claims}) == len(claims):
            return False
        must: dict[tuple[int, ...], int] = {}
        must_not: set[tuple[tuple[int, ...], int]] = set()
        for fluent, value, equal in claims:
            if not equal:
                must_not.add((fluent, value))
            elif must.setdefault(fluent, value) != value:
                return True
        return any(must.get(fluent) == value for fluent, value in must_not)

    def _claim(self, node: int) -> _Claim:
        """What a literal says. All else makes a claim of its own, which nothing contradicts."""
        table, equal, chain, literal = self.table, True, list[int](), node
        while table.operator[literal] in (NOT, BELIEVES):
            if table.operator[literal] == NOT:
                equal, literal = not equal, table.first[literal]
            else:
                chain.append(table.first[literal])
                literal = table.second[literal]
        operator, first, second = table.operator[literal], table.first[literal], table.second[literal]
        claim: _Claim = (-1, node), 0, True
        if operator == READ:
            claim = (*chain, first), table.true if equal else table.false, True
        elif operator in (EQUAL, DIFFERENT):
            if table.constant(first):
                first, second = second, first
            if table.operator[first] == READ and table.constant(second):
                claim = (*chain, table.first[first]), second, equal == (operator == EQUAL)
        self._claims[node] = claim
        return claim

    def negated(self, node: int) -> int:
        table = self.table
        if table.constant(node):
            return table.false if table.known[node] else table.true
        if table.operator[node] == NOT:
            return table.first[node]
        made = table.node(NOT, node)
        if node in table.known:
            table.known[made] = not table.known[node]
        return made

    def choice(self, condition: int, then: int, otherwise: int) -> int:
        known = self.table.known.get(condition)
        if known is not None and (self.table.constant(condition) or not self.exact):
            return then if known else otherwise
        return then if then == otherwise else self.table.group(IF, (condition, then, otherwise))

    # -- one kind of expression each --

    def _negation(self, expression: Negation, binding: Binding) -> int:
        self._wanted = not self._wanted
        self._lowered = self._remembered()
        inner = self.node(expression.what, binding)
        self._wanted = not self._wanted
        self._lowered = self._remembered()
        return self.negated(inner)

    def _reading(self, expression: Reading, binding: Binding) -> int:
        arguments: list[str] = []
        for position, argument in enumerate(expression.arguments):
            if type(argument) is Variable:
                arguments.append(binding[argument.name])
            elif type(argument) is Thing:
                arguments.append(argument.name)
            else:
                node = self.node(argument, binding)
                if not self.table.constant(node):
                    return self._chosen(expression, position, node, binding)
                name = self._name(node)
                if name is None:
                    return self.table.unknown
                arguments.append(name)
        return self.read((expression.fluent, tuple(arguments)))

    def _chosen(self, expression: Reading, position: int, argument: int, binding: Binding) -> int:
        """A reading one of whose arguments is itself read."""
        parameter = self.vocabulary.story.fluent[expression.fluent].parameters[position]
        result = self.table.unknown
        before, after = expression.arguments[:position], expression.arguments[position + 1 :]
        for name in reversed(self.vocabulary.over(parameter)):
            reading = Reading(expression.fluent, (*before, Thing(name), *after), span=expression.span)
            result = self.choice(self.table.node(EQUAL, argument, self.entity(name)), self.node(reading, binding), result)
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

    def _comparison(self, expression: Comparison, binding: Binding) -> int:
        return self.compared(_COMPARISONS[expression.operator], self.node(expression.left, binding), self.node(expression.right, binding))

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

    def compared(self, operator: int, left: int, right: int) -> int:
        table = self.table
        if table.constant(left) and table.constant(right):
            a, b = table.value(left), table.value(right)
            return table.true if _compare(operator, a, b) else table.false
        if left == right and operator in (EQUAL, DIFFERENT) and not self.exact:
            return table.true if operator == EQUAL else table.false
        if operator in (EQUAL, DIFFERENT):
            for one, other in ((left, right), (right, left)):
                if table.operator[one] == READ and table.constant(other) and not self._may_be(one, other):
                    made = table.node(operator, left, right)
                    table.known[made] = operator == DIFFERENT
                    return made if self.exact else table.true if operator == DIFFERENT else table.false
        return table.node(operator, left, right)

    def _may_be(self, read: int, constant: int) -> bool:
        """Whether a fluent may have that value at all."""
        number = UNKNOWN if constant == self.table.unknown else self.table.whole(constant)
        return number is not None and self.vocabulary.admits(self.vocabulary.fluents[self.table.first[read]].key, number)

    def _believes(self, expression: Believes, binding: Binding) -> int:
        result = self.table.unknown
        for name, condition in reversed(self.possible_names(expression.person, binding, self.vocabulary.story.person_kind)):
            inner = self._in_mind(self.vocabulary.person[name], expression.what, binding)
            result = self.choice(condition, inner, result)
        return result

    def _in_mind(self, person: int, what: Expression, binding: Binding) -> int:
        chain = self._chain
        if chain[-1:] == (person,):
            return self.node(what, binding)
        self._chain = (*chain, person)
        self._lowered = self._remembered()
        try:
            inner = self.node(what, binding)
        finally:
            self._chain = chain
            self._lowered = self._remembered()
        return self.believed(person, inner)

    def believed(self, person: int, inner: int) -> int:
        """``inner`` in the mind of ``person``."""
        table = self.table
        if table.constant(inner) or (table.operator[inner] == BELIEVES and table.first[inner] == person):
            return inner
        made = table.node(BELIEVES, person, inner)
        if inner in table.known:
            table.known[made] = table.known[inner]
        return made

    def _membership(self, expression: Membership, binding: Binding) -> int:
        members = self.vocabulary.members.get(expression.kind, ())
        node = self.node(expression.what, binding)
        if self.table.constant(node):
            return self.table.true if self._name(node) in members else self.table.false
        return self.any(self.compared(EQUAL, node, self.entity(name)) for name in members)

    def _arithmetic(self, expression: Arithmetic, binding: Binding) -> int:
        left, right = self.node(expression.left, binding), self.node(expression.right, binding)
        return self.calculated(_ARITHMETIC[expression.operator], left, right)

    def calculated(self, operator: int, left: int, right: int) -> int:
        table = self.table
        if table.unknown in (left, right) and not self.exact:
            return table.unknown
        if table.constant(left) and table.constant(right):
            a, b = table.value(left), table.value(right)
            if a is None or b is None or (operator == OVER and b == 0):
                return table.unknown
            return table.number(a + b if operator == SUM else a - b if operator == MINUS else a * b if operator == TIMES else a / b)
        if operator == SUM:
            return table.group(SUM, (left, right))
        return table.node(operator, left, right)

    def _choice(self, expression: Choice, binding: Binding) -> int:
        condition = self.node(expression.condition, binding)
        return self.choice(condition, self.node(expression.then, binding), self.node(expression.otherwise, binding))

    def _quantified(self, expression: Quantified, binding: Binding) -> int:
        variable = expression.binder.variable
        bodies = (self.node(expression.body, {**binding, variable: name}) for name in self.entities(expression.binder, binding))
        if expression.quantifier == "every":
            return self.all(bodies)
        if expression.quantifier == "some":
            return self.any(bodies)
        if expression.quantifier == "count":
            return self.sum([self._counted(body) for body in bodies])
        return self.sum(list(bodies))

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

    def sum(self, nodes: list[int]) -> int:
        """The sum of nodes, constants added up."""
        table = self.table
        if table.unknown in nodes and not self.exact:
            return table.unknown
        fixed = sum((value for node in nodes if table.constant(node) and (value := table.value(node)) is not None), Fraction(0))
        open_parts = [node for node in nodes if table.operator[node] != NUMBER]
        if fixed or not open_parts:
            open_parts.append(table.number(fixed))
        return open_parts[0] if len(open_parts) == 1 else table.group(SUM, tuple(open_parts))

    def _name(self, node: int) -> str | None:
        number = self.table.whole(node)
        names = self.vocabulary.names
        return names[number] if number is not None and 0 < number < len(names) else None


def _compare(operator: int, left: Fraction | None, right: Fraction | None) -> bool:
    if operator == EQUAL:
        return left == right
    if operator == DIFFERENT:
        return left != right
    if left is None or right is None:
        return False
    return {LESS: left < right, AT_MOST: left <= right, GREATER: left > right, AT_LEAST: left >= right}[operator]


def _is_literal(expression: Expression) -> bool:
    """Whether a correction takes an expression whole; a bare fluent aside, which is right where it never changes."""
    if isinstance(expression, Quantified):
        return expression.quantifier in ("count", "sum")
    return isinstance(expression, (Comparison, Choice, Arithmetic))
