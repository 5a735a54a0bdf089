"""The ground moves, triggers and effects of a story as the columns that the native core takes, row by row."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple, Protocol

from everytale.diagnostics import StoryError
from everytale.story import Action, Effect, Story
from everytale.world.grounding import GroundMove, GroundTrigger
from everytale.world.table import Table
from everytale.world.vocabulary import Vocabulary, too_large

MOST_EFFECTS = 300_000


class Row(NamedTuple):
    """One effect: its ``condition`` (-1: always), the fluent, the node of its value, and in whose mind."""

    source: Effect
    condition: int
    fluent: int
    value: int
    chain: Sequence[int]


class Look(Protocol):
    """Called again and again in long work, and before ``growth`` bytes of memory are taken at once; may raise to end it."""

    def __call__(self, growth: int = 0) -> None: ...


def numbers(*items: int) -> array[int]:
    """A column."""
    return array("q", items)


class Effects:
    """The effects of all moves, then of all triggers."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, rows: Iterable[Row]) -> None:
        self.rows.extend(rows)
        if len(self.rows) > MOST_EFFECTS:
            raise too_large(f"Its moves and triggers have more than {MOST_EFFECTS:,} effects in all.", self.rows[-1].source.span)

    @property
    def weight(self) -> int:
        """How many bytes their columns will take, and as much again while they are made."""
        return 2 * 6 * 8 * len(self.rows)

    @property
    def sources(self) -> tuple[Effect, ...]:
        return tuple(row.source for row in self.rows)

    @property
    def columns(self) -> dict[str, array[int]]:
        change = {name: number for number, name in enumerate(("set", "rises", "eases"))}
        return {
            "effect_condition": array("q", (row.condition for row in self.rows)),
            "effect_fluent": array("q", (row.fluent for row in self.rows)),
            "effect_value": array("q", (row.value for row in self.rows)),
            "effect_change": array("q", (change[row.source.change] for row in self.rows)),
            "believer_offsets": array("q", accumulate((len(row.chain) for row in self.rows), initial=0)),
            "believer_items": array("q", (person for row in self.rows for person in row.chain)),
        }


class Moves:
    """The ground moves. The effects of each are added before it is."""

    def __init__(self, story: Story, vocabulary: Vocabulary, table: Table, effects: Effects) -> None:
        self.made: list[GroundMove] = []
        self._story, self._person, self._table, self._effects = story, vocabulary.person, table, effects
        self._preconditions, self._weights, self._expressive = numbers(), numbers(), numbers()
        self._effect_offsets, self._consent_offsets = numbers(0), numbers(0)
        self._consent, self._observers = numbers(), numbers()

    def add(self, move: GroundMove, precondition: int, weight: int, expressive: int, observers: Sequence[int]) -> None:
        """``observers``: for every person the node that says whether they see it, those aside who do because they consent."""
        self.made.append(move)
        self._preconditions.append(precondition)
        self._weights.append(self._weight(move.action, weight))
        self._expressive.append(expressive)
        self._effect_offsets.append(len(self._effects.rows))
        begin = len(self._observers)
        self._observers.extend(observers)
        for name in move.consenting:
            person = self._person[name]
            self._consent.append(person)
            if not self._story.first_effect_wins:
                self._observers[begin + person] = self._table.true
        self._consent_offsets.append(len(self._consent))

    def _weight(self, action: Action, node: int) -> int:
        """-1: it is 1."""
        if self._table.whole(node) == 1:
            return -1
        if self._table.constant(node):
            value = self._table.value(node)
            if value is None or value < 0:
                message = f"The weight of {action.name} is {'unknown' if value is None else value}."
                title, span = "A weight is negative", action.weight.span or action.span
                raise StoryError.one("negative-weight", title, message, span, "Weights are numbers from 0 up.")
        return node

    @property
    def columns(self) -> dict[str, array[int]]:
        return {
            "move_precondition": self._preconditions,
            "move_weight": self._weights,
            "move_expressive": self._expressive,
            "move_effect_offsets": self._effect_offsets,
            "consent_offsets": self._consent_offsets,
            "consent_items": self._consent,
            "observer": self._observers,
        }


class Triggers:
    """The ground triggers. The effects of each are added before it is."""

    def __init__(self, effects: Effects) -> None:
        self.made: list[GroundTrigger] = []
        self._effects = effects
        self._preconditions, self._upon, self._minds = numbers(), numbers(), numbers()
        self._effect_offsets = numbers(len(effects.rows))

    @property
    def has_more_effects(self) -> bool:
        """Whether effects were added since the last of them."""
        return len(self._effects.rows) > self._effect_offsets[-1]

    def add(self, trigger: GroundTrigger, precondition: int, upon: int, mind: int) -> None:
        self.made.append(trigger)
        self._preconditions.append(precondition)
        self._upon.append(upon)
        self._minds.append(mind)
        self._effect_offsets.append(len(self._effects.rows))

    @property
    def columns(self) -> dict[str, array[int]]:
        return {
            "trigger_precondition": self._preconditions,
            "trigger_upon": self._upon,
            "trigger_mind": self._minds,
            "trigger_effect_offsets": self._effect_offsets,
        }
