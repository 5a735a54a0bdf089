"""Odds found in a smaller realm, without what can no longer matter, are those of the whole one."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everytale.core import Realm as Core
from everytale.language.expression import parse_expression
from everytale.realm import Bounds, Realm, explore
from everytale.realm.odds import exactly
from tests.stories import read

EXACT = 2e-9
exploring = sys.modules["everytale.realm.explore"]  # the package has a function of this name
WORLDS = settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
DOOR = """
tale "Door"
kind thing: stone
fact door, fed, lamp: yes or no
fact key, cat: 0 to 4
event turn
    if not door and key = 3
    then door
event take
    if key < 4
    then key rises
event drop
    if key > 0
    then key eases
event come
    if cat < 4
    then cat rises
event leave
    if cat > 0
    then cat eases
event feed
    if door and cat = 4
    then fed
event light
    then lamp
    weight 0 when lamp, 1/2
event thief
    if door
    then key = 0, lamp = no
    weight 1/3
ending "Fed" if fed
ending "Lost" if cat = 0 and door
"""


def smaller(realm: Realm, goal: str) -> Core:
    """The realm without what cannot matter to ``goal``, all of it."""
    node = realm.world.node(parse_expression(goal, realm.story), {})
    core = Core(realm.world.core, player=-1, within=1_000_000_000, linked=True, threads=1, goal=node)
    while not core.run(1000):
        pass
    return core


def exact_odds(realm: Realm, goal: str) -> Any:
    """As a fraction, in the whole realm."""
    marks = realm.where(parse_expression(goal, realm.story))
    sinks = [0 if its else -1 if fate == -2 else 1 for its, fate in zip(marks, realm.fate, strict=True)]
    found = exactly(realm.graph, np.array(sinks, dtype=np.int16), 2)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("goal", "forgotten"), [("fed", ["lamp"]), ("door", ["lamp"]), ("lamp and fed", []), ("key = 4 and cat = 2 and not door", ["lamp"])]
)
def test_what_cannot_matter_is_forgotten_and_the_odds_stay(goal: str, forgotten: list[str]) -> None:
    realm = explore(read(DOOR))
    found, same = realm.coming_to(parse_expression(goal, realm.story))
    exact = exact_odds(realm, goal)
    assert found == same and found.low <= exact <= found.high and found.high - found.low < EXACT
    small = smaller(realm, goal)
    assert small.forgets and small.figures()["states"] < realm.situations
    for number, fluent in enumerate(realm.world.fluents):
        if fluent.key in forgotten:
            assert set(small.values(number)) == {0}


def test_the_key_is_forgotten_once_the_door_is_open() -> None:
    realm = explore(read(DOOR))
    small = smaller(realm, "fed")
    values = {fluent.key: small.values(number) for number, fluent in enumerate(realm.world.fluents)}
    assert set(values["key"][values["door"] == 0]) == {0, 1, 2, 3, 4}
    assert set(values["key"][values["door"] == 1]) == {0}


def test_nothing_is_forgotten_where_an_ending_asks_whether_any_move_is_possible() -> None:
    realm = explore(read(DOOR + 'ending "Stuck" if nothing more can happen\n'))
    assert not smaller(realm, "fed").forgets


def test_a_certain_goal_has_odds_of_one() -> None:
    realm = explore(read(DOOR))
    assert realm.coming_to(parse_expression("key = 0", realm.story))[0] == Bounds(1, 1)


LAMPS = """
tale "Lamps"
kind thing: stone
fact lamp, home, lost: yes or no
event light
    if not lamp
    then lamp
event dark
    if lamp
    then lamp = no
event return
    if not home and not lost
    then home
event stray
    if not home and not lost
    then lost
    weight 3
ending "Home" if home
"""


def test_where_only_what_was_forgotten_goes_on_no_end_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    realm = explore(read(LAMPS))
    monkeypatch.setattr(exploring, "LARGE", 0)
    home, dead_end, endless = realm.odds_at_start
    assert realm.dead_ends == 0 and dead_end == Bounds(0, 0)
    assert home.low <= Fraction(1, 4) <= home.high and endless.low <= Fraction(3, 4) <= endless.high


# ---- any story without people --------------------------------------------------------------------------------------------------------

FLUENTS = {"a": 2, "b": 2, "n": 3, "m": 3}  # how many values each has


@st.composite
def conditions(draw: st.DrawFn) -> str:
    parts = []
    for fluent in draw(st.lists(st.sampled_from(sorted(FLUENTS)), min_size=1, max_size=2, unique=True)):
        if FLUENTS[fluent] == 2:
            parts.append(draw(st.sampled_from(["", "not "])) + fluent)
        else:
            parts.append(f"{fluent} {draw(st.sampled_from(['=', '!=', '<', '>=']))} {draw(st.sampled_from(['0', '1', '2', 'n', 'm']))}")
    return draw(st.sampled_from([" and ", " or "])).join(parts)


@st.composite
def effects(draw: st.DrawFn) -> str:
    changes = []
    for fluent in draw(st.lists(st.sampled_from(sorted(FLUENTS)), min_size=1, max_size=2, unique=True)):
        if FLUENTS[fluent] == 2:
            changes.append(draw(st.sampled_from([fluent, fluent, f"{fluent} = no"])))
        else:
            changes.append(fluent + draw(st.sampled_from([" rises", " eases", " = 2", " = n", " rises by 2"])))
    return ", ".join(changes)


@st.composite
def chances(draw: st.DrawFn) -> str:
    lines = ['tale "Chance"', "kind thing: stone", "fact a, b: yes or no", "fact n, m: 0 to 2"]
    for number in range(draw(st.integers(2, 6))):
        lines += [f"event e{number}", f"    if {draw(conditions())}", f"    then {draw(effects())}"]
        lines.append(f"    weight {draw(st.sampled_from(['1', '1', '2', '1/3', 'n', '1 + m', 'if a then 0 else 2']))}")
    lines += [f'ending "End {number}" if {draw(conditions())}' for number in range(draw(st.integers(0, 2)))]
    return "\n".join(lines) + "\n"


@WORLDS
@given(chances(), conditions())
def test_odds_of_any_goal_are_those_of_the_whole_realm(text: str, goal: str) -> None:
    realm = explore(read(text))
    exact = exact_odds(realm, goal)
    found, _ = realm.coming_to(parse_expression(goal, realm.story))
    assert found.low <= exact <= found.high and found.high - found.low < EXACT


@WORLDS
@given(chances(), conditions(), st.integers(1, 3))
def test_the_smaller_realm_is_the_same_on_any_number_of_threads(text: str, goal: str, threads: int) -> None:
    realm = explore(read(text))
    node = realm.world.node(parse_expression(goal, realm.story), {})
    one, other = (Core(realm.world.core, player=-1, within=1_000_000_000, linked=True, threads=many, goal=node) for many in (1, threads))
    for core in (one, other):
        while not core.run(3):
            pass
    for name, column in one.graph().columns().items():
        assert list(column) == list(other.graph().columns()[name]), name


@WORLDS
@given(chances())
def test_odds_at_the_start_are_those_of_the_whole_realm(text: str) -> None:
    realm = explore(read(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exploring, "LARGE", 0)
        found = realm.odds_at_start
    exact = realm.exact()
    assert exact is not None
    for name, odds in zip(realm.names, found, strict=True):
        assert odds.low <= exact[name] <= odds.high and odds.high - odds.low < EXACT, name
