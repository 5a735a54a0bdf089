"""Packs: what is packed is the same world, and what is damaged, or made to harm, is refused at no great cost.

``make fuzz`` damages 100,000 packs; a plain run of the tests a few hundred.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from everytale.core import World as Core
from everytale.core import WorldError
from everytale.diagnostics import StoryError
from everytale.ground import ground
from everytale.story import Story
from everytale.world import State, World
from everytale.world.packing import numbers_of, packed
from everytale.world.table import SUM
from tests.random_worlds import stories
from tests.stories import read

TRIES = int(os.environ.get("EVERYTALE_FUZZ", "500"))
PORTIONS = 10
ROOM = 1 << 30
"""Bytes that may be asked for while a pack of a few kilobytes is read: what is shared and kept from before included."""

REFUSED = (RuntimeError, ValueError, IndexError, WorldError)

HALL = """
    kind person: Ann (she), Bo (he)
    kind place: hall, yard
    fact at(person): place
    fact trust(person): 0 to 3
    fact lit, seen: yes or no
    start
        at(every person) = hall
        Ann believes at(Bo) = yard
    wants Bo
        +1 lit
        +1 each trust(Bo)
    action light by Ann to Bo
        if not lit and at(Ann) = hall
        then lit, trust(Bo) rises
        weight 2 when trust(Bo) > 1, 1
    action go(p: place) by Bo
        if at(Bo) != p
        then at(Bo) = p
    inference notice by Ann
        if lit and not seen
        then seen
    ending "Light" if lit and trust(Bo) = 2
"""


COUNTING = """
kind person: Ada (she), Ben (he), Cy (he), Di (she), Eli (he)
fact far: 0 to 90000
fact off: yes or no
start
    off
event wake
    if off
    then not off
trigger count
    if far < 90000 and not off
    then far rises
"""


def world() -> World:
    lines = [line.removeprefix("    ") for line in HALL.splitlines()]
    return ground(read("\n".join(lines)), anew=True)


def test_a_pack_is_the_same_world() -> None:
    whole = world()
    _same(whole.core, Core.unpacked(packed(numbers_of(whole), {"title": ["Hall"]})), whole, 6)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(stories())
def test_every_world_survives_being_packed(tale: Story) -> None:
    try:
        whole = ground(tale)
    except StoryError:
        return
    _same(whole.core, Core.unpacked(packed(numbers_of(whole), {})), whole, 2)


def _same(core: Core, again: Core, whole: World, within: int) -> None:
    """Whether two worlds have the same states, to so many moves from the start."""
    level = [(core.start(), again.start())]
    for _ in range(within):
        following = []
        for one, other in level[:8]:
            assert core.values(one) == again.values(other)
            for person in range(len(whole.story.people)):
                assert core.values(core.believed(one, person)) == again.values(again.believed(other, person))
            try:
                found = core.moves(one)
            except WorldError:
                with pytest.raises(WorldError):
                    again.moves(other)
                continue
            assert found == again.moves(other)
            for move in core.applicable(one):
                try:
                    following.append((core.step(one, move), again.step(other, move)))
                except WorldError:
                    continue
        level = following


def test_a_pack_does_not_hang_on_what_was_asked_before() -> None:
    whole = world()
    before = packed(numbers_of(whole), {})
    State(whole, whole.core.start()).holds(whole.story.endings[0].condition)
    assert packed(numbers_of(world()), {}) == before


# ---- damaged -----------------------------------------------------------------------------------------------------------


@pytest.mark.fuzz
@pytest.mark.parametrize("portion", range(PORTIONS))
def test_a_damaged_pack_is_a_world_or_refused(portion: int) -> None:
    """In a process of its own, whose memory is bounded."""
    count = max(1, TRIES // PORTIONS)
    code = f"from tests.core import test_packs; test_packs.damage({portion}, {count})"
    found = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=600)
    assert found.returncode == 0, found.stderr[-3000:]
    counts = json.loads(found.stdout)
    assert counts["refused"] > 0 and counts["refused"] + counts["opened"] == count


def damage(portion: int, count: int) -> None:
    pack = packed(numbers_of(world()), {"title": ["Hall"]})
    _bound_memory()
    chance = random.Random(portion)
    counts = {"opened": 0, "refused": 0}
    for _ in range(count):
        try:
            Core.unpacked(_damaged(pack, chance))
            counts["opened"] += 1
        except REFUSED:
            counts["refused"] += 1
    print(json.dumps(counts))


def _damaged(pack: bytes, chance: random.Random) -> bytes:
    data = bytearray(pack)
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at] ^= 1 << chance.randrange(8)
            case 2:
                del data[at : at + chance.randint(1, 20)]
            case 3:
                data[at:at] = chance.randbytes(chance.randint(1, 20))
            case _:
                data[at:at] = b"\xff\xff\xff\xff\x0f"
    return bytes(data)


def _bound_memory() -> None:
    if "asan" in os.environ.get("LD_PRELOAD", ""):
        return  # its shadow of the memory is larger than any bound
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if Path("/proc/self/statm").exists() else ROOM
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))


# ---- made to harm ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no pack"),
        (b"everytale", "no pack"),
        (b"everytale\0\x63", "another version"),
        (b"everytale\0\x01\x05worl", "longer than the pack"),
        (b"everytale\0\x01\x05world\x00\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "longer than the pack"),
        (b"everytale\0\x01\x05world\x07\x00", "no kind that is known"),
        (b"everytale\0\x01\x05world\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "more than 64 bits"),
        (b"everytale\0\x01", "no list"),
    ],
)
def test_what_is_no_pack_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(RuntimeError, match=words):
        Core.unpacked(data)


def altered(**columns: Iterable[int]) -> bytes:
    return packed(dict(numbers_of(world())) | columns, {})


def test_conditions_that_share_their_parts_without_end_are_refused() -> None:
    """Two to the power of 300 parts, in 300 nodes."""
    whole = world()
    operators, first, second, operands = (list(column) for column in whole.nodes)
    begin = len(operators)
    for number in range(300):
        operands += [begin + number - 1] * 2 if number else [0, 0]
        operators.append(SUM)
        first.append(len(operands) - 2)
        second.append(2)
    endings = [begin + 299]
    with pytest.raises(RuntimeError, match="conditions are too long"):
        Core.unpacked(altered(node_operator=operators, node_first=first, node_second=second, operands=operands, endings=endings))


def test_facts_of_very_many_values_to_very_many_people_are_refused() -> None:
    facts = [0] * 100_000
    with pytest.raises(RuntimeError, match="facts have too many values"):
        Core.unpacked(altered(fluent_low=facts, fluent_high=[63] * len(facts), fluent_unknown=facts, fluent_owner=facts))


def test_a_start_that_never_comes_to_rest_is_refused() -> None:
    """In 26 states, the minds of five people within each other, a number that rises by itself to 90,000."""
    counting = ground(read(COUNTING))
    numbers = dict(numbers_of(counting))
    Core.unpacked(packed(numbers, {}))
    numbers["mind_values"] = [0 for _ in numbers["mind_values"]]
    with pytest.raises(RuntimeError, match="does not come to rest"):
        Core.unpacked(packed(numbers, {}))
