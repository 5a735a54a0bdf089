"""The tales that many players play of one story at once.

Each has a name that nobody can guess; whoever knows it plays it. A tale is its seed and its moves, kept in a store; as a *session*,
which can be asked at once, only the tales that somebody lately went on with are awake. The others are put to rest, and made again when they
are asked for. All share one world, which remembers what was found out of its states; when it has grown large, it is made anew.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from everytale.diagnostics import StoryError
from everytale.ground import forget
from everytale.play.saves import Save, fingerprint
from everytale.play.session import Session
from everytale.play.view import view, why_view
from everytale.serving.refusals import Refused
from everytale.serving.store import Kept, Store
from everytale.story import Story
from everytale.world import Undecided

MOST_AWAKE = 1000
"""Tales that can be asked at once."""
MOST_TALES = 100_000
"""Tales that are kept."""
LONGEST = 2000
"""Moves of a tale that is played on a server: to make that many again takes a second at most."""
LARGEST_WORLD = 256 * 1024 * 1024
"""Bytes of the world that the tales share."""
SOMETIMES = 256
"""Choices between two looks at how large it is."""


class Tales:
    """The tales of ``story`` in ``store``, to be asked by one thread. What they answer counts once the store is committed."""

    def __init__(self, story: Story, store: Store, *, most_awake: int = MOST_AWAKE, largest_world: int = LARGEST_WORLD) -> None:
        self.store, self.most_awake, self.largest_world = store, most_awake, largest_world
        self._awake: OrderedDict[str, Session] = OrderedDict()
        self._choices = 0
        self.tell_of(story)

    def tell_of(self, story: Story) -> None:
        """The story is now this one: tales go on as far as their moves fit it."""
        self.rest()
        self.story, self.fingerprint = replace(story), fingerprint(story)  # of its own, so that its world is

    def rest(self) -> None:
        """Put all tales to rest, as after what was written did not come to count."""
        self._awake.clear()

    def close(self) -> None:
        """Let go of the world, and close the store."""
        self.rest()
        forget(self.story)
        self.store.close()

    @property
    def awake(self) -> int:
        """How many tales can be asked at once."""
        return len(self._awake)

    # ---- what can be asked -------------------------------------------------------------------------------------------

    def begin(self, player: str | None = None, seed: int | None = None, teller: str | None = None) -> dict[str, Any]:
        """A new tale: its view, and its ``id``. Whom nobody names is the story's teller, else the first of its people."""
        who = player or self.story.teller or next(iter(self.story.people), "")
        return self._begun(lambda: Session(self.story, who, secrets.randbelow(1 << 32) if seed is None else seed, teller=teller))

    def resume(self, save: Save) -> dict[str, Any]:
        """A new tale, that goes on from a save."""
        if len(save.made) > LONGEST:
            raise Refused("too-large", f"A tale that is played here has at most {LONGEST:,} moves.")
        return self._begun(lambda: save.resume(self.story))

    def view(self, id: str) -> dict[str, Any]:
        """A tale, whole."""
        return view(self._session(id))

    def choose(self, id: str, option: int, count: int | None = None) -> dict[str, Any]:
        """Choose an option by its number, from 0. The answer has the new turns alone.

        ``count``: how many turns the player has seen. If there are others by now, nothing is chosen, so that a choice that was sent twice
        is made once.
        """
        session = self._session(id)
        before = len(session.turns)
        if count is not None and count != before:
            raise Refused("cannot-choose", f"The tale has gone on since: it has {before} moves, and you have seen {count}.")
        if not 0 <= option < len(session.options):
            last = len(session.options) - 1
            there = f"There is no choice {option}: there are 0 to {last}." if last >= 0 else "There is nothing to choose."
            raise Refused("cannot-choose", there)
        if before >= LONGEST:
            raise Refused("cannot-choose", f"The tale has {before:,} moves, which is as long as it can become here.")
        _asked(lambda: session.choose(session.options[option]))
        self.store.go_on(id, session.made)
        self._look_at_the_world()
        return view(session, before)

    def undo(self, id: str) -> dict[str, Any]:
        """Take the last choice back."""
        session = self._session(id)
        if not session.points:
            raise Refused("cannot-choose", "There is no choice to take back.")
        return self.rewind(id, session.points[-1])

    def rewind(self, id: str, number: int) -> dict[str, Any]:
        """Go back to before the turn ``number``, at which something was chosen."""
        session = self._session(id)
        if number not in session.points:
            raise Refused("cannot-choose", f"Nothing was chosen at turn {number}.")
        _asked(lambda: session.rewind(number))
        self.store.go_on(id, session.made)
        return view(session)

    def why(self, id: str, number: int, *, spoilers: bool = False) -> dict[str, Any]:
        """Why the move at turn ``number`` was made."""
        session = self._session(id)
        if not 0 <= number < len(session.turns):
            raise Refused("not-found", f"The tale has {len(session.turns)} moves, counted from 0, and no move {number}.")
        found: dict[str, Any] = _asked(lambda: why_view(session, number, spoilers=spoilers))
        return found

    def transcript(self, id: str) -> str:
        """The tale as Markdown."""
        return self._session(id).transcript()

    def save(self, id: str) -> str:
        """The tale as the text of a save."""
        return Save.of(self._session(id), self.fingerprint).text()

    def throw_away(self, id: str) -> None:
        """End a tale for good."""
        self._awake.pop(id, None)
        if not self.store.throw_away(id):
            raise _unknown()

    # ---- awake and at rest -------------------------------------------------------------------------------------------

    def _begun(self, begin: Callable[[], Session]) -> dict[str, Any]:
        if self.store.tales() >= MOST_TALES:
            self.store.tidy()
        if self.store.tales() >= MOST_TALES:
            raise Refused("no-room", "There are as many tales here as can be kept. Come back later.")
        session, id = _asked(begin), secrets.token_urlsafe(16)
        self.store.add(id, Kept(session.player, session.teller or "", session.seed, session.made))
        self._wake(id, session)
        return {"id": id, **view(session)}

    def _session(self, id: str) -> Session:
        session = self._awake.get(id)
        if session is None:
            kept = self.store.tale(id)
            if kept is None:
                raise _unknown()
            save = Save(self.story.title, self.fingerprint, "", kept.player, kept.teller, kept.seed, kept.made)
            session = _asked(lambda: save.resume(self.story))
        self._wake(id, session)
        return session

    def _wake(self, id: str, session: Session) -> None:
        self._awake[id] = session
        self._awake.move_to_end(id)
        while len(self._awake) > self.most_awake:
            self._awake.popitem(last=False)

    def _look_at_the_world(self) -> None:
        self._choices += 1
        if self._choices % SOMETIMES == 0 and self._awake:
            world = next(reversed(self._awake.values())).world
            if world.core.figures()["bytes"] > self.largest_world:
                self.rest()
                forget(self.story)


def _asked(question: Callable[[], Any]) -> Any:
    """The answer of a session; its errors as refusals."""
    try:
        return question()
    except Undecided as error:
        raise Refused("undecided", f"It is undecided: {error}. Nothing has been done.") from None
    except StoryError as error:
        one = error.diagnostics[0]
        what = "wrong-request" if one.code in ("unknown-name", "unknown-teller") else "story-error"
        raise Refused(what, " ".join(filter(None, (one.message, one.hint)))) from None


def _unknown() -> Refused:
    return Refused("no-such-tale", "There is no such tale here, or no longer.")
