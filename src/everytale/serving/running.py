"""A server that runs until it is told to end."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from everytale.diagnostics import Diagnostic, StoryError
from everytale.serving.app import LAST_WORDS, App
from everytale.serving.desk import Desk
from everytale.serving.edition import Edition, edition
from everytale.serving.guard import Guard
from everytale.serving.store import Store
from everytale.serving.tales import Tales
from everytale.serving.watching import Watched

HOST, PORT = "127.0.0.1", 8010
LOOPBACK = (HOST, "::1", "localhost")
BACKLOG = 2048
"""Connections that may wait to be accepted."""
MOST_CONNECTIONS = 4000
"""Connections at a time; whoever comes then is told to come back later."""
OFTEN = 0.5
"""Seconds between two looks at the story's files."""


@dataclass(frozen=True)
class Served:
    """What is served: a story that is ``watched``, under the ``name`` by which a browser keeps things of it; who of its ``people`` can be
    played on the page (all, unless said), and at the shoulder of which ``teller`` (their own, unless said)."""

    watched: Watched
    name: str
    people: Sequence[str] | None = None
    teller: str | None = None

    def edition(self) -> Edition:
        """As it is now. Raises ``StoryError``."""
        return edition(self.watched.read(), self.name, people=self.people, teller=self.teller)

    async def watch(self, app: App, troubled: Callable[[tuple[Diagnostic, ...]], None] = lambda diagnostics: None) -> None:
        """Bring each change of the files to ``app``. A story that cannot be served changes nothing; ``troubled`` is called."""
        while True:
            await asyncio.sleep(OFTEN)
            if not self.watched.changed():
                continue
            try:
                await app.change(await asyncio.to_thread(self.edition))
            except StoryError as error:
                app.news.wrong(error.diagnostics)
                troubled(error.diagnostics)


def serve(
    served: Served,
    *,
    host: str = HOST,
    port: int = PORT,
    saves: Path | None = None,
    known_as: Iterable[str] = (),
    begun: Callable[[str], None] = lambda address: None,
    troubled: Callable[[tuple[Diagnostic, ...]], None] = lambda diagnostics: None,
) -> None:
    """Serve a story until Ctrl-C or SIGTERM. ``begun`` is called with the address as soon as it can be asked, ``troubled`` where the story
    has been changed so that it cannot be served; the one before is served on.

    ``port`` 0: one that is free. ``saves``: the file of what is kept; in memory unless said. ``known_as``: other names of this server.
    Raises ``StoryError`` where the story or the file cannot be used, ``OSError`` where the port is taken.
    """
    first = served.edition()
    listening = listen(host, port)
    try:
        app = App(first, Desk(Tales(first.story, Store(saves))), lambda app: served.watch(app, troubled))
        config = uvicorn.Config(
            Guard(app.starlette(), ("localhost", host, *known_as), open_to_others=host not in LOOPBACK),
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=int(LAST_WORDS),
        )
        _Server(config, lambda: begun(address(listening)), app.news.close).run(sockets=[listening])
    finally:
        listening.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket to be asked at. Raises ``OSError``."""
    # Its protocol is said, since asyncio sends what is small at once (TCP_NODELAY) only where it is; else each answer waits 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


def address(listening: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "localhost", "::": "localhost", HOST: "localhost"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}/"


class _Server(uvicorn.Server):
    """To be told to end is no error: it answers what was asked, and ends."""

    def __init__(self, config: uvicorn.Config, begun: Callable[[], None], ending: Callable[[], None]) -> None:
        super().__init__(config)
        self.begun, self.ending = begun, ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.begun()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.ending()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
