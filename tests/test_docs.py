"""What the documents show is what one gets.

A document is followed from top to bottom in an empty folder. A block ``tale title="NAME.tale"`` is typed into that file,
below what is there already; a block ``console`` is a session in a terminal: after each ``$ everytale ...`` what it prints,
where ``[...]`` alone on a line stands for any number of lines left out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
PAGES = ("index", "tutorial", "language", "telling", "commands", "playing", "planner-files")
DOCUMENTS = ["README.md", *(f"docs/{name}.md" for name in PAGES)]
BLOCK = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Call:
    command: str
    printed: str


def calls(session: str) -> list[Call]:
    found: list[Call] = []
    for line in session.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append(Call(line[2:].strip(), ""))
        else:
            found[-1].printed += line
    return found


def run(command: str, folder: Path) -> str:
    """What ``command`` prints, run as in a plain terminal of 100 columns; the program is this Python's."""
    path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    environment = os.environ | {"PATH": path, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
    )
    return done.stdout.decode("utf-8")


def plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def agrees(printed: str, shown: str) -> bool:
    pattern = re.escape(plain(shown)).replace(re.escape("[...]"), r"(?:.*\n)*?.*")
    return re.fullmatch(pattern, plain(printed)) is not None


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_shows_what_one_gets(name: str, tmp_path: Path) -> None:
    for kind, title, body in BLOCK.findall((CHECKOUT / name).read_text(encoding="utf-8")):
        if kind == "tale" and title:
            with (tmp_path / title).open("a", encoding="utf-8") as file:
                file.write(body + "\n")
        elif kind == "console":
            for call in calls(body):
                printed = run(call.command, tmp_path)
                if not agrees(printed, call.printed):
                    assert plain(printed) == plain(call.printed), f"{name}: {call.command}"


def test_a_document_that_shows_something_else_would_be_noticed() -> None:
    assert agrees("one\ntwo\nthree\n", "one\n[...]\nthree\n")
    assert agrees("one\n", "one\n")
    assert not agrees("one\ntwo\n", "one\nthree\n")
    assert not agrees("one\ntwo\n", "one\n")


def test_the_readme_and_the_tutorial_show_something() -> None:
    for name in ("README.md", "docs/tutorial.md"):
        blocks = BLOCK.findall((CHECKOUT / name).read_text(encoding="utf-8"))
        assert sum(len(calls(body)) for kind, _, body in blocks if kind == "console") >= 3, name
