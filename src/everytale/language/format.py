"""A whole story written in the language, all sugar expanded: what ``show --expanded`` prints.

What was read from the language reads back to an equal story. A story from a planner's file is written too, for people to read:
numbers without bounds, overloaded names and entities of several kinds are what the language has no words for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby

from everytale.language.wording import Writer, format_effect, format_expression
from everytale.story import (
    ALWAYS,
    HE,
    IT,
    NEVER,
    SHE,
    THEY,
    Action,
    After,
    Beat,
    Choice,
    Claim,
    Cue,
    Ending,
    Entity,
    ExpectEnding,
    ExpectMove,
    ExpectThat,
    Expression,
    Flip,
    Fluent,
    Kind,
    KindDomain,
    Made,
    Number,
    NumberDomain,
    Observers,
    Occasion,
    Parameter,
    Passage,
    Premise,
    Pronouns,
    Scene,
    Slot,
    StartWith,
    Step,
    Story,
    StoryTest,
    Swap,
    Trigger,
    View,
    Want,
    With,
    Without,
)

__all__ = ["format_effect", "format_expression", "format_story"]

_INDENT = "    "
_SETS = {HE: "he", SHE: "she", THEY: "they", IT: "it"}


def format_story(story: Story) -> str:
    """``story`` as a text of the language."""
    writer = _StoryWriter(story)
    sections = [
        writer.head(),
        writer.kinds(),
        [writer.fact(fluent) for fluent in story.fluents],
        ["start", *(f"{_INDENT}{writer.effect(effect)}" for effect in story.start)] if story.start else [],
        *([f"wants {person or 'the author'}", *lines] for person, lines in writer.wants()),
        *(writer.action(action) for action in story.actions),
        *(writer.trigger(trigger) for trigger in story.triggers),
        *(writer.ending(ending) for ending in story.endings),
        *(writer.scene(scene) for scene in story.scenes),
        *(writer.test(test) for test in story.tests),
        [writer.claim(claim) for claim in story.claims],
        *(writer.flip(flip) for flip in story.flips),
        [writer.view(view) for view in story.views],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


class _StoryWriter(Writer):
    """Every part of a story as lines."""

    def head(self) -> list[str]:
        story = self.story
        lines = [f"tale {_quoted(story.title)}"]
        if story.teller is not None:
            lines.append(f"teller {story.teller}")
        if story.tense is not None:
            lines.append(f"tense {story.tense}")
        if story.person != "third":
            lines.append(f"person {story.person}")
        return [*lines, f"minds {story.minds}", f"horizon {story.horizon}"]

    # ---- who and what there is ---------------------------------------------------------------------------------------

    def kinds(self) -> list[str]:
        """Kinds in order, with their members in order; people may be named in several places between."""
        waiting = [kind for kind in self.story.kinds if kind.name != "person"]
        lines: list[str] = []
        for name, members in groupby(self.story.entities, lambda entity: entity.kinds[0]):
            listed = ", ".join(_member(entity, self.story.is_a(entity.name, "person")) for entity in members)
            if name == "person":
                lines.append(f"kind person: {listed}")
                continue
            while waiting and waiting[0].name != name:
                lines.append(_kind(waiting.pop(0)))
            lines.append(f"{_kind(waiting.pop(0)) if waiting else f'kind {name}'}: {listed}")
        return [*lines, *(_kind(kind) for kind in waiting)]

    def fact(self, fluent: Fluent) -> str:
        match fluent.domain:
            case KindDomain(kind):
                domain = kind
            case NumberDomain(low, high, unknown):
                bounds = f"{'any number' if low is None else low} to {'any number' if high is None else high}"
                domain = f"{'any number' if low is None and high is None else bounds}{' or unknown' if unknown else ''}"
            case _:
                domain = "yes or no"
        owner = "" if fluent.known_to is None else f", known to {self.phrase(fluent.known_to)}"
        return f"fact {fluent.name}{_parameters(fluent.parameters, short=True)}: {domain}{owner}"

    def wants(self) -> Iterator[tuple[str | None, list[str]]]:
        for person, wants in groupby(self.story.wants, lambda want: want.person):
            yield person, [f"{_INDENT}{self._want(want)}" for want in wants]

    def _want(self, want: Want) -> str:
        sign = "+" if want.worth >= 0 else "-"
        because = "" if want.because is None else f"   because {_quoted(want.because)}"
        return f"{sign}{abs(want.worth)}{' each' if want.each else ''} {self.phrase(want.measure)}{because}"

    # ---- what can happen ---------------------------------------------------------------------------------------------

    def action(self, action: Action) -> list[str]:
        by = f" by {', '.join(self.phrase(person) for person in action.consenting)}" if action.consenting else ""
        lines = [f"{'event' if action.is_event else 'action'} {action.name}{_parameters(action.parameters)}{by}"]
        lines += self._if(action.precondition)
        lines += self._then(self.effects(action.effects))
        lines += self._weight(action.weight)
        lines += self._seen(action.observers)
        if action.expressive is not None:
            lines.append(_INDENT + "expressive" + ("" if action.expressive == ALWAYS else f" when {self.phrase(action.expressive)}"))
        if action.thinks:
            lines.append(f"{_INDENT}thinks from intention")
        if action.choice:
            lines.append(f"{_INDENT}choice {_quoted(self._line(action.choice))}")
        return [*lines, *self._told(action.told)]

    def _if(self, condition: Expression) -> list[str]:
        return [] if condition == ALWAYS else [f"{_INDENT}if {self.phrase(condition)}"]

    def _then(self, effects: list[str]) -> list[str]:
        """Effects one a line: what follows a comma could be taken for part of the one before."""
        if len(effects) == 1:
            return [f"{_INDENT}then {effects[0]}"]
        return [f"{_INDENT}then", *(f"{_INDENT}{_INDENT}{effect}" for effect in effects)] if effects else []

    def _weight(self, weight: Expression) -> list[str]:
        if weight == Number(Fraction(1)):
            return []
        cases: list[str] = []
        while isinstance(weight, Choice):
            cases.append(f"{self.phrase(weight.then, 1)} when {self.phrase(weight.condition)}")
            weight = weight.otherwise
        return [f"{_INDENT}weight {', '.join([*cases, self.phrase(weight, 1)])}"]

    def _seen(self, observers: Observers | None) -> list[str]:
        if observers is None:
            return []
        if observers.condition == NEVER:
            return [f"{_INDENT}seen by nobody"]
        return [f"{_INDENT}seen by {observers.variable} with {self.phrase(observers.condition)}"]

    def trigger(self, trigger: Trigger) -> list[str]:
        by = "" if trigger.mind is None else f" by {self.phrase(trigger.mind)}"
        lines = [f"{'trigger' if trigger.mind is None else 'inference'} {trigger.name}{_parameters(trigger.parameters)}{by}"]
        if trigger.upon is not None:
            lines.append(f"{_INDENT}upon {self.phrase(trigger.upon)}")
        lines += self._if(trigger.precondition)
        lines += self._then(self.effects(trigger.effects))
        if trigger.because is not None:
            lines.append(f"{_INDENT}because {_quoted(trigger.because)}")
        return [*lines, *self._told(trigger.told)]

    def ending(self, ending: Ending) -> list[str]:
        return [f"ending {_quoted(ending.title)} if {self.phrase(ending.condition)}", *self._told(ending.told)]

    # ---- how it is told ----------------------------------------------------------------------------------------------

    def scene(self, scene: Scene) -> list[str]:
        lines = [f"scene {_quoted(scene.title)}", f"{_INDENT}opens upon {self._cue(scene.opens)}"]
        if scene.closes is not None:
            lines.append(f"{_INDENT}closes upon {self._cue(scene.closes)}")
        return [*lines, *self._told(scene.told)]

    def _cue(self, cue: Cue) -> str:
        if cue.move is None:
            return self.phrase(cue.condition)
        return cue.move + ("" if cue.condition == ALWAYS else f" when {self.phrase(cue.condition)}")

    def _told(self, passages: Iterable[Passage]) -> Iterator[str]:
        for passage in passages:
            yield _INDENT + self._occasion(passage)
            for count, alternative in enumerate(passage.alternatives):
                for place, beat in enumerate(alternative):
                    if place:
                        yield ""
                    yield _INDENT + ("  | " if count and not place else _INDENT) + self._beat(beat)

    def _occasion(self, passage: Passage) -> str:
        said = {"once": passage.once, "refrain": passage.refrain, "in summary": passage.summary, "at close": passage.at_close}
        words = ["told", *(word for word, is_so in said.items() if is_so)]
        if passage.teller is not None:
            words.append(f"to {passage.teller}")
        when: list[str] = [] if passage.witness == "seen" else [passage.witness]
        when += [self._when(occasion) for occasion in passage.occasions]
        if passage.condition != ALWAYS:
            condition = self.phrase(passage.condition)
            taken = condition.split(" and ")[0] in ("again", "unseen", "learned")  # facts called as occasions are
            when.append(f"({condition})" if taken else condition)
        return " ".join([*words, f"when {' and '.join(when)}"] if when else words)

    def _when(self, occasion: Occasion) -> str:
        words: str = "first time" if occasion.kind == "first" else occasion.kind
        words += "" if occasion.move is None else f" {self._made(occasion.move)}"
        return words + ("" if occasion.since is None else f" since {self._made(occasion.since)}")

    def _made(self, made: Made) -> str:
        arguments = ", ".join(map(self.phrase, made.arguments))
        return f"{made.name}({arguments})" if arguments else made.name

    def _beat(self, beat: Beat) -> str:
        text = self._line(beat.text)
        if beat.speaker is None:
            return text
        verb = {"thought": " thinks", "report": " says that"}.get(beat.manner, "")
        return f"{self.phrase(beat.speaker)}{verb}: {text}"

    def _line(self, parts: Iterable[str | Slot]) -> str:
        return "".join(part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else self._slot(part) for part in parts)

    def _slot(self, slot: Slot) -> str:
        form = slot.form if slot.form in ("", "'s") else f".{slot.form}"
        return "{" + self.phrase(slot.what) + form + "}"

    # ---- tests -------------------------------------------------------------------------------------------------------

    def test(self, test: StoryTest) -> list[str]:
        given = [f"given {effect}" for effect in self.effects(test.given)]
        return [f"test {_quoted(test.title)}", *(_INDENT + line for line in (*given, *map(self._step, test.steps)))]

    def _step(self, step: Step) -> str:
        match step:
            case After(moves):
                return f"after {', '.join(map(str, moves))}"
            case ExpectMove(move, possible, because):
                return f"expect {'' if possible else 'not '}{move}" + ("" if because is None else f" because {_quoted(because)}")
            case ExpectThat(condition):
                return f"expect that {self.phrase(condition)}"
            case ExpectEnding(title):
                return "expect no ending" if title is None else f"expect ending {_quoted(title)}"

    # ---- claims, flips, views ----------------------------------------------------------------------------------------

    def claim(self, claim: Claim) -> str:
        title = "" if claim.title is None else f"{_quoted(claim.title)}: "
        return f"claim {title}{self.claimed(claim)}"

    def flip(self, flip: Flip) -> list[str]:
        lines = [f"flip {_quoted(flip.title)}"]
        for premise in flip.premises:
            lines += [_INDENT + line if line else line for line in self._premise(premise)]
        return lines

    def _premise(self, premise: Premise) -> list[str]:
        match premise:
            case StartWith(statements):
                return ["start", *(_INDENT + effect for effect in self.effects(statements))]
            case Without("want", person, because):
                return [f"without wants {person}" + ("" if because is None else f" {_quoted(because)}")]
            case Without(sort, name):
                return [f"without {sort} {name}"]
            case Swap(one, other):
                return [f"swap {one} and {other}"]
            case With(Want() as want):
                return [f"with wants {want.person}", _INDENT + self._want(want)]
            case With(Action() as action):
                first, *lines = self.action(action)
                return [f"with {first}", *lines]
            case With(Trigger() as trigger):
                first, *lines = self.trigger(trigger)
                return [f"with {first}", *lines]
        raise TypeError(f"{premise!r} is no premise")

    def view(self, view: View) -> str:
        return f"view {_quoted(view.title)}: {', '.join(self.phrase(part) for part in view.parts)}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "”") + '"'


def _kind(kind: Kind) -> str:
    return f"kind {kind.name}" + (f" is {', '.join(kind.parents)}" if kind.parents else "")


def _member(entity: Entity, person: bool) -> str:
    label = "" if entity.label == entity.name.replace("_", " ") else f" {_quoted(entity.label)}"
    return f"{entity.name}{label}{_pronouns(entity.pronouns, person)}"


def _pronouns(pronouns: Pronouns, person: bool) -> str:
    if pronouns == IT and not person:
        return ""
    if pronouns in _SETS:
        return f" ({_SETS[pronouns]})"
    words = "/".join((pronouns.subject, pronouns.object, pronouns.possessive, pronouns.absolute, pronouns.reflexive))
    return f" ({words}{' plural' if pronouns.plural else ''})"


def _parameters(parameters: Iterable[Parameter], *, short: bool = False) -> str:
    """Parameters in brackets; ``short``: one that is called as its kind is written by its kind alone."""
    names = ", ".join(one.constant or (one.kind if short and one.name == one.kind else f"{one.name}: {one.kind}") for one in parameters)
    return f"({names})" if names else ""
