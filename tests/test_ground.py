"""Grounding: story in, world out. What is instantiated and what is left out, what people believe at the start, and what is too much."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings

from everytale.diagnostics import Source, Span, StoryError
from everytale.ground import Counts, counts, ground
from everytale.ground.grounder import Grounder
from everytale.ground.reach import Reach
from everytale.language import read_story
from everytale.loader import load
from everytale.story import (
    Action,
    Arithmetic,
    Believes,
    Binder,
    Choice,
    Comparison,
    Conjunction,
    Effect,
    Entity,
    Fluent,
    Kind,
    KindDomain,
    Negation,
    Number,
    NumberDomain,
    Parameter,
    Quantified,
    Reading,
    Story,
    Thing,
    Trigger,
    Truth,
    TruthDomain,
    Variable,
)
from everytale.world import State, World
from everytale.world.grounding import Grounding
from everytale.world.table import BELIEVES
from everytale.world.vocabulary import Place
from tests.random_worlds import stories

PEOPLE = """
tale "Test"
kind person: Ann (she), Ben (he), Cat (they)
kind place: hall, yard, shed
fact at(person): place
start
    at(every person) = hall
"""


def read(text: str, head: str = PEOPLE) -> Story:
    def include(name: str, span: Span) -> Source:
        raise AssertionError(name)

    story, diagnostics = read_story(Source("test.tale", head + text), include)
    assert story is not None, diagnostics
    return story


def world(text: str, head: str = PEOPLE) -> World:
    return ground(read(text, head))


def moves(of: World) -> list[str]:
    return [str(move) for move in of.moves]


def problem(text: str, head: str = PEOPLE) -> tuple[str, str]:
    """The code and the message of what is wrong with a story, once it is grounded."""
    with pytest.raises(StoryError) as raised:
        world(text, head)
    (diagnostic,) = raised.value.diagnostics
    return diagnostic.code, diagnostic.message


def after(of: World, *names: str) -> State:
    state = of.start
    for name in names:
        state = state.after(of.move(name))
    return state


# ---- instances -------------------------------------------------------------------------------------------------------


def test_moves_are_instantiated_in_the_order_of_the_file() -> None:
    found = world("action go(to: place) by p: person\n    then at(p) = to")
    assert moves(found) == [f"go({to}, {who})" for to in ("hall", "yard", "shed") for who in ("Ann", "Ben", "Cat")]
    assert found.move("go(yard, Ben)").consenting == ("Ben",)
    assert [str(fluent) for fluent in found.fluents] == ["at(Ann)", "at(Ben)", "at(Cat)"]


ROADS = """
fact road(place, to: place): yes or no
start
    road(hall, yard), road(yard, shed)
action go(q: place, p: place) by who: person
    if at(who) = p and road(p, q)
    then at(who) = q
"""


def test_what_constants_rule_out_is_left_out_and_constants_are_still_known() -> None:
    found = world(ROADS)
    assert moves(found) == [f"go({to}, {who})" for to in ("yard, hall", "shed, yard") for who in ("Ann", "Ben", "Cat")]
    assert {fluent.key for fluent in found.fluents} == {"at"}
    assert found.start.value("road", "hall", "yard") is True
    assert found.start.value("road", "yard", "hall") is False
    assert found.start.believes("Ann").value("road", "hall", "yard") is True


def test_triggers_that_only_prepare_the_start_are_compiled_away() -> None:
    found = world(ROADS + "trigger both_ways(a: place, b: place)\n    if road(a, b) and not road(b, a)\n    then road(b, a)")
    assert found.start.value("road", "yard", "hall") is True
    assert found.triggers == ()
    assert len(found.moves) == 4 * 3
    assert {fluent.key for fluent in found.fluents} == {"at"}


def test_equalities_of_parameters_are_joined_not_enumerated() -> None:
    size = 120
    things = ", ".join(f"x{number}" for number in range(size))
    chain = "\n".join(f"    next(x{number}) = x{number + 1}" for number in range(size - 1))
    text = f"""
kind thing: {things}
fact next(thing): thing
fact on(thing): yes or no
start
    on(x0)
{chain}
event pass(d: thing, c: thing, b: thing, a: thing)
    if b = next(a) and c = next(b) and d = next(c) and on(a)
    then on(b)
"""
    begun = time.process_time()
    found = world(text)
    assert time.process_time() - begun < 2
    assert moves(found) == [f"pass(x{n + 3}, x{n + 2}, x{n + 1}, x{n})" for n in range(size - 3)]


def test_what_can_never_happen_is_left_out() -> None:
    found = world("""
fact open, lit: yes or no
event knock
    if open
    then lit
event never
    if lit
    then at(Ann) = shed
event dusk
    then at(Ben) = yard
""")
    assert moves(found) == ["dusk"]
    assert [str(fluent) for fluent in found.fluents] == ["at(Ben)"]


def test_what_is_only_believed_can_still_happen_in_a_mind() -> None:
    found = world("""
fact open: yes or no
start
    Ann believes open
event leave
    if open
    then at(Ben) = yard
""")
    assert moves(found) == ["leave"]
    assert found.start.moves() == []
    assert found.start.believes("Ann").after(found.moves[0]).value("at", "Ben") == "yard"


def test_a_value_that_only_surprise_brings_is_reckoned_with() -> None:
    """Who sees Ben leave a place where they thought that he was not doubts where he is: unknown, although no effect says so."""
    found = world("""
start
    Ann believes at(Ben) = shed
action leave by Ben
    if at(Ben) != shed
    then at(Cat) = yard
event puzzled
    if at(Ben) is unknown
    then at(Ann) = yard
""")
    assert moves(found) == ["leave", "puzzled"]
    assert after(found, "leave").believes("Ann").value("at", "Ben") is None


def test_quantifiers_counts_sums_and_choices() -> None:
    found = world("""
fact hurt(person): 0 to 3
fact all_out, some_out: yes or no
fact count: 0 to 3
fact sum: 0 to 9
start
    hurt(Ann) = 2, hurt(Ben) = 1
action go by p: person
    then at(p) = yard
event look
    then all_out when for every person p: at(p) = yard
    then some_out when for some person p except Ann: at(p) = yard
    then count = number of person p with at(p) = yard
    then sum = sum of if at(p) = yard then hurt(p) else 0 for person p
""")
    once = after(found, "go(Ann)", "look")
    assert (once.value("all_out"), once.value("some_out")) == (False, False)
    assert (once.value("count"), once.value("sum")) == (1, 2)
    all_out = after(found, "go(Ann)", "go(Ben)", "go(Cat)", "look")
    assert (all_out.value("all_out"), all_out.value("some_out")) == (True, True)
    assert (all_out.value("count"), all_out.value("sum")) == (3, 3)


def test_entities_of_a_kind_are_those_of_kinds_below_it_too() -> None:
    found = world("kind vault is place: cellar\naction go(to: place) by Ann\n    then at(Ann) = to")
    assert moves(found) == ["go(hall)", "go(yard)", "go(shed)", "go(cellar)"]
    assert after(found, "go(cellar)").value("at", "Ann") == "cellar"


# ---- observation, weights, expressive acts ---------------------------------------------------------------------------


def test_those_who_consent_see_what_they_do() -> None:
    found = world("action slip_out by p: person\n    seen by nobody\n    then at(p) = yard")
    state = after(found, "slip_out(Ann)")
    assert state.believes("Ann").value("at", "Ann") == "yard"
    assert state.believes("Ben").value("at", "Ann") == "hall"


def test_in_the_planners_files_those_who_consent_see_only_what_they_observe() -> None:
    story = replace(read("action slip_out by p: person\n    seen by nobody\n    then at(p) = yard"), first_effect_wins=True)
    assert after(ground(story), "slip_out(Ann)").believes("Ann").value("at", "Ann") == "hall"


def test_weights_by_case() -> None:
    found = world("""
event rain
    weight 1 / 2 when at(Ann) = hall, 3
    then at(Ann) = yard
event wind
    weight 0 when at(Ann) = hall, 1
    then at(Ann) = shed
""")
    assert [(str(move), weight) for move, weight in found.start.moves()] == [("rain", Fraction(1, 2))]
    assert [(str(move), weight) for move, weight in after(found, "rain").moves()] == [("rain", 3), ("wind", 1)]


# ---- the start -------------------------------------------------------------------------------------------------------


def test_a_belief_that_nobody_states_drops_the_last_person() -> None:
    start = world("""
start
    Ann believes at(Ben) = shed
    Ann believes Cat believes at(Ben) = yard
action go(to: place) by Ben
    then at(Ben) = to
""").start
    assert start.believes("Ann", "Ben").value("at", "Ben") == "shed"
    assert start.believes("Ann", "Cat", "Ben").value("at", "Ben") == "yard"
    assert start.believes("Ben", "Ann").value("at", "Ben") == "hall"
    assert start.believes("Ann", "Ann") == start.believes("Ann")


def test_common_forgets_what_was_stated_before() -> None:
    start = world("""
start
    Ann believes at(Ben) = shed
    common at(Ben) = yard
    Cat believes at(Ben) = hall
action go(to: place) by Ben
    then at(Ben) = to
""").start
    assert [start.believes(person).value("at", "Ben") for person in ("Ann", "Ben", "Cat")] == ["yard", "yard", "hall"]


def test_common_as_an_effect_reaches_every_mind() -> None:
    found = world("""
start
    Ann believes Ben believes at(Cat) = shed
event bell
    seen by nobody
    then common at(Cat) = yard
""")
    state = after(found, "bell")
    chains: tuple[tuple[str, ...], ...] = ((), ("Ann",), ("Ann", "Ben"), ("Ben", "Ann", "Cat"))
    assert [state.believes(*chain).value("at", "Cat") for chain in chains] == ["yard"] * 4


def test_who_knows_a_fact_of_themselves_is_never_wrong_about_it() -> None:
    found = world("""
fact hurt(p: person): yes or no, known to p
event stone(p: person)
    seen by nobody
    then hurt(p)
""")
    state = after(found, "stone(Ann)")
    assert state.believes("Ann").value("hurt", "Ann") is True
    assert state.believes("Ben").value("hurt", "Ann") is False
    assert state.believes("Ben", "Ann").value("hurt", "Ann") is False


def test_defaults_are_no_the_number_nearest_zero_and_unknown() -> None:
    start = world("""
fact lit: yes or no
fact warm: 3 to 5
fact cold: -5 to -2
fact owner: person
event all
    then lit, warm = 4, cold = -3, owner = Ann
""").start
    assert [start.value(name) for name in ("lit", "warm", "cold", "owner")] == [False, 3, -2, None]


@pytest.mark.parametrize(("condition", "kept"), [("dark", 3), ("Ann believes dark", 4), ("Ann believes Ben believes dark", 4)])
def test_minds_are_kept_one_deeper_where_the_world_looks_into_them(condition: str, kept: int) -> None:
    assert world(f"fact dark: yes or no\nevent e\n    if {condition}\n    then not dark\nevent f\n    then dark").depth == kept


def test_limits_can_be_replaced() -> None:
    story = read("action go(to: place) by Ben\n    then at(Ben) = to")
    assert (ground(story).minds, ground(story).horizon, ground(story).depth) == (2, 5, 3)
    other = ground(story, minds=1, horizon=7)
    assert (other.minds, other.horizon, other.depth) == (1, 7, 2)
    assert ground(story) is ground(story)


# ---- expressions that only the planner's files have ------------------------------------------------------------------

ANN, BEN = Thing("Ann"), Thing("Ben")


def by_hand(**parts: object) -> Story:
    story = Story(
        "By hand",
        (Kind("person"), Kind("place")),
        tuple(Entity(name, (kind,), name) for name, kind in (("Ann", "person"), ("Ben", "person"), ("hall", "place"), ("yard", "place"))),
        (
            Fluent("at", "at", (Parameter("p", "person"),), KindDomain("place")),
            Fluent("host", "host", (Parameter("l", "place"),), KindDomain("person")),
            Fluent("coins", "coins", (), NumberDomain(None, None)),
            Fluent("lit", "lit", (), TruthDomain()),
        ),
        first_effect_wins=True,
    )
    return replace(story, **parts)  # type: ignore[arg-type]


def at(person: object) -> Reading:
    return Reading("at", (person,))  # type: ignore[arg-type]


def test_a_fluent_of_what_another_fluent_names() -> None:
    host = Reading("host", (Thing("hall"),))
    story = by_hand(
        start=(Effect(at(ANN), Thing("yard")), Effect(at(BEN), Thing("hall"))),
        actions=(
            Action("host_ann", (), Truth(True), (Effect(host, ANN),)),
            Action("host_ben", (), Truth(True), (Effect(host, BEN),)),
            Action("glow", (), Comparison("=", at(host), Thing("hall")), (Effect(Reading("lit"), Truth(True)),)),
            Action("send", (), Truth(True), (Effect(at(host), Thing("yard")),)),
            Action("tell", (), Truth(True), (Effect(Reading("lit"), Truth(True), believers=(host,)),), consenting=(ANN,)),
        ),
    )
    found = ground(story)

    def possible(state: State) -> list[str]:
        return [str(move) for move, _ in state.moves()]

    assert "glow" not in possible(found.start)
    assert "glow" not in possible(after(found, "host_ann"))
    assert "glow" in possible(after(found, "host_ben"))
    assert after(found, "host_ben", "send").value("at", "Ben") == "yard"
    assert after(found, "send").value("at", "Ben") == "hall"
    told = after(found, "host_ben", "tell")
    assert (told.value("lit"), told.believes("Ben").value("lit"), told.believes("Ann").value("lit")) == (False, True, False)


def raised() -> Story:
    coins = Reading("coins")
    return by_hand(actions=(Action("earn", (), Truth(True), (Effect(coins, Arithmetic("+", coins, Number(Fraction(3)))),)),))


def test_numbers_without_a_bound_get_the_range_that_they_keep_within() -> None:
    assert ground(raised(), within=5, horizon=3).vocabulary.ranges["coins"] == (0, 24, False)
    unbounded = ground(raised())
    assert unbounded.vocabulary.ranges["coins"][1] > 2**60
    assert after(unbounded, *["earn"] * 100).value("coins") == 300


def test_an_or_with_a_constant_in_it_is_still_corrected_whole() -> None:
    """Somebody surprised corrects all members of an `or` that are true, also beside one that is always true."""
    lit, in_hall = Reading("lit"), Comparison("=", at(BEN), Thing("hall"))
    members = (Truth(True), in_hall)
    story = by_hand(
        start=(Effect(at(BEN), Thing("hall")), Effect(lit, Truth(True)), Effect(lit, Truth(False), believers=(ANN,))),
        actions=(
            Action("see", (), Conjunction((lit, Negation(Conjunction(tuple(map(Negation, members)))))), (Effect(lit, Truth(False)),)),
            Action("go", (), Truth(True), (Effect(at(BEN), Thing("yard")),)),
        ),
    )
    story = replace(story, start=(*story.start, Effect(at(BEN), Thing("yard"), believers=(ANN,))))
    assert after(ground(story), "see").believes("Ann").value("at", "Ben") == "hall"


def test_a_constant_on_the_left_of_an_equality_stays_what_a_correction_sets() -> None:
    """`host(hall) = f`: the left side is set, which is so already; where Ben is stays what Ann took it for."""
    same = Comparison("=", Reading("host", (Thing("hall"),)), Choice(Reading("lit"), ANN, BEN))
    story = by_hand(
        start=(Effect(Reading("host", (Thing("hall"),)), BEN), Effect(Reading("lit"), Truth(True), believers=(ANN,))),
        actions=(
            Action("see", (), same, (Effect(at(BEN), Thing("yard")),)),
            Action("dark", (), Truth(True), (Effect(Reading("lit"), Truth(True)),)),
        ),
    )
    state = after(ground(story), "see")
    assert state.believes("Ann").value("lit") is True
    assert state.believes("Ann").value("host", "hall") == "Ben"


def test_quantifiers_over_an_empty_kind() -> None:
    every = Quantified("every", Binder("g", "ghost"), Truth(False))
    story = by_hand(
        kinds=(Kind("person"), Kind("place"), Kind("ghost")), actions=(Action("go", (), every, (Effect(at(ANN), Thing("yard")),)),)
    )
    assert moves(ground(story)) == ["go"]


def test_a_story_without_people() -> None:
    found = world("fact lit: yes or no\nevent light\n    if not lit\n    then lit", 'tale "Nobody"\n')
    assert after(found, "light").moves() == []


# ---- as many as the planner counts ---------------------------------------------------------------------------------

SHARED = Path(__file__).parents[2] / "shared" / "sabre"


def published() -> dict[str, Counts]:
    with (SHARED / "versions.tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    return {row["problem"]: Counts(int(row["ground_fluents"]), int(row["ground_actions"]), int(row["ground_triggers"])) for row in rows}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published problems are not beside this checkout")
def test_the_published_problems_are_as_large_as_the_planner_says() -> None:
    found = {name: counts(ground(load(SHARED / "problems" / f"{name}.txt"))) for name in published()}
    assert found == published()


def test_a_belief_that_only_sight_changes_is_counted_as_the_planner_does_but_kept() -> None:
    found = world("""
fact lit, gone: yes or no
event light
    then lit
trigger notice
    if lit and Ann believes not lit
    then Ann believes lit
trigger doubt
    if Ann believes not lit and gone
    then Ann believes not lit
""")
    assert counts(found) == Counts(fluents=2, actions=1, triggers=1)
    assert len(found.fluents) == 1


# ---- shared work: the same as with none ------------------------------------------------------------------------------


class NothingShared:
    """The slow twin of what is shared between instances: every one is lowered by itself."""

    expressions: ClassVar[dict[int, object]] = {}

    def __init__(self, story: Story) -> None:
        parts = [effect for rule in (*story.actions, *story.triggers) for effect in rule.effects]
        self.whole = {id(part): lambda _: object() for part in (*parts, *(action.observers for action in story.actions))}


class LoweredAgain(Grounder):
    """The slow twin of narrowing: every instance that is left is lowered once more from its expressions."""

    left: dict[int, list[Mapping[str, str]]] | None = None

    def _narrowed(self, first: Grounding, places: Sequence[Place], reach: Reach) -> Grounding:
        self.left = {}
        for move in first.moves:
            self.left.setdefault(id(move.action), []).extend([move.binding] if move.index in reach.moves else [])
        for trigger in first.triggers:
            self.left.setdefault(id(trigger.trigger), []).extend([trigger.binding] if trigger.index in reach.triggers else [])
        return self._lowered()

    def _instances(self, rule: Action | Trigger, so_far: int) -> Iterable[Mapping[str, str]]:
        return super()._instances(rule, so_far) if self.left is None else self.left.get(id(rule), [])


def slowly(story: Story) -> World:
    """Grounded with nothing shared, every rule looked at again whenever any fluent has another value, and lowered once more in the end."""

    def watch_all(reach: Reach, rule: Any, fluents: object) -> None:
        for watchers in reach._watchers:
            watchers[rule] = None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("everytale.ground.grounder.Sharing", NothingShared)
        patch.setattr("everytale.ground.Grounder", LoweredAgain)
        patch.setattr(Reach, "_watch", watch_all)
        patch.setattr(Reach, "_is_new", lambda reach, key: True)
        return ground(story, anew=True)


NODES = (
    "move_precondition trigger_precondition move_weight move_expressive trigger_upon observer effect_condition effect_value worth endings"
)


def spread(of: World) -> dict[str, Any]:
    """The columns of a world, in which nodes are what they are made of, and not numbers in a table."""
    table = of.grounding.lowering.table
    made: dict[int, Any] = {-1: None}
    for node, (operator, first, second) in enumerate(zip(table.operator, table.first, table.second, strict=True)):
        inner = tuple(made[part] for part in table.inner(node))
        made[node] = operator, inner or (first, second), first if operator == BELIEVES else None
    columns = dict(of.grounding.columns)
    for name in ("node_operator", "node_first", "node_second", "operands"):
        del columns[name]
    author = columns.pop("author_worth")
    return columns | {name: [made[node] for node in columns[name]] for name in NODES.split()} | {"author_worth": made[author]}


def same_as_slowly(story: Story) -> None:
    try:
        found = ground(story, anew=True)
    except StoryError as error:
        with pytest.raises(StoryError, match=re.escape(str(error))):
            slowly(story)
        return
    twin = slowly(story)
    assert spread(found) == spread(twin)
    assert (moves(found), found.constants) == (moves(twin), twin.constants)
    assert [found.domain(fluent) for fluent in found.fluents] == [twin.domain(fluent) for fluent in twin.fluents]


@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(stories())
def test_random_worlds_are_the_same_when_nothing_is_shared(story: Story) -> None:
    same_as_slowly(story)


@pytest.mark.parametrize("name", ["captains-dinner", "dont-stay", "low-water"])
def test_stories_are_the_same_when_nothing_is_shared(name: str) -> None:
    same_as_slowly(load(name))


# ---- what is wrong, and what is too much -----------------------------------------------------------------------------


def test_a_ring_of_triggers_is_shown() -> None:
    code, message = problem("fact a: yes or no\ntrigger on\n    if not a\n    then a\ntrigger off\n    if a\n    then not a")
    assert code == "trigger-ring"
    assert "on" in message and "off" in message


def test_a_ring_in_a_mind_is_found_where_a_move_begins_it() -> None:
    found = world("""
fact a, b: yes or no
trigger on
    if b and not a
    then a
trigger off
    if b and a
    then not a
event lie
    then Ann believes b
""")
    with pytest.raises(StoryError, match="again and again"):
        after(found, "lie")


def test_a_number_out_of_range_names_the_move_and_the_effect() -> None:
    found = world("fact n: 0 to 2\nevent count\n    then n = n + 1")
    with pytest.raises(StoryError) as raised:
        after(found, "count", "count", "count")
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == "out-of-range"
    assert "count would make n 3" in diagnostic.message
    assert diagnostic.span is not None and diagnostic.span.source.text[diagnostic.span.start : diagnostic.span.end] == "n = n + 1"


def test_effects_that_contradict_each_other_name_the_second() -> None:
    found = world("fact n: 0 to 2\nfact a, b: yes or no\nevent mix\n    then n = 1 when not a, n = 2 when not b\nevent c\n    then a, b")
    with pytest.raises(StoryError) as raised:
        after(found, "mix")
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == "contradiction"
    assert diagnostic.span is not None and diagnostic.span.source.text[diagnostic.span.start : diagnostic.span.end].startswith("n = 2")


def test_a_negative_weight_names_the_move() -> None:
    found = world("fact n: -1 to 2\nevent shift\n    weight n - 1\n    then n = 1")
    with pytest.raises(StoryError, match="weight of shift"):
        found.start.moves()


def test_beliefs_deeper_than_minds_say_how_many_minds() -> None:
    story = read("minds 1\nfact a: yes or no\nwants Ann\n    +1 Ben believes Ann believes Ben believes a\nevent e\n    then a")
    with pytest.raises(StoryError) as raised:
        ground(story)
    assert raised.value.diagnostics[0].code == "minds-too-few"
    assert "minds 2" in raised.value.diagnostics[0].hint
    assert ground(story, minds=2).depth == 3


def names(count: int, form: str = "x{}") -> str:
    return ", ".join(form.format(number) for number in range(count))


@pytest.mark.parametrize(
    "text",
    [
        f"kind thing: {names(100)}\nfact on(thing): yes or no\nevent e(a: thing, b: thing, c: thing, d: thing)\n    then on(a)",
        f"kind thing: {names(100)}\nfact on(thing, b: thing, c: thing): yes or no\nevent e(a: thing)\n    then on(a, a, a)",
        f"kind thing: {names(400)}\nfact on(thing): yes or no\nevent e(a: thing, b: thing)\n    if a != b\n    then on(a), on(b)",
        f"kind thing: {names(150)}\nfact on(thing): yes or no\nfact z: yes or no\nevent f(a: thing)\n    then on(a)\nevent e\n"
        "    if for every thing a: for every thing b: for every thing c: on(a) or on(b) or not on(c)\n    then z",
    ],
    ids=["instances tried", "fluents", "moves", "quantifiers"],
)
def test_worlds_too_large_are_refused_in_time(text: str) -> None:
    begun = time.process_time()
    assert problem(text)[0] == "world-too-large"
    assert time.process_time() - begun < 20


@pytest.mark.parametrize("limits", [{"minds": -1}, {"minds": 51}, {"horizon": 0}, {"horizon": 251}])
def test_limits_out_of_range_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(StoryError, match="out of range"):
        ground(read("event e\n    then at(Ann) = yard"), **limits)


def test_too_many_minds_are_refused() -> None:
    code, message = problem(
        "fact a(person): yes or no\nevent e(p: person)\n    then a(p)", f'tale "T"\nkind person: {names(300, "p{} (he)")}\n'
    )
    assert code == "world-too-large"
    assert "300 people" in message


def test_an_expression_nested_without_end_is_refused() -> None:
    deep: Arithmetic | Reading = Reading("coins")
    for _ in range(5000):
        deep = Arithmetic("-", Number(Fraction(1)), deep)
    story = by_hand(actions=(Action("go", (), Truth(True), (Effect(Reading("coins"), deep),)),))
    with pytest.raises(StoryError) as raised:
        ground(story)
    assert raised.value.diagnostics[0].code == "too-deep"


def test_numbers_that_grow_without_end_are_an_error_not_a_crash() -> None:
    coins = Reading("coins")
    story = by_hand(
        start=(Effect(coins, Number(Fraction(2))),),
        actions=(Action("square", (), Truth(True), (Effect(coins, Arithmetic("*", coins, coins)),)),),
    )
    with pytest.raises(StoryError):
        after(ground(story), *["square"] * 8)


def test_a_belief_in_what_is_read_of_whoever_is_host() -> None:
    host = Reading("host", (Thing("hall"),))
    story = by_hand(
        start=(Effect(Reading("lit"), Truth(True), believers=(BEN,)),),
        actions=(
            Action("host_ben", (), Truth(True), (Effect(host, BEN),)),
            Action("go", (), Believes(host, Reading("lit")), (Effect(at(ANN), Thing("yard")),)),
            Action("toggle", (), Truth(True), (Effect(Reading("lit"), Negation(Reading("lit"))),)),
            Action("each", (), Truth(True), (Effect(at(Variable("p")), Thing("hall"), each=(Binder("p", "person"),)),)),
        ),
    )
    found = ground(story)
    assert "go" not in [str(move) for move, _ in found.start.moves()]
    assert "go" in [str(move) for move, _ in after(found, "host_ben").moves()]


@pytest.mark.parametrize(
    "where",
    [
        "event e\n    weight 2 when {deep}, 1\n    then a",
        "action e by Ann\n    expressive when {deep}\n    then a",
        "event e\n    seen by p with {deep}\n    then a",
        "event e\n    then a\ntrigger t\n    upon {deep}\n    then not a",
        'event e\n    then a\nscene "s"\n    opens upon {deep}',
    ],
)
def test_beliefs_deeper_than_minds_are_an_error_wherever_they_stand(where: str) -> None:
    deep = "Ben believes Ann believes Ben believes a"
    with pytest.raises(StoryError) as raised:
        ground(read("minds 1\nfact a: yes or no\n" + where.format(deep=deep)))
    assert raised.value.diagnostics[0].code == "minds-too-few"
    ground(read("minds 2\nfact a: yes or no\n" + where.format(deep=deep)))
