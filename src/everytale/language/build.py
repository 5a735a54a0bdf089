"""The whole of a story from its blocks."""

from __future__ import annotations

from typing import Literal

from everytale.diagnostics import Span
from everytale.language.changing import effects
from everytale.language.declare import Declarations, headlines
from everytale.language.expand import Expander, conjunction
from everytale.language.messages import Report, did_you_mean
from everytale.language.names import Names
from everytale.language.premises import PremiseReader
from everytale.language.tokens import Abandon, Name, shortened
from everytale.language.tree import (
    Block,
    Call,
    ClaimBlock,
    CueLine,
    DangerBlock,
    EndingBlock,
    FlipBlock,
    MoveBlock,
    SceneBlock,
    StartBlock,
    TestBlock,
    TestLine,
    TriggerBlock,
    ViewBlock,
    WantsBlock,
)
from everytale.language.wanting import MOST_WANTS, danger
from everytale.language.wanting import wants as wants_of
from everytale.story import (
    ALWAYS,
    Action,
    After,
    Claim,
    Cue,
    Effect,
    Ending,
    ExpectEnding,
    ExpectMove,
    ExpectThat,
    Expression,
    Flip,
    Move,
    Scene,
    Step,
    Story,
    StoryTest,
    Thing,
    Trigger,
    View,
    Want,
)

MOST_MINDS, MOST_MOVES_AHEAD = 8, 50


class Builder:
    """Makes a story of blocks; what is wrong is reported, and left out."""

    def __init__(self, blocks: list[Block], report: Report) -> None:
        self.blocks = blocks
        self.report = report
        self.declared = Declarations(blocks, report)
        self.expander = Expander(self.declared, report)

    @property
    def names(self) -> Names:
        return self.declared.names

    def story(self) -> Story:
        start: list[Effect] = []
        wants: list[Want] = []
        actions: list[Action] = []
        triggers: list[Trigger] = []
        endings: list[Ending] = []
        scenes: list[Scene] = []
        tests: list[StoryTest] = []
        for block in self.blocks:
            match block:
                case StartBlock(changes):
                    start += effects(self.expander.resolver({}), changes, start=True)
                case WantsBlock():
                    wants += wants_of(self.expander, block)
                case DangerBlock():
                    wants += danger(self.expander, block)
                case MoveBlock(whole=True):
                    actions.append(self.expander.move(block))
                case TriggerBlock():
                    triggers.append(self.expander.trigger(block))
                case EndingBlock():
                    endings.append(self._ending(block))
                case SceneBlock():
                    scenes += self._scene(block)
                case _:
                    continue
            if len(wants) > MOST_WANTS:
                self.report.too_long(MOST_WANTS, "wants", wants[MOST_WANTS].span)
        titles = {ending.title for ending in endings}
        becauses = {line.because for block in self.blocks if isinstance(block, WantsBlock) for line in block.lines if line.because}
        becauses |= {block.because for block in self.blocks if isinstance(block, DangerBlock) and block.because}
        claims: list[Claim] = []
        flips: list[Flip] = []
        views: list[View] = []
        reader = PremiseReader(self.expander, wants, actions, triggers, endings)
        for block in self.blocks:
            match block:
                case TestBlock():
                    tests.append(self._test(block, titles, becauses))
                case ClaimBlock():
                    claims += reader.claim(block)
                case FlipBlock():
                    flips.append(reader.flip(block))
                case ViewBlock():
                    views.append(reader.view(block))
                case _:
                    continue
        if not self.report.errors:
            self.expander.never_used()
        self._unlike([(ending.title, ending.span) for ending in endings], "an ending")
        self._unlike([(test.title, test.span) for test in tests], "a test")
        self._unlike([(claim.title, claim.span) for claim in claims if claim.title is not None], "a claim")
        self._unlike([(flip.title, flip.span) for flip in flips], "a flip")
        self._unlike([(view.title, view.span) for view in views], "a view")
        return Story(
            self._title(),
            tuple(self.declared.kinds.values()),
            tuple(self.names.entities.values()),
            tuple(self.declared.fluents),
            tuple(start),
            tuple(wants),
            tuple(actions),
            tuple(triggers),
            tuple(endings),
            tuple(scenes),
            tuple(tests),
            self._teller(),
            self._limit("minds", 2, 0, MOST_MINDS),
            self._limit("horizon", 5, 1, MOST_MOVES_AHEAD),
            claims=tuple(claims),
            flips=tuple(flips),
            views=tuple(views),
            tense=self._tense(),
            person="first" if (self._head("person") or ("third",))[0] == "first" else "third",
        )

    # ---- the head ----------------------------------------------------------------------------------------------------

    def _head(self, word: str) -> tuple[str, Span] | None:
        """What the head says after ``word``, where it says so once."""
        found = headlines(self.blocks, word)
        for again in found[1:]:
            self.report.error("said-twice", f"There is a `{word}` already.", again.span, "again", "Take one of them away.")
        return (found[0].value, found[0].span) if found else None

    def _title(self) -> str:
        found = self._head("tale")
        return found[0] if found else "Untitled"

    def _limit(self, word: str, usual: int, least: int, most: int) -> int:
        found = self._head(word)
        if found is None:
            return usual
        value = int(found[0])
        if not least <= value <= most:
            self.report.error("out-of-range", f"`{word}` is from {least} to {most}.", found[1], f"{least} to {most}")
            return usual
        return value

    def _tense(self) -> Literal["past", "present"] | None:
        found = self._head("tense")
        return None if found is None else "past" if found[0] == "past" else "present"

    def _teller(self) -> str | None:
        found = self._head("teller")
        if found is None:
            return None
        name, span = found
        try:
            who = self.expander.resolver({}).entity(Name(name, Span(span.source, span.end - len(name), span.end)), "person")
        except Abandon:
            return None
        return who.name if isinstance(who, Thing) else None

    def _unlike(self, titles: list[tuple[str, Span | None]], what: str) -> None:
        seen: set[str] = set()
        for title, span in titles:
            if title in seen:
                self.report.error(
                    "declared-twice", f"There is {what} “{shortened(title)}” already.", span, "again", "Choose another title."
                )
            seen.add(title)

    # ---- endings, scenes ---------------------------------------------------------------------------------------------

    def _ending(self, block: EndingBlock) -> Ending:
        resolver = self.expander.resolver({}, ending=True)
        condition = conjunction(self.expander.conditions(resolver, block.clauses))
        resolver.ending = False
        return Ending(block.title, condition, self.expander.prose(resolver, block.clauses.told, "an ending"), span=block.span)

    def _scene(self, block: SceneBlock) -> list[Scene]:
        opens: Cue | None = None
        closes: Cue | None = None
        for line in block.cues:
            if (line.word == "opens" and opens) or (line.word == "closes" and closes):
                self.report.error("said-twice", f"There is a `{line.word}` here already.", line.span, "again", "Take one of them away.")
                continue
            try:
                cue = self._cue(line)
            except Abandon:
                continue
            if line.word == "opens":
                opens = cue
            else:
                closes = cue
        told = self.expander.prose(self.expander.resolver({}), block.told, "a scene")
        return [Scene(block.title, opens, closes, told, span=block.span)] if opens else []

    def _cue(self, line: CueLine) -> Cue:
        resolver = self.expander.resolver({})
        if isinstance(line.upon, Name) and line.upon.text in self.names.moves:
            condition = ALWAYS if line.condition is None else resolver.condition(line.condition)
            return Cue(line.upon.text, condition, span=line.span)
        if line.condition is not None:
            if isinstance(line.upon, Name) and line.upon.text not in resolver:
                self._unknown_move(line.upon)
            hint = "Join the two by `and`."
            resolver.fail("misplaced-line", "`when` can stand after a move only.", line.condition.span, "after a condition", hint)
        if isinstance(line.upon, Name) and line.upon.text not in resolver and did_you_mean(line.upon.text, self.names.moves):
            self._unknown_move(line.upon)
        return Cue(None, resolver.condition(line.upon), span=line.span)

    def _unknown_move(self, name: Name) -> None:
        hint = did_you_mean(name.text, self.names.moves)
        self.report.error("unknown-move", f"There is no action or event called `{shortened(name.text)}`.", name.span, "unknown", hint)
        raise Abandon

    # ---- tests -------------------------------------------------------------------------------------------------------

    def _test(self, block: TestBlock, titles: set[str], becauses: set[str]) -> StoryTest:
        given: list[Effect] = []
        steps: list[Step] = []
        for line in block.lines:
            try:
                if line.word == "given":
                    given += effects(self.expander.resolver({}), line.changes, start=True)
                else:
                    steps.append(self._step(line, titles, becauses))
            except Abandon:
                continue
        return StoryTest(block.title, tuple(given), tuple(steps), span=block.span)

    def _step(self, line: TestLine, titles: set[str], becauses: set[str]) -> Step:
        if line.word == "after":
            return After(tuple(self._move(move) for move in line.moves), span=line.span)
        if line.word in ("move", "no-move"):
            if line.text is not None and line.text not in becauses:
                hint = did_you_mean(line.text, becauses)
                self.report.error("unknown-because", f"No want has the `because` “{shortened(line.text)}”.", line.span, "whose want?", hint)
            return ExpectMove(self._move(line.moves[0]), line.word == "move", line.text, span=line.span)
        if line.word == "that" and line.condition is not None:
            return ExpectThat(self.expander.resolver({}).condition(line.condition), span=line.span)
        if line.word == "ending" and line.text not in titles:
            hint = did_you_mean(line.text or "", titles)
            self.report.error("unknown-ending", f"There is no ending “{shortened(line.text or '')}”.", line.span, "unknown", hint)
        return ExpectEnding(line.text, span=line.span)

    def _move(self, term: Name | Call) -> Move:
        name, arguments = (term, ()) if isinstance(term, Name) else (term.name, term.arguments)
        if name.text not in self.names.moves:
            self._unknown_move(name)
        if name.text in self.declared.unclear:
            raise Abandon
        wanted = self.names.moves[name.text]
        if len(arguments) != len(wanted):
            named = ", ".join(f"{parameter.name}: {parameter.kind}" for parameter in wanted)
            message = f"`{name.text}` is made with {len(wanted) or 'no'} argument{'' if len(wanted) == 1 else 's'}, not {len(arguments)}."
            hint = f"Write `{name.text}` with one for each of: {named}." if wanted else f"Write `{name.text}` alone."
            self.report.error("wrong-arguments", message, term.span, f"{len(wanted)} expected", hint)
            raise Abandon
        resolver = self.expander.resolver({})
        found: list[Expression] = [resolver.entity(one, parameter.kind) for one, parameter in zip(arguments, wanted, strict=True)]
        return Move(name.text, tuple(one.name for one in found if isinstance(one, Thing)), span=term.span)
