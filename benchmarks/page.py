"""The page, measured in Chromium: how large a published story is, how soon there is something to read, how soon a choice is answered, and
what a thousand choices cost.

``python -m benchmarks.page [STORY] [--choices N] [--runs N]``
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.minds import machine
from everytale import load
from everytale.publish import published
from tests.browser import Reader, chromium

GOALS = {"MB": 1.0, "first": 1.0, "choice": 0.050, "more": 150e6}
"""Megabytes of the file; seconds until the first text of a tale, and until 95 of 100 choices are answered; bytes for a thousand choices."""

CHOOSE = """index => new Promise(resolve => {
  const main = document.getElementById("main"), begun = performance.now();
  new MutationObserver((_, observer) => {
    if (main.getAttribute("aria-busy") === "true") return;
    observer.disconnect();
    void document.body.offsetHeight; // laid out as well
    resolve((performance.now() - begun) / 1000);
  }).observe(main, {attributeFilter: ["aria-busy"]});
  document.querySelectorAll(".choice")[index].click();
})"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("story", nargs="?", default="dont-stay")
    parser.add_argument("--choices", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args(arguments)
    story = load(given.story)
    print(machine())
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        path = Path(folder) / "story.html"
        path.write_text(published(story, given.story), "utf-8")
        size = path.stat().st_size / 1e6
        print(f"published: {size:.2f} MB (goal {GOALS['MB']:g})")
        title, first = zip(*(opened(browser, path.as_uri()) for _ in range(given.runs)), strict=True)
        print(f"from opening, best and median of {given.runs}: title {min(title):.2f} s, {statistics.median(title):.2f} s;", end=" ")
        print(f"the first text, begun at once {min(first):.2f} s, {statistics.median(first):.2f} s (goal {GOALS['first']:g})")
        missed = size > GOALS["MB"] or min(first) > GOALS["first"]
        print(f"{'person':<20}{'choices':>8}{'tales':>7}{'median ms':>11}{'95% ms':>9}{'most ms':>9}{'MB more':>9}")
        for person in story.people:
            missed |= played(browser, path.as_uri(), story.entity[person].label, given.choices)
    return int(missed)


def opened(browser: Browser, address: str) -> tuple[float, float]:
    """Seconds from opening the page until the title, and until the first text of a tale."""
    begun = time.perf_counter()
    reader = Reader(browser, address)
    title = time.perf_counter() - begun
    reader.press("1")
    reader.page.wait_for_selector(".part")
    first = time.perf_counter() - begun
    reader.close()
    return title, first


def played(browser: Browser, address: str, label: str, choices: int) -> bool:
    """Play at random, tale after tale, as who is called ``label``; whether a goal was missed."""
    chance, times, tales = random.Random(1), list[float](), 0
    reader = Reader(browser, address)
    reader.begin(label)
    tidied = reader.page.context.new_cdp_session(reader.page)  # what is garbage is not held against the page
    tidied.send("HeapProfiler.collectGarbage")
    before = resident()
    while len(times) < choices:
        if reader.page.locator(".ending").count():
            tales += 1
            reader.sheet("r")
            reader.page.get_by_label("Seed").fill(str(tales))
            reader.click("Begin another tale")
        else:
            times.append(reader.page.evaluate(CHOOSE, chance.randrange(reader.page.locator(".choice").count())))
    tidied.send("HeapProfiler.collectGarbage")
    more = resident() - before
    reader.close()
    times.sort()
    usual, late = times[len(times) // 2], times[len(times) * 95 // 100]
    print(f"{label:<20}{choices:>8,}{tales:>7}{usual * 1e3:>11.1f}{late * 1e3:>9.1f}{times[-1] * 1e3:>9.1f}{more / 1e6:>9.1f}", flush=True)
    return late > GOALS["choice"] or more > GOALS["more"]


def resident() -> int:
    """Bytes of memory that the pages of Chromium have now (on Linux; elsewhere 0)."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"--type=renderer" in (process / "cmdline").read_bytes():
                found += int((process / "statm").read_text().split()[1]) * 4096
        except OSError:  # it has ended
            continue
    return found


if __name__ == "__main__":
    sys.exit(main())
