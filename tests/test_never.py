"""What no tale comes to, with what stands nearest in its way, and the open questions: story in, answer out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everytale.answers.never import Never, hangs_on_stillness, never
from everytale.answers.questions import Question, questions
from everytale.diagnostics import StoryError
from everytale.loader import load
from everytale.realm import explore
from everytale.story import ALWAYS, Beat, Expression, Negation, Passage, Story
from tests.random_worlds import stories
from tests.reference import realm as slow
from tests.reference.never import unmet
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


PROSE = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@PROSE
@given(stories(), st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=8, max_size=8))
def test_random_worlds_never_come_to_what_the_interpreter_never_does(one: Story, picks: list[tuple[int, bool]]) -> None:
    conditions = [ending.condition for ending in one.endings if not hangs_on_stillness(ending.condition)] or [ALWAYS]

    def block(k: int, condition: Expression) -> Passage:
        return Passage(((Beat("narration", (str(k),)),),), condition)

    def with_prose(rule: Any, at: int) -> Any:
        blocks = []
        for k in range(2):
            which, negated = picks[(2 * at + k) % len(picks)]
            condition = conditions[which % len(conditions)]
            blocks.append(block(k, Negation(condition) if negated else condition))
        return replace(rule, told=(*blocks, block(2, ALWAYS)))

    actions = tuple(with_prose(rule, at) for at, rule in enumerate(one.actions))
    triggers = tuple(with_prose(rule, at + len(actions)) for at, rule in enumerate(one.triggers))
    one = replace(one, teller=None, actions=actions, triggers=triggers, endings=tuple(replace(ending, told=()) for ending in one.endings))
    try:
        tale = Tale(one)
        situations = slow.explored(tale, None, None, most=40)
        realm = explore(one)
    except (slow.TooMany, Broken, StoryError):
        return
    assert {(each.what, each.name) for each in never(realm)} == unmet(tale, situations)


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
