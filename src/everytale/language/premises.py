"""Claims, flips and views with every name looked up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NoReturn

from everytale.diagnostics import Span
from everytale.language.changing import effects
from everytale.language.expand import Expander
from everytale.language.messages import did_you_mean
from everytale.language.names import article
from everytale.language.tokens import Abandon, Name, shortened
from everytale.language.tree import (
    AssertionTerm,
    Call,
    ClaimBlock,
    Each,
    FlipBlock,
    LeadsTerm,
    LengthTerm,
    MadeTerm,
    MomentTerm,
    MoveBlock,
    OddsTerm,
    StartBlock,
    SwapTerm,
    Term,
    TitleTerm,
    TriggerBlock,
    ViewBlock,
    WantsBlock,
    WithinTerm,
    WithoutTerm,
)
from everytale.language.wanting import wants
from everytale.story import (
    Action,
    Assertion,
    Claim,
    Ended,
    Ending,
    Expression,
    Flip,
    Holds,
    Leads,
    Length,
    Moment,
    Negation,
    Never,
    Odds,
    Possible,
    Premise,
    StartWith,
    Stuck,
    Swap,
    Thing,
    Trigger,
    Upon,
    View,
    Want,
    With,
    Without,
)


class PremiseReader:
    """Makes claims, flips and views of their blocks, in a story with these wants (``own``), rules and endings."""

    def __init__(self, expander: Expander, own: list[Want], actions: list[Action], triggers: list[Trigger], endings: list[Ending]) -> None:
        self.expander = expander
        self.report = expander.report
        self.names = expander.declared.names
        self.own = own
        self.endings = [ending.title for ending in endings]
        self.rules = {
            **{action.name: "event" if action.is_event else "action" for action in actions},
            **{trigger.name: "trigger" if trigger.mind is None else "inference" for trigger in triggers},
        }

    def fail(self, code: str, message: str, span: Span, label: str = "", hint: str = "") -> NoReturn:
        self.report.error(code, message, span, label, hint)
        raise Abandon

    # ---- claims ------------------------------------------------------------------------------------------------------

    def claim(self, block: ClaimBlock) -> Iterator[Claim]:
        """The claim of ``block``, if it can be made out."""
        try:
            player = None if block.player is None else self._person(block.player)
            text = " ".join(block.span.source.text[block.span.start : block.span.end].split())
            yield Claim(self._assertion(block.what), block.title, player, block.ensures, text, span=block.span)
        except Abandon:
            return

    def _assertion(self, what: AssertionTerm) -> Assertion:
        match what:
            case WithinTerm(word, term, after, before):
                if word == "always":
                    if isinstance(term, MadeTerm | TitleTerm):
                        hint = "Write `sooner or later` if it is only to come."
                        self.fail("not-a-condition", "Only a condition can be so at every moment.", term.span, "a single moment", hint)
                    condition = self._condition(term)
                    return Never(Holds(Negation(condition)), self._maybe(after), self._maybe(before))
                form = Never if word == "never" else Possible
                return form(self._moment(term), self._maybe(after), self._maybe(before))
            case LeadsTerm(first, to):
                return Leads(self._maybe(first), self._moment(to))
            case OddsTerm(moment, low, high):
                return Odds(self._maybe(moment), low, high)
            case LengthTerm(least, most):
                return Length(least, most)

    def _maybe(self, term: MomentTerm | None) -> Moment | None:
        return None if term is None else self._moment(term)

    def _moment(self, term: MomentTerm) -> Moment:
        match term:
            case MadeTerm(move, span):
                return self._made(move, span)
            case TitleTerm(title, span, stuck):
                if not stuck and title is not None and title not in self.endings:
                    hint = did_you_mean(title, self.endings)
                    self.fail("unknown-ending", f"There is no ending “{shortened(title)}”.", span, "unknown", hint)
                return Stuck(span=span) if stuck else Ended(title, span=span)
        return Holds(self._condition(term), span=term.span)

    def _condition(self, term: Term) -> Expression:
        name = term if isinstance(term, Name) else term.name if isinstance(term, Call) else None
        resolver = self.expander.resolver({})
        if name is not None and name.text not in resolver and name.text in self.names.moves:
            text = shortened(term.span.source.text[term.span.start : term.span.end])
            hint = f"For the moment after it is made write `move {text}`."
            self.fail("not-a-fact", f"`{name.text}` is a move, and no fact.", term.span, "a move", hint)
        return resolver.condition(term)

    def _made(self, move: Name | Call, span: Span) -> Upon:
        name, arguments = (move, None) if isinstance(move, Name) else (move.name, move.arguments)
        wanted = self.names.moves.get(name.text)
        if wanted is None:
            hint = did_you_mean(name.text, self.names.moves)
            self.fail("unknown-move", f"There is no action or event called `{shortened(name.text)}`.", name.span, "unknown", hint)
        if arguments is None:
            return Upon(name.text, None, span=span)
        if len(arguments) != len(wanted):
            message = f"`{name.text}` is made with {len(wanted) or 'no'} argument{'' if len(wanted) == 1 else 's'}, not {len(arguments)}."
            hint = f"Write `move {name.text}` for any, `some {wanted[0].kind}` for one of any." if wanted else f"Write `move {name.text}`."
            self.fail("wrong-arguments", message, span, f"{len(wanted)} expected", hint)
        resolver = self.expander.resolver({})
        found: list[str | None] = []
        for argument, parameter in zip(arguments, wanted, strict=True):
            if isinstance(argument, Each) and argument.quantifier == "some" and not argument.excluded:
                if argument.kind is not None and not self.names.below(parameter.kind, resolver.kind(argument.kind)):
                    message = f"This is {article(parameter.kind)}, and not any {argument.kind.text}."
                    self.fail("wrong-kind", message, argument.span, f"some {parameter.kind}", f"Write `some {parameter.kind}`.")
                found.append(None)
                continue
            who = resolver.entity(argument, parameter.kind)
            found.append(who.name if isinstance(who, Thing) else None)
        return Upon(name.text, tuple(found) if any(one is not None for one in found) else None, span=span)

    def _person(self, name: Name) -> str:
        who = self.expander.resolver({}).entity(name, "person")
        assert isinstance(who, Thing)
        return who.name

    # ---- flips -------------------------------------------------------------------------------------------------------

    def flip(self, block: FlipBlock) -> Flip:
        premises: list[Premise] = []
        left_out = {one.name.text for one in block.premises if isinstance(one, WithoutTerm)}
        for term in block.premises:
            try:
                premises += self._premises(term, left_out)
            except Abandon:
                continue
        return Flip(block.title, tuple(premises), span=block.span)

    def _premises(
        self, term: StartBlock | WithoutTerm | SwapTerm | WantsBlock | MoveBlock | TriggerBlock, left_out: set[str]
    ) -> list[Premise]:
        match term:
            case StartBlock(changes):
                return [StartWith(effects(self.expander.resolver({}), changes, start=True))]
            case WithoutTerm("want", name, because, span):
                return [self._without_want(self._person(name), because, span)]
            case WithoutTerm(sort, name, _, span):
                return [self._without_rule(sort, name, span)]
            case SwapTerm(one, other, span):
                pair = (self._person(one), self._person(other))
                if pair[0] == pair[1]:
                    self.fail("said-twice", f"`{pair[0]}` is swapped with themself.", span, "again", "Name two people.")
                return [Swap(*pair, span=span)]
            case WantsBlock():
                return [With(want, span=want.span) for want in wants(self.expander, term)]
        if term.name.text in self.rules and term.name.text not in left_out:
            hint = f"Choose another name, or write `without {self.rules[term.name.text]} {term.name.text}` above it."
            self.fail("declared-twice", f"The story has `{term.name.text}` already.", term.name.span, "again", hint)
        if isinstance(term, TriggerBlock):
            return [With(self.expander.trigger(term), span=term.span)]
        return [With(self.expander.move(term), span=term.span)] if term.whole else []

    def _without_want(self, person: str, because: str | None, span: Span) -> Without:
        own = [want.because for want in self.own if want.person == person]
        if not own:
            self.fail("unknown-because", f"`{person}` wants nothing.", span, "whose want?")
        if because is not None and because not in own:
            hint = did_you_mean(because, [one for one in own if one])
            message = f"No want of `{person}` has the `because` “{shortened(because)}”."
            self.fail("unknown-because", message, span, "which want?", hint)
        return Without("want", person, because, span=span)

    def _without_rule(self, sort: Literal["want", "action", "event", "trigger", "inference"], name: Name, span: Span) -> Without:
        found = self.rules.get(name.text)
        if found != sort:
            hint = f"It is {article(found)}: write `without {found} {name.text}`." if found else did_you_mean(name.text, self.rules)
            self.fail("unknown-rule", f"There is no {sort} called `{shortened(name.text)}`.", name.span, "unknown", hint)
        return Without(sort, name.text, span=span)

    # ---- views -------------------------------------------------------------------------------------------------------

    def view(self, block: ViewBlock) -> View:
        parts: list[Expression] = []
        for term in block.parts:
            try:
                parts.append(self.expander.resolver({}).value(term)[0])
            except Abandon:
                continue
        return View(block.title, tuple(parts), span=block.span)
