"""Why somebody would, straight from the definition: every plan is tried, and every part of it that might do without the
rest. Section 4 and 5.

That takes long where people plan far ahead. So somebody else may *propose* a plan for whatever is asked: one that satisfies the
definition is a reason, wherever it comes from, and for the steps of it the same is asked again. One that does not is no reason, and
where none is proposed there may be one all the same: then every plan is tried. So verdicts do not hang on what is proposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import TypeAlias

from everytale.story import Action, Believes, Comparison, Ending, Expression, Membership, Quantified, Story, Variable
from tests.reference.expressions import Evaluator
from tests.reference.reading import parts
from tests.reference.states import Mind
from tests.reference.world import Broken, Instance, Mechanics

Proposals: TypeAlias = Callable[[Mind, str, str, int], Sequence[str] | None]
"""In the mind of that person, why would they make that move, with that budget? A plan, by its moves."""


def no_proposals(mind: Mind, person: str, move: str, budget: int) -> None:
    """Nobody proposes anything."""


class Tale:
    """One story, asked by name like the library's world. A move is its text: ``make_excuse(cat)``."""

    def __init__(self, story: Story, *, minds: int | None = None, horizon: int | None = None, proposals: Proposals = no_proposals) -> None:
        self.story, self.proposals = story, proposals
        self.minds = story.minds if minds is None else minds
        self.horizon = story.horizon if horizon is None else horizon
        self.depth = self.minds + 1 + looks_into_minds(story)
        self.evaluator = Evaluator(story, lambda mind: not self.moves(mind))
        self.mechanics = Mechanics(story, self.depth, self.evaluator)
        self.instances = {str(move): move for move in self.mechanics.moves}
        self._steps: dict[Mind, list[Instance]] = {}
        self._enough: dict[tuple[Mind, str, Instance, int], int] = {}
        """The least budget that is known to suffice, of somebody for a move at a depth."""
        self._lacking: dict[tuple[Mind, str, Instance, int], int] = {}
        """The greatest that is known not to."""

    @cached_property
    def start(self) -> Mind:
        return self.mechanics.start()

    def possible(self, mind: Mind, move: str) -> bool:
        """Whether it can be the next move of a tale."""
        return self.ending(mind) is None and move in dict(self._weighted(mind, [move]))

    def follow(self, moves: Iterable[str]) -> Mind | None:
        """The state that a tale of these moves comes to; ``None``: one of them is not possible where it is made."""
        mind = self.start
        for move in moves:
            if not self.possible(mind, move):
                return None
            mind = self.after(mind, move)
        return mind

    def allowed(self, mind: Mind, move: str) -> bool:
        """Whether the move's condition holds."""
        return self._executable(mind, self.instances[move])

    def after(self, mind: Mind, move: str) -> Mind:
        return self.mechanics.after(mind, self.instances[move])

    def in_character(self, mind: Mind, move: str, person: str) -> bool:
        """Whether ``person``, who must consent to it, would, in the true state ``mind``."""
        instance = self.instances[move]
        assert isinstance(instance.rule, Action)
        if instance.rule.expressive is not None:
            return self.evaluator.holds(instance.rule.expressive, instance.binding, mind)
        inner = mind.believes(person)
        return self.explained(inner, person, instance, self.horizon, inner.level)

    def moves(self, mind: Mind, *, without: str | None = None) -> list[tuple[str, Fraction]]:
        """The possible moves, each with its weight; none that needs ``without``."""
        return list(self._weighted(mind, self.instances, without))

    def _weighted(self, mind: Mind, names: Iterable[str], without: str | None = None) -> Iterator[tuple[str, Fraction]]:
        for name in names:
            move = self.instances[name]
            assert isinstance(move.rule, Action)
            if not self._executable(mind, move) or without in self.mechanics.consenting(move, mind):
                continue
            weight = self.evaluator.value(move.rule.weight, move.binding, mind)
            if weight == 0 or not all(self.in_character(mind, name, person) for person in self.mechanics.consenting(move, mind)):
                continue
            if not isinstance(weight, Fraction) or weight < 0:
                raise Broken("weight")
            yield name, weight

    def choices(self, mind: Mind, player: str) -> tuple[list[str], list[tuple[str, Fraction]]]:
        """What somebody who is played can do, and what may happen if they wait. Section 5."""
        own: list[str] = []
        for name, move in self.instances.items():
            needed = self.mechanics.consenting(move, mind)
            holds = player in needed and self._executable(mind, move) and self._executable(mind.believes(player), move)
            if holds and all(self.in_character(mind, name, person) for person in needed if person != player):
                own.append(name)
        return own, self.moves(mind, without=player)

    def ending(self, mind: Mind) -> Ending | None:
        return next((ending for ending in self.story.endings if self.evaluator.holds(ending.condition, {}, mind)), None)

    # -- EXPL --

    def explained(self, mind: Mind, person: str, move: Instance, budget: int, depth: int) -> bool:
        """EXPL(s, c, a, d, k): a reason for ``move`` in a plan of at most ``budget`` moves, imagined ``depth`` minds deep."""
        key = mind, person, move, depth
        if budget >= self._enough.get(key, budget + 1):
            return True
        if budget <= self._lacking.get(key, 0) or not self._executable(mind, move) or not self._imaginable(move):
            return False
        if self._proposed(mind, person, move, budget, depth) or self._found(mind, person, move, budget, depth):
            self._enough[key] = budget
            return True
        self._lacking[key] = budget
        return False

    def _proposed(self, mind: Mind, person: str, move: Instance, budget: int, depth: int) -> bool:
        """Whether somebody proposes a plan that satisfies the definition."""
        plan = [self.instances[name] for name in self.proposals(mind, person, str(move), budget) or ()]
        return plan[:1] == [move] and any(
            self._is_explained(mind, person, plan, h, depth) and self._is_minimal(mind, person, plan, h, depth)
            for h in range(len(plan), budget + 1)
        )

    def _found(self, mind: Mind, person: str, move: Instance, budget: int, depth: int) -> bool:
        """Whether one of all plans does."""
        return any(
            self._is_minimal(mind, person, plan, h, depth)
            for h in range(1, budget + 1)
            for plan in self._plans(mind, person, move, h, depth)
        )

    def _plans(self, mind: Mind, person: str, first: Instance, h: int, depth: int) -> Iterator[list[Instance]]:
        """The plans of budget ``h`` that begin with ``first``, are explained step by step, and end in a gain."""
        waiting = [([first], self.mechanics.after(mind, first))]
        while waiting:
            plan, state = waiting.pop()
            if self._gains(mind, state, person):
                yield plan
            if len(plan) < self._longest(h, depth):
                for move in self._executables(state):
                    if self._step(state, person, move, h - len(plan), depth):
                        waiting.append(([*plan, move], self.mechanics.after(state, move)))

    def _is_explained(self, mind: Mind, person: str, plan: list[Instance], h: int, depth: int) -> bool:
        """Whether a plan of budget ``h``, the first step of which can be made, is explained step by step, and ends in a gain."""
        state = self.mechanics.after(mind, plan[0])
        for place, move in enumerate(plan[1:], start=1):
            if not self._step(state, person, move, h - place, depth):
                return False
            state = self.mechanics.after(state, move)
        return len(plan) <= self._longest(h, depth) and self._gains(mind, state, person)

    def _longest(self, h: int, depth: int) -> int:
        return h if depth <= self.minds else 1

    def _gains(self, before: Mind, after: Mind, person: str) -> bool:
        now, then = self.worth(before, person), self.worth(after, person)
        return now is not None and then is not None and then > now

    def _is_minimal(self, mind: Mind, person: str, plan: list[Instance], h: int, depth: int) -> bool:
        """Whether no proper part of the plan, each step with the budget of its place, does as well."""
        every = tuple(range(len(plan)))
        goal = self._reached(mind, person, plan, every)
        assert goal is not None
        for places in (places for length in every[1:] for places in combinations(every, length)):
            reached = self._reached(mind, person, plan, places)
            if reached is not None and reached >= goal and self._part_is_explained(mind, person, plan, places, h, depth):
                return False
        return True

    def _reached(self, mind: Mind, person: str, plan: list[Instance], places: tuple[int, ...]) -> Fraction | None:
        """What that part of the plan comes to; ``None``: it cannot be executed, or that is unknown."""
        for place in places:
            if not self._executable(mind, plan[place]):
                return None
            mind = self.mechanics.after(mind, plan[place])
        return self.worth(mind, person)

    def _part_is_explained(self, mind: Mind, person: str, plan: list[Instance], places: tuple[int, ...], h: int, depth: int) -> bool:
        """Asked of the last step first: with the least budget left, it is soonest known not to be."""
        states = [mind]
        for place in places:
            states.append(self.mechanics.after(states[-1], plan[place]))
        steps = list(zip(places, states, strict=False))
        return all(place == 0 or self._step(state, person, plan[place], h - place, depth) for place, state in reversed(steps))

    def _step(self, mind: Mind, person: str, move: Instance, budget: int, depth: int) -> bool:
        """Whether ``move`` can be a later step of ``person``'s plan: somebody consents, and everybody who must has a reason."""
        if not self._imaginable(move) or not self._executable(mind, move):
            return False
        for other in self.mechanics.consenting(move, mind):
            inner, deeper = (mind, depth) if other == person else (mind.believes(other), depth + 1)
            if not self.explained(inner, other, move, budget, deeper):
                return False
        return True

    def _executable(self, mind: Mind, move: Instance) -> bool:
        return self.evaluator.holds(move.rule.precondition, move.binding, mind)

    def _executables(self, mind: Mind) -> list[Instance]:
        if mind not in self._steps:
            self._steps[mind] = [move for move in self.mechanics.moves if self._executable(mind, move)]
        return self._steps[mind]

    def _imaginable(self, move: Instance) -> bool:
        assert isinstance(move.rule, Action)
        return bool(move.rule.consenting) and move.rule.expressive is None

    def worth(self, mind: Mind, person: str | None) -> Fraction | None:
        total = Fraction(0)
        for want in self.story.wants:
            if want.person == person:
                if not want.each:
                    total += want.worth if self.evaluator.holds(want.measure, {}, mind) else 0
                    continue
                value = self.evaluator.value(want.measure, {}, mind)
                if value is None or isinstance(value, str):
                    return None
                total += want.worth * Fraction(value)
        return total


def looks_into_minds(story: Story) -> bool:
    """Whether the world itself does: an action's precondition, or a condition of an effect on the world. Or whether a trigger looks
    into a mind other than the one that it changes: one that it passes on the way there is none."""
    actions = [action.precondition for action in story.actions]
    effects = [effect.condition for rule in (*story.actions, *story.triggers) for effect in rule.effects if not effect.believers]
    if any(map(has_belief, actions + effects)):
        return True
    for trigger in filter(lambda one: has_belief(one.precondition), story.triggers):
        for effect in trigger.effects:
            repeated = {Variable(binder.variable) for binder in effect.each}
            before = [tuple(None if one in repeated else one for one in chain) for chain in looked_along(trigger.precondition)]
            chains = [*before, *looked_along(effect.condition), *looked_along(effect.value)]
            if any(chain != effect.believers[: len(chain)] for chain in chains):
                return True
    return False


def looked_along(expression: Expression) -> Iterator[tuple[Expression | None, ...]]:
    """Whose minds within minds an expression looks into, outermost first; ``None``: somebody whom it quantifies over."""
    match expression:
        case Believes(person, what):
            yield (person,)
            yield from ((person, *chain) for chain in looked_along(what))
        case Quantified(_, binder, body):
            for chain in looked_along(body):
                yield tuple(None if person == Variable(binder.variable) else person for person in chain)
        case _:
            for part in inner_parts(expression):
                yield from looked_along(part)


def has_belief(expression: Expression) -> bool:
    if isinstance(expression, Believes):
        return True
    return any(map(has_belief, [expression.body] if isinstance(expression, Quantified) else inner_parts(expression)))


def inner_parts(expression: Expression) -> list[Expression]:
    if isinstance(expression, Membership):
        return [expression.what]
    return [expression.left, expression.right] if isinstance(expression, Comparison) else [*parts(expression)]
