"""Random stories in which people must scheme: what they want takes several moves, some of them other people's, and detours are
on offer.

(:mod:`tests.random_worlds` has more of what a story can say, but in few of its stories does anybody plan.)
"""

from __future__ import annotations

import random
from fractions import Fraction

from everytale.story import (
    Action,
    Believes,
    Choice,
    Comparison,
    Conjunction,
    Effect,
    Ending,
    Entity,
    Expression,
    Fluent,
    Kind,
    KindDomain,
    Negation,
    Number,
    NumberDomain,
    Observers,
    Parameter,
    Reading,
    Story,
    Thing,
    Trigger,
    Truth,
    TruthDomain,
    Variable,
    Want,
)

PLACES = ("hall", "yard")
FLUENTS = (
    Fluent("lit", "lit", (), TruthDomain()),
    Fluent("open", "open", (), TruthDomain()),
    Fluent("n", "n", (), NumberDomain(0, 2)),
    Fluent("happy", "happy", (Parameter("p", "person"),), TruthDomain()),
    Fluent("at", "at", (Parameter("p", "person"),), KindDomain("place")),
)
ONE = Number(Fraction(1))


def scheming_story(seed: int) -> Story:
    """A story of two or three people, five to seven facts and as many actions."""
    return _Schemer(seed).story()


class _Schemer(random.Random):
    def story(self) -> Story:
        self.people = ("Ann", "Ben", "Cat")[: self.choice((2, 2, 3))]
        self.pool = [self.fact() for _ in range(4)]
        minds = self.choice((1, 1, 2))
        return Story(
            "Schemes",
            (Kind("person"), Kind("place")),
            (*(Entity(name, ("person",), name) for name in self.people), *(Entity(name, ("place",), name) for name in PLACES)),
            FLUENTS,
            start=tuple(self.started() for _ in range(self.randint(1, 4))),
            wants=tuple(want for person in self.people for want in self.wants(person)),
            actions=tuple(self.action(f"act{index}") for index in range(self.randint(5, 7))),
            triggers=tuple(self.trigger(f"then{index}") for index in range(self.choice((0, 0, 1)))),
            minds=minds,
            horizon=self.choice((3, 4)) if minds == 1 else 3,
            endings=(Ending("The end", self.facts(2)),) if self.random() < 0.3 else (),
            first_effect_wins=True,
        )

    def person(self, *variables: str) -> Expression:
        return self.choice([*map(Thing, self.people), *map(Variable, variables), *map(Variable, variables)])

    def reading(self, *variables: str) -> tuple[Fluent, Reading]:
        fluent = self.choice(FLUENTS)
        return fluent, Reading(fluent.key, (self.person(*variables),) if fluent.parameters else ())

    def fact(self, *variables: str) -> Expression:
        """That a fluent has some value."""
        fluent, reading = self.reading(*variables)
        match fluent.domain:
            case TruthDomain():
                return reading if self.random() < 0.85 else Negation(reading)
            case NumberDomain():
                return Comparison(self.choice((">", ">", "=")), reading, Number(Fraction(self.choice((0, 1)))))
        return Comparison("=", reading, Thing(self.choice(PLACES)))

    def facts(self, many: int, *variables: str) -> Expression:
        return Conjunction(tuple(self.choice(self.pool) if self.random() < 0.8 else self.fact(*variables) for _ in range(many)))

    def towards(self) -> Effect | None:
        """What makes one of the facts so that people are about."""
        match self.choice(self.pool):
            case Reading() as target:
                return Effect(target, Truth(True))
            case Negation(Reading() as target):
                return Effect(target, Truth(False))
            case Comparison("=", Reading(fluent="at") as target, place):
                return Effect(target, place)
            case Comparison(_, Reading() as target, _):
                return Effect(target, ONE, change="rises")
        return None

    def effect(self, *variables: str) -> Effect:
        fluent, target = self.reading(*variables)
        believers = (self.person(*variables),) if self.random() < 0.1 else ()
        match fluent.domain:
            case TruthDomain():
                return Effect(target, Truth(self.random() < 0.7), believers=believers)
            case NumberDomain():
                return Effect(target, ONE, change=self.choice(("rises", "rises", "eases")), believers=believers)
        return Effect(target, Thing(self.choice(PLACES)), believers=believers)

    def started(self) -> Effect:
        """Most are what somebody is mistaken about."""
        fluent, target = self.reading()
        believers = () if self.random() < 0.3 else tuple(self.person() for _ in range(self.choice((1, 1, 2))))
        match fluent.domain:
            case TruthDomain():
                return Effect(target, Truth(True), believers=believers)
            case NumberDomain():
                return Effect(target, ONE, believers=believers)
        return Effect(target, Thing(self.choice(PLACES)), believers=believers)

    def wants(self, person: str) -> list[Want]:
        wants = [
            Want(person, Fraction(self.choice((1, 1, 2))), self.facts(self.choice((1, 2, 2, 3)))) for _ in range(self.choice((1, 2, 2)))
        ]
        if self.random() < 0.2:
            wants.append(Want(person, Fraction(self.choice((1, -1))), Reading("n"), each=True))
        return wants

    def action(self, name: str) -> Action:
        parameters = (Parameter("p", "person"),) if self.random() < 0.25 else ()
        variables = tuple(parameter.name for parameter in parameters)
        consenting = tuple(self.person(*variables) for _ in range(self.choice((1, 1, 1, 1, 2))))
        if self.random() < 0.12:
            consenting = ()
        observers = None if self.random() < 0.6 else Observers("o", self.fact(*variables, "o"))
        effects = tuple((self.random() < 0.6 and self.towards()) or self.effect(*variables) for _ in range(self.choice((1, 1, 2))))
        weight: Expression = ONE
        if self.random() < 0.2:
            weight = Choice(self.fact(*variables), Number(Fraction(self.choice((0, 3)))), Number(Fraction(1, 2)))
        expressive = self.fact(*variables) if consenting and self.random() < 0.05 else None
        return Action(name, parameters, self.facts(self.choice((0, 1, 1)), *variables), effects, consenting, observers, weight, expressive)

    def trigger(self, name: str) -> Trigger:
        """Somebody sees what is so."""
        _, seen = self.reading("p")
        mistaken = Comparison("!=", Believes(Variable("p"), seen), seen)
        condition = Conjunction((self.fact("p"), mistaken))
        return Trigger(name, (Parameter("p", "person"),), condition, (Effect(seen, seen, believers=(Variable("p"),)),))
