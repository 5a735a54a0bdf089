"""What an author says of the realm of a story: claims about every tale, flips of a premise, views of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from everytale.story.expressions import Expression, Node
from everytale.story.rules import Action, Effect, Trigger, Want

# ---- moments of a tale -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Holds(Node):
    """A moment, at the start or after a move, when ``condition`` holds."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Upon(Node):
    """The moment after an action or event, made with these ``arguments`` (``None`` among them, or instead of them: any)."""

    move: str
    arguments: tuple[str | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ended(Node):
    """The moment when a tale comes to the ending of that title (``None``: to any)."""

    title: str | None = None


@dataclass(frozen=True, slots=True)
class Stuck(Node):
    """The moment when a tale comes to a dead end: nothing more can happen, and it is no ending."""


Moment: TypeAlias = Holds | Upon | Ended | Stuck


# ---- claims ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Never(Node):
    """There is no moment ``what``: from the first ``after`` on, until the first ``before``; with both, whenever it is between them."""

    what: Moment
    after: Moment | None = None
    before: Moment | None = None


@dataclass(frozen=True, slots=True)
class Possible(Node):
    """Some tale has such a moment, which lies as in :class:`Never`."""

    what: Moment
    after: Moment | None = None
    before: Moment | None = None


@dataclass(frozen=True, slots=True)
class Leads(Node):
    """After every moment ``what`` (``None``: the start) comes, then or later, a moment ``to``, with odds of 1."""

    what: Moment | None
    to: Moment


@dataclass(frozen=True, slots=True)
class Odds(Node):
    """The odds of ever coming to ``what`` (``None``: of never coming to an end) are from ``low`` to ``high``."""

    what: Moment | None
    low: Fraction | None = None
    high: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Length(Node):
    """No tale goes on for more than ``high`` moves, and none comes to an end before ``low``."""

    low: int | None = None
    high: int | None = None


Assertion: TypeAlias = Never | Possible | Leads | Odds | Length


@dataclass(frozen=True, slots=True)
class Claim(Node):
    """What is to be so of all tales together; ``text``: in the author's words.

    With a ``player`` it is to be so however that person is played, or (``ensures``) for some way of playing.
    """

    what: Assertion
    title: str | None = None
    player: str | None = None
    ensures: bool = False
    text: str = field(default="", compare=False)

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The moments that it speaks of."""
        match self.what:
            case Never(what, after, before) | Possible(what, after, before):
                found: tuple[Moment | None, ...] = (what, after, before)
            case Leads(what, to):
                found = (what, to)
            case Odds(what):
                found = (what,)
            case Length():
                found = ()
        return tuple(moment for moment in found if moment is not None)


@dataclass(frozen=True, slots=True)
class View(Node):
    """The facts (or conditions, or beliefs) by which a map of the realm is folded."""

    title: str
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class StartWith(Node):
    """Statements that are applied after the story's own start."""

    statements: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Without(Node):
    """A rule or want is left out.

    ``name``: the rule's, or of the person whose want it is (``because``: that want; ``None``: all of them).
    """

    sort: Literal["want", "action", "event", "trigger", "inference"]
    name: str
    because: str | None = None


@dataclass(frozen=True, slots=True)
class With(Node):
    """A rule or want that the story itself does not have."""

    rule: Want | Action | Trigger


@dataclass(frozen=True, slots=True)
class Swap(Node):
    """Two people exchange their roles in actions and triggers; wants, start and beliefs stay with the person."""

    one: str
    other: str


Premise: TypeAlias = StartWith | Without | With | Swap


@dataclass(frozen=True, slots=True)
class Flip(Node):
    """The story with other premises."""

    title: str
    premises: tuple[Premise, ...]
