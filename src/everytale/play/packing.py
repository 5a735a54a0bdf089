"""A story that can be played where there is no Python: its world, its prose at one shoulder, and the words for what is in it, as bytes."""

from __future__ import annotations

from collections.abc import Iterable

from everytale.ground import ground
from everytale.language.format import format_expression
from everytale.play.saves import fingerprint
from everytale.story import Reading, Story
from everytale.telling.script import Script
from everytale.world import World
from everytale.world.packing import numbers_of, packed
from everytale.world.states import sort_of
from everytale.world.vocabulary import GroundFluent

_SORTS = {"truth": 0, "unknown": 0, "entity": 1, "number": 2}
"""What an expression comes to, as the core has it."""


def packed_story(story: Story, teller: str | None) -> bytes:
    """The pack of ``story``, told at the shoulder of ``teller`` (``None``: nobody's); whoever is played, it is the same.

    The same story gives the same bytes. Raises ``StoryError`` where it cannot be grounded.
    """
    world = ground(story, anew=True)  # so that nothing is packed that somebody else asked about
    script = Script(world, teller)
    view_numbers, view_texts = _views(world)
    world.send()
    numbers = numbers_of(world) | script.columns | view_numbers | {"fluent_kinds": [_sort(fluent, world.story) for fluent in world.fluents]}
    texts: dict[str, Iterable[str]] = {
        "title": [story.title],
        "fingerprint": [fingerprint(story)],
        "people": story.people,
        "names": world.vocabulary.names,
        "ending_titles": [ending.title for ending in story.endings],
        "moves": map(str, world.moves),
        "fluent_words": map(str, world.fluents),
        "strings": script.strings,
    }
    return packed(numbers, texts | view_texts)


def _sort(fluent: GroundFluent, story: Story) -> int:
    return _SORTS[sort_of(Reading(fluent.key, ()), story)]


def _views(world: World) -> tuple[dict[str, Iterable[int]], dict[str, Iterable[str]]]:
    """What the author looks at a realm by: of every view its parts, as nodes, of what sort each is, and in words."""
    story = world.story
    offsets, nodes, sorts, words = [0], list[int](), list[int](), list[str]()
    for view in story.views:
        for part in view.parts:
            nodes.append(world.lowered(part, {}))
            sorts.append(_SORTS[sort_of(part, story)])
            words.append(format_expression(part, story))
        offsets.append(len(nodes))
    return {"view_offsets": offsets, "view_nodes": nodes, "view_kinds": sorts}, {"view_facts": words}
