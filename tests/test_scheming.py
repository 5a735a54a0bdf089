"""Where people scheme, the library and the slow interpreter agree on who would do what, and on which tales there are.

A plain run of the tests tries the same few hundred worlds every time, ``make fuzz`` more of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from everytale.ground import ground
from everytale.story import Story
from everytale.world import State
from tests.reference import Mind, Tale
from tests.scheming import scheming_story
from tests.test_agreement import WORLDS, same_minds, same_verdicts


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
@pytest.mark.parametrize("block", range(8))
def test_who_schemes_and_who_does_not_agrees(block: int) -> None:
    count = WORLDS // 8
    hasty = schemers = 0
    for seed in range(block * count, block * count + count):
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
