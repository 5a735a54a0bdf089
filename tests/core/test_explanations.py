"""The search for reasons against the definition: EXPL written down as it stands, over the core's own steps, on random worlds."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache
from itertools import combinations

import pytest

from everytale.core import UNKNOWN, World

from .worlds import Builder, EffectRow

Plan = tuple[int, ...]


class Definition:
    """EXPL, its plans listed one by one."""

    def __init__(self, builder: Builder, world: World) -> None:
        self.builder, self.world = builder, world
        self.explains = cache(self._explains)
        self.accepted = cache(self._accepted)

    def worth(self, state: int) -> Fraction | None:
        pair = self.world.evaluate(state, self.builder.worth[self.world.mind(state)])
        return None if pair is None else Fraction(*pair)

    def can(self, state: int, move: int) -> bool:
        return self.world.holds(state, self.builder.moves[move].precondition)

    def agreed(self, state: int, move: int, budget: int, depth: int) -> bool:
        """Somebody must consent to a step, and everybody who must, would."""
        row, owner = self.builder.moves[move], self.world.mind(state)
        if not row.consenting or row.expressive >= 0:
            return False
        return all(
            self.explains(state, move, budget, depth)
            if person == owner
            else self.explains(self.world.believed(state, person), move, budget, depth + 1)
            for person in row.consenting
        )

    def _explains(self, state: int, move: int, budget: int, depth: int) -> bool:
        return any(self.accepted(state, move, h, depth) for h in range(1, budget + 1))

    def _accepted(self, state: int, move: int, h: int, depth: int) -> tuple[Plan, ...]:
        """All plans of budget ``h`` that begin with ``move`` and satisfy the definition."""
        if not self.can(state, move) or self.builder.moves[move].expressive >= 0:
            return ()
        now = self.worth(state)
        found: list[Plan] = []

        def extend(plan: Plan, here: int) -> None:
            worth = self.worth(here)
            if now is not None and worth is not None and worth > now and self.minimal(state, plan, worth, h, depth):
                found.append(plan)
            if len(plan) == h or depth > self.world_minds:
                return
            for step in range(len(self.builder.moves)):
                if self.can(here, step) and self.agreed(here, step, h - len(plan), depth):
                    extend((*plan, step), self.world.step(here, step))

        extend((move,), self.world.step(state, move))
        return tuple(found)

    @property
    def world_minds(self) -> int:
        return self.builder.minds

    def minimal(self, state: int, plan: Plan, worth: Fraction, h: int, depth: int) -> bool:
        positions = range(len(plan))
        for size in positions:
            for kept in combinations(positions, size):
                here = state
                for at in kept:
                    if not self.can(here, plan[at]) or (at > 0 and not self.agreed(here, plan[at], h - at, depth)):
                        break
                    here = self.world.step(here, plan[at])
                else:
                    reached = self.worth(here)
                    if reached is not None and reached >= worth:
                        return False
        return True

    def best(self, state: int, move: int) -> Plan | None:
        plans = {plan for h in range(1, self.builder.horizon + 1) for plan in self.accepted(state, move, h, 1)}

        def rank(plan: Plan) -> tuple[Fraction, int, Plan]:
            here = state
            for step in plan:
                here = self.world.step(here, step)
            worth = self.worth(here)
            assert worth is not None
            return (-worth, len(plan), plan)

        return min(plans, key=rank, default=None)


def random_world(seed: int) -> tuple[Builder, World]:
    """Two or three people, a few facts, and moves whose consent, observers and effects (also on beliefs) are drawn."""
    draw = random.Random(seed)
    people = draw.choice((2, 2, 3))
    b = Builder(people=people, minds=draw.choice((0, 1, 1, 2)), horizon=draw.choice((2, 3, 4)))
    for _ in range(draw.randint(2, 5)):
        b.fluent(high=draw.choice((1, 1, 2)), unknown=draw.random() < 0.2, start=0)
    fluents = range(len(b.fluents))

    def fact() -> int:
        fluent = draw.choice(fluents)
        node = b.equal(fluent, draw.randint(0, b.fluents[fluent][1]))
        return b.believes(draw.randrange(people), node) if draw.random() < 0.15 else node

    def effect() -> EffectRow:
        fluent = draw.choice(fluents)
        believers = (draw.randrange(people),) if draw.random() < 0.2 else ()
        condition = fact() if draw.random() < 0.15 else -1
        if draw.random() < 0.2:
            return EffectRow(fluent, b.number(1), believers, condition, draw.choice((1, 2)))
        value = b.unknown() if b.fluents[fluent][2] and draw.random() < 0.3 else b.number(draw.randint(0, b.fluents[fluent][1]))
        return EffectRow(fluent, value, believers, condition)

    b.first_effect_wins = True
    for _ in range(draw.randint(4, 8)):
        consenting = tuple(draw.sample(range(people), draw.choice((0, 1, 1, 1, 2))))
        observers = (
            None
            if draw.random() < 0.5
            else {person: fact() if draw.random() < 0.3 else b.all() for person in range(people) if draw.random() < 0.7}
        )
        b.move(b.all(*(fact() for _ in range(draw.randint(0, 2)))), [effect() for _ in range(draw.randint(1, 2))], consenting, observers)
    for person in range(people):
        wants = [
            b.node("TIMES", b.number(draw.choice((1, 2, -1))), b.all(*(fact() for _ in range(draw.randint(1, 3)))))
            for _ in range(draw.randint(1, 2))
        ]
        b.worth[person] = b.sum(*wants)
        if draw.random() < 0.1:
            b.worth[person] = b.sum(b.read(draw.choice(fluents)), *wants)
    for chain in b.chains(b.minds + 1):
        if chain and draw.random() < 0.4:
            fluent = draw.choice(fluents)
            b.beliefs[chain] = {fluent: UNKNOWN if b.fluents[fluent][2] and draw.random() < 0.5 else draw.randint(0, b.fluents[fluent][1])}
    return b, b.build()


def reachable(builder: Builder, world: World, most: int) -> list[int]:
    states = [world.start()]
    for state in states:
        for move in world.applicable(state):
            after = world.step(state, move)
            if after not in states and len(states) < most:
                states.append(after)
    return states


@pytest.mark.parametrize("block", range(6))
def test_verdicts_and_best_plans_are_those_of_the_definition(block: int) -> None:
    reasons = 0
    for seed in range(block * 200, block * 200 + 200):
        builder, world = random_world(seed)
        definition = Definition(builder, world)
        for state in reachable(builder, world, 6):
            for move, row in enumerate(builder.moves):
                for person in row.consenting:
                    mind = world.believed(state, person)
                    expected = definition.explains(mind, move, builder.horizon, 1)
                    assert world.in_character(state, move, person) == expected, (seed, state, move, person)
                    best = definition.best(mind, move)
                    assert world.intention(state, move, person) == (None if best is None else (list(best), True)), (
                        seed,
                        state,
                        move,
                        person,
                    )
                    reasons += best is not None and len(best) > 1
    assert reasons > 10
