"""Answers in plain words: *why* and *why not* as paragraphs for a writer. Facts are written as in the language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import groupby

from everytale.answers.mistakes import Belief
from everytale.answers.why import Reason, Why
from everytale.answers.why_not import Change, Failing, Refusal, Supposed, WhyNot, Without
from everytale.language.format import format_expression
from everytale.minds import Intention
from everytale.story import Expression, Story, Want
from everytale.world import GroundMove, Value

MOST_CHANGES = 3
"""How many of the smallest changes an answer names."""

# ---- parts of sentences ----------------------------------------------------------------------------------------------


def number(value: Fraction | None, *, sign: bool = False) -> str:
    """A number as one writes it: ``3``, ``−1/2``, with a sign ``+3``."""
    if value is None:
        return "unknown"
    return ("−" if value < 0 else "+" if sign and value else "") + str(abs(value))


def listed(parts: Iterable[str], last: str = "and") -> str:
    """``a, b and c``."""
    *most, end = parts
    return f"{', '.join(most)} {last} {end}" if most else end


def fact(fluent: str, arguments: Iterable[str], value: Value) -> str:
    """A fact as the language writes it: ``at(Jack) = flat``, ``not dawn``."""
    names = ", ".join(arguments)
    reading = f"{fluent}({names})" if names else fluent
    match value:
        case True:
            return reading
        case False:
            return f"not {reading}"
        case None:
            return f"{reading} is unknown"
        case Fraction():
            return f"{reading} = {number(value)}"
    return f"{reading} = {value}"


def plan(moves: Iterable[GroundMove]) -> str:
    """``ask, then make_excuse(cat)``."""
    return ", then ".join(str(move) for move in moves)


class Words:
    """The words for the people of one story."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def name(self, person: str) -> str:
        return self.story.entity[person].label

    def he(self, person: str) -> str:
        return self.story.entity[person].pronouns.subject

    def him(self, person: str) -> str:
        return self.story.entity[person].pronouns.object

    def his(self, person: str) -> str:
        return self.story.entity[person].pronouns.possessive

    def condition(self, expression: Expression, binding: Mapping[str, str]) -> str:
        return format_expression(expression, self.story, binding)

    def chain(self, chain: Iterable[str], verb: str) -> str:
        """``Ianto believed that Jack believed``."""
        return " that ".join(f"{self.name(person)} {verb}" for person in chain)

    def fact(self, believed: Belief, value: Value) -> str:
        return fact(self.story.fluent[believed.fluent].name, believed.arguments, value)

    def mistakes(self, mistakes: Iterable[Belief], verb: str) -> Iterator[str]:
        """A sentence for everything that one person is wrong about in one mind; that person was named before."""
        for chain, found in groupby(sorted(mistakes, key=lambda one: (len(one.chain), one.chain)), key=lambda one: one.chain):
            wrong = list(found)
            who = self.he(chain[0])
            rest = f"{self.chain(chain[1:], verb)} that " if len(chain) > 1 else ""
            believed = f"{rest}{listed(self.fact(one, one.believed) for one in wrong)}"
            true = f"{rest}{listed(self.fact(one, one.true) for one in wrong)}"
            verbs = verb if not self.story.entity[chain[0]].pronouns.plural else verb.removesuffix("s")
            yield f"{who[:1].upper()}{who[1:]} {verbs} that {believed}; in truth {true}."

    def held(self, believed: Belief, verb: str) -> str:
        """What somebody believes, or, at the end of no chain, what is so."""
        what = self.fact(believed, believed.believed)
        return f"{self.chain(believed.chain, verb)} that {what}" if believed.chain else what

    def want(self, want: Want) -> str:
        """A want by the author's words for it, else by what it is worth."""
        if want.because:
            return f"“{want.because}”"
        return f"{number(want.worth, sign=True)}{' each' if want.each else ''} {self.condition(want.measure, {})}"


# ---- why -------------------------------------------------------------------------------------------------------------


def why_words(story: Story, answer: Why, *, without: str | None = None) -> Iterator[str]:
    """The answer to *why*, in paragraphs; of the reasons of ``without`` nothing is said."""
    words, followed = Words(story), answer.followed
    if not followed.possible:
        ended = followed.before.ending
        yield f"It could not happen: the tale had ended (“{ended.title}”)." if ended else "It could not happen: the world did not allow it."
    elif followed.move.is_event:
        yield "Nobody chose it: it was an event."
    elif answer.slipped_out:
        people = listed(words.name(person) for person in followed.move.consenting)
        if followed.in_character:
            yield f"It slipped out of {people}: an expressive act, with no plan behind it, and to nobody’s gain."
        else:
            yield f"It was out of character: there was nothing for it to slip out of {people} by."
    else:
        for reason in answer.reasons:
            if reason.intention.person != without:
                yield " ".join(_reason(words, reason))
        explained = {without, *(reason.intention.person for reason in answer.reasons)}
        for person in followed.move.consenting:
            if person not in explained:
                undecided = followed.before.in_character(followed.move, person) is None
                yield f"Whether {words.name(person)} had a reason is undecided." if undecided else f"{words.name(person)} had no reason to."


def _reason(words: Words, reason: Reason) -> Iterator[str]:
    intention = reason.intention
    name, he = words.name(intention.person), words.he(intention.person)
    yield f"{name} did it{_because(words, intention)}."
    yield from words.mistakes(reason.mistakes, "believed")
    if len(intention.plan) > 1:
        yield f"The plan that {he} saw: {plan(intention.plan)}."
        if reason.counted:
            yield f"For that {he} counted on {listed(words.name(other) for other in reason.counted)} going along."
    yield f"As {he} saw it, that was a gain of {number(intention.gain)}."
    if not intention.best:
        yield "(It is a reason; that it is the best one is not proved.)"


def _because(words: Words, intention: Intention) -> str:
    if intention.because:
        return " because " + ", and because ".join(intention.because)
    return " for " + listed(words.want(want) for want in intention.serves) if intention.serves else ""


# ---- why not ---------------------------------------------------------------------------------------------------------


def why_not_words(story: Story, answer: WhyNot) -> Iterator[str]:
    """The answer to *why not*, in paragraphs."""
    words, move = Words(story), answer.move
    if answer.ending:
        yield f"The tale has ended (“{answer.ending.title}”), and nothing follows an ending."
    for failing in answer.failing:
        yield _failing(words, move, failing)
    if answer.unlikely:
        yield f"Its weight is 0 here, so {move} is never drawn."
    for refusal in answer.refusals:
        yield from _refusal(words, move, refusal)
    if answer.possible:
        yield f"Nothing stands in the way of {move}: it is possible here."


def _failing(words: Words, move: GroundMove, failing: Failing) -> str:
    condition = words.condition(failing.condition, failing.binding)
    needs = f"{move} needs “{condition}”"
    facts = [words.held(one, "believes") for one in failing.facts]
    now = f", but {listed(facts)}" if facts else ", which does not hold"
    if failing.step is None:
        return f"{needs}{now}. It has been so from the start."
    by = f"move {failing.step}, {failing.move}, made it so"
    if failing.triggers:
        followed = listed(trigger.trigger.name for trigger in failing.triggers)
        by = f"{followed} followed from move {failing.step}, {failing.move}, and made it so"
    return f"{needs}{now}: {by}."


def _refusal(words: Words, move: GroundMove, refusal: Refusal) -> Iterator[str]:
    name, he = words.name(refusal.person), words.he(refusal.person)
    if refusal.undecided:
        yield f"Whether {name} would is undecided: a limit was reached before that was known."
        return
    said = [f"{name} would not."]
    said += words.mistakes(refusal.mistakes, "believes")
    if move.action.expressive is not None:
        said.append(f"It only slips out when “{words.condition(move.action.expressive, move.binding)}”, and that is not so.")
    elif refusal.hope is None:
        doubts = listed(f"“{words.condition(*doubt)}”" for doubt in refusal.doubts)
        said.append(f"As {he} would see it, it cannot be done at all: that needs {doubts}.")
    else:
        hope = f"The best that {he} can see coming of it is {plan(refusal.hope)}"
        said.append(f"{hope}: worth {number(refusal.hoped)} to {words.him(refusal.person)}, against {number(refusal.now)} now.")
        if refusal.now is not None and refusal.hoped is not None and refusal.hoped > refusal.now:
            said.append("That gain can be had without this move, so the move is no part of it.")
    yield " ".join(said)
    if refusal.changes:
        yield f"{name} would " + ", or ".join(_change(words, change, refusal.person) for change in refusal.changes[:MOST_CHANGES]) + "."
    elif refusal.searched:
        yield f"No change of one or two beliefs or wants would bring {name} to it."
    elif move.action.expressive is None:
        yield f"No small change was found after which {name} would, in as many tries as are made."


def _change(words: Words, change: Change, person: str) -> str:
    return " and ".join(_part(words, part, person) for part in change)


def _part(words: Words, part: Supposed | Without, person: str) -> str:
    if isinstance(part, Without):
        whose = words.his(person) if part.want.person == person else f"{words.name(part.want.person or '')}’s"
        return f"without {whose} want {words.want(part.want)}"
    what = fact(part.fluent.fluent.name, part.fluent.arguments, part.value)
    if not part.chain:
        return f"if {what}"
    further = f"{words.chain(part.chain[1:], 'believed')} that " if len(part.chain) > 1 else ""
    return f"if {words.he(person)} believed that {further}{what}"
