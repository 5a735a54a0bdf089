"""Playing, measured: how soon a choice is answered, what a long tale costs, and that a kill loses nothing.

``python -m benchmarks.play [--story STORY] [--choices N] [--kills N]``: N choices at random for every person with a choice, each saved
by itself on the disk; then N players who are killed (SIGKILL) in the midst of playing, each time at another moment.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.minds import machine
from everytale import Session, Story, load
from everytale.play.game import Game
from everytale.play.saves import Shelf

GOAL = 0.050
"""Seconds in which 95 of 100 choices are to be answered."""
MOST_MEMORY = 150e6
"""Bytes by which a thousand choices may grow."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--story", default="dont-stay")
    parser.add_argument("--choices", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--victim", metavar="DIR", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    story = load(given.story)
    if given.victim:
        return endless(story, Path(given.victim))
    print(machine())
    print(f"{'person':<12}{'choices':>8}{'tales':>7}{'median ms':>11}{'95% ms':>9}{'most ms':>9}{'undo ms':>9}{'MB more':>9}")
    missed = False
    for person in story.people:
        missed |= played(story, person, given.choices)
    lost = sum(not kept(given.story, number) for number in range(given.kills))
    print(f"{given.kills} players killed while playing; saves lost or damaged: {lost}")
    return int(missed or lost > 0)


def played(story: Story, person: str, choices: int) -> bool:
    """Play at random, tale after tale; whether a goal was missed."""
    chance, times, tales = random.Random(1), list[float](), 0
    with tempfile.TemporaryDirectory() as folder:
        game = Game(Session(story, person, 0), Shelf(Path(folder)))
        if not game.session.options:
            return False
        before = resident()
        while len(times) < choices:
            if not game.session.options:
                tales += 1
                game.restart(tales)
                continue
            option = chance.choice(game.session.options)
            begun = time.perf_counter()
            game.choose(option)
            times.append(time.perf_counter() - begun)
        more = resident() - before
        begun = time.perf_counter()
        game.undo()
        undone = time.perf_counter() - begun
    times.sort()
    usual, late = times[len(times) // 2], times[len(times) * 95 // 100]
    print(
        f"{person:<12}{choices:>8,}{tales:>7}{usual * 1e3:>11.1f}{late * 1e3:>9.1f}{times[-1] * 1e3:>9.1f}"
        f"{undone * 1e3:>9.1f}{more / 1e6:>9.1f}",
        flush=True,
    )
    return late > GOAL or more > MOST_MEMORY


def resident() -> int:
    """Bytes of memory that this process has now (on Linux; elsewhere 0)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * 4096


def endless(story: Story, folder: Path) -> int:
    """Play for ever, and say after each choice how many moves the save must have at least."""
    chance = random.Random()
    game = Game(Session(story, story.teller or story.people[0], 0), Shelf(folder))
    while True:
        if game.session.options:
            game.choose(chance.choice(game.session.options))
        else:
            game.restart(chance.randrange(1000))
        if game.slot is not None:
            print(game.slot, len(game.session.turns), flush=True)


def kept(story: str, number: int) -> bool:
    """Whether a player who is killed finds the last answered choice in the save."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.play", "--story", story, "--victim", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            time.sleep(random.Random(number).uniform(0, 0.3))
            process.send_signal(signal.SIGKILL)
            slot, moves = [first, *process.stdout][-1].split()
        shelf = Shelf(Path(folder))
        saved = shelf.load(slot)
        return len(saved.made) >= int(moves) and all(one.save is not None for one in shelf.slots())


if __name__ == "__main__":
    sys.exit(main())
