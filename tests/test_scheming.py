"""Where people scheme, the library and the slow interpreter agree on who would do what, and on which tales there are.

A plain run of the tests tries the same few hundred worlds every time, ``make fuzz`` more of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest

from everytale.finding import find
from everytale.ground import ground
from everytale.story import Conjunction, Negation, Story
from everytale.world import State
from tests.reference import Mind, Tale
from tests.scheming import scheming_story
from tests.test_agreement import FUZZ, WORLDS, same_minds, same_verdicts
from tests.test_finding import first_after, so

BLOCKS = 4
STORIES = WORLDS if FUZZ else 160


def scenes(story: Story) -> Iterator[tuple[Tale, State, Mind]]:
    """The start, and what each of the first moves that are allowed there leads to."""
    tale, state = Tale(story), ground(story).start
    yield tale, state, tale.start
    for name in [name for name in tale.instances if tale.allowed(tale.start, name)][:3]:
        yield tale, state.after(state.world.move(name)), tale.after(tale.start, name)


def verdicts(tale: Tale, mind: Mind) -> list[bool]:
    """Whether each move that is allowed is in character, for each who must consent."""
    return [
        tale.in_character(mind, name, person)
        for name, move in tale.instances.items()
        if tale.allowed(mind, name)
        for person in tale.mechanics.consenting(move, mind)
    ]


@pytest.mark.fuzz
@pytest.mark.parametrize("block", range(BLOCKS))
def test_who_schemes_and_who_does_not_agrees(block: int) -> None:
    hasty = schemers = 0
    for seed in range(block * STORIES // BLOCKS, (block + 1) * STORIES // BLOCKS):
        for tale, state, mind in scenes(scheming_story(seed)):
            same_minds(tale, state, mind)
            same_verdicts(tale, state, mind)
            hasty += sum(verdicts(Tale(tale.story, horizon=1), mind))
            schemers += sum(verdicts(tale, mind))
    assert schemers > hasty * 1.1


def misled(plain: Tale, chance: random.Random) -> Tale:
    """The same, told of any move that its reason is something that people would do without it as well."""

    def detour(mind: Mind, person: str, move: str, budget: int) -> list[str]:
        moves = plain.instances.items()
        anyway = [name for name, one in moves if plain.explained(mind, person, one, budget, mind.level)] or list(plain.instances)
        return [move, chance.choice(anyway)]

    return Tale(plain.story, proposals=detour)


def test_what_is_proposed_to_the_slow_interpreter_changes_no_verdict_of_its_own() -> None:
    for seed in range(25):
        for plain, _, mind in scenes(scheming_story(seed)):
            assert verdicts(plain, mind) == verdicts(misled(plain, random.Random(seed)), mind)


# ---- the tales that there are ------------------------------------------------------------------------------------------------------


def tales(tale: Tale, told: Callable[[Mind], bool], within: int) -> tuple[dict[Mind, int], Fraction]:
    """By going everywhere: the states that tales which are ``told`` end in, with the moves of the shortest; the odds of the likeliest."""
    ends: dict[Mind, int] = {}
    likeliest = Fraction(0)
    layer = {tale.start: Fraction(1)}
    for depth in range(within + 1):
        following: dict[Mind, Fraction] = {}
        for mind, odds in layer.items():
            if told(mind):
                ends.setdefault(mind, depth)
                likeliest = max(likeliest, odds)
            if tale.ending(mind) is None:
                moves = tale.moves(mind)
                total = sum(weight for _, weight in moves)
                for name, weight in moves:
                    after = tale.after(mind, name)
                    following[after] = max(following.get(after, Fraction(0)), odds * weight / total)
        layer = following
    return ends, likeliest


def questions(tale: Tale, within: int, chance: random.Random) -> Iterator[tuple[dict[str, Any], Callable[[Mind], bool]]]:
    """A tale to what is so after as many moves as that takes anything; to some facts, which may never be so; to the ending."""
    facts = so(tale.start).parts
    for goal in (first_after(tale, within)[0], Conjunction((*chance.sample(facts, 2), Negation(chance.choice(facts))))):
        yield {"goal": goal}, lambda mind, goal=goal: tale.evaluator.holds(goal, {}, mind)  # type: ignore[misc]
    if tale.story.endings:
        yield {"to": "The end"}, lambda mind: tale.ending(mind) is not None


@pytest.mark.fuzz
@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_tales_that_are_found_are_those_that_there_are(block: int) -> None:
    found = none = 0
    for seed in range(block * STORIES // BLOCKS, (block + 1) * STORIES // BLOCKS):
        story, chance = scheming_story(seed), random.Random(seed)
        within, limits = chance.choice((3, 4, 5, 6)), {"minds": chance.choice((1, 1, 2)), "horizon": chance.choice((1, 2, 3, 4))}
        tale = Tale(story, **limits)
        for question, told in questions(tale, within, chance):
            ends, odds = tales(tale, told, within)
            shortest = find(story, shortest=True, within=within, **question, **limits)
            likeliest = find(story, likeliest=True, within=within, **question, **limits)
            every = find(story, count=10_000, within=within, **question, **limits)
            assert {tale.follow(str(step.move) for step in one.moves) for one in every.tales} == set(ends) and every.complete
            assert (likeliest.likeliest, likeliest.odds) == ((True, odds) if ends else (False, None))
            assert shortest.status == likeliest.status == every.status == ("found" if ends else "none")
            if ends:
                assert shortest.shortest and len(shortest.plan) == min(ends.values())
            found, none = found + any(ends.values()), none + (not ends)
    assert found > STORIES // (3 * BLOCKS) and none > STORIES // (3 * BLOCKS)
