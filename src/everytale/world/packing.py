"""A world as bytes, for where there is no Python: a *pack*, which the core reads (``core/pack.hpp``).

A pack is a list of named *sections*, each of whole numbers or of texts. It starts with ``everytale``, a byte 0 and the number of the
format; whole numbers are LEB128 (seven bits a byte, least first), those of lists folded first (0, -1, 1, -2 ...) so that small ones
are short; texts are UTF-8, after the count of their bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from everytale.world.states import World

MARK = b"everytale\0"
FORMAT = 1
SINGLE = ("people", "depth", "minds", "horizon", "first_effect_wins", "author_worth")
"""What of a world is one number; together they are the section ``world``."""


def packed(numbers: Mapping[str, Iterable[int]], texts: Mapping[str, Iterable[str]]) -> bytes:
    """The bytes of lists of whole numbers, of 64 bits each, and of lists of texts."""
    out = bytearray(MARK)
    _whole(out, FORMAT)
    for name, column in numbers.items():
        items = list(column)
        _section(out, name, 0, len(items))
        for item in items:
            _whole(out, item << 1 if item >= 0 else (-item << 1) - 1)
    for name, words in texts.items():
        lines = list(words)
        _section(out, name, 1, len(lines))
        for line in lines:
            _text(out, line)
    return bytes(out)


def numbers_of(world: World) -> dict[str, Iterable[int]]:
    """The lists that make ``world`` anew, with all nodes that it was asked for by now."""
    columns = dict(world.grounding.columns)
    single = [int(columns.pop(name)) for name in SINGLE]
    nodes = dict(zip(("node_operator", "node_first", "node_second", "operands"), world.nodes, strict=True))
    return {"world": single, **columns, **nodes}


def _section(out: bytearray, name: str, kind: int, count: int) -> None:
    _text(out, name)
    _whole(out, kind)
    _whole(out, count)


def _text(out: bytearray, text: str) -> None:
    encoded = text.encode("utf-8", "replace")
    _whole(out, len(encoded))
    out += encoded


def _whole(out: bytearray, number: int) -> None:
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
