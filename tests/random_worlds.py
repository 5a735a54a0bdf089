"""Small random stories for Hypothesis: nested beliefs, consent of two, surprise, belief effects, triggers, numbers, `unknown`."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from everytale.story import (
    ALWAYS,
    Action,
    Arithmetic,
    Believes,
    Binder,
    Choice,
    Comparison,
    Conjunction,
    Disjunction,
    Domain,
    Effect,
    Ending,
    Entity,
    Expression,
    Fluent,
    Kind,
    KindDomain,
    Membership,
    Negation,
    Number,
    NumberDomain,
    Observers,
    Parameter,
    Quantified,
    Reading,
    Stillness,
    Story,
    Thing,
    Trigger,
    Truth,
    TruthDomain,
    Unknown,
    Variable,
    Want,
)

Draw = Any
PLACES = ("hall", "yard")


def number(value: int | Fraction) -> Number:
    return Number(Fraction(value))


class Writer:
    """Writes one story, part by part. ``scope``: the variables that stand for people here."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.people = ("Ann", "Ben", "Cat")[: draw(st.sampled_from([2, 2, 3]))]
        self.minds = draw(st.sampled_from([1, 1, 2]))
        everything = [
            Fluent("lit", "lit", (), TruthDomain()),
            Fluent("at", "at", (Parameter("p", "person"),), KindDomain("place")),
            Fluent("n", "n", (), NumberDomain(0, 2, unknown=draw(st.booleans()))),
            Fluent("hurt", "hurt", (Parameter("p", "person"),), TruthDomain(), known_to=Variable("p")),
            Fluent("sad", "sad", (Parameter("p", "person"),), TruthDomain()),
            Fluent("host", "host", (Parameter("l", "place"),), KindDomain("person")),
        ]
        chosen = draw(st.lists(st.integers(0, len(everything) - 1), min_size=2, max_size=4, unique=True))
        self.fluents = tuple(everything[index] for index in sorted(chosen))

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def chance(self, one_in: int) -> bool:
        return bool(self.draw(st.integers(1, one_in)) == 1)

    # -- expressions --

    def person(self, scope: tuple[str, ...]) -> Expression:
        return self.pick(*map(Variable, scope), *map(Thing, self.people))

    def reading(self, fluent: Fluent, scope: tuple[str, ...]) -> Reading:
        if not fluent.parameters:
            return Reading(fluent.key)
        kind = fluent.parameters[0].kind
        return Reading(fluent.key, (self.person(scope) if kind == "person" else Thing(self.pick(*PLACES)),))

    def of_domain(self, domain: type[Domain]) -> list[Fluent]:
        return [fluent for fluent in self.fluents if isinstance(fluent.domain, domain)]

    def value(self, fluent: Fluent, scope: tuple[str, ...], depth: int = 1) -> Expression:
        """A value of the fluent's sort."""
        if depth and self.chance(6):
            return Choice(self.condition(scope, 0), self.value(fluent, scope, 0), self.value(fluent, scope, 0))
        if isinstance(fluent.domain, TruthDomain):
            return self.reading(self.pick(*self.of_domain(TruthDomain)), scope) if self.chance(5) else Truth(self.draw(st.booleans()))
        if isinstance(fluent.domain, NumberDomain):
            if self.chance(3):
                plain = self.reading(fluent, scope)
                return Arithmetic(self.pick("+", "-", "*", "/"), plain, number(self.draw(st.integers(0, 2)))) if depth else plain
            return Unknown() if fluent.domain.unknown and self.chance(5) else number(self.draw(st.integers(-1 if self.chance(8) else 0, 2)))
        if self.chance(4):
            return self.reading(fluent, scope)
        names = self.people if fluent.domain.kind == "person" else PLACES
        return Unknown() if self.chance(5) else Thing(self.pick(*names))

    def condition(self, scope: tuple[str, ...], depth: int, beliefs: int = 1) -> Expression:
        form = self.draw(st.integers(0, 9)) if depth else 0
        match form:
            case 1:
                return Negation(self.condition(scope, depth - 1, beliefs))
            case 2 | 3:
                return Conjunction(tuple(self.condition(scope, depth - 1, beliefs) for _ in range(self.pick(1, 2))))
            case 4:
                return Disjunction(tuple(self.condition(scope, depth - 1, beliefs) for _ in range(2)))
            case 5 if beliefs:
                return Believes(self.person(scope), self.condition(scope, depth - 1, beliefs - 1))
            case 6:
                variable = f"v{len(scope)}"
                excluded = (Thing(self.people[0]),) if self.chance(3) else ()
                binder = Binder(variable, "person", excluded)
                return Quantified(self.pick("every", "some"), binder, self.condition((*scope, variable), depth - 1, beliefs))
        return self.literal(scope, beliefs)

    def literal(self, scope: tuple[str, ...], beliefs: int) -> Expression:
        fluent = self.pick(*self.fluents)
        left: Expression = self.reading(fluent, scope)
        if beliefs and self.chance(8):
            left = Believes(self.person(scope), left)
        if isinstance(fluent.domain, TruthDomain):
            return left if self.chance(2) else Comparison(self.pick("=", "!="), left, self.value(fluent, scope, 0))
        if isinstance(fluent.domain, NumberDomain):
            right = number(1)
            if self.chance(5):
                variable = f"v{len(scope)}"
                body = self.literal((*scope, variable), 0)
                right = Quantified("count", Binder(variable, "person"), body)  # type: ignore[assignment]
            return Comparison(self.pick("=", "!=", "<", "<=", ">", ">="), left, right)
        if self.chance(8):
            return Membership(left, fluent.domain.kind)
        sides = [left, self.value(fluent, scope, 0)]
        if self.chance(4):
            sides.reverse()
        return Comparison(self.pick("=", "=", "!="), *sides)

    # -- rules --

    def effect(self, scope: tuple[str, ...], *, start: bool = False) -> Effect:
        fluent = self.pick(*self.fluents)
        each: tuple[Binder, ...] = ()
        if fluent.parameters and fluent.parameters[0].kind == "person" and self.chance(4):
            each, scope = (Binder("each", "person"),), (*scope, "each")
        target = self.reading(fluent, scope)
        believers: tuple[Expression, ...] = ()
        if fluent.known_to is None and self.chance(2 if start else 3):
            believers = tuple(self.person(scope) for _ in range(self.pick(1, 1, 2)))
        change = "set"
        value = self.value(fluent, scope, 0 if start else 1)
        if start:
            value = self.constant(fluent)
        elif isinstance(fluent.domain, NumberDomain) and self.chance(2):
            change, value = self.pick("rises", "eases"), number(1)
        common = not believers and fluent.known_to is None and self.chance(10)
        condition = ALWAYS if start or self.chance(2) else self.condition(scope, 1)
        return Effect(target, value, change=change, believers=believers, common=common, condition=condition, each=each)  # type: ignore[arg-type]

    def constant(self, fluent: Fluent) -> Expression:
        match fluent.domain:
            case TruthDomain():
                return Truth(self.draw(st.booleans()))
            case NumberDomain():
                return number(self.draw(st.integers(0, 2)))
        return Thing(self.pick(*(self.people if fluent.domain.kind == "person" else PLACES)))

    def action(self, name: str) -> Action:
        parameters = (Parameter("p", "person"),) if self.chance(3) else ()
        scope = tuple(parameter.name for parameter in parameters)
        who = self.draw(st.integers(0, 7))
        consenting: tuple[Expression, ...] = (self.person(scope),)
        if who == 0:
            consenting = ()
        elif who == 1:
            consenting = (self.person(scope), self.person(scope))
        observers = None if self.chance(2) else Observers("o", self.condition((*scope, "o"), 1))
        expressive = self.condition(scope, 1) if consenting and self.chance(10) else None
        weight: Expression = number(1)
        if self.chance(6):
            weight = Choice(self.condition(scope, 0), number(0), number(Fraction(1, 2)))
        effects = tuple(self.effect(scope) for _ in range(self.pick(1, 1, 2, 3)))
        return Action(name, parameters, self.condition(scope, 2), effects, consenting, observers, weight, expressive)

    def trigger(self, name: str) -> Trigger:
        parameters = (Parameter("p", "person"),) if self.chance(3) else ()
        scope = tuple(parameter.name for parameter in parameters)
        mind = Thing(self.pick(*self.people)) if self.chance(4) else None
        upon = self.condition(scope, 1) if self.chance(4) else None
        effects = tuple(self.effect(scope) for _ in range(self.pick(1, 1, 2)))
        if mind is not None:
            effects = tuple(effect for effect in effects if self.known_to(effect) is None)
        return Trigger(name, parameters, self.condition(scope, 1), effects, upon, mind)

    def known_to(self, effect: Effect) -> Expression | None:
        return next(fluent.known_to for fluent in self.fluents if fluent.key == effect.target.fluent)

    def want(self, person: str) -> Want:
        numbers = self.of_domain(NumberDomain)
        if numbers and self.chance(4):
            return Want(person, Fraction(self.pick(1, -1)), self.reading(self.pick(*numbers), ()), each=True)
        return Want(person, Fraction(self.pick(1, 2, -1)), self.condition((), 1))

    def story(self) -> Story:
        endings: tuple[Ending, ...] = ()
        if self.chance(3):
            still: Expression = Stillness() if self.chance(3) else ALWAYS
            endings = (Ending("The end", Conjunction((self.condition((), 1), still))),)
        return Story(
            "Random",
            (Kind("person"), Kind("place")),
            (*(Entity(name, ("person",), name) for name in self.people), *(Entity(name, ("place",), name) for name in PLACES)),
            self.fluents,
            start=tuple(self.effect((), start=True) for _ in range(self.pick(1, 2, 3, 4))),
            wants=tuple(self.want(person) for person in self.people for _ in range(self.pick(1, 1, 2))),
            actions=tuple(self.action(f"act{index}") for index in range(self.pick(2, 3, 3, 4))),
            triggers=tuple(self.trigger(f"then{index}") for index in range(self.pick(0, 0, 1, 2))),
            endings=endings,
            minds=self.minds,
            horizon=self.pick(1, 2, 3) if self.minds == 1 else self.pick(1, 2),
            first_effect_wins=self.chance(3),
        )


@st.composite
def stories(draw: Draw) -> Story:
    """A small random story."""
    return Writer(draw).story()


class OutwardWriter(Writer):
    """Writes a story in which nobody's mind is looked into but by those who notice what is so: ``if p believes f != f then p believes
    f = f``, or the same of what p believes that somebody else believes."""

    def condition(self, scope: tuple[str, ...], depth: int, beliefs: int = 0) -> Expression:
        return super().condition(scope, depth, 0)

    def trigger(self, name: str) -> Trigger:
        seen = [fluent for fluent in self.fluents if fluent.known_to is None]
        fact = self.reading(self.pick(*(seen or self.fluents)), ("p",))
        noticed: tuple[Expression, Expression] = (Believes(Variable("p"), fact), fact)
        believers: tuple[Expression, ...] = (Variable("p"),)
        if self.chance(3):
            other = self.person(())
            believers = (Variable("p"), other)
            noticed = (Believes(Variable("p"), Believes(other, fact)), Believes(Variable("p"), fact))
        condition = Conjunction((self.condition(("p",), 1), Comparison("!=", *noticed)))
        return Trigger(name, (Parameter("p", "person"),), condition, (Effect(fact, noticed[1], believers=believers),))


@st.composite
def outward_stories(draw: Draw) -> Story:
    """A small random story in which only what somebody notices hangs on what they believe."""
    return OutwardWriter(draw).story()


class LivelyWriter(Writer):
    """People want what somebody can bring about, and little stands in the way, so that tales go on for some moves."""

    def action(self, name: str) -> Action:
        action = super().action(name)
        scope = tuple(parameter.name for parameter in action.parameters)
        effects = tuple(replace(effect, condition=ALWAYS) for effect in action.effects)
        return replace(action, precondition=ALWAYS if self.chance(2) else self.literal(scope, 0), effects=effects)

    def want(self, person: str) -> Want:
        return Want(person, Fraction(self.pick(1, 2, 3)), self.literal((), 0))

    def story(self) -> Story:
        one = super().story()
        more = tuple(self.action(f"more{index}") for index in range(2))
        return replace(one, actions=one.actions + more, wants=tuple(self.want(person) for person in self.people for _ in range(3)))


@st.composite
def lively_stories(draw: Draw) -> Story:
    """A small random story in which people do things."""
    return LivelyWriter(draw).story()
