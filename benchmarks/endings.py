"""Finding a tale of the flagship to each of its endings, with default settings.

python -m benchmarks.endings [--time S]
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.minds import machine
from everytale import find, load


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--time", type=float, default=60, help="seconds for each ending")
    given = parser.parse_args(arguments)
    story = load("dont-stay")
    print(machine())
    print(f"{'ending':<20}{'answer':<12}{'moves':>6}{'s':>9}{'states':>12}{'MB':>7}")
    missing = 0
    for ending in story.endings:
        found = find(story, to=ending.title, time=given.time)
        missing += found.status != "found"
        print(
            f"{ending.title:<20}{found.status:<12}{len(found.plan):>6}{found.seconds:>9.3f}{found.states:>12,}{found.memory / 1e6:>7,.0f}",
            flush=True,
        )
    return int(missing > 0)


if __name__ == "__main__":
    sys.exit(main())
