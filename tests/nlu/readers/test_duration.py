"""How long a talk took, as people say it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.readers.duration import read_minutes
from tests.nlu.readers.conftest import QUICK, messages

SAID = {
    "20 min": 20,
    "14-14:30": 30,
    "um 14 uhr 30 min tel": 30,
    "mo 23.3. 14 uhr 20 min": 20,
    "ne halbe std": 30,
    "eine Dreiviertelstunde": 45,
    "1,5 h": 90,
    "1h30": 90,
    "von 10 bis 10:45": 45,
    "10:00-10:20": 20,
    "eine stunde": 60,
    "anderthalb stunden": 90,
    "zwanzig minuten": 20,
    "ne viertelstunde": 15,
    "knapp 20 min": 20,
    "ca. 30min": 30,
    "5 minütchen": 5,
    "0 min": 0,
    "900 minuten": 900,
    "½ std": 30,
    "1½ std": 90,
    "1/2 h": 30,
    "3/4 std": 45,
    "1 std 20": 80,
    "1 stunde und 20 minuten": 80,
    "eine stunde zwanzig": 80,
    "von 14 uhr bis 14 uhr 20": 20,
    "10-10.30 uhr": 30,
    "20-30 min": 30,
    "2x15 min": 30,
    "dauer 20": 20,
    "eine halbe Stunde": 30,
    "20 minuetiges telefonat": 20,
    "halbstündiges Gespräch": 30,
    "1:30 h": 90,
    "drei viertel stunde": 45,
    "in 20 min": None,
    "vor 20 min": None,
    "am 3.3. um 10 uhr": None,
    "45 minutn": 45,
    "35min tel": 35,
    "11:50 bis 12:20": 30,
    "12:50 bis 1:20": 30,
    "9-11": None,
    "9 - 10 uhr": 60,
    "zwei stunden": 120,
    "20min.": 20,
    "90'": 90,
    "dauer: ca 40 min": 40,
    "ein stündchen": 60,
    "1 stunde 15 min": 75,
    "eindreiviertel stunden": 105,
    "gute halbe stunde": 30,
    "stunde": 60,
    "fuffzehn min": 15,
    "30 mni": 30,
    "5 viertelstunden": 75,
    "von 10 bis viertel vor 11": 45,
    "von halb zehn bis zehn": 30,
    "Beginn 9 Uhr, Ende 9:25": 25,
    "einstündiges Gespräch": 60,
    "eine stunde zehn es ging um strom": 70,
    "ne halbe stunde zu spät": None,
    "video 30 sprache": 30,
    "20 tel stadtwerke": 20,
    "40 minunten": 40,
    "2 1/2 std": 150,
    "2,5std": 150,
    "fünfundvierzig min": 45,
    "fuenf min": 5,
    "heute 14:00-14:45 uhr": 45,
    "20m": 20,
    "20 Mins": 20,
    "von 9.15 bis 10.00": 45,
}


@pytest.mark.parametrize(("said", "minutes"), SAID.items())
def test_minutes_are_read_as_said(said: str, minutes: int | None) -> None:
    assert read_minutes(said) == minutes


@QUICK
@given(st.integers(0, 2000))
def test_minutes_in_figures_are_read_back(minutes: int) -> None:
    hours, rest = divmod(minutes, 60)
    assert read_minutes(f"heute {minutes} min telefon") == minutes
    assert read_minutes(f"{minutes}min") == minutes
    assert read_minutes(f"{hours} std {rest} min") == minutes
    assert read_minutes(f"{hours}h{rest:02}") == minutes


@QUICK
@given(st.integers(0, 23 * 60), st.integers(1, 59))
def test_from_to_is_as_long_as_the_clock_says(start: int, minutes: int) -> None:
    begin, end = (f"{at // 60}:{at % 60:02}" for at in (start, start + minutes))
    assert read_minutes(f"von {begin} bis {end}") == minutes
    assert read_minutes(f"{begin}-{end} uhr") == minutes


@QUICK
@given(messages)
def test_no_text_is_too_strange(text: str) -> None:
    minutes = read_minutes(text)
    assert minutes is None or minutes >= 0
