"""The planner's problem files: what they mean, what is wrong with them, and the published problems with their solutions."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from everytale.diagnostics import Source, StoryError
from everytale.ground import ground
from everytale.language.format import format_expression
from everytale.language.sabre import parse_goal, read_problem
from everytale.loader import load, load_trace, read
from everytale.minds import begin, follow, worth
from everytale.story import Story
from tests.proposals import judge

SHARED = Path(__file__).parents[2] / "shared" / "sabre"
PUBLISHED = pytest.mark.skipif(not SHARED.is_dir(), reason="the published problems are not beside this checkout")
PROBLEMS = sorted((SHARED / "problems").glob("*.txt")) if SHARED.is_dir() else []
VERSIONS: list[dict[str, str]] = []
if SHARED.is_dir():
    with (SHARED / "versions.tsv").open(encoding="utf-8") as table:
        VERSIONS = list(csv.DictReader(table, delimiter="\t"))


def problem(text: str) -> Story:
    found, diagnostics = read_problem(Source("problem.txt", text))
    assert found is not None, diagnostics
    return found


def codes(text: str) -> list[str]:
    found, diagnostics = read_problem(Source("problem.txt", text))
    assert found is None
    return [diagnostic.code for diagnostic in diagnostics]


WORLD = """
type place;
type item;
type treasure : item;
property at(character : character) : place;
property at(item : item) : place;    // overloaded
property rich(character : character) : boolean;
property coins(character : character) : number;
entity Ann : character;
entity Bo : character;
entity Hill : place;
entity Dale : place;
entity Gold : treasure;
at(Ann) = Hill;
at(Bo) = Dale;
at(Gold) = Dale;
"""


def expression(text: str) -> str:
    """A condition of the planner's, as Everytale's language writes it."""
    story = problem(WORLD)
    return format_expression(parse_goal(text, story), story)


# ---- what an expression means -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("rich(Ann) & !rich(Bo) | at(Ann) == Hill", "rich(Ann) and not rich(Bo) or at(Ann) = Hill"),
        ("!exists(c : character) rich(c) & rich(Ann)", "not (for some character c: rich(c)) and rich(Ann)"),
        ("forall(c : character) at(c) == Hill | rich(Ann)", "(for every character c: at(c) = Hill) or rich(Ann)"),
        ("exists(c : character) (rich(c) & at(c) == Hill)", "for some character c: rich(c) and at(c) = Hill"),
        ("believes(Ann, at(Bo)) == ?", "(Ann believes at(Bo)) is unknown"),
        ("believes(Ann, believes(Bo, !rich(Ann)))", "Ann believes Bo believes not rich(Ann)"),
        ("!at(Ann) == Hill", "not at(Ann) = Hill"),
        ("at(Ann) != at(Bo)", "at(Ann) != at(Bo)"),
        ("coins(Ann) + 1 >= 2 * coins(Bo) - 3", "coins(Ann) + 1 >= 2 * coins(Bo) - 3"),
        ("(sum(c : character) coins(c)) > 2", "(sum of coins(c) for character c) > 2"),
        ("sum(c : character) coins(c) > 2", "(sum of coins(c) for character c) > 2"),
        ("sum(c : character) at(c) == Hill > 1", "(sum of (if at(c) = Hill then 1 else 0) for character c) > 1"),
        ("forall(c : character) coins(c) * 2 + 1 > 3 - 1 & rich(Ann)", "(for every character c: coins(c) * 2 + 1 > 3 - 1) and rich(Ann)"),
        ("exists(c : character) coins(c) == coins(Ann) + 1", "for some character c: coins(c) = coins(Ann) + 1"),
        ("!coins(Ann) > 2", "coins(Ann) <= 2"),
        ("!!coins(Ann) >= 2 & rich(Bo)", "coins(Ann) >= 2 and rich(Bo)"),
        ("!(rich(Ann) | coins(Ann) < coins(Bo))", "not rich(Ann) and coins(Ann) >= coins(Bo)"),
        ("!(rich(Ann) & at(Ann) == Hill)", "not (rich(Ann) and at(Ann) = Hill)"),
        ("!exists(c : character) believes(c, coins(c) > 2)", "for every character c: c believes coins(c) <= 2"),
        (
            "(if(rich(Ann)) 2 else 0 + if(rich(Bo)) 2 else 0) >= 4",
            "(if rich(Ann) then 2 else 0) + (if rich(Bo) then 2 else 0) >= 4",
        ),
        ("Gold : treasure", "Gold is a treasure"),
        ("alive == True", None),
        ("rich(Ann) == False", "rich(Ann) = no"),
    ],
)
def test_expressions_bind_as_their_author_meant(written: str, means: str | None) -> None:
    if means is None:
        with pytest.raises(StoryError):
            expression(written)
    else:
        assert expression(written) == means


def test_overloaded_names_differ_by_the_types_of_their_arguments() -> None:
    start = begin(problem(WORLD))
    assert start.value("at", "Ann") == "Hill" and start.value("at(item)", "Gold") == "Dale"


ACTIONS = (
    WORLD
    + """
action walk(character : character, from : place, to : place) {
    precondition: from != to & at(character) == from;
    effect: at(character) = to;
    consenting: character;
    observing(c : character): at(c) == from | at(c) == to;
};
action find(character : character, Gold) {
    precondition: at(character) == at(Gold);
    effect:
        if(coins(character) == 0) coins(character) = 2 & rich(character)
        & forall(c : character) believes(c, rich(character));
    consenting: character;
    observing: character;
};
action flood() { effect: at(Gold) = ?; };
trigger see(character : character, item : item) {
    precondition: at(character) == at(item) & believes(character, at(item)) != at(item);
    effect: believes(character, at(item)) = at(character);
};
utility(): coins(Ann) + if(rich(Bo)) 5 else 0;
utility(Ann): if(at(Ann) == ?) 0 elseif(rich(Ann)) 2 else 1;
utility(Bo): rich(Bo);
believes(Ann, at(Gold) = ?);
forall(c : character) coins(c) = 0;
"""
)


def test_a_problem_is_a_story() -> None:
    story = problem(ACTIONS)
    world = ground(story)
    assert story.people == ("Ann", "Bo")
    assert sorted(str(move) for move in world.moves) == [
        "find(Ann, Gold)",
        "find(Bo, Gold)",
        "flood",
        "walk(Ann, Dale, Hill)",
        "walk(Ann, Hill, Dale)",
        "walk(Bo, Dale, Hill)",
        "walk(Bo, Hill, Dale)",
    ]
    start = world.start
    assert start.believes("Ann").value("at(item)", "Gold") is None
    assert worth(start, None) == 0 and worth(start, "Ann") == 1 and worth(start, "Bo") == 0


def test_what_happens_in_a_problem_is_seen_and_noticed() -> None:
    start = begin(problem(ACTIONS))
    world = start.world
    found = start.after(world.move("find(Bo, Gold)"))
    assert found.value("rich", "Bo") is True and found.value("coins", "Bo") == 2
    assert found.believes("Ann").value("rich", "Bo") is True
    assert found.believes("Ann").value("coins", "Bo") == 0
    there = start.after(world.move("walk(Ann, Hill, Dale)"))
    assert there.believes("Ann").value("at(item)", "Gold") == "Dale"
    assert worth(found, None) == 5


def test_a_trace_may_be_a_published_solution(tmp_path: Path) -> None:
    solution = tmp_path / "solution.txt"
    solution.write_text("find(Bo, Gold)\n| find(Ann, Gold)\n| goal(Bo, rich(Bo) == True)\nflood()\ngoal(rich(Bo) == True)\n")
    following = follow(problem(ACTIONS), load_trace(solution), goal=5)
    assert [str(step.move) for step in following.moves] == ["find(Bo, Gold)", "flood"]
    assert following.ok and following.value == 5


def test_the_goal_must_be_more_than_there_was() -> None:
    assert follow(problem(ACTIONS), "flood", goal=0).goal is False
    assert follow(problem(ACTIONS), "find(Bo, Gold)", goal=Fraction(6)).goal is False


def test_contradictory_effects_are_no_error_there_the_first_wins() -> None:
    story = problem(WORLD + "action go() { effect: at(Ann) = Dale & at(Ann) = Hill & coins(Ann) = 4 & coins(Ann) = 9; };")
    after = begin(story).after(begin(story).world.move("go"))
    assert after.value("at", "Ann") == "Dale" and after.value("coins", "Ann") == 4


def test_of_a_number_that_was_not_as_they_thought_a_witness_knows_nothing() -> None:
    pay = "action pay(who : character) { precondition: coins(who) >= 1; effect: coins(who) = coins(who) - 1; };"
    start = begin(problem(WORLD + "coins(Ann) = 3; believes(Bo, coins(Ann) = 0);" + pay))
    paid = start.after(start.world.move("pay(Ann)"))
    assert paid.value("coins", "Ann") == 2 and paid.believes("Ann").value("coins", "Ann") == 2
    assert paid.believes("Bo").value("coins", "Ann") is None


def test_a_number_may_be_unknown() -> None:
    start = begin(problem(WORLD + "coins(Ann) = ?;"))
    assert start.value("coins", "Ann") is None and start.value("coins", "Bo") == 0


@pytest.mark.parametrize("test", ["coins(Ann) > 1", "!(coins(Ann) > 1)", "!believes(Bo, coins(Ann) <= 1)", "coins(Ann) != ?"])
def test_what_is_no_number_has_no_place_in_an_order_on_either_side_of_a_not(test: str) -> None:
    start = begin(problem(WORLD + "coins(Ann) = ?; action go() { precondition: " + test + "; effect: rich(Bo); };"))
    assert start.moves() == []


def test_what_a_condition_makes_of_a_number_is_counted_whole() -> None:
    effect = "if(rich(Ann)) coins(Ann) = coins(Ann) + 2 elseif(rich(Bo)) coins(Ann) = 9 - 2 * 3 else coins(Bo) = coins(Bo) - 1 & rich(Bo)"
    start = begin(
        problem(WORLD + "action go() { effect: " + effect + "; }; trigger none() { precondition: coins(Bo) > 9; effect: coins(Bo) = 0; };")
    )
    once = start.after(start.world.move("go"))
    twice = once.after(start.world.move("go"))
    assert (once.value("coins", "Ann"), once.value("coins", "Bo"), once.value("rich", "Bo")) == (0, -1, True)
    assert (twice.value("coins", "Ann"), twice.value("coins", "Bo")) == (3, -1)


def test_a_number_that_is_not_whole_is_refused_and_not_taken_for_unknown() -> None:
    with pytest.raises(StoryError, match="coins cannot be 1/2"):
        begin(problem(WORLD + "coins(Ann) = 0.5;"))
    start = begin(problem(WORLD + "coins(Ann) = 3; action halve() { effect: coins(Ann) = coins(Ann) / 2; };"))
    with pytest.raises(StoryError, match="halve would make coins a fraction"):
        start.after(start.world.move("halve"))


def test_a_property_may_leave_the_names_of_its_arguments_out() -> None:
    story = problem(WORLD + "property owes(character, character) : number; owes(Ann, Bo) = 2;")
    assert begin(story).value("owes", "Ann", "Bo") == 2 and begin(story).value("owes", "Bo", "Ann") == 0


def test_what_is_counted_may_be_called_count() -> None:
    story = problem(
        WORLD + "property count(item : item) : number; count(Gold) = 3; action go() { precondition: count(Gold) > 2; effect: rich(Bo); };"
    )
    assert begin(story).value("count", "Gold") == 3 and len(begin(story).moves()) == 1


def test_a_type_and_something_of_it_may_have_one_name() -> None:
    story = problem(WORLD + "type door; type Door : door; entity Door : Door; property open(door : door) : boolean; open(Door);")
    assert begin(story).value("open", "Door") is True


# ---- what is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["empty-story"]),
        ("type place", ["unexpected"]),
        ("/* no end", ["unclosed-comment"]),
        (WORLD + "at(An) = Hill;", ["unknown-name"]),
        (WORLD + "att(Ann) = Hill;", ["unknown-name"]),
        (WORLD + "at(Hill) = Hill;", ["wrong-arguments"]),
        (WORLD + "entity X : plaice;", ["unknown-kind"]),
        (WORLD + "entity Ann : character;", ["declared-twice"]),
        (WORLD + "property at(x : character) : place;", ["declared-twice"]),
        ("type a : b; type b : a;", ["own-ancestor"]),
        (WORLD + "rich(Ann) == Hill;", ["wrong-sort"]),
        (WORLD + "at(Ann) == Hill & coins(Ann);", ["not-a-condition"]),
        (WORLD + "at(Ann) != Hill;", ["not-an-effect"]),
        (WORLD + "rich(Ann) = ?;", ["never-unknown"]),
        (WORLD + "actoin go() { effect: rich(Ann); };", ["unknown-block"]),
        (WORLD + "action go() { effect: rich(Ann); effect: rich(Bo); };", ["said-twice"]),
        (WORLD + "action go() { efect: rich(Ann); };", ["misplaced-line"]),
        (WORLD + "action go(x : character, x : place) { };", ["declared-twice"]),
        (WORLD + "action go() { consenting: Hill; };", ["wrong-kind"]),
        (WORLD + "action go() { effect: rich(Ann);", ["unclosed-bracket"]),
        (WORLD + "utility(Anna): rich(Ann);", ["unknown-name"]),
        (WORLD + "coins(Ann) = 99999999999999999999;", ["number-too-large"]),
        (WORLD + "rich(Ann) = $;", ["strange-sign", "unexpected"]),
        (WORLD + f"rich(Ann) == {'(' * 500}rich(Bo){')' * 500};", ["too-deep"]),
        (WORLD + f"rich(Ann) == {'!' * 5000}rich(Bo);", ["too-deep"]),
    ],
)
def test_what_is_wrong_with_a_problem_is_said(text: str, found: list[str]) -> None:
    assert codes(text) == found


def test_several_things_that_are_wrong_are_said_at_once() -> None:
    text = WORLD + "action a() { precondition: ric(Ann); effect: at(Ann) = Hil; };\naction b() { effect: at(Bo) = Hull; };"
    assert codes(text) == ["unknown-name"] * 3


def test_a_name_like_it_is_proposed() -> None:
    _, diagnostics = read_problem(Source("problem.txt", WORLD + "at(Ann) = Hil;"))
    assert diagnostics[0].hint == "Did you mean `Hill`?"
    span = diagnostics[0].span
    assert span is not None and span.source.text[span.start : span.end] == "Hil"


# ---- the published problems --------------------------------------------------------------------------------------------


@PUBLISHED
@pytest.mark.parametrize("path", PROBLEMS, ids=lambda path: path.stem)
def test_the_published_problems_are_read_without_a_diagnostic(path: Path) -> None:
    found, diagnostics = read(path)
    assert found is not None and diagnostics == ()


@PUBLISHED
@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version["version"])
def test_the_published_solutions_are_in_character_and_reach_their_goals(version: dict[str, Any]) -> None:
    story = load(SHARED / "problems" / f"{version['problem']}.txt")
    solution = load_trace(SHARED / "solutions" / f"{version['version']}.txt")
    columns = {"within": "author_temporal_limit", "horizon": "character_temporal_limit", "minds": "epistemic_limit"}
    limits = {name: int(version[column]) for name, column in columns.items()}
    following = follow(story, solution, goal=int(version["goal"]), **limits)
    assert [(str(step.move), step.possible, step.in_character) for step in following.moves if not step.ok] == []
    assert following.ok and following.value is not None and following.value >= int(version["goal"])
    assert all(step.move.is_event or {reason.person for reason in step.reasons} == set(step.move.consenting) for step in following.moves)
    tale = judge(story, **limits)
    last = tale.follow(map(str, solution.moves))
    assert last is not None and tale.worth(last, None) == following.value
