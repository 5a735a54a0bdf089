"""Rhythm: how well a piece of prose goes on after what was told just before.

Of the ways to tell a thing that are left, the teller takes the one that jars least: that says no sentence again, begins no third
sentence in a row with the same word, makes no third one of the same build, and echoes no word. All of it is counting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tests.reference.telling.english import sentences, words
from tests.reference.telling.letters import is_letter, lower

SAID_AGAIN, SAME_BEGINNING, SAME_BUILD, ECHO = 12, 4, 1, 1
"""What each costs: a sentence told before; a third beginning, a third build alike; a word of the paragraphs before (each)."""

IN_A_ROW = 3
FEW_WORDS = 4
"""A sentence of fewer words may come again: *“No.”*, *He waited.*"""
LONG_WORD = 5
"""Letters from which a word is heard again."""
EARSHOT = 2
"""Paragraphs in which it is."""

_UNHEARD = """
    about above after again against almost along already always another because before began begin behind being below
    between both came could down during either enough every found going great having herself himself itself maybe might
    much must never nobody nothing often only other others perhaps quite rather really right round seemed should since
    somebody someone something sometimes still than their theirs themself themselves there these thing things think those
    though thought three through today together towards under until upon very where which while whole whose within without
    would
"""
"""Long words that nobody hears; nor is one with an apostrophe heard."""
_DEAF = frozenset(_UNHEARD.split())


@dataclass(frozen=True, slots=True)
class Sound:
    """What is heard of a paragraph: of each sentence its ``beginnings`` (the first word; of speech none) and ``builds``
    (0 to 2 by length; speech has none), its ``sentences`` of more than a few words, and its ``long`` words."""

    sentences: tuple[str, ...]
    beginnings: tuple[str, ...]
    builds: tuple[int, ...]
    long: frozenset[str]


@lru_cache(maxsize=20_000)
def sound(paragraph: str) -> Sound:
    """What is heard of ``paragraph``."""
    told: list[str] = []
    beginnings: list[str] = []
    builds: list[int] = []
    long: set[str] = set()
    for sentence in sentences(paragraph):
        found = words(sentence)
        if not found:
            continue
        if len(found) >= FEW_WORDS:
            told.append(sentence.strip("“”‘ "))
        narrated = sentence[0] not in "“‘"
        beginnings.append(lower(found[0]) if narrated else "")
        builds.append((len(found) > 6) + (len(found) > 16) if narrated else -1)
        long.update(
            word for word in found if len(word) >= LONG_WORD and all(map(is_letter, word)) and lower(word) == word and word not in _DEAF
        )
    return Sound(tuple(told), tuple(beginnings), tuple(builds), frozenset(long))


class Ear:
    """What a reader still has in the ear of one tale."""

    def __init__(self) -> None:
        self.told: set[str] = set()
        self._beginnings: deque[str] = deque(maxlen=IN_A_ROW - 1)
        self._builds: deque[int] = deque(maxlen=IN_A_ROW - 1)
        self._long: deque[frozenset[str]] = deque(maxlen=EARSHOT)

    def hear(self, paragraph: Sound) -> None:
        self.told.update(paragraph.sentences)
        self._beginnings.extend(paragraph.beginnings)
        self._builds.extend(paragraph.builds)
        self._long.append(paragraph.long)

    def jars(self, paragraphs: Iterable[Sound]) -> int:
        """How much ``paragraphs`` would jar here; 0: not at all."""
        cost = 0
        beginnings, builds = list(self._beginnings), list(self._builds)
        fresh = True
        for paragraph in paragraphs:
            cost += SAID_AGAIN * sum(sentence in self.told for sentence in paragraph.sentences)
            beginnings += paragraph.beginnings
            builds += paragraph.builds
            if fresh:  # what a longer piece echoes later on is its own affair
                cost += ECHO * sum(len(paragraph.long & heard) for heard in self._long)
                fresh = False
        for place in range(IN_A_ROW - 1, len(beginnings)):
            row = beginnings[place - IN_A_ROW + 1 : place + 1]
            cost += SAME_BEGINNING * (row[0] != "" and row.count(row[0]) == IN_A_ROW)
            built = builds[place - IN_A_ROW + 1 : place + 1]
            cost += SAME_BUILD * (built[0] >= 0 and built.count(built[0]) == IN_A_ROW)
        return cost
