"""The days of a repetition and the moment of a wall-clock time: ends of months, and the two clock changes."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.recurrence import days_of, is_rule, moment

GERMANY = ZoneInfo("Europe/Berlin")
CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MONTHS = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
NAMES = st.sampled_from(["daily", "weekly", *MONTHS])
EVERY = st.builds(
    "FREQ={};INTERVAL={}".format, st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]), st.integers(1, 60)
)
WEEKDAYS = st.lists(st.sampled_from(CODES), min_size=1, unique=True).map(",".join)
ON_WEEKDAYS = st.builds("FREQ=WEEKLY;INTERVAL={};BYDAY={}".format, st.integers(1, 5), WEEKDAYS)
NTH = st.builds("FREQ=MONTHLY;BYDAY={}{}".format, st.sampled_from([-1, 1, 2, 3, 4, 5]), st.sampled_from(CODES))
ON_A_DAY = st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, st.sampled_from([-1, *range(1, 29)]))
LATE_IN_MONTH = st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, st.integers(29, 31))
RULES = st.one_of(NAMES, EVERY, ON_WEEKDAYS, NTH, ON_A_DAY, LATE_IN_MONTH)
properties = settings(derandomize=True, deadline=None, max_examples=200)


def some(rule: str, first: date, count: int = 8) -> list[date]:
    return list(islice(days_of(rule, first), count))


def listed(rule: str, first: date, count: int) -> str:
    return ", ".join(f"{day:%d.%m.%Y}" for day in some(rule, first, count))


def german(at: datetime) -> str:
    return f"{at.astimezone(GERMANY):%d.%m.%Y %H:%M %Z}"


@pytest.mark.parametrize(
    ("rule", "first", "days"),
    [
        ("monthly", date(2027, 1, 31), "31.01.2027, 28.02.2027, 31.03.2027, 30.04.2027, 31.05.2027"),
        ("monthly", date(2028, 1, 31), "31.01.2028, 29.02.2028, 31.03.2028, 30.04.2028, 31.05.2028"),
        ("monthly", date(2027, 1, 29), "29.01.2027, 28.02.2027, 29.03.2027, 29.04.2027, 29.05.2027"),
        ("quarterly", date(2026, 11, 30), "30.11.2026, 28.02.2027, 30.05.2027, 30.08.2027, 30.11.2027"),
        ("half-yearly", date(2027, 8, 31), "31.08.2027, 29.02.2028, 31.08.2028, 28.02.2029, 31.08.2029"),
        ("yearly", date(2028, 2, 29), "29.02.2028, 28.02.2029, 28.02.2030, 28.02.2031, 29.02.2032"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", date(2027, 1, 31), "31.01.2027, 28.02.2027, 31.03.2027, 30.04.2027, 31.05.2027"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", date(2027, 2, 1), "28.02.2027, 31.03.2027, 30.04.2027, 31.05.2027, 30.06.2027"),
        ("FREQ=MONTHLY;BYMONTHDAY=30", date(2028, 1, 1), "30.01.2028, 29.02.2028, 30.03.2028, 30.04.2028, 30.05.2028"),
        ("FREQ=MONTHLY;BYMONTHDAY=29", date(2027, 2, 1), "28.02.2027, 29.03.2027, 29.04.2027, 29.05.2027, 29.06.2027"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2028, 1, 1), "31.01.2028, 29.02.2028, 31.03.2028, 30.04.2028, 31.05.2028"),
        ("FREQ=MONTHLY;INTERVAL=5", date(2027, 1, 31), "31.01.2027, 30.06.2027, 30.11.2027, 30.04.2028, 30.09.2028"),
    ],
)
def test_a_month_without_that_day_ends_on_its_last(rule: str, first: date, days: str) -> None:
    """§ 188 Abs. 3 BGB; and the day said comes back where the month has it."""
    assert listed(rule, first, 5) == days


@pytest.mark.parametrize(
    ("rule", "first", "days"),
    [
        ("FREQ=MONTHLY;BYDAY=1MO", date(2026, 12, 1), "07.12.2026, 04.01.2027, 01.02.2027, 01.03.2027"),
        ("FREQ=MONTHLY;BYDAY=-1FR", date(2026, 12, 1), "25.12.2026, 29.01.2027, 26.02.2027, 26.03.2027"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", date(2026, 12, 1), "03.12.2026, 07.12.2026, 10.12.2026, 14.12.2026"),
        ("FREQ=WEEKLY;INTERVAL=2", date(2026, 12, 1), "01.12.2026, 15.12.2026, 29.12.2026, 12.01.2027"),
        ("daily", date(2028, 2, 27), "27.02.2028, 28.02.2028, 29.02.2028, 01.03.2028"),
    ],
)
def test_days_that_are_spoken_of(rule: str, first: date, days: str) -> None:
    assert listed(rule, first, 4) == days


def test_no_repetition_goes_on_beyond_the_calendar() -> None:
    assert some("FREQ=YEARLY;INTERVAL=3000", date(2027, 1, 1)) == [date(year, 1, 1) for year in (2027, 5027, 8027)]
    assert some("FREQ=DAILY;INTERVAL=99999999", date(2027, 1, 1)) == [date(2027, 1, 1)]


def test_a_rule_may_end() -> None:
    assert some("FREQ=DAILY;COUNT=2", date(2026, 12, 1)) == [date(2026, 12, 1), date(2026, 12, 2)]


@pytest.mark.parametrize(
    "rule", ["", "often", "Daily", "FREQ=", "FREQ=NEVER", "FREQ=WEEKLY;BYDAY=XX", "INTERVAL=2", "FREQ=DAILY;COUNT=x"]
)
def test_what_is_no_rule_is_said_to_be_none(rule: str) -> None:
    assert not is_rule(rule)
    with pytest.raises(ValueError):
        some(rule, date(2026, 12, 1))


@properties
@given(st.text(max_size=30))
def test_any_text_is_a_rule_or_is_not(text: str) -> None:
    assert is_rule(text) in (True, False)


@properties
@given(RULES, DAYS)
def test_days_ascend_strictly_and_never_begin_before_the_first(rule: str, first: date) -> None:
    days = some(rule, first, 40)
    assert is_rule(rule)
    assert len(days) == 40
    assert days[0] >= first
    assert all(before < after for before, after in pairwise(days))


@properties
@given(st.sampled_from(list(MONTHS)), DAYS, st.integers(0, 200))
def test_months_do_not_drift(name: str, first: date, nth: int) -> None:
    """Whatever lies between: the nth day is that of the first one, or the last of a shorter month."""
    found = some(name, first, nth + 1)[nth]
    months = first.year * 12 + first.month - 1 + nth * MONTHS[name]
    year, month = divmod(months, 12)
    assert found == date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


@properties
@given(EVERY, DAYS)
def test_intervals_agree_with_an_rrule_where_every_month_has_the_day(rule: str, first: date) -> None:
    first = first.replace(day=min(first.day, 28))
    wanted = rrulestr(f"{rule};COUNT=12", dtstart=datetime.combine(first, time.min))
    assert some(rule, first, 12) == [day.date() for day in wanted]


@properties
@given(st.one_of(ON_WEEKDAYS, NTH, ON_A_DAY), DAYS)
def test_rrules_agree_with_those_who_define_them(rule: str, first: date) -> None:
    wanted = rrulestr(f"{rule};COUNT=12", dtstart=datetime.combine(first, time.min))
    assert some(rule, first, 12) == [day.date() for day in wanted]


@properties
@given(st.integers(29, 31), DAYS)
def test_late_in_the_month_is_every_month_once(day: int, first: date) -> None:
    days = some(f"FREQ=MONTHLY;BYMONTHDAY={day}", first, 24)
    assert all(found.day == min(day, monthrange(found.year, found.month)[1]) for found in days)
    months = [found.year * 12 + found.month for found in days]
    assert months == list(range(months[0], months[0] + 24))


def test_nine_stays_nine_over_both_clock_changes() -> None:
    year = [date(2027, 1, 1) + timedelta(days=n) for n in range(366)]
    assert {german(moment(day, time(9)))[11:16] for day in year} == {"09:00"}
    assert german(moment(date(2027, 3, 27), time(9))) == "27.03.2027 09:00 CET"
    assert german(moment(date(2027, 3, 28), time(9))) == "28.03.2027 09:00 CEST"
    assert german(moment(date(2027, 10, 31), time(9))) == "31.10.2027 09:00 CET"


@pytest.mark.parametrize(
    ("day", "clock", "at"),
    [
        (date(2027, 3, 28), time(1, 59), "28.03.2027 01:59 CET"),
        (date(2027, 3, 28), time(2, 0), "28.03.2027 03:00 CEST"),
        (date(2027, 3, 28), time(2, 30), "28.03.2027 03:00 CEST"),
        (date(2027, 3, 28), time(2, 59, 59), "28.03.2027 03:00 CEST"),
        (date(2027, 3, 28), time(3, 0), "28.03.2027 03:00 CEST"),
        (date(2028, 3, 26), time(2, 30), "26.03.2028 03:00 CEST"),
        (date(2027, 10, 31), time(1, 59), "31.10.2027 01:59 CEST"),
        (date(2027, 10, 31), time(2, 0), "31.10.2027 02:00 CEST"),
        (date(2027, 10, 31), time(2, 30), "31.10.2027 02:30 CEST"),
        (date(2027, 10, 31), time(3, 0), "31.10.2027 03:00 CET"),
        (date(2028, 10, 29), time(2, 30), "29.10.2028 02:30 CEST"),
    ],
)
def test_the_missing_hour_is_when_the_clocks_go_on_and_the_doubled_one_its_first(
    day: date, clock: time, at: str
) -> None:
    assert german(moment(day, clock)) == at


@properties
@given(DAYS, st.times().map(lambda clock: clock.replace(second=0, microsecond=0)))
def test_a_wall_clock_time_is_itself_unless_it_does_not_exist(day: date, clock: time) -> None:
    at = moment(day, clock)
    here = at.astimezone(GERMANY)
    assert at.tzinfo is UTC
    assert here.date() == day
    left_out = day.month == 3 and day.weekday() == 6 and day.day > 24 and clock.hour == 2
    assert here.time() == (time(3) if left_out else clock)


@properties
@given(DAYS, st.times(), st.times())
def test_a_later_time_of_a_day_is_never_earlier(day: date, one: time, other: time) -> None:
    assert moment(day, min(one, other)) <= moment(day, max(one, other))


@properties
@given(DAYS, st.times())
def test_the_same_time_comes_after_a_day_give_or_take_the_hour(day: date, clock: time) -> None:
    passed = moment(day + relativedelta(days=1), clock) - moment(day, clock)
    assert timedelta(hours=23) <= passed <= timedelta(hours=25)
