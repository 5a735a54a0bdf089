"""Markup, safe by the way it is made: whatever is no :class:`Html` is text, and is escaped. A story is data."""

from __future__ import annotations

from html import escape


class Html(str):
    """Markup, as opposed to text."""


def tag(name: str, /, *children: str, **attributes: object) -> Html:
    """An element. Of attributes ``class_`` stands for ``class``, and ``_`` for ``-``; ``None`` and ``False`` are left out."""
    written = "".join(_attribute(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    inner = join(*children)
    return Html(f"<{name}{written}>" if name in _EMPTY else f"<{name}{written}>{inner}</{name}>")


def join(*children: str) -> Html:
    """Markup and text, one after another."""
    return Html("".join(child if isinstance(child, Html) else escape(child, quote=False) for child in children))


_EMPTY = ("meta", "link", "br", "hr", "col")


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    return f" {key}" if value is True else f' {key}="{escape(f"{value:g}" if isinstance(value, float) else str(value))}"'
