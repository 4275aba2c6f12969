"""What the assistant says about the programme's deadlines, and how each is nudged: listed, explained, left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from sqlmodel import Session, col, select, update

from actions.access import Actor, Permission, require
from actions.clock import local_day
from actions.deadlines import is_subscribed, nudges_of, plan_deadlines
from actions.nudging import buttons, due_for
from actions.operations import (
    Choice,
    ListReminders,
    Said,
    SendCalendar,
    ShowDeadline,
    ShowDeadlines,
    ShowPreferences,
    SubscribeDeadline,
)
from actions.practice import Practice
from actions.preferences import choose_deadline
from actions.recurrence import moment
from actions.reminder_words import day_in_words, why_no_work
from actions.store.models import Person, Reminder
from actions.workdays import is_working_day, working_day_until
from knowledge.deadlines import DeadlineDay

MONTHS_AHEAD = 12
MOST_BUTTONS = 8

DeadlineOperation = ShowDeadlines | ShowDeadline | SubscribeDeadline | SendCalendar


@dataclass(frozen=True)
class DeadlineDialogue:
    """One step on behalf of a person. `now` is aware; the caller commits."""

    session: Session
    by: Actor
    person: Person
    practice: Practice
    now: datetime

    @property
    def today(self) -> date:
        return local_day(self.now)

    def perform(self, operation: DeadlineOperation) -> Said:
        require(self.by, Permission.DEADLINES)
        match operation:
            case ShowDeadlines(baustein=baustein):
                return self.listed(baustein)
            case ShowDeadline(key=key):
                return self.explained(key)
            case SubscribeDeadline(key=key, wanted=wanted):
                return self.subscribe(key, wanted)
            case SendCalendar():
                text = (
                    "Hier sind Fristen und Erinnerungen für Ihren Kalender; er zeigt davon so viel wie die Meldungen."
                )
                return Said(text=text, files=["calendar_ics"], about_cases=True)
        raise TypeError(operation)

    def coming(self) -> Sequence[DeadlineDay]:
        """What falls within the next twelve months."""
        calendar = self.practice.calendar
        return calendar.between(self.today, self.today + relativedelta(months=MONTHS_AHEAD))

    def listed(self, baustein: int | None) -> Said:
        """The coming twelve months in words and as a picture, the person's own ones marked; then what has no date."""
        calendar = self.practice.calendar
        found = [one for one in self.coming() if baustein is None or baustein in one.deadline.bausteine]
        lines = [self.line(one) for one in found] or ["In den nächsten zwölf Monaten steht nichts an."]
        undated = [one for one in calendar.undated() if baustein is None or baustein in one.bausteine]
        if undated:
            lines += ["", "Ohne Termin in der FAQ:"]
            lines += [f"• {one.title}: {one.undated_hint}" for one in undated]
        single = [Choice(label=f"{n}", then=ShowDeadline(key=one.key)) for n, one in enumerate(found[:MOST_BUTTONS], 1)]
        lines = [*numbered(lines[: len(found)]), *lines[len(found) :]] if found else lines
        rows = [single[i : i + 4] for i in range(0, len(single), 4)]
        rows.append(
            [
                Choice(label="Kalenderdatei (.ics)", then=SendCalendar()),
                Choice(label="Meine Erinnerungen", then=ListReminders()),
            ]
        )
        rows.append([Choice(label="Einstellungen", then=ShowPreferences())])
        which = f" für Baustein {baustein}" if baustein else ""
        cites = [one.deadline.entry for one in found if one.deadline.entry]
        return Said(
            title=f"Fristen{which} bis {self.today + relativedelta(months=MONTHS_AHEAD):%m/%Y}",
            text="\n".join(lines),
            rows=rows,
            cites=list(dict.fromkeys(cites)),
            files=["deadlines_png"] if found else [],
        )

    def line(self, one: DeadlineDay) -> str:
        bell = " 🔔" if is_subscribed(self.session, self.person, one.deadline, self.practice) else ""
        return f"{day_in_words(one.day)}: {one.deadline.title}{bell}"

    def explained(self, key: str) -> Said:
        """One deadline: the day, what is to be done, when nudges come, and the source."""
        one = self.practice.calendar.by_key(key)
        if one is None:
            return Said(text="Diese Frist steht nicht mehr im Kalender. „Welche Fristen stehen an?“ zeigt alle.")
        subscribed = is_subscribed(self.session, self.person, one.deadline, self.practice)
        lines = [one.deadline.what]
        if not is_working_day(one.day):
            before = day_in_words(working_day_until(one.day))
            lines.append(f"Der Tag ist {why_no_work(one.day)}; die Frist bleibt, letzter Arbeitstag davor: {before}.")
        lines += [one.deadline.note] if one.deadline.note else []
        if subscribed:
            lines.append(self.nudges(one))
        label = "Nicht mehr erinnern" if subscribed else "Daran erinnern"
        rows = [[Choice(label=label, then=SubscribeDeadline(key=key, wanted=not subscribed))]]
        open_now = [nudge for nudge in due_for(self.session, self.person, self.now) if nudge.reminder.deadline == key]
        rows = [*(buttons(open_now[-1], subject_shown=True)[:-1] if open_now else []), *rows]
        rows.append([Choice(label="Alle Fristen", then=ShowDeadlines())])
        title = f"{one.deadline.title}: {day_in_words(one.day)}"
        cites = [one.deadline.entry] if one.deadline.entry else []
        return Said(title=title, text="\n".join(lines), rows=rows, cites=cites)

    def nudges(self, one: DeadlineDay) -> str:
        """When nudges about it come, or that none does any more."""
        mine = select(Reminder).where(Reminder.person_id == self.person.id, Reminder.deadline == one.key)
        reminder = self.session.exec(mine).first()
        default_time = self.practice.casework.reminders.default_time
        days = [
            day_in_words(day)
            for day in nudges_of(self.session, self.person, one, self.practice)
            if moment(day, default_time) > self.now
        ]
        over = not days or (reminder is not None and reminder.ended_at is not None)
        return "Weitere Erinnerungen kommen nicht." if over else f"Ich erinnere Sie am {'; '.join(days)}."

    def subscribe(self, key: str, wanted: bool) -> Said:
        one = self.practice.calendar.by_key(key)
        if one is not None:
            defaults = self.practice.casework.reminders
            choose_deadline(
                self.session, person=self.person, deadline=one.deadline.id, wanted=wanted, defaults=defaults
            )
            done = (col(Reminder.person_id) == self.person.id, col(Reminder.deadline) == key)
            self.session.exec(update(Reminder).where(*done).values(ended_at=None))
            plan_deadlines(self.session, person=self.person, practice=self.practice, now=self.now)
        return self.explained(key).model_copy(update={"in_place": True})


def numbered(lines: Sequence[str]) -> list[str]:
    return [f"{n}. {line}" for n, line in enumerate(lines, 1)]
