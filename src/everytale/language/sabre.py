"""The problem files of the Sabre narrative planner, read as stories.

Ware and Siler, *Sabre: A Narrative Planner Supporting Intention and Deep Theory of Mind*, AIIDE 2021. What such a file means is told
in ``docs/planner-files.md``: types become kinds, properties facts, utilities wants; of contradictory effects the first wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import PurePath

from everytale.diagnostics import Diagnostic, Source, Span, StoryError
from everytale.language.messages import Report, Stop, did_you_mean
from everytale.language.names import article
from everytale.language.sabre_logic import summands
from everytale.language.sabre_phrases import Phrases
from everytale.language.sabre_tokens import PERSON, ROOT, Names, Token, tokens
from everytale.language.tokens import Abandon, Name, shortened
from everytale.language.walk import substitute
from everytale.story import (
    ALWAYS,
    Action,
    Choice,
    Comparison,
    Conjunction,
    Disjunction,
    Domain,
    Effect,
    Entity,
    Expression,
    Fluent,
    Kind,
    KindDomain,
    Membership,
    Number,
    NumberDomain,
    Observers,
    Story,
    Thing,
    Trigger,
    TruthDomain,
    Variable,
    Want,
)

_SECTIONS = {"action": ("precondition", "effect", "consenting", "observing"), "trigger": ("precondition", "effect")}
_WORDS = ("type", "entity", "property", "action", "trigger", "utility")


def read_problem(source: Source) -> tuple[Story | None, tuple[Diagnostic, ...]]:
    """The story in ``source``, or ``None`` where errors prevent it, and all that is to be said of its text, in its order."""
    report = Report()
    story: Story | None = None
    try:
        reader = _Problem(source, report)
        if len(reader.tokens) == 1 and not report.errors:
            report.error("empty-story", "There is nothing in this file.", Span(source, 0, 0), hint="Declare types, entities, properties.")
        story = reader.story()
    except Stop:
        pass
    found = sorted(dict.fromkeys(report.found), key=lambda one: one.span.start if one.span else -1)
    return (None if report.errors else story), tuple(found)


def parse_goal(text: str, story: Story) -> Expression:
    """A condition such as ``at(Ark) == USA`` in the names of ``story``. Raises ``StoryError``."""
    report = Report()
    source = Source("goal", text)
    try:
        phrases = Phrases(source, tokens(source, report), Names.of(story), report)
        if not report.errors:
            condition = phrases.condition()
            if phrases.token.kind == "end":
                return condition
            phrases.unexpected("the end")
    except (Abandon, Stop):
        pass
    raise StoryError(tuple(report.found))


class _Problem:
    """Reads a file in passes: types, then entities, then properties, then all that speaks of them."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        self.tokens = tokens(source, report)
        self.names = Names()
        self.spans: dict[str, Span] = {}
        """Where each type is declared."""
        self.fluents: list[Fluent] = []

    def story(self) -> Story:
        statements = list(self._statements())
        for word, read in (("type", self._type), ("entity", self._entity), ("property", self._property)):
            for statement in statements:
                if statement[0].text == word and len(statement) > 1 and statement[1].text != "(":
                    self._read(statement, read)
            if word == "type":
                self._no_rings()
        start: list[Effect] = []
        wants: list[Want] = []
        actions: list[Action] = []
        triggers: list[Trigger] = []
        for statement in statements:
            match statement[0].text:
                case "type" | "entity" | "property" if len(statement) > 1 and statement[1].text != "(":
                    continue
                case "action":
                    self._read(statement, lambda phrases: actions.append(self._action(phrases)))
                case "trigger":
                    self._read(statement, lambda phrases: triggers.append(self._trigger(phrases)))
                case "utility":
                    self._read(statement, lambda phrases: wants.extend(self._utility(phrases)))
                case _:
                    self._read(statement, lambda phrases: start.extend(self._start(phrases)))
        return Story(
            PurePath(self.source.name).stem,
            tuple(Kind(name, above, span=self.spans.get(name)) for name, above in self.names.parents.items()),
            tuple(self.names.entities.values()),
            tuple(self.fluents),
            tuple(start),
            tuple(wants),
            tuple(actions),
            tuple(triggers),
            person_kind=PERSON,
            first_effect_wins=True,
        )

    def _statements(self) -> Iterator[list[Token]]:
        """The tokens of each statement; the ``;`` or ``}`` that ends it is left out."""
        current: list[Token] = []
        depth = 0
        for token in self.tokens:
            if token.kind == "end":
                if current:
                    code = "unclosed-bracket" if depth else "unexpected"
                    message = "A `{` opens here and is not closed." if depth else "A statement ends with `;`."
                    at = next((one for one in current if one.text == "{"), current[-1]) if depth else current[-1]
                    self.report.error(code, message, Span(self.source, at.start, at.end), "no `}`" if depth else "no `;` after this")
                return
            if token.text == ";" and depth == 0:
                if current:
                    yield [*current, Token("end", "", token.start, token.end)]
                current = []
                continue
            depth += (token.text == "{") - (token.text == "}")
            current.append(token)
            if token.text == "}" and depth <= 0:
                yield [*current, Token("end", "", token.end, token.end)]
                current, depth = [], 0

    def _read(self, statement: list[Token], read: Callable[[Phrases], None]) -> None:
        phrases = Phrases(self.source, statement, self.names, self.report)
        try:
            read(phrases)
            if phrases.token.kind != "end":
                phrases.unexpected("`;`")
        except Abandon:
            return

    def _twice(self, phrases: Phrases, name: Name, earlier: Span | None) -> None:
        line = self.source.text.count("\n", 0, earlier.start) + 1 if earlier else 0
        where = f", on line {line}" if line else ""
        phrases.fail("declared-twice", f"`{shortened(name.text)}` is declared already{where}.", name.span, "again", "Choose another name.")

    # ---- types, entities, properties ---------------------------------------------------------------------------------

    def _type(self, phrases: Phrases) -> None:
        phrases.next()
        name = phrases.name("the name of a type")
        parents: list[str] = []
        if phrases.accept(":"):
            parents.append(phrases.name("a type").text)
            while phrases.accept(","):
                parents.append(phrases.name("a type").text)
        if name.text in self.spans or name.text in (ROOT, "boolean", "number"):
            self._twice(phrases, name, self.spans.get(name.text))
        self.spans[name.text] = name.span
        above = tuple(dict.fromkeys((ROOT, *parents) if name.text == PERSON else parents or (ROOT,)))
        self.names.parents[name.text] = above

    def _no_rings(self) -> None:
        """Declare parents that nobody declared, as the planner does, and report types above themselves."""
        for name, parents in list(self.names.parents.items()):
            for parent in parents:
                self.names.parents.setdefault(parent, (ROOT,))
            seen, waiting = {name}, list(parents)
            while waiting:
                parent = waiting.pop()
                if parent == name:
                    message = f"`{shortened(name)}` would be a type of itself."
                    self.report.error("own-ancestor", message, self.spans.get(name), "above itself")
                    self.names.parents[name] = (ROOT,)
                    break
                if parent in self.names.parents and parent not in seen:
                    seen.add(parent)
                    waiting.extend(self.names.parents[parent])
        self.names.settle()

    def _entity(self, phrases: Phrases) -> None:
        phrases.next()
        name = phrases.name("the name of an entity")
        if name.text in self.names.entities:
            self._twice(phrases, name, self.names.entities[name.text].span)
        kinds = [ROOT]
        if phrases.accept(":"):
            kinds = [phrases.type().text]
            while phrases.accept(","):
                kinds.append(phrases.type().text)
        self.names.entities[name.text] = Entity(name.text, tuple(kinds), name.text.replace("_", " "), span=name.span)

    def _property(self, phrases: Phrases) -> None:
        phrases.next()
        name = phrases.name("the name of a property")
        parameters = phrases.parameters(named=False) if phrases.text == "(" else ()
        phrases.expect(":", " and what it can be")
        domain: Domain
        if phrases.accept("boolean"):
            domain = TruthDomain()
        elif phrases.accept("number"):
            domain = NumberDomain(None, None, unknown=True)
        else:
            domain = KindDomain(phrases.type().text)
        same = self.names.properties.setdefault(name.text, [])
        kinds = [parameter.constant or parameter.kind for parameter in parameters]
        if any([parameter.constant or parameter.kind for parameter in other.parameters] == kinds for other in same):
            phrases.fail("declared-twice", f"There is a property `{name.text}({', '.join(kinds)})` already.", name.span, "again")
        key = f"{name.text}({', '.join(kinds)})" if same else name.text
        fluent = Fluent(key, name.text, parameters, domain, span=name.span)
        same.append(fluent)
        self.fluents.append(fluent)

    # ---- the start, utilities ----------------------------------------------------------------------------------------

    def _start(self, phrases: Phrases) -> tuple[Effect, ...]:
        if phrases.token.kind == "name" and phrases.following() in ("", ":") and phrases.text not in self.names.properties:
            hint = did_you_mean(phrases.text, _WORDS)
            phrases.fail("unknown-block", f"No statement begins with `{shortened(phrases.text)}`.", phrases.span, "unknown", hint)
        if phrases.token.kind == "name" and phrases.following(2) in (":", "(") and phrases.following() not in ("(", ":", "="):
            hint = did_you_mean(phrases.text, _WORDS)
            phrases.fail("unknown-block", f"No statement begins with `{shortened(phrases.text)}`.", phrases.span, "unknown", hint)
        return phrases.effects()

    def _utility(self, phrases: Phrases) -> Iterator[Want]:
        """What is wanted: each summand is a want of its own."""
        phrases.next()
        phrases.expect("(")
        people: tuple[str | None, ...] = (None,)
        variable = ""
        if not phrases.accept(")"):
            name = phrases.name("a character")
            if phrases.accept(":"):
                variable, kind = name.text, phrases.type().text
                phrases.scope[variable] = kind
                people = tuple(one.name for one in self.names.entities.values() if any(self.names.below(its, kind) for its in one.kinds))
            elif name.text in self.names.entities and any(self.names.below(kind, PERSON) for kind in self.names.entities[name.text].kinds):
                people = (name.text,)
            else:
                hint = did_you_mean(name.text, self.names.entities)
                phrases.fail("unknown-name", f"There is no {PERSON} called `{shortened(name.text)}`.", name.span, "unknown", hint)
            phrases.expect(")", " to close the bracket")
        phrases.expect(":", " and what is wanted")
        start = phrases.token.start
        measure, sort = phrases.expression()
        span = phrases.since(start)
        if sort not in ("number", "boolean", "?"):
            phrases.fail("wrong-sort", f"A utility is a number or a condition, and this is {article(sort)}.", span, article(sort))
        for person in people:
            own = substitute(measure, {variable: Thing(person)}) if variable and person else measure
            for part in [own] if sort == "boolean" else summands(own):
                match part:
                    case Choice(condition, Number(worth), Number(Fraction(numerator=0))):
                        yield Want(person, worth, condition, span=part.span or span)
                    case _:
                        yield Want(person, Fraction(1), part, sort != "boolean", span=part.span or span)

    # ---- actions, triggers -------------------------------------------------------------------------------------------

    def _sections(self, phrases: Phrases, kind: str) -> Iterator[str]:
        """Goes from section to section between the braces, each ended by ``;``. What cannot be made out is passed over."""
        phrases.expect("{", " and what it needs and does")
        said: set[str] = set()
        while not phrases.accept("}"):
            try:
                name = phrases.name("a section")
                if name.text not in _SECTIONS[kind]:
                    hint = did_you_mean(name.text, _SECTIONS[kind]) or f"There are: {', '.join(_SECTIONS[kind])}."
                    phrases.fail("misplaced-line", f"No part of {kind}s is called `{shortened(name.text)}`.", name.span, "unknown", hint)
                if name.text in said:
                    phrases.fail("said-twice", f"There is a `{name.text}` here already.", name.span, "again", "Take one of them away.")
                said.add(name.text)
                if name.text != "observing" or phrases.text != "(":
                    phrases.expect(":", "")
                yield name.text
                if phrases.text != "}":
                    phrases.expect(";", "")
            except Abandon:
                while phrases.token.kind != "end" and phrases.text not in (";", "}"):
                    phrases.next()
                phrases.accept(";")
                if phrases.token.kind == "end":
                    raise

    def _action(self, phrases: Phrases) -> Action:
        phrases.next()
        name = phrases.name("the name of an action")
        parameters = phrases.parameters()
        precondition: Expression = ALWAYS
        effects: tuple[Effect, ...] = ()
        consenting: tuple[Expression, ...] = ()
        observers: Observers | None = None
        for section in self._sections(phrases, "action"):
            scope, depth = dict(phrases.scope), phrases.depth
            try:
                if section == "precondition":
                    precondition = self._precondition(phrases)
                elif section == "effect":
                    effects = () if phrases.text == ";" else phrases.effects()
                elif section == "consenting":
                    consenting = self._people(phrases)
                else:
                    observers = self._observers(phrases)
            except Abandon:
                self._pass(phrases, scope, depth)
        return Action(name.text, parameters, precondition, effects, consenting, observers, span=name.span)

    def _trigger(self, phrases: Phrases) -> Trigger:
        phrases.next()
        name = phrases.name("the name of a trigger")
        parameters = phrases.parameters()
        precondition: Expression = ALWAYS
        effects: tuple[Effect, ...] = ()
        for section in self._sections(phrases, "trigger"):
            scope, depth = dict(phrases.scope), phrases.depth
            try:
                if section == "precondition":
                    precondition = self._precondition(phrases)
                else:
                    effects = () if phrases.text == ";" else phrases.effects()
            except Abandon:
                self._pass(phrases, scope, depth)
        return Trigger(name.text, parameters, precondition, effects, span=name.span)

    @staticmethod
    def _pass(phrases: Phrases, scope: dict[str, str], depth: int) -> None:
        """Go to the end of a section that cannot be made out."""
        phrases.scope, phrases.depth = scope, depth
        while phrases.token.kind != "end" and phrases.text not in (";", "}"):
            phrases.next()

    @staticmethod
    def _precondition(phrases: Phrases) -> Expression:
        return ALWAYS if phrases.text == ";" else phrases.condition()

    def _people(self, phrases: Phrases) -> tuple[Expression, ...]:
        found: list[Expression] = []
        while phrases.text != ";" and phrases.text != "}":
            if found:
                phrases.expect(",", "")
            start = phrases.token.start
            who, sort = phrases.entity()
            if not self.names.overlap(sort, PERSON):
                phrases.fail("wrong-kind", f"Only a {PERSON} consents, and this is {article(sort)}.", phrases.since(start), article(sort))
            if who not in found:
                found.append(who)
        return tuple(found)

    def _observers(self, phrases: Phrases) -> Observers:
        """``observing(c : character): ...``, or the names of those who observe."""
        if not phrases.accept("("):
            people = self._people(phrases)
            named = tuple(Comparison("=", Variable("observer"), one) for one in people)
            return Observers("observer", Disjunction(named))
        binder = phrases.binder()
        phrases.expect(")", " to close the bracket")
        phrases.expect(":", " and who observes")
        hidden = phrases.scope.get(binder.variable)
        phrases.scope[binder.variable] = binder.kind
        condition = phrases.condition()
        if binder.kind != PERSON and not self.names.below(PERSON, binder.kind):
            condition = Conjunction((Membership(Variable(binder.variable), binder.kind), condition))
        if hidden is None:
            del phrases.scope[binder.variable]
        else:
            phrases.scope[binder.variable] = hidden
        return Observers(binder.variable, condition)
