"""Case numbers typed in any way are read the same; slips are noticed, and other numbers are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.casework import load_casework
from nlu.readers.case_numbers import CaseNumberReader

CASEWORK = load_casework()
READER = CaseNumberReader(CASEWORK.case_numbers, CASEWORK.case_words)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("KIM-1042", "KIM-1042"),
        ("kim 1042", "KIM-1042"),
        ("kim1042", "KIM-1042"),
        ("Kim_1042", "KIM-1042"),
        ("KIM–1042", "KIM-1042"),  # an en dash, as phones make it
        ("kim/1042", "KIM-1042"),
        ("KIM-2026-0042", "KIM-2026-0042"),
        ("kim 2026 0042", "KIM-2026-0042"),
        ("Kim_2026/0042", "KIM-2026-0042"),
        ("kim20260042", "KIM-2026-0042"),
        ("Fall 1042", "KIM-1042"),
        ("fall nr. 1042", "KIM-1042"),
        ("fallnummer 2026-0042", "KIM-2026-0042"),
        ("KIM-2026", "KIM-2026"),
        ("fall kim 2026", "KIM-2026"),
    ],
)
def test_a_number_is_read_however_it_is_typed(typed: str, number: str) -> None:
    assert READER.numbers(f"kurzberatung {typed} heute 20 min, tel.") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "Wie hoch ist die Förderung im KIM 2026?",
        "am 31.3.2026 um 10:30",
        "im Jahr 2026",
        "§ 25b Abs. 1, 57.000 Euro",
        "Baustein 3, 1042 Euro",
        "im fall 12 monate duldung",
        "im Fall 31.03.2027",
    ],
)
def test_other_numbers_are_no_case_numbers(text: str) -> None:
    assert READER.read(text) == []
    assert READER.doubtful(text) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kmi 1042", "KIM-1042"),
        ("kin-1042", "KIM-1042"),
        ("KIM-1O42", "KIM-1042"),  # the letter O
        ("kimm 1042", "KIM-1042"),
        ("kim 104", None),
        ("kim 10422", None),
        ("kim 1042-1043", None),
    ],
)
def test_a_slip_is_noticed_and_mended_where_it_can_be_told(typed: str, meant: str | None) -> None:
    assert READER.read(typed) == []
    assert [doubtful.meant for doubtful in READER.doubtful(typed)] == [meant]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("mit 1256 telefoniert", ["KIM-1256"]),
        ("1301 angerufen, 10 minuten", ["KIM-1301"]),
        ("heute, 1430, zehn minuten", ["KIM-1430"]),
        ("tel-1301", ["KIM-1301"]),
        ("2026-0042 war da", ["KIM-2026-0042"]),
        ("1301 und 1302 zusammen da", ["KIM-1301", "KIM-1302"]),
        ("1977 kam vorbei", ["KIM-1977"]),
        ("klientin 2026 kam vorbei", ["KIM-2026"]),
        ("1256 schulden, miete 1100", ["KIM-1256"]),
        ("wegen miete 1301 anrufen", ["KIM-1301"]),
        ("geht um 1817", ["KIM-1817"]),
        ("am 3.3.2026 tel 1256 20 min", ["KIM-1256"]),
        ("kommt seit 1998", []),
        ("1977 geboren", []),
        ("kita ab 2027", []),
        ("2026 geht es weiter", []),
        ("im mai 2026", []),
        ("1200 euro", []),
        ("€ 1200", []),
        ("schulden von 3400", []),
        ("1250,50 nachzahlung", []),
        ("um 1430", []),
        ("1430 uhr", []),
        ("am 12.10.2026", []),
        ("§ 1601 BGB", []),
        ("1601 bgb", []),
        ("plz 50667", []),
        ("unter 0221 1234 5678", []),
        ("tel. +49 221 1234", []),
        ("9000 minuten", []),
        ("kim 1042-1043", []),
    ],
)
def test_a_bare_number_is_a_case_unless_it_is_something_else(text: str, numbers: list[str]) -> None:
    assert [found.number for found in READER.read_bare(text)] == numbers
    assert READER.read(text) == []


def test_several_numbers_come_in_their_order() -> None:
    assert READER.numbers("kim 1043 und KIM-1042, noch mal kim 1043") == ["KIM-1043", "KIM-1042"]


def test_numbers_are_taken_out_where_they_must_not_stay() -> None:
    assert READER.without("Frist für kim 1042 und Fall 1043?", "[FALL]") == "Frist für [FALL] und Fall [FALL]?"


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for found in READER.read(text):
        assert READER.numbers(found.number) == [found.number]
        assert 0 <= found.start < found.end <= len(text)
    READER.doubtful(text)
    for bare in READER.read_bare(text):
        assert 0 <= bare.start < bare.end <= len(text)


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 9999), st.sampled_from(["-", " ", "", "_", " - ", "/", "–"]), st.booleans())
def test_a_normalised_number_is_read_back(number: int, separator: str, upper: bool) -> None:
    prefix = "KIM" if upper else "kim"
    assert READER.numbers(f"fall {prefix}{separator}{number:04}") == [f"KIM-{number:04}"]
