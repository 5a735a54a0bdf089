"""The moves of one tale, and a move as it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from everytale.markup import tag
from everytale.story import Move


class UnknownMove(Exception):
    """A move that the story does not have; the message says which are like it."""


_MOVE = re.compile(r"\s*(\w+)\s*(?:\(\s*([^()]*?)\s*\))?\s*")


def read_move(text: str) -> Move:
    """``make_excuse(cat)``, ``ask`` or ``ask()`` as a move. Raises :class:`UnknownMove` for what has another form."""
    found = _MOVE.fullmatch(text)
    if not found:
        raise UnknownMove(f"{shown(text)} is not a move; a move is written like ask or make_excuse(cat).")
    arguments = found[2].split(",") if found[2] else []
    return Move(found[1], tuple(argument.strip() for argument in arguments))


@dataclass(frozen=True, slots=True)
class Trace:
    """The moves of one tale, in order."""

    moves: tuple[Move, ...]

    @classmethod
    def read(cls, text: str) -> Trace:
        """One move a line; ``#`` begins a comment. What the planner writes beside its plan is passed over: lines that begin with
        ``|`` and the ``goal(...)`` line. Raises :class:`UnknownMove` for a line that is no move."""
        moves: list[Move] = []
        for line in text.splitlines():
            line = line.partition("#")[0].strip()
            if line and not line.startswith("|") and not re.match(r"goal\s*\(", line):
                moves.append(read_move(line))
        return cls(tuple(moves))

    def _repr_html_(self) -> str:
        """How it shows itself in a notebook: its moves, numbered."""
        return tag("ol", *(tag("li", tag("code", str(move))) for move in self.moves))

    def __str__(self) -> str:
        return "".join(f"{move}\n" for move in self.moves)


def shown(text: str) -> str:
    """What somebody wrote, quoted, and cut where it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
