"""The core tells what the slow teller tells (`tests/reference/telling`): the same paragraphs from the same seed, move by move."""

from __future__ import annotations

import pytest

from everytale.chance import Chance
from everytale.ground import ground
from everytale.loader import bundled, load
from everytale.telling.script import Script
from everytale.telling.tell import LONGEST, MOVES, Teller, wander
from tests.reference import telling as slow

TALES = 40


@pytest.mark.parametrize("name", bundled())
def test_the_stories_in_the_box_are_told_the_same_at_every_shoulder(name: str) -> None:
    story = load(name)
    world = ground(story)
    tales = [wander(world, Chance(seed, MOVES), LONGEST) for seed in range(TALES)]
    for teller in (None, *story.people):
        script, slowly = Script(world, teller), slow.Script(world, teller)
        for seed, (moves, states) in enumerate(tales):
            fast, twin = Teller(script, seed), slow.Teller(slowly, seed)
            assert fast.tale(moves, states, states[-1].ending) == tuple(twin.tale(moves, states, states[-1].ending))
            assert fast.refrains == twin.prose.refrains
