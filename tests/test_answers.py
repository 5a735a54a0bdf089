"""Why and why not, in the flagship and in small stories: what a reader would ask, in words and as data."""

from __future__ import annotations

from textwrap import dedent

import pytest

from everytale.answers.trials import test as try_out
from everytale.answers.why import why
from everytale.answers.why_not import Supposed, Without, why_not
from everytale.answers.words import why_not_words, why_words
from everytale.diagnostics import Source, Span, StoryError
from everytale.language import read_story
from everytale.loader import as_written, load
from everytale.minds import ImpossibleTrace, begin, follow, intention, possible, worth
from everytale.story import Story
from everytale.world import Trace

FLAGSHIP = load("dont-stay")


def no_file(name: str, span: Span) -> Source:
    raise StoryError(())


def story(text: str) -> Story:
    found, diagnostics = read_story(Source("test.tale", dedent(text)), no_file)
    assert found is not None, diagnostics
    return found


def said(move: str, trace: str = "", of: Story = FLAGSHIP) -> str:
    return " ".join(why_not_words(of, why_not(of, move, trace.replace(";", "\n"))))


# ---- three questions about the flagship ---------------------------------------------------------------------------------


def test_why_does_he_not_stay_on_the_first_night() -> None:
    answer = said("stay", "evening; ask(offhand)")
    assert answer.startswith("Ianto would not. He believes that bond(Ianto) = casual and bond(Jack) = casual; in truth bond(Ianto) = more")
    assert "Ianto would if rule = lapsed" in answer
    assert "without his want “an affair at work does not stay the night”" in answer


def test_why_does_jack_not_ask_again_once_he_has_guessed() -> None:
    made = as_written("dont-stay").moves
    said_it = next(number for number, move in enumerate(made) if str(move) == "tell_him")
    answer = why_not(FLAGSHIP, "ask(plain)", Trace(made[: said_it + 4]))
    words = " ".join(why_not_words(FLAGSHIP, answer))
    assert answer.possible is False
    assert words.startswith("Jack would not. The best that he can see coming of it is ask(plain): worth −3 to him, against −3 now.")
    assert "Jack would if he believed that rule = lapsed" in words


def test_why_does_he_not_leave_the_wrong_guess_uncorrected() -> None:
    made = as_written("dont-stay").moves
    guessed = next(number for number, move in enumerate(made) if str(move) == "say_it")
    answer = why_not(FLAGSHIP, "go_home", Trace(made[: guessed + 1]))
    assert [refusal.person for refusal in answer.refusals] == ["Ianto"]
    without = [part.want.because for change in answer.refusals[0].changes for part in change if isinstance(part, Without)]
    assert "one could not climb out from under a thing like that and go home" in without


# ---- why not ------------------------------------------------------------------------------------------------------------

TEA = """
    tale "Tea"
    kind person: Ann (she), Bo (he)
    fact hot, gone: yes or no
    fact cups: 0 to 3
    fact thirsty(p: person): yes or no, known to p
    start
        Ann believes gone
    wants Ann
        +1 cups >= 2 and not gone    because "two are company"
    action pour by Ann
        if hot and cups < 3
        then cups rises
    action boil by Bo
        if not hot
        then hot
    action shout by Ann
        expressive when gone
    event cool
        if hot
        then not hot
    event never
        if cups = 0
        weight 0
    ending "Enough" if cups = 3
"""


def test_what_fails_is_named_with_the_move_that_made_it_so() -> None:
    tea = story(TEA)
    assert said("pour", of=tea) == "pour needs “hot”, but not hot. It has been so from the start."
    assert said("boil", "boil; cool; boil", of=tea) == "boil needs “not hot”, but hot: move 3, boil, made it so."
    assert said("shout", of=tea) == "Ann would not. It only slips out when “gone”, and that is not so."
    assert said("never", of=tea) == "Its weight is 0 here, so never is never drawn."
    assert "has ended (“Enough”)" in said("pour", "boil; pour; pour; pour", of=tea)


def test_who_will_not_is_named_with_the_smallest_change() -> None:
    tea = story(TEA)
    answer = why_not(tea, "boil")
    assert [refusal.person for refusal in answer.refusals] == ["Bo"]
    assert answer.refusals[0].changes == () and answer.refusals[0].searched
    ann = why_not(tea, "pour", "boil\npour").refusals[0]
    assert ann.person == "Ann" and [
        (belief.fluent, belief.believed, belief.true) for belief in ann.mistakes if belief.fluent == "gone"
    ] == [("gone", True, False)]
    assert [(part.chain, str(part.fluent), part.value) for change in ann.changes for part in change if isinstance(part, Supposed)] == [
        (("Ann",), "gone", False)
    ]


def test_what_nobody_is_wrong_about_themselves_is_supposed_in_truth() -> None:
    text = story(
        """
        tale "Rule"
        kind person: Ann (she)
        fact rule: yes or no, known to Ann
        fact stayed: yes or no
        start
            rule
        wants Ann
            +1 stayed
            -2 stayed and rule
        action stay by Ann
            then stayed
        event lapse
            then not rule
        """
    )
    [refusal] = why_not(text, "stay").refusals
    assert refusal.changes[0] == (Supposed((), begin(text).world.fluents[0], False),)
    assert "Ann would if not rule, or without her want −2 stayed and rule." in " ".join(why_not_words(text, why_not(text, "stay")))


def test_a_trace_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(ImpossibleTrace, match="Move 1"):
        why_not(story(TEA), "boil", "pour")


# ---- why, follow, intentions ---------------------------------------------------------------------------------------------


def test_why_names_the_wants_the_plan_and_the_mistakes() -> None:
    [answer] = why(FLAGSHIP, as_written("dont-stay"), 3)
    words = " ".join(why_words(FLAGSHIP, answer))
    assert words.startswith("Jack did it because the room was cold with one person in it. He believed that Ianto believed that")
    assert "The plan that he saw: ask(offhand), then stay." in words and "gain of 3" in words


def test_events_and_what_slips_out_have_no_reason() -> None:
    trace = as_written("dont-stay")
    answers = why(FLAGSHIP, trace)
    assert len(answers) == len(trace.moves)
    words = [" ".join(why_words(FLAGSHIP, answer)) for answer in answers]
    assert any("Nobody chose it" in one for one in words) and any("It slipped out of Ianto" in one for one in words)


def test_follow_stops_where_the_world_does_not_allow_a_move() -> None:
    found = follow(story(TEA), "boil\nboil\npour")
    assert [(str(step.move), step.possible) for step in found.moves] == [("boil", True), ("boil", False)]
    assert not found.complete and found.ok is False


def test_follow_tells_how_far_it_is() -> None:
    seen: list[tuple[int, int]] = []
    follow(story(TEA), "boil\ncool", progress=lambda number, of: seen.append((number, of)))
    assert seen == [(1, 2), (2, 2)]


def test_an_intention_is_the_best_plan_and_what_it_serves() -> None:
    start = begin(FLAGSHIP)
    evening = start.after(start.world.move("evening"))
    ask = intention(evening, evening.world.move("ask(offhand)"), "Jack")
    assert ask is not None and [str(move) for move in ask.plan] == ["ask(offhand)", "stay"] and ask.gain == 3 and ask.best
    assert possible(evening, evening.world.move("ask(offhand)")) is True and possible(evening, evening.world.move("stay")) is False
    assert worth(evening.believes("Ianto"), "Ianto") == 0


# ---- the author's tests ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("after boil", "boil is not possible at the start: it is not in character for Bo"),
        ("expect cool", "cool is not possible at the start: the world does not allow it"),
        ("expect that hot", "“hot” does not hold at the start"),
        ('expect ending "Enough"', "expected the ending “Enough” at the start, but it came to none"),
        ('expect not pour because "two are company"', "without “two are company”, pour is not possible either"),
    ],
)
def test_a_test_that_fails_says_why(lines: str, message: str) -> None:
    [trial] = try_out(story(TEA + f'    test "one"\n        {lines}\n'))
    assert trial.ok is False and message in trial.failures[0].message


def test_a_test_may_change_the_start() -> None:
    test = """
    test "one"
        given hot, cups = 1, Ann believes not gone
        expect pour
        after pour
        expect that cups = 2
"""
    [trial] = try_out(story(TEA + test))
    assert trial.ok is True
