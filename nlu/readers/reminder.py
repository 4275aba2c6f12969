"""Reads a reminder from one message: which case, when, how often, and of what."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.clock import find_clocks
from nlu.readers.dates import SHIFTED, FoundDue, find_due, minutes_before
from nlu.readers.days import find_days
from nlu.readers.folding import Folded, fold
from nlu.readers.reckoning import first_by_rule
from nlu.readers.repeats import Repeat, find_repeat
from nlu.readers.results import Ambiguous, Due, Impossible, InPast, local
from nlu.readers.subject import read_subject
from nlu.readers.vocabulary import mend_time

STARTS = re.compile(
    r"\b(?:naechste[rsn]?|start\w*|los (?:geht'?s|mit|am)|beginn\w*|erstmals|(?:zum ersten|das erste) mal|"
    r"erste[rs]?(?: termin(?: ist)?)?)\b:? ?(?:der )?"
    r"(?=.*\d)"
)
"""What comes after it is the first occurrence."""
ASKED = re.compile(
    r"\b(?:wv|wiedervorl\w*|wvl|erinner\w*|reminder|hinweis|meld(?:e|en|est)?|vormerken|sag\w*|schubs|"
    r"(?:an)?stups\w*|piep\w*|leg\w*|denk\w*|vormerk\w*|weck\w*|ping\w*|klingel\w*|notier\w*|mahn\w*)\b"
)
REACH = 160
"""Characters within which a date follows the word that asks for it."""
CLAUSE_END = re.compile(r"[,;!?:\n]+(?=\D)|(?<!\d)\.(?= [a-z])")
TELLS = re.compile(r"\b(?:hat|hab|habe|haben|ist|sind|endet|laeuft|kommt|wird|bin|meldet)\b")
TO_DO = re.compile(r"\b[a-z]{3,}en\b")
ONLY_LED = re.compile(
    r"[ :,]*(?:(?:mich|mir|dir|sie|sich|uns|bitte|dann|also|dran|daran|schon|wieder|noch|mal|erst|am|im|auf|"
    r"fuer|den|dem|der|lieber|so|"
    r"spaetestens|vor|anfang)\b[ ,]*)*"
)


@dataclass(frozen=True)
class ReminderSlots:
    """What a message says; None for what it does not.

    `due` is an ISO day or, with a clock time, an ISO moment on the German clock; `problem` says why what was said is no
    due date. `cases` holds every case number, `case` the only one. `named`: the day was said as a date or weekday ("am
    31.3.", "freitag", "morgen"), not reckoned from a span, a part of a month or a repetition without a weekday.
    """

    case: str | None = None
    due: str | None = None
    repeat: str | None = None
    subject: str | None = None
    cases: tuple[str, ...] = ()
    problem: Impossible | InPast | Ambiguous | None = None
    named: bool = False


def read_reminder(text: str, now: datetime, cases: CaseNumberReader) -> ReminderSlots:
    """Everything the message says. A repetition without a date is due at its first occurrence after `now`."""
    folded = fold(text, mend_time)
    numbers = cases.read(folded.typed) or cases.read_bare(folded.typed)
    case_spans = [(bisect_left(folded.offsets, n.start), bisect_left(folded.offsets, n.end)) for n in numbers]
    taken = folded.without(*case_spans)
    repeat = find_repeat(taken)
    due = when(taken, repeat, now)
    spans = [*(due.spans if due else ()), *([repeat.span] if repeat else [])]
    rest = taken.without(*spans)
    others = [(day.start, day.end) for day in find_days(rest.text, local(now).date(), ahead=True)]
    spans += others
    spans += [(clock.start, clock.end) for clock in find_clocks(rest.text)]
    spans += [match.span() for match in SHIFTED.finditer(rest.text)]
    again = find_repeat(taken.without(*spans)) if repeat else None
    spans += [again.span] if again else []
    different = tuple(dict.fromkeys(number.number for number in numbers))
    return ReminderSlots(
        case=different[0] if len(different) == 1 else None,
        due=due.due.iso() if due and isinstance(due.due, Due) else None,
        repeat=repeat.rule if repeat else None,
        subject=read_subject(folded, [*case_spans, *spans], due.spans if due else (), others),
        cases=different,
        problem=None if due is None or isinstance(due.due, Due) else due.due,
        named=due is not None and due.named,
    )


def when(folded: Folded, repeat: Repeat | None, now: datetime) -> FoundDue | None:
    """What is said beside the repetition, else its first occurrence."""
    if repeat is None:
        return after_marker(folded, now) or where_asked(folded, now) or find_due(folded, now)
    beside = folded.without(repeat.span)
    starts = STARTS.search(beside.text)
    said = (starts and from_there(beside, starts.end(), now)) or find_due(beside, now)
    at = clock_said(folded, repeat, now)
    if said is None or (not said.dated and isinstance(said.due, Due)):
        return FoundDue(Due(repeat.first_day(now, at), at), said.spans if said else (), repeat.on_weekday)
    if isinstance(said.due, Ambiguous):
        return FoundDue(Due(said.due.options[-1], at), said.spans, said.named)
    if isinstance(said.due, Due) and repeat.days:
        first = Due(first_by_rule(repeat.days, said.due.day, or_today=True), at)
        return FoundDue(first, said.spans, said.named or repeat.on_weekday)
    return said


def clock_said(folded: Folded, repeat: Repeat, now: datetime) -> time | None:
    """The time said beside a repetition, read with it: "jeden abend um sechs"."""
    clocks = find_clocks(folded.text)
    beside = [clock for clock in clocks if not repeat.span[0] <= clock.start < repeat.span[1]]
    at = next((clock.meant for clock in beside or clocks if not isinstance(clock.meant, Impossible)), None)
    ahead = minutes_before(folded.text)
    if at is None or ahead is None:
        return at
    return (datetime.combine(local(now).date(), at) - timedelta(minutes=ahead.minutes)).time()


def after_marker(folded: Folded, now: datetime) -> FoundDue | None:
    """A date right after the word that asks for the reminder: "frist 8.9., WV 1.9."."""
    for marker in ASKED.finditer(folded.text):
        found = from_there(folded, marker.end(), now, marker.end() + REACH)
        days = find_days(folded.text[marker.end() : marker.end() + REACH], local(now).date(), ahead=True)
        if not days or not found or all(days[0].start + marker.end() != start for start, _ in found.spans):
            continue
        if isinstance(found.due, Due) and ONLY_LED.fullmatch(folded.text[marker.end() : found.spans[0][0]]):
            return found
    return None


def where_asked(folded: Folded, now: datetime) -> FoundDue | None:
    """Of several days, the one in the clause that asks, or says what to do after one that only tells.

    "bis 31.5. vollmacht, am 24.5. daran denken"; "prüfung ist ende juni, am 20.6. anrufen".
    """
    if len(find_days(folded.text, local(now).date(), ahead=True)) < 2 or SHIFTED.search(folded.text):
        return None
    at, told = 0, False
    for stop in (*CLAUSE_END.finditer(folded.text), None):
        end = stop.start() if stop else len(folded.text)
        to_do = told and TO_DO.search(folded.text, at, end) and not TELLS.search(folded.text, at, end)
        told = told or TELLS.search(folded.text, at, end) is not None
        if to_do or ASKED.search(folded.text, at, end):
            found = find_due(folded.part(at, end), now)
            if found and find_days(folded.text[at:end], local(now).date(), ahead=True) and isinstance(found.due, Due):
                return shifted(found, at)
        at = stop.end() if stop else end
    return None


def shifted(found: FoundDue, by: int) -> FoundDue:
    return found._replace(spans=tuple((start + by, end + by) for start, end in found.spans))


def from_there(folded: Folded, start: int, now: datetime, end: int | None = None) -> FoundDue | None:
    """When it is due by what stands after `start`, and before `end`."""
    found = find_due(folded.part(start, len(folded.text) if end is None else min(end, len(folded.text))), now)
    return found and shifted(found, start)
