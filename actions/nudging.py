"""What is said when something is due: one reminder with its buttons, several as one message, the morning's overview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from actions.access import Permission, may
from actions.clock import BERLIN, local_day
from actions.operations import (
    Acknowledge,
    AcknowledgeAll,
    Choice,
    ListPending,
    ListReminders,
    Said,
    ShowCase,
    ShowDeadline,
    ShowDeadlines,
    ShowNudge,
    Snooze,
)
from actions.people import blocked_people, people_without_account
from actions.practice import Practice
from actions.preferences import preference_of
from actions.reminder_words import headline, in_full, moment_in_words
from actions.reminders import number_of, open_for
from actions.store.models import Occurrence, Person, Reminder, ReminderKind, Shows, State
from actions.transfer import pending_entries
from knowledge.deadlines import Deadlines

MOST_LINES = 20
MOST_BUTTONS = 8
BUTTONS_PER_ROW = 4
SAME_DAY_ENTRY = "faq-34"
LONG = timedelta(hours=1)
"""What has not got through for so long is no passing fault."""


@dataclass(frozen=True)
class Nudge:
    """A due occurrence with what it belongs to; `others` are the ids of those that the same line stands for."""

    reminder: Reminder
    occurrence: Occurrence
    number: str | None
    others: tuple[int, ...] = ()
    times: int = 1

    @property
    def again(self) -> bool:
        return self.occurrence.sent_at is not None


def nudge_of(session: Session, occurrence: Occurrence) -> Nudge:
    reminder = session.get_one(Reminder, occurrence.reminder_id)
    return Nudge(reminder, occurrence, number_of(session, reminder))


def by_reminder(nudges: Sequence[Nudge]) -> list[Nudge]:
    """One line for each reminder and each deadline, the last occurrence standing for those that were due meanwhile, in
    the order of due time."""
    latest: dict[object, Nudge] = {}
    for nudge in sorted(nudges, key=lambda one: (one.occurrence.due_at, one.occurrence.id or 0)):
        key = same_line(nudge.reminder)
        before = latest.get(key)
        if before is not None:
            own = before.reminder.id == nudge.reminder.id
            others = (*before.others, before.occurrence.id or 0)
            nudge = replace(nudge, others=others, times=before.times + 1 if own else 1)
        latest[key] = nudge
    return sorted(latest.values(), key=lambda one: one.occurrence.due_at)


def same_line(reminder: Reminder) -> object:
    """What is said once, however many occurrences of it are due."""
    return reminder.deadline or reminder.id


def nudged(
    session: Session, *, person: Person, nudges: Sequence[Nudge], practice: Practice, late: bool, now: datetime
) -> Said:
    """The message about what is due for a person now (aware): one with all its buttons, several as a list."""
    shows = preference_of(session, person, practice.casework.reminders).shows
    lines = by_reminder(nudges)
    if len(lines) == 1:
        return one_due(lines[0], practice=practice, shows=shows, late=late, now=now)
    shown = lines[:MOST_LINES]
    text = [f"{n}. {line_of(nudge, practice, shows, now)}" for n, nudge in enumerate(shown, 1)]
    if len(lines) > len(shown):
        text.append(f"… und {len(lines) - len(shown)} weitere")
    text += remarks(nudges, late)
    single = [
        Choice(label=f"{n}", then=ShowNudge.model_validate(ids(nudge)))
        for n, nudge in enumerate(shown[:MOST_BUTTONS], 1)
    ]
    rows = [single[i : i + BUTTONS_PER_ROW] for i in range(0, len(single), BUTTONS_PER_ROW)]
    occurrences = tuple(id_ for nudge in shown for id_ in (*nudge.others, nudge.occurrence.id or 0))
    rows.append([Choice(label=f"Diese {len(shown)} sind erledigt", then=AcknowledgeAll(occurrences=occurrences))])
    rows.append([Choice(label="Alle Erinnerungen", then=ListReminders())])
    return Said(
        title=f"{len(lines)} Erinnerungen", text="\n".join(text), rows=rows, numbers=numbers_of(shown), about_cases=True
    )


def one_due(nudge: Nudge, *, practice: Practice, shows: Shows, late: bool, now: datetime) -> Said:
    """One that is due, with its buttons; what it is about only if the notification may show it."""
    text = [due_line(nudge, practice.calendar, shows, now), *remarks([nudge], late)]
    rows = buttons(nudge, subject_shown=shows is Shows.FULL)
    return Said(
        title=headline(nudge.reminder, nudge.number, shows),
        text="\n".join(filter(None, text)),
        rows=rows,
        numbers=numbers_of([nudge]),
        about_cases=nudge.reminder.kind is not ReminderKind.DEADLINE,
    )


def in_detail(nudge: Nudge, *, practice: Practice, now: datetime) -> Said:
    """One that was sent, in full."""
    return Said(
        title=in_full(nudge.reminder, nudge.number),
        text=due_line(nudge, practice.calendar, Shows.FULL, now),
        rows=buttons(nudge, subject_shown=True),
        numbers=numbers_of([nudge]),
        about_cases=nudge.reminder.kind is not ReminderKind.DEADLINE,
    )


def buttons(nudge: Nudge, *, subject_shown: bool) -> list[list[Choice]]:
    """What can be done about one that is due."""
    own = ids(nudge)

    def snooze(label: str, until: str) -> Choice:
        return Choice(label=label, then=Snooze.model_validate(own | {"until": until}))

    rows = [
        [Choice(label="Erledigt", then=Acknowledge.model_validate(own)), snooze("in 1 Stunde", "hour")],
        [snooze("morgen früh", "morning"), snooze("in 1 Woche", "week")],
    ]
    last: list[Choice] = []
    if nudge.number is not None:
        last.append(Choice(label="Fall öffnen", then=ShowCase(number=nudge.number)))
    if nudge.reminder.deadline is not None:
        last.append(Choice(label="Worum geht es?", then=ShowDeadline(key=nudge.reminder.deadline)))
    elif nudge.reminder.subject and not subject_shown:
        last.append(Choice(label="Worum geht es?", then=ShowNudge.model_validate(own)))
    return [*rows, last] if last else rows


def ids(nudge: Nudge) -> dict[str, object]:
    """What every operation about it carries."""
    return {
        "number": nudge.number,
        "entry_id": nudge.reminder.entry_id,
        "occurrence": nudge.occurrence.id or 0,
    }


def numbers_of(nudges: Sequence[Nudge]) -> list[str]:
    return list(dict.fromkeys(nudge.number for nudge in nudges if nudge.number is not None))


def line_of(nudge: Nudge, practice: Practice, shows: Shows, now: datetime) -> str:
    """One of several: what, since when, and how often it was due meanwhile."""
    often = f", {nudge.times}-mal" if nudge.times > 1 else ""
    if nudge.reminder.deadline is not None and shows is not Shows.NONE:
        return due_line(nudge, practice.calendar, shows, now)
    what = headline(nudge.reminder, nudge.number, shows)
    return f"{what} ({due_line(nudge, practice.calendar, shows, now)}{often})"


def due_line(nudge: Nudge, calendar: Deadlines, shows: Shows, now: datetime) -> str:
    """When it is or was due; of a deadline or a permit's end, the day it is about."""
    reminder = nudge.reminder
    if reminder.kind in (ReminderKind.DEADLINE, ReminderKind.PERMIT):
        if shows is Shows.NONE:
            return "Eine Frist rückt näher."
        left = (reminder.day - local_day(now)).days
        when = {0: "heute", 1: "morgen"}.get(left, f"in {left} Tagen" if left > 0 else "vorbei")
        found = calendar.by_key(reminder.deadline or "")
        what = f"{found.deadline.title}: " if found else ""
        return f"{what}{reminder.day:%d.%m.%Y}, {when}"
    return f"fällig {moment_in_words(nudge.occurrence.due_at, now)}"


def remarks(nudges: Sequence[Nudge], late: bool) -> list[str]:
    """What has to be said of how it comes: late, again, or perhaps twice."""
    said = []
    if late:
        said.append("Verspätet, weil der Dienst oder die Zustellung ausgefallen war.")
    if any(nudge.again for nudge in nudges):
        said.append("Noch nicht als erledigt markiert; danach steht es nur noch in der Morgenübersicht.")
    if any(nudge.occurrence.uncertain for nudge in nudges):
        said.append("Wiederholung: Möglicherweise haben Sie das schon bekommen.")
    return said


def morning(session: Session, *, person: Person, practice: Practice, now: datetime) -> Said | None:
    """The overview of a working day; None if there is nothing in it. `now` is aware."""
    shows = preference_of(session, person, practice.casework.reminders).shows
    today = local_day(now)
    mine = due_for(session, person, now)
    overdue = [nudge for nudge in mine if nudge.occurrence.state is State.SENT]
    waiting = [nudge for nudge in mine if nudge.occurrence.state is not State.SENT]
    minutes = timedelta(minutes=practice.casework.reminders.late_minutes)
    missed = [n for n in overdue if n.occurrence.sent_at and n.occurrence.sent_at - n.occurrence.due_at > minutes]
    pending = len(pending_entries(session, person=person, day=today))
    blocks = [
        block("Heute fällig", waiting, practice, shows, now),
        block("Noch offen", [nudge for nudge in overdue if nudge not in missed], practice, shows, now),
        block("Kam verspätet und ist noch offen", missed, practice, shows, now),
    ]
    rows = []
    if pending:
        blocks.append(f"Noch nicht in der KIM-Datenbank: {pending}")
        rows.append([Choice(label="Was ist zu übertragen?", then=ListPending())])
    if may(person, Permission.STATISTICS):
        blocks.append(unreachable(session, now))
    if not any(blocks):
        return None
    if any(nudge.reminder.deadline is None for nudge in mine):
        rows.append([Choice(label="Erinnerungen zeigen", then=ListReminders())])
    if any(nudge.reminder.deadline for nudge in mine):
        rows.append([Choice(label="Fristen zeigen", then=ShowDeadlines())])
    text = "\n\n".join(filter(None, blocks))
    return Said(title="Guten Morgen", text=text, rows=rows, numbers=numbers_of(mine), about_cases=bool(mine))


def unreachable(session: Session, now: datetime) -> str:
    """Whom no reminder reaches, for the coordination."""
    blocked = {person.alias: since for person, since in blocked_people(session)}
    without = people_without_account(session, since=now - LONG)
    named = [f"„{alias}“ (Bot blockiert seit {local_day(since):%d.%m.%Y})" for alias, since in blocked.items()]
    named += [f"„{person.alias}“ (ohne Konto)" for person in without]
    return f"Erreiche ich nicht: {', '.join(named)}" if named else ""


def block(title: str, nudges: Sequence[Nudge], practice: Practice, shows: Shows, now: datetime) -> str:
    lines = by_reminder(nudges)
    if not lines:
        return ""
    shown = [f"• {line_of(nudge, practice, shows, now)}" for nudge in lines[:MOST_LINES]]
    if len(lines) > len(shown):
        shown.append(f"… und {len(lines) - len(shown)} weitere")
    return "\n".join([f"{title}:", *shown])


def due_for(session: Session, person: Person, now: datetime) -> list[Nudge]:
    """What is open for a person at the end of the local day of `now`: sent and not acknowledged, or due today."""
    midnight = (now.astimezone(BERLIN) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return [Nudge(*one) for one in open_for(session, person=person, day=local_day(now), before=midnight)]


def transfer(session: Session, *, person: Person, now: datetime) -> Said | None:
    """The afternoon's nudge: entries belong in the KIM-Datenbank the same day; None if nothing waits."""
    pending = len(pending_entries(session, person=person, day=local_day(now)))
    if not pending:
        return None
    what = "gehört noch 1 Eintrag" if pending == 1 else f"gehören noch {pending} Einträge"
    return Said(
        text=f"Heute {what} in die KIM-Datenbank.",
        cites=[SAME_DAY_ENTRY],
        rows=[[Choice(label="Was ist zu übertragen?", then=ListPending())]],
    )
