"""Playing in a terminal: the tale in one calm column, the choices below it; all by keyboard, or by mouse.

The colours are the terminal's own. Nothing is said by colour alone: where one is among the choices, a mark stands before it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option as Line

from everytale.diagnostics import StoryError
from everytale.play.game import Game
from everytale.play.plain import MOST_SEED, departed, ended, exported, first_words, history, last_done, problem
from everytale.play.reasons import expected, why
from everytale.play.saves import Slot
from everytale.play.session import Option, Session, Turn
from everytale.telling import Told
from everytale.telling.tell import BREAK
from everytale.world import Undecided

MOST_ON_THE_PAGE = 400
"""Paragraphs that one can scroll back to; the transcript has all."""

HELP = """\
1 to 9, or ↑ ↓ and Enter, or a click: choose.
Space, Page Up and Page Down: scroll the tale.

u or Backspace: take the last choice back, as often as you like.
h: what has happened; from there back to before any choice, or why.
w: why somebody did what they did last, as your person sees it.
p: what the others might do now, as your person sees it.
s, l: keep the tale under a name; go on with one. Every choice is saved by itself.
t: write the tale so far into a file.
n: another tale of the same story.
q: leave."""


def text(words: str, classes: str = "") -> Static:
    """Words as they stand: no brackets in them mean anything."""
    return Static(words, classes=classes, markup=False)


# ---- choices -----------------------------------------------------------------------------------------------------------


class Choice(Horizontal):
    """One line that can be chosen."""

    class Picked(Message):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, number: int, label: str) -> None:
        super().__init__()
        self.number, self.label = number, label

    def compose(self) -> ComposeResult:
        yield text(f"  {self.number + 1}", "number")
        yield text(self.label, "label")

    def mark(self, here: bool) -> None:
        """Show whether one is on this line."""
        self.query_one(".number", Static).update(f"{'›' if here else ' '} {self.number + 1}")
        self.set_class(here, "here")

    def on_click(self, event: Click) -> None:
        event.stop()
        self.post_message(self.Picked(self.number))


class Choices(VerticalScroll, can_focus=True):
    """The lines that can be chosen, by number, arrows and Enter, or mouse."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("enter", "pick", show=False),
        *(Binding(str(number), f"pick({number - 1})", show=False) for number in range(1, 10)),
    ]
    here: reactive[int] = reactive(0)

    async def show(self, labels: Iterable[str]) -> None:
        """Put these in place of those before."""
        async with self.batch():
            await self.remove_children()
            await self.mount_all(Choice(number, label) for number, label in enumerate(labels))
            self.here = 0
            self._mark()
        self.scroll_home(animate=False)

    def watch_here(self) -> None:
        self._mark()

    def _mark(self) -> None:
        for choice in self.query(Choice):
            choice.mark(choice.number == self.here)
            if choice.number == self.here:
                choice.scroll_visible(animate=False)

    def action_move(self, by: int) -> None:
        count = len(self.query(Choice))
        if count:
            self.here = (self.here + by) % count

    def action_pick(self, number: int | None = None) -> None:
        wanted = self.here if number is None else number
        if wanted < len(self.query(Choice)):
            self.post_message(Choice.Picked(wanted))


# ---- sheets ------------------------------------------------------------------------------------------------------------


class Sheet(ModalScreen[str | None]):
    """Something laid over the tale; Escape takes it away."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]

    def __init__(self, title: str) -> None:
        super().__init__()
        self.heading = title

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet") as sheet:
            sheet.border_title = self.heading
            yield from self.content()
        yield Footer()

    def content(self) -> ComposeResult:
        """What stands on it."""
        yield from ()

    def action_close(self) -> None:
        self.dismiss(None)


class Words(Sheet):
    """Paragraphs to read."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space,q", "close", show=False)]

    def __init__(self, title: str, paragraphs: Iterable[str]) -> None:
        super().__init__(title)
        self.paragraphs = list(paragraphs)

    def content(self) -> ComposeResult:
        with VerticalScroll(classes="words"):
            for paragraph in self.paragraphs:
                yield text(paragraph, "paragraph")


class Why(Words):
    """Why a move was made: as the player may know it, or, when asked, in truth."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "spoil", "Tell me what they really thought")]

    def __init__(self, session: Session, number: int) -> None:
        self.session, self.number, self.spoilers = session, number, session.stopped is not None
        turn = session.turns[number]
        super().__init__(f"Why: {turn.option.label if turn.chosen and turn.option else first_words(turn) or turn.move}", ())
        self.paragraphs = self.answers()

    def answers(self) -> list[str]:
        try:
            return list(why(self.session, self.number, spoilers=self.spoilers))
        except (StoryError, Undecided) as error:
            return [problem(error)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        return not (action == "spoil" and self.spoilers)

    async def action_spoil(self) -> None:
        self.spoilers = True
        words = self.query_one(".words")
        await words.remove_children()
        await words.mount_all(text(paragraph, "paragraph") for paragraph in self.answers())
        self.refresh_bindings()


class History(Sheet):
    """What has happened, to go back in, and to ask about."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("w", "why", "Why")]

    def __init__(self, session: Session) -> None:
        super().__init__("What has happened: Enter goes back to before a choice")
        self.session = session

    def content(self) -> ComposeResult:
        lines = [Line(line.replace("> ", "› ", 1), id=f"move-{line.partition('.')[0]}") for line in history(self.session)]
        yield OptionList(*lines, markup=False)

    def on_mount(self) -> None:
        lines = self.query_one(OptionList)
        lines.highlighted = lines.option_count - 1 if lines.option_count else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        number = self._number(event.option)
        if number in self.session.points:
            self.dismiss(str(number))
        else:
            self.notify("Nothing was chosen there: choose a line with ›.")

    def action_why(self) -> None:
        lines = self.query_one(OptionList)
        if lines.highlighted is not None:
            self.app.push_screen(Why(self.session, self._number(lines.get_option_at_index(lines.highlighted))))

    def _number(self, line: Line) -> int:
        return int((line.id or "").removeprefix("move-")) - 1


class Asking(Sheet):
    """A name to be typed, beside those there are."""

    def __init__(self, title: str, suggestion: str, note: str) -> None:
        super().__init__(title)
        self.suggestion, self.note = suggestion, note

    def content(self) -> ComposeResult:
        yield Input(self.suggestion, max_length=200)
        yield text(self.note, "note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(event.value.strip())


class Saves(Sheet):
    """The slots, to go on with one, or to throw one away."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete,d", "delete", "Throw away", key_display="d")]

    def __init__(self, game: Game) -> None:
        super().__init__("Go on with")
        self.game = game
        self.slots = game.shelf.slots()
        self.doomed: str | None = None

    def content(self) -> ComposeResult:
        yield OptionList(*(Line(described(slot)) for slot in self.slots), markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.slots[event.option_index].name)

    def on_option_list_option_highlighted(self) -> None:
        self.doomed = None

    def action_delete(self) -> None:
        lines = self.query_one(OptionList)
        if lines.highlighted is None:
            return
        slot = self.slots[lines.highlighted]
        if self.doomed != slot.name:
            self.doomed = slot.name
            self.notify(f"Once more d throws {slot.name} away for good.")
            return
        try:
            self.game.shelf.delete(slot.name)
        except StoryError as error:
            self.notify(problem(error), severity="error")
            return
        del self.slots[lines.highlighted]
        lines.remove_option_at_index(lines.highlighted)


def described(slot: Slot) -> str:
    """A slot as a line."""
    when = datetime.fromtimestamp(slot.saved).strftime("%Y-%m-%d %H:%M")
    if slot.save is None:
        return f"{slot.name:<16} {when}  cannot be read"
    moves = len(slot.save.made)
    return f"{slot.name:<16} {when}  {slot.save.player}, {moves} move{'' if moves == 1 else 's'}"


# ---- the player --------------------------------------------------------------------------------------------------------


class Terminal(App[None]):
    """Plays ``game``."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    * { scrollbar-size-vertical: 1; scrollbar-color: ansi_bright_black; scrollbar-background: ansi_default; }
    * { scrollbar-color-hover: ansi_default; scrollbar-color-active: ansi_default; scrollbar-background-hover: ansi_default; }
    Screen { align: center top; }
    #page { width: 100%; max-width: 80; height: 1fr; padding: 0 3; }
    #title { text-style: bold; margin: 1 0; height: auto; }
    #tale { height: 1fr; scrollbar-gutter: stable; }
    #tale Static { width: 1fr; margin: 0 1 1 0; }
    .words .paragraph { margin-bottom: 1; }
    .heading { text-style: bold; }
    .break { text-align: center; }
    .chosen, .note { text-style: italic; }
    Choices { height: auto; max-height: 45%; margin: 0 0 1 0; }
    Choice { height: auto; }
    Choice .number { width: 5; }
    Choice .label { width: 1fr; }
    Choice.here { text-style: bold; }
    Footer { background: ansi_default; }
    #page Footer { margin-left: -1; }
    Sheet { align: center middle; background: ansi_default; }
    .sheet { width: 100%; max-width: 80; height: auto; max-height: 90%; border: round ansi_bright_black; padding: 1 2; }
    .sheet .words { height: auto; max-height: 100%; }
    .sheet OptionList { border: none; padding: 0; height: auto; max-height: 100%; background: ansi_default; }
    .sheet OptionList:nocolor:focus > .option-list--option-highlighted { text-style: bold underline; }
    .sheet Input { border: none; height: 1; padding: 0; margin-bottom: 1; }
    .sheet Input:nocolor > .input--cursor { text-style: underline; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u,backspace", "undo", "Undo", key_display="u"),
        Binding("h", "history", "History"),
        Binding("w", "why", "Why"),
        Binding("p", "people", "People"),
        Binding("s", "save", "Save"),
        Binding("l", "load", "Load"),
        Binding("t", "transcript", "Transcript", show=False),
        Binding("n", "new", "New", show=False),
        Binding("question_mark,f1", "help", "Help", key_display="?"),
        Binding("q,ctrl+c", "quit", "Quit", key_display="q"),
        Binding("space,pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, game: Game) -> None:
        super().__init__(ansi_color=True)
        self.game = game
        self.theme = "ansi-dark"
        self.title = game.session.story.title

    @property
    def session(self) -> Session:
        return self.game.session

    def compose(self) -> ComposeResult:
        with Vertical(id="page"):
            yield Static(id="title", markup=False)
            yield VerticalScroll(id="tale", can_focus=False)
            yield Choices()
            yield Footer()

    async def on_mount(self) -> None:
        await self.begin()

    # ---- what is shown -------------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Show the tale from its beginning, as far as it has come."""
        session = self.session
        name = session.story.entity[session.player].label
        self.query_one("#title", Static).update(f"{session.story.title} · {name}")
        await self.query_one("#tale", VerticalScroll).remove_children()
        last = list(turned(session.turns[-1])) if session.turns else []
        shown = [*pieces(session.opening), *(one for turn in session.turns[:-1] for one in turned(turn)), *last]
        if session.departure is not None:
            last.append(text(departed(session), "note"))
            shown.append(last[-1])
        await self.add(shown, len(last) if session.points else len(shown))

    async def add(self, shown: list[Static], last: int) -> None:
        """Add to the tale, bring the beginning of its ``last`` pieces into view, and offer what can be chosen."""
        if self.session.stopped is not None:
            shown, last = [*shown, text(ended(self.session), "heading")], last + 1
        tale, choices = self.query_one("#tale", VerticalScroll), self.query_one(Choices)
        await tale.mount_all(shown[-MOST_ON_THE_PAGE:])
        await tale.remove_children(list(tale.children)[:-MOST_ON_THE_PAGE])
        await choices.show(label for label, _ in self.offered())
        choices.focus()
        if last:
            first = tale.children[-min(last, len(tale.children))]
            self.call_after_refresh(lambda: tale.scroll_to_widget(first, animate=False, top=True))

    def offered(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """What can be chosen, and what it does: the story's options or, at the end, what is left to do."""
        session = self.session
        if session.stopped is None:
            return [(option.label, partial(self.choose, option)) for option in session.options]
        back = [("Take the last choice back", self.action_undo), ("Look back: what happened, and why", self.action_history)]
        return [*(back if session.points else []), ("Another tale", self.action_new), ("Leave", self.action_quit)]

    # ---- what is done --------------------------------------------------------------------------------------------------

    async def on_choice_picked(self, event: Choice.Picked) -> None:
        offered = self.offered()
        if event.number < len(offered):
            await offered[event.number][1]()

    async def choose(self, option: Option) -> None:
        trouble = self.game.trouble
        try:
            turns = self.game.choose(option)
        except (StoryError, Undecided) as error:
            self.notify(problem(error), severity="error", timeout=15)
            return
        if self.game.trouble and self.game.trouble != trouble:
            self.notify(f"It could not be saved. {self.game.trouble}", severity="error", timeout=15)
        shown = [one for turn in turns for one in turned(turn)]
        await self.add(shown, len(shown))

    async def action_undo(self) -> None:
        if self.session.points:
            self.game.undo()
            await self.begin()

    async def action_history(self) -> None:
        if self.session.turns:
            self.push_screen(History(self.session), self.rewind)

    async def rewind(self, number: str | None) -> None:
        if number is not None:
            self.game.rewind(int(number))
            await self.begin()

    def action_why(self) -> None:
        if self.session.turns:
            self.push_screen(Why(self.session, last_done(self.session)))

    def action_people(self) -> None:
        name = self.session.story.entity[self.session.player].label
        try:
            paragraphs = list(expected(self.session))
        except (StoryError, Undecided) as error:
            paragraphs = [problem(error)]
        self.push_screen(Words(f"What they might do now, as {name} sees it", paragraphs))

    def action_save(self) -> None:
        note = "Every choice is saved by itself; under a name, a place is kept that you want to come back to."
        self.push_screen(Asking("Save as", f"{self.session.player} {len(self.session.turns)}", note), self.save)

    def save(self, name: str | None) -> None:
        if name is not None:
            self.attempt(lambda: self.game.save(name), f"Saved as {name}.")

    def action_load(self) -> None:
        if self.game.shelf.slots():
            self.push_screen(Saves(self.game), self.load)
        else:
            self.notify("Nothing has been saved of this story yet.")

    async def load(self, name: str | None) -> None:
        if name is not None and self.attempt(lambda: self.game.load(name), ""):
            await self.begin()

    def action_transcript(self) -> None:
        words = re.sub(r"[^\w]+", "-", self.session.story.title).strip("-").lower() or "tale"
        self.push_screen(Asking("Write the tale so far into", f"{words}.md", "A new file; as Markdown."), self.export)

    def export(self, name: str | None) -> None:
        if name is not None:
            self.attempt(lambda: exported(self.session, Path(name)), f"Written to {name}.")

    async def action_new(self) -> None:
        if self.attempt(lambda: self.game.restart(secrets.randbelow(MOST_SEED)), ""):
            await self.begin()

    def action_help(self) -> None:
        self.push_screen(Words("Keys", HELP.split("\n\n")))

    def action_page(self, by: int) -> None:
        tale = self.query_one("#tale", VerticalScroll)
        tale.scroll_relative(y=by * max(1, tale.size.height - 2), animate=False)

    def attempt(self, what: Callable[[], object], done: str) -> bool:
        """Do it, and say so; or say why it cannot be done."""
        try:
            what()
        except (StoryError, Undecided) as error:
            self.notify(problem(error), severity="error", timeout=15)
            return False
        if done:
            self.notify(done)
        return True


# ---- the tale as widgets -----------------------------------------------------------------------------------------------


def turned(turn: Turn) -> Iterator[Static]:
    """What was chosen, and what was told."""
    if turn.option is not None:
        yield text(f"› {turn.option.label}", "chosen")
    yield from pieces(turn.told)


def pieces(told: Iterable[Told]) -> Iterator[Static]:
    for piece in told:
        if piece.occasion == "scene":
            yield text(piece.title, "heading") if piece.title else text(BREAK, "break")
        for paragraph in piece.paragraphs:
            yield text(paragraph, "paragraph")
