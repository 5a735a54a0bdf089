"""A server under load, measured: how soon a choice is answered when many play at once, and that a kill loses nothing.

    python -m benchmarks.server [--story STORY] [--players N] [--seconds S] [--kills N]

First N players, each of whom begins a tale and then chooses once a second at random (a new tale where one has ended). They are one
process, the server another, so that the two share the machine's cores. A choice counts from the moment at which it was *due*, not from
when it could be sent: a server that falls behind cannot hide it. Tales are kept on the disk, and each choice is there before its answer.

Then the server is killed (SIGKILL) N times in the midst of players who choose as fast as they can, each time at another moment, begun
again on the same file, and asked for every tale: all that was answered has to be there, move by move, and nothing of anybody else's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.minds import machine
from everytale import load
from everytale.play.saves import Save

GOAL = 0.100
"""Seconds in which 95 of 100 choices are to be answered."""
WARMING = 3
"""Seconds at the beginning that are not counted."""
LIVE = 20
"""Players at a time while the server is killed."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--story", default="dont-stay")
    parser.add_argument("--players", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--kills", type=int, default=100)
    given = parser.parse_args(arguments)
    print(machine())
    late = under_load(given.story, given.players, given.seconds) if given.seconds else False
    lost = killed(given.story, given.kills) if given.kills else 0
    return int(late or lost > 0)


# ---- many at once ----------------------------------------------------------------------------------------------------


def under_load(story: str, players: int, seconds: int) -> bool:
    """Whether a choice took too long."""
    with tempfile.TemporaryDirectory() as folder, served(story, Path(folder, "kept")) as (process, port):
        before = seconds_used(process)
        begun = time.perf_counter()
        waits = asyncio.run(load_of(players, seconds, port, load(story).people))
        share = (seconds_used(process) - before) / (time.perf_counter() - begun)
        size = resident(process)
    waits.sort()
    print(f"{'players':>8}{'choices':>9}{'per s':>7}{'median ms':>11}{'95% ms':>9}{'99% ms':>9}{'most ms':>9}{'of a core':>11}{'MB':>6}")
    usual, late, later = (waits[len(waits) * part // 100] for part in (50, 95, 99))
    print(
        f"{players:>8,}{len(waits):>9,}{len(waits) / seconds:>7.0f}{usual * 1e3:>11.1f}{late * 1e3:>9.1f}{later * 1e3:>9.1f}"
        f"{waits[-1] * 1e3:>9.1f}{share:>11.0%}{size / 1e6:>6.0f}",
        flush=True,
    )
    return late > GOAL


async def load_of(players: int, seconds: int, port: int, people: tuple[str, ...]) -> list[float]:
    """How long each choice took, from when it was due."""
    waits: list[float] = []
    start = time.perf_counter() + 1

    async def play(number: int) -> None:
        chance = random.Random(number)
        async with Client(port) as client:
            one = await Player.begin(client, chance, people)
            due = start + chance.random()
            while due < start + WARMING + seconds:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                if one.options:
                    await one.choose(client)
                    if due >= start + WARMING:
                        waits.append(time.perf_counter() - due)
                else:
                    one = await Player.begin(client, chance, people)
                due += 1

    await asyncio.gather(*(play(number) for number in range(players)))
    return waits


# ---- killed ----------------------------------------------------------------------------------------------------------


def killed(story: str, kills: int) -> int:
    """How many answered choices were lost, or were somebody else's."""
    people, chance = load(story).people, random.Random(1)
    choices = lost = strange = 0
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "kept")
        for number in range(kills):
            with served(story, kept) as (process, port):
                players = asyncio.run(until_killed(process, port, people, number, chance.uniform(0.05, 0.6)))
            with served(story, kept) as (process, port):
                missing, others = asyncio.run(compared(port, players))
            choices += sum(len(one.moves) for one in players)
            lost, strange = lost + missing, strange + others
    print(f"{kills} kills under load: {choices:,} moves and {kills * LIVE:,} saves answered; lost: {lost}; somebody else's: {strange}")
    return lost + strange


async def until_killed(process: subprocess.Popen[str], port: int, people: tuple[str, ...], number: int, patience: float) -> list[Player]:
    players: list[Player] = []

    async def play(index: int) -> None:
        chance = random.Random(number * LIVE + index)
        async with Client(port) as client:
            one = await Player.begin(client, chance, people)
            players.append(one)
            while True:
                if one.options:
                    await one.choose(client)
                    await one.save(client)
                elif one.moves:
                    await one.undo(client)
                else:
                    return

    async def kill() -> None:
        await asyncio.sleep(patience)
        process.send_signal(signal.SIGKILL)

    await asyncio.gather(kill(), *(play(index) for index in range(LIVE)), return_exceptions=True)
    return players


async def compared(port: int, players: list[Player]) -> tuple[int, int]:
    """How much that was answered is not there, and how much is there that is not theirs."""
    lost = strange = 0
    async with Client(port) as client:
        for one in players:
            view = await client.ask("GET", f"/tales/{one.id}")
            moves = [turn["move"] for turn in view["turns"]]
            # What was under way when it was killed may have been done, or not: the last answer's moves are there, or one undo fewer.
            lost += moves[: len(one.moves)] != one.moves and not (one.undoing and one.moves[: len(moves)] == moves)
            strange += (view["player"], view["seed"]) != (one.player, one.seed)
            slots = await client.ask("GET", "/saves", cookie=one.cookie) if one.cookie else []
            strange += any(slot["seed"] != one.seed for slot in slots)
            if one.saved:
                text = await client.ask("GET", "/saves/auto-1", cookie=one.cookie, plain=True)
                lost += len(Save.read(text).made) not in one.saved
    return lost, strange


# ---- players ---------------------------------------------------------------------------------------------------------


@dataclass
class Player:
    """Somebody who plays: what they were answered last."""

    id: str
    player: str
    seed: int
    chance: random.Random
    options: list[str]
    moves: list[str]
    points: list[int]
    cookie: str = ""
    saved: tuple[int, ...] = ()
    """How many moves the save may have: those that were answered last, and those of a save that is under way."""
    undoing: bool = field(default=False)

    @classmethod
    async def begin(cls, client: Client, chance: random.Random, people: tuple[str, ...]) -> Player:
        view = await client.ask("POST", "/tales", {"player": chance.choice(people), "seed": chance.getrandbits(40)})
        moves = [turn["move"] for turn in view["turns"]]
        return cls(view["id"], view["player"], view["seed"], chance, view["options"], moves, view["points"])

    async def choose(self, client: Client) -> None:
        wanted = {"option": self.chance.randrange(len(self.options)), "count": len(self.moves)}
        self._heard(await client.ask("POST", f"/tales/{self.id}/choose", wanted))

    async def undo(self, client: Client) -> None:
        self.undoing = True
        self._heard(await client.ask("POST", f"/tales/{self.id}/undo", {}))
        self.undoing = False

    async def save(self, client: Client) -> None:
        text = await client.ask("GET", f"/tales/{self.id}/save", plain=True)
        if self.saved:
            self.saved = self.saved[-1], len(self.moves)
        await client.ask("PUT", "/saves/auto-1", text, cookie=self.cookie, plain=True)
        self.cookie = self.cookie or client.cookie
        self.saved = (len(self.moves),)

    def _heard(self, view: dict[str, Any]) -> None:
        self.moves = [*self.moves[: view["from"]], *(turn["move"] for turn in view["turns"])]
        self.options, self.points = view["options"], view["points"]


class Client:
    """One connection, kept open: as little of HTTP as it takes, so that the players cost the machine less than the server does."""

    def __init__(self, port: int) -> None:
        self.port, self.cookie = port, ""

    async def __aenter__(self) -> Client:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def ask(self, method: str, way: str, content: object = None, *, cookie: str = "", plain: bool = False) -> Any:
        body = b"" if content is None else content.encode() if isinstance(content, str) else json.dumps(content).encode()
        lines = [f"{method} {way} HTTP/1.1", f"Host: localhost:{self.port}", f"Content-Length: {len(body)}"]
        lines += ["Content-Type: application/json"] if body else []
        lines += [f"Cookie: {cookie}"] if cookie else []
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, length = int(head.split(" ", 2)[1]), 0
        for line in head.split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "content-length":
                length = int(value)
            elif name.lower() == "set-cookie":
                self.cookie = value.partition(";")[0]
        answer = (await self.reader.readexactly(length)).decode() if length else ""
        if status >= 400:
            raise RuntimeError(f"{method} {way}: {status} {answer}")
        return answer if plain or not answer else json.loads(answer)


# ---- the server ------------------------------------------------------------------------------------------------------


@contextmanager
def served(story: str, kept: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server in a process of its own, and its port."""
    command = [sys.executable, "-m", "everytale", "serve", story, "--port", "0", "--saves", str(kept)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1]
            yield process, urlsplit(address).port or 0
        finally:
            process.terminate()


def seconds_used(process: subprocess.Popen[str]) -> float:
    """Processor time of the server (on Linux; elsewhere 0)."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / 100


def resident(process: subprocess.Popen[str]) -> int:
    """Bytes of memory that the server has (on Linux; elsewhere 0)."""
    try:
        return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * 4096
    except OSError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
