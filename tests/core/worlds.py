"""Tiny worlds as raw arrays, written by hand: what the core's own tests stand on."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

from everytale.core import UNKNOWN, World

OPERATORS = (
    *("NUMBER", "UNKNOWN", "READ", "BELIEVES"),
    *("EQUAL", "DIFFERENT", "LESS", "AT_MOST", "GREATER", "AT_LEAST"),
    *("NOT", "ALL", "ANY", "SUM", "MINUS", "TIMES", "OVER", "IF", "STILL"),
)

Chain = tuple[int, ...]


@dataclass
class EffectRow:
    """One effect: ``fluent`` (of ``believers``) becomes ``value`` where ``condition`` holds."""

    fluent: int
    value: int
    believers: Chain = ()
    condition: int = -1
    change: int = 0


@dataclass
class MoveRow:
    precondition: int
    effects: list[EffectRow]
    consenting: Chain = ()
    observers: dict[int, int] | None = None
    expressive: int = -1
    weight: int = -1


@dataclass
class TriggerRow:
    precondition: int
    effects: list[EffectRow]
    upon: int = -1
    mind: int = -1


@dataclass
class Builder:
    """Collects a world's tables; nodes are made by the methods, everything else by appending rows."""

    people: int
    minds: int = 1
    horizon: int = 3
    depth: int | None = None
    first_effect_wins: bool = False
    fluents: list[tuple[int, int, bool, int]] = field(default_factory=list)
    nodes: list[tuple[int, int, int]] = field(default_factory=list)
    operands: list[int] = field(default_factory=list)
    moves: list[MoveRow] = field(default_factory=list)
    triggers: list[TriggerRow] = field(default_factory=list)
    worth: dict[int, int] = field(default_factory=dict)
    endings: list[int] = field(default_factory=list)
    start: dict[int, int] = field(default_factory=dict)
    beliefs: dict[Chain, dict[int, int]] = field(default_factory=dict)

    def fluent(self, low: int = 0, high: int = 1, unknown: bool = False, owner: int = -1, start: int | None = None) -> int:
        self.fluents.append((low, high, unknown, owner))
        self.start[len(self.fluents) - 1] = low if start is None else start
        return len(self.fluents) - 1

    def node(self, operator: str, first: int = 0, second: int = 0) -> int:
        self.nodes.append((OPERATORS.index(operator), first, second))
        return len(self.nodes) - 1

    def number(self, over: int, under: int = 1) -> int:
        return self.node("NUMBER", over, under)

    def unknown(self) -> int:
        return self.node("UNKNOWN")

    def read(self, fluent: int) -> int:
        return self.node("READ", fluent)

    def believes(self, person: int, node: int) -> int:
        return self.node("BELIEVES", person, node)

    def equal(self, fluent: int, value: int) -> int:
        return self.node("EQUAL", self.read(fluent), self.unknown() if value == UNKNOWN else self.number(value))

    def group(self, operator: str, nodes: Iterable[int]) -> int:
        parts = list(nodes)
        self.operands.extend(parts)
        return self.node(operator, len(self.operands) - len(parts), len(parts))

    def all(self, *nodes: int) -> int:
        return self.group("ALL", nodes)

    def any(self, *nodes: int) -> int:
        return self.group("ANY", nodes)

    def sum(self, *nodes: int) -> int:
        return self.group("SUM", nodes)

    def choice(self, condition: int, then: int, otherwise: int) -> int:
        return self.group("IF", (condition, then, otherwise))

    def move(
        self,
        precondition: int,
        effects: list[EffectRow],
        consenting: Chain = (),
        observers: dict[int, int] | None = None,
        expressive: int = -1,
        weight: int = -1,
    ) -> int:
        self.moves.append(MoveRow(precondition, effects, consenting, observers, expressive, weight))
        return len(self.moves) - 1

    def chains(self, depth: int) -> Iterable[Chain]:
        for length in range(depth + 1):
            for chain in product(range(self.people), repeat=length):
                if all(a != b for a, b in pairwise(chain)):
                    yield chain

    def value(self, chain: Chain, fluent: int) -> int:
        """What that chain of people believes at the start: a belief that nobody states drops the last person."""
        stated = self.beliefs.get(chain, {})
        if fluent in stated:
            return stated[fluent]
        return self.value(chain[:-1], fluent) if chain else self.start[fluent]

    def build(self) -> World:
        always, nothing = self.all(), self.number(0)
        effects = [effect for row in (*self.moves, *self.triggers) for effect in row.effects]
        depth = self.depth or self.minds + 1
        chains = list(self.chains(depth))
        return World(
            people=self.people,
            depth=depth,
            minds=self.minds,
            horizon=self.horizon,
            first_effect_wins=self.first_effect_wins,
            fluent_low=longs(row[0] for row in self.fluents),
            fluent_high=longs(row[1] for row in self.fluents),
            fluent_unknown=longs(row[2] for row in self.fluents),
            fluent_owner=longs(row[3] for row in self.fluents),
            node_operator=longs(row[0] for row in self.nodes),
            node_first=longs(row[1] for row in self.nodes),
            node_second=longs(row[2] for row in self.nodes),
            operands=longs(self.operands),
            effect_condition=longs(effect.condition for effect in effects),
            effect_fluent=longs(effect.fluent for effect in effects),
            effect_value=longs(effect.value for effect in effects),
            effect_change=longs(effect.change for effect in effects),
            believer_offsets=offsets([effect.believers for effect in effects]),
            believer_items=longs(person for effect in effects for person in effect.believers),
            move_precondition=longs(row.precondition for row in self.moves),
            move_weight=longs(row.weight for row in self.moves),
            move_expressive=longs(row.expressive for row in self.moves),
            move_effect_offsets=offsets([row.effects for row in self.moves]),
            consent_offsets=offsets([row.consenting for row in self.moves]),
            consent_items=longs(person for row in self.moves for person in row.consenting),
            observer=longs(
                always if row.observers is None else row.observers.get(person, -1) for row in self.moves for person in range(self.people)
            ),
            trigger_precondition=longs(row.precondition for row in self.triggers),
            trigger_upon=longs(row.upon for row in self.triggers),
            trigger_mind=longs(row.mind for row in self.triggers),
            trigger_effect_offsets=offsets([row.effects for row in self.triggers], sum(len(row.effects) for row in self.moves)),
            worth=longs(self.worth.get(person, nothing) for person in range(self.people)),
            author_worth=-1,
            endings=longs(self.endings),
            mind_offsets=offsets(chains),
            mind_items=longs(person for chain in chains for person in chain),
            mind_values=longs(self.value(chain, fluent) for chain in chains for fluent in range(len(self.fluents))),
        )


def longs(values: Iterable[int]) -> array[int]:
    return array("q", values)


def offsets(rows: Sequence[Sequence[object]], begin: int = 0) -> array[int]:
    ends = [begin]
    for row in rows:
        ends.append(ends[-1] + len(row))
    return longs(ends)
