"""What is in a story, at a glance: the people and what they want, what can be so, what can happen, how it can end."""

from __future__ import annotations

from collections.abc import Iterator

from everytale.answers.words import number
from everytale.language.format import format_expression, format_story
from everytale.story import Action, Fluent, KindDomain, NumberDomain, Parameter, Story, Truth


def show(story: Story, *, expanded: bool = False) -> str:
    """An overview of ``story``; with ``expanded`` the whole of it in the language, all sugar expanded."""
    return format_story(story) if expanded else "\n".join(_overview(story)) + "\n"


def _overview(story: Story) -> Iterator[str]:
    yield story.title
    yield f"told at {story.entity[story.teller].label}’s shoulder" if story.teller else "told at nobody’s shoulder"
    yield f"people imagine each other {story.minds} deep and plan {story.horizon} moves ahead"
    for person in story.people:
        yield ""
        yield f"{story.entity[person].label} ({story.entity[person].pronouns.subject})"
        for want in story.wants:
            if want.person == person:
                because = f"  because “{want.because}”" if want.because else ""
                yield f"    {number(want.worth, sign=True)}{' each' if want.each else ''} {format_expression(want.measure, story)}{because}"
    others = [kind.name for kind in story.kinds if kind.name != story.person_kind]
    things = [f"    {kind}: {', '.join(story.of_kind(kind))}" for kind in others if any(story.of_kind(kind))]
    yield from _section("Things", things)
    yield from _section("What can be so", [f"    {_fluent(fluent)}" for fluent in story.fluents])
    yield from _section("What people do", [f"    {_move(story, action)}" for action in story.actions if not action.is_event])
    yield from _section("What happens", [f"    {_move(story, action)}" for action in story.actions if action.is_event])
    yield from _section("What follows by itself", [f"    {trigger.name}" for trigger in story.triggers])
    yield from _section("Endings", [f"    {ending.title}: {format_expression(ending.condition, story)}" for ending in story.endings])
    yield from _section("Tests", [f"    {test.title}" for test in story.tests])


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", title, *lines] if lines else []


def _parameters(parameters: tuple[Parameter, ...]) -> str:
    names = ", ".join(one.constant or (one.kind if one.name == one.kind else f"{one.name}: {one.kind}") for one in parameters)
    return f"({names})" if names else ""


def _fluent(fluent: Fluent) -> str:
    match fluent.domain:
        case KindDomain(kind):
            domain = kind
        case NumberDomain(low, high, unknown):
            domain = f"{'…' if low is None else low} to {'…' if high is None else high}{' or unknown' if unknown else ''}"
        case _:
            domain = "yes or no"
    return f"{fluent.name}{_parameters(fluent.parameters)}: {domain}"


def _move(story: Story, action: Action) -> str:
    by = ", ".join(format_expression(person, story) for person in action.consenting)
    condition = "" if action.precondition == Truth(True) else f" if {format_expression(action.precondition, story)}"
    return f"{action.name}{_parameters(action.parameters)}{f' by {by}' if by else ''}{condition}"
