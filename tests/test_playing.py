"""``everytale play`` in plain text: what is typed, what is shown, and what is kept."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result

from everytale.cli import main
from everytale.play import Session
from everytale.play.game import Game
from everytale.play.plain import COMMANDS, Plain, meant
from everytale.play.saves import Shelf
from tests.test_sessions import DOOR, TEA, story


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name, text in (("tea", TEA), ("door", DOOR)):
        (tmp_path / f"{name}.tale").write_text(dedent(text), encoding="utf-8")
    return tmp_path


def play(typed: str, *arguments: str, name: str = "tea.tale") -> Result:
    seed = [] if "--load" in arguments else ["--seed", "1"]
    return CliRunner().invoke(main, ["play", name, "--saves", "kept", *seed, *arguments], input=typed)


def shown(typed: str, *arguments: str, name: str = "tea.tale") -> str:
    result = play(typed, *arguments, name=name)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_tale_is_played_line_by_line(folder: Path) -> None:
    assert shown("1\n3\n1\n", "--as", "Ann") == dedent("""
        Tea

        1. Pour (the blue mug)
        2. Pour (glass)
        3. Ask him whether ‘one’ is enough…

        > 1

        Ann filled the blue mug.

        1. Pour (glass)
        2. Ask him whether ‘one’ is enough…
        3. Wait

        > 3

        It got dark.

        1. Pour (glass)
        2. Ask him whether ‘one’ is enough…
        3. Wait

        > 1

        Ann filled glass.

        1. Ask him whether ‘one’ is enough…
        2. Wait

        > \n""")


def test_the_end_is_said_and_one_can_still_go_back(folder: Path) -> None:
    printed = shown("1\n3\n1\n2\nundo\nwhy\n2\nquit\n", "--as", "Ann")
    assert printed.count("The end: Tea") == 2 and printed.count("undo, rewind, why, transcript, new or quit?") == 2


def test_the_one_whose_shoulder_it_is_is_played_unless_said(folder: Path) -> None:
    assert "1. Hum\n" in shown("", name="door.tale")
    (folder / "bo.tale").write_text(dedent(DOOR).replace('tale "Door"', 'tale "Door"\nteller Bo'), encoding="utf-8")
    assert "1. Open it\n" in shown("", name="bo.tale")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("9", "There is no choice 9: there are 1 to 3."),
        ("0", "There is no choice 0: there are 1 to 3."),
        ("99999999999999999999", "There is no choice 999999999: there are 1 to 3."),
        ("", "Type a number, or help."),
        ("sing", "'sing' is not understood; type help for what is."),
        ("undo", "There is no choice to take back."),
        ("why", "Nothing has happened yet."),
        ("rewind 1", "There is no choice to go back to."),
        ("save", "Under which name? Type save and a name."),
        ("save ../up", "'../up' cannot be the name of a save."),
        ("save auto-1", "'auto-1' is a name for what is saved by itself."),
        ("saves", "Nothing has been saved of this story yet."),
        ("load", "Nothing has been saved of this story yet."),
        ("load monday", "There is no save called 'monday'."),
        ("spoilers on", "why tells what goes on in other people."),
        ("transcript tea.tale", "tea.tale is there already, and is left as it is. Choose another name."),
        ("h", "> "),
        ("HELP", "A number chooses."),
        ("1\nrewind 7", "To which choice? There are: 1."),
        ("1\nwhy 7", "Of which move? There are 1 to 1."),
        ("1\nw", "You chose it. Ann had no reason to."),
    ],
)
def test_whatever_is_typed_has_an_answer(folder: Path, typed: str, answer: str) -> None:
    assert answer in " ".join(shown(f"{typed}\n", "--as", "Ann").split())


STUMBLES = """
    tale "Stumbles"
    kind person: Ann (she)
    fact steps: 0 to 2
    action walk by Ann
        then steps = steps + 1
"""


def test_where_a_story_breaks_its_own_rule_it_is_said_and_the_tale_stays_where_it_was(folder: Path) -> None:
    (folder / "stumbles.tale").write_text(dedent(STUMBLES), encoding="utf-8")
    printed = " ".join(shown("1\n1\n1\nhistory\n", name="stumbles.tale").split())
    assert "steps" in printed.partition("> 1 Ann walks. 1. Walk > 1 Ann walks. 1. Walk > 1 ")[2] and "2. > Walk" in printed
    assert "3. > Walk" not in printed


class Silence:
    """A page on which lines are typed and nobody reads."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def heading(self, text: str) -> None:
        """Nobody reads it."""

    line = paragraph = heading

    def ask(self) -> str | None:
        return self.lines.pop() if self.lines else None


def test_whatever_is_typed_thousands_of_times_nothing_breaks(folder: Path) -> None:
    chance, words = random.Random(4), [*COMMANDS, "why 1", "rewind 2", "rewind 1", "load a", "save a", "spoilers on", "why 99999999999"]
    letters = "abcdefghijklmnopqrstuvwxyz0123456789 ./-\x1b\x00é\ud800"
    kinds = (lambda: str(chance.randrange(5)), lambda: chance.choice(words), lambda: "".join(chance.choices(letters, k=6)))
    lines = [chance.choice(kinds)() for _ in range(1500)]
    lines = [line for line in lines if meant(line.split(" ")[0] if line else "") not in ("quit", "transcript")]
    Plain(Game(Session(story(TEA), "Ann", 1), Shelf(folder / "kept")), Silence(lines)).play()
    assert lines == []


def test_history_numbers_what_was_chosen_and_what_was_told(folder: Path) -> None:
    printed = shown("1\n2\n2\nhistory\nrewind 2\nhistory\n", "--as", "Ann")
    [first, second] = re.findall(r"> history\n(.*?)\n\n>", printed, re.DOTALL)
    assert first.splitlines() == ["1. > Pour (the blue mug)", "2. > Ask him whether ‘one’ is enough…", "3. > Wait: It got dark."]
    assert second.splitlines() == ["1. > Pour (the blue mug)"]


def test_spoilers_are_off_until_the_end(folder: Path) -> None:
    printed = shown("2\nwhy\nspoilers on\nwhy\n", "--as", "Ann", name="door.tale")
    seen, _, truth = printed.partition("> spoilers on")
    assert "As Ann saw it, Bo had something to gain by it: he hoped to be seen." in " ".join(seen.split())
    assert "Bo did it because the room was too warm." in truth and "too warm" not in seen


def test_a_save_is_loaded_and_goes_on(folder: Path) -> None:
    shown("1\nsave monday\n", "--as", "Ann")
    printed = shown("saves\n", "--load", "monday")
    assert "Ann filled the blue mug." in printed and "monday: Ann, 1 move, seed 1" in printed
    assert "auto-1: Ann, 1 move, seed 1" in printed
    assert play("", "--load", "monday", "--as", "Ann").exit_code == 2


def test_where_it_was_saved_is_said_on_the_error_stream(folder: Path) -> None:
    assert play("1\n", "--as", "Ann").stderr == "[Saved as auto-1: everytale play tea.tale --load auto goes on.]\n"
    assert play("", "--as", "Ann").stderr == ""


def test_a_save_that_no_longer_fits_says_so(folder: Path) -> None:
    shown("1\n2\n", "--as", "Ann")
    path = folder / "tea.tale"
    path.write_text(path.read_text(encoding="utf-8").replace("if not asked", "if asked"), encoding="utf-8")
    printed = " ".join(shown("", "--load", "auto").split())
    assert "Of 2 moves, 1 fit the story as it is now. Move 2, ask, does not: Ann cannot do that there." in printed


def test_the_transcript_is_a_new_file(folder: Path) -> None:
    shown("1\ntranscript tea.md\ntranscript\n", "--as", "Ann")
    assert (folder / "tea.md").read_text(encoding="utf-8") == "# Tea\n\n> Pour (the blue mug)\n\nAnn filled the blue mug.\n"
    assert "left as it is" in shown("transcript tea.md\n", "--as", "Ann")


def test_another_tale_is_begun_and_the_first_is_kept(folder: Path) -> None:
    printed = shown("1\nnew\n2\nsaves\n", "--as", "Ann")
    assert printed.count("Tea") == 2 and "auto-1: Ann, 1 move, seed 1" in printed and "auto-2: Ann, 1 move" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--as", "Anne"], "Did you mean 'Ann'?"),
        (["--teller", "Cy", "--as", "Ann"], "There is no person called 'Cy' in this story."),
        (["--load", "monday"], None),
    ],
)
def test_what_cannot_be_played_is_a_message(folder: Path, arguments: list[str], message: str | None) -> None:
    result = CliRunner().invoke(main, ["play", "tea.tale", "--saves", "kept", *arguments])
    assert result.exit_code == 1 and (message or "There is no save called 'monday'.") in result.stderr


def test_a_story_without_people_cannot_be_played(folder: Path) -> None:
    (folder / "rain.tale").write_text('tale "Rain"\nfact wet: yes or no\nevent rain\n    then wet\nending "Wet" if wet\n', encoding="utf-8")
    result = play("", name="rain.tale")
    assert result.exit_code == 1 and "there is nobody to play" in " ".join(result.stderr.split())


def test_saves_are_where_the_system_keeps_such_things(folder: Path) -> None:
    result = CliRunner().invoke(main, ["play", "dont-stay", "--seed", "1"], input="1\n")
    assert result.exit_code == 0
    if sys.platform == "linux":
        assert (folder / "data/everytale/saves/dont-stay/auto-1.json").is_file()


def test_it_is_played_through_a_pipe(folder: Path) -> None:
    command = [sys.executable, "-m", "everytale", "play", "tea.tale", "--as", "Ann", "--seed", "1", "--saves", "kept"]
    done = subprocess.run(command, input=b"1\n3\n", capture_output=True, timeout=60)
    assert done.returncode == 0 and "> 3\n\nIt got dark.\n" in done.stdout.decode("utf-8") and b"\x1b" not in done.stdout
