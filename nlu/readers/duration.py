"""Reads how long a talk took, in minutes: "20 min", "ne halbe std", "1h30", "von 10 bis 10:45"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from nlu.readers.folding import fold
from nlu.readers.numbers import NUMBER, number
from nlu.readers.vocabulary import mend_time

MINUTES = r"(?:-? ?(?:minuetig|minuetch|minut|min)[a-z]{0,3}\b\.?|m\b|['´`](?!\w))"
HOURS = r"(?:-? ?(?:stuendig|stuendch|stunde?|std|stdn|hrs?)[a-z]{0,2}\b\.?|st\b\.?|h\b)"
CLOCK = r"(\d{1,2})(?:[:.h](\d{2}))? ?(?:uhr)?(?: (\d{2}))?(?! ?(?:min|h\b|std))"
COUNT = rf"(?:(?<!\d)[.,]5|{NUMBER})"
ROUGHLY = r"(?:gut|knapp|voll|ganz|reichlich|klein|stark|dick|kurz)(?:e[nrms]?)?"
QUARTERS = {"halb": 30, "1/2": 30, ",5": 30, "viertel": 15, "1/4": 15, "dreiviertel": 45, "drei viertel": 45, "3/4": 45}
NOT_A_SPAN = r"(?<!\bin )(?<!\bvor )(?<!\balle )(?<!\bnach )(?<!\bjede )(?<!\d)(?<!\d[.,:/])"
DAY_MINUTES = 24 * 60


class FoundMinutes(NamedTuple):
    """Where a duration stands in the folded text, and how many minutes it is."""

    start: int
    end: int
    minutes: int


def read_minutes(text: str) -> int | None:
    """The first duration said, in minutes, however short or long; None if none was said."""
    found = find_minutes(fold(text, mend_time).text)
    return found[0].minutes if found else None


def find_minutes(text: str) -> list[FoundMinutes]:
    """All durations, in their order; "in 20 min" and "vor 20 min" are none."""
    found: list[FoundMinutes] = []
    for pattern, minutes_of in PATTERNS:
        for match in pattern.finditer(text):
            minutes = minutes_of(match)
            overlaps = any(match.start() < other.end and other.start < match.end() for other in found)
            if minutes is not None and not overlaps:
                found.append(FoundMinutes(match.start(), match.end(), minutes))
    return sorted(found)


def between(match: re.Match[str]) -> int | None:
    """From one clock time to another; the second may be said on the twelve-hour clock."""
    hour, minute, minute2, end_hour, end_minute, end_minute2 = match.groups()
    start = int(hour) * 60 + int(minute or minute2 or 0)
    end = int(end_hour) * 60 + int(end_minute or end_minute2 or 0)
    if end < start and end + DAY_MINUTES // 2 > start and int(end_hour) < 12:
        end += DAY_MINUTES // 2
    return end - start if start <= end < DAY_MINUTES else None


def hours_and_minutes(match: re.Match[str]) -> int:
    hours, minutes = match.groups()
    return round(number(hours) * 60 + number(minutes))


def part_of_hour(match: re.Match[str]) -> int:
    whole, part = match.groups()
    return QUARTERS[part] + round(60 * number(whole) if whole else 0)


def in_hours(match: re.Match[str]) -> int:
    return round(number(match.group(1)) * 60)


def in_minutes(match: re.Match[str]) -> int:
    return round(number(match.group(1)))


def times(match: re.Match[str]) -> int:
    return round(number(match.group(1)) * number(match.group(2)))


PATTERNS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], int | None]]] = [
    (re.compile(rf"\b(?:von|zwischen) {CLOCK} ?(?:bis|-|und) ?{CLOCK}(?![\d.])(?: ?uhr)?"), between),
    (
        re.compile(
            r"(?<![\d.,:/-])(\d{1,2})[:.](\d{2})()(?: ?uhr)? ?(?:-|bis) ?(\d{1,2})[:.](\d{2})()(?![\d.:])(?: ?uhr)?"
        ),
        between,
    ),
    (
        re.compile(r"(?<![\d.,:/-])(\d{1,2})()()(?: ?uhr)? ?(?:-|bis) ?(\d{1,2}):(\d{2})()(?![\d.:])(?: ?uhr)?"),
        between,
    ),
    (
        re.compile(
            r"(?<![\d.,:/-])(\d{1,2})(?:[:.](\d{2}))?()(?: ?uhr)? ?(?:-|bis) ?(\d{1,2})(?:[:.](\d{2}))?() ?uhr\b"
        ),
        between,
    ),
    (re.compile(rf"{NOT_A_SPAN}(\d+) ?h ?(\d{{1,2}})(?: ?{MINUTES})?(?!\d|[.,:]\d)"), hours_and_minutes),
    (re.compile(rf"{NOT_A_SPAN}(\d+):(\d{{2}}) ?{HOURS}"), hours_and_minutes),
    (
        re.compile(
            rf"{NOT_A_SPAN}(?:(?P<whole>\d+) (?:und )?)?(?:(?:\beine|\bne|\beiner|\bner|\bdie|\bgute|\bknappe) )*"
            rf"(?P<part>\bhalb|1/2|(?<!\d),5|\bviertel|1/4|\bdreiviertel|\bdrei viertel|3/4)(?:e[nrs]?)? ?{HOURS}"
        ),
        part_of_hour,
    ),
    (
        re.compile(
            rf"{NOT_A_SPAN}({COUNT}) ?{HOURS},? (?:und |u\. |\+ )?({NUMBER})"
            rf"(?: ?{MINUTES}|(?=,|$)|(?<=\d\d)(?= [a-z])(?! (?:uhr|kinder|personen|leute|euro|jahre)))"
        ),
        hours_and_minutes,
    ),
    (re.compile(rf"{NOT_A_SPAN}({COUNT}) ?(?:{ROUGHLY} )?{HOURS}"), in_hours),
    (re.compile(rf"{NOT_A_SPAN}(\d) ?(?:x|mal) ?({NUMBER}) ?{MINUTES}"), times),
    (re.compile(rf"{NOT_A_SPAN}(?:\d+ ?- ?|\d+ bis )?({NUMBER}) ?{MINUTES}"), in_minutes),
    (re.compile(r"(?<=[,;/|\n]) ?([1-9]\d|1\d\d)(?= ?(?:[,;/|\n]|$))"), in_minutes),
    (re.compile(r"\bdauer(?:te)?:? (?:ca\.? |etwa |knapp |rund )?(\d{1,3})(?![\d.,:])"), in_minutes),
]
