"""Flips and sensitivity: a story under other premises is the story written otherwise, and what changes is what differs."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everytale.cli import main
from everytale.diagnostics import StoryError
from everytale.ground import another, ground
from everytale.realm import compare
from everytale.realm.claims import claims
from everytale.realm.compare import Compared, distance, flip, flips
from everytale.realm.explore import Realm, explore
from everytale.realm.odds import Bounds
from everytale.realm.sensitivity import Variation, sensitivity, variations
from everytale.story import (
    Arithmetic,
    Effect,
    Flip,
    Number,
    Premise,
    Reading,
    StartWith,
    Story,
    Swap,
    Thing,
    Truth,
    Want,
    With,
    Without,
    flipped,
)
from everytale.world import World
from tests.random_gambles import gambles
from tests.random_worlds import stories
from tests.stories import read

DOOR = """
tale "The Door"
kind person: Ada (she), Bo (he)
kind place: hall, street
fact at(person): place
fact open, rained: yes or no
start
    at(every person) = hall
wants Ada
    +2 at(Ada) = street        because "the air was better there"
    -5 rained and at(Ada) = street  because "her coat was thin"
wants Bo
    +1 open                    because "he liked to see the road"
action open_it by Bo
    if not open
    then open
action leave by Ada
    if open
    then at(Ada) = street
    weight 3
event rain
    if not rained
    then rained
ending "Out" if at(Ada) = street
ending "In" if rained and nothing more can happen
"""


def under(*premises: Premise, text: str = DOOR) -> Story:
    """The story with these premises, under its own title."""
    story = read(text)
    return replace(flipped(story, Flip("other", premises)), title=story.title)


RAINED = StartWith((Effect(Reading("rained"), Truth(True)),))
NO_COAT = Without("want", "Ada", "her coat was thin")


# ---- a flipped story is the story written otherwise --------------------------------------------------------------------


def test_a_fact_of_the_start() -> None:
    assert under(RAINED) == read(DOOR.replace("    at(every person) = hall\n", "    at(every person) = hall\n    rained\n"))


def test_a_want_left_out() -> None:
    assert under(NO_COAT) == read("".join(line for line in DOOR.splitlines(True) if "coat" not in line))


def test_all_that_somebody_wants_left_out() -> None:
    his = 'wants Bo\n    +1 open                    because "he liked to see the road"\n'
    assert under(Without("want", "Bo")) == read(DOOR.replace(his, ""))


def test_an_action_and_an_event_left_out() -> None:
    assert under(Without("action", "open_it")) == read(DOOR.replace("action open_it by Bo\n    if not open\n    then open\n", ""))
    assert under(Without("event", "rain")) == read(DOOR.replace("event rain\n    if not rained\n    then rained\n", ""))


def test_a_rule_of_another_sort_is_not_left_out() -> None:
    with pytest.raises(StoryError, match="no event open_it"):
        under(Without("event", "open_it"))
    with pytest.raises(StoryError, match="no trigger rain"):
        under(Without("trigger", "rain"))
    with pytest.raises(StoryError, match="Ada has no want"):
        under(Without("want", "Ada", "her shoes pinched"))


def test_a_want_added() -> None:
    want = Want("Bo", Fraction(-1), Reading("rained"), because="he minded the wet")
    with_it = DOOR.replace("action open_it", 'wants Bo\n    -1 rained  because "he minded the wet"\naction open_it')
    assert under(With(want)) == read(with_it)


def test_two_people_exchange_what_they_do_and_keep_what_they_want() -> None:
    told = "    told\n        Bo: {Ada.he}, Ada!\n"
    before = DOOR.replace("    then open\n", f"    then open, Ada believes open\n{told}")
    after = (
        DOOR.replace("action open_it by Bo", "action open_it by Ada")
        .replace("    then open\n", "    then open, Bo believes open\n" + told.replace("Bo:", "Ada:").replace("{Ada.he}", "{Bo.he}"))
        .replace("action leave by Ada", "action leave by Bo")
        .replace("    then at(Ada) = street", "    then at(Bo) = street")
    )
    assert under(Swap("Ada", "Bo"), text=before) == read(after)


def test_premises_apply_in_order() -> None:
    act = read(DOOR).actions[0]
    added = With(replace(act, name="open_again"))
    assert under(Swap("Ada", "Bo"), added).actions[-1].consenting == (Thing("Bo"),)
    assert under(added, Swap("Ada", "Bo")).actions[-1].consenting == (Thing("Ada"),)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(stories())
def test_whoever_exchanges_twice_is_back(one: Story) -> None:
    a, b = one.people[:2]
    twice = flipped(one, Flip("twice", (Swap(a, b), Swap(a, b))))
    assert replace(twice, title=one.title) == replace(one, tests=(), flips=())


def test_flips_as_an_author_writes_them() -> None:
    written = """
flip "a better coat": without wants Ada "her coat was thin"
flip "a wet day"
    start rained
    without event rain
    with wants Bo
        -1 rained  because "he minded the wet"
flip "the other way round": swap Ada and Bo
"""
    story, title = read(DOOR + written), "The Door"
    coat, wet, round_ = (replace(flipped(story, one), title=title) for one in story.flips)
    assert coat == under(NO_COAT)
    wanted = With(Want("Bo", Fraction(-1), Reading("rained"), because="he minded the wet"))
    assert wet == under(RAINED, Without("event", "rain"), wanted)
    assert round_ == under(Swap("Ada", "Bo"))


# ---- what becomes of it ------------------------------------------------------------------------------------------------


def compared(*premises: Premise, text: str = DOOR) -> Compared[Flip]:
    return flip(read(text), Flip("other", premises))


def test_odds_that_move_are_moved_by_what_they_are() -> None:
    found = compared(NO_COAT)
    # As it is: he opens (1 of 2), then she leaves (3 of 4), or it rains and she stays.
    assert [round(one.before.middle, 9) for one in found.shifts] == [0.375, 0.625, 0, 0]
    # Without her coat she goes whenever the door is open, and it will be.
    assert [round(one.after.middle, 9) for one in found.shifts] == [1, 0, 0, 0]
    assert found.distance.low <= 0.625 <= found.distance.high <= found.distance.low + 1e-8
    assert [(one.name, one.won, one.lost) for one in found.shifts if one.won or one.lost] == [("In", False, True)]


def test_an_ending_that_was_not_to_be_had_is_won() -> None:
    back = Want("Ada", Fraction(-5), read(DOOR).wants[1].measure, because="her coat was thin")
    found = flip(under(NO_COAT), Flip("cold", (With(back),)))
    assert [one.name for one in found.shifts if one.won] == ["In"]


def test_the_likeliest_tales_part_at_the_first_move_that_differs() -> None:
    parting = compared(Without("event", "rain")).parting
    assert parting is not None
    assert ([str(move) for move in parting.shared], str(parting.before), str(parting.after)) == ([], "rain", "open_it")


def test_tales_that_are_the_same_do_not_part() -> None:
    found = compared(With(Want("Bo", Fraction(1), Reading("rained"))))
    assert found.parting is None and found.distance.high < 1e-8


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(*[st.floats(0, 1)] * 4), min_size=1, max_size=5))
def test_the_distance_lies_between_its_bounds(odds: list[tuple[float, ...]]) -> None:
    def normal(values: list[float]) -> list[float]:
        total = sum(values) or 1.0
        return [value / total for value in values] if sum(values) else [1.0] + [0.0] * (len(values) - 1)

    p, q = normal([one[0] for one in odds]), normal([one[1] for one in odds])
    wide = tuple(Bounds(max(0, x - one[2]), min(1, x + one[2])) for x, one in zip(p, odds, strict=True))
    narrow = tuple(Bounds(max(0, x - one[3]), min(1, x + one[3])) for x, one in zip(q, odds, strict=True))
    exact = sum(abs(x - y) for x, y in zip(p, q, strict=True)) / 2
    found = distance(wide, narrow)
    assert found.low - 1e-12 <= exact <= found.high + 1e-12
    sharp = distance(tuple(Bounds(x, x) for x in p), tuple(Bounds(y, y) for y in q))
    assert sharp.low == pytest.approx(exact, abs=1e-12) and sharp.high == pytest.approx(exact, abs=1e-12)


def test_flips_are_ranked_by_how_far_they_move_the_odds_and_broken_ones_are_named() -> None:
    no_rain, broken = Without("event", "rain"), Without("event", "snow")
    made = (Flip("nothing", ()), Flip("no rain", (no_rain,)), Flip("broken", (broken,)), Flip("wet", (RAINED,)))
    found = flips(replace(read(DOOR), flips=made))
    assert [one.by.title for one in found.changes] == ["no rain", "wet", "nothing"]
    assert [one.title for one, _ in found.broken] == ["broken"]
    assert found.whole and found.left == 0


def test_claims_that_are_judged_otherwise_are_named() -> None:
    story = read(DOOR + 'claim ending "In" is possible\nclaim ending "Out" is possible\nclaim whatever Ada does, at most 9 moves\n')
    turned = flip(story, Flip("coat", (NO_COAT,))).turned
    assert [(one.claim.text, one.before, one.after) for one in turned] == [('ending "In" is possible', "proved", "refuted")]


PLAYED = (
    DOOR
    + 'claim ending "In" is possible\n'
    + 'claim Ada can make sure that odds of "Out" at least 40%\n'
    + "claim whatever Bo does, sooner or later rained\n"
    + 'flip "coat": without wants Ada "her coat was thin"\n'
    + 'flip "locked": without action leave\n'
)


def test_with_somebody_played_both_sides_have_the_odds_that_they_can_bring_about() -> None:
    found = flip(read(PLAYED), "locked", player="Ada")
    before, after = (explore(one, player="Ada").outcomes for one in (read(PLAYED), flipped(read(PLAYED), read(PLAYED).flips[1])))
    assert found.before.player == found.after.player == "Ada"
    for at, (one, other) in enumerate(zip(before, after, strict=True)):
        assert (found.before.least[at], found.before.odds[at], found.before.most[at]) == (one.least, one.evenly, one.most)
        assert (found.after.least[at], found.after.odds[at], found.after.most[at]) == (other.least, other.evenly, other.most)
    assert found.before.most[0].middle == pytest.approx(0.5) and found.shifts[0].lost


@pytest.mark.parametrize("player", [None, "Ada", "Bo"])
def test_claims_about_whoever_is_played_are_compared_whoever_is_played(player: str | None) -> None:
    story = read(PLAYED)
    found = flip(story, "locked", player=player)
    assert [one.answer for one in found.before.verdicts] == [one.answer for one in claims(story)]
    assert [one.answer for one in found.after.verdicts] == [one.answer for one in claims(flipped(story, story.flips[1]))]
    assert 'Ada can make sure that odds of "Out" at least 40%' in [one.claim.text for one in found.turned] and found.whole


# ---- sensitivity -------------------------------------------------------------------------------------------------------


def varied(story: Story, one: Variation) -> Story:
    """The story with the variation written out."""
    if isinstance(one.of, Want):
        wants = tuple(replace(want, worth=want.worth * one.factor) if want is one.of else want for want in story.wants)
        return replace(story, wants=wants)
    weighed = replace(one.of, weight=Arithmetic("*", Number(one.factor), one.of.weight))
    return replace(story, actions=tuple(weighed if action is one.of else action for action in story.actions))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(gambles(), st.booleans())
def test_what_a_variation_comes_to_is_what_the_story_so_written_comes_to(one: Story, played: bool) -> None:
    player = one.people[0] if played and one.people else None
    found = sensitivity(one, player=player)
    assert {(id(change.by.of), change.by.how) for change in found.changes} == {(id(each.of), each.how) for each in variations(one)}
    for change in found.changes:
        there = compare.side(explore(varied(one, change.by), player=player))
        assert change.after.possible == there.possible
        for kind in ("least", "odds", "most"):
            for here, other in zip(getattr(change.after, kind), getattr(there, kind), strict=True):
                assert here.middle == pytest.approx(other.middle, abs=1e-8)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(stories())
def test_a_world_in_which_people_want_something_else_is_that_of_the_story_so_written(one: Story) -> None:
    def situations(story: Story, world: World | None) -> Any:
        try:
            realm = explore(story, within=3, world=world)
        except StoryError as error:
            return [each.code for each in error.diagnostics]
        return [[(str(move), weight, target) for move, weight, target in realm.links(k)] for k in range(realm.situations)]

    try:
        world = another(ground(one))
    except StoryError:
        return
    for variation in (each for each in variations(one) if isinstance(each.of, Want)):
        story = varied(one, variation)
        world.wish(story)
        assert situations(story, world) == situations(story, None)


def test_what_the_endings_hang_on_comes_first() -> None:
    found = sensitivity(read(DOOR))
    first = found.changes[0].by
    assert isinstance(first.of, Want) and (first.of.because, first.how) == ("her coat was thin", "dropped")
    distances = [one.distance.middle for one in found.changes]
    assert distances == sorted(distances, reverse=True) and len(found.changes) == 3 * 4 + 3 * 2
    halved = next(one for one in found.changes if getattr(one.by.of, "name", "") == "leave" and one.by.how == "halved")
    # He opens (1 of 2), then she leaves by 3/2 against 1.
    assert halved.shifts[0].after.middle == pytest.approx(0.3, abs=1e-9)


# ---- on the command line -----------------------------------------------------------------------------------------------


@pytest.fixture
def door(tmp_path: Path) -> Path:
    path = tmp_path / "door.tale"
    path.write_text(DOOR, encoding="utf-8")
    return path


def test_sensitivity_is_printed_as_a_table_and_as_data(door: Path) -> None:
    shown = CliRunner().invoke(main, ["sensitivity", str(door)])
    assert shown.exit_code == 0, shown.output
    assert "Ada: −5 “her coat was thin” dropped" in shown.output and "change nothing." in shown.output
    data = json.loads(CliRunner().invoke(main, ["sensitivity", str(door), "--json"]).output)
    assert data["left"] == 0 and data["stopped"] is None
    assert {"person": "Ada", "worth": -5, "measure": "rained and at(Ada) = street", "because": "her coat was thin"} in [
        one.get("want") for one in data["variations"]
    ]


def test_a_budget_that_is_used_up_leaves_what_is_known(door: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = chain([0.0, 0.0], repeat(100.0))  # when it begins, when the story as it is is explored, and from then on
    monkeypatch.setattr(compare, "monotonic", lambda: next(clock))
    shown = CliRunner().invoke(main, ["sensitivity", str(door), "--time", "50", "--json"])
    data = json.loads(shown.output)
    assert shown.exit_code == 3 and data["stopped"] == "time" and data["left"] == 18


def test_sensitivity_and_flips_with_somebody_played_are_printed(door: Path) -> None:
    door.write_text(PLAYED, encoding="utf-8")
    shown = CliRunner().invoke(main, ["flip", str(door), "locked", "--as", "Ada"])
    assert shown.exit_code == 0, shown.output
    lines = [" ".join(line.split()) for line in shown.output.splitlines()]
    assert lines[1] == "Ada played at least evenly at most" and any(
        line.startswith("Out 0% ") and line.endswith("50.0% → 0% lost") for line in lines
    )
    assert '✗ Ada can make sure that odds of "Out" at least 40%: refuted now, proved before' in lines
    data = json.loads(CliRunner().invoke(main, ["sensitivity", str(door), "--as", "Ada", "--json"]).output)
    assert data["before"]["player"] == "Ada" and data["before"]["endings"][0]["most"]["high"] == pytest.approx(0.5)
    assert CliRunner().invoke(main, ["flip", str(door), "--all", "--as", "Zoe"]).exit_code == 1


def test_ctrl_c_leaves_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def explored(story: Story, **limits: Any) -> Realm:
        calls.append(story)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return explore(story, **limits)

    monkeypatch.setattr(compare, "explore", explored)
    found = sensitivity(read(DOOR))
    assert (found.stopped, len(found.changes), found.left, found.whole) == ("interrupted", 7, 11, False)


def test_a_story_without_flips_says_so_without_exploring(door: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "explore", lambda *_, **__: pytest.fail("it was explored"))
    data = json.loads(CliRunner().invoke(main, ["flip", str(door), "--all", "--json"]).output)
    assert (data["flips"], data["left"], data["before"]) == ([], 0, None)
    assert "The story has no flips." in CliRunner().invoke(main, ["flip", str(door), "--all"]).output
    unknown = CliRunner().invoke(main, ["flip", str(door), "no coat"])
    assert unknown.exit_code == 1
    assert CliRunner().invoke(main, ["flip", str(door)]).exit_code == 2
