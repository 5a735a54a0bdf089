"""The report: one page without anything from elsewhere, true to the realm, readable without its pictures; a story in it is text."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings

from everytale.cli import main
from everytale.loader import as_written, load
from everytale.realm.claims import judge
from everytale.realm.compare import flips
from everytale.realm.explore import Realm, explore
from everytale.reporting import picture, report
from everytale.reporting.arcs import arcs
from everytale.reporting.fold import folded, streamed
from everytale.story import Story
from everytale.world import Trace
from tests.random_gambles import gambles
from tests.stories import read
from tests.test_tension import COINS, Naive

LAMP = """
tale "The Lamp"
kind person: Ada (she), Bo (he)
kind bond: friend, more
fact bond(p: person): bond
fact lamp, said: yes or no
fact cold(p: person): 0 to 2, known to p
start
    bond(every person) = more
    Ada believes bond(Bo) = friend
wants Ada
    +1 lamp          because "it was the hour for it"
    -2 each cold(Ada)
wants Bo
    +4 said          because "he had carried it since spring"
action light by Ada
    if not lamp
    then lamp
action speak by Bo to Ada
    if lamp
    then said, tells Ada bond(Bo)
event frost
    if cold(Ada) < 2
    then cold(Ada) rises
ending "Said" if said
ending "Too late" if cold(Ada) = 2
flip "no frost": without event frost
"""


class Page(HTMLParser):
    """The elements of a page, and whether each is closed where it should be."""

    EMPTY = ("meta", "br", "hr", "col")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def the_page(text: str) -> tuple[Realm, str]:
    realm = explore(read(text))
    return realm, report(realm, flips=flips(realm.story))


ROUND = """
tale "Round and Round"
fact x: yes or no
event on
    if not x
    then x
event off
    if x
    then not x
"""


def test_tales_without_end_are_left_off_at_some_point() -> None:
    realm = explore(read(ROUND))
    stream = streamed(realm)
    assert not stream.all and stream.visits.tolist() == [5_001, 5_000]
    assert "How it ends" in report(realm)


def test_with_somebody_played_the_flips_are_of_tales_in_which_they_are(tmp_path: Path) -> None:
    likely = LAMP.replace("    then lamp\n", "    then lamp\n    weight 3\n")
    (tmp_path / "lamp.tale").write_text(likely, encoding="utf-8")
    written = tmp_path / "lamp.html"
    done = CliRunner().invoke(main, ["explore", str(tmp_path / "lamp.tale"), "--as", "Ada", "--report", str(written), "--flips"])
    assert done.exit_code == 0, done.output
    here = str(flips(read(likely), player="Ada").before.odds[0])  # type: ignore[union-attr]
    alone = str(flips(read(likely)).before.odds[0])  # type: ignore[union-attr]
    row = re.search(r"<tr><th scope=\"row\">as it is</th>.*?</tr>", written.read_text(encoding="utf-8"))
    assert here != alone and row is not None and f">{here}<" in row.group() and f">{alone}<" not in row.group()


# ---- a page ------------------------------------------------------------------------------------------------------------


def test_nothing_comes_from_elsewhere_and_nothing_runs() -> None:
    _, text = the_page(LAMP)
    page = Page(text)
    policies = [one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert not page.all("script") and not page.all("link") and not page.all("img") and not page.all("iframe")
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {"src", "srcset", "xlink:href", "action", "data"} & names and not any(name.startswith("on") for name in names)
    assert all(str(one["href"]).startswith("#") for one in page.all("a"))
    assert set(re.findall(r"url\(([^)]*)\)", text)) == {"#hatch"} and "@import" not in text


def test_a_story_is_text_whatever_it_says() -> None:
    bad = "<script>alert(1)</script>&lt;</title></style>"
    _, text = the_page(LAMP.replace("The Lamp", bad).replace('"Too late"', f'"{bad}"').replace("no frost", bad))
    page = Page(text)
    assert not page.all("script") and len(page.all("title")) == len(page.all("title")) and len(page.all("style")) == 1
    assert "".join(page.text).count(bad) >= 3


def test_whoever_reads_it_by_ear_or_by_keyboard_gets_all_of_it() -> None:
    _, text = the_page(LAMP)
    page = Page(text)
    assert all(one.get("aria-hidden") == "true" for one in page.all("svg"))
    figures, details = len(page.all("figure")), len(page.all("details"))
    assert figures == details == 4  # every picture has its table: the map, the tension, and two people
    for window in page.all("div"):
        assert window.get("tabindex") == "0" if window.get("role") == "group" else True
    ids = [str(attributes["id"]) for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for link in page.all("a"):
        assert str(link["href"])[1:] in ids
    for section in page.all("section"):
        assert section["aria-labelledby"] in ids
    levels = [int(name[1]) for name, _ in page.elements if re.fullmatch(r"h[1-6]", name)]
    assert levels[0] == 1 and levels.count(1) == 1 and all(b <= a + 1 for a, b in itertools.pairwise(levels))
    assert page.all("html")[0]["lang"] == "en" and page.all("main")
    assert all(one.get("scope") in ("row", "col") for one in page.all("th"))


def test_the_same_realm_has_the_same_page() -> None:
    assert the_page(LAMP)[1] == the_page(LAMP)[1]


def test_every_ending_stands_there_with_its_odds() -> None:
    realm, text = the_page(LAMP)
    words = "".join(Page(text).text)
    for outcome in realm.outcomes:
        if outcome.ending is not None:
            assert outcome.name in words and str(outcome.odds) in words
    assert "no frost" in words and "The likeliest tale" in words


def test_what_is_known_in_part_says_so_and_gives_bounds() -> None:
    realm = explore(read(COINS), within=3)
    words = "".join(Page(report(realm)).text)
    assert "which is not all" in words and str(realm.outcomes[0].odds) in words and " to " in str(realm.outcomes[0].odds)


def test_a_played_person_has_least_and_greatest_odds() -> None:
    realm = explore(read(LAMP), player="Bo")
    words = "".join(Page(report(realm)).text)
    assert "At least" in words and "Bo played by somebody" in words


def test_a_story_in_which_nothing_happens_has_a_page() -> None:
    quiet = LAMP[: LAMP.index("action light")] + 'ending "Dark" if not lamp\n'
    words = "".join(Page(report(explore(read(quiet)))).text)
    assert "Dark" in words and "100%" in words


def test_the_map_is_a_picture_of_its_own() -> None:
    root = ElementTree.fromstring(picture(explore(read(LAMP))))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "Too late" in "".join(root.itertext())
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}" and root.get("aria-hidden") is None


def test_what_never_happens_is_on_the_page() -> None:
    words = "".join(Page(report(explore(read(LAMP + "event burn\n    if lamp and not lamp\n    then lamp\n")))).text)
    assert "What never happens" not in "".join(Page(report(explore(read(LAMP)))).text)
    assert "What never happens" in words and "burn" in words


@pytest.mark.parametrize("name", ["dont-stay"])
def test_stories_that_come_with_it_have_a_page(name: str) -> None:
    realm = explore(load(name), within=8)
    Page(report(realm, tale=Trace(as_written(name).moves[:6])))


def test_every_claim_stands_there_with_what_shows_it() -> None:
    claims = 'claim never lamp\nclaim "hope": ending "Said" is possible\nclaim odds of "Said" at most 99%\n'
    realm = explore(read(LAMP + claims + "claim whatever Bo does, at most 9 moves\n"))
    text = report(realm)
    words = " ".join(Page(text).text)
    assert "What its author claims" in words and "never lamp" in words and "refuted" in words and "proved" in words
    assert "light; speak" in words and f"The odds are {realm.outcomes[0].odds}." in words and "at most 9 moves" not in words


# ---- the map -----------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(gambles(ends=True))
def test_the_map_counts_tales_as_going_through_them_one_by_one_does(one: Story) -> None:
    realm = explore(replace(one, views=read(VIEWED).views))
    found = folded(realm)
    naive = Naive(one, 5)
    passing: dict[tuple[str, ...], float] = {}
    flow: dict[tuple[tuple[str, ...], tuple[str, ...]], float] = {}
    for names, minds, odds in naive.tales(naive.tale.start, 5):
        states = realm.along(Trace.read("\n".join(names)))
        places = []
        for state, mind in zip(states, minds, strict=True):
            ending = naive.tale.ending(mind)
            name: tuple[str, ...] = (ending.title,) if ending else (f"a = {realm.state(state).value('a')}",)
            places.append(("dead end",) if ending is None and not naive.moves(mind) else name)
        for place in set(places):
            passing[place] = passing.get(place, 0) + float(odds)
        for pair in itertools.pairwise(places):
            if pair[0] != pair[1]:
                flow[pair] = flow.get(pair, 0) + float(odds)
    assert {place.name: pytest.approx(place.passing.middle, abs=1e-8) for place in found.places if place.passing} == passing
    named = {(found.places[a].name, found.places[b].name): much for (a, b), much in found.flow.items()}
    assert named == pytest.approx(flow, abs=1e-8)


VIEWED = """
tale "Viewed"
kind person: Ann (she)
fact a: 0 to 2
event up
    if a < 2
    then a rises
ending "A" if a = 2
view "one number": a
"""


def test_what_comes_into_a_place_goes_out_of_it() -> None:
    found = folded(explore(read(LAMP)))
    for place, one in enumerate(found.places):
        into = sum(much for (_, to), much in found.flow.items() if to == place) + (place == found.start)
        out = sum(much for (source, _), much in found.flow.items() if source == place)
        assert into == pytest.approx(one.visits)
        if one.ending is None:
            assert out == pytest.approx(into)
    assert sum(one.visits for one in found.places if one.ending is not None) == pytest.approx(1)


def test_places_that_are_come_back_to_have_the_odds_of_ever_coming_there() -> None:
    text = """
tale "To and fro"
kind person: Ann (she)
kind side: left, right
fact at: side
fact out: yes or no
start at = left
event over
    then at = right when at = left, at = left when at = right
event away
    then out
ending "Out" if out
view "sides": at
"""
    places = {place.name: place for place in folded(explore(read(text))).places}
    right = places[("at = right",)]
    assert right.passing is not None and right.passing.middle == pytest.approx(1 / 2)  # over, before away
    assert right.visits == pytest.approx(2 / 3)  # 1/2 + 1/8 + ...
    assert places[("Out",)].visits == pytest.approx(1)


def test_without_a_view_facts_are_chosen_that_tell_how_it_ends() -> None:
    text = COINS.replace("fact won, lost", "fact noise: 0 to 3\nfact won, lost") + "event crackle\n    if noise < 3\n    then noise rises\n"
    found = folded(explore(read(text)))
    assert set(found.facts) == {"won", "lost"}


def test_the_given_tale_is_drawn_through_its_places() -> None:
    realm = explore(read(LAMP))
    found = folded(realm, Trace.read("light\nspeak"))
    assert found.tale[0] == found.start and found.places[found.tale[-1]].name == ("Said",)


# ---- arcs --------------------------------------------------------------------------------------------------------------


def test_an_arc_is_what_somebody_believes_move_by_move_and_where_they_are_wrong() -> None:
    realm = explore(read(LAMP))
    states = [realm.state(one) for one in realm.along(Trace.read("frost\nlight\nspeak"))]
    ada, bo = arcs(states)
    lanes = {name: [(run.begin, run.end, run.value, run.truth) for run in runs] for name, runs in ada.lanes}
    assert lanes["bond(Bo)"] == [(0, 3, "friend", "more"), (3, 4, "more", None)]
    assert lanes["cold(Ada)"] == [(0, 1, "0", None), (1, 4, "1", None)]
    assert ada.lanes[0][0] == "cold(Ada)"  # what she knows of herself comes first
    assert list(map(str, ada.worth)) == ["0", "-2", "-1", "-1"]
    assert next(name for name, _ in bo.lanes) == "said"


# ---- on the command line -----------------------------------------------------------------------------------------------


@pytest.fixture
def lamp(tmp_path: Path) -> Path:
    path = tmp_path / "lamp.tale"
    path.write_text(LAMP, encoding="utf-8")
    return path


def test_explore_writes_the_page_and_the_picture(lamp: Path) -> None:
    page, image = lamp.with_suffix(".html"), lamp.with_suffix(".svg")
    found = CliRunner().invoke(main, ["explore", str(lamp), "--report", str(page), "--flips", "--picture", str(image)])
    assert found.exit_code == 0, found.output
    words = "".join(Page(page.read_text(encoding="utf-8")).text)
    assert "no frost" in words and "The likeliest tale" in words
    assert ElementTree.parse(image).getroot().tag.endswith("svg")


def test_the_tale_that_comes_with_a_story_is_followed(lamp: Path) -> None:
    (lamp.parent / "as_written.trace").write_text("light\nspeak\n", encoding="utf-8")
    page = lamp.with_suffix(".html")
    assert CliRunner().invoke(main, ["explore", str(lamp), "--report", str(page)]).exit_code == 0
    assert "The tale as written" in "".join(Page(page.read_text(encoding="utf-8")).text)


def test_a_page_that_cannot_be_written_leaves_the_old_one(lamp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = lamp.with_suffix(".html")
    page.write_text("old", encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert CliRunner().invoke(main, ["explore", str(lamp), "--report", str(page)]).exit_code == 1
    assert page.read_text(encoding="utf-8") == "old" and sorted(one.name for one in lamp.parent.iterdir()) == ["lamp.html", "lamp.tale"]


def test_flips_are_part_of_a_report_only(lamp: Path) -> None:
    assert CliRunner().invoke(main, ["explore", str(lamp), "--flips"]).exit_code == 2


# ---- in a notebook -----------------------------------------------------------------------------------------------------


def test_realms_and_traces_show_themselves_in_notebooks() -> None:
    realm = explore(read(LAMP.replace('"Too late"', '"Too <late>"')))
    shown = Page(realm._repr_html_())
    assert "Too <late>" in shown.text and str(realm.outcomes[0].odds) in shown.text and len(shown.all("tr")) == 3
    assert Page(Trace.read("light\nspeak")._repr_html_()).text == ["light", "speak"]


def test_verdicts_show_themselves_in_notebooks() -> None:
    story = read(LAMP + "claim never lamp\n")
    shown = Page(judge(explore(story), story.claims[0])._repr_html_())
    assert "".join(shown.text) == "refuted: never lamplight"
