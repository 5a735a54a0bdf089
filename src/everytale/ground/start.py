"""The start of a story: what is so, and what everybody believes, before the first trigger runs."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping

from everytale.core import UNKNOWN
from everytale.diagnostics import StoryError
from everytale.story import Effect, Story
from everytale.world.lowering import Lowering
from everytale.world.states import World
from everytale.world.table import Table
from everytale.world.vocabulary import Place, Vocabulary, too_large

Chain = tuple[int, ...]

MOST_CHAINS = 100_000
"""How many minds within minds are kept."""
MOST_VALUES = 10_000_000
"""How many values all minds of the start may have together."""


def chains(people: int, depth: int) -> Iterator[Chain]:
    """All chains of at most ``depth`` people without immediate repetition, parents first."""
    row: list[Chain] = [()]
    for _ in range(depth):
        yield from row
        row = [(*chain, person) for chain in row for person in range(people) if chain[-1:] != (person,)]
    yield from row


def count_chains(people: int, depth: int) -> int:
    total, row = 1, people
    for _ in range(depth):
        total += row
        row *= max(people - 1, 0)
        if total > MOST_CHAINS:
            break
    return total


class Start:
    """The values of all fluents in truth, and what is stated of minds: a belief that nobody states drops the last of its chain."""

    def __init__(self, story: Story, vocabulary: Vocabulary, depth: int) -> None:
        if count_chains(len(story.people), depth) > MOST_CHAINS:
            message = f"{len(story.people)} people who imagine each other {depth} deep have more than {MOST_CHAINS:,} minds within minds."
            hint = "Fewer people (of a kind that has minds), or a lower `minds`."
            raise StoryError.one("world-too-large", "The world is too large", message, None, hint)
        self.story, self.vocabulary, self.depth = story, vocabulary, depth
        self.true: dict[Place, int] = {place: vocabulary.default(fluent) for place, fluent in vocabulary.places.items()}
        self.stated: dict[Chain, dict[Place, int]] = {}
        self._lowering = Lowering(vocabulary, Table(), self.value)
        for effect in story.start:
            for binding in self._bindings(effect):
                self._apply(effect, binding)

    def value(self, chain: Chain, place: Place) -> int:
        """What is believed at the end of ``chain``."""
        for length in range(len(chain), 0, -1):
            stated = self.stated.get(chain[:length])
            if stated is not None and place in stated:
                return stated[place]
        return self.true[place]

    def disputed(self) -> set[Place]:
        """The fluents that somebody is wrong about, or is thought to be."""
        return {place for stated in self.stated.values() for place, value in stated.items() if value != self.true[place]}

    def columns(self, index: Mapping[Place, int]) -> dict[str, array[int]]:
        """The start as the core takes it, for the fluents of ``index``."""
        offsets, items, values = array("q", [0]), array("q"), array("q")
        rows: dict[Chain, array[int]] = {}
        if count_chains(len(self.story.people), self.depth) * len(index) > MOST_VALUES:
            raise too_large(f"All minds within minds hold more than {MOST_VALUES:,} values.")
        for chain in chains(len(self.story.people), self.depth):
            if chain:
                row = rows[chain[:-1]]
                stated = self.stated.get(chain)
                if stated:
                    row = row[:]
                    for place, value in stated.items():
                        if place in index:
                            row[index[place]] = value
            else:
                row = array("q", (self.true[place] for place in index))
            rows[chain] = row
            items.extend(chain)
            offsets.append(len(items))
            values.extend(row)
        return {"mind_offsets": offsets, "mind_items": items, "mind_values": values}

    # -- statements --

    def _bindings(self, effect: Effect) -> Iterator[Mapping[str, str]]:
        found: list[dict[str, str]] = [{}]
        for binder in effect.each:
            found = [{**one, binder.variable: name} for one in found for name in self._lowering.entities(binder, one)]
        return iter(found)

    def _apply(self, effect: Effect, binding: Mapping[str, str]) -> None:
        lowering = self._lowering
        lowering.span = effect.span
        if not lowering.truth(lowering.node(effect.condition, binding)):
            return
        chain: list[int] = []
        for believer in effect.believers:
            name = lowering.named(believer, binding)
            if name not in self.vocabulary.person:
                return
            person = self.vocabulary.person[name]
            if chain[-1:] != [person]:
                chain.append(person)
        arguments = [lowering.named(argument, binding) for argument in effect.target.arguments]
        place = effect.target.fluent, tuple(name or "" for name in arguments)
        if place not in self.vocabulary.places:
            return
        value = self._value(effect, place, tuple(chain), lowering.node(effect.value, binding))
        if effect.common:
            for stated in self.stated.values():
                stated.pop(place, None)
        if not chain:
            self.true[place] = value
        elif len(chain) <= self.depth:
            self.stated.setdefault(tuple(chain), {})[place] = value

    def _value(self, effect: Effect, place: Place, chain: Chain, node: int) -> int:
        """The number to assign. Raises ``StoryError`` where the fluent cannot have it."""
        found = self._lowering.table.value(node)
        low, high, _ = self.vocabulary.ranges[place[0]]
        if effect.change != "set":
            now = self.value(chain, place)
            if found is None or found.denominator != 1 or now == UNKNOWN:
                number = UNKNOWN
            else:
                number = min(max(now + int(found) * (1 if effect.change == "rises" else -1), low), high)
        else:
            number = UNKNOWN if found is None else int(found)
        whole = found is None or found.denominator == 1
        if not (whole and self.vocabulary.admits(place[0], number)):
            name = self.vocabulary.places[place].name
            shown = "unknown" if found is None else str(found)
            message = f"{name} cannot be {shown}: it is {low} to {high}." if high - low < 2**60 else f"{name} cannot be {shown}."
            hint = "State another value, or widen the range of the fact." if whole else "Facts that are numbers are whole numbers."
            raise StoryError.one("out-of-range", "A number is out of range", message, effect.span, hint)
        return number


class At:
    """The start of a world that is ready, after all that followed by itself."""

    def __init__(self, world: World) -> None:
        self.index = dict(world.vocabulary.index)
        self.rows: dict[int, list[int]] = {}
        self.minds: dict[Chain, int] = {}
        core = world.core
        for chain in chains(len(world.story.people), world.depth):
            handle = core.believed(self.minds[chain[:-1]], chain[-1]) if chain else core.start()
            self.minds[chain] = handle
            if handle not in self.rows:
                self.rows[handle] = core.values(handle)
        self.true = world.constants | dict(zip(self.index, self.rows[core.start()], strict=True))

    def is_kept_by(self, world: World) -> bool:
        """Whether ``world``, which begins here, rests here: not where a trigger has changed what somebody knows of themselves."""
        there = At(world)
        rows = {handle: list(self._row(row, there.index)) for handle, row in self.rows.items()}
        return all(there.rows[there.minds[chain]] == rows[handle] for chain, handle in self.minds.items())

    def columns(self, index: Mapping[Place, int]) -> dict[str, array[int]]:
        """The start as the core takes it, for the fluents of ``index``."""
        rows = {handle: self._row(row, index) for handle, row in self.rows.items()}
        offsets, items, values = array("q", [0]), array("q"), array("q")
        for chain, handle in self.minds.items():
            items.extend(chain)
            offsets.append(len(items))
            values.extend(rows[handle])
        return {"mind_offsets": offsets, "mind_items": items, "mind_values": values}

    def _row(self, row: list[int], index: Mapping[Place, int]) -> array[int]:
        return array("q", (row[self.index[place]] if place in self.index else self.true[place] for place in index))
