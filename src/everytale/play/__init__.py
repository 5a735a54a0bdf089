"""A human plays one of the people: the session, what is kept of it, and the terminal in which it is played."""

from everytale.play.session import Departure, Option, Played, Session, Turn

__all__ = ["Departure", "Option", "Played", "Session", "Turn"]
