"""``everytale publish``: a story as one file that plays in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from everytale.cli import format_option, main, story_argument

if TYPE_CHECKING:
    from everytale.loader import Format

MUCH = 4_000_000
"""Bytes from which on a page takes long to load."""


@main.command()
@story_argument
@format_option
@click.option("-o", "--output", required=True, metavar="FILE", help="The page to write, such as story.html.")
@click.option("--as", "people", multiple=True, metavar="NAME", help="Who can be played, any number of them; everybody unless said.")
@click.option("--teller", metavar="NAME", help="At whose shoulder it is told; at that of whom one plays unless said.")
def publish(story: str, format: Format | None, output: str, people: tuple[str, ...], teller: str | None) -> None:
    """Write STORY as one page that plays in any browser, from a disk or from the web, and needs nothing else."""
    from everytale.cli.printing import print_lines
    from everytale.cli.saving import atomically
    from everytale.cli.serving import kept_under
    from everytale.loader import load
    from everytale.publish import published

    page = published(load(story, format=format), kept_under(story), people=people or None, teller=teller).encode("utf-8", "replace")
    atomically(Path(output), lambda file: file.write(page))
    print_lines(f"{output}: {len(page) / 1e6:.2f} MB, plays in any browser")
    if len(page) > MUCH:
        print_lines("[That takes long to load. It has the prose of all who can be played; --as NAME leaves out the others.]", error=True)
