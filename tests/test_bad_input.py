"""Files that no author wrote, or that somebody wrote to do harm: a diagnostic, soon and in little memory, and never a traceback."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from everytale.diagnostics import Diagnostic, Source, Span, StoryError
from everytale.language import read_story
from everytale.loader import LARGEST, check, load_trace

MEGABYTE = 1024 * 1024
PATIENCE = 20.0
"""Seconds for one file, on a slow and busy machine."""
CAST = "kind person: Jack (he), Ianto (he)\nfact dawn: yes or no\nfact hurt(person): 0 to 3\n"


def codes(path: Path, content: str | bytes) -> list[str]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return [diagnostic.code for diagnostic in check(path)]


# ---- files -----------------------------------------------------------------------------------------------------------


def test_a_hundred_megabytes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "story.tale"
    with path.open("wb") as file:
        file.truncate(100 * MEGABYTE)
    begun = time.process_time()
    assert [diagnostic.code for diagnostic in check(path)] == ["file-too-large"]
    assert time.process_time() - begun < 1.0


def test_all_files_of_a_story_count_together(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.tale").write_text("#" * (LARGEST // 3) + "\n")
    assert codes(tmp_path / "story.tale", "".join(f'include "{name}.tale"\n' for name in "abc") + "#" * 100) == ["file-too-large"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (bytes(range(256)), "not-text"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "not-text"),
        ("kind person: Jos\u00e9 (he)\n".encode("latin-1"), "not-text"),
        ("tale".encode("utf-16"), "not-text"),
        (b"kind a\x00b\n", "not-text"),
        (b"", "empty-story"),
        (b"\n\n\n", "empty-story"),
        (b"\xef\xbb\xbf", "empty-story"),
    ],
)
@pytest.mark.parametrize("name", ["story.tale", "story.txt"])
def test_what_is_not_text_or_empty(name: str, content: bytes, expected: str, tmp_path: Path) -> None:
    assert codes(tmp_path / name, content) == [expected]


def test_comments_are_no_story(tmp_path: Path) -> None:
    assert codes(tmp_path / "story.tale", "# \N{CAT}\n") == ["empty-story"]
    assert codes(tmp_path / "story.txt", "// \N{CAT}\n/* and another */") == ["empty-story"]


def test_all_ends_of_lines_are_one(tmp_path: Path) -> None:
    text = CAST + 'ending "End" if dawn and hurt(Jack) = 1\n'
    for end in ("\n", "\r\n", "\r"):
        assert codes(tmp_path / "story.tale", "\ufeff" + text.replace("\n", end)) == []


def test_folders_and_missing_files(tmp_path: Path) -> None:
    assert [diagnostic.code for diagnostic in check(tmp_path)] == ["unreadable-file"]
    for name in ("no.tale", "no/such/folder.tale", "x" * 5000, "a\0b"):
        assert [diagnostic.code for diagnostic in check(tmp_path / name)] == ["no-such-file"]
    with pytest.raises(StoryError):
        load_trace(tmp_path / "no.trace")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device here")
def test_a_device_is_not_read() -> None:
    assert [diagnostic.code for diagnostic in check("/dev/zero")] == ["unreadable-file"]


# ---- includes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("story.tale", "included-twice"),
        ("./story.tale", "included-twice"),
        ("ring.tale", "included-twice"),
        ("../secret.tale", "include-outside"),
        ("/etc/passwd", "include-outside"),
        ("below/../../secret.tale", "include-outside"),
        ("link.tale", "include-outside"),
        ("nothing.tale", "no-such-file"),
        ("below", "unreadable-file"),
        ("x" * 5000, "unreadable-file"),
        ("..", "include-outside"),
    ],
)
def test_includes_that_are_refused(wanted: str, code: str, tmp_path: Path) -> None:
    folder = tmp_path / "story"
    (folder / "below").mkdir(parents=True)
    (tmp_path / "secret.tale").write_text("fact secret: yes or no\n")
    (folder / "ring.tale").write_text('include "story.tale"\n')
    (folder / "link.tale").symlink_to(tmp_path / "secret.tale")
    path = folder / "story.tale"
    path.write_text(f'{CAST}include "{wanted}"\nending "End" if dawn and hurt(Jack) = 1\n')
    found = check(path)
    assert [diagnostic.code for diagnostic in found] == [code]
    assert found[0].span is not None


def test_a_long_chain_of_includes(tmp_path: Path) -> None:
    for number in range(1500):
        (tmp_path / f"{number}.tale").write_text(f'include "{number + 1}.tale"\n')
    (tmp_path / "1500.tale").write_text(CAST + 'ending "End" if dawn and hurt(Jack) = 1\n')
    assert [diagnostic.code for diagnostic in check(tmp_path / "0.tale")] == []


# ---- texts that are large, deep, or both -----------------------------------------------------------------------------


def filled(with_: str, size: int = LARGEST - 2000) -> str:
    return with_ * (size // len(with_))


HUGE = {
    "brackets": CAST + 'ending "End" if ' + filled("("),
    "nots": CAST + 'ending "End" if ' + filled("not "),
    "ands": CAST + 'ending "End" if ' + filled("dawn and ") + "dawn",
    "beliefs": CAST + "start\n    " + filled("Jack believes "),
    "quantifiers": CAST + 'ending "End" if ' + filled("for every person p: "),
    "one word": filled("a"),
    "quotes": filled('"'),
    "braces": CAST + 'ending "End" if dawn\n    told: ' + filled("{"),
    "holes": CAST + 'ending "End" if dawn\n    told: ' + filled("{Jack}"),
    "paragraphs": CAST + 'ending "End" if dawn\n    told\n' + filled("        Words and words, and {Jack}.\n\n"),
    "lines": filled("x\n"),
    "empty lines": filled("\n"),
    "indentation": "".join(" " * depth + "x\n" for depth in range(4000)),
    "effects": CAST + "event e\n    then " + filled("hurt(Jack) = 1 when hurt(Ianto) = 1, "),
    "members": "kind t: " + ", ".join(f"e{number}" for number in range(800_000)),
    "kinds above kinds": "".join(f"kind k{number} is k{number + 1}\n" for number in range(300_000)),
    "facts": "".join(f"fact f{number}: yes or no\n" for number in range(190_000)),
    "questions": CAST + "".join(f"action a{number} by Jack\n    asks Ianto\n    then dawn\n" for number in range(9000)),
    "stage": CAST
    + "stage s: p with "
    + " and ".join(["hurt(p) = 1"] * 9000)
    + "\n"
    + "".join(f"action a{number} by Jack in s\n    then dawn\n" for number in range(2000)),
    "speakers": CAST + 'ending "End" if dawn\n    told\n' + "".join(f"        Jcak{number}: a\n" for number in range(150_000)),
    "weights": CAST + "event e\n    then dawn\n    weight " + "1 when dawn, " * 20_000 + "1\n",
    "knowledge": CAST + 'ending "End" if ' + "Jack knows (" * 40 + "dawn" + ")" * 40,
    "wants of all": CAST
    + "kind person: "
    + ", ".join(f"p{number} (he)" for number in range(3000))
    + "\nwants every person p\n"
    + f"    +1 {' and '.join(['hurt(p) = 1'] * 900)}\n" * 20,
    "quantifiers in comparisons": CAST
    + f"fact f({', '.join(['person'] * 12)}): yes or no\n"
    + 'ending "End" if '
    + f"f({', '.join(['everybody'] * 12)}) = (" * 45
    + "dawn"
    + ")" * 45,
    "combining": filled("\u0301"),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_text_is_answered_soon(name: str) -> None:
    begun = time.process_time()
    story, diagnostics = read_story(Source("story.tale", HUGE[name]), _no_file)
    assert time.process_time() - begun < PATIENCE
    assert story is not None or any(diagnostic.severity == "error" for diagnostic in diagnostics)
    assert len(diagnostics) <= 250


@pytest.mark.parametrize(
    "opening", ["(", "not ", "Jack believes ", "for every person p: ", "if dawn then ", "1 + ", "- ", "number of person p with "]
)
def test_nested_a_thousand_deep(opening: str) -> None:
    story, diagnostics = read_story(Source("story.tale", CAST + 'ending "End" if ' + opening * 1000 + "dawn\n"), _no_file)
    assert story is None and diagnostics[0].code == "too-deep"


@pytest.mark.parametrize("opening", ["(", "not ", "Jack believes ", "if dawn then dawn else "])
def test_as_deep_as_may_be_is_read_and_grounded(opening: str, tmp_path: Path) -> None:
    closing = ")" if opening == "(" else ""
    found = codes(tmp_path / "story.tale", f'{CAST}ending "End" if hurt(Jack) = 1 and {opening * 60}dawn{closing * 60}\n')
    assert found == []


def _no_file(name: str, span: Span) -> Source:
    raise StoryError((Diagnostic("no-such-file", "error", "There is no such file", name, span),))


# ---- worlds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("fact coins: 0 to 999999999999999999\nevent luck\n    then coins rises\n" + 'ending "E" if coins > 3\n', None),
        (
            "kind t: " + ", ".join(f"t{number}" for number in range(40)) + "\nfact f(a: t, b: t, c: t, d: t): yes or no\n"
            "event e(a: t, b: t, c: t, d: t)\n    then f(a, b, c, d)\n" + 'ending "E" if f(t1, t1, t1, t1)\n',
            "world-too-large",
        ),
        ("kind person: " + ", ".join(f"p{number} (he)" for number in range(60)) + '\nminds 4\nending "E" if dawn\n', "world-too-large"),
        ("trigger on\n    if not dawn\n    then dawn\ntrigger off\n    if dawn\n    then not dawn\n", "trigger-ring"),
        ('fact rung: 0 to 999999999999\ntrigger up\n    if not dawn\n    then rung rises\nending "E" if rung = 5\n', "trigger-ring"),
        ("trigger up\n    if hurt(Jack) < 3\n    then hurt(Jack) = hurt(Jack) + 2\n", "out-of-range"),
    ],
)
def test_worlds_that_cannot_be(lines: str, code: str | None, tmp_path: Path) -> None:
    begun = time.process_time()
    found = codes(tmp_path / "story.tale", CAST + lines + 'ending "Hurt" if hurt(Jack) = 3 and dawn\n')
    assert time.process_time() - begun < PATIENCE
    assert found == ([code] if code else [])


# ---- the program -----------------------------------------------------------------------------------------------------


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2048 * MEGABYTE, 2048 * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


@pytest.mark.parametrize("name", ["brackets", "ands", "members", "lines"])
def test_the_program_says_so_in_two_gigabytes_and_exits_with_1(name: str, tmp_path: Path) -> None:
    (tmp_path / "story.tale").write_text(HUGE[name])
    done = subprocess.run(
        [sys.executable, "-m", "everytale", "check", "story.tale"],
        cwd=tmp_path,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=_bounded if sys.platform == "linux" else None,
    )
    assert done.returncode == 1, done.stderr
    assert "error[" in done.stdout and "Traceback" not in done.stdout + done.stderr
    assert len(done.stdout) < 20_000


def test_the_program_names_binary_files_for_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "story.tale").write_bytes(bytes(range(256)) * 100)
    done = subprocess.run(
        [sys.executable, "-m", "everytale", "check", "story.tale"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and "not-text" in done.stdout + done.stderr and "Traceback" not in done.stderr
