"""Finds weekdays: "letzten freitag", "dienstag in zwei wochen", "nächste woche mi", "zweiter montag im mai"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from nlu.readers.day_spans import moved
from nlu.readers.day_words import (
    AT,
    DAYTIME,
    LONG_WEEKDAY,
    MONTH,
    SHIFT,
    UNIT,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    Days,
    Pattern,
    View,
    full_year,
    last_of_month,
    monday,
    month_number,
    one,
    shift_of,
)
from nlu.readers.numbers import NUMBER, ORDINAL, WHOLE, whole


def is_weekday(said: str) -> bool:
    return re.fullmatch(rf"{AT}{WEEKDAY}", said.strip()) is not None or said.strip(". ") in WEEKDAYS


def weekday_in(said: str) -> int:
    """The weekday (Monday is 0) a word names, long or short, with or without the time of day."""
    word = said.strip().split()[-1].strip(".,") if said.strip(". ") not in WEEKDAYS else said.strip(". ")
    for name, day in WEEKDAYS.items():
        if (len(name) > 2 and name in said) or word == name:
            return day
    raise ValueError(said)


def nth_of_month(match: re.Match[str], view: View) -> Days:
    """ "am letzten freitag im november"."""
    nth, named, month, four, two = match.groups()
    year = full_year(four, two)
    for start in (date((year or view.today.year) + later, month_number(month), 1) for later in (0, 1)):
        days = [start + timedelta(days=step) for step in range(last_of_month(start).day)]
        falling = [day for day in days if day.weekday() == weekday_in(named)]
        day = falling[-1] if nth.startswith("letzt") else falling[whole(nth.rstrip(".")) - 1]
        if year or not view.ahead or day >= view.today:
            break
    return one(day)


def weekday_of_week(match: re.Match[str], view: View) -> Days:
    groups = match.groupdict()
    start = monday(view.today) + timedelta(weeks=shift_of(groups["shift"]))
    return one(start + timedelta(days=weekday_in(groups["weekday"])))


def weekday_weeks_on(match: re.Match[str], view: View) -> Days:
    """ "in 2 wochen am montag"."""
    direction, count, weekday = match.groups()
    start = monday(moved(view.today, direction, count, "wochen"))
    return one(start + timedelta(days=weekday_in(weekday)))


def weekday(match: re.Match[str], view: View) -> Days:
    """The next such day after today, or the last one before it; "montag in einer woche" counts on from there."""
    groups = match.groupdict()
    wanted = weekday_in(groups["weekday"])
    shift = shift_of(groups["shift"]) if groups["shift"] else None
    ahead = view.ahead if shift is None else shift > 0
    if shift == 0:
        return one(monday(view.today) + timedelta(days=wanted))
    if groups["direction"]:
        ahead = groups["direction"] != "vor"
    day = upcoming(wanted, view.today) if ahead else upcoming(wanted, view.today - timedelta(days=8))
    if shift is not None and abs(shift) == 2:
        day += timedelta(weeks=1 if shift > 0 else -1)
    return one(moved(day, groups["direction"], groups["count"], groups["unit"]))


def upcoming(wanted: int, today: date) -> date:
    """The first such weekday after today."""
    return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)


NTH_OF_MONTH: Pattern = (
    re.compile(rf"{AT}\b({ORDINAL}|[1-5]\.|letzte[nr]?) ({LONG_WEEKDAY}) (?:im |in )?({MONTH}){YEAR}"),
    nth_of_month,
)
WEEK_THEN_WEEKDAY: Pattern = (
    re.compile(
        rf"{AT}\b(?P<shift>{SHIFT}) (?:woche|wo)\b\.?,? (?:am |den |noch )?\b(?P<weekday>{WEEKDAY})(?![a-z])"
        rf"(?: {DAYTIME}\b)?"
    ),
    weekday_of_week,
)
WEEKDAY_THEN_WEEK: Pattern = (
    re.compile(rf"{AT}\b(?P<weekday>{WEEKDAY})(?![a-z]),? (?:in )?(?:der )?(?P<shift>{SHIFT}) woche\b"),
    weekday_of_week,
)
WEEKDAY_WEEKS_ON: Pattern = (
    re.compile(rf"\b(in|vor) ({WHOLE}) wochen? (?:am )?\b({WEEKDAY})(?![a-z])"),
    weekday_weeks_on,
)
NEXT_WEEKDAY: Pattern = (
    re.compile(
        rf"{AT}\b(?:(?P<shift>{SHIFT}) )?\b(?P<weekday>{WEEKDAY})(?![a-z])(?: {DAYTIME}\b)?"
        rf"(?: (?P<direction>in|vor|ueber) (?P<count>{NUMBER}) (?P<unit>{UNIT}))?"
    ),
    weekday,
)
