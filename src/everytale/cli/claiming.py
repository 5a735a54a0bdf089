"""``everytale claims``: the author's claims, judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from everytale.cli import Amount, format_option, json_option, main, story_argument

if TYPE_CHECKING:
    from everytale.loader import Format
    from everytale.realm import Verdict
    from everytale.story import Story

_MARKS: dict[str, bool | None] = {"proved": True, "refuted": False, "undecided": None}


@main.command()
@story_argument
@format_option
@click.option("--within", type=click.IntRange(min=0), metavar="N", help="Look at tales of at most N moves.")
@click.option("--time", type=Amount(), metavar="S", help="Explore for S seconds at most.")
@click.option("--memory", type=Amount(), metavar="GB", help="Stop before more than GB gigabytes are used (8).")
@click.option("--tell", "telling", is_flag=True, help="Tell each tale that is shown, as prose.")
@json_option
def claims(
    story: str, format: Format | None, within: int | None, time: float | None, memory: float | None, telling: bool, as_json: bool
) -> None:
    """Judge the claims of STORY: each is proved, refuted by the shortest tale against it, or undecided.

    Exit code 1 if one is refuted, else 3 if one is undecided.
    """
    from everytale.cli import exit_by, printing
    from everytale.loader import load
    from everytale.realm import claims as judged

    if telling and as_json:
        raise click.UsageError("Either --tell or --json, not both.")
    loaded = load(story, format=format)
    verdicts = judged(loaded, within=within, time=time, memory=memory, progress=printing.searching)
    if as_json:
        printing.as_json({"claims": [verdict_data(verdict) for verdict in verdicts]})
    else:
        for verdict in verdicts:
            _print(loaded, verdict, telling)
        _print_counts(story, verdicts)
    exit_by(_MARKS[verdict.answer] for verdict in verdicts)


def verdict_data(verdict: Verdict) -> dict[str, Any]:
    """A verdict for tools."""
    from everytale.cli.data import place

    claim, where = verdict.claim, place(verdict.claim.span)
    return {
        "claim": claim.text,
        "title": claim.title,
        "file": where and where["file"],
        "line": where and where["line"],
        "player": claim.player,
        "verdict": verdict.answer,
        "trace": None if verdict.trace is None else [str(move) for move in verdict.trace.moves],
        "loop": verdict.loop,
        "odds": None if verdict.odds is None else {"low": verdict.odds.low, "high": verdict.odds.high},
        "why": verdict.why or None,
    }


def _print(story: Story, verdict: Verdict, telling: bool) -> None:
    from everytale.cli import printing
    from everytale.cli.data import place

    claim, where = verdict.claim, place(verdict.claim.span)
    title = f"{claim.title}: " if claim.title else ""
    first, *more = printing.wrapped(f"{title}{claim.text}", "  ").splitlines()
    printing.print_lines(f"{printing.mark(_MARKS[verdict.answer])} {printing.heading(first.strip())}")
    for line in more:
        printing.print_lines(printing.heading(line))
    if verdict.answer != "proved" and where:
        printing.print_lines(printing.wrapped(f"{where['file']}:{where['line']}: {verdict.answer}. {verdict.why}", "    "))
    if verdict.odds is not None:
        printing.print_lines(f"    The odds are {verdict.odds}.")
    if verdict.trace is None:
        return
    if telling:
        from everytale.telling import tell

        printing.print_lines("")
        printing.tale(tell(story, seed=1, trace=verdict.trace))
        printing.print_lines("")
    else:
        printing.print_lines(printing.wrapped(_tale(verdict), "    "))


def _tale(verdict: Verdict) -> str:
    """The moves of the tale, on one line."""
    assert verdict.trace is not None
    moves = [str(move) for move in verdict.trace.moves]
    if verdict.loop is None:
        return "; ".join(moves) or "At the start."
    before, round_ = "; ".join(moves[: verdict.loop]), "; ".join(moves[verdict.loop :])
    return f"{before + '; then ' if before else ''}for ever: {round_}"


def _print_counts(story: str, verdicts: tuple[Verdict, ...]) -> None:
    from everytale.cli.printing import print_lines

    print_lines(counts(verdicts) if verdicts else f"{story} claims nothing")


def counts(verdicts: tuple[Verdict, ...]) -> str:
    """How many of them came out how, in words."""
    found = {answer: sum(verdict.answer == answer for verdict in verdicts) for answer in _MARKS}
    return ", ".join(f"{count} {answer}" for answer, count in found.items() if count)
