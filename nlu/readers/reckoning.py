"""Reckons on the calendar: months end on their last day where needed (§ 188 BGB), rules fall on days."""

from __future__ import annotations

from datetime import date, datetime, time

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr


def moved_by(day: date, *, months: int = 0, days: int = 0) -> date:
    """`day` later (or, with negative figures, earlier); raises ValueError or OverflowError off the calendar."""
    return day + relativedelta(months=months, days=days)


def first_by_rule(rule: str, today: date, *, or_today: bool) -> date:
    """The first day after `today` on which an RRULE falls; today itself counts with `or_today`."""
    start = datetime.combine(today, time())
    found = rrulestr(rule, dtstart=start).after(start, inc=or_today)
    if found is None:
        raise ValueError(f"{rule} falls on no day")
    return found.date()
