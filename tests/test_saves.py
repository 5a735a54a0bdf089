"""Saves: written whole or not at all, read whatever they hold, and made again as far as the story still has it."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from everytale.diagnostics import StoryError
from everytale.play import Session
from everytale.play.game import Game
from everytale.play.saves import LARGEST, LEFT_OVER, MOST_AUTOSAVES, Save, Shelf, fingerprint, folder
from tests.test_sessions import DOOR, TEA, moves, story

TRIES = int(os.environ.get("EVERYTALE_FUZZ", "2000"))
KILLS = 3


def game(shelf: Path, text: str = TEA, *, seed: int = 1) -> Game:
    return Game(Session(story(text), "Ann", seed), Shelf(shelf))


def played(one: Game, *labels: str) -> Game:
    for label in labels:
        one.choose(next(option for option in one.session.options if option.label == label))
    return one


def said(error: pytest.ExceptionInfo[StoryError]) -> str:
    return error.value.diagnostics[0].message


# ---- what a save is ----------------------------------------------------------------------------------------------------


def test_a_save_is_read_as_it_was_written(tmp_path: Path) -> None:
    one = played(game(tmp_path), "Pour (the blue mug)", "Wait")
    one.save("a good one")
    save = Shelf(tmp_path).load("a good one")
    assert Save.read(save.text()) == save
    again = save.resume(one.session.story)
    assert (again.turns, again.options, again.departure) == (*(one.session.turns, one.session.options), None)
    assert again.transcript() == one.session.transcript()


def test_a_save_is_text_that_a_person_can_read(tmp_path: Path) -> None:
    played(game(tmp_path), "Pour (the blue mug)", "Wait").save("one")
    text = re.sub(r"[0-9a-f]{32}", "...", (tmp_path / "one.json").read_text(encoding="utf-8"))
    assert text == dedent("""\
        {
          "everytale": "0.1.0",
          "format": 1,
          "story": {"title": "Tea", "fingerprint": "..."},
          "player": "Ann",
          "teller": "Ann",
          "seed": 1,
          "moves": [
            {"chosen": "pour(mug)"},
            {"drawn": "dusk"}
          ]
        }
        """)


def test_a_tale_goes_on_from_a_save_as_it_would_have(tmp_path: Path) -> None:
    for seed in range(5):
        one = played(game(tmp_path, DOOR, seed=seed), "Hum", "Wait")
        one.save("here")
        other = Game.loaded(story(DOOR), Shelf(tmp_path), "here")
        for each in (one, other):
            played(each, "Wait", "Hum", "Wait", "Wait")
        assert one.session.transcript() == other.session.transcript()


def test_the_fingerprint_is_of_what_a_story_says() -> None:
    same = TEA.replace("    event dusk", "\n    # nothing new\n    event dusk")
    assert fingerprint(story(TEA)) == fingerprint(story(same))
    assert fingerprint(story(TEA)) != fingerprint(story(TEA.replace("+1 thanked", "+2 thanked")))
    assert re.fullmatch("[0-9a-f]{32}", fingerprint(story(TEA)))


# ---- saved by itself ---------------------------------------------------------------------------------------------------


def test_every_choice_is_saved_and_every_tale_apart(tmp_path: Path) -> None:
    one = game(tmp_path)
    assert Shelf(tmp_path).slots() == []
    for label in ("Pour (glass)", "Ask him whether ‘one’ is enough…"):
        played(one, label)
        assert Shelf(tmp_path).load("auto-1").made == one.session.made
    one.undo()
    assert Shelf(tmp_path).load("auto-1").made == one.session.made
    one.restart(7)
    played(one, "Pour (glass)")
    assert {slot.name for slot in Shelf(tmp_path).slots()} == {"auto-1", "auto-2"}
    assert Shelf(tmp_path).named("auto") == "auto-2"


def test_the_autosaves_of_the_last_tales_are_kept(tmp_path: Path) -> None:
    for _ in range(MOST_AUTOSAVES + 3):
        played(game(tmp_path), "Pour (glass)")
    assert {slot.name for slot in Shelf(tmp_path).slots()} == {f"auto-{number}" for number in range(4, MOST_AUTOSAVES + 4)}


def test_a_tale_that_is_loaded_goes_on_in_its_own_autosave(tmp_path: Path) -> None:
    played(game(tmp_path), "Pour (glass)")
    played(Game.loaded(story(TEA), Shelf(tmp_path), "auto"), "Pour (the blue mug)")
    [slot] = Shelf(tmp_path).slots()
    assert slot.save is not None and len(slot.save.made) == 2


def test_the_tale_goes_on_where_it_cannot_be_saved(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    one = played(game(tmp_path / "file"), "Pour (glass)")
    assert one.trouble and moves(one.session) == ["pour(glass)"]


# ---- other stories, other versions -------------------------------------------------------------------------------------


def test_a_save_survives_a_change_of_the_story(tmp_path: Path) -> None:
    played(game(tmp_path), "Pour (the blue mug)", "Wait", "Pour (glass)")
    reworded = TEA.replace("It got dark.", "Night fell.").replace("and not dark\n", "and not dark\n        weight 9\n")
    again = Game.loaded(story(reworded), Shelf(tmp_path), "auto").session
    assert again.departure is None and moves(again)[:3] == ["pour(mug)", "dusk", "pour(glass)"]
    assert "Night fell." in again.transcript()


def test_where_it_does_not_fit_any_more_it_stops_and_the_save_is_kept(tmp_path: Path) -> None:
    played(game(tmp_path), "Pour (the blue mug)", "Wait", "Pour (glass)")
    before = (tmp_path / "auto-1.json").read_bytes()
    without = TEA.replace("if poured(mug) and not dark", "if asked and not dark")
    one = Game.loaded(story(without), Shelf(tmp_path), "auto")
    assert str(one.session.departure) == ("Of 3 moves, 1 fit the story as it is now. Move 2, dusk, does not: it cannot happen there.")
    played(one, "Pour (glass)")
    assert (tmp_path / "auto-1.json").read_bytes() == before and (tmp_path / "auto-2.json").exists()


def test_a_person_who_is_no_longer_there_cannot_be_played(tmp_path: Path) -> None:
    played(game(tmp_path), "Pour (glass)")
    other = TEA.replace("Ann", "Una")
    with pytest.raises(StoryError) as error:
        Game.loaded(story(other), Shelf(tmp_path), "auto")
    assert said(error) == "'Ann' is nobody with a mind."


def save_with(**changes: Any) -> str:
    data = {
        "everytale": "0.1.0",
        "format": 1,
        "story": {"title": "Tea", "fingerprint": "0" * 32},
        "player": "Ann",
        "teller": None,
        "seed": 1,
        "moves": [],
    }
    return json.dumps({**data, **changes})


def test_a_save_of_a_later_version_is_refused_by_name() -> None:
    with pytest.raises(StoryError) as error:
        Save.read(save_with(format=2, everytale="3.1"))
    assert "later version of Everytale (3.1)" in said(error)


def test_what_a_later_version_adds_is_passed_over() -> None:
    assert Save.read(save_with(mood="blue")) == Save.read(save_with())


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "1"},
        {"format": True},
        {"format": 0},
        {"story": "Tea"},
        {"story": {"title": "Tea"}},
        {"player": 3},
        {"player": "\x1b[2J"},
        {"player": "\ud800"},
        {"seed": -1},
        {"seed": 1.0},
        {"seed": True},
        {"seed": 1 << 64},
        {"moves": {}},
        {"moves": [{"chosen": "a", "drawn": "b"}]},
        {"moves": [{"chosen": "not a move"}]},
        {"moves": [{"chosen": "go(\x1b[2J)"}]},
        {"moves": [["go"]]},
        {"moves": [{"drawn": "go"}] * 20_000},
    ],
)
def test_what_is_no_save_is_said_to_be_none(changes: dict[str, Any]) -> None:
    with pytest.raises(StoryError) as error:
        Save.read(save_with(**changes))
    assert error.value.diagnostics[0].code == "damaged-save"


def test_random_bytes_are_no_save_and_no_crash(tmp_path: Path) -> None:
    """Bytes of all kinds, and a good save damaged: each is read, or refused with a message."""
    chance, shelf, tea = random.Random(1), Shelf(tmp_path), story(TEA)
    good = played(game(tmp_path), "Pour (the blue mug)", "Wait", "Pour (glass)")
    good.save("good")
    text = (tmp_path / "good.json").read_bytes()
    words = [*(b"{ } [ ] , : 1e999 -1 null NaN".split()), b'"', b"\\ud800", b"9" * 5000, b"[" * 9000, b"\xff", b"\0"]
    refused = 0
    for _ in range(TRIES):
        damaged = bytearray(chance.randbytes(chance.randrange(60)) if chance.random() < 0.2 else text)
        for _ in range(chance.randrange(1, 4)):
            place = chance.randrange(len(damaged) + 1)
            damaged[place : place + chance.choice([0, 1, 9, 60])] = chance.choice([*words, chance.randbytes(2)])
        (tmp_path / "damaged.json").write_bytes(damaged)
        try:
            session = shelf.load("damaged").resume(tea)
            assert session.departure is None or str(session.departure)
        except StoryError as error:
            refused += 1
            assert error.diagnostics[0].code in ("damaged-save", "unknown-name"), error
    assert TRIES // 2 < refused < TRIES


def test_a_save_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(StoryError, match="larger than 4 MB"):
        Shelf(tmp_path).load("large")
    assert [slot.save for slot in Shelf(tmp_path).slots()] == [None]


# ---- slots -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a\\b", "x" * 41, " a", "a ", "é", "a\n", "con:", "auto-1", "automatic"])
def test_a_slot_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoryError) as error:
        game(tmp_path / "saves").save(name)
    assert error.value.diagnostics[0].code == "no-such-save"
    assert not (tmp_path / "saves").exists() and list(tmp_path.iterdir()) == []


def test_a_save_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(StoryError) as error:
        Shelf(tmp_path).load("auto")
    assert error.value.diagnostics[0].hint == "Nothing has been saved of this story yet."
    game(tmp_path).save("one")
    with pytest.raises(StoryError) as error:
        Shelf(tmp_path).load("two")
    assert error.value.diagnostics[0].hint == "There are: one."


def test_a_save_is_thrown_away_when_asked(tmp_path: Path) -> None:
    game(tmp_path).save("one")
    Shelf(tmp_path).delete("one")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoryError):
        Shelf(tmp_path).delete("one")


def test_stories_have_folders_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    for where in ("one", "two"):
        (tmp_path / where / "tea time.tale").write_text("", encoding="utf-8")
    found = {folder(str(tmp_path / "one" / "tea time.tale")), folder(str(tmp_path / "two" / "tea time.tale")), folder("dont-stay")}
    assert len(found) == 3 and all(one.parent.name == "saves" for one in found)


# ---- crashes -----------------------------------------------------------------------------------------------------------

PLAYING = """
import sys
from pathlib import Path
from everytale.play import Session
from everytale.play.game import Game
from everytale.play.saves import Shelf
from tests.test_sessions import DOOR, story
game = Game(Session(story(DOOR), "Ann", 1), Shelf(Path(sys.argv[1])))
while True:
    game.choose(game.session.options[0])
    print(len(game.session.turns), flush=True)
    if len(game.session.turns) > 40:
        game.rewind(0)
"""


def test_a_kill_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    """The save is whole, and as long as the last choice that was answered, or the one under way."""
    chance = random.Random(2)
    for _ in range(KILLS):
        done = killed(tmp_path, chance.uniform(0.0, 0.05))
        [slot] = [slot for slot in Shelf(tmp_path).slots() if slot.name == Shelf(tmp_path).named("auto")]
        assert slot.save is not None
        assert len(slot.save.made) in (done, done + 1, 0, 1), "the last answered, the next, or a rewind under way"


def killed(shelf: Path, after: float) -> int:
    """Let somebody play, then kill them in the midst of it: how many turns the last answered choice had come to."""
    with subprocess.Popen([sys.executable, "-c", PLAYING, str(shelf)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        return int([first, *process.stdout][-1])


def test_what_a_crash_leaves_behind_is_passed_over_and_cleared(tmp_path: Path) -> None:
    one = game(tmp_path)
    one.save("one")
    (tmp_path / ".two-x.part").write_text('{"half')
    old = tmp_path / ".three-x.part"
    old.write_text('{"half')
    os.utime(old, (time.time() - LEFT_OVER - 60,) * 2)
    assert [slot.name for slot in Shelf(tmp_path).slots()] == ["one"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".two-x.part", "one.json"]


def test_nothing_of_a_save_is_left_where_it_cannot_be_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = game(tmp_path)
    one.save("one")
    before = (tmp_path / "one.json").read_bytes()
    played(one, "Pour (glass)")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoryError, match="no space left on device"):
        one.save("one")
    assert (tmp_path / "one.json").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["auto-1.json", "one.json"]
