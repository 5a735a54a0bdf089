"""A tale that is played goes the same way in the core, in its slow twin, and in WebAssembly.

The engine of a page is what the sources build (``make engine-check``); here it is asked in node, and must tell what Python tells.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import everytale
from everytale.diagnostics import StoryError
from everytale.ground import ground
from everytale.loader import load
from everytale.play import Played, Session
from everytale.play.packing import packed_story
from everytale.story import Story
from everytale.telling import Told
from everytale.world import Undecided
from tests.random_worlds import stories
from tests.reference.session import SlowSession

ENGINE = Path(everytale.__file__).parent / "publish" / "assets" / "engine.wasm"
CALLER = Path(__file__).with_name("engine.mjs")
NODE = shutil.which("node", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))


# ---- the slow twin -----------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(stories(), st.integers(0, 2**64 - 1), st.randoms(use_true_random=False))
def test_the_core_plays_as_its_slow_twin(tale: Story, seed: int, chance: random.Random) -> None:
    player = chance.choice(tale.people)
    made: tuple[Played, ...] = ()
    for _ in range(2):
        try:
            slow = SlowSession(ground(tale), player, seed, made)
        except (StoryError, Undecided):
            return
        fast = Session(tale, player, seed, made=made)
        _same(fast, slow)
        for _ in range(8):
            points = [number for number, turn in enumerate(slow.turns) if turn.option is not None]
            if points and chance.random() < 0.2:
                number = chance.choice(points)
                slow.rewind(number)
                fast.rewind(number)
            elif slow.options:
                index = chance.randrange(len(slow.options))
                try:
                    slow.choose(index)
                except (StoryError, Undecided):
                    before = fast.turns, fast.options, fast.stopped
                    with pytest.raises((StoryError, Undecided)):
                        fast.choose(fast.options[index])
                    assert (fast.turns, fast.options, fast.stopped) == before
                    return
                fast.choose(fast.options[index])
            _same(fast, slow)
        kept = list(fast.made)
        if len(kept) > 2:
            del kept[chance.randrange(len(kept))]  # so that it may not fit
        made = tuple(kept)


def _same(fast: Session, slow: SlowSession) -> None:
    assert (fast.turns, fast.options, fast.opening) == (tuple(slow.turns), slow.options, slow.opening)
    assert (fast.stopped, fast.ending) == (slow.stopped, slow.ending)
    departure = fast.departure and (fast.departure.number, fast.departure.reason)
    assert departure == slow.departure


# ---- WebAssembly -------------------------------------------------------------------------------------------------------


class Page:
    """The engine of a page, with a story opened in it."""

    def __init__(self, story: Story, teller: str | None, folder: Path) -> None:
        assert NODE is not None
        pack = folder / "story.pack"
        pack.write_bytes(packed_story(story, teller))
        self._node = subprocess.Popen(
            [NODE, str(CALLER), str(ENGINE), str(pack)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.opened = self._line()
        self.memory = 0

    def ask(self, call: str, *values: float, numbers: list[int] | None = None) -> dict[str, Any]:
        answer = self._asked([call, values, numbers])
        assert "error" not in answer, answer
        return answer

    def raw(self, call: str, room: bytes | None = None) -> dict[str, Any]:
        return self._asked([call, [], None if room is None else b64encode(room).decode()])

    def _asked(self, question: list[object]) -> dict[str, Any]:
        assert self._node.stdin is not None
        self._node.stdin.write(json.dumps(question) + "\n")
        self._node.stdin.flush()
        found = self._line()
        self.memory = found["memory"]
        answer: dict[str, Any] = found["answer"]
        return answer

    def close(self) -> None:
        self._node.communicate(timeout=60)

    def _line(self) -> dict[str, Any]:
        assert self._node.stdout is not None
        found: dict[str, Any] = json.loads(self._node.stdout.readline())
        return found


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Any]:
    if NODE is None:
        pytest.skip("node is not installed")
    opened: list[Page] = []

    def page(story: Story, teller: str | None) -> Page:
        opened.append(Page(story, teller, tmp_path))
        return opened[-1]

    yield page
    for one in opened:
        one.close()


@pytest.mark.parametrize(("name", "tales"), [("dont-stay", 80), ("captains-dinner", 60), ("low-water", 60)])
def test_a_page_and_python_tell_the_same(name: str, tales: int, pages: Any) -> None:
    story, chance = load(name), random.Random(name)
    for player in story.people[:2]:
        page = pages(story, player)
        for number in range(tales // 2):
            seed = chance.choice([number, chance.getrandbits(64)])
            session = Session(story, player, seed)
            view = page.ask("tale_begin", story.people.index(player), seed >> 32, seed & 0xFFFFFFFF, numbers=[])
            told = list(view["turns"])
            for _ in range(40):
                _agree(session, view, told, page)
                if session.points and chance.random() < 0.1:
                    turn = chance.choice(session.points)
                    session.rewind(turn)
                    view = page.ask("tale_rewind", turn)
                elif session.options:
                    index = chance.randrange(len(session.options))
                    session.choose(session.options[index])
                    view = page.ask("tale_choose", index)
                else:
                    break
                told = told[: view["from"]] + view["turns"]
            moves = {str(move): move.index for move in session.world.moves}
            kept = [2 * (moves[str(one.move)] + 1) + one.chosen for one in session.made]
            view = page.ask("tale_begin", story.people.index(player), seed >> 32, seed & 0xFFFFFFFF, numbers=kept)
            _agree(session, view, view["turns"], page)
        assert page.memory < 150e6


def _agree(session: Session, view: dict[str, Any], turns: list[dict[str, Any]], page: Page) -> None:
    moves = page.opened["moves"]
    assert [option.label for option in session.options] == view["options"]
    assert (session.seed, list(session.points), len(session.turns)) == (int(view["seed"]), view["points"], view["count"])
    assert (session.stopped, session.ending and session.ending.title) == (view["stopped"], view["ending"])
    assert _pieces(session.opening) == view["opening"]
    mine = [(str(turn.move), turn.chosen, turn.option and turn.option.label, _pieces(turn.told)) for turn in session.turns]
    assert mine == [(moves[turn["move"]], turn["chosen"], turn["option"], turn["told"]) for turn in turns]


def _pieces(told: tuple[Told, ...]) -> list[dict[str, Any]]:
    return [{"occasion": piece.occasion, "title": piece.title, "paragraphs": list(piece.paragraphs)} for piece in told]


def test_a_damaged_pack_is_a_story_or_refused_in_words(pages: Any) -> None:
    story, chance = load("low-water"), random.Random(1)
    page, pack = pages(story, None), packed_story(story, None)
    refused = 0
    for _ in range(150):
        data = bytearray(pack)
        for _ in range(chance.choice((1, 1, 2, 8))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        found = page.raw("engine_open", bytes(data))
        if "error" in found:
            refused += 1
            assert found["error"]["words"].endswith(".")
    assert refused > 20
    assert "error" not in page.raw("engine_open", pack)
    assert page.raw("engine_open", b"")["error"]["what"] == "damaged" and page.raw("tale_undo")["error"]["what"] == "wrong"


def test_a_page_knows_the_odds_that_python_knows(pages: Any) -> None:
    story = load("low-water")
    player = story.people[0]
    page = pages(story, player)
    realm = everytale.explore(story, player=player)
    page.ask("realm_begin", 0)
    page.ask("realm_run", 50)
    early = page.ask("realm_odds", 1e-9)
    while not early["whole"] and not (found := page.ask("realm_run", 5000))["whole"]:
        pass
    late = page.ask("realm_odds", 1e-9)
    assert (found["states"], found["moves"]) == (realm.states, realm.moves)
    for column, (partly, wholly) in enumerate(zip(early["odds"], late["odds"], strict=True)):
        truth = realm.odds.at(0, column)
        assert partly[0] - 1e-9 <= truth.low and truth.high <= partly[1] + 1e-9
        assert wholly[0] - 1e-9 <= truth.low and truth.high <= wholly[1] + 1e-9 and wholly[1] - wholly[0] < 1e-6
