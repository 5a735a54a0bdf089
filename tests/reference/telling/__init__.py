"""The telling, slowly: a second implementation of `src/everytale/core/telling`, in Python and in the names of the story.

It reads a story and the states along a tale as `everytale.world` gives them, and must tell the same paragraphs from the same seed as the
core does, whatever the story (`tests/test_telling_agreement.py`). It is never shipped.
"""

from tests.reference.telling.script import Script
from tests.reference.telling.teller import Teller

__all__ = ["Script", "Teller"]
