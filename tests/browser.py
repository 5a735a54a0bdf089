"""A reader at the page: keys in, words out, in the system's Chromium."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
AXE = Path(__file__).parent.parent / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SEED = 7
PATIENCE = 60_000
"""Milliseconds: machines that test may be busy."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Reader:
    """Somebody who reads and plays at ``address``. What goes wrong in the page is kept in ``troubles``."""

    def __init__(self, browser: Browser, address: str, *, offline: bool = False, **options: Any) -> None:
        self.context = browser.new_context(
            accept_downloads=True, **{"reduced_motion": "reduce", "viewport": {"width": 1000, "height": 800}, **options}
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.set_offline(offline)
        if AXE.exists():
            self.context.add_init_script(path=AXE)
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda message: self.troubles.append(message.text) if message.type == "error" else None)
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)
        self.page.wait_for_selector(".choice")

    # ---- what is done ----

    def press(self, *keys: str) -> None:
        """Press keys, each when the page has answered the one before."""
        for key in keys:
            self.page.keyboard.press(key)
            self.settle()

    def settle(self) -> None:
        self.page.wait_for_selector("main:not([aria-busy=true])")

    def begin(self, person: str = "Ann", seed: int = SEED) -> None:
        """A tale as who is called ``person``, from the title page."""
        self.page.get_by_label("Seed").fill(str(seed))
        self.page.get_by_role("button", name=re.compile(rf"\b(Be|as) {re.escape(person)}$")).click()
        self.page.wait_for_selector("body[data-state=playing]")
        self.settle()

    def choose(self, *labels: str) -> None:
        """Press the numbers of those choices."""
        for label in labels:
            self.press(str(self.choices.index(label) + 1))

    def sheet(self, key: str) -> None:
        """Press a key that lays down a sheet."""
        self.page.keyboard.press(key)
        self.page.wait_for_selector("dialog[open]")

    def click(self, name: str, *, exact: bool = True) -> None:
        self.page.get_by_role("button", name=name, exact=exact).click()
        self.settle()

    def file(self, name: str) -> str:
        """The text of the file that a button gives."""
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name=name, exact=True).click()
        return Path(download.value.path()).read_text("utf-8")

    def open_file(self, path: Path) -> None:
        """Go on with the save in a file; from the sheet with the saves."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Open a file").click()
        chooser.value.set_files(path)
        self.page.wait_for_timeout(50)
        self.settle()

    # ---- what is seen ----

    @property
    def tale(self) -> str:
        """The prose and what was chosen, a line each."""
        return (
            "\n".join(self.page.locator(".part > p, .part > h2").all_inner_texts())
            .replace("You chose: \n", "> ")
            .replace("You chose: ", "> ")
        )

    @property
    def choices(self) -> list[str]:
        return self.page.locator(".choice .label").all_inner_texts()

    @property
    def ending(self) -> str | None:
        found = self.page.locator(".ending h2")
        return found.inner_text() if found.count() else None

    @property
    def focused(self) -> str:
        """What has the focus, by its words."""
        return str(self.page.evaluate("document.activeElement.innerText ?? ''"))

    @property
    def heard(self) -> str:
        """What the live region has said last."""
        return str(self.page.evaluate("document.getElementById('status').textContent"))

    @property
    def notices(self) -> list[str]:
        return self.page.locator(".notice p").all_inner_texts()

    def expect_notice(self, words: str) -> None:
        expect(self.page.locator(".notice p", has_text=words).first).to_be_visible(timeout=PATIENCE)

    def obstacles(self) -> list[str]:
        """What stands in the way of people, as axe-core finds it."""
        found = self.page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
        return [f"{one['id']}: {node['html'][:160]} ({node['failureSummary']})" for one in found["violations"] for node in one["nodes"]]

    def overflows(self) -> bool:
        """Whether one would have to scroll sideways, on the page or on the sheet that lies over it."""
        return bool(
            self.page.evaluate(
                "[document.documentElement, ...document.querySelectorAll('dialog[open]')].some(one => one.scrollWidth > one.clientWidth)"
            )
        )

    def close(self) -> None:
        self.context.close()
