"""The reminders set for everybody: the morning's overview and the afternoon's transfer, on each working day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from sqlmodel import Session, col, select

from actions.access import Permission, may
from actions.clock import local_day
from actions.deadlines import plan_deadlines
from actions.occurrences import add, forget, stop
from actions.people import everybody
from actions.practice import Practice
from actions.preferences import hours_of
from actions.store.models import Occurrence, Person, Reminder, ReminderKind, State
from actions.working_time import WorkingTime


def plan_everything(
    session: Session, *, practice: Practice, now: datetime, people: Iterable[Person] | None = None
) -> None:
    """Make what is planned for everybody, or for these people, what calendar, roles and choices ask for. The caller
    commits."""
    for person in everybody(session) if people is None else people:
        plan_standing(session, person=person, practice=practice, now=now)
        plan_deadlines(session, person=person, practice=practice, now=now)


def plan_standing(session: Session, *, person: Person, practice: Practice, now: datetime) -> None:
    """The next overview and the next transfer of a person, at the times that suit them. The caller commits."""
    hours = hours_of(session, person, practice.casework.reminders)
    times = {ReminderKind.MORNING: hours.starts, ReminderKind.TRANSFER: practice.casework.reminders.transfer_time}
    wanted = {ReminderKind.MORNING: person.active, ReminderKind.TRANSFER: may(person, Permission.CASES)}
    for kind, clock in times.items():
        mine = select(Reminder).where(Reminder.person_id == person.id, Reminder.kind == kind)
        reminder = session.exec(mine).first()
        if not wanted[kind]:
            if reminder is not None:
                stop(session, reminder)
            continue
        if reminder is None:
            reminder = Reminder(
                entry_id=f"{person.id}/{kind}",
                person_id=person.id or 0,
                kind=kind,
                day=local_day(now),
                created_at=now,
            )
            session.add(reminder)
            session.flush()
        plan_next_day(session, reminder=reminder, hours=hours, clock=clock, now=now)


def plan_next_day(session: Session, *, reminder: Reminder, hours: WorkingTime, clock: time, now: datetime) -> None:
    """Its next occurrence, in place of any other: on the first working day on which that time is still to come. One
    of today that is due already and not handed over yet comes first. The caller commits."""
    waiting = select(Occurrence).where(
        Occurrence.reminder_id == reminder.id,
        Occurrence.day == local_day(now),
        Occurrence.due_at <= now,
        Occurrence.state != State.ACKNOWLEDGED,
        col(Occurrence.try_at).is_not(None),
    )
    if session.exec(waiting).first() is not None:
        return
    day = hours.day_after(local_day(now) - timedelta(days=1))
    if hours.at(day, clock) <= now:
        day = hours.day_after(day)
    due_at = hours.at(day, clock)
    mine = Occurrence.reminder_id == reminder.id
    there = select(Occurrence.id).where(mine, Occurrence.due_at == due_at, Occurrence.try_at == due_at)
    if session.exec(there).first() is not None:
        return
    forget(session, reminder)
    add(session, reminder=reminder, day=day, due_at=due_at)
