"""The author's own tests: each ``test`` block of a story, tried from its start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from everytale.diagnostics import Span, StoryError
from everytale.ground import ground
from everytale.language.format import format_expression
from everytale.minds import allowed, possible
from everytale.story import After, ExpectEnding, ExpectMove, ExpectThat, Move, Step, Story, StoryTest
from everytale.world import State, UnknownMove


@dataclass(frozen=True)
class Failure:
    """An expectation that is not met (``undecided``: a limit was reached before that was known)."""

    step: Step | StoryTest
    message: str
    undecided: bool = False

    @property
    def span(self) -> Span | None:
        return self.step.span


@dataclass(frozen=True)
class Trial:
    """What came of one test of a story."""

    test: StoryTest
    failures: tuple[Failure, ...]

    @property
    def ok(self) -> bool | None:
        """Whether everything was as expected; ``None``: undecided."""
        if not self.failures:
            return True
        return None if all(failure.undecided for failure in self.failures) else False


def test(story: Story) -> tuple[Trial, ...]:
    """Try the ``test`` blocks of ``story``, in the order of the file."""
    return tuple(Trial(one, tuple(_failures(story, one))) for one in story.tests)


def _failures(story: Story, test: StoryTest) -> Iterator[Failure]:
    """What goes wrong; the moves of an ``after`` that cannot be made end the test."""
    given = replace(story, start=(*story.start, *test.given))
    made: list[Move] = []
    try:
        state = ground(given).start
    except StoryError as error:
        yield Failure(test, f"with what is given the story cannot begin: {error.diagnostics[0].message}")
        return
    for step in test.steps:
        try:
            match step:
                case After(moves):
                    for move in moves:
                        can = possible(state, state.world.move(move))
                        if can is not True:
                            yield Failure(step, f"{move} {_verdict(can)} {_after(made)}: {_obstacle(state, move)}", can is None)
                            return
                        state = state.after(state.world.move(move))
                        made.append(move)
                case ExpectMove():
                    yield from _expect_move(given, state, step, made)
                case ExpectThat(condition):
                    if not state.holds(condition):
                        yield Failure(step, f"“{format_expression(condition, story)}” does not hold {_after(made)}")
                case ExpectEnding(title):
                    reached = state.ending.title if state.ending else None
                    if reached != title:
                        expected = f"the ending “{title}”" if title else "no ending"
                        yield Failure(step, f"expected {expected} {_after(made)}, but it came to {f'“{reached}”' if reached else 'none'}")
        except UnknownMove as error:
            yield Failure(step, str(error))
            return


def _expect_move(story: Story, state: State, step: ExpectMove, made: list[Move]) -> Iterator[Failure]:
    can = possible(state, state.world.move(step.move))
    if can is None:
        yield Failure(step, f"{step.move} is undecided {_after(made)}: a limit was reached", undecided=True)
    elif can and not step.possible:
        yield Failure(step, f"{step.move} is possible {_after(made)}")
    elif step.possible and not can:
        yield Failure(step, f"{step.move} is not possible {_after(made)}: {_obstacle(state, step.move)}")
    elif step.because is not None and not can:
        kept = tuple(want for want in story.wants if want.because != step.because)
        without = ground(replace(story, wants=kept)).start
        for move in made:
            without = without.after(without.world.move(move))
        would = possible(without, without.world.move(step.move))
        if would is not True:
            message = f"without “{step.because}”, {step.move} is {'undecided' if would is None else 'not possible either'} {_after(made)}"
            yield Failure(step, message, undecided=would is None)


def _verdict(can: bool | None) -> str:
    return "is undecided" if can is None else "is not possible"


def _after(made: list[Move]) -> str:
    return "after " + ", ".join(str(move) for move in made) if made else "at the start"


def _obstacle(state: State, named: Move) -> str:
    """In a few words, what stands in the way of a move."""
    move = state.world.move(named)
    if state.ending:
        return f"the tale has ended with “{state.ending.title}”"
    if not allowed(state, move):
        return "the world does not allow it (its condition does not hold, or its weight is 0)"
    unwilling = [person for person in move.consenting if state.in_character(move, person) is not True]
    return f"it is not in character for {' and '.join(unwilling)}"
