"""Finds clock times in folded text: "9 uhr", "um halb zehn", "viertel nach acht", "14:30"."""

from __future__ import annotations

import re
from datetime import time
from typing import NamedTuple

from nlu.readers.numbers import NUMBERS, any_of
from nlu.readers.results import Impossible

ARTICLES = ("ne", "nem", "nen", "ner", "eine", "einem", "einen", "einer", "eines")
HOUR_WORDS = {word: value for word, value in NUMBERS.items() if value <= 24 and word not in ARTICLES}
HOUR_WORDS |= {"achte": 8, "neune": 9, "zehne": 10, "elfe": 11, "zwoelfe": 12, "dreie": 3, "viere": 4, "fuenfe": 5}
HOUR_WORDS |= {"sechse": 6, "siebene": 7, "sieme": 7, "zwoa": 2}
HOUR = rf"(?:\d{{1,2}}|(?:{any_of(HOUR_WORDS)})\b)"
MINUTE_WORDS = {word: value for word, value in NUMBERS.items() if 5 <= value <= 59}
MINUTE = rf"(?:[0-5]\d(?!\d|[.,:]\d)|(?:{any_of(MINUTE_WORDS)})\b)(?! ?(?:min|std|stunden?|tage?n?|wochen?|monate?n?))"
BEFORE = (
    r"(?:\b(?:um|gegen|ab|so um|ca\.?|kurz nach|(?:puenktlich |spaetestens |um )?punkt|puenktlich um|spaetestens um|"
    r"zwischen) )"
)
EVENING = r"(?:nachmittags?|abends?|mittags?|nachts?)"
DAYTIME = (
    r"(?P<after>,? (?:frueh|(?:am )?vormittags?|morgens|(?:am )?nachmittags?|(?:am )?abends?|mittags?|nachts?)\b)?"
)
LATE = re.compile(rf"(?<!vor)(?:{EVENING})\b(?:,? (?:um|gegen|so um))?,? ?$")
LATER_SAID = re.compile(rf",? (?:heute|morgen|am) (?:{EVENING})\b")
EARLY = re.compile(r"(?:frueh|\bmorgens|\b(?:heute|am|jeden|tag) morgen|vormittags?)\b(?:,? (?:um|gegen|so um))?,? ?$")
AFTERNOON = range(6)
"""Hours that mean twelve later when spoken, since nobody is reminded before six in the morning."""


class FoundClock(NamedTuple):
    """Where a clock time stands in the folded text."""

    start: int
    end: int
    meant: time | Impossible


BEFORE_HOUR = "|".join(
    rf"(?<=\b{day} "
    rf")"
    for day in [
        "mo",
        "di",
        "mi",
        "do",
        "fr",
        "sa",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "morgen",
        "heute",
    ]
)
"""A bare hour counts right after a day: "morgen 9"."""
PATTERNS = [
    re.compile(rf"\bzwischen (?P<hour>{HOUR}) (?:uhr )?und {HOUR}(?: uhr)?(?! ?(?:euro|prozent)){DAYTIME}"),
    re.compile(
        rf"{BEFORE}?(?<![\d.,:/-])(?P<hour>\d{{1,2}})[:h](?P<minute>\d{{2}})(?!:?\d)(?: ?(?:uhr|h)\b)?{DAYTIME}"
    ),
    re.compile(
        rf"{BEFORE}?(?<![\d.,:/-])(?P<hour>\d{{1,2}})[.h](?P<minute>\d{{2}}) ?(?:uhr|h)\b{DAYTIME}|"
        rf"{BEFORE}(?P<hour2>\d{{1,2}})[.h](?P<minute2>\d{{2}})(?![\d.]){DAYTIME.replace('after', 'after2')}"
    ),
    re.compile(rf"{BEFORE}?(?<![\d.,:/-])(?P<hour>{HOUR}) ?uhr(?: ?(?P<minute>{MINUTE}))?\b{DAYTIME}"),
    re.compile(rf"{BEFORE}?(?<![\d.,:/-])(?P<hour>[0-2]\d)(?P<minute>[0-5]\d) ?uhr\b{DAYTIME}"),
    re.compile(
        rf"{BEFORE}?\b(?:(?P<shift>{HOUR}) (?:minuten? |min )?(?P<side>vor|nach) )?(?P<part>halb) (?P<hour>{HOUR})"
        rf"(?! ?(?:std|stunde|h\b))(?: uhr)?{DAYTIME}"
    ),
    re.compile(
        rf"{BEFORE}?\b(?P<part>viertel vor|viertel nach|drei ?viertel|viertel) (?P<hour>{HOUR})"
        rf"(?! ?(?:std|stunde|h\b|jahr))(?: uhr)?{DAYTIME}"
    ),
    re.compile(
        rf"{BEFORE}?\b(?P<shift>{HOUR}|zwanzig|20) (?:minuten? |min )?(?P<side>vor|nach) (?P<hour>{HOUR})"
        rf"(?! ?(?:tag|woche|monat|jahr|std|stunde|h\b|min|\.))(?: uhr)?{DAYTIME}"
    ),
    re.compile(
        rf"(?:{BEFORE}|{BEFORE_HOUR})(?P<hour>{any_of(HOUR_WORDS)}) "
        rf"(?P<minute>dreissig|fuenfzehn|fuenfundvierzig)\b{DAYTIME}"
    ),
    re.compile(rf"\bum (?P<hour>0\d)(?P<minute>[0-5]\d)(?!\d){DAYTIME}"),
    re.compile(
        rf"\b(?:um|gegen|punkt) (?P<hour>{HOUR})(?!\d|:\d|[.,]\d| ?h\b|\.(?! |$)| ?(?:%|euro|eur\b|min|std|stunden|"
        rf"tage|wochen)){DAYTIME}"
    ),
    re.compile(
        rf"{BEFORE}?(?<![\d.,:/-])(?:(?<=morgen )|(?<=heute )|(?<=tag )|(?<=\x00 ))(?P<hour>\d{{1,2}}) ?h\b{DAYTIME}"
    ),
    re.compile(
        rf"(?<=[a-z.,] )(?<!um )(?<![\d.,:/-])(?P<hour>[01]?\d|2[0-3])\.(?P<minute>00|1[3-9]|[2-5]\d)(?![\d.,])"
        rf"(?! ?(?:euro|eur\b|€|%|prozent|std|stunden?)){DAYTIME}"
    ),
    re.compile(
        r"(?:\bum )?(?<!\bin )(?<!noch )(?<!\bvor )(?<!alle )(?<!nach )(?<!etwa )(?<!ca )(?<![\d.,:/+-])(?<!\+ )"
        rf"(?P<hour>(?<=um )\d|[789]|1\d|2[0-3]) ?h\b(?! (?:vorher|spaeter|davor|zuvor|lang|frueher)){DAYTIME}"
    ),
    re.compile(
        rf"(?:{BEFORE_HOUR})(?P<hour>[789]|1\d|20)(?P<after>)(?=[ ,;:]|$)(?![,;:]\d)"
        r"(?! ?(?:\.|uhr|h\b|x\b|mal\b|tag|woch|monat|jahr|min|std|stunde|euro|leute|personen|kinder|statt|-))"
    ),
    re.compile(rf"\b(?:{EVENING}) (?P<hour>{HOUR})(?![\d:.])(?P<after>)(?= |,|$)"),
]
PARTS = {"halb": -30, "viertel vor": -15, "viertel nach": 15, "viertel": -45, "dreiviertel": -15}


def find_clocks(text: str) -> list[FoundClock]:
    """All clock times, in their order. Spoken hours from one to five mean the afternoon."""
    found: list[FoundClock] = []
    for pattern in PATTERNS:
        for match in pattern.finditer(text):
            if not any(match.start() < other.end and other.start < match.end() for other in found):
                found.append(FoundClock(match.start(), match.end(), meant_by(match, text)))
    return sorted(found, key=lambda clock: clock.start)


def meant_by(match: re.Match[str], text: str) -> time | Impossible:
    groups = match.groupdict()
    said = groups["hour"] or groups["hour2"]
    hour = HOUR_WORDS[said] if said in HOUR_WORDS else int(said)
    minute_said = groups.get("minute") or groups.get("minute2") or "0"
    minutes = hour * 60 + (int(minute_said) if minute_said.isdigit() else NUMBERS[minute_said])
    if hour > 23 or minutes >= 24 * 60 or minutes - hour * 60 > 59:
        return Impossible(match.group().strip())
    if groups.get("part"):
        minutes += PARTS[groups["part"].replace("drei viertel", "dreiviertel")]
    if groups.get("shift"):
        shift = groups["shift"]
        amount = HOUR_WORDS[shift] if shift in HOUR_WORDS else int(shift)
        minutes += amount if groups["side"] == "nach" else -amount
    minutes %= 24 * 60
    return time(*divmod(minutes + 12 * 60 * means_later(minutes // 60, match, text, said), 60))


def means_later(hour: int, match: re.Match[str], text: str, said: str) -> bool:
    """Whether an hour of the twelve-hour clock means the second half of the day."""
    groups = match.groupdict()
    after = groups.get("after") or groups.get("after2") or ""
    before = text[: match.start()]
    first = match.group().split(" ")[0]
    late = (
        re.search(EVENING, after)
        or LATE.search(before)
        or LATER_SAID.match(text, match.end())
        or re.fullmatch(EVENING, first)
    )
    if hour >= 12:
        return False
    if late and after.strip(" ,") != "vormittags":
        return "nacht" not in after or hour >= 9
    if after or EARLY.search(before):
        return False
    typed_as_figures = ":" in match.group() or said.startswith("0")
    return hour in AFTERNOON and not typed_as_figures
