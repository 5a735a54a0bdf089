"""What an author changes, while it is served: the story's files, looked at again and again, and those who are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeAlias

from everytale.diagnostics import Diagnostic, StoryError, position
from everytale.loader import Format, read
from everytale.serving.refusals import Refused
from everytale.story import Story

MOST_LISTENING = 1000
"""Pages that are told of changes."""
MOST_UNHEARD = 16
"""Events that a page may be behind; one that is further behind than that is let go, and asks again."""
SILENCE = 15.0
"""Seconds after which something is said, so that nobody between takes the connection for dead."""

_Marks: TypeAlias = dict[Path, tuple[int, int, int] | None]


class Watched:
    """The story ``named``, and the files that it was read from, those included."""

    def __init__(self, named: str, format: Format | None = None) -> None:
        self.named, self.format = named, format
        self._read: _Marks = {}
        self._seen: _Marks = {}

    def read(self) -> Story:
        """The story as it is now. Raises ``StoryError``."""
        paths: list[Path] = []
        story, diagnostics = read(self.named, format=self.format, seen=paths.append)
        self._read = self._seen = _marks(paths or list(self._read))  # where the story itself is gone, it may come back
        if story is None or any(diagnostic.severity == "error" for diagnostic in diagnostics):
            raise StoryError(diagnostics)
        return story

    def changed(self) -> bool:
        """Whether a file is another one than was read, and has come to rest since this was last asked."""
        before, self._seen = self._seen, _marks(self._read)
        return self._seen != self._read and self._seen == before


class News:
    """Events for the pages that listen: which story is served, and what is wrong with a new one."""

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self.trouble: str | None = None
        self._listening: set[asyncio.Queue[bytes | None]] = set()

    def story(self, fingerprint: str) -> None:
        """Another story is served."""
        self.fingerprint, self.trouble = fingerprint, None
        self._tell(_event("story", fingerprint))

    def wrong(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        """The story was changed so that it cannot be served."""
        self.trouble = in_words(diagnostics)
        self._tell(_event("trouble", self.trouble))

    def close(self) -> None:
        """There is no more to be heard."""
        for queue in list(self._listening):
            _put(queue, None)

    def listen(self) -> AsyncIterator[bytes]:
        """What a page is told from now on. Raises ``Refused`` where too many listen."""
        if len(self._listening) >= MOST_LISTENING:
            raise Refused("busy", "Too many pages wait for changes.")
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(MOST_UNHEARD)
        self._listening.add(queue)
        return self._events(queue)

    async def _events(self, queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
        try:
            yield _event("story", self.fingerprint)
            if self.trouble is not None:
                yield _event("trouble", self.trouble)
            while True:
                try:
                    async with asyncio.timeout(SILENCE):
                        event = await queue.get()
                except TimeoutError:
                    event = b":\n\n"
                if event is None:
                    return
                yield event
        finally:
            self._listening.discard(queue)

    def _tell(self, event: bytes) -> None:
        for queue in list(self._listening):
            _put(queue, event)


def in_words(diagnostics: tuple[Diagnostic, ...]) -> str:
    """What is wrong with a story, in a line."""
    errors = [one for one in diagnostics if one.severity == "error"]
    first = errors[0]
    where = f"{first.span.source.name}, line {position(first.span)[0]}: " if first.span else ""
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return " ".join(f"{where}{first.message} {first.hint}{more}".split())


def _event(kind: str, data: str) -> bytes:
    return f"event: {kind}\ndata: {data}\n\n".encode("utf-8", "replace")


def _put(queue: asyncio.Queue[bytes | None], event: bytes | None) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        event = None
    queue.put_nowait(event)


def _marks(paths: list[Path] | _Marks) -> _Marks:
    return {path: _mark(path) for path in paths}


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
