"""The command ``everytale``: arguments, a call into the library, and its answer printed.

Exit codes: 0 yes; 1 the answer is no (an error in the story, a move out of character); 2 usage; 3 undecided (a limit was reached);
130 interrupted. What a command needs is imported when it runs, so that ``--help`` is there at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from everytale.loader import Format, Template
    from everytale.realm.tension import Most
    from everytale.world import Trace

YES, NO, USAGE, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 130


class Verbs(click.Group):
    """The commands, in the order in which one meets them; whatever goes wrong becomes a message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            from difflib import get_close_matches

            close = get_close_matches(args[0], self.commands, n=1)
            raise click.UsageError(f"No such command {args[0]!r}." + (f" Did you mean {close[0]!r}?" if close else ""), ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        for_tools = "--json" in ctx.args
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo(err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            from everytale.cli.problems import explain

            ctx.exit(explain(error, for_tools=for_tools))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="everytale", message="%(prog)s %(version)s")
def main() -> None:
    """Stories that follow from character: write the people, get every tale.

    STORY is a file in the language (.tale), a problem file of the Sabre planner (.txt), or the name of a story that comes with
    Everytale, such as dont-stay.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


format_option = click.option("--format", type=click.Choice(["tale", "sabre"]), help="How STORY is written; by its name unless said.")
json_option = click.option("--json", "as_json", is_flag=True, help="For tools: one JSON value.")
story_argument = click.argument("story")


# ---- writing a story -------------------------------------------------------------------------------------------------


@main.command()
@click.argument("name")
@click.option(
    "--template", type=click.Choice(["small", "social", "adventure"]), default="small", show_default=True, help="What to begin from."
)
def new(name: str, template: Template) -> None:
    """Write NAME.tale: a story to change, that already tells and passes its tests.

    The templates: small, two people and a cup; social, who knows what of whom; adventure, places, things and a guard.
    """
    from everytale.cli.printing import print_lines
    from everytale.loader import new as write

    path = write(name, template)
    print_lines(f"{path} is a story to change. Try:\n    everytale tell {path}\n    everytale test {path}")


@main.command()
@story_argument
@format_option
@json_option
def check(story: str, format: Format | None, as_json: bool) -> None:
    """Say what is wrong with STORY: errors and warnings, with place and hint."""
    from everytale.cli import printing
    from everytale.loader import check as checked

    found = checked(story, format=format)
    errors = sum(diagnostic.severity == "error" for diagnostic in found)
    if as_json:
        from everytale.cli import data  # answers to every question: much to load for a check

        printing.as_json({"ok": errors == 0, "diagnostics": [data.diagnostic_data(diagnostic) for diagnostic in found]})
    else:
        printing.diagnostics(found, error=False)
        warnings = len(found) - errors
        counts = ([_count(errors, "error")] if errors else []) + ([_count(warnings, "warning")] if warnings else [])
        printing.print_lines(f"{story}: {', '.join(counts) or 'nothing wrong'}")
    _exit(errors == 0)


@main.command()
@story_argument
@format_option
@json_option
def test(story: str, format: Format | None, as_json: bool) -> None:
    """Try the tests that STORY's author wrote in it."""
    from everytale.answers.trials import test as tried
    from everytale.cli import data, printing
    from everytale.loader import load

    trials = tried(load(story, format=format))
    if as_json:
        printing.as_json({"ok": _all(trial.ok for trial in trials), "tests": [data.trial_data(trial) for trial in trials]})
    else:
        for trial in trials:
            printing.print_lines(f"{printing.mark(trial.ok)} {trial.test.title}")
            for failure in trial.failures:
                at = data.place(failure.span)
                where = f"{at['file']}:{at['line']}: " if at else ""
                printing.print_lines(printing.wrapped(f"{where}{failure.message}", "    "))
        passed = sum(trial.ok is True for trial in trials)
        printing.print_lines(f"{passed} of {_count(len(trials), 'test')} passed" if trials else f"{story} has no tests")
    _exit(_all(trial.ok for trial in trials))


@main.command()
@story_argument
@format_option
@click.option("--expanded", is_flag=True, help="The whole story in the language, with all sugar expanded.")
def show(story: str, format: Format | None, expanded: bool) -> None:
    """Print what is in STORY: people and their wants, facts, moves, endings."""
    from everytale.answers.overview import show as shown
    from everytale.cli.printing import print_lines
    from everytale.loader import load

    print_lines(shown(load(story, format=format), expanded=expanded).rstrip("\n"))


# ---- telling it ------------------------------------------------------------------------------------------------------


@main.command()
@story_argument
@format_option
@click.option("--seed", type=click.IntRange(min=0), help="Which tale; the same seed tells the same. A new one each time unless said.")
@click.option("--teller", metavar="NAME", help="At whose shoulder; the story's own teller unless said.")
@click.option("--follow", "trace", metavar="TRACE", help="Tell the moves of this trace (a file).")
@click.option("--as-written", is_flag=True, help="Tell the trace that comes with the story.")
@json_option
def tell(
    story: str, format: Format | None, seed: int | None, teller: str | None, trace: str | None, as_written: bool, as_json: bool
) -> None:
    """Tell one tale of STORY as prose."""
    from everytale.cli import data, printing
    from everytale.loader import load
    from everytale.telling import tell as told

    loaded = load(story, format=format)
    given = _trace(story, trace, as_written) if trace or as_written else None
    drawn = seed is None and given is None
    if seed is None:
        import secrets  # slow to load, and only needed here

        seed = secrets.randbelow(1_000_000) if drawn else 1
    tale = told(loaded, seed=seed, teller=teller, trace=given)
    if as_json:
        printing.as_json(data.tale_data(tale))
        return
    printing.tale(tale)
    if tale.stopped in ("dead end", "length"):
        reason = (
            "nothing more can happen, and no ending fits" if tale.stopped == "dead end" else f"{len(tale.trace.moves)} moves are enough"
        )
        printing.print_lines(f"\n[It stops here: {reason}.]", error=True)
    if drawn:
        printing.print_lines(f"\n[--seed {seed} tells this one again.]", error=True)


# ---- asking ----------------------------------------------------------------------------------------------------------


@main.command()
@story_argument
@click.argument("trace", required=False)
@format_option
@click.option("--as-written", is_flag=True, help="Follow the trace that comes with the story.")
@click.option(
    "--goal", metavar="EXPR|NUMBER", help="What must hold at the end: a condition, or a worth that the author's wants must reach."
)
@click.option("--within", type=click.IntRange(min=0), metavar="N", help="How many moves the trace may have.")
@click.option(
    "--horizon", type=click.IntRange(min=1), metavar="N", help="How many moves ahead people plan, instead of what the story says."
)
@click.option(
    "--minds", type=click.IntRange(min=0), metavar="N", help="How deep people imagine each other, instead of what the story says."
)
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
    from everytale.loader import load, load_goal
    from everytale.minds import follow as followed

    loaded = load(story, format=format)
    found = followed(
        loaded,
        _trace(story, trace, as_written),
        goal=None if goal is None else load_goal(goal, loaded),
        within=within,
        horizon=horizon,
        minds=minds,
        progress=printing.progress,
    )
    if as_json:
        printing.as_json(data.following_data(found))
    else:
        printing.following(loaded, found)
    _exit(found.ok)


@main.command()
@story_argument
@format_option
@click.option("--goal", metavar="GOAL", help="A condition that must hold at the end, or the number that the author's wants must come to.")
@click.option("--to", metavar="ENDING", help="The title of the ending that the tale must come to.")
@click.option("--within", type=click.IntRange(min=0), metavar="N", help="How many moves a tale may have.")
@click.option("--horizon", type=click.IntRange(min=1), metavar="N", help="How many moves people plan ahead; the story's own unless said.")
@click.option("--minds", type=click.IntRange(min=0), metavar="N", help="How deep people imagine each other; the story's own unless said.")
@click.option("--shortest", is_flag=True, help="The shortest tale, proved to be that.")
@click.option("--likeliest", is_flag=True, help="The likeliest tale, when moves are drawn by their weights, with its odds.")
@click.option(
    "--most", type=click.Choice(["suspenseful", "surprising"]), help="The most suspenseful tale to an ending, or the most surprising."
)
@click.option(
    "--all", "count", type=click.IntRange(min=1), default=1, metavar="N", help="Up to N tales, no two of which end in the same state."
)
@click.option("--time", type=click.FloatRange(min=0, min_open=True), metavar="S", help="Stop after S seconds.")
@click.option(
    "--memory", type=click.FloatRange(min=0, min_open=True), metavar="GB", help="Stop before more than GB gigabytes are used (4)."
)
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
    from everytale.loader import load, load_goal

    if (goal is None) == (to is None):
        raise click.UsageError("What is sought? Say either --goal or --to.")
    if shortest + likeliest + (most is not None) + (count > 1) > 1:
        raise click.UsageError("Either --shortest, --likeliest, --most or --all, not several of them.")
    if most is not None and to is None:
        raise click.UsageError("--most goes with --to: a tale is tense by how it may turn out.")
    if telling and as_json:
        raise click.UsageError("Either --tell or --json, not both.")
    loaded = load(story, format=format)
    if most is not None and to is not None:
        from everytale.cli.tense import find_most

        _exit(
            find_most(
                loaded,
                ending(loaded, to),
                most,
                within=within,
                horizon=horizon,
                minds=minds,
                time=time,
                memory=memory,
                telling=telling,
                as_json=as_json,
            )
        )
    found = found_by(
        loaded,
        goal=None if goal is None else load_goal(goal, loaded),
        to=to,
        within=within,
        horizon=horizon,
        minds=minds,
        shortest=shortest,
        likeliest=likeliest,
        count=count,
        time=time,
        memory=memory,
        progress=printing.searching,
    )
    if as_json:
        printing.as_json(data.found_data(found))
    else:
        printing.found(loaded, found, telling)
    _exit({"found": True, "none": False, "undecided": None}[found.status])


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
    moves = _trace(story, trace, as_written)
    if step is not None and step > len(moves.moves):
        raise click.UsageError(f"The trace has {_count(len(moves.moves), 'move')}, and no move {step}.")
    answers = reasons(loaded, moves, step)
    if as_json:
        printing.as_json([data.why_data(loaded, answer) for answer in answers])
    else:
        for answer in answers:
            printing.print_lines(printing.heading(f"{answer.step}. {answer.followed.move}"))
            for paragraph in why_words(loaded, answer):
                printing.prose(paragraph, indent="    ")
    _exit(_all(answer.followed.ok for answer in answers))


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
    made = _trace(story, trace, as_written) if trace or as_written else Trace(())
    if step is not None and step > len(made.moves):
        raise click.UsageError(f"The trace has {_count(len(made.moves), 'move')}, and no move {step}.")
    answer = obstacles(loaded, move, Trace(made.moves[: None if step is None else step - 1]))
    if as_json:
        printing.as_json(data.why_not_data(loaded, answer))
    else:
        for paragraph in why_not_words(loaded, answer):
            printing.prose(paragraph)
    _exit(None if answer.possible is None else not answer.possible)


# ---- what they share -------------------------------------------------------------------------------------------------


def _trace(story: str, trace: str | None, as_written: bool) -> Trace:
    from everytale.loader import as_written as written
    from everytale.loader import load_trace

    if as_written and trace is not None:
        raise click.UsageError("Either a trace or --as-written, not both.")
    if as_written:
        return written(story)
    if trace is None:
        raise click.UsageError("Which trace? Name a file, or say --as-written for the one that comes with the story.")
    return load_trace(trace)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _all(verdicts: Any) -> bool | None:
    found = list(verdicts)
    return False if False in found else None if None in found else True


def _exit(verdict: bool | None) -> NoReturn:
    click.get_current_context().exit({True: YES, False: NO, None: UNDECIDED}[verdict])


def exit_by(verdicts: Iterable[bool | None]) -> NoReturn:
    """End with no if one of them is, else with undecided if one of them is."""
    _exit(_all(verdicts))


# Side by side in the order in which one meets them.
from everytale.cli import exploring as _exploring  # noqa: E402, F401, I001
from everytale.cli import claiming as _claiming  # noqa: E402, F401
from everytale.cli import comparing as _comparing  # noqa: E402, F401
from everytale.cli import playing as _playing  # noqa: E402, F401
from everytale.cli import serving as _serving  # noqa: E402, F401
from everytale.cli import publishing as _publishing  # noqa: E402, F401
