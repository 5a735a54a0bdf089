"""The ground moves, triggers and effects of a story as the columns that the native core takes, row by row."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from everytale.diagnostics import StoryError
from everytale.story import Action, Effect, Story
from everytale.world.grounding import GroundMove, GroundTrigger
from everytale.world.table import Table
from everytale.world.vocabulary import Vocabulary, too_large

MOST_EFFECTS = 300_000


def numbers(*items: int) -> array[int]:
    """A column."""
    return array("q", items)


@dataclass
class Effects:
    """The effects of all moves, then of all triggers. A ``condition`` is -1 where it always holds; ``chain``: in whose mind."""

    condition: array[int] = field(default_factory=numbers)
    fluent: array[int] = field(default_factory=numbers)
    value: array[int] = field(default_factory=numbers)
    change: array[int] = field(default_factory=numbers)
    believer_offsets: array[int] = field(default_factory=lambda: numbers(0))
    believers: array[int] = field(default_factory=numbers)
    sources: list[Effect] = field(default_factory=list)

    def add(self, source: Effect, condition: int, fluent: int, value: int, chain: Sequence[int]) -> None:
        if len(self.sources) >= MOST_EFFECTS:
            raise too_large(f"Its moves and triggers have more than {MOST_EFFECTS:,} effects in all.", source.span)
        self.condition.append(condition)
        self.fluent.append(fluent)
        self.value.append(value)
        self.change.append(("set", "rises", "eases").index(source.change))
        self.believers.extend(chain)
        self.believer_offsets.append(len(self.believers))
        self.sources.append(source)

    @property
    def columns(self) -> dict[str, array[int]]:
        return {
            "effect_condition": self.condition,
            "effect_fluent": self.fluent,
            "effect_value": self.value,
            "effect_change": self.change,
            "believer_offsets": self.believer_offsets,
            "believer_items": self.believers,
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
        self._effect_offsets.append(len(self._effects.sources))
        consenting = [self._person[name] for name in move.consenting]
        self._consent.extend(consenting)
        self._consent_offsets.append(len(self._consent))
        begin = len(self._observers)
        self._observers.extend(observers)
        if not self._story.first_effect_wins:
            for person in consenting:
                self._observers[begin + person] = self._table.true

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
        self._effect_offsets = numbers(len(effects.sources))

    @property
    def has_more_effects(self) -> bool:
        """Whether effects were added since the last of them."""
        return len(self._effects.sources) > self._effect_offsets[-1]

    def add(self, trigger: GroundTrigger, precondition: int, upon: int, mind: int) -> None:
        self.made.append(trigger)
        self._preconditions.append(precondition)
        self._upon.append(upon)
        self._minds.append(mind)
        self._effect_offsets.append(len(self._effects.sources))

    @property
    def columns(self) -> dict[str, array[int]]:
        return {
            "trigger_precondition": self._preconditions,
            "trigger_upon": self._upon,
            "trigger_mind": self._minds,
            "trigger_effect_offsets": self._effect_offsets,
        }
