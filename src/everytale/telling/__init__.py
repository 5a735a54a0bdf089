"""From a trace to prose: a tale at somebody's shoulder. Nothing here changes the world, and nothing in the world reads it."""

from everytale.telling.prose import Told
from everytale.telling.tell import Tale, tell, wander

__all__ = ["Tale", "Told", "tell", "wander"]
