"""Small random stories for Hypothesis in which much hangs on chance: two numbers, people who want them high or low."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from everytale.story import Story
from tests.stories import read

HEADERS = ("event move{}", "event move{}", "action move{} by Ann", "action move{} by Ben", "action move{} by Ann, Ben")


@st.composite
def gambles(draw: Any, *, ends: bool = False) -> Story:
    """A story that ends when one of its numbers is 2. ``ends``: numbers only rise, so that every tale has four moves at most."""
    lines = ['tale "Gamble"', "kind person: Ann (she), Ben (he)", "fact a, b: 0 to 2"]
    for person in ("Ann", "Ben"):
        wants = draw(st.lists(st.tuples(st.sampled_from([-2, -1, 1, 2]), st.sampled_from(["a", "b"])), min_size=1, max_size=2))
        lines += [f"wants {person}", *(f"    {worth:+} each {number}" for worth, number in wants)]
    for index in range(draw(st.integers(2, 4))):
        header = draw(st.sampled_from(HEADERS))
        number = draw(st.sampled_from(["a", "b"]))
        change = "rises" if ends else draw(st.sampled_from(["rises", "rises", "eases"]))
        condition = f"{number} {'< 2' if change == 'rises' else '> 0'}"
        if draw(st.booleans()):
            condition += f" and {draw(st.sampled_from(['a', 'b']))} <= 1"
        lines += [header.format(index), f"    if {condition}", f"    then {number} {change}"]
        lines.append(f"    weight {draw(st.sampled_from(['1', '2', '1/3', '5']))}")
    lines += ['ending "A" if a = 2', 'ending "B" if b = 2']
    return read("\n".join(lines) + "\n")
