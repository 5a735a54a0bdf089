"""The stories that come with Everytale: each holds what its author claims of it, and is told without a slip."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from everytale.answers.never import never
from everytale.answers.trials import test as try_out
from everytale.answers.why_not import Supposed, why_not
from everytale.loader import Template, as_written, bundled, check, load, load_trace, new
from everytale.minds import follow
from everytale.realm import Realm, explore
from everytale.story import StoryTest
from everytale.telling import tell

STORIES = bundled()
TRIALS = [(name, trial) for name in STORIES for trial in try_out(load(name))]
ENDS_AS_WRITTEN = {"captains-dinner": "All of them were very good", "dont-stay": "He stays", "low-water": "The bell rings"}
TELLERS = {"captains-dinner": ("Brandt", "Ferris"), "low-water": ("Marit", "Joss")}
"""Stories told from two shoulders, of which the whole realm is explored here."""
SEEDS = range(40)
SENTENCE = re.compile(r"[^.!?]+[.!?]")


@pytest.fixture(scope="module", params=TELLERS)
def realm(request: pytest.FixtureRequest) -> Realm:
    return explore(load(request.param), memory=3)


@pytest.mark.parametrize("name", STORIES)
def test_nothing_is_wrong_with_its_text(name: str) -> None:
    assert check(name) == ()


@pytest.mark.parametrize(("name", "trial"), TRIALS, ids=lambda part: part if isinstance(part, str) else part.test.title)
def test_what_the_author_expects_is_so(name: str, trial) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(trial.test, StoryTest)
    assert trial.ok, [failure.message for failure in trial.failures]


@pytest.mark.parametrize("name", STORIES)
def test_as_written_every_move_is_in_character_and_it_ends_as_it_should(name: str) -> None:
    following = follow(load(name), as_written(name))
    assert [str(step.move) for step in following.moves if not step.ok] == []
    assert following.ending is not None and following.ending.title == ENDS_AS_WRITTEN[name]


def test_every_ending_comes_about_and_every_tale_ends(realm: Realm) -> None:
    assert realm.status == "whole"
    assert realm.dead_ends == 0
    assert {outcome.name for outcome in realm.outcomes if outcome.odds.low < 0.01} == {"dead end", "no end"}
    assert {outcome.name: outcome.odds.high for outcome in realm.outcomes if outcome.ending is None} == {"dead end": 0, "no end": 0}


def test_every_scene_opens_in_some_tale(realm: Realm) -> None:
    assert [one.name for one in never(realm) if one.what == "scene"] == []


def test_every_move_is_made_in_some_tale(realm: Realm) -> None:
    made = {realm.world.moves[index].move.name for index in set(realm.columns["move"].tolist())}
    assert {action.name for action in realm.story.actions} - made == set()


@pytest.mark.parametrize(("name", "teller"), [(name, teller) for name, tellers in TELLERS.items() for teller in tellers])
def test_no_sentence_comes_twice_in_a_tale(name: str, teller: str) -> None:
    story = load(name)
    for seed in SEEDS:
        paragraphs = tell(story, seed=seed, teller=teller).paragraphs
        said = Counter(sentence for paragraph in paragraphs for sentence in SENTENCE.findall(paragraph))
        assert [sentence for sentence, times in said.items() if times > 1 and len(sentence.split()) > 4] == [], seed


def test_the_captain_counts_on_being_lied_to() -> None:
    trace = load_trace("sail; pigeonhole(captains_hole); read_it; slip_it_back; hum; ask_captain; dine_ashore")
    [*_, step] = follow(load("captains-dinner"), trace).moves
    [reason] = step.reasons
    assert [str(move) for move in reason.plan] == ["dine_ashore", "promise_the_owners", "stay_aboard"]


def test_she_would_say_so_if_she_believed_that_he_believed_that_she_knew() -> None:
    [refusal] = why_not(load("captains-dinner"), "drop_the_pretence", load_trace("sail; pigeonhole(captains_hole); read_it")).refusals
    supposed = [change for changes in refusal.changes for change in changes if isinstance(change, Supposed)]
    assert ("Brandt", "Ferris", "Brandt") in {change.chain for change in supposed if str(change.fluent) == "dinner"}


def test_who_was_paid_shows_the_light_once_he_believes_that_she_believes_it() -> None:
    story = load("low-water")
    way = "pour; lift_key(Joss); go_on(gate, yard); go_on(yard, tower); bear_it(tower, yard); bear_it(yard, gate); clouds"
    trusted = follow(story, load_trace(f"reeve_offers(struck); rounds(yard, gate); {way}; show_the_lantern")).moves[-1]
    overheard = follow(story, load_trace(f"reeve_offers(struck); rounds(yard, gate); whisper; overhear; {way}; show_the_lantern")).moves[-1]
    assert (trusted.in_character, overheard.in_character) == (False, True)


@pytest.mark.parametrize("template", ["small", "social", "adventure"])
def test_each_template_of_new_is_right_and_comes_to_all_of_its_endings(template: Template, tmp_path: Path) -> None:
    path = new(str(tmp_path / "my-story"), template)
    assert check(path) == ()
    story = load(path)
    assert story.title == "My story" and all(trial.ok for trial in try_out(story))
    realm = explore(story)
    assert realm.status == "whole" and realm.dead_ends == 0 and realm.situations < 1000
    assert all(outcome.odds.low > 0.05 for outcome in realm.outcomes if outcome.ending)
