"""From a trace to prose: a tale at somebody's shoulder. Nothing here changes the world, and nothing in the world reads it."""

from everytale.core import English
from everytale.telling.tell import Tale, Told, tell, wander

__all__ = ["Tale", "Told", "tell", "typographic", "wander"]


def typographic(text: str) -> str:
    """With quotation marks that open and close, apostrophes, dashes, ellipses, as prose has them."""
    return English.typographic(text)
