"""Reads messages about reminders: one or several to set, an answer to what was asked, one to be moved or deleted."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time

from actions.operations import (
    AnyOperation,
    FindReminder,
    Leave,
    ListReminders,
    Move,
    MoveReminder,
    ReminderDraft,
    RenameReminder,
    SetPermit,
    SetReminder,
    SetReminders,
)
from actions.store.models import ReminderKind
from actions.talk_requests import ID_BYTES, OTHER_CASE, STOP
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.dates import read_due
from nlu.readers.day_spans import distance
from nlu.readers.day_words import UNIT
from nlu.readers.days import find_days
from nlu.readers.folding import fold
from nlu.readers.numbers import NUMBER
from nlu.readers.reminder import ReminderSlots, read_reminder
from nlu.readers.results import Ambiguous, Due, Impossible, InPast, local
from nlu.readers.vocabulary import mend_time

MOVE = re.compile(r"\b(?:verschieb\w*|verschob\w*|verleg\w*|vertag\w*|spaeter erinnern|(?:schieb|leg)\w* .*\bauf)\b")
DELETE = re.compile(
    r"\b(?:loesch\w*|entfern\w*|streich\w*|stornier\w*|abbestell\w*|nicht mehr erinner\w*|hat sich erledigt)\b"
)
REMINDERS = re.compile(r"\b(?:erinner\w*|wiedervorlage\w*|wvs?|wvl|reminder\w*|re-?assessment\w*|reassessment\w*)\b")
ABOUT_ONE = re.compile(
    r"\b(?:die|den|das|der|dem|meine?[nmrs]?|bitte|mal|mir|mich|doch|an|am|auf|fuer|von|vom|zu|zur|zum|um|und|erinner\w*|"
    r"wiedervorlage\w*|wvs?|termin\w*|reminder\w*|fall|erst|lieber|nicht|mehr|hat|sich|erledigt)\b"
)
RE_ASSESSMENT = re.compile(r"\bre-?\s?assess?ment\w*")
PERMIT = re.compile(r"(?:§+ ?)?\b104 ?c\b|\bchancen-?\s?aufenthalt\w*")
MONTH_ONLY = re.compile(
    r"(?!.*\bende\b)(?!.*\d\d?\.\s?(?:\d|jan|feb|maer|apr|mai|jun|jul|aug|sep|okt|nov|dez))"
    r".*\b(?:januar|februar|maerz|april|mai|juni|juli|august|september|oktober|november|dezember|\d\d?[./]20\d\d)\b.*"
)
MONTH_AND_YEAR = re.compile(r"(?<![\d.])(\d\d?)[./](20\d\d)\b")
MONTHS = 12
PARTS = (re.compile(r"[\n;]+"), re.compile(r"[\n;,]+|\bund (?=am |um |in )"))
"""Where one reminder may end and the next begin: firm ends first."""
MOST_AT_ONCE = 30
ALL = re.compile(r"\b(?:alle|saemtliche)\b")
LATER = re.compile(rf"\bum (?:noch )?({NUMBER}) ?({UNIT})\b")
EARLIER = re.compile(r"\b(?:nach vorne?|vor|vorziehen|frueher|vorverleg\w*)\b")
BARE_HOUR = re.compile(r"(?:um )?(\d{1,2})(?: uhr)?")


@dataclass(frozen=True)
class ReminderRequests:
    """Made once; safe to share."""

    numbers: CaseNumberReader

    def begin(self, text: str, now: datetime) -> AnyOperation:
        """A message that wants to be reminded of something; `now` is when it was written (aware)."""
        plain = folded(text)
        about = self.about_one(text, now)
        if about is not None:
            return about
        slots = read_reminder(text, now, self.numbers)
        if PERMIT.search(plain) and slots.case and isinstance(slots.problem, InPast | None):
            return SetPermit(number=slots.case, **permit_end(text, now))
        several, left = self.several(text, now)
        if several:
            return SetReminders(drafts=several, left=left)
        return self.asked(self.draft(slots, plain), slots)

    def asked(self, draft: ReminderDraft, slots: ReminderSlots) -> SetReminder:
        """The reminder as far as it was said, and what was wrong with the day."""
        problem, options = problem_of(slots)
        number = draft.number
        return SetReminder(number=number, draft=draft, options=options, problem=problem)

    def draft(self, slots: ReminderSlots, plain: str) -> ReminderDraft:
        day, clock = when_of(slots.due)
        return ReminderDraft(
            entry_id=new_entry_id(),
            number=slots.case,
            subject=self.numbers.without(slots.subject, OTHER_CASE) if slots.subject else None,
            day=day,
            clock=clock,
            repeat=slots.repeat,
            kind=kind_of(plain),
            named=slots.named,
        )

    def several(self, text: str, now: datetime) -> tuple[tuple[ReminderDraft, ...], int]:
        """The reminders of a message that holds more than one, each complete, and how many were too many; none if it
        does not."""
        for ends in PARTS:
            parts = [part for part in ends.split(text) if part.strip()]
            read = [(read_reminder(part, now, self.numbers), folded(part)) for part in parts[:MOST_AT_ONCE]]
            complete = [slots.due and (slots.subject or slots.case) for slots, _ in read]
            if len(read) > 1 and all(complete):
                return tuple(self.draft(slots, plain) for slots, plain in read), len(parts) - len(read)
        return (), 0

    def about_one(self, text: str, now: datetime) -> AnyOperation | None:
        """One that is there is to be moved or deleted; None if the message says nothing of the kind."""
        plain = folded(text)
        deletes, moves = DELETE.search(plain), MOVE.search(plain)
        if not (deletes or moves):
            return None
        slots = read_reminder(text, now, self.numbers)
        verb = deletes or moves
        words = folded(slots.subject or "")
        for pattern in (MOVE, DELETE, ABOUT_ONE):
            words = pattern.sub(" ", words)
        if RE_ASSESSMENT.search(plain) and not RE_ASSESSMENT.search(words):
            words = f"re-assessment {words}"
        if ALL.search(plain) and deletes:
            return ListReminders()
        return FindReminder(
            words=" ".join(words.split()),
            number=slots.case,
            then="delete" if deletes else "move",
            to=move_of(plain, slots, now) if verb is moves else None,
            problem=problem_of(slots)[0],
        )

    def listed(self, text: str, now: datetime) -> AnyOperation:
        """A message that asks which reminders are there, or for one of them."""
        return self.about_one(text, now) or ListReminders()

    def speaks_of_one(self, text: str) -> bool:
        """Whether a message that changes something means a reminder rather than an entry."""
        plain = folded(text)
        return bool(REMINDERS.search(plain) and (MOVE.search(plain) or DELETE.search(plain)))

    def answer(self, awaited: AnyOperation, text: str, now: datetime) -> AnyOperation | None:
        """What a message makes of the reminder it was asked to complete; None if it is about something else."""
        plain = folded(text)
        if STOP.fullmatch(plain):
            return Leave()
        slots = read_reminder(text, now, self.numbers)
        match awaited:
            case SetReminder(asked="subject", draft=draft):
                if "?" in text:
                    return None
                number = draft.number or slots.case
                without_case = (slots.subject or "") if number and not draft.number else text.strip()
                subject = self.numbers.without(without_case, OTHER_CASE) or None
                kind = draft.kind if draft.kind is not ReminderKind.REMINDER else kind_of(plain)
                changes = told(draft, subject=subject, number=number, kind=kind)
                return awaited.model_copy(update=changes | {"number": number})
            case SetReminder(asked="clock", draft=draft):
                clock = clock_in(plain) or when_of(slots.due)[1]
                return awaited.model_copy(update=told(draft, clock=clock)) if clock else None
            case SetReminder(draft=draft):
                problem, options = problem_of(slots)
                day, clock = when_of(slots.due)
                if day is None:
                    return awaited.model_copy(update={"problem": problem, "options": options}) if problem else None
                changes = {"day": day, "clock": clock or draft.clock, "named": slots.named}
                return awaited.model_copy(update=told(draft, **changes, repeat=slots.repeat or draft.repeat))
            case MoveReminder():
                to, problem = move_of(plain, slots, now), problem_of(slots)[0]
                if to is None and not problem:
                    return None
                return awaited.model_copy(update={"to": to, "problem": problem})
            case RenameReminder():
                return awaited.model_copy(update={"subject": self.numbers.without(text.strip(), OTHER_CASE)})
            case SetPermit():
                end = permit_end(text, now)
                return awaited.model_copy(update=end) if end else None
        return None


def told(draft: ReminderDraft, **changes: object) -> dict[str, object]:
    """The update of an operation whose draft says this now, and that asks for nothing yet."""
    return {"draft": draft.model_copy(update=changes), "asked": None, "options": (), "problem": ""}


def folded(text: str) -> str:
    return " ".join(fold(text).text.split())


def new_entry_id() -> str:
    return secrets.token_urlsafe(ID_BYTES)


def kind_of(plain: str) -> ReminderKind:
    """What kind of reminder the (folded) words ask for."""
    if RE_ASSESSMENT.search(plain):
        return ReminderKind.RE_ASSESSMENT
    return ReminderKind.RESUBMISSION if re.search(r"\b(?:wvl?|wiedervorlage\w*)\b", plain) else ReminderKind.REMINDER


def when_of(due: str | None) -> tuple[date | None, time | None]:
    """Day and clock time (local) of what the reader found."""
    if due is None:
        return None, None
    if "T" not in due:
        return date.fromisoformat(due), None
    at = datetime.fromisoformat(due)
    return at.date(), at.time()


def clock_in(plain: str) -> time | None:
    """A bare hour as the answer to "um wie viel Uhr": "15", "um 9"."""
    found = BARE_HOUR.fullmatch(plain)
    return time(int(found[1])) if found and int(found[1]) < 24 else None


def move_of(plain: str, slots: ReminderSlots, now: datetime) -> Move | None:
    """Where a (folded) message moves a reminder: by a span, to another time of the same day, or to a day."""
    later = LATER.search(plain)
    if later:
        months, days = distance(later[1], later[2])
        sign = -1 if EARLIER.search(plain) else 1
        return Move(later=(sign * months, sign * days), named=False)
    day, clock = when_of(slots.due)
    if day is None:
        return None
    only_clock = clock is not None and not find_days(fold(plain, mend_time).text, local(now).date(), ahead=True)
    return Move(clock=clock) if only_clock else Move(day=day, clock=clock, named=slots.named)


def problem_of(slots: ReminderSlots) -> tuple[str, tuple[date, ...]]:
    """What is wrong with the day that was said, as a German sentence, and the days it may mean."""
    match slots.problem:
        case Impossible(said=said):
            return f"„{said.strip()}“ gibt es nicht.", ()
        case InPast(said=said):
            return f"„{said.strip()}“ ist schon vorbei.", ()
        case Ambiguous(said=said, options=options):
            return f"„{said.strip()}“ kann mehreres heißen.", options
    return "", ()


def permit_end(text: str, now: datetime) -> dict[str, object]:
    """The end of a permit that a message names; of a month alone its first day, so that nothing comes too late."""
    plain = PERMIT.sub(" ", folded(text))
    month = MONTH_AND_YEAR.search(plain)
    if month and 1 <= int(month[1]) <= MONTHS:
        return {"end": date(int(month[2]), int(month[1]), 1), "month_only": True}
    due = read_due(plain, now)
    if not isinstance(due, Due):
        return {}
    month_only = MONTH_ONLY.fullmatch(plain) is not None
    return {"end": due.day.replace(day=1) if month_only else due.day, "month_only": month_only}
