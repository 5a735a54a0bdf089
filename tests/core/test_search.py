"""The search for a tale finds one wherever plain breadth-first search does, and the shortest when asked to."""

from __future__ import annotations

import random

import pytest

from everytale.core import World, WorldError

from .worlds import Builder, EffectRow, TriggerRow

RUNNING, FOUND, NONE, UNDECIDED = 0, 1, 2, 3
PROMISING, SHORTEST, CURIOUS = 0, 1, 2


def random_world(chance: random.Random, endings: bool) -> tuple[World, int]:
    """Two people, five fluents of three values; moves that need one value and set others. With a goal: three values at once."""
    b = Builder(people=2, minds=1, horizon=3)
    fluents = [b.fluent(high=2, start=0) for _ in range(5)]

    def some_value() -> int:
        return b.equal(chance.choice(fluents), chance.randrange(3))

    for _ in range(chance.randint(4, 9)):
        effects = [EffectRow(fluent, b.number(chance.randrange(3))) for fluent in chance.sample(fluents, chance.randint(1, 2))]
        weight = b.number(0) if chance.random() < 0.05 else -1
        b.move(
            b.all(*(some_value() for _ in range(chance.randint(0, 2)))),
            effects,
            tuple(chance.sample([0, 1], chance.randint(0, 2))),
            weight=weight,
        )
    for _ in range(chance.randint(0, 3)):
        changed, *read = chance.sample(fluents, 2)
        condition = b.equal(read[0], chance.randrange(3))
        upon = b.node("NOT", b.equal(chance.choice(fluents), chance.randrange(3))) if chance.random() < 0.5 else -1
        believers = (chance.randrange(2),) if chance.random() < 0.3 else ()
        if upon >= 0 or believers:  # others might go round in a ring
            b.triggers.append(TriggerRow(condition, [EffectRow(changed, b.number(chance.randrange(3)), believers)], upon=upon))
    for person in (0, 1):
        b.worth[person] = b.sum(*(b.choice(some_value(), b.number(chance.randint(-2, 3)), b.number(0)) for _ in range(3)))
    goal = b.all(*(b.equal(fluent, chance.randrange(3)) for fluent in chance.sample(fluents, 3)))
    if endings:
        b.endings.append(b.equal(fluents[0], 2))
    return b.build(), goal


def distance(world: World, goal: int, within: int) -> int | None:
    """How many moves the shortest tale to the goal has, by going everywhere."""
    layer, seen = [world.start()], {world.start()}
    for depth in range(within + 1):
        if any(world.holds(state, goal) for state in layer):
            return depth
        following = []
        for state in layer:
            if world.ending(state) >= 0:
                continue
            for move, _, _ in world.moves(state)[0]:
                after = world.step(state, move)
                if after not in seen:
                    seen.add(after)
                    following.append(after)
        layer = following
    return None


def is_a_tale(world: World, moves: list[int], goal: int) -> bool:
    state = world.start()
    for move in moves:
        if world.ending(state) >= 0 or move not in [index for index, _, _ in world.moves(state)[0]]:
            return False
        state = world.step(state, move)
    return world.holds(state, goal)


@pytest.mark.parametrize("order", [PROMISING, SHORTEST, CURIOUS])
def test_a_tale_is_found_exactly_where_there_is_one(order: int) -> None:
    found = []
    for seed in range(600):
        try:
            world, goal = random_world(random.Random(seed), endings=seed % 3 == 0)
            expected = distance(world, goal, 6)
        except WorldError:  # triggers that go round in a ring
            continue
        within = 6 if expected is None or seed % 2 else expected
        which = world.seek(goal=goal, ending=-1, within=within, order=order, eagerness=2.0, horizon=3)
        status = world.search(which, 10**9)
        assert status == (NONE if expected is None else FOUND), seed
        if expected is not None:
            tale = world.tale(which)
            assert is_a_tale(world, tale, goal), seed
            assert len(tale) == expected if order == SHORTEST else expected <= len(tale) <= 6, seed
        found.append(expected)
    assert len({length for length in found if length is not None}) >= 4 and None in found


def test_without_patience_no_search_says_that_there_is_none_where_there_is_one() -> None:
    ends = {FOUND: 0, NONE: 0, UNDECIDED: 0}
    for seed in range(300):
        world, goal = random_world(random.Random(seed), endings=False)
        expected = distance(world, goal, 6)
        hasty, goal = random_world(random.Random(seed), endings=False)
        hasty.patience = 3
        which = hasty.seek(goal=goal, ending=-1, within=6, order=SHORTEST, eagerness=1.0, horizon=3)
        end = hasty.search(which, 10**9)
        ends[end] += 1
        assert end == UNDECIDED or (end == FOUND) == (expected is not None), seed
        assert hasty.progress(which)["undecided"] or end != UNDECIDED
    assert min(ends.values()) > 5


def test_a_search_may_be_done_in_many_small_parts() -> None:
    for seed in range(20):
        world, goal = random_world(random.Random(seed), endings=False)
        which = world.seek(goal=goal, ending=-1, within=6, order=SHORTEST, eagerness=1.0, horizon=3)
        whole = world.search(which, 10**9)
        again, goal = random_world(random.Random(seed), endings=False)
        same = again.seek(goal=goal, ending=-1, within=6, order=SHORTEST, eagerness=1.0, horizon=3)
        status = RUNNING
        while status == RUNNING:
            status = again.search(same, 1)
        assert status == whole
        assert status == NONE or world.tale(which) == again.tale(same)


def test_searches_may_take_turns() -> None:
    for seed in range(20):
        world, goal = random_world(random.Random(seed), endings=False)
        alone, goal = random_world(random.Random(seed), endings=False)
        kinds = [(SHORTEST, 1.0, 3), (PROMISING, 5.0, 3), (CURIOUS, 1.0, 2)]
        together = [
            world.seek(goal=goal, ending=-1, within=6, order=order, eagerness=eagerness, horizon=horizon)
            for order, eagerness, horizon in kinds
        ]
        ends = [RUNNING] * 3
        while RUNNING in ends:
            ends = [world.search(one, 5) if end == RUNNING else end for one, end in zip(together, ends, strict=True)]
        for one, end, (order, eagerness, horizon) in zip(together, ends, kinds, strict=True):
            which = alone.seek(goal=goal, ending=-1, within=6, order=order, eagerness=eagerness, horizon=horizon)
            assert alone.search(which, 10**9) == end
            assert end == NONE or alone.tale(which) == world.tale(one)


def test_the_way_to_an_ending_is_found() -> None:
    b = Builder(people=1, minds=0, horizon=1)
    a, c = b.fluent(), b.fluent()
    b.move(b.all(), [EffectRow(a, b.number(1))])
    b.move(b.equal(a, 0), [EffectRow(c, b.number(1))])
    first, second = b.equal(c, 1), b.equal(a, 1)
    b.endings.extend([first, second])
    world = b.build()
    which = world.seek(goal=second, ending=1, within=3, order=SHORTEST, eagerness=1.0, horizon=1)
    assert world.search(which, 10**6) == FOUND and world.tale(which) == [0]
    which = world.seek(goal=first, ending=0, within=3, order=SHORTEST, eagerness=1.0, horizon=1)
    assert world.search(which, 10**6) == FOUND and world.tale(which) == [1]


def test_what_is_not_sought_is_an_error() -> None:
    world, goal = random_world(random.Random(1), endings=False)
    with pytest.raises(IndexError):
        world.search(0, 1)
    with pytest.raises((ValueError, IndexError)):
        world.seek(goal=10**9, ending=-1, within=3, order=SHORTEST, eagerness=1.0, horizon=3)
    with pytest.raises(IndexError, match="horizon"):
        world.seek(goal=goal, ending=-1, within=3, order=SHORTEST, eagerness=1.0, horizon=4)


def test_another_thread_may_stop_it() -> None:
    b = Builder(people=1, minds=0, horizon=1)
    switches = [b.fluent() for _ in range(12)]
    for switch in switches:
        b.move(b.all(), [EffectRow(switch, b.number(1))])
    goal = b.all(*(b.equal(switch, 1) for switch in switches))
    world = b.build()
    which = world.seek(goal=goal, ending=-1, within=11, order=SHORTEST, eagerness=1.0, horizon=1)
    world.stop()
    with pytest.raises(WorldError, match="stopped"):
        world.search(which, 10**9)
