"""Claims judged: proved, refuted by the shortest tale, undecided; and the same as by a naive checker of all that can come about."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import everytale
from everytale.cli import main
from everytale.diagnostics import Source, Span, StoryError
from everytale.language import read_story
from everytale.realm import Realm, Verdict, explore, judge
from everytale.story import Claim, Ended, Holds, Leads, Length, Never, Odds, Possible, Story, Stuck, Upon
from tests.random_worlds import Draw, Writer
from tests.reference import Broken, Tale
from tests.reference.claims import Checker
from tests.reference.realm import Situation, TooMany, explored

COINS = """\
tale "Coins"
kind person: Ann (she), Bo (he)
fact heads, tails, spun, sung: yes or no
wants Ann
    +1 heads because "she had called it"
action bet by Ann
    if not spun and not heads and not tails
    then spun
    expressive
    told: Ann bet.
action sing by Ann
    if not heads and not tails
    then sung
    expressive when not sung
    told: Ann sang.
event up
    if spun
    then heads, not spun
    told: It was heads.
event down
    if spun
    then tails, not spun
    weight 3
    told: It was tails.
ending "Heads" if heads
ending "Tails" if tails
"""


def read(text: str) -> Story:
    def no_file(name: str, span: Span) -> Source:
        raise StoryError(())

    story, diagnostics = read_story(Source("coins.tale", text), no_file)
    assert story is not None, diagnostics
    return story


def shown(verdict: Verdict) -> str:
    """A verdict in a line: the answer, the tale with what goes round for ever in brackets, the odds."""
    words = [verdict.answer]
    if verdict.trace is not None:
        moves = [str(move) for move in verdict.trace.moves]
        if verdict.loop is not None:
            moves[verdict.loop :] = [f"({'; '.join(moves[verdict.loop :])})"]
        words.append(f"[{'; '.join(moves)}]")
    if verdict.odds is not None:
        words.append(str(verdict.odds))
    return " ".join(words)


JUDGED = [
    ("never heads", "refuted [bet; up]"),
    ("never heads and tails", "proved"),
    ("always not heads", "refuted [bet; up]"),
    ("heads is possible", "proved [bet; up]"),
    ("heads and tails is possible", "refuted"),
    ('ending "Tails" is possible', "proved [bet; down]"),
    ("sung is possible between spun and heads", "proved [bet; sing]"),
    ("never move sing before move bet", "refuted [sing]"),
    ("move up only after move bet", "proved"),
    ("heads before spun", "refuted [bet]"),
    ("spun before heads", "proved"),
    ("after spun, never sung", "refuted [bet; sing]"),
    ("after sung, spun is possible", "proved [bet; sing]"),
    ("never not spun after move bet", "refuted [bet; up]"),
    ("never not spun between move bet and an ending", "proved"),
    ("spun leads to an ending", "proved"),
    ("sooner or later an ending", "proved"),
    ("sooner or later sung", "refuted [bet; up]"),
    ("sooner or later not spun", "proved"),
    ("sung leads to heads", "refuted [bet; sing; down]"),
    ("move up leads to heads", "proved"),
    ('odds of "Heads" at least 25%', "proved 25.0%"),
    ('odds of "Heads" at least 25.1%', "refuted 25.0%"),
    ('odds of "Heads" between 20% and 24%', "refuted 25.0%"),
    ("odds of move sing at most 60%", "proved 60.0%"),
    ("odds of never ending at most 0%", "proved 0%"),
    ("odds of an ending at least 100%", "proved 100%"),
    ("at most 3 moves", "proved"),
    ("at most 2 moves", "refuted [bet; sing; up]"),
    ("at least 2 moves", "proved"),
    ("at least 3 moves", "refuted [bet; up]"),
    ("never a dead end", "proved"),
    ("whatever Ann does, sooner or later an ending", "refuted [bet; sing; (sing)]"),
    ("whatever Ann does, never heads and tails", "proved"),
    ("whatever Ann does, heads is possible", "refuted"),
    ("whatever Bo does, heads is possible", "proved [bet; up]"),
    ('whatever Ann does, odds of "Heads" at most 26%', "proved 0% to 25.0%"),
    ('whatever Ann does, odds of "Heads" at least 1%', "refuted 0% to 25.0%"),
    ("whatever Ann does, at most 1000 moves", "refuted"),
    ("Ann can make sure of an ending", "proved"),
    ("Ann can make sure of heads", "refuted"),
    ("Ann can make sure that never an ending", "proved"),
    ("Bo can make sure that never an ending", "refuted"),
    ('Ann can make sure that odds of "Heads" at most 0%', "proved 0% to 25.0%"),
    ('Ann can make sure that odds of "Heads" at least 26%', "refuted 0% to 25.0%"),
    ("Ann can make sure that at most 2 moves", "proved"),
    ("Ann can make sure that at most 1 moves", "refuted"),
    ("Ann can make sure that between 4 and 5 moves", "proved"),
    ("Bo can make sure that at least 3 moves", "refuted"),
]


@pytest.fixture(scope="module")
def judged() -> dict[str, Verdict]:
    story = read(COINS + "".join(f"claim {text}\n" for text, _ in JUDGED))
    return {verdict.claim.text: verdict for verdict in everytale.claims(story)}


@pytest.mark.parametrize(("text", "expected"), JUDGED)
def test_what_becomes_of_a_claim(judged: dict[str, Verdict], text: str, expected: str) -> None:
    said = shown(judged[text])
    assert said == expected if "1000" not in text else said.startswith(f"{expected} [")


def test_a_tale_against_at_most_so_many_moves_has_one_more(judged: dict[str, Verdict]) -> None:
    trace = judged["whatever Ann does, at most 1000 moves"].trace
    assert trace is not None and len(trace.moves) == 1001


def test_what_the_rest_could_change_is_undecided_in_part_of_a_realm() -> None:
    claims = ("never heads", "never spun", "spun is possible", "sooner or later an ending", "at most 0 moves")
    verdicts = everytale.claims(read(COINS + "".join(f"claim {text}\n" for text in claims)), within=1)
    assert [verdict.answer for verdict in verdicts] == ["undecided", "refuted", "proved", "undecided", "refuted"]
    assert verdicts[0].why == "Not every tale is known: only tales of at most 1 moves were looked at."


def test_odds_at_the_very_limit_are_undecided_where_they_are_not_known_exactly() -> None:
    (verdict,) = everytale.claims(read(COINS + 'claim whatever Ann does, odds of "Heads" at most 25%\n'))
    assert verdict.answer == "undecided" and verdict.why == "The odds are too near to what is claimed."


def test_a_claim_is_judged_in_the_realm_of_its_player_alone() -> None:
    story = read(COINS + "claim whatever Ann does, never heads\n")
    with pytest.raises(ValueError, match="nobody played, and the claim is about Ann"):
        judge(explore(story), story.claims[0])


# ---- the command -----------------------------------------------------------------------------------------------------


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, claims: str, *options: str) -> tuple[int, str]:
    monkeypatch.chdir(tmp_path)
    Path("coins.tale").write_text(COINS + claims, encoding="utf-8")
    done = CliRunner().invoke(main, ["claims", "coins.tale", *options])
    return done.exit_code, done.output


def test_the_command_says_what_became_of_each_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = run(tmp_path, monkeypatch, 'claim "luck": heads is possible\nclaim whatever Ann does, sooner or later an ending\n')
    assert code == 1
    assert said == (
        "✓ luck: heads is possible\n    bet; up\n✗ whatever Ann does, sooner or later an ending\n"
        "    coins.tale:28: refuted.\n    bet; sing; then for ever: sing\n1 proved, 1 refuted\n"
    )


def test_the_exit_code_says_whether_all_of_them_are_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(tmp_path, monkeypatch, "")[0] == 0
    assert run(tmp_path, monkeypatch, "claim heads is possible\n")[0] == 0
    assert run(tmp_path, monkeypatch, "claim never heads and tails\n", "--within", "1")[0] == 3
    assert run(tmp_path, monkeypatch, "claim never heads and tails\nclaim never spun\n", "--within", "1")[0] == 1


def test_the_tale_against_a_claim_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = run(tmp_path, monkeypatch, "claim never heads\n", "--tell")
    assert code == 1 and "Coins\n\nAnn bet.\n\nIt was heads.\n" in said


def test_claims_for_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = 'claim "luck": odds of "Heads" at least 20%\nclaim whatever Ann does, sooner or later an ending\n'
    code, said = run(tmp_path, monkeypatch, claims, "--json")
    one, other = json.loads(said)["claims"]
    assert code == 1
    assert (one["claim"], one["title"], one["line"], one["verdict"], one["trace"], one["player"]) == (
        *('odds of "Heads" at least 20%', "luck", 27, "proved"),
        *(None, None),
    )
    assert one["odds"]["low"] <= 0.25 <= one["odds"]["high"] < 0.2500001
    assert (other["verdict"], other["trace"], other["loop"], other["player"]) == ("refuted", ["bet", "sing", "sing"], 2, "Ann")


# ---- against the naive checker ---------------------------------------------------------------------------------------

WORLDS = settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@st.composite
def worlds_with_claims(draw: Draw) -> tuple[Story, str | None, list[Claim]]:
    """A small random story, somebody who is played or nobody, and random claims of it."""
    writer = Writer(draw)
    story = writer.story()
    player = draw(st.sampled_from([None, None, "Ann"]))

    def moment() -> Holds | Upon | Ended | Stuck:
        match draw(st.integers(0, 7)):
            case 0 | 1:
                return Upon(draw(st.sampled_from(story.actions)).name)
            case 2:
                return Ended(draw(st.sampled_from([None, *(ending.title for ending in story.endings)])))
            case 3:
                return Stuck()
        return Holds(writer.condition((), 1))

    def maybe() -> Holds | Upon | Ended | Stuck | None:
        return moment() if draw(st.booleans()) else None

    def odds() -> Fraction:
        return Fraction(draw(st.integers(0, 8)), 8)

    def claim() -> Claim:
        ensures = player is not None and draw(st.booleans())
        match draw(st.integers(0, 5)):
            case 0 | 1:
                what: Never | Possible | Leads | Odds | Length = Never(moment(), maybe(), maybe())
            case 2:
                what = Possible(moment(), maybe(), maybe())
            case 3:
                what = Leads(None if ensures else maybe(), moment())
            case 4:
                low, high = sorted([odds(), odds()])
                what = Odds(maybe(), *draw(st.sampled_from([(low, None), (None, high), (low, high)])))
            case _:
                least, most = sorted(draw(st.lists(st.integers(0, 4), min_size=2, max_size=2)))
                what = Length(*draw(st.sampled_from([(least, None), (None, most), (least, most)])))
        return Claim(what, player=player, ensures=ensures)

    return story, player, [claim() for _ in range(12)]


def small(story: Story, player: str | None) -> tuple[Tale, list[Situation], Realm]:
    """The situations of a story, of which there are few, and its realm; other stories are passed over."""
    try:
        tale = Tale(story)
        situations = explored(tale, player, most=16)
        realm = explore(story, player=player)
    except (Broken, StoryError, TooMany):
        assume(False)
        raise
    return tale, situations, realm


@WORLDS
@given(worlds_with_claims())
def test_every_claim_is_judged_as_a_naive_checker_does(world: tuple[Story, str | None, list[Claim]]) -> None:
    story, player, claims = world
    tale, situations, realm = small(story, player)
    checker = Checker(tale, situations)
    for claim in claims:
        try:
            expected = checker.judge(claim)
        except TooMany:
            continue
        verdict = judge(realm, claim)
        if verdict.answer == "undecided":  # odds at the very limit of what is claimed
            assert isinstance(claim.what, Odds) and player is not None
            found, limits = list(checker.odds(claim.what.what)), (claim.what.low, claim.what.high)
            assert any(abs(odds - limit) < 1e-8 for odds in (min(found), max(found)) for limit in limits if limit is not None)
            continue
        assert verdict.answer == ("proved" if expected else "refuted"), claim
        shows(checker, realm, verdict)


def shows(checker: Checker, realm: Realm, verdict: Verdict) -> None:
    """The tale of a verdict is what it is said to be."""
    claim, trace = verdict.claim, verdict.trace
    if isinstance(claim.what, Never | Possible):
        if trace is not None:
            assert len(trace.moves) == checker.first(claim.what.what, claim.what.after, claim.what.before)
        elif not claim.ensures and claim.player is None:
            assert verdict.answer == ("proved" if isinstance(claim.what, Never) else "refuted")
    if trace is None or not isinstance(claim.what, Leads):
        return
    places = realm.along(trace)
    arrivals = list(zip(places, [None, *map(str, trace.moves)], strict=True))
    due = claim.what.what is None
    for at, (place, move) in enumerate(arrivals):
        due = (due or checker.is_(claim.what.what, place, move)) and not checker.is_(claim.what.to, place, move)
        if claim.what.what is None and at and not due:
            break
    assert due
    if verdict.loop is None:
        assert not checker.situations[places[-1]].chosen and not checker.situations[places[-1]].drawn
    else:
        assert places[verdict.loop] == places[-1] and verdict.loop < len(trace.moves)


@WORLDS
@given(worlds_with_claims(), st.integers(0, 2))
def test_what_is_decided_in_part_of_a_realm_is_so_in_all_of_it(world: tuple[Story, str | None, list[Claim]], within: int) -> None:
    story, player, claims = world
    _, _, realm = small(story, player)
    part = explore(story, player=player, within=within)
    for claim in claims:
        verdict = judge(part, claim)
        if verdict.answer != "undecided":
            whole = judge(realm, claim)
            assert whole.answer in (verdict.answer, "undecided"), claim
