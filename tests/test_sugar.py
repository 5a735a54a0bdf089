"""What a story's text comes to: every construct of the language, as the story that it stands for."""

from __future__ import annotations

from fractions import Fraction

import pytest

from everytale.diagnostics import Diagnostic, Source, Span, StoryError
from everytale.language import read_story
from everytale.language.expression import parse_expression
from everytale.story import (
    ALWAYS,
    NEVER,
    Action,
    After,
    Arithmetic,
    Believes,
    Binder,
    Choice,
    Comparison,
    Conjunction,
    Cue,
    Disjunction,
    Effect,
    ExpectEnding,
    ExpectMove,
    ExpectThat,
    Expression,
    KindDomain,
    Made,
    Membership,
    Move,
    Negation,
    Number,
    NumberDomain,
    Observers,
    Occasion,
    Parameter,
    Pronouns,
    Quantified,
    Reading,
    Slot,
    Stillness,
    Story,
    Thing,
    Truth,
    TruthDomain,
    Unknown,
    Variable,
)

CAST = """\
kind person: Jack (he), Ianto (he)
kind place: bunker "the room under the office", flat
kind vault is place: cellar
fact at(person): place
fact hurt(p: person): 0 to 3, known to p
fact lit, dawn: yes or no
"""
JACK, IANTO, FLAT = Thing("Jack"), Thing("Ianto"), Thing("flat")
LIT, DAWN = Reading("lit"), Reading("dawn")
ONE, TWO = Number(Fraction(1)), Number(Fraction(2))


def no_file(name: str, span: Span) -> Source:
    raise StoryError((Diagnostic("no-such-file", "error", "", "", span),))


def story(lines: str, cast: str = CAST) -> Story:
    found, diagnostics = read_story(Source("story.tale", cast + lines), no_file)
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
    assert found is not None and not errors, errors
    return found


def at(who: Expression) -> Reading:
    return Reading("at", (who,))


def hurt(who: Expression) -> Reading:
    return Reading("hurt", (who,))


def action(lines: str, cast: str = CAST) -> Action:
    return story(lines, cast).actions[-1]


# ---- declarations ----------------------------------------------------------------------------------------------------


def test_kinds_have_members_parents_and_pronouns() -> None:
    found = story("kind person: Robin (they), Zed (xe/xem/xyr/xyrs/xemself), Kim (ey/em/eir/eirs/emself plural)\n")
    assert [kind.name for kind in found.kinds] == ["person", "place", "vault"]
    assert found.people == ("Jack", "Ianto", "Robin", "Zed", "Kim")
    assert found.is_a("cellar", "place") and not found.is_a("flat", "vault")
    assert found.entity["bunker"].label == "the room under the office"
    assert found.entity["Zed"].pronouns == Pronouns("xe", "xem", "xyr", "xyrs", "xemself")
    assert found.entity["Robin"].pronouns.plural and found.entity["Kim"].pronouns.plural
    assert found.entity["flat"].pronouns.subject == "it"


def test_members_may_go_on_below() -> None:
    assert list(story("kind excuse:\n    home, cat,\n    clothes\n").of_kind("excuse")) == ["home", "cat", "clothes"]


def test_facts_have_domains_and_owners() -> None:
    found = story("fact debt, gain: -5 to 5 or unknown\nfact awaited: yes or no, known to Ianto\n").fluent
    assert found["at"].parameters == (Parameter("person", "person"),) and found["at"].domain == KindDomain("place")
    assert found["hurt"].domain == NumberDomain(0, 3) and found["hurt"].known_to == Variable("p")
    assert found["debt"].domain == found["gain"].domain == NumberDomain(-5, 5, unknown=True)
    assert found["awaited"].domain == TruthDomain() and found["awaited"].known_to == IANTO


def test_the_head_says_title_teller_and_limits() -> None:
    found = story('tale "Don\'t Stay"\nteller Ianto\nminds 3\nhorizon 4\n')
    assert (found.title, found.teller, found.minds, found.horizon) == ("Don't Stay", "Ianto", 3, 4)
    assert (story("").title, story("").teller, story("").minds, story("").horizon) == ("Untitled", None, 2, 5)


def test_an_include_stands_for_what_is_in_the_file() -> None:
    files = {"people.tale": 'kind person: Ada (she)\ninclude "more.tale"\n', "more.tale": "kind person: Ben (he)\n"}
    source = Source("story.tale", 'include "people.tale"\nkind person: Cy (he)\n')
    found, diagnostics = read_story(source, lambda name, span: Source(name, files[name]))
    assert found is not None and diagnostics == ()
    assert found.people == ("Ada", "Ben", "Cy")


def test_what_is_wrong_with_an_included_file_is_said_with_the_rest() -> None:
    source = Source("story.tale", 'kind person Jack\ninclude "no.tale"\nfact: yes\n')
    found, diagnostics = read_story(source, no_file)
    assert found is None
    assert [diagnostic.code for diagnostic in diagnostics] == ["unexpected", "no-such-file", "unexpected"]


def test_a_role_is_another_name() -> None:
    found = story('role keeper: Ianto\nstart\n    at(keeper) = flat\naction stay by keeper\n    then dawn\ntest "t"\n    after stay\n')
    assert found.start == (Effect(at(IANTO), FLAT),)
    assert found.actions[0].consenting == (IANTO,)


# ---- the start, wants ------------------------------------------------------------------------------------------------


def test_statements_of_the_start() -> None:
    found = story(
        """\
start
    at(every person) = bunker, dawn
    not lit
    Ianto believes Jack believes at(Ianto) = cellar
    every person except Jack believes dawn is no
    common lit
    for every place q except flat: at(Jack) = q
"""
    ).start
    each = Variable("each_person")
    assert found == (
        Effect(at(each), Thing("bunker"), each=(Binder("each_person", "person"),)),
        Effect(DAWN, Truth(True)),
        Effect(LIT, Truth(False)),
        Effect(at(IANTO), Thing("cellar"), believers=(IANTO, JACK)),
        Effect(DAWN, Truth(False), believers=(each,), each=(Binder("each_person", "person", (JACK,)),)),
        Effect(LIT, Truth(True), common=True),
        Effect(at(JACK), Variable("q"), each=(Binder("q", "place", (FLAT,)),)),
    )


def test_wants_and_dangers() -> None:
    found = story(
        """\
wants Jack
    +2 lit and not dawn   because "it was dark"
    -1/2 each hurt(Jack)
wants every person p except Jack
    0.5 at(p) = flat
danger rift: feared by Ianto 4, Jack 2 because "it was the world"
"""
    ).wants
    assert [(want.person, want.worth, want.each, want.because) for want in found] == [
        ("Jack", 2, False, "it was dark"),
        ("Jack", Fraction(-1, 2), True, None),
        ("Ianto", Fraction(1, 2), False, None),
        ("Ianto", -4, False, "it was the world"),
        ("Jack", -2, False, "it was the world"),
    ]
    assert found[2].measure == Comparison("=", at(IANTO), FLAT)
    assert found[3].measure == Reading("rift")


# ---- conditions ------------------------------------------------------------------------------------------------------

EACH, OTHER = Variable("each_person"), Variable("each_person_2")
PERSON = Binder("each_person", "person")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lit", LIT),
        ("not lit and dawn or lit", Disjunction((Conjunction((Negation(LIT), DAWN)), LIT))),
        ("not at(Jack) = flat", Negation(Comparison("=", at(JACK), FLAT))),
        ("at(Jack) is not flat", Comparison("!=", at(JACK), FLAT)),
        ("at(Jack) is unknown", Comparison("=", at(JACK), Unknown())),
        ("hurt(Jack) ≠ 1", Comparison("!=", hurt(JACK), ONE)),
        ("hurt(Jack) + 1 * 2 > 2 - 1 - 1", Comparison(
            ">",
            Arithmetic("+", hurt(JACK), Arithmetic("*", ONE, TWO)),
            Arithmetic("-", Arithmetic("-", TWO, ONE), ONE),
        )),
        ("(hurt(Jack) + 1) / 2 >= -1", Comparison(">=", Arithmetic("/", Arithmetic("+", hurt(JACK), ONE), TWO), Number(Fraction(-1)))),
        ("Jack believes lit and dawn", Conjunction((Believes(JACK, LIT), DAWN))),
        ("Jack believes (lit and dawn)", Believes(JACK, Conjunction((LIT, DAWN)))),
        ("Jack believes Ianto believes not lit", Believes(JACK, Believes(IANTO, Negation(LIT)))),
        ("Jack believes at(Ianto) = flat", Believes(JACK, Comparison("=", at(IANTO), FLAT))),
        ("(Jack believes at(Ianto)) = at(Ianto)", Comparison("=", Believes(JACK, at(IANTO)), at(IANTO))),
        ("Jack knows lit", Conjunction((Believes(JACK, LIT), LIT))),
        ("at(every person) = flat", Quantified("every", PERSON, Comparison("=", at(EACH), FLAT))),
        ("not at(somebody) = flat", Negation(Quantified("some", PERSON, Comparison("=", at(EACH), FLAT)))),
        ("at(some person except Jack) = flat", Quantified(
            "some", Binder("each_person", "person", (JACK,)), Comparison("=", at(EACH), FLAT)
        )),
        ("at(every person) = at(some person except Jack or Ianto)", Quantified("every", PERSON, Quantified(
            "some", Binder("each_person_2", "person", (JACK, IANTO)), Comparison("=", at(EACH), at(OTHER))
        ))),
        ("everybody believes at(everybody) = flat", Quantified("every", PERSON, Believes(
            EACH, Quantified("every", Binder("each_person_2", "person"), Comparison("=", at(OTHER), FLAT))
        ))),
        ("for some person p except Jack: at(p) = flat and lit", Quantified(
            "some", Binder("p", "person", (JACK,)), Conjunction((Comparison("=", at(Variable("p")), FLAT), LIT))
        )),
        ("2 > number of person p with at(p) = flat", Comparison(
            ">", TWO, Quantified("count", Binder("p", "person"), Comparison("=", at(Variable("p")), FLAT))
        )),
        ("1 < sum of hurt(p) + 1 for person p", Comparison(
            "<", ONE, Quantified("sum", Binder("p", "person"), Arithmetic("+", hurt(Variable("p")), ONE))
        )),
        ("hurt(Jack) = if lit then 1 else 2", Comparison("=", hurt(JACK), Choice(LIT, ONE, TWO))),
        ("at(Jack) is a vault", Membership(at(JACK), "vault")),
        ("at(Jack) is not a vault", Negation(Membership(at(JACK), "vault"))),
        ("lit = (dawn or lit)", Comparison("=", LIT, Disjunction((DAWN, LIT)))),
        ("yes or no", Disjunction((ALWAYS, NEVER))),
    ],
)  # fmt: skip
def test_conditions(text: str, expected: Expression) -> None:
    assert parse_expression(text, story("")) == expected
    assert story(f'ending "End" if {text}\n').endings[0].condition == expected


def test_a_condition_by_itself_can_be_wrong() -> None:
    with pytest.raises(StoryError) as error:
        parse_expression("lit and drak", story(""))
    assert [diagnostic.code for diagnostic in error.value.diagnostics] == ["unknown-name"]
    with pytest.raises(StoryError):
        parse_expression("", story(""))


def test_nothing_more_can_happen_in_an_ending() -> None:
    assert story('ending "End" if nothing more can happen and lit\n').endings[0].condition == Conjunction((Stillness(), LIT))


# ---- what can happen -------------------------------------------------------------------------------------------------


def test_parameters_stand_in_the_order_of_the_header() -> None:
    found = action("action give(x: place) by p: person, Jack to q: person\n    if p != q\n    then at(q) = x\n")
    assert found.parameters == (Parameter("x", "place"), Parameter("p", "person"), Parameter("q", "person"))
    assert found.consenting == (Variable("p"), JACK)
    assert found.effects == (Effect(at(Variable("q")), Variable("x")),)
    assert found.observers is None and found.weight == ONE and found.expressive is None


def test_effects() -> None:
    found = action(
        """\
action go by Jack
    then lit, not dawn, hurt(Jack) rises, hurt(Ianto) eases by 2, at(Jack) = at(Ianto) when lit
    then
        Ianto believes at(Jack) = flat
        Ianto believes not lit
        common dawn = (lit or dawn)
        for every person p: at(p) = cellar when lit
"""
    )
    assert found.effects == (
        Effect(LIT, Truth(True)),
        Effect(DAWN, Truth(False)),
        Effect(hurt(JACK), ONE, "rises"),
        Effect(hurt(IANTO), TWO, "eases"),
        Effect(at(JACK), at(IANTO), condition=LIT),
        Effect(at(JACK), FLAT, believers=(IANTO,)),
        Effect(LIT, Truth(False), believers=(IANTO,)),
        Effect(DAWN, Disjunction((LIT, DAWN)), common=True),
        Effect(at(Variable("p")), Thing("cellar"), condition=LIT, each=(Binder("p", "person"),)),
    )


def test_tells_makes_believe_what_is_so() -> None:
    found = action("action say by Jack to Ianto\n    then tells Ianto at(Jack), lit, not dawn\n")
    assert found.effects == (
        Effect(at(JACK), at(JACK), believers=(IANTO,)),
        Effect(LIT, LIT, believers=(IANTO,)),
        Effect(DAWN, Truth(False)),
    )


def test_a_stage_is_needed_and_seen() -> None:
    room = "stage room: p with at(p) = bunker and lit\n"
    found = action(room + "action ask(p: person) by Jack to p in room\n    if not dawn\n    then dawn\n")
    observer = Variable("observer")
    assert found.precondition == Conjunction(
        (
            Comparison("=", at(JACK), Thing("bunker")),
            LIT,
            Comparison("=", at(Variable("p")), Thing("bunker")),
            LIT,
            Negation(DAWN),
        )
    )
    assert found.observers == Observers("observer", Conjunction((Comparison("=", at(observer), Thing("bunker")), LIT)))


def test_a_stage_may_quantify_over_a_variable_that_a_move_has_too() -> None:
    found = action("stage room: p with for every person q: at(p) = at(q)\naction ask by q: person in room\n    then dawn\n")
    other = Variable("q_2")
    assert found.precondition == Quantified("every", Binder("q_2", "person"), Comparison("=", at(Variable("q")), at(other)))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ("everybody", None),
        ("nobody", Observers("observer", NEVER)),
        ("p with at(p) = flat", Observers("p", Comparison("=", at(Variable("p")), FLAT))),
        ("Jack, Ianto", Observers("observer", Disjunction(tuple(Comparison("=", Variable("observer"), who) for who in (JACK, IANTO))))),
    ],
)
def test_who_sees_it(seen: str, expected: Observers | None) -> None:
    assert action(f"action go by Jack\n    then dawn\n    seen by {seen}\n").observers == expected


def test_on_a_stage_others_see_it_too() -> None:
    found = action("stage room: p with at(p) = flat\naction go by Jack in room\n    then dawn\n    seen by Ianto\n")
    here, ianto = Comparison("=", at(Variable("p")), FLAT), Comparison("=", Variable("p"), IANTO)
    assert found.observers == Observers("p", Disjunction((here, ianto)))


def test_weights_by_case() -> None:
    cases = "weight 3 when lit, 0 when dawn, 0.5"
    half = Number(Fraction(1, 2))
    assert action(f"action go by Jack\n    then dawn\n    {cases}\n").weight == Choice(
        LIT, Number(Fraction(3)), Choice(DAWN, Number(Fraction(0)), half)
    )
    assert action("action go by Jack\n    then dawn\n    weight 3 when lit\n").weight == Choice(LIT, Number(Fraction(3)), ONE)


def test_expressive_acts_and_intentions() -> None:
    assert action("action wince by Jack\n    expressive\n").expressive == ALWAYS
    assert action("action wince by Jack\n    expressive when lit\n").expressive == LIT
    assert action("action say by Jack\n    then lit\n    thinks from intention\n").thinks


def test_once_is_a_fact_of_its_own() -> None:
    found = story("action go(x: place) by Jack\n    once\n    then at(Jack) = x\n")
    made = Reading("made_go", (Variable("x"),))
    assert found.fluent["made_go"].parameters == (Parameter("x", "place"),)
    assert found.actions[0].precondition == Negation(made)
    assert found.actions[0].effects[-1] == Effect(made, Truth(True))


def test_a_generated_fact_gives_way_to_a_name_that_is_there() -> None:
    found = story("fact made_go: yes or no\naction go by Jack\n    once\n    then made_go\n")
    assert found.actions[0].precondition == Negation(Reading("made_go_2"))


QUESTION = """\
action ask by Jack to Ianto
    asks Ianto
    then lit
action beg by Jack to Ianto
    asks Ianto
    then lit
action answer by Ianto
    answers ask
    then dawn
action shrug by Ianto
    answers ask, beg
    then dawn
action wince by Jack
    expressive
event rain
    then dawn
event alarm
    interrupts
    then dawn
"""


def test_while_a_question_is_open_only_answers_expressive_acts_and_interruptions_are_possible() -> None:
    found = story(QUESTION)
    asked, begged = Reading("open_ask"), Reading("open_beg")
    closed = (Comparison("=", asked, Unknown()), Comparison("=", begged, Unknown()))
    to_ask, to_beg = Comparison("=", asked, IANTO), Comparison("=", begged, IANTO)
    needs = {move.name: move.precondition for move in found.actions}
    does = {move.name: move.effects[1:] for move in found.actions}
    assert found.fluent["open_ask"].domain == KindDomain("person")
    assert needs["ask"] == needs["rain"] == Conjunction(closed)
    assert needs["wince"] == needs["alarm"] == ALWAYS
    assert needs["answer"] == to_ask
    assert needs["shrug"] == Disjunction((to_ask, to_beg))
    assert does["ask"] == (Effect(asked, IANTO),)
    assert does["answer"] == (Effect(asked, Unknown()),)
    assert does["shrug"] == (Effect(asked, Unknown(), condition=to_ask), Effect(begged, Unknown(), condition=to_beg))


def test_an_answer_can_be_a_question() -> None:
    found = story("action tease(p: person) by p to Jack\n    answers tease\n    asks Jack\n    then lit\n").actions[0]
    assert found.precondition == Comparison("=", Reading("open_tease"), Variable("p"))
    assert found.effects[1:] == (Effect(Reading("open_tease"), JACK),)


def test_triggers_and_inferences() -> None:
    found = story(
        """\
trigger cold(p: person)
    if at(p) = flat
    then hurt(p) rises
inference guess by Jack
    upon dawn
    then not lit, Ianto believes lit
    because "it was late"
    told to Jack: So it was.
"""
    ).triggers
    assert found[0].parameters == (Parameter("p", "person"),) and found[0].mind is None and found[0].upon is None
    assert found[1].mind == JACK and found[1].upon == DAWN and found[1].because == "it was late"
    assert found[1].effects == (Effect(LIT, Truth(False)), Effect(LIT, Truth(True), believers=(IANTO,)))
    assert found[1].told[0].teller == "Jack"


def test_scenes_open_upon_a_move_or_a_condition() -> None:
    found = story(
        """\
event evening
    then not dawn
scene "Night"
    opens upon evening when lit
    closes upon dawn
    told: It was night.
"""
    ).scenes[0]
    assert (found.opens, found.closes) == (Cue("evening", LIT), Cue(None, DAWN))
    assert found.told[0].alternatives[0][0].text == ("It was night.",)


def test_the_steps_of_a_test() -> None:
    found = story(
        """\
kind excuse: cat, home
action go(e: excuse) by Jack
    then dawn
    told: By {e}.
wants Jack
    +1 dawn because "it was late"
ending "Over" if dawn
test "one"
    given lit, Ianto believes dawn
    after go(cat), go(home)
    expect go(cat)
    expect not go(home) because "it was late"
    expect that dawn and lit
    expect ending "Over"
    expect no ending
"""
    ).tests[0]
    assert found.given == (Effect(LIT, Truth(True)), Effect(DAWN, Truth(True), believers=(IANTO,)))
    assert found.steps == (
        After((Move("go", ("cat",)), Move("go", ("home",)))),
        ExpectMove(Move("go", ("cat",))),
        ExpectMove(Move("go", ("home",)), False, "it was late"),
        ExpectThat(Conjunction((DAWN, LIT))),
        ExpectEnding("Over"),
        ExpectEnding(None),
    )


# ---- prose -----------------------------------------------------------------------------------------------------------

PROSE = """\
action go(p: person) by p
    then dawn
    told once to Jack when first time and lit
        # It is late, said {p},
        over a   long time.

        And {p.he} {p.goes}.
        Ianto: I had {{a cat}}.
        Jack thinks: {Ianto's} cat; {at(p)}.
      | p: Once more: here.
    told when again: Again.
    told
        Note: this is no speech.
"""


def test_prose_has_paragraphs_alternatives_speakers_and_holes() -> None:
    first, second, third = action(PROSE).told
    p = Variable("p")
    assert (first.once, first.teller, first.occasions, first.condition) == (True, "Jack", (Occasion("first"),), LIT)
    one, two = first.alternatives
    assert [(beat.manner, beat.speaker, beat.text) for beat in one] == [
        ("narration", None, ("# It is late, said ", Slot(p), ", over a long time.")),
        ("narration", None, ("And ", Slot(p, "he"), " ", Slot(p, "goes"), ".")),
        ("speech", IANTO, ("I had {a cat}.",)),
        ("thought", JACK, (Slot(IANTO, "'s"), " cat; ", Slot(at(p)), ".")),
    ]
    assert [(beat.manner, beat.speaker, beat.text) for beat in two] == [("speech", p, ("Once more: here.",))]
    assert (second.occasions, second.condition, second.alternatives[0][0].text) == ((Occasion("again"),), ALWAYS, ("Again.",))
    assert third.alternatives[0][0].text == ("Note: this is no speech.",)


def test_a_block_says_what_it_asks_of_the_tale() -> None:
    found = action(
        PROSE.split("    told")[0]
        + """\
    told refrain in summary when again since go(Jack) and lit: One.
    told to Jack when unseen and not after go since go: Two.
    told when learned and just after go(p): Three.
    told when teller believes dawn: Four.
    told when (learned): Five.
    told: {because}
    told
        p says that: Six.
""",
        CAST + "fact learned: yes or no\n",
    ).told
    one, two, three, four, five, six, seven = found
    assert (one.refrain, one.summary, one.occasions) == (True, True, (Occasion("again", None, Made("go", (JACK,))),))
    assert (two.witness, two.teller, two.occasions) == ("unseen", "Jack", (Occasion("not after", Made("go"), Made("go")),))
    assert (three.witness, three.occasions) == ("learned", (Occasion("just after", Made("go", (Variable("p"),))),))
    assert four.condition == Believes(Variable("teller"), DAWN)
    assert (five.witness, five.condition) == ("seen", Reading("learned"))
    assert six.alternatives[0][0].text == (Slot(Variable("because")),)
    assert (seven.alternatives[0][0].manner, seven.alternatives[0][0].speaker) == ("report", Variable("p"))


def test_the_order_of_blocks_does_not_matter() -> None:
    blocks = [block for block in CAST.splitlines(keepends=True)] + ["action go by Jack\n    then dawn, lit\n", "start\n    dawn\n"]
    forward, backward = story("".join(blocks), ""), story("".join(reversed(blocks)), "")
    assert forward.actions == backward.actions and forward.start == backward.start
    assert set(forward.fluents) == set(backward.fluents)


def test_words_of_blocks_can_be_names() -> None:
    found = story("fact told, start, once: yes or no\naction go by Jack\n    if told and not once\n    then start\n")
    assert found.actions[0].precondition == Conjunction((Reading("told"), Negation(Reading("once"))))


def test_a_comment_anywhere_but_in_prose_and_quotes() -> None:
    found = story(
        """\
# one
action go by Jack # two
# three
    # four
    then dawn # five
        # six
    told: It # seven.
ending "# eight" if dawn
"""
    )
    assert found.actions[0].told[0].alternatives[0][0].text == ("It # seven.",)
    assert found.endings[0].title == "# eight"
