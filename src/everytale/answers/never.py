"""What no tale comes to: moves that are never made, endings, lines and scenes that nobody will read, and what stands nearest in the way.

All of it is proved in a realm that is whole; in a part it only was not met. A block of prose that hangs on what the teller remembers
(*first*, *not after* ...) is given the benefit of the doubt, and so is one told of what follows by itself, where there are too many moves
to make them all again: what is called never told is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from everytale.answers.why_not import failing_literals
from everytale.diagnostics import Span
from everytale.language.format import format_expression
from everytale.language.walk import walk
from everytale.minds import allowed
from everytale.realm import Realm
from everytale.realm.explore import GOES_ON
from everytale.story import (
    ALWAYS,
    Action,
    Conjunction,
    Disjunction,
    Ending,
    Expression,
    Negation,
    Passage,
    Quantified,
    Scene,
    Slot,
    Stillness,
    Trigger,
    Truth,
    Variable,
)
from everytale.world import GroundMove, GroundTrigger, Trace

Situations = NDArray[Any]
Occurrence = tuple[Mapping[str, str], str, Situations]
"""Something that happens: with which arguments, its name, and the situations in which somebody witnesses it."""
What = Literal["action", "event", "ending", "text", "scene"]

MOST_INSTANCES = 12
"""How many instances of an action are asked about, at most."""
FEW = 500
"""In how many situations it is looked for that a block is told, before all are asked: most blocks are told in many."""
CHUNK, MOST_FOLLOWED = 2_000, 200_000
"""Moves that are made again, at a time and at most, to see what follows on them by itself."""
TELLER, BECAUSE = "teller", "because"


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way: a ``condition`` that never holds, or not where all else does (``trace``: the nearest that it comes); a
    ``person`` who would not, the first time that they could (after ``trace``); or neither, and then ``because`` says it all."""

    because: str
    condition: str | None = None
    person: str | None = None
    trace: Trace | None = None


@dataclass(frozen=True)
class Never:
    """One thing of the story, by its ``name`` and place, that no tale comes to, and the ``obstacle`` nearest in the way."""

    what: What
    name: str
    span: Span | None
    obstacle: Obstacle


def never(realm: Realm) -> tuple[Never, ...]:
    """All that no tale of ``realm`` comes to, in the order of the file: moves, endings, then prose and scenes."""
    found = _Never(realm)
    return (*found.moves(), *found.endings(), *found.texts(), *found.scenes())


class _Never:
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

    # ---- moves and endings -------------------------------------------------------------------------------------------

    def moves(self) -> Iterator[Never]:
        for action in self.story.actions:
            if not self.is_made(action):
                yield Never("event" if action.is_event else "action", action.name, action.span, self.why_not_made(action))

    def why_not_made(self, action: Action) -> Obstacle:
        """The obstacle of that instance which comes nearest to being made."""
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
        if not allowed(state, move):
            return 2, Obstacle("its weight is 0 the first time that it could happen", trace=trace)
        for person in move.consenting:
            if person != self.realm.player and state.in_character(move, person) is not True:
                who = self.story.entity[person].label
                return 3, Obstacle(f"{who} would not, the first time that it could happen", person=person, trace=trace)
        return 2, Obstacle("it could happen where the realm was not looked at further", trace=trace)

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
        counts = np.sum(held, axis=0)
        situation = int(among[int(np.argmax(counts))])
        failing = next((part for part, its in zip(parts, held, strict=True) if not its[int(np.argmax(counts))]), parts[0])
        literals = () if hangs_on_stillness(failing) else failing_literals(self.realm.state(situation), failing, binding)
        literal, its_binding = next(iter(literals), (failing, binding))
        words = self.shown(literal, its_binding)
        return 1, Obstacle(f"“{words}” does not hold where all else does", condition=words, trace=self.realm.way_to(situation)), None

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
        _, obstacle, situation = self.holds_nowhere(ending.condition, {}, self.everywhere)
        if situation is None:
            return obstacle
        fate = int(self.realm.fate[situation])
        trace = self.realm.way_to(situation)
        if fate >= 0:
            return Obstacle(f"where it would come, “{self.story.endings[fate].title}” comes first", trace=trace)
        return Obstacle("something more can always happen", trace=trace)

    # ---- prose -------------------------------------------------------------------------------------------------------

    def texts(self) -> Iterator[Never]:
        for action in self.story.actions:
            if action.told and self.is_made(action):
                for passage in action.told:
                    obstacle = self.why_not_told(action, passage)
                    if obstacle is not None:
                        yield Never("text", f"{action.name}: {opening(passage)}", passage.span or action.span, obstacle)
        yield from self.following_texts()
        for number, ending in enumerate(self.story.endings):
            here = np.flatnonzero(self.realm.fate == number)
            for passage in ending.told if len(here) else ():
                if not any(self.realm.holding(passage.condition, bound(teller, {}), here).any() for teller in self.tellers(passage)):
                    words = self.shown(passage.condition, {})
                    obstacle = Obstacle(f"“{words}” never holds at that ending", condition=words)
                    yield Never("text", f"{ending.title}: {opening(passage)}", passage.span or ending.span, obstacle)

    @cached_property
    def everybody(self) -> tuple[str | None, ...]:
        """At whose shoulder the story is told: that of its own teller, and of whomever else it has words for."""
        told = [one.told for several in (self.story.actions, self.story.triggers, self.story.endings) for one in several]
        return tuple(dict.fromkeys((self.story.teller, *(one.teller for passages in told for one in passages if one.teller))))

    def tellers(self, passage: Passage) -> tuple[str | None, ...]:
        return (passage.teller,) if passage.teller else self.everybody

    def why_not_told(self, action: Action, passage: Passage) -> Obstacle | None:
        """Why the passage is told at nobody's shoulder, in terms of the first who could tell it; ``None``: it may be told."""
        made = [(move, self.realm.edges.source[edges]) for move in self.of(action) if len(edges := self.realm.occurrences(move))]
        obstacles = list[Obstacle]()
        for most in (FEW, self.realm.transitions):
            obstacles.clear()
            among = [(move, spread(situations, most)) for move, situations in made]
            for teller in self.tellers(passage):
                occurrences = [
                    (move.binding, str(move), situations[self.witnessed(move, passage, teller, situations)]) for move, situations in among
                ]
                obstacle = self.why_left_out(action.told, passage, teller, occurrences, ("the move", "is made"))
                if obstacle is None:
                    return None
                obstacles.append(obstacle)
        return obstacles[0]

    def why_left_out(
        self, told: tuple[Passage, ...], passage: Passage, teller: str | None, occurrences: Iterable[Occurrence], happens: tuple[str, str]
    ) -> Obstacle | None:
        """Why, of what is ``told``, the passage never is where it could be, which are ``occurrences``; ``None``: it may be.

        ``happens``: what they are of, and that it happens, in words.
        """
        what, does = happens
        holds = fits = False
        before: Passage | None = None
        for binding, name, here in occurrences:
            if not len(here):
                continue
            fits = True
            left = here[self.realm.holding(passage.condition, bound(teller, binding), here)]
            holds = holds or len(left) > 0
            for earlier in told[: told.index(passage)]:
                if len(left) and always_first(earlier, passage, teller):
                    taken = self.realm.holding(earlier.condition, bound(teller, binding), left)
                    before = earlier if taken.any() else before
                    left = left[~taken]
            if len(left) and self.could_be_the_occasion(passage, name, left):
                return None
        if not fits:
            who = self.story.entity[teller].label if teller else "nobody"
            return Obstacle(f"{who} never witnesses {what} so")
        if not holds:
            words = self.shown(passage.condition, {})
            return Obstacle(f"“{words}” never holds when {what} {does}", condition=words)
        if before is not None:
            return Obstacle(f"the block before it, “{opening(before)}”, is always told in its place")
        return Obstacle("no tale comes to the occasion that it asks for")

    def following_texts(self) -> Iterator[Never]:
        """What is told of triggers, and never is: found out by making every move again, until all of it was met."""
        waiting = [(trigger, passage) for trigger in self.story.triggers for passage in trigger.told if passage.witness != "learned"]
        fired = dict[tuple[int, str | None, str], dict[GroundTrigger, set[int]]]()
        happened = set[int]()

        def obstacle(trigger: Trigger, passage: Passage) -> Obstacle | None:
            if id(trigger) not in happened:
                return Obstacle("nothing ever makes it follow")
            obstacles = []
            for teller in self.tellers(passage):
                where = fired.get((id(trigger), teller, passage.witness), {})
                occurrences = [(one.binding, str(one), np.array(sorted(among))) for one, among in where.items()]
                obstacles.append(self.why_left_out(trigger.told, passage, teller, occurrences, ("it", "follows")))
            return None if None in obstacles else obstacles[0]

        edges = self.realm.edges
        turns = -(-len(edges.target) // CHUNK)
        for turn in range(turns) if waiting else ():
            if turn * CHUNK >= MOST_FOLLOWED:
                return  # what was not met by then has the benefit of the doubt
            for edge in range(turn, len(edges.target), turns):  # from all over the realm, so that most is met soon
                source = int(edges.source[edge])
                for chain, made in self.realm.state(source).fired(self.world.moves[int(self.realm.made[edge])]):
                    happens = bool(chain) == (made.trigger.mind is not None)
                    if happens:
                        happened.add(id(made.trigger))
                    for teller in self.everybody if made.trigger.told else ():
                        mine = chain == (teller,) or (happens and teller is None)
                        if mine or happens:
                            its = fired.setdefault((id(made.trigger), teller, "seen" if mine else "unseen"), {})
                            its.setdefault(made, set()).add(source)
            waiting = [(trigger, passage) for trigger, passage in waiting if obstacle(trigger, passage) is not None]
            if not waiting:
                return
        for trigger, passage in waiting:
            because = obstacle(trigger, passage)
            assert because is not None
            yield Never("text", f"{trigger.name}: {opening(passage)}", passage.span or trigger.span, because)

    @cached_property
    def following(self) -> frozenset[str]:
        """What can follow by itself, by name."""
        return frozenset(trigger.name for trigger in self.story.triggers)

    def witnessed(self, move: GroundMove, passage: Passage, teller: str | None, situations: Situations) -> NDArray[np.bool_]:
        """Where the teller may witness the move as the passage asks."""
        observers = move.action.observers
        if passage.witness == "learned":
            return np.ones(len(situations), bool)
        sees = np.ones(len(situations), bool)
        if teller is not None and teller not in move.consenting and observers is not None:
            sees = self.realm.holding(observers.condition, {**move.binding, observers.variable: teller}, situations)
        return sees if passage.witness == "seen" else ~sees

    def could_be_the_occasion(self, passage: Passage, made: str, situations: Situations) -> bool:
        """Whether some tale to one of ``situations`` has made the moves that the passage asks to have been made before."""
        marks = np.zeros(self.realm.situations, np.uint8)
        marks[situations] = 1
        for occasion in passage.occasions:
            name = made if occasion.move is None else occasion.move.name
            if occasion.kind in ("first", "not after"):
                continue  # so at least where the teller did not see it
            if name.partition("(")[0] in self.following:
                continue  # not looked into
            if self.realm.core.way((marks, None), (None, self.named(name)), None, False) is None:
                return False
        return True

    def named(self, name: str) -> NDArray[np.uint8]:
        """Of every move of the world, whether it is called so, with its arguments or without."""
        marks = np.zeros(len(self.world.moves), np.uint8)
        marks[self.numbers.get(name, [])] = 1
        return marks

    @cached_property
    def numbers(self) -> dict[str, list[int]]:
        """The moves of the world that a name, with arguments or without, is of."""
        found = dict[str, list[int]]()
        for move in self.world.moves:
            for name in {move.name, str(move)}:
                found.setdefault(name, []).append(move.index)
        return found

    # ---- scenes ------------------------------------------------------------------------------------------------------

    def scenes(self) -> Iterator[Never]:
        for scene in self.story.scenes:
            obstacle = self.why_not_opened(scene)
            if obstacle is not None:
                yield Never("scene", scene.title, scene.span, obstacle)

    def why_not_opened(self, scene: Scene) -> Obstacle | None:
        cue = scene.opens
        if cue.move is None:
            holds = self.realm.holding(cue.condition, {}, self.everywhere)
            comes = ~holds[self.realm.edges.source] & holds[self.realm.columns["target"]]
            words = self.shown(cue.condition, {})
            return None if comes.any() else Obstacle(f"“{words}” never comes to hold", condition=words)
        made = [move for move in self.world.moves if move.name == cue.move and len(self.realm.occurrences(move))]
        if not made:
            return Obstacle(f"{cue.move} is never made")
        sources = ((move, self.realm.edges.source[self.realm.occurrences(move)]) for move in made)
        if any(self.realm.holding(cue.condition, move.binding, situations).any() for move, situations in sources):
            return None
        words = self.shown(cue.condition, {})
        return Obstacle(f"“{words}” never holds when {cue.move} is made", condition=words)


def spread(several: Situations, most: int) -> Situations:
    """At most so many of several, from all over them."""
    return several[:: -(-len(several) // most) or 1]


def conjuncts(condition: Expression) -> Iterator[Expression]:
    """The conditions that must all hold."""
    if isinstance(condition, Conjunction):
        for part in condition.parts:
            yield from conjuncts(part)
    elif condition != ALWAYS:
        yield condition


def hangs_on_stillness(condition: Expression) -> bool:
    """Whether it asks whether nothing more can happen."""
    return any(isinstance(part, Stillness) for part in walk(condition))


def supposed(condition: Expression, *, still: bool) -> Expression:
    """``condition``, where it is settled whether nothing more can happen."""
    match condition:
        case Stillness():
            return Truth(still)
        case Conjunction(parts=several) | Disjunction(parts=several):
            return replace(condition, parts=tuple(supposed(part, still=still) for part in several))
        case Negation(what=what):
            return replace(condition, what=supposed(what, still=still))
        case Quantified(body=body):
            return replace(condition, body=supposed(body, still=still))
    return condition


def opening(passage: Passage) -> str:
    """The first words of a passage, by which its author knows it."""
    for beats in passage.alternatives:
        for beat in beats:
            text = " ".join("".join(part if isinstance(part, str) else "…" for part in beat.text).split())
            return text if len(text) <= 40 else text[:39].rstrip() + "…"
    return "nothing"


def bound(teller: str | None, binding: Mapping[str, str]) -> dict[str, str]:
    """The arguments of a move, and who tells it."""
    return dict(binding) if teller is None else {TELLER: teller, **binding}


def always_first(earlier: Passage, passage: Passage, teller: str | None) -> bool:
    """Whether ``earlier`` is told rather than ``passage`` wherever its condition holds."""
    same = (earlier.witness, earlier.summary) == (passage.witness, passage.summary)
    plain = not earlier.occasions and not earlier.once and not earlier.at_close
    return same and plain and earlier.teller in (None, teller) and not speaks_of_a_reason(earlier)


def speaks_of_a_reason(passage: Passage) -> bool:
    """Whether it asks for the reason of the move, and so is told only where there is a new one."""
    slots = (part for beats in passage.alternatives for beat in beats for part in beat.text if isinstance(part, Slot))
    return any(slot.what == Variable(BECAUSE) for slot in slots)
