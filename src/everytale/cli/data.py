"""Answers as data for tools: what ``--json`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a command loads what makes its own answer, and nothing else
    from everytale.answers.mistakes import Belief
    from everytale.answers.trials import Trial
    from everytale.answers.why import Reason, Why
    from everytale.answers.why_not import Change, Failing, Refusal, WhyNot
    from everytale.diagnostics import Diagnostic, Span
    from everytale.finding import Found
    from everytale.minds import Followed, Following, Intention
    from everytale.story import Story
    from everytale.telling import Tale
    from everytale.world import GroundMove


def diagnostic_data(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "title": diagnostic.title,
        "message": diagnostic.message,
        "label": diagnostic.label,
        "hint": diagnostic.hint,
        "place": place(diagnostic.span),
    }


def place(span: Span | None) -> dict[str, Any] | None:
    """A span by lines and columns, counted from 1."""
    if span is None:
        return None

    def at(offset: int) -> tuple[int, int]:
        before = span.source.text[:offset]
        return before.count("\n") + 1, offset - before.rfind("\n")

    (line, column), (end_line, end_column) = at(span.start), at(span.end)
    return {"file": span.source.name, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def trial_data(trial: Trial) -> dict[str, Any]:
    failures = [{"message": one.message, "undecided": one.undecided, "place": place(one.span)} for one in trial.failures]
    return {"title": trial.test.title, "ok": trial.ok, "failures": failures}


def tale_data(tale: Tale) -> dict[str, Any]:
    return {
        "title": tale.story.title,
        "seed": tale.seed,
        "teller": tale.teller,
        "moves": [str(move) for move in tale.trace.moves],
        "ending": tale.ending.title if tale.ending else None,
        "stopped": tale.stopped,
        "told": [
            {"occasion": piece.occasion, "move": piece.move, "title": piece.title, "paragraphs": list(piece.paragraphs)}
            for piece in tale.told
        ],
    }


def following_data(found: Following) -> dict[str, Any]:
    return {
        "moves": [_followed(step) for step in found.moves],
        "ending": found.ending.title if found.ending else None,
        "value": found.value,
        "ok": found.ok,
    }


def found_data(found: Found) -> dict[str, Any]:
    return {
        "status": found.status,
        "plan": list(found.plan),
        "reasons": [_followed(step)["reasons"] for step in found.tales[0].moves] if found.tales else [],
        "ending": found.tales[0].ending.title if found.tales and found.tales[0].ending else None,
        "value": found.tales[0].value if found.tales else None,
        "tales": [following_data(tale) for tale in found.tales],
        "odds": None if found.odds is None else {"over": found.odds.numerator, "under": found.odds.denominator},
        "proved": {"shortest": found.shortest, "likeliest": found.likeliest, "no_other": found.complete},
        "limits": {"within": found.within, "horizon": found.horizon, "minds": found.minds},
        "stopped": found.stopped,
        "states": found.states,
        "applications": found.applications,
        "seconds": round(found.seconds, 4),
        "grounding_seconds": round(found.grounding, 4),
        "peak_memory_bytes": found.memory,
    }


def why_data(story: Story, answer: Why) -> dict[str, Any]:
    data = {"step": answer.step, **_followed(answer.followed)}
    data["event"] = answer.followed.move.is_event
    data["slipped_out"] = answer.slipped_out
    data["reasons"] = [_reason(story, reason) for reason in answer.reasons]
    return data


def why_not_data(story: Story, answer: WhyNot) -> dict[str, Any]:
    return {
        "move": str(answer.move),
        "possible": answer.possible,
        "ending": answer.ending.title if answer.ending else None,
        "weight_is_0": answer.unlikely,
        "failing": [_failing(story, failing) for failing in answer.failing],
        "refusals": [_refusal(story, refusal) for refusal in answer.refusals],
    }


def _followed(step: Followed) -> dict[str, Any]:
    reasons = [_intention(reason) for reason in step.reasons]
    return {"move": str(step.move), "possible": step.possible, "in_character": step.in_character, "reasons": reasons}


def _intention(intention: Intention) -> dict[str, Any]:
    return {"person": intention.person, "gain": intention.gain, "plan": _moves(intention.plan), "because": list(intention.because)}


def _reason(story: Story, reason: Reason) -> dict[str, Any]:
    more = {"best": reason.intention.best, "mistaken": [_belief(story, one) for one in reason.mistakes], "counts_on": list(reason.counted)}
    return _intention(reason.intention) | more


def _failing(story: Story, failing: Failing) -> dict[str, Any]:
    from everytale.language.format import format_expression

    cause = {"step": failing.step, "move": str(failing.move), "triggers": [str(one) for one in failing.triggers]} if failing.move else None
    return {
        "condition": format_expression(failing.condition, story, failing.binding),
        "facts": [_belief(story, one) for one in failing.facts],
        "made_so_by": cause,
    }


def _refusal(story: Story, refusal: Refusal) -> dict[str, Any]:
    from everytale.language.format import format_expression

    hope = None if refusal.hope is None else {"plan": _moves(refusal.hope), "worth": refusal.hoped}
    return {
        "person": refusal.person,
        "undecided": refusal.undecided,
        "mistaken": [_belief(story, one) for one in refusal.mistakes],
        "hope": hope,
        "now": refusal.now,
        "doubts": [format_expression(condition, story, binding) for condition, binding in refusal.doubts],
        "would_after": [_change(story, change) for change in refusal.changes],
        "searched": refusal.searched,
    }


def _change(story: Story, change: Change) -> list[dict[str, Any]]:
    from everytale.answers.why_not import Supposed
    from everytale.answers.words import fact
    from everytale.language.format import format_expression

    return [
        {"believes": list(part.chain), "fact": fact(part.fluent.fluent.name, part.fluent.arguments, part.value)}
        if isinstance(part, Supposed)
        else {
            "without_want_of": part.want.person,
            "because": part.want.because,
            "worth": part.want.worth,
            "measure": format_expression(part.want.measure, story),
        }
        for part in change
    ]


def _belief(story: Story, belief: Belief) -> dict[str, Any]:
    from everytale.answers.words import fact

    name = story.fluent[belief.fluent].name
    return {
        "chain": list(belief.chain),
        "believed": fact(name, belief.arguments, belief.believed),
        "true": fact(name, belief.arguments, belief.true),
    }


def _moves(plan: tuple[GroundMove, ...]) -> list[str]:
    return [str(move) for move in plan]
