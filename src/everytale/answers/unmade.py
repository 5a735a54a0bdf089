"""Moves that no tale makes and endings that none comes to, and what stands nearest in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everytale.answers.obstacles import Never, Obstacle, hangs_on_stillness, supposed
from everytale.answers.why_not import failing_literals
from everytale.answers.words import listed
from everytale.language.format import format_expression
from everytale.language.walk import conjuncts
from everytale.minds import allowed
from everytale.realm import Realm
from everytale.realm.explore import GOES_ON
from everytale.story import Action, Ending, Expression, Stillness
from everytale.world import GroundMove

Situations = NDArray[Any]
NOT_MET = Obstacle("it was not met before the exploration was cut short")
"""All that there is to say where it was: what stands in the way may not, further on."""
MOST_INSTANCES = 12
"""How many instances of an action are asked about, at most."""


class Unmade:
    """Asks a realm for the moves and endings that it does not have."""

    def __init__(self, realm: Realm) -> None:
        self.realm, self.world, self.story = realm, realm.world, realm.story
        self.not_ended = np.flatnonzero(realm.fate < 0)
        self.everywhere = np.arange(realm.situations)
        self.instances: dict[int, list[GroundMove]] = {}
        for move in self.world.moves:
            self.instances.setdefault(id(move.action), []).append(move)

    def of(self, action: Action) -> list[GroundMove]:
        return self.instances.get(id(action), [])

    def is_made(self, action: Action) -> bool:
        return any(len(self.realm.occurrences(move)) for move in self.of(action))

    def moves(self) -> Iterator[Never]:
        for action in self.story.actions:
            if not self.is_made(action):
                yield Never("event" if action.is_event else "action", action.name, action.span, self.why_not_made(action))

    def why_not_made(self, action: Action) -> Obstacle:
        """The obstacle of that instance which comes nearest to being made."""
        if self.realm.stopped is not None:
            return NOT_MET
        nearest: tuple[int, Obstacle] | None = None
        for binding, move in self.candidates(action):
            found = self.near(action, binding, move)
            if nearest is None or found[0] > nearest[0]:
                nearest = found
        return Obstacle("there is nobody and nothing that it could be made with") if nearest is None else nearest[1]

    def candidates(self, action: Action) -> Iterator[tuple[Mapping[str, str], GroundMove | None]]:
        moves = self.of(action)
        if moves:
            yield from ((move.binding, move) for move in moves[:MOST_INSTANCES])
            return
        ranges = [self.world.vocabulary.over(parameter) for parameter in action.parameters]
        for arguments in islice(product(*ranges), MOST_INSTANCES):
            yield {parameter.name: argument for parameter, argument in zip(action.parameters, arguments, strict=True)}, None

    def near(self, action: Action, binding: Mapping[str, str], move: GroundMove | None) -> tuple[int, Obstacle]:
        """What stands in the way of one instance, and how near it comes."""
        rank, obstacle, situation = self.holds_nowhere(action.precondition, binding, self.not_ended)
        if situation is None or move is None:
            return rank, obstacle
        state, trace = self.realm.state(situation), self.realm.way_to(situation)
        player = self.realm.player
        if player in move.consenting:
            mind = state.believes(player)
            if not mind.holds(move.action.precondition, move.binding):
                literal, its_binding = next(iter(failing_literals(mind, move.action.precondition, move.binding)))
                words = self.shown(literal, its_binding)
                because = f"{self.label(player)} does not believe that “{words}”, the first time that it could happen"
                return 2, Obstacle(because, condition=words, person=player, trace=trace)
        elif not allowed(state, move):
            return 2, Obstacle("its weight is 0 the first time that it could happen", trace=trace)
        for person in move.consenting:
            verdict = True if person == player else state.in_character(move, person)
            if verdict is not True:
                known = "would not" if verdict is False else "may not, which could not be decided"
                because = f"{self.label(person)} {known}, the first time that it could happen"
                return 3, Obstacle(because, person=person, trace=trace)
        return 2, Obstacle("it could happen where the realm was not looked at further", trace=trace)

    def label(self, person: str) -> str:
        return self.story.entity[person].label

    def holds_nowhere(self, condition: Expression, binding: Mapping[str, str], among: Situations) -> tuple[int, Obstacle, int | None]:
        """Why ``condition`` holds in none of ``among``: a part that never does, or where it comes nearest; else the first where it does."""
        parts = [part for part in conjuncts(condition) if not isinstance(part, Stillness)]
        held = [self.holding(part, binding, among) for part in parts]
        for part, its in zip(parts, held, strict=True):
            if not its.any():
                words = self.shown(part, binding)
                ended = len(among) < self.realm.situations and self.holding(part, binding, self.everywhere).any()
                because = f"“{words}” {'only holds where the tale has ended' if ended else 'never holds'}"
                return 0, Obstacle(because, condition=words), None
        together = np.logical_and.reduce(held) if held else np.ones(len(among), bool)
        if together.any():
            return 2, Obstacle(""), int(among[int(np.argmax(together))])
        if not held:
            return 0, Obstacle("the tale has ended before anything can happen"), None
        nearest = int(np.argmax(np.sum(held, axis=0)))
        situation = int(among[nearest])
        failing = tuple(self.failing(part, binding, situation) for part, its in zip(parts, held, strict=True) if not its[nearest])
        do = "does" if len(failing) == 1 else "do"
        because = f"{listed([f'“{one}”' for one in failing])} {do} not hold where all else does"
        return 1, Obstacle(because, condition=failing[0], trace=self.realm.way_to(situation)), None

    def failing(self, part: Expression, binding: Mapping[str, str], situation: int) -> str:
        """In words, the first literal for which ``part`` does not hold in a situation."""
        literals = () if hangs_on_stillness(part) else failing_literals(self.realm.state(situation), part, binding)
        return self.shown(*next(iter(literals), (part, binding)))

    def holding(self, condition: Expression, binding: Mapping[str, str], among: Situations) -> NDArray[np.bool_]:
        """Of each of ``among``, whether ``condition`` holds, or (where an ending has come) would, were nothing more to happen."""
        if not hangs_on_stillness(condition):
            return self.realm.holding(condition, binding, among)
        moving = self.realm.holding(supposed(condition, still=False), binding, among)
        still = self.realm.holding(supposed(condition, still=True), binding, among)
        return np.where(self.realm.fate[among] == GOES_ON, moving, moving | still)

    def shown(self, condition: Expression, binding: Mapping[str, str]) -> str:
        return format_expression(condition, self.story, binding)

    def endings(self) -> Iterator[Never]:
        for number, ending in enumerate(self.story.endings):
            if not (self.realm.fate == number).any():
                yield Never("ending", ending.title, ending.span, self.why_no_end(ending))

    def why_no_end(self, ending: Ending) -> Obstacle:
        if self.realm.stopped is not None:
            return NOT_MET
        _, obstacle, situation = self.holds_nowhere(ending.condition, {}, self.everywhere)
        if situation is None:
            return obstacle
        fate = int(self.realm.fate[situation])
        trace = self.realm.way_to(situation)
        if fate >= 0:
            return Obstacle(f"where it would come, “{self.story.endings[fate].title}” comes first", trace=trace)
        return Obstacle("something more can always happen", trace=trace)
