"""Flipping: a story with other premises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TypeVar, cast

from everytale.diagnostics import StoryError
from everytale.story.expressions import Node, Thing
from everytale.story.premises import Flip, Premise, StartWith, Swap, With, Without
from everytale.story.rules import Action, Parameter, Passage, Trigger, Want
from everytale.story.whole import Story

P = TypeVar("P")


def flipped(story: Story, flip: Flip) -> Story:
    """``story`` with the premises of ``flip``, applied in order. It is a story like any other.

    Its tests and flips are left out, since they speak of the story as it was; its claims are kept, to be judged anew. Raises
    ``StoryError`` for a premise that leaves out what there is not.
    """
    for premise in flip.premises:
        story = _with(story, premise)
    return replace(story, title=f"{story.title}: {flip.title}", tests=(), flips=())


def _with(story: Story, premise: Premise) -> Story:
    match premise:
        case StartWith(statements):
            return replace(story, start=(*story.start, *statements))
        case With(Want() as want):
            return replace(story, wants=(*story.wants, want))
        case With(Action() as action):
            return replace(story, actions=(*story.actions, action))
        case With(Trigger() as trigger):
            return replace(story, triggers=(*story.triggers, trigger))
        case Without():
            return _without(story, premise)
        case Swap(one, other):
            names = {one: other, other: one}
            return replace(story, actions=_exchanged(story.actions, names), triggers=_exchanged(story.triggers, names))
    raise AssertionError(premise)


def _without(story: Story, premise: Without) -> Story:
    def left_out(rule: Want | Action | Trigger) -> bool:
        match rule:
            case Want(person, because=because):
                return premise.sort == "want" and person == premise.name and premise.because in (None, because)
            case Action(name):
                return premise.sort == ("event" if rule.is_event else "action") and name == premise.name
            case Trigger(name):
                return premise.sort == ("trigger" if rule.mind is None else "inference") and name == premise.name

    rest = replace(
        story,
        wants=tuple(rule for rule in story.wants if not left_out(rule)),
        actions=tuple(rule for rule in story.actions if not left_out(rule)),
        triggers=tuple(rule for rule in story.triggers if not left_out(rule)),
    )
    if len(rest.wants) + len(rest.actions) + len(rest.triggers) < len(story.wants) + len(story.actions) + len(story.triggers):
        return rest
    if premise.sort != "want":
        message = f"The story has no {premise.sort} {premise.name} that could be left out."
        raise StoryError.one("unknown-move", "There is no such rule", message, premise.span, "Write its name as the story has it.")
    because = "" if premise.because is None else f" with the `because` “{premise.because}”"
    message = f"{premise.name} has no want{because} that could be left out."
    raise StoryError.one("unknown-because", "No want has this because", message, premise.span, "Write the words as the want has them.")


def _exchanged(part: P, names: Mapping[str, str]) -> P:
    """``part`` of a story, where everybody in ``names`` is somebody else."""
    found: object = part
    match part:
        case tuple():
            found = tuple(_exchanged(one, names) for one in part)
        case Node():
            inner = {field.name: _exchanged(getattr(part, field.name), names) for field in fields(part) if field.name != "span"}
            match part:
                case Thing(name):
                    inner["name"] = names.get(name, name)
                case Parameter(constant=str(constant)):
                    inner["constant"] = names.get(constant, constant)
                case Passage(teller=str(teller)):
                    inner["teller"] = names.get(teller, teller)
            found = replace(part, **inner)
    return cast(P, found)
