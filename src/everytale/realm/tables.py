"""A realm as tables (the extra ``everytale[tables]``): situations, moves, endings, odds; Arrow for files, pandas for people.

======== ================ ==========================================================================================
table    column           what it says
======== ================ ==========================================================================================
states   situation        its number; 0 is the start, and numbers grow with the distance from it
         depth            how many moves it is from the start, at least
         fate             the title of its ending; *dead end*, *open* (it is not known what follows), else null
         one per fluent   its value: true or false, a number, a name; null: unknown
moves    source, target   the situations before and after
         move             which it is, ``make_excuse(cat)``
         weight           by which it is drawn
         odds             with which it is drawn, where the player waits or there is none; null: the player chooses it
         chosen           whether the player chooses it
endings  name             of an ending, or *dead end*, or *no end*
         low, high        bounds on its odds, whatever a player does
         least_low ...    bounds on the least and the greatest odds that a player can bring about, and on those if they choose evenly
         shortest         moves of the shortest tale there; null: none comes there
         situations       in how many situations it comes
odds     situation        as in states
         two per outcome  ``NAME, low`` and ``NAME, high``: bounds on its odds from there (a player chooses evenly)
======== ================ ==========================================================================================

In a data frame names are categories, and what can be missing (numbers, true or false) is of the types that pandas has for that
(``Int64``, ``boolean``), so that no number turns into a float because another is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from everytale.core import UNKNOWN
from everytale.realm.explore import DEAD_END, OPEN, Realm
from everytale.story import KindDomain, TruthDomain

if TYPE_CHECKING:
    import pandas
    import pyarrow


def _arrow() -> Any:
    try:
        import pyarrow
    except ImportError:
        raise ModuleNotFoundError("tables need pyarrow: pip install 'everytale[tables]'") from None
    return pyarrow


def frame(table: pyarrow.Table) -> pandas.DataFrame:
    """The same table as a data frame of pandas."""
    arrow = _arrow()
    try:
        import pandas
    except ImportError:
        raise ModuleNotFoundError("data frames need pandas: pip install 'everytale[tables]'") from None
    types = {arrow.int64(): pandas.Int64Dtype(), arrow.bool_(): pandas.BooleanDtype()}
    return table.to_pandas(types_mapper=types.get)


def states(realm: Realm) -> pyarrow.Table:
    """Every situation with its facts."""
    arrow = _arrow()
    columns: dict[str, Any] = {
        "situation": np.arange(realm.situations, dtype=np.uint32),
        "depth": depths(realm),
        "fate": arrow.array(_fates(realm)),
    }
    names = np.array(["", *realm.world.vocabulary.names[1:]], dtype=object)
    for fluent in realm.world.fluents:
        values = realm.core.values(fluent.index)
        known = values != UNKNOWN
        match fluent.fluent.domain:
            case TruthDomain():
                column = arrow.array(values != 0, mask=~known)
            case KindDomain():
                found = names[np.where(known & (values > 0) & (values < len(names)), values, 0)]
                column = arrow.array(found, arrow.string(), mask=~known).dictionary_encode()
            case _:
                column = arrow.array(values, mask=~known)
        columns[str(fluent)] = column
    return arrow.table(columns)


def moves(realm: Realm) -> pyarrow.Table:
    """Every move from every situation."""
    arrow = _arrow()
    graph = realm.columns
    first, targets = graph["first"].astype(np.int64), graph["target"]
    values = np.array([over / under for over, under in graph["weights"]])
    weights = values[graph["weight"]] if len(graph["weight"]) else np.ones(len(targets))
    place = np.arange(len(targets)) - first[realm.edges.source]
    chosen = place < graph["chosen"][realm.edges.source] if len(graph["chosen"]) else np.zeros(len(targets), bool)
    totals = np.bincount(realm.edges.source, np.where(chosen, 0, weights), len(first) - 1)
    odds = np.where(chosen, 0, weights) / np.where(totals > 0, totals, 1)[realm.edges.source]
    names = arrow.array([str(move) for move in realm.world.moves], arrow.string())
    return arrow.table(
        {
            "source": realm.edges.source.astype(np.uint32),
            "target": targets,
            "move": arrow.DictionaryArray.from_arrays(realm.made.astype(np.int32), names),
            "weight": weights,
            "odds": arrow.array(odds, mask=chosen),
            "chosen": chosen,
        }
    )


def endings(realm: Realm) -> pyarrow.Table:
    """Every way for tales to turn out."""
    arrow = _arrow()
    rows = []
    for one in realm.outcomes:
        row: dict[str, Any] = {"name": one.name, "low": one.odds.low, "high": one.odds.high}
        for kind, bounds in (("least", one.least), ("most", one.most), ("evenly", one.evenly)):
            row |= {f"{kind}_low": bounds.low, f"{kind}_high": bounds.high}
        rows.append({**row, "shortest": one.shortest, "situations": one.situations})
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return arrow.table({name: arrow.array(column, arrow.int64()) if name == "shortest" else column for name, column in columns.items()})


def odds(realm: Realm) -> pyarrow.Table:
    """The odds of every outcome from every situation."""
    columns: dict[str, Any] = {"situation": np.arange(realm.situations, dtype=np.uint32)}
    for number, name in enumerate(realm.names):
        columns |= {f"{name}, low": realm.prospects.low[:, number], f"{name}, high": realm.prospects.high[:, number]}
    return _arrow().table(columns)


TABLES = {"states": states, "moves": moves, "endings": endings, "odds": odds}


def depths(realm: Realm) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Of every situation, how many moves it is from the start: each level ends where the targets of the last one do."""
    first, targets = realm.columns["first"].astype(np.int64), realm.columns["target"]
    found = np.zeros(realm.situations, np.uint32)
    begin, end, depth = 0, 1, 0
    while begin < end:
        stop = min(end, len(first) - 1)
        reached = targets[first[min(begin, stop)] : first[stop]]
        begin, end, depth = end, max(end, int(reached.max()) + 1 if len(reached) else 0), depth + 1
        found[begin:end] = depth
    return found


def _fates(realm: Realm) -> list[str | None]:
    titles = {number: ending.title for number, ending in enumerate(realm.story.endings)} | {OPEN: "open", DEAD_END: "dead end"}
    return [titles.get(int(fate)) for fate in realm.fate]
