"""What goes into a person's calendar file: the programme's deadlines they are nudged about, and their reminders."""

from __future__ import annotations

from datetime import datetime, time

from sqlmodel import Session

from actions.calendar_file import CalendarEvent
from actions.clock import BERLIN, local_day
from actions.deadlines import PLANNED_AHEAD, is_subscribed, nudges_of
from actions.practice import Practice
from actions.preferences import preference_of
from actions.reminder_words import headline
from actions.reminders import open_reminders
from actions.store.models import Occurrence, Person, Reminder, ReminderKind


def clock_of(reminder: Reminder, occurrence: Occurrence) -> time | None:
    """The local time of an event: that of a repetition as it was said, of any other when it is due next."""
    if reminder.kind is ReminderKind.PERMIT:
        return None
    at = occurrence.due_at.astimezone(BERLIN).time()
    return reminder.clock or at if reminder.repeat else at


def calendar_events(session: Session, *, person: Person, practice: Practice, now: datetime) -> list[CalendarEvent]:
    """All of it, showing as much as the person's notifications do. `now` is aware."""
    today, defaults = local_day(now), practice.casework.reminders
    shows = preference_of(session, person, defaults).shows
    events = [
        CalendarEvent(
            uid=f"{one.key}@kim-lotse",
            title=one.deadline.title,
            day=one.day,
            alarm_days=tuple((one.day - day).days for day in nudges_of(session, person, one, practice)),
            alarm_clock=defaults.default_time,
            description=one.deadline.what,
        )
        for one in practice.calendar.between(today, today + PLANNED_AHEAD)
        if is_subscribed(session, person, one.deadline, practice)
    ]
    for reminder, occurrence, number in open_reminders(session, person=person, day=today):
        before_a_day = reminder.kind is ReminderKind.PERMIT
        events.append(
            CalendarEvent(
                uid=f"{reminder.entry_id}@kim-lotse",
                title=headline(reminder, number, shows),
                day=reminder.day if before_a_day or reminder.repeat else local_day(occurrence.due_at),
                clock=clock_of(reminder, occurrence),
                repeat=reminder.repeat,
                alarm_days=(0,),
                alarm_clock=defaults.default_time,
            )
        )
    return events
