"""Chance that is the same on every machine: SplitMix64, and exact draws by rational weights.

SplitMix64 (Steele, Lea, Flood: *Fast splittable pseudorandom number generators*, OOPSLA 2014) is specified by a few lines
of integer arithmetic, so that
the same seed gives the same tale on every platform and in every version of Python, which ``random`` does not promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15


class Chance:
    """A stream of draws from ``seed``, any whole number. Streams of one seed with other numbers are apart: moves and prose
    have one each."""

    def __init__(self, seed: int, stream: int = 0) -> None:
        self._state = seed & _MASK
        if stream:
            self._state = (self.next() ^ Chance(stream).next()) & _MASK

    @property
    def state(self) -> int:
        """What all further draws depend on; :meth:`resume` goes on from it."""
        return self._state

    def resume(self, state: int) -> None:
        """Go on as a stream that has come to ``state``."""
        self._state = state & _MASK

    def next(self) -> int:
        """The next whole number of 64 bits."""
        self._state = (self._state + _GAMMA) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def below(self, bound: int) -> int:
        """A whole number from 0 to ``bound`` - 1, each as likely as the others. Raises ``ValueError`` where there is none."""
        if bound < 1:
            raise ValueError("nothing can be drawn from nothing")
        words = max(1, -(-bound.bit_length() // 64))
        span = 1 << (64 * words)
        most = span - span % bound
        while True:
            drawn = 0
            for _ in range(words):
                drawn = drawn << 64 | self.next()
            if drawn < most:
                return drawn % bound

    def pick(self, weights: Sequence[Fraction | int]) -> int:
        """An index of ``weights``, each exactly as likely as its weight says. Raises ``ValueError`` where all are 0."""
        common = lcm(*(Fraction(weight).denominator for weight in weights))
        whole = [int(weight * common) for weight in weights]
        drawn = self.below(sum(whole))
        for index, weight in enumerate(whole):
            drawn -= weight
            if drawn < 0:
                return index
        raise AssertionError("a draw lies below the sum of the weights")
