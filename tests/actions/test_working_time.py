"""When a person may be nudged: within their days and hours, never on a holiday, and never earlier than asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actions.working_time import WorkingTime
from tests.actions.test_nudge_days import free_day

GERMANY = ZoneInfo("Europe/Berlin")
USUAL = WorkingTime(frozenset(range(5)), time(8), time(17))
NIGHT = WorkingTime(frozenset(range(7)), time(2, 30), time(4))

DAYS = st.dates(date(2025, 1, 1), date(2035, 12, 31))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
"""Bounds are naive by the library's rule; what it gives is aware."""


@st.composite
def working_times(draw: st.DrawFn) -> WorkingTime:
    starts, ends = sorted(draw(st.lists(CLOCKS, min_size=2, max_size=2, unique=True)))
    return WorkingTime(draw(st.frozensets(st.integers(0, 6), min_size=1)), starts, ends)


properties = settings(derandomize=True, deadline=None, max_examples=300)


def german(at: datetime) -> datetime:
    return at.astimezone(GERMANY)


def works(hours: WorkingTime, day: date) -> bool:
    """Independent of the code: a weekday that was chosen and no holiday in NRW."""
    holiday = free_day(day) if day.weekday() < 5 else free_day_of_weekend(day)
    return day.weekday() in hours.days and not holiday


def free_day_of_weekend(day: date) -> bool:
    """A holiday on a Saturday or Sunday: one with a fixed date, Easter or Whit Sunday not being one by law in NRW."""
    return (day.month, day.day) in {(1, 1), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26)}


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        ("2026-11-23 10:30", "2026-11-23 10:30"),
        ("2026-11-23 07:59", "2026-11-23 08:00"),
        ("2026-11-23 08:00", "2026-11-23 08:00"),
        ("2026-11-23 17:00", "2026-11-23 17:00"),
        ("2026-11-23 17:01", "2026-11-24 08:00"),
        ("2026-11-27 20:00", "2026-11-30 08:00"),
        ("2026-11-28 10:00", "2026-11-30 08:00"),
        ("2026-12-24 18:00", "2026-12-28 08:00"),
        ("2027-03-25 18:00", "2027-03-30 08:00"),
        ("2027-03-28 02:30", "2027-03-30 08:00"),
    ],
)
def test_the_earliest_moment_of_work(at: str, wanted: str) -> None:
    """25.12.2026 is a Friday; Easter 2027 is from 26.03. to 29.03."""
    moment = datetime.fromisoformat(at).replace(tzinfo=GERMANY)
    assert f"{german(USUAL.earliest(moment)):%Y-%m-%d %H:%M}" == wanted


@properties
@given(working_times(), MOMENTS)
@example(NIGHT, datetime(2027, 10, 31, 1, 15, tzinfo=UTC))
@example(NIGHT, datetime(2027, 3, 28, 0, 45, tzinfo=UTC))
def test_the_earliest_is_never_before_and_lies_in_work(hours: WorkingTime, at: datetime) -> None:
    found = hours.earliest(at)
    assert found >= at
    assert works(hours, german(found).date())
    doubled_hour = german(found).fold
    assert doubled_hour or hours.starts <= german(found).time()
    missing_hour = german(found).time() == time(3)
    assert missing_hour or german(found).time() <= hours.ends
    assert hours.earliest(found) == found


@properties
@given(working_times(), MOMENTS)
def test_no_working_time_is_passed_over(hours: WorkingTime, at: datetime) -> None:
    """Between the moment and the earliest one there is no day of work but a part of the first that is over."""
    day, found = german(at).date(), german(hours.earliest(at)).date()
    between = [day + timedelta(days=n) for n in range(1, (found - day).days)]
    assert not [one for one in between if works(hours, one)]
    if found > day and works(hours, day):
        assert german(at).time() > hours.ends


@properties
@given(working_times(), DAYS)
def test_the_day_until_is_the_last_day_of_work(hours: WorkingTime, day: date) -> None:
    found = hours.day_until(day)
    assert found <= day
    assert works(hours, found)
    assert hours.day_until(found) == found
    assert not [n for n in range((day - found).days) if works(hours, day - timedelta(days=n))]


@properties
@given(working_times(), DAYS)
def test_the_day_after_is_the_first_of_work_that_comes(hours: WorkingTime, day: date) -> None:
    found = hours.day_after(day)
    assert found > day
    assert works(hours, found)
    assert not [n for n in range(1, (found - day).days) if works(hours, day + timedelta(days=n))]


@properties
@given(working_times(), DAYS, CLOCKS)
def test_a_time_outside_the_hours_is_moved_to_their_edge(hours: WorkingTime, day: date, clock: time) -> None:
    here = german(hours.at(day, clock))
    missing_hour = here.time() == time(3)
    assert here.date() == day
    assert missing_hour or hours.starts <= here.time() <= hours.ends
    if hours.starts <= clock <= hours.ends and not missing_hour:
        assert here.time() == clock
    assert hours.start_of(day) <= hours.at(day, clock)
