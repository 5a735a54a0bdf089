"""What no tale comes to, with what stands nearest in its way, and the open questions: story in, answer out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everytale.answers.never import Never, never
from everytale.answers.obstacles import hangs_on_stillness
from everytale.answers.questions import Question, questions
from everytale.diagnostics import StoryError
from everytale.loader import load
from everytale.realm import explore
from everytale.story import ALWAYS, Beat, Cue, Passage, Scene, Story
from tests.random_worlds import Writer
from tests.reference import realm as slow
from tests.reference.never import Unmet
from tests.reference.reasons import Tale
from tests.reference.world import Broken
from tests.test_finding import story

CELLAR = """
tale "The Cellar"
teller Ann
kind person: Ann (she), Ben (he)
kind wine: red, white
fact dark, open, broken, sorry: yes or no
fact hurt(person): 0 to 1
fact drunk(wine): yes or no
wants Ann
    +1 open                   because "it was cold outside"
    -3 broken                 because "it was her mother's door"
wants Ben
    +1 sorry
    -1 each hurt(Ann)
action knock by Ann
    if not open
    then open
    told when open
        Nobody could have read this.
    told
        She knocked.
    told when not dark
        And nor this.
    told when again
        She knocked again.
action smash by Ann
    if not open
    then open, broken
action light(w: wine) by Ben
    if dark and open
    then not dark
event dusk
    if open and not dark and hurt(Ann) = 1
    then dark
event stumble
    if open
    then hurt(Ann) rises
    told to Ben
        Ben saw it.
event freeze
    if not open
    then dark
    weight 0
ending "Broken" if broken
ending "Morning" if dark and not open
ending "Night" if dark and open
ending "Twilight" if dark and hurt(Ann) = 1
scene "The door"
    opens upon knock
    told
        A door.
scene "Glass"
    opens upon smash
    told
        Glass.
scene "Dawn"
    opens upon broken
    told
        Dawn.
"""


def found(text: str) -> dict[tuple[str, str], Never]:
    return {(one.what, one.name): one for one in never(explore(story(text)))}


def reasons() -> dict[tuple[str, str], str]:
    return {key: one.obstacle.because for key, one in found(CELLAR).items()}


def test_everything_that_no_tale_comes_to_is_named_once_with_a_reason() -> None:
    assert reasons() == {
        ("action", "smash"): "Ann would not, the first time that it could happen",
        ("action", "light"): "“dark” only holds where the tale has ended",
        ("event", "freeze"): "its weight is 0 the first time that it could happen",
        ("ending", "Broken"): "“broken” never holds",
        ("ending", "Morning"): "“dark” does not hold where all else does",
        ("ending", "Twilight"): "where it would come, “Night” comes first",
        ("text", "knock: Nobody could have read this."): "“open” never holds when the move is made",
        ("text", "knock: And nor this."): "the block before it, “She knocked.”, is always told in its place",
        ("text", "knock: She knocked again."): "the block before it, “She knocked.”, is always told in its place",
        ("scene", "Glass"): "smash is never made",
        ("scene", "Dawn"): "“broken” never comes to hold",
    }


def test_a_reason_has_what_it_hangs_on() -> None:
    unmet = found(CELLAR)
    smash = unmet["action", "smash"].obstacle
    assert smash.person == "Ann" and smash.trace is not None and smash.trace.moves == ()
    assert unmet["ending", "Broken"].obstacle.condition == "broken"
    twilight = unmet["ending", "Twilight"].obstacle.trace
    assert twilight is not None and [str(move) for move in twilight.moves] == ["knock", "stumble", "dusk"]
    assert all(one.span is not None for one in unmet.values())


def test_where_the_tale_has_ended_at_its_start_nothing_can_happen() -> None:
    over = found(
        'tale "Over"\nkind person: Ann (she)\nfact out: yes or no\nstart\n    out\naction wave by Ann\n    then not out\n'
        'action shut by Ann\n    if not out\n    then out\nending "Out" if out\n'
    )
    assert {name: one.obstacle.because for (what, name), one in over.items()} == {
        "wave": "the tale has ended before anything can happen",
        "shut": "“not out” never holds",
    }


FOLLOWING = """
tale "The Bell"
teller Ann
kind person: Ann (she), Ben (he)
fact rung, heard, sad, lost, broke: yes or no
fact times: 0 to 2
wants Ann
    +1 rung
action ring by Ann
    if not rung
    then rung, times rises
trigger heard_it
    if rung
    then heard
    told when times = 0
        It was heard.
    told when times = 2
        Nobody could have read this.
    told
        And nor this.
trigger lost_it
    if lost
    then broke
    told
        It never follows.
inference he_minds by Ben
    if rung
    then sad
    told to Ben
        He minded.
    told to Ann
        He minded, and Ann was told.
ending "Rung" if heard and sad
"""


def test_what_is_told_of_what_follows_by_itself_and_never_is() -> None:
    blocks = {name: one.obstacle.because for (what, name), one in found(FOLLOWING).items() if what == "text"}
    assert blocks == {
        "heard_it: Nobody could have read this.": "“times = 2” never holds when it follows",
        "heard_it: And nor this.": "the block before it, “It was heard.”, is always told in its place",
        "lost_it: It never follows.": "nothing ever makes it follow",
        "he_minds: He minded, and Ann was told.": "Ann never witnesses it so",
    }


SHOULDERS = """
tale "The Shoulder"
teller Ann
kind person: Ann (she), Ben (he)
kind place: attic, yard
fact at(person): place
fact rung, warm: yes or no
fact n: 0 to 2
start
    at(Ann) = attic, at(Ben) = yard
    Ann believes n = 2
wants Ben
    +1 rung
action ring by Ben
    if not rung
    then rung
    seen by p with at(p) = yard
    told when n = 0: It rang.
    told when n != 0: It rang again.
    told: Nobody could have read this.
trigger cools
    if rung and n = 2
    then not warm, n = 1
    told: It had gone cold.
ending "Rung" if rung
    told when n = 0: So it was.
    told when n != 0: And so it was, again.
    told: Nor this.
scene "Noise"
    opens upon ring
scene "Echo"
    opens upon ring when rung
scene "Again"
    opens upon ring
scene "Silence"
    opens upon n = 2
"""


def test_what_several_blocks_take_together_is_left_for_none() -> None:
    unmet = found(SHOULDERS.replace("teller Ann\n", "").replace("    Ann believes n = 2\n", "    n = 0\n    Ben believes n = 0\n"))
    told = {name: one.obstacle.because for (what, name), one in unmet.items() if what == "text" and "this" in name}
    assert told == {
        "ring: Nobody could have read this.": "the block before it, “It rang.”, is always told in its place",
        "Rung: Nor this.": "the block before it, “So it was.”, is always told in its place",
    }
    both = SHOULDERS.replace("teller Ann\n", "").replace("action ring", "event count\n    if n = 0\n    then n = 1\naction ring")
    assert found(both)["text", "Rung: Nor this."].obstacle.because == (
        "one of the blocks before it, “So it was.” or “And so it was, again.”, is always told in its place"
    )


def test_what_follows_in_the_mistaken_mind_of_the_teller_alone_is_told() -> None:
    told = SHOULDERS.replace("seen by p with at(p) = yard", "seen by everybody").replace("if rung and n = 2", "if rung and n = 2 and warm")
    unmet = found(told.replace("Ann believes n = 2", "Ann believes n = 2, Ann believes warm"))
    assert ("text", "cools: It had gone cold.") not in unmet
    assert found(told)["text", "cools: It had gone cold."].obstacle.because == "nothing ever makes it follow"


def test_a_scene_opens_for_who_sees_it_and_if_no_other_does_in_its_place() -> None:
    scenes = {name: one.obstacle.because for (what, name), one in found(SHOULDERS).items() if what == "scene"}
    assert scenes == {
        "Noise": "Ann never sees what it opens upon",
        "Echo": "“rung” never holds when ring is made",
        "Again": "Ann never sees what it opens upon",
        "Silence": "“n = 2” never comes to hold",
    }
    scenes = {
        name: one.obstacle.because for (what, name), one in found(SHOULDERS.replace("teller Ann", "teller Ben")).items() if what == "scene"
    }
    assert scenes["Again"] == "“Noise” always opens in its place" and "Noise" not in scenes


def test_over_nobodys_shoulder_there_is_no_block_that_speaks_of_the_teller() -> None:
    nobodys = SHOULDERS.replace("teller Ann\n", "").replace("n = 0: It rang.", "teller believes n = 1: It rang.")
    assert {name for what, name in found(nobodys) if what == "text" and name.startswith("ring")} == {
        "ring: It rang.",
        "ring: It rang again.",
    }
    heard = nobodys.replace("seen by p with at(p) = yard", "seen by everybody").replace(
        "n != 0: It rang again.", "n = 0: {teller.He} heard."
    )
    assert {name for what, name in found(heard) if what == "text" and name.startswith("ring")} == {"ring: It rang."}


FORK = """
tale "The Fork"
kind way: left, right, on
fact taken: way
event take(w: way)
    if taken is unknown
    then taken = w
ending "Nowhere" if taken = left and taken = right and taken = on
"""


def test_parts_that_fail_together_are_named_together() -> None:
    nowhere = found(FORK)["ending", "Nowhere"].obstacle
    assert nowhere.because == "“taken = right” and “taken = on” do not hold where all else does"
    assert nowhere.trace is not None and [str(move) for move in nowhere.trace.moves] == ["take(left)"]


def test_what_the_player_does_not_believe_possible_is_the_reason_that_they_cannot_do_it() -> None:
    blind = SHOULDERS.replace("    Ann believes n = 2\n", "    Ben believes rung\n").replace(
        "wants Ben", "wants Ann\n    +1 rung\nwants Ben"
    )
    [ring] = [one for one in never(explore(story(blind), player="Ben")) if one.name == "ring"]
    assert ring.obstacle.because == "Ben does not believe that “not rung”, the first time that it could happen"
    assert ring.obstacle.person == "Ben"


EVERYWHERE = settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@st.composite
def tellings(draw: Any) -> tuple[Story, str | None]:
    """A small random story with blocks of prose and scenes that its own conditions choose between, and who is played in it."""
    writer = Writer(draw)
    one = writer.story()
    conditions = [ending.condition for ending in one.endings if not hangs_on_stillness(ending.condition)]

    def block(k: int) -> Passage:
        condition = writer.condition((), 1) if writer.chance(2) else writer.pick(ALWAYS, *conditions)
        teller = writer.pick(*writer.people) if writer.chance(4) else None
        return Passage(((Beat("narration", (str(k),)),),), condition, (), teller, witness="unseen" if writer.chance(4) else "seen")

    def blocks(seen: bool = False) -> tuple[Passage, ...]:
        found = (block(k) for k in range(writer.pick(1, 2, 3)))
        return tuple(replace(one, witness="seen") if seen else one for one in found)

    def cue() -> Cue:
        name = writer.pick(*(action.name for action in one.actions)) if writer.chance(2) else None
        return Cue(name, writer.condition((), 1) if name is None or writer.chance(2) else ALWAYS)

    told = replace(
        one,
        teller=writer.pick(*writer.people) if writer.chance(2) else None,
        actions=tuple(replace(rule, told=blocks()) for rule in one.actions),
        triggers=tuple(replace(rule, told=blocks()) for rule in one.triggers),
        endings=tuple(replace(rule, told=blocks(seen=True)) for rule in one.endings),
        scenes=tuple(Scene(f"Scene {k}", cue(), None, blocks(seen=True)) for k in range(writer.pick(0, 1, 2, 3))),
    )
    return told, writer.pick(*writer.people) if writer.chance(3) else None


@EVERYWHERE
@given(tellings())
def test_random_worlds_never_come_to_what_the_interpreter_never_does_for_the_reasons_given(drawn: tuple[Story, str | None]) -> None:
    one, player = drawn
    try:
        tale = Tale(one)
        situations = slow.explored(tale, player, None, most=40)
        realm = explore(one, player=player)
    except (slow.TooMany, Broken, StoryError):
        return
    found, unmet = never(realm), Unmet(tale, situations, player)
    assert {(each.what, each.name) for each in found} == unmet.names()
    assert [each for each in found if not unmet.is_so(each)] == []


def test_a_line_for_the_second_time_is_never_told_where_the_move_is_made_once() -> None:
    text = CELLAR.replace("    told\n        She knocked.\n", "    told when first time\n        She knocked.\n").replace(
        "    told when not dark\n        And nor this.\n", ""
    )
    unmet = found(text)
    assert unmet["text", "knock: She knocked again."].obstacle.because == "no tale comes to the occasion that it asks for"
    again = found(text.replace("event stumble\n", "event shut\n    if open\n    then not open\nevent stumble\n"))
    assert ("text", "knock: She knocked again.") not in again


def test_nothing_is_called_never_that_some_tale_comes_to() -> None:
    flagship = load("dont-stay")
    part = explore(flagship, within=7)
    unmet = {(one.what, one.name) for one in never(part)}
    made = {str(name).partition("(")[0] for name in {str(part.world.moves[int(move)]) for move in part.made}}
    assert made and not {name for what, name in unmet if what in ("action", "event")} & made


def test_of_an_exploration_cut_short_no_reasons_are_given_that_may_not_hold_further_on() -> None:
    part = explore(story(FOLLOWING), within=0)
    part.stopped = "time"
    assert {(one.what, one.name): one.obstacle.because for one in never(part)} == {
        ("action", "ring"): "it was not met before the exploration was cut short",
        ("ending", "Rung"): "it was not met before the exploration was cut short",
    }


def test_an_ending_may_wait_until_nothing_more_can_happen_among_other_things() -> None:
    still = CELLAR.replace('ending "Morning" if dark and not open', 'ending "Morning" if (broken or nothing more can happen) and not open')
    part = never(explore(story(still), within=1))
    assert {one.name for one in part if one.what == "ending"} == {"Broken", "Morning", "Night", "Twilight"}
    taken = found(still.replace("and not open", "and open"))["ending", "Morning"].obstacle
    assert taken.because == "where it would come, “Night” comes first"


# ---- open questions ----------------------------------------------------------------------------------------------------------------


def asked(text: str, *, deeper: bool = False) -> list[Question]:
    return list(questions(explore(story(text)), deeper=deeper))


def test_a_number_at_its_end_costs_nothing_further() -> None:
    [spent] = [one for one in asked(CELLAR) if one.about == "spent"]
    assert spent.text.startswith("hurt(Ann) is at its end, 1, and stumble would have it rise further")
    assert spent.trace is not None and [str(move) for move in spent.trace.moves] == ["knock", "stumble", "stumble"]


def test_a_want_that_no_move_serves() -> None:
    assert [one.text for one in asked(CELLAR) if one.about == "unserved"] == ["No move ever serves what Ben wants: +1 sorry."]


MISTAKEN = """
tale "The Window"
kind person: Ann (she), Ben (he)
fact cold, shut: yes or no
fact hot(person): yes or no, known to person
start
    hot(Ann)
wants Ann
    +1 hot(Ann) and not shut
wants Ben
    +1 shut
start
    shut
    Ben believes not hot(Ann)
action open_it by Ann
    if shut
    then not shut
"""


def test_a_move_that_a_witness_cannot_explain() -> None:
    [question] = [one for one in asked(MISTAKEN) if one.about == "unexplained"]
    assert question.text.startswith("Ben sees open_it, cannot explain why Ann would, and makes nothing of it.")
    inference = "inference she_is_hot by Ben\n    if not shut\n    then cold\n"
    assert not [one for one in asked(MISTAKEN + inference) if one.about == "unexplained"]


CHAIN = """
tale "Three Steps"
kind person: Ann (she)
fact n: 0 to 3
horizon 2
wants Ann
    +1 n = 3
action step by Ann
    then n rises
"""


def test_a_verdict_that_changes_with_one_more_horizon() -> None:
    [question] = [one for one in asked(CHAIN, deeper=True) if one.about == "shallow"]
    assert question.text == "With horizon 3, Ann would step; as it stands it is the other way round."
    assert not [one for one in asked(CHAIN.replace("horizon 2", "horizon 3"), deeper=True) if one.about == "shallow"]


@pytest.mark.parametrize("player", [None, "Ann"])
def test_a_played_person_is_not_asked_for_reasons(player: str | None) -> None:
    names = {one.name for one in never(explore(story(CELLAR), player=player)) if one.what == "action"}
    assert ("smash" in names) == (player is None)
