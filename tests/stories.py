"""Stories for tests, read from text."""

from __future__ import annotations

from everytale.diagnostics import Source, Span, StoryError
from everytale.language import read_story
from everytale.story import Story


def read(text: str) -> Story:
    """The story that ``text`` tells of, which includes nothing."""
    found, diagnostics = read_story(Source("story.tale", text), _no_file)
    assert found is not None, diagnostics
    return found


def _no_file(name: str, span: Span) -> Source:
    raise StoryError(())
