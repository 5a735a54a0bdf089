"""Random prose for random stories: holes, conditions, occasions, refrains, summaries, speech, thoughts, scenes, in any voice."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from everytale.story import (
    ALWAYS,
    HE,
    IT,
    SHE,
    THEY,
    Action,
    Arithmetic,
    Beat,
    Cue,
    Ending,
    Expression,
    KindDomain,
    Made,
    Occasion,
    Passage,
    Pronouns,
    Scene,
    Slot,
    Story,
    Variable,
    Want,
)
from tests.random_worlds import Draw, Writer, number

XE = Pronouns("xe", "xem", "xyr", "xyrs", "xemself")
WORDS = (
    *("It rained. ", "So it went on and on, and nobody came. ", "Then ", " and ", ", and then ", " ", ". ", "? ", "… ", "-- "),
    *(
        '"No," ',
        '"Is it?" ',
        "'tis ",
        "It's late. ",
        " coat was wet, and there was nobody at the door of it.",
        "Everybody slept; the kettle sang.",
        "Élan. ",
    ),
    *(
        "Mr. ",
        "No. 5 ",
        "(perhaps) ",
        "Of all the evenings that they had, it was the longest, they said, and the coldest too, by the sea. ",
    ),
)
FORMS = (
    "",
    "",
    "",
    "'s",
    "he",
    "him",
    "his",
    "her",
    "theirs",
    "himself",
    "He",
    "xyr",
    "its",
    "is",
    "was",
    "has",
    "Goes",
    "stops",
    "carries",
    "lies",
)
LABELS = ("Ann", "the Joneses", "élan", "old Ben", "o", "ßo", "次郎")
REASONS = ("it had been a long day", '"so be it"', "was it late?", "élan…")


class ProseWriter:
    """Writes the prose of a story that ``writer`` wrote."""

    def __init__(self, writer: Writer, story: Story) -> None:
        self.writer, self.story = writer, story
        self.pick, self.chance = writer.pick, writer.chance
        self.moves = tuple(action.name for action in story.actions)

    def few(self, most: int) -> range:
        return range(self.pick(*range(most + 1)))

    # -- lines --

    def hole(self, scope: tuple[str, ...], lent: tuple[str, ...]) -> Slot:
        kind = self.writer.draw(st.integers(0, 9))
        if kind == 0:
            return Slot(self.writer.condition(scope, 1))
        if kind == 1:
            return Slot(self.writer.reading(self.pick(*self.writer.fluents), scope), self.pick("", *FORMS))
        if kind == 2:
            return Slot(Arithmetic("/", number(self.pick(0, 1, 3)), number(self.pick(0, 1, 2))))
        if kind <= 4 and lent:
            name = self.pick(*lent)
            return Slot(Variable(name), "" if name == "because" else self.pick(*FORMS))
        return Slot(self.writer.person(scope), self.pick(*FORMS))

    def text(self, scope: tuple[str, ...], lent: tuple[str, ...]) -> tuple[str | Slot, ...]:
        parts: list[str | Slot] = [self.pick(*WORDS)]
        for _ in self.few(3):
            hole = self.hole(scope, lent)
            parts += [hole, self.pick(*WORDS)]
            if self.chance(3):
                parts[-1:] = [" ", replace(hole, form=self.pick("is", "has", "stops"))] if hole.what != Variable("because") else [" "]
        return tuple(parts)

    def beat(self, scope: tuple[str, ...], lent: tuple[str, ...]) -> Beat:
        manner = self.pick("narration", "narration", "speech", "speech", "report", "thought")
        speaker: Expression | None = None
        if manner != "narration":
            hosts = [fluent for fluent in self.writer.fluents if fluent.domain == KindDomain("person")]
            speaker = self.writer.reading(hosts[0], scope) if hosts and self.chance(4) else self.writer.person(scope)
        return Beat(manner, self.text(scope, lent), speaker)

    # -- blocks --

    def made(self, scope: tuple[str, ...]) -> Made:
        action = self.pick(*self.story.actions)
        arguments = (self.writer.person(scope),) if action.parameters and self.chance(2) else ()
        return Made(action.name, arguments)

    def occasion(self, scope: tuple[str, ...]) -> Occasion:
        kind = self.pick("first", "first", "again", "after", "not after", "just after")
        move = None if kind in ("first", "again") else self.made(scope)
        return Occasion(kind, move, self.made(scope) if kind != "just after" and self.chance(4) else None)

    def passage(self, scope: tuple[str, ...], lent: tuple[str, ...], *, scene: bool = False) -> Passage:
        return Passage(
            tuple(tuple(self.beat(scope, lent) for _ in range(self.pick(1, 1, 2, 3))) for _ in range(self.pick(1, 2, 3))),
            self.writer.condition(scope, 1) if self.chance(3) else ALWAYS,
            tuple(self.occasion(scope) for _ in range(self.pick(0, 0, 1, 2))),
            self.pick(*self.writer.people) if self.chance(4) else None,
            self.chance(5),
            "seen" if scene else self.pick("seen", "seen", "seen", "unseen", "learned"),
            self.chance(5),
            self.chance(4),
            scene and self.chance(2),
        )

    def passages(self, scope: tuple[str, ...], *, lent: tuple[str, ...] = ("teller",), scene: bool = False) -> tuple[Passage, ...]:
        return tuple(self.passage(scope, lent, scene=scene) for _ in range(self.pick(0, 1, 2, 3, 4)))

    def cue(self) -> Cue:
        scope: tuple[str, ...] = ()
        move = self.pick(*self.story.actions) if self.chance(2) else None
        if move is not None:
            scope = tuple(parameter.name for parameter in move.parameters)
        return Cue(None if move is None else move.name, ALWAYS if move is not None and self.chance(2) else self.writer.condition(scope, 1))

    def action(self, action: Action) -> Action:
        scope = tuple(parameter.name for parameter in action.parameters)
        told = self.passages(scope, lent=("teller", "because"))
        return replace(action, told=told, thinks=self.chance(3), choice=self.text(scope, ()) if self.chance(2) else ())

    def want(self, want: Want) -> Want:
        return replace(want, because=self.pick(*REASONS)) if self.chance(2) else want

    def story_told(self) -> Story:
        story, pick = self.story, self.pick
        return replace(
            story,
            entities=tuple(replace(one, label=pick(*LABELS, one.name), pronouns=pick(HE, SHE, THEY, IT, XE)) for one in story.entities),
            wants=tuple(map(self.want, story.wants)),
            actions=tuple(map(self.action, story.actions)),
            triggers=tuple(replace(one, told=self.passages(tuple(each.name for each in one.parameters))) for one in story.triggers),
            endings=tuple(Ending(one.title, one.condition, self.passages(())) for one in story.endings),
            scenes=tuple(
                Scene(f"Scene {number}", self.cue(), self.cue() if self.chance(2) else None, self.passages((), scene=True))
                for number in range(self.pick(0, 1, 2, 3))
            ),
            tense=pick(None, "past", "present"),
            person=pick("third", "first"),
        )


@st.composite
def told_stories(draw: Draw) -> Story:
    """A small random story with prose."""
    writer = Writer(draw)
    return ProseWriter(writer, writer.story()).story_told()
