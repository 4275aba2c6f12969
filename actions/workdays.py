"""Working days in North Rhine-Westphalia: Monday to Friday, without its public holidays."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from holidays import HolidayBase, country_holidays

SATURDAY = 5


@cache
def _holidays() -> HolidayBase:
    return country_holidays("DE", subdiv="NW", language="de")


def holiday_name(day: date) -> str | None:
    """What holiday a day (local) is in NRW, in German; None if it is none."""
    name = _holidays().get(day)
    return str(name) if name else None


def is_working_day(day: date) -> bool:
    """Neither weekend nor holiday in NRW."""
    return day.weekday() < SATURDAY and day not in _holidays()


def working_day_until(day: date) -> date:
    """The day itself if it is a working day, else the working day before."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day
