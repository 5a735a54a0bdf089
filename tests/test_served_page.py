"""The page from a server, in a real browser: its saves are on the server, and it goes on with what the author makes of the story."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

pytest.importorskip("playwright", reason="playwright drives the browser: pip install playwright")

from tests.browser import CHROMIUM, Reader, chromium
from tests.test_serving import started, tea_file

__all__ = ["tea_file"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to play in (Debian: apt install chromium)")


@pytest.fixture
def reader(tea_file: Path) -> Iterator[Reader]:
    with started(tea_file) as (_, address), chromium() as browser:
        yield Reader(browser, address)


def test_its_saves_are_on_the_server_for_this_browser_alone(reader: Reader) -> None:
    reader.begin("Ann")
    reader.choose("Pour (glass)")
    saves = "async () => (await fetch('/saves')).json()"
    reader.page.wait_for_function(f"async () => (await ({saves})()).length == 1")
    [slot] = reader.page.evaluate(saves)
    assert (slot["name"], slot["player"], slot["moves"]) == ("auto-1", "Ann", 1)
    assert httpx2.get(f"{reader.page.url}saves").json() == []
    assert reader.page.evaluate("document.cookie") == "", "no script can read whose saves they are"
    assert reader.troubles == []


def test_it_goes_on_with_a_changed_story_and_says_what_is_wrong_with_a_broken_one(reader: Reader, tea_file: Path) -> None:
    reader.begin("Ann")
    reader.choose("Pour (glass)")
    whole = tea_file.read_text(encoding="utf-8")
    tea_file.write_text("tale", encoding="utf-8")
    reader.page.wait_for_selector("#notices :text('tea.tale, line 1')")
    tea_file.write_text(whole.replace("the blue mug", "the green mug"), encoding="utf-8")
    reader.page.wait_for_selector(".choice:has-text('the green mug')")
    assert reader.page.locator("main").inner_text().count("filled glass") == 1
    assert reader.troubles == []
