"""A played realm in *ink*, the language of branching stories that Inky, Unity and inkjs read.

Every situation is a *knot*, what the player can do there its *choices*; what chance and the others do is drawn with the odds that it has.
Several ways to tell a move are a *shuffle*. The prose remembers only along a shortest tale to each situation, for knots know no other way
that led to them: of anything else that the teller would remember, ink knows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import lcm

from everytale.realm import Realm
from everytale.realm.explore import OPEN
from everytale.telling import Told
from everytale.telling.script import script_of
from everytale.telling.tell import BREAK, Teller

WAYS = 3
"""In how many ways a move is told, at most."""
MOST_CHANCE = 1 << 30
"""Ink draws whole numbers of 32 bits; odds with a greater denominator are rounded to this one."""

Lines = tuple[str, ...]


def ink(realm: Realm) -> Iterator[str]:
    """The lines of ``realm`` in ink: its player chooses, and it is told at the player's shoulder.

    Raises ``ValueError`` for a realm that nobody plays.
    """
    if realm.player is None:
        raise ValueError("somebody must be played")
    return _Ink(realm, realm.player).lines()


class _Ink:
    """One realm being written, a knot after the other, each when the tale comes to it for the first time."""

    def __init__(self, realm: Realm, player: str) -> None:
        self.realm, self.player = realm, player
        self.script = script_of(realm.world, player)

    def lines(self) -> Iterator[str]:
        realm = self.realm
        yield f"// {_spaced(realm.story.title)}: {self.player} is played."
        yield f"// {realm.situations} situations, the realm is {realm.status}."
        yield from ("VAR chance = 0", "-> s0")
        waiting = [(0, [Teller(self.script, seed) for seed in range(WAYS)])]
        while waiting:
            situation, tellers = waiting.pop()
            further: list[tuple[int, list[Teller]]] = []
            yield from ("", f"=== s{situation} ===", *self._knot(situation, tellers, further))
            waiting += reversed(further)

    def _knot(self, situation: int, tellers: list[Teller], further: list[tuple[int, list[Teller]]]) -> Iterator[str]:
        """What stands in one; ``further`` takes the situations that a shortest tale comes to from here, with what was told by then."""
        realm, links = self.realm, self.realm.links(situation)
        chosen = int(realm.columns["chosen"][situation]) if links else 0
        fate = int(realm.fate[situation])
        if fate >= 0:
            ending, state = realm.story.endings[fate], realm.state(situation)
            yield from _shuffled([_written(teller.ending(ending, state)) for teller in tellers])
            yield from (f"{_escaped(f'The end: {_spaced(ending.title)}')} # ending", "-> END")
        elif not links:
            yield from ("Here what was explored ends. # open" if fate == OPEN else "Nothing more can happen here. # dead_end", "-> END")
        before = realm.state(situation)
        labels = [self.script.label(move, before, self.player) for move, _, _ in links[:chosen]]
        told: list[list[str]] = []
        for number, (move, _, target) in enumerate(links):
            after = realm.state(target)
            copies = [teller.another() for teller in tellers]
            ways = [_written(teller.move(move, before, after)) for teller in copies]
            told.append([*_shuffled(ways), f"-> s{target}"])
            if realm.discovers[int(realm.edges.first[situation]) + number]:
                further.append((target, copies))
        for label, (move, _, _), lines in zip(labels, links, told[:chosen], strict=False):
            words = f"{label} [{move}]" if labels.count(label) > 1 else label
            yield f"+ [{_escaped(words)}]"
            yield from _indented(lines)
        drawn = _drawn([weight for _, weight, _ in links[chosen:]], told[chosen:])
        if chosen and links[chosen:]:
            yield "+ [Wait]"
            yield from _indented(drawn)
        else:
            yield from drawn


# ---- prose -----------------------------------------------------------------------------------------------------------


def _written(pieces: Iterable[Told]) -> Lines:
    """What was told, a paragraph a line; titles are tagged."""
    lines: list[str] = []
    for piece in pieces:
        if piece.occasion == "scene":
            lines.append(f"{_escaped(_spaced(piece.title or BREAK))} # scene")
        lines += map(_escaped, piece.paragraphs)
    return tuple(lines)


def _shuffled(ways: Iterable[Lines]) -> Iterator[str]:
    """One of several ways to tell it, each as often as the others."""
    different = list(dict.fromkeys(ways))
    if len(different) == 1:
        yield from different[0]
        return
    yield "{shuffle:"
    for lines in different:
        yield "-"
        yield from _indented(lines)
    yield "}"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _spaced(text: str) -> str:
    return " ".join(text.split())


_SIGNS = re.compile(r"^[-*+=~(]|[\\{}\[\]|#]|(?<=-)>|(?<=<)[->]|(?<=/)[/*]")
_WORDS = re.compile(r"(TODO|INCLUDE|VAR|CONST|LIST|EXTERNAL|else)\b")


def _escaped(text: str) -> str:
    """``text``, of which ink takes nothing for its own."""
    plain = _SIGNS.sub(r"\\\g<0>", text)
    return f"\\{plain}" if _WORDS.match(plain) else plain


# ---- chance ----------------------------------------------------------------------------------------------------------


def _drawn(weights: Sequence[Fraction], outcomes: Sequence[Sequence[str]]) -> Iterator[str]:
    """One of the ``outcomes``, each as likely as its weight is of all."""
    if len(outcomes) < 2:
        yield from (line for lines in outcomes for line in lines)
        return
    bounds = _bounds(weights)
    yield f"~ chance = RANDOM(1, {bounds[-1]})"
    yield "{"
    for number, lines in enumerate(outcomes):
        yield "- else:" if number == len(outcomes) - 1 else f"- chance <= {bounds[number]}:"
        yield from _indented(lines)
    yield "}"


def _bounds(weights: Sequence[Fraction]) -> list[int]:
    """The greatest number that draws each, of those from 1 to the last."""
    total, sums = sum(weights), list[Fraction]()
    for weight in weights:
        sums.append((sums[-1] if sums else Fraction(0)) + weight / total)
    under = lcm(*(one.denominator for one in sums))
    return [round(one * min(under, MOST_CHANCE)) for one in sums]
