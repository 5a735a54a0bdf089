"""Sensitivity: which wants and weights of a story its endings hang on.

Every want is dropped, halved, doubled and negated, every weight halved and doubled, one at a time, and the odds compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, TypeAlias

from everytale.finding.budget import GIGABYTE, Progress
from everytale.ground import another
from everytale.realm.compare import Compared, Ranking, Rounds, Side, ranked, side
from everytale.realm.explore import MOST_MEMORY, Realm
from everytale.story import Action, Story, Want
from everytale.world import World

How: TypeAlias = Literal["dropped", "halved", "doubled", "negated"]

KEPT = 4
"""Of the memory that may be used, one part in so many may hold a world that is kept for the next want."""

FACTORS: dict[How, Fraction] = {"dropped": Fraction(0), "halved": Fraction(1, 2), "doubled": Fraction(2), "negated": Fraction(-1)}


@dataclass(frozen=True)
class Variation:
    """One want, or the weight of one action or event, times a factor."""

    of: Want | Action
    how: How

    @property
    def factor(self) -> Fraction:
        """What its worth or weight is multiplied by."""
        return FACTORS[self.how]


def sensitivity(
    story: Story,
    *,
    player: str | None = None,
    time: float | None = None,
    memory: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Ranking[Variation]:
    """How far every want dropped, halved, doubled or negated, and every weight halved or doubled, moves the odds of ``story``.

    ``player``: a person whose moves a human chooses; it is the odds if they choose evenly that are ranked. Weights change no situation,
    only odds, so the realm is explored anew for wants alone; and not for somebody's only want halved or doubled, since any gain counts,
    whatever its size. Weights come first, since they cost least. ``time`` in seconds, for all of it, and Ctrl-C end it with what is
    known by then. Raises ``StoryError``, and ``Undecided`` where the budget is used up before there is anything to compare.
    """
    rounds = Rounds(player, time, memory, progress)
    realm = rounds.explore(story, "as it is")
    before = side(realm)
    wishing = _Wishing(realm.world, (MOST_MEMORY if memory is None else memory) / KEPT)

    def compare(one: Variation, place: str) -> Compared[Variation]:
        match one.of:
            case Action():
                after = _weighed(realm, one.of, one.factor)
            case Want() if _is_only_scaled(story, one):
                after = before
            case want:
                wants = (replace(own, worth=own.worth * one.factor) if own is want else own for own in story.wants)
                kept = tuple(own for own in wants if own.worth != 0)
                varied = replace(story, wants=kept)
                after = side(rounds.explore(varied, f"variation {place}", wishing.world(varied)))
        return Compared(one, before, after)

    return ranked(before, tuple(variations(story)), compare, rounds)


class _Wishing:
    """A world in which people want now this, now that, so that what becomes of its states is found out only once. It is begun anew where it
    holds more than so many gigabytes."""

    def __init__(self, original: World, most: float) -> None:
        self._original, self._most = original, most
        self._kept: World | None = None

    def world(self, story: Story) -> World:
        """The world of ``story``, which is the original but for what people want; the last is not to be asked any more."""
        if self._kept is None or self._kept.core.figures()["bytes"] > self._most * GIGABYTE:
            self._kept = None
            self._kept = another(self._original)
        self._kept.wish(story)
        return self._kept


def variations(story: Story) -> Iterator[Variation]:
    """All that is tried: the weights of moves first, then wants (those of people; the author's move nobody)."""
    for action in story.actions:
        yield from (Variation(action, how) for how in ("halved", "doubled"))
    for want in story.wants:
        if want.person is not None:
            yield from (Variation(want, how) for how in FACTORS)


def _is_only_scaled(story: Story, one: Variation) -> bool:
    """Whether all that somebody wants is multiplied by one number greater than 0: then nothing changes that they would do."""
    assert isinstance(one.of, Want)
    return one.factor > 0 and sum(want.person == one.of.person for want in story.wants) == 1


def _weighed(realm: Realm, action: Action, factor: Fraction) -> Side:
    """The same situations, where the moves of one action are drawn more often, or more seldom."""
    one = 1, 1
    factors = [(factor.numerator, factor.denominator) if move.action is action else one for move in realm.world.moves]
    return side(realm, realm.world.ask(realm.core.weighed, factors))
