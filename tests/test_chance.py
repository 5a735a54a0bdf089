"""Chance is the same everywhere, and as likely as its weights say."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everytale.chance import Chance


def test_it_is_splitmix64_as_published() -> None:
    """The values that the reference implementation gives for the seed 1234567."""
    chance = Chance(1234567)
    assert [chance.next() for _ in range(5)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_streams_of_one_seed_are_apart_and_repeat() -> None:
    first, second, again = Chance(7), Chance(7, 1), Chance(7, 1)
    drawn = [second.next() for _ in range(20)]
    assert drawn == [again.next() for _ in range(20)]
    assert not {first.next() for _ in range(20)} & set(drawn)


def test_any_whole_number_is_a_seed() -> None:
    assert Chance(-1).next() == Chance((1 << 64) - 1).next()
    assert Chance(1 << 70).next() == Chance(0).next()


@given(st.integers(), st.integers(min_value=1, max_value=1 << 200))
def test_a_draw_lies_below_its_bound(seed: int, bound: int) -> None:
    assert 0 <= Chance(seed).below(bound) < bound


def test_draws_below_a_bound_are_alike_likely() -> None:
    chance = Chance(3)
    drawn = Counter(chance.below(6) for _ in range(60_000))
    assert set(drawn) == set(range(6))
    assert all(9_500 < count < 10_500 for count in drawn.values())


def test_picks_are_as_likely_as_their_weights() -> None:
    chance = Chance(4)
    drawn = Counter(chance.pick([Fraction(1, 3), 0, Fraction(1, 2), Fraction(1, 6)]) for _ in range(60_000))
    assert drawn[1] == 0
    assert abs(drawn[0] - 20_000) < 600 and abs(drawn[2] - 30_000) < 600 and abs(drawn[3] - 10_000) < 600


def test_weights_of_any_size_are_exact() -> None:
    chance = Chance(5)
    huge = 10**40
    drawn = Counter(chance.pick([huge, huge, 1]) for _ in range(1000))
    assert drawn[2] == 0 and 400 < drawn[0] < 600


@pytest.mark.parametrize("weights", [[], [0], [0, Fraction(0)]])
def test_nothing_can_be_picked_from_nothing(weights: list[Fraction]) -> None:
    with pytest.raises(ValueError, match="nothing"):
        Chance(1).pick(weights)
