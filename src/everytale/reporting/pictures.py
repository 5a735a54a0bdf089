"""Pictures as inline SVG: the map of a realm, the odds and the tension of a tale, what somebody believes along it.

They are drawn for the eye alone; the page has a table of what each of them shows. Colours are those of the page (``page.css``).
With a ``head`` (a title, a style) each is a picture of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap

from everytale.markup import Html, tag
from everytale.realm.odds import percent
from everytale.realm.tension import Moment
from everytale.reporting.fold import Map

COLOURS = 8
"""How many colours for ways to turn out the page has."""
UNSEEN = {"aria_hidden": "true", "focusable": "false"}
"""What is for the eye alone."""


def colour(column: int, endings: int) -> str:
    """The class that colours a way to turn out: an ending, or (from ``endings`` on) none."""
    return f"c{column % COLOURS}" if column < endings else "none"


# ---- the map -----------------------------------------------------------------------------------------------------------

HEIGHT, BAR, GAP, LINE = 300, 10, 16, 14
MARGIN, TOP = 4, 18
WIDTH, NARROWEST, WIDEST = 1040, 97, 220
"""How wide the map is, if it can be, and how far its layers lie apart at least and at most."""
MOST_LAYERS = 9
LEAST = 3
"""The height of the smallest bar."""
VISIBLE = 0.004
"""A flow below that is not drawn."""
LETTER, MOST_LETTERS = 6.7, 18
"""How wide a letter is, and how many stand in one line of the name of an ending."""


@dataclass
class _Bar:
    x: float
    y: float
    height: float
    out: float = 0
    into: float = 0


def map_picture(found: Map, endings: int, *head: Html) -> Html:
    """Places as bars from left to right, as tall as tales come there; bands between them, as wide as tales go that way."""
    layers = _layers(found)
    scale = HEIGHT / max(sum(found.places[place].visits for place in layer) for layer in layers)
    longest = max(len(line) for place in layers[-1] for line in _label(found, place))
    last = BAR + 10 + LETTER * max(longest, 8)
    column = min(WIDEST, max(NARROWEST, (WIDTH - 2 * MARGIN - last) / max(1, len(layers) - 1)))
    rooms = [column] * (len(layers) - 1) + [last]
    bars, tall = _stacked(found, layers, scale, column)
    ribbons = [_ribbon(found, bars, one, other, much, scale, endings) for (one, other), much in _drawn(found, bars)]
    shapes = [
        _shape(found, bars, place, endings, int((room - BAR - 6) / LETTER))
        for layer, room in zip(layers, rooms, strict=True)
        for place in layer
    ]
    line, dots = _way(found, bars)
    return _svg("map", MARGIN * 2 + sum(rooms), tall + TOP, head, tag("g", *ribbons), line, tag("g", *shapes), dots)


def _svg(name: str, width: float, height: float, head: Sequence[Html], *parts: Html) -> Html:
    shown = {"xmlns": "http://www.w3.org/2000/svg", "role": "img"} if head else UNSEEN
    box = f"0 0 {width:.0f} {height:.0f}"
    return tag("svg", *head, *parts, class_=name, viewBox=box, width=f"{width:.0f}", height=f"{height:.0f}", **shown)


def _layers(found: Map) -> list[list[int]]:
    """The places from left to right: each behind those from which most of its tales come, endings last; and those of one layer
    from top to bottom, near those that they are tied to."""
    inner = [place for place in range(len(found.places)) if found.places[place].ending is None]
    inner.sort(key=lambda place: (place != found.start, found.places[place].time, place))
    at: dict[int, int] = {}
    for place in inner:
        before = [
            at[one]
            for (one, other), much in found.flow.items()
            if other == place
            and one in at
            and much >= 0.1 * found.places[place].visits
            and found.places[one].time < found.places[place].time
        ]
        at[place] = 0 if place == found.start else max(before, default=0) + 1
    deep = max(at.values(), default=0)
    if deep >= MOST_LAYERS:
        at = {place: round(layer * (MOST_LAYERS - 1) / deep) for place, layer in at.items()}
    last = max(at.values(), default=-1) + 1
    at |= {place: last for place in range(len(found.places)) if found.places[place].ending is not None}
    layers: list[list[int]] = [[] for _ in range(last + 1)]
    for place in sorted(at, key=lambda place: (found.places[place].ending is not None, -found.places[place].visits)):
        layers[at[place]].append(place)
    layers = [layer for layer in layers if layer]
    if layers and found.places[layers[-1][0]].ending is not None:
        layers[-1].sort(key=lambda place: found.places[place].ending or 0)
    for sweep in range(6):
        order = {place: k / max(1, len(layer) - 1) if len(layer) > 1 else 0.5 for layer in layers for k, place in enumerate(layer)}
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            pull = {place: _pull(found, place, order) for place in layer}
            layer.sort(key=lambda place: pull[place])
            order |= {place: k / max(1, len(layer) - 1) if len(layer) > 1 else 0.5 for k, place in enumerate(layer)}
    return layers


def _pull(found: Map, place: int, order: dict[int, float]) -> float:
    """Where a place is drawn to by its flows."""
    total = weighted = 1e-12
    weighted *= order[place]
    for (one, other), much in found.flow.items():
        if place in (one, other):
            total += much
            weighted += much * order[other if one == place else one]
    return weighted / total


def _stacked(found: Map, layers: list[list[int]], scale: float, column: float) -> tuple[dict[int, _Bar], float]:
    def room(place: int) -> float:
        return max(LEAST, found.places[place].visits * scale, LINE * len(_label(found, place)))

    tall = max(sum(map(room, layer)) + GAP * (len(layer) - 1) for layer in layers)
    bars = {}
    for k, layer in enumerate(layers):
        used = sum(map(room, layer))
        gap = GAP if len(layer) == 1 else min(3 * GAP, (tall - used) / (len(layer) - 1))
        y = TOP / 2 + (tall - used - gap * (len(layer) - 1)) / 2
        for place in layer:
            height = max(LEAST, found.places[place].visits * scale)
            bars[place] = _Bar(MARGIN + k * column, y + (room(place) - height) / 2, height)
            y += room(place) + gap
    return bars, tall + TOP / 2


def _drawn(found: Map, bars: dict[int, _Bar]) -> list[tuple[tuple[int, int], float]]:
    """The flows that are wide enough to be seen, and those of the tale; ordered so that bands leave and come in without crossing."""
    tale = set(pairwise(found.tale))
    seen = [(pair, much) for pair, much in found.flow.items() if much >= VISIBLE or pair in tale]
    return sorted(seen, key=lambda one: (bars[one[0][1]].y, bars[one[0][0]].y))


def _ribbon(found: Map, bars: dict[int, _Bar], one: int, other: int, much: float, scale: float, endings: int) -> Html:
    source, target, width = bars[one], bars[other], max(0.75, much * scale)
    y0, y1 = source.y + source.out + width / 2, target.y + target.into + width / 2
    source.out += width
    target.into += width
    x0, x1 = source.x + BAR, target.x
    ending = found.places[other].ending
    kind = colour(ending, endings) if ending is not None else "flow"
    if x1 <= x0:  # it goes back, below everything
        low = max(bar.y + bar.height for bar in bars.values()) + 8
        turn = f"C{x0 + 40:.1f} {y0:.1f} {x0 + 40:.1f} {low:.1f} {(x0 + x1) / 2:.1f} {low:.1f}"
        path = f"M{x0:.1f} {y0:.1f}{turn}S{x1 - 40:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        kind += " back"
    else:
        bend = (x1 - x0) / 2
        path = f"M{x0:.1f} {y0:.1f}C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    words = f"{', '.join(found.places[one].name)} → {', '.join(found.places[other].name)}: {often(much)}"
    return tag("path", tag("title", words), d=path, class_=f"band {kind}", stroke_width=f"{width:.2f}")


def _label(found: Map, place: int) -> list[str]:
    """What stands beside a place: in what it differs from the first, and the odds of coming there."""
    one, first = found.places[place], found.places[found.start]
    figure = str(one.passing) if one.passing is not None else f"{one.visits:.2f} times"
    if one.ending is not None:
        return [*wrap(one.name[0], MOST_LETTERS), figure]
    if place == found.start or len(one.name) != len(first.name):
        return [*one.name, figure]
    return [*(name for name, its in zip(one.name, first.name, strict=True) if name != its), figure]


def _shape(found: Map, bars: dict[int, _Bar], place: int, endings: int, room: int) -> Html:
    one, bar = found.places[place], bars[place]
    kind = colour(one.ending, endings) if one.ending is not None else "place"
    *_, figure = lines = _label(found, place)
    middle = bar.y + bar.height / 2
    y = middle - LINE * (len(lines) - 1) / 2 + 4
    if place in found.tale and bar.height / 2 > LINE * len(lines) + TOP:  # above the line of the tale
        y = middle - LINE * len(lines) + 4
    spans = [
        tag(
            "tspan",
            line if one.ending is not None else cut_fact(line, room),
            x=f"{bar.x + BAR + 6:.1f}",
            y=f"{y + LINE * k:.1f}",
            class_="odds" if k == len(lines) - 1 else None,
        )
        for k, line in enumerate(lines)
    ]
    return tag(
        "g",
        tag("title", f"{', '.join(one.name)}: {figure}"),
        tag("rect", x=f"{bar.x:.1f}", y=f"{bar.y:.1f}", width=BAR, height=f"{bar.height:.1f}", rx=2, class_=kind),
        tag("text", *spans),
    )


def cut_fact(text: str, most: int) -> str:
    """At most so many letters of a fact: its value whole if that can be, the initials of who believes it (``J·I: awaited``)."""
    *people, what = text.split(": ") if len(text) > most else [text]
    if people:
        text = f"{'·'.join(name[:1] for name in people)}: {what}"
    fact, equals, value = text.rpartition(" = ")
    left = most - len(equals) - len(value)
    return cut(fact, left) + equals + value if equals and left >= 3 else cut(text, most)


def _way(found: Map, bars: dict[int, _Bar]) -> tuple[Html, Html]:
    """The given tale, from place to place: its line, and its dots."""
    if not found.tale:
        return Html(""), Html("")
    points = [(bars[place].x + BAR / 2, bars[place].y + bars[place].height / 2) for place in found.tale]
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        if x1 > x0:
            path += f"C{(x0 + x1) / 2:.1f} {y0:.1f} {(x0 + x1) / 2:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        else:
            path += f"C{x0 + 50:.1f} {y0 + 40:.1f} {x1 - 50:.1f} {y1 + 40:.1f} {x1:.1f} {y1:.1f}"
    dots = [tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=3.5) for x, y in dict.fromkeys(points)]
    return tag("path", d=path, class_="way"), tag("g", *dots, class_="way")


def often(much: float) -> str:
    """How often tales go a way, in words."""
    return f"{percent(much, much)} of all tales" if much <= 1 else f"{much:.2f} times a tale"


# ---- a tale ------------------------------------------------------------------------------------------------------------

LEFT, ODDS, TENSION = 44, 150, 64


def _step(moves: int) -> float:
    """How wide a move is."""
    return min(96.0, max(13.0, 800 / max(1, moves)))


def tension_picture(moments: Sequence[Moment], endings: int, *head: Html, names: Sequence[str] = ()) -> Html:
    """The odds of every way to turn out, one on the other; below them suspense as a line, and surprise as bars.

    ``names`` of all ways to turn out: below stands what the colours mean."""
    step = _step(len(moments) - 1)
    x = [LEFT + k * step for k in range(len(moments))]
    width = x[-1] + 24
    low = [0.0] * len(moments)
    areas, drawn = list[Html](), list[int]()
    for column in range(len(moments[0].odds)):
        high = [a + one.odds[column].middle for a, one in zip(low, moments, strict=True)]
        if any(b - a > 1e-4 for a, b in zip(low, high, strict=True)):
            top = " ".join(f"{at:.1f},{ODDS * (1 - min(1, y)) + 8:.1f}" for at, y in zip(x, high, strict=True))
            bottom = " ".join(f"{at:.1f},{ODDS * (1 - min(1, y)) + 8:.1f}" for at, y in reversed(list(zip(x, low, strict=True))))
            areas.append(tag("polygon", points=f"{top} {bottom}", class_=f"area {colour(column, endings)}"))
            drawn.append(column)
        low = high
    upper, lower = ODDS + 30 + TENSION, ODDS + 50 + 2 * TENSION
    tense, peak = _scaled([one.suspense.middle for one in moments])
    turns, most = _scaled([one.surprise.middle for one in moments])
    line = " ".join(f"{at:.1f},{upper - height:.1f}" for at, height in zip(x, tense, strict=True))
    bars = [
        tag("rect", x=f"{at - 2.5:.1f}", y=f"{lower - height:.1f}", width=5, height=f"{height:.1f}", rx=1)
        for at, height in zip(x, turns, strict=True)
    ]
    return _svg(
        "tension",
        max(width, *(LEFT + 16 + LETTER * len(name) for name in names)) if names else width,
        lower + 24 + (LINE * (len(drawn) + 1) if names else 0),
        head,
        tag("g", *areas),
        _axis(ODDS + 8, 8, width, "100%", "0%"),
        tag("polyline", points=line, class_="suspense"),
        _axis(upper, upper - TENSION, width, f"{peak:.2f}", "0", "suspense"),
        tag("g", *bars, class_="surprise"),
        _axis(lower, lower - TENSION, width, f"{most:.2f}", "0", "surprise"),
        _numbers(x, lower + 16),
        *(_meaning(names[column], colour(column, endings), lower + 24 + LINE * (k + 1)) for k, column in enumerate(drawn if names else [])),
    )


def _meaning(name: str, kind: str, y: float) -> Html:
    """What a colour means, in a line of its own."""
    return tag(
        "g",
        tag("rect", x=LEFT, y=f"{y - 9:.1f}", width=BAR, height=BAR, class_=f"area {kind}"),
        tag("text", name, x=LEFT + 16, y=f"{y:.1f}"),
    )


def _scaled(values: Sequence[float]) -> tuple[list[float], float]:
    """Heights of values in a picture, and what the greatest height stands for."""
    most = max(0.01, *values)
    return [TENSION * value / most for value in values], most


def _axis(zero: float, top: float, width: float, high: str, low: str, name: str = "") -> Html:
    return tag(
        "g",
        tag("text", name, x=LEFT + 6, y=f"{top + 4:.1f}"),
        tag("line", x1=LEFT, x2=f"{width - 24:.1f}", y1=zero, y2=zero),
        tag("text", high, x=LEFT - 8, y=f"{top + 4:.1f}", text_anchor="end"),
        tag("text", low, x=LEFT - 8, y=f"{zero + 4:.1f}", text_anchor="end"),
        class_="axis",
    )


def _numbers(x: Sequence[float], y: float) -> Html:
    """Numbers of moves below a picture, as many as there is room for."""
    every = max(1, round(28 / (x[1] - x[0]))) if len(x) > 1 else 1
    marks = [tag("text", str(k), x=f"{at:.1f}", y=y, text_anchor="middle") for k, at in enumerate(x) if k % every == 0]
    return tag("g", *marks, class_="axis")


# ---- arcs --------------------------------------------------------------------------------------------------------------

LANE, LONGEST = 26, 27
"""How tall a lane is, and how many letters a name may have."""
HATCH = tag(
    "pattern",
    tag("line", y2=6, class_="stroke"),
    id="hatch",
    width=6,
    height=6,
    patternUnits="userSpaceOnUse",
    patternTransform="rotate(45)",
)
"""How it looks where somebody is wrong."""


@dataclass(frozen=True)
class Run:
    """What somebody takes for so from one moment to another (that one excluded); ``truth``: what is so, where they are wrong."""

    begin: int
    end: int
    value: str
    truth: str | None


STANDS = "how well it stands"


def arc_picture(lanes: Sequence[tuple[str, Sequence[Run]]], worth: Sequence[float | None], moments: int, *head: Html) -> Html:
    """A lane for each fact, its runs one after another (hatched where they are wrong); above, how well things stand to them."""
    step = _step(moments - 1)
    names = [STANDS, *(cut(name, LONGEST) for name, _ in lanes)]
    left = 14 + LETTER * max(map(len, names))
    width = left + moments * step + 12
    parts: list[Html] = []
    top = 8.0
    if any(one is not None for one in worth) and len(set(worth)) > 1:
        parts.append(_worth(worth, left, step, top))
        top += 64
    for k, (name, runs) in enumerate(lanes):
        y = top + k * LANE
        parts.append(tag("text", cut(name, LONGEST), x=f"{left - 10:.1f}", y=f"{y + 16:.1f}", text_anchor="end", class_="lane"))
        parts += [_run(one, left, y, step, name) for one in runs]
    tall = top + len(lanes) * LANE + 22
    parts.append(_numbers([left + (k + 0.5) * step for k in range(moments)], tall - 6))
    return _svg("arc", width, tall, (*head, tag("defs", HATCH)) if head else (), *parts)


def _run(run: Run, left: float, y: float, step: float, name: str) -> Html:
    x, width = left + run.begin * step, (run.end - run.begin) * step
    words = f"{name}: {run.value}" + (f" (in truth: {run.truth})" if run.truth is not None else "")
    shape = {"x": f"{x + 0.75:.2f}", "y": f"{y:.1f}", "width": f"{width - 1.5:.2f}", "height": LANE - 5, "rx": 3}
    room = int((width - 8) / 6.4)
    label = run.value if len(run.value) <= room else cut(run.value, room) if room >= 3 else ""
    kind = "run wrong" if run.truth is not None else "run off" if run.value in ("no", "unknown", "0") else "run"
    return tag(
        "g",
        tag("title", words),
        tag("rect", **shape, class_=kind),
        *([tag("rect", **shape, class_="hatch")] if run.truth is not None else []),
        tag("text", label, x=f"{x + 6:.1f}", y=f"{y + 15:.1f}") if label else Html(""),
    )


def _worth(worth: Sequence[float | None], left: float, step: float, top: float) -> Html:
    known = [one for one in worth if one is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    span = (high - low) or 1.0
    tall = 48

    def at(value: float) -> float:
        return top + tall * (high - value) / span

    path, last = "", None
    for k, one in enumerate(worth):
        if one is not None:
            x = left + k * step
            path += f"{'M' if last is None else 'L'}{x:.1f} {at(one):.1f}L{x + step:.1f} {at(one):.1f}"
        last = one
    return tag(
        "g",
        tag("text", STANDS, x=f"{left - 10:.1f}", y=f"{top + tall / 2 + 4:.1f}", text_anchor="end", class_="lane"),
        tag("line", x1=f"{left:.1f}", x2=f"{left + len(worth) * step:.1f}", y1=f"{at(0):.1f}", y2=f"{at(0):.1f}", class_="zero"),
        tag("path", d=path),
        class_="worth",
    )


def cut(text: str, room: int) -> str:
    """``text`` in so many characters."""
    return text if len(text) <= room else text[: max(1, room - 1)].rstrip() + "…"


def legend(names: Iterable[tuple[str, str]]) -> Html:
    """What the colours stand for: names with their classes."""
    return tag("ul", *(tag("li", tag("span", class_=f"swatch {kind}"), name) for name, kind in names), class_="legend")


__all__ = ["HATCH", "Run", "arc_picture", "colour", "legend", "map_picture", "often", "tension_picture"]
