"""How many fluents, actions and triggers a world has, as the planner counts them.

To the planner what somebody believes of a fact is a fluent of its own, where a rule or the start speaks of it. It reckons that such
a fluent changes by effects on that very belief alone, and not by what people see; so it finds that some beliefs never change, and that some
rules never apply, where :mod:`everytale.ground.reach` must not. What is counted here is left in the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from everytale.core import UNKNOWN
from everytale.ground.reach import Reach
from everytale.ground.start import At
from everytale.ground.values import UNKNOWN_ALONE, Values, joined, listed
from everytale.story import Thing
from everytale.world.grounding import Grounding
from everytale.world.states import World
from everytale.world.table import BELIEVES, READ

Belief = tuple[tuple[int, ...], int]
"""A fluent, by number, in the mind at the end of a chain of people."""


class Counts(NamedTuple):
    fluents: int
    actions: int
    triggers: int


def counts(world: World) -> Counts:
    """The numbers that the planner prints of a problem, once it is grounded and simplified."""
    apart = _Apart(world)
    changing = {variable for variable, values in enumerate(apart.values) if not values.single}

    def count(what: str, reached: set[int]) -> int:
        offsets = apart.columns[f"{what}_effect_offsets"]
        effects = (range(offsets[index], offsets[index + 1]) for index in reached)
        return sum(any(apart.target(effect) in changing for effect in own) for own in effects)

    return Counts(len(changing), count("move", apart.moves), count("trigger", apart.triggers))


class _Apart(Reach):
    """The relaxation with beliefs apart from facts: every explicit one has values of its own, which facts and lesser beliefs have too."""

    def __init__(self, world: World) -> None:
        self.world, self.at = world, At(world)
        grounding = world.grounding
        offsets, items = grounding.columns["believer_offsets"], grounding.columns["believer_items"]
        self.believers = [tuple(items[begin:end]) for begin, end in pairwise(offsets)]
        beliefs = dict.fromkeys(self._stated())
        beliefs |= dict.fromkeys(
            (chain, fluent) for chain, fluent in zip(self.believers, grounding.columns["effect_fluent"], strict=True) if chain
        )
        beliefs |= dict.fromkeys(_read(grounding))
        self.variables: dict[Belief, int] = {belief: len(world.fluents) + number for number, belief in enumerate(beliefs)}
        super().__init__(grounding, self.at.rows.values(), None, lambda: None)

    def target(self, effect: int) -> int:
        return self._variable(self.believers[effect], self.columns["effect_fluent"][effect])

    def _stated(self) -> Iterator[Belief]:
        """The beliefs that the start speaks of."""
        person, index = self.world.vocabulary.person, self.world.vocabulary.index
        for effect in self.world.story.start:
            names = [one.name for one in (*effect.believers, *effect.target.arguments) if isinstance(one, Thing)]
            people, arguments = names[: len(effect.believers)], tuple(names[len(effect.believers) :])
            place = effect.target.fluent, arguments
            if people and place in index:
                yield tuple(person[name] for name in people), index[place]

    # -- what is different --

    def _run(self, steps: int | None) -> None:
        for chain, fluent in self.variables:
            self.ranges.append(self.ranges[fluent])
            self._growth.append(0)
            self._watchers.append(self._watchers[fluent])
            self.values.append(self._at_the_start(chain, fluent))
        super()._run(steps)

    def _at_the_start(self, chain: tuple[int, ...], fluent: int) -> Values:
        """What is so at the end of ``chain``, asked in every mind."""
        found = Values(frozenset())
        for handle in self.at.rows:
            for person in chain:
                handle = self.world.core.believed(handle, person)
            number = self.at.rows[handle][fluent]
            found = joined(found, UNKNOWN_ALONE if number == UNKNOWN else listed((number,)))
        return found

    def _variable(self, chain: tuple[int, ...], fluent: int) -> int:
        return self.variables.get((chain, fluent), fluent)

    def _whose(self, effect: int) -> tuple[int, ...]:
        return self.believers[effect]

    def _targets(self, chain: tuple[int, ...], fluent: int) -> Iterable[int]:
        return {self._variable(chain[begin:], fluent) for begin in range(len(chain) + 1)}

    def _corrections(self, node: int, wanted: bool) -> Iterator[tuple[int, int, int]]:
        return iter(())


def _read(grounding: Grounding) -> Iterator[Belief]:
    """The beliefs that a rule or a want reads."""
    table, columns = grounding.lowering.table, grounding.columns
    names = ("move_precondition", "trigger_precondition", "observer", "effect_condition", "worth")
    waiting: list[tuple[int, tuple[int, ...]]] = [(node, ()) for name in names for node in columns[name] if node >= 0]
    if columns["author_worth"] >= 0:
        waiting.append((columns["author_worth"], ()))
    while waiting:
        node, chain = waiting.pop()
        operator, first, second = table.operator[node], table.first[node], table.second[node]
        if operator == READ:
            if chain:
                yield chain, first
        elif operator == BELIEVES:
            waiting.append((second, (*chain, first)))
        else:
            waiting += ((part, chain) for part in table.inner(node))
