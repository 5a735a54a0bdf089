"""Worlds and states in the names of a story: what can be asked of them, traces, and moves that there are not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from everytale.diagnostics import Source, Span
from everytale.ground import ground
from everytale.language import read_story
from everytale.language.expression import parse_expression
from everytale.story import Comparison, Move
from everytale.world import State, Trace, Undecided, UnknownMove, World

TEXT = """
tale "The Cellar"
kind person: Ann (she), Ben (he)
kind place: hall, cellar
fact at(person): place
fact dark: yes or no
fact wine: 0 to 5
fact locked(place): yes or no
start
    at(every person) = hall
    wine = 3
    Ben believes wine = 1
wants Ann
    +1 at(Ann) = cellar
wants Ben
    +1 each wine
action go(to: place) by p: person
    if not locked(to) and at(p) != to
    then at(p) = to
action drink by Ann
    if at(Ann) = cellar and wine > 0
    then wine eases, dark
event dusk
    if not dark
    then dark
event unlock
    if locked(hall)
    then not locked(hall)
trigger lamp_goes_out
    if dark and wine > 2
    then wine = 2
inference he_hides_it by Ben
    if dark
    then wine = 0
ending "Dry" if wine = 0
ending "Still" if nothing more can happen
"""


def read(text: str) -> World:
    def include(name: str, span: Span) -> Source:
        raise AssertionError(name)

    story, diagnostics = read_story(Source("test.tale", text), include)
    assert story is not None, diagnostics
    return ground(story)


@pytest.fixture(scope="module")
def world() -> World:
    return read(TEXT)


def after(world: World, *names: str) -> State:
    state = world.start
    for name in names:
        state = state.after(world.move(name))
    return state


# ---- states ----------------------------------------------------------------------------------------------------------


def test_values_by_name(world: World) -> None:
    start = world.start
    assert start.value("at", "Ann") == "hall"
    assert start.value("dark") is False
    assert start.value("wine") == Fraction(3)
    assert start.value("locked", "cellar") is False
    assert {str(fluent): value for fluent, value in start.values().items()} == {
        "at(Ann)": "hall",
        "at(Ben)": "hall",
        "dark": False,
        "wine": 3,
    }


@pytest.mark.parametrize("asked", [("at",), ("at", "Zed"), ("nowhere",), ("dark", "Ann")])
def test_a_fluent_that_there_is_not(world: World, asked: tuple[str, ...]) -> None:
    with pytest.raises(KeyError):
        world.start.value(*asked)


def test_what_somebody_believes_is_a_state_like_any_other(world: World) -> None:
    mind = world.start.believes("Ben")
    assert mind.value("wine") == 1
    assert mind.believes("Ben") == mind
    assert world.start.believes("Ann", "Ben") == world.start.believes("Ann").believes("Ben")
    assert world.start.believes("Ann", "Ben").value("wine") == 3
    assert mind.after(world.move("go(cellar, Ben)")).value("at", "Ben") == "cellar"


def test_equal_states_are_equal_and_minds_count(world: World) -> None:
    there_and_back = after(world, "go(cellar, Ben)", "go(hall, Ben)")
    assert there_and_back == world.start
    assert hash(there_and_back) == hash(world.start)
    assert after(world, "dusk") != world.start


def test_the_possible_moves_with_their_weights(world: World) -> None:
    assert [(str(move), weight) for move, weight in world.start.moves()] == [("go(cellar, Ann)", 1), ("dusk", 1)]


def test_what_follows_a_move_and_where(world: World) -> None:
    state = after(world, "dusk")
    assert (state.value("wine"), state.believes("Ann").value("wine"), state.believes("Ben").value("wine")) == (2, 2, 0)
    assert [(chain, str(trigger)) for chain, trigger in world.start.fired(world.move("dusk"))] == [
        (("Ann",), "lamp_goes_out"),
        (("Ben",), "he_hides_it"),
        ((), "lamp_goes_out"),
    ]


def test_the_first_ending_that_holds(world: World) -> None:
    assert world.start.ending is None
    ending = after(world, "go(cellar, Ann)", "drink", "drink", "drink").ending
    assert ending is not None and ending.title == "Dry"


def test_an_ending_where_nothing_more_can_happen() -> None:
    still = read('tale "T"\nfact lit: yes or no\nevent light\n    if not lit\n    then lit\nending "Still" if nothing more can happen\n')
    assert still.start.ending is None
    ending = after(still, "light").ending
    assert ending is not None and ending.title == "Still"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("wine + 1/2 = 3", Fraction(7, 2)),
        ("at(Ann) = cellar", "hall"),
        ("(Ben believes wine) = 0", Fraction(1)),
        ("(if dark then at(Ann) else cellar) = hall", "cellar"),
        ("(number of person p with at(p) = hall) = 0", Fraction(2)),
        ("wine / (wine - 3) = 1", None),
        ("Ben believes wine = 1", True),
        ("not dark and locked(cellar)", False),
    ],
)
def test_expressions_are_evaluated(world: World, text: str, value: object) -> None:
    expression = parse_expression(text, world.story)
    asked = expression.left if isinstance(expression, Comparison) and value is not True else expression
    assert world.start.evaluate(asked) == value


def test_free_variables_are_bound(world: World) -> None:
    go = world.move("go(cellar, Ann)")
    assert world.start.holds(go.action.precondition, go.binding)
    assert not world.start.holds(go.action.precondition, world.move("go(hall, Ann)").binding)


def test_supposing_changes_one_mind_alone(world: World) -> None:
    wine = next(fluent for fluent in world.fluents if fluent.key == "wine")
    state = world.start.supposing(("Ann", "Ben"), wine, Fraction(5))
    assert [state.believes(*chain).value("wine") for chain in [(), ("Ann",), ("Ben",), ("Ann", "Ben")]] == [3, 3, 1, 5]
    assert world.start.supposing((), wine, Fraction(3)) == world.start


def test_only_what_may_ever_be_can_be_supposed(world: World) -> None:
    domains = {str(fluent): world.domain(fluent) for fluent in world.fluents}
    assert domains["at(Ann)"] == ("hall", "cellar", None)  # somebody surprised by `at(p) != to` would not know where
    assert domains["dark"] == (False, True)
    assert domains["wine"] == tuple(map(Fraction, range(4)))


def test_what_was_not_decided_is_said() -> None:
    stingy = read(TEXT.replace("+1 at(Ann) = cellar", "+1 wine = 0"))
    stingy.core.patience = 0
    with pytest.raises(Undecided, match=r"drink"):
        after(stingy, "go(cellar, Ann)").moves()
    assert after(stingy, "go(cellar, Ann)").in_character(stingy.move("drink"), "Ann") is None


# ---- moves -----------------------------------------------------------------------------------------------------------


def test_moves_are_found_by_name(world: World) -> None:
    assert world.move("drink") is world.move("drink()") is world.move(Move("drink"))
    go = world.move(" go( cellar,Ann ) ")
    assert (go.name, go.arguments, go.consenting, go.is_event) == ("go", ("cellar", "Ann"), ("Ann",), False)
    assert go.binding == {"to": "cellar", "p": "Ann"}
    assert go.move == Move("go", ("cellar", "Ann"))
    assert world.move("dusk").is_event


def test_a_move_that_can_never_happen_is_known_all_the_same(world: World) -> None:
    unlock = world.move("unlock")
    assert unlock.index == -1 and unlock not in world.moves
    assert not world.start.holds(unlock.action.precondition, unlock.binding)
    with pytest.raises(ValueError, match="unlock"):
        world.start.after(unlock)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("drnk", "There is no move 'drnk'. Did you mean drink?"),
        ("sing", "There is no move 'sing'."),
        ("go(celar, Ben)", "There is no move 'go(celar, Ben)': it is go(to, p). Did you mean go(cellar, Ben)?"),
        ("go(celar, Ann)", "There is no move 'go(celar, Ann)': it is go(to, p). Did you mean go(cellar, Ann)?"),
        ("drink(the, whole, bottle, up)", "There is no move 'drink(the, whole, bottle, up)': it is drink."),
        ("go(", "'go(' is not a move; a move is written like ask or make_excuse(cat)."),
        ("x" * 500, f"There is no move '{'x' * 57}...'."),
    ],
)
def test_a_move_that_there_is_not_is_answered_with_what_is_meant(world: World, name: str, message: str) -> None:
    with pytest.raises(UnknownMove) as raised:
        world.move(name)
    assert str(raised.value) == message


# ---- traces ----------------------------------------------------------------------------------------------------------


def test_a_trace_is_one_move_a_line() -> None:
    trace = Trace.read("# the first night\nask\n\n  make_excuse( cat )  # again\nstay()\n")
    assert trace.moves == (Move("ask"), Move("make_excuse", ("cat",)), Move("stay"))
    assert Trace.read(str(trace)) == trace


def test_what_the_planner_writes_beside_its_plan_is_passed_over() -> None:
    solution = (
        "sail()\n| dig()\n| | take(Hawkins, Treasure)\ntake(Hawkins, Treasure)\n| goal(Hawkins, x == y)\ngoal(at(Treasure) == Hawkins)\n"
    )
    assert [str(move) for move in Trace.read(solution).moves] == ["sail", "take(Hawkins, Treasure)"]


@pytest.mark.parametrize("line", ["he said that", "ask(", "ask)(", "((", '"', "\x00"])
def test_a_line_that_is_no_move_is_said_to_be_none(line: str) -> None:
    with pytest.raises(UnknownMove):
        Trace.read(f"ask\n{line}\n")
