"""Working days in North Rhine-Westphalia."""

from __future__ import annotations

from datetime import date

import pytest

from actions.workdays import holiday_name, is_working_day, working_day_until


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 11, 1), "Allerheiligen"),
        (date(2027, 5, 27), "Fronleichnam"),
        (date(2028, 10, 3), "Tag der Deutschen Einheit"),
        (date(2026, 10, 31), None),
    ],
)
def test_the_holidays_are_those_of_nrw(day: date, name: str | None) -> None:
    assert holiday_name(day) == name


def test_eleven_holidays_a_year() -> None:
    days = [date.fromordinal(n) for n in range(date(2027, 1, 1).toordinal(), date(2028, 1, 1).toordinal())]
    assert sum(holiday_name(day) is not None for day in days) == 11


def test_christmas_goes_back_to_the_last_working_day() -> None:
    assert working_day_until(date(2026, 12, 27)) == date(2026, 12, 24)
    assert working_day_until(date(2026, 12, 24)) == date(2026, 12, 24)
    assert not is_working_day(date(2026, 12, 25))
