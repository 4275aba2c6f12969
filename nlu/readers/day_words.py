"""Words that days are said with, as patterns for folded text, and what finding a day gives."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from nlu.readers.numbers import any_of
from nlu.readers.reckoning import moved_by
from nlu.readers.results import Ambiguous, Impossible

WEEKDAYS = {
    name: day
    for day, names in enumerate(
        [
            *("montag montach mo", "dienstag dienstach di", "mittwoch mi", "donnerstag donnerstach do"),
            *("freitag freitach fr", "samstag samstach sonnabend sa", "sonntag sonntach so"),
        ]
    )
    for name in names.split()
}
MONTHS = {
    name: month
    for month, names in enumerate(
        [
            "januar jaenner jan",
            "februar feber feb",
            "maerz marz maer mrz mraez",
            "april apr",
            "mai",
            "juni jun jnui",
            "juli jul juil",
            "august aug agust",
            "september sept sep",
            "oktober okt",
            "november nov",
            "dezember dez",
        ],
        1,
    )
    for name in names.split()
}
SHIFTS = {"vorletzt": -2, "letzt": -1, "vorig": -1, "vergangen": -1, "dies": 0, "naechst": 1, "kommend": 1}
SHIFTS |= {"uebernaechst": 2, "uebernachst": 2, "nachst": 1, "nae": 1, "letz": -1, "folgend": 1, "selb": 0}
LONG_WEEKDAY = any_of({name for name in WEEKDAYS if len(name) > 2})
DAYTIME = r"(?:frueh|morgens?|vormittags?|mittags?|nachmittags?|abends?)"
WEEKDAY = (
    rf"(?:(?:{LONG_WEEKDAY})(?:[ -]?{DAYTIME})?|(?:mo|di|(?<!erinner )mi|(?<!to )do|sa)\b\.?|"
    r"(?:(?<=am )|(?<=ten )|(?<=den )|(?<=sen )|(?<=ab )|(?<=bis )|(?<=vom )|(?<=woche ))(?:fr|so)\b\.?|"
    r"fr\.?(?=,? (?:um |ab )?\d| ?[,\x00]|$)|so\.?(?=,? \d{1,2}(?:[.:]\d| ?uhr)))"
)
MONTH = rf"(?:{any_of(MONTHS)})\b\.?"
SHIFT = rf"(?:{any_of(SHIFTS)})(?:e[nrms]?)?\b"
AT = r"(?:\b(?:am|den|dem|der|des|zum|vom|ab|bis|seit|von|im|in|fuer|zu)\b\.? ){0,3}"
YEAR = r"(?:[ .]{0,2}((?:19|20)\d{2})(?!:?\d)|\.? ?'?(?<=[.'])(\d{2})(?![\d:,]|\.\d| ?(?:min|uhr|std|h\b)))?"
UNITS = {
    r"tag(?:e[ns]?)?|tg|t|tgaen|tgae|tagne|tagn": ("days", 1),
    r"woche(?:n)?|wohcen|wohcn|wochn|wochne|wohce|wo|wch|w": ("days", 7),
    r"monat(?:e[ns]?)?|monatn|mnoate|moantn|moante|mon|mo|mt": ("months", 1),
    r"quartal(?:e[ns]?)?": ("months", 3),
    r"jahr(?:e[ns]?)?|j": ("months", 12),
}
UNIT = rf"(?:{'|'.join(UNITS)})\b\.?"
DAY_NUMBER = r"(?<![\d.,:/])(?<![\da-z]-)(\d{1,2})"


@dataclass(frozen=True)
class Days:
    """Calendar days, both included; a single day if they are the same. `named`: one day, not a week or a month.
    `counted`: reckoned from a span ("in 3 wochen") or a vague part ("ende oktober").
    """

    first: date
    last: date
    named: bool = True
    counted: bool = False


class FoundDays(NamedTuple):
    """Where days stand in the folded text, and which ones are meant."""

    start: int
    end: int
    meant: Days | Impossible | Ambiguous


class View(NamedTuple):
    """From where a day is looked for: `ahead` (coming days), or back."""

    today: date
    ahead: bool


Resolver = Callable[[re.Match[str], View], Days | Ambiguous]
Pattern = tuple[re.Pattern[str], Resolver]
"""What is searched for, and how it is read."""


def one(day: date) -> Days:
    return Days(day, day)


def reckoned(day: date) -> Days:
    return Days(day, day, counted=True)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_start(today: date, months: int) -> date:
    return moved_by(today.replace(day=1), months=months)


def shift_of(said: str) -> int:
    """How many weeks (months, years) on a word like "nächsten" points."""
    return next(
        shift for stem, shift in sorted(SHIFTS.items(), key=lambda item: -len(item[0])) if said.startswith(stem)
    )


def full_year(four: str | None, two: str | None) -> int | None:
    return int(four) if four else 2000 + int(two) if two else None


def month_number(said: str) -> int:
    name = said.strip(". ")
    return MONTHS[name] if name in MONTHS else int(name)
