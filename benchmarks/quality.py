"""What the prose of a story is like over many tales: what is wrong, what is never told, how it reads.

python -m benchmarks.quality [STORY] [--tales N] [--teller NAME] [--faults N] [--each]

Over the shoulder of the story's teller, and of everybody else for whom there are words of their own, unless one is named. What is never
told is told over none of them. At the end, beside published figures of fiction as far as they were to be had.
"""

from __future__ import annotations

import argparse
import sys
from statistics import fmean

from everytale import load
from everytale.telling.quality import Quality, examine, never_told, shoulders, spread

PUBLISHED: tuple[tuple[str, float | None, float | None], ...] = (
    ("British fiction, early 1990s (Brezina; The Times, 2021)", None, 12.73),
    ("British fiction, about 2014 (Brezina; The Times, 2021)", None, 11.87),
    ("a crime novel, 2010s (McClendon, by Amazon’s text statistics)", 79.5, 8.6),
    ("A Room with a View, 1908 (Ashburn, textstat)", 84.8, None),
    ("The Jungle Book, 1894 (Piper, txtLAB, 2018)", 87.5, None),
    ("Ulysses, 1922 (Piper, txtLAB, 2018)", 81.0, None),
    ("Pride and Prejudice, 1813 (Alfaro, textstat)", 70.1, 18.0),
)
"""Reading ease (Flesch) and mean words of a sentence, as others published them; ``docs/stories/how-they-read.md`` says where. Of fan
fiction as a whole neither was to be had, and everybody counts syllables and sentences a little otherwise."""


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
    _beside(over)
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
        ("mean words of a sentence of a tale", [fmean(one.lengths) for one in measures if one.lengths], 1),
        ("third in a row to begin alike (‰ of sentences)", [one.alike for one in measures], 1),
    ):
        print(f"{what:<44}" + "".join(f"{value:>10,.{places}f}" for value in spread(values)))


def _beside(over: list[Quality]) -> None:
    print(f"\n{'':<64}{'ease':>7}{'words of a sentence':>21}")
    for quality in over:
        told = [one for one in quality.measures if one.lengths]
        at = f"{quality.story.title}, at the shoulder of {quality.teller}" if quality.teller else quality.story.title
        print(f"{at:<64}{fmean(one.ease for one in told):>7.1f}{fmean(length for one in told for length in one.lengths):>21.1f}")
    for what, ease, length in PUBLISHED:
        print(f"{what:<64}{'' if ease is None else format(ease, '.1f'):>7}{'' if length is None else format(length, '.2f'):>21}")


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
