"""A story written back in the language says the same."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.check import story as long_story
from everytale.diagnostics import Source, Span, StoryError
from everytale.language import read_story
from everytale.language.expression import parse_expression
from everytale.language.format import format_effect, format_expression, format_story
from everytale.loader import bundled, load
from everytale.story import (
    Arithmetic,
    Believes,
    Binder,
    Choice,
    Comparison,
    Conjunction,
    Disjunction,
    Effect,
    Expression,
    Membership,
    Negation,
    Number,
    Quantified,
    Reading,
    Story,
    Thing,
    Truth,
    Unknown,
    Variable,
)
from tests.test_messages import BLOCK, CODES, ELSEWHERE, page
from tests.test_sugar import CAST, PROSE, QUESTION

EVERYTHING = (
    'tale "Everything"\nteller Jack\ntense past\nperson first\nminds 3\nhorizon 7\n'
    + CAST
    + PROSE
    + QUESTION
    + """\
kind excuse: cat "the cat", home
kind box
kind trunk is box, place
kind person: Robin (they), Zed (xe/xem/xyr/xyrs/xemself), Kim (ey/em/eir/eirs/emself plural)
role keeper: Ianto
fact spent(excuse): yes or no
fact near(person, person): yes or no
fact debt: -5 to 5 or unknown
fact rule: excuse, known to Ianto
danger rift: feared by keeper 4, Jack 1/3 because "it was the world"
stage room: p with at(p) = bunker and for every person q: near(p, q) or not lit
start
    at(everybody) = bunker, debt = -3, rule = cat
    Ianto believes Jack believes at(Ianto) = flat
    common lit
    everybody except Kim or Zed believes near(Jack, Ianto)
wants everybody
    +2 (number of person p except Jack with near(p, Jack)) > 1 and not dawn because "company"
    -0.25 each sum of hurt(p) for person p
action lend(e: excuse) by q: person to keeper in room
    if q != keeper and (spent(e) or debt is unknown or debt - -1 < 2 * (debt + 1))
    once
    then tells keeper rule, debt eases by 2 when spent(e)
    then
        for every person x except q: near(x, q) = (near(q, x) or lit)
        rule = if lit then cat else home
    weight 1 / 3 when every excuse is a box, 0.125 when lit, debt * debt
    seen by Jack, p with at(p) is not unknown
    thinks from intention
    told refrain to Jack when unseen and again since groan and not after lend(cat, q) and lit: {because} {teller.himself}
    told when learned and just after groan: {q.goes}
    told once in summary when first time
        keeper says that: Enough.
action groan by Jack
    expressive when not (lit and dawn) and Jack knows not dawn
    seen by nobody
trigger cold(person: person)
    upon dawn
    if at(person) is a vault
    then hurt(person) rises
inference aha by q: person
    if somebody believes q believes dawn
    then everybody believes not dawn
    because "it was plain"
ending "Still" if nothing more can happen and (Jack believes debt) = debt
scene "One"
    opens upon lend when lit
    closes upon not dawn and lit
    told at close when after groan: It was.
    told: {{ {debt} } {keeper.theirs}
test "one"
    given debt = unknown, not lit
    after ask, answer
    expect lend(cat, Jack)
    expect not groan because "company"
    expect that debt is unknown
    expect ending "Still"
    expect no ending
claim never debt = 2 and lit before move lend(cat, some person)
claim "a name": always lit between (lit or dawn) and ending "Still"
claim after move groan, Jack believes keeper believes lit is possible
claim sooner or later a dead end
claim for every person p: hurt(p) > 0 leads to an ending
claim odds of "Still" between 12.5% and 99.99%
claim whatever keeper does, odds of never ending at most 1%
claim keeper can make sure that at least 3 moves
flip "one": without wants Jack "company"
flip "two"
    start
        common not lit
        debt is unknown
    without action groan
    with action groan by Jack in room
        once
        answers ask
        then lit
        told: A groan.
    with wants everybody
        +1 lit
        -2 each hurt(Jack) because "it hurt"
    with trigger hot(p: person)
        if lit
        then hurt(p) eases
    swap keeper and Jack
view "all": debt, at(Jack), Jack believes (if lit then cat else home), lit or dawn
"""
)  # fmt: skip


def read(text: str) -> Story:
    def no_file(name: str, span: Span) -> Source:
        raise StoryError(())

    story, diagnostics = read_story(Source("story.tale", text), no_file)
    assert story is not None, (text, diagnostics)
    return story


def written_back(story: Story) -> None:
    text = format_story(story)
    assert read(text) == story
    assert format_story(read(text)) == text


@pytest.mark.parametrize("name", bundled())
def test_the_bundled_stories(name: str) -> None:
    written_back(load(name))


@pytest.mark.parametrize("template", ["small", "social", "adventure"])
def test_the_templates(template: str) -> None:
    written_back(load(Path(__file__).parents[1] / "src" / "everytale" / "stories" / "templates" / f"{template}.tale"))


def test_every_construct() -> None:
    written_back(read(EVERYTHING))


def test_a_long_story() -> None:
    written_back(read(long_story(500)))


@pytest.mark.parametrize("code", [code for code in CODES if code not in ELSEWHERE])
def test_the_mended_examples(code: str) -> None:
    kind, mended = [(kind, body) for kind, body in BLOCK.findall(page(code)) if kind != "text"][1]
    if kind == "tale":
        written_back(read(mended))


def test_what_is_written_is_expanded() -> None:
    text = format_story(read(EVERYTHING))
    for sugar in ("asks", "answers", "once\n    then", "stage", "danger", "role", "tells", "knows", "interrupts"):
        assert f"    {sugar} " not in text and f"\n{sugar} " not in text, sugar
    assert "open_ask = Ianto" in text and "fact made_lend(e: excuse, q: person): yes or no" in text


# ---- random conditions -----------------------------------------------------------------------------------------------

STORY = read(CAST + 'kind t: x1, x2\nfact f(person): t\nfact n: -9 to 9 or unknown\nending "End" if lit\n')
PEOPLE = st.sampled_from([Thing("Jack"), Thing("Ianto")])
NUMBERS = st.builds(Number, st.sampled_from([Fraction(0), Fraction(2), Fraction(-3), Fraction(1, 2), Fraction(-5, 8)]))
THINGS = st.sampled_from([Thing("x1"), Thing("x2")]) | st.builds(lambda who: Reading("f", (who,)), PEOPLE)
SIGNS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def _binders(name: str) -> st.SearchStrategy[Binder]:
    return st.builds(Binder, st.just(name), st.just("person"), st.lists(PEOPLE, max_size=2, unique=True).map(tuple))


def _hurt(name: str) -> Expression:
    return Reading("hurt", (Variable(name),))


@st.composite
def _deeper(draw: st.DrawFn, inner: st.SearchStrategy[Expression]) -> Expression:
    """A condition around conditions."""
    numbers = NUMBERS | st.just(Reading("n")) | st.builds(lambda who: Reading("hurt", (who,)), PEOPLE)
    for _ in range(draw(st.integers(0, 2))):
        numbers = numbers | st.builds(Arithmetic, st.sampled_from(["+", "-", "*"]), numbers, numbers)
    # every quantifier has a name of its own
    name = draw(st.uuids(version=4).map(lambda one: f"v{one.hex}"))
    numbers = (
        numbers
        | st.builds(Choice, inner, numbers, numbers)
        | st.builds(Believes, PEOPLE, numbers)
        | st.builds(lambda binder, body: Quantified("count", binder, body), _binders(name), inner)
        | st.builds(lambda binder, more: Quantified("sum", binder, Arithmetic("+", _hurt(name), more)), _binders(name), NUMBERS)
    )
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return draw(
        st.builds(Negation, inner)
        | st.builds(Conjunction, parts)
        | st.builds(Disjunction, parts)
        | st.builds(Believes, PEOPLE, inner)
        | st.builds(Choice, inner, inner, inner)
        | st.builds(Comparison, st.sampled_from(["=", "!="]), inner, inner)
        | st.builds(Comparison, SIGNS, numbers, numbers)
        | st.builds(Comparison, st.sampled_from(["=", "!="]), THINGS, THINGS | st.just(Unknown()))
        | st.builds(lambda word, binder, body: Quantified(word, binder, body), st.sampled_from(["every", "some"]), _binders(name), inner)
    )


CONDITIONS = st.recursive(
    st.sampled_from([Reading("lit"), Reading("dawn"), Truth(True), Truth(False), Membership(Reading("at", (Thing("Jack"),)), "vault")]),
    _deeper,
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(CONDITIONS)
def test_random_conditions(condition: Expression) -> None:
    text = format_expression(condition, STORY)
    assert parse_expression(text, STORY) == condition


@settings(max_examples=60, deadline=None)
@given(CONDITIONS, CONDITIONS, st.lists(PEOPLE, max_size=2), st.booleans())
def test_random_effects(condition: Expression, value: Expression, believers: list[Thing], common: bool) -> None:
    effect = Effect(Reading("lit"), value, believers=() if common else tuple(believers), common=common, condition=condition)
    text = f"{CAST}fact n: -9 to 9 or unknown\nkind t: x1, x2\nfact f(person): t\nevent e\n    then {format_effect(effect, STORY)}\n"
    assert read(text).actions[0].effects == (effect,)


def test_a_binding_stands_for_variables() -> None:
    condition = Comparison("=", Reading("at", (Variable("p"),)), Thing("flat"))
    assert format_expression(condition, STORY, {"p": "Jack"}) == "at(Jack) = flat"
