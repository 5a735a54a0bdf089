"""Whatever the readers are given, they answer with a story or with errors: never a traceback, never without end.

``make fuzz`` tries 100,000 damaged texts; a plain run of the tests a few hundred.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everytale.diagnostics import Source, Span, StoryError
from everytale.ground import ground
from everytale.language import read_story
from everytale.language.sabre import read_problem
from everytale.story import Story

CHECKOUT = Path(__file__).parents[1]
TALES = sorted((CHECKOUT / "src" / "everytale" / "stories").rglob("*.tale"))
PROBLEMS = sorted((CHECKOUT / ".." / "shared" / "sabre" / "problems").resolve().glob("*.txt"))

TRIES = int(os.environ.get("EVERYTALE_FUZZ", "500"))
PORTIONS = 10
PATIENCE = 10.0  # seconds for one text of some dozens of lines

VOCABULARY = (
    "tale teller minds horizon include kind role fact start wants danger stage action event trigger inference ending scene test told when "
    "first time again once to if then else weight seen by everybody nobody expressive asks answers thinks from intention interrupts upon "
    "because opens closes given after expect not and or is in believes knows common tells rises eases every some person except for number "
    'of sum with each unknown yes no ( ) { } : , = != < >= + - * / | # " " 1 999999999999999999999 -3 Jack he she they cat'
)
WORDS = [*VOCABULARY.split(), "\n", "\n    ", "\n        ", "\n\t", "\n      | "]


def no_such_file(name: str, span: Span) -> Source:
    raise StoryError(())


def lines_of(texts: list[Path]) -> list[list[str]]:
    return [path.read_text(encoding="utf-8").splitlines(keepends=True) for path in texts]


def excerpt(chance: random.Random, files: list[list[str]]) -> str:
    """The smallest file, or some dozens of lines from here and there, so that what they speak of is partly missing."""
    if chance.random() < 0.2:
        return "".join(min((lines for lines in files if not any(line.startswith("include") for line in lines)), key=len))
    lines = chance.choice(files)
    picked: list[str] = []
    for _ in range(chance.randint(1, 4)):
        begin = chance.randrange(len(lines))
        picked += lines[begin : begin + chance.randint(1, 25)]
    return "".join(picked)


def damaged(chance: random.Random, text: str) -> str:
    """``text`` after a few accidents to its bytes."""
    data = bytearray(text.encode("utf-8"))
    for _ in range(chance.randint(0, 6)):
        place, length = chance.randrange(len(data) + 1), chance.randint(1, 12)
        match chance.randrange(6):
            case 0:
                del data[place : place + length]
            case 1:
                data[place:place] = bytes(chance.randrange(256) for _ in range(length))
            case 2:
                data[place : place + 1] = bytes([chance.randrange(256)])
            case 3:
                data[place:place] = data[chance.randrange(len(data) + 1) :][:length]
            case 4:
                data[place:place] = f" {chance.choice(WORDS)} ".encode()
            case _:
                data[place:place] = chance.choice([b"(", b"not ", b"{", b'"', b"    "]) * chance.choice([1, 2, 500])
    return data.decode("utf-8", errors="replace")


def portion(number: int) -> Iterator[random.Random]:
    """A generator of randomness for each try of a portion: the same in every run."""
    return (random.Random(f"{number} {count}") for count in range(max(1, TRIES // PORTIONS)))


def answers(name: str, text: str) -> Story | None:
    source = Source(name, text)
    begun = time.process_time()
    story, diagnostics = read_story(source, no_such_file) if name.endswith(".tale") else read_problem(source)
    assert time.process_time() - begun < PATIENCE, text
    assert story is not None or any(diagnostic.severity == "error" for diagnostic in diagnostics), text
    for diagnostic in diagnostics:
        if diagnostic.span is not None:
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(diagnostic.span.source.text), text
    return story


def follow_somewhere(story: Story, chance: random.Random) -> None:
    """Ground a story that was read and make a few moves in it: errors are a ``StoryError``, or a move that is not possible."""
    try:
        state = ground(story, minds=1, horizon=2).start
        for _ in range(3):
            moves = [move for move, weight in state.moves() if weight > Fraction(0)]
            if not moves or state.ending is not None:
                break
            state = state.after(chance.choice(moves))
    except StoryError as error:
        assert error.diagnostics


@pytest.mark.fuzz
@pytest.mark.parametrize("number", range(PORTIONS))
def test_a_damaged_story_is_answered(number: int) -> None:
    files = lines_of(TALES)
    for chance in portion(number):
        story = answers("damaged.tale", damaged(chance, excerpt(chance, files)))
        if story is not None:
            follow_somewhere(story, chance)


@pytest.mark.fuzz
@pytest.mark.skipif(not PROBLEMS, reason="the planner's problem files are not beside this checkout")
@pytest.mark.parametrize("number", range(PORTIONS))
def test_a_damaged_problem_is_answered(number: int) -> None:
    files = lines_of(PROBLEMS)
    for chance in portion(number):
        answers("damaged.txt", damaged(chance, excerpt(chance, files)))


@pytest.mark.fuzz
@settings(max_examples=TRIES, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=60))
def test_words_in_any_order_are_answered(words: list[str]) -> None:
    text = " ".join(words)
    answers("words.tale", text)
    answers("words.txt", text)
