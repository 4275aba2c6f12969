"""Finds dates of the calendar: "3.3.", "12. märz 2027", "am 3.", "am dritten vierten", "nächsten monat am 5."."""

from __future__ import annotations

import re
from datetime import date, timedelta

from nlu.readers.day_words import (
    AT,
    DAY_NUMBER,
    MONTH,
    SHIFT,
    UNIT,
    WEEKDAY,
    YEAR,
    Days,
    Pattern,
    View,
    full_year,
    last_of_month,
    month_number,
    month_start,
    one,
    shift_of,
)
from nlu.readers.numbers import ORDINAL, ORDINALS, any_of, whole
from nlu.readers.reckoning import moved_by
from nlu.readers.results import Ambiguous

MONTH_ORDINAL = any_of(word for word, value in ORDINALS.items() if value <= 12 and word.endswith("en"))
NOT_A_DATE = r"(?! ?(?:uhr|h\b|std|stunden?|min|k\b|euro|eur\b|€|%|mal\b|prozent))"


def in_year_without(day: int, month: int, view: View, said: str) -> Days | Ambiguous:
    """A date without a year: the next one; looking back the nearer, so that a slip into the future shows."""
    this = view.today.year
    if view.ahead:
        if (month, day) == (view.today.month, view.today.day):
            return Ambiguous(said, (view.today, moved_by(view.today, months=12)))
        return one(date(this if (month, day) > (view.today.month, view.today.day) else this + 1, month, day))
    years = [date(year, month, 1) for year in (this, this - 1, this + 1)]
    nearest = min(years, key=lambda first: abs((first + timedelta(days=day - 1) - view.today).days))
    return one(nearest.replace(day=day))


def iso_day(match: re.Match[str], view: View) -> Days:
    return one(date(*map(int, match.groups())))


def calendar_day(match: re.Match[str], view: View) -> Days | Ambiguous:
    day, month, four, two = match.group(1, 2, 3, 4)
    year = full_year(four, two)
    said = match.group().strip()
    if year is None:
        return in_year_without(whole(day), month_number(month), view, said)
    return one(date(year, month_number(month), whole(day)))


def spoken(match: re.Match[str], view: View) -> Days | Ambiguous:
    """ "12. märz", "dritten april 2027"."""
    figure, word, month, four, two = match.groups()
    day, year = whole(figure or word), full_year(four, two)
    if year is None:
        return in_year_without(day, month_number(month), view, match.group().strip())
    return one(date(year, month_number(month), day))


def spoken_month(match: re.Match[str], view: View) -> Days | Ambiguous:
    """ "am einunddreissigsten dritten"."""
    day, month, four, two = match.groups()
    year = full_year(four, two)
    if year is None:
        return in_year_without(whole(day), whole(month), view, match.group().strip())
    return one(date(year, whole(month), whole(day)))


def day_of_month(match: re.Match[str], view: View) -> Days | Ambiguous:
    """ "am 3.": the next third of a month, or the last one."""
    day = whole(match.group(1))
    if not 1 <= day <= 31:
        raise ValueError(day)
    first = view.today.replace(day=1)
    months = [moved_by(first, months=step if view.ahead else -step) for step in range(4)]
    days = [month.replace(day=day) for month in months if day <= last_of_month(month).day]
    if view.ahead and days[0] == view.today:
        return Ambiguous(match.group().strip(), (view.today, days[1]))
    return one(next(found for found in days if (found >= view.today if view.ahead else found <= view.today)))


def day_of_shifted_month(match: re.Match[str], view: View) -> Days:
    day, shift = match.groups()
    return one(month_start(view.today, shift_of(shift)).replace(day=whole(day)))


def day_in_shifted_month(match: re.Match[str], view: View) -> Days:
    """ "nächsten monat am 13."."""
    shift, figure, word = match.groups()
    return one(month_start(view.today, shift_of(shift)).replace(day=whole(figure or word)))


def day_of_shifted_year(match: re.Match[str], view: View) -> Days:
    """ "nächstes jahr am 3. mai"."""
    shift, day, month = match.groups()
    return one(date(view.today.year + shift_of(shift), month_number(month), whole(day)))


def day_then_year(match: re.Match[str], view: View) -> Days:
    """ "am 12.4. nächstes jahr"."""
    day, month, shift = match.groups()
    return one(date(view.today.year + shift_of(shift), month_number(month), whole(day)))


def month_then_day(match: re.Match[str], view: View) -> Days | Ambiguous:
    """ "im september, am 7."."""
    month, day = match.groups()
    return in_year_without(whole(day), month_number(month), view, match.group().strip())


ISO_DAY: Pattern = (re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)"), iso_day)
DOTTED_DATE: Pattern = (re.compile(rf"{AT}{DAY_NUMBER}\. ?(\d{{1,2}})\.{YEAR}(?!\d)"), calendar_day)
SLASHED_DATE: Pattern = (
    re.compile(rf"{AT}{DAY_NUMBER}/(\d{{1,2}})/(?:((?:19|20)\d{{2}})|(\d{{2}}))(?!\d)"),
    calendar_day,
)
DATE_WITHOUT_LAST_DOT: Pattern = (
    re.compile(rf"{AT}{DAY_NUMBER}\.(1[0-2]|0?[1-9])()()(?![\d.,:]){NOT_A_DATE}"),
    calendar_day,
)
SPOKEN: Pattern = (
    re.compile(rf"{AT}(?:{DAY_NUMBER}\.?|\b({ORDINAL})) ?(?:tem |ten |te )?({MONTH}){YEAR}"),
    spoken,
)
SPOKEN_MONTH: Pattern = (re.compile(rf"{AT}\b({ORDINAL}) ({MONTH_ORDINAL})\b{YEAR}(?! ?{WEEKDAY})"), spoken_month)
DAY_OF_MONTH: Pattern = (
    re.compile(
        rf"\b(?:am|zum|bis|ab|den|dem|vom|der) (?:zum )?(\d{{1,2}})(?:\.|te[nr]|\b)(?![\d:]|"
        rf"[.,]\d){NOT_A_DATE}(?! ?{UNIT})"
    ),
    day_of_month,
)
SPOKEN_DAY_OF_MONTH: Pattern = (
    re.compile(
        rf"\b(?:am|zum|bis|ab|den|vom) (?:zum )?({ORDINAL})(?! (?:mal|advent|schritt|termin|teil|blick|tag|kontakt|"
        rf"{WEEKDAY}|{SHIFT}))"
    ),
    day_of_month,
)
DAY_OF_SHIFTED_MONTH: Pattern = (
    re.compile(rf"{AT}{DAY_NUMBER}\.? (?:de[sr] )?({SHIFT}) monate?s\b"),
    day_of_shifted_month,
)
DAY_IN_SHIFTED_MONTH: Pattern = (
    re.compile(rf"{AT}\b({SHIFT}) monate?s?,? am (?:{DAY_NUMBER}\.?(?![\d.:])|({ORDINAL})(?! {WEEKDAY}))"),
    day_in_shifted_month,
)
DAY_OF_SHIFTED_YEAR: Pattern = (
    re.compile(rf"{AT}\b({SHIFT}) jahr(?:es)?,? (?:am |den )?{DAY_NUMBER}\. ?({MONTH}|\d{{1,2}}\.(?!\d))"),
    day_of_shifted_year,
)
DAY_THEN_YEAR: Pattern = (
    re.compile(rf"{AT}{DAY_NUMBER}\. ?({MONTH}|\d{{1,2}}\.?(?!\d)),? (?:im |des )?({SHIFT}) jahr(?:e?s)?\b"),
    day_then_year,
)
MONTH_THEN_DAY: Pattern = (
    re.compile(rf"\bim ({MONTH}),? (?:(?:und zwar|am besten|gleich|so|sagen wir|etwa) ){{0,2}}am {DAY_NUMBER}\.(?!\d)"),
    month_then_day,
)
