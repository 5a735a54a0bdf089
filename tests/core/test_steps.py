"""A move applied: who sees it, who is surprised, and what follows by itself."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from everytale.core import UNKNOWN, WorldError

from .worlds import Builder, EffectRow, TriggerRow

JACK, IANTO = 0, 1


def two(**settings: int) -> Builder:
    return Builder(people=2, **settings)


def test_who_does_not_see_a_move_believes_what_they_did() -> None:
    b = two()
    f = b.fluent()
    b.move(b.all(), [EffectRow(f, b.number(1))], observers={JACK: b.all()})
    world = b.build()
    after = world.step(world.start(), 0)
    assert world.values(after) == [1]
    assert world.values(world.believed(after, JACK)) == [1]
    assert world.values(world.believed(after, IANTO)) == [0]
    assert world.believed(after, IANTO) == world.believed(world.start(), IANTO)


def test_all_effects_read_the_state_before_the_move() -> None:
    b = two()
    f, g = b.fluent(high=5, start=1), b.fluent(high=5, start=2)
    b.move(b.all(), [EffectRow(f, b.read(g)), EffectRow(g, b.read(f))])
    world = b.build()
    assert world.values(world.step(world.start(), 0)) == [2, 1]


def test_the_surprised_put_right_what_they_had_wrong() -> None:
    b = two()
    door, light, count = b.fluent(start=1), b.fluent(start=1), b.fluent(high=9, unknown=True, start=7)
    b.beliefs = {(IANTO,): {door: 0, light: 0, count: 2}}
    enough = b.node("AT_LEAST", b.read(count), b.number(5))
    b.move(b.all(b.equal(door, 1), b.any(b.equal(light, 1), b.equal(door, 0)), enough), [])
    world = b.build()
    after = world.step(world.start(), 0)
    assert world.values(world.believed(after, IANTO)) == [1, 1, UNKNOWN]
    assert world.values(world.believed(world.believed(after, JACK), IANTO)) == [1, 1, 7]
    assert world.values(after) == [1, 1, 7]


def test_imagined_deception_does_not_deceive_its_author() -> None:
    b = two(minds=2)
    f = b.fluent()
    b.move(b.all(), [EffectRow(f, b.number(1), (IANTO,))])
    world = b.build()
    after = world.step(world.start(), 0)
    assert world.values(after) == [0]
    assert world.values(world.believed(after, IANTO)) == [1]
    jack = world.believed(after, JACK)
    assert world.values(jack) == [0]
    assert world.values(world.believed(jack, IANTO)) == [1]
    assert world.values(world.believed(world.believed(after, IANTO), JACK)) == [0]


def test_a_chain_of_beliefs_is_followed_inside_the_first_mind() -> None:
    b = two(minds=2)
    f = b.fluent()
    b.move(b.all(), [EffectRow(f, b.number(1), (IANTO, JACK))], observers={})
    world = b.build()
    after = world.step(world.start(), 0)
    ianto = world.believed(after, IANTO)
    assert world.values(ianto) == [0]
    assert world.values(world.believed(ianto, JACK)) == [1]
    assert world.believed(after, JACK) == world.believed(world.start(), JACK)


def test_what_is_known_to_its_owner_is_copied_into_their_mind() -> None:
    b = two(minds=2)
    hurt = b.fluent(high=3, owner=IANTO)
    b.move(b.all(), [EffectRow(hurt, b.number(1), change=1)], observers={})
    world = b.build()
    after = world.step(world.start(), 0)
    assert world.values(world.believed(after, IANTO)) == [1]
    assert world.values(world.believed(after, JACK)) == [0]


def test_triggers_run_in_every_mind_that_believes_their_condition() -> None:
    b = two()
    cold, hurt = b.fluent(), b.fluent(high=3)
    b.beliefs = {(JACK,): {cold: 1}}
    b.triggers.append(TriggerRow(b.all(b.equal(cold, 1), b.equal(hurt, 0)), [EffectRow(hurt, b.number(2))]))
    b.move(b.all(), [EffectRow(cold, b.number(1))], observers={IANTO: b.all()})
    world = b.build()
    assert world.values(world.believed(world.start(), JACK)) == [1, 2]
    assert world.start_fired() == [((JACK,), 0)]
    assert world.fired(world.start(), 0) == [((IANTO,), 0), ((), 0)]
    assert world.values(world.step(world.start(), 0)) == [1, 2]


def test_upon_applies_once_when_its_condition_becomes_true() -> None:
    b = two()
    dawn, nights = b.fluent(), b.fluent(high=9)
    b.triggers.append(TriggerRow(b.all(), [EffectRow(nights, b.number(1), change=1)], upon=b.equal(dawn, 1)))
    b.move(b.equal(dawn, 0), [EffectRow(dawn, b.number(1))])
    b.move(b.equal(dawn, 1), [EffectRow(dawn, b.number(0))])
    world = b.build()
    state = world.start()
    for move, nights_then in ((0, 1), (1, 1), (0, 2)):
        state = world.step(state, move)
        assert world.values(state)[nights] == nights_then
        assert world.values(world.believed(state, IANTO))[nights] == nights_then


def test_an_inference_runs_in_one_mind_alone_and_nobody_foresees_it() -> None:
    b = two(minds=2)
    refused, attached = b.fluent(), b.fluent()
    b.triggers.append(TriggerRow(b.equal(refused, 1), [EffectRow(attached, b.number(1))], mind=JACK))
    b.move(b.all(), [EffectRow(refused, b.number(1))])
    world = b.build()
    after = world.step(world.start(), 0)
    jack, ianto = world.believed(after, JACK), world.believed(after, IANTO)
    assert world.values(after) == [1, 0]
    assert world.values(jack) == [1, 1]
    assert world.values(ianto) == [1, 0]
    assert world.values(world.believed(ianto, JACK)) == [1, 0]
    assert world.values(world.believed(jack, IANTO)) == [1, 0]


def test_a_ring_of_triggers_is_named() -> None:
    b = two()
    f = b.fluent()
    b.triggers.append(TriggerRow(b.equal(f, 1), [EffectRow(f, b.number(2))]))
    b.triggers.append(TriggerRow(b.equal(f, 2), [EffectRow(f, b.number(1))]))
    b.fluents[f] = (0, 2, False, -1)
    b.move(b.all(), [EffectRow(f, b.number(1))])
    world = b.build()
    with pytest.raises(WorldError) as error:
        world.step(world.start(), 0)
    assert error.value.args == ("ring", [0, 1])


def test_errors_of_the_true_state_are_nobodys_in_a_mind() -> None:
    b = two()
    f, g = b.fluent(high=3), b.fluent()
    b.beliefs = {(JACK,): {g: 1}}
    b.move(b.all(), [EffectRow(f, b.number(9), condition=b.equal(g, 1))])
    b.move(b.all(), [EffectRow(f, b.number(1)), EffectRow(f, b.number(2), condition=b.equal(g, 1))])
    b.move(b.all(), [EffectRow(f, b.number(4))])
    b.move(b.all(), [EffectRow(f, b.number(1)), EffectRow(f, b.number(2))])
    world = b.build()
    assert world.values(world.believed(world.step(world.start(), 0), JACK)) == [3, 1]
    assert world.values(world.believed(world.step(world.start(), 1), JACK)) == [1, 1]
    with pytest.raises(WorldError) as error:
        world.step(world.start(), 2)
    assert error.value.args == ("range", [3, 4])
    with pytest.raises(WorldError) as error:
        world.step(world.start(), 3)
    assert error.value.args == ("contradiction", [4, 5])


def test_numbers_rise_and_ease_within_their_range() -> None:
    b = two()
    f = b.fluent(high=2, start=1)
    b.move(b.all(), [EffectRow(f, b.number(5), change=1)])
    b.move(b.all(), [EffectRow(f, b.number(5), change=2)])
    world = b.build()
    assert world.values(world.step(world.start(), 0)) == [2]
    assert world.values(world.step(world.start(), 1)) == [0]


def test_arithmetic_is_exact_and_checked() -> None:
    b = two()
    f = b.fluent(low=-(2**63) + 1, high=2**63 - 1, unknown=True, start=2**63 - 1)
    third = b.number(1, 3)
    six = b.node("OVER", b.number(2), third)
    total = b.sum(third, third, third)
    nothing = b.node("OVER", third, b.number(0))
    too_much = b.node("TIMES", b.read(f), b.number(2))
    order = b.node("NOT", b.node("LESS", nothing, third))
    world = b.build()
    start = world.start()
    assert world.evaluate(start, six) == (6, 1)
    assert world.evaluate(start, total) == (1, 1)
    assert world.evaluate(start, nothing) is None
    assert world.holds(start, order)
    assert world.values(start) == [2**63 - 1]
    with pytest.raises(WorldError) as error:
        world.evaluate(start, too_much)
    assert error.value.args == ("overflow", [too_much])
    assert Fraction(2**63 - 1) * 2 > 2**63


def test_weights_endings_and_stillness() -> None:
    b = two()
    f = b.fluent(high=2)
    b.move(b.equal(f, 0), [EffectRow(f, b.number(1))], weight=b.number(3, 2))
    b.move(b.equal(f, 0), [EffectRow(f, b.number(2))], weight=b.number(0))
    b.move(b.equal(f, 2), [EffectRow(f, b.number(0))], weight=b.number(-1))
    b.endings = [b.all(b.equal(f, 1), b.node("STILL")), b.equal(f, 2)]
    world = b.build()
    start = world.start()
    assert world.moves(start) == ([(0, 3, 2)], [])
    assert world.ending(start) == -1
    assert world.ending(world.step(start, 0)) == 0
    bad = world.step(start, 1)
    assert world.ending(bad) == 1
    with pytest.raises(WorldError) as error:
        world.moves(bad)
    assert error.value.args == ("weight", [2])


def test_expressive_moves_need_their_condition_and_no_plan() -> None:
    b = two()
    f = b.fluent()
    b.move(b.all(), [EffectRow(f, b.number(1))], (JACK,), expressive=b.equal(f, 0))
    world = b.build()
    assert world.in_character(world.start(), 0, JACK) == 1
    assert world.intention(world.start(), 0, JACK) is None
    assert world.in_character(world.step(world.start(), 0), 0, JACK) == 0


def test_a_revised_state_is_closed_again_by_the_next_move() -> None:
    b = two()
    cold, hurt, other = b.fluent(), b.fluent(), b.fluent()
    b.triggers.append(TriggerRow(b.equal(cold, 1), [EffectRow(hurt, b.number(1))]))
    b.move(b.all(), [EffectRow(other, b.number(1))], observers={})
    world = b.build()
    revised = world.revised(world.start(), (JACK,), cold, 1)
    assert world.values(world.believed(revised, JACK)) == [1, 0, 0]
    assert world.values(world.believed(world.step(revised, 0), JACK)) == [1, 1, 0]
    assert world.revised(world.revised(world.start(), (), cold, 1), (), cold, 0) == world.start()


def test_conditions_that_are_compared_together_hold_where_each_does() -> None:
    b = two()
    f, g = b.fluent(high=3), b.fluent(high=2, unknown=True)
    both = b.all(b.equal(f, 2), b.equal(g, UNKNOWN), b.any(b.equal(f, 2), b.equal(f, 3)), b.equal(f, 2))
    never = b.all(b.equal(f, 1), b.equal(g, 2), b.equal(f, 2))
    of_jack = b.all(b.believes(JACK, b.equal(f, 0)), b.equal(f, 3), b.believes(JACK, b.equal(g, 0)))
    world = b.build()
    for one, other in product(range(4), (0, 1, 2, UNKNOWN)):
        state = world.revised(world.revised(world.start(), (), f, one), (), g, other)
        assert world.holds(state, both) == (one == 2 and other == UNKNOWN)
        assert not world.holds(state, never)
        assert world.holds(state, of_jack) == (one == 3)
        assert not world.holds(world.revised(state, (JACK,), g, 1), of_jack)


def test_of_a_conjunction_what_comes_first_is_met_first() -> None:
    b = two()
    f, much = b.fluent(), b.fluent(high=2**62, start=2**62)
    too_much = b.node("LESS", b.node("TIMES", b.read(much), b.read(much)), b.number(0))
    false_first, broken_first = b.all(b.equal(f, 1), too_much), b.all(too_much, b.equal(f, 1))
    world = b.build()
    assert not world.holds(world.start(), false_first)
    with pytest.raises(WorldError):
        world.holds(world.start(), broken_first)


def test_what_somebody_believes_may_keep_a_trigger_from_applying() -> None:
    b = two()
    noise, heard, told = b.fluent(), b.fluent(), b.fluent()
    for person in (JACK, IANTO):
        unaware = b.all(b.equal(noise, 1), b.believes(person, b.equal(noise, 0)))
        b.triggers.append(TriggerRow(unaware, [EffectRow(noise, b.number(1), (person,)), EffectRow(heard, b.number(1))]))
    b.triggers.append(TriggerRow(b.believes(IANTO, b.equal(noise, 1)), [EffectRow(told, b.number(1), (JACK,))]))
    b.move(b.all(), [EffectRow(noise, b.number(1))], observers={JACK: b.all()})
    world = b.build()
    after = world.step(world.start(), 0)
    # Jack saw it, so he expects Ianto to hear; Ianto does hear, and expects the same of Jack, who knows already.
    assert world.fired(world.start(), 0) == [((JACK,), 1), ((JACK,), 2), ((IANTO,), 0), ((), 1)]
    assert world.values(after) == [1, 1, 0]
    assert world.values(world.believed(after, JACK)) == [1, 1, 1]
    assert world.values(world.believed(after, IANTO)) == [1, 1, 0]
