"""Blocks, read into the syntax tree. What cannot be made out is reported, and reading goes on with the next line."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from everytale.diagnostics import Source, Span
from everytale.language.claims import claim, premise
from everytale.language.clauses import ENDING, EVENT, INFERENCE, MOVE, TRIGGER, ClauseReader, step
from everytale.language.layout import Lines
from everytale.language.messages import Report, did_you_mean
from everytale.language.phrases import RESERVED, changes, condition, each, number, whole
from everytale.language.tokens import Abandon, Cursor, Name, shortened
from everytale.language.tree import (
    Block,
    Constant,
    DangerBlock,
    Each,
    EndingBlock,
    FactBlock,
    FlipBlock,
    Headline,
    KindBlock,
    Member,
    MoveBlock,
    Param,
    Person,
    RoleBlock,
    SceneBlock,
    StageBlock,
    StartBlock,
    Term,
    TestBlock,
    TriggerBlock,
    ViewBlock,
    WantLine,
    WantsBlock,
)

_VOICES = {"tense": ("past", "present"), "person": ("first", "third")}
_PRONOUN_SETS = {"he", "she", "they", "it"}
_ADDED = ("wants", "action", "event", "trigger", "inference")


class Parser:
    """The reader of one file."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        self.lines = Lines(source, report)
        self.clauses = ClauseReader(self.lines, report)
        self.found: list[Block] = []
        self._readers: dict[str, Callable[[Cursor, int, int], None]] = {
            "tale": self._headline,
            "teller": self._headline,
            "minds": self._headline,
            "horizon": self._headline,
            "tense": self._headline,
            "person": self._headline,
            "include": self._headline,
            "kind": self._kind,
            "role": self._role,
            "fact": self._fact,
            "start": self._start,
            "wants": self._wants,
            "danger": self._danger,
            "stage": self._stage,
            "action": self._move,
            "event": self._move,
            "trigger": self._trigger,
            "inference": self._trigger,
            "ending": self._ending,
            "scene": self._scene,
            "test": self._test,
            "claim": self._claim,
            "flip": self._flip,
            "view": self._view,
        }

    def blocks(self) -> list[Block]:
        """All blocks that could be read."""
        for line, end in self.lines.blocks():
            cursor = self._cursor(line)
            reader = self._readers.get(cursor.text)
            if reader is None:
                hint = did_you_mean(cursor.text, self._readers) or f"A block begins with one of: {', '.join(self._readers)}."
                span = cursor.span
                self.report.error("unknown-block", f"`{shortened(cursor.text)}` begins no block.", span, "what is this?", hint)
                continue
            try:
                reader(cursor, line, end)
            except Abandon:
                continue
        return self.found

    def _cursor(self, line: int) -> Cursor:
        return Cursor(self.source, self.lines.starts[line], self.lines.ends[line], self.report)

    def _below(self, line: int, end: int, reader: Callable[[Cursor], None]) -> None:
        """Read each line of a block by ``reader``."""
        for below, after in self.lines.statements(line + 1, end):
            self.lines.alone(below, after)
            cursor = self._cursor(below)
            try:
                reader(cursor)
                cursor.finish()
            except Abandon:
                continue

    def _empty(self, found: object, what: str, span: Span) -> None:
        if not found:
            self.report.error(
                "missing-part", f"Nothing stands below `{what}`.", span, "empty", "Indent what belongs to it below this line."
            )

    # ---- head, kinds, facts ------------------------------------------------------------------------------------------

    def _headline(self, cursor: Cursor, line: int, end: int) -> None:
        start, word = cursor.start, cursor.next().text
        if word in ("tale", "include"):
            value = cursor.string("a title" if word == "tale" else "the name of a file")
        elif word == "teller":
            value = cursor.name("whose shoulder the reader looks over").text
        elif word in _VOICES:
            if cursor.text not in _VOICES[word]:
                cursor.unexpected(" or ".join(f"`{choice}`" for choice in _VOICES[word]), did_you_mean(cursor.text, _VOICES[word]))
            value = cursor.next().text
        else:
            value = str(whole(cursor))
        self.found.append(Headline(word, value, cursor.span_from(start)))
        cursor.finish()
        self.lines.alone(line, end)

    def _declared(self, cursor: Cursor, what: str) -> Name:
        """A name that is given here."""
        if cursor.text in RESERVED:
            message = f"`{cursor.text}` is a word of the language, and cannot be {what}."
            cursor.fail("reserved-word", message, cursor.span, "reserved", "Choose another name.")
        return cursor.name(what)

    def _kind(self, cursor: Cursor, line: int, end: int) -> None:
        cursor.next()
        name, parents, members = self._declared(cursor, "the name of a kind"), list[Name](), list[Member]()
        if cursor.accept("is"):
            parents.append(cursor.name("a kind"))
            while cursor.accept(","):
                parents.append(cursor.name("a kind"))
        self.found.append(KindBlock(name, tuple(parents), members))
        if cursor.accept(":"):
            if not cursor.done:
                self._members(cursor, members)
            cursor.finish()
            self._below(line, end, lambda below: self._members(below, members))
            self._empty(members, f"kind {name.text}:", name.span)
        else:
            cursor.finish()
            self.lines.alone(line, end)

    def _members(self, cursor: Cursor, members: list[Member]) -> None:
        """Members with commas between them. One that cannot be made out is there all the same, by its name."""
        while not cursor.done:  # after a comma they may go on below
            start, name = cursor.start, cursor.text
            try:
                members.append(self._member(cursor))
            except Abandon:
                span = Span(self.source, start, start + len(name))
                members.append(Member(Name(name, span), None, ("they",), False, span))
                while not cursor.done and cursor.text != ",":
                    cursor.next()
            if not cursor.accept(","):
                return

    def _member(self, cursor: Cursor) -> Member:
        start, name = cursor.start, self._declared(cursor, "a name")
        label = cursor.string("") if cursor.token.kind == "string" else None
        pronouns: tuple[str, ...] = ()
        plural = False
        if cursor.accept("("):
            words = [cursor.name("a pronoun").text]
            while cursor.accept("/"):
                words.append(cursor.name("a pronoun").text)
            if len(words) not in (1, 5) or (len(words) == 1 and words[0] not in _PRONOUN_SETS):
                hint = did_you_mean(words[0], _PRONOUN_SETS) if len(words) == 1 else ""
                hint = hint or "Write `he`, `she`, `they` or `it`, or five words: `xe/xem/xyr/xyrs/xemself`."
                self.report.error(
                    "bad-pronouns", f"`{shortened('/'.join(words))}` are no pronouns.", cursor.span_from(start), "which pronouns?", hint
                )
                words = ["they"]
            pronouns, plural = tuple(words), len(words) == 5 and cursor.accept("plural")
            cursor.expect(")", " after the pronouns")
        if label is None and cursor.token.kind == "string":
            label = cursor.string("")
        return Member(name, label, pronouns, plural, cursor.span_from(start))

    def _role(self, cursor: Cursor, line: int, end: int) -> None:
        cursor.next()
        name = self._declared(cursor, "the name of a role")
        cursor.expect(":", " and whose role it is")
        self.found.append(RoleBlock(name, cursor.name("whose role it is")))
        cursor.finish()
        self.lines.alone(line, end)

    def _fact(self, cursor: Cursor, line: int, end: int) -> None:
        cursor.next()
        names = [(self._declared(cursor, "the name of a fact"), self._parameters(cursor, "fact"))]
        while cursor.accept(","):
            names.append((self._declared(cursor, "the name of a fact"), self._parameters(cursor, "fact")))
        try:
            self._domain(cursor, names)
        except Abandon:  # they are facts all the same: whoever asks for them is not wrong
            unclear = Name("", names[0][0].span)
            self.found += [FactBlock(name, parameters, unclear, 0, 0, True, None) for name, parameters in names]
            raise
        cursor.finish()
        self.lines.alone(line, end)

    def _domain(self, cursor: Cursor, names: list[tuple[Name, tuple[Param, ...]]]) -> None:
        """What facts can be, and to whom they are known."""
        cursor.expect(":", " and what it can be")
        domain: Name | None = None
        low, high, unknown = 0, 0, False
        if cursor.token.kind == "number" or cursor.text == "-":
            start, low = cursor.start, whole(cursor)
            cursor.expect("to", " and the greatest number")
            high = whole(cursor)
            if low > high:
                message = f"There is no number from {low} to {high}."
                self.report.error("empty-range", message, cursor.span_from(start), "the wrong way round?", f"Write `{high} to {low}`.")
                low, high = high, low
            unknown = cursor.accept("or", "unknown")
        elif not cursor.accept("yes", "or", "no"):
            if cursor.text in RESERVED:
                cursor.unexpected("`yes or no`, a range (`0 to 3`), or a kind")
            domain = cursor.name("`yes or no`, a range (`0 to 3`), or a kind")
        else:
            low = 1  # yes or no: an empty range
        known_to = cursor.name("to whom it is known") if cursor.accept(",", "known", "to") or cursor.accept("known", "to") else None
        for name, parameters in names:
            self.found.append(FactBlock(name, parameters, domain, low, high, unknown, known_to))

    def _parameters(self, cursor: Cursor, block: str) -> tuple[Param, ...]:
        found: list[Param] = []
        if cursor.accept("("):
            while not cursor.accept(")"):
                name = self._declared(cursor, "a parameter")
                if cursor.accept(":"):
                    found.append(Param(name, cursor.name("a kind")))
                elif block == "fact":
                    found.append(Param(name, name))
                else:
                    cursor.unexpected("`:` and the parameter's kind", f"Write `{name.text}: person`, or whatever kind it is.")
                if cursor.text != ")":
                    cursor.expect(",", " or `)` to close the bracket")
        return tuple(found)

    # ---- start, wants, dangers, stages -------------------------------------------------------------------------------

    def _start(self, cursor: Cursor, line: int, end: int) -> None:
        cursor.next()
        block = StartBlock([])
        if not cursor.done:
            block.changes.extend(changes(cursor))
            cursor.finish()
        self._below(line, end, lambda below: block.changes.extend(changes(below)))
        self.found.append(block)

    def _wants(self, cursor: Cursor, line: int, end: int) -> None:
        start = cursor.start
        cursor.next()
        whose: Name | Each | None = None
        try:
            if cursor.text in ("every", "everybody"):
                whose = each(cursor, named=True)
            elif cursor.text in RESERVED:
                cursor.unexpected("who wants it")
            else:
                whose = cursor.name("who wants it")
            cursor.finish()
        except Abandon:  # what is wanted can be spoken of all the same
            whose = None
        block = WantsBlock(whose, [])
        self.found.append(block)
        self._below(line, end, lambda below: block.lines.append(self._want(below)))
        self._empty(end > line + 1, "wants", cursor.span_from(start))

    def _want(self, cursor: Cursor) -> WantLine:
        start = cursor.start
        try:
            worth, by_unit = self._worth(cursor), cursor.accept("each")
            measure = condition(cursor)
            if not cursor.done and cursor.text != "because":
                cursor.unexpected("`because` or the end of the line")
        except Abandon:  # its `because` can be spoken of all the same
            while not (cursor.done or cursor.text == "because"):
                cursor.next()
            worth, by_unit, measure = Fraction(0), False, Constant("no", cursor.span)
        because = cursor.string("a clause") if cursor.accept("because") else None
        return WantLine(worth, by_unit, measure, because, cursor.span_from(start))

    def _worth(self, cursor: Cursor) -> Fraction:
        sign = -1 if cursor.accept("-") else 1
        if sign > 0:
            cursor.accept("+")
        if cursor.token.kind != "number":
            cursor.unexpected("what it is worth (`+2`, `-1`)")
        worth = number(cursor)
        if cursor.accept("/"):
            span, divisor = cursor.span, number(cursor)
            if not divisor:
                cursor.fail("division-by-zero", "This divides by zero.", span, "zero")
            worth /= divisor
        return sign * worth

    def _danger(self, cursor: Cursor, line: int, end: int) -> None:
        cursor.next()
        block = DangerBlock(self._declared(cursor, "the name of a danger"), [], None)
        feared = block.feared
        cursor.expect(":", " and `feared by`, whoever fears it")
        if not cursor.accept("feared", "by"):
            cursor.unexpected("`feared by`")
        while True:
            feared.append((cursor.name("who fears it"), self._worth(cursor)))
            if not cursor.accept(","):
                break
        because = cursor.string("a clause") if cursor.accept("because") else None
        self.found.append(block._replace(because=because))
        cursor.finish()
        self.lines.alone(line, end)

    def _stage(self, cursor: Cursor, line: int, end: int) -> None:
        cursor.next()
        name = self._declared(cursor, "the name of a stage")
        self.found.append(StageBlock(name, name, Constant("yes", name.span)))  # there is one, even if it cannot be made out
        cursor.expect(":", " and who is on it")
        variable = self._declared(cursor, "a name for whoever is on it")
        hint = f"Write `stage {name.text}: p with` and the condition that `p` meets there."
        if cursor.text != "with":
            cursor.unexpected("`with`", hint)
        cursor.next()
        test = condition(cursor)
        cursor.finish()
        self.found[-1] = StageBlock(name, variable, test)
        self.lines.alone(line, end)

    # ---- what can happen ---------------------------------------------------------------------------------------------

    def _move(self, cursor: Cursor, line: int, end: int) -> None:
        start = cursor.start
        event = cursor.next().text == "event"
        name = self._declared(cursor, f"the name of an {'event' if event else 'action'}")
        parameters = self._parameters(cursor, "move")
        actors: tuple[Person, ...] = ()
        others: tuple[Person, ...] = ()
        stage: Name | None = None
        whole = False
        try:
            if not event:
                if cursor.accept("by"):
                    actors = self._people(cursor)
                else:
                    hint = "Write `by` and who does it, or make it an `event`."
                    self.report.error("no-actor", f"Nobody does `{name.text}`.", name.span, "by whom?", hint)
                others = self._people(cursor) if cursor.accept("to") else ()
            stage = cursor.name("a stage") if cursor.accept("in") else None
            if not cursor.done:
                parts, hint = "`to`, `in`", "What it needs and does stands on lines of its own, indented, below."
                if event:
                    parts, hint = "`in`", "An event has no actors: write `action`." if cursor.text in ("by", "to") else hint
                cursor.unexpected(f"{parts} or the end of the line", hint)
            whole = True
        except Abandon:  # a move all the same: whoever speaks of it is not wrong
            pass
        span = cursor.span_from(start)
        clauses = self.clauses.read(line, end, EVENT if event else MOVE)
        self.found.append(MoveBlock(event, name, parameters, actors, others, stage, clauses, span, whole))

    def _people(self, cursor: Cursor) -> tuple[Person, ...]:
        found = [self._person(cursor)]
        while cursor.accept(","):
            found.append(self._person(cursor))
        return tuple(found)

    def _person(self, cursor: Cursor) -> Person:
        if cursor.text in RESERVED:
            cursor.unexpected("somebody")
        name = cursor.name("somebody")
        return Person(name, cursor.name("a kind") if cursor.accept(":") else None)

    def _trigger(self, cursor: Cursor, line: int, end: int) -> None:
        start = cursor.start
        inference = cursor.next().text == "inference"
        name = self._declared(cursor, "a name")
        parameters = self._parameters(cursor, "trigger")
        mind: Person | None = None
        if inference:
            cursor.expect("by", " and whose inference it is")
            mind = self._person(cursor)
        span = cursor.span_from(start)
        cursor.finish()
        clauses = self.clauses.read(line, end, INFERENCE if inference else TRIGGER)
        if not clauses.changes:
            self.report.error(
                "missing-part", f"Nothing follows from `{name.text}`.", span, "no `then`", "Write `then` and what follows, below."
            )
        self.found.append(TriggerBlock(name, parameters, mind, clauses, span))

    def _ending(self, cursor: Cursor, line: int, end: int) -> None:
        start = cursor.start
        cursor.next()
        title = cursor.string("the ending's title")
        test: Term | None = None
        try:
            test = condition(cursor) if cursor.accept("if") else None
            span = cursor.span_from(start)
            cursor.finish()
        except Abandon:
            span = cursor.span_from(start)
            test = Constant("no", span)
        clauses = self.clauses.read(line, end, ENDING)
        if test is not None:
            clauses.conditions.insert(0, test)
        if not clauses.conditions:
            message = f"Nothing says when it comes to “{title}”."
            self.report.error("missing-part", message, span, "no `if`", "Write `if` and a condition after the title.")
        self.found.append(EndingBlock(title, clauses, span))

    def _scene(self, cursor: Cursor, line: int, end: int) -> None:
        start = cursor.start
        cursor.next()
        block = SceneBlock(cursor.string("the scene's title"), [], [], cursor.span_from(start))
        cursor.finish()
        block.told.extend(self.clauses.cues(line, end, block.cues))
        if not any(cue.word == "opens" for cue in block.cues):
            hint = "Write `opens upon` and a move, or a condition, below."
            self.report.error("missing-part", f"Nothing opens the scene “{block.title}”.", block.span, "opens when?", hint)
        self.found.append(block)

    # ---- tests -------------------------------------------------------------------------------------------------------

    def _test(self, cursor: Cursor, line: int, end: int) -> None:
        start = cursor.start
        cursor.next()
        block = TestBlock(cursor.string("the test's title"), [], cursor.span_from(start))
        cursor.finish()
        self.found.append(block)
        self._below(line, end, lambda below: block.lines.append(step(below)))

    # ---- what is said of all tales together --------------------------------------------------------------------------

    def _claim(self, cursor: Cursor, line: int, end: int) -> None:
        self.found.append(claim(cursor))
        self.lines.alone(line, end)

    def _flip(self, cursor: Cursor, line: int, end: int) -> None:
        start = cursor.start
        cursor.next()
        block = FlipBlock(cursor.string("the flip's title"), [], cursor.span_from(start))
        self.found.append(block)
        cursor.accept(":")
        if not cursor.done:
            self._premise(cursor, line, end, block)
            return
        below = list(self.lines.statements(line + 1, end))
        self._empty(below, "flip", block.span)
        for at, after in below:
            try:
                self._premise(self._cursor(at), at, after, block)
            except Abandon:
                continue

    def _premise(self, cursor: Cursor, line: int, end: int, block: FlipBlock) -> None:
        added = cursor.accept("with")
        words = _ADDED if added else ("start",)
        if cursor.text not in words:
            if added:
                cursor.unexpected(f"`{'`, `'.join(_ADDED[:-1])}` or `{_ADDED[-1]}`", did_you_mean(cursor.text, _ADDED))
            block.premises.append(premise(cursor))
            cursor.finish()
            self.lines.alone(line, end)
            return
        before = len(self.found)
        try:
            self._readers[cursor.text](cursor, line, end)
        finally:
            block.premises.extend(one for one in self.found[before:] if isinstance(one, StartBlock | WantsBlock | MoveBlock | TriggerBlock))
            del self.found[before:]

    def _view(self, cursor: Cursor, line: int, end: int) -> None:
        start = cursor.start
        cursor.next()
        block = ViewBlock(cursor.string("the view's title"), [], cursor.span_from(start))
        self.found.append(block)
        cursor.expect(":", " and the facts, conditions or beliefs that it shows")
        if not cursor.done:
            self._parts(cursor, block)
        cursor.finish()
        self._below(line, end, lambda below: self._parts(below, block))
        self._empty(block.parts, "view", block.span)

    def _parts(self, cursor: Cursor, block: ViewBlock) -> None:
        block.parts.append(condition(cursor))
        while cursor.accept(",") and not cursor.done:
            block.parts.append(condition(cursor))
