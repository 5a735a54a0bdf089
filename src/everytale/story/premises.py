"""What an author says of the realm of a story: claims about every tale, flips of a premise, views of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from everytale.story.expressions import ALWAYS, Expression, Node
from everytale.story.rules import Action, Effect, Trigger, Want


@dataclass(frozen=True, slots=True)
class Moment(Node):
    """A moment of a tale: ``condition`` holds then, at the start or after a move.

    With ``move`` (an action or event), that move has just been made, with these ``arguments`` (``None``: any); with ``ending``, the
    tale has just come to the ending of that title.
    """

    condition: Expression = ALWAYS
    move: str | None = None
    arguments: tuple[str | None, ...] | None = None
    ending: str | None = None


@dataclass(frozen=True, slots=True)
class Claim(Node):
    """What is to be so of every tale; ``text``: as the author wrote it.

    ``never``, ``possible``: a moment ``what``, at or after the first ``after`` and before the first ``before`` since. ``leads``: from
    ``what`` (``None``: the start) it comes, then or later, to ``then``, with odds of 1. ``odds``: of ever coming to ``what``
    (``None``: of never ending) are from ``low`` to ``high``. ``moves``: every tale has from ``low`` to ``high``.
    With a ``player``, of all tales that come about however that person plays, or (``ensures``) in some way of playing.
    """

    text: str
    form: Literal["never", "possible", "leads", "odds", "moves"]
    what: Moment | None = None
    after: Moment | None = None
    before: Moment | None = None
    then: Moment | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    player: str | None = None
    ensures: bool = False


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
