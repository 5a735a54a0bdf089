"""A story as it is served now: the page that plays it, and what the page needs. After a change there is another edition."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from everytale.play.saves import fingerprint
from everytale.publish.page import ASSETS, asset, packs, served
from everytale.story import Story

TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "wasm": "application/wasm"}


@dataclass(frozen=True)
class File:
    """What is answered at an address. ``zipped``: the same by gzip. ``mark``: another one for other content."""

    content: bytes
    zipped: bytes
    type: str
    mark: str

    @classmethod
    def of(cls, content: bytes, type: str) -> File:
        return cls(content, gzip.compress(content, 6, mtime=0), type, sha256(content).hexdigest()[:32])


@dataclass(frozen=True)
class Edition:
    """The ``page`` of ``story``, and the ``packs`` that it names, by their addresses."""

    story: Story
    fingerprint: str
    page: File
    packs: Mapping[str, File]


@cache
def assets() -> Mapping[str, File]:
    """What every page needs, by its address. Nothing else of this machine's files is served."""
    found = {f"/assets/{name}": (asset(name), TYPES.get(name.rpartition(".")[2])) for name in ASSETS}
    return {address: File.of(content, type) for address, (content, type) in found.items() if type is not None}


def edition(story: Story, name: str, *, people: Sequence[str] | None = None, teller: str | None = None) -> Edition:
    """The edition of ``story`` as it is; ``name`` is what a browser keeps things of it under, ``people`` who can be played (all unless
    said), ``teller`` at whose shoulder (at their own). Raises ``StoryError``."""
    files = {shoulder: File.of(pack, "application/octet-stream") for shoulder, pack in packs(story, people, teller).items()}
    addresses = {shoulder: f"/packs/{file.mark}" for shoulder, file in files.items()}
    page = served(story, name, addresses, assets="/assets", saves="/saves", changes="/changes", people=people, teller=teller)
    at = {addresses[shoulder]: file for shoulder, file in files.items()}
    return Edition(story, fingerprint(story), File.of(page.encode("utf-8", "replace"), "text/html; charset=utf-8"), at)
