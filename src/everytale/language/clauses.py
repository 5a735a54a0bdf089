"""The lines below a header: conditions, effects, weights, who sees it, and where the prose stands."""

from __future__ import annotations

from everytale.diagnostics import Span
from everytale.language.layout import Lines
from everytale.language.messages import Report, did_you_mean
from everytale.language.phrases import RESERVED, changes, condition, reading
from everytale.language.tokens import Abandon, Cursor, Name, shortened
from everytale.language.tree import Clauses, Constant, CueLine, Seen, Term, TestLine, Timing, Told, When

BLOCKS = (
    *("tale", "teller", "tense", "person", "minds", "horizon", "include", "kind", "role", "fact", "start", "wants", "danger", "stage"),
    *("action", "event", "trigger", "inference", "ending", "scene", "test", "claim", "flip", "view"),
)
MOVE = ("if", "then", "weight", "seen", "expressive", "once", "asks", "answers", "thinks", "choice", "told")
EVENT = ("if", "then", "weight", "seen", "once", "interrupts", "told")
TRIGGER = ("upon", "if", "then", "because", "told")
INFERENCE = TRIGGER
ENDING = ("if", "told")
TOLD = ("once", "refrain", "in summary", "at close")
"""Words that may stand after ``told``, before ``to`` and ``when``."""
_OCCASIONS: dict[tuple[str, ...], Timing] = {
    ("first", "time"): "first",
    ("again",): "again",
    ("unseen",): "unseen",
    ("learned",): "learned",
    ("after",): "after",
    ("not", "after"): "not after",
    ("just", "after"): "just after",
}
MOST_WEIGHTS = 50
_CLAUSES = frozenset((*MOVE, *EVENT, *TRIGGER, "opens", "closes"))
_STEPS = ("given", "after", "expect")
_ELSEWHERE = {
    "interrupts": "Only events interrupt an open question.",
    "upon": "Only triggers and inferences are `upon` something; an action or event has `if`.",
    "because": "Wants, triggers and inferences have a `because`.",
    "expressive": "Only actions are expressive: somebody must do it.",
    "asks": "Only actions ask: somebody must do it.",
    "answers": "Only actions answer: somebody must do it.",
    "weight": "Only what can happen has a weight.",
    "seen": "Only actions and events are seen; a trigger follows in every mind that believes its condition.",
    "once": "Only actions and events can be `once`; a trigger can be `upon` something.",
    "thinks": "Only an action is done from an intention.",
    "choice": "Only an action is chosen: somebody must do it.",
    "then": "An ending changes nothing.",
}


class ClauseReader:
    """Reads what stands below the headers of one file."""

    def __init__(self, lines: Lines, report: Report) -> None:
        self.lines = lines
        self.report = report
        self.flat_prose = False
        """Prose is passed over that is not indented further than its ``told``."""

    def read(self, line: int, end: int, words: tuple[str, ...]) -> Clauses:
        """The clauses below ``line``, which begin with one of ``words``."""
        found, self.flat_prose = Clauses(), False
        said: dict[str, Span] = {}
        for below, after in self.lines.statements(line + 1, end):
            cursor = Cursor(self.lines.source, self.lines.starts[below], self.lines.ends[below], self.report)
            word, span = cursor.text, cursor.span
            self.flat_prose = self.flat_prose and word not in _CLAUSES
            try:
                if self.flat_prose:
                    continue
                if word not in words:
                    self._misplaced(cursor, words)
                if word in said and word not in ("if", "then", "told"):
                    hint = "Take one of them away, or join them."
                    self.report.error("said-twice", f"There is a `{word}` here already.", span, "again", hint)
                said[word] = span
                if word == "told":
                    found.told.append(self.told(cursor, below, after))
                    continue
                cursor.next()
                if word == "then":
                    self._then(cursor, below, after, found)
                    continue
                self._clause(cursor, word, span, found)
                cursor.finish()
                self.lines.alone(below, after)
            except Abandon:
                continue
        return found

    def _misplaced(self, cursor: Cursor, words: tuple[str, ...]) -> None:
        if cursor.text in BLOCKS:
            hint = "A block begins at the beginning of a line: take the space before it away."
            cursor.fail("misplaced-line", f"`{cursor.text}` begins a block of its own.", cursor.span, "does not belong here", hint)
        hint = _ELSEWHERE.get(cursor.text) or did_you_mean(cursor.text, words) or f"Here stand: {', '.join(words)}."
        if cursor.token.kind != "name":
            hint = "Prose, and `|` before another way to say it, stand below `told`, indented further than it."
        message = f"No line here begins with `{shortened(cursor.text)}`."
        cursor.fail("misplaced-line", message, cursor.span, "does not belong here", hint)

    def _clause(self, cursor: Cursor, word: str, span: Span, found: Clauses) -> None:
        match word:
            case "if":
                found.conditions.append(condition(cursor))
            case "upon":
                found.upon = condition(cursor)
            case "because":
                found.because = cursor.string("a clause")
            case "weight":
                found.weight = self._weight(cursor)
            case "seen":
                found.seen = self._seen(cursor, span)
            case "expressive":
                found.expressive = condition(cursor) if cursor.accept("when") else Constant("yes", span)
            case "once":
                found.once = span
            case "interrupts":
                found.interrupts = True
            case "asks":
                found.asks = reading(cursor, "who is asked")
            case "answers":
                found.answers.append(cursor.name("an action that asks"))
                while cursor.accept(","):
                    found.answers.append(cursor.name("an action that asks"))
            case "thinks":
                if not cursor.accept("from", "intention"):
                    cursor.unexpected("`from intention`")
                found.thinks = True
            case "choice":
                quoted = cursor.span
                if not cursor.string("what somebody who plays reads"):
                    cursor.fail("missing-part", "A choice has no words.", quoted, "no words", "Write what somebody who plays reads there.")
                found.choice = Span(quoted.source, quoted.start + 1, quoted.end - 1)

    def _then(self, cursor: Cursor, line: int, end: int, found: Clauses) -> None:
        empty = cursor.done
        if not empty:
            found.changes += changes(cursor)
            cursor.finish()
        for below, after in self.lines.statements(line + 1, end):
            empty = False
            inner = Cursor(self.lines.source, self.lines.starts[below], self.lines.ends[below], self.report)
            try:
                found.changes += changes(inner)
                inner.finish()
            except Abandon:
                continue
            self.lines.alone(below, after)
        if empty:
            cursor.unexpected("an effect")

    def _weight(self, cursor: Cursor) -> list[tuple[Term, Term | None]]:
        found: list[tuple[Term, Term | None]] = []
        while True:
            span = cursor.span
            value = condition(cursor)
            when = condition(cursor) if cursor.accept("when") else None
            found.append((value, when))
            if len(found) > MOST_WEIGHTS:
                cursor.fail(
                    "too-long", f"A weight has at most {MOST_WEIGHTS} cases.", span, "one more", "Let a fact stand for several of them."
                )
            if len(found) > 1 and found[-2][1] is None:
                hint = "Only the last weight is without `when`."
                cursor.fail("never-used", "The weight before this holds always, so this never counts.", span, "never reached", hint)
            if not cursor.accept(","):
                return found

    def _seen(self, cursor: Cursor, span: Span) -> Seen:
        cursor.expect("by", " and who sees it")
        if cursor.accept("everybody"):
            return Seen(True, [], [], span)
        found = Seen(False, [], [], span)
        if cursor.accept("nobody"):
            return found
        while True:
            if cursor.text in RESERVED:
                cursor.unexpected("who sees it")
            name = cursor.name("who sees it")
            if cursor.accept("with"):
                found.conditions.append((name, condition(cursor)))
            else:
                found.people.append(name)
            if not cursor.accept(","):
                return found

    def told(self, cursor: Cursor, line: int, end: int) -> Told:
        """A ``told`` block; its prose is read later, when it is known who there is."""
        start = cursor.start
        cursor.next()
        words, teller, when, said_when = set[str](), None, None, False
        occasions: list[When] = []
        while cursor.text not in (":", "") and cursor.token.kind == "name":
            found = next((word for word in TOLD if cursor.accept(*word.split())), None)
            if found:
                words.add(found)
            elif cursor.accept("to"):
                teller = self._teller(cursor)
            elif cursor.accept("when"):
                said_when = True
                when = self._when(cursor, occasions)
                break
            else:
                break
        span = cursor.span_from(start)
        inline: tuple[tuple[int, int], ...] = ()
        if cursor.text == ":":
            place = cursor.token.end
            inline = ((place, self.lines.ends[line]),)
        elif not cursor.done:
            words_left = ", ".join(f"`{word}`" for word in TOLD)
            cursor.unexpected("`:` and prose" if said_when else f"{words_left}, `to`, `when`, `:` or the end of the line")
        prose = self.lines.prose(line, end)
        if not prose and not (inline and self.lines.source.text[inline[0][0] : inline[0][1]].strip()):
            self._no_prose(line, end, span)
        return Told(frozenset(words), teller, tuple(occasions), when, inline + prose, span)

    def _when(self, cursor: Cursor, occasions: list[When]) -> Term | None:
        """What stands after ``when``: occasions, put into ``occasions``, and a condition."""
        while (occasion := self._occasion(cursor)) is not None:
            occasions.append(occasion)
            if not cursor.accept("and"):
                return None
        return condition(cursor)

    def _occasion(self, cursor: Cursor) -> When | None:
        """An occasion, if one stands here. What goes on otherwise (``again = 2``, ``after(Jack)``) is a condition."""
        start = cursor.start
        for words, kind in _OCCASIONS.items():
            follows = cursor.following(len(words))
            of_move = kind.endswith("after")
            named = cursor.following_kind(len(words)) == "name" and follows not in RESERVED
            if (named if of_move else follows in ("and", "since", ":", "")) and cursor.accept(*words):
                move = reading(cursor, "a move") if of_move else None
                timed = kind not in ("just after", "unseen", "learned")
                since = reading(cursor, "a move") if timed and cursor.accept("since") else None
                return When(kind, move, since, cursor.span_from(start))
        return None

    def _no_prose(self, line: int, end: int, span: Span) -> None:
        """Report that nothing stands below a ``told``, or that its prose is not indented."""
        lines = self.lines
        if end < len(lines) and lines.indents[end] == lines.indents[line] and lines.first_word(end) not in _CLAUSES:
            message = "This should be told, it seems, but it is not indented further than `told`."
            self.report.error("misplaced-line", message, lines.span(end), "prose?", "Indent the prose further than `told`.")
            self.flat_prose = True
        else:
            self.report.error("missing-part", "Nothing is told here.", span, "no prose", "Indent the prose below this line.")

    def _teller(self, cursor: Cursor) -> Name:
        if cursor.text in RESERVED:
            cursor.unexpected("at whose shoulder it is told")
        return cursor.name("at whose shoulder it is told")

    def cues(self, line: int, end: int, found: list[CueLine]) -> list[Told]:
        """What opens and closes the scene at ``line``, put into ``found``, and the prose that opens it."""
        told: list[Told] = []
        self.flat_prose = False
        for below, after in self.lines.statements(line + 1, end):
            cursor = Cursor(self.lines.source, self.lines.starts[below], self.lines.ends[below], self.report)
            self.flat_prose = self.flat_prose and cursor.text not in _CLAUSES
            try:
                if self.flat_prose:
                    continue
                if cursor.text == "told":
                    told.append(self.told(cursor, below, after))
                    continue
                self.lines.alone(below, after)
                if cursor.text not in ("opens", "closes"):
                    cursor.unexpected("`opens upon`, `closes upon` or `told`", did_you_mean(cursor.text, ("opens", "closes", "told")))
                begun, word = cursor.start, cursor.next().text
                cursor.expect("upon", " and a move, or a condition")
                upon = condition(cursor)
                when = condition(cursor) if cursor.accept("when") else None
                found.append(CueLine(word, upon, when, cursor.span_from(begun)))
                cursor.finish()
            except Abandon:
                continue
        return told


def step(cursor: Cursor) -> TestLine:
    """One line of a test: what is given, what is done, what is expected."""
    start, word = cursor.start, cursor.text
    if word not in _STEPS:
        cursor.unexpected("`given`, `after` or `expect`", did_you_mean(word, _STEPS))
    cursor.next()
    if word == "given":
        given = changes(cursor)
        return TestLine("given", cursor.span_from(start), given)
    if word == "after":
        moves = [reading(cursor, "a move")]
        while cursor.accept(","):
            moves.append(reading(cursor, "a move"))
        return TestLine("after", cursor.span_from(start), moves=tuple(moves))
    if cursor.text == "that" and cursor.following_kind() != "end":
        cursor.next()
        test = condition(cursor)
        return TestLine("that", cursor.span_from(start), condition=test)
    if cursor.accept("no", "ending"):
        return TestLine("no-ending", cursor.span_from(start))
    if cursor.text == "ending" and cursor.following_kind() == "string":
        cursor.next()
        title = cursor.string("an ending's title")
        return TestLine("ending", cursor.span_from(start), text=title)
    refused = cursor.accept("not")
    move = reading(cursor, "a move, `not` a move, `that` and a condition, `ending` or `no ending`")
    because = cursor.string("a want's `because`") if refused and cursor.accept("because") else None
    return TestLine("no-move" if refused else "move", cursor.span_from(start), moves=(move,), text=because)
