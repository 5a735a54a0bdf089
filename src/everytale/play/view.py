"""A session as data: what a page or another program is sent of a tale, whether the tale is played in the page itself or on a server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from everytale.answers.why import explain
from everytale.minds import judge
from everytale.play.reasons import why
from everytale.play.session import Session
from everytale.telling import Told


def view(session: Session, first: int = 0) -> dict[str, Any]:
    """A session as it stands, for JSON. The turns before ``first`` are left out: whoever asks has them already.

    ``count``: how many turns there are in all. ``stopped``: what the tale came to, as in :class:`Session`.
    """
    return {
        "title": session.story.title,
        "player": session.player,
        "teller": session.teller,
        "seed": session.seed,
        "from": first,
        "count": len(session.turns),
        "opening": _told(session.opening),
        "turns": [
            {
                "move": str(turn.move),
                "chosen": turn.chosen,
                "option": None if turn.option is None else turn.option.label,
                "told": _told(turn.told),
            }
            for turn in session.turns[first:]
        ],
        "options": [option.label for option in session.options],
        "points": list(session.points),
        "stopped": session.stopped,
        "ending": None if session.ending is None else session.ending.title,
        "departure": None if session.departure is None else str(session.departure),
    }


def why_view(session: Session, number: int, *, spoilers: bool = False) -> dict[str, Any]:
    """Why the move at turn ``number``, counted from 0, was made: its ``words``, and with ``spoilers`` the ``people`` whose reasons it
    had, each with the plan that they saw. Raises ``IndexError`` where there is no such turn."""
    turn = session.turns[number]
    found = {"turn": number, "move": str(turn.move), "words": list(why(session, number, spoilers=spoilers)), "people": []}
    if spoilers:
        reasons = explain(number + 1, judge(turn.before, turn.move)).followed.reasons
        found["people"] = [
            {"person": one.person, "because": list(one.because), "plan": [str(move) for move in one.plan]} for one in reasons
        ]
    return found


def _told(told: Iterable[Told]) -> list[dict[str, Any]]:
    return [{"occasion": piece.occasion, "title": piece.title, "paragraphs": list(piece.paragraphs)} for piece in told]
