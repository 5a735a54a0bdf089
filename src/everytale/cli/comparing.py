"""The verbs that compare a story with itself under other premises: ``flip`` and ``sensitivity``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from everytale.cli import UNDECIDED, YES, Amount, format_option, json_option, main, story_argument

if TYPE_CHECKING:
    from everytale.loader import Format
    from everytale.realm.compare import Compared, Parting, Ranking, Shift, Side
    from everytale.realm.odds import Bounds
    from everytale.realm.sensitivity import Variation
    from everytale.story import Story

T = TypeVar("T")

MARKS: dict[str, bool | None] = {"proved": True, "refuted": False, "undecided": None}

time_option = click.option("--time", type=Amount(), metavar="S", help="Stop after S seconds.")
memory_option = click.option("--memory", type=Amount(), metavar="GB", help="Stop before more than GB gigabytes are used (8).")
player_option = click.option("--as", "player", metavar="NAME", help="A person whose moves a human chooses: odds whatever they do, too.")


@main.command()
@story_argument
@click.argument("name", required=False)
@format_option
@player_option
@click.option("--all", "every", is_flag=True, help="All flips of STORY, those first that move the odds furthest.")
@time_option
@memory_option
@json_option
def flip(
    story: str,
    name: str | None,
    format: Format | None,
    player: str | None,
    every: bool,
    time: float | None,
    memory: float | None,
    as_json: bool,
) -> None:
    """Compare STORY with what becomes of it under other premises: its flip of the title NAME.

    Endings won and lost, odds moved, and the first move at which the likeliest tales part. Exit code 3 where a realm is not known as a
    whole, since it was cut short by --time, --memory or Ctrl-C.
    """
    from everytale.cli import printing
    from everytale.loader import load
    from everytale.realm import compare

    if every == (name is not None):
        raise click.UsageError("Which flip? Name one, or say --all.")
    loaded = load(story, format=format)
    if name is not None:
        found = compare.flip(loaded, name, player=player, time=time, memory=memory, progress=printing.searching)
        if as_json:
            printing.as_json({"flip": found.by.title, **_compared_data(found), "before": _side_data(found.before)})
        else:
            _print_compared(loaded, found)
        click.get_current_context().exit(YES if found.whole else UNDECIDED)
    ranking = compare.flips(loaded, player=player, time=time, memory=memory, progress=printing.searching)
    _ranking(ranking, "flip", lambda one: one.title, lambda one: {"flip": one.title}, as_json)


@main.command()
@story_argument
@format_option
@player_option
@time_option
@memory_option
@json_option
def sensitivity(story: str, format: Format | None, player: str | None, time: float | None, memory: float | None, as_json: bool) -> None:
    """Say which wants and weights the endings of STORY hang on.

    Every want is dropped, halved, doubled and negated, and every weight halved and doubled, one at a time; those come first that move
    the odds furthest. Exit code 3 where it was cut short.
    """
    from everytale.cli import printing
    from everytale.loader import load
    from everytale.realm.sensitivity import sensitivity as tried

    loaded = load(story, format=format)
    ranking = tried(loaded, player=player, time=time, memory=memory, progress=printing.searching)
    _ranking(ranking, "variation", lambda one: _variation(loaded, one), lambda one: _variation_data(loaded, one), as_json)


# ---- for people ------------------------------------------------------------------------------------------------------


def _print_compared(story: Story, found: Compared[Any]) -> None:
    from everytale.cli.printing import heading, mark, print_lines, prose, table

    print_lines(heading(found.by.title))
    if found.before.player is None:
        rows = [_shift(one) for one in found.shifts if _comes(one)]
        print_lines(table([("", "as it is", "flipped", "change", ""), *rows], right=(1, 2, 3)))
    else:
        rows = [_played(found, column) for column, one in enumerate(found.shifts) if _comes(one)]
        who = story.entity[found.before.player].label
        print_lines(table([(f"{who} played", "at least", "evenly", "at most", ""), *rows], right=(1, 2, 3)))
    prose(f"{_moved(found.distance)} {_parting(found.parting)}")
    for turned in found.turned:
        print_lines(f"{mark(MARKS[turned.after])} {turned.claim.text}: {turned.after} now, {turned.before} before")
    if not found.whole:
        prose("One of the realms is known in part only: the odds lie between these bounds.")


def _comes(one: Shift) -> bool:
    """Whether it may come in one of the realms."""
    return one.possible_before is not False or one.possible_after is not False


def _shift(one: Shift) -> tuple[str, ...]:
    return one.name, str(one.before), str(one.after), _points(one.change), _note(one)


def _note(one: Shift) -> str:
    return "won" if one.won else "lost" if one.lost else ""


def _played(found: Compared[Any], column: int) -> tuple[str, ...]:
    """The odds of one way to turn out that a player can bring about at least, evenly, and at most: as it is, and flipped."""
    one, other, shift = found.before, found.after, found.shifts[column]
    pairs = [(one.least, other.least), (one.odds, other.odds), (one.most, other.most)]
    odds = [(str(before[column]), str(after[column])) for before, after in pairs]
    return shift.name, *(before if before == after else f"{before} → {after}" for before, after in odds), _note(shift)


def _moved(distance: Bounds) -> str:
    if distance.high < 1e-6:
        return "The odds of no ending change."
    return f"Of a hundred tales {_number(100 * distance.low, 100 * distance.high)} turn out otherwise (the distance in total variation)."


def _parting(parting: Parting | None) -> str:
    if parting is None:
        return "The likeliest tale is the same."
    after = f"after {'; '.join(map(str, parting.shared))}" if parting.shared else "at the start"
    one, other = (f"with {move}" if move else "by being at its end" for move in (parting.before, parting.after))
    at = f"The likeliest tales part at move {len(parting.shared) + 1}, {after}"
    return f"{at}: the story as it is goes on {one}, the flipped one {other}."


def _ranking(ranking: Ranking[T], what: str, words: Callable[[T], str], data: Callable[[T], dict[str, Any]], as_json: bool) -> None:
    from everytale.cli import printing

    if as_json:
        printing.as_json(
            {
                f"{what}s": [data(one.by) | _compared_data(one) for one in ranking.changes],
                "broken": [data(one) | {"message": error.diagnostics[0].message} for one, error in ranking.broken],
                "left": ranking.left,
                "stopped": ranking.stopped,
                "before": None if ranking.before is None else _side_data(ranking.before),
            }
        )
    else:
        moving = [one for one in ranking.changes if one.distance.high >= 1e-6]
        rows = [(_number(100 * one.distance.low, 100 * one.distance.high), words(one.by), _most(one)) for one in moving]
        if rows:
            printing.print_lines(printing.table([("of 100 tales", what, "moves most"), *rows], right=(0,)))
        still = len(ranking.changes) - len(moving)
        if still:
            printing.print_lines(f"{still} {what}{'s' if still > 1 else ''} change{'' if still > 1 else 's'} nothing.")
        for one, error in ranking.broken:
            printing.print_lines(printing.wrapped(f"{words(one)}: {error.diagnostics[0].message}"))
        if not ranking.changes and not ranking.broken and not ranking.left:
            printing.print_lines(f"The story has no {what}s.")
        if ranking.left:
            reasons = {"time": "The time was up", "memory": "The memory was used up", "interrupted": "It was interrupted"}
            reason = reasons[ranking.stopped or "time"]
            printing.print_lines(f"{reason}: {ranking.left} more {'were' if ranking.left > 1 else 'was'} not tried.")
    click.get_current_context().exit(YES if ranking.whole else UNDECIDED)


def _most(found: Compared[Any]) -> str:
    """The way to turn out whose odds change most."""
    one = max(found.shifts, key=lambda shift: (round(abs(shift.change.middle), 9), shift.won or shift.lost))
    return f"{one.name}: {one.before} → {one.after}" + (" (won)" if one.won else " (lost)" if one.lost else "")


def _variation(story: Story, one: Variation) -> str:
    from everytale.answers.words import number
    from everytale.language.format import format_expression
    from everytale.story import Action

    if isinstance(one.of, Action):
        return f"weight of {one.of.name} {one.how}"
    assert one.of.person is not None
    person = story.entity[one.of.person].label
    what = one.of.because or format_expression(one.of.measure, story)
    return f"{person}: {number(one.of.worth, sign=True)} “{what}” {one.how}"


def _points(change: Bounds) -> str:
    """A change of odds, in points of a hundred."""
    if abs(change.low) < 1e-6 and abs(change.high) < 1e-6:
        return "·"
    return _number(100 * change.low, 100 * change.high, sign=True)


def _number(low: float, high: float, sign: bool = False) -> str:
    """A number that lies between two: ``12.3``, or ``12.1 to 30.5``."""

    def one(value: float) -> str:
        form = f"{abs(value):.1f}" if abs(value) >= 0.1 or value == 0 else f"{abs(value):.2g}"
        return ("−" if value < 0 else "+" if sign else "") + form

    return one((low + high) / 2) if high - low <= 1e-4 else f"{one(low)} to {one(high)}"


# ---- for tools -------------------------------------------------------------------------------------------------------


def _side_data(one: Side) -> dict[str, Any]:
    endings: list[dict[str, Any]] = [
        {"name": name, "odds": _bounds_data(odds), "possible": possible}
        for name, odds, possible in zip(one.names, one.odds, one.possible, strict=True)
    ]
    if one.player is not None:
        for ending, least, most in zip(endings, one.least, one.most, strict=True):
            ending |= {"least": _bounds_data(least), "most": _bounds_data(most)}
    likeliest = None if one.tale is None else {"moves": [str(move) for move in one.tale.moves], "odds": one.chance}
    status = "whole" if one.whole else "partial"
    return {"status": status, "player": one.player, "states": one.states, "moves": one.moves, "endings": endings, "likeliest": likeliest}


def _compared_data(found: Compared[Any]) -> dict[str, Any]:
    parting = found.parting
    return {
        "distance": _bounds_data(found.distance),
        "endings": [{"name": one.name, "change": _bounds_data(one.change), "won": one.won, "lost": one.lost} for one in found.shifts],
        "claims": [{"claim": one.claim.text, "before": one.before, "after": one.after} for one in found.turned],
        "parting": None
        if parting is None
        else {
            "step": len(parting.shared) + 1,
            "before": None if parting.before is None else str(parting.before),
            "after": None if parting.after is None else str(parting.after),
        },
        "after": _side_data(found.after),
    }


def _variation_data(story: Story, one: Variation) -> dict[str, Any]:
    from everytale.language.format import format_expression
    from everytale.story import Action

    if isinstance(one.of, Action):
        return {"weight_of": one.of.name, "how": one.how}
    want = {"person": one.of.person, "worth": one.of.worth, "measure": format_expression(one.of.measure, story), "because": one.of.because}
    return {"want": want, "how": one.how}


def _bounds_data(bounds: Bounds) -> dict[str, float]:
    return {"low": bounds.low, "high": bounds.high}
