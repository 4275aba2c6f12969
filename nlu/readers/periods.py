"""Finds weeks, months and parts of them: "kw 12", "ende oktober", "anfang nächster woche", "monatsende"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from nlu.readers.day_words import (
    AT,
    MONTH,
    MONTHS,
    SHIFT,
    YEAR,
    Days,
    Pattern,
    View,
    full_year,
    last_of_month,
    monday,
    month_start,
    reckoned,
    shift_of,
)
from nlu.readers.numbers import any_of
from nlu.readers.reckoning import moved_by

PARTS = {"anfang": 0, "anf": 0, "anf.": 0, "anfagn": 0, "mitte": 1, "ende": 2, "eidne": 2, "letzten": 2}


def calendar_week(match: re.Match[str], view: View) -> Days:
    groups = match.groupdict()
    week = int(groups["week"] or groups["week2"])
    year = int(groups["year"]) if groups["year"] else view.today.isocalendar().year
    start = date.fromisocalendar(year, week, 1)
    if not groups["year"] and view.ahead and start + timedelta(days=6) < view.today:
        start = date.fromisocalendar(year + 1, week, 1)
    return Days(start, start + timedelta(days=6), named=False)


def part_of_month(match: re.Match[str], view: View) -> Days:
    """ "ende oktober": its last day; "anfang": its first; "mitte": the 15th."""
    part, month, four, two = match.groups()
    return in_month(part.removesuffix(" des monats").removeprefix("monats"), month, full_year(four, two), view)


def month_then_part(match: re.Match[str], view: View) -> Days:
    """ "im september mitte"."""
    month, four, two, part = match.groups()
    return in_month(part, month, full_year(four, two), view)


def last_day_of(match: re.Match[str], view: View) -> Days:
    """ "am letzten februartag"."""
    month, four, two = match.groups()
    return in_month("ende", month, full_year(four, two), view)


def part_of_span(match: re.Match[str], view: View) -> Days:
    """ "ende des monats", "anfang naechster woche", "monatsende", "mitte naechsten jahres"."""
    groups = match.groupdict()
    part = PARTS[groups["part"] or groups["part2"]]
    kind = (groups["kind"] or groups["kind2"]).rstrip("s").removesuffix("e")
    shift = shift_of(groups["shift"]) if groups["shift"] else 0
    day = part_of(kind, part, view.today, shift)
    if view.ahead and day < view.today and not groups["shift"]:
        day = part_of(kind, part, view.today, 1)
    return reckoned(day)


def part_of_named_year(match: re.Match[str], view: View) -> Days:
    """ "ende 2027"; "ab 2027" is its first day."""
    part, year = match.groups()
    return reckoned(part_of("jahr", PARTS[part or "anfang"], date(int(year), 1, 1), 0))


def weekend(match: re.Match[str], view: View) -> Days:
    saturday = monday(view.today) + timedelta(days=5, weeks=shift_of(match.group(1)) if match.group(1) else 0)
    if match.group(1) and shift_of(match.group(1)) > 0 and view.today.weekday() < 5:
        saturday -= timedelta(weeks=1)
    return Days(saturday, saturday + timedelta(days=1), named=False)


def whole_span(match: re.Match[str], view: View) -> Days:
    """ "naechste woche", "diesen monat", "naechstes jahr"."""
    shift, kind = shift_of(match.group(1)), match.group(2)
    if kind.startswith("wo"):
        start = monday(view.today) + timedelta(weeks=shift)
        return Days(start, start + timedelta(days=6), named=False)
    length = {"m": 1, "q": 3, "j": 12}[kind[0]]
    begin = view.today.replace(month=(view.today.month - 1) // length * length + 1, day=1)
    start = month_start(begin, shift * length)
    return Days(start, moved_by(start, months=length, days=-1), named=False)


def month_alone(match: re.Match[str], view: View) -> Days:
    month, four, two = match.groups()
    year = full_year(four, two)
    start = date(year or view.today.year, MONTHS[month.strip(". ")], 1)
    if year is None and view.ahead and last_of_month(start) < view.today:
        start = moved_by(start, months=12)
    if year is None and not view.ahead and start > view.today:
        start = moved_by(start, months=-12)
    return Days(max(start, view.today) if view.ahead else start, last_of_month(start), named=False)


def in_month(part: str, month: str, year: int | None, view: View) -> Days:
    part = "ende" if part.startswith(("letzt", "ultimo")) else part
    named = MONTHS[month.strip(". ")]
    first = date(year or view.today.year, named, 1)
    day = part_day(part, first)
    if year is None and view.ahead and day < view.today:
        day = part_day(part, moved_by(first, months=12))
    if year is None and not view.ahead and day > view.today:
        day = part_day(part, moved_by(first, months=-12))
    return reckoned(day)


def part_day(part: str, first: date) -> date:
    return [first, first.replace(day=15), last_of_month(first)][PARTS[part]]


def part_of(kind: str, part: int, today: date, shift: int) -> date:
    if kind in ("wo", "woch", "wochen"):
        return monday(today) + timedelta(weeks=shift, days=(0, 2, 4)[part])
    if kind == "monat":
        return part_day(("anfang", "mitte", "ende")[part], month_start(today, shift))
    length = 3 if kind == "quartal" else 12
    start = month_start(today.replace(month=(today.month - 1) // length * length + 1, day=1), shift * length)
    middle = moved_by(start, months=length // 2).replace(day=15 if length == 3 else 1)
    return [start, middle, moved_by(start, months=length, days=-1)][part]


CALENDAR_WEEK: Pattern = (
    re.compile(
        r"{at}(?:\b(?:kw|kalenderwoche)\.? ?(?P<week>\d{1,2})|(?<!\d)(?P<week2>\d{1,2})\. ?(?:kw|"
        r"kalenderwoche))\b(?:[ /](?P<year>20\d\d))?".replace("{at}", AT)
    ),
    calendar_week,
)
PART_OF_MONTH: Pattern = (
    re.compile(
        rf"{AT}\b(anfang|anf\.?|anfagn|mitte|ende|eidne|letzte[nr]? tag|ultimo|monatsende|monatsanfang|monatsmitte|"
        rf"(?:anfang|mitte|ende) des monats) (?:im |des |vom |von )?({MONTH}){YEAR}"
    ),
    part_of_month,
)
MONTH_THEN_PART: Pattern = (re.compile(rf"\bim ({MONTH}){YEAR},? (?:so |etwa )?(anfang|mitte|ende)\b"), month_then_part)
LAST_DAY_OF: Pattern = (re.compile(rf"{AT}\bletzte[nr]? ({any_of(MONTHS)})tag\b{YEAR}"), last_day_of)
PART_OF_SPAN: Pattern = (
    re.compile(
        rf"{AT}\b(?:(?P<part>anfang|anf\.?|mitte|ende) (?:de[sr] |vom )?(?:(?P<shift>{SHIFT}) )?"
        r"(?P<kind>monate?s?|woche|wo|quartals?|jahre?s?)\b|(?P<kind2>monats|quartals|jahres|"
        r"wochen)(?P<part2>ende|anfang|mitte|letzten)\b"
        r"(?<!wochenende))"
    ),
    part_of_span,
)
WEEKEND: Pattern = (re.compile(rf"{AT}(?:\b({SHIFT}) )?\bwochenende\b"), weekend)
WHOLE_SPAN: Pattern = (re.compile(rf"{AT}\b({SHIFT}) (woche|wo\b|monats?|quartals?|jahre?s?)\b"), whole_span)
MONTH_BY_ITSELF: Pattern = (
    re.compile(rf"(?:^|(?<=[,:>\x00] )|(?<=[,:>\x00]))({MONTH}){YEAR}(?= ?(?:[,;.\x00]|$))(?<!mai\. )"),
    month_alone,
)
MONTH_LED_TO: Pattern = (
    re.compile(rf"(?:\b(?:im|bis|ab|seit|in|ganzen) |(?<=\bwv )|(?<=\bwiedervorlage ))({MONTH}){YEAR}"),
    month_alone,
)
PART_OF_NAMED_YEAR: Pattern = (
    re.compile(rf"{AT}\b(?:(anfang|mitte|ende) (?:des jahres |von )?|(?:ab|im jahre?) )(20\d\d)(?![\d/.-])(?! ?uhr)"),
    part_of_named_year,
)
