"""Treasure Island in five moves: the smallest tale that hangs on what one person believes that another believes.

Hawkins knows where the treasure lies; Silver does not, and Hawkins knows that. Nobody can sail alone. Hawkins lets the secret slip,
because he imagines that Silver, once he knows, will sail for a reason of his own.
"""

from __future__ import annotations

import pytest

from everytale.core import UNKNOWN, World

from .worlds import Builder, EffectRow

HAWKINS, SILVER = 0, 1
AT_HAWKINS, AT_SILVER, AT_TREASURE = 0, 1, 2
PORT, ISLAND = 0, 1
BURIED, ON_ISLAND, WITH_HAWKINS, WITH_SILVER = 0, 1, 2, 3
RUMOUR, SAIL, DIG, HAWKINS_TAKES, SILVER_TAKES = range(5)


def island(minds: int = 3, horizon: int = 4) -> World:
    b = Builder(people=2, minds=minds, horizon=horizon)
    b.fluent(start=PORT)
    b.fluent(start=PORT)
    b.fluent(high=3, unknown=True, start=BURIED)
    b.beliefs = {(SILVER,): {AT_TREASURE: UNKNOWN}, (HAWKINS, SILVER): {AT_TREASURE: UNKNOWN}}
    on_island = {HAWKINS: b.equal(AT_HAWKINS, ISLAND), SILVER: b.equal(AT_SILVER, ISLAND)}
    buried, port, here = b.number(BURIED), b.number(PORT), b.number(ISLAND)
    assert port != here
    b.move(b.equal(AT_TREASURE, BURIED), [EffectRow(AT_TREASURE, buried, (SILVER,))], (HAWKINS,))
    b.move(
        b.all(b.equal(AT_HAWKINS, PORT), b.equal(AT_SILVER, PORT)),
        [EffectRow(AT_HAWKINS, here), EffectRow(AT_SILVER, here)],
        (HAWKINS, SILVER),
    )
    b.move(b.all(on_island[HAWKINS], b.equal(AT_TREASURE, BURIED)), [EffectRow(AT_TREASURE, b.number(ON_ISLAND))], (HAWKINS,), on_island)
    for person, taken in ((HAWKINS, WITH_HAWKINS), (SILVER, WITH_SILVER)):
        found = b.all(on_island[person], b.equal(AT_TREASURE, ON_ISLAND))
        b.move(found, [EffectRow(AT_TREASURE, b.number(taken))], (person,), on_island)
        b.worth[person] = b.equal(AT_TREASURE, taken)
    return b.build()


def believed(world: World, state: int, *chain: int) -> list[int]:
    for person in chain:
        state = world.believed(state, person)
    return world.values(state)


def test_the_start_keeps_what_was_stated_about_each_mind() -> None:
    world = island()
    start = world.start()
    assert world.values(start) == [PORT, PORT, BURIED]
    assert believed(world, start, SILVER) == [PORT, PORT, UNKNOWN]
    assert believed(world, start, HAWKINS) == [PORT, PORT, BURIED]
    assert believed(world, start, HAWKINS, SILVER) == [PORT, PORT, UNKNOWN]
    assert world.mind(start) == -1 and world.level(start) == 0
    inner = world.believed(world.believed(start, HAWKINS), SILVER)
    assert world.mind(inner) == SILVER and world.level(inner) == 2


def test_everybody_believes_what_they_believe() -> None:
    world = island()
    silver = world.believed(world.start(), SILVER)
    assert world.believed(silver, SILVER) == silver


def test_a_rumour_changes_only_what_silver_believes() -> None:
    world = island()
    after = world.step(world.start(), RUMOUR)
    assert world.values(after) == [PORT, PORT, BURIED]
    assert believed(world, after, SILVER) == [PORT, PORT, BURIED]
    assert believed(world, after, HAWKINS, SILVER) == [PORT, PORT, BURIED]


def test_silver_does_not_sail_for_a_treasure_that_he_does_not_know_of() -> None:
    world = island()
    start = world.start()
    assert world.applicable(start) == [RUMOUR, SAIL]
    assert world.in_character(start, RUMOUR, HAWKINS) == 1
    assert world.in_character(start, SAIL, HAWKINS) == 1
    assert world.in_character(start, SAIL, SILVER) == 0
    assert world.moves(start) == ([(RUMOUR, 1, 1)], [])


def test_the_tale_is_told_to_its_end() -> None:
    world = island()
    state = world.start()
    for move in (RUMOUR, SAIL, DIG, HAWKINS_TAKES):
        assert move in [possible for possible, _, _ in world.moves(state)[0]]
        state = world.step(state, move)
    assert world.values(state) == [ISLAND, ISLAND, WITH_HAWKINS]
    assert world.moves(state) == ([], [])


def test_the_reason_is_the_whole_plan() -> None:
    world = island()
    assert world.intention(world.start(), RUMOUR, HAWKINS) == ([RUMOUR, SAIL, DIG, HAWKINS_TAKES], True)


@pytest.mark.parametrize(("minds", "horizon"), [(1, 4), (3, 3), (0, 4)])
def test_a_shallow_imagination_lacks_the_reason(minds: int, horizon: int) -> None:
    world = island(minds, horizon)
    assert world.in_character(world.start(), RUMOUR, HAWKINS) == 0
