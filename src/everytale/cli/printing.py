"""How answers are printed: wrapped at a readable measure, coloured on a terminal only, or as JSON for tools."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Container, Iterable, Sequence
from fractions import Fraction
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    from everytale.diagnostics import Diagnostic
    from everytale.finding import Found, Progress
    from everytale.minds import Followed, Following
    from everytale.story import Story
    from everytale.telling import Tale

MEASURE = 72
"""The longest line of prose, in characters."""


def measure() -> int:
    """The width of prose: that of the terminal, up to a readable one."""
    return max(20, min(MEASURE, shutil.get_terminal_size((MEASURE, 24)).columns))


def prose(text: str, *, indent: str = "") -> None:
    """Print paragraphs, which are separated by empty lines, wrapped."""
    paragraphs = text.strip("\n").split("\n\n")
    print_lines("\n\n".join(wrapped(paragraph, indent) for paragraph in paragraphs))


def tale(told: Tale) -> None:
    """Print a tale: its title, then its scenes with theirs."""
    print_lines(heading(told.story.title))
    for piece in told.told:
        if piece.occasion == "scene":
            print_lines("\n" + (heading(piece.title) if piece.title else "* * *".center(measure()).rstrip()))
        for paragraph in piece.paragraphs:
            print_lines("\n" + wrapped(paragraph))


def wrapped(paragraph: str, indent: str = "", hanging: str = "") -> str:
    return textwrap.fill(
        " ".join(paragraph.split()),
        measure(),
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_on_hyphens=False,
        break_long_words=False,
    )


def print_lines(text: str, *, error: bool = False) -> None:
    _stand("")
    stream = sys.stderr if error else sys.stdout
    if stream is not None:  # it may be closed
        click.echo(text, err=error, color=coloured(stream))


def coloured(stream: IO[str]) -> bool:
    """Whether colour is welcome: on a terminal that can, and nobody said no."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def progress(number: int, of: int) -> None:
    """On a terminal, say on the error stream at which move one is; what is printed next stands in its place."""
    _stand(f"move {number} of {of} ...")


def searching(now: Progress) -> None:
    """On a terminal, say on the error stream how far a search is; what is printed next stands in its place."""
    found = f"{now.states:,} states, {now.deepest} moves deep, " if now.states else ""
    line = f"{now.what}: {found}{now.memory / 1e6:,.0f} MB, {now.seconds:.0f} s"
    if now.waiting is not None:
        rate = (now.states - now.waiting) / max(now.seconds, 1e-3)
        left = f"{now.waiting / rate:,.0f} s" if rate else "?"
        line = f"{now.what}: {now.states:,} situations, {rate:,.0f}/s; {now.waiting:,} left, {left} or more; {now.memory / 1e6:,.0f} MB"
    _stand(line)


_stands = False


def _stand(line: str) -> None:
    """Let ``line`` stand alone on the terminal's last line until something else does; nothing (``""``) takes it away."""
    global _stands
    if (line or _stands) and sys.stderr is not None and sys.stderr.isatty():
        try:
            wide = os.get_terminal_size(sys.stderr.fileno()).columns - 1
        except OSError:
            wide = MEASURE
        sys.stderr.write(f"\r{line[:wide]:<{wide}}\r")
        sys.stderr.flush()
    _stands = bool(line)


def mark(verdict: bool | None) -> str:
    """A verdict as a sign: yes, no, undecided."""
    sign, colour = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}[verdict]
    return click.style(sign, fg=colour)


def heading(text: str) -> str:
    return click.style(text, bold=True)


def table(rows: Sequence[tuple[str, ...]], *, right: Container[int] = ()) -> str:
    """Rows of cells, the first of them headings, aligned: the columns ``right`` to the right, as numbers are."""
    from everytale.diagnostics import columns

    widths = [max(columns(cell) for cell in column) for column in zip(*rows, strict=True)]

    def line(row: tuple[str, ...]) -> str:
        blanks = [" " * (wide - columns(cell)) for cell, wide in zip(row, widths, strict=True)]
        cells = (blank + cell if k in right else cell + blank for k, (cell, blank) in enumerate(zip(row, blanks, strict=True)))
        return "  ".join(cells).rstrip()

    return "\n".join([heading(line(rows[0])), *map(line, rows[1:])])


def as_json(answer: object) -> None:
    print_lines(json.dumps(answer, ensure_ascii=False, indent=2, default=_plain))


def diagnostics(found: Iterable[Diagnostic], *, error: bool = True) -> None:
    """Print diagnostics as a person reads them; ``error``: on the error stream."""
    from everytale.diagnostics import render

    stream = sys.stderr if error else sys.stdout
    for diagnostic in found:
        print_lines(render(diagnostic, colour=coloured(stream)) + "\n", error=error)


def following(story: Story, found: Following) -> None:
    """A trace with its verdicts and reasons, move by move."""
    from everytale.answers.words import number, plan

    people = story.entity
    for step, one in enumerate(found.moves, start=1):
        print_lines(f"{mark(one.ok)} {step}. {heading(str(one.move))}  {_verdict(one)}")
        for reason in one.reasons:
            because = " because " + ", and because ".join(reason.because) if reason.because else ""
            ahead = f"; the plan: {plan(reason.plan)}" if len(reason.plan) > 1 else ""
            print_lines(wrapped(f"{people[reason.person].label}{because} ({number(reason.gain, sign=True)}){ahead}", "       ", "  "))
    if found.ending:
        print_lines(f"The tale ends: {found.ending.title}.")
    if found.value is not None:
        print_lines(f"To the author this is worth {number(found.value)}.")
    if found.goal is not None:
        print_lines(f"{mark(found.goal)} The goal {'is reached' if found.goal else 'is not reached'}.")


def found(story: Story, answer: Found, telling: bool) -> None:
    """What a search came to: its tales with everybody's reasons or as prose, what is proved of them, and what it cost."""
    for tale_number, one in enumerate(answer.tales):
        if tale_number:
            print_lines("")
        if telling:
            from everytale.telling import tell
            from everytale.world import Trace

            tale(tell(story, seed=1, trace=Trace(tuple(step.move.move for step in one.moves))))
        else:
            following(story, one)
    lines = [_limits(answer)] if not answer.tales else []
    if answer.shortest:
        lines.append("No tale within the limits is shorter; that is proved.")
    if answer.likeliest and answer.odds is not None:
        lines.append(f"No tale within the limits is likelier: 1 in {float(1 / answer.odds):,.0f}, exactly {answer.odds}.")
    if answer.tales and answer.complete and not answer.likeliest:
        lines.append("No other tale comes to another end; that is proved.")
    if answer.stopped:
        lines.append(
            {"time": "The time was up.", "memory": "The memory was used up.", "interrupted": "It was interrupted."}[answer.stopped]
        )
    if answer.stopped and answer.tales:
        lines.append("Whether there is a better one, or another, is not known.")
    if telling and answer.tales and lines:
        print_lines("")
    for line in lines:
        print_lines(wrapped(line))
    memory = f", {answer.memory / 1e6:,.0f} MB" if answer.memory else ""
    print_lines(f"[{answer.states:,} states, {answer.grounding + answer.seconds:.2f} s{memory}]", error=True)


def _limits(answer: Found) -> str:
    moves = "of any length" if answer.within is None else f"of at most {answer.within} move{'' if answer.within == 1 else 's'}"
    ahead = f"{answer.horizon} move{'' if answer.horizon == 1 else 's'} ahead"
    limits = f"{moves}, where people plan {ahead} and imagine each other {answer.minds} deep"
    if answer.status == "none":
        return f"There is no such tale {limits}; that is proved."
    return f"No such tale was found {limits}; whether there is one is undecided."


def _verdict(step: Followed) -> str:
    if not step.possible:
        return f"comes after the ending “{step.before.ending.title}”" if step.before.ending else "is not possible here"
    if step.move.is_event:
        return "is an event: nobody chose it"
    if step.in_character is None:
        return "is undecided: a limit was reached"
    if step.move.action.expressive is not None:
        return "slips out" if step.in_character else "does not slip out here"
    return "is in character" if step.in_character else "is out of character"


def _plain(value: object) -> object:
    """Numbers as JSON has them; all else by its name."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return str(value)
