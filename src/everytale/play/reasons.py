"""Why somebody did what they did, and what they might do next, as far as the player may know it.

While the tale goes on, what is in other people's minds is a spoiler. What the played person *takes* to be in them is not: a
person believes in a state like any other, with people in it who have reasons, and the answer is read there.
"""

from __future__ import annotations

from collections.abc import Iterator

from everytale.answers.why import explain
from everytale.answers.words import Words, why_words
from everytale.minds import Intention, intention, judge
from everytale.play.session import Session, Turn


def why(session: Session, number: int, *, spoilers: bool = False) -> Iterator[str]:
    """Why the move at turn ``number``, counted from 0, was made: paragraphs in plain words.

    With ``spoilers`` the truth; without, what the played person makes of it. Raises ``IndexError`` where there is no such turn.
    """
    turn, words = session.turns[number], Words(session.story)
    if turn.chosen:
        yield _own(words, session.player, turn)
    others = [person for person in turn.move.consenting if person != session.player]
    if turn.move.is_event:
        yield "Nobody chose it: it was an event."
    elif spoilers and others:
        yield from why_words(session.story, explain(number + 1, judge(turn.before, turn.move)), without=session.player)
    elif not turn.before.sees(turn.move, session.player):
        yield f"{words.name(session.player)} did not see it."
    else:
        for person in others:
            yield _as_seen(words, session.player, turn, person)


def expected(session: Session) -> Iterator[str]:
    """What the played person thinks that each of the others might do now: a paragraph for everybody. Raises ``Undecided``.

    It is read in the state that the played person believes in, where the others have reasons as the played person imagines them.
    """
    words, mind = Words(session.story), session.state.believes(session.player)
    might: dict[str, dict[str, None]] = {person: {} for person in session.story.people if person != session.player}
    for move, _ in mind.moves() if session.stopped is None else ():
        for person in might.keys() & set(move.consenting):
            might[person][session.script.label(move, mind, person)] = None
    for person, moves in might.items():
        yield f"{words.name(person)}: {'; '.join(moves) if moves else f'nothing that {words.name(session.player)} can think of'}."


def _own(words: Words, player: str, turn: Turn) -> str:
    reason = intention(turn.before, turn.move, player)
    if reason is None:
        return f"You chose it. {words.name(player)} had no reason to."
    return f"You chose it. {words.name(player)} had a reason{_because(reason)}."


def _as_seen(words: Words, player: str, turn: Turn, person: str) -> str:
    me, who, mind = words.name(player), words.name(person), turn.before.believes(player)
    if turn.move.action.expressive is not None:
        return f"It slipped out of {who}: there was no plan behind it."
    if not mind.holds(turn.move.action.precondition, turn.move.binding):
        return f"It took {me} by surprise: {words.he(player)} had not thought that it could happen."
    reason = intention(mind, turn.move, person)
    if reason is None:
        return f"{me} could see no reason why {who} would."
    return f"As {me} saw it, {who} had something to gain by it{_because(reason)}."


def _because(reason: Intention) -> str:
    return ": " + ", and ".join(reason.because) if reason.because else ""
