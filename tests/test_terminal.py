"""The terminal: what a player at the keyboard sees. Keys in, words on the page out."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from everytale.cli.playing import _at_terminal
from everytale.play import Session
from everytale.play.game import Game
from everytale.play.saves import Shelf
from everytale.play.terminal import Choices, History, Saves, Terminal, Why, Words
from tests.test_sessions import DOOR, TEA, moves, story

Playing = Callable[["Pilot[Any]", Terminal], Awaitable[None]]


def playing(play: Playing, shelf: Path, text: str = TEA, *, size: tuple[int, int] = (80, 24), player: str = "Ann") -> None:
    """Play ``text`` in a terminal of that size."""

    async def run() -> None:
        app = Terminal(Game(Session(story(text), player, 1), Shelf(shelf)))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await play(pilot, app)

    asyncio.run(run())


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


def words(app: Terminal, within: str = "#tale") -> list[str]:
    return [str(one.content) for one in app.screen.query(f"{within} Static").results(Static)]


def offered(app: Terminal) -> list[str]:
    return words(app, "Choices")[1::2]


def marked(app: Terminal) -> list[str]:
    return [text for text in words(app, "Choices")[::2] if "›" in text]


def test_choices_are_made_by_number_by_arrows_and_by_mouse(tmp_path: Path) -> None:
    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        assert offered(app) == ["Pour (the blue mug)", "Pour (glass)", "Ask him whether ‘one’ is enough…"]
        await press(pilot, "2")
        assert words(app) == ["› Pour (glass)", "Ann filled glass."]
        await press(pilot, "down")
        assert marked(app) == ["› 2"]
        await press(pilot, "up", "up")
        assert marked(app) == ["› 2"]
        await press(pilot, "enter")
        assert moves(app.session) == ["pour(glass)", "ask"]
        await pilot.click(Choices, offset=(8, 0))
        await pilot.pause()
        assert moves(app.session)[2] == "pour(mug)"

    playing(play, tmp_path)


def test_a_number_that_is_not_offered_does_nothing(tmp_path: Path) -> None:
    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "9", "0")
        assert app.session.turns == ()

    playing(play, tmp_path)


def test_undo_takes_choices_back_to_the_beginning(tmp_path: Path) -> None:
    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "1", "1", "u")
        assert moves(app.session) == ["pour(mug)"] and words(app) == ["› Pour (the blue mug)", "Ann filled the blue mug."]
        await press(pilot, "backspace", "u", "u")
        assert app.session.turns == () and words(app) == [] and len(offered(app)) == 3

    playing(play, tmp_path)


def test_the_history_leads_back_to_before_a_choice(tmp_path: Path) -> None:
    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "h")
        assert not isinstance(app.screen, History)
        await press(pilot, "1", "3", "1", "h")
        assert isinstance(app.screen, History)
        lines = app.screen.query_one(OptionList)
        assert [str(lines.get_option_at_index(index).prompt) for index in range(3)] == [
            "1. › Pour (the blue mug)",
            "2. › Wait: It got dark.",
            "3. › Pour (glass)",
        ]
        await press(pilot, "up", "enter")
        assert moves(app.session) == ["pour(mug)"]

    playing(play, tmp_path)


def test_why_keeps_spoilers_until_it_is_asked_for_them(tmp_path: Path) -> None:
    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "w")
        assert not isinstance(app.screen, Why)
        await press(pilot, "2", "w")
        assert words(app, ".words") == ["As Ann saw it, Bo had something to gain by it: he hoped to be seen."]
        await press(pilot, "x")
        assert words(app, ".words")[0].startswith("Bo did it because the room was too warm.")
        await press(pilot, "escape")
        assert not isinstance(app.screen, Why)

    playing(play, tmp_path, DOOR)


def test_what_others_might_do_is_what_the_player_expects_of_them(tmp_path: Path) -> None:
    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "p")
        assert words(app, ".words") == ["Bo: Open it."]

    playing(play, tmp_path, DOOR)


def test_at_the_end_it_is_said_what_is_left_to_do(tmp_path: Path) -> None:
    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "1", "3", "1", "1")
        assert app.session.ending is not None and words(app)[-1] == "The end: Tea"
        assert offered(app) == ["Take the last choice back", "Look back: what happened, and why", "Another tale", "Leave"]
        await press(pilot, "1")
        assert app.session.stopped is None and "The end: Tea" not in words(app)
        await press(pilot, "1", "3")
        assert app.session.turns == () and app.game.slot is None

    playing(play, tmp_path)


def test_a_tale_is_kept_under_a_name_and_gone_on_with(tmp_path: Path) -> None:
    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "l")
        assert not isinstance(app.screen, Saves)
        await press(pilot, "2", "s")
        app.screen.query_one(Input).value = "good"
        await press(pilot, "enter", "1", "l")
        slots = app.screen.query_one(OptionList)
        assert [str(slots.get_option_at_index(index).prompt)[:7] for index in range(2)] == ["auto-1 ", "good   "]
        await press(pilot, "down", "enter")
        assert moves(app.session) == ["pour(glass)"]
        await press(pilot, "l", "end", "d")
        assert {slot.name for slot in app.game.shelf.slots()} == {"auto-1", "good"}
        await press(pilot, "d")
        assert {slot.name for slot in app.game.shelf.slots()} == {"auto-1"}

    playing(play, tmp_path)


@pytest.mark.parametrize("name", ["../up", "auto-1"])
def test_a_name_that_cannot_be_is_said_to_be_none(tmp_path: Path, name: str) -> None:
    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "2", "s")
        app.screen.query_one(Input).value = name
        await press(pilot, "enter")
        assert [slot.name for slot in app.game.shelf.slots()] == ["auto-1"]
        assert any(repr(name) in notification.message for notification in app._notifications)

    playing(play, tmp_path / "saves")


def test_a_transcript_is_written_into_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "2", "t", "enter")
        assert (tmp_path / "tea.md").read_text(encoding="utf-8") == app.session.transcript()
        await press(pilot, "1", "t", "enter")
        assert (tmp_path / "tea.md").read_text(encoding="utf-8") != app.session.transcript()

    playing(play, tmp_path / "saves")


def test_a_save_that_no_longer_fits_says_so_on_the_page(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    game = Game(Session(story(TEA), "Ann", 1), shelf)
    for label in (0, 0):
        game.choose(game.session.options[label])
    app = Terminal(Game.loaded(story(TEA.replace("if not poured(c)", "if not poured(c) and not poured(mug)")), shelf, "auto"))

    async def run() -> None:
        async with app.run_test() as pilot:
            await pilot.pause()
            assert "Move 2, pour(glass), does not: Ann cannot do that there." in words(app)[-1]

    asyncio.run(run())


def test_help_names_every_key(tmp_path: Path) -> None:
    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "question_mark")
        assert isinstance(app.screen, Words)
        said = " ".join(words(app, ".words"))
        assert all(f"{key}:" in said or f"{key} or" in said or f"{key}, " in said for key in "uhwpsltnq")
        await press(pilot, "escape", "2")
        assert moves(app.session) == ["pour(glass)"]

    playing(play, tmp_path)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 50)])
def test_prose_has_a_readable_measure_in_terminals_of_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    long = "It got dark, " + "and darker " * 60
    text = TEA.replace("told: It got dark.", f"told: {long}").replace('"Ask {Bo.him}', f'"{"Ask, and go on asking, " * 8}Ask {{Bo.him}}')

    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "1", "3")
        paragraph = next(one for one in app.query("#tale .paragraph") if "darker" in str(one.content))  # type: ignore[attr-defined]
        assert paragraph.size.width <= 72 and paragraph.size.width >= min(size[0] - 8, 72)
        assert app.query_one("#tale").size.height > 2 and app.query_one(Choices).size.height > 0
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert paragraph.size.width == 52

    playing(play, tmp_path, text, size=size)


def test_brackets_in_a_story_are_only_brackets(tmp_path: Path) -> None:
    text = TEA.replace("told: It got dark.", "told: It got [bold red]dark[/] [@click=app.quit]here[/].")

    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        await press(pilot, "1", "3")
        assert "It got [bold red]dark[/] [@click=app.quit]here[/]." in words(app)

    playing(play, tmp_path, text)


def test_only_the_last_pages_stay_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("everytale.play.terminal.MOST_ON_THE_PAGE", 10)

    async def play(pilot: Pilot[Any], app: Terminal) -> None:
        for _ in range(12):
            await press(pilot, "1")
        assert len(words(app)) == 10 and len(app.session.turns) == 12
        await press(pilot, "u")
        assert len(words(app)) == 10

    playing(play, tmp_path, DOOR)


# ---- which way it is played --------------------------------------------------------------------------------------------


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, stream, Screen())
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_that_can_do_more_than_lines_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    assert _at_terminal()
    monkeypatch.setenv("TERM", "dumb")
    assert not _at_terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert not _at_terminal()


def test_where_nothing_more_is_installed_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not _at_terminal()
    assert "pip install 'everytale[terminal]'" in sys.stderr.getvalue()  # type: ignore[attr-defined]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a thing of POSIX")
def test_the_command_plays_at_a_terminal_and_leaves_it_as_it_was(tmp_path: Path) -> None:
    import pty

    (tmp_path / "tea.tale").write_text(dedent(TEA), encoding="utf-8")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "everytale", "play", "tea.tale", "--as", "Ann", "--seed", "1", "--saves", "kept"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    with subprocess.Popen(command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        seen = b""
        for wanted, key in ((b"glass", b"2"), (b"filled", b"q"), (b"Saved as auto-1", b"")):
            while wanted not in seen:
                seen += os.read(ours, 4096)
            os.write(ours, key)
        assert process.wait(30) == 0
    os.close(ours)
    assert seen.count(b"\x1b[?1049h") == seen.count(b"\x1b[?1049l") == 1, "the other screen is left again"
