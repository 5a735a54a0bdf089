"""Claims, flips and views: what their text comes to, and what is said of those that are wrong."""

from __future__ import annotations

from fractions import Fraction

import pytest

from everytale.diagnostics import Diagnostic, Source, Span, StoryError
from everytale.language import read_story
from everytale.language.wording import Writer
from everytale.story import (
    Action,
    Assertion,
    Believes,
    Comparison,
    Conjunction,
    Ended,
    Flip,
    Holds,
    Leads,
    Length,
    Negation,
    Never,
    Number,
    Odds,
    Possible,
    Reading,
    StartWith,
    Story,
    Stuck,
    Swap,
    Thing,
    Trigger,
    Upon,
    View,
    Want,
    With,
    Without,
)

CAST = """\
kind person: Jack (he), Ianto (he)
kind excuse: cat, work
role keeper: Ianto
fact lit, dawn, move: yes or no
fact spent(excuse): yes or no
wants Ianto
    +4 dawn because "it was day"
    -1 lit because "the light hurt"
action ask by Jack
    if not lit and not move
    then dawn
action excuse(e: excuse) by Ianto
    if not spent(e)
    then spent(e)
event rain
    then lit
trigger wakes
    if dawn
    then lit
inference guess by Jack
    if lit
    then dawn
ending "He stays" if dawn
"""
JACK, IANTO = Thing("Jack"), Thing("Ianto")
LIT, DAWN = Holds(Reading("lit")), Holds(Reading("dawn"))
ASK = Upon("ask")
STAYS = Ended("He stays")


def diagnosed(text: str) -> tuple[Story | None, tuple[Diagnostic, ...]]:
    def no_file(name: str, span: Span) -> Source:
        raise StoryError(())

    return read_story(Source("story.tale", CAST + text + "\n"), no_file)


def read(text: str) -> Story:
    story, diagnostics = diagnosed(text)
    assert story is not None and diagnostics == (), diagnostics
    return story


def wrong(text: str) -> Diagnostic:
    """The one thing that is said of a text."""
    story, diagnostics = diagnosed(text)
    assert story is None
    (only,) = diagnostics
    return only


NOT_LIT = Holds(Negation(Reading("lit")))
CLAIMS: list[tuple[str, Assertion, str]] = [
    ("never lit", Never(LIT), ""),
    ("never lit before dawn", Never(LIT, before=DAWN), ""),
    ("before dawn never lit", Never(LIT, before=DAWN), "never lit before dawn"),
    ("after move ask, never lit", Never(LIT, after=ASK), "never lit after move ask"),
    ("between move ask and dawn, never lit", Never(LIT, ASK, DAWN), "never lit between move ask and dawn"),
    ("never lit between (lit and dawn) and move ask", Never(LIT, Holds(Conjunction((LIT.condition, DAWN.condition))), ASK), ""),
    ("always lit", Never(NOT_LIT), "never not lit"),
    ("always lit after dawn", Never(NOT_LIT, after=DAWN), "never not lit after dawn"),
    ("move excuse only after move ask", Never(Upon("excuse"), before=ASK), "never move excuse before move ask"),
    ("move ask before dawn", Never(DAWN, before=ASK), "never dawn before move ask"),
    ("lit is possible", Possible(LIT), ""),
    ("possible lit", Possible(LIT), "lit is possible"),
    ('ending "He stays" is possible after dawn', Possible(STAYS, after=DAWN), ""),
    ("after dawn, lit is possible", Possible(LIT, after=DAWN), "lit is possible after dawn"),
    ("a dead end is possible", Possible(Stuck()), ""),
    ("lit leads to an ending", Leads(LIT, Ended()), ""),
    ("sooner or later dawn", Leads(None, DAWN), ""),
    ('odds of "He stays" at least 20%', Odds(STAYS, Fraction(1, 5)), 'odds of ending "He stays" at least 20%'),
    ("odds of lit and dawn at most 0.5%", Odds(Holds(Conjunction((LIT.condition, DAWN.condition))), None, Fraction(1, 200)), ""),
    ("odds of move excuse(cat) between 10% and 20%", Odds(Upon("excuse", ("cat",)), Fraction(1, 10), Fraction(1, 5)), ""),
    ("odds of never ending at most 1%", Odds(None, None, Fraction(1, 100)), ""),
    ("at most 40 moves", Length(None, 40), ""),
    ("between 2 and 40 moves", Length(2, 40), ""),
    ("never move excuse(some excuse)", Never(Upon("excuse")), "never move excuse"),
    ("never move", Never(Holds(Reading("move"))), ""),
    ("never move before dawn", Never(Holds(Reading("move")), before=DAWN), ""),
    ("never Ianto believes lit", Never(Holds(Believes(IANTO, Reading("lit")))), ""),
]


@pytest.mark.parametrize(("text", "meant", "written"), CLAIMS)
def test_what_a_claim_comes_to(text: str, meant: Assertion, written: str) -> None:
    story = read(f"claim {text}")
    (claim,) = story.claims
    assert claim.what == meant
    assert (claim.text, claim.title, claim.player, claim.ensures) == (text, None, None, False)
    assert Writer(story).claimed(claim) == (written or text)


def test_whatever_a_player_does_and_what_they_can_make_sure_of() -> None:
    story = read(
        "claim whatever Jack does, never lit\nclaim keeper can make sure of dawn\n"
        'claim Jack can make sure that lit is possible after dawn\nclaim "a name": whatever keeper does sooner or later dawn'
    )
    assert [(claim.what, claim.player, claim.ensures, claim.title) for claim in story.claims] == [
        (Never(LIT), "Jack", False, None),
        (Leads(None, DAWN), "Ianto", True, None),
        (Possible(LIT, after=DAWN), "Jack", True, None),
        (Leads(None, DAWN), "Ianto", False, "a name"),
    ]
    assert [Writer(story).claimed(claim) for claim in story.claims] == [
        "whatever Jack does, never lit",
        "Ianto can make sure of dawn",
        "Jack can make sure that lit is possible after dawn",
        "whatever Ianto does, sooner or later dawn",
    ]


def test_a_flip_of_one_line() -> None:
    story = read(
        'flip "one": without wants keeper "it was day"\nflip "two": start lit, Jack believes dawn\n'
        'flip "three": swap Jack and keeper\nflip "four": with wants Jack\n    +2 lit\n'
    )
    one, two, three, four = story.flips
    assert one == Flip("one", (Without("want", "Ianto", "it was day"),))
    (premise,) = two.premises
    assert isinstance(premise, StartWith)
    assert [(effect.target.fluent, effect.believers) for effect in premise.statements] == [("lit", ()), ("dawn", (JACK,))]
    assert three.premises == (Swap("Jack", "Ianto"),)
    assert four.premises == (With(Want("Jack", Fraction(2), Reading("lit"))),)


def test_a_flip_of_several_premises() -> None:
    story = read(
        """\
flip "all of it"
    start
        lit
        Ianto believes not lit
    without wants Ianto
    without event rain
    without trigger wakes
    without inference guess
    without action ask
    with action ask by Ianto
        once
        then dawn
    with event thunder
        then lit
    with inference guess by Jack
        if dawn
        then lit
"""
    )
    start, *rest = story.flips[0].premises
    assert isinstance(start, StartWith) and len(start.statements) == 2
    assert rest[:5] == [Without("want", "Ianto"), *(Without(sort, name) for sort, name in LEFT_OUT)]
    rules = [premise.rule for premise in rest[5:] if isinstance(premise, With)]
    assert [(type(rule), rule.name) for rule in rules if not isinstance(rule, Want)] == [
        (Action, "ask"),
        (Action, "thunder"),
        (Trigger, "guess"),
    ]
    assert isinstance(rules[0], Action) and rules[0].consenting == (IANTO,) and "made_ask" in story.fluent
    assert [action.name for action in story.actions] == ["ask", "excuse", "rain"]


LEFT_OUT = [("event", "rain"), ("trigger", "wakes"), ("inference", "guess"), ("action", "ask")]


def test_a_view() -> None:
    story = read('view "all": lit, Ianto believes dawn,\n    spent(cat) = spent(work)\n    number of excuse e with spent(e)')
    assert story.views[0] == View(
        "all",
        (
            Reading("lit"),
            Believes(IANTO, Reading("dawn")),
            Comparison("=", Reading("spent", (Thing("cat"),)), Reading("spent", (Thing("work"),))),
            story.views[0].parts[3],
        ),
    )
    assert not isinstance(story.views[0].parts[3], Number)


WRONG = [
    ("claim never lit beofre dawn", "unexpected", "the end of the line"),
    ("claim lit", "unexpected", "`always`"),
    ("claim", "unexpected", "a moment"),
    ("claim never ask", "not-a-fact", "write `move ask`"),
    ("claim never move aks", "unknown-move", "Did you mean `ask`?"),
    ("claim never move excuse(cat, work)", "wrong-arguments", "`some excuse`"),
    ("claim never move excuse(some person)", "wrong-kind", "Write `some excuse`."),
    ('claim ending "He goes" is possible', "unknown-ending", "He goes"),
    ("claim always move ask", "not-a-condition", "sooner or later"),
    ("claim odds of lit at least 120%", "out-of-range", "at most 100%"),
    ("claim odds of lit at least 20", "unexpected", "`20%`"),
    ("claim odds of lit between 30% and 20%", "empty-range", "the smaller one first"),
    ("claim odds of lit", "unexpected", "`at least`, `at most` or `between`"),
    ("claim at most 1.5 moves", "unexpected", "a whole number"),
    ("claim whatever Jck does, never lit", "unknown-name", "Did you mean `Jack`?"),
    ("claim whatever cat does, never lit", "wrong-kind", "a person"),
    ("claim Jack can make sure that lit leads to dawn", "unexpected", "can make sure of"),
    ("claim never nothing more can happen", "misplaced-stillness", "an ending"),
    ("claim never lit\n    and dawn", "misplaced-line", ""),
    ('claim "a": never lit\nclaim "a": never dawn', "declared-twice", "a claim"),
    ('flip "a": without action rain', "unknown-rule", "write `without event rain`"),
    ('flip "a": without trigger wake', "unknown-rule", "Did you mean `wakes`?"),
    ('flip "a": without wants Jack', "unknown-because", "wants nothing"),
    ('flip "a": without wants Ianto "it was dya"', "unknown-because", "Did you mean `it was day`?"),
    ('flip "a": swap Jack and Jack', "said-twice", "two people"),
    ('flip "a": with action ask by Ianto\n    then dawn', "declared-twice", "`without action ask`"),
    ('flip "a": with scene "x"', "unexpected", "`inference`"),
    ('flip "a": wihtout wants Ianto', "unexpected", "Did you mean `without`?"),
    ('flip "a"', "missing-part", "Indent"),
    ('flip "a": start lit rises', "not-at-the-start", ""),
    ('flip "a": swap Jack and Ianto\nflip "a": start lit', "declared-twice", "a flip"),
    ('view "a":', "missing-part", "Indent"),
    ('view "a": lti', "unknown-name", "Did you mean `lit`?"),
]


@pytest.mark.parametrize(("text", "code", "said"), WRONG)
def test_what_is_wrong_is_said(text: str, code: str, said: str) -> None:
    found = wrong(text)
    assert found.code == code, found
    assert said in f"{found.message} {found.hint}", found


def test_a_belief_too_deep_for_what_is_kept_is_an_error_in_a_claim() -> None:
    from everytale.ground import ground

    story = read("minds 0\nclaim never Ianto believes Jack believes lit")
    with pytest.raises(StoryError) as error:
        ground(story)
    assert error.value.diagnostics[0].code == "minds-too-few"
