"""Every kind of diagnostic has a page: an example that goes wrong, what is said of it, and the example mended.

``python -m tests.test_messages`` writes what is said into the pages, after a change of the words.
"""

from __future__ import annotations

import ast
import os
import re
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from everytale.diagnostics import Diagnostic, StoryError, render
from everytale.ground import ground
from everytale.language.messages import ERRORS, WARNINGS
from everytale.loader import LARGEST, check, load, new
from everytale.story import Thing

SOURCES = Path(__file__).parents[1] / "src" / "everytale"
PAGES = SOURCES / "messages"
CODES = sorted(page.stem for page in PAGES.glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STORY = 'kind person: Jack (he)\nkind place: flat\nfact dawn: yes or no\naction wait by Jack\n    then dawn\nending "Morning" if dawn\n'


def codes_in_the_sources() -> set[str]:
    """The first argument of whatever makes a diagnostic, wherever that is written out, and the language's own table."""
    found = {*ERRORS, *WARNINGS}
    for file in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if name in ("one", "_problem", "error", "warning", "fail", "Diagnostic") and isinstance(first, ast.Constant):
                found.add(first.value)
    return found


# ---- what no text of a story brings about ----------------------------------------------------------------------------


def _story() -> Path:
    Path("story.tale").write_text(STORY, encoding="utf-8")
    return Path("story.tale")


def _new_twice() -> None:
    new("story")
    new("story")


def _too_large() -> None:
    with Path("story.tale").open("wb") as file:
        file.truncate(LARGEST + 1)
    load("story.tale")


def _not_text() -> None:
    Path("story.tale").write_bytes(STORY.encode().replace(b"Jack", "José".encode("latin-1")))
    load("story.tale")


def _nobody_tells() -> None:
    from everytale.telling import tell

    tell(load(_story()), teller="Jck")


def _nobody_consents() -> None:
    story = load(_story())
    ground(replace(story, actions=(replace(story.actions[0], consenting=(Thing("flat"),)),)))


def _nobody_infers() -> None:
    Path("story.tale").write_text(STORY + "inference guess by Jack\n    then dawn\n", encoding="utf-8")
    story = load("story.tale")
    ground(replace(story, triggers=(replace(story.triggers[0], mind=Thing("flat")),)))


def _damaged_save() -> None:
    from everytale.play.saves import read

    Path("monday.json").write_text("{", encoding="utf-8")
    read(Path("monday.json"))


def _no_such_save() -> None:
    from everytale.play.saves import Shelf

    Shelf(Path("saves")).load("monday")


def _other_checkpoint() -> None:
    from everytale.realm import explore

    kept: list[Any] = []
    explore(load(_story()), keep=kept.append)
    explore(load("story.tale"), within=1, known=kept[-1])


def _other_programs_file() -> None:
    from everytale.serving.store import Store

    with closing(sqlite3.connect("photos.db")) as data:
        data.execute("CREATE TABLE photos (name TEXT)")
    Store(Path("photos.db"))


ELSEWHERE: dict[str, Callable[[], object]] = {
    "file-exists": _new_twice,
    "unwritable-file": lambda: new("no-such-folder/story"),
    "unreadable-file": lambda: load("."),
    "file-too-large": _too_large,
    "not-text": _not_text,
    "unknown-teller": _nobody_tells,
    "no-consent": _nobody_consents,
    "no-mind": _nobody_infers,
    "damaged-save": _damaged_save,
    "no-such-save": _no_such_save,
    "unusable-store": _other_programs_file,
    "other-checkpoint": _other_checkpoint,
}


def said(text: str, kind: str) -> tuple[Diagnostic, ...]:
    """What is said of a story, in a file of the current folder."""
    path = Path("story.tale" if kind == "tale" else "story.txt")
    path.write_text(text, encoding="utf-8")
    return check(path)


def brought_about(code: str) -> tuple[Diagnostic, ...]:
    """The diagnostics of the example on the page of ``code``."""
    examples = [(kind, body) for kind, body in BLOCK.findall(page(code)) if kind != "text"]
    if examples:
        return said(examples[0][1], examples[0][0])
    with pytest.raises(StoryError) as error:
        ELSEWHERE[code]()
    return error.value.diagnostics


def page(code: str) -> str:
    return (PAGES / f"{code}.md").read_text(encoding="utf-8")


def shown(code: str, diagnostics: tuple[Diagnostic, ...]) -> str:
    return render(next(diagnostic for diagnostic in diagnostics if diagnostic.code == code), width=80) + "\n"


# ---- the pages -------------------------------------------------------------------------------------------------------


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(CODES) == codes_in_the_sources()
    assert len(CODES) >= 35


@pytest.mark.parametrize("code", CODES)
def test_the_example_brings_it_about(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    diagnostics = brought_about(code)
    others = {diagnostic.code for diagnostic in diagnostics} - {code}
    assert not others or code == "too-many-errors"
    kind, text = next((kind, body) for kind, body in BLOCK.findall(page(code)) if kind == "text")
    assert kind == "text" and text == shown(code, diagnostics)


@pytest.mark.parametrize("code", [code for code in CODES if code not in ELSEWHERE])
def test_the_example_is_mended(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kind, mended = [(kind, body) for kind, body in BLOCK.findall(page(code)) if kind != "text"][1]
    assert said(mended, kind) == ()


@pytest.mark.parametrize("code", CODES)
def test_a_page_says_what_is_wrong_and_how_to_mend_it(code: str) -> None:
    title, meaning, *_ = page(code).split("\n\n")
    assert title.startswith("# ") and title.removeprefix("# ") == {**ERRORS, **WARNINGS}.get(code, title.removeprefix("# "))
    assert not meaning.startswith(("#", "```"))
    assert "\n## How to mend it\n" in page(code)


def write() -> None:
    """Put what is said of each example into its page."""
    for code in CODES:
        with tempfile.TemporaryDirectory() as folder:
            before = Path.cwd()
            os.chdir(folder)
            try:
                text = shown(code, brought_about(code))
            finally:
                os.chdir(before)
        pattern = re.compile(r"^```text\n.*?^```$", re.MULTILINE | re.DOTALL)
        (PAGES / f"{code}.md").write_text(pattern.sub(lambda _, text=text: f"```text\n{text}```", page(code), count=1), encoding="utf-8")


if __name__ == "__main__":
    write()
