"""All fluents, moves and triggers of a story instantiated, and lowered to the columns that the native core takes.

It is done at most twice. First by look: a fluent that no effect touches and that everybody is right about at the start is a constant, and
instances whose condition is false by constants alone are left out. Then by reach (:mod:`everytale.ground.reach`): what
never comes to have another value is a constant too, and what can never happen is left out (:mod:`everytale.ground.narrow`).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from everytale.diagnostics import Span, StoryError
from everytale.ground.columns import MOST_EFFECTS, Effects, Look, Moves, Row, Triggers
from everytale.ground.depth import depth_kept, rules
from everytale.ground.join import instances
from everytale.ground.narrow import Narrowing
from everytale.ground.reach import Reach
from everytale.ground.sharing import Sharing
from everytale.ground.start import At, Start, chains
from everytale.story import Action, Effect, Expression, Story, Thing, Trigger, Variable
from everytale.world.grounding import Grounding, GroundMove, GroundTrigger
from everytale.world.lowering import Lowering
from everytale.world.table import Table
from everytale.world.vocabulary import Place, Vocabulary, too_large

MOST_INSTANCES = 30_000
"""How many ground moves, and how many ground triggers, a story may have."""


class Grounder:
    """Grounds one story. ``look`` is called for every move and trigger."""

    def __init__(self, story: Story, minds: int, horizon: int, look: Look) -> None:
        self.story, self.minds, self.horizon, self._look = story, minds, horizon, look
        self.depth = depth_kept(story, minds)
        self.vocabulary = Vocabulary(story)
        self.start: Start | At = Start(story, self.vocabulary, self.depth)
        self._sharing = Sharing(story)

    def by_look(self) -> Grounding:
        """The first grounding."""
        assert isinstance(self.start, Start)
        return self._settled(self._touched() | self.start.disputed(), self._lowered)

    def by_reach(self, first: Grounding, at: At, reach: Reach) -> Grounding | None:
        """The second grounding, if ``reach`` finds anything to leave out of the ``first``, whose start came to rest ``at``."""
        places = list(self.vocabulary.index)
        self.vocabulary.possible = {place: values.numbers for place, values in zip(places, reach.values, strict=True)}
        single = {index for index, values in enumerate(reach.values) if values.single} - reach.forced
        derived = reach.derived()
        whole = len(reach.moves) == len(first.moves) and len(reach.triggers) == len(first.triggers)
        if whole and not single and not derived:
            return None
        for index, (low, high) in derived.items():
            self.vocabulary.bound(places[index], low, high)
        self.start = at
        changing = {place for index, place in enumerate(places) if index not in single}
        return self._settled(changing, lambda: self._narrowed(first, places, reach))

    def _settled(self, changing: set[Place], attempt: Callable[[], Grounding]) -> Grounding:
        while True:
            vocabulary = self.vocabulary
            vocabulary.settle(changing)
            self.constants = {place: value for place, value in self.start.true.items() if place not in vocabulary.index}
            self.table = Table()
            self.lowering = Lowering(vocabulary, self.table, lambda _, place: self.constants.get(place), self._sharing.expressions)
            self.effects = Effects()
            made = attempt()
            if self.lowering.pinned <= changing:
                return made
            changing |= self.lowering.pinned

    def _lowered(self) -> Grounding:
        self._assigned: dict[Hashable, list[Row]] = {}
        self._observed: dict[Hashable, list[int]] = {}
        return self._grounding(self._moves(), self._triggers())

    def _narrowed(self, first: Grounding, places: Sequence[Place], reach: Reach) -> Grounding:
        narrowing = Narrowing(first, places, reach, self.lowering, self._look)
        moves = Moves(self.story, self.vocabulary, self.table, self.effects)
        narrowing.moves(moves, self.effects)
        triggers = Triggers(self.effects)
        narrowing.triggers(triggers, self.effects)
        return self._grounding(moves, triggers)

    def _grounding(self, moves: Moves, triggers: Triggers) -> Grounding:
        story, vocabulary = self.story, self.vocabulary
        self._look(self.effects.weight)
        columns: dict[str, Any] = moves.columns | triggers.columns | self.effects.columns | self._worth()
        columns["endings"] = array("q", (self._node(ending.condition, {}, ending.span) for ending in story.endings))
        columns |= self._fluents()
        columns |= self.start.columns(vocabulary.index)
        columns |= {
            "people": len(story.people),
            "depth": self.depth,
            "minds": self.minds,
            "horizon": self.horizon,
            "first_effect_wins": story.first_effect_wins,
            "node_operator": self.table.operator,
            "node_first": self.table.first,
            "node_second": self.table.second,
            "operands": self.table.operands,
        }
        return Grounding(
            story=story,
            minds=self.minds,
            horizon=self.horizon,
            depth=self.depth,
            vocabulary=vocabulary,
            lowering=self.lowering,
            constants=self.constants,
            moves=tuple(moves.made),
            triggers=tuple(triggers.made),
            effects=self.effects.sources,
            move_effects=tuple(columns["move_effect_offsets"]),
            trigger_effects=tuple(columns["trigger_effect_offsets"]),
            columns=columns,
        )

    # -- what changes --

    def _touched(self) -> set[Place]:
        """The ground fluents that some effect might set, by the look of it."""
        patterns: dict[str, set[tuple[frozenset[str] | None, ...]]] = {}
        for rule in rules(self.story):
            over = {parameter.name: frozenset(self.vocabulary.over(parameter)) for parameter in rule.parameters}
            for effect in rule.effects:
                members = self.vocabulary.members
                inner = over | {binder.variable: frozenset(members.get(binder.kind, ())) for binder in effect.each}
                names = tuple(_pattern(argument, inner) for argument in effect.target.arguments)
                patterns.setdefault(effect.target.fluent, set()).add(names)
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

    def _moves(self) -> Moves:
        moves = Moves(self.story, self.vocabulary, self.table, self.effects)
        for action in self.story.actions:
            for binding in self._instances(action, len(moves.made)):
                precondition = self._precondition(action, binding)
                if precondition is None:
                    continue
                consenting = self._consenting(action, binding)
                arguments = tuple(binding[parameter.name] for parameter in action.parameters)
                move = GroundMove(action.name, arguments, len(moves.made), action, binding, consenting)
                weight = self._node(action.weight, binding, action.span)
                expressive = -1 if action.expressive is None else self._node(action.expressive, binding, action.span)
                for effect in action.effects:
                    self._effect(effect, binding)
                moves.add(move, precondition, weight, expressive, self._observers(action, binding))
        return moves

    def _precondition(self, rule: Action | Trigger, binding: Mapping[str, str]) -> int | None:
        """The node of a precondition; ``None`` where it holds in no state."""
        self._look()
        self.lowering.span = rule.span
        node = self.lowering.precondition(rule.precondition, binding)
        return None if self.lowering.truth(node) is False else node

    def _consenting(self, action: Action, binding: Mapping[str, str]) -> tuple[str, ...]:
        named = self.lowering.named
        names = [binding[one.name] if isinstance(one, Variable) else named(one, binding) for one in action.consenting]
        for name in names:
            if name not in self.vocabulary.person:
                message = f"Who must consent to {action.name} is not a person who is the same in all states."
                raise StoryError.one("no-consent", "Nobody can consent", message, action.span, "Name a person or a parameter.")
        return tuple(dict.fromkeys(name for name in names if name is not None))

    def _observers(self, action: Action, binding: Mapping[str, str]) -> list[int]:
        """For every person the node that says whether they see it, those aside who do because they consent."""
        observers = action.observers
        if observers is None:
            return [self.table.true] * len(self.story.people)
        key = id(observers), self._sharing.whole[id(observers)](binding)
        if key not in self._observed:
            bindings = ({**binding, observers.variable: person} for person in self.story.people)
            nodes = [self._node(observers.condition, one, action.span) for one in bindings]
            self._observed[key] = [-1 if self.lowering.truth(node) is False else node for node in nodes]
        return self._observed[key]

    def _instances(self, rule: Action | Trigger, so_far: int) -> Iterable[Mapping[str, str]]:
        static = {fluent.key for fluent in self.story.fluents} - {fluent.key for fluent in self.vocabulary.fluents}
        found = instances(rule, self.vocabulary, self.lowering, static)
        if so_far + len(found) > MOST_INSTANCES:
            what = "moves" if isinstance(rule, Action) else "triggers"
            raise too_large(f"With {rule.name} there are more than {MOST_INSTANCES:,} ground {what}.", rule.span)
        return found

    # -- triggers --

    def _triggers(self) -> Triggers:
        triggers = Triggers(self.effects)
        for trigger in self.story.triggers:
            for binding in self._instances(trigger, len(triggers.made)):
                precondition = self._precondition(trigger, binding)
                armed = -1 if trigger.upon is None else self._node(trigger.upon, binding, trigger.span)
                if precondition is None or (armed >= 0 and self.lowering.truth(armed) is not None):
                    continue
                for effect in trigger.effects:
                    self._effect(effect, binding)
                if triggers.has_more_effects:
                    arguments = tuple(binding[parameter.name] for parameter in trigger.parameters)
                    made = GroundTrigger(trigger.name, arguments, len(triggers.made), trigger, binding)
                    triggers.add(made, precondition, armed, self._mind(trigger, binding))
        return triggers

    def _mind(self, trigger: Trigger, binding: Mapping[str, str]) -> int:
        if trigger.mind is None:
            return -1
        name = self.lowering.named(trigger.mind, binding)
        if name not in self.vocabulary.person:
            message = f"Whose mind {trigger.name} runs in is not a person who is the same in all states."
            raise StoryError.one("no-mind", "An inference in nobody's mind", message, trigger.span, "Name a person or a parameter.")
        return self.vocabulary.person[name]

    # -- effects --

    def _effect(self, effect: Effect, binding: Mapping[str, str]) -> None:
        key = id(effect), self._sharing.whole[id(effect)](binding)
        if key not in self._assigned:
            self._assigned[key] = list(self._assignments(effect, binding))
        self.effects.add(self._assigned[key])

    def _assignments(self, effect: Effect, binding: Mapping[str, str]) -> Iterator[Row]:
        self.lowering.span = effect.span
        for each in self._bindings(effect, binding):
            condition = self.lowering.node(effect.condition, each)
            if self.lowering.truth(condition) is False:
                continue
            value = self.lowering.node(effect.value, each)
            for chain, believed in self._believers(effect, each):
                for place, placed in self._targets(effect, each):
                    if place not in self.vocabulary.index:
                        continue
                    node = self.lowering.all([condition, believed, placed])
                    needed = -1 if self.lowering.truth(node) else node
                    minds = [chain]
                    if effect.common:
                        minds += [whole for whole in chains(len(self.story.people), self.depth) if whole]
                    yield from (Row(effect, needed, self.vocabulary.index[place], value, mind) for mind in minds)

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
        wants = self.story.wants
        author = self.lowering.worth(wants, None) if any(want.person is None for want in wants) else -1
        return {"worth": array("q", (self.lowering.worth(wants, person) for person in self.story.people)), "author_worth": author}

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
