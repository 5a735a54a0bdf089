"""The page that plays a story, put together from its *assets*: what ``web/`` builds (template, style, scripts) and the engine.

What the page is told stands in it as its *config*, JSON; what it needs besides are *resources*, which the config names: elements of
the page itself (``#id``), or addresses. web/README.md has the contract.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from everytale.diagnostics import StoryError
from everytale.markup import Html, tag
from everytale.play.packing import packed_story
from everytale.play.saves import fingerprint
from everytale.story import Story

ASSETS = ("page.html", "page.css", "page.js", "worker.js", "engine.wasm")

SERVED_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The content security policy of a page from a server, and of its worker: a header."""


def asset(name: str) -> bytes:
    """One of the :data:`ASSETS`."""
    return (files("everytale.publish") / "assets" / name).read_bytes()


def published(story: Story, name: str) -> str:
    """A page that plays ``story``, as any of its people, and needs nothing else: no network, no other file.

    ``name`` is what saves are kept under in a browser; it stays the same when the story changes. Raises ``StoryError`` where the story
    cannot be grounded, or has nobody to play.
    """
    style, script, worker = (asset(one).decode() for one in ("page.css", "page.js", "worker.js"))
    packs = {f"everytale-pack-{number}": packed_story(story, person) for number, person in enumerate(_people(story))}
    config = _config(
        story, name, [f"#{id}" for id in packs], engine="#everytale-engine", worker="#everytale-worker", saves=None, changes=None
    )
    policy = (
        f"default-src 'none'; script-src 'wasm-unsafe-eval' {_hash(script)}; style-src {_hash(style)}; worker-src blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    resources = {id: _zipped(content) for id, content in {"everytale-engine": asset("engine.wasm"), **packs}.items()}
    return _filled(
        head=[tag("meta", http_equiv="Content-Security-Policy", content=policy), tag("title", story.title)],
        style=[tag("style", Html(style))],
        data=[
            _data("everytale-config", config, type="application/json"),
            *(_data(id, text) for id, text in {**resources, "everytale-worker": worker}.items()),
        ],
        script=[tag("script", Html(script))],
    )


def served(story: Story, name: str, packs: Mapping[str, str], *, assets: str, saves: str | None, changes: str | None) -> str:
    """The same page for a server, which has its assets below the address ``assets``, and at ``packs`` the packed story for each person.

    ``saves`` and ``changes``: where it keeps saves, and where it tells of changes of the story, if it does.
    """
    at = [packs[person] for person in _people(story)]
    config = _config(story, name, at, engine=f"{assets}/engine.wasm", worker=f"{assets}/worker.js", saves=saves, changes=changes)
    return _filled(
        head=[tag("title", story.title)],
        style=[tag("link", rel="stylesheet", href=f"{assets}/page.css")],
        data=[_data("everytale-config", config, type="application/json")],
        script=[tag("script", src=f"{assets}/page.js")],
    )


def _people(story: Story) -> tuple[str, ...]:
    if not story.people:
        raise StoryError.one("unknown-name", "There is nobody to play", f"In “{story.title}” nobody has a mind.")
    return tuple(story.people)


def _config(story: Story, name: str, packs: list[str], **where: str | None) -> str:
    people = [
        {"name": person, "label": story.entity[person].label, "teller": person, "pack": pack}
        for person, pack in zip(story.people, packs, strict=True)
    ]
    config: dict[str, Any] = {
        "title": story.title,
        "story": name,
        "fingerprint": fingerprint(story),
        "version": version("everytale"),
        "language": "en",
        "people": people,
        **where,
    }
    return json.dumps(config, ensure_ascii=False).replace("<", "\\u003c")


def _filled(**places: list[Html]) -> str:
    page = asset("page.html").decode()
    for place, content in places.items():
        before, after = page.split(f"<!--everytale:{place}-->")
        page = before + "\n".join(content) + after
    return page


def _data(id: str, text: str, *, type: str = "text/plain") -> Html:
    """What the page reads and no browser runs. The text has no ``</script``: it is base64, JSON without ``<``, or our own."""
    return tag("script", Html(text), type=type, id=id)


def _zipped(content: bytes) -> str:
    return b64encode(gzip.compress(content, 9, mtime=0)).decode()


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
