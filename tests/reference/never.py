"""What no tale comes to, by looking at everything that ever happens. For stories without a teller: nothing is hidden from nobody."""

from __future__ import annotations

from collections.abc import Iterator

from everytale.story import Action, Trigger
from tests.reference.expressions import Binding
from tests.reference.realm import Situation
from tests.reference.reasons import Tale
from tests.reference.states import Mind


def unmet(tale: Tale, situations: list[Situation]) -> set[tuple[str, str]]:
    """What never happens, and its name; of a block of prose the rule that it belongs to and its place among the others."""
    happened = list(everything(tale, situations))
    rules = {id(rule) for rule, _, _ in happened}
    found = {("event" if one.is_event else "action", one.name) for one in tale.story.actions if id(one) not in rules}
    found |= {("ending", one.title) for one in tale.story.endings if all(situation.fate != one.title for situation in situations)}
    for rule in (*tale.story.actions, *tale.story.triggers):
        if isinstance(rule, Trigger) or id(rule) in rules:
            met = {told(tale, rule, mind, binding) for what, mind, binding in happened if what is rule}
            found |= {("text", f"{rule.name}: {k}") for k in range(len(rule.told)) if k not in met}
    return found


def everything(tale: Tale, situations: list[Situation]) -> Iterator[tuple[Action | Trigger, Mind, Binding]]:
    """Every move that is made and every trigger that follows on one, with the state before the move."""
    mechanics = tale.mechanics
    for situation in situations:
        for name, *_ in (*situation.chosen, *situation.drawn):
            move = tale.instances[name]
            yield move.rule, situation.mind, move.binding
            mechanics.fired.clear()
            mechanics.close(mechanics.apply(situation.mind, situation.mind, move, []))
            for mind, trigger in mechanics.fired:
                assert isinstance(trigger.rule, Trigger)
                if mind.level == (0 if trigger.rule.mind is None else 1):
                    yield trigger.rule, situation.mind, trigger.binding


def told(tale: Tale, rule: Action | Trigger, mind: Mind, binding: Binding) -> int | None:
    """Which of its blocks is told: the first whose condition holds."""
    return next((k for k, one in enumerate(rule.told) if tale.evaluator.holds(one.condition, binding, mind)), None)
