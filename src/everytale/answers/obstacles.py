"""What stands in the way of what never happens, and the conditions that it hangs on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from everytale.diagnostics import Span
from everytale.language.walk import walk
from everytale.story import Conjunction, Disjunction, Expression, Negation, Quantified, Stillness, Truth
from everytale.world import Trace

What: TypeAlias = Literal["action", "event", "ending", "text", "scene"]


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way: a ``condition`` that never holds, or not where all else does (``trace``: the nearest that it comes); a
    ``person`` who would not, the first time that they could (after ``trace``); or neither, and then ``because`` says it all."""

    because: str
    condition: str | None = None
    person: str | None = None
    trace: Trace | None = None


@dataclass(frozen=True)
class Never:
    """One thing of the story, by its ``name`` and place, that no tale comes to, and the ``obstacle`` nearest in the way."""

    what: What
    name: str
    span: Span | None
    obstacle: Obstacle


def hangs_on_stillness(condition: Expression) -> bool:
    """Whether it asks whether nothing more can happen."""
    return any(isinstance(part, Stillness) for part in walk(condition))


def supposed(condition: Expression, *, still: bool) -> Expression:
    """``condition``, where it is settled whether nothing more can happen."""
    match condition:
        case Stillness():
            return Truth(still)
        case Conjunction(parts=several) | Disjunction(parts=several):
            return replace(condition, parts=tuple(supposed(part, still=still) for part in several))
        case Negation(what=what):
            return replace(condition, what=supposed(what, still=still))
        case Quantified(body=body):
            return replace(condition, body=supposed(body, still=still))
    return condition
