"""From a story to its world: everything instantiated, and what never changes folded away."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from dataclasses import replace
from itertools import pairwise

from everytale.diagnostics import StoryError
from everytale.ground.columns import Look
from everytale.ground.counts import Counts, counts
from everytale.ground.grounder import Grounder
from everytale.ground.reach import Reach
from everytale.ground.start import At
from everytale.story import Story
from everytale.world.states import World
from everytale.world.table import nested_too_deep

__all__ = ["Counts", "Look", "another", "counts", "forget", "ground"]

MOST_MINDS, MOST_HORIZON = 50, 250
KEPT = 4
"""How many worlds are kept for those who ask again."""


def _never_enough(growth: int = 0) -> None:
    pass


_worlds: OrderedDict[tuple[int, int, int, int | None], World] = OrderedDict()


def ground(
    story: Story,
    *,
    minds: int | None = None,
    horizon: int | None = None,
    within: int | None = None,
    anew: bool = False,
    look: Look = _never_enough,
) -> World:
    """The world of ``story``; ``minds`` and ``horizon`` replace the story's own.

    ``within``: tales of at most so many moves are asked about, which bounds the numbers that the story leaves unbounded.
    ``anew``: a world that nobody has asked before, nor will.
    ``look`` may end it.
    Raises ``StoryError`` for a world too large, and where the start breaks one of the story's rules.
    """
    minds = story.minds if minds is None else minds
    horizon = story.horizon if horizon is None else horizon
    for name, value, least, most in (("minds", minds, 0, MOST_MINDS), ("horizon", horizon, 1, MOST_HORIZON)):
        if not least <= value <= most:
            message = f"`{name}` is {value}; it can be {least} to {most}."
            raise StoryError.one("out-of-range", "A number is out of range", message, None, f"Choose another `{name}`.")
    key = id(story), minds, horizon, within
    world = None if anew else _worlds.get(key)
    if world is None or world.story is not story:
        try:
            world = _grounded(story, minds, horizon, within, look)
        except RecursionError:
            raise nested_too_deep() from None
        if anew:
            return world
        _worlds[key] = world
        while len(_worlds) > KEPT:
            _worlds.popitem(last=False)
    _worlds.move_to_end(key)
    return world


def forget(story: Story) -> None:
    """Keep no world of ``story`` for those who ask again: the next is made anew, and knows nothing yet."""
    for key, world in list(_worlds.items()):
        if world.story is story:
            del _worlds[key]
            world.notes.clear()  # they name the world, so that it would not go at once


def another(world: World, *, minds: int | None = None, horizon: int | None = None) -> World:
    """The same world over again: what was found out in the one is not known in the other. ``minds`` and ``horizon`` may be less."""
    grounding, columns = world.grounding, dict(world.grounding.columns)
    minds = world.minds if minds is None else minds
    horizon = world.horizon if horizon is None else horizon
    assert 0 <= minds <= world.minds and 1 <= horizon <= world.horizon
    depth = world.depth - (world.minds - minds)
    offsets, items, values = array("q", [0]), array("q"), array("q")
    starts, wide = columns["mind_offsets"], len(world.fluents)
    for row, (begin, end) in enumerate(pairwise(starts)):
        if end - begin <= depth:
            items += columns["mind_items"][begin:end]
            offsets.append(len(items))
            values += columns["mind_values"][row * wide : (row + 1) * wide]
    columns |= {"minds": minds, "horizon": horizon, "depth": depth, "mind_offsets": offsets, "mind_items": items, "mind_values": values}
    return World(replace(grounding, minds=minds, horizon=horizon, depth=depth, columns=columns))


def _grounded(story: Story, minds: int, horizon: int, within: int | None, look: Look) -> World:
    grounder = Grounder(story, minds, horizon, look)
    first = grounder.by_look()
    look(first.weight)
    world = World(first)
    start = At(world)
    reach = Reach(first, start.rows.values(), None if within is None else within + horizon, look)
    second = grounder.by_reach(first, start, reach)
    if second is None:
        return world
    look(second.weight)
    narrowed = World(second)
    return narrowed if start.is_kept_by(narrowed) else World(Grounder(story, minds, horizon, look).by_look())
