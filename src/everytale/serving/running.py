"""A server that runs until it is told to end."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType

import uvicorn

from everytale.serving.app import LAST_WORDS, App
from everytale.serving.desk import Desk
from everytale.serving.guard import Guard
from everytale.serving.store import Store
from everytale.serving.tales import Tales
from everytale.story import Story

HOST, PORT = "127.0.0.1", 8010
BACKLOG = 2048
"""Connections that may wait to be accepted."""
MOST_CONNECTIONS = 4000
"""Connections at a time; whoever comes then is told to come back later."""


def application(story: Story, store: Store, hosts: Iterable[str] = ("localhost",), *, open_to_others: bool = False) -> Guard:
    """The server of a story, for whatever runs such applications (ASGI)."""
    return Guard(App(Desk(Tales(story, store))).starlette(), hosts, open_to_others=open_to_others)


def serve(
    story: Story,
    *,
    host: str = HOST,
    port: int = PORT,
    saves: Path | None = None,
    known_as: Iterable[str] = (),
    begun: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve ``story`` until Ctrl-C or SIGTERM. ``begun`` is called with the address as soon as it can be asked.

    ``port`` 0: one that is free. ``saves``: the file of what is kept; in memory unless said. ``known_as``: other names of this server.
    Raises ``StoryError`` where the story or the file cannot be used, ``OSError`` where the port is taken.
    """
    listening = listen(host, port)
    try:
        app = application(story, Store(saves), ("localhost", host, *known_as), open_to_others=host not in ("localhost", HOST, "::1"))
        config = uvicorn.Config(
            app,
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
        _Server(config, lambda: begun(address(listening))).run(sockets=[listening])
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

    def __init__(self, config: uvicorn.Config, begun: Callable[[], None]) -> None:
        super().__init__(config)
        self.begun = begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.begun()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
