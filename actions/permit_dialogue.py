"""What the assistant says about the end of a permit under § 104c AufenthG, and the nudges planned before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from actions.access import Actor
from actions.cases import case_for
from actions.clock import local_day
from actions.nudge_days import permit_nudge_days
from actions.operations import Choice, DeleteReminder, Said, SetPermit
from actions.practice import Practice
from actions.preferences import hours_of
from actions.recurrence import moment
from actions.reminder_requests import new_entry_id
from actions.reminder_words import day_in_words
from actions.reminders import set_before_a_day
from actions.store.models import Person, Reminder, ReminderKind
from actions.store.records import audit
from knowledge.casework import ReminderDefaults


@dataclass(frozen=True)
class PermitDialogue:
    """One step on behalf of a person. `now` is aware; the caller commits. Raises what `case_for` raises."""

    session: Session
    by: Actor
    person: Person
    practice: Practice
    now: datetime

    @property
    def today(self) -> date:
        return local_day(self.now)

    @property
    def defaults(self) -> ReminderDefaults:
        return self.practice.casework.reminders

    def perform(self, operation: SetPermit) -> Said:
        """Nudges before the permit of a case ends; asks for its end if it was not said."""
        if operation.number is None:
            examples = self.practice.casework.examples
            return Said(text=f"Zu welchem Fall? Zum Beispiel {examples}.", awaits=operation)
        case_for(self.session, by=self.by, number=operation.number, day=self.today)
        if operation.end is None:
            text = f"Wann endet die Erlaubnis nach § 104c in {operation.number}? Monat und Jahr genügen."
            return Said(text=text, awaits=operation, numbers=[operation.number])
        return self.until(operation.number, operation.end, month_only=operation.month_only)

    def until(self, number: str, end: date, *, month_only: bool = False) -> Said:
        """Nudges so many months before; of a month alone, before its first day."""
        permit = self.practice.calendar.permit
        case = case_for(self.session, by=self.by, number=number, day=self.today)
        if end <= self.today or end > permit.limit:
            over = end <= self.today
            why = "ist schon vorbei" if over else f"liegt nach der äußersten Grenze {permit.limit:%d.%m.%Y}"
            text = f"Der {end:%d.%m.%Y} {why}. Wann endet die Erlaubnis?"
            return Said(text=text, awaits=SetPermit(number=number), numbers=[number])
        before = select(Reminder).where(Reminder.case_id == case.id, Reminder.kind == ReminderKind.PERMIT)
        reminder = self.session.exec(before).first() or Reminder(
            entry_id=new_entry_id(),
            person_id=self.person.id or 0,
            case_id=case.id,
            kind=ReminderKind.PERMIT,
            day=end,
            created_at=self.now,
        )
        reminder.day, reminder.ended_at, reminder.person_id = end, None, self.person.id or 0
        hours = hours_of(self.session, self.person, self.defaults)
        days = sorted({hours.day_until(day) for day in permit_nudge_days(end, permit.months)})
        urgent = all(moment(day, self.defaults.default_time) <= self.now for day in days)
        if urgent:
            days = [hours.day_after(self.today)]
        set_before_a_day(
            self.session, person=self.person, reminder=reminder, days=days, defaults=self.defaults, now=self.now
        )
        audit(self.session, by=self.by, event="permit end noted", case_number=number, now=self.now)
        coming = [day_in_words(day) for day in days if moment(day, self.defaults.default_time) > self.now]
        ends = f"endet im {end:%m/%Y} (gerechnet ab dem 1.)" if month_only else f"endet am {end:%d.%m.%Y}"
        nudges = f"{'Bitte handeln Sie jetzt. ' if urgent else ''}Ich erinnere Sie am {'; '.join(coming)}."
        text = f"Die Erlaubnis nach § 104c in {number} {ends}. {nudges}\n{permit.what}"
        rows = [[Choice(label="Löschen", then=DeleteReminder(number=number, entry_id=reminder.entry_id))]]
        return Said(text=text, rows=rows, numbers=[number], cites=[permit.entry] if permit.entry else [])
