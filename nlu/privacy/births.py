"""Birth dates: a date is one if a word beside it says so, if it stands right behind a name, or if it is old enough."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nlu.privacy.spans import Span

MONTHS = (
    r"jan(?:uar|\.)?|jän(?:ner)?|feb(?:ruar|\.)?|märz|maerz|mrz\.?|apr(?:il|\.)?|mai|juni?\.?|juli?\.?|aug(?:ust|\.)?|"
    r"sept?(?:ember|\.)?|okt(?:ober|\.)?|nov(?:ember|\.)?|dez(?:ember|\.)?"
)
YEAR = r"(?P<year>(?:19|20)\d{2}|['’]?\d{2})"
DAY = (
    r"(?:\d{1,2}\.?|(?:ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und(?:zwanzig|dreißig)sten|"
    r"(?:zwanzig|dreißig)sten|(?:ers|zwei|drit|vier|fünf|sechs|sieb|ach|neun|zehn|elf|zwölf|dreizehn|vierzehn|fünfzehn|"
    r"sechzehn|siebzehn|achtzehn|neunzehn)ten)"
)
DATE = (
    rf"(?<![\w/-])(?<!\d[.,])(?:\d{{1,2}}(?P<s>[./-])\s?\d{{1,2}}(?P=s)\s?{YEAR}"
    r"|(?P<iso>(?:13|19|20)\d{2})[-/.]\d{1,2}[-/.]\d{1,2}"
    rf"|{DAY}\s?(?:{MONTHS})\s?(?P<worded>(?:19|20)\d{{2}}|['’]?\d{{2}}(?!\s?(?:uhr|:)))"
    r")(?![\w/]|[.,:-]\d)"
)
ANY_DATE = re.compile(DATE, re.IGNORECASE)
SHORT_DATE = re.compile(
    rf"(?<![\w/.-])(?:(?:\d{{2}}\s?){{2}}(?:19|20)\d{{2}}|\d{{6}}|\d{{1,2}}\.\s?(?:\d{{1,2}}\.?|(?:{MONTHS}))|"
    rf"(?:\d{{1,2}} ){{2}}(?:19|20)?\d{{2}}|(?P<month>(?:{MONTHS})\s?(?:19|20)\d{{2}}|"
    r"\d{1,2}[/.]\s?(?:19|20)\d{2})|"
    r"\d{1,2}/\d{2})(?![\w/]|[.,-]\d)",
    re.IGNORECASE,
)
"""Dates that only a word can make birth dates: without dots, without a year, without a day."""
BIRTH_WORD = re.compile(
    r"(?:(?<!\w)(?:geb|gebor|gebo?ren\w*|geboorn|gbdat|gebdat\w*|geb\.?[\s-]?dat\w*|geb\.?[\s-]?tag|geburtsd\w*|"
    r"geburtstage?s?|geburtsdat\w*|born|dob)(?!\w)\.?|(?<![\w*])\*(?=\s?\d))"
    r"[^\d\n.;!?]{0,32}\.?\s?:?\s?\Z",
    re.IGNORECASE,
)
BIRTH_WORD_AFTER = re.compile(
    r"[\s,)]{0,3}(?:[^\W\d]+[\s,]{1,3}){0,5}?(?:geboren\w*|gebor|geb(?:\.|(?!\w))|zur\s+welt|auf\s+die\s+welt|"
    r"geburtstag|geburtsdatum)(?!\W{0,4}(?:am\s)?\d)",
    re.IGNORECASE,
)
BIRTH_DATES = re.compile(r"(?<!\w)(?:geburtsda(?:ten|tum)|geburtstagen?|geb\.?-?daten)(?!\w)", re.IGNORECASE)
BIRTH_DATES_BEFORE = re.compile(r"(?<!\w)(?:geburtsdaten|geburtstagen?|geb\.?-?daten)(?!\w)[^.!?;\n]*\Z", re.IGNORECASE)
SOMEBODY_IS_FROM = re.compile(
    r"(?<!\w)(?:er|sie|kind|sohn|tochter|baby|junge|mädchen|bruder|schwester|zwillinge|mutter|vater|klient|klientin|"
    r"älteste|jüngste|kleine|große)[rs]?\s(?:ist|sind|is|wäre)\svom\s\Z",
    re.IGNORECASE,
)
HAPPENED = re.compile(
    r"(?<!\w)(?:seit|ab|bis|vom|von|stand|gültig|zum|spätestens|frist|termin|einreise|eingereist|ausgestellt|"
    r"kraft|gesetz|"
    r"fassung|erteilt|bescheid|urteil|beschluss|beginn|ende|datum|einzug|heirat|geheiratet|mietvertrag|antrag|"
    r"gestellt|gest|gestorben|verstorben|verstarb|tod|hochzeit|trauung|befristet|abgelaufen|läuft|erlass|az|duldung|aufenthalt|erlaubnis|titel|gestattung|"
    r"visum)(?!\w)\W{0,3}(?:\w{1,4}\W{1,2}){0,2}\Z",
    re.IGNORECASE,
)
TIME = re.compile(r"\W{0,3}(?:um\s|ab\s|von\s)?\s?\d{1,2}(?:[:.]\d{2}|\s?(?:uhr|h\b))", re.IGNORECASE)
BETWEEN = re.compile(r"[\s,;:/|(–—*-]{1,5}|[\s,(]{0,3}\d{1,2}[\s,)]{0,3}")
FURTHER = re.compile(r"\s?(?:,|und|u\.?|/|;|&|\+)\s?", re.IGNORECASE)
OLD = range(1920, 2009)
OTHERWISE = re.compile(
    r"(?<!\w)(?:(?:vom|bis|seit|ab|gültig|stand)\s|(?:gest|gestorben|verstorben|verstarb|hochzeit|eingereist|"
    r"einreise)(?!\w)\W{0,3}(?:\w{1,4}\W{1,2}){0,2})\Z",
    re.IGNORECASE,
)
"""What takes a date away from a word of birth further before it."""
BEFORE = 60


def births(text: str, names: Sequence[Span]) -> Iterator[Span]:
    """Birth dates; `names` are the persons found already."""
    ends = {name.end for name in names}
    listed = bool(BIRTH_DATES.search(text))
    last_end = -1
    for found in ANY_DATE.finditer(text):
        start, end = found.span()
        before, after = text[max(0, start - BEFORE) : start], text[end : end + BEFORE]
        named = any(
            start - name_end <= 6 and BETWEEN.fullmatch(text, name_end, start) for name_end in ends if name_end < start
        )
        if (
            (BIRTH_WORD.search(before) and not OTHERWISE.search(before))
            or SOMEBODY_IS_FROM.search(before)
            or (listed and BIRTH_DATES_BEFORE.search(text, 0, start) and not HAPPENED.search(before))
            or BIRTH_WORD_AFTER.match(after)
            or (last_end >= 0 and FURTHER.fullmatch(text, last_end, start))
            or (named and (listed or (year_of(found) < 2025 and not TIME.match(after))))
            or (year_of(found) in OLD and not HAPPENED.search(before))
        ):
            yield Span(start, end, "DOB")
            last_end = end
    for found in SHORT_DATE.finditer(text):
        start, end = found.span()
        before = text[max(0, start - BEFORE) : start]
        if (BIRTH_WORD.search(before) and not OTHERWISE.search(before)) or (
            found["month"] and BIRTH_WORD_AFTER.match(text[end : end + BEFORE])
        ):
            yield Span(start, end, "DOB")


def year_of(date: re.Match[str]) -> int:
    """With its century: two digits above 26 are of the last one."""
    digits = next(year for year in (date["year"], date["iso"], date["worded"]) if year).lstrip("'’")
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year > 26 else 2000)
