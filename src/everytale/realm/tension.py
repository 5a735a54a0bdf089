"""Tension: what a reader who knows the odds may hope and fear along a tale.

After Ely, Frankel and Kamenica (*Suspense and Surprise*, Journal of Political Economy 123, 2015), with the odds of how the tale turns
out in the place of beliefs. Let ``p(s)`` be the odds of every ending, of a dead end and of never ending, in situation ``s``.

*Suspense* in ``s`` is the expected variance of the next odds: the sum over all ways to turn out, ``o``, of
``E[(p_o(s') - p_o(s))²]``, with ``s'`` drawn as the next situation is; 0 where the tale has ended. *Surprise* at a move from ``s`` to
``s'`` is the distance of the odds from the last: the square root of the sum over ``o`` of ``(p_o(s') - p_o(s))²``. So suspense is the
expected square of the next surprise. Where the next move decides between two ways to turn out, equally likely, it is 1/2.
A player, if there is one, is taken to choose evenly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from everytale.realm.explore import OPEN, Realm
from everytale.realm.odds import Bounds, Edges, Marks, Reals
from everytale.world import Trace

Most: TypeAlias = Literal["suspenseful", "surprising"]

SPAN = 40
"""How many moves a most suspenseful tale has at most, where nobody says."""
TIE = 1e-12
"""Sums that differ by no more are the same."""


@dataclass(frozen=True)
class Moment:
    """A situation of a tale: the ``odds`` of every way to turn out, the ``suspense`` in it, and the ``surprise`` of the move to it
    (0 at the start)."""

    odds: tuple[Bounds, ...]
    suspense: Bounds
    surprise: Bounds


@dataclass(frozen=True)
class Tense:
    """A ``tale`` and its ``moments``, one more than it has moves. ``total``: the sum of what was sought (its suspense, or its
    surprise) along it, which no tale ``within`` so many moves exceeds."""

    tale: Trace
    moments: tuple[Moment, ...]
    total: Bounds
    within: int


def along(realm: Realm, tale: Trace) -> tuple[Moment, ...]:
    """The tension of ``tale``, situation by situation. Raises ``ValueError`` where a move is none of the realm's."""
    return tuple(_moments(realm, realm.along(tale)))


def most(realm: Realm, goal: Marks, what: Most, *, within: int | None = None) -> Tense | None:
    """Of all tales of at most ``within`` moves that end in a situation that is marked, that of the greatest sum of suspense, or of
    surprise; ``None``: there is no such tale.

    Of tales with the same sum, the shortest. ``within`` is 40 unless said, or as many as the shortest such tale has, if that is more.
    """
    if within is None:
        shortest = realm.way(goal)
        within = max(SPAN, len(shortest.moves) if shortest is not None else 0)
    edges = realm.edges
    middle = (realm.prospects.low + realm.prospects.high) / 2
    square = np.zeros(len(edges.target))
    for column in middle.T:
        square += (column[edges.target] - column[edges.source]) ** 2
    reward: Reals = np.sqrt(square)
    if what == "suspenseful":
        suspense: Reals = np.bincount(edges.source, weights=edges.chance * square, minlength=realm.situations).astype(np.float64)
        reward = suspense[edges.source]
    way = _greatest(edges, reward, goal, within)
    if way is None:
        return None
    sources = [int(edges.source[edge]) for edge in way]
    tale = realm.trace([realm.core.links(here)[edge - int(edges.first[here])][0] for here, edge in zip(sources, way, strict=True)])
    moments = tuple(_moments(realm, [*sources, int(edges.target[way[-1]])] if way else [0]))
    parts = [one.suspense for one in moments[:-1]] if what == "suspenseful" else [one.surprise for one in moments[1:]]
    return Tense(tale, moments, Bounds(sum(one.low for one in parts), sum(one.high for one in parts)), within)


def _moments(realm: Realm, situations: list[int]) -> Iterator[Moment]:
    columns = range(len(realm.names))
    before: tuple[Bounds, ...] | None = None
    for situation in situations:
        odds = tuple(realm.prospects.at(situation, column) for column in columns)
        yield Moment(odds, _suspense(realm, situation, odds), Bounds(0, 0) if before is None else _distance(before, odds))
        before = odds


def _suspense(realm: Realm, situation: int, odds: tuple[Bounds, ...]) -> Bounds:
    if realm.fate[situation] == OPEN:
        return Bounds(0, 1)
    low = high = 0.0
    for edge in realm.edges.of(situation):
        chance, target = float(realm.edges.chance[edge]), int(realm.edges.target[edge])
        square = _square(odds, tuple(realm.prospects.at(target, column) for column in range(len(odds))))
        low, high = low + chance * square.low, high + chance * square.high
    return Bounds(low, high)


def _distance(one: tuple[Bounds, ...], other: tuple[Bounds, ...]) -> Bounds:
    square = _square(one, other)
    return Bounds(sqrt(square.low), sqrt(square.high))


def _square(one: tuple[Bounds, ...], other: tuple[Bounds, ...]) -> Bounds:
    """Bounds on the square of the distance of two rows of odds, 2 at most."""
    low = high = 0.0
    for a, b in zip(one, other, strict=True):
        low += max(0.0, b.low - a.high, a.low - b.high) ** 2
        high += max(b.high - a.low, a.high - b.low) ** 2
    return Bounds(low, min(high, 2.0))


# ---- of all tales, the most ... --------------------------------------------------------------------------------------


def _greatest(edges: Edges, reward: Reals, goal: Marks, within: int) -> list[int] | None:
    """The moves of the way from the start to ``goal`` of the greatest sum of rewards, by dynamic programming over the moves left.

    ``value`` is the greatest sum from every situation with so many moves left. It only grows from round to round; each round keeps
    where it grew and by which move, from which the way is read off backwards.
    """
    value = np.where(goal != 0, 0.0, -np.inf)
    some = np.flatnonzero(np.diff(edges.first))
    begins, degrees = edges.first[some], np.diff(edges.first)[some]
    number = np.arange(len(edges.target))
    rounds: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for _ in range(within if len(some) else 0):
        offered = reward + value[edges.target]
        top = np.maximum.reduceat(offered, begins)
        better = top > value[some] + TIE
        if not better.any():
            break
        best = np.minimum.reduceat(np.where(offered == np.repeat(top, degrees), number, len(number)), begins)
        rounds.append((some[better], best[better]))
        value[some[better]] = top[better]
    if value[0] == -np.inf:
        return None
    way: list[int] = []
    here = 0
    for situations, moves in reversed(rounds):
        at = int(np.searchsorted(situations, here))
        if at < len(situations) and situations[at] == here:
            way.append(int(moves[at]))
            here = int(edges.target[moves[at]])
    return way
