"""The world of one story, instantiated: its ground fluents, moves and triggers, and the states that it can be in.

A *ground* move is an action or event with its arguments: ``make_excuse(cat)``. A *state* gives every ground fluent a value and every person
a state that they believe in, which is a :class:`State` like any other. A :class:`Trace` is the moves of one tale.
"""

from everytale.world.grounding import GroundMove, GroundTrigger, Undecided, instance
from everytale.world.states import State, World
from everytale.world.trace import Trace, UnknownMove
from everytale.world.vocabulary import GroundFluent, Value

__all__ = ["GroundFluent", "GroundMove", "GroundTrigger", "State", "Trace", "Undecided", "UnknownMove", "Value", "World", "instance"]
