"""A world that can be asked, and the states that it can be in, in the names of the story."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

from everytale.core import World as Core
from everytale.core import WorldError
from everytale.story import (
    Action,
    Arithmetic,
    Believes,
    Choice,
    Ending,
    Expression,
    KindDomain,
    Move,
    Number,
    Quantified,
    Reading,
    Story,
    Thing,
    TruthDomain,
    Unknown,
    Variable,
)
from everytale.world.grounding import Grounding, GroundMove, GroundTrigger, Undecided, instance
from everytale.world.trace import UnknownMove, read_move, shown
from everytale.world.vocabulary import GroundFluent, Place, Value

P = ParamSpec("P")
R = TypeVar("R")

NOTHING: Mapping[str, str] = MappingProxyType({})


# ---- the world -------------------------------------------------------------------------------------------------------


class World:
    """A story's world, ready to be told in: ``start`` is the state in which its tales begin.

    ``fluents``: those that can change (all others are the same in all states, in truth and in every mind). ``moves`` and ``triggers``:
    those that can happen. ``depth``: how deep minds within minds are kept. ``core``: the native world, in numbers.
    """

    def __init__(self, grounding: Grounding) -> None:
        """Raises ``StoryError`` where the start breaks one of the story's rules."""
        self.grounding = grounding
        self.story: Story = grounding.story
        self.minds, self.horizon, self.depth = grounding.minds, grounding.horizon, grounding.depth
        self.vocabulary = grounding.vocabulary
        self.fluents = grounding.vocabulary.fluents
        self.moves, self.triggers = grounding.moves, grounding.triggers
        self._lowering = grounding.lowering
        self._by_name = {(move.name, move.arguments): move for move in self.moves}
        self._nodes: dict[tuple[int, tuple[tuple[str, str], ...]], tuple[Expression, int]] = {}
        self.core: Core = self.ask(Core, **grounding.columns)
        self._sent = self._lowering.table.size
        self.notes: dict[Hashable, Any] = {}
        """What is made once for this world by those who ask it, and goes with it."""

    @cached_property
    def start(self) -> State:
        return State(self, self.core.start())

    def move(self, move: Move | str) -> GroundMove:
        """The instance of that name and arguments; one that no state allows has the index -1. Raises :class:`UnknownMove`."""
        if isinstance(move, str):
            move = read_move(move)
        found = self._by_name.get((move.name, move.arguments))
        return found if found else self._impossible(move)

    def domain(self, fluent: GroundFluent) -> tuple[Value, ...]:
        """The values that a fluent may ever have, in truth or in any mind, in order; unknown is the last."""
        return self.vocabulary.domain((fluent.key, fluent.arguments))

    def place(self, name: str, arguments: Iterable[str]) -> Place:
        """A ground fluent by its fluent's key, or name, and its arguments. Raises ``KeyError``."""
        given = tuple(arguments)
        if (name, given) in self.vocabulary.places:
            return name, given
        for fluent in self.story.fluents:
            if fluent.name == name and (fluent.key, given) in self.vocabulary.places:
                return fluent.key, given
        raise KeyError(instance(name, given))

    @property
    def constants(self) -> dict[Place, int]:
        """The fluents that never change, with their values as the core numbers them."""
        return self.grounding.constants

    def node(self, expression: Expression, binding: Mapping[str, str]) -> int:
        """The core's node for an expression, made when it is first asked for."""
        key = id(expression), tuple(sorted(binding.items()))
        known = self._nodes.get(key)
        if known is None:
            known = self._nodes[key] = expression, self.lowered(expression, binding)
            self.send()
        return known[1]

    @property
    def nodes(self) -> tuple[array[int], array[int], array[int], array[int]]:
        """All nodes made by now, as the core takes them: operators, two columns of arguments, operands."""
        return self._lowering.table.since((0, 0))

    def lowered(self, expression: Expression, binding: Mapping[str, str]) -> int:
        """The same, but the core does not know it until all that was lowered is sent (:meth:`send`)."""
        with self._lowering.lock:
            self._lowering.work = 0
            return self._lowering.node(expression, binding)

    def send(self) -> None:
        """Let the core know of all nodes that were lowered since."""
        table = self._lowering.table
        with self._lowering.lock:
            if table.size != self._sent:
                self.core.extend(*table.since(self._sent))
                self._sent = table.size

    def wish(self, story: Story) -> None:
        """Let people want from now on what they want in ``story``, which is this world's but for that.

        What is known of their reasons is forgotten, what becomes of a state after a move is not. Nothing that this world was asked before
        may be asked on: no realm of it, no search.
        """
        assert replace(story, wants=self.story.wants) == self.story
        self.story = story
        self._lowering.work = 0
        worth = array("q", (self._lowering.worth(story.wants, person) for person in story.people))
        self.send()
        self.ask(self.core.wish, worth)
        self.notes.clear()

    def observer(self, move: GroundMove, person: str) -> int:
        """The node that says whether ``person`` sees ``move``; -1: never."""
        observers: Sequence[int] = self.grounding.columns["observer"]
        return observers[move.index * len(self.story.people) + self.vocabulary.person[person]]

    def truth(self, node: int) -> bool | None:
        """Whether a node that is the same in all states holds; ``None``: it is not."""
        return self._lowering.truth(node)

    def ask(self, question: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Ask the core. Where the story broke one of its own rules, raises a ``StoryError`` that names the effects, triggers
        or moves; where a limit was reached, :class:`Undecided`."""
        try:
            return question(*args, **kwargs)
        except WorldError as error:
            raise self.grounding.told(*error.args) from None

    def _impossible(self, move: Move) -> GroundMove:
        """The instance of a move that no state allows."""
        actions = [action for action in self.story.actions if action.name == move.name]
        for action in actions:
            if len(action.parameters) == len(move.arguments):
                pairs = list(zip(action.parameters, move.arguments, strict=True))
                if all(argument in self.vocabulary.over(parameter) for parameter, argument in pairs):
                    binding = {parameter.name: argument for parameter, argument in pairs}
                    named = (self._lowering.named(person, binding) for person in action.consenting)
                    return GroundMove(move.name, move.arguments, -1, action, binding, tuple(dict.fromkeys(name for name in named if name)))
        raise UnknownMove(self._unknown(move, actions))

    def _unknown(self, move: Move, actions: list[Action]) -> str:
        if not actions:
            close = get_close_matches(move.name, dict.fromkeys(action.name for action in self.story.actions), n=1)
            return f"There is no move {shown(move.name)}." + (f" Did you mean {close[0]}?" if close else "")
        forms = [instance(action.name, tuple(one.constant or one.name for one in action.parameters)) for action in actions]
        close = get_close_matches(str(move), [str(one) for one in self.moves if one.name == move.name], n=1, cutoff=0.5)
        hint = f" Did you mean {close[0]}?" if close else ""
        return f"There is no move {shown(str(move))}: it is {' or '.join(dict.fromkeys(forms))}.{hint}"


# ---- states ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class State:
    """A state of ``world``, or what somebody in it believes to be its state. Equal states are the same, minds within minds included."""

    world: World
    handle: int

    def __repr__(self) -> str:
        return f"State({self.handle})"

    # -- what is so --

    def value(self, fluent: str, *arguments: str) -> Value:
        """The value of a fluent: ``state.value("at", "Jack")``. Raises ``KeyError`` where there is none of that name and arguments."""
        place = self.world.place(fluent, arguments)
        vocabulary = self.world.vocabulary
        constant = self.world.constants.get(place)
        number = self.world.core.values(self.handle)[vocabulary.index[place]] if constant is None else constant
        return vocabulary.decode(vocabulary.places[place].domain, number)

    def values(self) -> dict[GroundFluent, Value]:
        """The value of every fluent that can change."""
        numbers = self.world.core.values(self.handle)
        decode = self.world.vocabulary.decode
        return {fluent: decode(fluent.fluent.domain, number) for fluent, number in zip(self.world.fluents, numbers, strict=True)}

    def numbers(self) -> list[int]:
        """The same values as the core has them, in the order of ``world.fluents``."""
        return self.world.core.values(self.handle)

    def believes(self, *people: str) -> State:
        """The state that somebody believes in; with several, what the first believes that the second believes ..."""
        handle = self.handle
        for person in people:
            handle = self.world.core.believed(handle, self.world.vocabulary.person[person])
        return State(self.world, handle)

    def holds(self, condition: Expression, binding: Mapping[str, str] = NOTHING) -> bool:
        """Whether ``condition`` holds here, its free variables as ``binding`` says."""
        world = self.world
        return self.holds_node(world.node(condition, binding))

    def holds_node(self, node: int) -> bool:
        """The same of a condition that is a node of the core already."""
        return self.world.ask(self.world.core.holds, self.handle, node)

    def evaluate(self, expression: Expression, binding: Mapping[str, str] = NOTHING) -> Value:
        """What ``expression`` comes to here; ``None``: unknown."""
        world = self.world
        found = world.ask(world.core.evaluate, self.handle, world.node(expression, binding))
        if found is None:
            return None
        match sort_of(expression, world.story):
            case "truth":
                return found[0] != 0
            case "entity":
                return world.vocabulary.names[found[0]]
        return Fraction(*found)

    # -- what happens --

    @property
    def ending(self) -> Ending | None:
        """The ending that the tale has come to here, if it has. Raises :class:`Undecided`."""
        try:
            index = self.world.ask(self.world.core.ending, self.handle)
        except ValueError:
            raise Undecided("whether nothing more can happen hangs on a move that a limit left undecided") from None
        return None if index < 0 else self.world.story.endings[index]

    def moves(self) -> list[tuple[GroundMove, Fraction]]:
        """The possible moves, in the order of the file, each with its weight: events, and actions in character, of weight greater than 0.

        Endings are not looked at. Raises :class:`Undecided` where a limit was reached before it was known whether a move is one.
        """
        possible, undecided = self.world.ask(self.world.core.moves, self.handle)
        return self._weighted(possible, undecided)

    def choices(self, player: str) -> tuple[list[GroundMove], list[tuple[GroundMove, Fraction]]]:
        """What the person ``player``, played by a human, can choose to do here; and the possible moves that do not need them, with
        their weights, of which one is drawn if they wait.

        They can do what holds here and in what they believe, and what all others whose consent it needs would go along with; whether
        it is in character for themselves, and its weight, do not count. Endings are not looked at. Raises :class:`Undecided` as
        :meth:`moves` does.
        """
        found, chosen, undecided = self.world.ask(self.world.core.choices, self.handle, self.world.vocabulary.person[player])
        moves = self._weighted(found, undecided)
        return [move for move, _ in moves[:chosen]], moves[chosen:]

    def _weighted(self, moves: list[tuple[int, int, int]], undecided: list[int]) -> list[tuple[GroundMove, Fraction]]:
        world = self.world
        if undecided:
            raise world.grounding.undecided(undecided)
        return [(world.moves[index], Fraction(over, under)) for index, over, under in moves]

    def after(self, move: GroundMove) -> State:
        """The state after ``move`` and all that follows by itself. Raises ``ValueError`` where its condition does not hold."""
        if move.index < 0:
            raise ValueError(f"the condition of {move} holds in no state")
        return State(self.world, self.world.ask(self.world.core.step, self.handle, move.index))

    def fired(self, move: GroundMove) -> list[tuple[tuple[str, ...], GroundTrigger]]:
        """Which triggers follow on ``move``, in order, each with where: ``()`` in truth, ``(person,)`` in that person's own mind."""
        found = self.world.ask(self.world.core.fired, self.handle, move.index)
        people = self.world.story.people
        return [(tuple(people[index] for index in chain), self.world.triggers[trigger]) for chain, trigger in found]

    def sees(self, move: GroundMove, person: str) -> bool:
        """Whether ``person`` sees ``move`` when it is made here."""
        node = self.world.observer(move, person)
        return node >= 0 and self.holds_node(node)

    def in_character(self, move: GroundMove, person: str) -> bool | None:
        """Whether ``person``, who must consent to it, has a reason for ``move`` here; ``None``: undecided."""
        if move.index < 0:
            return False
        found = self.world.ask(self.world.core.in_character, self.handle, move.index, self.world.vocabulary.person[person])
        return None if found < 0 else found > 0

    def supposing(self, chain: Iterable[str], fluent: GroundFluent, value: Value) -> State:
        """This state, were ``fluent`` to have ``value`` in the mind at the end of ``chain`` (empty: in truth); no trigger runs."""
        people = [self.world.vocabulary.person[person] for person in chain]
        number = self.world.vocabulary.encode(value)
        return State(self.world, self.world.core.revised(self.handle, people, fluent.index, number))


def sort_of(expression: Expression, story: Story) -> str:
    """Whether an expression comes to a ``truth``, a ``number`` or an ``entity``."""
    match expression:
        case Number() | Arithmetic():
            return "number"
        case Thing() | Variable():
            return "entity"
        case Unknown():
            return "unknown"
        case Reading(fluent):
            domain = story.fluent[fluent].domain
            return "truth" if isinstance(domain, TruthDomain) else "entity" if isinstance(domain, KindDomain) else "number"
        case Believes(_, what):
            return sort_of(what, story)
        case Choice(_, then, otherwise):
            sort = sort_of(then, story)
            return sort_of(otherwise, story) if sort == "unknown" else sort
        case Quantified(quantifier):
            return "number" if quantifier in ("count", "sum") else "truth"
    return "truth"
