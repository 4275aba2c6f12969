"""Clock times, as people say them."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.readers.clock import find_clocks
from nlu.readers.folding import fold
from nlu.readers.results import Impossible
from tests.nlu.readers.conftest import QUICK, messages

SAID = {
    "zehn uhr zwanzig": "10:20",
    "um punkt neun": "09:00",
    "montag acht dreißig": "08:30",
    "vormittags halb elf": "10:30",
    "zwischen 10 und 12 uhr": "10:00",
    "um achte": "08:00",
    "um sechs heute abend": "18:00",
    "um 0915": "09:15",
    "9 uhr": "09:00",
    "um halb zehn": "09:30",
    "viertel nach acht": "08:15",
    "drei viertel zehn": "09:45",
    "dreiviertel zehn": "09:45",
    "14:30": "14:30",
    "9.30 uhr": "09:30",
    "um 9.30": "09:30",
    "um 7": "07:00",
    "heute abend um 8": "20:00",
    "halb drei": "14:30",
    "um 3": "15:00",
    "03:00": "03:00",
    "7 uhr abends": "19:00",
    "viertel vor neun": "08:45",
    "zehn nach acht": "08:10",
    "fünf vor halb neun": "08:25",
    "9 uhr 15": "09:15",
    "neun uhr dreißig": "09:30",
    "am 3.4.": None,
    "in 20 min": None,
    "1430 uhr": "14:30",
    "viertel zehn": "09:15",
    "um 12": "12:00",
    "halb eins": "12:30",
    "8 uhr früh": "08:00",
    "abends um 7": "19:00",
    "14h30 uhr": "14:30",
    "9h": "09:00",
    "um 14h": "14:00",
    "15 uhr": "15:00",
    "freitag 10:15": "10:15",
    "um neun": "09:00",
    "08:15h": "08:15",
    "um 2 nachmittags": "14:00",
    "kurz nach 9 uhr": "09:00",
    "um 10:00 Uhr": "10:00",
    "nachmittags 4": "16:00",
    "zwölf uhr mittags": "12:00",
    "morgen früh um 5": "05:00",
    "um eins": "13:00",
    "11 uhr vormittags": "11:00",
}


def first(said: str) -> time | Impossible | None:
    found = find_clocks(fold(said).text)
    return found[0].meant if found else None


@pytest.mark.parametrize(("said", "clock"), SAID.items())
def test_clock_times_are_read(said: str, clock: str | None) -> None:
    assert first(said) == (time.fromisoformat(clock) if clock else None)


@pytest.mark.parametrize("said", ["25 uhr", "um 24:10", "9:75 uhr"])
def test_what_is_on_no_clock_is_said_to_be_impossible(said: str) -> None:
    assert isinstance(first(said), Impossible)


@QUICK
@given(st.times())
def test_figures_are_read_as_typed(clock: time) -> None:
    clock = clock.replace(second=0, microsecond=0, tzinfo=None, fold=0)
    assert first(f"morgen {clock:%H:%M}") == clock
    assert first(f"{clock:%H:%M} uhr") == clock


@QUICK
@given(messages)
def test_clock_times_lie_in_the_text(text: str) -> None:
    folded = fold(text)
    assert all(0 <= found.start < found.end <= len(folded.text) for found in find_clocks(folded.text))
