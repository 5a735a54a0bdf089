"""The library's world and the slow interpreter agree: on every successor, every believed state, and every verdict.

A plain run of the tests tries the same few hundred worlds every time, ``make fuzz`` 10,000 others.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from everytale.diagnostics import StoryError
from everytale.ground import ground
from everytale.language.format import format_story
from everytale.story import Story
from everytale.world import State
from tests.random_worlds import stories
from tests.reference import Broken, Mind, Tale

FUZZ = os.environ.get("EVERYTALE_FUZZ")
WORLDS = int(FUZZ) // 10 if FUZZ else 300
STEPS = 4
TOO_DEEP, BROKEN = "minds-too-few", "broken"

T = TypeVar("T")


def fast(question: Callable[[], T]) -> T | str:
    """The answer, or that the story broke one of its own rules."""
    try:
        return question()
    except StoryError as error:
        return TOO_DEEP if error.diagnostics[0].code == TOO_DEEP else BROKEN


def slow(question: Callable[[], T]) -> T | str:
    try:
        return question()
    except Broken:
        return BROKEN


def same_minds(tale: Tale, state: State, mind: Mind) -> None:
    """Every fluent has the same value in truth and in every mind within minds."""
    for chain in tale.mechanics.chains():
        inner, slower = state.believes(*chain), mind.within(*chain)
        for key, arguments in tale.mechanics.fluents:
            place = f"{chain} {key}{arguments}"
            assert inner.value(key, *arguments) == slower.value((key, arguments)), place


def same_verdicts(tale: Tale, state: State, mind: Mind) -> list[str]:
    """Both allow the same moves, for the same people's reasons, and offer whoever is played the same; the moves that are allowed.

    Whether a ring of triggers that only a bad plan leads to is met depends on which plans are tried, so there they may differ.
    """
    allowed: list[str] = []
    for name, instance in tale.instances.items():
        move = state.world.move(name)
        assert state.holds(move.action.precondition, move.binding) == tale.allowed(mind, name), name
        assert list(move.consenting) == tale.mechanics.consenting(instance, mind)
        if tale.allowed(mind, name):
            allowed.append(name)
            for person in move.consenting:
                ours = fast(lambda move=move, person=person: state.in_character(move, person))  # type: ignore[misc]
                theirs = slow(lambda name=name, person=person: tale.in_character(mind, name, person))  # type: ignore[misc]
                same(ours, theirs)
    same(fast(lambda: [(str(move), weight) for move, weight in state.moves()]), slow(lambda: tale.moves(mind)))
    for player in tale.story.people:
        ours = fast(lambda player=player: chosen_and_drawn(state, player))  # type: ignore[misc]
        same(ours, slow(lambda player=player: tale.choices(mind, player)))  # type: ignore[misc]
    same(fast(lambda: state.ending), slow(lambda: tale.ending(mind)))
    return allowed


def chosen_and_drawn(state: State, player: str) -> tuple[list[str], list[tuple[str, Fraction]]]:
    own, drawn = state.choices(player)
    return [str(move) for move in own], [(str(move), weight) for move, weight in drawn]


def same(ours: object, theirs: object) -> None:
    assert ours == theirs or BROKEN in (ours, theirs)


@pytest.mark.fuzz
@settings(
    max_examples=WORLDS,
    derandomize=not FUZZ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example],
)
@given(stories(), st.data())
def test_random_worlds_agree(story: Story, data: st.DataObject) -> None:
    note(format_story(story))
    tale = Tale(story)
    world = fast(lambda: ground(story))
    if world == TOO_DEEP:
        return
    mind = slow(lambda: tale.start)
    assert isinstance(world, str) == isinstance(mind, str)
    if isinstance(world, str) or isinstance(mind, str):
        return
    state = world.start
    for _ in range(STEPS):
        same_minds(tale, state, mind)
        allowed = same_verdicts(tale, state, mind)
        if not allowed:
            return
        name = data.draw(st.sampled_from(allowed))
        before = state
        next_state = fast(lambda name=name, before=before: before.after(before.world.move(name)))  # type: ignore[misc]
        next_mind = slow(lambda name=name, mind=mind: tale.after(mind, name))  # type: ignore[misc]
        assert isinstance(next_state, str) == isinstance(next_mind, str), name
        if isinstance(next_state, str) or isinstance(next_mind, str):
            return
        state, mind = next_state, next_mind
