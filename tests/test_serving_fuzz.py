"""Whatever a server is sent, it answers in its own words: never with a defect, never with what is another player's.

``make fuzz`` sends 10,000 requests of each kind; a plain run of the tests a few hundred.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from everytale.serving.guard import HEADERS
from everytale.serving.refusals import STATUS
from tests.test_serving import HERE, a_save, begin, served, started, tea_file
from tests.test_sessions import TEA, story

__all__ = ["tea_file"]

TRIES = max(200, int(os.environ.get("EVERYTALE_FUZZ", "0")) // 10)
SECRET = 8_412_093_775_104
"""The seed of a tale, and of a save, that only one player knows of."""
MINE, OTHERS = "{mine}", "{others}"
"""Where the id of one's own tale stands in an address, and where one like that of somebody else's."""

pytestmark = pytest.mark.fuzz
many = settings(max_examples=TRIES, deadline=None, suppress_health_check=list(HealthCheck))


class Victim:
    """A player with a tale and a save, and somebody else who sends all sorts of things to the same server."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.begun = begin(client, player="Ann", seed=SECRET)
        client.put("/saves/secret", content=a_save(SECRET))
        self.cookies = dict(client.cookies)
        client.cookies.clear()
        self.mine = begin(client, player="Bo", seed=1)["id"]

    def send(self, method: str, way: str, **wanted: Any) -> httpx2.Response:
        """What the other one is answered."""
        self.client.cookies.clear()
        guessed = self.begun["id"][:-1] + ("A" if self.begun["id"][-1] != "A" else "B")
        answer = self.client.request(method, HERE + way.replace(MINE, self.mine).replace(OTHERS, guessed), follow_redirects=False, **wanted)
        self.look_at(answer, way)
        return answer

    def look_at(self, answer: httpx2.Response, way: str) -> None:
        assert answer.status_code < 500 or answer.status_code in (STATUS["busy"], STATUS["no-room"])
        assert str(SECRET) not in answer.text and "Traceback" not in answer.text
        assert {key: answer.headers.get(key) for key in HEADERS} == HEADERS
        if answer.status_code >= 400 and answer.content:
            error = answer.json()["error"]
            assert STATUS[error["what"]] == answer.status_code and error["words"], way

    def is_well(self) -> bool:
        """Whether all is as it was."""
        self.client.cookies.clear()
        tale = self.client.get(f"/tales/{self.begun['id']}").json()
        self.client.cookies.update(self.cookies)
        saves, text = self.client.get("/saves").json(), self.client.get("/saves/secret").text
        return tale == {key: value for key, value in self.begun.items() if key != "id"} and len(saves) == 1 and text == a_save(SECRET)


@pytest.fixture
def victim() -> Iterator[Victim]:
    with served(story(TEA)) as client:
        found = Victim(client)
        yield found
        assert found.is_well()


# ---- what is sent ----------------------------------------------------------------------------------------------------

words = st.text(max_size=12) | st.sampled_from(
    ["Ann", "Bo", "player", "seed", "save", "option", "count", "turn", "auto-1", "secret", "..", "%00"]
)
numbers = st.integers() | st.sampled_from([-1, 0, 1, 2**63, 2**64, 10**400])
scalars = st.none() | st.booleans() | numbers | st.floats() | words
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4), max_leaves=8)
keys = st.sampled_from(["player", "seed", "teller", "save", "option", "count", "turn"])
objects = st.dictionaries(keys, scalars | values, max_size=4)
deep = st.integers(1, 100_000).map(lambda depth: b"[" * depth)
bodies = st.binary(max_size=200) | (objects | values).map(lambda value: json.dumps(value).encode()) | deep

ids = st.sampled_from([MINE, OTHERS, "a" * 22, "-" * 22]) | st.text(max_size=30).map(lambda text: quote(text, safe=""))
parts = words.map(lambda text: quote(text, safe="")) | st.integers(-3, 10**12).map(str)
ways = st.one_of(
    st.sampled_from(["/", "/story", "/tales", "/saves", "/assets/page.js", "/packs/none", "//", "/assets/../../x", "/tales/"]),
    st.builds(
        lambda id, rest: f"/tales/{id}{rest}", ids, st.sampled_from(["", "/choose", "/undo", "/rewind", "/save", "/transcript", "/x"])
    ),
    st.builds(
        lambda id, turn, query: f"/tales/{id}/why/{turn}{query}", ids, parts, st.sampled_from(["", "?spoilers=yes", "?spoilers=%00"])
    ),
    st.builds(lambda name: f"/saves/{name}", parts),
    st.lists(parts, max_size=4).map(lambda found: "/" + "/".join(found)),
)
methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND"])
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
headers = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(["application/json", "application/json; charset=latin-1", "text/plain"]) | printable,
        "Origin": st.sampled_from([HERE, "null", "https://evil.example"]) | printable,
        "Host": st.sampled_from(["localhost:8010", "evil.example", "[::1"]) | printable,
        "Cookie": printable | st.text("ab-_", min_size=22, max_size=22).map("everytale={}".format),
        "Sec-Fetch-Site": st.sampled_from(["same-origin", "cross-site", "none"]),
        "If-None-Match": printable,
        "Accept-Encoding": printable,
        "Content-Length": st.sampled_from(["-1", "0", "99999999999999999999", "x"]),
    },
)


@cache
def whole_save() -> bytes:
    return a_save(3).encode()


@st.composite
def damaged_saves(draw: st.DrawFn) -> bytes:
    """A save after some accidents: to its bytes, or to what it says."""
    if draw(st.booleans()):
        data = json.loads(whole_save())
        for _ in range(draw(st.integers(1, 3))):
            data[draw(st.sampled_from([*data, "more"]))] = draw(values | st.lists(st.dictionaries(words, values, max_size=2), max_size=3))
        return json.dumps(data).encode()
    content = bytearray(whole_save())
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(content)))
        content[place : place + draw(st.integers(0, 9))] = draw(
            st.binary(max_size=9) | st.sampled_from([b'"', b"{", b"9" * 5000, b"\\ud800"])
        )
    return bytes(content)


# ---- what is answered ------------------------------------------------------------------------------------------------


@many
@given(methods, ways, headers, bodies)
def test_any_request_is_answered(victim: Victim, method: str, way: str, headers: dict[str, str], body: bytes) -> None:
    victim.send(method, way, headers=headers, content=body)


@many
@given(st.sampled_from(["choose", "undo", "rewind"]), objects)
def test_a_tale_goes_on_or_stays_as_it_is(victim: Victim, verb: str, wanted: dict[str, Any]) -> None:
    before = victim.send("GET", f"/tales/{MINE}").json()
    content = json.dumps(wanted).encode()
    answer = victim.send("POST", f"/tales/{MINE}/{verb}", content=content, headers={"Content-Type": "application/json"})
    if answer.status_code >= 400:
        assert victim.send("GET", f"/tales/{MINE}").json() == before


@many
@given(damaged_saves())
def test_any_save_is_kept_or_refused_and_played_or_refused(victim: Victim, content: bytes) -> None:
    kept = victim.send("PUT", "/saves/auto-1", content=content)
    assert kept.status_code in (204, 400)
    text = content.decode("utf-8", "replace")
    begun = victim.send("POST", "/tales", json={"save": text})
    assert begun.status_code in (201, 400, 422)
    if begun.status_code == 201:
        assert victim.send("DELETE", f"/tales/{begun.json()['id']}").status_code == 204


@pytest.mark.parametrize(
    "content", [b"\0" * 100_000, b"GET / HTTP/9.9\r\n\r\n", b"GET /story HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"]
)
def test_what_is_no_request_at_all_harms_nobody(tea_file: Path, content: bytes) -> None:
    with started(tea_file) as (process, address):
        port = int(address.rstrip("/").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
        assert httpx2.get(f"{address}story", timeout=20).json()["title"] == "Tea"
        process.terminate()
        assert "Traceback" not in process.communicate(timeout=20)[1]
