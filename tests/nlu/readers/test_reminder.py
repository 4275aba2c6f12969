"""Reminders from one message: which case, when, how often, of what."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given

from nlu.readers.reminder import read_reminder
from tests.nlu.readers.conftest import NOW, QUICK, case_reader, messages, rows

CASES = case_reader()
MESSAGES = [*rows("reminders.jsonl"), *rows("asked.jsonl")]
LEAST_DUE, LEAST_PER_SLOT = 0.97, 0.95
SAME_SUBJECT = 0.6
"""Words two subjects have in common, of all their words, from which they are the same."""
NAMED = [
    *("am 31.3.", "nächsten dienstag", "freitag", "morgen", "heute 18 uhr", "montag in 2 wochen", "am 3.", "am 3. mai"),
    *("jeden freitag", "jeden ersten montag im monat", "alle 6 monate ab 3.5."),
]
RECKONED = [
    *("ende oktober", "anfang märz", "in 3 wochen", "in einem halben jahr", "nächste woche", "in 2 stunden", "kw 20"),
    *("nächsten monat", "heute in 14 tagen", "4 wochen vor dem 3.6.", "alle 6 monate", "monatlich", "werktags"),
    *("jeden 15. im monat", "um 18 uhr", "irgendwann"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=[message["text"][:40] for message in MESSAGES])
def test_every_slot_of_a_reminder_is_read_and_no_other(message: dict[str, Any]) -> None:
    found = read_reminder(message["text"], NOW, CASES)
    names = ("case", "due", "repeat", "subject")
    assert {name: getattr(found, name) for name in names} == {name: message.get(name) for name in names}
    assert (type(found.problem).__name__ if found.problem else None) == message.get("problem")


def test_wordings_of_many_voices_are_read() -> None:
    wordings = rows("wordings.jsonl")
    right: Counter[str] = Counter()
    for wording in wordings:
        found = read_reminder(wording["text"], datetime.fromisoformat(wording["now"]), CASES)
        right.update(name for name in ("case", "due", "repeat") if getattr(found, name) == wording.get(name))
        right["subject"] += overlap(found.subject, wording.get("subject")) >= SAME_SUBJECT
    shares = {name: count / len(wordings) for name, count in right.items()}
    assert shares["due"] >= LEAST_DUE, shares
    assert min(shares.values()) >= LEAST_PER_SLOT, shares


def overlap(got: str | None, said: str | None) -> float:
    """The share of words two subjects have in common."""
    words, wanted = (set(re.findall(r"\w+", (text or "").lower())) for text in (got, said))
    return len(words & wanted) / len(words | wanted) if words | wanted else 1.0


def test_two_case_numbers_are_both_shown() -> None:
    assert read_reminder("kim 1042 und kim 1043 morgen anrufen", NOW, CASES).cases == ("KIM-1042", "KIM-1043")


@pytest.mark.parametrize("text", NAMED)
def test_a_date_or_weekday_is_named(text: str) -> None:
    assert read_reminder(f"{text} statistik", NOW, CASES).named


@pytest.mark.parametrize("text", RECKONED)
def test_a_day_reckoned_from_a_span_is_not_named(text: str) -> None:
    assert not read_reminder(f"{text} statistik", NOW, CASES).named


@QUICK
@given(messages)
def test_no_message_is_too_strange(text: str) -> None:
    found = read_reminder(text, NOW, CASES)
    assert found.due is None or found.due[:10] >= NOW.date().isoformat()
    assert found.subject is None or found.subject.strip()
