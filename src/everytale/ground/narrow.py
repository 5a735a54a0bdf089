"""A grounding over again, with fewer fluents, moves and triggers: its nodes are rewritten.

Hundreds of instances have most of their nodes in common, and each node is rewritten but once: a fluent that never changes becomes its
value, and what is made of it is folded by the rules of :mod:`everytale.world.folding`. All other nodes are copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from everytale.ground.columns import Effects, Look, Moves, Row, Triggers
from everytale.ground.reach import Reach
from everytale.world.grounding import Grounding
from everytale.world.lowering import Lowering
from everytale.world.table import ALL, BELIEVES, GROUPS, IF, LEAVES, MINUS, NOT, OVER, READ, SUM, TIMES
from everytale.world.vocabulary import Place


class Narrowing:
    """What of the grounding ``first``, whose fluents were ``places``, ``reach`` leaves, made of nodes of ``lowering``.

    ``look`` is called for every move and trigger.
    """

    def __init__(self, first: Grounding, places: Sequence[Place], reach: Reach, lowering: Lowering, look: Look) -> None:
        self._first, self._places, self._lowering, self._look = first, places, lowering, look
        self._table = first.lowering.table
        self._moves = [move for move in first.moves if move.index in reach.moves]
        self._triggers = [trigger for trigger in first.triggers if trigger.index in reach.triggers]
        self._exact, self._node = {-1: -1}, {-1: -1}
        preconditions, others = self._roots()
        self._rewrite(self._within(preconditions), self._within(others))

    def moves(self, into: Moves, effects: Effects) -> None:
        columns, people = self._first.columns, len(self._first.story.people)
        for move in self._moves:
            self._look()
            old = move.index
            precondition = self._exact[columns["move_precondition"][old]]
            if self._lowering.truth(precondition) is False:
                continue
            effects.add(self._effects(range(self._first.move_effects[old], self._first.move_effects[old + 1])))
            weight = self._node[columns["move_weight"][old]]
            seen = [self._seen(node) for node in columns["observer"][old * people : (old + 1) * people]]
            into.add(
                move.numbered(len(into.made)),
                precondition,
                self._lowering.table.true if weight < 0 else weight,
                self._node[columns["move_expressive"][old]],
                seen,
            )

    def triggers(self, into: Triggers, effects: Effects) -> None:
        columns = self._first.columns
        for trigger in self._triggers:
            self._look()
            old = trigger.index
            precondition, upon = self._exact[columns["trigger_precondition"][old]], self._node[columns["trigger_upon"][old]]
            if self._lowering.truth(precondition) is False or (upon >= 0 and self._lowering.truth(upon) is not None):
                continue
            effects.add(self._effects(range(self._first.trigger_effects[old], self._first.trigger_effects[old + 1])))
            if into.has_more_effects:
                into.add(trigger.numbered(len(into.made)), precondition, upon, columns["trigger_mind"][old])

    def _effects(self, which: range) -> Iterator[Row]:
        columns, index = self._first.columns, self._lowering.vocabulary.index
        believers, offsets = columns["believer_items"], columns["believer_offsets"]
        for effect in which:
            condition, fluent = self._node[columns["effect_condition"][effect]], index.get(self._places[columns["effect_fluent"][effect]])
            truth = self._lowering.truth(condition)
            if fluent is not None and truth is not False:
                value, mind = self._node[columns["effect_value"][effect]], believers[offsets[effect] : offsets[effect + 1]]
                yield Row(self._first.effects[effect], -1 if truth else condition, fluent, value, mind)

    def _seen(self, node: int) -> int:
        rewritten = self._node[node]
        return -1 if self._lowering.truth(rewritten) is False else rewritten

    # -- nodes --

    def _roots(self) -> tuple[set[int], set[int]]:
        """The nodes of preconditions, which are lowered exactly, and the others."""
        columns, people = self._first.columns, len(self._first.story.people)
        preconditions, others = set[int](), set[int]()
        for what, rules, offsets in (
            ("move", self._moves, self._first.move_effects),
            ("trigger", self._triggers, self._first.trigger_effects),
        ):
            preconditions.update(columns[f"{what}_precondition"][rule.index] for rule in rules)
            for rule in rules:
                begin, end = offsets[rule.index], offsets[rule.index + 1]
                others.update(columns["effect_condition"][begin:end], columns["effect_value"][begin:end])
        for move in self._moves:
            others.update(columns["observer"][move.index * people : (move.index + 1) * people])
            others.update((columns["move_weight"][move.index], columns["move_expressive"][move.index]))
        others.update(columns["trigger_upon"][trigger.index] for trigger in self._triggers)
        return preconditions, others - {-1}

    def _rewrite(self, exact: set[int], inexact: set[int]) -> None:
        """Rewrite these nodes in the order of the table: children come before their parents."""
        lowering, table = self._lowering, self._table
        narrower = self._narrower()
        changed = set[int]()
        for node in sorted(exact | inexact):
            if table.first[node] in narrower if table.operator[node] == READ else not changed.isdisjoint(table.inner(node)):
                changed.add(node)
            if node not in changed:
                self._exact[node] = self._node[node] = self._copied(node)
                continue
            if node in exact:
                lowering.exact = True
                made = self._exact[node] = self._rewritten(node, self._exact)
                lowering.exact = False
                if not lowering.table.constant(made):
                    lowering.pin_again(self._first.lowering.literals.get(node, ()))
            if node in inexact:
                self._node[node] = self._rewritten(node, self._node)

    def _narrower(self) -> set[int]:
        """The fluents that are none any more, or whose range is another."""
        vocabulary = self._lowering.vocabulary
        return {
            fluent
            for fluent, place in enumerate(self._places)
            if place not in vocabulary.index or vocabulary.is_open(vocabulary.places[place])
        }

    def _copied(self, node: int) -> int:
        table, known = self._lowering.table, self._node
        operator, first, second = self._table.operator[node], self._table.first[node], self._table.second[node]
        if operator in GROUPS:
            made = table.group(operator, tuple([known[part] for part in self._table.parts(node)]))
        elif operator == READ:
            made = table.node(READ, self._lowering.vocabulary.index[self._places[first]])
        elif operator in LEAVES:
            made = table.node(operator, first, second)
        elif operator == BELIEVES:
            made = table.node(BELIEVES, first, known[second])
        else:
            made = table.node(operator, known[first], known[second] if operator != NOT else 0)
        if node in self._table.known:
            table.known[made] = self._table.known[node]
        return made

    def _within(self, nodes: Iterable[int]) -> set[int]:
        found, waiting = set[int](), list(nodes)
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting += self._table.inner(node)
        return found

    def _rewritten(self, node: int, known: dict[int, int]) -> int:
        lowering, operator, first, second = self._lowering, self._table.operator[node], self._table.first[node], self._table.second[node]
        if operator == READ:
            return lowering.read(self._places[first])
        if operator == NOT:
            return lowering.negated(known[first])
        if operator == BELIEVES:
            return lowering.believed(first, known[second])
        if operator in GROUPS:
            parts = [known[part] for part in self._table.parts(node)]
            if operator == IF:
                return lowering.choice(*parts)
            return lowering.sum(parts) if operator == SUM else lowering.all(parts) if operator == ALL else lowering.any(parts)
        if operator in (MINUS, TIMES, OVER):
            return lowering.calculated(operator, known[first], known[second])
        return lowering.compared(operator, known[first], known[second])
