"""The page that plays a story, put together from its *assets*: what ``web/`` builds (template, style, scripts) and the engine.

What the page is told stands in it as its *config*, JSON; what it needs besides are *resources*, which the config names: elements of
the page itself (``#id``), or addresses. web/README.md has the contract.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from everytale.diagnostics import StoryError
from everytale.markup import Html, tag
from everytale.play.packing import packed_story
from everytale.play.saves import fingerprint
from everytale.story import Story
from everytale.telling.tell import shoulder

ASSETS = ("page.html", "page.css", "page.js", "worker.js", "engine.wasm")

SERVED_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The content security policy of a page from a server, and of its worker: a header."""


def asset(name: str) -> bytes:
    """One of the :data:`ASSETS`."""
    return (files("everytale.publish") / "assets" / name).read_bytes()


def packs(story: Story, people: Sequence[str] | None = None, teller: str | None = None) -> dict[str, bytes]:
    """The packed story at each shoulder that is needed: the played person's own, or always that of ``teller``.

    ``people``: who can be played; everybody with a mind unless said. Raises ``StoryError`` where the story cannot be grounded, or has
    nobody of such a name.
    """
    shoulders = dict.fromkeys(shoulder(story, teller or person) for person in _cast(story, people))
    return {one: packed_story(story, one) for one in shoulders if one is not None}


def published(story: Story, name: str, *, people: Sequence[str] | None = None, teller: str | None = None) -> str:
    """A page that plays ``story`` and needs nothing else: no network, no other file. ``people`` and ``teller``: see :func:`packs`.

    ``name`` is what saves are kept under in a browser; it stays the same when the story changes. Raises ``StoryError``.
    """
    style, script, worker = (asset(one).decode() for one in ("page.css", "page.js", "worker.js"))
    packed = packs(story, people, teller)
    ids = {one: f"everytale-pack-{number}" for number, one in enumerate(packed)}
    config = _config(
        story,
        name,
        _people(story, people, teller, {one: f"#{id}" for one, id in ids.items()}),
        engine="#everytale-engine",
        worker="#everytale-worker",
        saves=None,
        changes=None,
    )
    policy = (
        f"default-src 'none'; script-src 'wasm-unsafe-eval' {_hash(script)}; style-src {_hash(style)}; worker-src blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    resources = {"everytale-engine": asset("engine.wasm"), **{ids[one]: content for one, content in packed.items()}}
    return _filled(
        head=[tag("meta", http_equiv="Content-Security-Policy", content=policy), tag("title", story.title)],
        style=[tag("style", Html(style))],
        data=[
            _data("everytale-config", config, type="application/json"),
            *(_data(id, _zipped(content)) for id, content in resources.items()),
            _data("everytale-worker", worker),
        ],
        script=[tag("script", Html(script))],
    )


def served(
    story: Story,
    name: str,
    addresses: Mapping[str, str],
    *,
    assets: str,
    saves: str | None = None,
    changes: str | None = None,
    people: Sequence[str] | None = None,
    teller: str | None = None,
) -> str:
    """The same page for a server, which has the assets below the address ``assets``, and at ``addresses`` the pack of each shoulder.

    ``saves`` and ``changes``: where it keeps saves, and where it tells of changes of the story, if it does.
    """
    cast = _people(story, people, teller, addresses)
    config = _config(story, name, cast, engine=f"{assets}/engine.wasm", worker=f"{assets}/worker.js", saves=saves, changes=changes)
    return _filled(
        head=[tag("title", story.title)],
        style=[tag("link", rel="stylesheet", href=f"{assets}/page.css")],
        data=[_data("everytale-config", config, type="application/json")],
        script=[tag("script", src=f"{assets}/page.js")],
    )


# ---- what stands in it -------------------------------------------------------------------------------------------------


def _cast(story: Story, people: Sequence[str] | None) -> Sequence[str]:
    """Who can be played."""
    if not story.people:
        raise StoryError.one("unknown-name", "There is nobody to play", f"In “{story.title}” nobody has a mind.")
    for person in people or ():
        if person not in story.people:
            hint = f"They are: {', '.join(story.people)}."
            raise StoryError.one("unknown-name", "There is no such person", f"{person!r} is nobody with a mind.", hint=hint)
    return people or story.people


def _people(story: Story, people: Sequence[str] | None, teller: str | None, at: Mapping[str, str]) -> list[dict[str, str]]:
    """Who can be played, as the page is told of them; ``at``: where the pack of each shoulder is."""
    return [
        {"name": person, "label": story.entity[person].label, "teller": teller or person, "pack": at[teller or person]}
        for person in _cast(story, people)
    ]


def _config(story: Story, name: str, people: list[dict[str, str]], **where: str | None) -> str:
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
