"""Reminders of a person: set, found, changed and ended, those of a case only through the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, delete, func, select

from actions.absences import acting_for, acts_for
from actions.access import Actor, Permission, may
from actions.cases import case_for, readable_by
from actions.clock import local_day
from actions.consultations import person_of
from actions.occurrences import STANDING, forget, plan, plan_days, resume, stop
from actions.preferences import hours_of
from actions.recurrence import is_rule, moment
from actions.store.models import Case, Occurrence, Person, Reminder, ReminderKind, State
from actions.store.records import audit
from knowledge.casework import ReminderDefaults
from knowledge.errors import LotseError

MOST_OPEN = 10_000
"""Open reminders of one person; whoever has more has no use for another."""


GONE = "Diese Erinnerung gibt es nicht mehr – „meine Erinnerungen“ zeigt, was offen ist."


class ReminderRefusedError(LotseError):
    """What was said of a reminder cannot be."""


class ReminderGoneError(LotseError):
    """There is no such reminder: done, deleted, or its case forgotten."""


@dataclass(frozen=True)
class Wanted:
    """What is to be remembered, and when. `day` and `clock` are local and as said, before any moving."""

    day: date
    clock: time | None = None
    subject: str | None = None
    repeat: str | None = None
    kind: ReminderKind = ReminderKind.REMINDER
    named: bool = False
    kept: bool = False


def set_reminder(
    session: Session,
    *,
    by: Actor,
    entry_id: str,
    number: str | None,
    wanted: Wanted,
    defaults: ReminderDefaults,
    now: datetime,
) -> Reminder:
    """Keep a reminder and plan when it is sent; what was kept under this `entry_id` is made to say this. The caller
    commits, and confirms only then.

    Raises `ReminderRefusedError` for what lies in the past or is no repetition, and for a case number what
    `actions.cases.case_for` raises.
    """
    person = person_of(by)
    case = None if number is None else case_for(session, by=by, number=number, day=local_day(now))
    check(wanted, now)
    reminder = session.exec(select(Reminder).where(Reminder.entry_id == entry_id)).first()
    if reminder is not None:
        reminder = reminder_for(session, by=by, entry_id=entry_id, day=local_day(now))
        forget(session, reminder)
    else:
        if count_open(session, person) >= MOST_OPEN:
            raise ReminderRefusedError(
                f"Es sind schon {MOST_OPEN} Erinnerungen offen – bitte erst einige erledigen oder löschen."
            )
        reminder = Reminder(entry_id=entry_id, person_id=person.id or 0, day=wanted.day, created_at=now)
        audit(session, by=by, event="reminder set", case_number=number, now=now)
    reminder.case_id = case.id if case else None
    reminder.day, reminder.clock, reminder.repeat = wanted.day, wanted.clock, wanted.repeat
    reminder.subject, reminder.kind = wanted.subject, wanted.kind
    reminder.named, reminder.kept, reminder.ended_at = wanted.named, wanted.kept, None
    session.add(reminder)
    session.flush()
    hours = hours_of(session, session.get_one(Person, reminder.person_id), defaults)
    plan(session, reminder=reminder, hours=hours, defaults=defaults, now=now)
    return reminder


def check(wanted: Wanted, now: datetime) -> None:
    if wanted.repeat is not None and not is_rule(wanted.repeat):
        raise ReminderRefusedError("Diese Wiederholung kann ich nicht einhalten – bitte anders sagen, wie oft.")
    over = wanted.day < local_day(now) or (wanted.clock is not None and moment(wanted.day, wanted.clock) <= now)
    if over and wanted.repeat is None:
        raise ReminderRefusedError("Dieser Zeitpunkt ist schon vorbei – bitte einen kommenden nennen.")


def set_before_a_day(
    session: Session, *, person: Person, reminder: Reminder, days: Sequence[date], defaults: ReminderDefaults,
    now: datetime,
) -> Reminder:  # fmt: skip
    """Keep a reminder that is sent on these days (local) before the day it is about. The caller commits."""
    if reminder.id is not None:
        forget(session, reminder)
    session.add(reminder)
    session.flush()
    hours = hours_of(session, person, defaults)
    plan_days(session, reminder=reminder, days=days, hours=hours, defaults=defaults, now=now)
    return reminder


def reminder_for(session: Session, *, by: Actor, entry_id: str, day: date) -> Reminder:
    """The reminder, for whom it is due to that day (local): whose it is, who stands in, who may act in its case.

    Raises `ReminderGoneError`, and what `case_for` raises.
    """
    gone = ReminderGoneError(GONE)
    found = session.exec(select(Reminder).where(Reminder.entry_id == entry_id)).first()
    if found is None:
        raise gone
    if found.case_id is not None:
        case_for(session, by=by, number=session.get_one(Case, found.case_id).number, day=day)
    elif found.person_id != by.person_id and recipient_of(session, found, day).id != by.person_id:
        raise gone
    return found


def number_of(session: Session, reminder: Reminder) -> str | None:
    """The number of the case a reminder is about."""
    return None if reminder.case_id is None else session.get_one(Case, reminder.case_id).number


def recipient_of(session: Session, reminder: Reminder, day: date) -> Person:
    """Who gets what is due on that day (local): the person, or while they are away the deputy; for a case that one may
    not read, its owner or who stands in for the owner. What is set for everybody stays with the person."""
    person = session.get_one(Person, reminder.person_id)
    if reminder.kind in STANDING:
        return person
    acting = acting_for(session, person, day)
    if reminder.case_id is None or may_read(session, acting, reminder.case_id, day):
        return acting
    return acting_for(session, session.get_one(Person, session.get_one(Case, reminder.case_id).owner_id), day)


def may_read(session: Session, person: Person, case_id: int, day: date) -> bool:
    """Whether a person may act in a case on that day (local)."""
    if not may(person, Permission.CASES):
        return False
    return (
        session.exec(select(Case.id).where(Case.id == case_id, readable_by(session, person, day))).first() is not None
    )


class Open(NamedTuple):
    """Something that is open: planned, on its way, or sent and not acknowledged; with the number of its case."""

    reminder: Reminder
    occurrence: Occurrence
    number: str | None


def open_for(
    session: Session, *, person: Person, day: date, before: datetime | None = None, own: bool = False
) -> list[Open]:
    """What is open on that day (local) for whom it is due to, the earliest first, only what is due `before` a moment
    (aware) if one is given. With `own`, also what goes to a deputy while the person is away."""
    people = {person.id or 0} | acts_for(session, person, day)
    statement = (
        select(Reminder, Occurrence, Case.number)
        .join(Occurrence, col(Occurrence.reminder_id) == Reminder.id)
        .join(Case, col(Case.id) == Reminder.case_id, isouter=True)
        .where(
            col(Reminder.person_id).in_(people) | col(Case.owner_id).in_(people),
            col(Reminder.kind).not_in(STANDING),
            col(Reminder.ended_at).is_(None),
            Occurrence.state != State.ACKNOWLEDGED,
        )
        .order_by(col(Occurrence.due_at), col(Occurrence.id))
    )
    if before is not None:
        statement = statement.where(col(Occurrence.due_at) < before)
    theirs: dict[tuple[int, int | None], bool] = {}
    found = []
    for reminder, occurrence, number in session.exec(statement):
        key = reminder.person_id, reminder.case_id
        if key not in theirs:
            readable = reminder.case_id is None or may_read(session, person, reminder.case_id, day)
            mine = own and reminder.person_id == person.id and readable
            theirs[key] = mine or recipient_of(session, reminder, day).id == person.id
        if theirs[key]:
            found.append(Open(reminder, occurrence, number))
    return found


def open_reminders(session: Session, *, person: Person, day: date) -> Sequence[Open]:
    """What a person is to be reminded of, without the programme's deadlines: of each reminder the occurrence that is
    next or waits for an answer, the earliest first."""
    first: dict[int, Open] = {}
    for one in open_for(session, person=person, day=day, own=True):
        if one.reminder.kind is not ReminderKind.DEADLINE:
            first.setdefault(one.reminder.id or 0, one)
    return list(first.values())


def count_open(session: Session, person: Person) -> int:
    """How many reminders of a person have not ended."""
    mine = (Reminder.person_id == person.id, col(Reminder.ended_at).is_(None))
    return session.exec(select(func.count()).select_from(Reminder).where(*mine)).one()


def end_reminder(session: Session, *, by: Actor, reminder: Reminder, now: datetime) -> None:
    """Nothing more comes of it. The caller commits."""
    reminder.ended_at = now
    session.add(reminder)
    stop(session, reminder)
    audit(session, by=by, event="reminder ended", case_number=number_of(session, reminder), now=now)


def count_in_case(session: Session, case: Case) -> int:
    """How many reminders of a case have not ended, whoever set them."""
    still = (Reminder.case_id == case.id, col(Reminder.ended_at).is_(None))
    return session.exec(select(func.count()).select_from(Reminder).where(*still)).one()


def restore_reminder(
    session: Session, *, by: Actor, reminder: Reminder, defaults: ReminderDefaults, now: datetime
) -> None:
    """It is there again: what was sent waits for an answer, what was to come is planned. The caller commits."""
    reminder.ended_at = None
    session.add(reminder)
    resume(session, reminder, again=timedelta(hours=defaults.again_hours), now=now)
    hours = hours_of(session, session.get_one(Person, reminder.person_id), defaults)
    plan(session, reminder=reminder, hours=hours, defaults=defaults, now=now)
    audit(session, by=by, event="reminder restored", case_number=number_of(session, reminder), now=now)


def replan(session: Session, *, person: Person, defaults: ReminderDefaults, now: datetime) -> None:
    """The person's hours changed: what is due after today without a time of its own is planned anew. The caller
    commits."""
    hours = hours_of(session, person, defaults)
    for reminder, occurrence, _ in open_reminders(session, person=person, day=local_day(now)):
        untouched = occurrence.state is State.PLANNED and local_day(occurrence.due_at) == occurrence.day
        later = occurrence.day > local_day(now)
        if reminder.person_id != person.id or reminder.clock is not None or not (untouched and later):
            continue
        if reminder.kind is ReminderKind.PERMIT:
            continue
        session.delete(occurrence)
        session.flush()
        plan(session, reminder=reminder, hours=hours, defaults=defaults, now=now)


def drop_ended(session: Session, *, before: datetime) -> None:
    """Forget reminders that ended before that moment (aware), and what was acknowledged of those that go on. The
    caller commits."""
    session.exec(delete(Reminder).where(col(Reminder.ended_at) < before))
    old = (col(Occurrence.state) == State.ACKNOWLEDGED, col(Occurrence.acknowledged_at) < before)
    last = select(func.max(Occurrence.id)).group_by(col(Occurrence.reminder_id))
    session.exec(delete(Occurrence).where(*old, col(Occurrence.id).not_in(last)))


def end_if_done(session: Session, reminder: Reminder, now: datetime) -> None:
    """A reminder without anything left to come is over once its last occurrence is acknowledged. The caller commits."""
    still = select(Occurrence.id).where(Occurrence.reminder_id == reminder.id, Occurrence.state != State.ACKNOWLEDGED)
    if session.exec(still).first() is None:
        reminder.ended_at = now
        session.add(reminder)
