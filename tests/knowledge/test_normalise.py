"""What people type becomes one form: the same question reads the same, however it was written."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.casework import load_casework
from knowledge.load import Knowledge
from knowledge.normalise import Normaliser, plain

QUICK = settings(deadline=None, derandomize=True)
SPELLED_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
UMLAUTS_DECOMPOSED = {"ä": "a\u0308", "ö": "o\u0308", "ü": "u\u0308", "Ä": "A\u0308", "Ö": "O\u0308", "Ü": "U\u0308"}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Wie hoch ist die Förderung?", "wie hoch ist die foerderung"),
        ("WIE HOCH???", "wie hoch"),
        ("  viel \t Platz \n dazwischen ", "viel platz dazwischen"),
        ("Klient:innen", "klient innen"),
        ("57.000 € bis 31.03.", "57.000 € bis 31.03"),
        ("1/3 der Fälle", "1/3 der faelle"),
        ("50-60 Fälle", "50-60 faelle"),
        ("§ 25b Abs. 1", "25b abs 1"),
        ("3,5 Stellen, bitte.", "3,5 stellen bitte"),
        ("Case-Management", "case management"),
        ("„Baustein 3“ – wie?", "baustein 3 wie"),
        ("snake_case", "snake case"),
        ("Straße, STRASSE, strasse", "strasse strasse strasse"),
        ("café", "cafe"),
        ("🙂", ""),
        ("", ""),
    ],
)
def test_a_message_is_reduced_to_what_was_said(typed: str, read: str) -> None:
    assert plain(typed) == read


@QUICK
@given(st.text())
@example("㎒")
@example("İ ẞ ﬁ Ⅲ")
def test_reducing_twice_changes_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@QUICK
@given(st.text(alphabet="äöüÄÖÜßaeous ?-.1"))
def test_umlauts_read_the_same_in_every_spelling(text: str) -> None:
    spelled_out = "".join(SPELLED_OUT.get(char, char) for char in text)
    decomposed = "".join(UMLAUTS_DECOMPOSED.get(char, char) for char in text)
    assert plain(text) == plain(spelled_out) == plain(decomposed)


@QUICK
@given(st.text(alphabet=st.characters()))
@example("\ud800")
def test_no_text_is_too_strange(text: str) -> None:
    assert plain(text) == plain(text).strip()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("gilt das für die ABH?", "gilt das fuer die auslaenderbehoerde"),
        ("VN fürs CM", "verwendungsnachweis fuers case management"),
        ("z.B. B3", "zum beispiel baustein 3"),
        ("b1/b2", "baustein 1/2"),
        ("a b h", "auslaenderbehoerde"),
        ("cmd", "cmd"),
    ],
)
def test_the_fields_abbreviations_are_spelled_out_as_whole_words(knowledge: Knowledge, typed: str, read: str) -> None:
    assert knowledge.normaliser(typed) == read


def test_no_abbreviation_of_the_vocabulary_is_spelled_out_twice(knowledge: Knowledge) -> None:
    read = knowledge.normaliser
    changed = [short for short in knowledge.vocabulary.abbreviations if read(read(short)) != read(short)]
    assert not changed


def test_the_longest_abbreviation_wins() -> None:
    read = Normaliser({"br": "bezirksregierung", "BR Arnsberg": "bezirksregierung arnsberg, Dezernat"})
    assert read("die BR Arnsberg, nicht die BR") == "die bezirksregierung arnsberg dezernat nicht die bezirksregierung"


def test_without_abbreviations_nothing_is_spelled_out() -> None:
    assert Normaliser({})("ABH?") == "abh"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Fall KIM-1042 schließen", "fall fallnummer schliessen"),
        ("kim 2026 0042 heute 20 min", "fallnummer heute dauerangabe"),
        ("fall 1042 um 9:30 Uhr", "fallnummer um uhrzeitangabe"),
        ("Förderung 57.000 Euro", "foerderung 57.000 euro"),
    ],
)
def test_what_has_a_shape_reads_as_one_word_for_the_ranker(knowledge: Knowledge, typed: str, read: str) -> None:
    vocabulary = knowledge.vocabulary
    shapes = vocabulary.shapes | {"fallnummer": load_casework().number_shape}
    assert Normaliser(vocabulary.abbreviations, shapes)(typed) == read
    assert Normaliser(vocabulary.abbreviations, shapes)(read) == read
