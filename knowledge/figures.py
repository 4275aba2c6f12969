"""Finds every number, date, fraction and number word of a German text, in a form that can be compared."""

from __future__ import annotations

import re
from fractions import Fraction

MONTH_LIST = "januar februar märz april mai juni juli august september oktober november dezember"
NUMBER_LIST = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn zwanzig"
)
MONTHS = {name: number for number, name in enumerate(MONTH_LIST.split(), 1)}
WORDS = {name: Fraction(number) for number, name in enumerate(NUMBER_LIST.split())}
WORDS |= {"dreißig": Fraction(30), "hundert": Fraction(100), "tausend": Fraction(1000)}
WORDS |= {"beide": Fraction(2), "beiden": Fraction(2), "zweimal": Fraction(2), "dreimal": Fraction(3)}
PARTS = {"halb": 2, "hälfte": 2, "drittel": 3, "viertel": 4, "fünftel": 5}
CITATIONS = re.compile(
    r"\b(?:Fragen?|FAQ|Bausteine?n?|Absatz|Abs\.|Satz|Nr\.|Nummer|Ziffer|Anlage|Stand)\s*"
    r"\d[\d./]*[a-z]?(?:(?:\s*(?:/|,|-|–|und|oder|bis)\s*)\d[\d./]*[a-z]?\b)*"
)
MONTH_NAMES = "|".join(MONTHS)
TOKEN = re.compile(
    rf"""
      (?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})?
    | (?P<nday>\d{{1,2}})\.\s+(?P<nmonth>{MONTH_NAMES})(?:\s+(?P<nyear>\d{{4}}))?
    | (?P<num>\d+)\s?/\s?(?P<den>[1-9]\d*)
    | (?P<thousands>\d{{1,3}}(?:\.\d{{3}})+)(?:,(?P<tdec>\d+))?
    | (?P<int>\d+)(?:,(?P<dec>\d+))?
    | \b(?P<month_only>{MONTH_NAMES})\b
    | \b(?:(?P<parts>ein|zwei|drei)e?[mnrs]?\s+)?(?P<part>halb|hälfte|drittel|viertel|fünftel)(?:e[mnrs]?|n)?\b
    | \b(?P<word>{"|".join(sorted(WORDS, key=len, reverse=True))})(?:e[mnrs]?)?\b
    """,
    re.VERBOSE | re.IGNORECASE,
)

Figure = tuple[str, object]


def figures(text: str) -> set[Figure]:
    """The figures of a text; citations ("Frage 22", "Baustein 1/2", "Abs. 3") are left out."""
    return {figure(found) for found in TOKEN.finditer(CITATIONS.sub(" ", text))}


def figure(found: re.Match[str]) -> Figure:
    part = {name: value.lower() for name, value in found.groupdict().items() if value is not None}
    if "day" in part or "nday" in part:
        month = int(part["month"]) if "month" in part else MONTHS[part["nmonth"]]
        year = part.get("year") or part.get("nyear")
        return ("date", (int(part.get("day") or part["nday"]), month, year and int(year)))
    if "num" in part:
        return ("number", Fraction(int(part["num"]), int(part["den"])))
    if "thousands" in part:
        return ("number", Fraction(f"{part['thousands'].replace('.', '')}.{part.get('tdec', '0')}"))
    if "int" in part:
        return ("number", Fraction(f"{part['int']}.{part.get('dec', '0')}"))
    if "month_only" in part:
        return ("month", MONTHS[part["month_only"]])
    if "part" in part:
        count = {"zwei": 2, "drei": 3}.get(part.get("parts", "ein"), 1)
        return ("number", Fraction(count, PARTS[part["part"]]))
    return ("number", WORDS[part["word"]])
