"""A slow interpreter of what a story means, written from docs/semantics.md alone: the oracle of the fast one.

It shares the :class:`~everytale.story.Story` with the library and nothing else: no grounding, no numbers for names, no
remembered verdicts, no
search that is clever. :func:`begin` gives the first :class:`Mind`; whatever is asked of the library's ``State`` can be
asked of a :class:`Tale`.
"""

from tests.reference.reasons import Tale
from tests.reference.world import Broken, Mind

__all__ = ["Broken", "Mind", "Tale"]
