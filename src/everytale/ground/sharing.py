"""What of a story's rules comes to the same for many instances: all that does not depend on every one of the variables in scope.

A rule of four parameters is lowered once for each of its instances, but most parts of its conditions, its effects and who sees it speak of
one or two of the four, and come to the same whenever those are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from operator import itemgetter

from everytale.ground.depth import rules
from everytale.language.walk import parts
from everytale.story import Action, Effect, Expression, Observers, Quantified, Story, Trigger, Variable

Depends = Callable[[Mapping[str, str]], Hashable]
"""What of a binding something depends on."""


class Sharing:
    """On what the parts of one story's rules depend, by their ids: ``expressions``, those that are worth being remembered, and
    ``whole``, all effects and all conditions on observers."""

    def __init__(self, story: Story) -> None:
        self.expressions: dict[int, Depends] = {}
        self.whole: dict[int, Depends] = {}
        for rule in rules(story):
            self._rule(rule, frozenset(parameter.name for parameter in rule.parameters))

    def _rule(self, rule: Action | Trigger, scope: frozenset[str]) -> None:
        self._free((rule.precondition,), scope)
        for effect in rule.effects:
            self.whole[id(effect)] = _depends(self._effect(effect, scope))
        if isinstance(rule, Action):
            self._free((rule.weight,) if rule.expressive is None else (rule.weight, rule.expressive), scope)
            if rule.observers is not None:
                self.whole[id(rule.observers)] = _depends(self._observers(rule.observers, scope))
        elif rule.upon is not None:
            self._free((rule.upon,), scope)

    def _effect(self, effect: Effect, scope: frozenset[str]) -> frozenset[str]:
        each = frozenset(binder.variable for binder in effect.each)
        inner = effect.condition, effect.value, *effect.target.arguments, *effect.believers
        outer = (excluded for binder in effect.each for excluded in binder.excluded)
        return (self._free(inner, scope | each) | self._free(outer, scope | each)) - each

    def _observers(self, observers: Observers, scope: frozenset[str]) -> frozenset[str]:
        return self._free((observers.condition,), scope | {observers.variable}) - {observers.variable}

    def _free(self, expressions: Iterable[Expression], scope: frozenset[str]) -> frozenset[str]:
        """The free variables of ``expressions``. Those, and parts of them, that do not depend on all in ``scope`` are shared."""
        return frozenset[str]().union(*(self._free_in(expression, scope) for expression in expressions))

    def _free_in(self, expression: Expression, scope: frozenset[str]) -> frozenset[str]:
        if isinstance(expression, Variable):
            return frozenset((expression.name,))
        inner = parts(expression)
        if not inner:
            return frozenset()
        bound = frozenset((expression.binder.variable,)) if isinstance(expression, Quantified) else frozenset[str]()
        free = self._free(inner, scope | bound) - bound
        if len(free) < len(scope):
            self.expressions[id(expression)] = _depends(free)
        return free


def _depends(free: frozenset[str]) -> Depends:
    return itemgetter(*sorted(free)) if free else _nothing


def _nothing(binding: Mapping[str, str]) -> None:
    """What depends on no variable."""
