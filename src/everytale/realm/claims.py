"""What an author claims of all tales: proved, refuted, or undecided.

A claim that hangs on what came before is asked of the realm times a small *monitor*, which remembers whether ``after`` and ``before`` have
come (the core's ``way`` and ``watched``). What some way of playing brings about, and what all of them do, are games on that graph
(de Alfaro, 1997). In a realm that is not whole, each question is asked twice: as if what lies open were the goal, and as if it were not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np

from everytale.finding.budget import Progress
from everytale.markup import Html, tag
from everytale.realm.explore import DEAD_END, GOES_ON, Realm, explore
from everytale.realm.odds import Bounds, Marks, exactly, extremes
from everytale.realm.pursuit import Pursuit, Truths
from everytale.story import Claim, Ended, Holds, Leads, Length, Moment, Never, Odds, Possible, Story, Stuck, Upon
from everytale.world import Trace

Answer: TypeAlias = Literal["proved", "refuted", "undecided"]
_Given: TypeAlias = tuple[Marks | None, Marks | None]
_ANSWERS: dict[bool | None, Answer] = {True: "proved", False: "refuted", None: "undecided"}


_STOPPED = {"time": "the time was up", "memory": "the memory was used up", "interrupted": "it was interrupted"}


@dataclass(frozen=True)
class Verdict:
    """What became of a ``claim``.

    ``trace``: the shortest tale that refutes it, or of something possible, that shows it (``None``: no single tale could). ``loop``:
    after so many of its moves the rest of them goes round for ever. ``odds``: of a claim of odds, what they are; with a player, from
    the least to the greatest that they can bring about. ``why``: what stands in the way of a verdict, or what else there is to say.
    """

    claim: Claim
    answer: Answer
    trace: Trace | None = None
    loop: int | None = None
    odds: Bounds | None = None
    why: str = ""

    def _repr_html_(self) -> str:
        """How it shows itself in a notebook: the claim, what became of it, and the tale that shows it."""
        shown = Html(self.trace._repr_html_()) if self.trace is not None else ""
        return tag("div", tag("strong", self.answer), f": {self.claim.text}", shown)


def claims(
    story: Story,
    *,
    within: int | None = None,
    time: float | None = None,
    memory: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[Verdict, ...]:
    """Judge every claim of ``story``, in the order of the file. Its realm is explored once for every player that a claim speaks of.

    ``within`` bounds the tales looked at, ``time`` in seconds and ``memory`` in gigabytes (8, unless said) what may be spent on each
    exploration: what the rest could change is then undecided. ``progress`` is told how far it is. Raises ``StoryError``.
    """
    found: dict[int, Verdict] = {}
    for player in dict.fromkeys(claim.player for claim in story.claims):
        realm = explore(story, player=player, within=within, time=time, memory=memory, progress=progress)
        found |= {at: judge(realm, claim) for at, claim in enumerate(story.claims) if claim.player == player}
    return tuple(found[at] for at in range(len(story.claims)))


def judge(realm: Realm, claim: Claim) -> Verdict:
    """Whether ``claim`` is so in ``realm``, which must have been explored with its player. ``ValueError`` if it was not."""
    if claim.player != realm.player:
        raise ValueError(f"the realm is that of {realm.player or 'nobody'} played, and the claim is about {claim.player or 'nobody'}")
    court = _Court(realm, claim)
    match claim.what:
        case Never(what, after, before):
            return court.never(what, after, before)
        case Possible(what, after, before):
            return court.possible(what, after, before)
        case Leads(None, to):
            return court.comes(to)
        case Leads(what, to):
            assert what is not None
            return court.leads(what, to)
        case Odds(what, low, high):
            return court.odds(what, low, high)
        case Length(low, high):
            return court.length(low, high)


class _Court:
    """Judges one claim of one realm."""

    def __init__(self, realm: Realm, claim: Claim) -> None:
        self.realm = realm
        self.claim = claim

    def verdict(self, proved: bool | None, trace: Trace | None = None, loop: int | None = None, odds: Bounds | None = None) -> Verdict:
        why = ""
        if proved is None:
            why = "The odds are too near to what is claimed." if odds is not None and self.realm.status == "whole" else _partial(self.realm)
        return Verdict(self.claim, _ANSWERS[proved], trace, loop, odds, why)

    # ---- moments -----------------------------------------------------------------------------------------------------

    def marks(self, moment: Moment) -> _Given:
        """The situations, or the moves, that are ``moment`` (``None``: all are)."""
        fate, moves = self.realm.fate, self.realm.world.moves
        match moment:
            case Holds(condition):
                return self.realm.where(condition), None
            case Upon(name, arguments):
                wanted = arguments or ()
                made = [
                    move.name == name and all(one in (None, given) for one, given in zip(wanted, move.arguments, strict=False))
                    for move in moves
                ]
                nowhere = None if any(made) else np.zeros(len(fate), dtype=np.uint8)
                return nowhere, np.array(made, dtype=np.uint8) if any(made) else None
            case Ended(title):
                titles = [ending.title for ending in self.realm.story.endings]
                ended = fate >= 0 if title is None else fate == titles.index(title)
                return ended.astype(np.uint8), None
            case Stuck():
                return (fate == DEAD_END).astype(np.uint8), None

    def way(self, what: _Given, after: Moment | None, before: Moment | None, again: bool) -> Trace | None:
        """The shortest tale to ``what`` that lies at or after ``after`` and before ``before``."""
        found = self.realm.core.way(what, self._given(after), self._given(before), again)
        return None if found is None else self.realm.trace(found[0])

    def pursuit(self, what: Moment | None, after: Moment | None = None, before: Moment | None = None, again: bool = False) -> Pursuit:
        """The pursuit of ``what`` that lies there."""
        watched = self.realm.core.watched(
            None if what is None else self._certainly(what, before), self._given(after), self._given(before), again
        )
        return Pursuit(watched)

    def _certainly(self, what: Moment, before: Moment | None) -> _Given:
        """``what``, but where it is open whether ``before`` is at the same moment."""
        situations, moves = self.marks(what)
        if not isinstance(before, Ended | Stuck) or self.realm.status == "whole":
            return situations, moves
        known = (self.realm.open == 0).astype(np.uint8)
        return known if situations is None else situations & known, moves

    def _given(self, moment: Moment | None) -> _Given | None:
        return None if moment is None else self.marks(moment)

    # ---- never, possible ---------------------------------------------------------------------------------------------

    def never(self, what: Moment, after: Moment | None, before: Moment | None) -> Verdict:
        again = after is not None and before is not None
        if self.claim.ensures:
            return self.verdict(_not(self.pursuit(what, after, before, again).forced()))
        trace = self.way(self._certainly(what, before), after, before, again)
        if trace is not None:
            return self.verdict(False, trace)
        whole = self.realm.status == "whole" or not self.pursuit(what, after, before, again).open.any()
        return self.verdict(True if whole else None)

    def possible(self, what: Moment, after: Moment | None, before: Moment | None) -> Verdict:
        again = after is not None and before is not None
        trace = self.way(self._certainly(what, before), after, before, again)
        if self.claim.player is not None and not self.claim.ensures:
            forced = self.pursuit(what, after, before, again).forced()
            return self.verdict(forced, trace if forced else None)
        if trace is not None:
            return self.verdict(True, trace)
        whole = self.realm.status == "whole" or not self.pursuit(what, after, before, again).open.any()
        return self.verdict(False if whole else None)

    # ---- leads to ----------------------------------------------------------------------------------------------------

    def comes(self, to: Moment) -> Verdict:
        """Sooner or later ``to``."""
        pursuit = self.pursuit(to)
        if self.claim.ensures:
            return self.verdict(pursuit.sure())
        return self._outstanding(pursuit, None, to, np.arange(len(pursuit.fate)) < len(pursuit.situations))

    def leads(self, what: Moment, to: Moment) -> Verdict:
        if self.claim.ensures:
            raise ValueError("of one moment leading to another nobody makes sure")
        pursuit = self.pursuit(None, what, to, True)
        due = np.zeros(len(pursuit.fate), dtype=bool)
        due[: len(pursuit.due)] = pursuit.due
        pursuit.goal = (~due).astype(np.uint8)
        return self._outstanding(pursuit, what, to, due)

    def _outstanding(self, pursuit: Pursuit, what: Moment | None, to: Moment, due: Truths) -> Verdict:
        """Whether ``to`` comes wherever it is ``due``."""
        lost = due & ~pursuit.back(pursuit.goal | pursuit.open, every=True)
        if not lost.any():
            open_ = pursuit.open.any() and (what is not None or (due & ~pursuit.back(pursuit.goal, every=True)).any())
            return self.verdict(None if open_ else True)
        where = np.zeros(self.realm.situations, dtype=np.uint8)
        where[pursuit.situations[np.flatnonzero(lost)]] = 1
        trace = self.way((where, None), what, to, what is not None)
        assert trace is not None
        tail, loop = self._for_ever(self.realm.along(trace)[-1], where, self.marks(to))
        moves = trace.moves + tail.moves
        return self.verdict(False, Trace(moves), None if loop is None else len(trace.moves) + loop)

    def _for_ever(self, start: int, where: Marks, to: _Given) -> tuple[Trace, int | None]:
        """How a tale goes on from ``start`` among the situations ``where`` without a moment ``to``: to an end, or (the number of moves
        before it begins) round a loop."""
        realm = self.realm
        chosen = realm.columns["chosen"]

        def open_to(situation: int) -> list[tuple[int, int]]:
            """What can happen next: of what the player can do there, the first that cannot lead out."""
            links = realm.core.links(situation)
            own = int(chosen[situation]) if len(chosen) and links else 0
            for option in [*([link] for link in links[:own]), links[own:]]:
                kept = [(move, target) for move, _, _, target in option if where[target] and not _come(to, target, move)]
                if option and len(kept) == len(option):
                    return kept
            return []

        def way(begin: int, done: Callable[[int], bool]) -> list[int] | None:
            """The shortest way from ``begin``, of at least one move, to where it is ``done``."""
            reached: dict[int, tuple[int, int]] = {}
            waiting = [begin]
            for situation in waiting:
                for move, target in open_to(situation):
                    if target in reached:
                        continue
                    reached[target] = situation, move
                    if done(target):
                        moves = [move]
                        while situation != begin:
                            situation, move = reached[situation]
                            moves.insert(0, move)
                        return moves
                    waiting.append(target)
            return None

        if realm.fate[start] != GOES_ON:
            return Trace(()), None
        ends = way(start, lambda situation: bool(realm.fate[situation] != GOES_ON))
        if ends is not None:
            return realm.trace(ends), None
        again, seen = start, set[int]()
        while again not in seen:
            seen.add(again)
            again = open_to(again)[0][1]
        there = [] if again == start else way(start, lambda situation: situation == again) or []
        around = way(again, lambda situation: situation == again) or []
        return realm.trace(there + around), len(there)

    # ---- odds --------------------------------------------------------------------------------------------------------

    def odds(self, what: Moment | None, low: Fraction | None, high: Fraction | None) -> Verdict:
        if what is None:  # of never ending: those of ending, the other way round
            ends = ((self.realm.fate >= 0) | (self.realm.fate == DEAD_END)).astype(np.uint8)
            pursuit = Pursuit(self.realm.graph, ends)
            low, high = None if high is None else 1 - high, None if low is None else 1 - low
        else:
            pursuit = self.pursuit(what)
        least, most = extremes(pursuit.graph, pursuit.fate, pursuit.goal, self.claim.player is not None)
        if self.claim.ensures:
            enough, few = self._at_least(low, most, pursuit.sure), self._at_most(high, least, pursuit.forced)
        else:
            enough, few = self._at_least(low, least, pursuit.always), self._at_most(high, most, pursuit.possible)
        proved = _both(enough, few)
        if proved is None and self.claim.player is None and self.realm.status == "whole":
            exact = exactly(pursuit.graph, np.where(pursuit.goal, 0, np.where(pursuit.fate == GOES_ON, -1, 1)).astype(np.int16), 2)
            if exact is not None:
                proved = (low is None or exact[0] >= low) and (high is None or exact[0] <= high)
        bounds = Bounds(least.low, most.high) if what is not None else Bounds(1 - most.high, 1 - least.low)
        return self.verdict(proved, odds=bounds)

    def _at_least(self, low: Fraction | None, odds: Bounds, certain: Callable[[], bool | None]) -> bool | None:
        if low is None or low <= 0:
            return True
        if low >= 1:
            return certain()
        return True if odds.low >= low else False if odds.high < low else None

    def _at_most(self, high: Fraction | None, odds: Bounds, possible: Callable[[], bool | None]) -> bool | None:
        if high is None or high >= 1:
            return True
        if high <= 0:
            return _not(possible())
        return True if odds.high <= high else False if odds.low > high else None

    # ---- length ------------------------------------------------------------------------------------------------------

    def length(self, low: int | None, high: int | None) -> Verdict:
        realm = self.realm
        ends = ((realm.fate >= 0) | (realm.fate == DEAD_END)).astype(np.uint8)
        pursuit = Pursuit(realm.graph, ends)
        if self.claim.ensures:
            return self.verdict(pursuit.lasts(low or 0, high))
        proved: bool | None = True
        if low is not None:
            shortest = realm.way(ends)
            if shortest is not None and len(shortest.moves) < low:
                return self.verdict(False, shortest)
            nearest = realm.way(realm.open) if realm.status == "partial" else None
            proved = None if nearest is not None and len(nearest.moves) < low else True
        if high is not None:
            longest = realm.graph.longest()
            if longest < 0 or longest > high:
                return self.verdict(False, self._long(pursuit, high + 1))
            proved = None if realm.status == "partial" else proved
        return self.verdict(proved)

    def _long(self, pursuit: Pursuit, length: int) -> Trace:
        """A tale of that many moves."""
        more = pursuit.more(length)
        situation, moves = 0, []
        for left in range(length - 1, -1, -1):
            move, _, _, situation = next(link for link in self.realm.core.links(situation) if more[link[3]] >= left)
            moves.append(move)
        return self.realm.trace(moves)


def _come(moment: _Given, situation: int, move: int) -> bool:
    situations, moves = moment
    return (situations is None or bool(situations[situation])) and (moves is None or bool(moves[move]))


def _not(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict


def _both(one: bool | None, other: bool | None) -> bool | None:
    return False if one is False or other is False else None if None in (one, other) else True


def _partial(realm: Realm) -> str:
    if realm.stopped is not None:
        why = _STOPPED[realm.stopped]
    elif realm.undecided:
        why = "of some moves it could not be decided whether somebody would make them"
    else:
        why = f"only tales of at most {realm.within} moves were looked at"
    return f"Not every tale is known: {why}."
