"""The prose that comes with Everytale: what can be counted of it, over many tales of every story and over every shoulder."""

from __future__ import annotations

import pytest

from everytale.loader import bundled, load
from everytale.telling import Told, quality
from everytale.telling.quality import examine
from everytale.telling.reading import syllables
from tests.test_telling import HIDDEN, PEOPLE, story

TALES = 200


@pytest.mark.parametrize("name", bundled())
def test_nothing_is_wrong_with_what_is_told(name: str) -> None:
    found = load(name)
    looked_at = [examine(found, TALES, teller=teller) for teller in quality.shoulders(found)]
    faults = [fault for one in looked_at for fault in one.faults]
    assert [(fault.what, fault.seed, fault.text) for fault in faults] == []
    assert looked_at[0].sequences >= 0.9 * TALES
    assert len(quality.never_told(looked_at)) <= 0.3 * len({one for each in looked_at for one in each.alternatives})


# ---- the checker finds what it is there to find ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("find", "wrong", "right"),
    [
        (quality.unresolved, ["He saw {Jack}.", "It was the next_door cat."], ["He saw Jack, next door."]),
        (quality.badly_spaced, ["He  went.", "He went .", "He went,, slowly.", "He went.. Out.", "He said “”."], ["He went… out. “No.”"]),
        (quality.broken_quotes, ["“Go.", "Go.”", "“Go “on”.”", 'He said "no".'], ["“Go,” he said. “It’s ‘late’.”"]),
        (
            quality.disagreements,
            ["And he are late.", "So they is here.", "Then she have gone.", "Since he don’t care.", "I has it."],
            ["As if he were late.", "Should he have gone, they are here.", "What did he do?", "They have; she has.", "Let him have it."],
        ),
        (quality.wrong_articles, ["It was a apple.", "It was an dog."], ["An hour, a union, a one-off, an apple, a dog, an “R”."]),
        (quality.doubled_words, ["He went to to town."], ["He had had enough; she said that that was so, and what there was was this."]),
        (
            lambda text: quality.wrong_reflexives(story(PEOPLE), text),
            ["Ann hurt himself."],
            ["Ann hurt herself.", "Bo saw that Ann hurt herself.", "Ann let one help himself."],
        ),
        (
            lambda text: quality.told_twice(text.split("\n")),
            ["It was late by then.\n“Go.” It was late by then.", "“Go. It was late by then.”\nIt was late by then."],
            ["“I can’t.”\n“I can’t.”", "It was late by then.\nIt was late by now."],
        ),
    ],
)
def test_each_fault_is_found_and_nothing_else(find, wrong: list[str], right: list[str]) -> None:  # type: ignore[no-untyped-def]
    assert [text for text in wrong if not find(text)] == []
    assert [text for text in right if find(text)] == []


def test_what_nobody_could_know_is_found() -> None:
    from everytale.ground import ground
    from everytale.minds import replay
    from everytale.world import Trace

    world = ground(story(PEOPLE + HIDDEN))
    moves = [world.move("hide_quietly(mug)"), world.move("look(glass)")]
    states = replay(world, Trace(tuple(move.move for move in moves)))
    honest = [Told("move", (), "hide_quietly(mug)"), Told("move", ("She looked for glass.",), "look(glass)")]
    assert quality.unknown_to("Ann", honest, moves, states) == []
    assert quality.unknown_to("Ann", [honest[0]._replace(paragraphs=("Bo hid it.",)), honest[1]], moves, states) == ["Bo hid it."]
    assert quality.unknown_to("Bo", [honest[0]._replace(paragraphs=("Bo hid it.",)), honest[1]], moves, states) == []
    doubted = states[1].supposing(("Bo",), next(one for one in world.fluents if str(one) == "gone(mug)"), False)
    told = [honest[0]._replace(paragraphs=("Bo hid it.",)), honest[1]]
    assert quality.unknown_to("Bo", told, moves, (states[0], doubted, *states[2:])) == ["Bo hid it."]
    early = [*honest, Told("learned", ("So he had hidden it.",), "hide_quietly(mug)")]
    assert quality.unknown_to("Ann", early, moves, states) == ["So he had hidden it."]


def test_what_is_told_again_and_what_is_never_told_are_found() -> None:
    text = """
    event go
        if not noon
        told refrain
            Round and round it went.
          | Then it went round again.
    event stop
        then noon
        told: At last it came to a stop.
    event start_again
        if filled(mug)
        told: Then it went round again, and again.
    ending "Over" if noon
        told: At last it came to a stop.
    """
    found = examine(story(PEOPLE + text), 20)
    assert {(fault.what, fault.text) for fault in found.faults} == {("told twice", "At last it came to a stop.")}
    assert [(one.where, one.beginning) for one in quality.never_told([found])] == [("start_again", "Then it went round again, and again.")]
    assert len(found.alternatives) == 5 and found.sequences == len({one.moves for one in found.measures})


# ---- measures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("the", 1),
        ("table", 2),
        ("stopped", 1),
        ("wanted", 2),
        ("houses", 2),
        ("goes", 1),
        ("ladder", 2),
        ("makes", 1),
        ("people", 2),
        ("sky", 1),
    ],
)
def test_syllables_are_counted(word: str, count: int) -> None:
    assert syllables(word) == count


def test_reading_ease_is_fleschs() -> None:
    assert quality.ease(6, 1, 6) == pytest.approx(206.835 - 1.015 * 6 - 84.6)
    assert quality.ease(12, 1, 12) < quality.ease(6, 1, 6)
    assert quality.ease(0, 0, 0) == 100


def test_a_tale_is_measured() -> None:
    told = [Told("scene", ("He came in. He sat down. He got up.",)), Told("move", ("“No.”",), "a"), Told("move", (), "b")]
    found = quality.measure(told, 2)
    assert (found.moves, found.silent, found.lengths, found.words) == (2, 1, (3, 3, 3, 1), 10)
    assert found.alike == 250
    assert quality.spread([1.0]) == (1.0, 1.0, 1.0) and quality.spread(list(range(11))) == (1, 5, 9)


def test_an_alternative_is_told_if_it_is_told_over_any_shoulder() -> None:
    text = "    event go\n        then noon\n        told to Ann: She went.\n        told to Bo: He went.\n        told: They went.\n"
    found = story(PEOPLE + text + '    ending "Over" if noon\n')
    over = [examine(found, 2, teller=teller) for teller in quality.shoulders(found)]
    assert quality.shoulders(found) == [None, "Ann", "Bo"]
    assert [one.beginning for one in quality.never_told(over[1:])] == ["They went."]
    assert quality.never_told(over) == []
