"""Pictures of a realm standing alone, in SVG and as PNG: each says what it shows, and is drawn as it would be on the page."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from everytale.cli import main
from everytale.realm import Realm, explore
from everytale.reporting import Picture, picture
from everytale.reporting.page import STYLE
from everytale.reporting.pictures import cut_fact
from everytale.reporting.raster import written_out
from tests.test_finding import story
from tests.test_report import LAMP

OF = ("map", "tension", "Ada")


@pytest.fixture(scope="module")
def realm() -> Realm:
    return explore(story(LAMP))


@pytest.mark.parametrize("of", OF)
def test_each_picture_of_the_report_stands_alone(realm: Realm, of: str) -> None:
    root = ElementTree.fromstring(picture(realm, of))
    names = {"map": "Too late", "tension": "Said", "Ada": "lamp"}
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("aria-hidden") is None
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert names[of] in "".join(root.itertext()) and root.findtext("{http://www.w3.org/2000/svg}title")


LADDER = """
tale "The Ladder"
fact rungs_climbed: 0 to 9
fact let_go: yes or no
event climb
    if rungs_climbed < 9
    then rungs_climbed rises
    weight 20
event fall
    if rungs_climbed > 0
    then let_go
ending "The top, and all that can be seen from there" if rungs_climbed = 9
ending "The bottom of it" if let_go
view "how high": rungs_climbed, let_go
"""


def test_the_map_fits_the_page_names_its_endings_whole_and_says_what_differs_from_the_start() -> None:
    root = ElementTree.fromstring(picture(explore(story(LADDER))))
    texts = [[span.text or "" for span in text] for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert float(root.get("width", "")) <= 1056  # what a wide page leaves for it
    assert ["The top, and all", "that can be seen", "from there"] in [text[:-1] for text in texts]
    assert [text[:-1] for text in texts if "let_go" in text[1]] == [["rungs_c… = 0", "not let_go"]]
    assert ["rungs_c… = 3"] in [text[:-1] for text in texts]


@pytest.mark.parametrize(
    ("fact", "shown"),
    [
        ("at(Marit) = yard", "at(M… = yard"),
        ("dawn", "dawn"),
        ("Jack: Ianto: awaited", "J·I: awaited"),
        ("bargain = confessed_all", "bargain = c…"),
        ("Jack: at(Ianto) = hub", "J: at(… = hub"),
    ],
)
def test_a_fact_too_long_for_the_map_keeps_its_value(fact: str, shown: str) -> None:
    assert cut_fact(fact, len(shown)) == shown


def test_a_picture_of_something_else_is_refused(realm: Realm) -> None:
    with pytest.raises(ValueError, match=r"of the map, of the tension, or .*: Ada, Bo"):
        picture(realm, "Zoe")


def test_a_notebook_shows_a_picture(realm: Realm) -> None:
    assert picture(realm)._repr_svg_() == picture(realm)


@pytest.mark.parametrize("of", OF)
def test_a_png_has_two_dots_a_pixel_and_the_colours_of_the_page(realm: Realm, of: str) -> None:
    pytest.importorskip("resvg_py", reason="resvg-py is not installed")
    drawn = picture(realm, of)
    image = drawn.png()
    root = ElementTree.fromstring(drawn)
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(image) > len(picture_without_words(drawn).png()), "the words are drawn too"
    assert struct.unpack(">II", image[16:24]) == (2 * int(root.get("width", "")), 2 * int(root.get("height", "")))


def picture_without_words(drawn: str) -> Picture:
    return Picture(re.sub(r"<text[ >].*?</text>", "", drawn, flags=re.DOTALL))


def test_no_variable_is_left_for_what_knows_none_and_no_colour_is_lost() -> None:
    plain = written_out(STYLE)
    assert "var(" not in plain and "--" not in plain and "@media" not in plain
    rules = dict(re.findall(r"^([^{]+) \{([^}]*)\}$", plain, re.MULTILINE))
    assert rules[".map rect.c1"].strip() == "fill: #b9603f;" and rules[".band.flow"].strip() == "fill: none; stroke: #b8b1a3; opacity: .38;"


# ---- on the command line -----------------------------------------------------------------------------------------------


@pytest.fixture
def lamp(tmp_path: Path) -> Path:
    path = tmp_path / "lamp.tale"
    path.write_text(LAMP, encoding="utf-8")
    return path


def test_explore_writes_a_png(lamp: Path) -> None:
    pytest.importorskip("resvg_py", reason="resvg-py is not installed")
    image = lamp.with_suffix(".png")
    assert CliRunner().invoke(main, ["explore", str(lamp), "--picture", str(image), "--of", "tension"]).exit_code == 0
    assert image.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--picture", "map.gif"], "--picture writes FILE.svg or FILE.png"),
        (["--picture", "map.svg", "--of", "Zoe"], "--of is map, tension, or a person: Ada, Bo"),
        (["--of", "tension"], "--of goes with --picture"),
    ],
)
def test_what_is_no_picture_is_said_before_anything_is_explored(
    lamp: Path, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("everytale.realm.explore", lambda *_, **__: pytest.fail("it was explored first"))
    found = CliRunner().invoke(main, ["explore", str(lamp), *arguments])
    assert found.exit_code == 2 and said in " ".join(found.stderr.split())


def test_what_a_png_needs_is_said_before_anything_is_explored(lamp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("everytale.cli.reporting.find_spec", lambda _: None)
    monkeypatch.setattr("everytale.realm.explore", lambda *_, **__: pytest.fail("it was explored first"))
    found = CliRunner().invoke(main, ["explore", str(lamp), "--picture", "map.png"])
    assert found.exit_code == 2 and "pip install 'everytale[png]'" in found.stderr
