"""Writes an iCalendar file (RFC 5545) that calendars on phones and desks can take in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from icalendar import (
    Alarm,
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vDuration,
    vRecur,
)

from actions.clock import BERLIN
from actions.recurrence import SIMPLE, days_of, moment, on_last_day

NAMED = {
    "daily": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY",
    "monthly": "FREQ=MONTHLY",
    "quarterly": "FREQ=MONTHLY;INTERVAL=3",
    "half-yearly": "FREQ=MONTHLY;INTERVAL=6",
    "yearly": "FREQ=YEARLY",
}
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
EVERY_MONTH_HAS = 28
"""Days."""


@dataclass(frozen=True)
class CalendarEvent:
    """One entry, its texts as they may be shown. `uid` must stay the same for the same event, so that a calendar
    replaces what it has; `day` and `clock` are local in Germany, without `clock` it is all day; `repeat` is a name or
    RRULE of `actions.recurrence`. It rings `alarm_days` before, all-day ones at `alarm_clock`."""

    uid: str
    title: str
    day: date
    clock: time | None = None
    repeat: str | None = None
    alarm_days: tuple[int, ...] = ()
    alarm_clock: time = time.min
    description: str | None = None


def calendar_file(events: Iterable[CalendarEvent], *, now: datetime) -> bytes:
    """The events as a file in UTF-8, the same for the same events and `now` (aware). Raises ValueError for what is no
    repetition."""
    calendar = Calendar()
    calendar.add("prodid", "-//KIM-Lotse//Fristen und Erinnerungen//DE")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "KIM-Lotse")
    calendar.add_component(central_europe())
    for event in events:
        calendar.add_component(component(event, now))
    return bytes(calendar.to_ical())


def central_europe() -> Timezone:
    """Germany's time by its rule, which has no end: on the last Sundays of March and October at 1:00 UTC."""
    zone = Timezone()
    zone.add("tzid", BERLIN.key)
    summer, winter = timedelta(hours=2), timedelta(hours=1)
    zone.add_component(change(TimezoneDaylight(), "CEST", datetime(1996, 3, 31, 2), winter, summer))  # noqa: DTZ001
    zone.add_component(change(TimezoneStandard(), "CET", datetime(1996, 10, 27, 3), summer, winter))  # noqa: DTZ001
    return zone


def change(
    part: TimezoneDaylight | TimezoneStandard, name: str, first: datetime, before: timedelta, after: timedelta
) -> TimezoneDaylight | TimezoneStandard:
    part.add("tzname", name)
    part.add("dtstart", first)
    part.add("rrule", vRecur(FREQ="YEARLY", BYMONTH=first.month, BYDAY="-1SU"))
    part.add("tzoffsetfrom", before)
    part.add("tzoffsetto", after)
    return part


def component(event: CalendarEvent, now: datetime) -> Event:
    """A calendar takes DTSTART for an occurrence, so it is the first day on which the repetition falls."""
    first = next(days_of(event.repeat, event.day), event.day) if event.repeat else event.day
    entry = Event()
    entry.add("uid", event.uid)
    entry.add("dtstamp", now)
    entry.add("dtstart", start(event, first))
    if event.repeat:
        entry.add("rrule", vRecur.from_ical(rrule(event.repeat, first)))
    entry.add("summary", printable(event.title))
    if event.description:
        entry.add("description", printable(event.description))
    entry.add("class", "PRIVATE")
    entry.add("transp", "TRANSPARENT")
    for days in event.alarm_days:
        entry.add_component(alarm(event, days))
    return entry


def start(event: CalendarEvent, first: date) -> date | datetime:
    """A single moment that the clock change leaves out is when the clocks go on, as it is delivered."""
    if event.clock is None:
        return first
    if event.repeat is None:
        return moment(first, event.clock).astimezone(BERLIN)
    return datetime.combine(first, event.clock, BERLIN)


def rrule(repeat: str, first: date) -> str:
    """A repetition as `recurrence.days_of` reckons it from its first day, which months without that day end before."""
    rule = NAMED.get(repeat, repeat)
    if rule == repeat and not SIMPLE.fullmatch(rule):
        return on_last_day(rule)
    if first.day <= EVERY_MONTH_HAS or not rule.startswith(("FREQ=MONTHLY", "FREQ=YEARLY")):
        return rule
    month = f";BYMONTH={first.month}" if rule.startswith("FREQ=YEARLY") else ""
    return on_last_day(f"{rule}{month};BYMONTHDAY={first.day}")


def alarm(event: CalendarEvent, days: int) -> Alarm:
    """Days of a trigger are those of the calendar, whatever the clock change does to their hours."""
    at = (
        timedelta(hours=event.alarm_clock.hour, minutes=event.alarm_clock.minute)
        if event.clock is None
        else timedelta()
    )
    bell = Alarm()
    bell.add("action", "DISPLAY")
    bell.add("trigger", vDuration(at - timedelta(days=days)))
    bell.add("description", printable(event.title))
    return bell


def printable(text: str) -> str:
    """Without the control characters that RFC 5545 forbids, some of which readers take for the end of a line."""
    return CONTROL.sub(" ", text)
