"""``everytale explore`` and ``export``: the whole realm of a story, summed up for people and for tools, or written for other programs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from everytale.cli import _exit, format_option, json_option, main, story_argument

if TYPE_CHECKING:
    from everytale.loader import Format
    from everytale.realm import Bounds, Outcome, Realm

WIDTH, BAR = 80, 16
EIGHTHS = " ▏▎▍▌▋▊▉█"


@main.command()
@story_argument
@format_option
@click.option("--as", "player", metavar="NAME", help="A person whose moves a human chooses: least and greatest odds, whatever they do.")
@click.option("--within", type=click.IntRange(min=0), metavar="N", help="Only what can be come to in N moves.")
@click.option("--horizon", type=click.IntRange(min=1), metavar="N", help="How many moves people plan ahead; the story's own unless said.")
@click.option("--minds", type=click.IntRange(min=0), metavar="N", help="How deep people imagine each other; the story's own unless said.")
@click.option("--time", type=click.FloatRange(min=0, min_open=True), metavar="S", help="Stop after S seconds.")
@click.option(
    "--memory", type=click.FloatRange(min=0, min_open=True), metavar="GB", help="Stop before more than GB gigabytes are used (8)."
)
@click.option("--checkpoint", metavar="FILE", help="Keep in FILE what is known by now and then, and go on from it if it is there.")
@click.option("--report", metavar="OUT.html", help="Write a page about it: endings, a map, a tale with its tension and beliefs.")
@click.option("--flips", is_flag=True, help="With --report: what becomes of it under each of its flips, too.")
@click.option("--picture", metavar="OUT.svg", help="Write the map of it as a picture.")
@json_option
def explore(
    story: str,
    format: Format | None,
    player: str | None,
    within: int | None,
    horizon: int | None,
    minds: int | None,
    time: float | None,
    memory: float | None,
    checkpoint: str | None,
    report: str | None,
    flips: bool,
    picture: str | None,
    as_json: bool,
) -> None:
    """Explore every situation that STORY can come to: its endings and their odds, dead ends, tales without end.

    Cut short (by --time, --memory or Ctrl-C) it says what is known by then, with odds between bounds that hold whatever the rest may be,
    and the exit code is 3.
    """
    from everytale.cli import printing
    from everytale.cli.saving import read_checkpoint, write_checkpoint
    from everytale.loader import load
    from everytale.realm import explore as explored

    if flips and report is None:
        raise click.UsageError("--flips goes with --report.")
    loaded = load(story, format=format)
    kept = None if checkpoint is None else Path(checkpoint)
    realm = explored(
        loaded,
        player=player,
        within=within,
        horizon=horizon,
        minds=minds,
        time=time,
        memory=memory,
        progress=printing.searching,
        known=None if kept is None else read_checkpoint(kept),
        keep=None if kept is None else lambda known: write_checkpoint(kept, known),
    )
    if as_json:
        printing.as_json(realm_data(realm))
    else:
        printing.print_lines("\n".join(summary(realm)))
        printing.print_lines(f"\n[{realm.seconds:.2f} s, {realm.memory / 1e6:,.0f} MB]", error=True)
    if report is not None or picture is not None:
        from everytale.cli.reporting import write_picture, write_report

        if report is not None:
            write_report(realm, story, report, with_flips=flips, memory=memory)
        if picture is not None:
            write_picture(realm, story, picture)
    _exit(True if realm.stopped is None and not realm.undecided else None)


@main.command()
@story_argument
@format_option
@click.option("--to", type=click.Choice(["dot", "graphml", "prism", "drn", "json"]), required=True, help="In which form.")
@click.option("-o", "output", metavar="FILE", help="Into FILE instead of standard output.")
@click.option("--as", "player", metavar="NAME", help="A person whose moves a human chooses: a decision process.")
@click.option("--within", type=click.IntRange(min=0), metavar="N", help="Only what can be come to in N moves.")
def export(story: str, format: Format | None, to: str, output: str | None, player: str | None, within: int | None) -> None:
    """Write the realm of STORY for other programs: a graph (dot, graphml), a model checker's input (prism, drn), or json."""
    from everytale.cli import printing
    from everytale.cli.saving import atomically
    from everytale.loader import load
    from everytale.realm import explore as explored
    from everytale.realm.export import exported

    realm = explored(load(story, format=format), player=player, within=within, progress=printing.searching)
    if output is None:
        for line in exported(realm, to):
            click.echo(line)
    else:
        atomically(Path(output), lambda file: file.writelines(f"{line}\n".encode() for line in exported(realm, to)))
    _exit(True if realm.stopped is None and not realm.undecided else None)


# ---- for people ------------------------------------------------------------------------------------------------------


def summary(realm: Realm) -> list[str]:
    """The realm at a glance."""
    from everytale.cli.printing import heading

    who = "" if realm.player is None else f", {realm.story.entity[realm.player].label} played by a human"
    lines = [f"{heading(realm.story.title)}{who}", ""]
    lines += _extent(realm)
    come = [one for one in realm.outcomes if one.odds.high > 0]
    lines += ["", *(_table(come) if realm.player is None else _played_table(come))]
    never = [one.name for one in realm.outcomes if one.ending is not None and one.odds.high == 0]
    if never:
        lines += ["", *_sentence(f"No tale comes to {_or(f'“{name}”' for name in never)}.")]
    if not any(one.ending is not None for one in realm.outcomes):
        lines += ["", "The story has no endings."]
    return lines


def _extent(realm: Realm) -> list[str]:
    """How much of it is known, and why not all."""
    counted = f"{_many(realm.states, 'situation')}, {_many(realm.moves, 'move')} between them, up to {_many(realm.depth, 'move')}"
    counted += " from the start"
    if realm.status == "whole":
        return _sentence(f"The whole realm: {counted}.")
    open_ = int(realm.open.sum())
    causes = {
        None: f"what follows after {_many(realm.within or 0, 'move')} was not asked for",
        "time": "the time was up",
        "memory": "the memory was used up",
        "interrupted": "it was interrupted",
    }
    lines = [f"A part of the realm: {counted}. Of {open_:,} of them it is not known what follows: {causes[realm.stopped]}."]
    if realm.undecided:
        lines.append(f"In {realm.undecided:,} a limit was reached before it was known whether somebody would make a move.")
    lines.append("Odds are bounds that hold whatever the rest may be.")
    return _sentence(" ".join(lines))


def _table(outcomes: list[Outcome]) -> list[str]:
    from everytale.cli.printing import heading

    name = min(max([len(one.name) for one in outcomes] + [10]), 30)
    odds = max([len(str(one.odds)) for one in outcomes] + [4])
    lines = [heading(f"{'':<{name}}  {'odds':>{odds}}  {'':<{BAR}}  {'shortest':>9}  {'situations':>11}")]
    for one in outcomes:
        shortest = "" if one.shortest is None else _many(one.shortest, "move")
        counted = f"{one.situations:,}" if one.situations else ""
        said = f"{_cut(one.name, name):<{name}}  {one.odds!s:>{odds}}  {_bar(one.odds):<{BAR}}"
        lines.append(f"{said}  {shortest:>9}  {counted:>11}".rstrip())
    return lines


def _played_table(outcomes: list[Outcome]) -> list[str]:
    from everytale.cli.printing import heading

    name = min(max([len(one.name) for one in outcomes] + [10]), 26)
    columns = [[str(bounds) for bounds in (one.least, one.evenly, one.most)] for one in outcomes]
    widths = [max([len(row[column]) for row in columns] + [8]) for column in range(3)]
    titles = "  ".join(f"{title:>{width}}" for title, width in zip(("at least", "evenly", "at most"), widths, strict=True))
    lines = [heading(f"{'':<{name}}  {titles}  {'shortest':>9}")]
    for one, row in zip(outcomes, columns, strict=True):
        odds = "  ".join(f"{text:>{width}}" for text, width in zip(row, widths, strict=True))
        shortest = "" if one.shortest is None else _many(one.shortest, "move")
        lines.append(f"{_cut(one.name, name):<{name}}  {odds}  {shortest:>9}".rstrip())
    return [*lines, "", *_sentence("At least and at most: whatever they do. Evenly: were they to choose with no preference.")]


def _bar(odds: Bounds) -> str:
    """Odds as a bar: solid what is sure, light what may be."""
    sure, may = round(odds.low * BAR * 8), round(odds.high * BAR * 8)
    solid = "█" * (sure // 8) + (EIGHTHS[sure % 8] if sure % 8 else "")
    return (solid + "░" * (-(-may // 8) - len(solid))).rstrip()


def _sentence(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, min(WIDTH, max(20, shutil.get_terminal_size((WIDTH, 24)).columns)), break_on_hyphens=False)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _or(names: Any) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


# ---- for tools -------------------------------------------------------------------------------------------------------


def realm_data(realm: Realm) -> dict[str, Any]:
    """What ``--json`` prints."""
    *ends, endless = realm.outcomes
    return {
        "title": realm.story.title,
        "player": realm.player,
        "status": realm.status,
        "stopped": realm.stopped,
        "limits": {"within": realm.within, "horizon": realm.world.horizon, "minds": realm.world.minds},
        "states": realm.states,
        "moves": realm.moves,
        "depth": realm.depth,
        "open": int(realm.open.sum()),
        "undecided": realm.undecided,
        "endings": [{"name": one.name, **_outcome(realm, one)} for one in ends if one.ending is not None],
        "dead_ends": realm.dead_ends,
        "dead_end": _outcome(realm, ends[-1]),
        "endless": _bounds(endless.odds) if realm.player is None else _bounds(endless.odds) | _played(endless),
        "seconds": round(realm.seconds, 4),
        "peak_memory_bytes": realm.memory,
    }


def _outcome(realm: Realm, one: Outcome) -> dict[str, Any]:
    played = {} if realm.player is None else _played(one)
    return {"odds": _bounds(one.odds), **played, "shortest": one.shortest, "situations": one.situations}


def _played(one: Outcome) -> dict[str, Any]:
    return {"least": _bounds(one.least), "most": _bounds(one.most), "evenly": _bounds(one.evenly)}


def _bounds(odds: Bounds) -> dict[str, float]:
    return {"low": odds.low, "high": odds.high}
