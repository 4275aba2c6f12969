"""The programme's deadlines of a person: who is nudged about which, and the nudges planned for them."""

from __future__ import annotations

from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from sqlmodel import Session, select

from actions.access import Permission, may
from actions.clock import local_day
from actions.nudge_days import nudge_days
from actions.occurrences import forget, plan_days
from actions.practice import Practice
from actions.preferences import hours_of, preference_of
from actions.reminders import end_if_done
from actions.store.models import Person, Reminder, ReminderKind
from knowledge.deadlines import Deadline, DeadlineDay

PLANNED_AHEAD = relativedelta(months=14)
"""How far ahead nudges are planned: beyond what is shown, and well beyond the longest lead time."""


def is_subscribed(session: Session, person: Person, deadline: Deadline, practice: Practice) -> bool:
    """Whether a person is nudged about a deadline: by role, unless they chose otherwise."""
    chosen = preference_of(session, person, practice.casework.reminders)
    return chosen.deadlines.get(deadline.id, person.role in deadline.roles)


def nudges_of(session: Session, person: Person, one: DeadlineDay, practice: Practice) -> list[date]:
    """On which days (local) a person is nudged about a deadline, none of them a day off."""
    defaults = practice.casework.reminders
    chosen, hours = preference_of(session, person, defaults), hours_of(session, person, defaults)
    leads = chosen.lead_days or practice.calendar.lead_days_of(one.deadline)
    return sorted({hours.day_until(day) for day in nudge_days(one.day, leads)})


def plan_deadlines(session: Session, *, person: Person, practice: Practice, now: datetime) -> None:
    """Make the planned nudges of a person those that the calendar and their choices ask for; one they have done with
    stays so. The caller commits."""
    defaults, today = practice.casework.reminders, local_day(now)
    hours = hours_of(session, person, defaults)
    mine = select(Reminder).where(Reminder.person_id == person.id, Reminder.kind == ReminderKind.DEADLINE)
    there = {reminder.deadline: reminder for reminder in session.exec(mine)}
    wanted = {}
    if may(person, Permission.DEADLINES):
        for one in practice.calendar.between(today, today + PLANNED_AHEAD):
            if is_subscribed(session, person, one.deadline, practice):
                wanted[one.key] = one
    for key, one in wanted.items():
        reminder = there.get(key) or Reminder(
            entry_id=f"{person.id}/{key}",
            person_id=person.id or 0,
            kind=ReminderKind.DEADLINE,
            deadline=key,
            day=one.day,
            created_at=now,
        )
        if reminder.ended_at is None:
            session.add(reminder)
            session.flush()
            days = nudges_of(session, person, one, practice)
            plan_days(session, reminder=reminder, days=days, hours=hours, defaults=defaults, now=now)
    for reminder in there.values():
        if reminder.deadline not in wanted and reminder.day >= today:
            forget(session, reminder)
            session.delete(reminder)
        elif reminder.deadline not in wanted and reminder.ended_at is None:
            end_if_done(session, reminder, now)
