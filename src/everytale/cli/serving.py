"""``everytale serve``: a story over HTTP, for browsers and for programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from everytale.cli import format_option, main, story_argument

if TYPE_CHECKING:
    from everytale.loader import Format

HOST, PORT = "127.0.0.1", 8010


@main.command()
@story_argument
@format_option
@click.option("--host", default=HOST, show_default=True, help="The address to be asked at; this machine's own, for nobody else.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="The port; 0: one that is free.")
@click.option("--known-as", multiple=True, metavar="NAME", help="Another name by which it may be asked, as behind a proxy.")
@click.option("--saves", metavar="FILE", help="Keep tales and saves in this file (SQLite); in memory unless said.")
@click.option("--open", "opened", is_flag=True, help="Open the page in your browser.")
def serve(story: str, format: Format | None, host: str, port: int, known_as: tuple[str, ...], saves: str | None, opened: bool) -> None:
    """Serve STORY: many play it at once, in a browser or through JSON, each a tale of their own. Ctrl-C ends it.

    When the story's files change, the pages go on with what has become of it.
    """
    kept = None if saves is None else Path(saves)
    run(story, format, host=host, ports=(port,), known_as=known_as, saves=kept, begun=open_browser if opened else None)


def run(
    story: str,
    format: Format | None,
    *,
    host: str = HOST,
    ports: tuple[int, ...] = (PORT, 0),
    known_as: tuple[str, ...] = (),
    saves: Path | None,
    people: tuple[str, ...] | None = None,
    teller: str | None = None,
    begun: Callable[[str], None] | None = None,
) -> None:
    """Serve a story at the first of the ``ports`` that is free, and say where."""
    from importlib.util import find_spec

    missing = [library for library in ("starlette", "uvicorn") if find_spec(library) is None]
    if missing:
        raise click.ClickException(f"Serving needs {' and '.join(missing)}: pip install 'everytale[web]'")
    from everytale.cli.printing import diagnostics
    from everytale.serving.running import LOOPBACK, Served, serve
    from everytale.serving.watching import Watched

    if host not in LOOPBACK:
        click.echo(
            f"[Others can reach this server at {host}, and it does not ask who they are. What goes between is not encrypted; "
            "for the open web put it behind a proxy that does that.]",
            err=True,
        )

    def said(address: str) -> None:
        click.echo(f"{story}: {address}")
        click.echo("[Ctrl-C ends it.]", err=True)
        if begun is not None:
            begun(address)

    served = Served(Watched(story, format), kept_under(story), people, teller)
    for port in ports:
        try:
            return serve(served, host=host, port=port, known_as=known_as, saves=saves, begun=said, troubled=diagnostics)
        except OSError as error:
            if port == ports[-1]:
                reason = (error.strerror or str(error)).lower()
                raise click.ClickException(f"{host}, port {port}: {reason}. --port 0 takes one that is free.") from None


def kept_under(story: str) -> str:
    """By which name a browser keeps things of ``story``, a file or the name of one that comes with Everytale."""
    return re.sub(r"[^\w-]+", "-", Path(story).stem)[:40] or "story"


def open_browser(address: str) -> None:
    """Show it in the browser of whoever uses this machine; the server does not wait for that."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
