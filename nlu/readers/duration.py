"""Reads how long a talk took, in minutes: "20 min", "ne halbe std", "1h30", "von 10 bis 10:45"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from typing import NamedTuple

from nlu.readers.clock import HOUR_WORDS, find_clocks
from nlu.readers.folding import fold
from nlu.readers.numbers import HALVES, NUMBER, NUMBERS, any_of, number
from nlu.readers.vocabulary import mend_time

MINUTES = r"(?:-? ?(?:minuetig|minuetch|minut|mniut|mintu|miunt|mni|min|mim|mn)[a-z]{0,3}\b\.?|m\b|['´`](?!\w))"
HOURS = (
    r"(?:-? ?(?:stuendig|stuendch|stunde?|stude|stnude|studne|stdune|stdunde|stnde|stundn|sdt|std|stdn|"
    r"hrs?)[a-z]{0,2}\b\.?|st\b\.?|h\b)"
)
CLOCK = r"(\d{1,2})(?:[:.h](\d{2}))? ?(?:uhr)?(?: (\d{2}))?(?! ?(?:min|h\b|std))"
COUNT = rf"(?:(?<!\d)[.,]5|{NUMBER})"
ROUGHLY = r"(?:gut|knapp|voll|ganz|reichlich|klein|stark|dick|kurz|schlapp|locker|satt|lang|rund)(?:e[nrms]?)?"
QUARTERS = {"halb": 30, "1/2": 30, ",5": 30, "viertel": 15, "1/4": 15, "dreiviertel": 45, "drei viertel": 45, "3/4": 45}
NOT_A_SPAN = r"(?<!\bin )(?<!\bvor )(?<!\balle )(?<!\bnach )(?<!\bjede )(?<!\d)(?<!\d[.,:/])"
DAY_MINUTES = 24 * 60
LATE = re.compile(r" ?(?:zu spaet|zu frueh|verspaet|spaeter)\b")


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
            if minutes is not None and not overlaps and not LATE.match(text, match.end()):
                start = match.start("only") if "only" in pattern.groupindex else match.start()
                found.append(FoundMinutes(start, match.end(), minutes))
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


def spoken_between(match: re.Match[str]) -> int | None:
    """ "von halb zehn bis viertel vor 11"."""
    clocks = [find_clocks(f"um {said}") for said in match.groups()]
    meant = [found[0].meant for found in clocks if found]
    if len(meant) != 2 or not all(isinstance(at, time) for at in meant):
        return None
    start, end = (at.hour * 60 + at.minute for at in meant if isinstance(at, time))
    return (end - start) % (DAY_MINUTES // 2) or None


def quarters(match: re.Match[str]) -> int:
    return round(number(match.group(1)) * 15)


def half(_: re.Match[str]) -> int:
    return 30


def part_of_hour(match: re.Match[str]) -> int:
    whole, part = match.groups()
    return QUARTERS[part] + round(60 * number(whole) if whole else 0)


def in_hours(match: re.Match[str]) -> int:
    return round(number(match.group(1)) * 60)


def one_hour(_: re.Match[str]) -> int:
    return 60


def glued(match: re.Match[str]) -> int:
    """ "einstuendig", "fuenfzehnminuetig"."""
    return round(number(match.group(1)) * (60 if match.group(2) == "stuendig" else 1))


def in_minutes(match: re.Match[str]) -> int:
    return round(number(match.group(1)))


def ended_after(match: re.Match[str]) -> int:
    return round(number(match.group(1) or match.group(2)))


def times(match: re.Match[str]) -> int:
    return round(number(match.group(1)) * number(match.group(2)))


SPOKEN = (
    rf"(?:(?:halb|viertel vor|viertel nach|drei ?viertel|viertel|kurz vor|kurz nach) "
    rf")?(?:\d{{1,2}}(?:[:.]\d{{2}})?|(?:{any_of(HOUR_WORDS)})\b)"
)
PATTERNS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], int | None]]] = [
    (
        re.compile(
            rf"\b(?:von|zwischen|um) ({SPOKEN})(?: uhr)? (?:bis|und) ({SPOKEN})(?![\d.:])(?: ?uhr\b)?(?! "
            rf"?(?:{MINUTES}|{HOURS}))"
        ),
        spoken_between,
    ),
    (re.compile(rf"\b({NUMBER}) viertel ?stunden\b"), quarters),
    (re.compile(r"(?:'ne|\bne|\beine|\bgute|\bknappe) halbe\b(?= ?(?:[,;.:/\x00]|$))"), half),
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
            rf"{NOT_A_SPAN}({COUNT}) ?{HOURS},? (?:und |u |u\. |\+ )?({NUMBER})"
            rf"(?: ?{MINUTES}|(?=,|$)|(?:(?<=\d\d)|(?<=zehn)|(?<=zwanzig)|(?<=dreissig)|(?<=vierzig)|"
            rf"(?<=fuenf))(?= [a-z])(?! (?:uhr|kinder|personen|leute|euro|jahre)))"
        ),
        hours_and_minutes,
    ),
    (re.compile(rf"{NOT_A_SPAN}({COUNT}) ?(?:{ROUGHLY} )?{HOURS}"), in_hours),
    (re.compile(rf"{NOT_A_SPAN}(\d|zwei|drei|vier) ?(?:x|mal) ?({NUMBER}) ?{MINUTES}"), times),
    (re.compile(rf"{NOT_A_SPAN}(?:\d+ ?- ?|\d+ bis )?({NUMBER}) ?{MINUTES}"), in_minutes),
    (
        re.compile(
            rf"\bnach ({NUMBER}) ?{MINUTES} (?:\w+ )?(?:gespraech|telefonat|beratung|video\w*|wegen|beendet|"
            rf"abgebrochen|war schluss|schluss)|\b(?:abgebrochen|beendet|schluss) nach ({NUMBER}) ?{MINUTES}"
        ),
        ended_after,
    ),
    (re.compile(r"(?<= - )([1-9]\d)(?= - | -$)"), in_minutes),
    (re.compile(rf"\b({any_of(NUMBERS | HALVES)})(stuendig|minuetig)\w*"), glued),
    (
        re.compile(
            rf"(?:^|[,;:/\x00.]|\bne|\bfast|\b{ROUGHLY}) ?(?:ca\.? |fast |etwa |so |ne |{ROUGHLY} )*\b(?:stunde|"
            rf"stuendchen)\b(?= ?(?:[,;:./\x00]|$)| (?:hat'?s?|war'?s?|am|mit)\b)"
        ),
        one_hour,
    ),
    (
        re.compile(
            r"\b(?:beginn|start|anfang|von)\b:? (\d{1,2})(?:[:.](\d{2}))?()(?: ?uhr)?,? ?(?:und )?(?:ende|"
            r"bis)\b:? (\d{1,2})(?:[:.](\d{2}))?()(?![\d.:])(?: ?uhr)?"
        ),
        between,
    ),
    (
        re.compile(
            rf"\b(?:tel|telefon|telefonat|video|pers|persoenlich|buero|mail|zoom|hausbesuch|"
            rf"sprechstunde)\b[.,:]? ?(?P<only>[1-9]\d|1\d\d)(?= ?(?:[,;/|\n\x00]|$|\. |\.$| [a-z]))"
            rf"(?! ?(?:uhr|h|std|x|mal|kinder|personen|leute|euro|%|{MINUTES}|tage|wochen|jahre)\b)"
        ),
        in_minutes,
    ),
    (
        re.compile(
            r"(?<![\d.,:/§-])(?<!nr )(?<!kim )(?<!fall )(?<!kw )(?<!um )(?<!gegen )(?<!ab )(?<!paragraf "
            r")(?<!klasse )(?<!zimmer "
            r")(?<!raum )\b([1-9]\d|1\d\d) (?:(?=(?:tel|telefon|video|pers|persoenlich|mail)\b))"
        ),
        in_minutes,
    ),
    (
        re.compile(
            r"(?<=[a-z] )(?<!nr )(?<!kim )(?<!fall )(?<!kw )(?<!klasse )(?<!zimmer )(?<!raum )(?<!paragraf "
            r")(?<!ab )(?<!bis )([1-9]\d)$"
        ),
        in_minutes,
    ),
    (re.compile(r"(?<=[,;/|\n]) ?([1-9]\d|1\d\d)(?= ?(?:[,;/|\n]|$))"), in_minutes),
    (re.compile(r"\bdauer(?:te)?:? (?:ca\.? |etwa |knapp |rund )?(\d{1,3})(?![\d.,:])"), in_minutes),
]
