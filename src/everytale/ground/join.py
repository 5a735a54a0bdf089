"""The instances of a rule's parameters, joined: what the precondition says of constants alone prunes as early as it can."""

from __future__ import annotations

from collections.abc import Sequence

from everytale.language.walk import conjuncts, walk
from everytale.story import Action, Comparison, Expression, Reading, Stillness, Trigger, Variable
from everytale.world.lowering import Lowering
from everytale.world.vocabulary import Vocabulary, too_large

MOST_TRIES = 400_000
"""How many bindings of a prefix of the parameters are tried for one rule."""


def instances(rule: Action | Trigger, vocabulary: Vocabulary, lowering: Lowering, static: set[str]) -> list[dict[str, str]]:
    """The bindings of ``rule``'s parameters for which no condition on constants fails, in the order of the file.

    ``static``: the keys of fluents that never change.
    """
    return _Join(rule, vocabulary, lowering, static).all()


class _Join:
    def __init__(self, rule: Action | Trigger, vocabulary: Vocabulary, lowering: Lowering, static: set[str]) -> None:
        self.rule, self.vocabulary, self.lowering = rule, vocabulary, lowering
        self.over = {parameter.name: vocabulary.over(parameter) for parameter in rule.parameters}
        names = set(self.over)
        parts = [part for part in conjuncts(rule.precondition) if _is_static(part, static)]
        self.tests = [(part, variables(part) & names) for part in parts]
        self.order = self._ordered()
        self.steps = [self._step(depth) for depth in range(len(self.order))]
        self.tries = 0

    def all(self) -> list[dict[str, str]]:
        if not self.rule.parameters:
            return [{}] if all(self._passes(part, {}) for part, _ in self.tests) else []
        found: list[dict[str, str]] = []
        self._extend(0, {}, found)
        rank = {name: {entity: number for number, entity in enumerate(entities)} for name, entities in self.over.items()}
        names = [parameter.name for parameter in self.rule.parameters]
        if self.order != names:
            found.sort(key=lambda binding: [rank[name][binding[name]] for name in names])
        return [{name: binding[name] for name in names} for binding in found]

    def _ordered(self) -> list[str]:
        """The parameters, those first that are determined by what is bound, then those that the fewest entities are left for."""
        left = list(dict.fromkeys(parameter.name for parameter in self.rule.parameters))
        order: list[str] = []
        while left:
            bound = set(order)

            def rank(name: str, bound: set[str] = bound) -> tuple[bool, bool, int]:
                determined = any(self._source(part, name, bound) is not None for part, _ in self.tests)
                tested = any(name in needed and needed <= bound | {name} for _, needed in self.tests)
                return not determined, not tested, len(self.over[name])

            best = min(left, key=rank)
            left.remove(best)
            order.append(best)
        return order

    @staticmethod
    def _source(part: Expression, name: str, bound: set[str]) -> Expression | None:
        """What ``part`` says that the variable ``name`` is, by what is bound."""
        if isinstance(part, Comparison) and part.operator == "=":
            for one, other in ((part.left, part.right), (part.right, part.left)):
                if isinstance(one, Variable) and one.name == name and variables(other) <= bound:
                    return other
        return None

    def _step(self, depth: int) -> tuple[Expression | None, list[Expression]]:
        """What says which entity comes next, and the tests of constants that it must pass."""
        name, bound = self.order[depth], set(self.order[:depth])
        sources = (source for part, _ in self.tests if (source := self._source(part, name, bound)) is not None)
        tests = [part for part, needed in self.tests if needed <= bound | {name} and (name in needed or (depth == 0 and not needed))]
        return next(sources, None), tests

    def _extend(self, depth: int, binding: dict[str, str], found: list[dict[str, str]]) -> None:
        if depth == len(self.order):
            found.append(dict(binding))
            return
        name, (source, tests) = self.order[depth], self.steps[depth]
        for entity in self._candidates(name, source, binding):
            self.tries += 1
            if self.tries > MOST_TRIES:
                raise too_large(f"{self.rule.name} has too many instances: more than {MOST_TRIES:,} were tried.", self.rule.span)
            binding[name] = entity
            if all(self._passes(part, binding) for part in tests):
                self._extend(depth + 1, binding, found)
        binding.pop(name, None)

    def _candidates(self, name: str, source: Expression | None, binding: dict[str, str]) -> Sequence[str]:
        if source is None:
            return self.over[name]
        one = self.lowering.named(source, binding)
        return (one,) if one in self.over[name] and one is not None else ()

    def _passes(self, part: Expression, binding: dict[str, str]) -> bool:
        return self.lowering.truth(self.lowering.node(part, binding)) is not False


def variables(expression: Expression) -> set[str]:
    """The names of the variables in an expression, bound ones too."""
    return {part.name for part in walk(expression) if isinstance(part, Variable)}


def _is_static(expression: Expression, static: set[str]) -> bool:
    return not any(isinstance(part, Stillness) or (isinstance(part, Reading) and part.fluent not in static) for part in walk(expression))
