"""A condition by itself, as somebody asks about it: a goal, a question."""

from __future__ import annotations

from everytale.diagnostics import Source, StoryError
from everytale.language.messages import Report, Stop
from everytale.language.names import Names
from everytale.language.phrases import condition
from everytale.language.resolve import Resolver
from everytale.language.tokens import Abandon, Cursor
from everytale.story import Expression, Story


def parse_expression(text: str, story: Story) -> Expression:
    """The condition ``text`` in the names of ``story``: ``together and not dawn``. Raises ``StoryError``."""
    report = Report()
    source = Source("condition", text)
    try:
        cursor = Cursor(source, 0, len(text), report)
        term = condition(cursor)
        cursor.finish()
        return Resolver(Names.of(story), report).condition(term)
    except (Abandon, Stop):
        raise StoryError(tuple(report.found)) from None
