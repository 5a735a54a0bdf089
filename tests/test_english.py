"""English: words that agree, quotation marks that open and close, capitals, and who said what."""

from __future__ import annotations

import pytest

from everytale.core import English
from everytale.story import HE, IT, SHE, THEY, Pronouns
from everytale.telling.reading import sentences
from tests.reference.telling.english import case_of, joined, possessive

XE = Pronouns("xe", "xem", "xyr", "xyrs", "xemself")


@pytest.mark.parametrize(
    ("straight", "set_"),
    [
        ('"Stay," said Jack.', "“Stay,” said Jack."),
        ("It's Jack's.", "It’s Jack’s."),
        ("\"I said 'no', and meant it.\"", "“I said ‘no’, and meant it.”"),
        ("\"'O love,'\" said Jack", "“‘O love,’” said Jack"),
        ("'Tis late, get 'em in.", "’Tis late, get ’em in."),
        ("the winter of '58", "the winter of ’58"),
        ('He paused -- "really?" -- and went.', "He paused — “really?” — and went."),
        ('"I want you to-- I thought that it was me."', "“I want you to— I thought that it was me.”"),
        ('"in the snow--" He turned', "“in the snow—” He turned"),
        ("Well...", "Well…"),
        ('("Quite.")', "(“Quite.”)"),
        ("the boys' room", "the boys’ room"),
    ],
)
def test_typography(straight: str, set_: str) -> None:
    assert English.typographic(straight) == set_


@pytest.mark.parametrize("text", ["“Already,” it’s set — so…", "", "plain"])
def test_what_is_set_already_stays(text: str) -> None:
    assert English.typographic(text) == text


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        *(("is", "are"), ("was", "were"), ("has", "have"), ("does", "do"), ("goes", "go"), ("isn't", "aren't"), ("laughs", "laugh")),
        *(
            ("carries", "carry"),
            ("dies", "die"),
            ("watches", "watch"),
            ("kisses", "kiss"),
            ("fixes", "fix"),
            ("says", "say"),
            ("closes", "close"),
        ),
    ],
)
def test_verbs_agree(singular: str, plural: str) -> None:
    assert English.agreeing(singular, "they", past=False) == plural
    if "'" not in singular and singular not in ("is", "was", "dies"):
        assert English.singular(plural) == singular


@pytest.mark.parametrize(
    ("present", "past"),
    [
        *(("is", "was"), ("has", "had"), ("does", "did"), ("goes", "went"), ("was", "was"), ("says", "said"), ("lies", "lay")),
        *(("laughs", "laughed"), ("closes", "closed"), ("carries", "carried"), ("plays", "played"), ("ties", "tied"), ("agrees", "agreed")),
        *(("stops", "stopped"), ("nods", "nodded"), ("quips", "quipped"), ("admits", "admitted"), ("opens", "opened"), ("looks", "looked")),
        *(("fixes", "fixed"), ("shows", "showed"), ("puts", "put"), ("hurts", "hurt"), ("watches", "watched"), ("kisses", "kissed")),
    ],
)
def test_verbs_have_a_past(present: str, past: str) -> None:
    assert English.agreeing(present, "he", past=True) == past


@pytest.mark.parametrize(
    ("verb", "agreement", "present", "past"),
    [
        *(("is", "I", "am", "was"), ("is", "he", "is", "was"), ("is", "they", "are", "were")),
        *(("goes", "I", "go", "went"), ("goes", "he", "goes", "went"), ("goes", "they", "go", "went")),
        *(("has", "I", "have", "had"), ("was", "I", "was", "was"), ("was", "they", "were", "were"), ("lies", "I", "lie", "lay")),
    ],
)
def test_verbs_agree_in_each_tense(verb: str, agreement: str, present: str, past: str) -> None:
    assert English.agreeing(verb, agreement, past=False) == present
    assert English.agreeing(verb, agreement, past=True) == past


@pytest.mark.parametrize(
    ("word", "own", "following", "case"),
    [
        ("he", HE, "", "subject"),
        ("him", XE, "", "object"),
        ("his", SHE, "", "possessive"),
        ("theirs", HE, "", "absolute"),
        ("themself", HE, "", "reflexive"),
        ("her", HE, " coat", "possessive"),
        ("her", HE, ".", "object"),
        ("it", HE, "", "subject"),
        ("its", THEY, "", "possessive"),
        ("xyr", XE, "", "possessive"),
        ("laughs", IT, "", None),
    ],
)
def test_any_pronoun_names_a_case(word: str, own: Pronouns, following: str, case: str | None) -> None:
    assert case_of(word, own, following) == case


def test_possessives() -> None:
    assert possessive("Jack") == "Jack’s"
    assert possessive("James") == "James’s"
    assert possessive("the Joneses", plural=True) == "the Joneses’"


@pytest.mark.parametrize(
    ("before", "begins"),
    [
        ("", True),
        ("He went. ", True),
        ("“", True),
        ("He said, “", False),
        ("“Really?” ", False),
        ("“Go.” ", True),
        ("He and ", False),
        ("What? ", True),
    ],
)
def test_where_a_sentence_begins(before: str, begins: bool) -> None:
    assert English.begins_sentence(before) is begins


def test_capitals_come_after_quotation_marks() -> None:
    assert English.capital("“the cat") == "“The cat"
    assert English.capital("1941") == "1941"
    assert English.capital("élan") == "Élan"


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("He went. She stayed… “Why?” “No!” he said.", ["He went.", "She stayed…", "“Why?”", "“No!” he said."]),
        ("Mr. Odell met Dr. Ianto. No. 5 was shut. No. It was not.", ["Mr. Odell met Dr. Ianto.", "No. 5 was shut.", "No.", "It was not."]),
        ("It cost 3.5 pounds, i.e. more. élan came.", ["It cost 3.5 pounds, i.e. more.", "élan came."]),
        (" One line", ["One line"]),
        ("", []),
    ],
)
def test_sentences_end_before_a_capital_but_not_after_an_abbreviation(text: str, split: list[str]) -> None:
    assert English.sentences(text) == split == sentences(text)


@pytest.mark.parametrize(
    ("words", "who", "said"),
    [
        ("It gets cold.", "", "“It gets cold.”"),
        ("It gets cold.", "said Jack", "“It gets cold,” said Jack."),
        ("Stay. It gets cold.", "said Jack", "“Stay,” said Jack. “It gets cold.”"),
        ("Why not?", "said Jack", "“Why not?” said Jack."),
        ("I thought…", "said Jack", "“I thought…” said Jack."),
        ("He said “no”.", "said Jack", "“He said ‘no’,” said Jack."),
        ("One", "said Jack", "“One,” said Jack."),
    ],
)
def test_who_said_what(words: str, who: str, said: str) -> None:
    assert English.speech(words, who, quoted=True) == said


def test_lists_of_names() -> None:
    assert joined(["Jack"]) == "Jack"
    assert joined(["Jack", "Ianto", "Owen"]) == "Jack, Ianto and Owen"
