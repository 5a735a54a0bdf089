"""A condition by itself, as somebody asks about it: a goal, a question."""

from __future__ import annotations

import re
from fractions import Fraction

from everytale.diagnostics import Source, StoryError
from everytale.language.messages import Report, Stop
from everytale.language.names import Names
from everytale.language.phrases import condition
from everytale.language.resolve import Resolver
from everytale.language.tokens import Abandon, Cursor
from everytale.story import Expression, Story

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?|-?\d{1,18}/0*[1-9]\d{0,17}")


def read_goal(text: str, story: Story) -> Expression | Fraction:
    """The number that the author's wants must come to, or a condition as the format of ``story`` writes it. Raises ``StoryError``."""
    if _NUMBER.fullmatch(text.strip()):
        return Fraction(text)
    if story.first_effect_wins:
        from everytale.language.sabre import parse_goal

        return parse_goal(text, story)
    return parse_expression(text, story)


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
