"""What happens when a nudge is answered: done, later, shown in full, or not done after all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from actions.access import Actor
from actions.clock import local_day
from actions.nudging import due_for, in_detail, nudge_of, same_line
from actions.occurrences import acknowledge, postpone
from actions.operations import (
    Acknowledge,
    AcknowledgeAll,
    Choice,
    FinishReminder,
    ListReminders,
    NudgeOperation,
    ReopenAll,
    ReopenNudge,
    Said,
    ShowNudge,
    Snooze,
)
from actions.practice import Practice
from actions.preferences import hours_of
from actions.recurrence import moment
from actions.reminder_words import day_in_words, in_full, moment_in_words
from actions.reminders import ReminderGoneError, end_if_done, number_of, recipient_of, reminder_for
from actions.store.models import Occurrence, Person, Reminder, ReminderKind, State
from actions.store.records import audit

BEFORE_A_DAY = frozenset({ReminderKind.PERMIT, ReminderKind.DEADLINE})
"""Kinds that are nudged about several times before the day they are about."""


@dataclass(frozen=True)
class NudgeDialogue:
    """One tap on behalf of a person. `now` is aware; the caller commits. Raises what `reminder_for` raises."""

    session: Session
    by: Actor
    person: Person
    practice: Practice
    now: datetime

    @property
    def today(self) -> date:
        return local_day(self.now)

    def perform(self, operation: NudgeOperation | AcknowledgeAll | ReopenAll) -> Said:
        if isinstance(operation, AcknowledgeAll):
            return self.all_done(operation)
        if isinstance(operation, ReopenAll):
            return self.all_open(operation)
        reminder = reminder_for(self.session, by=self.by, entry_id=operation.entry_id, day=self.today)
        occurrence = self.session.get(Occurrence, operation.occurrence)
        deleted = occurrence is not None and reminder.ended_at and occurrence.state is not State.ACKNOWLEDGED
        if occurrence is None or occurrence.reminder_id != reminder.id or deleted:
            raise ReminderGoneError("Diese Erinnerung wurde geändert – „meine Erinnerungen“ zeigt den Stand.")
        return self.answer(operation, reminder, occurrence)

    def answer(self, operation: NudgeOperation, reminder: Reminder, occurrence: Occurrence) -> Said:
        number = number_of(self.session, reminder)
        numbers = [number] if number else []
        about = {"number": number, "entry_id": reminder.entry_id, "occurrence": occurrence.id}
        match operation:
            case ShowNudge():
                return in_detail(nudge_of(self.session, occurrence), practice=self.practice, now=self.now)
            case Acknowledge():
                self.settle_the_same(reminder, occurrence)
                self.done(reminder, occurrence)
                text = f"✓ Erledigt: {self.name(reminder, number)}."
                rows = [[Choice(label="Doch nicht erledigt", then=ReopenNudge.model_validate(about))]]
                coming = self.coming(reminder) if reminder.kind in BEFORE_A_DAY else []
                if coming:
                    text = f"✓ Gesehen: {self.name(reminder, number)}. Ich erinnere noch am {'; '.join(coming)}."
                    finish = FinishReminder(number=number, entry_id=reminder.entry_id)
                    rows.insert(0, [Choice(label="Ist ganz erledigt", then=finish)])
                return Said(text=text, rows=rows, numbers=numbers, about_cases=True, in_place=True)
            case ReopenNudge():
                self.reopen(reminder, occurrence)
                shown = in_detail(nudge_of(self.session, occurrence), practice=self.practice, now=self.now)
                return shown.model_copy(update={"in_place": True})
            case Snooze(until=until):
                at = self.later(until, reminder)
                self.settle_the_same(reminder, occurrence)
                postpone(occurrence, until=at)
                reminder.ended_at = None
                self.session.add_all([occurrence, reminder])
                done = Choice(label="Doch erledigt", then=Acknowledge.model_validate(about))
                text = f"Gut, ich erinnere Sie {moment_in_words(at, self.now)} wieder: {self.name(reminder, number)}."
                return Said(text=text, rows=[[done]], numbers=numbers, about_cases=True, in_place=True)
        raise TypeError(operation)

    def coming(self, reminder: Reminder) -> list[str]:
        """The days on which it is still to be nudged about."""
        planned = select(Occurrence).where(Occurrence.reminder_id == reminder.id, Occurrence.state == State.PLANNED)
        return [
            day_in_words(local_day(one.due_at)) for one in self.session.exec(planned.order_by(col(Occurrence.due_at)))
        ]

    def name(self, reminder: Reminder, number: str | None) -> str:
        found = self.practice.calendar.by_key(reminder.deadline or "")
        return f"{found.deadline.title} ({found.day:%d.%m.%Y})" if found else in_full(reminder, number)

    def settle_the_same(self, reminder: Reminder, occurrence: Occurrence) -> None:
        """One answer is for all that was said in its line: what was due of the reminder before, and the same deadline
        of those they stand in for."""
        for other in due_for(self.session, self.person, self.now):
            earlier = other.occurrence.due_at <= occurrence.due_at and other.occurrence.id != occurrence.id
            if earlier and same_line(other.reminder) == same_line(reminder):
                self.done(other.reminder, other.occurrence)

    def done(self, reminder: Reminder, occurrence: Occurrence) -> None:
        acknowledge(occurrence, now=self.now)
        self.session.add(occurrence)
        self.session.flush()
        end_if_done(self.session, reminder, self.now)
        number = number_of(self.session, reminder)
        audit(self.session, by=self.by, event="reminder acknowledged", case_number=number, now=self.now)

    def all_done(self, operation: AcknowledgeAll) -> Said:
        """Those that are still theirs to acknowledge; how many, with a way back."""
        done = []
        for occurrence, reminder in self.theirs(operation.occurrences):
            if occurrence.state is not State.ACKNOWLEDGED:
                self.done(reminder, occurrence)
                done.append(occurrence.id or 0)
        rows = [
            [Choice(label="Doch nicht erledigt", then=ReopenAll(occurrences=tuple(done)))],
            [Choice(label="Erinnerungen zeigen", then=ListReminders())],
        ]
        what = "1 Erinnerung ist" if len(done) == 1 else f"{len(done)} Erinnerungen sind"
        return Said(text=f"✓ {what} erledigt.", rows=rows if done else rows[1:], in_place=True)

    def all_open(self, operation: ReopenAll) -> Said:
        for occurrence, reminder in self.theirs(operation.occurrences):
            if occurrence.state is State.ACKNOWLEDGED:
                self.reopen(reminder, occurrence)
        rows = [[Choice(label="Erinnerungen zeigen", then=ListReminders())]]
        return Said(text="Gut, das ist wieder offen.", rows=rows, in_place=True)

    def theirs(self, ids: Sequence[int]) -> list[tuple[Occurrence, Reminder]]:
        """Those of these occurrences that are still there and due to the person."""
        found = []
        for id_ in ids:
            occurrence = self.session.get(Occurrence, id_)
            if occurrence is not None:
                reminder = self.session.get_one(Reminder, occurrence.reminder_id)
                if recipient_of(self.session, reminder, self.today).id == self.person.id:
                    found.append((occurrence, reminder))
        return found

    def reopen(self, reminder: Reminder, occurrence: Occurrence) -> None:
        """It waits for an answer again; what was put off comes when it was to come."""
        occurrence.state, occurrence.acknowledged_at = State.SENT, None
        if occurrence.due_at > self.now:
            postpone(occurrence, until=occurrence.due_at)
        reminder.ended_at = None
        self.session.add_all([occurrence, reminder])

    def later(self, until: str, reminder: Reminder) -> datetime:
        """When a postponed one comes again (aware): what the person chose is not moved out of their hours, but "morgen
        früh" and "in 1 Woche" mean days of work."""
        hours = hours_of(self.session, self.person, self.practice.casework.reminders)
        match until:
            case "hour":
                return self.now + timedelta(hours=1)
            case "morning":
                return hours.start_of(hours.day_after(self.today))
        clock = reminder.clock or self.practice.casework.reminders.default_time
        day = hours.day_until(self.today + timedelta(weeks=1))
        return max(moment(day, clock), hours.start_of(hours.day_after(self.today)))
