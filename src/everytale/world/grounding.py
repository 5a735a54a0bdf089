"""What grounding makes of a story: its moves and triggers instantiated, and how the native core's errors read in their terms."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from everytale.core import UNKNOWN
from everytale.diagnostics import StoryError
from everytale.story import Action, Effect, Move, NumberDomain, Story, Trigger
from everytale.world.lowering import Lowering
from everytale.world.vocabulary import Place, Vocabulary

BYTES_OF_A_BYTE = 5
"""How many bytes the core keeps for each that it is given, with what it makes of them to be fast."""


class Undecided(Exception):
    """A question was given up because a limit was reached."""


def instance(name: str, arguments: tuple[str, ...]) -> str:
    return f"{name}({', '.join(arguments)})" if arguments else name


@dataclass(frozen=True, slots=True)
class GroundMove:
    """An action or event with its arguments. ``index`` is its number in the core; -1: its condition holds in no state.

    ``binding`` gives each parameter its entity, ``consenting`` are the names of those who must consent (nobody: an event).
    """

    name: str
    arguments: tuple[str, ...]
    index: int
    action: Action = field(compare=False, repr=False)
    binding: Mapping[str, str] = field(compare=False, repr=False)
    consenting: tuple[str, ...] = field(compare=False, repr=False)

    @property
    def is_event(self) -> bool:
        """Whether nobody must consent to it."""
        return not self.consenting

    @property
    def move(self) -> Move:
        """Its name and arguments, as a trace has them."""
        return Move(self.name, self.arguments)

    def numbered(self, index: int) -> GroundMove:
        """The same with that number in the core."""
        if index == self.index:
            return self
        return GroundMove(self.name, self.arguments, index, self.action, self.binding, self.consenting)

    def __str__(self) -> str:
        return instance(self.name, self.arguments)


@dataclass(frozen=True, slots=True)
class GroundTrigger:
    """A trigger or inference with its arguments."""

    name: str
    arguments: tuple[str, ...]
    index: int
    trigger: Trigger = field(compare=False, repr=False)
    binding: Mapping[str, str] = field(compare=False, repr=False)

    def numbered(self, index: int) -> GroundTrigger:
        """The same with that number in the core."""
        return self if index == self.index else GroundTrigger(self.name, self.arguments, index, self.trigger, self.binding)

    def __str__(self) -> str:
        return instance(self.name, self.arguments)


@dataclass(frozen=True)
class Grounding:
    """What :mod:`everytale.ground` makes of a story: its instances, and the ``columns`` that the core takes.

    ``effects`` are those of the moves, then of the triggers; ``move_effects`` and ``trigger_effects`` the offsets of each one's.
    """

    story: Story
    minds: int
    horizon: int
    depth: int
    vocabulary: Vocabulary
    lowering: Lowering
    constants: dict[Place, int]
    moves: tuple[GroundMove, ...]
    triggers: tuple[GroundTrigger, ...]
    effects: tuple[Effect, ...]
    move_effects: tuple[int, ...]
    trigger_effects: tuple[int, ...]
    columns: Mapping[str, Any]

    @property
    def weight(self) -> int:
        """About how many bytes of memory a world of it takes before it is asked anything."""
        return BYTES_OF_A_BYTE * sum(len(column) * column.itemsize for column in self.columns.values() if isinstance(column, array))

    def told(self, what: str, detail: list[int]) -> Exception:
        """What the core's ``WorldError`` says, of the story's own effects, triggers and moves."""
        match what:
            case "ring":
                return self._ring(detail)
            case "range":
                effect, value = detail
                fluent = self.story.fluent[self.effects[effect].target.fluent]
                found = "unknown" if value == UNKNOWN else str(self.vocabulary.decode(fluent.domain, value))
                if isinstance(fluent.domain, NumberDomain) and value != UNKNOWN and fluent.domain.within(value):
                    found = "a fraction"  # of which the core says the whole part
                message = f"{self._owner(effect)} would make {fluent.name} {found}, which is no value that it can have."
                hint = "Widen its range, or give the effect a condition; `rises` and `eases` stop at the ends of the range."
                return StoryError.one("out-of-range", "A number is out of range", message, self.effects[effect].span, hint)
            case "contradiction":
                one, other = detail
                message = f"Two effects of {self._owner(one)} give {self._fluent(one)} different values at once."
                hint = "Give them conditions that exclude each other, or leave one out."
                return StoryError.one("contradiction", "Effects that contradict each other", message, self.effects[other].span, hint)
            case "weight":
                move = self.moves[detail[0]]
                message = f"The weight of {move} comes to a number below 0, or to unknown."
                hint = "Let it be 0 where the move is not to happen."
                return StoryError.one("negative-weight", "A weight is negative", message, move.action.weight.span, hint)
            case "overflow":
                hint = "Bound what grows by a condition."
                return StoryError.one("overflow", "A number grows too large", "A value does not fit into 62 bits.", None, hint)
            case "undecided" if detail:
                return self.undecided(detail)
            case "undecided":
                return Undecided("whether nothing more can happen hangs on a move that a limit left undecided")
            case "stopped":
                return Undecided("it was stopped")
        return Undecided(f"there are more than {detail[0]:,} states, which is as many as are kept")

    def undecided(self, moves: Iterable[int]) -> Undecided:
        """That it is not known of these moves whether they are possible."""
        names = ", ".join(str(self.moves[index]) for index in dict.fromkeys(moves))
        return Undecided(f"a limit was reached before it was known whether somebody would: {names}")

    def _ring(self, detail: list[int]) -> StoryError:
        names = list(dict.fromkeys(str(self.triggers[index]) for index in detail))
        first = self.triggers[detail[0]].trigger
        one = len(names) == 1
        verbs = ("fires", "never comes") if one else ("fire", "never come")
        message = f"{', then '.join(names)} {verbs[0]} again and again, and {verbs[1]} to rest."
        hint = f"Give {'it' if one else 'one of them'} a condition that its own effect ends."
        return StoryError.one("trigger-ring", "Triggers go round in a ring", message, first.span, hint)

    def _fluent(self, effect: int) -> str:
        return self.story.fluent[self.effects[effect].target.fluent].name

    def _owner(self, effect: int) -> str:
        if effect < self.move_effects[-1]:
            return str(self.moves[bisect_right(self.move_effects, effect) - 1])
        return str(self.triggers[bisect_right(self.trigger_effects, effect) - 1])
