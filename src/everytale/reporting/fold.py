"""A map of a realm: its situations folded into few *places* by a few facts, and how tales flow between them.

A place is all situations in which these facts are the same; every ending is a place of its own. The facts are those of the author's
``view``, or they are chosen: of those that do not go to and fro all the time, one after another that which tells most of how the tale
will turn out, that is, which leaves least variance of the odds among the situations of one place, each counted as often as tales
come through it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everytale.answers.words import fact
from everytale.language.format import format_expression
from everytale.realm.explore import Realm
from everytale.realm.odds import Bounds, Reals
from everytale.story import Believes, Expression, Reading, Story, Thing
from everytale.world import Trace, Value
from everytale.world.states import sort_of

MOST_FACTS = 3
MOST_PLACES = 16
"""Of places that are not endings; what tales come through least is folded together."""
SAMPLE = 3_000
"""How many situations are looked at when facts are chosen."""
MOST_CHANGES = 5
"""How often a fact may change in a tale, on average, to be chosen."""
BELIEF = 1.25
"""How much more what somebody believes must tell than a fact, to be chosen instead."""
TELLING = 0.02
"""How much of the variance a fact must take away to be chosen."""
MOST_STEPS, MOST_MOVES = 100_000_000, 10_000
"""How many moves tales are followed for, all situations counted, and in each tale."""
MOST_SOLVING = 1_500_000
"""How many situations, all places counted, odds of passing through are solved for."""

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """Situations that are alike. ``visits``: how often a tale comes here, on average; ``passing``: the odds that it ever does (``None``:
    that would take long to work out).
    ``ending``: the column of the odds of the way to turn out that this is. ``time``: after how many moves tales are here, on average."""

    name: tuple[str, ...]
    ending: int | None
    situations: int
    visits: float
    passing: Bounds | None
    time: float


@dataclass(frozen=True)
class Map:
    """Places, and the ``flow`` between them: how often a tale goes from one to another. ``tale``: the places that a given
    tale goes through. ``facts``: what it is folded by. ``all``: tales were followed to their end."""

    title: str
    facts: tuple[str, ...]
    places: tuple[Place, ...]
    start: int
    flow: dict[tuple[int, int], float]
    tale: tuple[int, ...]
    all: bool


@dataclass(frozen=True)
class Stream:
    """How tales go through a realm: of every situation how often a tale is there, and after how many moves on average."""

    visits: Reals
    time: Reals
    all: bool


def folded(realm: Realm, tale: Trace | None = None) -> Map:
    """The map of ``realm`` by its story's first view or by facts that tell much, with the way of ``tale`` through it."""
    stream = streamed(realm)
    view = realm.story.views[0] if realm.story.views else None
    parts = view.parts if view else tuple(_chosen(realm, stream))
    group: Codes = np.zeros(realm.situations, dtype=np.int64)
    for part in parts:
        codes = _codes(realm, part)
        group = _numbered(group * (codes.max() + 1) + codes)
    group = _numbered(
        np.where(realm.sinks >= 0, group.max() + 1 + realm.sinks, group)
    )  # what ends a tale is one place, whatever else is so
    along = realm.along(tale) if tale is not None else []
    group, rest = _few(group, realm, stream, {int(group[one]) for one in along})
    edges = realm.edges
    moved = group[edges.source] != group[edges.target]
    count = int(group.max()) + 1
    pairs = (group[edges.source] * count + group[edges.target])[moved]
    amounts = np.bincount(pairs, weights=(stream.visits[edges.source] * edges.chance)[moved], minlength=count * count)
    flow = {divmod(pair, count): float(amounts[pair]) for pair in np.unique(pairs).tolist()}
    places = tuple(_places(realm, stream, group, rest, parts, flow))
    way = [int(group[one]) for one in along]
    way = [one for k, one in enumerate(way) if not k or one != way[k - 1]]
    facts = tuple(format_expression(part, realm.story) for part in parts)
    return Map(view.title if view else "", facts, places, int(group[0]), flow, tuple(way), stream.all)


def streamed(realm: Realm) -> Stream:
    """Follow all tales at once, move by move, until next to none is under way."""
    edges = realm.edges
    now: Reals = np.zeros(realm.situations)
    now[0] = 1.0
    visits: Reals = now.copy()
    times: Reals = np.zeros(realm.situations)
    for step in range(1, min(MOST_MOVES, max(50, MOST_STEPS // max(1, len(edges.target)))) + 1):
        now = np.bincount(edges.target, weights=now[edges.source] * edges.chance, minlength=realm.situations).astype(np.float64)
        visits += now
        times += step * now
        if now.sum() < 1e-9:
            return Stream(visits, times / np.maximum(visits, 1e-300), True)
    return Stream(visits, times / np.maximum(visits, 1e-300), False)


# ---- what it is folded by ----------------------------------------------------------------------------------------------


def _chosen(realm: Realm, stream: Stream) -> Iterator[Expression]:
    inner = np.flatnonzero(realm.sinks < 0)
    sample = inner[np.argsort(-stream.visits[inner], kind="stable")[:SAMPLE]]
    weight = stream.visits[sample]
    if not len(sample) or not weight.sum():
        return
    odds = ((realm.prospects.low + realm.prospects.high) / 2)[sample]

    def spread(group: Codes) -> float:
        """The variance of the odds that is left among the situations of one place."""
        total = np.bincount(group, weights=weight)
        left = 0.0
        for column in odds.T:
            mean = np.bincount(group, weights=weight * column) / np.maximum(total, 1e-300)
            left += float((weight * (column - mean[group]) ** 2).sum())
        return left

    candidates = list(_steady(realm, stream, sample))
    group: Codes = np.zeros(len(sample), dtype=np.int64)
    whole = left = spread(group)
    for _ in range(MOST_FACTS):
        best: tuple[float, Expression, Codes] | None = None
        for part, codes in candidates:
            joined = _numbered(group * (codes.max() + 1) + codes)
            if joined.max() < 2 * MOST_PLACES:
                its = spread(joined)
                needed = BELIEF if isinstance(part, Believes) else 1.0
                if best is None or left - its > needed * (left - best[0]) + 1e-12:
                    best = its, part, joined
        if best is None or left - best[0] < TELLING * max(whole, 1e-12):
            return
        left, group = best[0], best[2]
        yield best[1]


def _steady(realm: Realm, stream: Stream, sample: Codes) -> Iterator[tuple[Expression, Codes]]:
    """The facts, and what each person believes of them, that have several values among these situations, and that do not go to and fro
    all the time; with a number for the value in each."""
    edges, core = realm.edges, realm.world.core
    place = np.full(realm.situations, -1)
    place[sample] = np.arange(len(sample))
    one, other = place[edges.source], place[edges.target]
    inside = (one >= 0) & (other >= 0)
    one, other, moved = one[inside], other[inside], (stream.visits[edges.source] * edges.chance)[inside]
    scale = stream.visits.sum() / max(float(moved.sum()), 1e-300)
    handles = [realm.core.state(situation) for situation in sample.tolist()]
    people = realm.story.people if realm.world.depth else ()
    for person in (None, *people):
        seen = handles if person is None else [core.believed(handle, realm.world.vocabulary.person[person]) for handle in handles]
        values = np.array([core.values(handle) for handle in seen], dtype=np.int64).reshape(len(seen), -1)
        for fluent in realm.world.fluents:
            codes = _numbered(values[:, fluent.index])
            changes = scale * float(moved[codes[one] != codes[other]].sum())
            if 1 <= codes.max() < MOST_PLACES and changes <= MOST_CHANGES:
                reading = Reading(fluent.key, tuple(Thing(argument) for argument in fluent.arguments))
                yield reading if person is None else Believes(Thing(person), reading), codes


def _numbered(codes: Codes) -> Codes:
    """The same partition, its parts numbered from 0."""
    return np.unique(codes, return_inverse=True)[1].reshape(-1)


def _codes(realm: Realm, part: Expression) -> Codes:
    """Of every situation a number for what ``part`` comes to there."""
    world, core = realm.world, realm.core
    if sort_of(part, realm.story) == "truth":
        return _numbered(realm.where(part).astype(np.int64))
    if isinstance(part, Reading):
        place = part.fluent, tuple(one.name for one in part.arguments if isinstance(one, Thing))
        for fluent in world.fluents:
            if (fluent.key, fluent.arguments) == place:
                return _numbered(core.values(fluent.index))
    node = world.node(part, {})
    numbers: dict[tuple[int, int] | None, int] = {}
    state, evaluate = core.state, world.core.evaluate
    found = [numbers.setdefault(evaluate(state(one), node), len(numbers)) for one in range(realm.situations)]
    return np.array(found, dtype=np.int64)


def _few(group: Codes, realm: Realm, stream: Stream, kept: set[int]) -> tuple[Codes, int | None]:
    """The same with all but the most visited places folded into one, whose number is the second part (``None``: there is none)."""
    ended = {int(one) for one in np.unique(group[realm.sinks >= 0])}
    visits = np.bincount(group, weights=stream.visits)
    inner = [place for place in np.argsort(-visits, kind="stable").tolist() if place not in ended]
    rest = [place for place in inner[MOST_PLACES:] if place not in kept]
    if len(rest) < 2:
        return group, None
    rare = np.isin(group, rest)
    group = _numbered(np.where(rare, group.max() + 1, group))
    return group, int(group.max())


def _places(
    realm: Realm, stream: Stream, group: Codes, rest: int | None, parts: tuple[Expression, ...], flow: dict[tuple[int, int], float]
) -> Iterator[Place]:
    count = int(group.max()) + 1
    total = np.bincount(group, weights=stream.visits)
    time = np.bincount(group, weights=stream.visits * stream.time) / np.maximum(total, 1e-300)
    sizes = np.bincount(group)
    first = np.unique(group, return_index=True)[1]
    comes: Reals = np.zeros(count)
    comes[group[0]] = 1.0
    for (_, to), much in flow.items():
        comes[to] += much
    again = _again(flow, count)
    for place in range(count):
        situation = int(first[place])
        column = int(realm.sinks[situation])
        if column >= 0:
            name: tuple[str, ...] = (realm.names[column],)
        elif place == rest:
            name = ("elsewhere",)
        else:
            name = tuple(_words(realm, situation, part) for part in parts) or ("under way",)
        visits = float(comes[place])
        passing: Bounds | None = Bounds(min(1.0, visits), min(1.0, visits))
        if column >= 0:
            passing = realm.prospects.at(0, column)
        elif place != group[0] and again[place]:
            many = realm.situations * count > MOST_SOLVING
            passing = None if many else realm.extremes((group == place).astype(np.uint8))[0]
        elif place == group[0]:
            passing = Bounds(1, 1)
        yield Place(name, column if column >= 0 else None, int(sizes[place]), visits, passing, float(time[place]))


def _again(flow: dict[tuple[int, int], float], count: int) -> list[bool]:
    """Of every place, whether a tale that left it can come back."""
    reach = np.zeros((count, count), dtype=bool)
    for one, other in flow:
        reach[one, other] = True
    for middle in range(count):
        reach |= np.outer(reach[:, middle], reach[middle])
    return [bool(reach[place, place]) for place in range(count)]


def _words(realm: Realm, situation: int, part: Expression) -> str:
    """What ``part`` comes to in a situation, in words of the language."""
    return said(part, realm.state(situation).evaluate(part), realm.story)


def said(part: Expression, value: Value, story: Story) -> str:
    """That ``part`` has this value."""
    match part:
        case Reading(fluent, arguments):
            return fact(story.fluent[fluent].name, (one.name for one in arguments if isinstance(one, Thing)), value)
        case Believes(Thing(person), what):
            return f"{person}: {said(what, value, story)}"
    text = format_expression(part, story)
    if isinstance(value, bool):
        return text if value else f"not ({text})"
    return f"{text} = {'unknown' if value is None else value}"
