"""From a trace to prose: a tale at somebody's shoulder. Nothing here changes the world, and nothing in the world reads it."""

from everytale.telling.tell import Tale, Told, tell, wander

__all__ = ["Tale", "Told", "tell", "wander"]
