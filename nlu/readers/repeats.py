"""Reads how often a reminder comes again: "jeden freitag", "alle 6 monate", "jeden ersten montag im monat"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from nlu.readers.day_words import DAYTIME, LONG_WEEKDAY, MONTH, UNIT, UNITS, WEEKDAYS
from nlu.readers.folding import Folded, fold
from nlu.readers.numbers import NUMBERS, ORDINAL, WHOLE, any_of, whole
from nlu.readers.reckoning import first_by_rule, moved_by
from nlu.readers.results import local
from nlu.readers.vocabulary import mend_time

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NAMES = {("DAILY", 1): "daily", ("WEEKLY", 1): "weekly", ("MONTHLY", 1): "monthly", ("MONTHLY", 3): "quarterly"}
NAMES |= {("MONTHLY", 6): "half-yearly", ("YEARLY", 1): "yearly"}
WORKING_WEEK = "MO,TU,WE,TH,FR"
WORKING_DAYS = f"FREQ=WEEKLY;BYDAY={WORKING_WEEK}"
STEPS = {"DAILY": (0, 1), "WEEKLY": (0, 7), "MONTHLY": (1, 0), "YEARLY": (12, 0)}
"""Months and days from one occurrence to the next."""
DAY = rf"(?:{LONG_WEEKDAY}|(?:mo|di|mi|do|fr|sa|so)\b\.?)"
OFTEN = r"(?:jede[nrsm]?|jedne|jedn|alle|alel)"
IMMER = r"(?:immer|jeweils|regelmaessig|stets)"
ONCE = r"(?:(?:1|ein) ?(?:x|mal)|einmal)"
PER = r"(?:im|in der|pro|je|die|das|/) ?"
SIMPLE = {
    rf"(?:all)?taeglich(?:e[nrs]?)?|allmorgendlich|allabendlich|(?:pro|je) tag\b|taegl\b\.?|tgl\b\.?|"
    rf"{OFTEN} tage?\b|jeden (?:morgen|abend|mittag|vormittag|nachmittag)\b|{ONCE} (?:am|pro) tag": (
        "DAILY",
        1,
    ),
    rf"(?:14|vierzehn|zwei|2)[- ]?(?:taegig|taeglich|woechentlich|woechig)\w*|{OFTEN} (?:zweite[n]?|"
    rf"2\.|andere) woche": (
        "WEEKLY",
        2,
    ),
    rf"woechentlich(?:e[nrs]?)?|(?:pro|je) woche\b|woechentl\.?|{OFTEN} wochen?\b|{ONCE} {PER}woche|wochenweise": (
        "WEEKLY",
        1,
    ),
    rf"halbjaehrlich(?:e[nrs]?)?|(?:pro|je) halbjahr\b|halbj\.|"
    rf"{OFTEN} halbe[ns]? jahre?s?|alle halbe jahr|(?:zwei|2) ?(?:mal|"
    rf"x) (?:{PER}jahr|jaehrlich)|{OFTEN} halbjahr|{ONCE} {PER}halbjahr|halbjaehrl\.?": (
        "MONTHLY",
        6,
    ),
    rf"vierteljaehrlich(?:e[nrs]?)?|(?:pro|je) quartal\b|quartalsweise[nrs]?|quartalsweise|quartalsmaessig|"
    rf"{OFTEN} (?:quartale?|vierteljahr|"
    rf"viertel jahr)\b|{ONCE} {PER}(?:quartal|vierteljahr)|zum ersten "
    rf"jede[sn] quartals|(?:vier|4) ?(?:mal|x) (?:{PER}jahr|jaehrlich)|"
    rf"zu[mr]? jede[mn] quartals\w+": (
        "MONTHLY",
        3,
    ),
    rf"(?:zwei|2)[- ]?monatlich|{OFTEN} (?:zweiten|2\.) monat\b": ("MONTHLY", 2),
    rf"(?:zwei|2)[- ]?jaehrlich|{OFTEN} (?:zweite|2\.) jahr\b": ("YEARLY", 2),
    rf"(?:all)?monatlich(?:e[nrs]?)?|(?:pro|je) monat\b|monatl\.?|mtl\.?|{OFTEN} monate?s?\b|{ONCE} {PER}monat": (
        "MONTHLY",
        1,
    ),
    rf"(?:all)?jaehrlich(?:e[nrs]?)?|(?:pro|je) jahr\b|jaehrl\.?|{OFTEN} jahre?\b|{ONCE} {PER}jahr": ("YEARLY", 1),
}
SIMPLE_PATTERNS = [(re.compile(rf"\b(?:{pattern})(?![a-z])"), rule) for pattern, rule in SIMPLE.items()]
MONTHLY = SIMPLE_PATTERNS[[*SIMPLE.values()].index(("MONTHLY", 1))][0]
COUNT = rf"({any_of(word for word in NUMBERS if len(word) > 2)}|\d+)"
RHYTHM = re.compile(rf"\b{COUNT}[- ]?(wochen|monat|tage)s?[- ]?(?:takt|rhythmus|turnus|abstand)\b()")
EVERY_LY = re.compile(rf"\b{COUNT}[- ]?(woechent|monat|jaehr|taeg)lich(?:e[nrs]?)?\b()")
LY = {"woechent": "woche", "monat": "monat", "jaehr": "jahr", "taeg": "tag"}
WORKDAYS = re.compile(
    r"\b(?:werktags|werktaeglich|(?:jeden|an jedem) (?:werktag|arbeitstag)|arbeitstaeglich|"
    r"unter der woche|mo\.? ?(?:-|bis) ?fr\b\.?|"
    r"montags? (?:-|bis) freitags?\b)"
)
NTH = rf"(?:{ORDINAL}|[1-5]\.|letzten?\w?)"
NTH_WEEKDAY = re.compile(
    rf"\b(?:{OFTEN}|{IMMER}(?: am)?|an jedem|am|monatlich,?(?: am)?) (?P<nths>{NTH}(?:,? (?:und|u\.) {NTH})*) "
    rf"(?P<day>{DAY})s?\b(?P<month> (?:im|in jedem|(?:ein|jed|d)es) monate?s?| (?:eines )?jeden monats)?"
)
WEEKDAYS_ON = re.compile(rf"\b({LONG_WEEKDAY})s\b")
WEEKLY_ON = re.compile(
    rf"\b(?:(?:{OFTEN}|an jedem) ({DAY})(?:s? ?{DAYTIME})?|(?:{IMMER} |jede woche |woechentlich |wochen )(?:am |an |"
    rf"freitag )?({DAY})s?|({LONG_WEEKDAY})s)\b"
    rf"(?P<more>(?:(?:,| und| u\.|/| \+)+ ?(?:jeden )?{DAY}s?\b)*)"
)
EVERY = re.compile(rf"\b(?:alle|alel|jede[nrsm]?) ({WHOLE}) ?({UNIT})(?:,? (?:am |immer |jeweils )?({DAY})s?\b)?")
EVERY_NTH = re.compile(rf"\bjede[nrsm]? ({ORDINAL}|\d+\.) (tag|woche|monat|jahr|quartal)\b()")
MONTH_DAY = re.compile(
    rf"\b(?:jeden|an jedem|zu jedem) (?:(\d{{1,2}})\.?(?:ten)?|({ORDINAL}))(?: (?:tag )?(?:des|im|"
    rf"eines) monate?s?)?(?![\d.:])(?! ?(?:{DAY}|{UNIT}))"
)
ALWAYS_ON = re.compile(rf"\b(?:immer|jeweils|stets) (?:(?:am|zum) (?=\d{{1,2}}\.(?! ?(?:\d|{MONTH})))|zum (?=ersten))")
MONTH_FIRST = re.compile(r"\b(?:jeden |zum |am |immer zum )?monatsersten\b")
WORKDAY = r"(?:ersten|letzten) (?:werk|arbeits)tag"
NTH_WORKDAY = re.compile(
    rf"\b(?:jeden monat|monatlich),? (?:immer )?(?:am|zum) {WORKDAY}(?: (?:im|des) monats?)?\b|"
    rf"\b(?:jeden|am|zum) {WORKDAY} (?:im monat|(?:jed|ein|d)e[ns] monats)\b"
)
QUARTER_END = re.compile(rf"\b(?:{IMMER} (?:am|zum)|jede[sm]|zu jedem) quartalsende\b")
MONTH_END = re.compile(
    r"\bjede[nrs]? (?:letzten? tag (?:im|des|eines) monate?s?|monatsletzten)\b|"
    r"\b(?:immer|jeweils) (?:am|zum) monatsletzten\b|"
    r"\b(?:(?:jede[snm]|immer zum|jeweils zum|immer am|jeweils am|zu jedem) monatsende|(?:jeden monat|"
    r"monatlich|immer) (?:am|zum) "
    r"(?:letzten(?: tag)?(?! \w*tag)|ende|monatsende)|am letzten tag (?:jeden|des|jedes|im) monats?|"
    r"am ende jede[sn] monats)\b"
)


@dataclass(frozen=True)
class Repeat:
    """`rule` as the store keeps it; `days`: an RRULE of the days it may fall on, if it says so; where it stands."""

    rule: str
    span: tuple[int, int]
    step: tuple[int, int]
    days: str | None = None

    @property
    def on_weekday(self) -> bool:
        """Whether a weekday was named; "werktags" names none."""
        return self.days is not None and "BYDAY" in self.days and WORKING_WEEK not in self.days

    def first_day(self, now: datetime, clock: time | None) -> date:
        """The first occurrence after `now`; without days of its own, one step from today."""
        here = local(now)
        later_today = clock is not None and clock > here.time()
        if self.days is not None:
            return first_by_rule(self.days, here.date(), or_today=later_today)
        months, days = self.step
        return here.date() if later_today and self.rule == "daily" else moved_by(here.date(), months=months, days=days)


def read_repeat(text: str) -> str | None:
    """daily, weekly, monthly, quarterly, half-yearly, yearly, or an RRULE; None if it is said once."""
    found = find_repeat(fold(text, mend_time))
    return found.rule if found else None


def find_repeat(folded: Folded) -> Repeat | None:
    """The repetition said, the most precise first."""
    text = folded.text
    for find in (nth_workday, workdays, month_end, quarter_end, nth_weekday, every, month_day, weekly_on, simple):
        found = find(text)
        if found:
            return found
    return None


def repeat(frequency: str, interval: int, span: tuple[int, int], days: str | None = None) -> Repeat:
    if frequency == "DAILY" and interval % 7 == 0:
        frequency, interval = "WEEKLY", interval // 7
    if frequency == "MONTHLY" and interval % 12 == 0:
        frequency, interval = "YEARLY", interval // 12
    rule = NAMES.get((frequency, interval)) or f"FREQ={frequency};INTERVAL={interval}"
    return Repeat(rule, span, step(frequency, interval), days)


def step(frequency: str, interval: int) -> tuple[int, int]:
    months, days = STEPS[frequency]
    return months * interval, days * interval


def own_rule(rule: str, match: re.Match[str], frequency: str) -> Repeat:
    return Repeat(rule, match.span(), step(frequency, 1), rule)


def workdays(text: str) -> Repeat | None:
    match = WORKDAYS.search(text)
    return own_rule(WORKING_DAYS, match, "WEEKLY") if match else None


def month_end(text: str) -> Repeat | None:
    match = MONTH_END.search(text)
    return own_rule("FREQ=MONTHLY;BYMONTHDAY=-1", match, "MONTHLY") if match else None


def nth_workday(text: str) -> Repeat | None:
    match = NTH_WORKDAY.search(text)
    if match is None:
        return None
    place = -1 if "letzte" in match.group() else 1
    return own_rule(f"FREQ=MONTHLY;BYDAY={WORKING_WEEK};BYSETPOS={place}", match, "MONTHLY")


def quarter_end(text: str) -> Repeat | None:
    match = QUARTER_END.search(text)
    return repeat("MONTHLY", 3, match.span(), "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1") if match else None


def nth_weekday(text: str) -> Repeat | None:
    """ "jeden zweiten freitag" without "im monat" is every other one."""
    match = NTH_WEEKDAY.search(text)
    if match is None:
        return None
    always = not match.group().startswith("am ")
    if not match.group("month") and not always and not MONTHLY.search(text):
        return None
    said = re.findall(NTH, match.group("nths"))
    nths = [-1 if nth.startswith("letzt") else whole(nth.rstrip(".")) for nth in said]
    day = code(match.group("day"))
    if not match.group("month") and nths == [2]:
        return repeat("WEEKLY", 2, match.span(), f"FREQ=WEEKLY;BYDAY={day}")
    if not all(-1 <= nth <= 5 and nth for nth in nths):
        return None
    return own_rule(f"FREQ=MONTHLY;BYDAY={','.join(f'{nth}{day}' for nth in nths)}", match, "MONTHLY")


def every(text: str) -> Repeat | None:
    match = next(filter(None, (pattern.search(text) for pattern in (EVERY, EVERY_NTH, RHYTHM, EVERY_LY))), None)
    if match is None:
        return None
    unit = LY.get(match.group(2)) or match.group(2).rstrip(".")
    kind, size = next(value for pattern, value in UNITS.items() if re.fullmatch(pattern, unit))
    count = whole(match.group(1).rstrip(".")) * size
    weekday = match.group(3) or (kind == "days" and size == 7 and beside(text, match))
    days = f"FREQ=WEEKLY;BYDAY={code(weekday)}" if weekday else None
    return repeat("DAILY" if kind == "days" else "MONTHLY", count, match.span(), days) if 0 < count < 1000 else None


def beside(text: str, rhythm: re.Match[str]) -> str | None:
    """The weekday said beside a rhythm: "im dreiwochenrhythmus mittwochs"."""
    named = next((day for day in WEEKDAYS_ON.finditer(text) if not rhythm.start() <= day.start() < rhythm.end()), None)
    return named.group(1) if named else None


def month_day(text: str) -> Repeat | None:
    first = MONTH_FIRST.search(text)
    if first:
        return repeat("MONTHLY", 1, first.span(), "FREQ=MONTHLY;BYMONTHDAY=1")
    match = MONTH_DAY.search(text)
    day = whole(match.group(1) or match.group(2)) if match else 0
    if match and 1 <= day <= 31:
        return repeat("MONTHLY", 1, match.span(), f"FREQ=MONTHLY;BYMONTHDAY={day}")
    always = ALWAYS_ON.search(text)
    return repeat("MONTHLY", 1, (always.start(), always.start() + len("immer"))) if always else None


def weekly_on(text: str) -> Repeat | None:
    match = WEEKLY_ON.search(text)
    if match is None:
        return None
    named = [code(day) for day in match.group(1, 2, 3) if day]
    named += [code(day) for day in re.findall(rf"\b({DAY})s?\b", match.group("more"))]
    days = ",".join(day for day in CODES if day in named)
    if len(set(named)) > 1:
        return own_rule(f"FREQ=WEEKLY;BYDAY={days}", match, "WEEKLY")
    rhythm = simple(text)
    if rhythm is not None and rhythm.rule.startswith("FREQ=WEEKLY"):
        return replace(rhythm, span=match.span(), days=f"FREQ=WEEKLY;BYDAY={days}")
    return repeat("WEEKLY", 1, match.span(), f"FREQ=WEEKLY;BYDAY={days}")


def simple(text: str) -> Repeat | None:
    for pattern, (frequency, interval) in SIMPLE_PATTERNS:
        match = pattern.search(text)
        if match:
            return repeat(frequency, interval, match.span())
    return None


def code(day: str) -> str:
    return CODES[WEEKDAYS[day.rstrip(".")]]
