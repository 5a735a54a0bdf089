"""Our own problems in the shapes that those of the field have: each comes to what it is known to come to."""

from __future__ import annotations

import csv
import os
from fractions import Fraction
from pathlib import Path

import pytest

from everytale.finding import Found, find
from everytale.language.expression import parse_expression
from everytale.loader import load
from everytale.minds import worth
from everytale.story import Story
from tests.proposals import judge

PROBLEMS = Path(__file__).parents[1] / "benchmarks" / "problems"
with (PROBLEMS / "versions.tsv").open(encoding="utf-8") as table:
    VERSIONS = {version["version"]: version for version in csv.DictReader(table, delimiter="\t")}

QUICK = (
    "causeway_alone",
    "causeway_bell",
    "causeway_four",
    "causeway_six",
    "cellblock_out",
    "fever_any",
    "fever_chains",
    "fever_home",
    "fever_short",
    "goose_fair_clock",
    "heirs_will",
    "lean_winter_one",
    "letters_convent",
    "letters_true",
    "masque_contessa",
    "masque_page",
    "masque_prince",
    "mutiny_rum",
    "vault_gold",
)
"""Those that are decided in a second or two; ``make fuzz`` asks all whose answer is known, and ``benchmarks/minds.py`` measures them."""
KNOWN = [name for name, version in VERSIONS.items() if version["answer"] != "open"]


def sought(version: dict[str, str]) -> tuple[Story, Found]:
    file = next(PROBLEMS.glob(f"{version['problem']}.t*"))
    one = load(file)
    goal = int(version["goal"]) if version["goal"].isdigit() else parse_expression(version["goal"], one)
    limits = {"within": "author_temporal_limit", "horizon": "character_temporal_limit", "minds": "epistemic_limit"}
    given = {name: int(version[column]) for name, column in limits.items()}
    return one, find(one, goal=goal, **given)


@pytest.mark.fuzz
@pytest.mark.parametrize("name", KNOWN if os.environ.get("EVERYTALE_FUZZ") else QUICK)
def test_a_problem_comes_to_what_it_is_known_to_come_to(name: str) -> None:
    version = VERSIONS[name]
    one, found = sought(version)
    assert found.status == version["answer"] and found.stopped is None
    assert found.complete == (found.status == "none")
    if found.tales:
        tale = judge(one, minds=found.minds, horizon=found.horizon, within=found.within)
        last = tale.follow(found.plan)
        assert last is not None
        if version["goal"].isdigit():
            assert tale.worth(last, None) == worth(found.tales[0].state, None) >= Fraction(version["goal"])
        else:
            assert tale.evaluator.holds(parse_expression(version["goal"], one), {}, last)


def test_every_problem_is_in_the_table() -> None:
    assert {version["problem"] for version in VERSIONS.values()} == {
        file.stem for file in PROBLEMS.glob("*.t*") if file.suffix in (".txt", ".tale")
    }
    assert set(QUICK) <= set(KNOWN)
