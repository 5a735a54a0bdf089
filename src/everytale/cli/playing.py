"""``everytale play``: the player at a terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from everytale.cli import format_option, main, story_argument

if TYPE_CHECKING:
    from everytale.loader import Format


@main.command()
@story_argument
@format_option
@click.option("--as", "player", metavar="NAME", help="Whom you play; the story's teller unless said, else whom it names first.")
@click.option("--seed", type=click.IntRange(0, (1 << 64) - 1), help="What chance and the others do; a new one each time unless said.")
@click.option("--teller", metavar="NAME", help="At whose shoulder it is told; at that of whom you play unless said.")
@click.option("--load", "slot", metavar="SLOT", help="Go on with a save: its name, or `auto` for the last that was saved by itself.")
@click.option("--saves", metavar="DIR", help="Where saves are kept; in the folder of your system for such things unless said.")
@click.option("--plain", is_flag=True, help="Line by line, for screen readers; so it is where there is no terminal.")
@click.option("--web", is_flag=True, help="In your browser; Ctrl-C ends it.")
def play(
    story: str,
    format: Format | None,
    player: str | None,
    seed: int | None,
    teller: str | None,
    slot: str | None,
    saves: str | None,
    plain: bool,
    web: bool,
) -> None:
    """Play a person of STORY: you choose what they do, and the others act for reasons of their own."""
    import secrets

    from everytale.loader import load
    from everytale.play import Session
    from everytale.play.game import Game
    from everytale.play.plain import MOST_SEED, Plain, person
    from everytale.play.saves import Shelf, folder

    if slot is not None and (player is not None or seed is not None or teller is not None):
        raise click.UsageError("A save says who is played, the seed and the teller: --load goes without --as, --seed and --teller.")
    if web:
        if plain or slot is not None or seed is not None:
            raise click.UsageError("--web goes without --plain, --load and --seed: the page asks for them.")
        from everytale.cli.serving import open_browser, run

        kept = (folder(story) if saves is None else Path(saves)) / "web.sqlite"
        run(story, format, saves=kept, people=None if player is None else (player,), teller=teller, begun=open_browser)
        return
    loaded = load(story, format=format)
    shelf = Shelf(folder(story) if saves is None else Path(saves))
    if slot is not None:
        game = Game.loaded(loaded, shelf, slot)
    else:
        seed = secrets.randbelow(MOST_SEED) if seed is None else seed
        game = Game(Session(loaded, person(loaded, player), seed, teller=teller), shelf)
    try:
        if not plain and _at_terminal():
            from everytale.play.terminal import Terminal

            terminal = Terminal(game)
            terminal.run()
            click.get_current_context().exit(terminal.return_code or 0)
        Plain(game, _Lines()).play()
    finally:
        if game.slot is not None:
            click.echo(f"[Saved as {game.slot}: everytale play {story} --load auto goes on.]", err=True)


def _at_terminal() -> bool:
    """Whether this is a terminal for more than lines, and what draws there is installed; if only that is missing, say so."""
    from importlib.util import find_spec

    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)) or os.environ.get("TERM") in (None, "", "dumb"):
        return False
    if find_spec("textual") is None:
        click.echo("[Line by line. With pip install 'everytale[terminal]' there are pages, keys and the mouse.]", err=True)
        return False
    return True


class _Lines:
    """The plain page: paragraphs set at a readable measure, on standard output."""

    def heading(self, text: str) -> None:
        from everytale.cli.printing import heading, print_lines

        print_lines("\n" + heading(text))

    def paragraph(self, text: str) -> None:
        from everytale.cli.printing import print_lines, wrapped

        print_lines("\n" + wrapped(text))

    def line(self, text: str) -> None:
        from everytale.cli.printing import print_lines

        print_lines(text)

    def ask(self) -> str | None:
        """What is typed; where it is not typed at a terminal, it is shown, so that the whole can be read afterwards."""
        try:
            line = input("\n> ")
        except EOFError:
            click.echo()
            return None
        if not sys.stdin.isatty():
            click.echo(line)
        return line
