"""What no tale comes to, by looking at everything that ever happens; and whether what is said to stand in the way is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from everytale.answers.never import Never
from everytale.language.format import format_expression
from everytale.story import ALWAYS, Action, Conjunction, Ending, Expression, Passage, Scene, Stillness, Trigger
from everytale.world import Trace
from tests.reference.expressions import Binding, Evaluator
from tests.reference.realm import DEAD_END, GOES_ON, Situation
from tests.reference.reasons import Tale
from tests.reference.states import Mind
from tests.reference.world import Instance

Teller = str | None
Rule = Action | Trigger


@dataclass(frozen=True)
class Happening:
    """A move that is made, or what follows on one: in which state, and for whom it is told as what they see, for whom as unseen."""

    rule: Rule
    mind: Mind
    binding: Binding
    seen: frozenset[Teller]
    unseen: frozenset[Teller]


class Unmet:
    """What never happens in the ``situations`` of ``tale``, told by its teller and by everybody for whom it has words."""

    def __init__(self, tale: Tale, situations: list[Situation], player: str | None = None) -> None:
        self.tale, self.story, self.situations, self.player = tale, tale.story, situations, player
        rules = (*self.story.actions, *self.story.triggers, *self.story.endings, *self.story.scenes)
        self.tellers = list(dict.fromkeys([self.story.teller, *(one.teller for rule in rules for one in rule.told if one.teller)]))

    def names(self) -> set[tuple[str, str]]:
        """Each by its name; of a block of prose the rule that it belongs to and its place among the others."""
        made = {id(one.rule) for one in self.happenings}
        found = {("event" if one.is_event else "action", one.name) for one in self.story.actions if id(one) not in made}
        found |= {("ending", one.title) for one in self.story.endings if all(here.fate != one.title for here in self.situations)}
        for rule in (*self.story.actions, *self.story.triggers):
            if isinstance(rule, Trigger) or id(rule) in made:
                found |= {("text", f"{rule.name}: {k}") for k in range(len(rule.told)) if k not in self.told(rule)}
        for ending in self.story.endings:
            if ("ending", ending.title) not in found:
                at = [here.mind for here in self.situations if here.fate == ending.title]
                told = {self.first(ending.told, "seen", teller, mind, {}) for mind in at for teller in self.tellers}
                found |= {("text", f"{ending.title}: {k}") for k in range(len(ending.told)) if k not in told}
        for scene in self.story.scenes:
            told = {self.first(scene.told, "seen", teller, mind, {}) for one, teller, mind in self.openings if one is scene}
            if told:
                found |= {("text", f"{scene.title}: {k}") for k in range(len(scene.told)) if k not in told}
            else:
                found.add(("scene", scene.title))
        return found

    # ---- prose -------------------------------------------------------------------------------------------------------

    def told(self, rule: Rule) -> set[int]:
        """Which of its blocks are."""
        found = set[int]()
        for one in self.happenings:
            if one.rule is rule:
                for how, tellers in (("seen", one.seen), ("unseen", one.unseen)):
                    found |= {self.first(rule.told, how, teller, one.mind, one.binding) for teller in tellers}
        return found

    def first(self, told: tuple[Passage, ...], how: str, teller: Teller, mind: Mind, binding: Binding) -> int:
        """The first block that fits; -1: none does."""
        lent = {**binding, **({"teller": teller} if teller else {})}
        return next(
            (
                k
                for k, one in enumerate(told)
                if one.witness == how and one.teller in (None, teller) and self.tale.evaluator.holds(one.condition, lent, mind)
            ),
            -1,
        )

    @cached_property
    def happenings(self) -> list[Happening]:
        return list(self._happenings())

    def _happenings(self) -> Iterator[Happening]:
        """Every move that is made and every trigger that follows on one."""
        mechanics = self.tale.mechanics
        for here, move, _ in self.links():
            sees = frozenset(teller for teller in self.tellers if self.sees(teller, move, here.mind))
            yield Happening(move.rule, here.mind, move.binding, sees, frozenset(self.tellers) - sees)
            mechanics.fired.clear()
            mechanics.close(mechanics.apply(here.mind, here.mind, move, []))
            fired = list(mechanics.fired)
            for trigger in {instance: None for _, instance in fired}:
                minds = [mind for mind, instance in fired if instance == trigger]
                assert isinstance(trigger.rule, Trigger)
                own = frozenset(mind.owner for mind in minds if mind.level == 1)
                so = any(mind.level == (0 if trigger.rule.mind is None else 1) for mind in minds)
                seen = frozenset(teller for teller in self.tellers if (so if teller is None else teller in own))
                if so or seen:
                    yield Happening(trigger.rule, here.mind, trigger.binding, seen, frozenset(self.tellers) - seen if so else frozenset())

    def sees(self, teller: Teller, move: Instance, mind: Mind) -> bool:
        return teller is None or self.tale.mechanics.observes(teller, move, mind)

    def links(self) -> Iterator[tuple[Situation, Instance, Situation]]:
        for here in self.situations:
            for name, *_, target in (*here.chosen, *here.drawn):
                yield here, self.tale.instances[name], self.situations[target]

    # ---- scenes ------------------------------------------------------------------------------------------------------

    @cached_property
    def openings(self) -> list[tuple[Scene, Teller, Mind]]:
        """The scenes that open, for whom, in which state: the first of those that a move opens, and of those that it makes so."""
        found = []
        for here, move, after in self.links():
            upon = [one for one in self.story.scenes if one.opens.move == move.rule.name and self.cue(one, move.binding, here)]
            coming = [one for one in self.story.scenes if one.opens.move is None and self.cue(one, {}, after) > self.cue(one, {}, here)]
            for teller in self.tellers:
                if self.sees(teller, move, here.mind):
                    found += [(one, teller, here.mind) for one in upon[:1]] + [(one, teller, after.mind) for one in coming[:1]]
        return found

    def cue(self, scene: Scene, binding: Binding, here: Situation) -> bool:
        return self.tale.evaluator.holds(scene.opens.condition, binding, here.mind)

    # ---- whether what stands in the way does ---------------------------------------------------------------------------

    def is_so(self, one: Never) -> bool:
        """Whether what is said to stand in the way of it does."""
        name, _, block = one.name.rpartition(": ")
        because = one.obstacle.because
        if one.what in ("action", "event"):
            action = next(action for action in self.story.actions if action.name == one.name)
            instances = [move for move in self.tale.mechanics.moves if move.rule is action]
            if because == "there is nobody and nothing that it could be made with":
                return not instances
            going = [here for here in self.situations if here.fate in (GOES_ON, DEAD_END)]
            return any(
                self.fails(one, action.precondition, move.binding, going) or self.stands_in_the_way(one, move, going) for move in instances
            )
        if one.what == "ending":
            return self.never_ends(one, next(ending for ending in self.story.endings if ending.title == one.name))
        if one.what == "scene":
            return self.never_opens(one, next(scene for scene in self.story.scenes if scene.title == one.name))
        for rule in (*self.story.actions, *self.story.triggers):
            if rule.name == name:
                at = [(here, lent) for here, lent in self.moments(rule, rule.told[int(block)])]
                if because == "nothing ever makes it follow":
                    return all(happening.rule is not rule for happening in self.happenings)
                return self.left_out(one, rule.told, rule.told[int(block)], at)
        for scene in self.story.scenes:
            if scene.title == name:
                first = scene.told[int(block)].teller or self.tellers[0]
                opened = [(mind, dict[str, str]()) for one, teller, mind in self.openings if one is scene and teller == first]
                return self.left_out(one, scene.told, scene.told[int(block)], opened)
        ending = next(ending for ending in self.story.endings if ending.title == name)
        passage = ending.told[int(block)]
        return self.left_out(one, ending.told, passage, [(here.mind, {}) for here in self.situations if here.fate == name])

    def fails(self, one: Never, condition: Expression, binding: Binding, among: list[Situation]) -> bool:
        """Whether it is a part of ``condition`` that stands in the way, as it is said to."""
        parts = [part for part in conjuncts(condition) if not isinstance(part, Stillness)]
        because, said = one.obstacle.because, one.obstacle.condition
        for part in parts:
            if format_expression(part, self.story, binding) == said and not any(self.may_hold(part, binding, here) for here in among):
                anywhere = any(self.may_hold(part, binding, here) for here in self.situations)
                if because == f"“{said}” {'only holds where the tale has ended' if anywhere else 'never holds'}":
                    return True
        if not because.endswith("not hold where all else does") or one.obstacle.trace is None:
            return False
        here = self.after(one.obstacle.trace)
        held = {other.mind: sum(self.may_hold(part, binding, other) for part in parts) for other in among}
        return held[here.mind] == max(held.values()) == len(parts) - len(re.findall("“[^”]*”", because))

    def may_hold(self, condition: Expression, binding: Binding, here: Situation) -> bool:
        """Whether it holds there; of a situation that nothing follows, also whether it would, were nothing more to happen."""
        still = [False] if here.fate == GOES_ON else [False, True]
        return any(Evaluator(self.story, lambda _, so=so: so).holds(condition, binding, here.mind) for so in still)  # type: ignore[misc]

    def after(self, trace: Trace) -> Situation:
        mind = self.tale.start
        for move in trace.moves:
            mind = self.tale.after(mind, str(move))
        return next(here for here in self.situations if here.mind == mind)

    def stands_in_the_way(self, one: Never, move: Instance, going: list[Situation]) -> bool:
        """Whether somebody would not make this move the first time that they could, or the weight is 0, as it is said."""
        if one.obstacle.trace is None or not one.obstacle.because.endswith("the first time that it could happen"):
            return False
        here, name, person = self.after(one.obstacle.trace), str(move), one.obstacle.person
        could = [other for other in going if self.tale.allowed(other.mind, name)]
        if here not in could or any(other.depth < here.depth for other in could):
            return False
        people = self.tale.mechanics.consenting(move, here.mind)
        if person is None:
            assert isinstance(move.rule, Action)
            weight = self.tale.evaluator.value(move.rule.weight, move.binding, here.mind)
            return one.obstacle.because.startswith("its weight is 0") and weight == 0 and self.player not in people
        if person not in people:
            return False
        if person == self.player:
            return "does not believe" in one.obstacle.because and not self.tale.allowed(here.mind.believes(person), name)
        return "would not" in one.obstacle.because and not self.tale.in_character(here.mind, name, person)

    def never_ends(self, one: Never, ending: Ending) -> bool:
        because, come = one.obstacle.because, [here for here in self.situations if self.may_hold(ending.condition, {}, here)]
        if because.endswith("comes first"):
            assert one.obstacle.trace is not None
            here = self.after(one.obstacle.trace)
            return here in come and because == f"where it would come, “{here.fate}” comes first"
        if because == "something more can always happen":
            still = Evaluator(self.story, lambda _: True)
            those = [here for here in self.situations if still.holds(ending.condition, {}, here.mind)]
            return bool(those) and all(here.fate == GOES_ON for here in those)
        return not come and self.fails(one, ending.condition, {}, self.situations)

    def never_opens(self, one: Never, scene: Scene) -> bool:
        links = [link for link in self.links() if scene.opens.move in (None, link[1].rule.name)]
        if not links and scene.opens.move is not None:
            return one.obstacle.because == f"{scene.opens.move} is never made"
        at = [link for link in links if self.is_time(scene, link)]
        if not at:
            assert one.obstacle.condition == format_expression(scene.opens.condition, self.story)
            return one.obstacle.because.endswith("never comes to hold" if scene.opens.move is None else f"when {scene.opens.move} is made")
        seen = [link for link in at if self.sees(self.tellers[0], link[1], link[0].mind)]
        if not seen:
            return one.obstacle.because == f"{self.tellers[0]} never sees what it opens upon"
        earlier = [other for other in self.story.scenes[: self.story.scenes.index(scene)] if other.opens.move == scene.opens.move]
        instead = [other.title for other in earlier if any(self.is_time(other, link) for link in seen)]
        said = re.findall("“([^”]*)”", one.obstacle.because)
        return said == instead and all(any(self.is_time(other, link) for other in earlier) for link in seen)

    def is_time(self, scene: Scene, link: tuple[Situation, Instance, Situation]) -> bool:
        here, move, after = link
        if scene.opens.move is not None:
            return self.cue(scene, move.binding, here)
        return self.cue(scene, {}, after) and not self.cue(scene, {}, here)

    def moments(self, rule: Rule, passage: Passage) -> list[tuple[Mind, Binding]]:
        """Where the block could be told by the first who could tell it."""
        teller = passage.teller or self.tellers[0]
        happened = (one for one in self.happenings if one.rule is rule)
        return [(one.mind, one.binding) for one in happened if teller in (one.seen if passage.witness == "seen" else one.unseen)]

    def left_out(self, one: Never, told: tuple[Passage, ...], passage: Passage, at: list[tuple[Mind, Binding]]) -> bool:
        """Whether the block is left out where it could be told, as it is said."""
        teller = passage.teller or self.tellers[0]
        because, lent = one.obstacle.because, {"teller": teller} if teller else {}
        if not at:
            return because.startswith(f"{teller or 'nobody'} never witnesses")
        held = [(mind, binding) for mind, binding in at if self.tale.evaluator.holds(passage.condition, {**binding, **lent}, mind)]
        if not held:
            return because.startswith(f"“{format_expression(passage.condition, self.story)}” never holds when")
        instead = {str(self.first(told, passage.witness, teller, mind, binding)) for mind, binding in held}
        return because.endswith("always told in its place") and set(re.findall("“([^”]*)”", because)) == instead


def conjuncts(condition: Expression) -> Iterator[Expression]:
    """The conditions that must all hold."""
    if isinstance(condition, Conjunction):
        for part in condition.parts:
            yield from conjuncts(part)
    elif condition != ALWAYS:
        yield condition
