"""Lines that no tale tells and scenes that none opens, at any shoulder that the story has words for, and what stands nearest in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from itertools import takewhile
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from everytale.answers.obstacles import Never, Obstacle
from everytale.answers.unmade import Situations, Unmade
from everytale.answers.words import listed
from everytale.language.walk import walk
from everytale.story import Action, Cue, Passage, Scene, Slot, Trigger, Variable
from everytale.world import GroundMove, GroundTrigger

Teller: TypeAlias = str | None
Occurrence: TypeAlias = tuple[Mapping[str, str], str, Situations]
"""Something that happens: with which arguments, its name, and the situations in which somebody witnesses it."""

FEW = 500
"""In how many situations it is looked for that a block is told, before all are asked: most blocks are told in many."""
CHUNK, MOST_FOLLOWED = 2_000, 200_000
"""Moves that are made again, at a time and at most, to see what follows on them by itself."""
TELLER, BECAUSE = "teller", "because"


class Unread:
    """Asks a realm for the prose that it has no tale for."""

    def __init__(self, unmade: Unmade) -> None:
        self.unmade = unmade
        self.realm, self.world, self.story = unmade.realm, unmade.world, unmade.story

    def texts(self) -> Iterator[Never]:
        for action in self.story.actions:
            if action.told and self.unmade.is_made(action):
                for passage in action.told:
                    obstacle = self.why_not_told(action, passage)
                    if obstacle is not None:
                        yield Never("text", f"{action.name}: {opening(passage)}", passage.span or action.span, obstacle)
        if self.realm.stopped is None:
            yield from self.following_texts()
        for number, ending in enumerate(self.story.endings):
            here: list[Occurrence] = [({}, "", np.flatnonzero(self.realm.fate == number))]
            for passage in ending.told if len(here[0][2]) else ():
                obstacle = self.for_all(passage, ending.told, ("the ending", "comes"), partial(self.wherever, here))
                if obstacle is not None:
                    yield Never("text", f"{ending.title}: {opening(passage)}", passage.span or ending.span, obstacle)
        for scene in self.story.scenes:
            for passage in scene.told if self.why_not_opened(scene) is None else ():
                obstacle = self.for_all(passage, scene.told, ("the scene", "opens"), partial(self.openings, scene))
                if obstacle is not None and not passage.at_close:  # what closes it has the benefit of the doubt
                    yield Never("text", f"{scene.title}: {opening(passage)}", passage.span or scene.span, obstacle)

    def wherever(self, occurrences: list[Occurrence], teller: Teller) -> list[Occurrence]:
        """The same for every teller."""
        return occurrences

    def for_all(
        self, passage: Passage, told: tuple[Passage, ...], happens: tuple[str, str], occurrences: Callable[[Teller], list[Occurrence]]
    ) -> Obstacle | None:
        """Why the passage, of what is ``told``, never is, in terms of the first teller who could; ``None``: it may be."""
        first: Obstacle | None = None
        for teller in self.tellers(passage):
            obstacle = self.why_left_out(told, passage, teller, occurrences(teller), happens)
            if obstacle is None:
                return None
            first = first or obstacle
        return first

    @cached_property
    def everybody(self) -> tuple[Teller, ...]:
        """At whose shoulder the story is told: that of its own teller, and of whomever else it has words for."""
        story = self.story
        those = [one.told for several in (story.actions, story.triggers, story.endings, story.scenes) for one in several]
        told = [passage for passages in those for passage in passages]
        found = dict.fromkeys((self.story.teller, *(one.teller for one in told if one.teller)))
        if set(found) == {None} and any(speaks_of(one, TELLER) for one in told):
            found.update(dict.fromkeys(self.story.people))
        return tuple(found)

    def tellers(self, passage: Passage) -> tuple[Teller, ...]:
        """Who could tell it; over nobody's shoulder no block is told that speaks of the teller."""
        if passage.teller:
            return (passage.teller,)
        return tuple(one for one in self.everybody if one is not None or not speaks_of(passage, TELLER))

    def why_not_told(self, action: Action, passage: Passage) -> Obstacle | None:
        """Why the passage of a move is told at nobody's shoulder; ``None``: it may be."""
        made = [(move, self.realm.edges.source[edges]) for move in self.unmade.of(action) if len(edges := self.realm.occurrences(move))]

        def occurrences(most: int, teller: Teller) -> list[Occurrence]:
            among = ((move, spread(situations, most)) for move, situations in made)
            return [(move.binding, str(move), here[self.witnessed(move, passage, teller, here)]) for move, here in among]

        obstacle = None
        for most in (FEW, self.realm.transitions):
            obstacle = self.for_all(passage, action.told, ("the move", "is made"), partial(occurrences, most))
            if obstacle is None:
                break
        return obstacle

    def why_left_out(
        self, told: tuple[Passage, ...], passage: Passage, teller: Teller, occurrences: Iterable[Occurrence], happens: tuple[str, str]
    ) -> Obstacle | None:
        """Why, of what is ``told``, the passage never is where it could be, which are ``occurrences``; ``None``: it may be.

        ``happens``: what they are of, and that it happens, in words.
        """
        what, does = happens
        holds = fits = False
        taking = list[Passage]()
        for binding, name, here in occurrences:
            if not len(here):
                continue
            fits = True
            left = here[self.realm.holding(passage.condition, bound(teller, binding), here)]
            holds = holds or len(left) > 0
            for earlier in takewhile(lambda one: one is not passage, told):
                if len(left) and always_first(earlier, passage, teller):
                    taken = self.realm.holding(earlier.condition, bound(teller, binding), left)
                    if taken.any() and earlier not in taking:
                        taking.append(earlier)
                    left = left[~taken]
            if len(left) and self.could_be_the_occasion(passage, name, left):
                return None
        if not fits:
            who = self.unmade.label(teller) if teller else "nobody"
            return Obstacle(f"{who} never witnesses {what} so")
        if not holds:
            words = self.unmade.shown(passage.condition, {})
            return Obstacle(f"“{words}” never holds when {what} {does}", condition=words)
        if taking:
            block = "the block" if len(taking) == 1 else "one of the blocks"
            words = listed([f"“{opening(one)}”" for one in taking], "or")
            return Obstacle(f"{block} before it, {words}, is always told in its place")
        return Obstacle("no tale comes to the occasion that it asks for")

    def following_texts(self) -> Iterator[Never]:
        """What is told of triggers, and never is: found out by making every move again, until all of it was met."""
        waiting = [(trigger, passage) for trigger in self.story.triggers for passage in trigger.told if passage.witness != "learned"]
        fired = dict[tuple[int, Teller, str], dict[GroundTrigger, set[int]]]()
        happened = set[int]()

        def obstacle(trigger: Trigger, passage: Passage) -> Obstacle | None:
            if id(trigger) not in happened:
                return Obstacle("nothing ever makes it follow")

            def occurrences(teller: Teller) -> list[Occurrence]:
                where = fired.get((id(trigger), teller, passage.witness), {})
                return [(one.binding, str(one), np.array(sorted(among))) for one, among in where.items()]

            return self.for_all(passage, trigger.told, ("it", "follows"), occurrences)

        edges = self.realm.edges
        turns = -(-len(edges.target) // CHUNK)
        for turn in range(turns) if waiting else ():
            if turn * CHUNK >= MOST_FOLLOWED:
                return  # what was not met by then has the benefit of the doubt
            for edge in range(turn, len(edges.target), turns):  # from all over the realm, so that most is met soon
                source = int(edges.source[edge])
                follows: dict[GroundTrigger, set[tuple[str, ...] | None]] = {}
                for chain, made in self.realm.state(source).fired(self.world.moves[int(self.realm.made[edge])]):
                    happens = bool(chain) == (made.trigger.mind is not None)  # an inference, in the mind that makes it
                    follows.setdefault(made, set()).update({chain, None} if happens else {chain})
                for made, where in follows.items():
                    happened.add(id(made.trigger))
                    for teller in self.everybody if made.trigger.told else ():
                        seen = None in where if teller is None else (teller,) in where
                        if seen or None in where:
                            its = fired.setdefault((id(made.trigger), teller, "seen" if seen else "unseen"), {})
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

    def witnessed(self, move: GroundMove, passage: Passage, teller: Teller, situations: Situations) -> NDArray[np.bool_]:
        """Where the teller may witness the move as the passage asks."""
        if passage.witness == "learned":
            return np.ones(len(situations), bool)
        sees = self.seen(move, teller, situations)
        return sees if passage.witness == "seen" else ~sees

    def seen(self, move: GroundMove, teller: Teller, situations: Situations) -> NDArray[np.bool_]:
        """Where the teller sees the move; nobody in particular sees all."""
        node = -1 if teller is None else self.world.observer(move, teller)
        return self.realm.holding_node(node, situations) if node >= 0 else np.full(len(situations), teller is None)

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
        """Why the scene opens at nobody's shoulder, in terms of the first; ``None``: it does open."""
        name, words = scene.opens.move, self.unmade.shown(scene.opens.condition, {})
        if name is not None and not any(move.name == name and len(self.realm.occurrences(move)) for move in self.world.moves):
            return Obstacle(f"{name} is never made")
        edges = self.cues[id(scene)]
        if not len(edges):
            return Obstacle(f"“{words}” {'never comes to hold' if name is None else f'never holds when {name} is made'}", condition=words)
        first: Obstacle | None = None
        for teller in self.everybody:
            left, others = self.opened(scene, teller)
            if len(left):
                return None
            who = "nobody" if teller is None else self.unmade.label(teller)
            titles = listed([f"“{title}”" for title in others], "or") if others else ""
            first = first or Obstacle(f"{titles} always opens in its place" if others else f"{who} never sees what it opens upon")
        return first

    def openings(self, scene: Scene, teller: Teller) -> list[Occurrence]:
        """Where the scene opens: in the situations by which its prose is chosen."""
        edges, _ = self.opened(scene, teller)
        return [({}, "", self.realm.columns["target"][edges] if scene.opens.move is None else self.realm.edges.source[edges])]

    def opened(self, scene: Scene, teller: Teller) -> tuple[Situations, list[str]]:
        """The moves of the graph at which the scene opens, seen by the teller, and which scenes open instead of it at others."""
        name, edges = scene.opens.move, self.cues[id(scene)]
        edges = edges[self.sees(teller, edges)]
        earlier = [one for one in takewhile(lambda one: one is not scene, self.story.scenes) if one.opens.move == name]
        others = [one for one in earlier if np.isin(self.cues[id(one)], edges).any()]
        taken = np.concatenate([np.empty(0, np.int64), *(self.cues[id(one)] for one in others)])
        return edges[~np.isin(edges, taken)], [one.title for one in others]

    @cached_property
    def cues(self) -> dict[int, Situations]:
        """Of every scene (whose title another may have), the moves of the graph at which it is time for it to open."""
        return {id(scene): self.cued(scene.opens) for scene in self.story.scenes}

    def cued(self, cue: Cue) -> Situations:
        edges = self.realm.edges
        if cue.move is None:
            holds = self.realm.holding(cue.condition, {}, self.unmade.everywhere)
            return np.flatnonzero(~holds[edges.source] & holds[self.realm.columns["target"]])
        made = [(move, self.realm.occurrences(move)) for move in self.world.moves if move.name == cue.move]
        parts = [its[self.realm.holding(cue.condition, move.binding, edges.source[its])] for move, its in made if len(its)]
        return np.concatenate([np.empty(0, np.int64), *parts])

    def sees(self, teller: Teller, edges: Situations) -> NDArray[np.bool_]:
        """Of moves of the graph, whether the teller sees them."""
        found, made = np.ones(len(edges), bool), self.realm.made[edges]
        for index in np.unique(made) if teller is not None else ():
            its = made == index
            found[its] = self.seen(self.world.moves[index], teller, self.realm.edges.source[edges[its]])
        return found


def spread(several: Situations, most: int) -> Situations:
    """At most so many of several, from all over them."""
    return several[:: -(-len(several) // most) or 1]


def opening(passage: Passage) -> str:
    """The first words of a passage, by which its author knows it."""
    for beats in passage.alternatives:
        for beat in beats:
            text = " ".join("".join(part if isinstance(part, str) else "…" for part in beat.text).split())
            return text if len(text) <= 40 else text[:39].rstrip(" .,:;!?…") + "…"
    return "nothing"


def bound(teller: Teller, binding: Mapping[str, str]) -> dict[str, str]:
    """The arguments of a move, and who tells it."""
    return dict(binding) if teller is None else {TELLER: teller, **binding}


def always_first(earlier: Passage, passage: Passage, teller: Teller) -> bool:
    """Whether ``earlier`` is told rather than ``passage`` wherever its condition holds."""
    same = (earlier.witness, earlier.summary, earlier.at_close) == (passage.witness, passage.summary, passage.at_close)
    meant = earlier.teller in (None, teller) and (teller is not None or not speaks_of(earlier, TELLER))
    return same and meant and not earlier.occasions and not earlier.once and not speaks_of(earlier, BECAUSE)


def speaks_of(passage: Passage, name: str) -> bool:
    """Whether its condition or its text asks for whoever tells it, or for the reason of the move (then it is told where that is new)."""
    beats = [beat for beats in passage.alternatives for beat in beats]
    spoken = [part.what for beat in beats for part in beat.text if isinstance(part, Slot)]
    spoken += [beat.speaker for beat in beats if beat.speaker is not None]
    return any(part == Variable(name) for one in (passage.condition, *spoken) for part in walk(one))
