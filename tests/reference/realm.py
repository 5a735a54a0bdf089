"""Every situation of a tale and its exact odds, by going everywhere and by elimination in fractions. Section 5.

A player's odds come from trying every way of playing: in each situation one option, whatever came before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from everytale.story import Action
from tests.reference.reasons import Tale
from tests.reference.states import Mind

OPEN, GOES_ON, DEAD_END = "open", "goes on", "dead end"


class TooMany(Exception):
    """More situations, or more ways of playing, than there is patience for."""


@dataclass
class Situation:
    """``fate``: the title of an ending, or one of the three above. ``chosen``: what the player can do, ``drawn``: what chance
    draws from, if the player waits or there is none; each with the number of the situation after it."""

    mind: Mind
    depth: int
    fate: str = OPEN
    chosen: list[tuple[str, int]] = field(default_factory=list)
    drawn: list[tuple[str, Fraction, int]] = field(default_factory=list)

    @property
    def options(self) -> list[dict[int, Fraction]]:
        """Where each thing that the player can do leads; without a player there is one, to let the tale go on."""
        found = [{target: Fraction(1)} for _, target in self.chosen]
        if self.drawn:
            total, odds = sum((weight for _, weight, _ in self.drawn), Fraction(0)), dict[int, Fraction]()
            for _, weight, target in self.drawn:
                odds[target] = odds.get(target, Fraction(0)) + weight / total
            found.append(odds)
        return found


def explored(tale: Tale, player: str | None = None, within: int | None = None, most: int = 60) -> list[Situation]:
    """The situations of ``tale``, breadth first; raises :class:`TooMany`."""
    found, known = [Situation(tale.start, 0)], {tale.start: 0}

    def arrive(mind: Mind, depth: int) -> int:
        if mind not in known:
            if len(found) >= most:
                raise TooMany
            known[mind] = len(found)
            found.append(Situation(mind, depth))
        return known[mind]

    for situation in found:
        mind, depth = situation.mind, situation.depth
        ending = tale.ending(mind)
        if ending is not None:
            situation.fate = ending.title
        elif within is None or depth < within:
            for name in chooses_from(tale, mind, player):
                situation.chosen.append((name, arrive(tale.after(mind, name), depth + 1)))
            for name, weight in tale.moves(mind):
                if player not in tale.mechanics.consenting(tale.instances[name], mind):
                    situation.drawn.append((name, weight, arrive(tale.after(mind, name), depth + 1)))
            situation.fate = GOES_ON if situation.chosen or situation.drawn else DEAD_END
    return found


def chooses_from(tale: Tale, mind: Mind, player: str | None) -> Iterator[str]:
    """The moves that need the player, as far as the world, the player's belief, and all others allow them."""
    for name, instance in tale.instances.items():
        assert isinstance(instance.rule, Action)
        people = tale.mechanics.consenting(instance, mind)
        if player is None or player not in people or not tale.allowed(mind, name) or not tale.allowed(mind.believes(player), name):
            continue
        if all(tale.in_character(mind, name, other) for other in people if other != player):
            yield name


def ways_of_playing(situations: list[Situation], most: int = 64) -> Iterator[list[dict[int, Fraction]]]:
    """Every choice of one option in each situation; raises :class:`TooMany`."""
    options = [one.options or [{}] for one in situations]
    ways = 1
    for its in options:
        ways *= len(its)
    if ways > most:
        raise TooMany
    for way in product(*options):
        yield list(way)


def evenly(situations: list[Situation]) -> list[dict[int, Fraction]]:
    """The chain in which a player chooses evenly among the options."""
    chain = []
    for situation in situations:
        odds, options = dict[int, Fraction](), situation.options
        for option in options:
            for target, its in option.items():
                odds[target] = odds.get(target, Fraction(0)) + its / len(options)
        chain.append(odds)
    return chain


def odds_of(chain: list[dict[int, Fraction]], goal: set[int]) -> list[Fraction]:
    """The odds of ever coming to ``goal`` from every situation: the equations of those that can, solved by elimination."""
    can = set(goal)
    while more := {i for i, odds in enumerate(chain) if i not in can and any(target in can for target in odds)}:
        can |= more
    unknown = sorted(can - goal)
    place = {situation: column for column, situation in enumerate(unknown)}
    rows = []
    for i in unknown:
        row = [Fraction(0)] * (len(unknown) + 1)
        row[place[i]] = Fraction(1)
        for target, its in chain[i].items():
            if target in goal:
                row[-1] += its
            elif target in place:
                row[place[target]] -= its
        rows.append(row)
    for column in range(len(rows)):
        pivot = next(r for r in range(column, len(rows)) if rows[r][column] != 0)
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for r, row in enumerate(rows):
            if r != column and row[column] != 0:
                rows[r] = [mine - row[column] * its for mine, its in zip(row, rows[column], strict=True)]
    found = {i: rows[place[i]][-1] for i in unknown}
    return [Fraction(1) if i in goal else found.get(i, Fraction(0)) for i in range(len(chain))]
