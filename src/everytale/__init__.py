"""Everytale: stories that follow from character.

A story says who there is, what everybody wants and believes, and what can happen. Everytale tells it, and answers *why* and *why not*::

    import everytale

    story = everytale.load("dont-stay")
    print(everytale.tell(story, seed=1))
    print(everytale.why_not(story, "stay"))

Names are loaded when they are first used, so that ``import everytale`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from everytale.answers.overview import show
    from everytale.answers.trials import Trial, test
    from everytale.answers.why import Why, why
    from everytale.answers.why_not import WhyNot, why_not
    from everytale.diagnostics import Diagnostic, Source, Span, StoryError
    from everytale.finding import Found, find
    from everytale.loader import as_written, bundled, check, load, load_trace
    from everytale.minds import Followed, Following, Intention, begin, follow, intention, possible, worth
    from everytale.play import Option, Session, Turn
    from everytale.realm import Bounds, Outcome, Realm, Verdict, claims, explore
    from everytale.realm.compare import Compared, Ranking, flip, flips
    from everytale.realm.sensitivity import sensitivity
    from everytale.reporting import Picture, picture, report
    from everytale.story import Story
    from everytale.telling import Tale, tell
    from everytale.world import GroundMove, State, Trace, UnknownMove, World

_HOMES = {
    "diagnostics": ("Diagnostic", "Source", "Span", "StoryError"),
    "finding": ("Found", "find"),
    "loader": ("as_written", "bundled", "check", "load", "load_trace"),
    "minds": ("Followed", "Following", "Intention", "begin", "follow", "intention", "possible", "worth"),
    "play": ("Option", "Session", "Turn"),
    "answers.why_not": ("WhyNot", "why_not"),
    "answers.overview": ("show",),
    "answers.why": ("Why", "why"),
    "realm": ("Bounds", "Outcome", "Realm", "Verdict", "claims", "explore"),
    "realm.compare": ("Compared", "Ranking", "flip", "flips"),
    "realm.sensitivity": ("sensitivity",),
    "reporting": ("Picture", "picture", "report"),
    "story": ("Story",),
    "telling": ("Tale", "tell"),
    "answers.trials": ("Trial", "test"),
    "world": ("GroundMove", "State", "Trace", "UnknownMove", "World"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'everytale' has no attribute {name!r}")
    found: object = getattr(import_module(f"everytale.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
