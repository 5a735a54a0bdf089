"""``everytale explore`` and ``export``: what they print, what cuts them short, and how a later run goes on."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner, Result

from everytale.cli import main
from everytale.diagnostics import StoryError
from everytale.language.format import format_story
from everytale.realm import Realm, explore
from tests.test_finding import LADDER, hard, story
from tests.test_never import CELLAR


def lamps(count: int) -> str:
    """A story without people, of 2 to the power of ``count`` situations."""
    names = ", ".join(f"l{number}" for number in range(count))
    return f'tale "Lamps"\nkind lamp: {names}\nfact lit(l: lamp): yes or no\nevent light(l: lamp)\n    if not lit(l)\n    then lit(l)\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ladder.tale").write_text(LADDER, encoding="utf-8")
    (tmp_path / "lamps.tale").write_text(lamps(19), encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def data(*arguments: str) -> Any:
    return json.loads(run("explore", *arguments, "--json").stdout)


# ---- what is printed ---------------------------------------------------------------------------------------------------------------


def test_claims_are_judged_and_those_that_are_not_proved_are_shown(folder: Path) -> None:
    said = 'claim "she gets there": ending "At the top" is possible\nclaim never rung = 2\nclaim whatever Ada does, never rung = 3\n'
    (folder / "claimed.tale").write_text(LADDER + said, encoding="utf-8")
    lines = run("explore", "claimed.tale").stdout.splitlines()
    at = lines.index("Claims: 1 proved, 1 refuted")
    assert lines[at + 1] == "  ✗ never rung = 2: refuted [leap]"
    verdicts = {one["claim"]: one["verdict"] for one in data("claimed.tale")["claims"]}
    assert list(verdicts.values()) == ["proved", "refuted"]
    assert [one["verdict"] for one in data("claimed.tale", "--as", "Ada")["claims"]] == ["refuted"]


def test_what_tables_need_is_said_before_anything_is_explored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr("everytale.realm.explore", lambda *_, **__: pytest.fail("it was explored first"))
    found = run("explore", "ladder.tale", "--save", "tables")
    assert found.exit_code == 2 and "pip install 'everytale[tables]'" in found.stderr
    assert not (folder / "tables").exists()


def test_the_summary_has_endings_with_their_odds_and_shortest_tales(folder: Path) -> None:
    done = run("explore", "ladder.tale")
    assert done.exit_code == 0
    assert done.stdout == (
        "The Ladder\n\n"
        "The whole realm: 20 situations, 41 moves between them, up to 6 moves from the\nstart.\n\n"
        "               odds                     shortest   situations\n"
        "At the top    62.3%  ██████████          4 moves            2\n"
        "Down and out  37.7%  ██████              4 moves            1\n"
    )


def test_with_a_player_it_has_what_they_can_bring_about(folder: Path) -> None:
    done = run("explore", "ladder.tale", "--as", "Ada")
    assert "At the top          0%     15.8%      100%    4 moves\n" in done.stdout
    assert "no end              0%        0%      100%\n" in done.stdout
    assert run("explore", "ladder.tale", "--as", "Eve").exit_code == 1


def test_json_has_the_bounds(folder: Path) -> None:
    found = data("ladder.tale")
    assert (found["status"], found["states"], found["moves"], found["dead_ends"]) == ("whole", 20, 41, 0)
    top, down = found["endings"]
    assert (top["name"], top["shortest"], top["situations"]) == ("At the top", 4, 2)
    assert 0 < top["odds"]["high"] - top["odds"]["low"] <= 1e-9
    assert top["odds"]["low"] + down["odds"]["low"] <= 1 <= top["odds"]["high"] + down["odds"]["high"]
    assert found["endless"] == {"low": 0, "high": 0}


def test_a_bound_makes_a_part_with_honest_odds(folder: Path) -> None:
    part, whole = data("ladder.tale", "--within", "5"), data("ladder.tale")
    assert run("explore", "ladder.tale", "--within", "5").exit_code == 0  # it is what was asked for
    assert part["status"] == "partial" and part["states"] < whole["states"]
    for inner, outer in zip(whole["endings"], part["endings"], strict=True):
        assert outer["odds"]["low"] <= inner["odds"]["low"] and inner["odds"]["high"] <= outer["odds"]["high"] < 1


def test_a_dead_end_and_an_ending_that_no_tale_comes_to_are_said(folder: Path) -> None:
    text = 'tale "Dead"\nkind thing: stone\nfact n: 0 to 2\nevent roll\n    if n = 0\n    then n = 1\nending "Far" if n = 2\n'
    (folder / "dead.tale").write_text(text, encoding="utf-8")
    done = run("explore", "dead.tale")
    assert "dead end    100%" in done.stdout and "ending “Far”: “n = 2” never holds" in done.stdout
    assert data("dead.tale")["dead_ends"] == 1


def test_what_never_happens_and_open_questions_are_said(folder: Path) -> None:
    (folder / "cellar.tale").write_text(CELLAR, encoding="utf-8")
    done = run("explore", "cellar.tale")
    assert "What happens never: 2 actions, 1 event, 3 endings, 2 scenes, 3 texts\n" in done.stdout
    assert "  ending “Twilight”: where it would come, “Night” comes first [knock; stumble;\n    dusk]\n" in done.stdout
    assert "Open questions\n" in done.stdout and all(len(line) <= 80 for line in done.stdout.splitlines())
    found = data("cellar.tale")
    assert found["never"]["proved"] and [one["name"] for one in found["never"]["events"]] == ["freeze"]
    assert found["never"]["texts"][0]["place"]["line"] == CELLAR.splitlines().index("        Nobody could have read this.")
    assert {one["about"] for one in found["questions"]} == {"spent", "unserved"}


@pytest.mark.parametrize("verb", [["explore"], ["claims"], ["flip", "--all"], ["sensitivity"]])
def test_a_budget_used_up_while_the_story_is_made_ready_is_said(folder: Path, verb: list[str]) -> None:
    (folder / "flipped.tale").write_text(LADDER + 'claim never rung = 9\nflip "awake": without action sleep\n', encoding="utf-8")
    done = run(verb[0], "flipped.tale", *verb[1:], "--memory", "0.000001")
    assert done.exit_code == 3
    assert done.stderr.splitlines()[-1] == "Undecided: the memory was used up before the story was made ready."


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_while_the_story_is_made_ready_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("everytale.ground._grounded", interrupted)
    done = run("explore", "ladder.tale")
    assert done.exit_code == 3 and "it was interrupted before the story was made ready" in done.stderr


# ---- as fractions ------------------------------------------------------------------------------------------------------------------


def test_exact_odds_are_fractions_that_lie_between_the_bounds(folder: Path) -> None:
    assert (
        "\n\nOdds as fractions\n  At the top: 772915904/1240462139\n  Down and out: 467546235/1240462139\n"
        in run("explore", "ladder.tale", "--exact").stdout
    )
    for player in ([], ["--as", "Ada"]):
        found = data("ladder.tale", "--exact", *player)
        odds = {name: Fraction(one) for name, one in found["exact"]["odds"].items()}
        assert sum(odds.values()) == 1 and found["exact"]["why"] is None
        for one in found["endings"]:
            bounds = one["evenly" if player else "odds"]
            assert bounds["low"] <= odds[one["name"]] <= bounds["high"]
    assert "exact" not in data("ladder.tale")


def test_exact_odds_are_refused_where_they_cannot_be_had(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = run("explore", "ladder.tale", "--within", "2", "--exact")
    assert part.exit_code == 3 and "there are none while a part of the realm is not known." in part.stdout
    monkeypatch.setattr("everytale.cli.exploring.MOST_DIGITS", 3)
    assert "their denominators have about 9 digits" in " ".join(run("explore", "ladder.tale", "--exact").stdout.split())
    monkeypatch.setattr(Realm, "exact", interrupted)
    assert "Odds as fractions: finding them was interrupted." in run("explore", "ladder.tale", "--exact").stdout
    monkeypatch.setattr(Realm, "exact", lambda *_: None)
    large = run("explore", "ladder.tale", "--exact", "--json")
    assert large.exit_code == 3
    assert json.loads(large.stdout)["exact"] == {
        "odds": None,
        "why": "they are found for at most 20,000 situations that hang together loosely; this realm is too large for it.",
    }


def test_exact_odds_are_given_up_when_the_time_is_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("everytale.realm.odds.monotonic", itertools.count(0, 60).__next__)
    late = run("explore", "ladder.tale", "--exact", "--time", "50")
    assert late.exit_code == 3 and "Odds as fractions: the time was up before they were found." in late.stdout
    assert "The whole realm" in late.stdout
    assert run("explore", "ladder.tale", "--exact").exit_code == 0


@pytest.mark.parametrize(
    ("verb", "code", "error"),
    [
        (["explore", "ladder.tale", "--as", "Bob"], 1, "There is no such person"),
        (["claims", "nowhere.tale"], 1, "There is no such story"),
        (["flip", "ladder.tale", "nothing"], 1, "There is no such flip"),
        (["explore", "ladder.tale", "--memory", "0.000001"], 3, "the memory was used up before the story was made ready."),
        (["why-not", "ladder.tale", "fly"], 1, "There is no move 'fly'."),
    ],
)
def test_an_error_is_one_value_for_tools_too(folder: Path, verb: list[str], code: int, error: str) -> None:
    done = run(*verb, "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["error"]) == (code, error) and done.stderr
    assert [one["title"] for one in found["diagnostics"]] == ([error] if error.startswith("There is no such") else [])


# ---- into files --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--report", "--checkpoint", "--save", "--picture"])
def test_where_nothing_can_be_written_is_said_before_the_long_work(folder: Path, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    monkeypatch.setattr("everytale.realm.explore", lambda *_, **__: pytest.fail("it was explored"))
    for name, why in (
        ("ladder.tale/map.svg", "not a directory"),
        ("no/such/map.svg", "no such file or directory"),
        (".", "is a directory"),
    ):
        if (option, why) not in (("--save", "is a directory"), ("--save", "no such file or directory"), ("--picture", "is a directory")):
            done = run("explore", "ladder.tale", option, name)
            assert done.exit_code == 1 and why in done.stderr and str(os.getpid()) not in done.stderr


def test_a_pipe_is_written_to_and_a_link_stays_one(folder: Path) -> None:
    os.mkfifo("pipe")
    Path("link.json").symlink_to("real.json")
    with ThreadPoolExecutor() as pool:
        read = pool.submit(Path("pipe").read_text)
        assert run("export", "ladder.tale", "--to", "json", "-o", "pipe").exit_code == 0
    assert run("export", "ladder.tale", "--to", "json", "-o", "link.json").exit_code == 0
    assert Path("pipe").is_fifo() and Path("link.json").is_symlink()
    assert read.result() == Path("real.json").read_text()


# ---- as tables ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("player", [[], ["--as", "Ada"]])
def test_save_writes_tables_with_the_documented_columns(folder: Path, player: list[str]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    assert run("explore", "ladder.tale", *player, "--save", "tables").exit_code == 0
    names = ("states", "moves", "endings", "odds")
    tables = {name: parquet.read_table(folder / "tables" / f"{name}.parquet").to_pylist() for name in names}
    realm = explore(story(LADDER), player="Ada" if player else None)
    assert [len(tables[name]) for name in ("states", "moves", "odds")] == [realm.situations, realm.transitions, realm.situations]
    assert {key for table in tables.values() for key in table[0]} - documented() == {"rung", "tired", "asleep", *outcome_columns(realm)}
    for row in tables["states"]:
        state = realm.state(row["situation"])
        assert all(row[name] == state.value(name) for name in ("rung", "tired", "asleep"))
        assert row["depth"] == len(realm.way_to(row["situation"]).moves)
        assert row["fate"] == (None if state.ending is None else state.ending.title)
    for situation in range(realm.situations):
        rows = [row for row in tables["moves"] if row["source"] == situation]
        links = [(str(move), target, float(weight)) for move, weight, target in realm.links(situation)]
        assert [(row["move"], row["target"], row["weight"]) for row in rows] == links
        assert sum(row["odds"] or 0 for row in rows) == pytest.approx(1 if any(not row["chosen"] for row in rows) else 0)
    assert [(row["name"], row["evenly_low"]) for row in tables["endings"]] == [(one.name, one.evenly.low) for one in realm.outcomes]
    assert tables["odds"][0]["At the top, low"] == realm.prospects.at(0, 0).low


@pytest.mark.parametrize("player", [None, "Ada"])
def test_a_realm_in_python_is_data_frames_with_the_same_columns(player: str | None) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    realm = explore(story(LADDER), player=player)
    states, moves, endings, odds = realm.states(), realm.moves(), realm.endings(), realm.odds()
    assert len(states) == realm.situations and len(moves) == realm.transitions and list(endings.name) == list(realm.names)
    assert {*states, *moves, *endings, *odds} - documented() == {"rung", "tired", "asleep", *outcome_columns(realm)}
    assert str(states.rung.dtype) == "Int64" and str(states.tired.dtype) == "boolean" and str(endings.shortest.dtype) == "Int64"
    assert str(moves.move.dtype) == "category" and int(endings.situations.sum()) == int(states.fate.notna().sum())
    drawn = moves[~moves.chosen].groupby("source").odds.sum()
    assert drawn.to_numpy() == pytest.approx(1)
    assert odds["At the top, low"][0] == realm.prospects.at(0, 0).low


def test_a_fact_that_nobody_knows_is_missing_and_makes_no_number_a_float() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    text = (
        LADDER.replace("fact tired", "fact seen: 0 to 3 or unknown\nfact tired")
        + "event forget\n    if seen = 0\n    then seen = unknown\n"
    )
    seen = explore(story(text)).states().seen
    assert str(seen.dtype) == "Int64" and set(seen.dropna()) == {0} and seen.isna().any()


def documented() -> set[str]:
    from everytale.realm import tables

    words = set(str(tables.__doc__).replace(",", " ").split())
    return words | {f"{kind}_{end}" for kind in ("least", "most", "evenly") for end in ("low", "high")}


def outcome_columns(realm: Any) -> set[str]:
    return {f"{name}, {end}" for name in realm.names for end in ("low", "high")}


# ---- for other programs ------------------------------------------------------------------------------------------------------------


def test_export_writes_every_situation_and_move_in_each_form(folder: Path) -> None:
    for form in ("dot", "graphml", "prism", "drn", "json"):
        assert run("export", "ladder.tale", "--to", form, "-o", f"ladder.{form}").exit_code == 0
        printed = run("export", "ladder.tale", "--to", form).stdout
        assert printed == (folder / f"ladder.{form}").read_text(encoding="utf-8")
    assert (folder / "ladder.dot").read_text(encoding="utf-8").count(" -> ") == 41
    graph = ElementTree.parse(folder / "ladder.graphml").getroot()[-1]
    assert [sum(part.tag.endswith(tag) for part in graph) for tag in ("node", "edge")] == [20, 41]
    assert "@nr_states\n20\n" in (folder / "ladder.drn").read_text(encoding="utf-8")
    situations = json.loads((folder / "ladder.json").read_text(encoding="utf-8"))["situations"]
    assert situations[0]["facts"] == {"rung": 0, "tired": False, "asleep": False}
    assert {move["move"] for move in situations[0]["moves"]} == {"climb", "leap"}
    assert run("export", "ladder.tale", "--to", "png").exit_code == 2


# ---- cut short ---------------------------------------------------------------------------------------------------------------------


def test_time_cuts_it_short_with_bounds(folder: Path) -> None:
    (folder / "hard.tale").write_text(format_story(hard()), encoding="utf-8")
    done = run("explore", "hard.tale", "--time", "0.2", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 3 and (found["status"], found["stopped"]) == ("partial", "time")
    assert found["states"] > found["open"] > 0 and found["endless"] == {"low": 0, "high": 1}


def test_memory_cuts_it_short() -> None:
    script = (
        "from tests.test_finding import hard\nfrom everytale.realm import explore\n"
        "realm = explore(hard(), memory=0.2)\nprint(realm.status, realm.stopped, realm.memory)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[1], timeout=300)
    status, stopped, memory = done.stdout.split()
    assert (status, stopped) == ("partial", "memory"), done.stderr
    assert int(memory) <= 0.2e9 * 1.3


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_it_with_what_is_known(folder: Path) -> None:
    (folder / "hard.tale").write_text(format_story(hard()), encoding="utf-8")
    process = begun("hard.tale", "--json", "--checkpoint", "kept")
    wait_for(folder / "kept", process)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 3, errors
    found = json.loads(output)
    assert found["stopped"] == "interrupted" and found["states"] > 1


def begun(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "everytale", "explore", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(kept: Path, process: subprocess.Popen[str]) -> None:
    """Until it is under way, and keeps what it knows."""
    while not kept.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


# ---- and gone on with --------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_run_that_is_killed_is_gone_on_with_to_the_same_numbers(folder: Path) -> None:
    kept = folder / "kept"
    process = begun("lamps.tale", "--checkpoint", "kept")
    wait_for(kept, process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with np.load(kept) as file:
        assert len(file["fate"]) > 1
    found, fresh = data("lamps.tale", "--checkpoint", "kept"), data("lamps.tale")
    for name in ("status", "states", "moves", "depth", "endings", "dead_ends", "dead_end", "endless"):
        assert found[name] == fresh[name], name
    assert found["states"] == 2**19


@pytest.mark.parametrize(("text", "player"), [(LADDER, None), (LADDER, "Ada"), (lamps(4), None)])
def test_whatever_was_known_the_realm_is_the_same(text: str, player: str | None) -> None:
    one, parts = story(text), list[Any]()
    fresh = explore(one, player=player, keep=parts.append)
    for known in (parts[-1], cut(parts[-1], fresh.situations)):
        realm = explore(one, player=player, known=known)
        for name, column in fresh.columns.items():
            assert list(realm.columns[name]) == list(column), name
        for situation in range(fresh.situations):
            assert realm.state(situation).values() == fresh.state(situation).values()
        assert realm.outcomes == fresh.outcomes


def cut(known: Any, all_states: int) -> dict[str, Any]:
    """What was known after the first situation alone."""
    first = int(known["first"][1])
    states = int(max(known["target"][:first], default=0)) + 1
    width = len(known["rows"]) // all_states
    fate = known["fate"][:states].copy()
    fate[1:] = -1
    columns = {name: known[name][:first] if len(known[name]) else known[name] for name in ("target", "weight", "move")}
    return {
        **known,
        **columns,
        "fate": fate,
        "first": known["first"][:2],
        "chosen": known["chosen"][:1],
        "rows": known["rows"][: states * width],
        "progress": np.array([1, 1, states, 0]),
    }


def test_what_is_no_checkpoint_of_this_is_refused(folder: Path) -> None:
    ladder, parts = story(LADDER), list[Any]()
    explore(ladder, keep=parts.append)
    known = dict(parts[-1])
    with pytest.raises(StoryError, match="checkpoint"):
        explore(story(LADDER.replace("weight 3", "weight 4")), known=known)
    with pytest.raises(StoryError, match="checkpoint"):
        explore(ladder, within=3, known=known)
    for name in known:
        damaged = {other: column for other, column in known.items() if other != name}
        with pytest.raises(StoryError, match="checkpoint"):
            explore(ladder, known=damaged)
    for name, value in (("target", 99), ("move", 99), ("fate", 7), ("first", 5), ("progress", -1), ("weights", 0)):
        column = known[name].copy()
        column[0] = value
        with pytest.raises(StoryError, match="checkpoint"):
            explore(ladder, known={**known, name: column})
    (folder / "kept").write_bytes(b"no such thing")
    assert run("explore", "ladder.tale", "--checkpoint", "kept").exit_code == 1
