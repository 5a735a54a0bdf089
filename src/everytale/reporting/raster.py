"""A picture as PNG, for slides and papers, and whatever takes no SVG.

resvg draws it, without a browser. It knows neither variables of CSS nor what hangs on the reader's machine, so that the style is written
out before: the colours are those by day. Letters are those of the fonts that the machine has.
"""

from __future__ import annotations

import re

from everytale.markup import Html

ZOOM = 2
"""How many dots a pixel of the page has in each direction."""
ITS = "its"
"""The variable whose value an element has from another of its classes."""

_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_VARIABLE = re.compile(r"--([\w-]+):\s*([^;]+);")
_READ = re.compile(r"var\(--([\w-]+)\)")


def png(svg: str, style: Html) -> bytes:
    """``svg``, whose style element is ``style``, as an image; needs the extra ``everytale[png]``."""
    try:
        import resvg_py
    except ImportError:
        raise ModuleNotFoundError("PNG needs resvg-py: pip install 'everytale[png]'") from None
    paper = _palette(style)["paper"]
    return bytes(resvg_py.svg_to_bytes(svg_string=svg.replace(style, written_out(style)), zoom=ZOOM, background=paper))


def written_out(style: str) -> str:
    """The rules of ``style`` for pictures, without variables: one for each class that says what ``--its`` is, where a rule reads it."""
    rules = [(selector.strip(), body) for selector, body in _RULE.findall(_MEDIA.sub("", style))]
    palette = _palette(style)

    def known(body: str, more: dict[str, str]) -> str:
        return _READ.sub(lambda found: (palette | more).get(found[1], "none"), body)

    kinds = {selector: known(_VARIABLE.search(body)[2], {}) for selector, body in rules if body.strip().startswith(f"--{ITS}:")}  # type: ignore[index]
    lines = []
    for selector, body in rules:
        if selector in kinds or ":" in selector:
            continue
        if f"var(--{ITS})" in body:
            lines += [f"{selector}{kind} {{{known(body, {ITS: colour})}}}" for kind, colour in kinds.items()]
        else:
            lines.append(f"{selector} {{{known(body, {})}}}")
    return "\n".join(lines)


def _palette(style: str) -> dict[str, str]:
    """The variables of the page by day."""
    root = next(body for selector, body in _RULE.findall(style) if selector.strip() == ":root")
    return dict(_VARIABLE.findall(root))
