"""What a server answers at which address: the page that plays, and tales and saves as JSON (docs/serving.md)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from everytale.diagnostics import StoryError
from everytale.play.saves import Save, Shelf
from everytale.serving.desk import Desk
from everytale.serving.edition import Edition, File, assets
from everytale.serving.refusals import Refused, as_json, refusal
from everytale.serving.tales import Tales
from everytale.serving.watching import News

ID = re.compile(r"[A-Za-z0-9_-]{22}")
COOKIE = "everytale"
"""By which a browser is known as the owner of its saves."""
KNOWN_FOR = 365 * 24 * 3600
LAST_WORDS = 3.0
"""Seconds in which what is under way may come to its end, when the server ends."""


class App:
    """The addresses, and what is asked at the ``desk`` for each, of the story in its ``edition``.

    ``watching``: what goes on beside the answers as long as the server runs.
    """

    def __init__(self, edition: Edition, desk: Desk, watching: Callable[[App], Awaitable[None]] | None = None) -> None:
        self.edition, self.desk, self.watching = edition, desk, watching
        self.news = News(edition.fingerprint)

    def starlette(self) -> Starlette:
        """The application, whose lifespan is that of the desk. It goes behind a :class:`everytale.serving.guard.Guard`."""

        @contextlib.asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            self.desk.open()
            beside = asyncio.create_task(self._beside())
            yield
            beside.cancel()
            self.desk.close(LAST_WORDS)

        return Starlette(
            lifespan=lifespan,
            routes=[
                Route("/", self.page, methods=["GET"]),
                Route("/assets/{name}", self.file, methods=["GET"]),
                Route("/packs/{name}", self.file, methods=["GET"]),
                Route("/changes", self.changes, methods=["GET"]),
                Route("/story", self.story, methods=["GET"]),
                Route("/tales", self.begin, methods=["POST"]),
                Route("/tales/{id}", self.tale, methods=["GET"]),
                Route("/tales/{id}", self.throw_away, methods=["DELETE"]),
                Route("/tales/{id}/choose", self.choose, methods=["POST"]),
                Route("/tales/{id}/undo", self.undo, methods=["POST"]),
                Route("/tales/{id}/rewind", self.rewind, methods=["POST"]),
                Route("/tales/{id}/why/{turn}", self.why, methods=["GET"]),
                Route("/tales/{id}/save", self.save_of, methods=["GET"]),
                Route("/tales/{id}/transcript", self.transcript, methods=["GET"]),
                Route("/saves", self.slots, methods=["GET"]),
                Route("/saves/{name}", self.load, methods=["GET"]),
                Route("/saves/{name}", self.save, methods=["PUT"]),
                Route("/saves/{name}", self.delete, methods=["DELETE"]),
            ],
            exception_handlers={Refused: _refuse, HTTPException: _refuse, Exception: _refuse},
        )

    async def change(self, edition: Edition) -> None:
        """Serve another edition from now on. Tales go on as far as they fit it."""
        await self.desk.ask(lambda tales: tales.tell_of(edition.story))
        self.edition = edition
        self.news.story(edition.fingerprint)

    async def _beside(self) -> None:
        if self.watching is not None:
            await self.watching(self)

    # ---- the page ----------------------------------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        answer = _file(request, self.edition.page)
        if _owner(request) is None:
            _own(answer)
        return answer

    async def file(self, request: Request) -> Response:
        address = request.url.path
        found = assets().get(address) or self.edition.packs.get(address)
        if found is None:
            raise HTTPException(404)
        return _file(request, found)

    async def changes(self, request: Request) -> Response:
        return StreamingResponse(self.news.listen(), media_type="text/event-stream")

    # ---- the story and its tales -------------------------------------------------------------------------------------

    async def story(self, request: Request) -> Response:
        def about(tales: Tales) -> dict[str, Any]:
            story = tales.story
            return {"title": story.title, "people": list(story.people), "teller": story.teller, "fingerprint": tales.fingerprint}

        return as_json(await self.desk.ask(about))

    async def begin(self, request: Request) -> Response:
        wanted = await _object(request)
        player, teller, seed, text = (_field(wanted, key, kind) for key, kind in _BEGIN.items())
        if seed is not None and not 0 <= seed < 1 << 64:
            raise Refused("wrong-request", "“seed” has to be a whole number from 0, below 2 to the 64th.")
        if text is None:
            begun = await self.desk.ask(lambda tales: tales.begin(player, seed, teller))
        elif wanted.keys() != {"save"}:
            raise Refused("wrong-request", "A save says who is played, the seed and the teller: “save” goes without the others.")
        else:
            save = _save(text)
            begun = await self.desk.ask(lambda tales: tales.resume(save))
        return as_json(begun, 201, {"Location": f"/tales/{begun['id']}"})

    async def tale(self, request: Request) -> Response:
        return await self._of(request, Tales.view)

    async def choose(self, request: Request) -> Response:
        wanted = await _object(request)
        option, count = _field(wanted, "option", int), _field(wanted, "count", int)
        if option is None:
            raise Refused("wrong-request", "Which? “option” has to be the number of a choice, from 0.")
        return await self._of(request, partial(Tales.choose, option=option, count=count))

    async def undo(self, request: Request) -> Response:
        await _object(request)
        return await self._of(request, Tales.undo)

    async def rewind(self, request: Request) -> Response:
        turn = _field(await _object(request), "turn", int)
        if turn is None:
            raise Refused("wrong-request", "To where? “turn” has to be one of the tale's points.")
        return await self._of(request, partial(Tales.rewind, number=turn))

    async def why(self, request: Request) -> Response:
        turn, spoilers = request.path_params["turn"], request.query_params.get("spoilers", "no")
        if not re.fullmatch(r"\d{1,9}", turn, re.ASCII) or spoilers not in ("yes", "no"):
            raise Refused("wrong-request", "Why of which move? Its number, from 0; and spoilers are yes or no.")
        return await self._of(request, partial(Tales.why, number=int(turn), spoilers=spoilers == "yes"))

    async def throw_away(self, request: Request) -> Response:
        id = _id(request)
        await self.desk.ask(lambda tales: tales.throw_away(id))
        return Response(status_code=204)

    async def save_of(self, request: Request) -> Response:
        return await self._of(request, Tales.save, lambda text: Response(text, media_type="application/json"))

    async def transcript(self, request: Request) -> Response:
        return await self._of(request, Tales.transcript, lambda text: Response(text, media_type="text/markdown"))

    async def _of(self, request: Request, question: Callable[[Tales, str], Any], answer: Callable[[Any], Response] = as_json) -> Response:
        """What is asked of the tale that the address names."""
        id = _id(request)
        return answer(await self.desk.ask(lambda tales: question(tales, id)))

    # ---- saves of the player who asks --------------------------------------------------------------------------------

    async def slots(self, request: Request) -> Response:
        owner = _owner(request)
        slots = [] if owner is None else await self.desk.ask(lambda tales: tales.store.slots(owner))
        return as_json([asdict(slot) for slot in slots])

    async def load(self, request: Request) -> Response:
        owner, name = _owner(request), _name(request)
        text = None if owner is None else await self.desk.ask(lambda tales: tales.store.load(owner, name))
        if text is None:
            raise _no_save(name)
        return Response(text, media_type="application/json")

    async def save(self, request: Request) -> Response:
        name, answer = _name(request), Response(status_code=204)
        try:
            text = (await request.body()).decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("damaged-save", "The save is not text in UTF-8.") from None
        save, owner = _save(text), _owner(request)
        mine = owner or _own(answer)
        await self.desk.ask(lambda tales: tales.store.save(mine, name, save, text))
        return answer

    async def delete(self, request: Request) -> Response:
        owner, name = _owner(request), _name(request)
        if owner is None or not await self.desk.ask(lambda tales: tales.store.delete(owner, name)):
            raise _no_save(name)
        return Response(status_code=204)


# ---- what is asked ---------------------------------------------------------------------------------------------------

_BEGIN = {"player": str, "teller": str, "seed": int, "save": str}
_WORDS = {str: "a text", int: "a whole number"}


async def _object(request: Request) -> dict[str, Any]:
    """The object that a request consists of; nothing at all is an empty one."""
    content = await request.body()
    if not content:
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused("wrong-type", "What is sent has to be JSON, and to say so: Content-Type: application/json.")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise Refused("wrong-request", "What was sent is not JSON.") from None
    if not isinstance(found, dict):
        raise Refused("wrong-request", "What was sent is no object of JSON.")
    return found


def _field(wanted: dict[str, Any], key: str, kind: type) -> Any:
    """A field of the object, or ``None`` where it is not there."""
    found = wanted.get(key)
    if found is not None and type(found) is not kind:
        raise Refused("wrong-request", f"“{key}” has to be {_WORDS[kind]}.")
    return found


def _save(text: str) -> Save:
    try:
        return Save.read(text)
    except StoryError as error:
        raise Refused("damaged-save", error.diagnostics[0].message) from None


def _id(request: Request) -> str:
    id = str(request.path_params["id"])
    if not ID.fullmatch(id):
        raise Refused("no-such-tale", "There is no such tale here, or no longer.")
    return id


def _name(request: Request) -> str:
    name = str(request.path_params["name"])
    if not Shelf.is_name(name):
        raise Refused("wrong-request", "A save is called by up to 40 letters, digits, spaces and “-”.")
    return name


def _owner(request: Request) -> str | None:
    """Whose saves are meant; ``None``: somebody's who has none yet."""
    owner = request.cookies.get(COOKIE)
    return owner if owner is not None and ID.fullmatch(owner) else None


def _no_save(name: str) -> Refused:
    return Refused("no-such-save", f"There is no save called {name!r}.")


def _own(answer: Response) -> str:
    """Make whoever is answered the owner of saves."""
    owner = secrets.token_urlsafe(16)
    answer.set_cookie(COOKIE, owner, max_age=KNOWN_FOR, httponly=True, samesite="strict")
    return owner


def _file(request: Request, file: File) -> Response:
    """A file, unless the browser has it already."""
    headers = {"Cache-Control": "no-cache", "ETag": f'"{file.mark}"', "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(file.zipped if zipped else file.content, headers=headers, media_type=file.type)


async def _refuse(request: Request, error: Exception) -> Response:
    return refusal(error)
