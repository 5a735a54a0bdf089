"""Why: the reasons behind the moves of a trace, and what the people who made them believed."""

from __future__ import annotations

from dataclasses import dataclass

from everytale.answers.mistakes import Belief, mistakes
from everytale.ground import ground
from everytale.minds import Followed, Intention, judge, replay
from everytale.story import Story
from everytale.world import State, Trace


@dataclass(frozen=True)
class Reason:
    """Why one person made a move: the ``intention``, what they were wrong about in what mattered to it (``mistakes``), and on
    whom else's going along they ``counted``."""

    intention: Intention
    mistakes: tuple[Belief, ...]
    counted: tuple[str, ...]


@dataclass(frozen=True)
class Why:
    """Why the move at ``step`` (from 1) of a trace was made. Without ``reasons`` it was nobody's choice, slipped out, or was
    out of character: see ``followed``."""

    step: int
    followed: Followed
    reasons: tuple[Reason, ...]

    @property
    def slipped_out(self) -> bool:
        """It is an expressive act: no plan, no gain."""
        return self.followed.move.action.expressive is not None


def why(story: Story, trace: Trace | str, step: int | None = None) -> tuple[Why, ...]:
    """Why the moves of ``trace`` were made (only the move ``step``, counted from 1, if it is given), for each person who consented.

    Raises ``IndexError`` where the trace has no such step, ``UnknownMove`` for a move that the story does not have, ``ImpossibleTrace``
    where the world does not allow one of the moves before.
    """
    trace = Trace.read(trace) if isinstance(trace, str) else trace
    if step is not None and not 1 <= step <= len(trace.moves):
        raise IndexError(f"the trace has {len(trace.moves)} moves, and no move {step}")
    world = ground(story)
    states = replay(world, Trace(trace.moves[: len(trace.moves) - 1 if step is None else step - 1]))
    asked = range(1, len(trace.moves) + 1) if step is None else [step]
    return tuple(explain(number, judge(states[number - 1], world.move(trace.moves[number - 1]))) for number in asked)


def explain(step: int, followed: Followed) -> Why:
    """Why the move ``followed``, at ``step`` of a trace, was made."""
    return Why(step, followed, tuple(_reason(followed.before, intention) for intention in followed.reasons))


def _reason(state: State, intention: Intention) -> Reason:
    person, plan = intention.person, intention.plan
    counted = dict.fromkeys(other for move in plan for other in move.consenting if other != person)
    return Reason(intention, mistakes(state, person, plan), tuple(counted))
