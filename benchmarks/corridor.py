"""The corridor as a story: a finite world for exploring side by side with model checkers.

    python benchmarks/corridor.py WALKERS PLACES ITEMS > corridor.tale

Walkers move along a line of places, the last of which is a vault behind a door; items lie about or are carried. One item opens the door,
one feeds, one is what the vault wants. Trust goes up when two talk and down when one is short-changed; a wrong entry raises the alarm,
and at 3 the story ends. Nobody has a mind, and every move is as likely as any other. It has 2,548,992 situations for
3 5 3 and 6,408,516 for 3 6 3; the odds of the goal (:data:`GOAL`) are 0.05047446 for 3 5 3.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

MOST_TRUST, MOST_ALARM = 3, 3


def corridor(walkers: int, places: int, items: int) -> str:
    """The story, in the language."""
    vault = places - 1
    lines = ['tale "The Corridor"', "kind thing: stone"]
    lines += [f"fact loc{i}: 0 to {vault}" for i in range(walkers)]
    lines += [f"fact item{k}: 0 to {places + walkers - 1}    # a place, or whoever has it" for k in range(items)]
    lines += ["fact door, met, fed: yes or no", f"fact trust: 0 to {MOST_TRUST}", f"fact alarm: 0 to {MOST_ALARM}", "start"]
    lines += [f"    loc{i} = {i % vault}" for i in range(walkers)] + [f"    item{k} = {(k + 1) % vault}" for k in range(items)]
    for number, (condition, effects) in enumerate(moves(walkers, places, items)):
        lines += [f"event move{number}", f"    if alarm < {MOST_ALARM} and {condition}", f"    then {effects}"]
    return "\n".join([*lines, f'ending "Caught" if alarm = {MOST_ALARM}', ""])


def goal(places: int) -> str:
    """That the first walker stands in the vault with what it wants, trusted, and everybody is fed."""
    return f"loc0 = {places - 1} and item2 = {places} and trust = {MOST_TRUST} and fed"


def moves(walkers: int, places: int, items: int) -> Iterator[tuple[str, str]]:
    """Every move: when it can be made, and what it does."""
    vault = places - 1
    for i in range(walkers):
        here, mine = f"loc{i}", places + i
        yield f"{here} < {vault - 1}", f"{here} rises"
        yield f"{here} > 0 and {here} < {vault}", f"{here} eases"
        yield f"{here} = {vault - 1} and door and item2 = {mine}", f"{here} = {vault}"
        yield f"{here} = {vault - 1} and door and item2 != {mine}", f"{here} = {vault}, alarm rises"
        yield f"{here} = {vault}", f"{here} = {vault - 1}"
        for k in range(items):
            yield f"item{k} = {here}", f"item{k} = {mine}"
            yield f"item{k} = {mine}", f"item{k} = {here}"
        yield f"not door and {here} = {vault - 1} and item0 = {mine}", "door"
        yield f"not fed and met and {here} = 0 and item1 = {mine}", "fed"
        for j in range(walkers):
            if j != i:
                yield f"{here} = loc{j} and item1 = {mine} and trust > 0", "trust eases"
        for j in range(i + 1, walkers):
            yield f"{here} = loc{j} and trust < {MOST_TRUST}", "trust rises" + (", met" if (i, j) == (0, 1) else "")


if __name__ == "__main__":
    print(corridor(*map(int, sys.argv[1:4])), end="")
