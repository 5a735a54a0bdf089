"""What an author is told of a story that is not right: which diagnostic, where, and how to mend it."""

from __future__ import annotations

import pytest

from everytale.diagnostics import Diagnostic, Source, Span, StoryError
from everytale.language import read_story
from everytale.language.messages import ERRORS, WARNINGS
from everytale.story import Story

HEAD = """\
kind person: Jack (he), Ianto (he)
kind place: bunker, flat
fact at(person): place
fact dawn: yes or no
fact hurt(p: person): 0 to 3, known to p
"""
GO = "action go by Jack\n    then dawn\n"
USED = """\
ending "Over" if at(Jack) = flat and dawn and hurt(Jack) = 3
"""


def nothing(name: str, span: Span) -> Source:
    raise StoryError((Diagnostic("no-such-file", "error", "No such file", f"There is no {name}.", span),))


def read(text: str) -> tuple[Story | None, tuple[Diagnostic, ...]]:
    return read_story(Source("story.tale", text), nothing)


def marked(diagnostic: Diagnostic) -> str:
    """The text that a diagnostic marks."""
    assert diagnostic.span is not None
    return diagnostic.span.source.text[diagnostic.span.start : diagnostic.span.end]


# The code of each diagnostic, the text that it marks, words of what is said, and the lines that bring it about, below HEAD and USED.
WRONG = [
    ("unexpected", "=", "expected a condition", "action go by Jack\n    if dawn and = dawn\n"),
    ("unexpected", "=", "One comparison", 'ending "End" if hurt(Jack) = 1 = dawn\n'),
    ("unexpected", "5", "the end of the line", "minds 2 5\n"),
    ("unexpected", "and", "Expected somebody", "action go by and\n"),
    ("strange-sign", "==", "Write `=`", 'ending "End" if hurt(Jack) == 1\n'),
    ("strange-sign", "&", "Write `and`", 'ending "End" if dawn & dawn\n'),
    ("unclosed-quote", '"An ending if dawn', "closing", 'ending "An ending if dawn\n'),
    ("unclosed-brace", "{Jack went.", "`{{`", 'ending "End" if dawn\n    told: {Jack went.\n'),
    ("unknown-block", "acton", "`action`", "acton go by Jack\n    then dawn\n"),
    ("misplaced-line", "wait", "`weight`", "action go by Jack\n    wait 3\n"),
    ("misplaced-line", "interrupts", "Only events", "action go by Jack\n    interrupts\n    then dawn\n"),
    ("misplaced-line", "then dawn", "below", "action go by Jack\n    if dawn\n        then dawn\n"),
    ("misplaced-line", '"Go," said Jack.', "further than `told`", GO + '    told\n    "Go," said Jack.\n    | Jack went.\n'),
    ("misplaced-line", "|", "below `told`", GO + "    told\n        Jack went.\n    | Jack left.\n"),
    ("misplaced-line", "and dawn", "of several lines with `if`", "event e\n    if dawn\n        and dawn\n    then dawn\n"),
    ("strange-sign", "\u00a0", "no-break space", "event e\n    then\u00a0dawn\n"),
    ("bad-indentation", "then dawn", "begin at the same place", "action go by Jack\n    if not dawn\n  then dawn\n"),
    ("misplaced-line", "fact", "beginning of a line", "event rain\n    then dawn\n    fact cold: yes or no\n"),
    ("mixed-tabs", "\t", "spaces everywhere", "action go by Jack\n    if not dawn\n\tthen dawn\n"),
    ("missing-part", "trigger cold", "`then`", "trigger cold\n    if dawn\n"),
    ("missing-part", "told", "prose", GO + "    told\n"),
    ("missing-part", 'ending "End"', "`if`", 'ending "End"\n'),
    ("missing-part", 'scene "One"', "opens", 'scene "One"\n    told: It began.\n'),
    ("too-deep", "(", "nested", 'ending "End" if ' + "(" * 200 + "dawn" + ")" * 200 + "\n"),
    ("too-deep", "1", "nested", 'ending "End" if 1 ' + "- 1 " * 200 + "= 0\n"),
    ("number-too-large", "9" * 30, "digits", f"start\n    hurt(Jack) = {'9' * 30}\n"),
    ("reserved-word", "every", "reserved", "fact every: yes or no\n"),
    ("unknown-name", "dwan", "`dawn`", 'ending "End" if dwan\n'),
    ("unknown-name", "Jak", "`Jack`", "action go by Jak\n    then dawn\n"),
    ("unknown-name", "place", "is a kind", 'ending "End" if at(Jack) = place\n'),
    ("unknown-name", "go", "is a move", GO + 'ending "End" if go\n'),
    ("unknown-name", "teh", "no fact", "start\n    teh\n"),
    ("unknown-name", "Iantoo", "`Ianto`", "teller Iantoo\n"),
    ("unknown-kind", "plase", "`place`", "fact home(person): plase\n"),
    ("unknown-kind", "perso", "`person`", "trigger cold(q: perso)\n    then hurt(q) rises\n"),
    ("unknown-kind", "thing", "unknown", "kind vault is thing\n"),
    ("unknown-stage", "room", "Declare it", "action go by Jack in room\n    then dawn\n"),
    ("unknown-move", "go", "no action", 'test "One"\n    after go\n'),
    ("unknown-move", "gone", "`goes`", 'action goes by Jack\n    then dawn\nscene "One"\n    opens upon gone\n'),
    ("unknown-ending", 'expect ending "Ove"', "`Over`", 'test "One"\n    expect ending "Ove"\n'),
    ("unknown-because", 'expect not go because "cold"', "No want", GO + 'test "One"\n    expect not go because "cold"\n'),
    ("unknown-rule", "go", "`without action go`", GO + 'flip "One": without event go\n'),
    ("answers-nothing", "go", "`asks`", GO + "action reply by Ianto\n    answers go\n    then not dawn\n"),
    ("declared-twice", "dawn", "line 4", "fact dawn: yes or no\n"),
    ("declared-twice", "place", "put its members together", "kind place: hub\n"),
    ("declared-twice", "Jack", "somebody or something", "action go(Jack: person) by Jack\n    then dawn\n"),
    ("declared-twice", "dawn", "a fact already", 'ending "End" if for every person dawn: at(dawn) = flat\n'),
    ("said-twice", "weight", "already", "action go by Jack\n    weight 1\n    weight 2\n    then dawn\n"),
    ("said-twice", "minds 3", "already", "minds 2\nminds 3\n"),
    ("said-twice", "Jack", "twice", "action go by Jack, Jack\n    then dawn\n"),
    ("own-ancestor", "a", "of itself", "kind a is b\nkind b is a\n"),
    ("no-pronouns", "Robin", "Robin (she)", "kind person: Robin\n"),
    ("bad-pronouns", "Robin (hee", "`he`", "kind person: Robin (hee)\n"),
    ("bad-pronouns", "Robin (xe/xem", "five words", "kind person: Robin (xe/xem)\n"),
    ("no-actor", "go", "`event`", "action go\n    then dawn\n"),
    ("wrong-arguments", "at", "1 argument", 'ending "End" if at = flat\n'),
    ("wrong-arguments", "dawn(Jack)", "no arguments", 'ending "End" if dawn(Jack)\n'),
    ("wrong-arguments", "go(Jack)", "no arguments", GO + 'test "One"\n    after go(Jack)\n'),
    ("wrong-arguments", "at(Jack)", "by a variable", 'ending "End" if hurt(at(Jack)) = 1\n'),
    ("wrong-kind", "flat", "`flat` is a place", 'ending "End" if hurt(flat) = 1\n'),
    ("wrong-kind", "flat", "a person", "action go by flat\n    then dawn\n"),
    ("wrong-kind", "hurt(Jack) + 1", "Only a person believes", 'ending "End" if hurt(Jack) + 1 believes dawn\n'),
    ("wrong-sort", "dawn", "compares numbers", 'ending "End" if dawn > 1\n'),
    ("wrong-sort", "1", "A place is compared with a number", 'ending "End" if at(Jack) = 1\n'),
    ("wrong-sort", "Ianto", "one of: bunker, flat", 'ending "End" if at(Jack) = Ianto\n'),
    ("wrong-sort", "Ianto", "never a place", "start\n    at(Jack) = Ianto\n"),
    ("wrong-sort", "yes", "a number", "start\n    hurt(Jack) = yes\n"),
    ("wrong-sort", "dawn", "rise and ease", "action go by Jack\n    then dawn rises\n"),
    ("not-a-condition", "hurt(Jack)", "hurt(Jack) = ...", 'ending "End" if hurt(Jack)\n'),
    ("not-a-condition", "Jack", "neither holds", 'ending "End" if Jack\n'),
    ("not-a-fact", "Jack", "not a fact", "start\n    Jack\n"),
    ("never-unknown", "dawn = unknown", "yes or no", 'ending "End" if dawn = unknown\n'),
    ("never-unknown", "unknown", "or unknown", "start\n    hurt(Jack) = unknown\n"),
    ("missing-value", "at(Jack)", "becomes what", "start\n    at(Jack)\n"),
    ("out-of-range", "7", "0 to 3", "start\n    hurt(Jack) = 7\n"),
    ("out-of-range", "minds 99", "from 0 to", "minds 99\n"),
    ("empty-range", "3 to 0", "0 to 3", "fact cold: 3 to 0\n"),
    ("negative-weight", "-1", "less than", "event rain\n    weight -1\n    then dawn\n"),
    ("never-used", "2", "holds always", "event rain\n    weight 1, 2\n    then dawn\n"),
    ("division-by-zero", "0", "zero", 'ending "End" if hurt(Jack) / 0 = 1\n'),
    ("misplaced-every", "every person", "which one", "event rain\n    weight hurt(every person)\n    then dawn\n"),
    ("misplaced-some", "some person", "some of them", "event rain\n    then hurt(some person) rises\n"),
    ("misplaced-stillness", "nothing more can happen", "ending only", "event rain\n    if nothing more can happen\n    then dawn\n"),
    ("not-at-the-start", "hurt(Jack) rises", "nothing has happened", "start\n    hurt(Jack) rises\n"),
    ("not-at-the-start", "at(Ianto)", "the value itself", "start\n    at(Jack) = at(Ianto)\n"),
    ("self-known", "Jack believes hurt(Jack) = 1", "cannot believe", "start\n    Jack believes hurt(Jack) = 1\n"),
    ("self-known", "everybody believes cold", "cannot", "fact cold: yes or no, known to Jack\nstart\n    everybody believes cold\n"),
    ("self-known", "hurt(Jack) rises", "An inference", "inference ow by Jack\n    if dawn\n    then hurt(Jack) rises\n"),
    ("contradiction", "dawn = no", "`dawn`", "event rain\n    then dawn, dawn = no\n"),
    ("contradiction", "hurt(Jack) eases", "two values", "event rain\n    then hurt(Jack) rises, hurt(Jack) eases\n"),
    ("wrong-slot", "{Jack.hime}", "`him`", 'ending "End" if dawn\n    told: I saw {Jack.hime}.\n'),
    ("wrong-slot", "{hurt(Jack).his}", "has no `his`", 'ending "End" if dawn\n    told: I saw {hurt(Jack).his}.\n'),
    ("wrong-slot", "{because}", "Only an action", 'ending "End" if dawn\n    told: It was over, since {because}.\n'),
    (
        "misplaced-occasion",
        "learned",
        "`first time`, `again`",
        "trigger wet\n    if dawn\n    then dawn\n    told when learned: It was wet.\n",
    ),
    ("misplaced-occasion", "told in summary", "an action, an event", 'ending "End" if dawn\n    told in summary: It was over.\n'),
    ("misplaced-occasion", "told at close", "Only a scene", "event rain\n    then dawn\n    told at close: It rained.\n"),
    ("unknown-move", "rains", "`rain`", "event rain\n    then dawn\n    told when not after rains: It rained.\n"),
    ("wrong-arguments", "rain(Jack)", "alone", "event rain\n    then dawn\n    told when again since rain(Jack): It rained.\n"),
    ("unknown-speaker", "Inato", "`Ianto`", 'ending "End" if dawn\n    told\n        Inato: Hello.\n'),
    ("never-holds", "hurt(Jack) = 7", "0 to 3", 'ending "End" if hurt(Jack) = 7\n'),
    ("always-holds", "hurt(Jack) <= 3", "0 to 3", 'ending "End" if hurt(Jack) <= 3\n'),
    ("never-told", "told when dawn", "line 8", "event rain\n    told: It rained.\n    told when dawn: It rained again.\n    then dawn\n"),
    ("never-told", "told in summary", "the first times", "event rain\n    told in summary: It rained and rained.\n    then dawn\n"),
    ("written-out", "Jack waited.", "`{Jack}`", "teller Jack\nperson first\naction wait by Jack\n    then dawn\n    told: Jack waited.\n"),
    ("unexpected", "future", "`past` or `present`", "tense future\n"),
    ("never-answered", "ask", "answers ask", "action ask by Jack\n    asks Ianto\n    then dawn\n"),
    ("unused-fact", "cold", "speaks of `cold`", "fact cold: yes or no\n"),
    ("unused-parameter", "q", "every place", "event rain(q: place)\n    then dawn\n"),
    ("unused-stage", "room", "No action or event", "stage room: p with at(p) = flat\n"),
]
# Those that do not come about below a HEAD, and those of the planner's files; tests/test_messages.py tries them.
ELSEWHERE = {"empty-story", "too-long", "too-many-errors", "unclosed-bracket", "unclosed-comment", "not-an-effect"}


@pytest.mark.parametrize(("code", "place", "word", "lines"), WRONG, ids=[f"{wrong[0]}-{count}" for count, wrong in enumerate(WRONG)])
def test_what_is_wrong_is_said_and_marked(code: str, place: str, word: str, lines: str) -> None:
    text = HEAD + USED + lines
    story, diagnostics = read(text)
    assert [diagnostic.code for diagnostic in diagnostics] == [code]
    found = diagnostics[0]
    assert marked(found) == place
    said = f"{found.title} {found.message} {found.label} {found.hint}"
    assert word in said, said
    assert (story is None) == (found.severity == "error")
    assert found.title == {**ERRORS, **WARNINGS}[code]


def test_every_kind_of_diagnostic_is_tried() -> None:
    assert {code for code, *_ in WRONG} | ELSEWHERE == ERRORS.keys() | WARNINGS.keys()


def test_several_things_are_said_in_one_run_in_the_order_of_the_text() -> None:
    text = """\
tale A Story
kind person: Jack (he), Ianto (he
kind place: flat
fact at(person): plase
fact dawn: yes or no
start
    at(Jack) = flat
    dawn = = yes
    at(Jak) = flat
action go by Jack in room
    if dawn and
    if dwan
    then not dawn, at(Jack) = 3
    weihgt 3
    told: {Jack went.
ending "Over" if dawn
"""
    story, diagnostics = read(text)
    assert story is None
    lines = [text.count("\n", 0, found.span.start) + 1 for found in diagnostics if found.span]
    assert lines == sorted(lines)
    codes = [found.code for found in diagnostics]
    assert codes == [
        *("unexpected", "unexpected", "unknown-kind", "unexpected", "unknown-name", "unknown-stage"),
        *("unexpected", "unknown-name", "misplaced-line", "unclosed-brace"),
    ]


def test_one_error_does_not_make_others() -> None:
    lines = "fact cold: 3 too 4\nfact far(q: plase): yes or no\ntrigger t(q: plase)\n    if cold and far(q)\n    then cold rises\n"
    assert [found.code for found in read(HEAD + USED + lines)[1]] == ["unexpected", "unknown-kind", "unknown-kind"]


def test_a_header_that_is_wrong_still_declares_its_name() -> None:
    text = """\
kind person: Jack (hee, Ianto (he), Owen (he) x
kind place: flat, "home"
fact at(person): place
fact dawn: yes or no
stage room: with dawn
action ask by Jack to to Ianto in room
    asks Ianto
    tehn dawn
action reply by Ianto in room
    answers ask
    then dawn, at(Owen) = flat
wants Jack Owen
    +1 dawn because "one"
wants Jack
    +1 dawn dawn because "two"
    +1 = because "three"
ending "Over" if dawn and
test "one"
    after ask(flat), reply
    expect not reply because "one"
    expect not reply because "two"
    expect not reply because "three"
    expect ending "Over"
"""
    assert [found.code for found in read(text)[1]] == [
        *("bad-pronouns", "unexpected", "unexpected", "unexpected", "reserved-word", "unexpected", "misplaced-line"),
        *("unexpected", "unexpected", "unexpected", "unexpected"),
    ]


def test_an_indented_first_line_belongs_to_nothing() -> None:
    assert [found.code for found in read("    fact cold: yes or no\n" + HEAD + USED)[1]] == ["bad-indentation"]


def test_too_many_errors_end_the_reading() -> None:
    story, diagnostics = read("x\n" * 5000)
    assert story is None and len(diagnostics) == 101 and diagnostics[-1].code == "too-many-errors"


def test_a_variable_of_a_condition_that_is_wrong_can_be_used_again() -> None:
    lines = (
        "event e\n    if for every person p: dwan\n    if for some person p: at(p) = flat and (number of person q with hurt(q) = fat) = 1\n"
    )
    lines += "    if for every person p: for every person q: at(p) = at(q)\n    then dawn\n"
    assert [found.code for found in read(HEAD + USED + lines)[1]] == ["unknown-name", "unknown-name"]


def test_knowledge_of_knowledge_ends_somewhere() -> None:
    assert read(HEAD + USED + 'ending "End" if ' + "Jack knows (" * 4 + "dawn" + ")" * 4)[1] == ()
    assert [found.code for found in read(HEAD + USED + 'ending "End" if ' + "Jack knows (" * 5 + "dawn" + ")" * 5)[1]] == ["too-deep"]


def test_a_name_that_is_missing_is_not_reported_over_and_over() -> None:
    assert [found.code for found in read(HEAD + USED + "event e\n    then cold\n" * 1 + "    if cold\n" * 20)[1]] == ["unknown-name"] * 3
