"""A realm exported to ink, and played there: its own compiler and engine must find the choices, the prose and the endings that we have."""

from __future__ import annotations

import json
import random
import subprocess
from collections import Counter
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner

from everytale.cli import main
from everytale.loader import load
from everytale.play import Session
from everytale.play.ink import ink
from everytale.realm import Realm, explore
from everytale.telling import Told
from tests.stories import read
from tests.test_session_agreement import NODE

COMPILER = Path(__file__).parent.parent / "web/node_modules/inkjs/compiler/Compiler.js"
needs_ink = pytest.mark.skipif(NODE is None or not COMPILER.exists(), reason="inkjs is not there: make test brings it")
PLAYER = Path(__file__).with_name("ink.mjs")

COIN = """
    tale "A Coin"
    kind person: Ann (she)
    fact heads, tails, spun: yes or no
    wants Ann
        +1 heads because "she had called it"
    action bet by Ann
        if not spun and not heads and not tails
        expressive
        then spun
        told: Ann bet.
    event up
        if spun
        then heads, not spun
        told: It was heads.
    event down
        if spun
        weight 3
        then tails, not spun
        told: It was tails.
    ending "Won" if heads
        told: She had it.
    ending "Lost" if tails
"""
STRANGE = """
    tale "Signs"
    kind person: Ann (she)
    fact pages: 0 to 4
    fact shut: yes or no
    wants Ann
        +1 each pages
        +1 shut
    action read by Ann
        if pages < 4
        then pages rises
        choice "/read [a page] -> or *two* | (three) #4 ~ <>"
        told
            VAR she -> read // it, and ~ wrote: "else:" [in] <> <- #3 | * + - =.
          | - She read /* on */ = [and] on \\\\ once more.
    action shut_it by Ann
        if pages > 1 and not shut
        then shut
        choice "else: VAR"
        told: * She shut it.
    ending "- It = [shut]" if shut
        told: -> END
"""


def played(realm: Realm, folder: Path, tales: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """What ink makes of it, for each tale a list of steps."""
    file = folder / "story.ink"
    file.write_text("\n".join(ink(realm)) + "\n", encoding="utf-8")
    asked = "".join(json.dumps(tale) + "\n" for tale in tales)
    done = subprocess.run([str(NODE), str(PLAYER), str(COMPILER), str(file)], input=asked, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def at_random(count: int, length: int) -> list[dict[str, Any]]:
    chance = random.Random(0)
    return [{"seed": seed, "choose": [chance.random() for _ in range(length)]} for seed in range(count)]


@needs_ink
@pytest.mark.parametrize("name", ["small", "social", "adventure"])
def test_ink_offers_the_choices_of_the_situation_and_comes_to_its_endings(name: str, tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["new", str(tmp_path / "own"), "--template", name]).exit_code == 0
    story = load(tmp_path / "own.tale")
    realm = explore(story, player=story.people[0])
    titles = {ending.title for ending in story.endings}
    ends: Counter[str] = Counter()
    for steps in played(realm, tmp_path, at_random(200, 60)):
        here = (0, False)
        for step in steps:
            if step["knot"] is None:
                *_, last = step["told"]
                assert last["tags"] == ["ending"] and last["text"].removeprefix("The end: ") in titles
                ends[last["text"]] += 1
                break
            arrived = int(step["knot"][1:])
            assert arrived in by_itself(realm, *here), "it is a situation that what was chosen leads to"
            links, chosen = realm.links(arrived), int(realm.columns["chosen"][arrived])
            assert len(step["choices"]) == chosen + (len(links) > chosen)
            assert step["choices"][-1] == "Wait" or len(links) == chosen
            here = (links[step["picked"]][2], False) if step["picked"] < chosen else (arrived, True)
    assert len(ends) > 1
    assert CliRunner().invoke(main, ["export", str(tmp_path / "own.tale"), "--to", "ink"]).stdout == (tmp_path / "story.ink").read_text(
        encoding="utf-8"
    )


def by_itself(realm: Realm, situation: int, draws: bool) -> set[int]:
    """The situations with something to choose that chance may lead to from there, after a first draw if it ``draws``."""
    found, seen, waiting = set[int](), set[int](), [(situation, draws)]
    while waiting:
        one, drawing = waiting.pop()
        links = realm.links(one)
        chosen = int(realm.columns["chosen"][one]) if links else 0
        if chosen and not drawing:
            found.add(one)
        elif one not in seen:
            seen.add(one)
            waiting += [(target, False) for _, _, target in links[chosen:]]
    return found


@needs_ink
def test_ink_tells_what_we_tell(tmp_path: Path) -> None:
    story = load("dont-stay")
    tales = [{"seed": seed, "choose": [number / 4 + 0.1]} for seed in range(10) for number in range(4)]
    ours = [Session(story, "Ianto", seed) for seed in range(30)]
    for steps in played(explore(story, player="Ianto", within=3), tmp_path, tales):
        assert texts(steps[0]) in [[line for turn in session.turns for line in written(turn.told)] for session in ours]
        session = next(one for one in ours if steps[0]["choices"] == [option.label for option in one.options])
        option = session.options[steps[0]["picked"]]
        if option.move is not None:
            told = [[line for turn in one.choose(option) for line in written(turn.told)] for one in ours if option in one.options]
            for one in ours:
                one.rewind(one.points[-1])
            assert texts(steps[1]) in told


def texts(step: dict[str, Any]) -> list[str]:
    return [line["text"] for line in step["told"] if line["text"]]


def written(told: tuple[Told, ...]) -> list[str]:
    return [line for piece in told for line in ([piece.title or "* * *"] if piece.occasion == "scene" else []) + list(piece.paragraphs)]


@needs_ink
def test_ink_draws_by_the_weights(tmp_path: Path) -> None:
    realm = explore(read(dedent(COIN)), player="Ann")
    ends = Counter(steps[-1]["told"][-1]["text"] for steps in played(realm, tmp_path, at_random(2000, 4)))
    assert set(ends) == {"The end: Won", "The end: Lost"}
    assert 400 < ends["The end: Won"] < 600, "a quarter, within five deviations"


@needs_ink
def test_what_ink_would_take_for_its_own_stays_prose(tmp_path: Path) -> None:
    realm = explore(read(dedent(STRANGE)), player="Ann")
    tales = played(realm, tmp_path, at_random(40, 8))
    ours = Session(realm.story, "Ann", 0)
    assert tales[0][0]["choices"] == [option.label for option in ours.options]
    lines = {line["text"] for steps in tales for step in steps for line in step["told"]}
    while ours.stopped is None:
        ours.choose(ours.options[-1])
    assert {line for turn in ours.turns for line in written(turn.told)} <= lines
    assert "The end: - It = [shut]" in lines


def test_what_was_not_explored_is_named_and_so_is_a_dead_end() -> None:
    story = read(dedent(COIN).replace('ending "Lost" if tails\n', ""))
    assert "Nothing more can happen here. # dead_end" in list(ink(explore(story, player="Ann")))
    assert "Here what was explored ends. # open" in list(ink(explore(story, player="Ann", within=1)))
    with pytest.raises(ValueError, match="somebody must be played"):
        next(ink(explore(story)))
