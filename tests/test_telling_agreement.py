"""The core tells what the slow teller tells (`tests/reference/telling`): the same paragraphs from the same seed, move by move.

A plain run of the tests tries the same few hundred stories every time, ``make fuzz`` others.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import cache

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from everytale.chance import Chance
from everytale.core import English
from everytale.diagnostics import StoryError
from everytale.ground import ground
from everytale.loader import bundled, load
from everytale.story import Story
from everytale.telling.script import Script
from everytale.telling.tell import LONGEST, MOVES, Teller, wander
from everytale.world import GroundMove, State, Undecided, World
from tests.random_prose import told_stories
from tests.reference import telling as slow
from tests.reference.telling import english, letters, verbs
from tests.reference.telling.prose import filled

FUZZ = os.environ.get("EVERYTALE_FUZZ")
TALES = 40
STORIES = int(FUZZ) // 10 if FUZZ else 100
TEXTS = int(FUZZ) if FUZZ else 1000
LONGEST_STROLL = 15

PATIENT = settings(deadline=None, derandomize=FUZZ is None, suppress_health_check=list(HealthCheck))


# ---- tales -----------------------------------------------------------------------------------------------------------


def same_tales(world: World, tales: Iterable[tuple[list[GroundMove], list[State]]]) -> None:
    """The tales are told the same at every shoulder, each by its own seed, move by move."""
    for teller in (None, *world.story.people):
        script, slowly = Script(world, teller), slow.Script(world, teller)
        for seed, (moves, states) in enumerate(tales):
            fast, twin = Teller(script, seed), slow.Teller(slowly, seed)
            for move, before, after in zip(moves, states, states[1:], strict=False):
                assert fast.move(move, before, after) == tuple(twin.move(move, before, after))
            if states[-1].ending is not None:
                assert fast.ending(states[-1].ending, states[-1]) == tuple(twin.ending(states[-1].ending, states[-1]))
            assert fast.refrains == twin.prose.refrains


def strolls(world: World, seed: int) -> tuple[list[GroundMove], list[State]]:
    """Moves that the world allows, whoever would make them: most worlds end soon where people have reasons."""
    chance, moves, states = Chance(seed), list[GroundMove](), [world.start]
    while len(moves) < LONGEST_STROLL and (possible := world.core.applicable(states[-1].handle)):
        moves.append(world.moves[possible[chance.below(len(possible))]])
        states.append(states[-1].after(moves[-1]))
    return moves, states


@pytest.mark.parametrize("name", bundled())
def test_the_stories_in_the_box_are_told_the_same_at_every_shoulder(name: str) -> None:
    world = ground(load(name))
    same_tales(world, [wander(world, Chance(seed, MOVES), LONGEST) for seed in range(TALES)])


@pytest.mark.fuzz
@settings(PATIENT, max_examples=STORIES)
@given(told_stories())
def test_any_story_is_told_the_same_at_every_shoulder_and_its_choices_read_the_same(story: Story) -> None:
    try:
        world = ground(story)
        same_tales(world, [strolls(world, seed) for seed in range(2)])
        script = Script(world, None)
        for move in world.moves:
            if move.action.choice:
                assert script.label(move, world.start, story.people[0]) == filled(move.action.choice, world.start, move.binding)
    except (StoryError, Undecided):
        assume(False)


# ---- damaged books ---------------------------------------------------------------------------------------------------


def test_a_long_text_that_stands_in_many_places_is_refused_before_it_is_told() -> None:
    world, _ = whole()
    script = Script(world, None)
    script.strings = ["so on and on, " * 10_000 for _ in script.strings]  # names too
    with pytest.raises(ValueError, match="too long"):
        _ = script.book


@cache
def whole() -> tuple[World, list[tuple[list[GroundMove], list[State]]]]:
    world = ground(load("low-water"))
    return world, [wander(world, Chance(seed, MOVES), LONGEST) for seed in range(4)]


@pytest.mark.fuzz
@settings(PATIENT, max_examples=TEXTS // 4)
@given(st.data())
def test_a_damaged_book_is_refused_or_told_but_breaks_nothing(data: st.DataObject) -> None:
    world, tales = whole()
    script = Script(world, data.draw(st.sampled_from([None, *world.story.people])))
    column = script.columns[data.draw(st.sampled_from(sorted(script.columns)))]
    number = st.integers(-2, 12) | st.integers(-(2**63), 2**63 - 1)
    if column and data.draw(st.booleans()):
        column[data.draw(st.integers(0, len(column) - 1))] = data.draw(number)
    elif column and data.draw(st.booleans()):
        del column[data.draw(st.integers(0, len(column) - 1)) :]
    else:
        column.append(data.draw(number))
    try:
        teller = Teller(script, 1)
        for moves, states in tales:
            teller.tale(moves, states, states[-1].ending)
        for move in world.moves:
            script.label(move, world.start, world.story.people[0])
    except (ValueError, IndexError, StoryError):
        pass


# ---- English ---------------------------------------------------------------------------------------------------------

TEXT = st.text(
    st.one_of(st.sampled_from(" .!?…,'\"“”‘’()-—–\n\t aAbeosyz09_"), st.characters(exclude_categories=("Cs",))),
    max_size=40,
) | st.lists(
    st.sampled_from(
        ["Mr. ", "No. ", "5", "'em", "'tis ", "'58s", "...", "--", '"', "'", " ", "Jack", "élan", "É", ". ", "?” ", "said", "’s", "(", "\n"]
    ),
    max_size=12,
).map("".join)


def test_letters_are_the_same_in_all_of_unicode() -> None:
    characters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    assert [one for one in characters if English.is_letter(one) != letters.is_letter(one)] == []
    assert [one for one in characters if English.lower(one) != letters.lower(one)] == []
    assert [one for one in characters if English.capital(one) != english.capital(one)] == []


def test_letters_are_what_python_takes_for_letters_in_the_alphabets_of_europe() -> None:
    alphabets = [
        chr(code)
        for low, high in ((0, 0x24F), (0x386, 0x3FF), (0x400, 0x481), (0x48A, 0x52F), (0x1E00, 0x1EFF))
        for code in range(low, high + 1)
    ]
    assert "".join(one for one in alphabets if English.is_letter(one) != one.isalpha()) == "\u038b\u038d\u03a2\u03f6"


@pytest.mark.fuzz
@settings(PATIENT, max_examples=TEXTS)
@given(TEXT)
def test_texts_are_set_and_split_the_same(text: str) -> None:
    assert English.typographic(text) == english.typographic(text)
    assert English.sentences(text) == english.sentences(text)
    assert English.words(text) == english.words(text)
    assert English.begins_sentence(text) == english.begins_sentence(text)
    assert English.capital(text) == english.capital(text)
    assert English.lower(text) == letters.lower(text)


@pytest.mark.fuzz
@settings(PATIENT, max_examples=TEXTS)
@given(TEXT, st.sampled_from(["", "said Jack"]), st.booleans())
def test_it_is_said_the_same_who_speaks(text: str, said: str, quoted: bool) -> None:
    assert English.speech(text, said, quoted=quoted) == english.speech(text, said, quoted=quoted)


KNOWN = [verbs.singular(verb) for verb in (*verbs._IRREGULAR, *verbs._STRESSED_LATE.split())]


@pytest.mark.fuzz
@settings(PATIENT, max_examples=TEXTS)
@given(
    st.sampled_from([*verbs._PLURALS, *KNOWN]) | st.text("aeiouystpwqxhzcé", max_size=7).map(lambda verb: verb + "s"),
    st.sampled_from(["I", "he", "they"]),
)
def test_verbs_agree_the_same(verb: str, agreement: verbs.Agreement) -> None:
    assert English.agreeing(verb, agreement, past=False) == verbs.agreeing(verb, agreement)
    assert English.agreeing(verb, agreement, past=True) == verbs.agreeing(verb, agreement, "past")
    assert English.singular(verb[:-1]) == verbs.singular(verb[:-1])


def test_every_verb_of_the_lists_agrees_the_same() -> None:
    for verb in (*KNOWN, *verbs._PLURALS):
        assert English.agreeing(verb, "they", past=True) == verbs.agreeing(verb, "they", "past")
