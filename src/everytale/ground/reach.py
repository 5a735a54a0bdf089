"""What can come to be at all: for every ground fluent, the values that it may ever have, in truth or in any mind.

A relaxation: every move whose condition can hold is made, in truth and in every mind at once, and a fluent keeps every value
that it ever had. So what has no value but one never changes, a condition that no such values fulfil never holds, and numbers
without a stated bound have one that is derived.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from everytale.core import UNKNOWN
from everytale.ground.values import BOTH, MAY, MAY_NOT, NOTHING, UNKNOWN_ALONE, Values, calculated, equal, joined, listed, ordered, swapped
from everytale.world.grounding import Grounding
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
    UNKNOWN_NODE,
)

T = TypeVar("T")

PATIENCE = 100
"""How often a fluent may gain values before it gets its whole range."""


class Reach:
    """The relaxation of one grounding, run to its end. ``starts``: the rows of values of all minds at the start, after its triggers.

    ``moves`` and ``triggers``: which of them can happen. ``values``: of each fluent. ``forced``: fluents that some effect would
    give a value that they cannot have, so that they have to be kept though they never change. With ``steps``, numbers without a
    stated bound grow by at most so many moves. ``look`` is called again and again.

    Hundreds of instances of a rule wait for the same few conditions and have the same few effects, so each of these is looked at but once,
    for all of them; and again when what it reads has more values.
    """

    def __init__(self, grounding: Grounding, starts: Iterable[list[int]], steps: int | None, look: Callable[[], None]) -> None:
        self._look = look
        self.table, self.columns = grounding.lowering.table, grounding.columns
        vocabulary = grounding.vocabulary
        self.ranges = [vocabulary.ranges[fluent.key] for fluent in vocabulary.fluents]
        self.open_ended = {index for index, fluent in enumerate(vocabulary.fluents) if vocabulary.is_open(fluent.fluent)}
        self.values = [_numbered(column) for column in zip(*starts, strict=True)]
        self.moves, self.triggers = set[int](), set[int]()
        self.forced: set[int] = set()
        self._reads: dict[int, frozenset[int]] = {}
        self._constants: dict[int, Values] = {}
        self._both: set[int] = set()
        """Conditions that may hold and may not, which will not change."""
        self._growth = [0] * len(self.ranges)
        self._waiting: dict[int, Values] | None = None
        self._chain: tuple[int, ...] = ()
        self._watchers: list[dict[_Gate | _Source, None]] = [{} for _ in self.ranges]
        columns = (self.columns[f"effect_{name}"] for name in ("condition", "fluent", "change", "value"))
        self._effects = list(zip(*columns, strict=True))
        self._known: set[Hashable] = set()
        """What is a gate or a source by now."""
        self._gates: dict[tuple[bool, int], _Gate] = {}
        self._due: tuple[dict[_Rule | _Gate | _Source, None], ...] = tuple(dict.fromkeys(self._rules(what)) for what in ("trigger", "move"))
        self._run(steps if self.open_ended else None)

    def derived(self) -> Mapping[int, tuple[int, int]]:
        """The ranges of the numbers that the story leaves unbounded."""
        found: dict[int, tuple[int, int]] = {}
        for fluent in self.open_ended:
            least, greatest = self.values[fluent].least, self.values[fluent].greatest
            if least is not None and greatest is not None:
                found[fluent] = int(least), int(greatest)
        return found

    # -- rules --

    def _rules(self, what: str) -> Iterator[_Rule]:
        offsets, upon = self.columns[f"{what}_effect_offsets"], self.columns.get(f"{what}_upon")
        for index, precondition in enumerate(self.columns[f"{what}_precondition"]):
            conditions = self._conjuncts(precondition)
            if upon is not None and upon[index] >= 0:
                conditions.append(upon[index])
            yield _Rule(what == "move", index, conditions, precondition, range(offsets[index], offsets[index + 1]))

    def _conjuncts(self, node: int) -> list[int]:
        return list(self.table.parts(node)) if self.table.operator[node] == ALL else [node]

    def _corrections(self, node: int, wanted: bool) -> Iterator[tuple[int, int, int]]:
        """What somebody surprised by a move may come to believe: a literal, the fluent and the node that it is set to (-1: unknown).

        An equality sets its fluent to what the other side is to somebody else, for whom it need not hold either.
        """
        operator, first, second = self.table.operator[node], self.table.first[node], self.table.second[node]
        if operator == NOT:
            yield from self._corrections(first, not wanted)
        elif operator in (ALL, ANY):
            for part in self.table.parts(node):
                yield from self._corrections(part, wanted)
        elif operator == BELIEVES:
            yield from self._corrections(second, wanted)
        elif operator == READ:
            yield node, first, self.table.true if wanted else self.table.false
        elif operator == (EQUAL if wanted else DIFFERENT) and (fluent := self._fluent(first)) is not None:
            yield node, fluent, second
        elif operator == (EQUAL if wanted else DIFFERENT) and (fluent := self._fluent(second)) is not None:
            yield node, fluent, first
        else:
            yield from ((node, fluent, -1) for fluent in self.reads(node))

    def _fluent(self, node: int) -> int | None:
        """The fluent that a node reads, perhaps within beliefs."""
        while self.table.operator[node] == BELIEVES:
            node = self.table.second[node]
        return self.table.first[node] if self.table.operator[node] == READ else None

    # -- rounds --

    def _run(self, steps: int | None) -> None:
        triggers, moves = self._due
        rounds = 0
        while True:
            while triggers:
                self._try(triggers.popitem()[0])
            if not moves or rounds == steps:
                return
            rounds += 1
            due = list(moves)
            moves.clear()
            self._waiting = None if steps is None else {}
            for one in due:
                self._try(one)
            if self._waiting is not None:
                waiting, self._waiting = self._waiting, None
                for fluent, values in waiting.items():
                    self._gain(fluent, values)

    def _try(self, one: _Rule | _Gate | _Source) -> None:
        """Do what can be done by now; the rest is looked at again when what it waits for has more values, of which none is ever lost."""
        self._look()
        if isinstance(one, _Source):
            self._draw(one)
        elif isinstance(one, _Rule):
            self._advance(one)
        elif self.truth(one.condition) & MAY:
            rules, one.rules = one.rules, []
            for rule in rules:
                self._advance(rule)
        else:
            self._watch(one, self.reads(one.condition))

    def _advance(self, rule: _Rule) -> None:
        """Go on to the first of its conditions that cannot hold so far; if there is none, ``rule`` is reached."""
        while rule.conditions:
            condition = rule.conditions[-1]
            gate = self._gates.get((rule.is_move, condition))
            if gate is None:
                gate = self._gates[rule.is_move, condition] = _Gate(rule.is_move, condition, [])
                if not self.truth(condition) & MAY:
                    gate.rules.append(rule)
                    self._watch(gate, self.reads(condition))
                    return
            elif gate.rules:
                gate.rules.append(rule)
                return
            rule.conditions.pop()
        (self.moves if rule.is_move else self.triggers).add(rule.index)
        for effect in rule.effects:
            whose, source = self._whose(effect), self._effects[effect]
            if self._is_new((rule.is_move, whose, *source)):
                condition, fluent, change, value = source
                self._draw(_Source(rule.is_move, condition, fluent, change, value, self._targets(whose, fluent)))
        if rule.is_move:
            for condition in self._conjuncts(rule.precondition):
                if self._is_new(condition):
                    self._correct(condition)

    def _correct(self, condition: int) -> None:
        """Add what somebody surprised may come to believe."""
        for literal, fluent, value in self._corrections(condition, True):
            if self._is_new((literal, fluent, value)):
                self._draw(_Source(True, literal, fluent, 0, value, (fluent,), corrects=True))

    def _is_new(self, key: Hashable) -> bool:
        if key in self._known:
            return False
        self._known.add(key)
        return True

    def _watch(self, one: _Gate | _Source, fluents: Iterable[int]) -> None:
        for fluent in fluents:
            self._watchers[fluent][one] = None

    def _draw(self, source: _Source) -> None:
        """Add what a source gives by now."""
        condition, fluent, node = source.condition, source.fluent, source.value
        if condition >= 0:
            truth = self.truth(condition)
            if truth != BOTH if source.corrects else not truth & MAY:
                self._watch(source, self.reads(condition))
                return
            source.condition = -1
        # before it adds anything: it may feed itself
        self._watch(source, self.reads(node) | {fluent} if source.change else self.reads(node))
        value = self.value(node) if node >= 0 else UNKNOWN_ALONE
        if source.change:
            value = calculated(SUM if source.change == 1 else MINUS, self.values[fluent], value)
        fitting, all_fit = self._fitting(fluent, value)
        if not all_fit and not source.change and not source.corrects:
            self.forced.add(fluent)
        for target in source.targets:
            self._gain(target, fitting)

    def _gain(self, fluent: int, values: Values) -> None:
        if self._waiting is not None:
            self._waiting[fluent] = joined(self._waiting[fluent], values) if fluent in self._waiting else values
            return
        now = self.values[fluent]
        whole = joined(now, values)
        if whole == now:
            return
        self._growth[fluent] += 1
        if self._growth[fluent] > PATIENCE:
            low, high, unknown = self.ranges[fluent]
            whole = Values(None, low, high, unknown)
        self.values[fluent] = whole
        watchers = self._watchers[fluent]
        for one in watchers:
            self._due[one.is_move][one] = None
        watchers.clear()

    def _fitting(self, fluent: int, values: Values) -> tuple[Values, bool]:
        """What a fluent comes to have of ``values``, clamped, and whether it can have them all."""
        low, high, unknown = self.ranges[fluent]
        if values.listed is None:
            least, greatest = (min(max(number, low), high) for number in (values.low, values.high))
            return Values(None, least, greatest, values.unknown and unknown), False
        fits = unknown or not values.unknown
        if all(number.denominator == 1 and low <= number <= high for number in values.listed):
            return (values if fits else listed(values.listed)), fits
        clamped = [min(max(int(number), low), high) for number in values.listed if number.denominator == 1]
        return listed(clamped, values.unknown and unknown), False

    def _variable(self, chain: tuple[int, ...], fluent: int) -> int:
        """Under which number the values of a fluent are kept, in the mind at the end of ``chain``: here one for all minds."""
        return fluent

    def _whose(self, effect: int) -> tuple[int, ...]:
        """In whose mind an effect is to be told from the same one in another: here in none."""
        return ()

    def _targets(self, chain: tuple[int, ...], fluent: int) -> Iterable[int]:
        """What an effect on ``fluent`` in the mind at the end of ``chain`` gives its values to."""
        return (fluent,)

    # -- expressions --

    def reads(self, node: int) -> frozenset[int]:
        """The fluents in an expression."""
        if node < 0:
            return frozenset()
        found = self._reads.get(node)
        if found is None:
            if self.table.operator[node] == READ:
                found = frozenset((self.table.first[node],))
            else:
                found = frozenset[int]().union(*map(self.reads, self.table.inner(node)))
            self._reads[node] = found
        return found

    def truth(self, node: int) -> int:
        """Whether a condition may hold (1) and whether it may not (2)."""
        if self._chain:
            return self._truth(node)
        if node in self._both:
            return BOTH
        truth = self._truth(node)
        if truth == BOTH:
            self._both.add(node)
        return truth

    def _truth(self, node: int) -> int:
        operator, first, second = self.table.operator[node], self.table.first[node], self.table.second[node]
        if operator in (EQUAL, DIFFERENT):
            same = equal(self.value(first), self.value(second))
            return same if operator == EQUAL else swapped(same)
        if operator in (ALL, ANY):
            decided = MAY if operator == ALL else MAY_NOT
            seen = 0
            for part in self.table.parts(node):
                truth = self.truth(part)
                if not truth & decided:
                    return truth
                seen |= truth
            return decided | (seen & swapped(decided))
        if operator == BELIEVES:
            return self._within(first, self.truth, second)
        if operator == NOT:
            return swapped(self.truth(first))
        if operator in (LESS, AT_MOST):
            return ordered(self.value(first), self.value(second), operator == LESS)
        if operator in (GREATER, AT_LEAST):
            return ordered(self.value(second), self.value(first), operator == GREATER)
        if operator == STILL:
            return BOTH
        if operator == IF:
            condition, then, otherwise = self.table.parts(node)
            truth = self.truth(condition)
            return (self.truth(then) if truth & MAY else 0) | (self.truth(otherwise) if truth & MAY_NOT else 0)
        values = self.value(node)
        return swapped(equal(values, NOTHING)) | (MAY_NOT if values.unknown else 0)

    def _within(self, person: int, ask: Callable[[int], T], node: int) -> T:
        outer = self._chain
        self._chain = (*outer, person)
        try:
            return ask(node)
        finally:
            self._chain = outer

    def value(self, node: int) -> Values:
        operator, first, second = self.table.operator[node], self.table.first[node], self.table.second[node]
        if operator == READ:
            return self.values[self._variable(self._chain, first)]
        if operator == NUMBER:
            known = self._constants.get(node)
            if known is None:
                known = self._constants[node] = Values(frozenset((first if second == 1 else Fraction(first, second),)))
            return known
        if operator == UNKNOWN_NODE:
            return UNKNOWN_ALONE
        if operator == BELIEVES:
            return self._within(first, self.value, second)
        if operator == IF:
            condition, then, otherwise = self.table.parts(node)
            truth = self.truth(condition)
            if truth == MAY:
                return self.value(then)
            return self.value(otherwise) if truth == MAY_NOT else joined(self.value(then), self.value(otherwise))
        if operator == SUM:
            total = listed((0,))
            for part in self.table.parts(node):
                total = calculated(SUM, total, self.value(part))
            return total
        if operator in (MINUS, TIMES, OVER):
            return calculated(operator, self.value(first), self.value(second))
        truth = self.truth(node)
        return listed([number for number, bit in ((0, MAY_NOT), (1, MAY)) if truth & bit])


@dataclass(slots=True, eq=False)
class _Rule:
    """A move or trigger, and those of its conditions that are not known to be able to hold."""

    is_move: bool
    index: int
    conditions: list[int]
    precondition: int
    effects: range


@dataclass(slots=True, eq=False)
class _Gate:
    """A condition, and the rules that wait for it, while it cannot hold so far."""

    is_move: bool
    condition: int
    rules: list[_Rule]


@dataclass(slots=True, eq=False)
class _Source:
    """An effect of rules that can happen, or (``corrects``) what somebody surprised by one may come to believe: where a fluent
    gets values from, as soon as ``condition`` (-1: always) may hold, or of a correction may and may not."""

    is_move: bool
    condition: int
    fluent: int
    change: int
    value: int
    targets: Iterable[int]
    corrects: bool = False


def _numbered(column: Iterable[int]) -> Values:
    """The values of one fluent, as the core numbers them."""
    numbers = set(column)
    return listed(numbers - {UNKNOWN}, UNKNOWN in numbers)
