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
from tests.stories import read

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


HOUSE = """
tale "Hide and seek"
minds 1
horizon 1
kind person: Ada (she), Ben (he), Cat (she)
kind place: Hall, Attic, Cellar
kind thing: Ring, Lamp
fact at(person): place
fact where(thing): place
fact has(thing): person
fact awake(p: person): yes or no, known to p
fact fright(person): 0 to 2
fact alarm: yes or no

start
    at(Ada) = Hall, at(Ben) = Attic, at(Cat) = Hall
    has(Ring) = Ada, where(Lamp) = Attic
    awake(every person)
    Ben believes at(Ada) = Cellar
    Cat believes Ben believes has(Ring) = Cat

action go(to: place) by p: person
    if awake(p) and at(p) != to
    then at(p) = to
    seen by q with at(q) = at(p)

action take(t: thing) by p: person
    if awake(p) and where(t) = at(p)
    then where(t) = unknown, has(t) = p
    seen by p

action lay_down(t: thing) by p: person
    if has(t) = p
    then where(t) = at(p), has(t) = unknown
    seen by q with at(q) = at(p) and awake(q)

action fool(t: thing, there: place) by p: person to q: person
    if p != q and at(p) = at(q) and where(t) != there
    then q believes where(t) = there, q believes has(t) = unknown
    seen by p

action doze by p: person
    if awake(p)
    then not awake(p)
    seen by nobody

event bell
    if not alarm
    then alarm

trigger see(p: person, other: person, there: place)
    if awake(p) and at(p) = there and at(other) = there and p believes at(other) != there
    then p believes at(other) = there

trigger miss(p: person, other: person, there: place)
    if awake(p) and at(p) = there and at(other) != there and p believes at(other) = there
    then p believes at(other) = unknown

trigger find(p: person, t: thing, there: place)
    if awake(p) and at(p) = there and where(t) = there
    then p believes where(t) = there, p believes has(t) = unknown

trigger spot(p: person, other: person, t: thing)
    if awake(p) and at(p) = at(other) and has(t) = other and not (p believes has(t) = other)
    then p believes has(t) = other, p believes where(t) = unknown

trigger lose(p: person, t: thing, there: place)
    if awake(p) and at(p) = there and where(t) != there
    then p believes where(t) = unknown when p believes where(t) = there

trigger notice(p: person, other: person)
    if p != other and p believes other believes alarm
    then alarm

trigger wake(p: person)
    if alarm and not awake(p)
    then awake(p), fright(p) rises

trigger shiver(p: person)
    upon alarm
    if (number of person q with at(q) = at(p)) <= 1
    then fright(p) rises

inference suspect(t: thing) by Cat
    if Ben believes has(t) = Cat and has(t) != Cat
    then has(t) = Ben
"""
"""More than a hundred triggers, by most of which people notice things; of others the values of single facts do not say all."""


@pytest.mark.fuzz
@settings(max_examples=int(FUZZ) // 1000 if FUZZ else 12, derandomize=not FUZZ, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_many_notice_is_what_the_slow_one_notices(data: st.DataObject) -> None:
    tale = Tale(read(HOUSE))
    state, mind = ground(tale.story).start, tale.start
    for _ in range(8):
        same_minds(tale, state, mind)
        name = data.draw(st.sampled_from([name for name in tale.instances if tale.allowed(mind, name)]))
        state, mind = state.after(state.world.move(name)), tale.after(mind, name)
    same_minds(tale, state, mind)
