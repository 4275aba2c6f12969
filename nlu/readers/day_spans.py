"""Finds days counted from today: "in 6 wochen", "vor einem halben jahr", "heute in 14 tagen"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from nlu.readers.day_words import AT, DAYTIME, UNIT, UNITS, Days, Pattern, View, reckoned
from nlu.readers.numbers import NUMBER, WHOLE, number
from nlu.readers.reckoning import moved_by

MOVE = rf"(?: (in|vor|ueber) ({NUMBER}) ({UNIT}))?"
ABOUT = r"(?:(?:etwa|ca\.?|rund|genau|knapp|gut|so|ungefaehr|spaetestens) )?"


def near_day(match: re.Match[str], view: View) -> Days:
    """ "heute", "gestern"; "heute in 14 tagen"."""
    word = match.group(1)
    day = view.today - timedelta(days=word.count("vor") + 1 if "gest" in word else 0)
    if "morgen" in word:
        day = view.today + timedelta(days=1 + word.count("ueber"))
    return Days(due := moved(day, *match.group(2, 3, 4)), due, counted=match.group(2) is not None)


def offset(match: re.Match[str], view: View) -> Days:
    direction, count, unit, *besides = match.groups()
    return reckoned(moved(moved(view.today, direction, count, unit), direction, *(besides or (None, None))))


def part_of_year(match: re.Match[str], view: View) -> Days:
    direction, count, size = match.groups()
    months = {"1/2": 6, "halb": 6, "1/4": 3, "vier": 3, "3/4": 9, "drei": 9}[size[:4].strip()]
    months += 12 * int(number(count)) if count and count not in ("einem", "ein", "nem", "1") else 0
    return reckoned(moved_by(view.today, months=-months if direction == "vor" else months))


def moved(day: date, direction: str | None, count: str | None, unit: str | None) -> date:
    """`day` moved by "in 3 wochen" or "vor einer woche". Months end on their last day where needed (§ 188 BGB)."""
    if direction is None or count is None or unit is None:
        return day
    sign = -1 if direction == "vor" else 1
    months, days = distance(count, unit)
    return moved_by(day, months=sign * months, days=sign * days)


def distance(count: str, unit: str) -> tuple[int, int]:
    """In months and days."""
    kind, size = next(value for pattern, value in UNITS.items() if re.fullmatch(pattern, unit.strip(". ")))
    amount = number(count) * size
    if kind == "days":
        return 0, round(amount)
    months = int(amount)
    return months, round((amount - months) * 30)


NEAR_DAY: Pattern = (
    re.compile(
        rf"{AT}\b(heut(?:e|iges?|igen tage?|igen?|iger)?|heuet|huete|hete|heite|"
        r"(?:vor)*gest(?:ern|rigen?(?: tage?s?)?)|"
        rf"(?:ueber)+morgen|"
        rf"(?<!am )(?<!guten )(?<!jeden )(?<!pro )morgen)\b"
        rf"(?: {DAYTIME}\b)?{MOVE}"
    ),
    near_day,
)
OFFSET_IN_SHORT: Pattern = (re.compile(r"(?<!\b(?:mo|di|mi|do|fr) )\b(in) (\d+) ?(mo|wo|w|j)\b\.?"), offset)
OFFSET: Pattern = (
    re.compile(rf"\b(in|vor|ueber) {ABOUT}({NUMBER}) ?({UNIT})(?: und ({NUMBER}) ?({UNIT}))?"),
    offset,
)
PART_OF_YEAR: Pattern = (
    re.compile(
        rf"\b(in|vor) {ABOUT}(?:({WHOLE}) )?(halbe[nmrs]? |halb|viertel|dreiviertel|"
        rf"drei viertel|[13]/[24]) ?jahr(?:en?)?\b"
    ),
    part_of_year,
)
