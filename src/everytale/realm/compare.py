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

from everytale.diagnostics import StoryError
from everytale.finding.budget import Progress
from everytale.realm.claims import Answer, Verdict, judge
from everytale.realm.explore import DEAD_END, Realm, explore
from everytale.realm.odds import Bounds
from everytale.story import Claim, Flip, Move, Story, flipped
from everytale.world import Trace

T = TypeVar("T")


# ---- two realms ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """What is compared of a realm: for each of its ``names`` (endings, a dead end, no end) the ``odds``, and whether it is ``possible``
    (``None``: not known). ``tale``: the likeliest to an end, with its odds, ``chance``. ``verdicts``: of the claims about nobody
    played, where they were judged."""

    whole: bool
    states: int
    moves: int
    names: tuple[str, ...]
    odds: tuple[Bounds, ...]
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
        """The claims (about nobody played) that are judged otherwise."""
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

    ``broken``: those whose story breaks one of its own rules, and how. ``left``: how many were not tried any more when it was
    ``stopped`` (by what; ``None``: it was not).
    """

    before: Side
    changes: tuple[Compared[T], ...]
    broken: tuple[tuple[T, StoryError], ...]
    left: int
    stopped: str | None

    @property
    def whole(self) -> bool:
        """Whether every change was tried, and every realm is known as a whole."""
        return self.left == 0 and self.before.whole and all(one.whole for one in self.changes)


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
    time: float | None = None,
    memory: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Compared[Flip]:
    """Compare ``story`` with what it is under one of its flips, by its title (or any :class:`Flip`).

    ``time`` in seconds counts for both explorations together; ``memory`` in gigabytes. Raises ``StoryError`` where there is no such
    flip, or the flipped story breaks one of its own rules.
    """
    chosen = named(story, which) if isinstance(which, str) else which
    other = flipped(story, chosen)
    rounds = Rounds(time, memory, progress)
    before = side(rounds.explore(story, "as it is"), judged=True)
    return Compared(chosen, before, side(rounds.explore(other, "flipped"), judged=True))


def flips(
    story: Story,
    *,
    time: float | None = None,
    memory: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Ranking[Flip]:
    """Compare ``story`` with what it is under each of its flips. ``time`` in seconds, for all of it, and Ctrl-C end it with those
    that were compared by then."""
    rounds = Rounds(time, memory, progress)
    before = side(rounds.explore(story, "as it is"), judged=True)

    def compare(one: Flip, place: str) -> Compared[Flip]:
        return Compared(one, before, side(rounds.explore(flipped(story, one), f"flip {place}"), judged=True))

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
    """Several explorations that share one budget. ``stopped``: what cut them short, so that there is to be no other."""

    def __init__(self, time: float | None, memory: float | None, progress: Callable[[Progress], None] | None) -> None:
        self._until = None if time is None else monotonic() + time
        self._memory, self._progress = memory, progress
        self.stopped: str | None = None

    def over(self) -> bool:
        """Whether there is to be no other."""
        if self.stopped is None and self._until is not None and monotonic() >= self._until:
            self.stopped = "time"
        return self.stopped is not None

    def explore(self, story: Story, what: str) -> Realm:
        """The realm of ``story``, or the part of it that the budget allows; ``what`` it is, for those who watch."""
        left = None if self._until is None else max(1e-3, self._until - monotonic())
        told = self._progress
        progress = None if told is None else lambda now: told(replace(now, what=f"exploring {what}"))
        realm = explore(story, time=left, memory=self._memory, progress=progress)
        if realm.stopped in ("time", "interrupted"):
            self.stopped = realm.stopped
        return realm


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
        except KeyboardInterrupt:
            rounds.stopped = "interrupted"
    order = sorted(done, key=lambda one: -round(one.distance.middle, 9))  # of those alike, the first in the file comes first
    return Ranking(before, tuple(order), tuple(broken), len(changes) - len(done) - len(broken), rounds.stopped)


def side(realm: Realm, *, judged: bool = False) -> Side:
    """What is compared of ``realm``; ``judged``: its story's claims too."""
    column = range(len(realm.names))
    odds = tuple(realm.prospects.at(0, k) for k in column)
    ends = np.asarray((realm.fate >= 0) | (realm.fate == DEAD_END), dtype=np.uint8)
    likeliest = realm.likeliest(ends) if ends.any() else None
    return Side(
        whole=realm.status == "whole",
        states=realm.situations,
        moves=realm.transitions,
        names=realm.names,
        odds=odds,
        possible=tuple(_possible(realm, k) for k in column),
        tale=likeliest[0] if likeliest else None,
        chance=likeliest[1] if likeliest else 0.0,
        verdicts=tuple(judge(realm, claim) for claim in realm.story.claims if claim.player is None) if judged else (),
    )


def _possible(realm: Realm, column: int) -> bool | None:
    """Whether some tale comes to it."""
    whole = realm.status == "whole"
    if column < len(realm.names) - 1:
        found = bool((realm.sinks == column).any())
    else:
        odds = realm.prospects.at(0, column)
        found = odds.high > 0 if whole else odds.low > 0
    return found if found or whole else None
