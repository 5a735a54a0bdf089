"""From a story to its world: all fluents, moves and triggers instantiated, what never changes folded away.

A *static* fluent is one that no effect touches and that everybody is right about at the start; it is a constant. Moves and triggers
whose condition is false by constants alone are left out, and instances of parameters are joined so that such conditions prune early.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from everytale.depth import depth_kept, rules
from everytale.diagnostics import Diagnostic, Span, StoryError
from everytale.instances import instances
from everytale.lowering import TIMES, Lowering, Table
from everytale.start import Start, chains
from everytale.story import Action, Effect, Expression, Story, Thing, Trigger, Variable
from everytale.vocabulary import Place, Vocabulary, too_large
from everytale.world import Grounding, GroundMove, GroundTrigger, World

MOST_INSTANCES = 30_000
"""How many ground moves, and how many ground triggers, a story may have."""
MOST_EFFECTS = 300_000
KEPT = 4
"""How many worlds are kept for those who ask again."""

_worlds: OrderedDict[tuple[int, int | None, int | None, int | None], World] = OrderedDict()


def ground(story: Story, *, minds: int | None = None, horizon: int | None = None, within: int | None = None) -> World:
    """The world of ``story``; ``minds`` and ``horizon`` replace the story's own.

    ``within``: tales of at most so many moves are asked about, which bounds the numbers that the story leaves unbounded.
    Raises ``StoryError`` for a world too large, and where the start breaks one of the story's rules.
    """
    key = id(story), minds, horizon, within
    world = _worlds.get(key)
    if world is None or world.story is not story:
        try:
            world = World(_Grounder(story, story.minds if minds is None else minds, story.horizon if horizon is None else horizon).grounding())
        except RecursionError:
            hint = "Split it: give a part of it a fact of its own."
            raise StoryError((Diagnostic("too-deep", "error", "Nested too deep", "An expression is nested too deeply.", hint=hint),)) from None
        _worlds[key] = world
        while len(_worlds) > KEPT:
            _worlds.popitem(last=False)
    _worlds.move_to_end(key)
    return world


@dataclass
class _Effects:
    """The effects of all moves and triggers, as columns."""

    condition: array[int] = field(default_factory=lambda: array("q"))
    fluent: array[int] = field(default_factory=lambda: array("q"))
    value: array[int] = field(default_factory=lambda: array("q"))
    change: array[int] = field(default_factory=lambda: array("q"))
    believer_offsets: array[int] = field(default_factory=lambda: array("q", [0]))
    believers: array[int] = field(default_factory=lambda: array("q"))
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


class _Grounder:
    """Grounds one story."""

    def __init__(self, story: Story, minds: int, horizon: int) -> None:
        self.story, self.minds, self.horizon = story, minds, horizon
        self.depth = depth_kept(story, minds)
        self.vocabulary = Vocabulary(story)
        self.start = Start(story, self.vocabulary, self.depth)

    def grounding(self) -> Grounding:
        changing = self._touched() | self.start.disputed()
        while True:
            self.vocabulary.settle(changing)
            made = self._attempt()
            if self.lowering.pinned <= changing:
                return made
            changing |= self.lowering.pinned

    def _attempt(self) -> Grounding:
        story, vocabulary = self.story, self.vocabulary
        self.constants = {place: value for place, value in self.start.true.items() if place not in vocabulary.index}
        self.table = Table()
        self.lowering = Lowering(vocabulary, self.table, lambda _, place: self.constants.get(place))
        self.effects = _Effects()
        self.static = {fluent.key for fluent in story.fluents} - {fluent.key for fluent in vocabulary.fluents}
        columns: dict[str, Any] = {}
        moves, more = self._moves()
        columns |= more
        move_effects = tuple(columns["move_effect_offsets"])
        triggers, more = self._triggers()
        columns |= more
        columns |= self._worth()
        columns["endings"] = array("q", (self._node(ending.condition, {}, ending.span) for ending in story.endings))
        columns |= self._fluents()
        columns |= self.start.columns()
        columns |= dict(zip(("node_operator", "node_first", "node_second", "operands"), self._all_nodes(), strict=True))
        columns |= {
            "people": len(story.people),
            "depth": self.depth,
            "minds": self.minds,
            "horizon": self.horizon,
            "first_effect_wins": story.first_effect_wins,
            "effect_condition": self.effects.condition,
            "effect_fluent": self.effects.fluent,
            "effect_value": self.effects.value,
            "effect_change": self.effects.change,
            "believer_offsets": self.effects.believer_offsets,
            "believer_items": self.effects.believers,
        }
        return Grounding(
            story=story,
            minds=self.minds,
            horizon=self.horizon,
            depth=self.depth,
            vocabulary=vocabulary,
            lowering=self.lowering,
            constants=self.constants,
            moves=moves,
            triggers=triggers,
            effects=tuple(self.effects.sources),
            move_effects=move_effects,
            trigger_effects=tuple(columns["trigger_effect_offsets"]),
            columns=columns,
        )

    def _all_nodes(self) -> tuple[array[int], array[int], array[int], array[int]]:
        return self.table.operator, self.table.first, self.table.second, self.table.operands

    # -- what changes --

    def _touched(self) -> set[Place]:
        """The ground fluents that some effect might set, by the look of it."""
        patterns: dict[str, set[tuple[frozenset[str] | None, ...]]] = {}
        for rule in rules(self.story):
            over = {parameter.name: frozenset(self.vocabulary.over(parameter)) for parameter in rule.parameters}
            for effect in rule.effects:
                inner = over | {binder.variable: frozenset(self.vocabulary.members.get(binder.kind, ())) for binder in effect.each}
                patterns.setdefault(effect.target.fluent, set()).add(tuple(_pattern(argument, inner) for argument in effect.target.arguments))
        touched: set[Place] = set()
        for place in self.vocabulary.places:
            for pattern in patterns.get(place[0], ()):
                if all(names is None or argument in names for names, argument in zip(pattern, place[1], strict=True)):
                    touched.add(place)
                    break
        return touched

    def _fluents(self) -> dict[str, array[int]]:
        ranges = [self.vocabulary.ranges[fluent.key] for fluent in self.vocabulary.fluents]
        return {
            "fluent_low": array("q", (low for low, _, _ in ranges)),
            "fluent_high": array("q", (high for _, high, _ in ranges)),
            "fluent_unknown": array("q", (unknown for _, _, unknown in ranges)),
            "fluent_owner": array("q", (self._owner(place) for place in self.vocabulary.index)),
        }

    def _owner(self, place: Place) -> int:
        fluent = self.vocabulary.places[place]
        if fluent.known_to is None:
            return -1
        binding = {parameter.name: argument for parameter, argument in zip(fluent.parameters, place[1], strict=True)}
        name = self.lowering.named(fluent.known_to, binding)
        return self.vocabulary.person.get(name or "", -1)

    # -- moves --

    def _moves(self) -> tuple[tuple[GroundMove, ...], dict[str, array[int]]]:
        people = self.story.people
        moves: list[GroundMove] = []
        preconditions, weights, expressive = array("q"), array("q"), array("q")
        effect_offsets, consent_offsets, consent, observers = array("q", [0]), array("q", [0]), array("q"), array("q")
        for action in self.story.actions:
            for binding in self._instances(action, len(moves)):
                precondition = self._precondition(action, binding)
                if precondition is None:
                    continue
                consenting = self._consenting(action, binding)
                arguments = tuple(binding[parameter.name] for parameter in action.parameters)
                moves.append(GroundMove(action.name, arguments, len(moves), action, binding, consenting))
                preconditions.append(precondition)
                weights.append(self._weight(action, binding))
                expressive.append(-1 if action.expressive is None else self._node(action.expressive, binding, action.span))
                for effect in action.effects:
                    self._effect(effect, binding)
                effect_offsets.append(len(self.effects.sources))
                numbers = [self.vocabulary.person[name] for name in consenting]
                consent.extend(numbers)
                consent_offsets.append(len(consent))
                sure = () if self.story.first_effect_wins else numbers
                observers.extend(self._observer(action, binding, name, index in sure) for index, name in enumerate(people))
        return tuple(moves), {
            "move_precondition": preconditions,
            "move_weight": weights,
            "move_expressive": expressive,
            "move_effect_offsets": effect_offsets,
            "consent_offsets": consent_offsets,
            "consent_items": consent,
            "observer": observers,
        }

    def _precondition(self, rule: Action | Trigger, binding: Mapping[str, str]) -> int | None:
        """The node of a precondition; ``None`` where it holds in no state."""
        self.lowering.span = rule.span
        node = self.lowering.precondition(rule.precondition, binding)
        return None if self.lowering.truth(node) is False else node

    def _consenting(self, action: Action, binding: Mapping[str, str]) -> tuple[str, ...]:
        names = [self.lowering.named(person, binding) for person in action.consenting]
        for name in names:
            if name not in self.vocabulary.person:
                message = f"Who must consent to {action.name} is not a person who is the same in all states."
                raise _problem("no-consent", "Nobody can consent", message, action.span, "Name a person or a parameter.")
        return tuple(dict.fromkeys(name for name in names if name is not None))

    def _weight(self, action: Action, binding: Mapping[str, str]) -> int:
        node = self._node(action.weight, binding, action.span)
        if self.table.constant(node):
            value = self.table.value(node)
            if value == 1:
                return -1
            if value is None or value < 0:
                message = f"The weight of {action.name} is {'unknown' if value is None else value}."
                raise _problem("weight-negative", "A weight is negative or unknown", message, action.weight.span or action.span, "Weights are numbers from 0 up.")
        return node

    def _observer(self, action: Action, binding: Mapping[str, str], person: str, sure: bool) -> int:
        if action.observers is None or sure:
            return self.table.true
        node = self._node(action.observers.condition, {**binding, action.observers.variable: person}, action.span)
        return -1 if self.lowering.truth(node) is False else node

    def _instances(self, rule: Action | Trigger, so_far: int) -> Iterator[dict[str, str]]:
        found = instances(rule, self.vocabulary, self.lowering, self.static)
        if so_far + len(found) > MOST_INSTANCES:
            what = "moves" if isinstance(rule, Action) else "triggers"
            raise too_large(f"With {rule.name} there are more than {MOST_INSTANCES:,} ground {what}.", rule.span)
        return iter(found)

    # -- triggers --

    def _triggers(self) -> tuple[tuple[GroundTrigger, ...], dict[str, array[int]]]:
        triggers: list[GroundTrigger] = []
        preconditions, upon, minds = array("q"), array("q"), array("q")
        offsets = array("q", [len(self.effects.sources)])
        for trigger in self.story.triggers:
            for binding in self._instances(trigger, len(triggers)):
                precondition = self._precondition(trigger, binding)
                armed = -1 if trigger.upon is None else self._node(trigger.upon, binding, trigger.span)
                if precondition is None or (armed >= 0 and self.lowering.truth(armed) is not None):
                    continue
                before = len(self.effects.sources)
                for effect in trigger.effects:
                    self._effect(effect, binding)
                if len(self.effects.sources) == before:
                    continue
                arguments = tuple(binding[parameter.name] for parameter in trigger.parameters)
                triggers.append(GroundTrigger(trigger.name, arguments, len(triggers), trigger, binding))
                preconditions.append(precondition)
                upon.append(armed)
                minds.append(self._mind(trigger, binding))
                offsets.append(len(self.effects.sources))
        return tuple(triggers), {
            "trigger_precondition": preconditions,
            "trigger_upon": upon,
            "trigger_mind": minds,
            "trigger_effect_offsets": offsets,
        }

    def _mind(self, trigger: Trigger, binding: Mapping[str, str]) -> int:
        if trigger.mind is None:
            return -1
        name = self.lowering.named(trigger.mind, binding)
        if name not in self.vocabulary.person:
            message = f"Whose mind {trigger.name} runs in is not a person who is the same in all states."
            raise _problem("no-mind", "An inference in nobody's mind", message, trigger.span, "Name a person or a parameter.")
        return self.vocabulary.person[name]

    # -- effects --

    def _effect(self, effect: Effect, binding: Mapping[str, str]) -> None:
        self.lowering.span = effect.span
        for each in self._bindings(effect, binding):
            condition = self.lowering.node(effect.condition, each)
            if self.lowering.truth(condition) is False:
                continue
            value = self.lowering.node(effect.value, each)
            for chain, believed in self._believers(effect, each):
                for place, placed in self._targets(effect, each):
                    if place not in self.vocabulary.places:
                        continue
                    node = self.lowering.all([condition, believed, placed])
                    needed = -1 if self.lowering.truth(node) else node
                    self.effects.add(effect, needed, self.vocabulary.index[place], value, chain)
                    if effect.common:
                        for whole in chains(len(self.story.people), self.depth):
                            if whole:
                                self.effects.add(effect, needed, self.vocabulary.index[place], value, whole)

    def _bindings(self, effect: Effect, binding: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
        found: list[Mapping[str, str]] = [binding]
        for binder in effect.each:
            found = [{**one, binder.variable: name} for one in found for name in self.lowering.entities(binder, one)]
            if len(found) > MOST_EFFECTS:
                raise too_large(f"One effect has more than {MOST_EFFECTS:,} instances.", effect.span)
        return iter(found)

    def _believers(self, effect: Effect, binding: Mapping[str, str]) -> Iterator[tuple[tuple[int, ...], int]]:
        """The chains of people whom an effect is on, each with the condition under which it is they."""
        options = [self.lowering.possible_names(person, binding, self.story.person_kind) for person in effect.believers]
        for chosen in product(*options):
            chain: list[int] = []
            for name, _ in chosen:
                person = self.vocabulary.person[name]
                if chain[-1:] != [person]:
                    chain.append(person)
            yield tuple(chain), self.lowering.all(condition for _, condition in chosen)

    def _targets(self, effect: Effect, binding: Mapping[str, str]) -> Iterator[tuple[Place, int]]:
        fluent = self.story.fluent[effect.target.fluent]
        options: list[list[tuple[str, int]]] = []
        for argument, parameter in zip(effect.target.arguments, fluent.parameters, strict=True):
            options.append(self.lowering.possible_names(argument, binding, parameter.kind))
        for chosen in product(*options):
            yield (fluent.key, tuple(name for name, _ in chosen)), self.lowering.all(condition for _, condition in chosen)

    # -- wants --

    def _worth(self) -> dict[str, array[int] | int]:
        nodes = {person: self._worth_to(person) for person in self.story.people}
        author = self._worth_to(None) if any(want.person is None for want in self.story.wants) else -1
        return {"worth": array("q", nodes.values()), "author_worth": author}

    def _worth_to(self, person: str | None) -> int:
        parts: list[int] = []
        for want in self.story.wants:
            if want.person != person:
                continue
            measure = self._node(want.measure, {}, want.span)
            if not want.each:
                parts.append(self.lowering.choice(measure, self.table.number(want.worth), self.table.false))
            elif self.table.constant(measure):
                value = self.table.value(measure)
                parts.append(self.table.unknown if value is None else self.table.number(value * want.worth))
            else:
                parts.append(measure if want.worth == 1 else self.table.node(TIMES, self.table.number(want.worth), measure))
        return self.lowering.sum(parts)

    def _node(self, expression: Expression, binding: Mapping[str, str], span: Span | None) -> int:
        self.lowering.span = span
        return self.lowering.node(expression, binding)


def _pattern(argument: Expression, over: Mapping[str, frozenset[str]]) -> frozenset[str] | None:
    """The entities that an argument of an effect's target may name; ``None``: any."""
    match argument:
        case Thing(name):
            return frozenset((name,))
        case Variable(name):
            return over.get(name)
    return None


def _problem(code: str, title: str, message: str, span: Span | None, hint: str) -> StoryError:
    return StoryError((Diagnostic(code, "error", title, message, span, hint=hint),))
