"""What `import everytale` offers, and that it can be relied on."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import everytale

PUBLIC = [
    *("Bounds", "Compared", "Diagnostic", "Followed", "Following", "Found", "GroundMove", "Intention", "Option"),
    *("Outcome", "Picture", "Ranking", "Realm", "Session", "Source", "Span", "State", "Story", "StoryError", "Tale", "Trace"),
    *("Trial", "Turn", "UnknownMove", "Verdict", "Why", "WhyNot", "World", "as_written", "begin", "bundled"),
    *("check", "claims", "explore", "find", "flip", "flips", "follow", "intention", "load", "load_trace"),
    *("picture", "possible", "report", "sensitivity", "show", "tell", "test", "why", "why_not", "worth"),
]


def test_the_public_names_are_these() -> None:
    assert everytale.__all__ == PUBLIC
    assert set(PUBLIC) <= set(dir(everytale))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_documented(name: str) -> None:
    found = getattr(everytale, name)
    assert inspect.getdoc(found), name
    if inspect.isclass(found):
        for member, value in vars(found).items():
            if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
                assert inspect.getdoc(getattr(found, member)), f"{name}.{member}"


def test_other_names_are_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tel'"):
        everytale.tel  # noqa: B018


def test_importing_it_loads_nothing_more() -> None:
    code = "import sys, everytale; print(sorted(name for name in sys.modules if name.startswith(('everytale.', 'rich', 'click'))))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60).stdout.strip() == "[]"


def test_the_example_of_its_docstring_runs() -> None:
    story = everytale.load("dont-stay")
    assert str(everytale.tell(story, seed=1)).startswith("Don't Stay")
    assert everytale.why_not(story, "stay").possible is False
    assert "dont-stay" in everytale.bundled()


def test_a_state_is_walked_by_its_moves_and_minds() -> None:
    state = everytale.begin(everytale.load("dont-stay"))
    assert state.value("bond", "Ianto") == "more" and state.believes("Ianto").value("bond", "Ianto") == "casual"
    [(move, weight)] = state.moves()
    assert str(move) == "evening" and weight == 1
    after = state.after(move)
    assert after.value("dawn") is False and after != state and after == state.after(move)
    assert everytale.worth(after.believes("Jack"), "Jack") is not None
