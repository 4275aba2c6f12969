"""Whole counsellings from one message: everything said, nothing invented."""

from __future__ import annotations

import dataclasses
import statistics
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from nlu.readers.consultation import ConsultationReader, ConsultationSlots
from nlu.readers.results import Impossible, InFuture
from tests.nlu.readers.conftest import NOW, QUICK, messages, rows

MESSAGES = rows("messages.jsonl")
SLOTS = [field.name for field in dataclasses.fields(ConsultationSlots)][:10]
ANY_READER = settings(QUICK, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("message", MESSAGES, ids=[message["text"][:40] for message in MESSAGES])
def test_every_slot_of_a_message_is_read_and_no_other(message: dict[str, Any], reader: ConsultationReader) -> None:
    found = reader.read(message["text"], NOW)
    slots = {name: getattr(found, name) for name in SLOTS}
    slots["topics"] = list(found.topics) if found.topics else None
    assert slots == {name: message.get(name) for name in SLOTS}


def test_two_case_numbers_are_both_shown(reader: ConsultationReader) -> None:
    found = reader.read("kim 1042 kim 1043 heute 20 min tel", NOW)
    assert (found.case, found.cases) == (None, ("KIM-1042", "KIM-1043"))


def test_the_same_number_twice_is_one_case(reader: ConsultationReader) -> None:
    assert reader.read("kb kim 1042, kim-1042 kommt wieder", NOW).case == "KIM-1042"


def test_what_is_wrong_with_a_day_is_shown(reader: ConsultationReader) -> None:
    assert isinstance(reader.read("kb kim 1042 am 31.2. 20 min", NOW).date_problem, Impossible)
    assert isinstance(reader.read("kb kim 1042 am 3.4. 20 min", NOW).date_problem, InFuture)
    assert isinstance(reader.read("kb kim 1042 heute, wv am 31.2.", NOW).follow_up_problem, Impossible)


def test_several_referrals_are_all_shown(reader: ConsultationReader) -> None:
    found = reader.read("kim 1042 heute 10 min, verwiesen an jobcenter und jmd", NOW)
    assert (found.referral, found.referrals) == ("Jobcenter", ("Jobcenter", "JMD"))


@ANY_READER
@given(text=messages)
def test_no_message_is_too_strange(reader: ConsultationReader, text: str) -> None:
    found = reader.read(text, NOW)
    assert found.date is None or found.date <= NOW.date().isoformat()
    assert found.follow_up is None or found.follow_up >= NOW.date().isoformat()
    assert found.topics != ()


def test_a_message_is_read_in_less_than_five_milliseconds(reader: ConsultationReader) -> None:
    seconds = []
    for message in MESSAGES:
        begun = time.perf_counter()
        reader.read(message["text"], NOW)
        seconds.append(time.perf_counter() - begun)
    assert statistics.median(seconds) < 0.005
