"""When a repeating reminder is due: the days a rule names, and the moment a wall-clock time is on a day in Germany."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr

from actions.clock import BERLIN

STEPS = {
    "daily": relativedelta(days=1),
    "weekly": relativedelta(weeks=1),
    "monthly": relativedelta(months=1),
    "quarterly": relativedelta(months=3),
    "half-yearly": relativedelta(months=6),
    "yearly": relativedelta(years=1),
}
UNITS = {"DAILY": "days", "WEEKLY": "weeks", "MONTHLY": "months", "YEARLY": "years"}
SIMPLE = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY);INTERVAL=(\d+)")
LATE_MONTH_DAY = re.compile(r"BYMONTHDAY=(29|30|31)\b")


def is_rule(rule: str) -> bool:
    """Whether a repetition can be reckoned with: a name of `STEPS` or an RRULE (RFC 5545)."""
    try:
        next(days_of(rule, date(2000, 1, 1)), None)
    except ValueError:
        return False
    return True


def days_of(rule: str, first: date) -> Iterator[date]:
    """The days of a repetition (local), ascending, `first` being one if the rule allows it.

    Months are added to the first day, not to the one before, and end on their last day where they are shorter (§ 188
    BGB): from 31 January on, monthly is the end of every month. Raises ValueError for what is no rule.
    """
    simple = SIMPLE.fullmatch(rule)
    step = STEPS.get(rule) or (simple and relativedelta(**{UNITS[simple[1]]: max(int(simple[2]), 1)}))  # type: ignore[arg-type]
    if step:
        return steps(first, step)
    if "FREQ=" not in rule:
        raise ValueError(rule)
    return (found.date() for found in rrulestr(on_last_day(rule), dtstart=datetime.combine(first, time.min)))


def steps(first: date, step: relativedelta) -> Iterator[date]:
    """From the first day on, until no calendar goes on."""
    with suppress(ValueError, OverflowError):
        for n in count():
            yield first + step * n


def on_last_day(rule: str) -> str:
    """ "Monthly on the 31st" as the last day of shorter months: the last of the days up to it."""
    late = LATE_MONTH_DAY.search(rule)
    if late is None or "BYSETPOS" in rule:
        return rule
    days = ",".join(str(day) for day in range(28, int(late[1]) + 1))
    return f"{rule.replace(late[0], f'BYMONTHDAY={days}')};BYSETPOS=-1"


def moment(day: date, clock: time) -> datetime:
    """The wall-clock time of a day in Germany, aware, UTC.

    A time that the spring clock change leaves out is when the clocks go on; of the autumn's doubled hour, the first.
    """
    local = datetime.combine(day, clock, BERLIN)
    there = local.astimezone(UTC)
    if there.astimezone(BERLIN).replace(tzinfo=None) == local.replace(tzinfo=None):
        return there
    return change_after(there - timedelta(hours=2))


def change_after(start: datetime) -> datetime:
    """The first full minute (UTC) after `start` at which the German offset differs from the one then."""
    before = start.astimezone(BERLIN).utcoffset()
    found = start.replace(second=0, microsecond=0)
    while found.astimezone(BERLIN).utcoffset() == before:
        found += timedelta(minutes=1)
    return found
