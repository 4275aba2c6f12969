"""On which days a deadline is called to mind: so many days or months before it, always on a working day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from actions.workdays import working_day_until
from nlu.readers.reckoning import moved_by


def nudge_days(day: date, lead_days: Sequence[int]) -> tuple[date, ...]:
    """The days (in Germany) of the nudges for a deadline, ascending, each once. One that falls on a weekend or a
    holiday in NRW goes out on the working day before; the deadline itself stays where it is."""
    return on_working_days(day - timedelta(days=lead) for lead in lead_days)


def permit_nudge_days(end: date, months: Sequence[int]) -> tuple[date, ...]:
    """The same, months before a permit ends: six before 31.08. is 28.02. (§ 188 Abs. 3 BGB)."""
    return on_working_days(moved_by(end, months=-count) for count in months)


def on_working_days(days: Iterable[date]) -> tuple[date, ...]:
    return tuple(sorted({working_day_until(day) for day in days}))
