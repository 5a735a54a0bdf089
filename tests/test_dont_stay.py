"""The flagship: its own tests, the tale as it was written, and the other tales that its people tell."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from everytale.answers.never import never
from everytale.answers.trials import test as try_out
from everytale.chance import Chance
from everytale.ground import ground
from everytale.language.expression import read_goal
from everytale.loader import as_written, check, load
from everytale.minds import follow
from everytale.realm import Realm, explore
from everytale.story import Expression, Story, StoryTest
from everytale.story.flipping import flipped
from everytale.world import World

STORY = load("dont-stay")
SEEDS = range(200)
LONGEST = 200
"""Moves: a tale that has not ended by then goes round in circles."""


@pytest.fixture(scope="module")
def story() -> Story:
    return STORY


@pytest.fixture(scope="module")
def world(story: Story) -> World:
    return ground(story)


@pytest.fixture(scope="module")
def realm() -> Realm:
    return explore(STORY)


def condition(text: str) -> Expression:
    found = read_goal(text, STORY)
    assert not isinstance(found, Fraction)
    return found


def play(world: World, seed: int) -> tuple[list[str], str | None]:
    """The moves of one random tale, and the title of its ending (``None``: a dead end, or none in sight)."""
    chance, state, moves = Chance(seed), world.start, list[str]()
    while state.ending is None and len(moves) < LONGEST:
        possible = state.moves()
        if not possible:
            return moves, None
        move = possible[chance.pick([weight for _, weight in possible])][0]
        moves.append(str(move))
        state = state.after(move)
    return moves, state.ending.title if state.ending else None


def test_every_scene_opens_in_some_tale(realm: Realm) -> None:
    assert [one.name for one in never(realm) if one.what == "scene"] == []


def test_nothing_is_wrong_with_its_text() -> None:
    assert check("dont-stay") == ()


@pytest.mark.parametrize("trial", try_out(STORY), ids=lambda trial: trial.test.title)
def test_what_the_author_expects_is_so(trial) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(trial.test, StoryTest)
    assert trial.ok, [failure.message for failure in trial.failures]


def test_as_written_every_move_is_in_character_and_he_stays(story: Story) -> None:
    following = follow(story, as_written("dont-stay"))
    assert [str(step.move) for step in following.moves if not step.ok] == []
    assert following.ok
    assert following.ending is not None and following.ending.title == "He stays"


def test_as_written_people_act_for_the_reasons_of_the_outline(story: Story) -> None:
    reasons: dict[str, set[str]] = {}
    for step in follow(story, as_written("dont-stay")).moves:
        for reason in step.reasons:
            reasons.setdefault(str(step.move), set()).update(f"{reason.person}: {because}" for because in reason.because)
    assert "Jack: the room was cold with one person in it" in reasons["ask(offhand)"]
    assert "Ianto: casual people went home" in reasons["make_excuse(cat)"]
    assert "Ianto: of all the things to be taken for, he would not be taken for that" in reasons["tell_him"]
    assert any(because.startswith("Ianto: half of the equations were missing") for because in reasons["shoot"])
    assert "Ianto: there was nothing left to run from" in reasons["stay"]


def test_only_what_slips_out_is_made_without_a_reason(story: Story) -> None:
    for step in follow(story, as_written("dont-stay")).moves:
        assert bool(step.reasons) != (step.move.is_event or step.move.action.expressive is not None), str(step.move)


def test_he_stays_by_the_move_that_he_refused_on_the_first_night(story: Story) -> None:
    trace = as_written("dont-stay")
    first = next(number for number, move in enumerate(trace.moves) if str(move) == "ask(offhand)")
    following = follow(story, type(trace)((*trace.moves[: first + 1], trace.moves[-1])))
    assert following.moves[-1].possible and following.moves[-1].in_character is False


def test_every_tale_comes_to_an_ending_and_they_differ(world: World) -> None:
    tales = {seed: play(world, seed) for seed in SEEDS}
    assert {seed: moves for seed, (moves, ending) in tales.items() if ending is None} == {}
    assert len({tuple(moves) for moves, _ in tales.values()}) > len(SEEDS) * 0.9
    endings = Counter(ending for _, ending in tales.values())
    assert len(endings) >= 5, endings


def test_its_realm_is_large_and_known_whole(realm: Realm) -> None:
    assert realm.status == "whole" and realm.undecided == 0
    assert 100_000 <= realm.situations <= 200_000


def test_every_tale_ends_and_every_ending_is_worth_reckoning_with(realm: Realm) -> None:
    odds = {outcome.name: outcome.odds for outcome in realm.outcomes}
    assert odds["dead end"].high == 0 and odds["no end"].high == 0
    assert {name for name in realm.names[:-2] if not 0.05 < odds[name].low <= odds[name].high < 0.4} == set()
    assert sum(odds[name].middle for name in realm.names[:-2]) == pytest.approx(1, abs=1e-8)


def test_once_he_has_guessed_he_does_not_ask_until_it_is_said(realm: Realm) -> None:
    unasked = realm.where(condition("guessed and not said_back"))
    asked = realm.where(condition("way is not unknown"))
    assert unasked.any() and asked.any() and not (unasked & asked).any()


@pytest.mark.parametrize("page", ["dont-stay", "what-the-realm-knows"])
def test_what_its_pages_say_of_its_realm_is_so(page: str, realm: Realm) -> None:
    text = (Path(__file__).parents[1] / f"docs/stories/{page}.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \|(?:[^|]+\|)? (\d+\.\d)% \|(?: \d+ moves \|)?$", text, re.MULTILINE)
    said = {name: odds for name, odds in reversed(rows) if name in realm.names}  # the first table
    assert said == {outcome.name: f"{outcome.odds.middle:.1%}"[:-1] for outcome in realm.outcomes if outcome.ending is not None}
    assert f"{realm.situations:,}" in text and f"{realm.transitions:,}" in text


def test_the_odds_along_the_tale_as_written_are_those_of_the_page(realm: Realm) -> None:
    text = (Path(__file__).parents[1] / "docs/stories/what-the-realm-knows.md").read_text(encoding="utf-8")
    table = [[cell.strip() for cell in row.strip("| ").split("|")] for row in text.splitlines() if row.count("|") == 8][2:]
    titles = ["They let it go", "It stays casual", "Lost in 1941", "He stays", "The other room", "He bolts"]
    columns = [realm.names.index(title) for title in titles]
    along = [
        [f"{100 * realm.prospects.at(situation, column).middle:.1f}" for column in columns]
        for situation in realm.along(as_written("dont-stay"))
    ]
    rows = [[cell if "." in cell else f"{cell}.0" for cell in cells] for _, *cells in table]
    assert len(rows) >= 10 and all(row in along for row in rows)
    assert [along.index(row) for row in rows] == sorted(along.index(row) for row in rows)


def test_it_has_the_flips_of_the_outline_and_what_a_reader_would_say(story: Story) -> None:
    assert len(story.flips) == 8 and len(story.claims) >= 15


def test_were_it_jack_who_leaves_nobody_asks_and_nobody_leaves(story: Story) -> None:
    [exchanged] = [flip for flip in story.flips if flip.title == "Ianto asks, and Jack is the one who leaves"]
    other = explore(flipped(story, exchanged))
    assert (other.situations, other.dead_ends) == (3, 1)
