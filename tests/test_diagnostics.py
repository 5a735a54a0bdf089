"""A diagnostic as a person reads it: the marked line, whatever stands in it, in as many columns as there are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everytale.diagnostics import Diagnostic, Source, Span, StoryError, columns, position, render


def shown(text: str, marked: str, *, width: int = 80, colour: bool = False, label: str = "here", hint: str = "Mend it.") -> str:
    """The diagnostic that marks the first ``marked`` of ``text``."""
    start = text.index(marked)
    span = Span(Source("story.tale", text), start, start + len(marked))
    diagnostic = Diagnostic("some-code", "error", "It is wrong", "This was found.", span, label, hint)
    return render(diagnostic, width=width, colour=colour)


def test_what_where_the_line_and_how_to_mend_it() -> None:
    assert shown("fact a: b\nfact c: d\n", "c: d") == (
        "error[some-code]: It is wrong\n"
        " --> story.tale:2:6\n"
        "  |\n"
        "2 | fact c: d\n"
        "  |      ^^^^ here\n"
        "  = This was found.\n"
        "  = hint: Mend it."
    )


def test_without_a_place_and_without_a_hint() -> None:
    assert render(Diagnostic("some-code", "warning", "It is odd", "This was found.")) == "warning[some-code]: It is odd\n = This was found."


def marks(text: str, marked: str) -> tuple[str, str]:
    """The line that is shown, and the one with the marks, without margins."""
    lines = shown(text, marked, label="").splitlines()
    return lines[3].partition("| ")[2], lines[4].partition("| ")[2]


def test_a_tab_is_four_columns() -> None:
    assert marks("\tif\tdawn", "dawn") == ("    if    dawn", "          ^^^^")


def test_wide_and_combining_characters_are_counted_as_they_are_seen() -> None:
    assert marks("猫 = e\u0301 + x", "x") == ("猫 = e\u0301 + x", "         ^")
    assert marks("猫犬 x", "猫犬") == ("猫犬 x", "^^^^")


def test_the_end_of_the_file_is_marked_behind_it() -> None:
    source = Source("story.tale", "fact a:")
    lines = render(Diagnostic("c", "error", "t", "m", Span(source, 7, 7))).splitlines()
    assert lines[1].endswith(":1:8") and lines[3].endswith("fact a:") and lines[4].endswith("|        ^")
    empty = render(Diagnostic("c", "error", "t", "m", Span(Source("story.tale", ""), 0, 0))).splitlines()
    assert empty[1].endswith(":1:1")


def test_a_span_over_several_lines_is_marked_on_the_first() -> None:
    text = "action go\n    then a\nfact b"
    lines = shown(text, "go\n    then").splitlines()
    assert lines[1].endswith(":1:8") and lines[3].endswith("action go") and lines[4].endswith("       ^^ here")


def test_line_numbers_have_room() -> None:
    lines = shown("\n" * 99 + "fact a\n", "a").splitlines()
    assert lines[1] == "   --> story.tale:100:2" and lines[3] == "100 | fact a"


def test_what_does_not_print_does_not_reach_the_terminal() -> None:
    text = shown("fact \x1b[31mred\x07\u202e: x", "x", label="\x1b]0;title\x07", hint="\x1b[2J")
    assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text
    assert "fact ·[31mred··: x" in text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("place", ["<1>", "<2>", "<3>"])
def test_a_long_line_is_cut_around_the_mark(width: int, place: str) -> None:
    text = "<1>" + " words" * 60 + " <2>" + " words" * 60 + " <3>"
    lines = shown(text, place, width=width).splitlines()
    assert all(columns(line) <= width for line in lines)
    at = lines[4].index("^^^")
    assert lines[3][at : at + 3] == place and "…" in lines[3]


def test_long_messages_are_wrapped() -> None:
    lines = shown("fact a", "a", width=40, hint="A long hint, which goes on and on, and then on for some more words.").splitlines()
    assert all(columns(line) <= 40 for line in lines) and lines[-1].startswith("    ")


def test_colour_adds_nothing_but_colour() -> None:
    painted = shown("fact a", "a", colour=True)
    assert "\x1b[1;31m" in painted
    plain = painted
    for code in ("1;31", "31", "34", "32", "1", "0"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain == shown("fact a", "a")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.integers(0, 300), st.integers(0, 300), st.integers(30, 120), st.text(max_size=60))
def test_any_text_is_shown_in_its_columns(text: str, start: int, length: int, width: int, label: str) -> None:
    begin = min(start, len(text))
    span = Span(Source("story.tale", text), begin, min(begin + length, len(text)))
    shown = render(Diagnostic("c", "error", "t", text, span, label, text), width=width)
    assert all(columns(line) <= width for line in shown.split("\n"))
    assert all(character.isprintable() or character == "\n" for character in shown)


def test_positions_count_from_one() -> None:
    source = Source("story.tale", "ab\ncd\n")
    assert [position(Span(source, at, at)) for at in (0, 1, 3, 6)] == [(1, 1), (1, 2), (2, 1), (3, 1)]


def test_an_error_says_what_its_diagnostics_say() -> None:
    error = StoryError.one("c", "It is wrong", "This was found.", hint="Mend it.")
    assert str(error) == "It is wrong: This was found." and error.diagnostics[0].hint == "Mend it."
