"""How deep minds within minds are kept, and whether that is deep enough for what a story asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from everytale.diagnostics import StoryError
from everytale.language.walk import parts
from everytale.story import Action, Believes, Binder, Effect, ExpectThat, Expression, Holds, Quantified, Story, Trigger, Variable


def rules(story: Story) -> list[Action | Trigger]:
    """The actions, then the triggers."""
    return [*story.actions, *story.triggers]


def nesting(expression: Expression) -> int:
    """How many beliefs lie within one another in an expression; a belief about one's own belief is one."""
    deepest = 0
    waiting: list[tuple[Expression, int, Expression | None]] = [(expression, 0, None)]
    while waiting:
        one, depth, person = waiting.pop()
        if isinstance(one, Believes):
            if one.person != person:
                depth += 1
            person = one.person
            deepest = max(deepest, depth)
        waiting.extend((part, depth, person) for part in parts(one))
    return deepest


Chain: TypeAlias = tuple[Expression | None, ...]
"""People within whose minds one another's lie, outermost first; ``None``: nobody who could be named here."""


def looks_no_further(expression: Expression, chain: Chain) -> bool:
    """Whether an expression looks into no mind but those of ``chain``, from the outermost on."""
    waiting = [(expression, chain)]
    while waiting:
        one, chain = waiting.pop()
        if isinstance(one, Quantified):
            chain = _but_for((one.binder,), chain)
        if isinstance(one, Believes):
            if not chain or chain[0] != one.person:
                return False
            chain = chain[1:]
        waiting.extend((part, chain) for part in parts(one))
    return True


def _but_for(binders: Iterable[Binder], chain: Chain) -> Chain:
    """``chain`` where these variables stand for others."""
    bound = {binder.variable for binder in binders}
    return tuple(None if isinstance(one, Variable) and one.name in bound else one for one in chain)


def looks_into_minds(story: Story) -> bool:
    """Whether something in the world hangs on what somebody believes, or something in a mind on what is believed further in.

    A trigger by which people notice what is before their eyes asks what they believe, and changes just that: it needs no more.
    """
    conditions = [action.precondition for action in story.actions]
    conditions += [effect.condition for rule in rules(story) for effect in rule.effects if not effect.believers]
    if any(map(nesting, conditions)):
        return True
    return not all(
        looks_no_further(trigger.precondition, _but_for(effect.each, effect.believers))
        and looks_no_further(effect.condition, effect.believers)
        and looks_no_further(effect.value, effect.believers)
        for trigger in story.triggers
        if nesting(trigger.precondition)
        for effect in trigger.effects
    )


def depth_kept(story: Story, minds: int) -> int:
    """How deep minds within minds are kept: one more than ``minds``, and another where :func:`looks_into_minds` says so.

    Raises ``StoryError`` where an expression of the story goes deeper.
    """
    depth = minds + 1 + looks_into_minds(story)
    looked_at = [rule.precondition for rule in rules(story)]
    looked_at += [part for rule in rules(story) for effect in rule.effects for part in (effect.condition, effect.value)]
    looked_at += [want.measure for want in story.wants]
    looked_at += [ending.condition for ending in story.endings]
    looked_at += [action.weight for action in story.actions]
    looked_at += [action.expressive for action in story.actions if action.expressive is not None]
    looked_at += [action.observers.condition for action in story.actions if action.observers is not None]
    looked_at += [trigger.upon for trigger in story.triggers if trigger.upon is not None]
    if minds >= story.minds and not story.first_effect_wins:
        looked_at += _said(story)
    for expression in looked_at:
        _fathom(expression, depth, f"write `minds {minds + nesting(expression) - depth}` at the head.")
    return depth


def fathom(question: Expression, story: Story, minds: int) -> None:
    """Raise ``StoryError`` where what is asked of ``story`` looks deeper than minds within minds are kept."""
    depth = depth_kept(story, minds)
    _fathom(question, depth, f"ask with `minds` at {minds + nesting(question) - depth}.")


def _fathom(expression: Expression, depth: int, mend: str) -> None:
    needed = nesting(expression)
    if needed > depth:
        message = f"A belief lies {needed} deep here, and minds within minds are kept {depth} deep."
        raise StoryError.one("minds-too-few", "Beliefs lie deeper than minds are kept", message, expression.span, f"Raise minds: {mend}")


def _said(story: Story) -> list[Expression]:
    """What an author says of minds where nothing would be missed in imagining less deeply: in the start, effects, prose, tests, claims."""
    effects = [*story.start, *(effect for rule in rules(story) for effect in rule.effects)]
    effects += [effect for test in story.tests for effect in test.given]
    said = [_chain(effect) for effect in effects if effect.believers]
    told = [rule.told for rule in rules(story)] + [ending.told for ending in story.endings] + [scene.told for scene in story.scenes]
    said += [passage.condition for passages in told for passage in passages]
    said += [cue.condition for scene in story.scenes for cue in (scene.opens, scene.closes) if cue is not None]
    said += [step.condition for test in story.tests for step in test.steps if isinstance(step, ExpectThat)]
    said += [moment.condition for claim in story.claims for moment in claim.moments if isinstance(moment, Holds)]
    return said + [part for view in story.views for part in view.parts]


def _chain(effect: Effect) -> Expression:
    """What somebody comes to believe, as the belief that it is."""
    belief: Expression = effect.target
    for believer in reversed(effect.believers):
        belief = Believes(believer, belief, span=effect.span)
    return belief
