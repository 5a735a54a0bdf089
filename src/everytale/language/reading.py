"""A story read: its text and all that it includes, parsed, built and checked."""

from __future__ import annotations

from collections.abc import Callable

from everytale.diagnostics import Diagnostic, Source, Span, StoryError
from everytale.language.build import Builder
from everytale.language.check import check
from everytale.language.messages import Report, Stop
from everytale.language.parse import Parser
from everytale.language.tree import Block, Headline
from everytale.story import Story


def read(source: Source, include: Callable[[str, Span], Source]) -> tuple[Story | None, tuple[Diagnostic, ...]]:
    """See :func:`everytale.language.read_story`."""
    report, order, story = Report(), [source], None
    try:
        blocks = _blocks(source, include, report, order)
        if not blocks and not report.errors:
            report.error(
                "empty-story",
                "There is not one block in this text.",
                Span(source, 0, 0),
                hint='Begin with `tale "A Title"`, and say who there is.',
            )
        builder = Builder(blocks, report)
        story = builder.story()
        if not report.errors:
            check(story, frozenset(builder.declared.sugar), report)
    except Stop:
        pass
    places = {id(one): at for at, one in enumerate(order)}
    found = sorted(
        dict.fromkeys(report.found),
        key=lambda one: (places.get(id(one.span.source), 0), one.span.start) if one.span else (len(places), 0),
    )
    return (None if report.errors else story), tuple(found)


def _blocks(source: Source, include: Callable[[str, Span], Source], report: Report, order: list[Source]) -> list[Block]:
    """The blocks of ``source`` and of all that it includes, each file's in the place of its ``include``."""
    found: list[Block] = []
    waiting = [iter(Parser(source, report).blocks())]
    while waiting:
        block = next(waiting[-1], None)
        if block is None:
            waiting.pop()
        elif isinstance(block, Headline) and block.word == "include":
            try:
                included = include(block.value, block.span)
            except StoryError as error:
                report.add(error.diagnostics)
                continue
            order.append(included)
            waiting.append(iter(Parser(included, report).blocks()))
        else:
            found.append(block)
    return found
