"""A story as a page that plays in a browser: one file that needs nothing else, or the same page from a server."""

from everytale.publish.page import published

__all__ = ["published"]
