"""Whatever Python hands over, the core answers with an exception and lives on."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable

import pytest

from everytale.core import World, WorldError

from .test_explanations import random_world
from .worlds import Builder, EffectRow


def small() -> tuple[Builder, World]:
    b = Builder(people=2)
    f = b.fluent(high=3)
    b.move(b.equal(f, 0), [EffectRow(f, b.number(1))], (0,))
    b.worth[0] = b.read(f)
    return b, b.build()


QUESTIONS: list[Callable[[World, int], object]] = [
    lambda w, i: w.believed(i, 0),
    lambda w, i: w.believed(0, i),
    lambda w, i: w.mind(i),
    lambda w, i: w.level(i),
    lambda w, i: w.values(i),
    lambda w, i: w.evaluate(i, 0),
    lambda w, i: w.evaluate(0, i),
    lambda w, i: w.holds(0, i),
    lambda w, i: w.step(i, 0),
    lambda w, i: w.step(0, i),
    lambda w, i: w.fired(0, i),
    lambda w, i: w.applicable(i),
    lambda w, i: w.moves(i),
    lambda w, i: w.ending(i),
    lambda w, i: w.in_character(i, 0, 0),
    lambda w, i: w.in_character(0, i, 0),
    lambda w, i: w.in_character(0, 0, i),
    lambda w, i: w.intention(0, i, 0),
    lambda w, i: w.hope(0, 0, i),
    lambda w, i: w.revised(i, (), 0, 0),
    lambda w, i: w.revised(0, (i,), 0, 0),
    lambda w, i: w.revised(0, (), i, 0),
]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("index", [-1, 1000, 2**40, -(2**63)])
def test_an_index_out_of_range_is_an_index_error(question: Callable[[World, int], object], index: int) -> None:
    with pytest.raises(IndexError):
        question(small()[1], index)


def test_a_move_whose_precondition_fails_is_a_value_error() -> None:
    _, world = small()
    with pytest.raises(ValueError, match="precondition"):
        world.step(world.step(world.start(), 0), 0)


def test_a_value_out_of_range_cannot_be_put_into_a_state() -> None:
    _, world = small()
    with pytest.raises(ValueError, match="out of range"):
        world.revised(world.start(), (), 0, 9)


def test_deep_nesting_is_refused() -> None:
    b = Builder(people=1)
    b.fluent()
    node = b.all()
    for _ in range(100_000):
        node = b.node("NOT", node)
    with pytest.raises(ValueError, match="nested too deeply"):
        b.build()


def test_nodes_can_be_added_and_bad_ones_leave_no_trace() -> None:
    b, world = small()
    count = len(b.nodes)
    with pytest.raises((IndexError, ValueError)):
        world.extend(array("q", [2, 10]), array("q", [0, 10**6]), array("q", [0, 0]), array("q"))
    world.extend(array("q", [0, 4]), array("q", [1, count]), array("q", [1, count]), array("q"))
    assert world.holds(world.start(), count + 1)


def test_too_many_states_are_an_error_and_the_world_lives_on() -> None:
    _, world = small()
    start = world.start()
    world.most_states = 3
    with pytest.raises(WorldError) as error:
        world.step(start, 0)
    assert error.value.args[0] == "memory"
    world.most_states = 1000
    assert world.values(world.step(start, 0)) == [1]


def test_without_patience_a_verdict_is_undecided_and_can_be_asked_again() -> None:
    builder, world = next(
        (b, w)
        for b, w in map(random_world, range(100))
        if any(w.in_character(w.start(), m, p) for m, r in enumerate(b.moves) for p in r.consenting)
    )
    again = builder.build()
    again.patience = 0
    asked = [(move, person) for move, row in enumerate(builder.moves) for person in row.consenting]
    assert -1 in {again.in_character(again.start(), move, person) for move, person in asked}
    again.patience = 10**6
    assert [again.in_character(again.start(), *q) for q in asked] == [world.in_character(world.start(), *q) for q in asked]


@pytest.mark.parametrize("seed", range(150))
def test_damaged_arrays_never_crash(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(seed)
    builder, _ = random_world(seed % 30)
    captured: dict[str, object] = {}

    def capture(**arguments: object) -> None:
        captured.update(arguments)

    monkeypatch.setattr("tests.core.worlds.World", capture)
    builder.build()
    for _ in range(draw.randint(1, 3)):
        name = draw.choice([name for name, value in captured.items() if isinstance(value, array)])
        column = captured[name]
        assert isinstance(column, array)
        damaged = array("q", column)
        kind = draw.randrange(4)
        if kind == 0 and damaged:
            damaged[draw.randrange(len(damaged))] = draw.choice((-1, 0, 1, 7, 10**6, -(2**63), 2**63 - 1))
        elif kind == 1 and damaged:
            damaged.pop(draw.randrange(len(damaged)))
        elif kind == 2:
            damaged.append(draw.choice((-1, 0, 1, 10**9)))
        else:
            draw.shuffle(damaged)
        captured[name] = damaged
    captured["people"] = draw.choice((captured["people"], 0, -1, 3, 10**9))
    try:
        world = World(**captured)  # type: ignore[arg-type]
        world.patience = 2000
        world.most_states = 5000
        for state in range(3):
            for move, _, _ in world.moves(state)[0]:
                world.fired(state, move)
                world.step(state, move)
            world.ending(state)
    except (ValueError, IndexError, WorldError, OverflowError):
        pass
