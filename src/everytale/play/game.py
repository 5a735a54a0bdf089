"""A session with the shelf on which it is kept: what a terminal or a page drives."""

from __future__ import annotations

from everytale.diagnostics import StoryError
from everytale.play.saves import Save, Shelf, fingerprint
from everytale.play.session import Option, Session, Turn
from everytale.story import Story


class Game:
    """One tale of ``story`` that is played, saved by itself after every choice.

    ``session`` is another one after :meth:`load` and :meth:`restart`. ``slot``: where it is saved by itself, once it has been.
    ``trouble``: why the last such save could not be written (the tale goes on all the same), or ``None``.
    """

    def __init__(self, session: Session, shelf: Shelf) -> None:
        self.session, self.shelf = session, shelf
        self.slot: str | None = None
        self.trouble: str | None = None
        self._fingerprint = fingerprint(session.story)

    @classmethod
    def loaded(cls, story: Story, shelf: Shelf, name: str) -> Game:
        """The tale that was saved in the slot ``name`` (``auto``: by itself, last), as far as it fits ``story``. Raises ``StoryError``."""
        slot = shelf.named(name)
        game = cls(shelf.load(slot).resume(story), shelf)
        game._go_on_in(slot)
        return game

    # ---- playing -----------------------------------------------------------------------------------------------------

    def choose(self, option: Option) -> tuple[Turn, ...]:
        """See :meth:`Session.choose`."""
        turns = self.session.choose(option)
        self._autosave()
        return turns

    def undo(self) -> None:
        """See :meth:`Session.undo`."""
        self.session.undo()
        self._autosave()

    def rewind(self, number: int) -> None:
        """See :meth:`Session.rewind`."""
        self.session.rewind(number)
        self._autosave()

    def restart(self, seed: int) -> None:
        """Begin a new tale of the same story and person. What was saved of this one stays."""
        one = self.session
        self.session, self.slot = Session(one.story, one.player, seed, teller=one.teller), None

    # ---- keeping -----------------------------------------------------------------------------------------------------

    def save(self, name: str) -> None:
        """Keep the tale as it stands in the slot ``name``, in place of what is there. Raises ``StoryError``."""
        if self.shelf.is_autosave(name):
            message = f"{name!r} is a name for what is saved by itself."
            raise StoryError.one("no-such-save", "There is no such save", message, hint="Choose another name.")
        self.shelf.save(name, self._kept())

    def load(self, name: str) -> None:
        """Go on with the tale in the slot ``name``. Raises ``StoryError``, and then goes on as before."""
        slot = self.shelf.named(name)
        self.session = self.shelf.load(slot).resume(self.session.story)
        self._go_on_in(slot)

    def _go_on_in(self, slot: str) -> None:
        """A tale goes on in the autosave that it came from, unless the story has changed so that it did not fit: then that is kept."""
        self.slot = slot if self.shelf.is_autosave(slot) and self.session.departure is None else None

    def _kept(self) -> Save:
        return Save.of(self.session, self._fingerprint)

    def _autosave(self) -> None:
        try:
            self.slot = self.slot or self.shelf.next_autosave()
            self.shelf.save(self.slot, self._kept())
            self.trouble = None
        except StoryError as error:
            self.trouble = error.diagnostics[0].message
