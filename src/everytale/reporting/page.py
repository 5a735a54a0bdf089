"""The page: its sections, each a picture and the table behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from everytale.answers.never import Never
from everytale.answers.words import listed, number
from everytale.markup import Html, tag
from everytale.realm.claims import Verdict
from everytale.realm.compare import Ranking
from everytale.realm.explore import Outcome, Realm
from everytale.realm.odds import Bounds
from everytale.realm.tension import Moment
from everytale.reporting.arcs import Arc
from everytale.reporting.fold import Map
from everytale.reporting.pictures import HATCH, UNSEEN, Run, arc_picture, colour, legend, map_picture, often, tension_picture
from everytale.story import Flip
from everytale.telling import typographic
from everytale.world import Trace


@dataclass(frozen=True)
class Told:
    """One tale: as ``written``, or the likeliest; its tension, what people believe along it, and its ``fate``, the number of its ending."""

    tale: Trace
    written: bool
    moments: tuple[Moment, ...]
    arcs: tuple[Arc, ...]
    fate: int


MADE = "Made by Everytale, by going from situation to situation"

STYLE = Html(files("everytale.reporting").joinpath("page.css").read_text(encoding="utf-8"))


def page(realm: Realm, found: Map, told: Told, verdicts: Sequence[Verdict], unmet: Sequence[Never], flips: Ranking[Flip] | None) -> str:
    """The whole page."""
    sections = list(_sections(realm, found, told, verdicts, unmet, flips))
    story = realm.story
    contents = tag("ul", *(tag("li", tag("a", title, href=f"#{name}")) for name, title, _ in sections))
    body = tag(
        "body",
        tag("a", "To the figures", href="#main", class_="skip"),
        tag("svg", HATCH, class_="patterns", **UNSEEN),
        tag(
            "header",
            tag("p", "Every tale of", class_="over"),
            tag("h1", typographic(story.title)),
            tag("p", _sum(realm), class_="lead"),
            tag("nav", contents, aria_label="Contents"),
        ),
        tag("main", *(_section(*one) for one in sections), id="main", tabindex="-1"),
        tag(
            "footer",
            tag("p", _certain(realm)),
        ),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", http_equiv="Content-Security-Policy", content="default-src 'none'; style-src 'unsafe-inline'"),
        tag("title", f"Every tale of {typographic(story.title)}"),
        tag("style", STYLE),
    )
    return "<!doctype html>\n" + tag("html", head, body, lang="en") + "\n"


def _section(name: str, title: str, content: Iterable[str]) -> Html:
    return tag("section", tag("h2", title, id=f"{name}-title"), *content, id=name, aria_labelledby=f"{name}-title")


def _sections(
    realm: Realm, found: Map, told: Told, verdicts: Sequence[Verdict], unmet: Sequence[Never], flips: Ranking[Flip] | None
) -> Iterator[tuple[str, str, list[Html]]]:
    yield "endings", "How it ends", list(_endings(realm))
    if len(found.places) > 1:
        yield "map", "The map", list(_map(realm, found, told))
    if told.tale.moves:
        yield "tale", "The tale as written" if told.written else "The likeliest tale", list(_tale(realm, told))
        minds = list(_minds(realm, told))
        if minds:
            yield "minds", "What they believe and feel", minds
    if verdicts:
        yield "claims", "What its author claims", list(_claims(verdicts))
    if unmet:
        yield "never", "What never happens" if realm.status == "whole" else "What was not met", list(_never(unmet))
    if flips is not None and flips.changes:
        yield "flips", "Under other premises", list(_flips(realm, flips))


def _sum(realm: Realm) -> str:
    many = f"{_many(realm.situations, 'situation')} and {_moves(realm.transitions)} between them"
    played = f", with {realm.story.entity[realm.player].label} played by somebody" if realm.player is not None else ""
    if realm.status == "whole":
        return f"{many}{played}: all that can come about when everybody acts for reasons of their own."
    return f"{many}{played}, which is not all: the odds lie between the bounds given here, whatever the rest may be."


def _certain(realm: Realm) -> str:
    if realm.status == "whole":
        return (
            f"{MADE}, through every situation that this story can come to: nothing is sampled, and odds are certain to nine decimal places."
        )
    return f"{MADE}: nothing is sampled, and where two numbers are given, the truth lies between them for certain."


# ---- how it ends -------------------------------------------------------------------------------------------------------


def _endings(realm: Realm) -> Iterator[Html]:
    endings = len(realm.story.endings)
    played = realm.player is not None
    rows = []
    for column, one in enumerate(realm.outcomes):
        if column >= endings and one.odds.high == 0:
            continue
        name = tag("th", tag("span", class_=f"swatch {colour(column, endings)}"), _title(realm, column), scope="row")
        cells = [tag("td", _bar(one.evenly, colour(column, endings)), class_="bar"), tag("td", str(one.evenly), class_="number")]
        if played:
            cells += [tag("td", str(one.least), class_="number"), tag("td", str(one.most), class_="number")]
        cells.append(tag("td", _soonest(one), class_="number soonest"))
        rows.append(tag("tr", name, *cells))
    heads = ["Ending", "", "Odds", *(["At least", "At most"] if played else []), "Soonest"]
    yield _table(heads, rows, class_="endings", numbers=range(2, len(heads)))
    if played and realm.player is not None:
        person = realm.story.entity[realm.player].label
        words = f"The odds are those of a player who chooses evenly; at least and at most, what {person} can bring about."
        yield tag("p", words, class_="note")


def _soonest(one: Outcome) -> str:
    if one.shortest is None:
        return "never" if one.odds.high == 0 else "–"
    return _moves(one.shortest)


def _title(realm: Realm, column: int, *, short: bool = False) -> str:
    others = "No ending: nothing more can happen", "No end: it goes on for ever"
    endings = len(realm.story.endings)
    return typographic(realm.names[column]) if short or column < endings else others[column - endings]


def _moves(count: int) -> str:
    return _many(count, "move")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _bar(odds: Bounds, kind: str) -> Html:
    style = f"--low:{100 * odds.low:.4f}%;--high:{100 * odds.high:.4f}%"
    return tag("span", tag("span", class_=f"fill {kind}"), class_="track", style=style, aria_hidden="true")


# ---- the map -----------------------------------------------------------------------------------------------------------


def _map(realm: Realm, found: Map, told: Told) -> Iterator[Html]:
    endings = len(realm.story.endings)
    by = listed(found.facts) if found.facts else "nothing but the endings"
    view = f"the view “{found.title}”: " if found.title else ""
    how = f"All situations, folded by {view}{by}."
    differs = " A place says in what it differs from the first." if found.facts else ""
    tale = f" The line with dots is the {'tale as written' if told.written else 'likeliest tale'}." if found.tale else ""
    rest = "" if found.all else " Tales that go on for very long are left off at some point."
    caption = f"{how} Tales run from left to right; a bar is as tall, and a band as wide, as tales go there.{differs}{tale}{rest}"
    yield _figure(map_picture(found, endings), "The map of the realm", caption)
    order = sorted(range(len(found.places)), key=lambda place: (found.places[place].ending is not None, found.places[place].time))
    rows = []
    for place in order:
        one = found.places[place]
        out = sorted(((much, other) for (source, other), much in found.flow.items() if source == place), reverse=True)
        leads = [f"{', '.join(found.places[other].name)} ({often(much)})" for much, other in out[:4] if much > 1e-4]
        times = f"{one.visits:.2f}" if one.visits > 1 + 1e-6 else ""
        passing = "–" if one.passing is None else str(one.passing)
        figures = [tag("td", cell, class_="number") for cell in (passing, times, f"{one.situations:,}")]
        rows.append(tag("tr", tag("th", ", ".join(one.name), scope="row"), *figures, tag("td", "; ".join(leads) or "–")))
    table = _table(["Place", "Odds of coming there", "Times a tale", "Situations", "Leads to"], rows, numbers=range(1, 4))
    yield tag("details", tag("summary", "The map as a table"), table)


# ---- a tale ------------------------------------------------------------------------------------------------------------


def _tale(realm: Realm, told: Told) -> Iterator[Html]:
    endings = len(realm.story.endings)
    shown = [column for column in range(len(realm.names)) if any(one.odds[column].high > 1e-6 for one in told.moments)]
    end = f"It ends with “{_title(realm, told.fate)}”" if 0 <= told.fate < endings else "It comes to no ending"
    peak = max(range(len(told.moments)), key=lambda k: told.moments[k].suspense.middle)
    before = f"after move {peak}, {told.tale.moves[peak - 1]}" if peak else "at its start"
    turn = max(range(len(told.moments)), key=lambda k: told.moments[k].surprise.middle)
    turned = f" What turns it most is move {turn}, {told.tale.moves[turn - 1]}." if turn else ""
    yield tag("p", f"{end} after {_moves(len(told.tale.moves))}. Suspense is greatest {before}.{turned}")
    yield legend((_title(realm, column, short=True), colour(column, endings)) for column in shown)
    caption = (
        "The odds of every ending after each move; below them suspense (the expected variance of the next odds) "
        "and surprise (how far the odds have just moved)."
    )
    yield _figure(tension_picture(told.moments, endings), "Odds and tension along the tale", caption)
    rows = []
    for k, one in enumerate(told.moments):
        move = str(told.tale.moves[k - 1]) if k else "the start"
        cells = [_three(one.suspense), _three(one.surprise) if k else "", *(str(one.odds[column]) for column in shown)]
        figures = [tag("td", cell, class_="number") for cell in cells]
        rows.append(tag("tr", tag("td", str(k), class_="number"), tag("th", move, scope="row", class_="move"), *figures))
    heads = ["", "After", "Suspense", "Surprise", *(_title(realm, column, short=True) for column in shown)]
    yield tag("details", tag("summary", "Move by move"), _table(heads, rows, numbers=range(2, len(heads))))


def _three(bounds: Bounds) -> str:
    low, high = f"{bounds.low:.3f}", f"{bounds.high:.3f}"
    return low if bounds.high - bounds.low < 1e-6 else f"{low} to {high}"


def _minds(realm: Realm, told: Told) -> Iterator[Html]:
    for arc in told.arcs:
        if not arc.lanes and len(set(arc.worth)) < 2:
            continue
        name = realm.story.entity[arc.person].label
        worth = [None if one is None else float(one) for one in arc.worth]
        yield tag("h3", name)
        caption = f"What {name} believes, move by move. Hatched: {name} is wrong about it."
        if len(set(arc.worth)) > 1:
            caption += f" The line: how well things stand, by {name}’s own wants."
        yield _figure(arc_picture(arc.lanes, worth, len(told.moments)), f"What {name} believes along the tale", caption)
        rows = [tag("tr", tag("th", lane, scope="row"), tag("td", _spoken(runs))) for lane, runs in arc.lanes]
        if len(set(arc.worth)) > 1:
            steps = [f"{number(one)} from move {k}" for k, one in enumerate(arc.worth) if not k or one != arc.worth[k - 1]]
            rows.insert(0, tag("tr", tag("th", "how well it stands", scope="row"), tag("td", "; ".join(steps))))
        yield tag("details", tag("summary", f"{name} in a table"), _table(["Fact", f"As {name} believes, from which move on"], rows))


def _spoken(runs: Sequence[Run]) -> str:
    """Runs in words: a value, from which move on, and what is so where it is not."""
    words = []
    for run in runs:
        truth = f" (in truth {run.truth})" if run.truth is not None else ""
        words.append(f"{run.value}{truth} {f'from move {run.begin}' if run.begin else 'at the start'}")
    return "; ".join(words)


# ---- claims ------------------------------------------------------------------------------------------------------------


def _claims(verdicts: Sequence[Verdict]) -> Iterator[Html]:
    rows = []
    for one in verdicts:
        title = [tag("em", typographic(one.claim.title)), ": "] if one.claim.title else []
        rows.append(
            tag(
                "tr",
                tag("td", one.answer, class_=f"verdict {one.answer}"),
                tag("th", *title, one.claim.text, scope="row"),
                tag("td", _shown(one)),
            )
        )
    yield _table(["", "Claim", "Shown by"], rows)


def _shown(verdict: Verdict) -> str:
    """What there is to show for a verdict."""
    found = [] if verdict.odds is None else [f"The odds are {verdict.odds}."]
    if verdict.trace is not None:
        moves = [str(move) for move in verdict.trace.moves]
        before, after = moves[: verdict.loop], moves[verdict.loop :] if verdict.loop is not None else []
        found.append("; ".join(before) or "the start")
        if after:
            found.append(f"then for ever: {'; '.join(after)}")
    return " ".join([*found, verdict.why]).strip()


# ---- what never happens --------------------------------------------------------------------------------------------------


def _never(unmet: Sequence[Never]) -> Iterator[Html]:
    rows = []
    for one in unmet:
        name = f"“{typographic(one.name)}”" if one.what in ("ending", "text", "scene") else one.name
        rows.append(tag("tr", tag("td", one.what), tag("th", name, scope="row"), tag("td", one.obstacle.because)))
    yield _table(["", "Of the story", "What stands in the way"], rows)


# ---- under other premises ----------------------------------------------------------------------------------------------


def _flips(realm: Realm, flips: Ranking[Flip]) -> Iterator[Html]:
    yield tag("p", "One premise is another, and everything follows anew. Of a hundred tales, so many turn out otherwise:", class_="note")
    assert flips.before is not None
    sides = [flips.before, *(one.after for one in flips.changes)]
    columns = [column for column in range(len(realm.names)) if any(side.odds[column].high > 0 for side in sides)]
    before = [tag("td", str(flips.before.odds[column]), class_="number") for column in columns]
    rows = [tag("tr", tag("th", "as it is", scope="row"), tag("td"), *before)]
    for one in flips.changes:
        cells = [tag("td", str(one.distance), class_="number")]
        for column in columns:
            shift = one.shifts[column]
            note = " won" if shift.won else " lost" if shift.lost else ""
            moved = abs(shift.change.middle) > 1e-6
            cells.append(tag("td", str(shift.after), tag("small", note) if note else "", class_="number" if moved else "number same"))
        rows.append(tag("tr", tag("th", typographic(one.by.title), scope="row"), *cells))
    heads = ["Premise", "Otherwise", *(_title(realm, column, short=True) for column in columns)]
    yield _table(heads, rows, class_="flips", numbers=range(1, len(heads)))


# ---- what they share ---------------------------------------------------------------------------------------------------


def _figure(picture: Html, name: str, caption: str) -> Html:
    window = tag("div", picture, class_="window", tabindex="0", role="group", aria_label=f"{name}: a picture; a table follows it")
    return tag("figure", window, tag("figcaption", caption))


def _table(heads: Sequence[str], rows: Sequence[Html], *, class_: str | None = None, numbers: Iterable[int] = ()) -> Html:
    right = set(numbers)
    cells = [tag("th", head, scope="col", class_="number" if k in right else None) if head else tag("td") for k, head in enumerate(heads)]
    table = tag("table", tag("thead", tag("tr", *cells)), tag("tbody", *rows), class_=class_)
    return tag("div", table, class_="window")


__all__ = ["STYLE", "Told", "page"]
