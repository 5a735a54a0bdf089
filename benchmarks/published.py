"""Every situation of a planner's published problems, within the limits under which they were published.

    python -m benchmarks.published DIR [--time S] [--memory GB] [--only NAME,...]

DIR has ``versions.tsv`` beside ``problems/``. Of each problem, which may be published with several goals, all is explored that can be
come to within its limits, with reasons for every move: in a process of its own, so the peak of memory is its own. ``levels``: within
how many moves from the start every situation was found, of how many the limit allows; where they are fewer, it was cut short. ``moves``:
those between situations. The seconds are those of exploring alone, without reading and grounding.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.minds import machine

HERE = Path(__file__).parent
LIMITS = ("author_temporal_limit", "character_temporal_limit", "epistemic_limit")
WIDTHS = {"problem": -13, "limits": -9, "levels": 9, "situations": 13, "moves": 13, "s": 9, "per s": 11, "MB": 9}
"""Of the columns; negative: set to the left."""


def explored(problem: Path, within: int, horizon: int, minds: int, time: float, memory: float) -> dict[str, Any]:
    """What became of one problem."""
    from everytale import load
    from everytale.realm import explore

    realm = explore(load(problem), within=within, horizon=horizon, minds=minds, time=time, memory=memory)
    levels = within if realm.stopped is None else realm.depth
    figures = {"situations": realm.situations, "moves": realm.transitions, "undecided": realm.undecided}
    return {"levels": levels, "s": realm.seconds, "stopped": realm.stopped, "memory": realm.memory} | figures


def apart(*arguments: object) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.published", "--one", *map(str, arguments)]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent, check=True).stdout)
    return found


def row(*cells: object) -> str:
    return "".join(f"{cell!s:<{-width}}" if width < 0 else f"{cell!s:>{width}}" for cell, width in zip(cells, WIDTHS.values(), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", nargs="?", type=Path)
    parser.add_argument("--time", type=float, default=60, help="seconds for each problem")
    parser.add_argument("--memory", type=float, default=8, help="gigabytes for each problem")
    parser.add_argument("--only", help="names of problems, with commas")
    parser.add_argument("--one", nargs=6, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        problem, *limits = given.one
        print(json.dumps(explored(Path(problem), *map(int, limits[:3]), *map(float, limits[3:]))))
        return
    if given.directory is None:
        parser.error("the folder with versions.tsv is needed")
    with (given.directory / "versions.tsv").open(encoding="utf-8") as table:
        limits_of = {one["problem"]: tuple(int(one[limit]) for limit in LIMITS) for one in csv.DictReader(table, delimiter="\t")}
    print(machine())
    print(row(*WIDTHS))
    whole = 0
    for name, limits in limits_of.items():
        if given.only and name not in given.only.split(","):
            continue
        problem = (given.directory / "problems" / f"{name}.txt").resolve()
        found = apart(problem, *limits, given.time, given.memory)
        whole += found["stopped"] is None and not found["undecided"]
        rate = found["situations"] / max(found["s"], 1e-9)
        levels, cut = f"{found['levels']}/{limits[0]}", f"  {found['stopped']}" if found["stopped"] else ""
        figures = (f"{found['s']:.2f}", f"{rate:,.0f}", f"{found['memory'] / 1e6:,.0f}")
        line = row(name, ",".join(map(str, limits)), levels, f"{found['situations']:,}", f"{found['moves']:,}", *figures)
        undecided = f"  {found['undecided']:,} undecided" if found["undecided"] else ""
        print(line + cut + undecided, flush=True)
    print(f"{whole} explored whole within their limits")


if __name__ == "__main__":
    main()
