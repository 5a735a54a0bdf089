"""A story served over HTTP: many players at once, each with tales and saves of their own.

``running.py`` begins and ends it; ``guard.py`` is what every request has to pass; ``app.py`` has the addresses; ``desk.py`` is the one
thread that asks ``tales.py``, and answers what ``store.py`` has kept.
"""
