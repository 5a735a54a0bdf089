"""``everytale serve``: a story over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from everytale.cli import format_option, main, story_argument

if TYPE_CHECKING:
    from everytale.loader import Format
    from everytale.story import Story

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@main.command()
@story_argument
@format_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to be asked at; this machine's own, for nobody else.")
@click.option("--port", type=click.IntRange(0, 65535), default=8010, show_default=True, help="The port; 0: one that is free.")
@click.option("--known-as", multiple=True, metavar="NAME", help="Another name by which it may be asked, as behind a proxy.")
@click.option("--saves", metavar="FILE", help="Keep tales and saves in this file (SQLite); in memory unless said.")
def serve(story: str, format: Format | None, host: str, port: int, known_as: tuple[str, ...], saves: str | None) -> None:
    """Serve STORY: many play it at once, in a browser or through JSON, each a tale of their own. Ctrl-C ends it."""
    from everytale.loader import load

    run(load(story, format=format), host=host, port=port, known_as=known_as, saves=None if saves is None else Path(saves))


def run(
    story: Story, *, host: str, port: int, known_as: tuple[str, ...] = (), saves: Path | None, begun: Callable[[str], None] = lambda _: None
) -> None:
    """Serve, and say where."""
    from importlib.util import find_spec

    missing = [library for library in ("starlette", "uvicorn") if find_spec(library) is None]
    if missing:
        raise click.ClickException(f"Serving needs {' and '.join(missing)}: pip install 'everytale[web]'")
    from everytale.serving.running import serve

    if host not in LOOPBACK:
        click.echo(
            f"[Others can reach this server at {host}, and it does not ask who they are. What goes between is not encrypted; "
            "for the open web put it behind a proxy that does that.]",
            err=True,
        )

    def said(address: str) -> None:
        click.echo(f"{story.title}: {address}")
        click.echo("[Ctrl-C ends it.]", err=True)
        begun(address)

    try:
        serve(story, host=host, port=port, known_as=known_as, saves=saves, begun=said)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise click.ClickException(f"{host}, port {port}: {reason}. --port 0 takes one that is free.") from None
