"""The law, sentence by sentence (docs/semantics.md): each a small story, held by the library and by the slow interpreter alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import pytest

from everytale.diagnostics import Source, Span, StoryError
from everytale.ground import ground
from everytale.language import read_story
from everytale.story import Story
from everytale.world import State
from tests.reference import Broken, Mind, Tale

HEAD = """
tale "Test"
kind person: Ann (she), Ben (he), Cat (they)
kind place: hall, yard, shed
"""


class Against(Exception):
    """The story broke one of its own rules."""


class Told(Protocol):
    """A state, asked by name."""

    def value(self, fluent: str, *arguments: str) -> object: ...
    def believes(self, *people: str) -> Told: ...
    def after(self, *moves: str) -> Told: ...
    def would(self, move: str, person: str) -> bool | None: ...
    def possible(self) -> dict[str, Fraction]: ...
    def ending(self) -> str | None: ...


@dataclass(frozen=True)
class Fast:
    state: State

    def value(self, fluent: str, *arguments: str) -> object:
        return self.state.value(fluent, *arguments)

    def believes(self, *people: str) -> Fast:
        return Fast(self.state.believes(*people))

    def after(self, *moves: str) -> Fast:
        state = self.state
        for name in moves:
            try:
                state = state.after(state.world.move(name))
            except StoryError as error:
                raise Against(error.diagnostics[0].code) from None
        return Fast(state)

    def would(self, move: str, person: str) -> bool | None:
        return self.state.in_character(self.state.world.move(move), person)

    def possible(self) -> dict[str, Fraction]:
        return {str(move): weight for move, weight in self.state.moves()}

    def ending(self) -> str | None:
        return self.state.ending.title if self.state.ending else None


@dataclass(frozen=True)
class Slow:
    tale: Tale
    mind: Mind

    def value(self, fluent: str, *arguments: str) -> object:
        return self.mind.value((fluent, arguments))

    def believes(self, *people: str) -> Slow:
        return Slow(self.tale, self.mind.within(*people))

    def after(self, *moves: str) -> Slow:
        mind = self.mind
        for name in moves:
            assert self.tale.allowed(mind, name), f"{name} is not possible"
            try:
                mind = self.tale.after(mind, name)
            except Broken as error:
                raise Against(str(error)) from None
        return Slow(self.tale, mind)

    def would(self, move: str, person: str) -> bool | None:
        return self.tale.in_character(self.mind, move, person)

    def possible(self) -> dict[str, Fraction]:
        return dict(self.tale.moves(self.mind))

    def ending(self) -> str | None:
        found = self.tale.ending(self.mind)
        return found.title if found else None


def read(text: str) -> Story:
    def include(name: str, span: Span) -> Source:
        raise AssertionError(name)

    story, diagnostics = read_story(Source("test.tale", HEAD + text), include)
    assert story is not None, diagnostics
    return story


def fast(text: str) -> Told:
    try:
        return Fast(ground(read(text)).start)
    except StoryError as error:
        raise Against(error.diagnostics[0].code) from None


def slow(text: str) -> Told:
    tale = Tale(read(text))
    try:
        return Slow(tale, tale.start)
    except Broken as error:
        raise Against(str(error)) from None


Begin = Callable[[str], Told]


@pytest.fixture(params=[fast, slow], ids=["library", "interpreter"])
def begin(request: pytest.FixtureRequest) -> Begin:
    return request.param  # type: ignore[no-any-return]


AT = """
fact at(person): place
start
    at(every person) = hall
"""

# ---- 1. values and states --------------------------------------------------------------------------------------------


def test_an_ordering_with_unknown_is_false_and_its_negation_true(begin: Begin) -> None:
    state = begin("""
fact n: 0 to 3 or unknown
fact a, b, c: yes or no
start
    n = unknown
event look
    then a when n < 2, b when not n < 2, c when n != 2
""").after("look")
    assert [state.value(name) for name in "abc"] == [False, True, True]


def test_arithmetic_with_unknown_is_unknown_and_so_is_division_by_zero(begin: Begin) -> None:
    state = begin("""
fact n, m, k: 0 to 3 or unknown
start
    n = unknown, m = 1, k = 1
event look
    then m = n + 1
event divide
    then k = 1 / (m - 1)
""")
    assert state.after("look").value("m") is None
    assert state.after("divide").value("k") is None


def test_nobody_has_beliefs_about_their_own_beliefs_that_differ_from_them(begin: Begin) -> None:
    state = begin(AT + "start\n    Ann believes at(Ben) = shed\nevent e\n    then at(Cat) = yard")
    assert state.believes("Ann", "Ann").value("at", "Ben") == "shed"
    assert state.believes("Ann", "Ann", "Ben").value("at", "Ben") == "shed"


def test_below_the_deepest_level_kept_everybody_believes_what_is_believed_there(begin: Begin) -> None:
    state = begin("""
minds 1
fact lit: yes or no
start
    Ann believes Ben believes lit
event e
    then not lit
event f
    then lit
""")
    deepest = state.believes("Ann", "Ben")
    assert deepest.value("lit") is True
    assert deepest.believes("Cat").value("lit") is True


def test_to_know_is_to_believe_what_is_so(begin: Begin) -> None:
    state = begin("""
fact lit, warm, a, b, c: yes or no
start
    lit
    Ann believes not lit
    Ben believes warm
event ask
    then a when Ann knows lit, b when Ben knows warm, c when Ben knows lit
event shine
    then lit, warm
""").after("ask")
    assert [state.value(name) for name in "abc"] == [False, False, True]


def test_what_is_known_to_somebody_is_copied_into_their_mind(begin: Begin) -> None:
    state = begin("""
fact hurt(p: person): 0 to 3, known to p
event stone(p: person)
    seen by nobody
    then hurt(p) rises
""").after("stone(Ann)")
    assert state.believes("Ann").value("hurt", "Ann") == 1
    assert state.believes("Ben").value("hurt", "Ann") == 0
    assert state.believes("Ann", "Ben").value("hurt", "Ann") == 0


def test_statements_apply_in_order_and_an_unstated_belief_drops_the_last_person(begin: Begin) -> None:
    state = begin(
        AT
        + """
start
    Ann believes at(Ben) = shed
    Ann believes Ben believes at(Ben) = yard
    Ann believes at(Ben) = yard
    Cat believes at(Ben) = shed
event e(to: place)
    then at(Ben) = to
"""
    )
    assert state.believes("Ann").value("at", "Ben") == "yard"
    assert state.believes("Ann", "Cat").value("at", "Ben") == "yard"
    assert state.believes("Cat", "Ann").value("at", "Ben") == "shed"
    assert state.believes("Ben", "Ann").value("at", "Ben") == "hall"


def test_common_sets_it_at_every_level(begin: Begin) -> None:
    state = begin(
        AT + "start\n    Ann believes Ben believes at(Cat) = yard\n    common at(Cat) = shed\nevent e(to: place)\n    then at(Cat) = to"
    )
    assert [state.believes(*chain).value("at", "Cat") for chain in [(), ("Ann",), ("Ann", "Ben"), ("Cat", "Ann", "Ben")]] == ["shed"] * 4


def test_triggers_run_in_every_mind_before_the_tale_begins(begin: Begin) -> None:
    state = begin("""
fact lit, dark: yes or no
start
    Ann believes lit
trigger night
    if not lit
    then dark
event e
    then not dark, lit
""")
    assert [state.believes(*chain).value("dark") for chain in [(), ("Ann",), ("Ben",), ("Ben", "Ann")]] == [True, False, True, True]


# ---- 2. a move -------------------------------------------------------------------------------------------------------


def test_effects_are_simultaneous_and_read_the_state_before(begin: Begin) -> None:
    state = begin(
        AT
        + """
start
    at(Ben) = yard
event swap
    then at(Ann) = at(Ben), at(Ben) = at(Ann), at(Cat) = shed when at(Ben) = yard
"""
    ).after("swap")
    assert [state.value("at", person) for person in ("Ann", "Ben", "Cat")] == ["yard", "hall", "shed"]


def test_in_truth_a_value_out_of_range_is_an_error_in_a_mind_it_is_clamped(begin: Begin) -> None:
    text = """
fact n: 0 to 2
start
    n = 1
    Ann believes n = 2
event count
    then n = n + 1
"""
    state = begin(text).after("count")
    assert (state.value("n"), state.believes("Ann").value("n")) == (2, 2)
    with pytest.raises(Against):
        state.after("count")


def test_what_rises_and_eases_stops_at_the_ends_of_the_range(begin: Begin) -> None:
    state = begin("fact n: 0 to 2\nevent up\n    then n rises by 5\nevent down\n    then n eases by 7")
    assert state.after("up").value("n") == 2
    assert state.after("up", "down").value("n") == 0


def test_contradiction_is_an_error_in_truth_and_in_a_mind_the_first_wins(begin: Begin) -> None:
    text = """
fact n: 0 to 3
fact dim, lit: yes or no
start
    dim
    Ann believes lit
event mix
    then n = 1 when dim, n = 2 when lit
event shine
    then lit, dim
"""
    state = begin(text)
    assert state.after("mix").believes("Ann").value("n") == 1
    with pytest.raises(Against):
        state.after("shine", "mix")


def test_who_sees_a_move_is_judged_in_the_true_state_before_it(begin: Begin) -> None:
    state = begin(
        AT
        + """
start
    at(Cat) = yard
    Ben believes at(Ben) = yard
event go
    seen by p with at(p) = hall
    then at(Ann) = shed, at(Ben) = shed, at(Cat) = hall
"""
    ).after("go")
    assert [state.believes(person).value("at", "Ann") for person in ("Ann", "Ben", "Cat")] == ["shed", "shed", "hall"]


def test_who_sees_it_further_in_is_judged_in_the_mind_there(begin: Begin) -> None:
    state = begin(
        AT
        + """
start
    Ann believes at(Ben) = yard
event knock
    seen by p with at(p) = hall
    then at(Cat) = shed
"""
    ).after("knock")
    assert state.believes("Ben").value("at", "Cat") == "shed"
    assert state.believes("Ann", "Ben").value("at", "Cat") == "hall"


def test_who_neither_sees_nor_is_told_keeps_exactly_what_they_believed(begin: Begin) -> None:
    start = begin(AT + "event go\n    seen by Ben\n    then at(Ben) = shed")
    after = start.after("go")
    assert after.believes("Ann").value("at", "Ben") == "hall"
    assert after.believes("Ann", "Ben").value("at", "Ben") == "hall"


def test_the_surprised_correct_what_the_move_shows_to_be_wrong(begin: Begin) -> None:
    state = begin(
        AT
        + """
fact open, lit: yes or no
start
    open
    Ann believes not open
    Ann believes lit
    Ann believes at(Ben) = shed
event leave
    if open and at(Ben) = hall and not lit
    then at(Ben) = yard
event light
    then lit, not open
"""
    ).after("leave")
    mind = state.believes("Ann")
    assert (mind.value("open"), mind.value("lit"), mind.value("at", "Ben")) == (True, False, "yard")
    assert mind.believes("Ben").value("open") is True


def test_of_an_or_only_the_members_that_are_true_are_corrected(begin: Begin) -> None:
    state = begin("""
fact a, b, c: yes or no
start
    a, b
    Ann believes not a
    Ann believes not b
event e
    if a or b or c
    then c
event f
    then not a, not b
""").after("e")
    assert [state.believes("Ann").value(name) for name in "abc"] == [True, True, True]
    other = begin("""
fact a, b, c: yes or no
start
    a
    Ann believes not a
event e
    if a or b
    then c
event f
    then not a, b
""").after("e")
    assert [other.believes("Ann").value(name) for name in "ab"] == [True, False]


def test_an_equality_sets_its_left_side_to_what_the_right_side_truly_is(begin: Begin) -> None:
    state = begin(
        AT
        + """
fact home(person): place
start
    at(Ann) = yard, home(Ann) = yard
    Ben believes home(Ann) = shed
event rest
    if at(Ann) = home(Ann)
    then at(Cat) = yard
event move(to: place)
    then at(Ann) = to, home(Cat) = to, home(Ann) = to
"""
    ).after("rest")
    assert (state.believes("Ben").value("at", "Ann"), state.believes("Ben").value("home", "Ann")) == ("yard", "shed")


def test_any_other_comparison_makes_its_facts_unknown_or_what_they_are(begin: Begin) -> None:
    state = begin(
        AT
        + """
fact n: 0 to 5
fact m: 0 to 5 or unknown
start
    n = 4, m = 1
    Ann believes n = 0
    Ann believes at(Ben) = shed
event e
    if n > m and at(Ben) != shed
    then at(Cat) = yard
event f
    then n = 1, m = 1, at(Ben) = shed
"""
    ).after("e")
    mind = state.believes("Ann")
    assert (mind.value("n"), mind.value("m"), mind.value("at", "Ben")) == (4, None, None)


def test_equalities_win_over_other_comparisons(begin: Begin) -> None:
    state = begin(
        AT
        + """
start
    Ann believes at(Ben) = shed
event e
    if at(Ben) = hall and at(Ben) != shed
    then at(Cat) = yard
event f
    then at(Ben) = shed
"""
    ).after("e")
    assert state.believes("Ann").value("at", "Ben") == "hall"


def test_literals_about_beliefs_are_corrected_one_level_further_in(begin: Begin) -> None:
    state = begin("""
fact lit, done: yes or no
start
    Ben believes lit
event e
    if Ben believes lit
    then done
event f
    then lit
""").after("e")
    assert state.believes("Ann").value("lit") is False
    assert state.believes("Ann", "Ben").value("lit") is True


def test_only_the_surprised_sees_the_correction(begin: Begin) -> None:
    state = begin("""
fact open, done: yes or no
start
    open
    Ann believes not open
    Ben believes Ann believes not open
event e
    if open
    then done
event f
    then not open
""").after("e")
    assert state.believes("Ann").value("open") is True
    assert state.believes("Cat", "Ann").value("open") is True
    assert state.believes("Ben", "Ann").value("open") is True  # Ben saw her see it


def test_a_belief_effect_takes_the_true_value_and_nobody_else_notices(begin: Begin) -> None:
    state = begin(
        AT
        + """
start
    Ann believes at(Ben) = shed
    Cat believes at(Ben) = shed
event whisper
    seen by nobody
    then Ann believes at(Ben) = at(Ben)
event e(to: place)
    then at(Ben) = to
"""
    ).after("whisper")
    assert state.believes("Ann").value("at", "Ben") == "hall"
    assert state.believes("Cat", "Ann").value("at", "Ben") == "shed"
    assert state.believes("Ann", "Cat").value("at", "Ben") == "shed"


def test_imagined_deception_does_not_deceive_its_author(begin: Begin) -> None:
    state = begin("fact lit: yes or no\naction lie by Ann\n    then Ben believes lit, Ann believes lit\nevent f\n    then lit")
    after = state.after("lie")
    assert (after.believes("Ben").value("lit"), after.believes("Ann").value("lit")) == (True, True)
    imagined = state.believes("Ann").after("lie")
    assert (imagined.value("lit"), imagined.believes("Ben").value("lit")) == (False, True)


def test_an_effect_on_what_one_believes_another_believes(begin: Begin) -> None:
    state = begin(
        "fact lit: yes or no\nevent hint\n    seen by nobody\n    then Ann believes Ben believes lit\nevent f\n    then lit"
    ).after("hint")
    assert state.believes("Ann", "Ben").value("lit") is True
    assert (state.believes("Ann").value("lit"), state.believes("Ben").value("lit")) == (False, False)


# ---- 3. triggers -----------------------------------------------------------------------------------------------------


def test_a_trigger_applies_only_where_it_changes_something_and_again_until_all_rests(begin: Begin) -> None:
    state = begin("fact n: 0 to 5\nevent e\n    then n = 1\ntrigger grow\n    if n > 0 and n < 4\n    then n rises").after("e")
    assert state.value("n") == 4


def test_believed_states_close_first(begin: Begin) -> None:
    state = begin("""
fact lit, warm, seen: yes or no
event e
    then lit
trigger notice
    if not warm and Ann believes warm
    then seen
trigger glow
    if lit
    then warm
""").after("e")
    assert state.value("seen") is True


def test_triggers_that_change_the_world_go_before_those_that_change_beliefs_alone(begin: Begin) -> None:
    state = begin("""
fact lit, warm, told: yes or no
event e
    seen by nobody
    then lit
trigger tell
    if lit and not warm
    then Ann believes told
trigger glow
    if lit
    then warm
""").after("e")
    assert state.believes("Ann").value("told") is False


def test_in_somebodys_own_mind_a_triggers_belief_effect_on_them_sets_the_fact_itself(begin: Begin) -> None:
    state = begin("""
fact lit, told: yes or no
event e
    seen by Ann
    then lit
trigger tell
    if lit
    then Ann believes told
""").after("e")
    assert (state.value("told"), state.believes("Ann").value("told")) == (False, True)


def test_a_ring_is_an_error(begin: Begin) -> None:
    with pytest.raises(Against):
        begin("fact a: yes or no\ntrigger on\n    if not a\n    then a\ntrigger off\n    if a\n    then not a")


def test_upon_applies_once_when_its_condition_becomes_true(begin: Begin) -> None:
    state = begin("""
fact dawn: yes or no
fact nights: 0 to 9
event sunrise
    then dawn
event wait
    then nights = nights
event dusk
    then not dawn
trigger count
    upon dawn
    then nights rises
""")
    assert state.after("sunrise").value("nights") == 1
    assert state.after("sunrise", "wait", "sunrise").value("nights") == 1
    assert state.after("sunrise", "dusk", "sunrise").value("nights") == 2


def test_upon_is_armed_by_what_each_mind_took_for_so(begin: Begin) -> None:
    state = begin("""
fact dawn: yes or no
fact nights: 0 to 9
start
    Ann believes dawn
event sunrise
    then dawn
event dusk
    then not dawn
trigger count
    upon dawn
    then nights rises
""").after("sunrise")
    assert (state.believes("Ben").value("nights"), state.believes("Ann").value("nights")) == (1, 0)


def test_everybody_who_believes_its_condition_foresees_a_trigger_but_not_an_inference(begin: Begin) -> None:
    text = "fact lit, warm: yes or no\nevent e\n    then lit\n{} \n    if lit\n    then warm"
    foreseen = begin(text.format("trigger glow")).after("e")
    private = begin(text.format("inference glow by Ann")).after("e")
    chains: list[tuple[str, ...]] = [(), ("Ann",), ("Ben",), ("Ben", "Ann"), ("Ann", "Ben", "Ann")]
    assert [foreseen.believes(*chain).value("warm") for chain in chains] == [True] * 5
    assert [private.believes(*chain).value("warm") for chain in chains] == [False, True, False, False, False]


# ---- 4. in character -------------------------------------------------------------------------------------------------

WALK = (
    AT
    + """
action go(to: place) by p: person
    if at(p) != to
    then at(p) = to
"""
)


def test_any_gain_is_a_reason_and_no_gain_is_none(begin: Begin) -> None:
    state = begin(WALK + "wants Ann\n    +1/10 at(Ann) = yard")
    assert state.would("go(yard, Ann)", "Ann") is True
    assert state.would("go(shed, Ann)", "Ann") is False
    assert state.would("go(yard, Ben)", "Ben") is False


def test_gain_is_against_now_by_what_the_person_believes(begin: Begin) -> None:
    state = begin(WALK + "start\n    Ann believes at(Ben) = yard\nwants Ann\n    +2 at(Ben) = yard and at(Ann) = yard")
    assert state.would("go(yard, Ann)", "Ann") is True
    assert state.believes("Ann").value("at", "Ben") == "yard"


def test_an_unknown_want_brings_no_gain(begin: Begin) -> None:
    state = begin("""
fact n: 0 to 3 or unknown
start
    n = unknown
wants Ann
    +1 each n
action pour by Ann
    then n = 2
""")
    assert state.would("pour", "Ann") is False


PLAN = """
fact key, open, gold: yes or no
wants Ann
    +1 gold
action fetch_key by Ann
    then key
action open_chest by Ann
    if key
    then open
action take by Ann
    if open
    then gold
action sing by Ann
    then key when key
"""


@pytest.mark.parametrize(("horizon", "would"), [(2, False), (3, True)])
def test_a_plan_may_be_as_long_as_the_horizon(begin: Begin, horizon: int, would: bool) -> None:
    assert begin(f"horizon {horizon}" + PLAN).would("fetch_key", "Ann") is would


def test_a_detour_is_not_explained_by_what_follows_it(begin: Begin) -> None:
    assert begin("horizon 4" + PLAN).would("sing", "Ann") is False


def test_a_plan_without_one_of_its_steps_leaves_the_others_no_more_time(begin: Begin) -> None:
    """Unpaid, Ben would open what he can ask his fee for later; but in the plan of Ann the opening comes last, with no time for that."""
    text = """
horizon 3
fact unlocked, open, paid: yes or no
wants Ann
    +1 unlocked
    +1 open
wants Ben
    +1 open and paid
action pay by Ann
    then paid
action unlock by Ann
    then unlocked
action unbar by Ben
    if unlocked
    then open
{}
"""
    later = "action ask_for_the_fee by Ben\n    if open\n    then paid"
    assert begin(text.format("")).would("pay", "Ann") is True
    assert begin(text.format(later)).would("pay", "Ann") is True
    assert begin(text.format(later)).would("unlock", "Ann") is True
    assert begin(text.format("").replace("open and paid", "open")).would("pay", "Ann") is False


@pytest.mark.parametrize("windows", [1, 2])
def test_a_detour_that_leads_to_the_same_state_hides_no_plan(begin: Begin, windows: int) -> None:
    """Through a window she needs no key; but with it she may as well come in by the door."""
    window = "action climb_in_{} by Ann\n    then inside\n"
    door = "action walk_in by Ann\n    if key\n    then inside\n"
    rest = "fact key, inside, warm: yes or no\nwants Ann\n    +1 warm\naction take_key by Ann\n    then key\n"
    rest += "action light_fire by Ann\n    if inside\n    then warm\n"
    climbing = "".join(window.format(number) for number in range(windows))
    for ways in (climbing + door, door + climbing):
        assert begin(rest + ways).would("take_key", "Ann") is True
    assert begin(rest + climbing).would("take_key", "Ann") is False


def test_a_later_step_needs_everybodys_reason(begin: Begin) -> None:
    text = """
fact asked, given: yes or no
wants Ann
    +1 given
{}
action ask by Ann
    then asked
action give by Ben
    if asked
    then given
"""
    assert begin(text.format("wants Ben\n    +1 given")).would("ask", "Ann") is True
    assert begin(text.format("wants Ben\n    -1 given")).would("ask", "Ann") is False
    assert begin(text.format("")).would("ask", "Ann") is False


def test_a_reason_is_asked_of_others_as_they_are_believed_to_be(begin: Begin) -> None:
    text = """
fact asked, given, rich: yes or no
start
    rich
    {}
wants Ann
    +1 given
wants Ben
    +2 given and not rich
action ask by Ann
    then asked
action give by Ben
    if asked
    then given
event spend
    then not rich
"""
    assert begin(text.format("Ann believes not rich")).would("ask", "Ann") is True
    assert begin(text.format("Ann believes rich")).would("ask", "Ann") is False
    assert begin(text.format("Ann believes Ben believes not rich")).would("ask", "Ann") is True


def test_nobody_plans_on_luck(begin: Begin) -> None:
    text = "fact out, rain: yes or no\nwants Ann\n    +1 rain\naction go by Ann\n    then out\n{} pour{}\n    if out\n    then rain"
    assert begin(text.format("event", "")).would("go", "Ann") is False
    assert begin(text.format("action", " by Ann")).would("go", "Ann") is True


def test_the_move_itself_needs_all_who_consent_each_for_their_own_reason(begin: Begin) -> None:
    state = begin("""
fact together: yes or no
wants Ann
    +1 together
wants Ben
    -1 together
action dance by Ann, Ben
    then together
""")
    assert (state.would("dance", "Ann"), state.would("dance", "Ben")) == (True, False)
    assert state.possible() == {}


CHAIN = """
fact a, b, c: yes or no
wants Ann
    +1 c
wants Ben
    +1 c
wants Cat
    +1 c
action first by Ann
    then a
action second by Ben
    if a
    then b
action third by Cat
    if b
    then c
"""


@pytest.mark.parametrize(("minds", "would"), [(1, False), (2, True)])
def test_beyond_minds_only_a_single_move_counts(begin: Begin, minds: int, would: bool) -> None:
    """Ann counts on Ben, who counts on Cat: two minds within hers are needed, for Ben plans two moves ahead."""
    assert begin(f"minds {minds}\nhorizon 3" + CHAIN).would("first", "Ann") is would


def test_imagination_ignores_endings_and_weights(begin: Begin) -> None:
    state = begin("""
fact a, b: yes or no
wants Ann
    +1 b
action one by Ann
    then a
action two by Ann
    if a
    weight 0
    then b
ending "Over" if a
""")
    assert state.would("one", "Ann") is True


def test_an_expressive_act_needs_its_condition_and_no_plan_and_is_in_nobodys(begin: Begin) -> None:
    state = begin("""
fact sore, said, calm: yes or no
wants Ann
    +1 calm
action wince by Ann
    expressive when sore
    then said
action breathe by Ann
    if said
    then calm
action stub by Ann
    then sore
event knock
    then sore
""")
    assert state.would("wince", "Ann") is False
    assert state.after("knock").would("wince", "Ann") is True
    assert state.would("stub", "Ann") is False  # not in order to wince, breathe and be calm


def test_gain_over_now_cannot_avert(begin: Begin) -> None:
    state = begin("""
fact broken: yes or no
wants Ann
    -5 broken
action mend by Ann
    then not broken
event storm
    then broken
""")
    assert state.would("mend", "Ann") is False
    assert state.after("storm").would("mend", "Ann") is True


# ---- 5. the tale -----------------------------------------------------------------------------------------------------


def test_possible_are_events_and_actions_in_character_of_weight_greater_than_zero(begin: Begin) -> None:
    state = begin(
        WALK
        + """
wants Ann
    +1 at(Ann) = yard
event rain
    weight 0.5
    then at(Cat) = shed
event never
    weight 0 when at(Ann) = hall, 1
    then at(Cat) = shed
"""
    )
    assert state.possible() == {"go(yard, Ann)": 1, "rain": Fraction(1, 2)}


def test_endings_are_tested_in_order_and_at_the_start(begin: Begin) -> None:
    state = begin('fact a, b: yes or no\nstart\n    a\nending "One" if b\nending "Two" if a\nending "Three" if a or b\nevent e\n    then b')
    assert state.ending() == "Two"
    assert state.after("e").ending() == "One"


def test_nothing_more_can_happen(begin: Begin) -> None:
    state = begin('fact a: yes or no\nevent e\n    if not a\n    then a\nending "Still" if a and nothing more can happen')
    assert state.ending() is None
    assert state.after("e").ending() == "Still"


def test_while_a_question_is_open_only_answers_expressive_acts_and_interruptions(begin: Begin) -> None:
    state = begin("""
fact said, left: yes or no
wants Ann
    +1 said
    +1 left
wants Ben
    +1 said
action ask by Ann
    asks Ben
action answer by Ben
    answers ask
    then said
action leave by Ann
    then left
action cough by Ben
    expressive
    then left
event rain
    then left
event bell
    interrupts
    then left
""")
    assert set(state.possible()) == {"ask", "leave", "cough", "rain", "bell"}
    assert set(state.after("ask").possible()) == {"answer", "cough", "bell"}
    assert "leave" in state.after("ask", "bell", "answer").possible() or state.after("ask", "bell", "answer").value("left") is True
