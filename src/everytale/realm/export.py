"""A realm in the forms that others read: pictures (dot, graphml), model checkers (prism, drn), data (json).

A situation's *label* is what became of it: ``end0`` for the first ending and so on, ``dead_end``, or ``open`` where it is not known what
follows. Situations where nothing follows lead to themselves in the forms that need a move from everywhere. With a played person
the model is a Markov decision process: each of their moves is a choice, and to let chance draw is another, ``wait``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from xml.sax.saxutils import escape, quoteattr

from everytale.realm.explore import DEAD_END, GOES_ON, OPEN, Realm


@dataclass(frozen=True)
class Option:
    """What can be done in a situation: a move of the player, or ``None``, to let chance draw; where it leads, with which odds."""

    move: str | None
    odds: dict[int, Fraction]


def exported(realm: Realm, to: str) -> Iterator[str]:
    """The lines of ``realm`` in one of :data:`FORMS`."""
    return FORMS[to](realm)


def options(realm: Realm, situation: int) -> list[Option]:
    """What can be done in a situation. Without a player there is one option, or none where nothing follows."""
    links = realm.links(situation)
    chosen = int(realm.columns["chosen"][situation]) if realm.player is not None and links else 0
    found = [Option(str(move), {target: Fraction(1)}) for move, _, target in links[:chosen]]
    drawn, odds = links[chosen:], dict[int, Fraction]()
    total = sum((weight for _, weight, _ in drawn), Fraction(0))
    for _, weight, target in drawn:
        odds[target] = odds.get(target, Fraction(0)) + weight / total
    return [*found, Option(None, odds)] if odds else found


def label(realm: Realm, situation: int) -> str | None:
    """What became of it, in a word; ``None``: it goes on."""
    fate = int(realm.fate[situation])
    return {OPEN: "open", GOES_ON: None, DEAD_END: "dead_end"}.get(fate, f"end{fate}")


def _meanings(realm: Realm) -> list[str]:
    """What the labels mean, for a comment."""
    titles = [f"end{number}: {' '.join(ending.title.split())}" for number, ending in enumerate(realm.story.endings)]
    return [" ".join(realm.story.title.split()), f"{realm.situations} situations, the realm is {realm.status}", *titles]


# ---- model checkers ---------------------------------------------------------------------------------------------------


def _drn(realm: Realm) -> Iterator[str]:
    """Storm's explicit format."""
    choices = [options(realm, situation) for situation in range(realm.situations)]
    yield from (f"// {line}" for line in _meanings(realm))
    yield f"@type: {'DTMC' if realm.player is None else 'MDP'}"
    yield from ("@parameters", "", "@reward_models", "", "@nr_states", str(realm.situations))
    yield from ("@nr_choices", str(sum(max(len(its), 1) for its in choices)), "@model")
    for situation, its in enumerate(choices):
        labels = [*(["init"] if situation == 0 else []), *([found] if (found := label(realm, situation)) else [])]
        yield " ".join(["state", str(situation), *labels])
        for number, option in enumerate(its or [Option(None, {situation: Fraction(1)})]):
            yield f"\taction {number}"
            yield from (f"\t\t{target} : {odds}" for target, odds in sorted(option.odds.items()))


def _prism(realm: Realm) -> Iterator[str]:
    """The language of PRISM and Storm; odds are exact."""
    yield "dtmc" if realm.player is None else "mdp"
    yield from (f"// {line}" for line in _meanings(realm))
    yield "module story"
    yield f"  s : [0..{max(realm.situations - 1, 1)}] init 0;"
    for situation in range(realm.situations):
        for option in options(realm, situation) or [Option(None, {situation: Fraction(1)})]:
            name = "" if realm.player is None else "wait" if option.move is None else re.sub(r"\W+", "_", option.move).strip("_")
            update = " + ".join(f"{odds}:(s'={target})" for target, odds in sorted(option.odds.items()))
            yield f"  [{name}] s={situation} -> {update};"
    yield "endmodule"
    names = [*(f"end{number}" for number in range(len(realm.story.endings))), "dead_end", "open"]
    labels: dict[str, list[int]] = {name: [] for name in names}
    for situation in range(realm.situations):
        if (found := label(realm, situation)) is not None:
            labels[found].append(situation)
    for name, situations in labels.items():
        yield f'label "{name}" = {" | ".join(f"s={one}" for one in situations) or "false"};'


# ---- pictures and data -------------------------------------------------------------------------------------------------


def _edges(realm: Realm, situation: int) -> Iterator[tuple[str, int, Fraction, bool]]:
    """The moves from a situation: which, where to, its odds where it is drawn, whether the player chooses it."""
    links = realm.links(situation)
    chosen = int(realm.columns["chosen"][situation]) if realm.player is not None and links else 0
    total = sum((weight for _, weight, _ in links[chosen:]), Fraction(0))
    for number, (move, weight, target) in enumerate(links):
        yield str(move), target, Fraction(1) if number < chosen else weight / total, number < chosen


def _title(realm: Realm, situation: int) -> str | None:
    fate = int(realm.fate[situation])
    return realm.story.endings[fate].title if fate >= 0 else {OPEN: "open", DEAD_END: "dead end"}.get(fate)


def _dot(realm: Realm) -> Iterator[str]:
    """Graphviz."""
    yield f"digraph {json.dumps(realm.story.title, ensure_ascii=False)} {{"
    yield '  node [shape=circle, label="", width=0.15]; edge [fontsize=9];'
    for situation in range(realm.situations):
        title = _title(realm, situation)
        if title is not None or situation == 0:
            shape = "doublecircle" if realm.fate[situation] >= 0 else "box" if title else "circle"
            yield f"  {situation} [shape={shape}, label={json.dumps(title or 'start', ensure_ascii=False)}];"
        for move, target, odds, chosen in _edges(realm, situation):
            style = ", style=bold" if chosen else ""
            yield f"  {situation} -> {target} [label={json.dumps(f'{move} {odds}' if odds != 1 else move, ensure_ascii=False)}{style}];"
    yield "}"


def _graphml(realm: Realm) -> Iterator[str]:
    """What Gephi, yEd, igraph and networkx read."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    keys = (("fate", "node", "string"), ("move", "edge", "string"), ("odds", "edge", "double"), ("chosen", "edge", "boolean"))
    yield from (f'  <key id="{name}" for="{of}" attr.name="{name}" attr.type="{kind}"/>' for name, of, kind in keys)
    yield f'  <graph id={quoteattr(realm.story.title)} edgedefault="directed">'
    for situation in range(realm.situations):
        title = _title(realm, situation)
        yield f'    <node id="{situation}">' + (f'<data key="fate">{escape(title)}</data>' if title else "") + "</node>"
    for situation in range(realm.situations):
        for move, target, odds, chosen in _edges(realm, situation):
            values = {"move": escape(move), "odds": repr(float(odds)), "chosen": str(chosen).lower()}
            data = "".join(f'<data key="{name}">{value}</data>' for name, value in values.items())
            yield f'    <edge source="{situation}" target="{target}">{data}</edge>'
    yield "  </graph>"
    yield "</graphml>"


def _json(realm: Realm) -> Iterator[str]:
    """One JSON value, a situation a line."""
    titles = [ending.title for ending in realm.story.endings]
    head = {"title": realm.story.title, "status": realm.status, "player": realm.player, "endings": titles}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "situations": ['
    for situation in range(realm.situations):
        facts = {str(fluent): _plain(value) for fluent, value in realm.state(situation).values().items()}
        moves = [
            {"move": move, "to": target, "odds": [odds.numerator, odds.denominator], "chosen": chosen}
            for move, target, odds, chosen in _edges(realm, situation)
        ]
        one = {"situation": situation, "fate": _title(realm, situation), "facts": facts, "moves": moves}
        yield json.dumps(one, ensure_ascii=False) + ("," if situation < realm.situations - 1 else "")
    yield "]}"


def _plain(value: object) -> object:
    return (int(value) if value.denominator == 1 else float(value)) if isinstance(value, Fraction) else value


FORMS: dict[str, Callable[[Realm], Iterator[str]]] = {"dot": _dot, "graphml": _graphml, "prism": _prism, "drn": _drn, "json": _json}
