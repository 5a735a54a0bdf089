"""What can be counted of a text: its words, sentences, syllables. The core counts for itself; this checks what it tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

FEW_WORDS = 4
"""A sentence of fewer words may come again: *“No.”*, *He waited.*"""

_WORD = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*")
_STOP = re.compile(r"(?:[.!?…]+[”’)]*)(?=(\s+)(?=[“‘(]*[^\W_a-z])|\Z)")
_ABBREVIATED = re.compile(r"\b(?:(?:Mr|Mrs|Ms|Dr|St)\.(?=\s)|No\.(?=\s+[“‘(]*[0-9]))")


def words(text: str) -> list[str]:
    """The words of ``text``, with their apostrophes and hyphens."""
    return _WORD.findall(text)


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, in order: what ends in ``. ! ? …`` before a capital, or before a quotation mark that opens."""
    found: list[str] = []
    start = 0
    abbreviated = {match.end() for match in _ABBREVIATED.finditer(text)}
    for stop in _STOP.finditer(text):
        if stop.end() not in abbreviated:
            found.append(text[start : stop.end()].strip())
            start = stop.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found


def syllables(word: str) -> int:
    """About how many syllables an English word has: its groups of vowels, without an *e* that is silent."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", letters))
    silent = re.search(r"[^aeiouyl]e$|[aeiouy][^aeiouytd]+ed$|[^aeiouscgzx]es$", letters) is not None
    return max(1, groups - silent)


@dataclass(frozen=True, slots=True)
class Counted:
    """What there is in a paragraph: of each sentence with words in it the number of these (``lengths``) and its ``beginning``, the first
    word in small letters (of speech none); its ``sentences`` of more than a few words; its ``syllables``."""

    lengths: tuple[int, ...]
    beginnings: tuple[str, ...]
    sentences: tuple[str, ...]
    syllables: int


@lru_cache(maxsize=20_000)  # many tales have most of their paragraphs in common
def counted(paragraph: str) -> Counted:
    split = [(sentence, inside) for sentence in sentences(paragraph) if (inside := words(sentence))]
    return Counted(
        tuple(len(inside) for _, inside in split),
        tuple("" if sentence[0] in "“‘" else inside[0].lower() for sentence, inside in split),
        tuple(sentence.strip("“”‘ ") for sentence, inside in split if len(inside) >= FEW_WORDS),
        sum(syllables(word) for _, inside in split for word in inside),
    )
