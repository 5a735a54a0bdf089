"""Exploring and odds, beside model checkers: the corridor (benchmarks/corridor.py), each tool in a process of its own.

    python -m benchmarks.realm [WALKERS PLACES ITEMS] [--model DIR]

Everytale explores it with one thread and with two, with the moves kept (which odds need) and without, and then finds the odds of the goal
between bounds of 1e-9. DIR has the same model as ``corridor.pml`` and ``corridor.prism``, for SPIN (if ``spin`` and ``gcc`` are there) and
for Storm (if ``stormpy`` is installed); without it those rows are left out. Seconds are those that the tool itself needed: SPIN's
and Everytale's without compiling and reading, Storm's for building the model and for checking it with its default settings.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.corridor import corridor, goal
from benchmarks.minds import machine

HERE = Path(__file__).parent


def everytale(walkers: int, places: int, items: int, threads: int, linked: bool) -> dict[str, Any]:
    """Explore, and with the moves kept find the odds of the goal."""
    from everytale.core import Realm as Core
    from everytale.diagnostics import Source, Span
    from everytale.ground import another, ground
    from everytale.language import read_story
    from everytale.language.expression import parse_expression
    from everytale.realm import Realm

    def nothing(name: str, span: Span) -> Source:
        raise FileNotFoundError(name)

    story, _ = read_story(Source("corridor.tale", corridor(walkers, places, items)), nothing)
    assert story is not None
    world = another(ground(story))
    began = time.monotonic()
    core = Core(world.core, player=-1, within=1_000_000_000, linked=linked, threads=threads)
    while not core.run(1 << 20):
        pass
    seconds = time.monotonic() - began
    figures = core.figures()
    found = {"states": figures["states"], "s": seconds, "bytes": figures["bytes"]}
    if linked:
        realm = Realm(world, core, None, None, None, seconds)
        began = time.monotonic()
        bounds, _ = realm.coming_to(parse_expression(goal(places), story))
        found |= {"odds s": time.monotonic() - began, "low": bounds.low, "high": bounds.high}
    return found


def spin(model: Path, folder: Path) -> dict[str, Any] | None:
    """SPIN's exhaustive search for a deadlock or a failed assertion, without reduction."""
    if not (shutil.which("spin") and shutil.which("gcc") and (model / "corridor.pml").exists()):
        return None
    subprocess.run(["spin", "-a", str((model / "corridor.pml").resolve())], cwd=folder, check=True, capture_output=True)
    compiler = ["gcc", "-O2", "-DSAFETY", "-DNOREDUCE", "-DMEMLIM=6000", "-o", "pan", "pan.c"]
    subprocess.run(compiler, cwd=folder, check=True, capture_output=True)
    done = subprocess.run(["./pan", "-E", "-m10000000"], cwd=folder, capture_output=True, text=True)
    states = re.search(r"(\d[\d.e+]*) states, stored", done.stdout)
    seconds = re.search(r"elapsed time ([\d.]+) seconds", done.stdout)
    memory = re.search(r"([\d.]+)\s+total actual memory usage", done.stdout)
    if states is None or seconds is None or memory is None:
        return None
    return {"states": int(float(states[1])), "s": float(seconds[1]), "bytes": float(memory[1]) * 1e6}


def storm(model: Path) -> dict[str, Any]:
    """Storm's sparse engine: building the chain, and the odds of the goal by its default, which is not sound."""
    import stormpy

    program = stormpy.parse_prism_program(str(model / "corridor.prism"))
    question = stormpy.parse_properties('P=? [F "goal"]')
    began = time.monotonic()
    built = stormpy.build_model(program, question)
    middle = time.monotonic()
    odds = stormpy.model_checking(built, question[0], only_initial_states=True, environment=stormpy.Environment())
    found = odds.get_value(built.initial_states[0])
    end = time.monotonic()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"states": built.nr_states, "s": middle - began, "odds s": end - middle, "low": found, "high": found, "bytes": used}


def apart(what: str, *arguments: object) -> dict[str, Any] | None:
    """One of the above in a process of its own; ``None``: it cannot be run here."""
    command = [sys.executable, "-m", "benchmarks.realm", "--only", what, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent)
    found: dict[str, Any] | None = json.loads(done.stdout) if done.returncode == 0 else None
    return found


def row(name: str, found: dict[str, Any] | None) -> None:
    if found is None:
        print(f"{name:<34}not here")
        return
    rate = found["states"] / found["s"]
    odds = f"{found['odds s']:>8.2f}  {found['low']:.10f} to {found['high']:.10f}" if "odds s" in found else ""
    print(f"{name:<34}{found['states']:>11,}{found['s']:>8.2f}{rate:>12,.0f}{found['bytes'] / found['states']:>9.1f}{odds}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("size", nargs="*", type=int, default=[3, 5, 3])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--only", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        what, *rest = given.only
        print(json.dumps(storm(Path(rest[0])) if what == "storm" else everytale(*map(int, rest[:4]), linked=rest[4] == "True")))
        return
    print(f"corridor {' '.join(map(str, given.size))}; {machine()}\n")
    print(f"{'':<34}{'situations':>11}{'s':>8}{'per s':>12}{'B each':>9}{'odds s':>8}  odds of the goal")
    for threads in (1, 2):
        for linked in (False, True):
            name = f"everytale, {threads} thread{'s' if threads > 1 else ''}{', moves kept' if linked else ''}"
            row(name, apart("everytale", *given.size, threads, linked))
    if given.model is not None:
        with tempfile.TemporaryDirectory() as folder:
            row("SPIN, safety, no reduction", spin(given.model, Path(folder)))
        row("Storm, sparse, default", apart("storm", given.model.resolve()))


if __name__ == "__main__":
    main()
