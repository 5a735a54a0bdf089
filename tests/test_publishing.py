"""A story published: one file that needs nothing else, and in which a story is data."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner

from everytale.cli import main
from everytale.diagnostics import StoryError
from everytale.loader import bundled, load
from everytale.publish import published
from everytale.publish.page import ASSETS, asset, served
from tests.test_sessions import TEA, story

LARGEST = 1_000_000
HOSTILE = "</title><script>alert(1)</script><!--everytale:data--><!-- <script> “'&"


class Elements(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and the text of scripts and styles by their place."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self.within = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.elements.append((tag, found))
        self.within = found.get("id") or tag

    def handle_data(self, data: str) -> None:
        self.text[self.within] = self.text.get(self.within, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("name", sorted(bundled()))
def test_a_story_that_comes_with_it_is_one_file_of_less_than_a_megabyte(name: str) -> None:
    page = published(load(name), name)
    assert len(page.encode()) < LARGEST
    found = Elements(page)
    assert not found.all("link") and not any("src" in one or ("href" in one and one["href"] != "#choices") for _, one in found.elements)


def test_the_same_story_is_the_same_page() -> None:
    assert published(story(TEA), "tea") == published(story(TEA), "tea")


def test_only_what_the_policy_knows_by_its_hash_is_run() -> None:
    found = Elements(published(story(TEA), "tea"))
    [policy] = [one["content"] or "" for one in found.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    run = [one for one in found.all("script") if "type" not in one]
    assert len(run) == 1 and "unsafe-inline" not in policy and "'unsafe-eval'" not in policy
    for element in ("script", "style"):
        text = found.text[element].rstrip("\n")
        assert b64encode(sha256(text.encode()).digest()).decode() in policy
    assert not any(key.startswith("on") or key == "style" for _, one in found.elements for key in one)


def test_a_title_stays_text() -> None:
    its = story(TEA.replace('tale "Tea"', f'tale "{HOSTILE.replace(chr(34), "")}"'))
    for page in (published(its, "tea"), served(its, "tea", {"Ann": "/a", "Bo": "/b"}, assets="/assets", saves="/saves", changes=None)):
        found = Elements(page)
        assert found.text["title"].strip() == its.title
        assert json.loads(found.text["everytale-config"])["title"] == its.title
        assert "alert(1)" not in "".join(text for place, text in found.text.items() if place not in ("title", "everytale-config"))


def test_a_server_has_the_same_page_with_addresses() -> None:
    page = served(story(TEA), "tea", {"Ann": "/a", "Bo": "/b"}, assets="/assets", saves="/saves", changes="/changes")
    config = json.loads(Elements(page).text["everytale-config"])
    assert [(one["name"], one["pack"]) for one in config["people"]] == [("Ann", "/a"), ("Bo", "/b")]
    assert config | {"engine": "/assets/engine.wasm", "worker": "/assets/worker.js", "saves": "/saves", "changes": "/changes"} == config
    assert {match[1] for match in re.finditer(r'(?:src|href)="(/[^"]*)"', page)} == {"/assets/page.js", "/assets/page.css"}


def people_of(page: str) -> list[tuple[str, str, str]]:
    return [(one["name"], one["teller"], one["pack"]) for one in json.loads(Elements(page).text["everytale-config"])["people"]]


def test_everybody_can_be_played_at_their_own_shoulder_unless_said() -> None:
    assert people_of(published(story(TEA), "tea")) == [("Ann", "Ann", "#everytale-pack-0"), ("Bo", "Bo", "#everytale-pack-1")]
    assert people_of(published(story(TEA), "tea", people=["Bo"])) == [("Bo", "Bo", "#everytale-pack-0")]
    together = published(story(TEA), "tea", teller="Ann")
    assert people_of(together) == [("Ann", "Ann", "#everytale-pack-0"), ("Bo", "Ann", "#everytale-pack-0")]
    assert together.count('id="everytale-pack-') == 1


def test_somebody_who_is_not_there_cannot_be_played() -> None:
    with pytest.raises(StoryError, match="'Cy' is nobody with a mind"):
        published(story(TEA), "tea", people=["Cy"])


def test_all_that_a_page_needs_is_in_the_package() -> None:
    assert all(len(asset(name)) > 100 for name in ASSETS)


def test_a_story_in_which_nobody_has_a_mind_has_nobody_to_play() -> None:
    with pytest.raises(StoryError, match="nobody has a mind"):
        published(story('tale "Rain"\nfact wet: yes or no\nevent rain\n    then wet\n'), "rain")


def test_the_command_writes_the_page_whole_and_says_how_large_it_is(tmp_path: Path) -> None:
    path = tmp_path / "tea.html"
    source = tmp_path / "my tea.tale"
    source.write_text(dedent(TEA), encoding="utf-8")
    result = CliRunner().invoke(main, ["publish", str(source), "-o", str(path)])
    assert result.exit_code == 0 and "MB, plays in any browser" in result.output
    assert path.read_text(encoding="utf-8") == published(story(TEA), "my-tea")
    less = CliRunner().invoke(main, ["publish", str(source), "-o", str(path), "--as", "Bo", "--teller", "Ann"])
    config = json.loads(Elements(path.read_text(encoding="utf-8")).text["everytale-config"])
    assert less.exit_code == 0 and [(one["name"], one["teller"]) for one in config["people"]] == [("Bo", "Ann")]


def test_the_command_leaves_the_page_that_was_there_where_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("before", encoding="utf-8")
    for arguments in (["dont-stay", "--as", "Zoe"], ["no-such-story"]):
        assert CliRunner().invoke(main, ["publish", *arguments, "-o", str(path)]).exit_code == 1
    assert path.read_text(encoding="utf-8") == "before" and list(tmp_path.iterdir()) == [path]
    nowhere = CliRunner().invoke(main, ["publish", "dont-stay", "-o", str(tmp_path / "nowhere" / "page.html")])
    assert nowhere.exit_code == 1 and "no such file or directory" in nowhere.output


def test_a_large_page_is_said_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("everytale.cli.publishing.MUCH", 1)
    assert "takes long to load" in CliRunner().invoke(main, ["publish", "dont-stay", "-o", str(tmp_path / "page.html")]).output
