"""On which days the deadlines of the programme are called to mind, written out by hand for 2027 and 2028."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil.easter import easter
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.nudge_days import nudge_days, permit_nudge_days
from knowledge.deadlines import load_deadlines

CALENDAR = load_deadlines()
WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr")

BY_HAND = {
    # Mon 01.02.; the day before is a Sunday.
    "auszahlung-erste-rate/2027-02-01": "Mo 04.01.2027, Mo 18.01.2027, Mo 25.01.2027, Fr 29.01.2027",
    # Wed 31.03., two days after Easter Monday.
    "rueckzahlung-baustein-3/2027-03-31": "Mi 03.03.2027, Mi 17.03.2027, Mi 24.03.2027, Di 30.03.2027",
    "auszahlung-zweite-rate/2027-06-30": "Mi 02.06.2027, Mi 16.06.2027, Mi 23.06.2027, Di 29.06.2027",
    # Sun 31.10.; 28 days before is Sunday and the Day of German Unity, the day before a Saturday.
    "antrag-folgejahr/2027-10-31": "Fr 01.10.2027, Fr 15.10.2027, Fr 22.10.2027, Fr 29.10.2027",
    "auszahlung-erste-rate/2028-02-01": "Di 04.01.2028, Di 18.01.2028, Di 25.01.2028, Mo 31.01.2028",
    # Fri 31.03. in a leap year: 28 days before is 03.03. as ever.
    "rueckzahlung-baustein-3/2028-03-31": "Fr 03.03.2028, Fr 17.03.2028, Fr 24.03.2028, Do 30.03.2028",
    # Fri 30.06.; 14 days before is the day after Corpus Christi.
    "auszahlung-zweite-rate/2028-06-30": "Fr 02.06.2028, Fr 16.06.2028, Fr 23.06.2028, Do 29.06.2028",
    # Sun 31.12.; all are Sundays (17.12., 24.12.) or the Saturday before.
    "foerderperiode-ende/2028-12-31": "Fr 01.12.2028, Fr 15.12.2028, Fr 22.12.2028, Fr 29.12.2028",
}

LEADS = st.lists(st.integers(0, 400), min_size=1, max_size=6)
DAYS = st.dates(date(2025, 1, 1), date(2040, 12, 31))


def written(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day:%d.%m.%Y}"


def free_day(day: date) -> bool:
    """Weekend or holiday in NRW after its law on holidays, reckoned from Easter."""
    moving = {easter(day.year) + timedelta(days=days) for days in (-2, 1, 39, 50, 60)}
    fixed = {(1, 1), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26)}
    return day.weekday() > 4 or day in moving or (day.month, day.day) in fixed


def goes_out(wanted: date) -> date:
    return next(day for day in (wanted - timedelta(days=back) for back in range(10)) if not free_day(day))


@pytest.mark.parametrize("year", [2027, 2028])
def test_every_deadline_is_nudged_on_these_days(year: int) -> None:
    found = {
        one.key: ", ".join(written(day) for day in nudge_days(one.day, CALENDAR.lead_days_of(one.deadline)))
        for one in CALENDAR.between(date(year, 1, 1), date(year, 12, 31))
    }
    assert found == {key: days for key, days in BY_HAND.items() if f"/{year}-" in key}


def test_the_deadline_before_which_all_days_are_free_at_christmas() -> None:
    """27.12.2026 is a Sunday after the two holidays; 26.12. and 25.12. are free too: one nudge on the 24th."""
    assert nudge_days(date(2026, 12, 28), [3, 2, 1]) == (date(2026, 12, 24),)


def test_an_own_lead_time_of_no_days_is_the_day_itself_unless_it_is_free() -> None:
    assert nudge_days(date(2027, 3, 31), [0]) == (date(2027, 3, 31),)
    assert nudge_days(date(2027, 10, 31), [0, 1, 2]) == (date(2027, 10, 29),)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(DAYS, LEADS)
def test_each_goes_out_on_its_day_or_the_last_working_day_before(day: date, leads: list[int]) -> None:
    found = nudge_days(day, leads)
    assert set(found) == {goes_out(day - timedelta(days=lead)) for lead in leads}
    assert list(found) == sorted(set(found))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(DAYS, st.lists(st.integers(1, 24), min_size=1, max_size=4))
def test_months_before_a_permit_ends_go_out_the_same_way(end: date, months: list[int]) -> None:
    found = permit_nudge_days(end, months)
    assert set(found) == {goes_out(end - relativedelta(months=count)) for count in months}
    assert list(found) == sorted(set(found))


@pytest.mark.parametrize(
    ("end", "days"),
    [
        (date(2027, 6, 30), "Mi 30.12.2026, Di 30.03.2027, Fr 28.05.2027"),
        (date(2027, 5, 31), "Mo 30.11.2026, Fr 26.02.2027, Fr 30.04.2027"),
        (date(2027, 3, 29), "Di 29.09.2026, Di 29.12.2026, Fr 26.02.2027"),
        (date(2028, 8, 31), "Di 29.02.2028, Mi 31.05.2028, Mo 31.07.2028"),
    ],
)
def test_a_month_ends_on_its_last_day(end: date, days: str) -> None:
    """30.05.2027 is a Sunday; 28.02.2027 is a Sunday, three months before 31.05. and one before 29.03."""
    assert ", ".join(written(day) for day in permit_nudge_days(end, CALENDAR.permit.months)) == days
