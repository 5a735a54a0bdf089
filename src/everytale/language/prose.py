"""Prose: paragraphs, who speaks, and the holes in braces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from everytale.diagnostics import Span
from everytale.language.messages import did_you_mean
from everytale.language.phrases import condition
from everytale.language.resolve import Resolver
from everytale.language.tokens import Abandon, Cursor, Name, shortened
from everytale.language.tree import Call, Timing, Told
from everytale.story import ALWAYS, HE, IT, SHE, THEY, Beat, Expression, Made, Manner, Occasion, Passage, Pronouns, Slot, Thing, Variable

_SPEECH = re.compile(r"([^\W\d_]\w*)( thinks| says that)?:(?:\s+|$)")
_MANNERS: dict[str | None, Manner] = {None: "speech", " thinks": "thought", " says that": "report"}
_BRACE = re.compile(r"\{\{|\}\}|[{\n]")
_FORM = re.compile(r"(?:\.\s*((?!\d)[^\s.{}]*)|['’](s))\s*$")
_MOST_LOOKED_UP = 200
_SPACE = re.compile(r"\s+")

Of: TypeAlias = Literal["an action", "an event", "what follows by itself", "an ending", "a scene"]
_ANYTHING: tuple[Of, ...] = ("an action", "an event", "what follows by itself", "an ending", "a scene")
_ASKED: dict[Timing, tuple[Of, ...]] = {
    "first": ("an action", "an event", "what follows by itself", "a scene"),
    "again": ("an action", "an event", "what follows by itself", "a scene"),
    "unseen": ("an action", "an event", "what follows by itself"),
    "learned": ("an action", "an event"),
    "after": _ANYTHING,
    "not after": _ANYTHING,
    "just after": _ANYTHING,
}
_ALLOWED: dict[str, tuple[Of, ...]] = {
    "in summary": ("an action", "an event", "what follows by itself"),
    "at close": ("a scene",),
}
_WORDS = {"first": "first time"}


def pronoun_words(sets: set[Pronouns]) -> frozenset[str]:
    """Every word that names a case: those of ``sets``, and of the four that everybody has."""
    words: set[str] = set()
    for one in (HE, SHE, THEY, IT, *sets):
        words |= {one.subject, one.object, one.possessive, one.absolute, one.reflexive}
    return frozenset(words)


def _joined(words: list[str]) -> str:
    """Pieces of text as one, with single spaces."""
    return _SPACE.sub(" ", "".join(words))


class ProseReader:
    """Reads ``told`` blocks by the names that ``resolver`` knows; ``forms`` are the pronouns that name a case.

    ``words`` are those that were looked up already, before a colon, with the question whether a name is meant.
    """

    def __init__(self, resolver: Resolver, forms: frozenset[str], words: dict[str, str]) -> None:
        self.resolver = resolver
        self.forms = forms
        self.words = words
        self.of: Of = "an action"

    def passages(self, blocks: list[Told], of: Of) -> tuple[Passage, ...]:
        """The blocks ``of`` a move, or whatever they tell, that can be made out, in order. In them ``teller`` is who tells."""
        found: list[Passage] = []
        self.of = of
        lent = "teller" not in self.resolver
        if lent:
            self.resolver.scope["teller"] = self.resolver.names.person
        for block in blocks:
            try:
                found.append(self._passage(block))
            except Abandon:
                continue
        if lent:
            del self.resolver.scope["teller"]
        return tuple(found)

    def line(self, place: Span) -> tuple[str | Slot, ...]:
        """A line of words with holes; nothing, where it cannot be made out."""
        told = Told(frozenset(), None, (), None, ((place.start, place.end),), place)
        try:
            return self._beat(told, list(told.lines), None, "narration").text
        except Abandon:
            return ()

    def _passage(self, told: Told) -> Passage:
        resolver, teller = self.resolver, None
        if not any(start < end for start, end in told.lines):
            raise Abandon  # reported where it was read
        self._placed(told)
        test = ALWAYS if told.condition is None else resolver.condition(told.condition)
        occasions = tuple(
            Occasion(when.kind, self._made(when.move), self._made(when.since), span=when.span)
            for when in told.occasions
            if when.kind != "unseen" and when.kind != "learned"
        )
        if told.teller is not None:
            who = resolver.entity(told.teller, resolver.names.person)
            if not isinstance(who, Thing):
                resolver.fail(
                    "wrong-kind", "The teller is one person, by name.", told.teller.span, "not a name", "Write whose shoulder it is."
                )
            teller = who.name
        alternatives = tuple(tuple(self._beats(told, lines)) for lines in self._alternatives(told))
        if any(not beats for beats in alternatives):
            resolver.fail("missing-part", "An alternative has no prose.", told.span, "one of these is empty", "Take its `|` away.")
        kinds = {when.kind for when in told.occasions}
        return Passage(
            alternatives,
            test,
            occasions,
            teller,
            "once" in told.words,
            "unseen" if "unseen" in kinds else "learned" if "learned" in kinds else "seen",
            "in summary" in told.words,
            "refrain" in told.words,
            "at close" in told.words,
            span=told.span,
        )

    def _placed(self, told: Told) -> None:
        """Report what cannot be asked of what is told here."""
        of = self.of
        for when in told.occasions:
            if of not in _ASKED[when.kind]:
                hint = f"Here one can ask for {_choice(_WORDS.get(kind, kind) for kind, places in _ASKED.items() if of in places)}."
                message = f"{_capital(of)} is never told `when {_WORDS.get(when.kind, when.kind)}`."
                self.resolver.fail("misplaced-occasion", message, when.span, "does not belong here", hint)
        for word, places in _ALLOWED.items():
            if word in told.words and of not in places:
                message = f"{_capital(of)} is never told `{word}`."
                hint = f"Only {_choice(places, False)} is."
                self.resolver.fail("misplaced-occasion", message, told.span, "does not belong here", hint)

    def _made(self, term: Name | Call | None) -> Made | None:
        """A move of which it is asked whether it was made."""
        if term is None:
            return None
        resolver = self.resolver
        name, arguments = (term, ()) if isinstance(term, Name) else (term.name, term.arguments)
        wanted = resolver.names.moves.get(name.text)
        if wanted is None:
            hint = did_you_mean(name.text, resolver.names.moves)
            resolver.fail("unknown-move", f"There is no action or event called `{shortened(name.text)}`.", name.span, "unknown", hint)
        if arguments and len(arguments) != len(wanted):
            named = ", ".join(f"{parameter.name}: {parameter.kind}" for parameter in wanted)
            message = f"`{name.text}` is made with {len(wanted) or 'no'} argument{'' if len(wanted) == 1 else 's'}, not {len(arguments)}."
            hint = f"Write `{name.text}` alone{f', or with one for each of: {named}' if wanted else ''}."
            resolver.fail("wrong-arguments", message, term.span, f"{len(wanted)} expected", hint)
        return Made(name.text, tuple(resolver.entity(one, each.kind) for one, each in zip(arguments, wanted, strict=False)), span=term.span)

    def _alternatives(self, told: Told) -> list[list[tuple[int, int]]]:
        """The places of the lines of each alternative, without the ``|`` before them."""
        text = told.span.source.text
        found: list[list[tuple[int, int]]] = [[]]
        for start, end in told.lines:
            if start < end and text[start] == "|":
                if any(first < last for first, last in found[-1]) or len(found) > 1:
                    found.append([])
                start += 1
            found[-1].append((start, end))
        return found

    def _beats(self, told: Told, lines: list[tuple[int, int]]) -> Iterator[Beat]:
        """The paragraphs of one alternative."""
        text, paragraph = told.span.source.text, list[tuple[int, int]]()
        speaker: Expression | None = None
        manner: Manner = "narration"
        for start, end in lines:
            while start < end and text[start] in " \t":
                start += 1
            speech = _SPEECH.match(text, start, end)
            who = self._speaker(speech, told) if speech else None
            if (who or start >= end) and paragraph:
                yield self._beat(told, paragraph, speaker, manner)
            if who and speech:
                speaker, manner, paragraph = who, _MANNERS[speech[2]], [(speech.end(), end)]
            elif start >= end:
                speaker, manner, paragraph = None, "narration", []
            else:
                paragraph.append((start, end))
        if paragraph:
            yield self._beat(told, paragraph, speaker, manner)

    def _speaker(self, speech: re.Match[str], told: Told) -> Expression | None:
        """Who says what follows; nobody, if the word before the colon is not somebody's name."""
        resolver = self.resolver
        span = Span(told.span.source, *speech.span(1))
        if speech[1] in resolver.scope or speech[1] in resolver.names.roles or speech[1] in resolver.names.entities:
            return resolver.entity(Name(speech[1], span), resolver.names.person)
        hint = self._like(speech[1])
        if hint or speech[2]:
            message = f"Nobody is called `{speech[1]}`, so this is told as it stands."
            resolver.report.warning("unknown-speaker", message, span, "who speaks?", hint)
        return None

    def _like(self, word: str) -> str:
        """A question whether somebody's name is meant by ``word``, or nothing."""
        if word not in self.words:
            if len(self.words) >= _MOST_LOOKED_UP:
                return ""
            names = self.resolver.names
            self.words[word] = did_you_mean(word, (*names.members.get(names.person, ()), *names.roles, *self.resolver.scope))
        return self.words[word]

    def _beat(self, told: Told, lines: list[tuple[int, int]], speaker: Expression | None, manner: Manner) -> Beat:
        source = told.span.source
        parts: list[str | Slot] = []
        words: list[str] = []
        for start, end in lines:
            words.append(" ")
            while start < end:
                match = _BRACE.search(source.text, start, end)
                words.append(source.text[start : match.start() if match else end])
                if match is None:
                    break
                if match[0] == "{":
                    slot, start = self._slot(told, match.start(), end)
                    parts += (_joined(words), slot)
                    words = []
                else:
                    words.append(match[0][0])
                    start = match.end()
        parts.append(_joined(words).rstrip())
        if isinstance(parts[0], str):
            parts[0] = parts[0].lstrip()
        span = Span(source, lines[0][0], lines[-1][1])
        if not any(parts):
            message = "Nothing is said here." if speaker is not None else "Nothing is told here."
            self.resolver.fail("missing-part", message, span, "no words", "Write them after the colon.")
        return Beat(manner, tuple(part for part in parts if part), speaker, span=span)

    def _slot(self, told: Told, start: int, end: int) -> tuple[Slot, int]:
        """The hole whose brace opens at ``start``, and where the text goes on."""
        source, resolver = told.span.source, self.resolver
        close = source.text.find("}", start, end)
        if close < 0:
            span = Span(source, start, end)
            resolver.fail(
                "unclosed-brace",
                "A brace opens here and does not close on this line.",
                span,
                "no `}`",
                "Put a `}`, or write `{{` for a brace.",
            )
        inside = (start + 1, close)
        form, match = "", _FORM.search(source.text[start + 1 : close])
        if match:
            form = "'s" if match[2] else match[1]
            inside = (start + 1, start + 1 + match.start())
        if source.text[inside[0] : inside[1]].strip() == "because":
            return self._because(Span(source, start, close + 1), form), close + 1
        cursor = Cursor(source, *inside, resolver.report)
        if cursor.done:
            cursor.unexpected("a name or a fact, and after it `}`")
        term = condition(cursor)
        cursor.finish()
        span = Span(source, start, close + 1)
        what, sort = resolver.value(term)
        if match and not match[2]:
            self._check_form(form, span)
        if match and not (isinstance(what, Thing | Variable) or sort.tag in ("kind", "any")):
            hint = "Only somebody or something has a pronoun; leave away what follows the fact."
            resolver.fail("wrong-slot", f"This is {sort}, and has no `{form}`.", span, f"{sort}", hint)
        return Slot(what, form, span=span), close + 1

    def _because(self, span: Span, form: str) -> Slot:
        """The hole for the reason of a move, which nothing but an action has."""
        if self.of != "an action" or form:
            message = "`{because}` is the actor's reason, told at the actor's own shoulder."
            hint = "Only an action has one, and it has no other forms."
            self.resolver.fail("wrong-slot", message, span, "no reason here", hint)
        return Slot(Variable("because", span=span), span=span)

    def _check_form(self, form: str, span: Span) -> None:
        word = form[:1].lower() + form[1:]
        if word in self.forms or (word.isalpha() and word.endswith("s")):
            return
        hint = (
            did_you_mean(word, self.forms)
            or "Write a pronoun (`he him his theirs himself`), or a verb as after `he` (`is`, `has`, `laughs`)."
        )
        message = f"`{form}` is no pronoun, and no verb in the third person." if form else "Nothing stands after the point."
        self.resolver.fail("wrong-slot", message, span, "which form?", hint)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _choice(several: Iterable[str], quoted: bool = True) -> str:
    words = [f"`{one}`" if quoted else one for one in several]
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
