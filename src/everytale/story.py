"""A story: who there is, what can be so, what can happen, and how it is told.

A :class:`Story` is what the readers in :mod:`everytale.language` make of a text once it is checked: every name is
resolved, all sugar (stages, open questions, dangers, ``once``, ``tells``, ``knows``) is expanded into what is defined
here, and nothing in it changes any more. It still speaks in variables and kinds; :mod:`everytale.ground` instantiates it.

Two stories are equal when they say the same; where it stands in the text (:attr:`Node.span`) does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal, TypeAlias

from everytale.diagnostics import Span

# ---- expressions -----------------------------------------------------------------------------------------------------


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

# ---- what can be so --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind(Node):
    """A set of entities. Entities of a kind are entities of its ``parents`` too."""

    name: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pronouns:
    """The words for somebody: he/him/his/his/himself, and whether verbs after the pronoun are plural (they are)."""

    subject: str
    object: str
    possessive: str
    absolute: str
    reflexive: str
    plural: bool = False


HE = Pronouns("he", "him", "his", "his", "himself")
SHE = Pronouns("she", "her", "her", "hers", "herself")
THEY = Pronouns("they", "them", "their", "theirs", "themself", plural=True)
IT = Pronouns("it", "it", "its", "its", "itself")


@dataclass(frozen=True, slots=True)
class Entity(Node):
    """Somebody or something. ``label`` is how prose names it (its name, with spaces for underscores, if not said)."""

    name: str
    kinds: tuple[str, ...]
    label: str
    pronouns: Pronouns = IT


@dataclass(frozen=True, slots=True)
class TruthDomain:
    """Yes or no; no by default."""


@dataclass(frozen=True, slots=True)
class KindDomain:
    """An entity of ``kind``, or unknown, which is the default."""

    kind: str


@dataclass(frozen=True, slots=True)
class NumberDomain:
    """A whole number from ``low`` to ``high``; by default the one nearest 0. ``None``: no bound was stated."""

    low: int | None
    high: int | None
    unknown: bool = False


Domain: TypeAlias = TruthDomain | KindDomain | NumberDomain


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """One parameter: a variable over ``kind``, or (``constant``) always that entity."""

    name: str
    kind: str
    constant: str | None = None


@dataclass(frozen=True, slots=True)
class Fluent(Node):
    """What can be so, with parameters: ``at(person): place``. ``key`` is unique; ``name`` may be overloaded.

    ``known_to`` is the person who is never wrong about it: one of the parameters (a variable) or a person.
    """

    key: str
    name: str
    parameters: tuple[Parameter, ...]
    domain: Domain
    known_to: Expression | None = None


@dataclass(frozen=True, slots=True)
class Effect(Node):
    """One assignment: ``target`` becomes ``value`` (``set``) or moves by it within its range (``rises``, ``eases``).

    With ``believers`` (outermost first) it changes what they believe instead of the world, to the value that ``value``
    has in the true state; ``common`` changes the world and what everybody believes, to every depth kept. It is
    repeated for every value of ``each`` and applies where ``condition`` holds before the move.
    The statements of a story's start are effects too, applied in order.
    """

    target: Reading
    value: Expression
    change: Literal["set", "rises", "eases"] = "set"
    believers: tuple[Expression, ...] = ()
    common: bool = False
    condition: Expression = ALWAYS
    each: tuple[Binder, ...] = ()


# ---- what they want --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Want(Node):
    """``worth`` to ``person`` (``None``: to the author) where ``measure`` holds; with ``each``, per unit of it."""

    person: str | None
    worth: Fraction
    measure: Expression
    each: bool = False
    because: str | None = None


# ---- how it is told --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slot(Node):
    """A hole in prose, filled when told. ``form`` names the case, as written: ``{Jack.him}`` has the form ``him``.

    Forms: ``""`` the name, ``'s`` its possessive, ``he him his theirs himself`` (or any pronoun in that place of any
    set) the pronoun, ``is was has does`` and any other word a verb in the third person singular, made to agree.
    """

    what: Expression
    form: str = ""


@dataclass(frozen=True, slots=True)
class Beat(Node):
    """A paragraph: narration; what ``speaker`` says; or what ``speaker`` thinks (told only at their own shoulder)."""

    manner: Literal["narration", "speech", "thought"]
    text: tuple[str | Slot, ...]
    speaker: Expression | None = None


@dataclass(frozen=True, slots=True)
class Passage(Node):
    """One ``told`` block: used when ``condition`` holds before the move and the teller and the occasion fit.

    ``occasion``: ``first`` only the first time that this move is made in a tale, ``again`` only later.
    ``once``: the block is used at most once a tale. Of its ``alternatives`` one is drawn among those unsaid.
    """

    alternatives: tuple[tuple[Beat, ...], ...]
    condition: Expression = ALWAYS
    occasion: Literal["first", "again"] | None = None
    teller: str | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class Cue(Node):
    """When a scene opens or closes: upon a move of that name, and/or when ``condition`` comes to hold.

    With ``move``, ``condition`` is read before the move; without, the cue is the move that makes it true.
    """

    move: str | None
    condition: Expression = ALWAYS


@dataclass(frozen=True, slots=True)
class Scene(Node):
    title: str
    opens: Cue
    closes: Cue | None = None
    told: tuple[Passage, ...] = ()


# ---- what can happen -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Observers(Node):
    """Whoever sees a move: everybody for whom ``condition`` holds (of ``variable``) before it."""

    variable: str
    condition: Expression


@dataclass(frozen=True, slots=True)
class Action(Node):
    """A move. It is made in character by all of ``consenting``; with nobody to consent it is an *event*.

    ``observers`` is ``None`` when everybody sees it; those who consent always do. ``weight`` is how likely it is among
    the possible moves. ``expressive``: in character whenever that condition holds, without a plan.
    ``thinks``: what the intention behind it serves is told as the actor's thought.
    """

    name: str
    parameters: tuple[Parameter, ...]
    precondition: Expression
    effects: tuple[Effect, ...]
    consenting: tuple[Expression, ...] = ()
    observers: Observers | None = None
    weight: Expression = Number(Fraction(1))
    expressive: Expression | None = None
    thinks: bool = False
    told: tuple[Passage, ...] = ()

    @property
    def is_event(self) -> bool:
        """Whether nobody must consent to it."""
        return not self.consenting


@dataclass(frozen=True, slots=True)
class Trigger(Node):
    """What follows by itself wherever ``precondition`` holds and the effects would change something.

    ``upon``: only in the closure after the move that made it true. ``mind``: an *inference*, which runs in the true
    state and in that person's own mind only.
    """

    name: str
    parameters: tuple[Parameter, ...]
    precondition: Expression
    effects: tuple[Effect, ...]
    upon: Expression | None = None
    mind: Expression | None = None
    because: str | None = None
    told: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending(Node):
    title: str
    condition: Expression
    told: tuple[Passage, ...] = ()


# ---- the author's tests ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move(Node):
    """A ground action or event by name: ``make_excuse(cat)``."""

    name: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.arguments)})" if self.arguments else self.name


@dataclass(frozen=True, slots=True)
class After(Node):
    """These moves are made, in order; each must be possible."""

    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class ExpectMove(Node):
    """The move is possible now (or ``not possible``). ``because``: it would be, were that want left out."""

    move: Move
    possible: bool = True
    because: str | None = None


@dataclass(frozen=True, slots=True)
class ExpectThat(Node):
    condition: Expression


@dataclass(frozen=True, slots=True)
class ExpectEnding(Node):
    """The tale has come to that ending (``None``: to none)."""

    title: str | None


Step: TypeAlias = After | ExpectMove | ExpectThat | ExpectEnding


@dataclass(frozen=True, slots=True)
class StoryTest(Node):
    """One ``test`` block: from the start (changed by ``given``), step by step."""

    title: str
    given: tuple[Effect, ...]
    steps: tuple[Step, ...]


# ---- the whole -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Story:
    """A checked story. Every tuple is in the order of the file.

    ``person_kind`` is the kind whose entities have minds. ``minds`` is how deep people imagine each other, ``horizon``
    how many moves ahead they plan. ``first_effect_wins``: of contradictory effects the first wins everywhere (so in the
    planner's files); otherwise they are an error in the true state.
    """

    title: str
    kinds: tuple[Kind, ...]
    entities: tuple[Entity, ...]
    fluents: tuple[Fluent, ...]
    start: tuple[Effect, ...] = ()
    wants: tuple[Want, ...] = ()
    actions: tuple[Action, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    endings: tuple[Ending, ...] = ()
    scenes: tuple[Scene, ...] = ()
    tests: tuple[StoryTest, ...] = ()
    teller: str | None = None
    minds: int = 2
    horizon: int = 5
    person_kind: str = "person"
    first_effect_wins: bool = False

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The names of those who have minds."""
        return tuple(self.of_kind(self.person_kind))

    @cached_property
    def entity(self) -> dict[str, Entity]:
        """The entities by their names."""
        return {entity.name: entity for entity in self.entities}

    @cached_property
    def fluent(self) -> dict[str, Fluent]:
        """The fluents by their keys."""
        return {fluent.key: fluent for fluent in self.fluents}

    @cached_property
    def lineage(self) -> dict[str, frozenset[str]]:
        """For every kind, itself and all kinds above it."""
        parents = {kind.name: kind.parents for kind in self.kinds}

        def above(name: str) -> Iterator[str]:
            yield name
            for parent in parents.get(name, ()):
                yield from above(parent)

        return {name: frozenset(above(name)) for name in parents}

    def is_a(self, entity: str, kind: str) -> bool:
        """Whether an entity is of a kind, or of one below it."""
        return any(kind in self.lineage[own] for own in self.entity[entity].kinds)

    def of_kind(self, kind: str) -> Iterator[str]:
        """The names of the entities of ``kind``, in the order of the file."""
        return (entity.name for entity in self.entities if self.is_a(entity.name, kind))
