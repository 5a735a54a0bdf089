"""Odds of endings, and of anything else that a tale can come to, with bounds that are certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everytale.core import Graph

Marks = NDArray[np.uint8]
Reals = NDArray[np.float64]

PRECISION = 1e-9
"""How far the bounds of odds lie apart, at most, in a realm that is whole."""
MOST_COLUMNS = 28
MOST_EXACT = 20_000
"""Situations from which something can still happen, for which odds are found as fractions, at most."""


@dataclass(frozen=True)
class Bounds:
    """Odds lie between ``low`` and ``high``."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Halfway between them."""
        return (self.low + self.high) / 2

    def __str__(self) -> str:
        return percent(self.low, self.high)


@dataclass(frozen=True)
class Columns:
    """Odds in every situation: ``low`` and ``high`` of situations x columns."""

    low: Reals
    high: Reals

    def at(self, situation: int, column: int) -> Bounds:
        return Bounds(float(self.low[situation, column]), float(self.high[situation, column]))


@dataclass(frozen=True)
class Edges:
    """The moves of a graph: of each the situation it is made in (``source``) and comes to (``target``), and its ``chance`` there; a
    player chooses evenly. Those of one situation follow each other, from its ``first`` on."""

    first: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    chance: Reals

    @classmethod
    def of_graph(cls, columns: Mapping[str, Any]) -> Edges:
        """Those of the core's ``Graph.columns``."""
        first, target = columns["first"].astype(np.int64), columns["target"].astype(np.int64)
        degree = np.diff(first)
        source = np.repeat(np.arange(len(degree)), degree)
        chosen = columns["chosen"].astype(np.int64) if len(columns["chosen"]) else np.zeros(len(degree), dtype=np.int64)
        weights = np.array([over / under for over, under in columns["weights"]])
        weight = weights[columns["weight"]] if len(columns["weight"]) else np.ones(len(target))
        own = np.arange(len(target)) - first[source] < chosen[source]
        weight = np.where(own, 0.0, weight)
        total = np.bincount(source, weight, minlength=len(degree))
        share = 1 / np.maximum(1, chosen + (degree > chosen))
        return cls(first, source, target, share[source] * np.where(own, 1.0, weight / np.where(total > 0, total, 1.0)[source]))

    def of(self, situation: int) -> range:
        """The numbers of the moves from a situation."""
        return range(int(self.first[situation]), int(self.first[situation + 1])) if situation + 1 < len(self.first) else range(0)


def chain(
    graph: Graph, sinks: NDArray[np.int16], columns: int, open_: Marks, precision: float = PRECISION, *, start: bool = False
) -> Columns:
    """Odds of ending in the sinks of each column, and in the last column of never ending in any; a player chooses evenly.

    ``sinks``: of every situation its column, or -1. ``open_``: situations of which it is not known what follows; they may come to any.
    ``start``: those of the start are enough.
    """
    asked = slice(0, 1) if start else slice(None)
    lows, highs = list[Reals](), list[Reals]()
    free: Reals = np.zeros(len(sinks[asked]))
    for begin in range(0, columns, MOST_COLUMNS):  # the core solves so many columns at once; all the others are one more
        here = min(MOST_COLUMNS, columns - begin)
        its = np.where((sinks >= begin) & (sinks < begin + here), sinks - begin, np.where(sinks >= 0, here, -1)).astype(np.int16)
        its[open_ != 0] = here + 1
        values, error, above = graph.chain(its, here + 3, precision)
        table, error, above = values.reshape(len(its), here + 3)[asked], error[asked], above[asked]
        bits = np.uint32(1) << np.arange(here + 3, dtype=np.uint32)
        never, surely = (above[:, None] & bits) == 0, above[:, None] == bits  # what is certain is exact
        low = np.where(surely, 1.0, np.where(never, 0.0, np.clip(table - error[:, None], 0, 1)))
        high = np.where(surely, 1.0, np.where(never, 0.0, np.clip(table + error[:, None], 0, 1)))
        free = high[:, here + 1]
        last = [*range(here), here + 2] if begin + here == columns else [*range(here)]
        lows.append(low[:, last])
        highs.append(high[:, last])
    return Columns(np.hstack(lows), np.clip(np.hstack(highs) + free[:, None], 0, 1))


def extremes(graph: Graph, fate: NDArray[np.int16], goal: Marks, played: bool, precision: float = PRECISION) -> tuple[Bounds, Bounds]:
    """The least and the greatest odds of coming from the start to ``goal``, which nothing follows, that a player can bring about.

    ``fate``: the graph's own. Where nobody is ``played`` they are the same.
    """
    goes_on, open_ = fate == -2, ((fate == -1) & (goal == 0)).astype(np.uint8)
    if not played:
        sinks = np.where(goal != 0, 0, np.where(goes_on, -1, 1)).astype(np.int16)
        odds = chain(graph, sinks, 2, open_, precision, start=True).at(0, 0) if goal.any() or open_.any() else Bounds(0, 0)
        return odds, odds

    def extreme(goal: Marks, most: bool, which: int) -> float:
        bounds = graph.extreme(goal, most, precision)
        # What is certain is exact: some way of playing comes there surely, or none comes to where the goal can be avoided for good.
        certain = graph.surely(goal)[0] if most else not graph.back((bounds[1] == 0).astype(np.uint8), False)[0]
        return 1.0 if certain else min(1.0, max(0.0, float(bounds[which][0])))

    perhaps = (goal | open_).astype(np.uint8)
    least = Bounds(extreme(goal, False, 0), extreme(perhaps, False, 1))
    most = Bounds(extreme(goal, True, 0), extreme(perhaps, True, 1))
    return least, most


def exactly(
    graph: Graph, sinks: NDArray[np.int16], columns: int, most: int = MOST_EXACT, *, time: float | None = None
) -> list[Fraction] | None:
    """The odds at the start as fractions, by elimination of one situation after another; ``None``: that would be too much.

    The last column is that of never ending. A player, if there is one, chooses evenly. Raises ``TimeoutError`` after ``time`` seconds.
    """
    until = None if time is None else monotonic() + time
    kept = graph.columns()
    first, target, chosen = kept["first"], kept["target"], kept["chosen"]
    weights = [Fraction(*weight) for weight in kept["weights"]]
    reached = graph.back((sinks >= 0).astype(np.uint8), False)
    live = [i for i in range(len(sinks)) if sinks[i] < 0 and reached[i]]
    if len(live) > most:
        return None
    rows: dict[int, dict[int, Fraction]] = {}
    into: dict[int, set[int]] = {i: set() for i in live}

    def end(situation: int) -> int:
        return situation if situation in into else -1 - (int(sinks[situation]) if sinks[situation] >= 0 else columns)

    for i in live:
        begin, stop = int(first[i]), int(first[i + 1])
        choices = int(chosen[i]) if len(chosen) else 0
        share = Fraction(1, choices + (begin + choices < stop)) if choices else Fraction(1)
        own = [weights[int(kept["weight"][at])] if len(kept["weight"]) else Fraction(1) for at in range(begin, stop)]
        total = sum(own[choices:], Fraction(0))
        row: dict[int, Fraction] = {}
        for k, at in enumerate(range(begin, stop)):
            odds = share if k < choices else share * own[k] / total
            to = end(int(target[at]))
            row[to] = row.get(to, Fraction(0)) + odds
        rows[i] = row
        for to in row:
            if to >= 0:
                into[to].add(i)
    work = 0
    for i in reversed(live):
        row = rows[i]
        stay = row.pop(i, Fraction(0))
        into[i].discard(i)
        for to in row:
            row[to] /= 1 - stay
            if to >= 0:
                into[to].discard(i)
        if i == 0:
            break
        work += len(into[i]) * len(row)
        if work > 50 * most:
            return None
        for before in into[i]:
            if until is not None and monotonic() > until:
                raise TimeoutError
            share = rows[before].pop(i)
            for to, odds in row.items():
                rows[before][to] = rows[before].get(to, Fraction(0)) + share * odds
                if to >= 0:
                    into[to].add(before)
    if 0 not in rows:
        return [Fraction(end(0) == -1 - column) for column in range(columns + 1)]
    return [rows[0].get(-1 - column, Fraction(0)) for column in range(columns + 1)]


def percent(low: float, high: float) -> str:
    """Odds as people read them: ``23.4%``, or ``at least 20%, at most 31%`` where the bounds lie apart."""
    if high - low <= 1e-6:
        return _percent((low + high) / 2)
    return f"{_percent(low)} to {_percent(high)}"


def _percent(odds: float) -> str:
    hundred = 100 * odds
    if hundred < 1e-7 or hundred > 100 - 1e-7:
        return f"{hundred:.0f}%"
    if hundred < 0.1:
        return f"{hundred:.2g}%"
    return f"{hundred:.4f}%" if hundred > 99.9 else f"{hundred:.1f}%"
