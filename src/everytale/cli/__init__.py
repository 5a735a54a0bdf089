"""The command ``everytale``: arguments, a call into the library, and its answer printed.

Exit codes: 0 yes; 1 the answer is no (an error in the story, a move out of character); 2 usage; 3 undecided (a limit was reached);
130 interrupted. What a command needs is imported when it runs, so that ``--help`` is there at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from everytale.loader import Format, Template
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
CLOSING = 0.03
"""Seconds that it takes to print an answer and to end."""
HORIZON, MINDS = click.IntRange(min=1, max=250), click.IntRange(min=0, max=50)


class Amount(click.FloatRange):
    """More than nothing: seconds, or gigabytes."""

    name = "amount"

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found: float = super().convert(value, param, ctx)
        if found != found:
            self.fail(f"{value!r} is not a number.", param, ctx)
        return found


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
        counts = ([counted(errors, "error")] if errors else []) + ([counted(warnings, "warning")] if warnings else [])
        printing.print_lines(f"{story}: {', '.join(counts) or 'nothing wrong'}")
    exit_with(errors == 0)


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
        printing.print_lines(f"{passed} of {counted(len(trials), 'test')} passed" if trials else f"{story} has no tests")
    exit_with(_all(trial.ok for trial in trials))


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
    given = given_trace(story, trace, as_written) if trace or as_written else None
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


# ---- what they share -------------------------------------------------------------------------------------------------


def given_trace(story: str, trace: str | None, as_written: bool) -> Trace:
    from everytale.loader import as_written as written
    from everytale.loader import load_trace

    if as_written and trace is not None:
        raise click.UsageError("Either a trace or --as-written, not both.")
    if as_written:
        return written(story)
    if trace is None:
        raise click.UsageError("Which trace? Name a file, or say --as-written for the one that comes with the story.")
    return load_trace(trace)


def counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _all(verdicts: Any) -> bool | None:
    found = list(verdicts)
    return False if False in found else None if None in found else True


def left(seconds: float | None) -> float | None:
    """How many of the ``seconds`` that a command may take are left, those aside in which it was started and will end."""
    began: float | None = click.get_current_context().find_root().obj
    return seconds if seconds is None or began is None else max(0.0, seconds - (monotonic() - began) - CLOSING)


@contextmanager
def asked(for_tools: bool) -> Iterator[None]:
    """What is wrong with a question, not with the story that it is asked of, is one of usage, and no answer."""
    from everytale.diagnostics import StoryError

    try:
        yield
    except StoryError as error:
        from everytale.cli.problems import explain

        explain(error, for_tools=for_tools)
        click.get_current_context().exit(USAGE)


def exit_with(verdict: bool | None) -> NoReturn:
    click.get_current_context().exit({True: YES, False: NO, None: UNDECIDED}[verdict])


def exit_by(verdicts: Iterable[bool | None]) -> NoReturn:
    """End with no if one of them is, else with undecided if one of them is."""
    exit_with(_all(verdicts))


# Side by side in the order in which one meets them.
from everytale.cli import asking as _asking  # noqa: E402, F401, I001
from everytale.cli import exploring as _exploring  # noqa: E402, F401
from everytale.cli import claiming as _claiming  # noqa: E402, F401
from everytale.cli import comparing as _comparing  # noqa: E402, F401
from everytale.cli import playing as _playing  # noqa: E402, F401
from everytale.cli import serving as _serving  # noqa: E402, F401
from everytale.cli import publishing as _publishing  # noqa: E402, F401
