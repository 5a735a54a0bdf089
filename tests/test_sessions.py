"""A session: what can be chosen, what the others do then, going back, and that a seed and choices are the whole tale."""

from __future__ import annotations

import random
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everytale.diagnostics import Source, Span, StoryError
from everytale.ground import ground
from everytale.language import read_story
from everytale.language.format import format_story
from everytale.loader import load
from everytale.minds import follow
from everytale.play import Option, Played, Session
from everytale.play.reasons import expected, why
from everytale.realm import explore
from everytale.story import Story
from everytale.telling import tell
from everytale.world import Undecided
from everytale.world.trace import read_move
from tests.random_worlds import stories

TEA = """
    tale "Tea"
    kind person: Ann (she), Bo (he)
    kind cup: mug "the blue mug", glass
    fact poured(cup): yes or no
    fact asked, thanked, dark: yes or no
    wants Bo
        +1 thanked   because "nobody had said it all week"

    action pour(c: cup) by Ann
        if not poured(c)
        then poured(c)
        told: {Ann} filled {c}.
    action ask by Ann to Bo
        if not asked
        then asked
        choice "Ask {Bo.him} whether \'one\' is enough..."
    action thank by Bo to Ann
        if poured(mug)
        then thanked
        told: Bo: Thanks.
    event dusk
        if poured(mug) and not dark
        then dark
        told: It got dark.
    ending "Tea" if thanked
        told: That was that.
"""


def no_file(name: str, span: Span) -> Source:
    raise StoryError(())


def story(text: str) -> Story:
    found, diagnostics = read_story(Source("test.tale", dedent(text)), no_file)
    assert found is not None, diagnostics
    return found


def labels(session: Session) -> list[str]:
    return [option.label for option in session.options]


def choose(session: Session, *words: str) -> None:
    for label in words:
        session.choose(next(option for option in session.options if option.label == label))


def moves(session: Session) -> list[str]:
    return [str(turn.move) for turn in session.turns]


# ---- what can be chosen ------------------------------------------------------------------------------------------------


def test_a_player_can_do_what_is_out_of_character() -> None:
    session = Session(story(TEA), "Ann", 1)
    assert labels(session) == ["Pour (the blue mug)", "Pour (glass)", "Ask him whether ‘one’ is enough…"]


def test_waiting_is_offered_where_something_happens_without_the_player() -> None:
    session = Session(story(TEA), "Ann", 1)
    choose(session, "Pour (the blue mug)")
    assert labels(session) == ["Pour (glass)", "Ask him whether ‘one’ is enough…", "Wait"]
    before = len(session.turns)
    choose(session, "Wait")
    assert len(session.turns) == before + 1 and moves(session)[-1] in ("thank", "dusk")


def test_nobody_else_moves_between_two_choices_unless_the_player_waits() -> None:
    session = Session(story(TEA), "Ann", 1)
    choose(session, "Pour (the blue mug)", "Pour (glass)")
    assert moves(session) == ["pour(mug)", "pour(glass)"]


def test_the_tale_goes_on_by_itself_where_there_is_nothing_to_choose() -> None:
    session = Session(story(TEA), "Ann", 3)
    choose(session, "Pour (the blue mug)", "Pour (glass)", "Ask him whether ‘one’ is enough…")
    assert session.stopped == "ending" and session.ending is not None and session.ending.title == "Tea"
    assert moves(session)[-1] == "thank" and not session.options
    assert [turn.option for turn in session.turns[3:]] == [None] * len(session.turns[3:])


def test_a_move_that_takes_two_needs_the_other_one() -> None:
    session = Session(
        story("""
            kind person: Ann (she), Bo (he)
            fact danced, bowed: yes or no
            wants Bo
                +1 bowed
            action dance by Ann, Bo
                then danced
            action bow by Ann, Bo
                then bowed
            """),
        "Ann",
        1,
    )
    assert labels(session) == ["Bow"]


def test_what_is_wrongly_believed_to_be_impossible_cannot_be_chosen() -> None:
    text = """
        kind person: Ann (she), Bo (he)
        fact open, gone: yes or no
        start
            open
            Ann believes not open
        action leave by Ann
            if open and not gone
            then gone
        action say_so by Ann
            if not open
            then gone
        event wind
    """
    session = Session(story(text), "Ann", 1)
    assert session.options == () and session.stopped == "length" and moves(session)[0] == "wind"


def test_without_moves_or_an_ending_it_is_a_dead_end() -> None:
    session = Session(story("kind person: Ann (she)\nfact lit: yes or no\naction light by Ann\n    if not lit\n    then lit\n"), "Ann", 1)
    assert session.stopped is None
    choose(session, "Light")
    assert session.stopped == "dead end" and session.options == ()


def test_two_choices_of_the_same_words_are_told_apart() -> None:
    text = """
        kind person: Ann (she)
        kind cup: mug, glass
        fact full(cup): yes or no
        action fill(c: cup) by Ann
            choice "Pour"
            then full(c)
    """
    assert labels(Session(story(text), "Ann", 1)) == ["Pour [fill(mug)]", "Pour [fill(glass)]"]


def test_only_people_of_the_story_can_be_played() -> None:
    with pytest.raises(StoryError, match="is nobody with a mind"):
        Session(story(TEA), "Anne", 1)
    with pytest.raises(ValueError, match="cannot be chosen here"):
        Session(story(TEA), "Ann", 1).choose(Option(None, "Wait"))


def test_what_is_undecided_stops_a_session_and_leaves_it_as_it_was() -> None:
    tea = story(TEA)
    session = Session(tea, "Ann", 1)
    world = session.world
    world.core.patience, patience = 0, world.core.patience
    try:
        with pytest.raises(Undecided):
            choose(session, "Pour (the blue mug)")
        assert session.turns == () and "Pour (the blue mug)" in labels(session)
    finally:
        world.core.patience = patience
    choose(session, "Pour (the blue mug)")
    assert moves(session) == ["pour(mug)"]


# ---- words for a choice ------------------------------------------------------------------------------------------------


def test_the_words_of_a_choice_are_written_back() -> None:
    tea = story(TEA)
    assert 'choice "Ask {Bo.him} whether' in format_story(tea) and story(format_story(tea)) == tea


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('choice "Ask {Cy}"', "unknown-name"),
        ('choice ""', "missing-part"),
        ("choice yes", "unexpected"),
        ('choice "One"\n    choice "Two"', "said-twice"),
        ('choice "Ask {Bo.hum}"', "wrong-slot"),
        ('choice "Ask {Bo"', "unclosed-brace"),
    ],
)
def test_what_is_wrong_with_a_choice_is_said(line: str, code: str) -> None:
    text = f'kind person: Bo (he)\nfact lit: yes or no\naction light by Bo\n    then lit\n    {line}\nending "E" if lit\n'
    assert [one.code for one in read_story(Source("test.tale", text), no_file)[1]] == [code]


def test_only_actions_have_a_choice() -> None:
    text = 'kind person: Bo (he)\nfact lit: yes or no\nevent dawn\n    then lit\n    choice "Rise"\nending "E" if lit\n'
    [found] = read_story(Source("test.tale", text), no_file)[1]
    assert found.code == "misplaced-line" and "somebody must do it" in found.hint


# ---- the whole tale ----------------------------------------------------------------------------------------------------


def test_a_seed_and_choices_are_the_whole_tale() -> None:
    tales = []
    for _ in range(2):
        session = Session(story(TEA), "Ann", 5)
        choose(session, "Ask him whether ‘one’ is enough…", "Pour (the blue mug)", "Wait")
        tales.append(session.transcript())
    assert tales[0] == tales[1]


def test_this_is_the_tale_of_seed_1_everywhere() -> None:
    session = Session(story(TEA), "Ann", 1)
    choose(session, "Pour (the blue mug)", "Wait", "Ask him whether ‘one’ is enough…", "Pour (glass)")
    assert session.transcript() == dedent("""\
        # Tea

        > Pour (the blue mug)

        Ann filled the blue mug.

        > Wait

        It got dark.

        > Ask him whether ‘one’ is enough…

        Ann asks.

        > Pour (glass)

        Ann filled glass.

        “Thanks,” said Bo.

        That was that.

        *Tea*
        """)


def test_a_played_tale_is_told_as_its_trace_is() -> None:
    session = Session(story(TEA), "Ann", 5)
    while session.options:
        session.choose(session.options[-1])
    assert session.told == tell(session.story, seed=5, teller="Ann", trace=session.trace).told


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(stories(), st.integers(0, 1000), st.randoms(use_true_random=False))
def test_going_back_is_as_if_one_had_not_gone_on(tale: Story, seed: int, chance: random.Random) -> None:
    session = begun(tale, seed, chance)
    if session is None:
        return
    for _ in range(12):
        if not session.options or (session.points and chance.random() < 0.25):
            if not session.points:
                return
            session.rewind(chance.choice(session.points)) if chance.random() < 0.5 else session.undo()
        if not played(session, chance):
            return
        again = Session(tale, session.player, seed)
        for turn in session.turns:
            if turn.option is not None:
                again.choose(turn.option)
        assert (again.turns, again.options, again.stopped, again.transcript()) == (
            *(session.turns, session.options, session.stopped, session.transcript()),
        )
        assert Session(tale, session.player, seed, made=session.made).turns == session.turns


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(stories(), st.integers(0, 1000), st.randoms(use_true_random=False))
def test_a_played_realm_and_a_session_offer_the_same(tale: Story, seed: int, chance: random.Random) -> None:
    session = begun(tale, seed, chance)
    if session is None:
        return
    try:
        realm = explore(tale, player=session.player, within=4)
    except StoryError:
        return
    situation = 0
    for turn in session.turns[:3]:
        links = realm.links(situation)
        own, drawn = turn.before.choices(session.player)
        assert [str(move) for move, _, _ in links] == [*map(str, own), *(str(move) for move, _ in drawn)]
        situation = next(target for move, _, target in links if str(move) == str(turn.move))


def begun(tale: Story, seed: int, chance: random.Random) -> Session | None:
    """A session of a random story, which may break one of its own rules at any moment."""
    try:
        session = Session(tale, chance.choice(tale.people), seed)
        for _ in range(3):
            if session.options:
                session.choose(chance.choice(session.options))
        return session
    except (StoryError, Undecided):
        return None


def played(session: Session, chance: random.Random) -> bool:
    try:
        if session.options:
            session.choose(chance.choice(session.options))
        return True
    except (StoryError, Undecided):
        return False


# ---- going back --------------------------------------------------------------------------------------------------------


def test_undo_goes_back_to_the_choice_before() -> None:
    session = Session(story(TEA), "Ann", 1)
    choose(session, "Pour (the blue mug)")
    before = session.turns, session.options
    choose(session, "Wait")
    session.undo()
    assert (session.turns, session.options) == before
    session.undo()
    assert session.turns == () and session.points == ()
    with pytest.raises(ValueError, match="no choice"):
        session.undo()


def test_one_can_go_back_to_any_choice_and_to_nothing_else() -> None:
    session = Session(story(TEA), "Ann", 3)
    choose(session, "Pour (the blue mug)", "Pour (glass)", "Ask him whether ‘one’ is enough…")
    assert session.points == (0, 1, 2) and session.stopped == "ending"
    with pytest.raises(ValueError, match="nothing was chosen at turn 3"):
        session.rewind(3)
    session.rewind(1)
    assert moves(session) == ["pour(mug)"] and session.stopped is None


# ---- moves that were made before ---------------------------------------------------------------------------------------


def made(*words: str) -> list[Played]:
    return [Played(read_move(word.removesuffix("!")), word.endswith("!")) for word in words]


def test_moves_made_before_count_whatever_the_seed_would_draw() -> None:
    for seed in range(6):
        session = Session(story(TEA), "Ann", seed, made=made("pour(mug)!", "dusk", "pour(glass)!"))
        assert session.departure is None and moves(session) == ["pour(mug)", "dusk", "pour(glass)"]
        assert session.points == (0, 1, 2)


@pytest.mark.parametrize(
    ("words", "number", "reason"),
    [
        (["pour(mug)!", "pour(mug)!"], 2, "Ann cannot do that there"),
        (["thank"], 1, "it cannot happen there"),
        (["pour(jug)!"], 1, "the story has no such move"),
        (["brew!"], 1, "the story has no such move"),
        (["pour(mug)!", "thank", "pour(glass)!"], 3, "the tale has ended before (“Tea”)"),
        (["pour(mug)!", "ask"], 2, "it cannot happen there"),
    ],
)
def test_where_moves_no_longer_fit_it_is_said_and_the_tale_goes_on_from_there(words: list[str], number: int, reason: str) -> None:
    session = Session(story(TEA), "Ann", 1, made=made(*words))
    assert session.departure is not None
    assert (session.departure.number, session.departure.reason) == (number, reason)
    assert moves(session)[: number - 1] == [word.removesuffix("!") for word in words[: number - 1]]
    assert f"Move {number}, {words[number - 1].removesuffix('!')}, does not: {reason}." in str(session.departure)


# ---- why ---------------------------------------------------------------------------------------------------------------

DOOR = """
    tale "Door"
    kind person: Ann (she), Bo (he)
    fact open, cold, in_love: yes or no
    start
        Ann believes in_love
    wants Bo
        +1 open and not in_love   because "the room was too warm"
        +1 open and in_love       because "he hoped to be seen"
    action open_it by Bo
        if not open
        then open
        told: Bo opened the door.
    action hum by Ann
        told: Ann hummed.
    action sneak by Bo
        if open and not cold
        then cold
        seen by nobody
        expressive
        told: Something was cold.
    event draught
        if cold
        told: A draught.
"""


def test_without_spoilers_why_says_what_the_player_makes_of_it() -> None:
    session = Session(story(DOOR), "Ann", 1)
    choose(session, "Hum", "Wait")
    assert list(why(session, 0)) == ["You chose it. Ann had no reason to."]
    assert list(why(session, 1)) == ["As Ann saw it, Bo had something to gain by it: he hoped to be seen."]
    assert next(why(session, 1, spoilers=True)).startswith("Bo did it because the room was too warm.")


def test_what_others_might_do_is_read_in_the_mind_of_who_is_played() -> None:
    wary = DOOR.replace("+1 open and in_love", "+1 open and in_love and not cold")
    wary = wary.replace("Ann believes in_love", "Ann believes in_love\n        Ann believes cold")
    assert list(expected(Session(story(DOOR), "Ann", 1))) == ["Bo: Open it."]
    assert list(expected(Session(story(wary), "Ann", 1))) == ["Bo: nothing that Ann can think of."]
    assert list(expected(Session(story(DOOR), "Bo", 1))) == ["Ann: nothing that Bo can think of."]


def test_what_the_player_does_not_see_has_no_reasons() -> None:
    session = Session(story(DOOR), "Ann", 1)
    choose(session, "Wait", "Wait", "Wait")
    assert moves(session) == ["open_it", "sneak", "draught"]
    assert list(why(session, 1)) == ["Ann did not see it."]
    assert next(why(session, 1, spoilers=True)).startswith("It slipped out of Bo")
    assert list(why(session, 2)) == ["Nobody chose it: it was an event."]


# ---- the flagship ------------------------------------------------------------------------------------------------------


def test_200_random_playthroughs_of_the_flagship() -> None:
    """Whoever is played and however: every choice can be made, what follows is possible, and nothing takes long or much."""
    tale = load("dont-stay")
    world = ground(tale)
    endings = set()
    for seed in range(200):
        chance = random.Random(seed)
        session = Session(tale, chance.choice(["Ianto", "Jack"]), seed)
        while session.options and len(session.points) < 120:
            session.choose(chance.choice(session.options))
        assert session.stopped != "length"
        endings.add(session.ending and session.ending.title)
        if seed % 20 == 0:
            checked = follow(tale, session.trace)
            assert checked.complete and [str(step.move) for step in checked.moves] == moves(session)
            for turn, step in zip(session.turns, checked.moves, strict=True):
                assert turn.chosen or step.ok
    assert len(endings - {None}) >= 2
    assert world.core.figures()["bytes"] < 150_000_000


def test_everything_that_can_be_chosen_in_the_flagship_is_in_the_authors_words() -> None:
    assert [action.name for action in load("dont-stay").actions if not action.is_event and not action.choice] == []
