"""Reads the day of a talk, the days of an absence, and when something is due. `now` is aware; days are German ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, TypeVar

from nlu.readers.clock import FoundClock, find_clocks
from nlu.readers.day_spans import moved
from nlu.readers.day_words import MONTH, UNIT, Days, FoundDays, reckoned
from nlu.readers.days import find_days
from nlu.readers.duration import FoundMinutes, find_minutes
from nlu.readers.folding import Folded, fold
from nlu.readers.numbers import NUMBER
from nlu.readers.reckoning import moved_by
from nlu.readers.results import ZONE, Ambiguous, Day, Due, Impossible, InFuture, InPast, Period, local
from nlu.readers.vocabulary import mend_time

NEAR = re.compile(r"\b(?:heut|gestern|vorgestern)")
"""Words that by themselves mean the day of the talk."""
LASTING_SINCE = ("seit ", "bis ", "ab ")
SHORT_RANGE = re.compile(
    rf"(?:\b(?:vom|von|ab) )?(?<![\d.,])(\d{{1,2}})\.? ?(?:-|bis(?: zum)?) ?(?=\d{{1,2}}\. ?(?:\d{{1,2}}\.|{MONTH}))"
)
UNTIL = re.compile(r"\bbis\b|-|\bund\b")
LASTING = re.compile(rf"\b(fuer )?(?:die |den )?(naechsten )?({NUMBER}) ?({UNIT})")
IN = re.compile(r"\bin(?: etwa| ca\.?| rund| genau)? ")
LONGEST_DURATION = 40
"""Characters of a duration in words."""
BARE_OFFSET = re.compile(rf"(?<![\d.,:/-])(?<!\bvor )(?<!\balle )(?<!\bseit )({NUMBER}) ?({UNIT})")

SHIFTED = re.compile(
    rf"(?P<later>\+|\bplus\b) ?({NUMBER}) ?({UNIT})|"
    rf"({NUMBER}) ?({UNIT}) (?:vorher|zuvor|davor|frueher|vor(?= dem| ablauf| den| der| \d)|im voraus|bevor|ehe)\b|"
    rf"({NUMBER}) ?({UNIT}) (?:nach(?= dem| der| \d)|danach|spaeter)\b|"
    rf"(?:\b(?:am |einen |ein |nen )?(?:tag (?:vorher|davor|zuvor|vor(?= dem| der| termin))|vortag|vorabend)\b)"
)
"""A day counted from another: "4 wochen vorher", "+ 6 monate"."""


NOT_THAT = (
    r"nein|nee|(?<=[?!,] )(?:ne|noe)|nicht(?! ver)|quatsch|sondern|vielmehr|besser|lieber|korrektur|sorry|sagen wir|"
    r"sag(?:en)? (?:wir|ich) lieber|ach was|doch(?= (?:erst|lieber|am))"
)
TAKEN_BACK = re.compile(rf"\b(?:{NOT_THAT})\b")
INSTEAD = re.compile(
    rf"\b(?:{NOT_THAT}|also|deshalb|daher|danach|am besten|genauer|und zwar|das heisst|sprich)\b|\bd\.? ?h\.|"
    r"\bvorher(?: schon)? ?$"
)
"""Between two times: the second one counts."""
LONGEST_CORRECTION = 30
"""Characters between a time and the one that takes its place."""
AHEAD = re.compile(r" ?(?:vorher|davor|zuvor|frueher|im voraus|vor(?= dem| der| beginn))\b")
DENIED = re.compile(r"\bnicht (?:mehr |erst |schon )?$")
BEFORE_CLOCK = re.compile(r"[,!:]? ?(?:um |so |gegen )*")
Found = TypeVar("Found", FoundDays, FoundClock)


class FoundPastDay(NamedTuple):
    """What was said about the day of a talk, and where in the folded text."""

    day: Day | Impossible | InFuture | Ambiguous
    start: int
    end: int


class FoundDue(NamedTuple):
    """What was said about when, and the places of the folded text that say it.

    `named`: they name a date or weekday; `dated`: they say a day at all, not only a time.
    """

    due: Due | Impossible | InPast | Ambiguous
    spans: tuple[tuple[int, int], ...]
    named: bool
    dated: bool = True


def read_past_day(text: str, now: datetime) -> Day | Impossible | InFuture | Ambiguous | None:
    """The day a talk took place; `InFuture` if the day said is still to come. How far back may be is the caller's."""
    found = find_past_day(fold(text, mend_time), now)
    return found.day if found else None


def find_past_day(folded: Folded, now: datetime) -> FoundPastDay | None:
    """The first day said that is not still to come; else the first one said."""
    today = local(now).date()
    days = [
        FoundPastDay(past(found, folded, today), found.start, found.end)
        for found in find_days(folded.text, today, ahead=False)
        if not folded.text[found.start : found.end].startswith(LASTING_SINCE)
    ]
    come = next((day for day in days if not isinstance(day.day, InFuture)), None)
    return come or (days[0] if days else None)


def past(found: FoundDays, folded: Folded, today: date) -> Day | Impossible | InFuture | Ambiguous:
    said = folded.as_typed(found.start, found.end).strip()
    if not isinstance(found.meant, Days):
        return found.meant
    first, last = found.meant.first, min(found.meant.last, today)
    if first > today:
        return InFuture(said, first)
    if not found.meant.named:
        return Ambiguous(said, tuple(first + timedelta(days=later) for later in range((last - first).days + 1)))
    return Day(first)


def read_period(text: str, now: datetime) -> Period | Impossible | InPast | None:
    """The days of an absence, both included. "nächste woche" is Monday to Sunday; "ab montag" has no last day."""
    folded = fold(text, mend_time)
    today = local(now).date()
    try:
        period = short_range(folded.text, today) or from_to(folded.text, today) or single(folded.text, today)
    except (ValueError, OverflowError):
        return Impossible(text.strip())
    if not isinstance(period, Period):
        return period
    if period.last is not None and period.last < period.first:
        return Impossible(text.strip())
    end = period.last or period.first
    return InPast(text.strip(), end) if end < today else period


def days_of(found: FoundDays) -> Days:
    """The days meant; the nearer one where two come into question; raises ValueError for an impossible day."""
    if isinstance(found.meant, Impossible):
        raise ValueError(found.meant.said)
    if isinstance(found.meant, Ambiguous):
        return Days(found.meant.options[0], found.meant.options[0])
    return found.meant


def short_range(text: str, today: date) -> Period | None:
    """ "1.-14.12.": the first day takes its month from the last."""
    match = SHORT_RANGE.search(text)
    found = find_days(text[match.end() :], today, ahead=True) if match else []
    if match is None or not found:
        return None
    last = days_of(found[0]).first
    first = int(match.group(1))
    month = last if first <= last.day else moved_by(last, months=-1)
    return Period(month.replace(day=first), last)


def from_to(text: str, today: date) -> Period | None:
    """Two days with "bis" between them: the coming ones, unless the absence is running already."""
    found = find_days(text, today, ahead=True)
    if len(found) < 2 or not UNTIL.search(text, found[0].end, found[1].end):
        return None
    first = days_of(found[0]).first
    dated = text[found[0].start : found[0].end].strip(" .").rsplit(" ", 1)[-1][:1].isdigit()
    running_last = days_of(found[1]).last
    running_first = days_of(find_days(text, running_last, ahead=False)[0]).first
    if dated and running_first <= today <= running_last:
        return Period(running_first, running_last)
    return Period(first, days_of(find_days(text, first, ahead=True)[1]).last)


def single(text: str, today: date) -> Period | None:
    """One day, week or month; with "ab" or "bis", or with how long it lasts."""
    found = find_days(text, today, ahead=True)
    lasting = LASTING.search(text)
    if not found:
        begins_now = lasting and (lasting.group(1) or lasting.group(2))
        return Period(today, last_of(today, lasting)) if lasting and begins_now else None
    days, said = days_of(found[0]), text[found[0].start : found[0].end]
    if lasting and not found[0].start <= lasting.start() < found[0].end:
        return Period(days.first, last_of(days.first, lasting))
    if said.startswith("bis"):
        return Period(today, days.last)
    if said.startswith(("ab ", "seit ", "von ", "vom ")):
        return Period(days.first, None)
    return Period(days.first, days.last)


def last_of(first: date, lasting: re.Match[str]) -> date:
    return moved(first, "in", *lasting.group(3, 4)) - timedelta(days=1)


def read_due(text: str, now: datetime) -> Due | Impossible | InPast | Ambiguous | None:
    """When something is due, never before `now`. Days without year, month or week are the next such day after today."""
    found = find_due(fold(text, mend_time), now)
    return found.due if found else None


def find_due(folded: Folded, now: datetime) -> FoundDue | None:
    """The first day and the first clock time said; spans of hours count from `now`."""
    here = local(now).replace(second=0, microsecond=0)
    offset = in_hours(folded.text, here)
    if offset:
        return offset
    clocks = find_clocks(folded.text)
    clock = last_said(clocks, folded.text)
    without_clock = folded.without(*((found.start, found.end) for found in clocks)).text
    named = find_days(without_clock, here.date(), ahead=True)
    days = sorted([*named, *bare_offset(without_clock, here.date(), instead_of=named)])
    coming = [day for day in days if not isinstance(day.meant, Days) or day.meant.last >= here.date()]
    day = last_said(coming or days, folded.text)
    if clock is not None and day == next(iter(coming), None):
        day = beside(clock, coming, folded.text) or day
    shift = next(
        (match for match in SHIFTED.finditer(without_clock) if named and day and belongs(match, day, folded.text)), None
    )
    if day and shift:
        day = counted_from(day, shift)
    if day is None and clock is None:
        return None
    spans = tuple((found.start, found.end) for found in (day, clock) if found is not None)
    spans += (shift.span(),) if shift else ()
    spans += taken_back(day, days, folded.text)
    due = due_on(day, clock, here, folded)
    ahead = minutes_before(without_clock) if clock else None
    if ahead is not None:
        due, spans = before_by(due, ahead.minutes, here), (*spans, (ahead.start, ahead.end))
    return FoundDue(due, spans, day is not None and names_day(day), dated=day is not None)


def minutes_before(text: str) -> FoundMinutes | None:
    """ "eine stunde vorher", unless it is taken back; up to the end of the word that says so."""
    for found in find_minutes(text):
        said = AHEAD.match(text, found.end)
        if said and not INSTEAD.search(text, said.end()):
            return found._replace(end=said.end())
    return None


def before_by(
    due: Due | Impossible | InPast | Ambiguous, minutes: int, here: datetime
) -> Due | Impossible | InPast | Ambiguous:
    """A moment earlier on the clock, if it is not over by then."""
    if not isinstance(due, Due) or due.clock is None:
        return due
    moment = datetime.combine(due.day, due.clock) - timedelta(minutes=minutes)
    return due if moment <= here.replace(tzinfo=None) else Due(moment.date(), moment.time())


def last_said(found: Sequence[Found], text: str) -> Found | None:
    """The first one said, unless it was taken back or said again more precisely."""
    said: Found | None = None
    for here in found:
        until = said is not None and isinstance(said, FoundDays) and text.startswith("bis ", said.start)
        if said is None or until or DENIED.search(text, 0, said.start) or INSTEAD.search(text, said.end, here.start):
            said = here
    return said


def taken_back(day: FoundDays | None, days: Sequence[FoundDays], text: str) -> tuple[tuple[int, int], ...]:
    """The places of days that were said by mistake, with the words that say so: "montag geht nicht, dienstag"."""
    before = [other for other in days if day is not None and other.end <= day.start]
    if day is None or not before or day.start - before[-1].end > LONGEST_CORRECTION:
        return ()
    return ((before[-1].start, day.start),) if TAKEN_BACK.search(text, before[-1].end, day.start) else ()


def beside(clock: FoundClock, days: Sequence[FoundDays], text: str) -> FoundDays | None:
    """The day right before a clock time: "sonntag ist feier, montag 8 uhr aufräumen"."""
    return next((day for day in days if BEFORE_CLOCK.fullmatch(text, day.end, clock.start)), None)


def belongs(shift: re.Match[str], day: FoundDays, text: str) -> bool:
    """Whether a shift counts from this day; in "drei monate vorher, also 30.9." the day is what it comes to."""
    after = day.end <= shift.start()
    return after or (shift.end() <= day.start and not INSTEAD.search(text, shift.end(), day.start))


def names_day(found: FoundDays) -> bool:
    return not isinstance(found.meant, Days) or (found.meant.named and not found.meant.counted)


def counted_from(day: FoundDays, shift: re.Match[str]) -> FoundDays:
    """ "4 wochen vorher": the day that lies so far from the one said."""
    if not isinstance(day.meant, Days):
        return day
    _, count, unit, count_before, unit_before, count_after, unit_after = shift.groups()
    count, unit = count or count_after, unit or unit_after
    if not (count or count_before):
        count_before, unit_before = "1", "tag"
    try:
        meant = moved(day.meant.first, "in" if count else "vor", count or count_before, unit or unit_before)
    except (ValueError, OverflowError):
        return day._replace(meant=Impossible(shift.group()))
    return day._replace(meant=reckoned(meant))


def in_hours(text: str, here: datetime) -> FoundDue | None:
    """ "in 2 stunden": on the clock as it will be then, also across a clock change."""
    for match in IN.finditer(text):
        found = find_minutes(text[match.end() : match.end() + LONGEST_DURATION])
        if found and found[0].start == 0:
            span = (match.start(), match.end() + found[0].end)
            try:
                then = local((here.astimezone(UTC) + timedelta(minutes=found[0].minutes)).astimezone(ZONE))
            except OverflowError:
                return FoundDue(Impossible(text[slice(*span)]), (span,), named=False)
            return FoundDue(Due(then.date(), then.time()), (span,), named=False)
    return None


def bare_offset(text: str, today: date, *, instead_of: Sequence[FoundDays]) -> list[FoundDays]:
    """ "WV 6 wochen": a span without "in", where no other day is said or the other one is taken back."""
    begin = instead_of[-1].end if instead_of else 0
    match = BARE_OFFSET.search(text, begin)
    if match is None or (instead_of and not TAKEN_BACK.search(text, begin, match.start())):
        return []
    try:
        day = moved(today, "in", *match.groups())
    except (ValueError, OverflowError):
        return [FoundDays(*match.span(), Impossible(match.group()))]
    return [FoundDays(*match.span(), reckoned(day))]


def due_on(
    day: FoundDays | None, clock: FoundClock | None, here: datetime, folded: Folded
) -> Due | Impossible | InPast | Ambiguous:
    at = clock.meant if clock else None
    if isinstance(at, Impossible):
        return at
    over = at is not None and at <= here.time()
    today = here.date()
    if day is None:
        return Due(today + timedelta(days=1) if over else today, at)
    if isinstance(day.meant, Impossible):
        return day.meant
    if isinstance(day.meant, Ambiguous):
        left = [option for option in day.meant.options if option > today or (option == today and not over)]
        return Due(left[0], at) if len(left) == 1 else day.meant
    due = max(day.meant.first, today) if day.meant.last >= today else day.meant.first
    if due < today or (due == today and over):
        return InPast(folded.as_typed(day.start, day.end).strip(), due)
    return Due(due, at)
