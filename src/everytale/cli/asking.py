"""What is asked of a story's tales: is this one in character (``follow``), is there one to a goal (``find``), ``why``, and ``why-not``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from everytale.cli import (
    HORIZON,
    MINDS,
    Amount,
    asked,
    counted,
    exit_by,
    exit_with,
    format_option,
    given_trace,
    json_option,
    left,
    main,
    story_argument,
)

if TYPE_CHECKING:
    from everytale.loader import Format
    from everytale.realm.tension import Most


@main.command()
@story_argument
@click.argument("trace", required=False)
@format_option
@click.option("--as-written", is_flag=True, help="Follow the trace that comes with the story.")
@click.option(
    "--goal", metavar="EXPR|NUMBER", help="What must hold at the end: a condition, or a worth that the author's wants must reach."
)
@click.option("--within", type=click.IntRange(min=0), metavar="N", help="How many moves the trace may have.")
@click.option("--horizon", type=HORIZON, metavar="N", help="How many moves ahead people plan, instead of what the story says.")
@click.option("--minds", type=MINDS, metavar="N", help="How deep people imagine each other, instead of what the story says.")
@json_option
def follow(
    story: str,
    trace: str | None,
    format: Format | None,
    as_written: bool,
    goal: str | None,
    within: int | None,
    horizon: int | None,
    minds: int | None,
    as_json: bool,
) -> None:
    """Follow TRACE through STORY: is each move possible, in character, and for whose reasons?

    TRACE is a file with one move a line; "ask; make_excuse(cat)" does for a short one.
    """
    from everytale.cli import data, printing
    from everytale.loader import load
    from everytale.minds import aim
    from everytale.minds import follow as followed

    loaded = load(story, format=format)
    with asked(as_json):
        sought = None if goal is None else aim(goal, loaded, minds)
    found = followed(
        loaded,
        given_trace(story, trace, as_written),
        goal=sought,
        within=within,
        horizon=horizon,
        minds=minds,
        progress=printing.progress,
    )
    if as_json:
        printing.as_json(data.following_data(found))
    else:
        printing.following(loaded, found)
    exit_with(found.ok)


@main.command()
@story_argument
@format_option
@click.option("--goal", metavar="GOAL", help="A condition that must hold at the end, or the number that the author's wants must come to.")
@click.option("--to", metavar="ENDING", help="The title of the ending that the tale must come to.")
@click.option("--within", type=click.IntRange(min=0), metavar="N", help="How many moves a tale may have.")
@click.option("--horizon", type=HORIZON, metavar="N", help="How many moves people plan ahead; the story's own unless said.")
@click.option("--minds", type=MINDS, metavar="N", help="How deep people imagine each other; the story's own unless said.")
@click.option("--shortest", is_flag=True, help="The shortest tale, proved to be that.")
@click.option("--likeliest", is_flag=True, help="The likeliest tale, when moves are drawn by their weights, with its odds.")
@click.option(
    "--most", type=click.Choice(["suspenseful", "surprising"]), help="The most suspenseful tale to an ending, or the most surprising."
)
@click.option(
    "--all", "count", type=click.IntRange(min=1), default=1, metavar="N", help="Up to N tales, no two of which end in the same state."
)
@click.option("--time", type=Amount(), metavar="S", help="Stop after S seconds.")
@click.option("--memory", type=Amount(), metavar="GB", help="Stop before more than GB gigabytes are used (4).")
@click.option("--tell", "telling", is_flag=True, help="Tell the tale as prose.")
@json_option
def find(
    story: str,
    format: Format | None,
    goal: str | None,
    to: str | None,
    within: int | None,
    horizon: int | None,
    minds: int | None,
    shortest: bool,
    likeliest: bool,
    most: Most | None,
    count: int,
    time: float | None,
    memory: float | None,
    telling: bool,
    as_json: bool,
) -> None:
    """Find a tale of STORY to a goal or an ending, in which everybody acts for reasons of their own.

    Where there is none within the limits, that is proved (exit code 1); where a search was cut short, by --time, --memory or Ctrl-C, it
    says so (exit code 3).
    """
    from everytale.cli import data, printing
    from everytale.finding import ending
    from everytale.finding import find as found_by
    from everytale.loader import load
    from everytale.minds import aim

    if (goal is None) == (to is None):
        raise click.UsageError("What is sought? Say either --goal or --to.")
    if shortest + likeliest + (most is not None) + (count > 1) > 1:
        raise click.UsageError("Either --shortest, --likeliest, --most or --all, not several of them.")
    if most is not None and to is None:
        raise click.UsageError("--most goes with --to: a tale is tense by how it may turn out.")
    if telling and as_json:
        raise click.UsageError("Either --tell or --json, not both.")
    loaded = load(story, format=format)
    with asked(as_json):
        sought = None if goal is None else aim(goal, loaded, minds)
        number = None if to is None else ending(loaded, to)
    if most is not None and number is not None:
        from everytale.cli.tense import find_most

        exit_with(
            find_most(
                loaded,
                number,
                most,
                within=within,
                horizon=horizon,
                minds=minds,
                time=left(time),
                memory=memory,
                telling=telling,
                as_json=as_json,
            )
        )
    found = found_by(
        loaded,
        goal=sought,
        to=to,
        within=within,
        horizon=horizon,
        minds=minds,
        shortest=shortest,
        likeliest=likeliest,
        count=count,
        time=left(time),
        memory=memory,
        progress=printing.searching,
    )
    if as_json:
        printing.as_json(data.found_data(found))
    else:
        printing.found(loaded, found, telling)
    exit_with({"found": True, "none": False, "undecided": None}[found.status])


@main.command()
@story_argument
@click.argument("step", type=click.IntRange(min=1), required=False)
@click.option("--trace", metavar="TRACE", help="The moves made: a file with one move a line, or moves with ';' between them.")
@click.option("--as-written", is_flag=True, help="The trace that comes with the story.")
@format_option
@json_option
def why(story: str, step: int | None, trace: str | None, as_written: bool, format: Format | None, as_json: bool) -> None:
    """Say why the moves of a trace were made, or only its move STEP."""
    from everytale.answers.why import why as reasons
    from everytale.answers.words import why_words
    from everytale.cli import data, printing
    from everytale.loader import load

    loaded = load(story, format=format)
    moves = given_trace(story, trace, as_written)
    if step is not None and step > len(moves.moves):
        raise click.UsageError(f"The trace has {counted(len(moves.moves), 'move')}, and no move {step}.")
    answers = reasons(loaded, moves, step)
    if as_json:
        printing.as_json([data.why_data(loaded, answer) for answer in answers])
    else:
        for answer in answers:
            printing.print_lines(printing.heading(f"{answer.step}. {answer.followed.move}"))
            for paragraph in why_words(loaded, answer):
                printing.prose(paragraph, indent="    ")
    exit_by(answer.followed.ok for answer in answers)


@main.command("why-not")
@story_argument
@click.argument("move")
@click.option("--trace", metavar="TRACE", help="The moves made before: a file with one move a line, or moves with ';' between them.")
@click.option("--as-written", is_flag=True, help="The trace that comes with the story.")
@click.option("--step", type=click.IntRange(min=1), metavar="N", help="Ask before move N of the trace instead of at its end.")
@format_option
@json_option
def why_not(story: str, move: str, trace: str | None, as_written: bool, step: int | None, format: Format | None, as_json: bool) -> None:
    """Say what stands in the way of MOVE, at the start or after a trace: what fails, or who will not, and what would change that."""
    from everytale.answers.why_not import why_not as obstacles
    from everytale.answers.words import why_not_words
    from everytale.cli import data, printing
    from everytale.loader import load
    from everytale.world import Trace

    loaded = load(story, format=format)
    made = given_trace(story, trace, as_written) if trace or as_written else Trace(())
    if step is not None and step > len(made.moves):
        raise click.UsageError(f"The trace has {counted(len(made.moves), 'move')}, and no move {step}.")
    answer = obstacles(loaded, move, Trace(made.moves[: None if step is None else step - 1]))
    if as_json:
        printing.as_json(data.why_not_data(loaded, answer))
    else:
        for paragraph in why_not_words(loaded, answer):
            printing.prose(paragraph)
    exit_with(None if answer.possible is None else not answer.possible)
