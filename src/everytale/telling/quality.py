"""How good the prose of a story is, as far as that can be counted: many tales told by seed, and what is wrong with any.

Nothing here knows good prose from bad. It finds what is surely wrong (a sentence told twice, a hole left open, a pronoun that
does not agree, something that the teller could not know), and measures what a reader feels: how many tales there are, which words
are never told, how long sentences are and how easily they read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from everytale.chance import Chance
from everytale.ground import ground
from everytale.story import Story
from everytale.telling.reading import counted, sentences, words
from everytale.telling.script import Alternative, Script
from everytale.telling.tell import LONGEST, MOVES, Teller, Told, wander
from everytale.world import GroundMove, State

IN_A_ROW = 3
"""Sentences in a row that begin alike are heard as alike."""

# ---- what is found ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """What is wrong with the tale of a ``seed``, and the text in which it is."""

    what: str
    seed: int
    text: str


@dataclass(frozen=True)
class Measure:
    """Of one tale: its ``moves``, and of those how many are ``silent`` (nothing is told); its sentences by the number of their
    words; ``ease``, how easily it reads (Flesch 1948: 100 very easily, 0 hardly); in a thousand sentences, how many are the third in a
    row to begin alike."""

    moves: int
    silent: int
    lengths: tuple[int, ...]
    ease: float
    alike: float

    @property
    def words(self) -> int:
        return sum(self.lengths)


@dataclass(frozen=True)
class Quality:
    """What many tales of a story are like, over one shoulder. ``sequences``: how many differ in their moves; ``alternatives``: all that
    is meant for this shoulder, and whether any of them told it."""

    story: Story
    teller: str | None
    measures: tuple[Measure, ...]
    sequences: int
    faults: tuple[Fault, ...]
    alternatives: dict[Alternative, bool]

    def counts(self) -> Counter[str]:
        """How many faults there are of each sort."""
        return Counter(fault.what for fault in self.faults)


def examine(story: Story, tales: int, *, teller: str | None = None, first: int = 0) -> Quality:
    """Tell ``tales`` tales of ``story``, of the seeds from ``first`` on, and look at them. ``teller``: instead of the story's own."""
    world = ground(story)
    script = Script(world, story.teller if teller is None else teller)
    measures: list[Measure] = []
    sequences: set[tuple[int, ...]] = set()
    faults: list[Fault] = []
    reached: set[int] = set()
    wrong: dict[str, list[tuple[str, str]]] = {}
    for seed in range(first, first + tales):
        moves, states = wander(world, Chance(seed, MOVES), LONGEST)
        telling = Teller(script, seed)
        told = telling.tale(moves, states, states[-1].ending)
        sequences.add(tuple(move.index for move in moves))
        reached |= telling.reached
        faults += [Fault(what, seed, text) for what, text in _faults(story, told, telling.refrains, wrong)]
        faults += [Fault("told but not known", seed, text) for text in unknown_to(script.teller, told, moves, states)]
        measures.append(measure(told, len(moves)))
    alternatives = {alternative: number in reached for number, alternative in script.alternatives()}
    return Quality(story, script.teller, tuple(measures), len(sequences), tuple(faults), alternatives)


def shoulders(story: Story) -> list[str | None]:
    """The teller of a story, and everybody else for whom there are words of their own."""
    told = [*(one.told for one in story.actions), *(one.told for one in story.triggers)]
    told += [*(one.told for one in story.endings), *(one.told for one in story.scenes)]
    return list(dict.fromkeys((story.teller, *(passage.teller for passages in told for passage in passages if passage.teller))))


def never_told(over: Iterable[Quality]) -> list[Alternative]:
    """What no tale told over any of these shoulders."""
    told: dict[Alternative, bool] = {}
    for quality in over:
        for alternative, reached in quality.alternatives.items():
            told[alternative] = reached or told.get(alternative, False)
    return [alternative for alternative, reached in told.items() if not reached]


def _faults(story: Story, told: Iterable[Told], refrains: set[str], wrong: dict[str, list[tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    """What is wrong with a tale; ``wrong`` keeps what is wrong with each paragraph, of which many tales have most in common."""
    paragraphs = [paragraph for piece in told for paragraph in piece.paragraphs]
    for paragraph in paragraphs:
        if paragraph not in wrong:
            wrong[paragraph] = [(what, text) for what, find in _WRONG.items() for text in find(paragraph)]
            wrong[paragraph] += (("a wrong pronoun", text) for text in wrong_reflexives(story, paragraph))
        yield from wrong[paragraph]
    yield from (("told twice", text) for text in told_twice(paragraph for paragraph in paragraphs if paragraph not in refrains))


# ---- what is wrong with a text ---------------------------------------------------------------------------------------


def told_twice(paragraphs: Iterable[str]) -> list[str]:
    """Sentences of more than a few words that are there twice."""
    found = Counter(sentence for paragraph in paragraphs for sentence in counted(paragraph).sentences)
    return [sentence for sentence, times in found.items() if times > 1]


def unresolved(paragraph: str) -> list[str]:
    """Braces and underscores: holes and names that are not filled in."""
    return re.findall(r"\S*[{}]\S*|\b\w+_\w+\b", paragraph)


def badly_spaced(paragraph: str) -> list[str]:
    """Doubled spaces, spaces before a stop, stops that are doubled, empty quotation marks."""
    return re.findall(r".{0,20}(?: {2,}| [,.;:!?](?:\s|$)|[,;:]{2}|(?<!\.)\.\.(?!\.)|,\.|“\s*”).{0,20}", paragraph)


def broken_quotes(paragraph: str) -> list[str]:
    """A quotation that does not open, does not close, or opens again; straight marks."""
    quoting = False
    for mark in re.findall('[“”"]', paragraph):
        if mark == '"' or (mark == "“") == quoting:
            return [paragraph]
        quoting = not quoting
    return [paragraph] if quoting else []


_DISAGREEMENTS = re.compile(
    r"\b(?:(?:he|she|it) (?:are|aren’t|have|haven’t|do|don’t)|I (?:is|are|has|does)"
    r"|(?:they|we) (?:is|isn’t|was|wasn’t|has|hasn’t|does|doesn’t))\b",
    re.IGNORECASE,
)
_HELPERS = "can could did do does had let make makes made may might must or shall should than to will would"
_HELPING = frozenset(_HELPERS.split())
"""Words before a pronoun after which the verb need not agree: *did he have*, *let him do*."""


def disagreements(paragraph: str) -> list[str]:
    """A pronoun before a verb that does not agree with it: *they is*."""
    found = _DISAGREEMENTS.finditer(paragraph)
    return [one[0] for one in found if not _HELPING & {word.lower() for word in words(paragraph[: one.start()])[-1:]}]


_A = re.compile(
    r"\b[Aa] (?!uni|us[aeiu]|ut[ei]|eu|ew|one\b|once\b|[UOAEI]\b)[aeiouAEIOU]\w*"
    r"|\b[Aa]n (?!hour|honest|honour|heir|[A-Z]\b|8|11|18)[^aeiouAEIOU\W]\w*"
)


def wrong_articles(paragraph: str) -> list[str]:
    """*A* before a vowel, *an* before none."""
    return _A.findall(paragraph)


_DOUBLED = re.compile(r"\b(?!(?:had|that|was|very|no|so|oh|well|there|is|really|now|far|ha|bye)\b)([a-z]{2,}) \1\b")


def doubled_words(paragraph: str) -> list[str]:
    """A word that stands twice."""
    return [found[0] for found in _DOUBLED.finditer(paragraph)]


def wrong_reflexives(story: Story, paragraph: str) -> list[str]:
    """*Jack ... herself*, where nobody else is in the sentence."""
    found: list[str] = []
    people = [story.entity[name] for name in story.people]
    reflexives = {person.pronouns.reflexive for person in people}
    for sentence in sentences(paragraph):
        inside = words(sentence)
        named = [person for person in people if person.label in inside]
        others = {"he", "she", "they", "one", "you", "somebody", "nobody", "everybody"} & {word.lower() for word in inside}
        if len(named) == 1 and not others and (reflexives - {named[0].pronouns.reflexive}) & set(inside):
            found.append(sentence)
    return found


_WRONG: dict[str, Callable[[str], list[str]]] = {
    "not filled in": unresolved,
    "badly spaced": badly_spaced,
    "a broken quotation": broken_quotes,
    "a verb that does not agree": disagreements,
    "a wrong article": wrong_articles,
    "a doubled word": doubled_words,
}


# ---- what the teller could not know ----------------------------------------------------------------------------------


def unknown_to(teller: str | None, told: Iterable[Told], moves: Sequence[GroundMove], states: Sequence[State]) -> list[str]:
    """What is told of moves that ``teller`` neither saw nor had learned of by then.

    A move told where it is made was seen, by its own condition of who sees it, and the teller believes something of what it made so (if it
    made anything so); or it has words for one who does not see it. One that is told when it is learned was not seen, and the
    teller believes by then something that it made so.
    """
    if teller is None:
        return []
    found: list[str] = []
    step = -1
    for piece in told:
        if piece.occasion == "move":
            step += 1
            move, before, after = moves[step], states[step], states[step + 1]
            written = (*move.action.told, *(passage for trigger in before.world.story.triggers for passage in trigger.told))
            known = saw(teller, move, before) and (before.numbers() == after.numbers() or _believes_some(teller, before, after, after))
            if piece.paragraphs and not known and not any(one.witness == "unseen" for one in written):
                found.append(piece.paragraphs[0])
        elif piece.occasion == "learned" and piece.paragraphs:
            missed = (at for at in range(step + 1) if str(moves[at]) == piece.move and not saw(teller, moves[at], states[at]))
            if not any(_believes_some(teller, states[at], states[at + 1], states[step + 1]) for at in missed):
                found.append(piece.paragraphs[0])
    return found


def saw(person: str, move: GroundMove, before: State) -> bool:
    """Whether ``person`` sees ``move``, as the story has it."""
    observers = move.action.observers
    if observers is None or person in move.consenting:
        return True
    return before.holds(observers.condition, {**move.binding, observers.variable: person})


def _believes_some(person: str, before: State, after: State, then: State) -> bool:
    """Whether ``person`` believes ``then`` something that became so between ``before`` and ``after``."""
    believed = then.believes(person).numbers()
    return any(old != new == taken for old, new, taken in zip(before.numbers(), after.numbers(), believed, strict=True))


# ---- what a reader feels ---------------------------------------------------------------------------------------------


def measure(told: Sequence[Told], moves: int) -> Measure:
    """The figures of one tale."""
    paragraphs = [counted(paragraph) for piece in told for paragraph in piece.paragraphs]
    lengths = tuple(length for paragraph in paragraphs for length in paragraph.lengths)
    beginnings = [word for paragraph in paragraphs for word in paragraph.beginnings]
    rows = zip(*(beginnings[at:] for at in range(IN_A_ROW)), strict=False)
    alike = sum(row[0] != "" and len(set(row)) == 1 for row in rows)
    silent = sum(piece.occasion == "move" and not piece.paragraphs for piece in told)
    ease_of = ease(sum(lengths), len(lengths), sum(paragraph.syllables for paragraph in paragraphs))
    return Measure(moves, silent, lengths, ease_of, 1000 * alike / max(1, len(beginnings)))


def ease(words: int, sentences: int, syllables: int) -> float:
    """Flesch's reading ease of a text of so many: 206.835 - 1.015 words/sentence - 84.6 syllables/word.

    R. Flesch, *A new readability yardstick*, Journal of Applied Psychology 32 (1948).
    """
    return 206.835 - 1.015 * words / sentences - 84.6 * syllables / words if words and sentences else 100.0


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """The tenth, the median and the ninetieth in a hundred of ``values``."""
    if len(values) < 2:
        return (values[0],) * 3 if values else (0, 0, 0)
    tenths = quantiles(values, n=10, method="inclusive")
    return tenths[0], median(values), tenths[-1]
