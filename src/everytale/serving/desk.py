"""One thread at which everything is asked that only one may ask at a time: the story's world, and the store.

What has come in meanwhile is done together, committed together, and only then answered. So a choice that was answered is on the disk, and
a disk that takes its time is waited for once and not once for each player.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from everytale.serving.refusals import Refused
from everytale.serving.store import Unwritten
from everytale.serving.tales import Tales

T = TypeVar("T")

MOST_WAITING = 2000
"""Questions that may wait; more are refused at once."""
MOST_TOGETHER = 64
"""Questions that are answered together."""


class Desk:
    """Asks ``tales`` for whoever awaits :meth:`ask`, from when it is opened until it is closed."""

    def __init__(self, tales: Tales) -> None:
        self.tales = tales
        self._questions: SimpleQueue[_Question | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)

    def open(self) -> None:
        self._thread.start()

    async def ask(self, question: Callable[[Tales], T]) -> T:
        """The answer, once all that it wrote is kept. Raises what the question raises, and ``Refused`` where too many wait."""
        if self._questions.qsize() >= MOST_WAITING:
            raise Refused("busy", "There are too many players at the moment. Try again shortly.")
        loop = asyncio.get_running_loop()
        asked = _Question(question, loop, loop.create_future())
        self._questions.put(asked)
        answer: T = await asked.answer
        return answer

    def close(self, patience: float | None = None) -> None:
        """Answer what has been asked, close the store, and end; or, after ``patience`` seconds, let it be."""
        self._questions.put(None)
        self._thread.join(patience)

    def _work(self) -> None:
        open = True
        while open:
            batch = [self._questions.get()]
            while len(batch) < MOST_TOGETHER and not self._questions.empty():
                batch.append(self._questions.get())
            open = None not in batch
            self._answer([one for one in batch if one is not None])
        self.tales.close()

    def _answer(self, batch: list[_Question]) -> None:
        store = self.tales.store
        try:
            for one in batch:
                one.ask(self.tales)
            store.commit()
        except Unwritten as error:
            store.roll_back()
            self.tales.rest()
            for one in batch:
                one.result, one.error = None, error
        for one in batch:
            one.say()


class _Question:
    """A question, and the loop in which its answer is awaited."""

    def __init__(self, question: Callable[[Tales], Any], loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Any]) -> None:
        self.question, self.loop, self.answer = question, loop, answer
        self.result: Any = None
        self.error: Exception | None = None

    def ask(self, tales: Tales) -> None:
        """Ask it. Raises ``Unwritten``; all other errors are kept for whoever asked."""
        try:
            self.result = self.question(tales)
        except Unwritten:
            raise
        except Exception as error:
            self.error = error

    def say(self) -> None:
        """Give the answer."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
            self.loop.call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        if self.answer.done():  # whoever asked has gone
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.result)
