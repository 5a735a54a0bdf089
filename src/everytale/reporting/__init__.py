"""A realm to look at: one page of HTML that needs nothing else, no network and no script.

It shows how tales end and with which odds, a map of all situations, one tale with its tension and what everybody believes along it,
what becomes of the author's claims, what never happens, and what becomes of the story under other premises. Everything that is drawn
stands in a table as well.
"""

from __future__ import annotations

from everytale.answers.never import Never, never
from everytale.markup import tag
from everytale.realm.claims import Verdict, judge
from everytale.realm.compare import Ranking
from everytale.realm.explore import DEAD_END, Realm
from everytale.realm.tension import along
from everytale.reporting.arcs import arcs
from everytale.reporting.fold import folded
from everytale.reporting.page import STYLE, Told, page
from everytale.reporting.pictures import arc_picture, map_picture, tension_picture
from everytale.reporting.raster import png
from everytale.story import Flip
from everytale.world import Trace

__all__ = ["Picture", "picture", "report"]


def report(
    realm: Realm,
    *,
    tale: Trace | None = None,
    verdicts: tuple[Verdict, ...] | None = None,
    unmet: tuple[Never, ...] | None = None,
    flips: Ranking[Flip] | None = None,
) -> str:
    """The page about ``realm``.

    ``tale``: the one that is drawn on the map and followed, as its author wrote it; else the likeliest to an end. ``verdicts`` on the
    claims about it and what is ``unmet`` in it are found out unless they are given. ``flips``: what becomes of the story under its
    flips, if that is to be on the page. The same realm has the same page. Raises ``ValueError`` where the realm does not have the
    moves of ``tale``.
    """
    written = tale is not None
    tale = _likeliest(realm) if tale is None else tale
    situations = realm.along(tale)
    told = Told(tale, written, along(realm, tale), arcs([realm.state(one) for one in situations]), int(realm.fate[situations[-1]]))
    if verdicts is None:
        verdicts = tuple(judge(realm, claim) for claim in realm.story.claims if claim.player == realm.player)
    return page(realm, folded(realm, tale), told, verdicts, never(realm) if unmet is None else unmet, flips)


class Picture(str):
    """A picture in SVG, which a notebook shows."""

    def png(self) -> bytes:
        """The same as PNG; needs the extra ``everytale[png]``."""
        return png(self, STYLE)

    def _repr_svg_(self) -> str:
        return str(self)


def picture(realm: Realm, of: str = "map", *, tale: Trace | None = None) -> Picture:
    """One picture of the page about ``realm``, standing alone.

    ``of``: the *map* of the realm with ``tale`` (or the likeliest) drawn on it; the odds and the *tension* along that tale; or a person,
    what they believe and feel along it. Raises ``ValueError`` where it is none of them, or the realm does not have the moves of ``tale``.
    """
    tale = _likeliest(realm) if tale is None else tale
    title = realm.story.title
    style = tag("style", STYLE)
    if of == "map":
        return Picture(map_picture(folded(realm, tale), len(realm.story.endings), tag("title", f"The map of {title}"), style) + "\n")
    moments = along(realm, tale)
    if of == "tension":
        head = tag("title", f"Odds and tension along a tale of {title}"), style
        return Picture(tension_picture(moments, len(realm.story.endings), *head, names=realm.names) + "\n")
    arc = next((one for one in arcs([realm.state(one) for one in realm.along(tale)]) if one.person == of), None)
    if arc is None:
        people = ", ".join(realm.story.people) or "nobody"
        raise ValueError(f"a picture is of the map, of the tension, or of what somebody believes: {people}")
    worth = [None if one is None else float(one) for one in arc.worth]
    head = tag("title", f"What {realm.story.entity[of].label} believes along a tale of {title}"), style
    return Picture(arc_picture(arc.lanes, worth, len(moments), *head) + "\n")


def _likeliest(realm: Realm) -> Trace:
    """The likeliest tale to an end, or, where nothing is known to end, one without moves."""
    ends = ((realm.fate >= 0) | (realm.fate == DEAD_END)).astype("uint8")
    likeliest = realm.likeliest(ends) if ends.any() else None
    return likeliest[0] if likeliest else Trace(())
