"""The command line: every verb, its answers for people and for tools, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner, Result

from everytale.__main__ import run as run_from_the_start
from everytale.cli import main

BISCUIT = """
tale "The Last Biscuit"

kind person: Mo (she), Kit (he)

fact hungry(p: person): yes or no, known to p
fact eaten: yes or no

start
    hungry(Mo)
    Mo believes hungry(Kit)
    Kit believes Mo believes hungry(Kit)

wants Mo
    +1 eaten                     because "it was the ginger one"
    -2 eaten and hungry(Kit)     because "nobody takes a hungry friend's biscuit"
wants Kit
    -1 hungry(Mo)                because "she had missed lunch again"

action take_it by Mo
    if not eaten
    then eaten, not hungry(Mo)
    told
        {Mo} took the biscuit.

action say_so by Kit to Mo
    then tells Mo hungry(Kit)
    told
        Kit: I had three of these before you came in.

ending "Crumbs" if eaten

test "she is too polite"
    expect not take_it because "nobody takes a hungry friend's biscuit"
    after say_so
    expect take_it
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "biscuit.tale").write_text(BISCUIT, encoding="utf-8")
    (tmp_path / "wrong.tale").write_text('tale "Wrong"\nkind person: Mo (she)\nfact eaten: yes or no\nstart\n    eatn\n', encoding="utf-8")
    (tmp_path / "trace.txt").write_text("say_so   # he says so\n\ntake_it\n", encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def data(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json").stdout)


# ---- new, check, test, show --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", [(), ("--template", "social"), ("--template", "adventure")])
def test_new_writes_a_story_that_is_right_tells_and_passes_its_tests(folder: Path, template: tuple[str, ...]) -> None:
    assert run("new", "my-story", *template).exit_code == 0
    assert run("check", "my-story.tale").stdout == "my-story.tale: nothing wrong\n"
    assert run("test", "my-story.tale").exit_code == 0
    assert run("tell", "my-story.tale", "--seed", "1").stdout.startswith("My story\n")


def test_new_leaves_what_is_there(folder: Path) -> None:
    found = run("new", "biscuit")
    assert found.exit_code == 1 and "file-exists" in found.stderr
    assert (folder / "biscuit.tale").read_text(encoding="utf-8") == BISCUIT


def test_check_says_what_is_wrong_and_where(folder: Path) -> None:
    found = run("check", "wrong.tale")
    assert found.exit_code == 1
    assert "wrong.tale:5:5" in found.stdout and "Did you mean `eaten`?" in found.stdout and "1 error" in found.stdout
    assert "\x1b" not in found.stdout


def test_check_for_tools(folder: Path) -> None:
    found = data("check", "wrong.tale")
    assert found["ok"] is False
    assert found["diagnostics"][0]["code"] == "unknown-name"
    assert found["diagnostics"][0]["place"] == {"file": "wrong.tale", "line": 5, "column": 5, "end_line": 5, "end_column": 9}
    assert data("check", "biscuit.tale") == {"ok": True, "diagnostics": []}


def test_test_tries_what_the_author_expects(folder: Path) -> None:
    assert run("test", "biscuit.tale").stdout == "✓ she is too polite\n1 of 1 test passed\n"
    changed = BISCUIT.replace("    after say_so\n", "")
    Path("changed.tale").write_text(changed, encoding="utf-8")
    found = run("test", "changed.tale")
    assert found.exit_code == 1 and "changed.tale:35" in found.stdout and "not in character for Mo" in " ".join(found.stdout.split())
    assert data("test", "changed.tale")["tests"][0]["ok"] is False


def test_show_gives_an_overview_or_the_whole(folder: Path) -> None:
    overview = run("show", "biscuit.tale").stdout
    assert "The Last Biscuit" in overview and "take_it by Mo" in overview and "Crumbs" in overview
    expanded = run("show", "biscuit.tale", "--expanded").stdout
    Path("expanded.tale").write_text(expanded, encoding="utf-8")
    assert run("show", "expanded.tale", "--expanded").stdout == expanded
    assert "Mo believes hungry(Kit) = hungry(Kit)" in expanded


# ---- tell, follow ------------------------------------------------------------------------------------------------------


def test_tell_tells_the_same_tale_for_the_same_seed(folder: Path) -> None:
    told = run("tell", "biscuit.tale", "--seed", "1").stdout
    assert told == run("tell", "biscuit.tale", "--seed", "1").stdout
    assert told.startswith("The Last Biscuit\n\n“I had three of these before you came in,” said Kit.\n") and told.endswith(
        "\nMo took the biscuit.\n"
    )


def test_tell_without_a_seed_says_how_to_tell_it_again(folder: Path) -> None:
    found = run("tell", "biscuit.tale")
    seed = found.stderr.split("--seed ")[1].split()[0]
    assert run("tell", "biscuit.tale", "--seed", seed).stdout == found.stdout


def test_tell_follows_a_trace(folder: Path) -> None:
    assert run("tell", "biscuit.tale", "--follow", "trace.txt").stdout.endswith("said Kit.\n\nMo took the biscuit.\n")
    found = data("tell", "biscuit.tale", "--follow", "say_so; take_it")
    assert found["moves"] == ["say_so", "take_it"] and found["ending"] == "Crumbs" and found["stopped"] == "ending"
    assert [piece["move"] for piece in found["told"] if piece["occasion"] == "move"] == ["say_so", "take_it"]


def test_tell_refuses_a_trace_that_cannot_be(folder: Path) -> None:
    assert run("tell", "biscuit.tale", "--follow", "take_it; take_it").exit_code == 1
    found = run("tell", "biscuit.tale", "--follow", "tak_it; say_so")
    assert found.exit_code == 1 and "Did you mean take_it?" in found.stderr
    assert run("tell", "biscuit.tale", "--teller", "Moe").exit_code == 1


def test_follow_says_for_each_move_whether_and_why(folder: Path) -> None:
    found = run("follow", "biscuit.tale", "trace.txt")
    assert found.exit_code == 0
    assert "say_so  is in character" in found.stdout and "she had missed lunch again (+1)" in " ".join(found.stdout.split())
    assert run("follow", "biscuit.tale", "take_it; say_so").exit_code == 1


def test_follow_for_tools(folder: Path) -> None:
    found = data("follow", "biscuit.tale", "trace.txt")
    assert found == {
        "moves": [
            {
                "move": "say_so",
                "possible": True,
                "in_character": True,
                "reasons": [{"person": "Kit", "gain": 1, "plan": ["say_so", "take_it"], "because": ["she had missed lunch again"]}],
            },
            {
                "move": "take_it",
                "possible": True,
                "in_character": True,
                "reasons": [{"person": "Mo", "gain": 1, "plan": ["take_it"], "because": ["it was the ginger one"]}],
            },
        ],
        "ending": "Crumbs",
        "value": None,
        "ok": True,
    }


def test_follow_asks_for_a_goal(folder: Path) -> None:
    assert run("follow", "biscuit.tale", "trace.txt", "--goal", "eaten and not hungry(Mo)").exit_code == 0
    assert run("follow", "biscuit.tale", "trace.txt", "--goal", "not eaten").exit_code == 1
    assert run("follow", "biscuit.tale", "trace.txt", "--within", "1").exit_code == 1
    assert run("follow", "biscuit.tale", "trace.txt", "--horizon", "1").exit_code == 1
    assert run("follow", "biscuit.tale", "trace.txt", "--goal", "eten").exit_code == 2


# ---- why, why-not ------------------------------------------------------------------------------------------------------


def test_why_answers_in_plain_words(folder: Path) -> None:
    found = " ".join(run("why", "biscuit.tale", "1", "--trace", "trace.txt").stdout.split())
    assert found.startswith("1. say_so Kit did it because she had missed lunch again.")
    assert "counted on Mo" in found


def test_why_not_names_who_will_not_what_they_are_wrong_about_and_what_would_change_it(folder: Path) -> None:
    found = run("why-not", "biscuit.tale", "take_it")
    said = " ".join(found.stdout.split())
    assert found.exit_code == 0
    assert said.startswith("Mo would not. She believes that hungry(Kit); in truth not hungry(Kit).")
    assert "Mo would if she believed that not hungry(Kit), or without her want “nobody takes a hungry friend's biscuit”." in said


def test_why_not_names_what_fails_and_what_made_it_so(folder: Path) -> None:
    story = BISCUIT.replace('ending "Crumbs" if eaten\n', "")
    Path("endless.tale").write_text(story.split("test ")[0], encoding="utf-8")
    said = " ".join(run("why-not", "endless.tale", "take_it", "--trace", "say_so; take_it").stdout.split())
    assert said == "take_it needs “not eaten”, but eaten: move 2, take_it, made it so."


def test_why_not_of_what_is_possible_is_no(folder: Path) -> None:
    found = run("why-not", "biscuit.tale", "say_so")
    assert found.exit_code == 1 and "possible" in found.stdout


def test_why_not_for_tools(folder: Path) -> None:
    found = data("why-not", "biscuit.tale", "take_it")
    assert found["possible"] is False
    assert found["refusals"][0]["person"] == "Mo"


# ---- find ----------------------------------------------------------------------------------------------------------------


def test_find_gives_a_tale_with_everybodys_reasons(folder: Path) -> None:
    found = run("find", "biscuit.tale", "--to", "crumbs", "--shortest")
    assert found.exit_code == 0
    words = " ".join(found.stdout.split())
    assert "1. say_so is in character" in words and "2. take_it is in character" in words and "she had missed lunch again (+1)" in words
    assert "No tale within the limits is shorter; that is proved." in words
    assert "states" in found.stderr


def test_find_tells_the_tale(folder: Path) -> None:
    found = run("find", "biscuit.tale", "--goal", "eaten", "--tell", "--shortest")
    assert found.exit_code == 0 and "Mo took the biscuit." in found.stdout and "in character" not in found.stdout
    assert found.stdout.endswith("\n\nNo tale within the limits is shorter; that is proved.\n")


def test_find_says_that_there_is_none(folder: Path) -> None:
    found = run("find", "biscuit.tale", "--goal", "eaten", "--within", "1")
    assert found.exit_code == 1 and "There is no such tale of at most 1 move," in " ".join(found.stdout.split())


def test_find_says_how_likely(folder: Path) -> None:
    found = run("find", "biscuit.tale", "--goal", "eaten", "--likeliest")
    assert found.exit_code == 0 and "1 in 1, exactly 1" in found.stdout


def test_find_for_tools(folder: Path) -> None:
    found = data("find", "biscuit.tale", "--goal", "eaten")
    assert found["status"] == "found" and found["plan"] == ["say_so", "take_it"] and found["ending"] == "Crumbs"
    assert [[reason["person"] for reason in reasons] for reasons in found["reasons"]] == [["Kit"], ["Mo"]]
    assert found["proved"] == {"shortest": False, "likeliest": False, "no_other": False} and found["stopped"] is None
    assert found["limits"] == {"within": None, "horizon": 5, "minds": 2}
    assert found["states"] > 0 and found["seconds"] > 0 and found["peak_memory_bytes"] > 0
    several = data("find", "biscuit.tale", "--goal", "eaten", "--all", "9")
    assert several["proved"]["no_other"] and [tale["ending"] for tale in several["tales"]] == ["Crumbs"]


# ---- conduct -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["tel", "dont-stay"], 2),
        (["tell"], 2),
        (["tell", "dont-stay", "--seed", "x"], 2),
        (["tell", "dont-stay", "--as-written", "--follow", "x"], 2),
        (["follow", "dont-stay"], 2),
        (["why", "dont-stay", "99", "--as-written"], 2),
        (["find", "dont-stay"], 2),
        (["find", "dont-stay", "--goal", "over", "--to", "He stays"], 2),
        (["find", "dont-stay", "--goal", "over", "--shortest", "--likeliest"], 2),
        (["find", "dont-stay", "--goal", "over", "--tell", "--json"], 2),
        (["find", "dont-stay", "--goal", "over", "--time", "0"], 2),
        (["find", "dont-stay", "--goal", "over", "--time", "nan"], 2),
        (["find", "dont-stay", "--goal", "over", "--horizon", "300"], 2),
        (["find", "dont-stay", "--to", "He staies"], 2),
        (["find", "dont-stay", "--goal", "owver"], 2),
        (["find", "dont-stay", "--goal", "1e999999999"], 2),
        (["find", "dont-stay", "--goal", "Jack believes Ianto believes Jack believes over", "--minds", "0"], 2),
        (["tell", "no-such-story"], 1),
        (["check", "dont-stay"], 0),
        (["check", "dont-stay", "--format", "sabre"], 1),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    assert run(*arguments).exit_code == code


@pytest.mark.skipif(sys.platform == "win32", reason="terminals")
def test_progress_keeps_to_one_line_of_the_terminal_and_leaves_nothing_there(folder: Path) -> None:
    import fcntl
    import pty
    import struct
    import termios

    lamps = "fact lit(l: lamp): yes or no\nevent switch(l: lamp)\n    if not lit(l)\n    then lit(l)\n"
    names = ", ".join(f"l{number}" for number in range(26))
    (folder / "lamps.tale").write_text(f'tale "Lamps"\nkind person: Ada (she)\nkind lamp: {names}\n{lamps}', encoding="utf-8")
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    command = [
        sys.executable,
        "-m",
        "everytale",
        "find",
        "lamps.tale",
        "--goal",
        "for every lamp l: lit(l)",
        "--within",
        "25",
        "--time",
        "2",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=there)
    os.close(there)
    shown = b""
    try:
        while piece := os.read(here, 4096):
            shown += piece
    except OSError:  # the other end is closed
        pass
    answer, _ = process.communicate()
    os.close(here)
    *lines, blank, last = [line for line in shown.decode().split("\r") if line not in ("", "\n")]
    assert process.returncode == 3 and b"whether there is one is undecided" in answer
    assert all(len(line) == 39 for line in lines) and lines[-1].startswith("searching: ")
    assert blank == " " * 39 and last.startswith("[") and last.endswith("MB]")


def test_the_time_of_a_command_runs_from_its_start(folder: Path) -> None:
    begun = time.monotonic() - 30
    for seconds, stopped in (("20", "time"), ("60", None)):
        found = CliRunner().invoke(main, ["find", "biscuit.tale", "--goal", "eaten", "--json", "--time", seconds], obj=begun)
        assert json.loads(found.stdout)["stopped"] == stopped


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full")
def test_an_answer_that_cannot_be_printed_is_no_traceback(folder: Path) -> None:
    command = [sys.executable, "-m", "everytale", "find", "biscuit.tale", "--goal", "eaten", "--json"]
    for unbuffered in ("", "1"):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                command, stdout=full, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": unbuffered}
            )
        assert done.returncode == 1 and "no space left" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="closed streams")
def test_an_answer_needs_no_error_stream(folder: Path) -> None:
    command = ["sh", "-c", f"{sys.executable} -m everytale find biscuit.tale --goal eaten 2>&-"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0 and "The goal is reached" in done.stdout


def test_ctrl_c_is_heeded_while_the_command_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pressed:
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "everytale.cli", Pressed())
    with pytest.raises(SystemExit, match="130"):
        run_from_the_start()


def test_a_verb_or_story_like_it_is_proposed() -> None:
    assert "Did you mean 'tell'?" in run("tel").stderr
    assert "Did you mean 'dont-stay'?" in run("tell", "dont-sty").stderr


def test_every_verb_says_what_it_does() -> None:
    assert list(main.commands)[:9] == ["new", "check", "test", "show", "tell", "follow", "find", "why", "why-not"]
    assert list(main.commands)[9:] == ["explore", "export", "claims", "flip", "sensitivity", "play", "serve", "publish"]
    for verb in main.commands:
        found = run(verb, "--help")
        assert found.exit_code == 0 and len(found.stdout.splitlines()) > 4
        assert all(len(line) <= 100 for line in found.stdout.splitlines())


def test_an_undecided_answer_has_its_own_exit_code(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from everytale.world import State

    monkeypatch.setattr(State, "in_character", lambda self, move, person: None)
    assert run("follow", "biscuit.tale", "trace.txt").exit_code == 3
    assert run("why-not", "biscuit.tale", "take_it").exit_code == 3


def test_a_pipe_gets_plain_text_and_may_close_early(folder: Path) -> None:
    command = f"{sys.executable} -m everytale tell dont-stay --as-written | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "utf-8"}, timeout=60)
    assert done.stdout.decode() == "Don't Stay\n" and done.stderr == b""


def test_prose_is_wrapped_at_a_readable_measure(folder: Path) -> None:
    told = CliRunner(env={"COLUMNS": "40"}).invoke(main, ["tell", "dont-stay", "--as-written"]).stdout
    assert max(map(len, told.splitlines())) <= 40
    assert max(map(len, run("tell", "dont-stay", "--as-written").stdout.splitlines())) <= 72


def test_a_planner_file_is_known_by_its_name(folder: Path) -> None:
    text = dedent("""
        property rich(character : character) : boolean;
        entity Ann : character;
        action earn(character : character) { effect: rich(character); consenting: character; };
        utility(): rich(Ann);
        utility(Ann): rich(Ann);
    """)
    Path("problem.txt").write_text(text, encoding="utf-8")
    assert run("follow", "problem.txt", "earn(Ann)", "--goal", "1").exit_code == 0
    assert run("follow", "problem.txt", "earn(Ann)", "--goal", "rich(Ann) == True").exit_code == 0
    assert run("tell", "problem.txt", "--follow", "earn(Ann)").stdout.endswith("Ann earns.\n")
