"""The language of stories: from text to a checked :class:`~everytale.story.Story`, or to what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from everytale.diagnostics import Diagnostic, Source, Span
from everytale.story import Story

__all__ = ["read_story"]


def read_story(source: Source, include: Callable[[str, Span], Source]) -> tuple[Story | None, tuple[Diagnostic, ...]]:
    """The story in ``source``, or ``None`` where errors prevent it, and all that is to be said of its text, in its order.

    ``include`` finds the file that an ``include`` names, for the place that names it; it may raise ``StoryError``.
    """
    from everytale.language.reading import read  # much to load, of which the planner's problem files need nothing

    return read(source, include)
