"""Telling: which passage is told, what it says, and what is remembered of it. Stories in, prose out."""

from __future__ import annotations

from textwrap import dedent

import pytest

from everytale.chance import Chance
from everytale.diagnostics import Source, Span, StoryError
from everytale.ground import ground
from everytale.language import read_story
from everytale.loader import load
from everytale.minds import ImpossibleTrace
from everytale.story import Story
from everytale.telling import Tale, tell
from everytale.telling.tell import MOVES, wander
from everytale.world import Trace, Undecided, UnknownMove, World


def no_file(name: str, span: Span) -> Source:
    raise StoryError(())


def story(text: str) -> Story:
    found, diagnostics = read_story(Source("test.tale", dedent(text)), no_file)
    assert found is not None, diagnostics
    return found


PEOPLE = """
    tale "Tea"
    kind person: Ann (she), Bo (he), Kim (they), Zed (xe/xem/xyr/xyrs/xemself)
    kind cup: mug "the blue mug", glass
    fact filled(cup): yes or no
    fact noon: yes or no
"""


def paragraphs(text: str, trace: str, **how: object) -> list[str]:
    return list(tell(story(PEOPLE + text), trace=trace, **how).paragraphs)  # type: ignore[arg-type]


# ---- holes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prose", "told"),
    [
        ("{Ann} put {Ann.his} coat on.", "Ann put her coat on."),
        ("{Kim} said that {Kim.he} {Kim.was} late, and {Kim.goes} now.", "Kim said that they were late, and go now."),
        ("{Kim} {Kim.goes}; {Bo.he} {Bo.stays}.", "Kim goes; he stays."),
        ("{Zed.He} saw {Zed.himself}: {Zed.theirs}, {Zed.him}.", "Xe saw xemself: xyrs, xem."),
        ("{bo}", None),
        ("{Ann's} cup was {mug}. {mug} was hers.", "Ann’s cup was the blue mug. The blue mug was hers."),
        ("{mug.He} was full.", "It was full."),
        ("Of {filled(mug)} there was {number of cup c with filled(c)}.", "Of no there was 0."),
        ("{{This}} is a brace.", "{This} is a brace."),
        ('"Late," {Ann.he} said. "{Bo.he} {Bo.is} late -- again..."', "“Late,” she said. “He is late — again…”"),
    ],
)
def test_holes_are_filled(prose: str, told: str | None) -> None:
    text = f"    event go\n        told\n            {prose}\n"
    if told is None:
        found, diagnostics = read_story(Source("test.tale", dedent(PEOPLE + text)), no_file)
        assert found is None and diagnostics[0].code == "unknown-name"
    else:
        assert paragraphs(text, "go") == [told]


def test_parameters_are_named() -> None:
    text = """
    action pour(c: cup) by p: person
        then filled(c)
        told: {p} filled {c}.
    """
    assert paragraphs(text, "pour(glass, Kim)") == ["Kim filled glass."]


VOICE = """
    action pour(c: cup) by p: person
        then filled(c)
        told: {p} {p.takes} {p.his} coat, {p.is} off, and {p.sees} {Ann} in {Ann's} chair; {Ann.he} {Ann.stops}.
    action talk by Ann, Bo
        told
            Ann: It is late.
            Bo says that: It was not.
    action wave_at(p: person) by Kim
    action wave by Ann, Kim
    action sit_down by Ann
"""


@pytest.mark.parametrize(
    ("head", "teller", "told"),
    [
        (
            "tense past",
            "Bo",
            [
                "Kim took their coat, were off, and saw Ann in Ann’s chair; she stopped.",
                "Ann took her coat, was off, and saw Ann in Ann’s chair; she stopped.",
                *("“It is late,” said Ann.", "It was not, said Bo."),
                *("Kim waved at (Ann).", "Ann and Kim waved.", "Ann sat down."),
            ],
        ),
        (
            "tense present\nperson first",
            "Ann",
            [
                "Kim takes their coat, are off, and see me in my chair; I stop.",
                "I take my coat, am off, and see me in my chair; I stop.",
                *("“It is late,” I say.", "It was not, says Bo."),
                *("Kim waves at (Ann).", "Kim and I wave.", "I sit down."),
            ],
        ),
        (
            "tense past\nperson first",
            None,
            [
                "Kim took their coat, were off, and saw Ann in Ann’s chair; she stopped.",
                "Ann took her coat, was off, and saw Ann in Ann’s chair; she stopped.",
                *("“It is late,” said Ann.", "It was not, said Bo."),
                *("Kim waved at (Ann).", "Ann and Kim waved.", "Ann sat down."),
            ],
        ),
    ],
)
def test_a_story_has_a_tense_and_a_person(head: str, teller: str | None, told: list[str]) -> None:
    lines = "".join(f"    {line}\n" for line in head.splitlines())
    trace = "pour(mug, Kim)\npour(glass, Ann)\ntalk\nwave_at(Ann)\nwave\nsit_down"
    assert paragraphs(VOICE.replace("\n    action", lines.join(("\n", "    action")), 1), trace, teller=teller) == told


# ---- paragraphs, speech, thoughts --------------------------------------------------------------------------------------

TALK = """
    action talk by Ann to Bo
        told
            It rained.

            Ann: It's raining. Stay.
            Bo: I can't.
            Ann: Why?
            Bo: I have a cat.
            Ann: You haven't.
            Bo: No.
            Ann: So?

            Nobody spoke.

            Bo: Well.
            Ann thinks: He had no cat.
            Bo thinks: There was a cat.
"""


def test_it_is_said_who_speaks_where_it_would_be_unclear() -> None:
    assert paragraphs(TALK, "talk") == [
        "It rained.",
        "“It’s raining,” said Ann. “Stay.”",
        "“I can’t,” said Bo.",
        "“Why?”",
        "“I have a cat.”",
        "“You haven’t.”",
        "“No.”",
        "“So?” said Ann.",
        "Nobody spoke.",
        "“Well,” said Bo.",
    ]


@pytest.mark.parametrize(("teller", "thought"), [("Ann", "He had no cat."), ("Bo", "There was a cat.")])
def test_thoughts_are_told_at_the_thinkers_shoulder_only(teller: str, thought: str) -> None:
    told = paragraphs(TALK, "talk", teller=teller)
    assert told[-1] == thought and len(told) == 11


def test_two_turns_by_one_person_are_both_attributed() -> None:
    text = """
    action talk by Ann
        told
            Ann: One.
            Ann: Two.
    """
    assert paragraphs(text, "talk") == ["“One,” said Ann.", "“Two,” said Ann."]


def test_lines_are_joined_and_empty_lines_part() -> None:
    text = "    event go\n        told\n            One\n            line.\n\n            Another.\n"
    assert paragraphs(text, "go") == ["One line.", "Another."]


# ---- which passage ----------------------------------------------------------------------------------------------------

CHOOSING = """
    event go
        then noon
        told to Ann when noon
            For her, at noon.
        told when first time
            The first time.
        told once
            Once.
        told when again and noon
            Again.
"""


def test_the_first_passage_that_fits_is_told() -> None:
    assert paragraphs(CHOOSING, "go;go;go;go".replace(";", "\n")) == ["The first time.", "Once.", "Again."]
    assert paragraphs(CHOOSING, "go\ngo", teller="Ann") == ["The first time.", "For her, at noon."]


def test_conditions_are_read_before_the_move() -> None:
    assert paragraphs(CHOOSING, "go", teller="Ann") == ["The first time."]


THREE = "One.\n          | Two.\n          | Three.\n"


def test_nothing_is_told_twice() -> None:
    orders = set()
    for seed in range(30):
        told = paragraphs(f"    event go\n        told\n            {THREE}", "\n".join(["go"] * 6), seed=seed)
        assert sorted(told) == ["One.", "Three.", "Two."]
        orders.add(tuple(told))
    assert len(orders) == 6


def test_a_refrain_is_told_again_when_all_of_it_is_told() -> None:
    for seed in range(10):
        told = paragraphs(f"    event go\n        told refrain\n            {THREE}", "\n".join(["go"] * 6), seed=seed)
        assert sorted(told[:3]) == sorted(told[3:]) == ["One.", "Three.", "Two."]


def test_what_holes_make_another_text_of_is_told_again() -> None:
    text = """
    event fill(c: cup)
        told: One filled {c}.
    """
    assert paragraphs(text, "fill(mug)\nfill(glass)\nfill(mug)") == ["One filled the blue mug.", "One filled glass."]


def test_a_summary_stands_in_when_all_is_told() -> None:
    text = """
    event go
        told when noon: It was noon.
        told
            One.
          | Two.
        told in summary when noon: So it went at noon.
        told in summary
            So it went.
          | And so it went on.
    event strike
        then noon
        told: It struck.
    """
    assert paragraphs(text, "\n".join(["go"] * 3 + ["strike"] + ["go"] * 4))[2:] in (
        [one, "It struck.", "It was noon.", "So it went at noon."] for one in ("So it went.", "And so it went on.")
    )


def test_the_first_time_is_of_each_move_with_its_arguments() -> None:
    text = """
    event fill(c: cup)
        told when first time: First {c}.
        told: {c} again.
    """
    assert paragraphs(text, "fill(mug)\nfill(glass)\nfill(mug)") == ["First the blue mug.", "First glass.", "The blue mug again."]


def test_what_follows_is_told_after_what_it_follows_from() -> None:
    text = """
    event go
        then noon
        told: It struck.
    trigger bell
        if noon
        then filled(mug)
        told: The mug was full.
    inference thirst by Ann
        if noon and filled(mug)
        then filled(glass)
        told to Ann
            Ann thinks: And so must the glass be.
    """
    assert paragraphs(text, "go") == ["It struck.", "The mug was full."]
    assert paragraphs(text, "go", teller="Ann") == ["It struck.", "The mug was full.", "And so must the glass be."]


INTENT = """
    wants Ann
        +1 filled(mug)    because "it had been a long morning"
    action pour by Ann
        if not filled(mug)
        then filled(mug)
        thinks from intention
        told
            She poured.
        told in summary
            She poured again.
    event spill
        if filled(mug)
        then not filled(mug)
        told: It spilt.
"""


def test_an_intention_is_thought_once_a_tale_and_by_its_owner_only() -> None:
    assert paragraphs(INTENT, "pour\nspill\npour", teller="Ann") == [
        "She poured.",
        "It had been a long morning.",
        "It spilt.",
        "She poured again.",
    ]
    assert paragraphs(INTENT, "pour", teller="Bo") == ["She poured."]


def test_moves_without_prose_are_told_plainly() -> None:
    text = """
    action pick_up(c: cup) by p: person
        then filled(c)
    action carry by Ann, Bo
    event strike_noon
        then noon
    """
    assert paragraphs(text, "pick_up(mug, Ann)\ncarry\nstrike_noon") == [
        "Ann picks up (the blue mug).",
        "Ann and Bo carry.",
        "Strike noon.",
    ]


def test_a_reason_can_stand_in_a_sentence_of_the_author() -> None:
    text = INTENT.replace("thinks from intention\n        told\n", "told: {Ann} poured, since {because}.\n        told\n")
    assert paragraphs(text, "pour\nspill\npour", teller="Ann") == [
        "Ann poured, since it had been a long morning.",
        "It spilt.",
        "She poured.",
    ]
    assert paragraphs(text, "pour", teller="Bo") == ["She poured."]


def test_reported_speech_has_no_quotation_marks() -> None:
    text = """
    action talk by Ann to Bo
        told
            Ann says that: Nobody would come. They never did.
            Bo: Somebody might.
            Ann says that: They would not.
    """
    assert paragraphs(text, "talk") == [
        "Nobody would come, said Ann. They never did.",
        "“Somebody might,” said Bo.",
        "They would not.",
    ]


# ---- what the tale has come to -----------------------------------------------------------------------------------------

OCCASIONS = """
    event pour(c: cup)
        told when not after strike: Before it struck.
        told when just after strike and first time: At once {c}.
        told when first time since strike: First {c}, since it struck.
        told when after pour(glass) since strike: After the glass, {c}.
        told: Then {c}.
    event strike
        told: It struck.
"""


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ("pour(mug)", "Before it struck."),
        ("strike pour(mug)", "At once the blue mug."),
        ("strike pour(mug) pour(glass)", "First glass, since it struck."),
        ("pour(mug) strike pour(mug)", "First the blue mug, since it struck."),
        ("strike pour(glass) pour(mug) pour(mug)", "After the glass, the blue mug."),
        ("pour(glass) strike pour(mug) pour(mug)", "Then the blue mug."),
        ("strike pour(glass) strike pour(mug) pour(mug)", "Then the blue mug."),
    ],
)
def test_blocks_ask_for_what_was_done_before(moves: str, told: str) -> None:
    assert paragraphs(OCCASIONS, moves.replace(" ", "\n"))[-1] == told


def test_neither_a_scene_nor_what_is_learned_comes_between_two_moves() -> None:
    text = """
    fact gone(cup): yes or no
    action hide(c: cup) by Bo
        then gone(c)
        seen by nobody
        told when learned: So that was gone.
    action look by Ann
        then tells Ann gone(mug)
        told: She looked.
    event strike
        told when just after look: It struck at once.
    event chime
        told when just after strike: It chimed at once.
    trigger echo
        upon gone(mug)
        if not noon
        then noon
        told: It echoed.
    scene "Noon"
        opens upon strike
        told: It was noon.
    scene "Later"
        opens upon chime
        told: It was later.
    ending "chime" if gone(glass)
        told: It was over.
    """
    told = paragraphs(text, "hide(mug)\nlook\nstrike\nchime\nhide(glass)", teller="Ann")
    assert told == [
        *("She looked.", "It echoed.", "So that was gone.", "It was noon.", "It struck at once."),
        *("It was later.", "It chimed at once.", "It was over."),
    ]


# ---- what the teller sees, learns, takes for so ------------------------------------------------------------------------

HIDDEN = """
    fact gone(cup): yes or no
    fact awake: yes or no
    action hide(c: cup) by Bo
        then gone(c)
        seen by nobody
        told when unseen: Somewhere a board creaked.
        told when learned: So Bo had hidden {c}.
        told: {Bo} hid {c}.
    action hide_quietly(c: cup) by Bo
        then gone(c)
        seen by nobody
        told: {Bo} hid {c}.
    action look(c: cup) by Ann
        then tells Ann gone(c)
        told when after hide(c): She looked for {c}, which he had hidden.
        told: She looked for {c}.
    action recall(c: cup) by Ann
        told when after hide(c): He had hidden {c}.
        told: She thought of {c}.
"""


def test_what_the_teller_does_not_see_is_told_when_it_is_learned() -> None:
    moves = "hide(mug)\nlook(glass)\nlook(mug)\nrecall(mug)\nrecall(glass)"
    assert paragraphs(HIDDEN, moves, teller="Ann") == [
        "Somewhere a board creaked.",
        "She looked for glass.",
        "She looked for the blue mug.",
        "So Bo had hidden the blue mug.",
        "He had hidden the blue mug.",
        "She thought of glass.",
    ]
    assert paragraphs(HIDDEN, moves, teller="Bo")[0] == "Bo hid the blue mug."
    assert paragraphs(HIDDEN, moves)[:3:2] == ["Bo hid the blue mug.", "She looked for the blue mug, which he had hidden."]


def test_of_what_the_teller_does_not_see_nothing_is_told_unless_the_author_says_so() -> None:
    assert paragraphs(HIDDEN, "hide_quietly(mug)\nlook(mug)", teller="Ann") == ["She looked for the blue mug."]
    pieces = tell(story(PEOPLE + HIDDEN), trace="hide(mug)\nlook(mug)", teller="Ann").told
    assert [(piece.occasion, piece.move) for piece in pieces] == [("move", "hide(mug)"), ("move", "look(mug)"), ("learned", "hide(mug)")]


def test_a_plain_move_out_of_sight_is_not_told() -> None:
    text = "    action hide by Bo\n        then noon\n        seen by nobody\n"
    assert paragraphs(text, "hide", teller="Ann") == []
    assert paragraphs(text, "hide") == ["Bo hides."]


MISREAD = """
    start
        Ann believes filled(mug)
    trigger stain
        if noon and filled(mug)
        then filled(glass)
        told: It ran over.
    inference guess by Bo
        if noon and not filled(mug)
        then filled(glass)
        told when unseen: Bo frowned.
        told: It was empty, then.
    event strike
        then noon
        told when teller believes filled(mug): It struck, and the mug was full for {teller.him}.
        told: It struck.
"""


def test_what_the_teller_takes_for_so_is_told_as_they_take_it() -> None:
    assert paragraphs(MISREAD, "strike", teller="Ann") == ["It struck, and the mug was full for her.", "It ran over.", "Bo frowned."]
    assert paragraphs(MISREAD, "strike", teller="Bo") == ["It struck.", "It was empty, then."]
    assert paragraphs(MISREAD, "strike") == ["It struck.", "It was empty, then."]


# ---- scenes, endings --------------------------------------------------------------------------------------------------

SCENES = """
    event strike
        then noon
        told: It struck.
    event pour(c: cup)
        then filled(c)
        told: {c} was filled.
    scene "Morning"
        opens upon pour when not noon
        closes upon filled(glass)
        told: It was early.
    scene "Noon"
        opens upon noon
        told: It was noon.
    ending "Tea" if noon and filled(mug)
        told: They drank.
"""


def test_scenes_open_before_a_move_and_after_what_comes_true() -> None:
    tale = tell(story(PEOPLE + SCENES), trace="pour(glass)\nstrike\npour(mug)")
    assert str(tale).split("\n\n") == [
        "Tea",
        "Morning",
        "It was early.",
        "Glass was filled.",
        "* * *",
        "It struck.",
        "Noon",
        "It was noon.",
        "The blue mug was filled.",
        "They drank.",
    ]
    assert tale.ending is not None and tale.ending.title == "Tea" and tale.stopped == "ending"


def test_a_scene_has_its_title_once_and_a_close() -> None:
    text = """
    event strike
        then noon
        told refrain: It struck.
    event rest
        told refrain: They rested.
    event sleep
        then not noon
        told to Ann: She slept.
    scene "Noon"
        opens upon strike
        closes upon sleep
        told when first time: For the first time.
        told when just after sleep: After the sleep.
        told at close: That was noon.
    """
    tale = tell(story(PEOPLE + text), trace="rest\nstrike\nsleep\nrest\nstrike\nsleep\nstrike")
    assert str(tale).split("\n\n")[1:] == [
        *("They rested.", "Noon", "For the first time.", "It struck.", "That was noon."),
        *("* * *", "They rested.", "* * *", "It struck.", "* * *", "After the sleep.", "It struck."),
    ]


def test_a_scene_does_not_open_by_what_the_teller_does_not_see() -> None:
    text = """
    action hide by Bo
        then noon
        seen by nobody
        told: He hid.
    scene "Hidden"
        opens upon hide
    scene "Noon"
        opens upon noon
        told: It was noon.
    """
    assert "Hidden" in str(tell(story(PEOPLE + text), trace="hide", teller="Bo"))
    assert str(tell(story(PEOPLE + text), trace="hide", teller="Ann")) == "Tea"


def test_a_beginning_of_a_tale_is_told_as_it_is_in_all_of_it() -> None:
    flagship = load("dont-stay")
    tale = tell(flagship, seed=3)
    for length in (5, 11, 20):
        told = tell(flagship, seed=3, trace=Trace(tale.trace.moves[:length])).told
        assert told == tale.told[: len(told)] and len(told) >= length


# ---- whole tales ------------------------------------------------------------------------------------------------------

CHANCES = """
    event heads
        if not noon
        then noon, filled(mug)
        weight 3
    event tails
        if not noon
        then noon, filled(glass)
    event never
        weight 0
    ending "Heads" if filled(mug)
    ending "Tails" if filled(glass)
"""


def test_moves_are_drawn_in_proportion_to_their_weights() -> None:
    flip = story(PEOPLE + CHANCES)
    endings = [tale.ending.title for tale in (tell(flip, seed=seed) for seed in range(800)) if tale.ending]
    assert len(endings) == 800
    assert 560 < endings.count("Heads") < 640


WEIGHTS = """
    fact steps: 0 to 30
    event one
        then steps rises
        weight 1/3
    event two
        then steps rises by 2
        weight if steps = 3 then 999999999999999967 / 7 else 0.25
    event three
        then steps rises by 3
        weight if steps = 3 then 999999999999999961 / 11 else 2
    event four
        if steps = 3
        then steps rises by 4
        weight 9 / 999999999999999989
    ending "Far" if steps = 30
"""


def drawn(world: World, seed: int) -> list[str]:
    """The moves of a random tale, each drawn by the words of the text: of all that is possible, by its weight."""
    chance, state, found = Chance(seed, MOVES), world.start, list[str]()
    while state.ending is None and len(found) < 60 and (possible := state.moves()):
        move = possible[chance.pick([weight for _, weight in possible])][0]
        found.append(str(move))
        state = state.after(move)
    return found


@pytest.mark.parametrize("which", ["weights", "flagship"])
def test_random_tales_are_drawn_move_by_move(which: str) -> None:
    world = ground(load("dont-stay") if which == "flagship" else story(PEOPLE + WEIGHTS))
    for seed in range(40):
        moves, states = wander(world, Chance(seed, MOVES), 60)
        assert [str(move) for move in moves] == drawn(world, seed)
        assert len(states) == len(moves) + 1
        assert all(before.after(move) == after for move, before, after in zip(moves, states, states[1:], strict=False))


def test_a_random_tale_says_where_it_is_undecided() -> None:
    world = ground(load("dont-stay"))
    world.core.patience = 0
    with pytest.raises(Undecided, match="before it was known whether somebody would"):
        wander(world, Chance(1, MOVES), 60)


def test_the_same_seed_tells_the_same_tale() -> None:
    flip = story(PEOPLE + CHANCES)
    assert all(str(tell(flip, seed=seed)) == str(tell(flip, seed=seed)) for seed in range(20))


def test_a_tale_stops_in_a_dead_end_and_at_its_length() -> None:
    dead = story(PEOPLE + "    event go\n        if not noon\n        then noon\n")
    assert tell(dead).stopped == "dead end"
    endless: Tale = tell(story(PEOPLE + "    event go\n"), longest=7)
    assert endless.stopped == "length" and len(endless.trace.moves) == 7


def test_a_trace_is_told_as_far_as_it_goes() -> None:
    tale = tell(story(PEOPLE + CHANCES), trace="")
    assert tale.stopped == "trace" and tale.paragraphs == ()


def test_a_trace_that_cannot_be_is_refused() -> None:
    flip = story(PEOPLE + CHANCES)
    with pytest.raises(ImpossibleTrace, match=r"Move 2 .*after the ending"):
        tell(flip, trace="heads\ntails")
    with pytest.raises(ImpossibleTrace, match="condition"):
        tell(story(PEOPLE + "    event go\n        if noon\n"), trace="go")
    with pytest.raises(UnknownMove, match="Did you mean heads"):
        tell(flip, trace="head")


def test_only_a_person_can_be_the_teller() -> None:
    with pytest.raises(StoryError) as error:
        tell(story(PEOPLE + CHANCES), teller="An")
    assert error.value.diagnostics[0].code == "unknown-teller" and "Ann" in error.value.diagnostics[0].hint
