"""What can be so, what people want, what can happen, how it is told, and the author's tests of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from everytale.story.expressions import ALWAYS, ONE, Binder, Expression, Node, Reading

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
ME = Pronouns("I", "me", "my", "mine", "myself")
"""Of a teller who tells of themself."""


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

    def within(self, number: int) -> bool:
        """Whether ``number`` keeps within the bounds that were stated."""
        return (self.low is None or self.low <= number) and (self.high is None or number <= self.high)


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
    set) the pronoun, ``is was has does`` and any other word a verb in the third person singular, made to agree. The variables
    ``teller`` and ``because`` are, unless they mean something else, who tells, and the reason of the move.
    """

    what: Expression
    form: str = ""


Manner: TypeAlias = Literal["narration", "speech", "report", "thought"]


@dataclass(frozen=True, slots=True)
class Beat(Node):
    """A paragraph: narration; what ``speaker`` says, in quotation marks or reported without; or what ``speaker`` thinks (told only
    at their own shoulder)."""

    manner: Manner
    text: tuple[str | Slot, ...]
    speaker: Expression | None = None


@dataclass(frozen=True, slots=True)
class Made(Node):
    """A move that was made in this tale, with these ``arguments`` (none: with any)."""

    name: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Occasion(Node):
    """What a passage asks of the tale so far, of which the teller knows what they saw or learned.

    ``first``, ``again``: this move, with its arguments, was not, was made before. ``after``, ``not after``, ``just after``: another
    ``move`` was, was not, was the one before. ``since``: only what came after the last of that move counts.
    """

    kind: Literal["first", "again", "after", "not after", "just after"]
    move: Made | None = None
    since: Made | None = None


@dataclass(frozen=True, slots=True)
class Passage(Node):
    """One ``told`` block: used when ``condition`` holds before the move, and the ``teller`` and the ``occasions`` fit.

    ``witness``: it is for a move that the teller sees, one that they do not see (``unseen``), or the moment when they learn of one
    that they did not see. ``once``: the block is used at most once a tale. Of its ``alternatives`` one is drawn among those
    unsaid; when all are said, it says nothing more, unless it is a ``refrain``. ``summary``: it stands in for one that says
    nothing more. ``at_close``: it closes its scene.
    """

    alternatives: tuple[tuple[Beat, ...], ...]
    condition: Expression = ALWAYS
    occasions: tuple[Occasion, ...] = ()
    teller: str | None = None
    once: bool = False
    witness: Literal["seen", "unseen", "learned"] = "seen"
    summary: bool = False
    refrain: bool = False
    at_close: bool = False


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
    ``thinks``: what the intention behind it serves is told as the actor's thought. ``choice``: what somebody who plays its actor
    reads where they can choose it; empty: its name says that.
    """

    name: str
    parameters: tuple[Parameter, ...]
    precondition: Expression
    effects: tuple[Effect, ...]
    consenting: tuple[Expression, ...] = ()
    observers: Observers | None = None
    weight: Expression = ONE
    expressive: Expression | None = None
    thinks: bool = False
    told: tuple[Passage, ...] = ()
    choice: tuple[str | Slot, ...] = ()

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
