"""What nodes come to when they are put together: what never changes is folded, what decides a condition leaves nothing else of it.

A precondition is put together *exactly*: only what is neutral is left out of it, since somebody who is surprised by a move corrects all of
its literals that are false to them, also those beside one that decides the matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

from everytale.core import UNKNOWN
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
    SUM,
    TIMES,
    Table,
)
from everytale.world.vocabulary import Vocabulary

_Claim: TypeAlias = tuple[tuple[int, ...], tuple[int, bool]]
"""Of the fluent at the end of a chain of people, that it has, or has not, the value of a constant node."""


class Folding:
    """Makes nodes of nodes, in ``table``. ``exact``: as a precondition is."""

    def __init__(self, vocabulary: Vocabulary, table: Table) -> None:
        self.vocabulary, self.table = vocabulary, table
        self.exact = False
        self._claims: dict[int, _Claim] = {}

    def truth(self, node: int) -> bool | None:
        """Whether a condition holds in all states or in none (``None``: it depends)."""
        return self.table.known.get(node)

    # -- conditions --

    def all(self, nodes: Iterable[int]) -> int:
        return self._connected(ALL, nodes, neutral=True)

    def any(self, nodes: Iterable[int]) -> int:
        return self._connected(ANY, nodes, neutral=False)

    def _connected(self, operator: int, nodes: Iterable[int], neutral: bool) -> int:
        table = self.table
        nothing, decisive = (table.true, table.false) if neutral else (table.false, table.true)
        nodes = [node for node in nodes if node != nothing]
        if table.known.keys().isdisjoint(nodes) and table.groups[operator].isdisjoint(nodes):  # as nearly always
            return self._grouped(operator, dict.fromkeys(nodes), nothing)
        kept = dict[int, None]()
        decided = False
        for node in nodes:
            truth = table.known.get(node)
            if truth is (not neutral):
                if not self.exact:
                    return decisive
                decided = True
            if truth is not None and (table.constant(node) or (truth is neutral and not self.exact)):
                continue
            if table.operator[node] == operator:
                kept |= dict.fromkeys(table.parts(node))
            else:
                kept[node] = None
        if not decided:
            made = self._grouped(operator, kept, nothing)
            if kept and all(table.known.get(node) is neutral for node in kept):
                table.known[made] = neutral
            return made
        kept.pop(decisive, None)
        if not kept:
            return decisive
        made = table.group(operator, (*kept, decisive))
        table.known[made] = not neutral
        return made

    def _grouped(self, operator: int, kept: dict[int, None], nothing: int) -> int:
        if not kept:
            return nothing
        if len(kept) == 1 and not self.exact:  # an `or` of one is visited only where that one is true
            return next(iter(kept))
        made = self.table.group(operator, tuple(kept))
        if operator == ALL and self._contradictory(kept):
            self.table.known[made] = False
            return made if self.exact else self.table.false
        return made

    def _contradictory(self, nodes: Iterable[int]) -> bool:
        """Whether one fluent would have two values at once, or one that it must not have."""
        claims = [self._claims.get(node) or self._claim(node) for node in nodes]
        if len(dict(claims)) == len(claims):
            return False
        must: dict[tuple[int, ...], int] = {}
        must_not: set[tuple[tuple[int, ...], int]] = set()
        for fluent, (value, equal) in claims:
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
        claim: _Claim = (-1, node), (0, True)
        if operator == READ:
            claim = (*chain, first), (table.true if equal else table.false, True)
        elif operator in (EQUAL, DIFFERENT):
            if table.constant(first):
                first, second = second, first
            if table.operator[first] == READ and table.constant(second):
                claim = (*chain, table.first[first]), (second, equal == (operator == EQUAL))
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

    def believed(self, person: int, inner: int) -> int:
        """``inner`` in the mind of ``person``."""
        table = self.table
        if table.constant(inner) or (table.operator[inner] == BELIEVES and table.first[inner] == person):
            return inner
        made = table.node(BELIEVES, person, inner)
        if inner in table.known:
            table.known[made] = table.known[inner]
        return made

    # -- numbers --

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


def _compare(operator: int, left: Fraction | None, right: Fraction | None) -> bool:
    if operator == EQUAL:
        return left == right
    if operator == DIFFERENT:
        return left != right
    if left is None or right is None:
        return False
    return {LESS: left < right, AT_MOST: left <= right, GREATER: left > right, AT_LEAST: left >= right}[operator]
