"""What a case asks for next: the next talk that was agreed, re-assessment, and the second talk of a Kurzberatung."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from sqlmodel import Session, col, select

from actions.access import Actor
from actions.clock import local_day
from actions.occurrences import forget
from actions.operations import Choice, ReminderDraft, SetReminder
from actions.reminder_requests import new_entry_id
from actions.reminders import Wanted, set_reminder
from actions.store.models import Case, Consultation, Reminder, ReminderKind
from knowledge.casework import ReminderDefaults

NEXT_TALK = "nächstes Gespräch"
KEY = "{entry_id}/follow-up"


def keep_next_talk(
    session: Session,
    *,
    by: Actor,
    case: Case,
    entry: Consultation,
    defaults: ReminderDefaults,
    now: datetime,
) -> None:
    """Remind of the next talk that an entry agrees on, or no longer if it agrees on none. The caller commits. A day
    that has come is nothing to be reminded of."""
    if entry.follow_up is None or entry.follow_up <= local_day(now):
        drop_next_talk(session, entry_id=entry.entry_id)
        return
    wanted = Wanted(day=entry.follow_up, subject=NEXT_TALK, kind=ReminderKind.RESUBMISSION, named=True)
    set_reminder(
        session,
        by=by,
        entry_id=KEY.format(entry_id=entry.entry_id),
        number=case.number,
        wanted=wanted,
        defaults=defaults,
        now=now,
    )


def drop_next_talk(session: Session, *, entry_id: str) -> None:
    """The entry is gone, or agrees on no next talk any more. The caller commits."""
    found = session.exec(select(Reminder).where(Reminder.entry_id == KEY.format(entry_id=entry_id))).first()
    if found is not None:
        forget(session, found)
        session.delete(found)


def offered(session: Session, *, case: Case, few_talks: bool, defaults: ReminderDefaults, today: date) -> list[Choice]:
    """Reminders worth a tap in a running case: the second talk while there were too few (`few_talks`), and
    re-assessment at the interval of the form of counselling; those that are set already are not offered."""
    if case.closed_on is not None:
        return []
    choices = []
    if few_talks and not is_set(session, case, ReminderKind.SECOND_TALK):
        day = today + timedelta(weeks=defaults.second_talk_weeks)
        label = f"2. Gespräch in {defaults.second_talk_weeks} Wochen erinnern"
        choices.append(choice(case, label, ReminderKind.SECOND_TALK, day))
    months = defaults.re_assessment_months.get(case.form)
    if months is not None and not is_set(session, case, ReminderKind.RE_ASSESSMENT):
        label = f"Re-Assessment in {months} Monaten erinnern"
        choices.append(choice(case, label, ReminderKind.RE_ASSESSMENT, today + relativedelta(months=months)))
    return choices


def choice(case: Case, label: str, kind: ReminderKind, day: date) -> Choice:
    draft = ReminderDraft(entry_id=new_entry_id(), number=case.number, day=day, kind=kind)
    return Choice(label=label, then=SetReminder(number=case.number, draft=draft))


def is_set(session: Session, case: Case, kind: ReminderKind) -> bool:
    """Whether such a reminder of the case is still to come."""
    mine = select(Reminder.id).where(Reminder.case_id == case.id, Reminder.kind == kind)
    return session.exec(mine.where(col(Reminder.ended_at).is_(None))).first() is not None
