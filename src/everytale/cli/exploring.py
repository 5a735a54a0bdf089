"""``everytale explore`` and ``export``: the whole realm of a story, summed up for people and for tools, or written for other programs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from everytale.cli import HORIZON, MINDS, Amount, exit_with, format_option, json_option, main, story_argument

if TYPE_CHECKING:
    from fractions import Fraction

    from everytale.answers.never import Never
    from everytale.answers.questions import Question
    from everytale.diagnostics import Span
    from everytale.loader import Format
    from everytale.realm import Bounds, Outcome, Realm, Verdict
    from everytale.world import Trace

WIDTH, BAR = 80, 16
MOST_DIGITS = 4_000
"""Of a denominator; Python writes no more than 4,300 either, unless told to."""
MOST_LINES, MOST_QUESTIONS, MOST_MOVES = 10, 4, 4
EIGHTHS = " ▏▎▍▌▋▊▉█"


@main.command()
@story_argument
@format_option
@click.option("--as", "player", metavar="NAME", help="A person whose moves a human chooses: least and greatest odds, whatever they do.")
@click.option("--within", type=click.IntRange(min=0), metavar="N", help="Only what can be come to in N moves.")
@click.option("--horizon", type=HORIZON, metavar="N", help="How many moves people plan ahead; the story's own unless said.")
@click.option("--minds", type=MINDS, metavar="N", help="How deep people imagine each other; the story's own unless said.")
@click.option("--time", type=Amount(), metavar="S", help="Stop after S seconds.")
@click.option("--memory", type=Amount(), metavar="GB", help="Stop before more than GB gigabytes are used (8).")
@click.option("--exact", is_flag=True, help="The odds as fractions too, if the realm is whole and small.")
@click.option("--deeper", is_flag=True, help="Ask too where one more --minds or --horizon would change what people do.")
@click.option("--save", metavar="DIR", help="Write situations, moves, endings and odds to DIR, as tables (Parquet).")
@click.option("--checkpoint", metavar="FILE", help="Keep in FILE what is known by now and then, and go on from it if it is there.")
@click.option("--report", metavar="OUT.html", help="Write a page about it: endings, a map, a tale with its tension and beliefs.")
@click.option("--flips", is_flag=True, help="With --report: what becomes of it under each of its flips, too.")
@click.option("--picture", metavar="OUT.svg|OUT.png", help="Write the map of it as a picture.")
@click.option("--of", metavar="WHAT", help="With --picture: the map, the tension along a tale, or what a person, NAME, believes along it.")
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
    exact: bool,
    deeper: bool,
    save: str | None,
    checkpoint: str | None,
    report: str | None,
    flips: bool,
    picture: str | None,
    of: str | None,
    as_json: bool,
) -> None:
    """Explore every situation that STORY can come to: its endings and their odds, what never happens, what its author may not have meant.

    Cut short (by --time, --memory or Ctrl-C) it says what is known by then, with odds between bounds that hold whatever the rest may be,
    and the exit code is 3.
    """
    from everytale.answers.never import never
    from everytale.answers.questions import questions
    from everytale.cli import printing
    from everytale.cli.reporting import require_picture, write_picture, write_report
    from everytale.cli.saving import read_checkpoint, require_tables, require_writable, write_checkpoint, write_tables
    from everytale.loader import load
    from everytale.realm import explore as explored
    from everytale.realm import judge

    if flips and report is None:
        raise click.UsageError("--flips goes with --report.")
    if of is not None and picture is None:
        raise click.UsageError("--of goes with --picture.")
    loaded = load(story, format=format)
    if picture is not None:
        require_picture(picture, of or "map", loaded)
    for output in (report, picture, checkpoint):
        if output is not None:
            require_writable(Path(output))
    if save is not None:
        require_tables(Path(save))
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
    if save is not None:
        write_tables(Path(save), realm)
    verdicts = tuple(judge(realm, claim) for claim in loaded.claims if claim.player == player)
    unmet, open_questions = never(realm), questions(realm, deeper=deeper)
    fractions = exact_odds(realm, time) if exact else None
    if not as_json:
        lines = [
            *summary(realm),
            *(exact_lines(fractions) if exact else []),
            *claim_lines(verdicts),
            *never_lines(realm, unmet),
            *question_lines(open_questions),
        ]
        printing.print_lines("\n".join(lines))
        printing.print_lines(f"\n[{realm.seconds:.2f} s, {realm.memory / 1e6:,.0f} MB]", error=True)
    if report is not None:
        write_report(realm, story, report, verdicts, unmet, with_flips=flips, memory=memory)
    if picture is not None:
        write_picture(realm, story, picture, of or "map")
    if as_json:  # last, so that an error is not a second value
        printing.as_json(realm_data(realm, verdicts, unmet, open_questions) | ({"exact": exact_data(fractions)} if exact else {}))
    exit_with(True if realm.stopped is None and not realm.undecided and not isinstance(fractions, str) else None)


@main.command()
@story_argument
@format_option
@click.option("--to", type=click.Choice(["dot", "graphml", "prism", "drn", "json", "ink"]), required=True, help="In which form.")
@click.option("-o", "output", metavar="FILE", help="Into FILE instead of standard output.")
@click.option("--as", "player", metavar="NAME", help="A person whose moves a human chooses: a decision process, choices in ink.")
@click.option("--within", type=click.IntRange(min=0), metavar="N", help="Only what can be come to in N moves.")
def export(story: str, format: Format | None, to: str, output: str | None, player: str | None, within: int | None) -> None:
    """Write the realm of STORY for other programs: a graph (dot, graphml), a model checker's input (prism, drn), json, or a story to be
    played in ink."""
    from everytale.cli import printing
    from everytale.cli.saving import atomically, require_writable
    from everytale.loader import load
    from everytale.realm import explore as explored
    from everytale.realm.export import exported

    if output is not None:
        require_writable(Path(output))
    loaded = load(story, format=format)
    if to == "ink":
        from everytale.play.ink import ink
        from everytale.play.plain import person

        player = person(loaded, player)
    realm = explored(loaded, player=player, within=within, progress=printing.searching)
    lines = ink(realm) if to == "ink" else exported(realm, to)
    if output is None:
        for line in lines:
            click.echo(line)
    else:
        atomically(Path(output), lambda file: file.writelines(f"{line}\n".encode() for line in lines))
    exit_with(True if realm.stopped is None and not realm.undecided else None)


# ---- for people ------------------------------------------------------------------------------------------------------


def summary(realm: Realm) -> list[str]:
    """The realm at a glance."""
    from everytale.cli.printing import heading

    who = "" if realm.player is None else f", {realm.story.entity[realm.player].label} played by a human"
    lines = [f"{heading(realm.story.title)}{who}", ""]
    lines += _extent(realm)
    come = [one for one in realm.outcomes if one.odds.high > 0]
    lines += ["", *(_table(come) if realm.player is None else _played_table(come))]
    if not any(one.ending is not None for one in realm.outcomes):
        lines += ["", "The story has no endings."]
    return lines


def _extent(realm: Realm) -> list[str]:
    """How much of it is known, and why not all."""
    counted = f"{_many(realm.situations, 'situation')}, {_many(realm.transitions, 'move')} between them, up to {_many(realm.depth, 'move')}"
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


def exact_odds(realm: Realm, time: float | None) -> dict[str, Fraction] | str:
    """The odds of every outcome as fractions, or why there are none; ``time``: seconds for exploring and for this."""
    from everytale.realm.odds import MOST_EXACT

    if realm.status != "whole":
        return "there are none while a part of the realm is not known."
    try:
        found = realm.exact(None if time is None else time - realm.seconds)
    except TimeoutError:
        return "the time was up before they were found."
    except KeyboardInterrupt:
        return "finding them was interrupted."
    if found is None:
        return f"they are found for at most {MOST_EXACT:,} situations that hang together loosely; this realm is too large for it."
    digits = max(one.denominator.bit_length() for one in found.values()) * 0.30103
    if digits > MOST_DIGITS:
        return f"their denominators have about {digits:,.0f} digits, and more than {MOST_DIGITS:,} are not written."
    return found


def exact_lines(fractions: dict[str, Fraction] | str | None) -> list[str]:
    from everytale.cli.printing import heading

    if isinstance(fractions, str) or fractions is None:
        return ["", *_sentence(f"Odds as fractions: {fractions}")]
    return ["", heading("Odds as fractions"), *(f"  {name}: {odds}" for name, odds in fractions.items() if odds)]


def _bar(odds: Bounds) -> str:
    """Odds as a bar: solid what is sure, light what may be."""
    sure, may = round(odds.low * BAR * 8), round(odds.high * BAR * 8)
    solid = "█" * (sure // 8) + (EIGHTHS[sure % 8] if sure % 8 else "")
    return (solid + "░" * (-(-may // 8) - len(solid))).rstrip()


def _sentence(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, _width(), break_on_hyphens=False)


def _width() -> int:
    return min(WIDTH, max(20, shutil.get_terminal_size((WIDTH, 24)).columns))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def claim_lines(verdicts: tuple[Verdict, ...]) -> list[str]:
    """How many of the claims are proved, and which are not: ``everytale claims`` shows them all, each with its tale."""
    from everytale.cli.claiming import counts
    from everytale.cli.printing import heading, mark

    if not verdicts:
        return []
    lines = ["", heading(f"Claims: {counts(verdicts)}")]
    for one in verdicts:
        if one.answer != "proved":
            sign = mark(False if one.answer == "refuted" else None)
            lines += _hanging(f"{sign} {one.claim.title or one.claim.text}: {one.answer}{_after(one.trace)}")
    return lines


def never_lines(realm: Realm, unmet: tuple[Never, ...]) -> list[str]:
    """What no tale comes to, and why; of an exploration cut short, how much was not met."""
    from everytale.cli.printing import heading

    if not unmet:
        return []
    if realm.stopped is not None:
        return ["", *_sentence(f"Not met so far: {_counted(unmet)}. (--json has them.)")]
    where = "never" if realm.status == "whole" else f"not within {_many(realm.within or 0, 'move')}"
    lines = ["", heading(f"What happens {where}: {_counted(unmet)}")]
    for what in ("action", "event", "ending", "scene", "text"):
        those = [one for one in unmet if one.what == what]
        for one in those[:MOST_LINES]:
            name = f"“{one.name}”" if what in ("ending", "scene", "text") else one.name
            place = f" ({_place(one.span)})" if what == "text" and one.span is not None else ""
            lines += _hanging(f"{what} {name}{place}: {one.obstacle.because}{_after(one.obstacle.trace)}")
        if len(those) > MOST_LINES:
            lines.append(f"  and {len(those) - MOST_LINES} more (--json has all)")
    return lines


def question_lines(found: tuple[Question, ...]) -> list[str]:
    from everytale.cli.printing import heading

    lines = ["", heading("Open questions")] if found else []
    for about in ("unexplained", "spent", "unserved", "shallow"):
        those = [one for one in found if one.about == about]
        for one in those[:MOST_QUESTIONS]:
            lines += _hanging(f"{one.text}{_after(one.trace)}")
        if len(those) > MOST_QUESTIONS:
            lines.append(f"  and {len(those) - MOST_QUESTIONS} more of this kind (--json has all)")
    return lines


def _counted(unmet: tuple[Never, ...]) -> str:
    counts = [(sum(one.what == what for one in unmet), what) for what in ("action", "event", "ending", "scene", "text")]
    return ", ".join(_many(count, what) for count, what in counts if count)


def _after(trace: Trace | None) -> str:
    """The tale after which it is so, if it is short enough to read."""
    if trace is None or not trace.moves:
        return ""
    moves = [str(move) for move in trace.moves]
    return f" [{'; '.join(moves)}]" if len(moves) <= MOST_MOVES else f" [{moves[0]}; … {len(moves) - 2} moves …; {moves[-1]}]"


def _place(span: Span) -> str:
    return f"{span.source.name}:{span.source.text.count(chr(10), 0, span.start) + 1}"


def _hanging(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, _width(), initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


# ---- for tools -------------------------------------------------------------------------------------------------------


def realm_data(realm: Realm, verdicts: tuple[Verdict, ...], unmet: tuple[Never, ...], found: tuple[Question, ...]) -> dict[str, Any]:
    """What ``--json`` prints."""
    from everytale.cli.claiming import verdict_data
    from everytale.cli.data import place

    *ends, endless = realm.outcomes
    return {
        "title": realm.story.title,
        "player": realm.player,
        "status": realm.status,
        "stopped": realm.stopped,
        "limits": {"within": realm.within, "horizon": realm.world.horizon, "minds": realm.world.minds},
        "states": realm.situations,
        "moves": realm.transitions,
        "depth": realm.depth,
        "open": int(realm.open.sum()),
        "undecided": realm.undecided,
        "endings": [{"name": one.name, **_outcome(realm, one)} for one in ends if one.ending is not None],
        "dead_ends": realm.dead_ends,
        "dead_end": _outcome(realm, ends[-1]),
        "endless": _bounds(endless.odds) if realm.player is None else _bounds(endless.odds) | _played(endless),
        "claims": [verdict_data(verdict) for verdict in verdicts],
        "never": {
            "proved": realm.status == "whole",
            **{
                f"{what}s": [
                    {
                        "name": one.name,
                        "place": place(one.span),
                        "because": one.obstacle.because,
                        "condition": one.obstacle.condition,
                        "person": one.obstacle.person,
                        "trace": _moves(one.obstacle.trace),
                    }
                    for one in unmet
                    if one.what == what
                ]
                for what in ("action", "event", "ending", "text", "scene")
            },
        },
        "questions": [{"about": one.about, "text": one.text, "trace": _moves(one.trace), "place": place(one.span)} for one in found],
        "seconds": round(realm.seconds, 4),
        "peak_memory_bytes": realm.memory,
    }


def exact_data(fractions: dict[str, Fraction] | str | None) -> dict[str, Any]:
    """Odds as fractions in words, ``"3/8"``, since few readers of JSON have whole numbers as large; or ``why`` there are none."""
    if isinstance(fractions, str) or fractions is None:
        return {"odds": None, "why": fractions}
    return {"odds": {name: str(odds) for name, odds in fractions.items()}, "why": None}


def _moves(trace: Trace | None) -> list[str] | None:
    return None if trace is None else [str(move) for move in trace.moves]


def _outcome(realm: Realm, one: Outcome) -> dict[str, Any]:
    played = {} if realm.player is None else _played(one)
    return {"odds": _bounds(one.odds), **played, "shortest": one.shortest, "situations": one.situations}


def _played(one: Outcome) -> dict[str, Any]:
    return {"least": _bounds(one.least), "most": _bounds(one.most), "evenly": _bounds(one.evenly)}


def _bounds(odds: Bounds) -> dict[str, float]:
    return {"low": odds.low, "high": odds.high}
