"""What can be seen to be wrong of a story that is made out: effects that contradict each other, and what is never used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from everytale.language.messages import Report
from everytale.language.tokens import shortened
from everytale.language.walk import walk
from everytale.story import (
    ALWAYS,
    Action,
    Effect,
    Entity,
    ExpectThat,
    Expression,
    Holds,
    Number,
    Passage,
    Reading,
    Slot,
    StartWith,
    Story,
    Thing,
    Trigger,
    Truth,
    Unknown,
    Want,
    With,
)


def check(story: Story, generated: frozenset[str], report: Report) -> None:
    """Report what is to be said of ``story``; of the facts ``generated`` nothing is."""
    for rule in _rules(story):
        if isinstance(rule, Want):
            continue
        _contradictions(rule, report)
        _never_told(rule.told, report)
    for told in (*(ending.told for ending in story.endings), *(scene.told for scene in story.scenes)):
        _never_told(told, report)
    if story.person == "first" and story.teller is not None:
        _written_out(story, story.entity[story.teller], report)
    _never_read(story, generated, report)


def _rules(story: Story) -> Iterator[Want | Action | Trigger]:
    """The wants and rules of ``story``, and those that flips add."""
    yield from story.wants
    yield from story.actions
    yield from story.triggers
    for flip in story.flips:
        yield from (premise.rule for premise in flip.premises if isinstance(premise, With))


# ---- effects ---------------------------------------------------------------------------------------------------------


def _contradictions(rule: Action | Trigger, report: Report) -> None:
    """Effects of one move on the same fact that cannot both come true."""
    seen: dict[tuple[object, ...], dict[Expression, Effect]] = {}
    for effect in rule.effects:
        others = seen.setdefault((effect.target, effect.believers, effect.each), {})
        if effect.condition == ALWAYS and ALWAYS not in others:
            together = list(others.values())
        else:
            together = [others[condition] for condition in {ALWAYS, effect.condition} if condition in others]
        for other in together:
            if _contradict(effect, other):
                text = _quoted(other)
                message = f"This and `{text}` give one fact two values at once." if text else "One fact is given two values at once."
                hint = "Take one of them away, or let each be `when` the other is not."
                report.error("contradiction", message, effect.span, "which of the two?", hint)
                break
        others.setdefault(effect.condition, effect)


def _contradict(one: Effect, other: Effect) -> bool:
    if one.change != "set" or other.change != "set":
        return True
    constants = all(isinstance(effect.value, Truth | Number | Thing | Unknown) for effect in (one, other))
    return constants and one.value != other.value


def _quoted(effect: Effect) -> str:
    span = effect.span
    return shortened(span.source.text[span.start : span.end]) if span else ""


# ---- prose -----------------------------------------------------------------------------------------------------------


def _never_told(passages: tuple[Passage, ...], report: Report) -> None:
    """Blocks that stand below one which fits whenever they do."""
    seen: dict[tuple[object, ...], Passage] = {}
    for passage in passages:
        role = (passage.witness, passage.summary, passage.at_close)
        wider = (
            seen.get((role, teller, occasions, condition))
            for teller in (None, passage.teller)
            for occasions in ((), passage.occasions)
            for condition in (ALWAYS, passage.condition)
        )
        other = next((other for other in wider if other is not None), None)
        if other is not None:
            line = other.span.source.text.count("\n", 0, other.span.start) + 1 if other.span else 0
            message = f"The block on line {line} fits whenever this one does, and comes first."
            hint = "Put this one above it, or say when the other is told."
            report.warning("never-told", message, passage.span, "never told", hint)
        elif not passage.once:
            seen[role, passage.teller, passage.occasions, passage.condition] = passage
        if passage.summary and all(other.summary or other.refrain for other in passages):
            message = "A summary stands in for blocks that have nothing new left to say, and there is none here."
            hint = "Write what is told the first times, below `told`."
            report.warning("never-told", message, passage.span, "never told", hint)


def _written_out(story: Story, teller: Entity, report: Report) -> None:
    """The name of a teller who tells of themself, in prose at their shoulder that is not somebody's speech."""
    name = re.compile(rf"\b{re.escape(teller.label)}\b")
    told = [*(one.told for one in story.actions), *(one.told for one in story.triggers)]
    told += [*(one.told for one in story.endings), *(one.told for one in story.scenes)]
    for passage in (passage for passages in told for passage in passages if passage.teller in (None, story.teller)):
        beats = (beat for beats in passage.alternatives for beat in beats if beat.manner != "speech")
        found = next((beat for beat in beats if any(isinstance(part, str) and name.search(part) for part in beat.text)), None)
        if found is not None:
            message = f"This is told in the first person, and here {teller.label} is called by name."
            hint = f"Write `{{{teller.name}}}`, which becomes *I*, or `told to` somebody else."
            report.warning("written-out", message, found.span, "not *I*", hint)


# ---- facts ----------------------------------------------------------------------------------------------------------


def _never_read(story: Story, generated: frozenset[str], report: Report) -> None:
    """Facts of which nothing speaks. One that changes, and that nothing asks for, can still be asked for from outside."""
    read = {part.fluent for expression in _read(story) for part in walk(expression) if isinstance(part, Reading)}
    starts = [premise.statements for flip in story.flips for premise in flip.premises if isinstance(premise, StartWith)]
    read |= {effect.target.fluent for effects in (story.start, *starts) for effect in effects}
    for fluent in story.fluents:
        if fluent.key not in read and fluent.key not in generated:
            message = f"Nothing in the story speaks of `{fluent.name}`."
            report.warning("unused-fact", message, fluent.span, "never used", "Use it, or take it away.")


def _read(story: Story) -> Iterator[Expression]:
    for rule in _rules(story):
        match rule:
            case Want():
                yield rule.measure
                continue
            case Action():
                yield from (rule.precondition, rule.weight)
                if rule.observers is not None:
                    yield rule.observers.condition
                if rule.expressive is not None:
                    yield rule.expressive
                yield from _holes(rule.choice)
            case Trigger():
                yield rule.precondition
                if rule.upon is not None:
                    yield rule.upon
        yield from _effects(rule.effects)
        yield from _told(rule.told)
    for ending in story.endings:
        yield ending.condition
        yield from _told(ending.told)
    for scene in story.scenes:
        yield scene.opens.condition
        if scene.closes is not None:
            yield scene.closes.condition
        yield from _told(scene.told)
    for test in story.tests:
        for step in test.steps:
            if isinstance(step, ExpectThat):
                yield step.condition
    for claim in story.claims:
        yield from (moment.condition for moment in claim.moments if isinstance(moment, Holds))
    for view in story.views:
        yield from view.parts


def _effects(effects: Iterable[Effect]) -> Iterator[Expression]:
    for effect in effects:
        yield from (effect.target, effect.condition, effect.value)


def _told(passages: Iterable[Passage]) -> Iterator[Expression]:
    for passage in passages:
        yield passage.condition
        for occasion in passage.occasions:
            for made in (occasion.move, occasion.since):
                yield from made.arguments if made else ()
        for beats in passage.alternatives:
            for beat in beats:
                yield from _holes(beat.text)


def _holes(parts: Iterable[str | Slot]) -> Iterator[Expression]:
    for part in parts:
        if isinstance(part, Slot):
            yield part.what
