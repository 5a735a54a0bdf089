"""How deep minds within minds are kept, and whether that is deep enough for what a story asks."""

from __future__ import annotations

from everytale.diagnostics import StoryError
from everytale.language.walk import parts
from everytale.story import Action, Believes, Effect, ExpectThat, Expression, Holds, Story, Trigger


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


def depth_kept(story: Story, minds: int) -> int:
    """How deep minds within minds are kept: one more than ``minds``, and another where the world itself looks into minds.

    Raises ``StoryError`` where an expression of the story goes deeper.
    """
    looked_at = [rule.precondition for rule in rules(story)]
    looked_at += [effect.condition for rule in rules(story) for effect in rule.effects if not effect.believers]
    depth = minds + 1 + any(nesting(condition) for condition in looked_at)
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
        needed = nesting(expression)
        if needed > depth:
            message = f"A belief lies {needed} deep here, and minds within minds are kept {depth} deep."
            hint = f"Raise minds: write `minds {minds + needed - depth}` at the head."
            title = "Beliefs lie deeper than minds are kept"
            raise StoryError.one("minds-too-few", title, message, expression.span, hint)
    return depth


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
