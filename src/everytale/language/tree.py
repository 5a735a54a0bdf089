"""What stands in a text, before names are looked up: the syntax tree.

Conditions and values are nested; blocks are lists of what was found in them, as far as it could be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

from everytale.diagnostics import Span
from everytale.language.tokens import Name

# ---- conditions and values -------------------------------------------------------------------------------------------


class Call(NamedTuple):
    """``at(Jack)``: a fact, a move, with arguments."""

    name: Name
    arguments: tuple[Term, ...]
    span: Span


class Each(NamedTuple):
    """``every person``, ``some vault v except cellar``; ``kind`` is ``None`` for everybody."""

    quantifier: Literal["every", "some"]
    kind: Name | None
    variable: Name | None
    excluded: tuple[Name, ...]
    span: Span


class Constant(NamedTuple):
    """yes, no, unknown."""

    text: str
    span: Span


class Numeral(NamedTuple):
    value: Fraction
    span: Span


class Binary(NamedTuple):
    """A comparison or arithmetic."""

    operator: str
    left: Term
    right: Term
    span: Span


class Not(NamedTuple):
    what: Term
    span: Span


class Junction(NamedTuple):
    """Parts joined by ``and``, or by ``or``."""

    word: str
    parts: tuple[Term, ...]
    span: Span


class Belief(NamedTuple):
    """``Jack believes X``, ``Jack knows X``."""

    person: Term
    verb: str
    what: Term
    span: Span


class OfKind(NamedTuple):
    """``p is a vault``."""

    what: Term
    kind: Name
    span: Span


class IfElse(NamedTuple):
    condition: Term
    then: Term
    otherwise: Term
    span: Span


class Over(NamedTuple):
    """``for every person p: X``, ``number of person p with X``, ``sum of X for person p``."""

    word: Literal["every", "some", "count", "sum"]
    each: Each
    body: Term
    span: Span


class Still(NamedTuple):
    """``nothing more can happen``."""

    span: Span


Term: TypeAlias = Name | Call | Each | Constant | Numeral | Binary | Not | Junction | Belief | OfKind | IfElse | Over | Still


class Change(NamedTuple):
    """An effect, or a statement of the start. Without ``value`` and ``moves``: the target becomes yes, or no if ``negated``."""

    target: Name | Call
    value: Term | None
    moves: Literal["set", "rises", "eases"]
    negated: bool
    believers: tuple[Term, ...]
    tells: Term | None
    common: bool
    each: tuple[Each, ...]
    condition: Term | None
    span: Span


# ---- prose -----------------------------------------------------------------------------------------------------------


Timing: TypeAlias = Literal["first", "again", "after", "not after", "just after", "unseen", "learned"]


class When(NamedTuple):
    """An occasion in the tale: ``first time``, ``after MOVE``, ``unseen`` ..., each with what it may be ``since``."""

    kind: Timing
    move: Name | Call | None
    since: Name | Call | None
    span: Span


class Told(NamedTuple):
    """A ``told`` block: the ``words`` after ``told``, the occasions and the condition after ``when``.

    ``lines`` are the places of the lines of its prose, empty ones too, up to the last that is not.
    """

    words: frozenset[str]
    teller: Name | None
    occasions: tuple[When, ...]
    condition: Term | None
    lines: tuple[tuple[int, int], ...]
    span: Span


# ---- blocks ----------------------------------------------------------------------------------------------------------


class Param(NamedTuple):
    """``p: person``; without a name of its own it is called as its kind."""

    name: Name
    kind: Name


class Person(NamedTuple):
    """One of those whom an action is by or to: somebody, or (``kind``) a parameter declared on the spot."""

    name: Name
    kind: Name | None


class Headline(NamedTuple):
    """``tale``, ``teller``, ``tense``, ``person``, ``minds``, ``horizon``, ``include`` and what stands after it."""

    word: str
    value: str
    span: Span


class Member(NamedTuple):
    name: Name
    label: str | None
    pronouns: tuple[str, ...]
    plural: bool
    span: Span


class KindBlock(NamedTuple):
    name: Name
    parents: tuple[Name, ...]
    members: list[Member]


class RoleBlock(NamedTuple):
    name: Name
    whose: Name


class FactBlock(NamedTuple):
    name: Name
    parameters: tuple[Param, ...]
    domain: Name | None
    low: int
    high: int
    unknown: bool
    known_to: Name | None


class StartBlock(NamedTuple):
    changes: list[Change]


class WantLine(NamedTuple):
    worth: Fraction
    each: bool
    measure: Term
    because: str | None
    span: Span


class WantsBlock(NamedTuple):
    """What somebody wants; ``whose`` is ``None`` where that cannot be made out."""

    whose: Name | Each | None
    lines: list[WantLine]


class DangerBlock(NamedTuple):
    name: Name
    feared: list[tuple[Name, Fraction]]
    because: str | None


class StageBlock(NamedTuple):
    name: Name
    variable: Name
    condition: Term


class Seen(NamedTuple):
    """Who sees a move: ``everybody``, or those named, or whoever meets a condition."""

    everybody: bool
    people: list[Name]
    conditions: list[tuple[Name, Term]]
    span: Span


@dataclass(slots=True)
class Clauses:
    """What stands below the header of a move, trigger, inference or ending."""

    conditions: list[Term] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    weight: list[tuple[Term, Term | None]] = field(default_factory=list)
    seen: Seen | None = None
    expressive: Term | None = None
    once: Span | None = None
    asks: Term | None = None
    answers: list[Name] = field(default_factory=list)
    interrupts: bool = False
    thinks: bool = False
    choice: Span | None = None
    """The place of its words, without the quotes."""
    upon: Term | None = None
    because: str | None = None
    told: list[Told] = field(default_factory=list)


class MoveBlock(NamedTuple):
    """An action, or an event; of one that is not ``whole``, the header cannot be made out."""

    event: bool
    name: Name
    parameters: tuple[Param, ...]
    actors: tuple[Person, ...]
    others: tuple[Person, ...]
    stage: Name | None
    clauses: Clauses
    span: Span
    whole: bool = True


class TriggerBlock(NamedTuple):
    """A trigger, or an inference by ``mind``."""

    name: Name
    parameters: tuple[Param, ...]
    mind: Person | None
    clauses: Clauses
    span: Span


class EndingBlock(NamedTuple):
    title: str
    clauses: Clauses
    span: Span


class CueLine(NamedTuple):
    word: str
    upon: Term
    condition: Term | None
    span: Span


class SceneBlock(NamedTuple):
    title: str
    cues: list[CueLine]
    told: list[Told]
    span: Span


class TestLine(NamedTuple):
    """``given``, ``after``, ``expect``. What is expected is ``moves`` (one), a ``condition``, or the ending ``title``."""

    word: Literal["given", "after", "move", "no-move", "that", "ending", "no-ending"]
    span: Span
    changes: list[Change] = []  # noqa: RUF012 - never changed
    moves: tuple[Name | Call, ...] = ()
    condition: Term | None = None
    text: str | None = None


class TestBlock(NamedTuple):
    title: str
    lines: list[TestLine]
    span: Span


# ---- what is said of all tales together ------------------------------------------------------------------------------


class MadeTerm(NamedTuple):
    """The moment after a move; without arguments, whatever they are."""

    move: Name | Call
    span: Span


class TitleTerm(NamedTuple):
    """The moment of an ending (without ``title``: of any), or of a dead end."""

    title: str | None
    span: Span
    stuck: bool = False


MomentTerm: TypeAlias = Term | MadeTerm | TitleTerm


class WithinTerm(NamedTuple):
    """``never X before Y``: with moments that say when."""

    word: Literal["never", "always", "possible"]
    what: MomentTerm
    after: MomentTerm | None
    before: MomentTerm | None


class LeadsTerm(NamedTuple):
    what: MomentTerm | None
    to: MomentTerm


class OddsTerm(NamedTuple):
    """``odds of X at least 20%``; without ``what``, of never ending."""

    what: MomentTerm | None
    low: Fraction | None
    high: Fraction | None


class LengthTerm(NamedTuple):
    """``at most 40 moves``."""

    low: int | None
    high: int | None


AssertionTerm: TypeAlias = WithinTerm | LeadsTerm | OddsTerm | LengthTerm


class ClaimBlock(NamedTuple):
    what: AssertionTerm
    title: str | None
    player: Name | None
    ensures: bool
    span: Span


class WithoutTerm(NamedTuple):
    """``without action X``; of a want, ``name`` is the person's."""

    sort: Literal["want", "action", "event", "trigger", "inference"]
    name: Name
    because: str | None
    span: Span


class SwapTerm(NamedTuple):
    one: Name
    other: Name
    span: Span


class FlipBlock(NamedTuple):
    """Premises: statements of a start, what is left out, who is swapped, and what is there besides."""

    title: str
    premises: list[StartBlock | WithoutTerm | SwapTerm | WantsBlock | MoveBlock | TriggerBlock]
    span: Span


class ViewBlock(NamedTuple):
    title: str
    parts: list[Term]
    span: Span


Block: TypeAlias = (
    Headline
    | KindBlock
    | RoleBlock
    | FactBlock
    | StartBlock
    | WantsBlock
    | DangerBlock
    | StageBlock
    | MoveBlock
    | TriggerBlock
    | EndingBlock
    | SceneBlock
    | TestBlock
    | ClaimBlock
    | FlipBlock
    | ViewBlock
)
