"""``find --most``: the most suspenseful tale to an ending, or the most surprising, with its tension move by move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from everytale.cli import data, printing
from everytale.minds import Following, follow
from everytale.realm.explore import Realm, explore
from everytale.realm.tension import Most, Tense, most

if TYPE_CHECKING:
    from everytale.realm.odds import Bounds
    from everytale.story import Story


def find_most(
    story: Story,
    to: int,
    what: Most,
    *,
    within: int | None,
    horizon: int | None,
    minds: int | None,
    time: float | None,
    memory: float | None,
    telling: bool,
    as_json: bool,
) -> bool | None:
    """Find and print it; whether there is such a tale (``None``: the realm is not known as a whole, so it is not known)."""
    realm = explore(story, horizon=horizon, minds=minds, time=time, memory=memory, progress=printing.searching)
    found = most(realm, np.asarray(realm.sinks == to, dtype=np.uint8), what, within=within)
    followed = None if found is None else follow(story, found.tale, horizon=horizon, minds=minds)
    status = "undecided" if realm.status != "whole" else "none" if found is None else "found"
    if as_json:
        printing.as_json(_data(realm, found, followed, status, what))
    elif found is not None and followed is not None:
        _print(story, realm, found, followed, what, telling)
    if not as_json:
        if status == "undecided":
            printing.prose("The realm is known in part only: whether another tale is more so is undecided.")
        elif found is None:
            moves = "of any length" if within is None else f"of at most {within} moves"
            printing.prose(f"There is no such tale {moves}; that is proved.")
    return {"found": True, "none": False, "undecided": None}[status]


def _print(story: Story, realm: Realm, found: Tense, followed: Following, what: Most, telling: bool) -> None:
    if telling:
        from everytale.telling import tell

        printing.tale(tell(story, seed=1, trace=found.tale))
    else:
        printing.following(story, followed)
    names = [name for column, name in enumerate(realm.names) if realm.prospects.at(0, column).high > 0]
    columns = [realm.names.index(name) for name in names]
    moves = ["(the start)", *(str(move) for move in found.tale.moves)]
    rows = [
        (move, _tenth(one.suspense), _tenth(one.surprise), *(str(one.odds[column]) for column in columns))
        for move, one in zip(moves, found.moments, strict=True)
    ]
    printing.print_lines("\n" + printing.table([("after", "suspense", "surprise", *names), *rows], right=range(1, 3 + len(names))))
    thing = "suspense" if what == "suspenseful" else "surprise"
    printing.prose(f"The {thing} comes to {_tenth(found.total)} in all; no tale of at most {found.within} moves to this ending has more.")


def _data(realm: Realm, found: Tense | None, followed: Following | None, status: str, what: Most) -> dict[str, Any]:
    if found is None or followed is None:
        return {"status": status, "plan": [], "tension": None}
    moments = [
        {
            "suspense": _bounds(one.suspense),
            "surprise": _bounds(one.surprise),
            "odds": {name: _bounds(odds) for name, odds in zip(realm.names, one.odds, strict=True)},
        }
        for one in found.moments
    ]
    return {
        "status": status,
        "plan": [str(move) for move in found.tale.moves],
        "tale": data.following_data(followed),
        "most": what,
        "tension": {"total": _bounds(found.total), "within": found.within, "moments": moments},
    }


def _bounds(bounds: Bounds) -> dict[str, float]:
    return {"low": bounds.low, "high": bounds.high}


def _tenth(bounds: Bounds) -> str:
    low, high = f"{bounds.low:.3f}", f"{bounds.high:.3f}"
    return low if low == high or bounds.high - bounds.low < 1e-6 else f"{low} to {high}"
