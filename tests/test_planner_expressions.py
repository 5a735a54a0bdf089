"""Conditions of the planner's files, written at random with no more brackets than they need, mean what whoever wrote them meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everytale.diagnostics import Source
from everytale.language.sabre import parse_goal, read_problem
from everytale.minds import begin
from everytale.world import State

PEOPLE, PLACES = ("Ann", "Bo", "Cy"), ("Hill", "Dale")
Scope: TypeAlias = dict[str, str]
"""Who each variable stands for."""

LOOSE, JOINED, COMPARED, SINGLE = range(4)
"""How much of what stands around a condition would be taken for a part of it: any of it, all but ``|``, all but ``&`` too, nothing."""


@dataclass(frozen=True)
class Facts:
    """What is so, and what each believes of it: in truth ("") and in every mind."""

    rich: dict[tuple[str, str], bool]
    coins: dict[tuple[str, str], int | None]
    at: dict[tuple[str, str], str | None]

    def statements(self) -> str:
        lines: list[str] = []
        for mind in ("", *PEOPLE):
            for who in PEOPLE:
                for name, value in (("rich", self.rich), ("coins", self.coins), ("at", self.at)):
                    fact, known = f"{name}({who})", value[mind, who]  # type: ignore[attr-defined]
                    lines.append(f"{f'believes({mind}, {fact})' if mind else fact} = {'?' if known is None else known};")
        return "\n".join(lines)


def some_facts(random: Random) -> Facts:
    pairs = [(mind, who) for mind in ("", *PEOPLE) for who in PEOPLE]
    return Facts(
        {pair: random.random() < 0.5 for pair in pairs},
        {pair: random.choice((None, -2, 0, 1, 1, 2, 5)) for pair in pairs},
        {pair: random.choice((None, *PLACES)) for pair in pairs},
    )


@dataclass(frozen=True)
class Condition:
    """Its ``text``; whether it holds (``True``) or its negation does (``False``), in whose mind; how ``tight`` it is written."""

    text: str
    holds: Callable[[bool, str, Scope], bool]
    tight: int


@dataclass(frozen=True)
class Value:
    """Its ``text``, and what it comes to in whose mind. ``open``: it ends with what a comparison after it would be taken into."""

    text: str
    comes_to: Callable[[str, Scope], Fraction | None]
    tight: int
    open: bool = False


ADDED, TIMED, ALONE = range(3)


class Writer:
    """Writes conditions and values, and knows what they mean."""

    def __init__(self, random: Random, facts: Facts) -> None:
        self.random, self.facts, self.scope = random, facts, list[str]()

    def person(self) -> str:
        return self.random.choice((*PEOPLE, *self.scope, *self.scope))

    def condition(self, size: int, tight: int) -> Condition:
        made = self._condition(size)
        return made if made.tight >= tight else Condition(f"({made.text})", made.holds, SINGLE)

    def _condition(self, size: int) -> Condition:
        if size <= 0:
            return self._fact()
        ways = (self._not, self._joined, self._compared, self._placed, self._for, self._believes)
        return self.random.choices(ways, (3, 2, 3, 1, 3, 1))[0](size - 1)

    def _fact(self) -> Condition:
        who = self.person()
        return Condition(f"rich({who})", lambda wanted, mind, scope: self.facts.rich[mind, scope.get(who, who)] is wanted, SINGLE)

    def _not(self, size: int) -> Condition:
        what = self.condition(size, COMPARED)
        return Condition(f"!{what.text}", lambda wanted, mind, scope: what.holds(not wanted, mind, scope), what.tight)

    def _joined(self, size: int) -> Condition:
        sign, tight = self.random.choice((("|", LOOSE), ("&", JOINED)))
        parts = [self.condition(size // 2, tight + 1) for _ in range(self.random.choice((2, 2, 3)))]

        def holds(wanted: bool, mind: str, scope: Scope) -> bool:
            verdicts = [part.holds(wanted, mind, scope) for part in parts]
            return any(verdicts) if (sign == "|") == wanted else all(verdicts)

        return Condition(f" {sign} ".join(part.text for part in parts), holds, tight)

    def _compared(self, size: int) -> Condition:
        left, right = self.value(size // 2, ADDED), self.value(size // 2, ADDED)
        sign = self.random.choice(("==", "!=", "<", "<=", ">", ">="))
        orders = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}

        def holds(wanted: bool, mind: str, scope: Scope) -> bool:
            a, b = left.comes_to(mind, scope), right.comes_to(mind, scope)
            if sign in ("==", "!="):
                return ((a == b) == (sign == "==")) is wanted
            return a is not None and b is not None and orders[sign](a, b) is wanted

        first = f"({left.text})" if left.open or left.tight < ALONE else left.text
        return Condition(f"{first} {sign} {right.text}", holds, COMPARED)

    def _placed(self, size: int) -> Condition:
        who, other = self.person(), self.person()
        place: str | None = self.random.choice((None, *PLACES, other))
        sign = self.random.choice(("==", "!="))

        def holds(wanted: bool, mind: str, scope: Scope) -> bool:
            there = self.facts.at[mind, scope.get(other, other)] if place == other else place
            return ((self.facts.at[mind, scope.get(who, who)] == there) == (sign == "==")) is wanted

        shown = "?" if place is None else f"at({other})" if place == other else place
        return Condition(f"at({who}) {sign} {shown}", holds, COMPARED)

    def _for(self, size: int) -> Condition:
        word, variable = self.random.choice(("forall", "exists")), f"c{len(self.scope)}"
        self.scope.append(variable)
        body = self.condition(size, COMPARED)
        self.scope.pop()

        def holds(wanted: bool, mind: str, scope: Scope) -> bool:
            verdicts = [body.holds(wanted, mind, {**scope, variable: who}) for who in PEOPLE]
            return all(verdicts) if (word == "forall") == wanted else any(verdicts)

        return Condition(f"{word}({variable} : character) {body.text}", holds, COMPARED)

    def _believes(self, size: int) -> Condition:
        who, what = self.person(), self.condition(size, LOOSE)

        def holds(wanted: bool, mind: str, scope: Scope) -> bool:
            return what.holds(wanted, mind or scope.get(who, who), scope)  # what others believe is what they are believed to

        return Condition(f"believes({who}, {what.text})", holds, SINGLE)

    # ---- values --------------------------------------------------------------------------------------------------------

    def value(self, size: int, tight: int) -> Value:
        made = self._value(size)
        return made if made.tight >= tight else Value(f"({made.text})", made.comes_to, ALONE)

    def _value(self, size: int) -> Value:
        if size <= 0 or self.random.random() < 0.3:
            return self._plain()
        return self.random.choice((self._sum, self._sum, self._if, self._total))(size - 1)

    def _plain(self) -> Value:
        who, number = self.person(), self.random.choice((-3, 0, 1, 2))
        if self.random.random() < 0.5:
            return Value(str(number), lambda mind, scope: Fraction(number), ALONE)

        def coins(mind: str, scope: Scope) -> Fraction | None:
            found = self.facts.coins[mind, scope.get(who, who)]
            return None if found is None else Fraction(found)

        return Value(f"coins({who})", coins, ALONE)

    def _sum(self, size: int) -> Value:
        sign, tight = self.random.choice((("+", ADDED), ("-", ADDED), ("*", TIMED)))
        left, right = self.value(size // 2, tight), self.value(size // 2, tight + 1)

        def comes_to(mind: str, scope: Scope) -> Fraction | None:
            a, b = left.comes_to(mind, scope), right.comes_to(mind, scope)
            return None if a is None or b is None else a + b if sign == "+" else a - b if sign == "-" else a * b

        return Value(f"{left.text} {sign} {right.text}", comes_to, tight, right.open)

    def _if(self, size: int) -> Value:
        test, then, otherwise = self.condition(size // 2, LOOSE), self.value(size // 2, ALONE), self.value(size // 2, ALONE)
        chain = self.random.random() < 0.3
        more, between = self.condition(size // 2, LOOSE), self.value(size // 2, ALONE)

        def comes_to(mind: str, scope: Scope) -> Fraction | None:
            if test.holds(True, mind, scope):
                return then.comes_to(mind, scope)
            return (between if chain and more.holds(True, mind, scope) else otherwise).comes_to(mind, scope)

        first = f"({then.text})" if then.open else then.text  # the `else` that comes next is its own
        middle = f" elseif({more.text}) ({between.text})" if chain else ""
        return Value(f"if({test.text}) {first}{middle} else {otherwise.text}", comes_to, ALONE, open=True)

    def _total(self, size: int) -> Value:
        variable = f"c{len(self.scope)}"
        self.scope.append(variable)
        body = self.value(size, ALONE)
        self.scope.pop()

        def comes_to(mind: str, scope: Scope) -> Fraction | None:
            parts = [body.comes_to(mind, {**scope, variable: who}) for who in PEOPLE]
            return None if None in parts else sum((part for part in parts if part is not None), Fraction(0))

        return Value(f"sum({variable} : character) {body.text}", comes_to, ALONE, body.open)


def opening(facts: Facts) -> State:
    text = "type place; property at(character : character) : place; property rich(character : character) : boolean;"
    text += "property coins(character : character) : number;" + "".join(f"entity {who} : character;" for who in PEOPLE)
    text += "".join(f"entity {place} : place;" for place in PLACES) + facts.statements()
    text += "action any(c : character, p : place) { effect: at(c) = p & rich(c) & coins(c) = 0; }"
    story, diagnostics = read_problem(Source("problem.txt", text))
    assert story is not None, diagnostics
    return begin(story)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9))
def test_a_condition_written_with_few_brackets_means_what_was_meant(seed: int) -> None:
    random = Random(seed)
    facts = some_facts(random)
    start = opening(facts)
    for _ in range(20):
        made = Writer(random, facts).condition(random.randint(1, 7), LOOSE)
        assert start.holds(parse_goal(made.text, start.world.story)) is made.holds(True, "", {}), made.text
