"""Why not: what stands in the way of a move that does not happen.

Either the world does not allow it (literals of its precondition fail, and some move made them so), or somebody will not: then
what that person believes that is not so, the best that they believe could come of it, and the smallest change of what
they believe, or of what people want, after which they would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import TypeAlias

from everytale.answers.mistakes import Belief, Place, belief, entities, mistakes, name_of, readings
from everytale.ground import ground
from everytale.minds import allowed, hope, imagined, replay, worth, would
from everytale.story import Believes, Conjunction, Disjunction, Ending, Expression, Negation, Quantified, Story, Want
from everytale.world import GroundFluent, GroundMove, GroundTrigger, State, Trace, Value, World

TRIES = 20_000
"""How many changes are tried before the search for the smallest is given up."""
PATIENCE = 20_000
"""How much work the verdict on one changed state may cost."""


@dataclass(frozen=True)
class Failing:
    """A literal of the precondition that does not hold; ``facts``: what it hangs on, as it is.

    The move at ``step`` (from 1) of the trace made it so, by itself or by the ``triggers`` that followed; ``None``: the start.
    """

    condition: Expression
    binding: Mapping[str, str]
    facts: tuple[Belief, ...]
    step: int | None
    move: GroundMove | None
    triggers: tuple[GroundTrigger, ...]


@dataclass(frozen=True)
class Supposed:
    """A change of what somebody believes: at the end of ``chain``, the fluent has ``value``.

    With an empty chain it is so in truth: that of which the person in question is never wrong.
    """

    chain: tuple[str, ...]
    fluent: GroundFluent
    value: Value


@dataclass(frozen=True)
class Without:
    """A want that is left out of the story."""

    want: Want


Change: TypeAlias = tuple[Supposed | Without, ...]


@dataclass(frozen=True)
class Refusal:
    """Somebody who would not consent (``undecided``: a limit was reached before that was known).

    ``mistakes``: what they are wrong about in what matters to it. ``hope``: the best that they believe could come of the move,
    worth ``hoped`` to them against ``now``; ``None``: they believe that it cannot be made, for ``doubts``.
    ``changes``: the smallest changes after which they would, the shallowest first; with none, there is none of at most
    two, or (not ``searched``) none was found before the search was given up.
    """

    person: str
    undecided: bool
    mistakes: tuple[Belief, ...]
    hope: tuple[GroundMove, ...] | None
    now: Fraction | None
    hoped: Fraction | None
    doubts: tuple[tuple[Expression, Mapping[str, str]], ...]
    changes: tuple[Change, ...]
    searched: bool


@dataclass(frozen=True)
class WhyNot:
    """What stands in the way of ``move`` at the end of a trace: an ``ending`` reached, ``failing`` conditions, a weight of 0
    (``unlikely``), or ``refusals``. With none of these the move is possible."""

    move: GroundMove
    state: State
    ending: Ending | None
    failing: tuple[Failing, ...]
    unlikely: bool
    refusals: tuple[Refusal, ...]

    @property
    def possible(self) -> bool | None:
        """Whether the move is possible after all; ``None``: undecided."""
        if self.ending or self.failing or self.unlikely or any(not refusal.undecided for refusal in self.refusals):
            return False
        return None if self.refusals else True


def why_not(story: Story, move: str, trace: Trace | str = Trace(()), *, changes: bool = True) -> WhyNot:  # noqa: B008 (a frozen value)
    """Why ``move`` does not come after ``trace`` (at the start, without one).

    Without ``changes`` the smallest change is not searched for. Raises ``UnknownMove`` for a move that the story does not
    have, ``ImpossibleTrace`` where the trace cannot be made.
    """
    trace = Trace.read(trace) if isinstance(trace, str) else trace
    return _WhyNot(ground(story), trace).answer(move, changes)


def failing_literals(state: State, condition: Expression, binding: Mapping[str, str]) -> Iterator[tuple[Expression, Mapping[str, str]]]:
    """The least parts of ``condition`` that do not hold in ``state``; an *or* of which nothing holds counts as one part."""
    match condition:
        case Conjunction(parts):
            for part in parts:
                yield from failing_literals(state, part, binding)
            return
        case Quantified("every", binder, body):
            for entity in entities(state, binder, binding):
                yield from failing_literals(state, body, {**binding, binder.variable: entity})
            return
        case Negation(Negation(what)):
            yield from failing_literals(state, what, binding)
            return
        case Negation(Disjunction(parts)):
            for part in parts:
                yield from failing_literals(state, Negation(part), binding)
            return
        case Negation(Quantified("some", binder, body)):
            for entity in entities(state, binder, binding):
                yield from failing_literals(state, Negation(body), {**binding, binder.variable: entity})
            return
        case Believes(person, what) if (name := name_of(state, person, binding)) is not None:
            for part, its in failing_literals(state.believes(name), what, binding):
                yield Believes(person, part), its
            return
    if not state.holds(condition, binding):
        yield condition, binding


class _WhyNot:
    """The question, asked in one world at the end of one trace."""

    def __init__(self, world: World, trace: Trace) -> None:
        self.world, self.trace = world, trace
        self.states = replay(world, trace)
        self.state = self.states[-1]
        self.worlds: dict[frozenset[Want], State] = {frozenset(): self.state}

    def answer(self, named: str, changes: bool) -> WhyNot:
        move = self.world.move(named)
        failing = tuple(self.failing(*literal) for literal in failing_literals(self.state, move.action.precondition, move.binding))
        unlikely = not failing and not allowed(self.state, move)
        refusals: list[Refusal] = []
        for person in move.consenting if not failing and self.state.ending is None else ():
            verdict = self.state.in_character(move, person)
            if verdict is not True:
                refusals.append(self.refusal(move, person, verdict is None, changes))
        return WhyNot(move, self.state, self.state.ending, failing, unlikely, tuple(refusals))

    def failing(self, condition: Expression, binding: Mapping[str, str]) -> Failing:
        places: dict[Place, None] = dict.fromkeys(readings(self.state, condition, binding))
        facts = tuple(belief(self.state, place) for place in places)
        for number in range(len(self.states) - 2, -1, -1):
            if self.states[number].holds(condition, binding):
                move = self.world.move(self.trace.moves[number])
                return Failing(condition, binding, facts, number + 1, move, self.triggers(self.states[number], move, places))
        return Failing(condition, binding, facts, None, None, ())

    def triggers(self, state: State, move: GroundMove, places: Mapping[Place, None]) -> tuple[GroundTrigger, ...]:
        """The triggers that followed on ``move`` and touch one of ``places``, if the move itself touches none."""
        touched = {fluent for _, fluent, _ in places}
        if any(effect.target.fluent in touched for effect in move.action.effects):
            return ()
        fired = (trigger for _, trigger in state.fired(move))
        return tuple(dict.fromkeys(one for one in fired if any(effect.target.fluent in touched for effect in one.trigger.effects)))

    def refusal(self, move: GroundMove, person: str, undecided: bool, changes: bool) -> Refusal:
        mind = self.state.believes(person)
        plan = None if move.action.expressive is not None else hope(self.state, move, person)
        wrong = () if move.action.expressive is not None else mistakes(self.state, person, (move, *(plan or ())))
        now = worth(mind, person)
        hoped = None if plan is None else worth(imagined(mind, plan), person)
        doubts = () if plan else tuple(failing_literals(mind, move.action.precondition, move.binding))
        search = changes and not undecided and move.action.expressive is None
        smallest, searched = self.smallest(move, person) if search else ((), False)
        return Refusal(person, undecided, wrong, plan, now, hoped, doubts, smallest, searched)

    # -- the smallest change --

    def smallest(self, move: GroundMove, person: str) -> tuple[tuple[Change, ...], bool]:
        """The smallest changes after which ``person`` would, and whether the search was complete."""
        shallow: list[Supposed | Without] = [*self.beliefs(person, 1), *self.wants(person)]
        deep: list[Supposed | Without] = [change for depth in range(2, self.world.depth + 1) for change in self.beliefs(person, depth)]
        singles: list[Change] = [(change,) for change in (*shallow, *deep)]
        found = tuple(change for change in singles[:TRIES] if self.would(move, person, change))
        if found or len(singles) > TRIES:
            return found, len(singles) <= TRIES
        left = TRIES - len(singles)
        for change in self.pairs(shallow, deep):
            left -= 1
            if left < 0:
                return (), False
            if self.would(move, person, change):
                return (change,), True
        return (), True

    def beliefs(self, person: str, depth: int) -> Iterator[Supposed]:
        """All other values of what ``person`` believes (``depth`` 1), believes that others believe (2), ..."""
        chains: list[tuple[str, ...]] = [(person,)]
        for _ in range(depth - 1):
            chains = [(*chain, other) for chain in chains for other in self.world.story.people if other != chain[-1]]
        for chain in chains:
            mind = self.state
            for link in chain:
                mind = mind.believes(link)
            for fluent in self.world.fluents:
                known = self.owner(fluent) == chain[-1]
                if not known or depth == 1:
                    now = mind.value(fluent.fluent.key, *fluent.arguments)
                    where = () if known else chain
                    yield from (Supposed(where, fluent, value) for value in self.world.domain(fluent) if value != now)

    def owner(self, fluent: GroundFluent) -> str | None:
        """Who is never wrong about it."""
        known_to = fluent.fluent.known_to
        binding = {parameter.name: argument for parameter, argument in zip(fluent.fluent.parameters, fluent.arguments, strict=True)}
        return None if known_to is None else name_of(self.state, known_to, binding)

    def wants(self, person: str) -> Iterator[Without]:
        """The wants of ``person``, then those of the others."""
        everybodys = [want for want in self.world.story.wants if want.person is not None]
        yield from (Without(want) for want in everybodys if want.person == person)
        yield from (Without(want) for want in everybodys if want.person != person)

    def pairs(self, shallow: list[Supposed | Without], deep: list[Supposed | Without]) -> Iterator[Change]:
        def apart(one: Supposed | Without, other: Supposed | Without) -> bool:
            if not (isinstance(one, Supposed) and isinstance(other, Supposed)):
                return True
            return (one.chain, one.fluent) != (other.chain, other.fluent)

        yield from (pair for pair in combinations(shallow, 2) if apart(*pair))
        yield from ((one, other) for one in (*shallow, *deep) for other in deep if one is not other and apart(one, other))

    def would(self, move: GroundMove, person: str, change: Change) -> bool:
        """Whether ``person`` would, were that changed."""
        state = self.without(frozenset(part.want for part in change if isinstance(part, Without)))
        for part in change:
            if isinstance(part, Supposed):
                state = state.supposing(part.chain, part.fluent, part.value)
                if not part.chain:
                    state = state.supposing((person,), part.fluent, part.value)
        return would(state, state.world.moves[move.index], person, PATIENCE) is True

    def without(self, wants: frozenset[Want]) -> State:
        """This state, in the story without ``wants``: the same moves lead there, for nothing but reasons hangs on them."""
        if wants not in self.worlds:
            story = replace(self.world.story, wants=tuple(want for want in self.world.story.wants if want not in wants))
            world = ground(story, minds=self.world.minds, horizon=self.world.horizon)
            self.worlds[wants] = replay(world, self.trace)[-1]
        return self.worlds[wants]
