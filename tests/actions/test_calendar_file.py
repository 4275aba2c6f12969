"""The calendar file, read back by two parsers of others, and its repetitions reckoned again by another library."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import takewhile
from typing import Any

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from actions.calendar_file import CalendarEvent, calendar_file
from actions.clock import BERLIN
from actions.recurrence import days_of, moment

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
NINE = time(9)
DEADLINE = CalendarEvent(
    "rueckzahlung-baustein-3/2027-03-31@kim-lotse",
    "Baustein 3: Restmittel zurückzahlen",
    date(2027, 3, 31),
    alarm_days=(28, 14, 7, 1),
    alarm_clock=NINE,
    description="FAQ KIM NRW, Frage 46",
)
TALK = CalendarEvent(
    "erinnerung-7@kim-lotse", "Re-Assessment · KIM-1042", date(2027, 1, 29), time(9, 15), alarm_days=(0,)
)


def repeating(repeat: str, day: date, clock: time | None = NINE) -> CalendarEvent:
    return CalendarEvent("r@kim-lotse", "Termin", day, clock, repeat)


def read(*events: CalendarEvent) -> Any:
    """By vobject, which must not complain."""
    calendar = vobject.readOne(calendar_file(events, now=NOW).decode())
    assert calendar.validate(raiseException=True, complainUnrecognized=True)
    return calendar


def moments(event: CalendarEvent, until: date) -> list[datetime]:
    """When vobject and dateutil say it occurs, by the time zone that the file brings along."""
    rules = read(event).vevent.getrruleset(addRDate=True)
    found = takewhile(lambda at: at.date() <= until, rules)
    return [at.astimezone(UTC) for at in found]


def ours(event: CalendarEvent, until: date) -> list[datetime]:
    assert event.repeat and event.clock
    days = takewhile(lambda day: day <= until, days_of(event.repeat, event.day))
    return [moment(day, event.clock) for day in days]


class TestDeadline:
    def test_it_lasts_all_day_and_blocks_none(self) -> None:
        event = read(DEADLINE).vevent
        assert event.dtstart.value == date(2027, 3, 31)
        assert event.dtstart.params == {"VALUE": ["DATE"]}
        assert (event.transp.value, event.getChildValue("class")) == ("TRANSPARENT", "PRIVATE")

    def test_it_says_what_was_given_and_when_it_was_written(self) -> None:
        event = read(DEADLINE).vevent
        assert event.uid.value == DEADLINE.uid
        assert event.summary.value == DEADLINE.title
        assert event.description.value == DEADLINE.description
        assert event.dtstamp.value == NOW

    def test_it_rings_on_each_day_at_the_hour_on_the_wall(self) -> None:
        event = read(DEADLINE).vevent
        midnight = datetime.combine(event.dtstart.value, time())
        assert [midnight + bell.trigger.value for bell in event.valarm_list] == [
            datetime.combine(date(2027, 3, day), NINE) for day in (3, 17, 24, 30)
        ]
        assert {bell.action.value for bell in event.valarm_list} == {"DISPLAY"}
        assert {bell.description.value for bell in event.valarm_list} == {DEADLINE.title}


class TestTimed:
    @pytest.mark.parametrize(
        ("day", "clock", "at"),
        [
            (date(2027, 1, 29), time(9, 15), datetime(2027, 1, 29, 8, 15, tzinfo=UTC)),
            (date(2027, 7, 29), time(9, 15), datetime(2027, 7, 29, 7, 15, tzinfo=UTC)),
            (date(2027, 3, 28), time(1, 59), datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
            (date(2027, 3, 28), time(2, 30), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
            (date(2027, 3, 28), time(3, 0), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
            (date(2027, 10, 31), time(1, 59), datetime(2027, 10, 30, 23, 59, tzinfo=UTC)),
            (date(2027, 10, 31), time(2, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
            (date(2027, 10, 31), time(3, 0), datetime(2027, 10, 31, 2, 0, tzinfo=UTC)),
        ],
    )
    def test_it_begins_when_it_is_due(self, day: date, clock: time, at: datetime) -> None:
        event = read(CalendarEvent("e@kim-lotse", "Termin", day, clock)).vevent
        assert event.dtstart.value.astimezone(UTC) == at == moment(day, clock)

    def test_it_rings_at_its_time(self) -> None:
        event = read(TALK).vevent
        assert [bell.trigger.value for bell in event.valarm_list] == [timedelta()]

    def test_days_before_it_rings_at_the_same_time(self) -> None:
        event = read(CalendarEvent("e@kim-lotse", "Termin", date(2027, 4, 1), time(14), alarm_days=(7, 1))).vevent
        assert [bell.trigger.value for bell in event.valarm_list] == [timedelta(days=-7), timedelta(days=-1)]

    def test_its_zone_is_the_one_the_file_explains(self) -> None:
        calendar = Calendar.from_ical(calendar_file([TALK], now=NOW))
        assert calendar.get_missing_tzids() == set()
        assert calendar.events[0]["dtstart"].params["TZID"] == "Europe/Berlin"

    def test_the_zone_is_right_for_thirty_years(self) -> None:
        there = read(TALK).vevent.dtstart.value.tzinfo
        begin = datetime(2020, 1, 1, tzinfo=UTC)
        for hours in range(0, 30 * 365 * 24, 5):
            local = (begin + timedelta(hours=hours)).astimezone(BERLIN)
            if not local.fold:
                assert local.replace(tzinfo=there).utcoffset() == local.utcoffset(), local

    def test_the_clocks_change_at_one_in_the_morning_of_utc(self) -> None:
        """Onsets are written on the clock that is left (RFC 5545, 3.6.5)."""
        calendar = Calendar.from_ical(calendar_file([TALK], now=NOW))
        changes: list[Any] = calendar.timezones[0].walk("DAYLIGHT") + calendar.timezones[0].walk("STANDARD")
        onsets = [change["dtstart"].dt - change["tzoffsetfrom"].td for change in changes]
        assert [onset.time() for onset in onsets] == [time(1), time(1)]


class TestRepeating:
    @pytest.mark.parametrize("clock", [NINE, time(23, 45), time(0, 0)])
    @pytest.mark.parametrize(
        "day", [date(2027, 1, 1), date(2027, 1, 29), date(2027, 1, 31), date(2027, 2, 28), date(2028, 2, 29)]
    )
    @pytest.mark.parametrize(
        "repeat",
        [
            "daily",
            "weekly",
            "monthly",
            "quarterly",
            "half-yearly",
            "yearly",
            "FREQ=DAILY;INTERVAL=10",
            "FREQ=WEEKLY;INTERVAL=2",
            "FREQ=MONTHLY;INTERVAL=2",
            "FREQ=YEARLY;INTERVAL=2",
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            "FREQ=MONTHLY;BYDAY=1MO",
            "FREQ=MONTHLY;BYDAY=-1FR",
            "FREQ=MONTHLY;BYMONTHDAY=31",
            "FREQ=MONTHLY;BYMONTHDAY=30",
            "FREQ=MONTHLY;BYMONTHDAY=-1",
        ],
    )
    def test_for_three_years_it_occurs_when_it_is_due(self, repeat: str, day: date, clock: time) -> None:
        event = repeating(repeat, day, clock)
        until = day + timedelta(days=3 * 366)
        assert moments(event, until) == ours(event, until)

    @settings(derandomize=True, deadline=None, max_examples=150)
    @given(
        st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        st.integers(1, 30),
        st.dates(date(2026, 1, 1), date(2032, 12, 31)),
    )
    def test_whatever_the_span(self, frequency: str, interval: int, day: date) -> None:
        event = repeating(f"FREQ={frequency};INTERVAL={interval}", day)
        until = day + timedelta(days=3 * 366)
        assert moments(event, until) == ours(event, until)

    @pytest.mark.parametrize(
        ("repeat", "day", "first", "rule"),
        [
            ("daily", date(2027, 1, 31), date(2027, 1, 31), "FREQ=DAILY"),
            ("monthly", date(2027, 1, 28), date(2027, 1, 28), "FREQ=MONTHLY"),
            ("monthly", date(2027, 1, 31), date(2027, 1, 31), "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"),
            ("quarterly", date(2027, 1, 29), date(2027, 1, 29), "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=28,29;BYSETPOS=-1"),
            ("yearly", date(2028, 2, 29), date(2028, 2, 29), "FREQ=YEARLY;BYMONTHDAY=28,29;BYMONTH=2;BYSETPOS=-1"),
            ("FREQ=MONTHLY;BYDAY=1MO", date(2027, 1, 6), date(2027, 2, 1), "FREQ=MONTHLY;BYDAY=1MO"),
        ],
    )
    def test_it_begins_with_an_occurrence(self, repeat: str, day: date, first: date, rule: str) -> None:
        event = read(repeating(repeat, day, None)).vevent
        assert event.dtstart.value == first
        assert rule_parts(event.rrule.value) == rule_parts(rule)

    def test_what_is_no_repetition_is_refused(self) -> None:
        with pytest.raises(ValueError):
            calendar_file([repeating("manchmal", date(2027, 1, 1))], now=NOW)


class TestFile:
    def test_both_parsers_find_all_events_in_order(self) -> None:
        events = [DEADLINE, TALK, repeating("monthly", date(2027, 1, 31))]
        calendar = Calendar.from_ical(calendar_file(events, now=NOW))
        assert [str(event["uid"]) for event in calendar.events] == [event.uid for event in events]
        assert [event.uid.value for event in read(*events).vevent_list] == [event.uid for event in events]
        assert not [part.errors for part in calendar.walk() if part.errors]

    def test_one_without_events_is_a_calendar_too(self) -> None:
        assert not hasattr(read(), "vevent")

    def test_the_same_events_give_the_same_bytes(self) -> None:
        assert calendar_file([DEADLINE, TALK], now=NOW) == calendar_file([DEADLINE, TALK], now=NOW)

    def test_the_stamp_is_in_utc_wherever_now_was_read(self) -> None:
        elsewhere = NOW.astimezone(timezone(timedelta(hours=5)))
        assert calendar_file([DEADLINE], now=elsewhere) == calendar_file([DEADLINE], now=NOW)

    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
    def test_any_text_comes_back_but_for_control_characters(self, text: str) -> None:
        event = CalendarEvent("e@kim-lotse", f"T{text}", date(2027, 1, 1), description=f"D{text}")
        raw = calendar_file([event], now=NOW)
        assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
        assert b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")
        raw.decode()
        for line in raw.split(b"\r\n"):
            line.decode()
        shown = Calendar.from_ical(raw).events[0]
        other = read(event).vevent
        for found in (str(shown["summary"])[1:], other.summary.value[1:], other.description.value[1:]):
            assert found == "".join(" " if is_control(letter) else letter for letter in text)


def is_control(letter: str) -> bool:
    return letter != "\n" and (ord(letter) < 32 or 127 <= ord(letter) < 160 or letter in "\u2028\u2029")


def rule_parts(rule: str) -> set[str]:
    return set(rule.split(";"))
