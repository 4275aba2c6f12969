"""How often a reminder comes again, and when first."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given

from nlu.readers.folding import fold
from nlu.readers.repeats import find_repeat, read_repeat
from tests.nlu.readers.conftest import NOW, QUICK, messages

SAID = {
    "monatlich am letzten werktag": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "jeden ersten werktag im monat": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
    "jeweils zum quartalsende": "quarterly",
    "zweimal jährlich": "half-yearly",
    "pro quartal einmal": "quarterly",
    "1 mal im jahr": "yearly",
    "14-tägig donnerstags": "FREQ=WEEKLY;INTERVAL=2",
    "im dreiwochenrhythmus": "FREQ=WEEKLY;INTERVAL=3",
    "dreimonatlich": "quarterly",
    "jeden monat am letzten freitag": "FREQ=MONTHLY;BYDAY=-1FR",
    "jeden ersten und dritten montag im monat": "FREQ=MONTHLY;BYDAY=1MO,3MO",
    "montags, mittwochs und freitags": "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "montags bis freitags": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "jeden letzten tag im monat": "FREQ=MONTHLY;BYMONTHDAY=-1",
    "an jedem monatsende": "FREQ=MONTHLY;BYMONTHDAY=-1",
    "täglich": "daily",
    "jeden tag": "daily",
    "jede woche": "weekly",
    "jeden freitag": "weekly",
    "alle 6 monate": "half-yearly",
    "alle zwei wochen": "FREQ=WEEKLY;INTERVAL=2",
    "jeden ersten montag im monat": "FREQ=MONTHLY;BYDAY=1MO",
    "jeden monat am 15.": "monthly",
    "jährlich": "yearly",
    "jedes quartal": "quarterly",
    "werktags": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "montags": "weekly",
    "alle 14 tage": "FREQ=WEEKLY;INTERVAL=2",
    "jedes halbe jahr": "half-yearly",
    "halbjaehrlich": "half-yearly",
    "alle 3 monate": "quarterly",
    "vierteljährlich": "quarterly",
    "einmal im monat": "monthly",
    "1x pro woche": "weekly",
    "jeden 15.": "monthly",
    "jeden 1. des monats": "monthly",
    "jeden letzten freitag im monat": "FREQ=MONTHLY;BYDAY=-1FR",
    "immer montags": "weekly",
    "dienstags und donnerstags": "FREQ=WEEKLY;BYDAY=TU,TH",
    "jeden dienstag und donnerstag": "FREQ=WEEKLY;BYDAY=TU,TH",
    "jeden zweiten montag": "FREQ=WEEKLY;INTERVAL=2",
    "immer zum monatsende": "FREQ=MONTHLY;BYMONTHDAY=-1",
    "14-tägig": "FREQ=WEEKLY;INTERVAL=2",
    "alle 2 monate": "FREQ=MONTHLY;INTERVAL=2",
    "jedes jahr am 31.3.": "yearly",
    "alle halbe jahr": "half-yearly",
    "jede zweite woche": "FREQ=WEEKLY;INTERVAL=2",
    "alle 12 monate": "yearly",
    "am 3.4.": None,
    "montag": None,
    "alle 3 tage": "FREQ=DAILY;INTERVAL=3",
    "in 6 monaten": None,
    "am ersten montag im april": None,
    "alle unterlagen": None,
    "für alle kinder": None,
    "wöchentlich montags": "weekly",
    "jeden dritten donnerstag im monat": "FREQ=MONTHLY;BYDAY=3TH",
    "monatlich zum 1.": "monthly",
    "jedes monatsende": "FREQ=MONTHLY;BYMONTHDAY=-1",
    "jd. monat": None,
    "jeden zweiten freitag im monat": "FREQ=MONTHLY;BYDAY=2FR",
    "alle vier wochen": "FREQ=WEEKLY;INTERVAL=4",
    "jeden mo": "weekly",
    "immer am 1.": "monthly",
    "alle jahre": "yearly",
    "mo-fr 9 uhr": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "jeden morgen": "daily",
    "zweimal im jahr": "half-yearly",
    "am ersten montag jeden monats": "FREQ=MONTHLY;BYDAY=1MO",
    "am 1. jeden monats": "monthly",
    "am 15. jedes monats": "monthly",
    "jede 2. woche": "FREQ=WEEKLY;INTERVAL=2",
}
FIRST = {
    "jeden freitag": "2026-04-03",
    "montags": "2026-03-30",
    "täglich": "2026-03-28",
    "alle 6 monate": "2026-09-27",
    "jeden ersten montag im monat": "2026-04-06",
    "jeden letzten freitag im monat": "2026-04-24",
    "immer zum monatsende": "2026-03-31",
    "jeden 15.": "2026-04-15",
    "jeden 27.": "2026-04-27",
    "werktags": "2026-03-30",
    "jährlich": "2027-03-27",
}


@pytest.mark.parametrize(("said", "rule"), SAID.items())
def test_repetitions_are_read(said: str, rule: str | None) -> None:
    assert read_repeat(said) == rule


@pytest.mark.parametrize(("said", "day"), FIRST.items())
def test_the_first_occurrence_comes_after_today(said: str, day: str) -> None:
    repeat = find_repeat(fold(said))
    assert repeat is not None
    assert repeat.first_day(NOW, None) == date.fromisoformat(day)


@pytest.mark.parametrize(("clock", "day"), [(time(17), "2026-03-27"), (time(9), "2026-04-03")])
def test_today_counts_while_its_hour_is_still_to_come(clock: time, day: str) -> None:
    repeat = find_repeat(fold("jeden freitag"))
    assert repeat is not None
    assert repeat.first_day(NOW, clock) == date.fromisoformat(day)


@QUICK
@given(messages)
def test_the_first_occurrence_is_never_over(text: str) -> None:
    repeat = find_repeat(fold(text))
    assert repeat is None or repeat.first_day(NOW, None) > NOW.date()
