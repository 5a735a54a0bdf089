"""Comparing: what becomes of a story's realm when one of its premises is another.

A *flip* is a story with other premises, as its author names it; a *variation* is one want or one weight made another, as
:mod:`everytale.realm.sensitivity` tries them all. How far either moves the odds is their *distance* in total variation: half the
sum, over all ways for a tale to turn out, of how much its odds differ; so many tales of a hundred turn out otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from time import monotonic
from typing import Generic, TypeVar

import numpy as np

from everytale.core import Graph
from everytale.diagnostics import StoryError
from everytale.finding.budget import CutShort, Progress
from everytale.realm.claims import Answer, Verdict, judge
from everytale.realm.explore import DEAD_END, Outcome, Realm, explore
from everytale.realm.odds import Bounds
from everytale.story import Claim, Flip, Move, Story, flipped
from everytale.world import Trace, World

T = TypeVar("T")


# ---- two realms ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """What is compared of a realm: for each of its ``names`` (endings, a dead end, no end) the ``odds``, and whether it is ``possible``
    (``None``: not known). With a ``player`` the odds are those if they choose evenly; ``least`` and ``most`` are what they can bring
    about (without, the same). ``tale``: the likeliest to an end, with its odds, ``chance``. ``verdicts``: of the claims, where they were
    judged; ``whole``: whether all realms that were explored for it are known as a whole."""

    whole: bool
    player: str | None
    states: int
    moves: int
    names: tuple[str, ...]
    odds: tuple[Bounds, ...]
    least: tuple[Bounds, ...]
    most: tuple[Bounds, ...]
    possible: tuple[bool | None, ...]
    tale: Trace | None
    chance: float
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class Turned:
    """A claim that is judged otherwise."""

    claim: Claim
    before: Answer
    after: Answer


@dataclass(frozen=True)
class Shift:
    """One way for tales to turn out, in two realms."""

    name: str
    before: Bounds
    after: Bounds
    possible_before: bool | None
    possible_after: bool | None

    @property
    def change(self) -> Bounds:
        """By how much its odds grow; less than 0: they shrink."""
        return Bounds(self.after.low - self.before.high, self.after.high - self.before.low)

    @property
    def won(self) -> bool:
        """Whether it can be come to now, and could not before."""
        return self.possible_before is False and self.possible_after is True

    @property
    def lost(self) -> bool:
        """Whether it could be come to before, and cannot now."""
        return self.possible_before is True and self.possible_after is False


@dataclass(frozen=True)
class Parting:
    """Where the likeliest tales of two realms part: after the moves ``shared``, one goes on with ``before``, the other with
    ``after`` (``None``: it is at its end)."""

    shared: tuple[Move, ...]
    before: Move | None
    after: Move | None


@dataclass(frozen=True)
class Compared(Generic[T]):
    """A realm ``before`` and ``after`` its story was changed: ``by`` what."""

    by: T
    before: Side
    after: Side

    @cached_property
    def shifts(self) -> tuple[Shift, ...]:
        """Every ending, a dead end, and no end, in both."""
        one, other = self.before, self.after
        return tuple(map(Shift, one.names, one.odds, other.odds, one.possible, other.possible))

    @cached_property
    def distance(self) -> Bounds:
        """The distance of the odds in total variation, from 0 to 1."""
        return distance(self.before.odds, self.after.odds)

    @property
    def turned(self) -> tuple[Turned, ...]:
        """The claims that are judged otherwise."""
        pairs = zip(self.before.verdicts, self.after.verdicts, strict=False)  # variations are not judged
        return tuple(Turned(one.claim, one.answer, other.answer) for one, other in pairs if one.answer != other.answer)

    @property
    def whole(self) -> bool:
        """Whether both realms are known as a whole."""
        return self.before.whole and self.after.whole

    @property
    def parting(self) -> Parting | None:
        """The first move at which the likeliest tales part; ``None``: they do not, or there is none."""
        if self.before.tale is None or self.after.tale is None:
            return None
        one, other = self.before.tale.moves, self.after.tale.moves
        if one == other:
            return None
        at = next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
        return Parting(one[:at], one[at] if at < len(one) else None, other[at] if at < len(other) else None)


@dataclass(frozen=True)
class Ranking(Generic[T]):
    """Several changes of one story, those first that move the odds furthest.

    ``before``: the story as it is (``None``: there was nothing to compare it with, and it was not explored). ``broken``: those whose
    story breaks one of its own rules, and how. ``left``: how many were not tried any more when it was ``stopped`` (by what; ``None``:
    it was not).
    """

    before: Side | None
    changes: tuple[Compared[T], ...]
    broken: tuple[tuple[T, StoryError], ...]
    left: int
    stopped: str | None

    @property
    def whole(self) -> bool:
        """Whether every change was tried, and every realm is known as a whole."""
        known = self.before is None or self.before.whole
        return self.left == 0 and known and all(one.whole for one in self.changes)


def distance(one: tuple[Bounds, ...], other: tuple[Bounds, ...]) -> Bounds:
    """Bounds on the distance of two distributions in total variation, from bounds on their parts."""
    gain_low = gain_high = loss_low = loss_high = 0.0
    for before, after in zip(one, other, strict=True):
        gain_low += max(0.0, after.low - before.high)
        gain_high += max(0.0, after.high - before.low)
        loss_low += max(0.0, before.low - after.high)
        loss_high += max(0.0, before.high - after.low)
    low = max(gain_low, loss_low)
    return Bounds(min(low, 1.0), min(max(low, min(gain_high, loss_high)), 1.0))


# ---- flips -----------------------------------------------------------------------------------------------------------


def flip(
    story: Story,
    which: str | Flip,
    *,
    player: str | None = None,
    time: float | None = None,
    memory: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Compared[Flip]:
    """Compare ``story`` with what it is under one of its flips, by its title (or any :class:`Flip`).

    ``player``: a person whose moves a human chooses. Claims about another player, or about none, are judged in realms of their own.
    ``time`` in seconds counts for all explorations together; ``memory`` in gigabytes. Raises ``StoryError`` where there is no such
    flip, or the flipped story breaks one of its own rules, and ``Undecided`` where the budget is used up before there is anything to
    compare.
    """
    chosen = named(story, which) if isinstance(which, str) else which
    other = flipped(story, chosen)
    rounds = Rounds(player, time, memory, progress)
    return Compared(chosen, rounds.judged(story, "as it is"), rounds.judged(other, "flipped"))


def flips(
    story: Story,
    *,
    player: str | None = None,
    time: float | None = None,
    memory: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Ranking[Flip]:
    """Compare ``story`` with what it is under each of its flips. ``player``: as for :func:`flip`. ``time`` in seconds, for all of it,
    and Ctrl-C end it with those that were compared by then."""
    if not story.flips:
        return Ranking(None, (), (), 0, None)
    rounds = Rounds(player, time, memory, progress)
    before = rounds.judged(story, "as it is")

    def compare(one: Flip, place: str) -> Compared[Flip]:
        return Compared(one, before, rounds.judged(flipped(story, one), f"flip {place}"))

    return ranked(before, story.flips, compare, rounds)


def named(story: Story, title: str) -> Flip:
    """The flip of that title. Raises ``StoryError``."""
    titles = [one.title for one in story.flips]
    for one in story.flips:
        if one.title.casefold() == title.casefold():
            return one
    close = get_close_matches(title, titles, n=1)
    hint = f"Did you mean “{close[0]}”?" if close else f"They are: {', '.join(titles)}." if titles else "The story has none."
    raise StoryError.one("unknown-name", "There is no such flip", f"There is no flip “{title}”.", None, hint)


# ---- what comparing is made of ---------------------------------------------------------------------------------------


class Rounds:
    """Several explorations that share one budget, with the same ``player``. ``stopped``: what cut them short, so that there is to be
    no other."""

    def __init__(self, player: str | None, time: float | None, memory: float | None, progress: Callable[[Progress], None] | None) -> None:
        self.player = player
        self._until = None if time is None else monotonic() + time
        self._memory, self._progress = memory, progress
        self.stopped: str | None = None

    def over(self) -> bool:
        """Whether there is to be no other."""
        if self.stopped is None and self._until is not None and monotonic() >= self._until:
            self.stopped = "time"
        return self.stopped is not None

    def explore(self, story: Story, what: str, world: World | None = None) -> Realm:
        """The realm of ``story``, or the part of it that the budget allows; ``what`` it is, for those who watch. ``world``: as for
        :func:`~everytale.realm.explore.explore`."""
        return self._explore(story, self.player, what, world)

    def _explore(self, story: Story, player: str | None, what: str, world: World | None = None) -> Realm:
        left = None if self._until is None else max(1e-3, self._until - monotonic())
        told = self._progress
        progress = None if told is None else lambda now: told(replace(now, what=f"{now.what} {what}"))
        try:
            realm = explore(story, player=player, time=left, memory=self._memory, progress=progress, world=world)
        except CutShort as cut:
            self.stopped = cut.by
            raise
        if realm.stopped in ("time", "interrupted"):
            self.stopped = realm.stopped
        return realm

    def judged(self, story: Story, what: str) -> Side:
        """What is compared of ``story``, its claims too: each in the realm of whom it takes as played."""
        realm = self.explore(story, what)
        found, verdicts = side(realm), dict[int, Verdict]()
        whole = found.whole
        for player in dict.fromkeys((self.player, *(claim.player for claim in story.claims))):
            if player != self.player:
                who = "nobody" if player is None else story.entity[player].label
                realm = self._explore(story, player, f"{what}, {who} played")
                whole = whole and realm.status == "whole"
            verdicts |= {at: judge(realm, claim) for at, claim in enumerate(story.claims) if claim.player == player}
        return replace(found, whole=whole, verdicts=tuple(verdicts[at] for at in range(len(story.claims))))


def ranked(before: Side, changes: tuple[T, ...], compare: Callable[[T, str], Compared[T]], rounds: Rounds) -> Ranking[T]:
    """Compare a story with what it is after each of several changes, until the budget is used up; ``compare`` is told the place of each."""
    done: list[Compared[T]] = []
    broken: list[tuple[T, StoryError]] = []
    for number, change in enumerate(changes, start=1):
        if rounds.over():
            break
        try:
            done.append(compare(change, f"{number} of {len(changes)}"))
        except StoryError as error:
            broken.append((change, error))
        except CutShort:
            break
        except KeyboardInterrupt:
            rounds.stopped = "interrupted"
    order = sorted(done, key=lambda one: -round(one.distance.middle, 9))  # of those alike, the first in the file comes first
    return Ranking(before, tuple(order), tuple(broken), len(changes) - len(done) - len(broken), rounds.stopped)


def side(realm: Realm, graph: Graph | None = None) -> Side:
    """What is compared of ``realm``; ``graph``: its own, unless its moves are weighed otherwise. Claims are not judged."""
    ends = np.asarray((realm.fate >= 0) | (realm.fate == DEAD_END), dtype=np.uint8)
    likeliest = realm.likeliest(ends) if ends.any() and graph is None else None
    outcomes = realm.outcomes if graph is None else realm.weighed(graph)
    return Side(
        whole=realm.status == "whole",
        player=realm.player,
        states=realm.situations,
        moves=realm.transitions,
        names=realm.names,
        odds=tuple(one.evenly for one in outcomes),
        least=tuple(one.least for one in outcomes),
        most=tuple(one.most for one in outcomes),
        possible=tuple(_possible(realm, one, column) for column, one in enumerate(outcomes)),
        tale=likeliest[0] if likeliest else None,
        chance=likeliest[1] if likeliest else 0.0,
    )


def _possible(realm: Realm, one: Outcome, column: int) -> bool | None:
    """Whether some tale comes to it."""
    whole = realm.status == "whole"
    endless = one.most.high > 0 if whole else one.most.low > 0
    found = endless if column == len(realm.names) - 1 else one.situations > 0
    return found if found or whole else None
