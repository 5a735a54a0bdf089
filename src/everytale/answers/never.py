"""What no tale comes to: moves that are never made, endings, lines and scenes that nobody will read, and what stands nearest in the way.

All of it is proved in a realm that is whole; in a part it only was not met. A block of prose that hangs on what the teller remembers
(*first*, *not after* ...) is given the benefit of the doubt, and so is one told of what follows by itself, where there are too many moves
to make them all again: what is called never told is so.
"""

from __future__ import annotations

from everytale.answers.obstacles import Never, Obstacle, What
from everytale.answers.unmade import Unmade
from everytale.answers.unread import Unread
from everytale.realm import Realm

__all__ = ["Never", "Obstacle", "What", "never"]


def never(realm: Realm) -> tuple[Never, ...]:
    """All that no tale of ``realm`` comes to, in the order of the file: moves, endings, then prose and scenes."""
    unmade = Unmade(realm)
    unread = Unread(unmade)
    return (*unmade.moves(), *unmade.endings(), *unread.texts(), *unread.scenes())
