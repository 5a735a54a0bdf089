"""Verbs as the teller needs them: made to agree, in the present and in the past.

A story has its verbs in the third person singular of the present (*laughs*, *is*); every other form comes from that one.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Agreement: TypeAlias = Literal["I", "he", "they"]
"""Whom a verb agrees with: one who tells of themself; one other; several, or one whose pronoun takes plural verbs."""

_PLURALS = {
    "is": "are",
    "isn't": "aren't",
    "was": "were",
    "wasn't": "weren't",
    "has": "have",
    "hasn't": "haven't",
    "does": "do",
    "doesn't": "don't",
    "dies": "die",
    "lies": "lie",
    "ties": "tie",
    "vies": "vie",
}
_OF_ME = {"is": "am", "was": "was"}
_PASTS = {
    "is": "was",
    "isn't": "wasn't",
    "was": "was",
    "wasn't": "wasn't",
    "has": "had",
    "hasn't": "hadn't",
    "does": "did",
    "doesn't": "didn't",
}

_UNCHANGED = "bet burst cast cost cut hit hurt let put quit rid set shed shut slit spit split spread thrust"
_CHANGED = """
arise arose, awake awoke, bear bore, beat beat, become became, begin began, bend bent, bind bound, bite bit, bleed bled,
blow blew, break broke, breed bred, bring brought, build built, buy bought, catch caught, choose chose, cling clung,
come came, creep crept, deal dealt, dig dug, draw drew, dream dreamt, drink drank, drive drove, eat ate, fall fell, feed
fed, feel felt, fight fought, find found, flee fled, fling flung, fly flew, forbid forbade, forget forgot, forgive
forgave, freeze froze, get got, give gave, go went, grind ground, grow grew, hang hung, hear heard, hide hid, hold held,
keep kept, kneel knelt, know knew, lay laid, lead led, lean leant, leap leapt, leave left, lend lent, lie lay, light
lit, lose lost, make made, mean meant, meet met, mistake mistook, overhear overheard, pay paid, read read, ride rode,
ring rang, rise rose, run ran, say said, see saw, seek sought, sell sold, send sent, shake shook, shine shone, shoot
shot, show showed, shrink shrank, sing sang, sink sank, sit sat, sleep slept, slide slid, sling slung, speak spoke,
spend spent, spin span, spring sprang, stand stood, steal stole, stick stuck, sting stung, stink stank, strike struck,
string strung, strive strove, swear swore, sweep swept, swim swam, swing swung, take took, teach taught, tear tore, tell
told, think thought, throw threw, tread trod, undergo underwent, understand understood, undo undid, wake woke, wear
wore, weave wove, weep wept, win won, wind wound, withdraw withdrew, wring wrung, write wrote
"""
_IRREGULAR = {**{verb: verb for verb in _UNCHANGED.split()}, **dict(pair.split() for pair in _CHANGED.split(","))}
_STRESSED_LATE = (
    "admit allot begin commit compel confer control defer equip expel forget incur occur omit permit prefer refer regret transfer"
)
"""Verbs of several syllables with the stress on the last."""


def agreeing(verb: str, agreement: Agreement, tense: Literal["past", "present"] = "present") -> str:
    """``verb``, the third person singular of the present, in that tense and agreement."""
    if tense == "past":
        verb = past(verb)
        return _PLURALS.get(verb, verb) if agreement == "they" else verb
    if agreement == "I":
        return _OF_ME.get(verb) or plural(verb)
    return plural(verb) if agreement == "they" else verb


def plural(verb: str) -> str:
    """The verb as after *they*: ``laughs`` becomes ``laugh``, ``carries`` ``carry``, ``is`` ``are``."""
    if verb in _PLURALS:
        return _PLURALS[verb]
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    if verb.endswith(("sses", "shes", "ches", "xes", "zzes", "oes")):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") else verb


def singular(verb: str) -> str:
    """The verb as after *she*: ``laugh`` becomes ``laughs``, ``carry`` ``carries``, ``go`` ``goes``."""
    if verb in ("be", "have"):
        return {"be": "is", "have": "has"}[verb]
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + ("es" if re.search(r"(?:s|sh|ch|x|z|o)$", verb) else "s")


def past(verb: str) -> str:
    """The past of the third person singular: ``laughs`` becomes ``laughed``, ``goes`` ``went``, ``stops`` ``stopped``."""
    if verb in _PASTS:
        return _PASTS[verb]
    plain = plural(verb)
    if plain in _IRREGULAR:
        return _IRREGULAR[plain]
    if plain.endswith("e"):
        return plain + "d"
    if re.search(r"[^aeiou]y$", plain):
        return plain[:-1] + "ied"
    if plain in _STRESSED_LATE.split() or re.fullmatch(r"(?:qu|[^aeiou])*[aeiou][^aeiouwxy]", plain):
        return f"{plain}{plain[-1]}ed"
    return plain + "ed"
