"""Expressions: conditions and values, still in variables and kinds."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from everytale.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a story that stands somewhere in its text."""

    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Truth(Node):
    """The constant yes or no."""

    value: bool


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A constant number, a rational."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Thing(Node):
    """An entity, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Unknown(Node):
    """The value of a fluent that has none of the others."""


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """A parameter, or what a quantifier or an observer condition ranges over."""

    name: str


@dataclass(frozen=True, slots=True)
class Reading(Node):
    """The value of a fluent: ``at(Jack)``. ``fluent`` is the :attr:`Fluent.key`."""

    fluent: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``left`` against ``right``. An ordering with unknown is false."""

    operator: Literal["=", "!=", "<", "<=", ">", ">="]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Negation(Node):
    what: Expression


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    """All of its parts hold; with no parts it is true."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    """Some of its parts hold; with no parts it is false."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Believes(Node):
    """``what`` (a condition or a value) in the state that ``person`` believes in."""

    person: Expression
    what: Expression


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """``what`` is an entity of ``kind`` (or of a kind below it); unknown is of no kind."""

    what: Expression
    kind: str


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Rational arithmetic. Anything with unknown is unknown, and so is division by zero."""

    operator: Literal["+", "-", "*", "/"]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """``then`` where ``condition`` holds, else ``otherwise``."""

    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class Binder(Node):
    """A variable and what it ranges over: the entities of ``kind``, in the order of the file, but for ``excluded``."""

    variable: str
    kind: str
    excluded: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``every``/``some``: ``body`` holds for all/any; ``count``: for how many it holds; ``sum``: its values added up."""

    quantifier: Literal["every", "some", "count", "sum"]
    binder: Binder
    body: Expression


@dataclass(frozen=True, slots=True)
class Stillness(Node):
    """``nothing more can happen``: no move is possible. It may stand in the condition of an ending only."""


Expression: TypeAlias = (
    Truth
    | Number
    | Thing
    | Unknown
    | Variable
    | Reading
    | Comparison
    | Negation
    | Conjunction
    | Disjunction
    | Believes
    | Membership
    | Arithmetic
    | Choice
    | Quantified
    | Stillness
)

ALWAYS = Truth(True)
NEVER = Truth(False)
ONE = Number(Fraction(1))
