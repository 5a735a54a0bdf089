"""A text as whoever reads it counts: its words, its sentences, how they begin. The core has its own counting; this one checks it."""

from __future__ import annotations

import re

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


def beginning(sentence: str) -> str:
    """The first word of a sentence, in small letters; of speech, or where there is no word, nothing."""
    found = words(sentence)
    return found[0].lower() if found and sentence[0] not in "“‘" else ""
