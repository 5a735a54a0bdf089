"""A story served to many: each has tales and saves of their own, what was answered is kept, and only who is meant is let in."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from everytale.cli import main
from everytale.diagnostics import Diagnostic, StoryError
from everytale.loader import load
from everytale.play import Session
from everytale.play.packing import packed_story
from everytale.play.saves import Save, fingerprint
from everytale.play.view import view
from everytale.serving import guard, store, tales, watching
from everytale.serving.app import App
from everytale.serving.desk import Desk
from everytale.serving.edition import edition
from everytale.serving.guard import HEADERS, Allowances, Guard
from everytale.serving.refusals import Refused
from everytale.serving.store import Store
from everytale.serving.tales import Tales
from everytale.serving.watching import News, Watched
from everytale.story import Story
from tests.test_sessions import TEA, story

HERE = "http://localhost:8010"


@contextmanager
def served(told: Story, kept: Store | None = None, *, raises: bool = True) -> Iterator[TestClient]:
    """A player's browser at a server of a story."""
    with TestClient(application(told, kept or Store()), base_url=HERE, raise_server_exceptions=raises, client=("127.0.0.1", 1)) as client:
        yield client


def application(told: Story, kept: Store, hosts: Iterable[str] = ("localhost",), *, open_to_others: bool = False) -> Guard:
    """The server of a story that nobody changes."""
    return Guard(App(edition(told, "tea"), Desk(Tales(told, kept))).starlette(), hosts, open_to_others=open_to_others)


@pytest.fixture
def tea() -> Iterator[TestClient]:
    with served(story(TEA)) as client:
        yield client


def begin(client: TestClient, **wanted: Any) -> dict[str, Any]:
    answer = client.post("/tales", json=wanted)
    assert answer.status_code == 201, answer.text
    begun: dict[str, Any] = answer.json()
    return begun


def ask(client: TestClient, begun: dict[str, Any], way: str = "", **wanted: Any) -> dict[str, Any]:
    """What is answered of a tale: a question, or (with ``wanted``, or a way to go on) something to do."""
    address = f"/tales/{begun['id']}{way}"
    answer = client.post(address, json=wanted) if way in ("/choose", "/undo", "/rewind") else client.get(address)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refused(answer: Any) -> tuple[int, str]:
    """The status, and what was wrong; the words are there for a player to read."""
    error = answer.json()["error"]
    assert error["words"].endswith(".")
    return answer.status_code, error["what"]


# ---- tales -----------------------------------------------------------------------------------------------------------


def test_the_story_says_who_can_be_played(tea: TestClient) -> None:
    found = tea.get("/story").json()
    assert found == {"title": "Tea", "people": ["Ann", "Bo"], "teller": None, "fingerprint": fingerprint(story(TEA))}


def test_a_tale_is_that_of_the_session_of_the_same_seed_and_choices() -> None:
    told = load("dont-stay")
    session = Session(told, "Ianto", 7)
    with served(told) as client:
        begun = begin(client, player="Ianto", seed=7)
        assert begun == {"id": begun["id"], **view(session)}
        for option in (1, 0, 2, 0):
            before = len(session.turns)
            session.choose(session.options[option])
            assert ask(client, begun, "/choose", option=option) == view(session, before)
        assert ask(client, begun) == view(session)
        assert client.get(f"/tales/{begun['id']}/transcript").text == session.transcript()
        session.undo()
        assert ask(client, begun, "/undo") == view(session)
        session.rewind(session.points[1])
        assert ask(client, begun, "/rewind", turn=begun["count"] + 1) == view(session)


def test_whom_nobody_names_is_the_teller_and_the_seed_is_drawn(tea: TestClient) -> None:
    one, other = begin(tea), begin(tea)
    assert one["player"] == "Ann" and one["seed"] != other["seed"] and one["id"] != other["id"]


def test_a_choice_that_is_sent_twice_is_made_once(tea: TestClient) -> None:
    begun = begin(tea, player="Ann")
    address, wanted = f"/tales/{begun['id']}/choose", {"option": 0, "count": 0}
    assert tea.post(address, json=wanted).json()["count"] == 1
    assert refused(tea.post(address, json=wanted)) == (409, "cannot-choose")
    assert ask(tea, begun)["count"] == 1


@pytest.mark.parametrize("option", [-1, 99])
def test_what_is_no_choice_leaves_the_tale_as_it_is(tea: TestClient, option: int) -> None:
    begun = begin(tea, player="Ann")
    assert refused(tea.post(f"/tales/{begun['id']}/choose", json={"option": option})) == (409, "cannot-choose")
    assert ask(tea, begun) == {key: value for key, value in begun.items() if key != "id"}


def test_nothing_can_be_taken_back_before_a_choice(tea: TestClient) -> None:
    begun = begin(tea, player="Ann")
    assert refused(tea.post(f"/tales/{begun['id']}/undo")) == (409, "cannot-choose")
    assert refused(tea.post(f"/tales/{begun['id']}/rewind", json={"turn": 3})) == (409, "cannot-choose")


def test_why_tells_of_other_minds_only_with_spoilers(tea: TestClient) -> None:
    begun = begin(tea, player="Ann", seed=1)
    ask(tea, begun, "/choose", option=begun["options"].index("Pour (the blue mug)"))
    for _ in range(5):
        now = ask(tea, begun)
        if now["stopped"]:
            break
        ask(tea, begun, "/choose", option=now["options"].index("Wait"))
    last = ask(tea, begun)["count"] - 1
    seen, known = ask(tea, begun, f"/why/{last}"), ask(tea, begun, f"/why/{last}?spoilers=yes")
    assert seen["move"] == known["move"] == "thank" and seen["people"] == []
    assert known["people"] == [{"person": "Bo", "because": ["nobody had said it all week"], "plan": ["thank"]}]
    assert refused(tea.get(f"/tales/{begun['id']}/why/99")) == (404, "not-found")


def test_a_tale_that_was_thrown_away_is_gone(tea: TestClient) -> None:
    begun = begin(tea)
    assert tea.delete(f"/tales/{begun['id']}").status_code == 204
    assert refused(tea.get(f"/tales/{begun['id']}")) == (404, "no-such-tale")
    assert refused(tea.delete(f"/tales/{begun['id']}")) == (404, "no-such-tale")


def test_a_save_goes_from_a_server_to_a_session_and_back(tea: TestClient) -> None:
    begun = begin(tea, player="Ann", seed=3)
    ask(tea, begun, "/choose", option=0)
    text = tea.get(f"/tales/{begun['id']}/save").text
    session = Save.read(text).resume(story(TEA))
    again = begin(tea, save=text)
    assert again == {"id": again["id"], **view(session)} and again["id"] != begun["id"]


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        ({"player": "Zoe"}, "wrong-request"),
        ({"teller": "Zoe"}, "wrong-request"),
        ({"player": 3}, "wrong-request"),
        ({"seed": -1}, "wrong-request"),
        ({"seed": 1 << 64}, "wrong-request"),
        ({"seed": True}, "wrong-request"),
        ({"save": "{}"}, "damaged-save"),
        ({"save": "{}", "seed": 1}, "wrong-request"),
        (["player"], "wrong-request"),
    ],
)
def test_a_tale_that_cannot_begin_is_refused(tea: TestClient, wanted: object, what: str) -> None:
    assert refused(tea.post("/tales", json=wanted)) == (400, what)


# ---- kept and at rest ------------------------------------------------------------------------------------------------


def test_tales_outlive_the_server_that_answered_them(tmp_path: Path) -> None:
    told = story(TEA)
    with served(told, Store(tmp_path / "kept")) as client:
        begun = begin(client, player="Ann", seed=1 << 63)
        for _ in range(3):
            ask(client, begun, "/choose", option=0)
        ask(client, begun, "/undo")
        now = ask(client, begun)
    with served(told, Store(tmp_path / "kept")) as client:
        assert ask(client, begun) == now


def test_tales_at_rest_go_on_as_if_they_had_not_been() -> None:
    told = load("dont-stay")
    few, many = Tales(told, Store(), most_awake=2), Tales(told, Store())
    names = [(few.begin("Ianto", seed)["id"], many.begin("Ianto", seed)["id"]) for seed in range(5)]
    for step in range(6):
        for one, other in names:
            assert few.choose(one, step % 2) == many.choose(other, step % 2)
    assert few.awake == 2 and many.awake == 5


def test_a_world_that_has_grown_large_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tales, "SOMETIMES", 1)
    all_of_them = Tales(story(TEA), Store(), largest_world=1)
    id = all_of_them.begin("Ann", 1)["id"]
    before = all_of_them.choose(id, 0)
    assert all_of_them.awake == 0
    assert all_of_them.view(id)["options"] == before["options"]


def test_a_story_that_changed_goes_on_as_far_as_it_fits() -> None:
    all_of_them = Tales(story(TEA), Store())
    id = all_of_them.begin("Ann", 1)["id"]
    first = all_of_them.choose(id, 0)["turns"][0]["move"]
    all_of_them.tell_of(story(TEA.replace("pour", "fill")))
    now = all_of_them.view(id)
    assert first == "pour(mug)" and now["count"] == 0 and "pour(mug), does not" in now["departure"]
    all_of_them.tell_of(story(TEA))
    assert all_of_them.view(id)["count"] == 1, "what did not fit is kept until the tale goes on"


def test_what_could_not_be_kept_was_not_chosen(tmp_path: Path) -> None:
    with served(story(TEA), kept := Store(tmp_path / "kept")) as client:
        begun = begin(client, player="Ann")
        kept._data.execute("CREATE TEMP TRIGGER full BEFORE UPDATE ON tales BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
        assert refused(client.post(f"/tales/{begun['id']}/choose", json={"option": 0})) == (507, "no-room")
        kept._data.execute("DROP TRIGGER full")
        assert ask(client, begun)["count"] == 0
        assert ask(client, begun, "/choose", option=0)["count"] == 1


def test_what_is_kept_may_be_damaged(tmp_path: Path) -> None:
    kept = Store(tmp_path / "kept")
    with served(story(TEA), kept) as client:
        begun = begin(client, player="Ann")
        ask(client, begun, "/choose", option=0)
    with closing(sqlite3.connect(tmp_path / "kept")) as data:
        data.execute("UPDATE tales SET moves = '((('")
        data.commit()
    with served(story(TEA), Store(tmp_path / "kept")) as client:
        assert refused(client.get(f"/tales/{begun['id']}")) == (400, "damaged-save")


def photos() -> bytes:
    """What another program keeps in SQLite."""
    with closing(sqlite3.connect(":memory:")) as data:
        data.executescript("CREATE TABLE photos (name TEXT); INSERT INTO photos VALUES ('the sea')")
        return data.serialize()


@pytest.mark.parametrize("content", [b"not a database, but long enough to be one" * 100, b"SQLite format 3\0" + b"\0" * 4096, photos()])
def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "photos"
    path.write_bytes(content)
    with pytest.raises(StoryError, match="cannot be kept there"):
        Store(path)
    assert path.read_bytes() == content


def test_a_store_is_used_by_one_server_at_a_time(tmp_path: Path) -> None:
    one = Store(tmp_path / "kept")
    with pytest.raises(StoryError, match="another server is using it"):
        Store(tmp_path / "kept")
    one.close()
    Store(tmp_path / "kept").close()


def test_there_is_room_for_so_many_tales_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tales, "MOST_TALES", 2)
    with served(story(TEA)) as client:
        begin(client), begin(client)
        assert refused(client.post("/tales")) == (507, "no-room")
        monkeypatch.setattr(store, "UNTOUCHED", -1)
        begin(client)


def test_a_tale_has_a_longest_length_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tales, "LONGEST", 1)
    with served(story(TEA)) as client:
        begun = begin(client, player="Ann")
        ask(client, begun, "/choose", option=0)
        assert refused(client.post(f"/tales/{begun['id']}/choose", json={"option": 0})) == (409, "cannot-choose")
        longer = Session(story(TEA), "Ann", 1)
        longer.choose(longer.options[0])
        longer.choose(longer.options[0])
        assert refused(client.post("/tales", json={"save": Save.of(longer, "").text()})) == (413, "too-large")


# ---- saves -----------------------------------------------------------------------------------------------------------


def a_save(seed: int = 1) -> str:
    session = Session(story(TEA), "Ann", seed)
    session.choose(session.options[0])
    return Save.of(session, fingerprint(session.story)).text()


def test_saves_are_kept_listed_and_thrown_away(tea: TestClient) -> None:
    assert tea.get("/saves").json() == []
    assert tea.put("/saves/auto-1", content=a_save()).status_code == 204
    assert tea.put("/saves/before the tea", content=a_save(2)).status_code == 204
    first, second = tea.get("/saves").json()
    assert (first["name"], first["seed"], second["name"]) == ("before the tea", 2, "auto-1")
    assert first["player"] == "Ann" and first["moves"] == 1 and first["saved"] >= second["saved"]
    assert tea.get("/saves/before%20the%20tea").text == a_save(2)
    assert tea.delete("/saves/auto-1").status_code == 204
    assert refused(tea.get("/saves/auto-1")) == (404, "no-such-save")
    assert refused(tea.delete("/saves/auto-1")) == (404, "no-such-save")


def test_nobody_sees_the_saves_of_another(tea: TestClient) -> None:
    tea.put("/saves/mine", content=a_save())
    mine = dict(tea.cookies)
    tea.cookies.clear()
    assert tea.get("/saves").json() == []
    assert refused(tea.get("/saves/mine")) == (404, "no-such-save")
    assert refused(tea.delete("/saves/mine")) == (404, "no-such-save")
    tea.put("/saves/mine", content=a_save(2))
    assert tea.cookies["everytale"] != mine["everytale"]
    tea.cookies.clear()
    tea.cookies.update(mine)
    assert tea.get("/saves/mine").text == a_save(1)


def test_the_cookie_is_for_this_server_alone(tea: TestClient) -> None:
    cookie = tea.put("/saves/mine", content=a_save()).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[" * 100_000, json.dumps({"format": 1}).encode()])
def test_what_is_no_save_is_not_kept(tea: TestClient, content: bytes) -> None:
    assert refused(tea.put("/saves/mine", content=content)) == (400, "damaged-save")
    assert tea.get("/saves").json() == []


@pytest.mark.parametrize("name", ["..", "%2e%2e%2fetc", "a" * 41, "%00", "é", " x"])
def test_a_save_has_a_plain_name(tea: TestClient, name: str) -> None:
    assert tea.put(f"/saves/{name}", content=a_save()).status_code in (400, 404, 405)


def test_a_player_has_so_many_saves_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_SAVES", 2)
    with served(story(TEA)) as client:
        assert [client.put(f"/saves/{name}", content=a_save()).status_code for name in ("a", "b", "a", "c")] == [204, 204, 204, 507]


# ---- the page --------------------------------------------------------------------------------------------------------


def config_of(page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.partition('id="everytale-config">')[2].partition("</script>")[0])
    return found


def test_the_page_and_all_that_it_names_are_served(tea: TestClient) -> None:
    page = tea.get("/")
    config = config_of(page.text)
    assert page.headers["content-type"] == "text/html; charset=utf-8" and config["title"] == "Tea"
    named = [config["engine"], config["worker"], *(one["pack"] for one in config["people"]), "/assets/page.js", "/assets/page.css"]
    assert all(tea.get(address).status_code == 200 for address in named)
    assert tea.get(config["engine"]).headers["content-type"] == "application/wasm"
    assert tea.get(config["people"][0]["pack"]).content == packed_story(story(TEA), "Ann")
    assert tea.get(config["saves"]).json() == []


def test_a_browser_that_has_a_file_is_not_sent_it_again(tea: TestClient) -> None:
    first = tea.get("/assets/page.js")
    again = tea.get("/assets/page.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    plain = tea.get("/assets/page.js", headers={"Accept-Encoding": "identity"})
    assert first.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers and plain.content == first.content


@pytest.mark.parametrize("way", ["page.html", "../app.py", "%2e%2e/page.py", "..%2fpage.py", "/etc/passwd", "", "page.js/", "page.js%00"])
def test_nothing_else_is_served(tea: TestClient, way: str) -> None:
    for folder in ("assets", "packs"):
        assert tea.get(f"/{folder}/{way}", follow_redirects=False).status_code in (404, 307)


def test_whoever_opens_the_page_owns_saves_from_then_on(tea: TestClient) -> None:
    tea.get("/")
    mine = tea.cookies["everytale"]
    tea.put("/saves/auto-1", content=a_save())
    tea.get("/")
    assert tea.cookies["everytale"] == mine and [one["name"] for one in tea.get("/saves").json()] == ["auto-1"]


def test_who_can_be_played_on_the_page_can_be_said() -> None:
    page = edition(story(TEA), "tea", people=("Bo",), teller="Ann").page.content.decode()
    assert [(one["name"], one["teller"]) for one in config_of(page)["people"]] == [("Bo", "Ann")]


# ---- the story changes -----------------------------------------------------------------------------------------------


def test_pages_hear_of_the_story_and_of_what_is_wrong_with_it() -> None:
    async def heard() -> list[bytes]:
        news = News("first")
        early = news.listen()
        events = [await anext(early)]
        news.wrong((Diagnostic("unknown-name", "error", "An unknown name", "There is no\ntea.", hint="Make some."),))
        late = news.listen()
        events += [await anext(early), await anext(late), await anext(late)]
        news.story("second")
        news.close()
        return [*events, *[event async for event in late]]

    trouble = b"event: trouble\ndata: There is no tea. Make some.\n\n"
    first, second = (b"event: story\ndata: %b\n\n" % word for word in (b"first", b"second"))
    assert asyncio.run(heard()) == [first, trouble, first, trouble, second]


def test_a_page_that_does_not_listen_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_LISTENING", 1)

    async def heard() -> list[bytes]:
        news = News("first")
        events = news.listen()
        await anext(events)
        with pytest.raises(Refused, match="Too many"):
            news.listen()
        for number in range(1000):
            news.story(str(number))
        rest = [event async for event in events]
        news.listen()
        return rest

    assert asyncio.run(heard()) == []


def test_what_a_story_includes_is_watched_too(tmp_path: Path) -> None:
    whole, part = tmp_path / "tea.tale", tmp_path / "more.tale"
    whole.write_text(dedent(TEA) + 'include "more.tale"\n', encoding="utf-8")
    watched = Watched(str(whole))
    with pytest.raises(StoryError, match="no such file to include"):
        watched.read()
    assert not watched.changed()
    part.write_text("fact late: yes or no\n", encoding="utf-8")
    assert [watched.changed(), watched.changed()] == [False, True], "a file that is being written is waited for"
    with contextlib.suppress(StoryError):
        watched.read()
    whole.unlink()
    assert [watched.changed(), watched.changed()] == [False, True]
    with pytest.raises(StoryError, match="no such story"):
        watched.read()
    whole.write_text(dedent(TEA), encoding="utf-8")
    assert [watched.changed(), watched.changed()] == [False, True]
    assert watched.read().title == "Tea"


# ---- who is let in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "localhost:8010", "127.0.0.1:8010", "[::1]:8010", "LOCALHOST"])
def test_this_machine_by_its_names(tea: TestClient, host: str) -> None:
    assert tea.get("/story", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "192.168.0.7", "", "[", "evil.example:8010"])
def test_a_name_that_was_pointed_here_is_refused(tea: TestClient, host: str) -> None:
    assert refused(tea.get("/story", headers={"Host": host})) == (421, "wrong-host")


def test_open_to_others_is_by_address_or_by_the_names_that_were_said() -> None:
    with TestClient(application(story(TEA), Store(), ["tales.example"], open_to_others=True), client=("127.0.0.1", 1)) as client:
        hosts = ("192.168.0.7:8010", "tales.example", "evil.example")
        assert [client.get("/story", headers={"Host": host}).status_code for host in hosts] == [200, 200, 421]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:9999", "http://["])
def test_a_page_of_another_site_is_refused(tea: TestClient, origin: str) -> None:
    assert refused(tea.post("/tales", headers={"Origin": origin})) == (403, "other-site")
    assert refused(tea.get("/saves", headers={"Origin": origin})) == (403, "other-site")
    assert tea.post("/tales", headers={"Origin": HERE}).status_code == 201


def test_a_page_of_another_site_may_link_here_and_no_more(tea: TestClient) -> None:
    other = {"Sec-Fetch-Site": "cross-site"}
    assert refused(tea.get("/story", headers={**other, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"})) == (403, "other-site")
    assert tea.get("/story", headers={**other, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}).status_code == 200
    assert refused(tea.post("/tales", headers={**other, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}))[0] == 403


def test_a_form_cannot_speak_for_the_player(tea: TestClient) -> None:
    assert refused(tea.post("/tales", content=b'{"seed": 1}', headers={"Content-Type": "text/plain"})) == (415, "wrong-type")


@pytest.mark.parametrize("address", ["/story", "/tales/nothing", "/nothing", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/story/"])
def test_every_answer_carries_what_protects_the_player(tea: TestClient, address: str) -> None:
    answer = tea.get(address, follow_redirects=False)
    assert {key: answer.headers.get(key) for key in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == "no-store" and "unsafe-inline" not in HEADERS["Content-Security-Policy"]
    assert answer.status_code == 200 if address == "/story" else answer.status_code in (404, 307)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "NONSENSE"])
def test_other_methods_are_refused(tea: TestClient, method: str) -> None:
    assert tea.request(method, "/tales").status_code == 405


def test_too_much_is_refused_before_it_is_read(tea: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LARGEST_BODY", 1000)
    assert refused(tea.put("/saves/mine", content=b"x" * 1001)) == (413, "too-large")
    assert refused(tea.put("/saves/mine", content=iter([b"x" * 600] * 2))) == (413, "too-large")
    assert refused(tea.put("/saves/mine", content=b"", headers={"Content-Length": "9" * 5000})) == (413, "too-large")


def test_whoever_asks_too_often_has_to_wait_and_others_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "AT_ONCE", 3.0)
    server = application(story(TEA), Store(), open_to_others=True)
    with TestClient(server, base_url=HERE, client=("192.0.2.1", 1)) as one:
        statuses = [one.get("/story") for _ in range(5)]
        assert [answer.status_code for answer in statuses] == [200, 200, 200, 429, 429]
        assert refused(statuses[-1]) == (429, "too-often") and statuses[-1].headers["retry-after"] == "1"
        other = TestClient(server, base_url=HERE, client=("192.0.2.2", 1))
        assert refused(other.post("/tales", content=b"[]", headers={"Content-Type": "text/plain"}))[0] == 415


def test_an_allowance_comes_back_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(guard, "monotonic", lambda: now)
    allowances = Allowances(often=2, at_once=3)
    assert [allowances.take("a") for _ in range(4)] == [True, True, True, False]
    now += 1
    assert [allowances.take("a") for _ in range(3)] == [True, True, False]
    assert allowances.take("b")


def test_a_defect_is_told_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(Tales, "view", defect)
    with served(story(TEA), raises=False) as client:
        answer = client.get(f"/tales/{begin(client)['id']}")
        assert refused(answer) == (500, "defect") and "secret" not in answer.text


# ---- the process -----------------------------------------------------------------------------------------------------


@contextmanager
def started(path: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server as it is started by a command, and its address."""
    command = [sys.executable, "-m", "everytale", "serve", str(path), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().rpartition(" ")[2].strip()
        finally:
            process.kill()


@pytest.fixture
def tea_file(tmp_path: Path) -> Path:
    path = tmp_path / "tea.tale"
    path.write_text(dedent(TEA), encoding="utf-8")
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_to_be_told_to_end_is_no_error(tea_file: Path, signal_: signal.Signals) -> None:
    with started(tea_file) as (process, address):
        assert httpx2.get(f"{address}story").json()["title"] == "Tea"
        process.send_signal(signal_)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0 and "Traceback" not in errors


def test_a_kill_loses_nothing_that_was_answered(tea_file: Path, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    with started(tea_file, "--saves", kept) as (process, address), httpx2.Client(base_url=address) as client:
        begun = [client.post("/tales", json={"player": "Ann", "seed": seed}).json() for seed in range(5)]
        for one in begun:
            one["count"] = client.post(f"/tales/{one['id']}/choose", json={"option": 0}).json()["count"]
        client.put("/saves/auto-1", content=a_save())
        cookies = dict(client.cookies)
        process.kill()
    with started(tea_file, "--saves", kept) as (_, address), httpx2.Client(base_url=address, cookies=cookies) as client:
        for one in begun:
            now = client.get(f"/tales/{one['id']}").json()
            assert (now["seed"], now["count"]) == (one["seed"], one["count"])
        assert client.get("/saves/auto-1").text == a_save()


def test_a_change_of_the_story_reaches_the_pages_and_a_broken_one_does_not(tea_file: Path) -> None:
    changed = dedent(TEA).replace('tale "Tea"', 'tale "Coffee"')
    with started(tea_file) as (process, address), httpx2.Client(base_url=address, timeout=20) as client:
        assert process.stderr is not None
        with client.stream("GET", "/changes") as events:
            lines = (line for line in events.iter_lines() if line.startswith("data: "))
            first = next(lines)
            tea_file.write_text("tale", encoding="utf-8")
            trouble = next(lines)
            assert tea_file.name in trouble and client.get("/story").json()["title"] == "Tea"
            tea_file.write_text(changed, encoding="utf-8")
            assert next(lines) == f"data: {fingerprint(story(changed))}" != first
            assert client.get("/story").json()["title"] == "Coffee"
            process.send_signal(signal.SIGTERM)
            assert next(lines, None) is None, "pages that listen do not keep it from ending"
        assert process.wait(timeout=20) == 0 and "error[" in process.stderr.read()


def test_a_port_that_is_taken_is_said(tea_file: Path) -> None:
    with started(tea_file) as (_, address):
        port = address.rstrip("/").rpartition(":")[2]
        again = CliRunner().invoke(main, ["serve", str(tea_file), "--port", port])
        assert again.exit_code == 1 and f"port {port}: address already in use" in again.output and "--port 0" in again.output


def test_without_its_libraries_it_says_what_to_install(tea_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = CliRunner().invoke(main, ["serve", str(tea_file)])
    assert result.exit_code == 1 and "pip install 'everytale[web]'" in result.output


def test_being_open_to_others_is_said(tea_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("everytale.serving.running.serve", lambda *_, **__: None)
    assert "Others can reach this server" in CliRunner().invoke(main, ["serve", str(tea_file), "--host", "0.0.0.0"]).output
    assert "Others" not in CliRunner().invoke(main, ["serve", str(tea_file)]).output
