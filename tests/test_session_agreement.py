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
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import everytale
from everytale.diagnostics import StoryError
from everytale.ground import ground
from everytale.loader import load
from everytale.minds import intention
from everytale.play import Played, Session
from everytale.play.packing import packed_story
from everytale.reporting.fold import folded
from everytale.story import Story
from everytale.telling import Told
from everytale.world import GroundMove, State, Undecided
from tests.random_worlds import stories
from tests.reference.session import SlowSession
from tests.stories import read

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


def test_a_page_gives_the_reasons_that_python_gives(pages: Any) -> None:
    story, chance = load("dont-stay"), random.Random(4)
    player = "Ianto"
    page = pages(story, player)
    for seed in range(6):
        session = Session(story, player, seed)
        view = page.ask("tale_begin", story.people.index(player), 0, seed, numbers=[])
        while session.options and len(session.turns) < 25:
            index = chance.randrange(len(session.options))
            session.choose(session.options[index])
            view = page.ask("tale_choose", index)
        assert view["count"] == len(session.turns)
        for number, turn in enumerate(session.turns):
            found = page.ask("tale_why", number)
            assert [story.people[one["person"]] for one in found["people"]] == list(turn.move.consenting)
            for one in found["people"]:
                assert one["truth"] == _reason(session, turn.before, turn.move, story.people[one["person"]])
        mind = session.state.believes(player)
        for one in page.ask("tale_people")["people"]:
            person = story.people[one["person"]]
            mine, theirs = mind.values(), mind.believes(person).values()
            apart = {str(fluent): value for fluent, value in theirs.items() if value != mine[fluent]}
            assert {fact["fact"]: fact["value"] for fact in one["thinks"]} == apart
            possible = mind.moves() if session.stopped is None else []
            labels = [session.script.label(move, mind, person) for move, _ in possible if person in move.consenting]
            assert one["might"] == list(dict.fromkeys(labels))


def _reason(session: Session, before: State, move: GroundMove, person: str) -> dict[str, list[str]] | None:
    found = intention(before, move, person)
    if found is None:
        return None
    return {"because": list(found.because), "plan": [session.script.label(step, before, person) for step in found.plan]}


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


BOATS = """
    tale "Boats"
    kind person: Ann (she), Bo (he)
    kind place: quay, boat, island
    fact at(person): place
    fact tide: 0 to 3
    fact waved: yes or no
    start
        at(every person) = quay
    wants Bo
        +1 at(Ann) = at(Bo)
        +2 at(Bo) = island
    action go(p: place) by Ann
        if at(Ann) != p and tide < 3
        then at(Ann) = p
    action board by Bo
        if at(Bo) = quay
        then at(Bo) = boat
    action row by Bo
        if at(Bo) = boat
        then at(Bo) = island
    action wave by Ann to Bo
        if not waved
        then waved
    event flood
        if tide < 3
        then tide rises
        weight 2
    ending "Together" if at(Ann) = island and at(Bo) = island
    ending "Alone" if tide = 3 and at(Ann) = quay
"""


def boats(view: str = "") -> Story:
    return read(dedent(BOATS) + view)


def test_a_page_shows_the_realm_that_python_shows(pages: Any) -> None:
    story = boats('view "who is where": at(Bo), tide, Bo believes at(Ann) = island\n')
    player = "Ann"
    page = pages(story, player)
    realm = everytale.explore(story, player=player)
    page.ask("realm_begin", 0)
    while not page.ask("realm_run", 1000)["whole"]:
        pass
    page.ask("realm_odds", 1e-9)
    session = Session(story, player, 3)
    while session.options:
        session.choose(session.options[-1])
    way = page.ask("realm_way", numbers=[turn.move.index for turn in session.turns])["moments"]
    situations = realm.along(session.trace)
    assert [moment["situation"] for moment in way] == situations
    for moment in way:
        _between(moment["odds"], realm, {moment["situation"]: 1.0})
        links = realm.links(moment["situation"])
        own = [choice for choice in moment["choices"] if choice["move"] is not None]
        for choice, (move, _, target) in zip(own, links, strict=False):
            assert choice["move"] == move.index
            _between(choice["odds"], realm, {target: 1.0})
        if len(own) < len(moment["choices"]):
            rest = links[len(own) :]
            total = sum(weight for _, weight, _ in rest)
            mixed: dict[int, float] = {}
            for _, weight, target in rest:
                mixed[target] = mixed.get(target, 0.0) + float(weight / total)
            _between(moment["choices"][-1]["odds"], realm, mixed)
    found, truth = page.ask("realm_map", 0), folded(realm, session.trace)
    assert found["facts"] == list(truth.facts) and len(found["places"]) == len(truth.places)
    inner = [place for place in truth.places if place.ending is None]
    shown = [place for place in found["places"] if place["fate"] == -2]
    assert sorted((place.situations, round(place.visits, 6)) for place in inner) == sorted(
        (place["situations"], round(place["visits"], 6)) for place in shown
    )
    assert sorted(round(often, 6) for often in truth.flow.values()) == sorted(round(often, 6) for _, _, _, often in found["flow"])
    assert [truth.places[one].situations for one in truth.tale] == [found["places"][one]["situations"] for one in found["way"]]


def _between(odds: list[list[float]], realm: everytale.Realm, mixed: dict[int, float]) -> None:
    """That the truth, a mixture of that of some situations, lies within the bounds of a page, which are narrow."""
    for column, (low, high) in enumerate(odds):
        truth = sum(share * realm.prospects.at(situation, column).middle for situation, share in mixed.items())
        assert low - 1e-8 <= truth <= high + 1e-8 and high - low < 1e-6


def test_where_an_author_gives_no_view_facts_that_tell_much_are_chosen(pages: Any) -> None:
    page = pages(boats(), "Ann")
    page.ask("realm_begin", 0)
    while not page.ask("realm_run", 1000)["whole"]:
        pass
    page.ask("realm_odds", 1e-9)
    found = page.ask("realm_map", 0)
    assert 1 <= len(found["facts"]) <= 3 and "waved" not in found["facts"] and len(found["places"]) > 3


def test_the_odds_of_a_page_hold_while_it_knows_a_part_of_the_realm(pages: Any) -> None:
    story = boats()
    page = pages(story, "Ann")
    realm = everytale.explore(story, player="Ann")
    page.ask("realm_begin", 0)
    extent = page.ask("realm_run", 3)
    parts = 0
    while True:
        found = page.ask("realm_odds", 1e-9)
        for column, (low, high) in enumerate(found["odds"]):
            truth = realm.prospects.at(0, column)
            assert low - 1e-9 <= truth.low and truth.high <= high + 1e-9
            assert not extent["whole"] or high - low < 1e-6
        if extent["whole"]:
            break
        parts += 1
        extent = page.ask("realm_run", 3)
    assert parts > 5 and (extent["states"], extent["moves"]) == (realm.situations, realm.transitions)
