"""Open questions to the author: what a realm shows of a story that may not be meant.

Each is an example that is so, not a proof that there are no others: of every move a few situations are looked at, the nearest to the start.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Literal

import numpy as np

from everytale.diagnostics import Span, StoryError
from everytale.ground import ground
from everytale.language.format import format_expression
from everytale.language.walk import walk
from everytale.minds import in_character, would
from everytale.realm import Realm
from everytale.story import Believes, Comparison, Conjunction, Expression, Number, NumberDomain, Reading, Thing, Want
from everytale.world import GroundMove, State, Trace, Undecided

LOOKS = 2
"""In how many situations each move is looked at."""
COMPARED = 60
"""In how many situations the moves are compared with those of people who imagine more."""
PATIENCE = 100_000
"""How much work one verdict may cost."""


@dataclass(frozen=True)
class Question:
    """Something that its author may not have meant, with the tale (``trace``) after which it is so.

    ``about``: ``unexplained``, a move that a witness cannot explain and that nothing follows from in their mind; ``spent``, a number
    at its end, which a move would raise or lower further at no cost; ``unserved``, a want that no move ever serves; ``shallow``, a
    verdict that changes with one more ``minds`` or ``horizon``.
    """

    about: Literal["unexplained", "spent", "unserved", "shallow"]
    text: str
    trace: Trace | None
    span: Span | None


def questions(realm: Realm, *, deeper: bool = False) -> tuple[Question, ...]:
    """The open questions of ``realm``; ``deeper``: those too that take a world in which people imagine more."""
    asked = _Questions(realm)
    found = [*asked.unexplained(), *asked.spent()]
    if realm.status == "whole":
        found += asked.unserved()
    if deeper:
        found += [*asked.shallow(1, 0), *asked.shallow(0, 1)]
    return tuple(found)


class _Questions:
    def __init__(self, realm: Realm) -> None:
        self.realm, self.world, self.story = realm, realm.world, realm.story

    def label(self, person: str) -> str:
        return self.story.entity[person].label

    def moments(self, move: GroundMove) -> Iterator[tuple[int, State, int]]:
        """A few situations in which ``move`` is made, and those after it."""
        for edge in self.realm.occurrences(move)[:LOOKS]:
            situation = int(self.realm.edges.source[edge])
            yield situation, self.realm.state(situation), int(self.realm.columns["target"][edge])

    # ---- what a witness cannot explain -------------------------------------------------------------------------------

    def unexplained(self) -> Iterator[Question]:
        met: set[tuple[str, str]] = set()
        for move in self.world.moves:
            if not move.consenting or move.action.expressive is not None:
                continue
            for situation, state, _ in self.moments(move):
                for witness in self.story.people:
                    if (move.name, witness) in met or witness in move.consenting or not self.sees(state, move, witness):
                        continue
                    mind = state.believes(witness)
                    stranger = next((one for one in move.consenting if would(mind, move, one, PATIENCE) is False), None)
                    if stranger is None or any(chain[:1] == (witness,) for chain, _ in state.fired(move)):
                        continue
                    met.add((move.name, witness))
                    who, whom = self.label(witness), self.label(stranger)
                    text = f"{who} sees {move}, cannot explain why {whom} would, and makes nothing of it. Is there an `inference`?"
                    yield Question("unexplained", text, self.after(situation, move), move.action.span)

    def sees(self, state: State, move: GroundMove, person: str) -> bool:
        observers = move.action.observers
        return observers is None or state.holds(observers.condition, {**move.binding, observers.variable: person})

    def after(self, situation: int, move: GroundMove) -> Trace:
        return Trace((*self.realm.way_to(situation).moves, move.move))

    # ---- numbers at their end ----------------------------------------------------------------------------------------

    def spent(self) -> Iterator[Question]:
        wanted = {part for want in self.story.wants for part in _read(want.measure)}
        met: set[tuple[str, str]] = set()
        for move in self.world.moves:
            edges = self.realm.occurrences(move)
            if not len(edges):
                continue
            situations = np.unique(self.realm.edges.source[edges])
            for effect in move.action.effects:
                fluent = self.story.fluent[effect.target.fluent]
                if effect.change == "set" or effect.believers or effect.each or fluent.key not in wanted or (move.name, fluent.key) in met:
                    continue
                domain = fluent.domain
                end = (domain.high if effect.change == "rises" else domain.low) if isinstance(domain, NumberDomain) else None
                if end is None:
                    continue
                at_end = Conjunction((Comparison("=", effect.target, Number(Fraction(end))), effect.condition))
                at = self.realm.holding(at_end, move.binding, situations)
                if at.any():
                    met.add((move.name, fluent.key))
                    situation = int(situations[int(np.argmax(at))])
                    what = format_expression(effect.target, self.story, move.binding)
                    verb = "rise" if effect.change == "rises" else "ease"
                    text = f"{what} is at its end, {end}, and {move} would have it {verb} further: from there on it costs nobody anything."
                    yield Question("spent", text, self.after(situation, move), effect.span or move.action.span)

    # ---- wants that are never served ---------------------------------------------------------------------------------

    def unserved(self) -> Iterator[Question]:
        everywhere = np.arange(self.realm.situations)
        targets = self.realm.columns["target"]
        for want in self.story.wants:
            if want.person is None or want.each:
                continue
            holds = self.realm.holding(Believes(Thing(want.person), want.measure), {}, everywhere)
            better = holds if want.worth > 0 else ~holds
            if better[0] or (~better[self.realm.edges.source] & better[targets]).any():
                continue
            text = f"No move ever serves what {self.label(want.person)} wants: {self.wanted(want)}."
            yield Question("unserved", text, None, want.span)

    def wanted(self, want: Want) -> str:
        worth = f"{'+' if want.worth > 0 else '−'}{abs(Fraction(want.worth))}"
        return f"{worth} {format_expression(want.measure, self.story)}"

    # ---- verdicts that change ----------------------------------------------------------------------------------------

    def shallow(self, minds: int, horizon: int) -> Iterator[Question]:
        """Moves of the nearest situations that become possible, or impossible, with more of one limit."""
        limit = "minds" if minds else "horizon"
        try:
            other = ground(self.story, minds=self.world.minds + minds, horizon=self.world.horizon + horizon)
        except StoryError:
            return
        states = {0: other.start}
        met: set[str] = set()
        for situation in islice(range(self.realm.situations), COMPARED):
            state = states.pop(situation, None)
            if state is None or self.realm.fate[situation] >= 0:
                continue
            links = self.realm.links(situation)
            for move, _, target in links:
                if target > situation and target not in states and target < COMPARED:
                    states[target] = state.after(other.move(move.move))
            possible = {move.index for move, _, _ in links}
            for move in self.world.moves:
                if move.name in met or not move.consenting or self.realm.player in move.consenting:
                    continue
                here = self.realm.state(situation)
                if not here.holds(move.action.precondition, move.binding):
                    continue
                try:
                    verdict = in_character(state, other.move(move.move))
                except Undecided:
                    continue
                if verdict is not None and verdict != (move.index in possible):
                    met.add(move.name)
                    now = "would" if verdict else "would not"
                    value = (self.world.minds if minds else self.world.horizon) + 1
                    text = f"With {limit} {value}, {self.label(move.consenting[0])} {now} {move}; as it stands it is the other way round."
                    yield Question("shallow", text, self.realm.way_to(situation), move.action.span)


def _read(expression: Expression) -> Iterator[str]:
    return (part.fluent for part in walk(expression) if isinstance(part, Reading))
