"""``explore --report`` and ``--picture``: a realm written down to be looked at."""

from __future__ import annotations

from pathlib import Path

from everytale.cli import printing
from everytale.cli.saving import atomically
from everytale.diagnostics import StoryError
from everytale.loader import as_written
from everytale.realm import Realm
from everytale.realm.compare import flips
from everytale.reporting import picture, report
from everytale.world import Trace


def write_report(realm: Realm, story: str, path: str, *, with_flips: bool, memory: float | None) -> None:
    """Write the page about ``realm`` into the file ``path``, whole or not at all."""
    ranking = flips(realm.story, memory=memory, progress=printing.searching) if with_flips else None
    _write(path, report(realm, tale=_written(realm, story), flips=ranking))


def write_picture(realm: Realm, story: str, path: str) -> None:
    """Write the map of ``realm`` into the file ``path``, whole or not at all."""
    _write(path, picture(realm, tale=_written(realm, story)))


def _write(path: str, text: str) -> None:
    atomically(Path(path), lambda file: file.write(text.encode()))


def _written(realm: Realm, story: str) -> Trace | None:
    """The trace that comes with ``story``, if there is one and the realm has its moves."""
    try:
        trace = as_written(story)
        realm.along(trace)
    except (StoryError, ValueError):
        return None
    return trace
