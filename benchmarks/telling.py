"""Random tales of a story, without prose and with: moves per second of one core.

python -m benchmarks.telling [STORY] [--tales N]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from benchmarks.minds import machine
from everytale import load
from everytale.chance import Chance
from everytale.ground import ground
from everytale.telling.script import Script
from everytale.telling.tell import LONGEST, MOVES, Teller, wander


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("story", nargs="?", default="dont-stay")
    parser.add_argument("--tales", type=int, default=2000)
    given = parser.parse_args(arguments)
    story = load(given.story)
    print(machine())
    print(f"{given.tales} tales of {story.title}, the best of three times")
    print(f"{'':<44}{'moves':>12}{'s':>9}{'moves/s':>12}")
    world = ground(story)
    core = world.core
    seeds = [Chance(seed, MOVES).state for seed in range(given.tales)]

    def wandered() -> int:
        return sum(len(core.wander(core.start(), seed, LONGEST)[0]) for seed in seeds)

    _row("without prose, the first time", wandered, 1)
    _row("without prose, in states that are known", wandered)
    tales = [wander(world, Chance(seed, MOVES), LONGEST) for seed in range(min(given.tales, 500))]

    script = Script(world, story.teller)

    def prose() -> int:
        for seed, (moves, states) in enumerate(tales):
            Teller(script, seed).tale(moves, states, states[-1].ending)
        return sum(len(moves) for moves, _ in tales)

    def both() -> int:
        count = 0
        for seed in range(len(tales)):
            moves, states = wander(world, Chance(seed, MOVES), LONGEST)
            count += len(moves)
            Teller(script, seed).tale(moves, states, states[-1].ending)
        return count

    _row(f"prose alone, {len(tales)} tales, the first time", prose, 1)
    _row("prose alone, in states that are known", prose)
    _row("moves and prose, in states that are known", both)
    return 0


def _row(what: str, work: Callable[[], int], times: int = 3) -> None:
    best, moves = float("inf"), 0
    for _ in range(times):
        begun = time.process_time()
        moves = work()
        best = min(best, time.process_time() - begun)
    print(f"{what:<44}{moves:>12,}{best:>9.3f}{moves / best:>12,.0f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
