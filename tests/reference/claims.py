"""What claims mean, by going through all situations with all that a claim remembers of the past. Section 7.

A *position* is a situation together with the flags of the moments so far, of each whether it was ``after`` and whether it was ``before``,
as far as they matter. It is made of the whole past each time, as the text has it; nothing is remembered along the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from everytale.story import Claim, Ended, Holds, Leads, Length, Moment, Never, Odds, Possible, Stuck, Upon
from tests.reference.realm import DEAD_END, GOES_ON, Situation, TooMany, odds_of
from tests.reference.reasons import Tale

Flags = tuple[tuple[bool, bool], ...]
"""Of each moment of a tale so far, whether it is ``after`` and whether it is ``before``."""


@dataclass(frozen=True)
class Position:
    situation: int
    flags: Flags
    what: bool


def lies_there(flags: Flags, after: bool, before: bool) -> bool:
    """Whether the last of the moments lies after, before or between, whichever is asked for."""
    if not after and not before:
        return True
    if not after:
        return not any(its_before for _, its_before in flags)
    if not before:
        return any(its_after for its_after, _ in flags)
    inside = False
    for its_after, its_before in flags:
        inside = (inside or its_after) and not its_before
    return inside


def shortened(flags: Flags, after: bool, before: bool) -> Flags:
    """The fewest flags that mean the same for all that comes."""
    if after and before:
        return ((True, False),) if lies_there(flags, after, before) else ()
    return ((any(one for one, _ in flags), any(one for _, one in flags)),) if flags else ()


class Checker:
    """Judges claims of the situations of one tale, which were explored with the claim's player; all of them must be known."""

    def __init__(self, tale: Tale, situations: list[Situation]) -> None:
        self.tale, self.situations = tale, situations

    def judge(self, claim: Claim) -> bool:
        match claim.what:
            case Never(what, after, before):
                if claim.ensures:
                    return self.avoidable(what, after, before)
                return self.first(what, after, before) is None
            case Possible(what, after, before):
                if claim.player is not None and not claim.ensures:
                    return not self.avoidable(what, after, before)
                return self.first(what, after, before) is not None
            case Leads(None, to):
                every = [odds[0] for odds in self.odds_by_way(to)]
                return max(every) == 1 if claim.ensures else min(every) == 1
            case Leads(what, to):
                assert what is not None
                return self.leads(what, to)
            case Odds(what, low, high):
                every = list(self.odds(what))
                enough = [low is None or odds >= low for odds in (min(every), max(every))]
                few = [high is None or odds <= high for odds in (min(every), max(every))]
                return enough[1] and few[0] if claim.ensures else enough[0] and few[1]
            case Length(low, high):
                return self.length(low, high, claim.ensures)

    # ---- moments -----------------------------------------------------------------------------------------------------

    def is_(self, moment: Moment | None, situation: int, move: str | None) -> bool:
        """Whether a tale that has just come to a situation, by a move, is at that moment."""
        here = self.situations[situation]
        match moment:
            case Holds(condition):
                return self.tale.evaluator.holds(condition, {}, here.mind)
            case Upon(name, arguments):
                if move is None or self.tale.instances[move].rule.name != name:
                    return False
                return all(one in (None, given) for one, given in zip(arguments or (), self.tale.instances[move].arguments, strict=False))
            case Ended(title):
                return here.fate == title if title is not None else here.fate in [ending.title for ending in self.tale.story.endings]
            case Stuck():
                return here.fate == DEAD_END
        return False

    def options(self, situation: int) -> Iterator[list[tuple[str, Fraction, int]]]:
        """What the player can do: of each, the moves that may come of it. Without a player, all moves are one."""
        here = self.situations[situation]
        for move, target in here.chosen:
            yield [(move, Fraction(1), target)]
        if here.drawn:
            total = sum((weight for _, weight, _ in here.drawn), Fraction(0))
            yield [(move, weight / total, target) for move, weight, target in here.drawn]

    def positions(self, what: Moment, after: Moment | None, before: Moment | None) -> Iterator[tuple[Position, list[list[Position]], int]]:
        """All positions, what can follow each of them, by what the player does, and after how many moves it is come to first."""
        windows = after is not None, before is not None

        def arrive(past: Flags, move: str | None, situation: int) -> Position:
            flags = (*past, (self.is_(after, situation, move), self.is_(before, situation, move)))
            there = lies_there(flags, *windows) and self.is_(what, situation, move)
            return Position(situation, shortened(flags, *windows), there)

        waiting = [(arrive((), None, 0), 0)]
        known = {waiting[0][0]}
        for position, moves in waiting:
            following = [[arrive(position.flags, move, to) for move, _, to in option] for option in self.options(position.situation)]
            yield position, following, moves
            for one in (one for option in following for one in option if one not in known):
                known.add(one)
                waiting.append((one, moves + 1))

    def first(self, what: Moment, after: Moment | None, before: Moment | None) -> int | None:
        """How many moves the shortest tale to the moment has."""
        return next((moves for position, _, moves in self.positions(what, after, before) if position.what), None)

    def avoidable(self, what: Moment, after: Moment | None, before: Moment | None) -> bool:
        """Whether some way of playing never comes to the moment."""
        graph = {position: following for position, following, _ in self.positions(what, after, before)}
        start = next(iter(graph))
        safe = {position for position in graph if not position.what}
        while lost := {one for one in safe if graph[one] and not any(all(to in safe for to in option) for option in graph[one])}:
            safe -= lost
        return start in safe

    # ---- odds --------------------------------------------------------------------------------------------------------

    def odds_by_way(self, to: Moment) -> Iterator[list[Fraction]]:
        """For each way of playing, the odds of being at, or coming to, the moment: from the start, then from each situation that one has
        come to already (when only a later moment counts)."""
        count = len(self.situations)
        goal = count
        options = [list(self.options(situation)) or [[]] for situation in range(count)]
        ways = 1
        for its in options:
            ways *= len(its)
        if ways > 64:
            raise TooMany
        for way in product(*options):
            chain: list[dict[int, Fraction]] = []
            for option in way:
                odds: dict[int, Fraction] = {}
                for move, its, target in option:
                    end = goal if self.is_(to, target, move) else target
                    odds[end] = odds.get(end, Fraction(0)) + its
                chain.append(odds)
            found = odds_of([*chain, {}], {goal})[:count]
            yield [Fraction(1) if self.is_(to, 0, None) else found[0], *found]

    def odds(self, what: Moment | None) -> Iterator[Fraction]:
        if what is not None:
            yield from (found[0] for found in self.odds_by_way(what))
            return
        for ended, stuck in zip(self.odds_by_way(Ended()), self.odds_by_way(Stuck()), strict=True):
            yield 1 - ended[0] - stuck[0]

    def leads(self, what: Moment, to: Moment) -> bool:
        """Whether ``to`` comes, however one plays, from every situation that a tale comes to at ``what`` and not at ``to``."""
        arrivals: list[tuple[int, str | None]] = [(0, None)]
        for situation in range(len(self.situations)):
            arrivals += [(target, move) for option in self.options(situation) for move, _, target in option]
        begins = {target for target, move in arrivals if self.is_(what, target, move) and not self.is_(to, target, move)}
        return all(found[1 + begin] == 1 for found in self.odds_by_way(to) for begin in begins) if begins else True

    # ---- length ------------------------------------------------------------------------------------------------------

    def length(self, low: int | None, high: int | None, ensures: bool) -> bool:
        """Whether, by all ways of playing or by one, no tale has more moves than ``high``, and none is over before ``low``."""

        def right(situation: int, moves: int) -> bool:
            """Of the tales that come here after so many moves."""
            over = self.situations[situation].fate != GOES_ON
            if over:
                return low is None or moves >= low
            if high is None and moves >= (low or 0):
                return True
            if high is not None and moves >= high:
                return False
            found = [all(right(target, moves + 1) for _, _, target in option) for option in self.options(situation)]
            return any(found) if ensures else all(found)

        return right(0, 0)
