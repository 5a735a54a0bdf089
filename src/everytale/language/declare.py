"""Declarations: from the blocks of a story to its kinds, entities, roles, facts, stages, and the headers of its moves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from everytale.diagnostics import Span
from everytale.language.messages import Report, did_you_mean
from everytale.language.names import Names, article
from everytale.language.tokens import Name, shortened
from everytale.language.tree import (
    Block,
    DangerBlock,
    FactBlock,
    FlipBlock,
    Headline,
    KindBlock,
    Member,
    MoveBlock,
    Param,
    Person,
    RoleBlock,
    StageBlock,
    TriggerBlock,
)
from everytale.language.walk import fresh
from everytale.story import (
    HE,
    IT,
    SHE,
    THEY,
    Domain,
    Entity,
    Fluent,
    Kind,
    KindDomain,
    NumberDomain,
    Parameter,
    Pronouns,
    Thing,
    TruthDomain,
    Variable,
)

_SETS = {"he": HE, "she": SHE, "they": THEY, "it": IT}
MOST_PARAMETERS = 12
MOST_KINDS = 300
MOST_NAMES = 10_000
"""People, things, roles and facts."""
MOST_RULES = 10_000
"""Actions, events and triggers."""


class Header(NamedTuple):
    """A move's parameters, those declared after ``by`` and ``to`` included."""

    parameters: tuple[Parameter, ...]
    scope: dict[str, str]


class Declarations:
    """All that a story declares. What is wrong is reported, and left out."""

    def __init__(self, blocks: list[Block], report: Report) -> None:
        self.report = report
        self.names = Names()
        self.kinds: dict[str, Kind] = {"person": Kind("person")}
        self.fluents: list[Fluent] = []
        self.stages: dict[str, StageBlock] = {}
        self.headers: dict[int, Header] = {}
        self.asking: dict[str, str] = {}
        """For each action that asks, the fact that holds who is asked."""
        self.sugar: set[str] = set()
        """The facts that sugar expanded into."""
        self.unclear: set[str] = set()
        """Moves whose headers cannot be made out."""
        self._places: dict[str, Span] = {}
        self._kinds([block for block in blocks if isinstance(block, KindBlock)])
        for block in blocks:
            if isinstance(block, RoleBlock):
                self._role(block)
        for block in blocks:
            if isinstance(block, FactBlock):
                self._fact(block)
            elif isinstance(block, DangerBlock) and self._new(block.name, "a fact"):
                self.fluents.append(Fluent(block.name.text, block.name.text, (), TruthDomain(), span=block.name.span))
                self.names.fluents[block.name.text] = self.fluents[-1]
        for block in blocks:
            if isinstance(block, StageBlock):
                if block.name.text in self.stages:
                    self._twice(block.name, "a stage", self.stages[block.name.text].name.span)
                else:
                    self.stages[block.name.text] = block
        self._moves(block for block in blocks if isinstance(block, MoveBlock | TriggerBlock))
        for block in blocks:
            if isinstance(block, FlipBlock):
                for rule in block.premises:
                    if isinstance(rule, MoveBlock | TriggerBlock):
                        self.headers[id(rule)] = self._header(rule)
                        self._asks(rule)

    def _twice(self, name: Name, what: str, first: Span | None) -> None:
        line = first.source.text.count("\n", 0, first.start) + 1 if first else 0
        where = f", on line {line}{f' of {first.source.name}' if first.source is not name.span.source else ''}" if first else ""
        message = f"`{shortened(name.text)}` is the name of {what} already{where}."
        self.report.error("declared-twice", message, name.span, "again", "Choose another name, or take one of them away.")

    def _new(self, name: Name, what: str) -> bool:
        """Whether an entity, role or fact can be called by ``name``, which is taken from now on."""
        if name.text in self._places:
            first = self._places[name.text]
            other = "a fact" if name.text in self.names.fluents else "a role" if name.text in self.names.roles else "somebody or something"
            self._twice(name, other, first)
            return False
        self._places[name.text] = name.span
        if len(self._places) > MOST_NAMES:
            self.report.too_long(MOST_NAMES, "people, things, roles and facts", name.span)
        return True

    # ---- kinds and entities ------------------------------------------------------------------------------------------

    def _kinds(self, blocks: list[KindBlock]) -> None:
        places: dict[str, Span] = {}
        for block in blocks:
            name = block.name.text
            if name in places and name != "person":
                hint = "A kind is declared once: put its members together."
                self.report.error("declared-twice", f"There is a kind `{shortened(name)}` already.", block.name.span, "again", hint)
                continue
            places[name] = block.name.span
            if len(places) > MOST_KINDS:
                self.report.too_long(MOST_KINDS, "kinds", block.name.span)
            parents = tuple(parent.text for parent in block.parents)
            if name == "person" and parents:
                self.report.error("own-ancestor", "`person` is the kind above all people, and is of no other.", block.name.span, "built in")
                parents = ()
            self.kinds[name] = Kind(name, parents, span=block.name.span)
        for block in blocks:
            for parent in block.parents:
                if parent.text not in self.kinds:
                    hint = did_you_mean(parent.text, self.kinds)
                    self.report.error("unknown-kind", f"There is no kind called `{shortened(parent.text)}`.", parent.span, "unknown", hint)
        self._lineage()
        for block in blocks:
            for member in block.members:
                if self._new(member.name, "somebody or something"):
                    self._entity(block.name.text, member)
        members: dict[str, list[str]] = {kind: [] for kind in self.kinds}
        for entity in self.names.entities.values():
            for kind in self.names.lineage[entity.kinds[0]]:
                members[kind].append(entity.name)
        self.names.members = {kind: tuple(found) for kind, found in members.items()}

    def _lineage(self) -> None:
        """Every kind with all those above it. A kind that is above itself loses its parents."""
        lineage: dict[str, frozenset[str]] = {}
        for name in list(self.kinds):
            above, waiting = {name}, list(self.kinds[name].parents)
            while waiting:
                parent = waiting.pop()
                if parent == name:
                    kind = self.kinds[name]
                    message = f"`{shortened(name)}` would be a kind of itself."
                    self.report.error("own-ancestor", message, kind.span, "above itself", "Take one `is` of this ring away.")
                    self.kinds[name] = Kind(name, (), span=kind.span)
                    above = {name}
                    break
                if parent in self.kinds and parent not in above:
                    above.add(parent)
                    waiting.extend(lineage.get(parent, ()) or self.kinds[parent].parents)
            lineage[name] = frozenset(above)
        self.kinds = {
            name: Kind(kind.name, tuple(p for p in kind.parents if p in lineage), span=kind.span) for name, kind in self.kinds.items()
        }
        self.names.lineage = lineage

    def _entity(self, kind: str, member: Member) -> None:
        person = "person" in self.names.lineage[kind]
        if person and not member.pronouns:
            hint = f"Write `{member.name.text} (she)`, or `he`, `they`, `it`, or a set of your own."
            message = f"Nothing says by which pronouns `{member.name.text}` goes."
            self.report.error("no-pronouns", message, member.name.span, "he, she, they?", hint)
        pronouns = IT
        if len(member.pronouns) == 5:
            pronouns = Pronouns(*member.pronouns, plural=member.plural)
        elif member.pronouns:
            pronouns = _SETS[member.pronouns[0]]
        label = member.label if member.label is not None else member.name.text.replace("_", " ")
        self.names.entities[member.name.text] = Entity(member.name.text, (kind,), label, pronouns, span=member.span)

    def _role(self, block: RoleBlock) -> None:
        whose = self.names.roles.get(block.whose.text, block.whose.text)
        if whose not in self.names.entities:
            hint = did_you_mean(block.whose.text, self.names.entities)
            self.report.error("unknown-name", f"There is nobody called `{shortened(block.whose.text)}`.", block.whose.span, "unknown", hint)
        elif not self.names.is_a(whose, "person"):
            self.report.error("wrong-kind", f"A role is a person's, and `{whose}` is none.", block.whose.span, "not a person")
        elif self._new(block.name, "a role"):
            self.names.roles[block.name.text] = whose

    # ---- facts -------------------------------------------------------------------------------------------------------

    def _fact(self, block: FactBlock) -> None:
        parameters = self._parameters(block.parameters, "fact")
        domain: Domain
        if block.domain is not None:
            domain = KindDomain(self._kind(block.domain))
        elif block.low > block.high:
            domain = TruthDomain()
        else:
            domain = NumberDomain(block.low, block.high, block.unknown)
        known_to = None if block.known_to is None else self._owner(block.known_to, block)
        if self._new(block.name, "a fact"):
            fluent = Fluent(block.name.text, block.name.text, parameters, domain, known_to, span=block.name.span)
            self.fluents.append(fluent)
            self.names.fluents[fluent.name] = fluent

    def _kind(self, name: Name) -> str:
        """The kind called ``name``; after an error ``""``, which fits everything, so that one error makes no others."""
        if name.text in self.kinds or not name.text:
            return name.text
        hint = did_you_mean(name.text, self.kinds)
        if not hint and name.text in self.names.entities:
            hint = f"`{name.text}` is one of the kind `{self.names.entities[name.text].kinds[0]}`."
        self.report.error("unknown-kind", f"There is no kind called `{shortened(name.text)}`.", name.span, "unknown", hint)
        return ""

    def _parameters(self, found: Iterable[Param], what: str) -> tuple[Parameter, ...]:
        parameters: list[Parameter] = []
        for parameter in found:
            kind = self._kind(parameter.kind)
            if parameter.name is not parameter.kind and any(other.name == parameter.name.text for other in parameters):
                self._twice(parameter.name, "a parameter", None)
                continue
            parameters.append(Parameter(parameter.name.text, kind, span=parameter.name.span))
        if len(parameters) > MOST_PARAMETERS:
            message = f"A {what} has at most {MOST_PARAMETERS} parameters, and this has {len(parameters)}."
            self.report.error("too-long", message, parameters[-1].span, "too many", "Split it.")
        return tuple(parameters)

    def _owner(self, name: Name, block: FactBlock) -> Variable | Thing | None:
        for parameter in block.parameters:
            if parameter.name.text == name.text and parameter.kind.text in self.kinds:
                if not self.names.below(parameter.kind.text, "person"):
                    message = f"Only a person knows anything, and `{name.text}` is {article(parameter.kind.text)}."
                    self.report.error("wrong-kind", message, name.span, "not a person")
                    return None
                return Variable(name.text, span=name.span)
        whose = self.names.roles.get(name.text, name.text)
        if whose in self.names.entities and self.names.is_a(whose, "person"):
            return Thing(whose, span=name.span)
        people = (*(parameter.name.text for parameter in block.parameters), *self.names.members["person"])
        if whose in self.names.entities:
            self.report.error("wrong-kind", f"Only a person knows anything, and `{name.text}` is none.", name.span, "not a person")
        else:
            message = f"There is no person, and no parameter, called `{shortened(name.text)}`."
            self.report.error("unknown-name", message, name.span, "unknown", did_you_mean(name.text, people))
        return None

    # ---- moves -------------------------------------------------------------------------------------------------------

    def _moves(self, blocks: Iterable[MoveBlock | TriggerBlock]) -> None:
        seen: dict[str, MoveBlock | TriggerBlock] = {}
        moves = list(blocks)
        if len(moves) > MOST_RULES:
            self.report.too_long(MOST_RULES, "actions, events and triggers", moves[MOST_RULES].span)
        for block in moves:
            name = block.name.text
            if name in seen:
                other = "a trigger" if isinstance(seen[name], TriggerBlock) else "a move"
                self._twice(block.name, other, seen[name].name.span)
            else:
                seen[name] = block
            header = self._header(block)
            self.headers[id(block)] = header
            if isinstance(block, MoveBlock):
                self.names.moves.setdefault(name, header.parameters)
                if not block.whole:
                    self.unclear.add(name)
        for block in moves:
            self._asks(block)

    def _asks(self, block: MoveBlock | TriggerBlock) -> None:
        """The fact that holds who is asked, if the move asks somebody."""
        name = block.name
        if isinstance(block, MoveBlock) and block.clauses.asks is not None and name.text not in self.asking:
            self.asking[name.text] = self.generated(f"open_{name.text}", (), KindDomain("person"), name.span)

    def generated(self, name: str, parameters: tuple[Parameter, ...], domain: Domain, span: Span) -> str:
        """A fact that sugar needs, of a name like ``name`` that nothing else has."""
        key = fresh(name, self._places)
        self._places[key] = span
        self.sugar.add(key)
        fluent = Fluent(key, key, parameters, domain, span=span)
        self.fluents.append(fluent)
        self.names.fluents[key] = fluent
        return key

    def _header(self, block: MoveBlock | TriggerBlock) -> Header:
        people: tuple[Person, ...] = (*block.actors, *block.others) if isinstance(block, MoveBlock) else tuple(filter(None, (block.mind,)))
        spot = [Param(person.name, person.kind) for person in people if person.kind is not None]
        parameters = self._parameters((*block.parameters, *spot), "move")
        scope: dict[str, str] = {}
        for parameter in parameters:
            if parameter.name in self._places and parameter.span is not None:
                what = "a fact" if parameter.name in self.names.fluents else "somebody or something"
                self._twice(Name(parameter.name, parameter.span), what, self._places[parameter.name])
            scope[parameter.name] = parameter.kind
        return Header(parameters, scope)


def headlines(blocks: list[Block], word: str) -> list[Headline]:
    return [block for block in blocks if isinstance(block, Headline) and block.word == word]
