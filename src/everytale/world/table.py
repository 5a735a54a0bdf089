"""The table of nodes that expressions are for the native core: each node but once, children before parents."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from fractions import Fraction

from everytale.diagnostics import StoryError

NUMBER, UNKNOWN_NODE, READ, BELIEVES, EQUAL, DIFFERENT, LESS, AT_MOST, GREATER, AT_LEAST = range(10)
NOT, ALL, ANY, SUM, MINUS, TIMES, OVER, IF, STILL = range(10, 19)

"""The operators, as the core numbers them."""

LEAVES, GROUPS = frozenset((NUMBER, UNKNOWN_NODE, READ, STILL)), frozenset((ALL, ANY, SUM, IF))
"""Those of no other nodes, and those of any number of them."""

DEEPEST = 390
"""How deep nodes may be nested."""
LARGEST = 2**62
"""Numerators and denominators lie below it."""


def nested_too_deep() -> StoryError:
    hint = "Split it: give a part of it a fact of its own."
    return StoryError.one("too-deep", "Nested too deep", "An expression is nested too deeply.", None, hint)


class Table:
    """The nodes of a grounding, each but once."""

    def __init__(self) -> None:
        self.operator, self.first, self.second, self.operands = array("q"), array("q"), array("q"), array("q")
        self.depth = array("H")
        self.known: dict[int, bool] = {}
        """Whether conditions hold that are the same in all states."""
        self.groups: dict[int, set[int]] = {operator: set() for operator in GROUPS}
        self._nodes: dict[tuple[int, ...], int] = {}
        self.false, self.true, self.unknown = self.node(NUMBER, 0, 1), self.node(NUMBER, 1, 1), self.node(UNKNOWN_NODE)
        self.known |= {self.false: False, self.true: True, self.unknown: False}

    def node(self, operator: int, first: int = 0, second: int = 0) -> int:
        key = (operator, first, second)
        found = self._nodes.get(key)
        if found is None:
            inner = 0
            if operator == BELIEVES:
                inner = self.depth[second]
            elif operator >= EQUAL:
                inner = self.depth[first] if operator in (NOT, STILL) else max(self.depth[first], self.depth[second])
            found = self._nodes[key] = self._append(operator, first, second, inner)
            if operator == NUMBER:
                self.known[found] = first != 0
        return found

    def group(self, operator: int, nodes: tuple[int, ...]) -> int:
        key = (operator, -1, *nodes)
        found = self._nodes.get(key)
        if found is None:
            begin = len(self.operands)
            self.operands.extend(nodes)
            inner = max(map(self.depth.__getitem__, nodes), default=0)
            found = self._nodes[key] = self._append(operator, begin, len(nodes), inner)
            self.groups[operator].add(found)
        return found

    def _append(self, operator: int, first: int, second: int, inner: int) -> int:
        if inner >= DEEPEST:
            raise nested_too_deep()
        self.operator.append(operator)
        self.first.append(first)
        self.second.append(second)
        self.depth.append(inner + 1)
        return len(self.operator) - 1

    def number(self, value: Fraction | int) -> int:
        over, under = value.numerator, value.denominator
        if not (-LARGEST < over < LARGEST and under < LARGEST):
            raise StoryError.one("overflow", "A number is too large", f"{value} does not fit into 62 bits.")
        return self.node(NUMBER, over, under)

    def constant(self, node: int) -> bool:
        return self.operator[node] <= UNKNOWN_NODE

    def value(self, node: int) -> Fraction | None:
        """What a constant node comes to; ``None``: unknown."""
        return Fraction(self.first[node], self.second[node]) if self.operator[node] == NUMBER else None

    def whole(self, node: int) -> int | None:
        """The same where it is a whole number."""
        return self.first[node] if self.operator[node] == NUMBER and self.second[node] == 1 else None

    def parts(self, node: int) -> Iterator[int]:
        begin = self.first[node]
        return iter(self.operands[begin : begin + self.second[node]])

    def inner(self, node: int) -> Iterable[int]:
        """What a node of any kind directly consists of."""
        operator = self.operator[node]
        if operator in GROUPS:
            return self.parts(node)
        if operator == NOT:
            return (self.first[node],)
        if operator == BELIEVES:
            return (self.second[node],)
        return () if operator in LEAVES else (self.first[node], self.second[node])

    @property
    def size(self) -> tuple[int, int]:
        """How many nodes and operands there are."""
        return len(self.operator), len(self.operands)

    def since(self, size: tuple[int, int]) -> tuple[array[int], array[int], array[int], array[int]]:
        """The nodes and operands added since it had that ``size``."""
        nodes, operands = size
        return self.operator[nodes:], self.first[nodes:], self.second[nodes:], self.operands[operands:]
