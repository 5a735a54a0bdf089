"""What every request has to pass, and what every answer carries, whatever it is about.

A page elsewhere on the web can make a browser send requests here, under a name of its own that it lets point to this machine (*DNS
rebinding*). So a request has to name a host that is meant, and to come from a page of this server or from no page at all. It may not
be larger than a bound, nor slower, and whoever sends too many has to wait.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from time import monotonic
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from everytale.publish.page import SERVED_POLICY
from everytale.serving.refusals import Refused, refusal

LARGEST_BODY = 512 * 1024
"""Bytes of what is sent here: a save of the longest tale is half of that."""
PATIENCE = 20.0
"""Seconds in which it has to come."""
OFTEN, AT_ONCE = 20.0, 200.0
"""Requests a second from one address, in the long run and at once. This machine itself may send as many as it likes."""
MOST_ADDRESSES = 10_000
"""Addresses whose requests are counted."""

HEADERS = {
    "Content-Security-Policy": SERVED_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Lets through to ``app`` what is meant for it: see above. ``hosts``: names by which this server is known."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str], *, open_to_others: bool = False) -> None:
        """``open_to_others``: this server may be asked by the number of whatever address it has, not this machine's own alone."""
        self.app, self.hosts, self.open_to_others = app, {host.lower() for host in hosts}, open_to_others
        self._allowances = Allowances(OFTEN, AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            self._look(scope)
            bounded = _Bounded(Headers(scope=scope), receive)
        except Refused as error:
            await refusal(error)(scope, receive, answer)
        else:
            await self.app(scope, bounded, answer)

    def _look(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_known(host):
            raise Refused("wrong-host", "This server is not known by that name. If it should be, start it with --known-as NAME.")
        origin = headers.get("origin")
        if origin is not None and _netloc(origin) != host.lower():
            raise Refused("other-site", "The request comes from a page of another site.")
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not _follows_link(scope, headers):
            raise Refused("other-site", "The request comes from a page of another site.")
        client = scope.get("client")
        address = client[0] if client else ""
        if not _is_local(address) and not self._allowances.take(address):
            raise Refused("too-often", "That was a bit much at once. Wait a moment.")

    def _is_known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self.hosts:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self.open_to_others or address.is_loopback


class Allowances:
    """How many requests each address may still make: ``often`` more every second, up to ``at_once``."""

    def __init__(self, often: float, at_once: float) -> None:
        self.often, self.at_once = often, at_once
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Whether it may make one more, which is counted."""
        now = monotonic()
        left, then = self._left.pop(address, (self.at_once, now))
        left = min(self.at_once, left + (now - then) * self.often)
        granted = left >= 1
        self._left[address] = (left - 1 if granted else left), now
        while len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)
        return granted


class _Bounded:
    """What a client sends: no more, and no more slowly, than is allowed."""

    def __init__(self, headers: Mapping[str, str], receive: Receive) -> None:
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length[:19]) > LARGEST_BODY:
            raise Refused("too-large", f"More was sent than the {LARGEST_BODY // 1024} KB that are allowed.")
        self.receive, self.left, self.until, self.more = receive, LARGEST_BODY, monotonic() + PATIENCE, True

    async def __call__(self) -> Message:
        if not self.more:  # whether the client goes is waited for as long as it takes
            return await self.receive()
        try:
            async with asyncio.timeout(max(0.0, self.until - monotonic())):
                message = await self.receive()
        except TimeoutError:
            raise Refused("too-slow", "It took too long to come.") from None
        self.left -= len(message.get("body", b""))
        self.more = bool(message.get("more_body", False))
        if self.left < 0:
            raise Refused("too-large", f"More was sent than the {LARGEST_BODY // 1024} KB that are allowed.")
        return message


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _follows_link(scope: Scope, headers: Headers) -> bool:
    """Whether somebody comes here from elsewhere by a link."""
    return scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


def _is_local(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
