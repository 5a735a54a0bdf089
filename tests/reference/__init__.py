"""A slow interpreter of what a story means, written from docs/semantics.md alone: the oracle of the fast one.

It shares the :class:`~everytale.story.Story` with the library and nothing else: no grounding, no numbers for names, no
search that is clever. It remembers what it has found out, so that it need not find it out again. :class:`Tale` has the first
:class:`Mind`, and whatever is asked of the library's ``State`` can be asked of it.
"""

from tests.reference.reasons import Tale
from tests.reference.world import Broken, Mind

__all__ = ["Broken", "Mind", "Tale"]
