"""How reminders are said in German: kinds, days, times, repetitions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from actions.clock import BERLIN
from actions.store.models import Reminder, ReminderKind, Shows
from actions.workdays import holiday_name

KINDS: Mapping[ReminderKind, str] = {
    ReminderKind.REMINDER: "Erinnerung",
    ReminderKind.RESUBMISSION: "Wiedervorlage",
    ReminderKind.RE_ASSESSMENT: "Re-Assessment",
    ReminderKind.SECOND_TALK: "Zweites Gespräch",
    ReminderKind.PERMIT: "§ 104c: Erlaubnis endet",
    ReminderKind.DEADLINE: "Frist",
    ReminderKind.MORNING: "Ihr Tag",
    ReminderKind.TRANSFER: "KIM-Datenbank",
}
WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
SHORT = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NAMED = {
    "daily": "täglich",
    "weekly": "wöchentlich",
    "monthly": "monatlich",
    "quarterly": "vierteljährlich",
    "half-yearly": "halbjährlich",
    "yearly": "jährlich",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": "montags bis freitags",
    "FREQ=MONTHLY;BYMONTHDAY=-1": "am Monatsende",
}
UNITS = {"DAILY": "Tage", "WEEKLY": "Wochen", "MONTHLY": "Monate", "YEARLY": "Jahre"}
EVERY = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY);INTERVAL=(\d+)")
NTH_WEEKDAY = re.compile(r"FREQ=MONTHLY;BYDAY=(-?\d)(MO|TU|WE|TH|FR|SA|SU)")
WEEKDAY_LIST = re.compile(r"FREQ=WEEKLY;BYDAY=([A-Z,]+)")
MONTH_DAY = re.compile(r"FREQ=MONTHLY;BYMONTHDAY=(\d+)")


def day_in_words(day: date) -> str:
    return f"{SHORT[day.weekday()]}, {day:%d.%m.%Y}"


def clock_in_words(clock: time) -> str:
    return f"{clock.hour}:{clock.minute:02} Uhr"


def moment_in_words(at: datetime, now: datetime) -> str:
    """An aware moment on the German clock, near ones as heute, morgen or gestern."""
    here, today = at.astimezone(BERLIN), now.astimezone(BERLIN).date()
    near = {today: "heute", today + timedelta(days=1): "morgen", today - timedelta(days=1): "gestern"}
    day = here.date()
    return f"{near.get(day) or f'am {day_in_words(day)}'} um {clock_in_words(here.time())}"


def why_no_work(day: date) -> str:
    """Why that day (local) is none of work, as it follows "ist"."""
    holiday = holiday_name(day)
    return f"ein Feiertag ({holiday})" if holiday else f"ein {WEEKDAYS[day.weekday()]}"


def repeat_in_words(rule: str) -> str:
    """How often, as people would say it; a rare rule as it stands."""
    if rule in NAMED:
        return NAMED[rule]
    if found := EVERY.fullmatch(rule):
        return f"alle {found[2]} {UNITS[found[1]]}"
    if found := NTH_WEEKDAY.fullmatch(rule):
        which = "letzten" if found[1] == "-1" else f"{found[1]}."
        return f"jeden {which} {WEEKDAYS[CODES.index(found[2])]} im Monat"
    if found := WEEKDAY_LIST.fullmatch(rule):
        return "jeden " + " und ".join(WEEKDAYS[CODES.index(code)] for code in found[1].split(","))
    if found := MONTH_DAY.fullmatch(rule):
        return f"jeden {found[1]}. im Monat"
    return f"nach der Regel {rule}"


def title_of(reminder: Reminder, number: str | None) -> str:
    """The kind, and the case if it is about one: what a notification shows by default."""
    return " · ".join(filter(None, [KINDS[reminder.kind], number]))


def headline(reminder: Reminder, number: str | None, shows: Shows) -> str:
    """What a notification shows of it."""
    match shows:
        case Shows.NONE:
            return KINDS[ReminderKind.REMINDER]
        case Shows.KIND:
            return title_of(reminder, number)
        case Shows.FULL:
            return in_full(reminder, number)


def in_full(reminder: Reminder, number: str | None) -> str:
    """All of it in a line; without a kind of its own, the subject alone."""
    if not reminder.subject:
        return title_of(reminder, number)
    kind = "" if reminder.kind is ReminderKind.REMINDER else KINDS[reminder.kind]
    subject = "" if kind.casefold() == reminder.subject.casefold() else reminder.subject
    return " · ".join(filter(None, [kind, subject, number]))
