"""English as the teller needs it: pronouns in their cases, possessives, capitals, quotation marks, who said what."""

from __future__ import annotations

import re
from typing import Literal

from everytale.story import HE, IT, SHE, THEY, Pronouns
from tests.reference.telling.letters import ALNUM, EDGE, IN_WORD, is_alnum, is_letter, lower, upper

Case = Literal["subject", "object", "possessive", "absolute", "reflexive"]
CASES: tuple[Case, ...] = ("subject", "object", "possessive", "absolute", "reflexive")

_ELIDED = re.compile(rf"(?:em|er|im|is|cause|tis|twas|til|till|n|bout|round|cos|ere|phone|[0-9][0-9]s?){EDGE}")
_OPENS = " \t\n([{—–-/"
_END = re.compile(r"[.!?…]$")


# ---- words that agree ------------------------------------------------------------------------------------------------


def case_of(word: str, own: Pronouns, following: str = "") -> Case | None:
    """The case that a pronoun of any set names; ``None`` if it is no pronoun.

    Where one word is two cases (``her``, ``his``, ``it``), the one that what follows speaks for is meant: ``her`` before a
    word is the possessive.
    """
    before_word = bool(re.match(rf"\s+{IN_WORD}", following))
    if word == "her":
        return "possessive" if before_word else "object"
    if word == "its":
        return "possessive"
    for pronouns in (HE, SHE, THEY, IT, own):
        for case in CASES:
            if getattr(pronouns, case) == word:
                return case
    return None


def possessive(name: str, *, plural: bool = False) -> str:
    """``Jack's``; after a plural in *s* the apostrophe alone."""
    return f"{name}’" if plural and name.endswith("s") else f"{name}’s"


def capital(text: str) -> str:
    """``text`` with a capital at its beginning, after quotation marks."""
    for place, character in enumerate(text):
        if is_letter(character):
            return text[:place] + upper(character) + text[place + 1 :]
        if character not in "“‘\"'(":
            return text
    return text


def begins_sentence(before: str) -> bool:
    """Whether what comes after ``before`` begins a sentence. After ``?”`` it does not: *“Really?” he said*."""
    text = before.rstrip(" \t\n").rstrip("“‘\"'(")
    spoken = text != text.rstrip("”’\"')")
    text = text.rstrip("”’\"')").rstrip()
    if not text:
        return not spoken
    if spoken:
        return text.endswith(".")
    return bool(_END.search(text))


def joined(names: list[str]) -> str:
    """``Jack, Ianto and Owen``."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


_WORD = re.compile(rf"{ALNUM}+(?:[’'\-]{ALNUM}+)*")
_STOP = re.compile(rf"(?:[.!?…]+[”’)]*)(?:(?P<space>\s+)(?=[“‘(]*(?![a-z]){ALNUM})|\Z)")


def words(text: str) -> list[str]:
    """The words of ``text``, with their apostrophes and hyphens."""
    return _WORD.findall(text)


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, in order: what ends in ``. ! ? …`` before a capital, or before a quotation mark that opens."""
    found: list[str] = []
    start = 0
    for stop in _STOP.finditer(text):
        if stop["space"] is None or not abbreviated(text[start : stop.start("space")], text[stop.end() :]):
            found.append(text[start : stop.end()].strip())
            start = stop.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found


def abbreviated(text: str, following: str) -> bool:
    """Whether ``text`` ends in an abbreviation with its point; *No.* is one before a number."""
    if re.search(rf"(?<!{IN_WORD})(?:Mr|Mrs|Ms|Dr|St)\.\Z", text):
        return True
    return re.search(rf"(?<!{IN_WORD})No\.\Z", text) is not None and re.match("[“‘(]*[0-9]", following) is not None


# ---- typography ------------------------------------------------------------------------------------------------------


def typographic(text: str) -> str:
    """Straight quotation marks made to open and close, apostrophes, dashes for ``--``, an ellipsis for ``...``."""
    text = text.replace("...", "…").replace("---", "—").replace("--", "—")
    found: list[str] = []
    inner, quoting = 0, False  # single quotation marks that are open; whether a double one is
    for place, character in enumerate(text):
        before = found[-1] if found else " "
        if character == '"':
            quoting = not quoting if before in "—–-" else before in _OPENS or before in "“‘"
            found.append("“" if quoting else "”")
        elif character == "'":
            found.append(_single(text, place, before, inner))
            inner += {"‘": 1, "’": 0}[found[-1]]
            if found[-1] == "’" and inner and _closes(text, place):
                inner -= 1
        else:
            found.append(character)
    return "".join(found)


def _single(text: str, place: int, before: str, inner: int) -> str:
    """An apostrophe, or an opening single quotation mark where one closes later."""
    if before not in _OPENS and before not in "“‘":
        return "’"
    if _ELIDED.match(lower(text), place + 1):
        return "’"
    rest = text[place + 1 :]
    return "‘" if any(_closes(rest, at) for at, character in enumerate(rest) if character == "'") else "’"


def _closes(text: str, place: int) -> bool:
    """Whether the mark at ``place`` could close a quotation."""
    before = text[place - 1] if place else " "
    after = text[place + 1] if place + 1 < len(text) else " "
    return not before.isspace() and not is_alnum(after) and (before in ".,!?…—" or not is_alnum(before) or after in ' .,;:!?…"”\n')


# ---- who said what ---------------------------------------------------------------------------------------------------

_SENTENCE = re.compile(rf"(?<=[.!?…])\s+(?={IN_WORD}|[“‘’'])")


def speech(words: str, said: str = "", *, quoted: bool = True) -> str:
    """``words`` in quotation marks (reported speech has none); with ``said``, who says it (*said Jack*), after the first sentence."""
    words = nested(words.strip()) if quoted else words.strip()
    opening, closing = ("“", "”") if quoted else ("", "")
    if not said:
        return f"{opening}{words}{closing}"
    first, *rest = _SENTENCE.split(words, maxsplit=1)
    if first.endswith(".") and not first.endswith("…"):
        first = first[:-1] + ","
    elif not first.endswith((",", "?", "!", "…", "—")):
        first += ","
    tail = f" {opening}{rest[0]}{closing}" if rest else ""
    return f"{opening}{first}{closing} {said}.{tail}"


def nested(words: str) -> str:
    """Double quotation marks within speech become single ones."""
    return words.replace("“", "‘").replace("”", "’")
