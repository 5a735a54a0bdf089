"""What a server answers where it does not do what it was asked: a status, and words for the one who plays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

STATUS = {
    "wrong-request": 400,
    "damaged-save": 400,
    "other-site": 403,
    "not-found": 404,
    "no-such-tale": 404,
    "no-such-save": 404,
    "wrong-method": 405,
    "too-slow": 408,
    "cannot-choose": 409,
    "too-large": 413,
    "wrong-type": 415,
    "wrong-host": 421,
    "story-error": 422,
    "undecided": 422,
    "too-often": 429,
    "defect": 500,
    "busy": 503,
    "no-room": 507,
}
"""What goes wrong, and the status of HTTP that it is."""


@dataclass
class Refused(Exception):
    """A request that is not granted. ``what`` is one of :data:`STATUS`; ``words``: sentences for whoever asked."""

    what: str
    words: str

    @property
    def status(self) -> int:
        return STATUS[self.what]

    def __str__(self) -> str:
        return self.words


def as_refused(error: Exception) -> Refused:
    """What is said of an error to the one who asked: of a defect no more than that it is one."""
    match error:
        case Refused():
            return error
        case HTTPException(status_code=404):
            return Refused("not-found", "There is nothing at that address.")
        case HTTPException(status_code=405):
            return Refused("wrong-method", "That cannot be done at that address.")
    return Refused("defect", "Something went wrong here. The tale is as it was before.")


def as_json(answer: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer as JSON."""
    content = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(content, status, headers, "application/json")


def refusal(error: Exception) -> Response:
    """What is answered in place of what was asked."""
    refused = as_refused(error)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if refused.what in ("busy", "too-often"):
        headers["Retry-After"] = "1"
    if refused.what in ("too-large", "too-slow"):
        headers["Connection"] = "close"  # the rest of it is not read
    return as_json({"error": {"what": refused.what, "words": refused.words}}, refused.status, headers)
