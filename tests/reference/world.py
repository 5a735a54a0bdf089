"""What happens: a move applied at every level of belief, corrections, triggers, the start. Sections 1 to 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from everytale.story import (
    Action,
    Believes,
    Comparison,
    Conjunction,
    Disjunction,
    Effect,
    Expression,
    Membership,
    Negation,
    Parameter,
    Quantified,
    Reading,
    Story,
    Thing,
    Trigger,
)
from tests.reference.expressions import Binding, Evaluator, Value
from tests.reference.reading import changed, parts, seen_by
from tests.reference.states import NO_VALUE, Content, Mind, Place, clamped, default, fits, within

Chain = tuple[str, ...]
Amendment = tuple[Chain, Place, Content]


class Broken(Exception):
    """The story broke one of its own rules: a ``ring``, a value out of ``range``, a ``contradiction``, a ``weight``."""


@dataclass(frozen=True, eq=False)
class Instance:
    """A move or a trigger with its arguments; there is one of each."""

    rule: Action | Trigger
    arguments: tuple[str, ...]
    binding: Binding

    def __str__(self) -> str:
        return f"{self.rule.name}({', '.join(self.arguments)})" if self.arguments else self.rule.name


@dataclass
class Draft:
    """A state in the making. ``before``: the last closed state in its place."""

    mind: Mind
    before: Mind | None
    values: dict[Place, Content]
    believed: dict[str, Mind]

    def as_mind(self) -> Mind:
        return self.mind.with_(self.values, self.believed)


class Mechanics:
    """How the states of one story follow one another."""

    def __init__(self, story: Story, depth: int, evaluator: Evaluator) -> None:
        self.story, self.depth, self.evaluator = story, depth, evaluator
        self.fluents = {place: fluent for fluent in story.fluents for place in self._places(fluent.key, fluent.parameters)}
        self.moves = [instance for action in story.actions for instance in self._instances(action)]
        self.fired: list[tuple[Mind, Instance]] = []
        """What has followed by itself, and in which state or mind."""
        triggers = [instance for trigger in story.triggers for instance in self._instances(trigger)]
        self.triggers = sorted(triggers, key=lambda one: all(effect.believers for effect in one.rule.effects))
        self._watching: dict[Place | str, set[Instance]] = {}
        for trigger in self.triggers:
            for what in seen_by(trigger.rule, trigger.binding, self.fluents, story.people):  # type: ignore[arg-type]
                self._watching.setdefault(what, set()).add(trigger)
        self._begun: dict[Mind, Mind] = {}
        self._after: dict[tuple[Mind, Instance], Mind] = {}
        self._made: dict[tuple[Mind, Mind, Instance | None, tuple[Amendment, ...]], tuple[Mind, list[tuple[Mind, Instance]]]] = {}

    def _entities(self, parameter: Parameter) -> list[str]:
        return [parameter.constant] if parameter.constant is not None else list(self.story.of_kind(parameter.kind))

    def _places(self, key: str, parameters: tuple[Parameter, ...]) -> Iterator[Place]:
        return ((key, arguments) for arguments in product(*map(self._entities, parameters)))

    def _instances(self, rule: Action | Trigger) -> Iterator[Instance]:
        for arguments in product(*map(self._entities, rule.parameters)):
            yield Instance(rule, arguments, {parameter.name: one for parameter, one in zip(rule.parameters, arguments, strict=True)})

    def owner(self, place: Place) -> str | None:
        """Who is never wrong about it."""
        fluent = self.fluents[place]
        if fluent.known_to is None:
            return None
        binding = {parameter.name: one for parameter, one in zip(fluent.parameters, place[1], strict=True)}
        return self.evaluator.name(fluent.known_to, binding, NOWHERE)

    def chains(self, owner: str | None = None, length: int | None = None) -> Iterator[Chain]:
        """All chains of people that are kept, without immediate repetition."""
        yield ()
        length = self.depth if length is None else length
        for person in self.story.people if length else ():
            if person != owner:
                yield from ((person, *chain) for chain in self.chains(person, length - 1))

    # -- section 1: the start --

    def start(self) -> Mind:
        stated: dict[Chain, dict[Place, Content]] = {(): {place: default(fluent) for place, fluent in self.fluents.items()}}
        for effect in self.story.start:
            self._state(effect, stated)
        return self._first(None, (), stated, None)

    def _state(self, effect: Effect, stated: dict[Chain, dict[Place, Content]]) -> None:
        so_far = Mind(None, 0, tuple(stated[()].items()), ())
        for binding in self.evaluator.bindings(effect.each, {}, so_far):
            place = self.evaluator.place(effect.target, binding, so_far)
            chain = shortened(self.evaluator.name(person, binding, so_far) or "" for person in effect.believers)
            value = self.evaluator.value(effect.value, binding, so_far)
            assert place is not None
            if effect.common:
                for others in stated.values():
                    others.pop(place, None)
            if not fits(self.fluents[place], value):
                raise Broken("range")
            stated.setdefault(chain, {})[place] = value  # type: ignore[assignment]

    def _first(self, outer: Draft | None, chain: Chain, stated: dict[Chain, dict[Place, Content]], owner: str | None) -> Mind:
        inherited = dict(stated[()])
        for length in range(1, len(chain) + 1):
            inherited |= stated.get(chain[:length], {})
        if outer is not None:
            inherited |= {place: outer.values[place] for place in inherited if self.owner(place) == owner}
        values = {place: inherited[place] for place in self.fluents}
        draft = Draft(Mind(owner, len(chain), tuple(values.items()), ()), None, values, {})
        if len(chain) < self.depth:
            people = [person for person in self.story.people if person != owner]
            draft.believed = {person: self._first(draft, (*chain, person), stated, person) for person in people}
        mind = draft.as_mind()
        if mind not in self._begun:
            self._begun[mind] = self.close(draft)
        return self._begun[mind]

    # -- section 2: a move --

    def after(self, mind: Mind, move: Instance) -> Mind:
        key = mind, move
        if key not in self._after:
            self._after[key] = self.close(self.apply(mind, mind, move, []))
        return self._after[key]

    def apply(self, mind: Mind, before: Mind, move: Instance | None, amendments: list[Amendment]) -> Draft:
        """``mind`` after ``move``, if its owner sees it, and after the ``amendments`` of what is believed further out; only what is
        believed in it is closed."""
        draft = Draft(mind, before, dict(mind.values), {})
        passed: list[Amendment] = []
        if move is not None:
            own, passed = self.outcome(move, mind, trigger=False)
            draft.values |= own
        for chain, place, value in amendments:
            if chain:
                passed = [*passed, (chain, place, value)]
            else:
                draft.values[place] = value
        for person, inner in mind.believed:
            seen = move if move is not None and self.observes(person, move, mind) else None
            if seen is not None and not self.evaluator.holds(seen.rule.precondition, seen.binding, inner):
                inner = self.corrected(inner, mind, seen)
            draft.believed[person] = self.made(person, inner, before.believes(person), seen, passed, draft)
        return draft

    def made(self, person: str, inner: Mind, before: Mind, move: Instance | None, passed: list[Amendment], outer: Draft) -> Mind:
        """What ``person`` comes to believe; exactly what they did where they see nothing and nothing is amended."""
        amendments = self.inward(person, passed, outer)
        if move is None and all(not chain and inner.value(place) == value for chain, place, value in amendments):
            return inner
        key = inner, before, move, tuple(amendments)
        if key not in self._made:
            known = len(self.fired)
            self._made[key] = self.close(self.apply(inner, before, move, amendments)), self.fired[known:]
            del self.fired[known:]
        mind, fired = self._made[key]
        self.fired += fired
        return mind

    def inward(self, person: str, passed: list[Amendment], outer: Draft) -> list[Amendment]:
        """What becomes of ``passed`` in the mind of ``person``; what they know of themselves comes last."""
        inner = [(chain[1:], place, value) for chain, place, value in passed if chain[0] == person]
        return inner + [((), place, outer.values[place]) for place in self.fluents if self.owner(place) == person]

    def observes(self, person: str, move: Instance, mind: Mind) -> bool:
        action = move.rule
        assert isinstance(action, Action)
        if action.observers is None or (not self.story.first_effect_wins and person in self.consenting(move, mind)):
            return True
        return self.evaluator.holds(action.observers.condition, {**move.binding, action.observers.variable: person}, mind)

    def consenting(self, move: Instance, mind: Mind) -> list[str]:
        assert isinstance(move.rule, Action)
        names = [self.evaluator.name(person, move.binding, mind) for person in move.rule.consenting]
        return list(dict.fromkeys(name for name in names if name))

    def outcome(self, instance: Instance, mind: Mind, *, trigger: bool) -> tuple[dict[Place, Content], list[Amendment]]:
        """What the effects come to, all judged in ``mind``: on its own fluents, and on the minds within."""
        own: dict[Place, Content] = {}
        inner: dict[tuple[Chain, Place], Content] = {}
        for effect in instance.rule.effects:
            for binding in self.evaluator.bindings(effect.each, instance.binding, mind):
                if not self.evaluator.holds(effect.condition, binding, mind):
                    continue
                place = self.evaluator.place(effect.target, binding, mind)
                stated = shortened(self.evaluator.name(person, binding, mind) or "" for person in effect.believers)
                for chain in self.chains() if effect.common else [stated]:
                    if chain and chain[0] == mind.owner:
                        if not trigger:
                            continue
                        chain = chain[1:]
                    if place in self.fluents and len(chain) <= self.depth - mind.level:
                        self._assign(effect, binding, place, chain, mind, own, inner)
        return own, [(chain, place, value) for (chain, place), value in inner.items()]

    def _assign(
        self,
        effect: Effect,
        binding: Binding,
        place: Place,
        chain: Chain,
        mind: Mind,
        own: dict[Place, Content],
        inner: dict[tuple[Chain, Place], Content],
    ) -> None:
        fluent = self.fluents[place]
        value: Value = self.evaluator.value(effect.value, binding, mind)
        if effect.change != "set":
            now = mind.within(*chain).value(place)
            assert not isinstance(fluent.domain, str) and not isinstance(now, str) and not isinstance(value, str)
            moved = None if now is None or value is None else Fraction(now) + Fraction(value) * (1 if effect.change == "rises" else -1)
            value = None if moved is None else within(fluent.domain, moved)  # type: ignore[arg-type]
        found = clamped(fluent, value)
        if chain:
            if found is not NO_VALUE:
                inner.setdefault((chain, place), found)  # type: ignore[arg-type]
            return
        if mind.level == 0 and not fits(fluent, value):
            raise Broken("range")
        new: Content = mind.value(place) if found is NO_VALUE else found  # type: ignore[assignment]
        if mind.level == 0 and not self.story.first_effect_wins and own.get(place, new) != new:
            raise Broken("contradiction")
        own.setdefault(place, new)

    # -- section 2a: correction --

    def corrected(self, believed: Mind, actual: Mind, move: Instance) -> Mind:
        """What the surprised owner of ``believed`` should have believed for ``move`` to be possible, as it was in ``actual``."""
        wrong: list[tuple[bool, Amendment]] = []
        self._visit(move.rule.precondition, True, move.binding, actual, believed, (), wrong)
        for _, (chain, place, value) in sorted(wrong, key=lambda one: one[0]):  # equalities win
            believed = self._revised(believed, chain, place, value)
        return believed

    def _revised(self, mind: Mind, chain: Chain, place: Place, value: Content) -> Mind:
        believed = dict(mind.believed)
        if chain:
            believed[chain[0]] = self._revised(believed[chain[0]], chain[1:], place, value)
            return mind.with_(dict(mind.values), believed)
        return mind.with_({**dict(mind.values), place: value}, believed)

    def _visit(
        self,
        condition: Expression,
        wanted: bool,
        binding: Binding,
        actual: Mind,
        believed: Mind,
        path: Chain,
        wrong: list[tuple[bool, Amendment]],
    ) -> None:
        match condition:
            case Negation(what):
                return self._visit(what, not wanted, binding, actual, believed, path, wrong)
            case Conjunction() | Disjunction() | Quantified(quantifier="every") | Quantified(quantifier="some") | Membership():
                everything, members = self._members(condition, binding, actual)
                for part, its in members:
                    if everything == wanted or self.evaluator.holds(part, its, actual) == wanted:
                        self._visit(part, wanted, its, actual, believed, path, wrong)
                return None
            case Believes(_, what):
                for inner in self._further_in(condition, binding, actual, believed, path):
                    self._visit(what, wanted, binding, *inner, wrong)
                return None
        if self.evaluator.holds(condition, binding, believed) == wanted:
            return None
        if isinstance(condition, Reading):
            return self._set(condition, wanted, binding, actual, believed, path, wrong)
        if isinstance(condition, Comparison) and condition.operator == ("=" if wanted else "!="):
            for one, other in ((condition.left, condition.right), (condition.right, condition.left)):
                inmost = one
                while isinstance(inmost, Believes):
                    inmost = inmost.what
                if isinstance(inmost, Reading):
                    value = self.evaluator.value(other, binding, actual)
                    return self._set(one, value, binding, actual, believed, path, wrong)
        return self._doubt(condition, binding, actual, believed, path, wrong)

    def _members(self, condition: Expression, binding: Binding, mind: Mind) -> tuple[bool, list[tuple[Expression, Binding]]]:
        """Whether all members must hold, and the members."""
        match condition:
            case Conjunction(parts) | Disjunction(parts):
                return isinstance(condition, Conjunction), [(part, binding) for part in parts]
            case Membership(what, kind):
                return False, [(Comparison("=", what, Thing(entity)), binding) for entity in self.story.of_kind(kind)]
            case Quantified(quantifier, binder, body):
                names = self.evaluator.entities(binder, binding, mind)
                return quantifier == "every", [(body, {**binding, binder.variable: name}) for name in names]
        raise AssertionError(condition)

    def _further_in(
        self, belief: Believes, binding: Binding, actual: Mind, believed: Mind, path: Chain
    ) -> Iterator[tuple[Mind, Mind, Chain]]:
        """One level further in; nothing at the deepest, where nothing is kept about others."""
        person = self.evaluator.name(belief.person, binding, actual)
        if person == believed.owner:
            yield actual.believes(person or ""), believed, path
        elif person is not None and believed.level < self.depth:
            yield actual.believes(person), believed.believes(person), (*path, person)

    def _set(
        self,
        target: Expression,
        value: Value,
        binding: Binding,
        actual: Mind,
        believed: Mind,
        path: Chain,
        wrong: list[tuple[bool, Amendment]],
        equality: bool = True,
    ) -> None:
        if isinstance(target, Believes):
            for inner in self._further_in(target, binding, actual, believed, path):
                self._set(target.what, value, binding, *inner, wrong)
            return
        assert isinstance(target, Reading)
        place = self.evaluator.place(target, binding, actual)
        if place in self.fluents:
            found = clamped(self.fluents[place], value)
            if found is not NO_VALUE:
                wrong.append((equality, (path, place, found)))  # type: ignore[arg-type]

    def _doubt(
        self, what: Expression, binding: Binding, actual: Mind, believed: Mind, path: Chain, wrong: list[tuple[bool, Amendment]]
    ) -> None:
        """Every fluent in it becomes unknown, or what it is where that is not admitted."""
        match what:
            case Reading():
                place = self.evaluator.place(what, binding, actual)
                if place in self.fluents:
                    admitted = clamped(self.fluents[place], None) is None
                    value = None if admitted else actual.value(place)
                    self._set(what, value, binding, actual, believed, path, wrong, equality=False)
            case Believes():
                for inner in self._further_in(what, binding, actual, believed, path):
                    self._doubt(what.what, binding, *inner, wrong)
            case Quantified(_, binder, body):
                for name in self.evaluator.entities(binder, binding, actual):
                    self._doubt(body, {**binding, binder.variable: name}, actual, believed, path, wrong)
            case _:
                for part in parts(what):
                    self._doubt(part, binding, actual, believed, path, wrong)

    # -- section 3: triggers --

    def close(self, draft: Draft) -> Mind:
        """All that follows by itself; in what is believed, it has."""
        spent: list[Instance] = []
        met: list[Mind] = []
        while True:
            mind = draft.as_mind()
            if mind in met:
                raise Broken("ring")
            met.append(mind)
            for trigger in self._roused(mind, draft.before):
                if self._armed(trigger, mind, draft.before, spent):
                    own, passed = self.outcome(trigger, mind, trigger=True)
                    if any(mind.value(place) != value for place, value in own.items()) or any(
                        mind.within(*chain).value(place) != value for chain, place, value in passed
                    ):
                        break
            else:
                return mind
            self.fired.append((mind, trigger))
            if isinstance(trigger.rule, Trigger) and trigger.rule.upon is not None:
                spent.append(trigger)
            draft.values |= own
            for person, inner in mind.believed:
                draft.believed[person] = self.made(person, inner, inner, None, passed, draft)

    def _roused(self, mind: Mind, before: Mind | None) -> list[Instance]:
        """The triggers that may apply: before, when all was closed, none did, and one that looks at nothing that has changed since still
        does not."""
        if before is None:
            return self.triggers
        roused = {trigger for what in changed(mind, before) for trigger in self._watching.get(what, ())}
        return [one for one in self.triggers if one in roused or one.rule.upon is not None]  # type: ignore[union-attr]

    def _armed(self, trigger: Instance, mind: Mind, before: Mind | None, spent: list[Instance]) -> bool:
        rule = trigger.rule
        assert isinstance(rule, Trigger)
        if rule.mind is not None and (mind.level != 1 or self.evaluator.name(rule.mind, trigger.binding, mind) != mind.owner):
            return False
        if rule.upon is not None:
            if before is None or trigger in spent or self.evaluator.holds(rule.upon, trigger.binding, before):
                return False
            if not self.evaluator.holds(rule.upon, trigger.binding, mind):
                return False
        return self.evaluator.holds(rule.precondition, trigger.binding, mind)


NOWHERE = Mind(None, 0, (), ())


def shortened(people: Iterable[str]) -> Chain:
    """A chain of believers without immediate repetition."""
    chain: list[str] = []
    for person in people:
        if chain[-1:] != [person]:
            chain.append(person)
    return tuple(chain)
