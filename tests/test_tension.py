"""Tension: suspense and surprise are what their definitions say, tale by tale, and the most suspenseful tale is the most suspenseful."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings

from everytale.cli import main
from everytale.realm.explore import DEAD_END, Realm, explore
from everytale.realm.tension import Most, along, most
from everytale.story import Move, Story
from everytale.world import Trace
from tests.random_gambles import gambles
from tests.reference import Mind, Tale
from tests.stories import read

COINS = """
tale "Coins"
kind person: Ada (she)
fact won, lost: 0 to 3
event heads
    then won rises
    weight 2
event tails
    then lost rises
ending "Rich" if won = 3
ending "Poor" if lost = 3
"""

WAITING = """
tale "Waiting"
kind person: Ada (she)
fact went, stayed, night: yes or no
event day_or_night
    then night when not night, not night when night
event goes
    then went
event stays
    then stayed
ending "Gone" if went
ending "Home" if stayed
"""


class Naive:
    """All tales, one by one, with their odds as fractions; of stories in which tales end."""

    def __init__(self, story: Story, longest: int) -> None:
        self.tale, self.longest = Tale(story), longest
        self.titles = [ending.title for ending in story.endings]
        self.known: dict[Mind, tuple[Fraction, ...]] = {}

    def moves(self, mind: Mind) -> list[tuple[str, Fraction, Mind]]:
        found = [] if self.tale.ending(mind) is not None else list(self.tale.moves(mind))
        total = sum((weight for _, weight in found), Fraction(0))
        return [(name, weight / total, self.tale.after(mind, name)) for name, weight in found]

    def odds(self, mind: Mind, left: int) -> tuple[Fraction, ...]:
        if mind not in self.known:
            assert left > 0
            ending, moves = self.tale.ending(mind), self.moves(mind)
            if moves:
                rows = [[chance * part for part in self.odds(after, left - 1)] for _, chance, after in moves]
                self.known[mind] = tuple(map(sum, zip(*rows, strict=True)))  # type: ignore[arg-type]
            else:
                names = [*self.titles, None]
                self.known[mind] = tuple(Fraction(name == (ending.title if ending else None)) for name in names)
        return self.known[mind]

    def square(self, one: Mind, other: Mind) -> Fraction:
        pairs = zip(self.odds(one, self.longest), self.odds(other, self.longest), strict=True)
        return sum(((b - a) ** 2 for a, b in pairs), Fraction(0))

    def suspense(self, mind: Mind) -> Fraction:
        return sum((chance * self.square(mind, after) for _, chance, after in self.moves(mind)), Fraction(0))

    def tales(self, mind: Mind, left: int) -> Iterator[tuple[tuple[str, ...], tuple[Mind, ...], Fraction]]:
        """Every tale to an end of at most so many moves: its moves, its situations, and its odds."""
        moves = self.moves(mind)
        if not moves:
            yield (), (mind,), Fraction(1)
        for name, chance, after in moves if left else []:
            for names, minds, odds in self.tales(after, left - 1):
                yield (name, *names), (mind, *minds), chance * odds

    def total(self, minds: tuple[Mind, ...], what: Most) -> float:
        if what == "suspenseful":
            return float(sum(self.suspense(mind) for mind in minds))
        return sum(sqrt(self.square(one, other)) for one, other in pairwise(minds))


def trace(names: tuple[str, ...]) -> Trace:
    return Trace.read("\n".join(names))


def ends(realm: Realm, column: int) -> np.ndarray:
    return (realm.sinks == column).astype(np.uint8)


def agrees(story: Story, longest: int) -> None:
    naive = Naive(story, longest)
    naive.odds(naive.tale.start, longest)
    realm = explore(story)
    tales = list(naive.tales(naive.tale.start, longest))
    for names, minds, _ in tales[:40]:
        moments = along(realm, trace(names))
        for k, (moment, mind) in enumerate(zip(moments, minds, strict=True)):
            assert moment.suspense.low - 1e-12 <= naive.suspense(mind) <= moment.suspense.high + 1e-12
            assert moment.suspense.high - moment.suspense.low < 1e-7
            surprise = sqrt(naive.square(minds[k - 1], mind)) if k else 0.0
            assert moment.surprise.low - 1e-12 <= surprise <= moment.surprise.high + 1e-12
    for column in range(len(story.endings) + 1):
        to = [one for one in tales if naive.odds(one[1][-1], 1)[column] == 1]
        for what in ("suspenseful", "surprising"):
            found = most(realm, ends(realm, column), what, within=longest)
            assert (found is None) == (not to)
            if found is not None:
                best = max(naive.total(one[1], what) for one in to)
                assert found.total.low - 1e-9 <= best <= found.total.high + 1e-9
                assert tuple(map(str, found.tale.moves)) in {one[0] for one in to}


def test_every_number_of_a_small_story_is_that_of_all_its_tales() -> None:
    agrees(read(COINS), 6)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(gambles(ends=True))
def test_numbers_agree_with_all_tales_one_by_one(one: Story) -> None:
    agrees(one, 5)


def test_suspense_is_spent_in_every_tale_as_the_odds_at_its_start_say() -> None:
    """On average the suspense of a tale is the variance of how it turns out: what is learned in steps is learned in all."""
    naive = Naive(read(COINS), 6)
    start = naive.odds(naive.tale.start, 6)
    average = sum(odds * sum(map(naive.suspense, minds)) for _, minds, odds in naive.tales(naive.tale.start, 6))
    assert average == sum(part * (1 - part) for part in start)


def test_the_most_suspenseful_tale_waits_as_long_as_it_may() -> None:
    realm = explore(read(WAITING))
    for within in (1, 2, 5):
        found = most(realm, ends(realm, 1), "suspenseful", within=within)
        assert found is not None
        assert [str(move) for move in found.tale.moves] == ["day_or_night"] * (within - 1) + ["stays"]
        assert found.total.middle == pytest.approx(within * found.moments[0].suspense.middle)


def test_a_bet_on_one_coin_is_as_tense_as_can_be() -> None:
    story = read(COINS.replace("0 to 3", "0 to 1").replace("= 3", "= 1").replace("weight 2", "weight 1"))
    start, end = along(explore(story), Trace((Move("heads"),)))
    assert start.suspense.low == pytest.approx(0.5, abs=1e-8) and end.surprise.high == pytest.approx(sqrt(0.5), abs=1e-8)
    assert (start.surprise.high, end.suspense.high) == (0, 0)


def test_what_is_not_explored_leaves_the_tension_open() -> None:
    realm = explore(read(COINS), within=2)
    start, *_ = along(realm, Trace((Move("heads"),)))
    assert start.suspense.low < 0.1 and start.suspense.high > 0.2
    assert not (realm.fate == DEAD_END).any()


# ---- on the command line -----------------------------------------------------------------------------------------------


@pytest.fixture
def coins(tmp_path: Path) -> str:
    path = tmp_path / "coins.tale"
    path.write_text(COINS, encoding="utf-8")
    return str(path)


def test_the_most_suspenseful_tale_is_found_and_shown_with_its_tension(coins: str) -> None:
    shown = CliRunner().invoke(main, ["find", coins, "--to", "Poor", "--most", "suspenseful"])
    assert shown.exit_code == 0, shown.output
    assert "suspense" in shown.output and "The tale ends: Poor." in shown.output
    data = json.loads(CliRunner().invoke(main, ["find", coins, "--to", "Poor", "--most", "suspenseful", "--json"]).output)
    assert data["status"] == "found" and len(data["plan"]) == 5 and data["plan"][-1] == "tails"
    assert len(data["tension"]["moments"]) == 6 and data["tension"]["total"]["low"] <= data["tension"]["total"]["high"]


def test_where_no_tale_is_short_enough_there_is_none(coins: str) -> None:
    shown = CliRunner().invoke(main, ["find", coins, "--to", "Rich", "--most", "surprising", "--within", "2"])
    assert shown.exit_code == 1 and "proved" in shown.output


def test_most_goes_with_an_ending_and_nothing_else(coins: str) -> None:
    assert CliRunner().invoke(main, ["find", coins, "--goal", "won = 1", "--most", "surprising"]).exit_code == 2
    assert CliRunner().invoke(main, ["find", coins, "--to", "Rich", "--most", "surprising", "--shortest"]).exit_code == 2
