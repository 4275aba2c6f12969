"""Finds days in folded text: "letzten freitag", "3.3.", "in 6 wochen", "ende oktober", "kw 12"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from nlu.readers.numbers import NUMBER, ORDINAL, ORDINALS, WHOLE, any_of, number, whole
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
PARTS = {"anfang": 0, "anf": 0, "anf.": 0, "anfagn": 0, "mitte": 1, "ende": 2, "eidne": 2, "letzten": 2}


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


def find_days(text: str, today: date, *, ahead: bool) -> list[FoundDays]:
    """All days said, in their order. Days without year, month or week are the next such day, or the last one."""
    view = View(today, ahead)
    found: list[FoundDays] = []
    for pattern, resolve in PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other.end and other.start < end for other in found):
                continue
            try:
                meant: Days | Impossible | Ambiguous = resolve(match, view)
            except (ValueError, OverflowError):
                meant = Impossible(match.group().strip())
            found.append(FoundDays(start, end, meant))
    return sorted(joined(sorted(found), text))


def joined(found: list[FoundDays], text: str) -> Iterator[FoundDays]:
    """ "freitag, 3.4.": a weekday beside its date is one day; where they contradict, both come into question."""
    waiting: FoundDays | None = None
    for here in found:
        if waiting is not None and re.fullmatch(r",? ?(?:den |dem |der )?", text[waiting.end : here.start]):
            said = text[waiting.start : waiting.end]
            if text.startswith("bis", here.start):
                yield waiting
                waiting = here
                continue
            if is_weekday(said) and isinstance(here.meant, Days) and here.meant.named:
                agree = weekday_in(said) == here.meant.first.weekday()
                options = sorted(
                    {here.meant.first, *([waiting.meant.first] if isinstance(waiting.meant, Days) else [])}
                )
                meant = here.meant if agree else Ambiguous(text[waiting.start : here.end], tuple(options))
                waiting = FoundDays(waiting.start, here.end, meant)
                continue
            if is_weekday(said):
                waiting = FoundDays(waiting.start, here.end, here.meant)
                continue
        if waiting is not None:
            yield waiting
        waiting = here
    if waiting is not None:
        yield waiting


def is_weekday(said: str) -> bool:
    return re.fullmatch(rf"{AT}{WEEKDAY}", said.strip()) is not None or said.strip(". ") in WEEKDAYS


def weekday_in(said: str) -> int:
    """The weekday (Monday is 0) a word names, long or short, with or without the time of day."""
    word = said.strip().split()[-1].strip(".,") if said.strip(". ") not in WEEKDAYS else said.strip(". ")
    for name, day in WEEKDAYS.items():
        if (len(name) > 2 and name in said) or word == name:
            return day
    raise ValueError(said)


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


def nth_of_month(match: re.Match[str], view: View) -> Days:
    """ "am letzten freitag im november"."""
    nth, named, month, four, two = match.groups()
    year = full_year(four, two)
    for start in (date((year or view.today.year) + later, month_number(month), 1) for later in (0, 1)):
        days = [start + timedelta(days=step) for step in range(last_of_month(start).day)]
        falling = [day for day in days if day.weekday() == weekday_in(named)]
        day = falling[-1] if nth.startswith("letzt") else falling[whole(nth.rstrip(".")) - 1]
        if year or not view.ahead or day >= view.today:
            break
    return one(day)


def iso_day(match: re.Match[str], view: View) -> Days:
    return one(date(*map(int, match.groups())))


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


def day_of_shifted_year(match: re.Match[str], view: View) -> Days:
    """ "nächstes jahr am 3. mai"."""
    shift, day, month = match.groups()
    return one(date(view.today.year + shift_of(shift), month_number(month), whole(day)))


def day_in_shifted_month(match: re.Match[str], view: View) -> Days:
    """ "nächsten monat am 13."."""
    shift, figure, word = match.groups()
    return one(month_start(view.today, shift_of(shift)).replace(day=whole(figure or word)))


def day_then_year(match: re.Match[str], view: View) -> Days:
    """ "am 12.4. nächstes jahr"."""
    day, month, shift = match.groups()
    return one(date(view.today.year + shift_of(shift), month_number(month), whole(day)))


def month_then_day(match: re.Match[str], view: View) -> Days | Ambiguous:
    """ "im september, am 7."."""
    month, day = match.groups()
    return in_year_without(whole(day), month_number(month), view, match.group().strip())


def month_number(said: str) -> int:
    name = said.strip(". ")
    return MONTHS[name] if name in MONTHS else int(name)


def near_day(match: re.Match[str], view: View) -> Days:
    """ "heute", "gestern"; "heute in 14 tagen"."""
    word = match.group(1)
    day = view.today - timedelta(days=word.count("vor") + 1 if word.endswith("gestern") else 0)
    if "morgen" in word:
        day = view.today + timedelta(days=1 + word.count("ueber"))
    return Days(due := moved(day, *match.group(2, 3, 4)), due, counted=match.group(2) is not None)


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


def offset(match: re.Match[str], view: View) -> Days:
    return reckoned(moved(view.today, *match.groups()))


def part_of_year(match: re.Match[str], view: View) -> Days:
    direction, count, size = match.groups()
    months = {"1/2": 6, "halb": 6, "1/4": 3, "vier": 3, "3/4": 9, "drei": 9}[size[:4].strip()]
    months += 12 * int(number(count)) if count and count not in ("einem", "ein", "nem", "1") else 0
    return reckoned(moved_by(view.today, months=-months if direction == "vor" else months))


def weekday_of_week(match: re.Match[str], view: View) -> Days:
    groups = match.groupdict()
    start = monday(view.today) + timedelta(weeks=shift_of(groups["shift"]))
    return one(start + timedelta(days=weekday_in(groups["weekday"])))


def weekday_weeks_on(match: re.Match[str], view: View) -> Days:
    """ "in 2 wochen am montag"."""
    direction, count, weekday = match.groups()
    start = monday(moved(view.today, direction, count, "wochen"))
    return one(start + timedelta(days=weekday_in(weekday)))


def weekday(match: re.Match[str], view: View) -> Days:
    """The next such day after today, or the last one before it; "montag in einer woche" counts on from there."""
    groups = match.groupdict()
    wanted = weekday_in(groups["weekday"])
    shift = shift_of(groups["shift"]) if groups["shift"] else None
    ahead = view.ahead if shift is None else shift > 0
    if shift == 0:
        return one(monday(view.today) + timedelta(days=wanted))
    if groups["direction"]:
        ahead = groups["direction"] != "vor"
    day = upcoming(wanted, view.today) if ahead else upcoming(wanted, view.today - timedelta(days=8))
    if shift is not None and abs(shift) == 2:
        day += timedelta(weeks=1 if shift > 0 else -1)
    return one(moved(day, groups["direction"], groups["count"], groups["unit"]))


def upcoming(wanted: int, today: date) -> date:
    """The first such weekday after today."""
    return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)


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


def part_of(kind: str, part: int, today: date, shift: int) -> date:
    if kind in ("wo", "woch", "wochen"):
        return monday(today) + timedelta(weeks=shift, days=(0, 2, 4)[part])
    if kind == "monat":
        return part_day(("anfang", "mitte", "ende")[part], month_start(today, shift))
    length = 3 if kind == "quartal" else 12
    start = month_start(today.replace(month=(today.month - 1) // length * length + 1, day=1), shift * length)
    middle = moved_by(start, months=length // 2).replace(day=15 if length == 3 else 1)
    return [start, middle, moved_by(start, months=length, days=-1)][part]


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


MONTH_ORDINAL = any_of(word for word, value in ORDINALS.items() if value <= 12 and word.endswith("en"))
DAY_NUMBER = r"(?<![\d.,:/])(?<![\da-z]-)(\d{1,2})"
MOVE = rf"(?: (in|vor|ueber) ({NUMBER}) ({UNIT}))?"
ABOUT = r"(?:(?:etwa|ca\.?|rund|genau|knapp|gut|so|ungefaehr|spaetestens) )?"
NOT_A_DATE = r"(?! ?(?:uhr|h\b|std|stunden?|min|k\b|euro|eur\b|€|%|mal\b|prozent))"

PATTERNS: list[tuple[re.Pattern[str], Resolver]] = [
    (
        re.compile(rf"{AT}\b({SHIFT}) jahr(?:es)?,? (?:am |den )?{DAY_NUMBER}\. ?({MONTH}|\d{{1,2}}\.(?!\d))"),
        day_of_shifted_year,
    ),
    (
        re.compile(rf"{AT}{DAY_NUMBER}\. ?({MONTH}|\d{{1,2}}\.?(?!\d)),? (?:im |des )?({SHIFT}) jahr(?:e?s)?\b"),
        day_then_year,
    ),
    (
        re.compile(rf"{AT}\b({SHIFT}) monate?s?,? am (?:{DAY_NUMBER}\.?(?![\d.:])|({ORDINAL})(?! {WEEKDAY}))"),
        day_in_shifted_month,
    ),
    (re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)"), iso_day),
    (re.compile(rf"{AT}{DAY_NUMBER}\. ?(\d{{1,2}})\.{YEAR}(?!\d)"), calendar_day),
    (re.compile(rf"{AT}{DAY_NUMBER}/(\d{{1,2}})/(?:((?:19|20)\d{{2}})|(\d{{2}}))(?!\d)"), calendar_day),
    (re.compile(rf"{AT}{DAY_NUMBER}\.(1[0-2]|0?[1-9])()()(?![\d.,:]){NOT_A_DATE}"), calendar_day),
    (
        re.compile(rf"{AT}(?:{DAY_NUMBER}\.?|\b({ORDINAL})) ?(?:tem |ten |te )?({MONTH}){YEAR}"),
        spoken,
    ),
    (
        re.compile(
            rf"\bim ({MONTH}),? (?:(?:und zwar|am besten|gleich|so|sagen wir|etwa) ){{0,2}}am {DAY_NUMBER}\.(?!\d)"
        ),
        month_then_day,
    ),
    (
        re.compile(
            rf"{AT}\b(anfang|anf\.?|anfagn|mitte|ende|eidne|letzte[nr]? tag|ultimo|monatsende|monatsanfang|monatsmitte|"
            rf"(?:anfang|mitte|ende) des monats) (?:im |des |vom |von )?({MONTH}){YEAR}"
        ),
        part_of_month,
    ),
    (re.compile(rf"\bim ({MONTH}){YEAR},? (?:so |etwa )?(anfang|mitte|ende)\b"), month_then_part),
    (re.compile(rf"{AT}\bletzte[nr]? ({any_of(MONTHS)})tag\b{YEAR}"), last_day_of),
    (
        re.compile(
            rf"{AT}\b(?:(?P<part>anfang|anf\.?|mitte|ende) (?:de[sr] |vom )?(?:(?P<shift>{SHIFT}) )?"
            r"(?P<kind>monate?s?|woche|wo|quartals?|jahre?s?)\b|(?P<kind2>monats|quartals|jahres|"
            r"wochen)(?P<part2>ende|anfang|mitte|letzten)\b"
            r"(?<!wochenende))"
        ),
        part_of_span,
    ),
    (re.compile(rf"{AT}\b({ORDINAL}|[1-5]\.|letzte[nr]?) ({LONG_WEEKDAY}) (?:im |in )?({MONTH}){YEAR}"), nth_of_month),
    (re.compile(rf"{AT}(?:\b({SHIFT}) )?\bwochenende\b"), weekend),
    (
        re.compile(
            rf"{AT}\b(?P<shift>{SHIFT}) (?:woche|wo)\b\.?,? (?:am |den |noch )?\b(?P<weekday>{WEEKDAY})(?![a-z])"
            rf"(?: {DAYTIME}\b)?"
        ),
        weekday_of_week,
    ),
    (
        re.compile(rf"{AT}\b(?P<weekday>{WEEKDAY})(?![a-z]),? (?:in )?(?:der )?(?P<shift>{SHIFT}) woche\b"),
        weekday_of_week,
    ),
    (re.compile(r"(?<!\b(?:mo|di|mi|do|fr) )\b(in) (\d+) ?(mo|wo|w|j)\b\.?"), offset),
    (re.compile(rf"\b(in|vor) ({WHOLE}) wochen? (?:am )?\b({WEEKDAY})(?![a-z])"), weekday_weeks_on),
    (
        re.compile(
            rf"{AT}\b(?:(?P<shift>{SHIFT}) )?\b(?P<weekday>{WEEKDAY})(?![a-z])(?: {DAYTIME}\b)?"
            rf"(?: (?P<direction>in|vor|ueber) (?P<count>{NUMBER}) (?P<unit>{UNIT}))?"
        ),
        weekday,
    ),
    (
        re.compile(
            rf"{AT}\b(heut(?:e|iges?|igen tage?|igen?|iger)?|heuet|huete|hete|heite|(?:vor)*gestern|(?:ueber)+morgen|"
            rf"(?<!am )(?<!guten )(?<!jeden )(?<!pro )morgen)\b"
            rf"(?: {DAYTIME}\b)?{MOVE}"
        ),
        near_day,
    ),
    (
        re.compile(
            rf"\b(in|vor) {ABOUT}(?:({WHOLE}) )?(halbe[nmrs]? |halb|viertel|dreiviertel|"
            rf"drei viertel|[13]/[24]) ?jahr(?:en?)?\b"
        ),
        part_of_year,
    ),
    (re.compile(rf"\b(in|vor|ueber) {ABOUT}({NUMBER}) ?({UNIT})"), offset),
    (re.compile(rf"{AT}{DAY_NUMBER}\.? (?:de[sr] )?({SHIFT}) monate?s\b"), day_of_shifted_month),
    (
        re.compile(
            r"{at}(?:\b(?:kw|kalenderwoche)\.? ?(?P<week>\d{1,2})|(?<!\d)(?P<week2>\d{1,2})\. ?(?:kw|"
            r"kalenderwoche))\b(?:[ /](?P<year>20\d\d))?".replace("{at}", AT)
        ),
        calendar_week,
    ),
    (re.compile(rf"{AT}\b({SHIFT}) (woche|wo\b|monats?|quartals?|jahre?s?)\b"), whole_span),
    (
        re.compile(rf"(?:^|(?<=[,:>\x00] )|(?<=[,:>\x00]))({MONTH}){YEAR}(?= ?(?:[,;.\x00]|$))(?<!mai\. )"),
        month_alone,
    ),
    (re.compile(rf"{AT}\b({ORDINAL}) ({MONTH_ORDINAL})\b{YEAR}(?! ?{WEEKDAY})"), spoken_month),
    (re.compile(rf"(?:\b(?:im|bis|ab|seit|in|ganzen) |(?<=\bwv )|(?<=\bwiedervorlage ))({MONTH}){YEAR}"), month_alone),
    (
        re.compile(
            rf"\b(?:am|zum|bis|ab|den|dem|vom|der) (?:zum )?(\d{{1,2}})(?:\.|te[nr]|\b)(?![\d:]|"
            rf"[.,]\d){NOT_A_DATE}(?! ?{UNIT})"
        ),
        day_of_month,
    ),
    (
        re.compile(
            rf"\b(?:am|zum|bis|ab|den|vom) (?:zum )?({ORDINAL})(?! (?:mal|schritt|termin|teil|blick|tag|kontakt|"
            rf"{WEEKDAY}|{SHIFT}))"
        ),
        day_of_month,
    ),
]
