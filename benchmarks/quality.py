"""What the prose of a story is like over many tales: what is wrong, what is never told, how it reads.

python -m benchmarks.quality [STORY] [--tales N] [--teller NAME] [--faults N] [--each]

Over the shoulder of the story's teller, and of everybody else for whom there are words of their own, unless one is named. What is never
told is told over none of them.
"""

from __future__ import annotations

import argparse
import sys

from everytale import load
from everytale.telling.quality import Quality, examine, never_told, shoulders, spread


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("story", nargs="?", default="dont-stay")
    parser.add_argument("--tales", type=int, default=1000)
    parser.add_argument("--teller", help="at whose shoulder, instead of the story's own")
    parser.add_argument("--faults", type=int, default=20, help="how many of what is wrong are shown")
    parser.add_argument("--each", action="store_true", help="a line for every tale as well")
    given = parser.parse_args(arguments)
    story = load(given.story)
    over: list[Quality] = []
    for teller in [given.teller] if given.teller else shoulders(story):
        over.append(examine(story, given.tales, teller=teller))
        if given.each:
            _each(over[-1])
        _table(over[-1])
        _wrong(over[-1], given.faults)
    never = never_told(over)
    print(f"{'never told, of all alternatives':<44}{len(never):>10,} of {len({one for each in over for one in each.alternatives}):,}")
    for one in never:
        print(f"  {one.where}, block {one.block + 1}, way {one.way + 1}: {one.beginning}")
    return int(any(quality.faults for quality in over))


def _each(quality: Quality) -> None:
    print(f"{'seed':>6}{'moves':>7}{'silent':>8}{'words':>7}{'sentences':>11}{'ease':>7}{'shortest':>10}{'median':>8}{'longest':>9}")
    for seed, one in enumerate(quality.measures):
        tenth, middle, ninetieth = spread(one.lengths)
        print(
            f"{seed:>6}{one.moves:>7}{one.silent:>8}{one.words:>7}{len(one.lengths):>11}{one.ease:>7.1f}{tenth:>10.0f}{middle:>8.0f}{ninetieth:>9.0f}"
        )
    print()


def _table(quality: Quality) -> None:
    measures = quality.measures
    shoulder = f"the shoulder of {quality.teller}" if quality.teller else "nobody’s shoulder"
    print(f"{quality.story.title}, {len(measures):,} tales, at {shoulder}")
    print(f"{'different sequences of moves':<44}{quality.sequences:>10,}")
    print(f"{'':<44}{'10%':>10}{'median':>10}{'90%':>10}")
    for what, values, places in (
        ("moves of a tale", [one.moves for one in measures], 0),
        ("of which nothing is told (%)", [100 * one.silent / max(1, one.moves) for one in measures], 0),
        ("words of a tale", [one.words for one in measures], 0),
        ("reading ease (Flesch) of a tale", [one.ease for one in measures], 1),
        ("words of a sentence", [length for one in measures for length in one.lengths], 0),
        ("third in a row to begin alike (‰ of sentences)", [one.alike for one in measures], 1),
    ):
        print(f"{what:<44}" + "".join(f"{value:>10,.{places}f}" for value in spread(values)))


def _wrong(quality: Quality, most: int) -> None:
    print(f"{'wrong':<44}{len(quality.faults):>10,}")
    for what, count in quality.counts().most_common():
        print(f"  {what:<42}{count:>10,}")
        shown = dict.fromkeys(fault.text for fault in quality.faults if fault.what == what)
        for text in list(shown)[:most]:
            seed = next(fault.seed for fault in quality.faults if fault.text == text)
            print(f"    seed {seed}: {text}")
    print()


if __name__ == "__main__":
    sys.exit(main())
