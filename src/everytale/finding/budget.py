"""What a search may cost, and how it is cut short: by time, by memory, by Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import TypeVar

from everytale.ground import Look
from everytale.world import Undecided, World

R = TypeVar("R")

GIGABYTE = 1_000_000_000
LOOK_EVERY = 0.02
TELL_EVERY = 0.2
"""Seconds."""


class CutShort(Undecided):
    """It was enough before there was anything to show. ``by``: ``"time"``, ``"memory"``, ``"interrupted"``."""

    def __init__(self, by: str) -> None:
        reasons = {"time": "the time was up", "memory": "the memory was used up", "interrupted": "it was interrupted"}
        super().__init__(f"{reasons[by]} before the story was made ready.")
        self.by = by


@dataclass(frozen=True)
class Progress:
    """How far a search is: distinct ``states``, moves to the ``deepest``, ``memory`` in bytes, ``seconds``, ``what`` is being done, and
    of an exploration how many of the states are still ``waiting`` to be looked at."""

    states: int
    deepest: int
    memory: int
    seconds: float
    what: str
    waiting: int | None = None


class Budget:
    """Runs long work in threads while it watches the clock and the memory. ``stopped``: what cut the work short."""

    def __init__(self, time: float | None, memory: float, progress: Callable[[Progress], None] | None = None) -> None:
        """``time`` in seconds, ``memory`` of the whole process in gigabytes."""
        self._made = self._began = monotonic()
        self._until = None if time is None else self._made + time
        self._memory = memory * GIGABYTE
        self._progress, self._told = progress, self._began
        self._glanced = self._made - LOOK_EVERY
        self._pool = ThreadPoolExecutor(2)
        self.stopped: str | None = None
        self.what = "searching"
        self.states = self.deepest = 0
        self.waiting: int | None = None

    def __enter__(self) -> Budget:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown()

    def prepare(self, work: Callable[[Look], R]) -> R | None:
        """What ``work`` comes to, which is done before the search, in this thread, and looks now and then; ``None``: it was cut short."""
        self.what = "grounding"
        try:
            return work(self._glance)
        except CutShort:
            return None
        except KeyboardInterrupt:
            self.stopped = "interrupted"
            return None
        finally:
            self.what = "searching"

    def _glance(self, growth: int = 0) -> None:
        now = monotonic()
        if growth or now - self._glanced >= LOOK_EVERY:
            self._glanced = now
            if self.over((), growth) and self.stopped is not None:
                raise CutShort(self.stopped)

    def begin(self) -> None:
        """The world is there, and the search begins."""
        self._began = monotonic()

    @property
    def grounding(self) -> float:
        """Seconds before the search began; they count as well."""
        return self._began - self._made

    @property
    def seconds(self) -> float:
        """Seconds since the search began."""
        return monotonic() - self._began

    def wait(self, work: Callable[[], R], worlds: Iterable[World]) -> R | None:
        """What ``work``, which asks ``worlds``, comes to; ``None``: it was cut short."""
        found = self.wait_for_all([work], worlds)
        return None if found is None else found[0]

    def wait_for_all(self, works: Sequence[Callable[[], R]], worlds: Iterable[World]) -> list[R] | None:
        """What all ``works``, each in a thread of its own, come to, in order; ``None``: they were cut short, and ``worlds`` are spent."""
        if self.stopped is not None:
            return None
        worlds = list(worlds)
        futures = [self._pool.submit(work) for work in works]
        try:
            while True:
                if wait(futures, timeout=self._until_next_look()).not_done == set():
                    return [future.result() for future in futures]
                self._look(worlds)
                if self.stopped is not None:
                    break
        except Undecided:
            self.stopped = self.stopped or "memory"
        except KeyboardInterrupt:
            self.stopped = "interrupted"
        except BaseException:  # one thread's error ends the work of the other
            self._stop(worlds, futures)
            raise
        self._stop(worlds, futures)
        return None

    def _until_next_look(self) -> float:
        return LOOK_EVERY if self._until is None else max(0.0, min(LOOK_EVERY, self._until - monotonic()))

    def over(self, worlds: Iterable[World], growth: int = 0) -> bool:
        """Whether it is enough: for work that asks from time to time. ``growth``: how many bytes it will soon need besides."""
        self._look(list(worlds), growth)
        return self.stopped is not None

    def _stop(self, worlds: list[World], futures: list[Future[R]]) -> None:
        for world in worlds:
            world.core.stop()
        wait(futures)

    def _look(self, worlds: list[World], growth: int = 0) -> None:
        now = monotonic()
        if self._until is not None and now >= self._until:
            self.stopped = "time"
        held = resident() or peak_memory()
        if held + growth + sum(world.core.growth for world in worlds) > self._memory:
            self.stopped = "memory"
        if self._progress is not None and now - self._told >= TELL_EVERY:
            self._told = now
            self._progress(Progress(self.states, self.deepest, held, now - self._made, self.what, self.waiting))


def resident() -> int:
    """How many bytes of memory the process has now; 0 where the system does not say."""
    return _status("VmRSS:") or 0


def peak_memory() -> int:
    """How many bytes of memory the process had at most; 0 where the system does not say."""
    most = _status("VmHWM:")
    if most is not None:  # elsewhere the peak of a parent process may count
        return most
    try:
        import resource
    except ImportError:
        return 0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def _status(field: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), None)
