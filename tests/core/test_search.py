"""The search for a tale finds one wherever plain breadth-first search does, and the shortest when asked to."""

from __future__ import annotations

import random

import pytest

from everytale.core import World

from .worlds import Builder, EffectRow

RUNNING, FOUND, NONE = 0, 1, 2


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


@pytest.mark.parametrize("shortest", [True, False])
def test_a_tale_is_found_exactly_where_there_is_one(shortest: bool) -> None:
    found = []
    for seed in range(400):
        world, goal = random_world(random.Random(seed), endings=seed % 3 == 0)
        expected = distance(world, goal, 6)
        world.seek(goal=goal, ending=-1, within=6, shortest=shortest, eagerness=2.0)
        status = world.search(10**9)
        assert status == (NONE if expected is None else FOUND), seed
        if expected is not None:
            tale = world.tale()
            assert is_a_tale(world, tale, goal), seed
            assert len(tale) == expected if shortest else expected <= len(tale) <= 6, seed
        found.append(expected)
    assert len({length for length in found if length is not None}) >= 4 and None in found


def test_a_search_may_be_done_in_many_small_parts() -> None:
    for seed in range(20):
        world, goal = random_world(random.Random(seed), endings=False)
        world.seek(goal=goal, ending=-1, within=6, shortest=True, eagerness=1.0)
        whole = world.search(10**9)
        again, goal = random_world(random.Random(seed), endings=False)
        again.seek(goal=goal, ending=-1, within=6, shortest=True, eagerness=1.0)
        status = RUNNING
        while status == RUNNING:
            status = again.search(1)
        assert status == whole
        assert status == NONE or world.tale() == again.tale()


def test_the_way_to_an_ending_is_found() -> None:
    b = Builder(people=1, minds=0, horizon=1)
    a, c = b.fluent(), b.fluent()
    b.move(b.all(), [EffectRow(a, b.number(1))])
    b.move(b.equal(a, 0), [EffectRow(c, b.number(1))])
    first, second = b.equal(c, 1), b.equal(a, 1)
    b.endings.extend([first, second])
    world = b.build()
    world.seek(goal=second, ending=1, within=3, shortest=True, eagerness=1.0)
    assert world.search(10**6) == FOUND and world.tale() == [0]
    world.seek(goal=first, ending=0, within=3, shortest=True, eagerness=1.0)
    assert world.search(10**6) == FOUND and world.tale() == [1]


def test_nothing_is_sought_before_it_is_asked_for() -> None:
    world, _ = random_world(random.Random(1), endings=False)
    with pytest.raises(ValueError, match="nothing is sought"):
        world.search(1)
    with pytest.raises((ValueError, IndexError)):
        world.seek(goal=10**9, ending=-1, within=3, shortest=True, eagerness=1.0)
