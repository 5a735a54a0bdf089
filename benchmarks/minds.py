"""Finding tales to a planner's published goals: every version in a table, under its published limits, with default settings.

    python benchmarks/minds.py DIR [--time S] [--only NAME,...]

DIR has ``versions.tsv`` beside ``problems/``, or beside the problems themselves (``benchmarks/problems``: our own, in both languages,
in the shapes that problems of the field have). What a version is known to come to stands in the column ``answer``: a tale unless it says
``none``, or ``open`` where nobody knows. Every version is run by the command ``everytale find`` in a process of its own, so the
peak of memory is its own. The seconds are those that it says it took: ``ground s`` to ground the problem, ``s`` to search and to follow
the tale anew (which is what the planner's published seconds count); the start of Python and reading the file is in the last line. What
is not solved counts as not quick, however soon it ended.

Two rates are shown. ``applied``, ``per s``: how often a move was applied in one state, in truth or in a mind, with what follows by
itself, while the tale was searched for, per second of the whole search on both cores; what is remembered is not applied again, so less
work makes this *smaller*. ``steps/s``: nothing but that, on one core: all moves that can be made in the first 300 states from the start,
made over again in every mind with nothing remembered, for half a second.
The figures to reach: all solved, 60 s in all, none over 20 s, 20 under 0.1 s, 4 GiB, and a million moves applied per second and core.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from everytale import load
from everytale.ground import another, ground

EVERYTALE = Path(sys.executable).with_name("everytale")


def file_of(directory: Path, name: str) -> Path:
    """The file of a problem."""
    places = [directory / "problems" / f"{name}.txt", directory / f"{name}.txt", directory / f"{name}.tale"]
    return next((one for one in places if one.exists()), places[0])


def run(problem: Path, version: dict[str, str], limit: float) -> tuple[dict[str, Any], float]:
    """What ``find`` answers, and the seconds of the whole process."""
    options = {"--goal": "goal", "--within": "author_temporal_limit", "--horizon": "character_temporal_limit", "--minds": "epistemic_limit"}
    command = [str(EVERYTALE), "find", str(problem), "--json", "--time", str(limit)]
    for option, column in options.items():
        command += [option, version[column]]
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    if done.returncode not in (0, 1, 3):
        return {"status": f"failed ({done.returncode})", "plan": [], "seconds": seconds, "states": 0, "applications": 0}, seconds
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer, seconds


SAMPLE, MEASURED = 300, 0.5
"""States; seconds."""


def stepping(problem: Path, version: dict[str, str]) -> float:
    """Moves applied per second on one core, in every mind, nothing remembered."""
    minds, horizon, within = (int(version[column]) for column in ("epistemic_limit", "character_temporal_limit", "author_temporal_limit"))
    core = another(ground(load(problem), minds=minds, horizon=horizon, within=within)).core
    core.rehearse(SAMPLE)
    applied, begun = 0, time.process_time()
    while (took := time.process_time() - begun) < MEASURED:
        applied += core.rehearse(SAMPLE)
    return applied / took


def machine() -> str:
    """What this was measured on, and of which commit."""
    described = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=Path(__file__).parent)
    cores = f"{os.cpu_count()} cores (load {os.getloadavg()[0]:.1f})"
    system = f"{platform.system()} {platform.machine()}, {cores}, Python {platform.python_version()}"
    return f"{system}, commit {described.stdout.strip() or '?'}"


COLUMNS = {
    "version": 18,
    "answer": 12,
    "moves": -6,
    "ground s": -9,
    "s": -8,
    "states": -12,
    "applied": -12,
    "per s": -11,
    "steps/s": -11,
    "MB": -7,
    "planner s": -12,
    "ratio": -10,
}
"""Widths; negative: set to the right."""


def row(*cells: str) -> str:
    return "".join(f"{cell:<{width}}" if width > 0 else f"{cell:>{-width}}" for cell, width in zip(cells, COLUMNS.values(), strict=True))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--time", type=float, default=60, help="seconds for each version")
    parser.add_argument("--only", help="names of versions, with commas")
    given = parser.parse_args(arguments)
    with (given.directory / "versions.tsv").open(encoding="utf-8") as table:
        versions = [one for one in csv.DictReader(table, delimiter="\t") if not given.only or one["version"] in given.only.split(",")]
    print(machine())
    print(row(*COLUMNS))
    seconds: list[float] = []
    starts: list[float] = []
    grounding: list[float] = []
    rates: list[float] = []
    solved: list[bool] = []
    unknown, most = 0, 0.0
    for version in versions:
        problem = file_of(given.directory, version["problem"])
        answer, whole = run(problem, version, given.time)
        took, memory, applied = answer["seconds"], answer.get("peak_memory_bytes", 0) / 1e6, answer["applications"]
        seconds.append(took)
        starts.append(whole - took - answer.get("grounding_seconds", 0))
        grounding.append(answer.get("grounding_seconds", 0))
        rates.append(stepping(problem, version))
        known = version.get("answer") or "found"
        solved.append(answer["status"] == known or (known == "open" and answer["status"] in ("found", "none")))
        unknown += known == "open" and answer["status"] == "undecided"
        most = max(most, memory)
        never, best = version.get("times_solved_of_120") == "0", float(version.get("min_ms") or 0) / 1000
        figures = (
            f"{grounding[-1]:.3f}",
            f"{took:.3f}",
            f"{answer['states']:,}",
            f"{applied:,}",
            f"{applied / max(took, 1e-9):,.0f}",
            f"{rates[-1]:,.0f}",
            f"{memory:,.0f}",
        )
        peer = ("never", "") if never else (f"{best:.3f}", f"{best / took:,.1f}") if "min_ms" in version else ("", "")
        print(row(version["version"], answer["status"], str(len(answer["plan"])), *figures, *peer), flush=True)
    print(
        f"{sum(solved)} of {len(versions)} solved{f', {unknown} left open' if unknown else ''}; {sum(seconds):.1f} s in all, "
        f"{max(seconds, default=0):.1f} s at most; {most:,.0f} MB at most"
    )
    quick = sum(done and took < 0.1 for done, took in zip(solved, seconds, strict=True))
    quick_in_all = sum(done and took + before < 0.1 for done, took, before in zip(solved, seconds, grounding, strict=True))
    print(f"solved in under 0.1 s: {quick}; with grounding, which takes {sum(grounding):.1f} s in all: {quick_in_all}")
    print(f"steps per second and core: {min(rates, default=0):,.0f} to {max(rates, default=0):,.0f}")
    print(f"start of the process and reading the file: {statistics.median(starts) if starts else 0:.2f} s each")
    return int(sum(solved) + unknown < len(versions))


if __name__ == "__main__":
    sys.exit(main())
