"""The page in a real browser: played by keys alone, with the network off, from a file on the disk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from everytale.play import Session
from everytale.play.saves import Save, fingerprint
from everytale.publish import published
from tests.stories import read

pytest.importorskip("playwright", reason="playwright drives the browser: pip install playwright")

from tests.browser import AXE, CHROMIUM, SEED, Reader, chromium

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to play in (Debian: apt install chromium)")
needs_axe = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: make test brings it")

TEXT = dedent("""
    tale "Ann's Tea"
    teller Ann
    kind person: Ann (she), Bo (he)
    kind cup: mug "the blue mug", glass
    fact poured(cup): yes or no
    fact asked, thanked, dark, gone: yes or no
    wants Bo
        +1 thanked   because "nobody had said it all week"

    view "the cups": poured(mug), poured(glass), asked

    scene "The table"
        opens upon pour
    action pour(c: cup) by Ann
        if not poured(c)
        then poured(c)
        told: {Ann} filled {c}.
    action ask by Ann to Bo
        if not asked
        then asked
        choice "Ask {Bo.him} whether one is enough"
        told
            Ann: One?
            Bo: One.
    action leave by Ann
        then gone
        choice "Take your coat"
        told: {Ann} took {Ann.his} coat.
    action thank by Bo to Ann
        if poured(mug)
        then thanked
        told: Bo: Thanks.
    event dusk
        if poured(glass) and asked
        then dark
        told: It got dark.
    ending "Thanked" if thanked
        told: That was that.
    ending "In the dark" if dark
        told: Neither of them got up to see to the lamp.
    ending "Gone" if gone
        told: The tea went cold.
""")
POUR, FILL, ASK, LEAVE, WAIT = "Pour (the blue mug)", "Pour (glass)", "Ask him whether one is enough", "Take your coat", "Wait"

Sit = Callable[..., Reader]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The story published, on the disk."""
    path = tmp_path_factory.mktemp("published") / "tea.html"
    path.write_text(published(read(TEXT), "tea"), "utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def sit(browser: Any, address: str) -> Iterator[Sit]:
    """Readers, each in a browser of their own, who have seen nothing go wrong."""
    readers: list[Reader] = []

    def one(at: str = address, **options: Any) -> Reader:
        readers.append(Reader(browser, at, **options))
        return readers[-1]

    yield one
    for reader in readers:
        assert reader.troubles == []
        reader.close()


def twin(*labels: str, player: str = "Ann", seed: int = SEED) -> Session:
    """The same tale in Python."""
    session = Session(read(TEXT), player, seed)
    for label in labels:
        session.choose(next(option for option in session.options if option.label == label))
    return session


# ---- playing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "ending"),
    [((POUR, WAIT), "Thanked"), ((FILL, ASK, WAIT), "In the dark"), ((ASK, LEAVE), "Gone")],
    ids=lambda value: str(value)[:12],
)
def test_a_tale_is_played_to_its_end_by_keys_alone(sit: Sit, labels: tuple[str, ...], ending: str) -> None:
    reader = sit()
    assert reader.focused.endswith("Be Ann")
    reader.press("Tab", "Tab", "Shift+Tab", "Shift+Tab", "1")
    reader.page.wait_for_selector("body[data-state=playing]")
    for label in labels[:-1]:
        reader.press(str(reader.choices.index(label) + 1))
    index = reader.choices.index(labels[-1])
    reader.press("Enter", *["ArrowDown"] * index)
    assert reader.focused.endswith(labels[-1])
    reader.press("Enter")
    assert reader.ending == ending


def test_the_page_tells_what_the_session_tells(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.choose(FILL, POUR, WAIT)
    reader.sheet("Escape")
    assert reader.file("Keep the text as a file") == twin(FILL, POUR, WAIT).transcript()


def test_the_focus_goes_to_the_new_text_and_it_is_read_out(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.choose(POUR)
    assert "Ann filled the blue mug." in reader.focused and "Thanks" not in reader.focused
    assert reader.heard == "You chose: Pour (the blue mug)\nThe table\nAnn filled the blue mug.\n4 choices."


def test_a_number_that_is_not_offered_does_nothing(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    before = reader.tale
    reader.press("9", "0")
    assert reader.tale == before


def test_from_a_disk_nothing_is_asked_of_any_network(sit: Sit) -> None:
    reader = sit(offline=True)
    reader.begin()
    reader.choose(ASK, LEAVE)
    assert reader.ending == "Gone"
    assert {url.partition(":")[0] for url in reader.asked} <= {"file", "blob"}


def test_choices_are_touched(sit: Sit) -> None:
    reader = sit(has_touch=True, viewport={"width": 375, "height": 667})
    reader.begin()
    reader.page.get_by_role("button", name=LEAVE).tap()
    reader.page.wait_for_selector(".ending")
    assert reader.ending == "Gone"


# ---- going back --------------------------------------------------------------------------------------------------------


def test_undo_goes_back_as_far_as_the_beginning(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    beginning = reader.tale, reader.choices
    reader.choose(POUR, ASK)
    reader.press("Backspace")
    assert reader.choices == [option.label for option in twin(POUR).options]
    reader.press("PageUp", "u")
    assert (reader.tale, reader.choices) == beginning


def test_an_ending_can_be_taken_back(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.choose(ASK, LEAVE)
    reader.choose("Take the last choice back")
    assert reader.ending is None and LEAVE in reader.choices


def test_the_history_leads_back_to_any_choice_and_says_why(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.choose(POUR, FILL, WAIT)
    assert reader.ending == "Thanked"
    reader.sheet("h")
    assert not reader.page.get_by_text("nobody had said it all week").count()
    reader.page.get_by_role("button", name="Why? Wait").click()
    reader.page.get_by_text("nobody had said it all week").wait_for()
    reader.click(f"Back to here, before: {FILL}")
    assert reader.tale.endswith("Ann filled the blue mug.") and FILL in reader.choices


def test_another_tale_is_begun_only_when_asked_twice(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.choose(POUR)
    reader.sheet("r")
    reader.press("Escape")
    assert "filled the blue mug" in reader.tale
    reader.sheet("r")
    reader.page.get_by_label("Bo", exact=True).check()
    reader.page.get_by_label("Seed").fill("12345678901234567890")
    reader.click("Begin another tale")
    assert "filled the blue mug" not in reader.tale
    assert "Seed 12345678901234567890" in reader.page.locator(".foot").inner_text()


# ---- saves -------------------------------------------------------------------------------------------------------------


def test_every_choice_is_saved_and_a_reload_goes_on_with_it(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.choose(POUR, ASK)
    before = reader.tale
    reader.page.reload()
    reader.page.wait_for_selector(".choice")
    assert reader.choices[0].startswith("Go on as Ann")
    reader.press("1")
    reader.page.wait_for_selector("body[data-state=playing]")
    assert reader.tale == before


def test_a_tale_is_kept_under_a_name_and_loaded(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.choose(POUR)
    reader.sheet("s")
    reader.page.get_by_label("Name").fill("before the question")
    reader.press("Enter")
    reader.page.get_by_text("before the question", exact=True).wait_for()
    reader.press("Escape")
    reader.choose(ASK)
    reader.sheet("l")
    reader.click("Load before the question")
    assert reader.tale.endswith("Ann filled the blue mug.")


def test_a_name_that_no_save_can_have_is_refused_with_words(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.sheet("s")
    for name, words in [("auto-1", "saved by itself"), ("../../x", "up to 40 letters")]:
        reader.page.get_by_label("Name").fill(name)
        reader.press("Enter")
        reader.expect_notice(words)


def test_a_save_moves_to_the_terminal_and_back(sit: Sit, tmp_path: Path) -> None:
    reader = sit()
    reader.begin()
    reader.choose(POUR, ASK)
    reader.sheet("s")
    text = reader.file("Save as a file")
    story, expected = read(TEXT), twin(POUR, ASK)
    assert text == Save.of(expected, fingerprint(story)).text()
    session = Save.read(text).resume(story)
    session.choose(session.options[0])
    path = tmp_path / "from the terminal.json"
    path.write_text(Save.of(session, fingerprint(story)).text(), "utf-8")
    other = sit()
    other.sheet("l")
    other.open_file(path)
    assert other.notices == [] and other.choices == [option.label for option in session.options]


def damaged(**changes: object) -> str:
    return json.dumps(json.loads(Save.of(twin(), "").text()) | changes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "it is not JSON"),
        ("[]", "it is not a save of Everytale"),
        (
            damaged(seed=-1),
            "its seed",
        ),
        (
            damaged(moves=[7]),
            "its move 1",
        ),
        (
            damaged(player="Cy"),
            "nobody called Cy",
        ),
        ('{"format": 2, "everytale": "9.9"}', "A later version of Everytale (9.9)"),
    ],
)
def test_a_damaged_save_is_refused_with_words_and_the_tale_goes_on(sit: Sit, tmp_path: Path, text: str, words: str) -> None:
    reader = sit()
    reader.begin()
    reader.choose(POUR)
    path = tmp_path / "damaged.json"
    path.write_text(text)
    reader.sheet("l")
    reader.open_file(path)
    reader.expect_notice(words)
    reader.press("Escape")
    reader.choose(ASK)
    assert reader.tale.endswith("“One,” said Bo.")


def test_a_save_of_a_story_that_has_changed_goes_on_as_far_as_it_fits(sit: Sit, tmp_path: Path) -> None:
    save = json.loads(Save.of(twin(POUR, ASK), "of another story").text())
    save["moves"].append({"chosen": "dance"})
    path = tmp_path / "old.json"
    path.write_text(json.dumps(save))
    reader = sit()
    reader.sheet("l")
    reader.open_file(path)
    reader.expect_notice("Of 3 moves, 2 fit the story as it is now. Move 3, dance, does not")
    assert reader.tale.endswith("“One,” said Bo.")


def test_a_save_of_another_text_of_the_story_that_fits_says_so(sit: Sit, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(Save.of(twin(POUR, ASK), "of another text").text(), "utf-8")
    reader = sit()
    reader.sheet("l")
    reader.open_file(path)
    reader.expect_notice("The story has changed since this was saved. All that had happened fits it still.")


def test_what_no_longer_fits_is_kept_beside_what_it_became(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.choose(POUR, ASK)
    reader.page.evaluate("""for (const key of Object.keys(localStorage)) if (key.includes("auto"))
        localStorage.setItem(key, localStorage.getItem(key).replace('"ask"', '"dance"'))""")
    reader.page.reload()
    reader.page.wait_for_selector(".choice")
    reader.press("1")
    reader.expect_notice("Move 2, dance, does not: the story has no such move. The tale goes on from there; the save is kept as it was.")
    reader.choose(FILL)
    assert reader.page.evaluate("Object.keys(localStorage).filter(key => key.includes('auto')).length") == 2


def test_a_save_in_this_browser_that_was_damaged_is_shown_as_such(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.choose(POUR)
    reader.page.evaluate("for (const key of Object.keys(localStorage)) if (key.includes('auto')) localStorage.setItem(key, '1\\n{')")
    reader.page.reload()
    reader.page.wait_for_selector(".choice")
    reader.sheet("l")
    assert reader.page.get_by_text("cannot be read").count() == 1
    reader.click("Throw away auto-1")
    reader.click("For good? Throw away auto-1")
    reader.page.get_by_text("Nothing has been saved").wait_for()


# ---- others ------------------------------------------------------------------------------------------------------------


def test_after_the_end_the_odds_of_what_else_could_have_been(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.choose(ASK, LEAVE)
    reader.choose("See what else could have been")
    reader.page.locator(".realm > p", has_text=re.compile("^All .* situations")).wait_for()
    sheet = reader.page.locator("dialog").inner_text()
    assert all(words in sheet for words in ("Thanked", "In the dark", "Gone", POUR, "The map as a table"))
    reader.press("Escape")
    assert reader.ending == "Gone"


# ---- for everybody -----------------------------------------------------------------------------------------------------

SCREENS = {"phone": {"width": 375, "height": 667}, "at 400%": {"width": 320, "height": 256}}
STATES = ("title", "playing", "menu", "saves", "people", "history", "display", "keys", "another", "ending", "realm")


def states(reader: Reader) -> Iterator[str]:
    """Every state of the page, one after another."""
    yield "title"
    reader.begin()
    reader.choose(POUR)
    yield "playing"
    for key, state in {"Escape": "menu", "s": "saves", "p": "people", "h": "history", "?": "keys", "r": "another"}.items():
        reader.sheet(key)
        yield state
        reader.press("Escape")
    reader.sheet("Escape")
    reader.click("Display")
    yield "display"
    reader.press("Escape")
    reader.choose(LEAVE)
    yield "ending"
    reader.choose("See what else could have been")
    reader.page.locator(".realm > p", has_text=re.compile("^All .* situations")).wait_for()
    reader.page.get_by_text("The map as a table").click()
    yield "realm"


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_people_in_any_state(sit: Sit, scheme: str) -> None:
    found = {state: obstacles for reader in [sit(color_scheme=scheme)] for state in states(reader) if (obstacles := reader.obstacles())}
    assert found == {}


@pytest.mark.parametrize("screen", SCREENS)
def test_nobody_scrolls_sideways(sit: Sit, screen: str) -> None:
    reader = sit(viewport=SCREENS[screen])
    assert [state for state in states(reader) if reader.overflows()] == []


def test_how_it_looks_is_chosen_and_kept(sit: Sit) -> None:
    reader = sit()
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = reader.page.evaluate(ground)
    reader.click("Display")
    reader.page.get_by_label("Dark", exact=True).check()
    reader.page.get_by_label("Easy to tell apart", exact=False).check()
    assert reader.page.evaluate(ground) != light
    reader.page.reload()
    reader.page.wait_for_selector(".choice")
    assert reader.page.evaluate(ground) != light
    assert reader.page.evaluate("getComputedStyle(document.body).letterSpacing") != "normal"


def test_on_paper_there_is_the_tale_alone(sit: Sit) -> None:
    reader = sit()
    reader.begin()
    reader.choose(POUR)
    reader.page.emulate_media(media="print")
    assert not reader.page.locator("#bar").is_visible() and not reader.page.locator(".choice").first.is_visible()
    assert reader.page.get_by_text("Ann filled the blue mug.").first.is_visible()
