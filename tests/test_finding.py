"""Finding tales: what is found is one, what is said to be proved is so, and a search that is cut short says so."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from everytale.core import WorldError
from everytale.diagnostics import Source, Span, StoryError
from everytale.finding import Found, find
from everytale.finding.budget import Progress
from everytale.finding.portfolio import FOUND, NONE, SHORTEST, UNDECIDED, Quest, Strand
from everytale.ground import another, ground
from everytale.language import read_story
from everytale.language.expression import parse_expression
from everytale.language.sabre import read_problem
from everytale.loader import as_written, load
from everytale.minds import follow, follow_in, together
from everytale.story import Comparison, Conjunction, Expression, Negation, Number, Reading, Story, Thing, Unknown
from everytale.world import World
from tests.proposals import judge
from tests.random_worlds import lively_stories
from tests.reference import Broken, Mind, Tale

SHARED = Path(__file__).parents[2] / "shared" / "sabre"
VERSIONS: list[dict[str, str]] = []
if SHARED.is_dir():
    with (SHARED / "versions.tsv").open(encoding="utf-8") as table:
        VERSIONS = list(csv.DictReader(table, delimiter="\t"))
PUBLISHED = pytest.mark.skipif(not VERSIONS, reason="the published problems are not beside this checkout")

LADDER = """
tale "The Ladder"
kind person: Ada (she)
fact rung: 0 to 6
fact tired, asleep: yes or no
wants Ada
    +1 each rung
    +3 asleep and tired
action climb by Ada
    if rung < 6 and not asleep
    then rung rises
    weight 3
action leap by Ada
    if rung <= 3 and not asleep
    then rung rises by 2, tired
    weight 1
action sleep by Ada
    if tired
    then asleep
event slip
    if rung > 0
    then rung eases
    weight 0.5
ending "At the top" if rung = 6
ending "Down and out" if asleep and rung = 0
"""


def no_file(name: str, span: Span) -> Source:
    raise StoryError(())


def story(text: str) -> Story:
    found, diagnostics = read_story(Source("ladder.tale", text), no_file)
    assert found is not None, diagnostics
    return found


def condition(text: str, of: Story) -> Expression:
    return parse_expression(text, of)


# ---- against the slow interpreter ------------------------------------------------------------------------------------------------


def distance(tale: Tale, goal: Expression, within: int) -> int | None:
    """How many moves the shortest tale to the goal has, by going everywhere."""
    layer, seen = [tale.start], {tale.start}
    for depth in range(within + 1):
        if any(tale.evaluator.holds(goal, {}, mind) for mind in layer):
            return depth
        following: list[Mind] = []
        for mind in layer if depth < within else []:
            if tale.ending(mind) is not None:
                continue
            for name, _ in tale.moves(mind):
                after = tale.after(mind, name)
                if after not in seen:
                    seen.add(after)
                    following.append(after)
        layer = following
    return None


def first_after(tale: Tale, within: int) -> tuple[Expression, int]:
    """What is so for the first time after as many moves as that takes anything, up to ``within``; and how many those are."""
    layer, seen, found = [tale.start], {tale.start.values}, (tale.start, 0)
    for depth in range(1, within + 1):
        following = [tale.after(mind, name) for mind in layer if tale.ending(mind) is None for name, _ in tale.moves(mind)]
        layer = list(dict.fromkeys(following))
        new = [mind for mind in layer if mind.values not in seen]
        seen |= {mind.values for mind in layer}
        found = (new[-1], depth) if new else found
    return so(found[0]), found[1]


def so(mind: Mind) -> Conjunction:
    """That every fact has the value that it has there."""
    parts: list[Expression] = []
    for (fluent, arguments), value in mind.values:
        reading = Reading(fluent, tuple(map(Thing, arguments)))
        match value:
            case bool():
                parts.append(reading if value else Negation(reading))
            case Fraction():
                parts.append(Comparison("=", reading, Number(value)))
            case _:
                parts.append(Comparison("=", reading, Unknown() if value is None else Thing(value)))
    return Conjunction(tuple(parts))


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(lively_stories(), st.integers(0, 3))
def test_the_shortest_tale_is_as_long_as_breadth_first_search_says(one: Story, within: int) -> None:
    try:
        tale = Tale(one)
        goal, moves = first_after(tale, 3)
        expected = distance(tale, goal, within)
        found = find(one, goal=goal, within=within, shortest=True)
        any_found = find(one, goal=goal, within=within)
    except (Broken, StoryError):  # it breaks one of its own rules
        assume(False)
        raise
    assert expected == (moves if moves <= within else None)
    assert found.status == any_found.status == ("none" if expected is None else "found")
    if expected is not None:
        assert found.shortest and len(found.plan) == expected <= len(any_found.plan) <= within
        for plan in (found.plan, any_found.plan):
            last = tale.follow(plan)
            assert last is not None and tale.evaluator.holds(goal, {}, last)


def ends(tale: Tale, goal: Expression, within: int) -> int:
    """In how many states, minds and all, tales of at most ``within`` moves can end where the goal holds."""
    layer, seen = [tale.start], {tale.start}
    for _ in range(within):
        layer = [tale.after(mind, name) for mind in layer if tale.ending(mind) is None for name, _ in tale.moves(mind)]
        layer = list(dict.fromkeys(layer))
        seen |= set(layer)
    return sum(tale.evaluator.holds(goal, {}, mind) for mind in seen)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(lively_stories())
def test_all_tales_are_as_many_as_there_are_ends(one: Story) -> None:
    assume(one.wants)
    goal, within = one.wants[0].measure, 2
    try:
        expected = ends(Tale(one), goal, within)
        found = find(one, goal=goal, within=within, count=10_000)
    except (Broken, StoryError):  # it breaks one of its own rules
        assume(False)
        raise
    assert found.complete and len(found.tales) == expected


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(lively_stories(), st.integers(0, 3))
def test_a_search_that_is_told_of_a_tale_misses_none_that_is_shorter(one: Story, bound: int) -> None:
    try:
        goal, moves = first_after(Tale(one), 3)
        world = another(ground(one))
        node = world.node(goal, {})
        which = world.core.seek(goal=node, ending=-1, within=4, order=SHORTEST, eagerness=1.0, horizon=world.horizon)
        world.core.shorten(which, bound)
        status = world.ask(world.core.search, which, 1 << 40)
    except (Broken, StoryError, WorldError):  # it breaks one of its own rules
        assume(False)
        raise
    assert status == (FOUND if moves <= bound else NONE)
    assert moves > bound or len(world.core.tale(which)) == moves


# ---- the published problems --------------------------------------------------------------------------------------------------------


def published(version: dict[str, str], **more: bool) -> tuple[Story, Found]:
    one = load(SHARED / "problems" / f"{version['problem']}.txt")
    limits = {"within": "author_temporal_limit", "horizon": "character_temporal_limit", "minds": "epistemic_limit"}
    given = {name: int(version[column]) for name, column in limits.items()}
    return one, find(one, goal=int(version["goal"]), time=120, **given, **more)  # type: ignore[arg-type]


@PUBLISHED
@pytest.mark.parametrize("version", VERSIONS, ids=[version["version"] for version in VERSIONS])
def test_every_published_version_is_solved(version: dict[str, str]) -> None:
    one, found = published(version)
    assert found.status == "found" and found.stopped is None
    assert len(found.plan) <= int(version["author_temporal_limit"])
    assert found.tales[0].ok and found.tales[0].value is not None and found.tales[0].value >= int(version["goal"])
    tale = judge(one, minds=found.minds, horizon=found.horizon, within=found.within)
    last = tale.follow(found.plan)
    assert last is not None and tale.worth(last, None) == found.tales[0].value


@PUBLISHED
def test_the_shortest_solution_of_small_problems() -> None:
    for version in VERSIONS:
        if version["version"] in ("treasure", "bribery", "space_any", "space_three", "raiders"):
            one, found = published(version, shortest=True)
            assert found.shortest and Tale(one, minds=found.minds, horizon=found.horizon).follow(found.plan) is not None
            shorter = find(one, goal=int(version["goal"]), within=len(found.plan) - 1, horizon=found.horizon, minds=found.minds)
            assert shorter.status == "none" and shorter.complete


@PUBLISHED
def test_a_harder_search_gives_the_same_answer_each_time() -> None:
    (version,) = (one for one in VERSIONS if one["version"] == "western")
    assert published(version)[1].plan == published(version)[1].plan


# ---- what can be asked ---------------------------------------------------------------------------------------------------------------


def test_a_tale_to_an_ending_comes_to_that_ending() -> None:
    ladder = story(LADDER)
    top = find(ladder, to="At the top")
    assert top.status == "found" and top.tales[0].ending is not None and top.tales[0].ending.title == "At the top"
    assert len(find(ladder, to="At the top", shortest=True).plan) == 4 <= len(top.plan)
    with pytest.raises(StoryError, match="no ending"):
        find(ladder, to="Over the top")


def test_the_flagship_has_a_tale_to_every_ending() -> None:
    flagship = load("dont-stay")
    for ending in flagship.endings:
        found = find(flagship, to=ending.title, time=120)
        assert found.status == "found" and found.tales[0].ok and found.tales[0].ending is ending, ending.title


def test_an_ending_may_be_that_nothing_more_can_happen() -> None:
    still = story(
        'tale "Still"\nkind person: Ada (she)\nfact lit: yes or no\nevent light\n    if not lit\n    then lit\n'
        'ending "Stillness" if nothing more can happen\n'
    )
    for arguments in ({}, {"shortest": True}, {"likeliest": True}):
        assert find(still, to="Stillness", **arguments).plan == ("light",)  # type: ignore[arg-type]


def test_that_there_is_none_is_proved() -> None:
    ladder = story(LADDER)
    assert find(ladder, to="At the top", within=3).status == "none"
    found = find(ladder, goal=condition("asleep and rung = 5 and not tired", ladder))
    assert found.status == "none" and found.complete and not found.tales


def test_a_goal_that_holds_at_the_start_needs_no_move() -> None:
    ladder = story(LADDER)
    found = find(ladder, goal=condition("rung = 0", ladder), shortest=True)
    assert found.status == "found" and found.plan == () and found.shortest


@pytest.mark.parametrize("more", [{}, {"shortest": True}, {"count": 3}])
def test_a_tale_that_does_not_hold_when_followed_anew_leaves_all_undecided(monkeypatch: pytest.MonkeyPatch, more: dict[str, int]) -> None:
    monkeypatch.setattr("everytale.finding._Sought.accepted", lambda self, followed: False)
    found = find(story(LADDER), goal="rung = 1", within=2, **more)  # type: ignore[arg-type]
    assert found.status == "undecided" and not (found.complete or found.shortest or found.stopped)


def test_where_what_the_author_has_at_the_start_is_unknown_nothing_is_more() -> None:
    text = "entity Ann : character; property luck() : number; luck() = ?; action draw() { effect: luck() = 5; }; utility(): luck();"
    draw, _ = read_problem(Source("draw.txt", text))
    assert draw is not None
    assert find(draw, goal=3).status == "none" and follow(draw, "draw", goal=3).goal is False


def test_a_goal_may_be_told_in_words() -> None:
    ladder = story(LADDER)
    assert find(ladder, goal="rung = 5 and tired").plan == find(ladder, goal=condition("rung = 5 and tired", ladder)).plan
    with pytest.raises(StoryError, match="rungs"):
        find(ladder, goal="rungs = 5")


@pytest.mark.parametrize(("levels", "minds"), [(1, 0), (2, 0), (3, 2), (4, 2), (4, 3)])
def test_a_goal_that_looks_deeper_than_minds_are_kept_is_refused(levels: int, minds: int) -> None:
    two = story(LADDER.replace("kind person: Ada (she)", "kind person: Ada (she), Bo (he)"))
    goal = " ".join(["Ada believes", "Bo believes"] * 2).split(" believes")[:levels]
    chain = "".join(f"{name} believes " for name in goal)
    if levels <= minds + 1:
        assert find(two, goal=chain + "rung = 1", minds=minds).status == "found"
    else:
        with pytest.raises(StoryError, match="deeper"):
            find(two, goal=chain + "rung = 1", minds=minds)


def test_several_tales_end_differently() -> None:
    ladder = story(LADDER)
    found = find(ladder, goal=condition("rung >= 2", ladder), within=3, count=50)
    ends = [tale.state.handle for tale in found.tales]
    assert len(set(ends)) == len(ends) > 1 and found.complete
    assert {tale.state.value("rung") for tale in found.tales} == {Fraction(rung) for rung in (2, 3, 4, 5)}
    assert len(find(ladder, goal=condition("rung >= 2", ladder), within=3, count=2).tales) == 2


def test_the_likeliest_tale_is_that_of_all() -> None:
    ladder = story(LADDER)
    found = find(ladder, to="At the top", likeliest=True, within=7)
    best = Fraction(0)
    todo = [(ground(ladder).start, Fraction(1), 0)]
    while todo:
        state, odds, depth = todo.pop()
        if state.ending is not None:
            best = max(best, odds if state.ending.title == "At the top" else Fraction(0))
        elif depth < 7:
            moves = state.moves()
            total = sum(weight for _, weight in moves)
            todo += [(state.after(move), odds * weight / total, depth + 1) for move, weight in moves]
    assert found.likeliest and found.odds == best > 0


def test_what_is_no_question_is_refused() -> None:
    ladder = story(LADDER)
    for arguments in ({}, {"goal": 1, "to": "At the top"}, {"goal": 1, "shortest": True, "likeliest": True}, {"goal": 1, "count": 0}):
        with pytest.raises(ValueError, match="sought"):
            find(ladder, **arguments)  # type: ignore[arg-type]


def test_another_world_imagines_less_and_begins_alike() -> None:
    flagship = ground(load("dont-stay"))
    less = another(flagship, minds=1, horizon=2)
    assert (less.minds, less.horizon, less.depth) == (1, 2, flagship.depth - 1)
    assert less.start.values() == flagship.start.values()
    assert less.start.believes("Jack", "Ianto").values() == flagship.start.believes("Jack", "Ianto").values()
    assert flagship.core.figures()["applications"] == ground(load("dont-stay")).core.figures()["applications"]


BY_BOAT = """
tale "Two ways to the hill"
kind place: home, lane, wood, hill, boat
fact at: place
fact over, dry, warm, fed: yes or no
start
    at = home, dry, warm, fed
event stroll
    if at = home
    then at = lane
event ramble
    if at = lane
    then at = wood
event climb
    if at = wood
    then at = hill
event row
    if at = home
    then at = boat, not dry, not warm, not fed
event land
    if at = boat
    then at = hill, dry, warm, fed
event swim
    if at = hill and not over
    then over, not dry
event rest
    if over and not dry
    then dry
"""


def test_a_place_come_to_late_by_the_way_that_looks_better_is_come_to_again() -> None:
    hill = story(BY_BOAT)
    goal = condition("over and dry and warm and fed", hill)
    assert find(hill, goal=goal, within=4).plan == ("row", "land", "swim", "rest")
    assert find(hill, goal=goal, within=3).status == "none"


FENCE = """
tale "The fence"
kind place: street, gate, garden, roof
fact here: place
fact door: 0 to 2
fact inside, light: yes or no
start
    here = street, light
event climb_the_gate
    if here = street and door = 0
    then here = gate
event creep_in
    if here = gate
    then here = garden, inside, not light
event climb_out
    if here = garden
    then here = roof, light, not inside
event jump_down
    if here = roof
    then inside
event ring
    if here = street and door = 0
    then door = 1
event wait
    if door = 1
    then door = 2
event walk_in
    if door = 2 and not inside
    then inside
"""


def test_the_shortest_tale_is_not_the_one_that_seems_all_but_there() -> None:
    fence = story(FENCE)
    found = find(fence, goal=condition("inside and light", fence), shortest=True)
    assert found.shortest and found.plan == ("ring", "wait", "walk_in")


TORN = """
tale "Torn"
kind person: Ada (she)
fact page: 0 to 2
fact torn, wet, found: yes or no
wants Ada
    +1 found
action tear by Ada
    if page = 0
    then
        page = 1 when not torn
        page = 2 when not wet
event wind
    if page = 0
    then page = 2
"""


@pytest.mark.parametrize("how", [{}, {"shortest": True}, {"likeliest": True}])
def test_a_move_that_breaks_a_rule_of_the_story_is_an_error_if_somebody_would_make_it(how: dict[str, bool]) -> None:
    torn = story(TORN)
    assert find(torn, goal=condition("page = 2", torn), **how).plan == ("wind",)  # type: ignore[arg-type]
    assert find(torn, goal=condition("page = 1", torn), **how).status == "none"  # type: ignore[arg-type]
    with pytest.raises(StoryError, match="contradict"):
        torn = story(TORN.replace("+1 found", "+1 page = 1"))
        find(torn, goal=condition("page = 1", torn), **how)  # type: ignore[arg-type]


# ---- limits ----------------------------------------------------------------------------------------------------------------------------


def hard() -> Story:
    lamps = ", ".join(f"l{number}" for number in range(24))
    return story(
        f'tale "Lamps"\nkind person: Ada (she)\nkind lamp: {lamps}\nfact lit(l: lamp): yes or no\n'
        "event light(l: lamp)\n    if not lit(l)\n    then lit(l)\n"
        "event out(l: lamp)\n    if lit(l)\n    then not lit(l)\n"
    )


def crowd() -> Story:
    """Tens of thousands of moves, all of which can happen."""
    places = ", ".join(f"p{number}" for number in range(24))
    return story(
        f'tale "Crowd"\nkind person: Ada (she), Bo (he)\nkind place: {places}\n'
        "fact at(person), aim(person): place\nfact met(person): yes or no\n"
        "start\n    at(every person) = p0\nwants every person p\n    +1 met(p)\n"
        "action go(a: place, b: place, c: place) by p: person\n    if at(p) = a and a != b\n    then at(p) = b, aim(p) = c\n"
        "action greet by p: person\n    if for every person q: at(q) = aim(p)\n    then met(p)\n"
    )


def impossible(of: Story) -> Expression:
    """All lamps are lit, in fewer moves than there are lamps: nothing but going everywhere proves it."""
    return condition("for every lamp l: lit(l)", of)


def test_what_two_judge_in_turns_is_what_one_judges() -> None:
    written = load("dont-stay")
    one = follow_in(ground(written, anew=True), as_written("dont-stay"))
    parts = [follow_in(ground(written, anew=True), as_written("dont-stay"), share=slice(first, None, 2)) for first in (0, 1)]
    both = together(parts)
    assert [part.ok for part in parts] == [None, None]
    assert (both.ok, both.complete, both.value) == (one.ok, one.complete, one.value)
    told = [(step.move, step.possible, step.in_character, step.reasons) for step in one.moves]
    assert [(step.move, step.possible, step.in_character, step.reasons) for step in both.moves] == told


def test_two_worlds_of_one_grounding_may_be_asked_new_questions_at_once() -> None:
    first = ground(story(LADDER), anew=True)

    def answers(of: World, which: int) -> list[bool]:
        return [of.start.holds(condition(f"rung + {2 * number + which} > 100", of.story)) for number in range(150)]

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(2) as threads:
            found = list(threads.map(answers, [another(first), another(first)], [0, 1]))
    finally:
        sys.setswitchinterval(usual)
    assert found == [[2 * number + which > 100 for number in range(150)] for which in (0, 1)]


def test_time_cuts_it_short_before_the_world_is_there() -> None:
    lamps = hard()
    found = find(lamps, goal=impossible(lamps), within=22, time=0.0)
    assert (found.status, found.stopped, found.states, found.tales) == ("undecided", "time", 0, ())
    assert (found.within, found.horizon, found.minds) == (22, lamps.horizon, lamps.minds)


def test_time_cuts_a_search_short() -> None:
    lamps = hard()
    begun = time.monotonic()
    told: list[Progress] = []
    found = find(lamps, goal=impossible(lamps), within=23, time=1.0, progress=told.append)
    assert found.status == "undecided" and found.stopped == "time" and not found.complete
    assert time.monotonic() - begun < 3
    assert told and told[-1].states > 0


def test_memory_cuts_a_search_short() -> None:
    script = (
        "from tests.test_finding import hard, impossible\nfrom everytale.finding import find\n"
        "lamps = hard()\nfound = find(lamps, goal=impossible(lamps), within=23, memory=0.15)\n"
        "print(found.status, found.stopped, found.memory)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[1], timeout=300)
    status, stopped, memory = done.stdout.split()
    assert (status, stopped) == ("undecided", "memory"), done.stderr
    assert int(memory) <= 0.15e9 * 1.05


def test_memory_is_kept_to_while_a_large_world_is_made() -> None:
    script = (
        "from tests.test_finding import crowd\nfrom everytale.finding import find\n"
        "found = find(crowd(), goal='met(Ada)', memory=0.06)\nprint(found.status, found.stopped, found.states, found.memory)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[1], timeout=300)
    status, stopped, states, memory = done.stdout.split()
    assert (status, stopped, states) == ("undecided", "memory", "0"), done.stderr
    assert int(memory) <= 0.06e9 * 1.05


@pytest.mark.parametrize(("end", "begun"), [(UNDECIDED, ["wide", "narrow"]), (NONE, ["wide"])])
def test_what_stays_undecided_is_tried_with_tighter_limits_and_what_is_refuted_is_not(end: int, begun: list[str]) -> None:
    class Ended(Quest):
        def advance(self, work: int) -> None:
            self.status = end

    def stage(name: str) -> list[Quest]:
        stages.append(name)
        return [Ended(world, 0)]

    world, stages = another(ground(hard())), list[str]()
    strand = Strand(world, [partial(stage, "wide"), partial(stage, "narrow")])
    while not strand.done:
        assert strand.round(100) is None
    assert stages == begun


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_it_with_what_is_known(tmp_path: Path) -> None:
    from everytale.language.format import format_story

    (tmp_path / "lamps.tale").write_text(format_story(hard()), encoding="utf-8")
    command = [sys.executable, "-m", "everytale", "find", "lamps.tale", "--goal", "for every lamp l: lit(l)", "--within", "23", "--json"]
    heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # what a shell runs in the background ignores it
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, preexec_fn=heeding)
    time.sleep(3)
    assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 3
    assert time.monotonic() - begun < 3
    answer = json.loads(output)
    assert answer["status"] == "undecided" and answer["stopped"] == "interrupted" and answer["states"] > 100
