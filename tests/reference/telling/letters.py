"""Which characters are letters, and which of them have another case: the rule of `core/telling/text.hpp`, in terms of Python's `str`.

A letter has another case where Python's `lower` and `upper` lead there and back, one for one, in the alphabets that the rule names.
"""

from __future__ import annotations

import re

_CASED = ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x17F), (0x200, 0x21F), (0x386, 0x3CE), (0x400, 0x52F), (0x1E00, 0x1E95), (0x1EA0, 0x1EFF))

NO_LETTER = (
    "\x00-@\\[-`{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u037e\u0387\u1680\u2000-\u2bff\u2e00-\u2e7f\u3000-\u303f\ud800-\uf8ff"
    "\ufe10-\ufe6f\uff00-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff\U0001f000-\U0001ffff\U000e0000-\U0010ffff"
)
"""What is no letter, as the inside of a class of a regular expression."""

LETTER = f"[^{NO_LETTER}]"
ALNUM = f"(?:{LETTER}|[0-9])"
IN_WORD = f"(?:{LETTER}|[0-9_])"
EDGE = f"(?:(?<={IN_WORD})(?!{IN_WORD})|(?<!{IN_WORD})(?={IN_WORD}))"
"""The edge of a word, as `\\b` is in Python's own rule."""

_IS_LETTER = re.compile(LETTER)


def is_letter(character: str) -> bool:
    return _IS_LETTER.match(character) is not None


def is_alnum(character: str) -> bool:
    return is_letter(character) or character in "0123456789"


def lower(text: str) -> str:
    return "".join(character.lower() if _cased(character, character.lower()) else character for character in text)


def upper(text: str) -> str:
    return "".join(character.upper() if _cased(character, character.upper()) else character for character in text)


def _cased(one: str, other: str) -> bool:
    """Whether these are the two cases of one letter."""
    if len(other) != 1 or one == other or {one.lower(), one.upper()} != {one, other} or {other.lower(), other.upper()} != {one, other}:
        return False
    return all(any(low <= ord(each) <= high for low, high in _CASED) for each in (one, other))
