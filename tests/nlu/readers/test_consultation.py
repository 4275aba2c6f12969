"""Whole counsellings from one message: everything said, nothing invented."""

from __future__ import annotations

import dataclasses
import statistics
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlu.readers.consultation import ConsultationReader, ConsultationSlots
from nlu.readers.results import Impossible, InFuture
from tests.nlu.readers.conftest import NOW, QUICK, messages, rows

MESSAGES = rows("messages.jsonl")
TALKS = rows("talks.jsonl")
"""Messages of several writers: the slots that are kept, without the free text."""
SLOTS = [field.name for field in dataclasses.fields(ConsultationSlots)][:10]
ANY_READER = settings(QUICK, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("message", MESSAGES, ids=[message["text"][:40] for message in MESSAGES])
def test_every_slot_of_a_message_is_read_and_no_other(message: dict[str, Any], reader: ConsultationReader) -> None:
    found = reader.read(message["text"], NOW)
    slots = {name: getattr(found, name) for name in SLOTS}
    slots["topics"] = list(found.topics) if found.topics else None
    assert slots == {name: message.get(name) for name in SLOTS}


@pytest.mark.parametrize("talk", TALKS, ids=[talk["text"][:40] for talk in TALKS])
def test_what_is_counted_is_read_from_every_way_of_writing(talk: dict[str, Any], reader: ConsultationReader) -> None:
    found = reader.read(talk["text"], NOW)
    slots = {name: getattr(found, name) for name in SLOTS[:7]}
    slots["topics"] = list(found.topics) if found.topics else None
    assert slots == {name: talk.get(name) for name in SLOTS[:7]}


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


CASES = {"kim 1042": "KIM-1042", "KIM-2026-0042": "KIM-2026-0042", "fall 1330": "KIM-1330", "Kim1077": "KIM-1077"}
DAYS = {"heute": "2026-03-27", "gestern": "2026-03-26", "am 3.3.": "2026-03-03", "letzten montag": "2026-03-23"}
DAYS |= {"12. März": "2026-03-12", "di": "2026-03-24", "vor 3 tagen": "2026-03-24", "25.03.26": "2026-03-25"}
LASTED = {"20 min": 20, "ne halbe std": 30, "1,5h": 90, "dreiviertelstunde": 45, "1h15": 75, "zehn minuten": 10}
CHANNELS = {
    "telefon": "telefon",
    "tel.": "telefon",
    "im büro": "persoenlich",
    "videocall": "video",
    "per mail": "email",
}
TOPICS = {"wohnung": "Wohnen", "sprachkurs": "Sprache", "schulden": "Finanzen/Leistungen", "kitaplatz": "Schule/Kita"}
AFTERWARDS: dict[str, dict[str, str]] = {
    "": {},
    "termin bei vhs ausgemacht": {"next_steps": "termin bei vhs ausgemacht"},
    "wv in 2 wochen": {"follow_up": "2026-04-10"},
    "an jmd verwiesen": {"referral": "JMD"},
    "folgetermin 9.4.": {"follow_up": "2026-04-09"},
    "lücke: kein dolmetscher": {"gap": "kein dolmetscher"},
}


@ANY_READER
@given(data=st.data())
def test_the_parts_of_a_message_may_stand_in_any_order(reader: ConsultationReader, data: st.DataObject) -> None:
    case, day, lasted, channel = (data.draw(st.sampled_from(sorted(said))) for said in (CASES, DAYS, LASTED, CHANNELS))
    topics = data.draw(st.lists(st.sampled_from(sorted(TOPICS)), min_size=1, max_size=3, unique=True))
    afterwards = data.draw(st.sampled_from(sorted(AFTERWARDS)))
    first = data.draw(st.permutations([case, day, lasted, channel]))
    between = data.draw(st.sampled_from([" ", ", ", " / ", "; ", "\n"]))
    text = ", ".join(filter(None, [between.join(["kurzberatung", *first]), " und ".join(topics), afterwards]))
    said = {name: getattr(reader.read(text, NOW), name) for name in SLOTS}
    assert said == dict.fromkeys(SLOTS) | AFTERWARDS[afterwards] | {
        "case": CASES[case],
        "date": DAYS[day],
        "duration_min": LASTED[lasted],
        "channel": CHANNELS[channel],
        "topics": tuple(TOPICS[topic] for topic in topics),
    }, text


@ANY_READER
@given(text=messages)
def test_no_message_is_too_strange(reader: ConsultationReader, text: str) -> None:
    found = reader.read(text, NOW)
    assert found.date is None or found.date <= NOW.date().isoformat()
    assert found.follow_up is None or found.follow_up >= NOW.date().isoformat()
    assert found.topics != ()


def test_a_message_is_read_in_less_than_three_milliseconds(reader: ConsultationReader) -> None:
    seconds = []
    for message in MESSAGES:
        begun = time.process_time()
        reader.read(message["text"], NOW)
        seconds.append(time.process_time() - begun)
    assert statistics.median(seconds) < 0.003


@pytest.mark.parametrize("piece", ["am ", "- ", "ab, an ", "3.3. ", "morgen in 3 wochen ", "kim 1042 ", "lücke: "])
def test_the_longest_message_of_the_channel_is_read_in_a_blink(reader: ConsultationReader, piece: str) -> None:
    begun = time.process_time()
    reader.read((piece * 4096)[:4096], NOW)
    assert time.process_time() - begun < 1
