"""``explore --report`` and ``--picture``: a realm written down to be looked at."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from everytale.answers.never import Never
from everytale.cli import printing
from everytale.cli.saving import atomically
from everytale.diagnostics import StoryError
from everytale.loader import as_written
from everytale.realm import Realm, Verdict
from everytale.realm.compare import flips
from everytale.reporting import picture, report
from everytale.story import Story
from everytale.world import Trace


def write_report(
    realm: Realm, story: str, path: str, verdicts: tuple[Verdict, ...], unmet: tuple[Never, ...], *, with_flips: bool, memory: float | None
) -> None:
    """Write the page about ``realm`` into the file ``path``, whole or not at all."""
    ranking = flips(realm.story, player=realm.player, memory=memory, progress=printing.searching) if with_flips else None
    _write(path, report(realm, tale=_written(realm, story), verdicts=verdicts, unmet=unmet, flips=ranking).encode())


def require_picture(path: str, of: str, story: Story) -> None:
    """Say what is wrong with what is asked, or missing for it, before the long work begins."""
    if Path(path).suffix.lower() not in (".svg", ".png"):
        raise click.UsageError("--picture writes FILE.svg or FILE.png.")
    if of not in ("map", "tension", *story.people):
        raise click.UsageError(f"--of is map, tension, or a person: {', '.join(story.people) or 'the story has nobody with a mind'}.")
    if Path(path).suffix.lower() == ".png" and find_spec("resvg_py") is None:
        raise click.UsageError("PNG needs resvg-py: pip install 'everytale[png]'")


def write_picture(realm: Realm, story: str, path: str, of: str) -> None:
    """Write a picture ``of`` the report about ``realm`` into the file ``path``, whole or not at all."""
    found = picture(realm, of, tale=_written(realm, story))
    _write(path, found.png() if Path(path).suffix.lower() == ".png" else found.encode())


def _write(path: str, content: bytes) -> None:
    atomically(Path(path), lambda file: file.write(content))


def _written(realm: Realm, story: str) -> Trace | None:
    """The trace that comes with ``story``, if there is one and the realm has its moves."""
    try:
        trace = as_written(story)
        realm.along(trace)
    except (StoryError, ValueError):
        return None
    return trace
