"""What the assistant says and asks about reminders: set, listed, moved, renamed, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from dateutil.relativedelta import relativedelta
from sqlmodel import Session, col, select

from actions.access import Actor
from actions.case_dialogue import CaseDialogue
from actions.cases import CaseError, ConsentMissingError, case_for
from actions.clock import BERLIN, local_day
from actions.deadlines import plan_deadlines
from actions.nudging import Nudge, buttons
from actions.occurrences import postpone
from actions.operations import (
    Choice,
    DeleteReminder,
    FindReminder,
    FinishReminder,
    KeepDay,
    ListReminders,
    Move,
    MoveReminder,
    OneReminder,
    OpenCase,
    ReminderDraft,
    ReminderOperation,
    RenameReminder,
    RestoreReminder,
    Said,
    SetPermit,
    SetReminder,
    SetReminders,
    ShowCase,
    ShowPreferences,
    ShowReminder,
)
from actions.permit_dialogue import PermitDialogue
from actions.practice import Practice
from actions.preferences import hours_of
from actions.recurrence import days_of, moment
from actions.reminder_requests import folded
from actions.reminder_words import (
    clock_in_words,
    day_in_words,
    in_full,
    moment_in_words,
    repeat_in_words,
    why_no_work,
)
from actions.reminders import (
    GONE,
    ReminderGoneError,
    ReminderRefusedError,
    Wanted,
    end_reminder,
    number_of,
    open_reminders,
    reminder_for,
    restore_reminder,
    set_reminder,
)
from actions.store.models import Occurrence, Person, Reminder, ReminderKind, State
from actions.workdays import is_working_day
from knowledge.casework import ReminderDefaults
from nlu.readers.reckoning import moved_by

PER_PAGE = 15
MOST_BUTTONS = 8
BUTTONS_PER_ROW = 4
USUAL_HOURS = (10, 12, 14, 16)
"""What the buttons offer where only "heute" was said, and the hour is still to come."""
LONGEST_SUBJECT = 300


@dataclass(frozen=True)
class ReminderDialogue:
    """One step on behalf of a person. `now` is aware; the caller commits. Raises the errors of the services, whose
    sentences are the reply."""

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

    @property
    def permits(self) -> PermitDialogue:
        return PermitDialogue(self.session, self.by, self.person, self.practice, self.now)

    def perform(self, operation: ReminderOperation | SetReminders | ListReminders | FindReminder) -> Said:
        match operation:
            case SetReminder():
                return self.set(operation)
            case SetReminders(drafts=drafts, left=left):
                return self.set_all(drafts, left)
            case ListReminders(start=start):
                return self.listed(start)
            case FindReminder():
                return self.find(operation)
            case SetPermit():
                return self.permits.perform(operation)
            case OneReminder(entry_id=entry_id):
                reminder = reminder_for(self.session, by=self.by, entry_id=entry_id, day=self.today)
                if reminder.ended_at is not None and not isinstance(operation, RestoreReminder):
                    raise ReminderGoneError(GONE)
                return self.about(operation, reminder)
        raise TypeError(operation)

    def set(self, operation: SetReminder) -> Said:
        """Ask for what is missing, else keep it and say so."""
        draft = operation.draft
        if draft.number is not None:
            try:
                case_for(self.session, by=self.by, number=draft.number, day=self.today)
            except ConsentMissingError:
                cases = CaseDialogue(self.session, self.by, self.person, self.practice, self.now)
                consent = cases.open(OpenCase(number=draft.number, reminder=draft), draft.number)
                alone = SetReminder(draft=draft.model_copy(update={"number": None}))
                rows = [*consent.rows, [Choice(label="Ohne Fall erinnern", then=alone)]]
                return consent.model_copy(update={"rows": rows})
        if draft.day is None:
            return self.ask_when(operation)
        if draft.subject is None and draft.number is None and draft.kind is ReminderKind.REMINDER:
            asked = operation.model_copy(update={"asked": "subject"})
            return Said(text=f"{operation.problem} Woran soll ich Sie erinnern?".strip(), awaits=asked)
        if self.hour_missing(draft):
            return self.ask_clock(operation)
        try:
            reminder = self.keep(draft)
        except ReminderRefusedError as error:
            again = draft.model_copy(update={"day": None, "clock": None})
            return self.ask_when(operation.model_copy(update={"draft": again, "problem": error.sentence}))
        return self.confirmed(reminder)

    def keep(self, draft: ReminderDraft) -> Reminder:
        """Keep a complete draft; what only names a case is a Wiedervorlage."""
        bare = draft.subject is None and draft.kind is ReminderKind.REMINDER
        wanted = Wanted(
            day=draft.day or self.today,
            clock=draft.clock,
            subject=draft.subject[:LONGEST_SUBJECT] if draft.subject else None,
            repeat=draft.repeat,
            kind=ReminderKind.RESUBMISSION if bare else draft.kind,
            named=draft.named,
            kept=draft.kept,
        )
        return set_reminder(
            self.session,
            by=self.by,
            entry_id=draft.entry_id,
            number=draft.number,
            wanted=wanted,
            defaults=self.defaults,
            now=self.now,
        )

    def set_all(self, drafts: Sequence[ReminderDraft], left: int) -> Said:
        """Keep several; those that can't be are named with the reason."""
        lines, numbers = [], []
        for draft in drafts:
            numbers += [draft.number] if draft.number else []
            try:
                if draft.number is not None:
                    case_for(self.session, by=self.by, number=draft.number, day=self.today)
                if self.hour_missing(draft):
                    raise ReminderRefusedError("Für heute bitte mit Uhrzeit.")
                lines.append(f"✓ {self.line(*self.with_next(self.keep(draft)))}")
            except (ReminderRefusedError, CaseError) as error:
                what = draft.subject or draft.number
                lines.append(f"✗ {what}: {error.sentence}")
        kept = sum(line.startswith("✓") for line in lines)
        lines += [f"{left} weitere waren zu viel auf einmal; bitte schicken Sie diese noch einmal."] if left else []
        rows = [[Choice(label="Erinnerungen zeigen", then=ListReminders())]]
        title = f"{kept} von {len(drafts) + left} Erinnerungen sind gespeichert"
        return Said(title=title, text="\n".join(lines), rows=rows, numbers=numbers, about_cases=True)

    def hour_missing(self, draft: ReminderDraft) -> bool:
        """Only "heute" was said, and the usual time is over."""
        today = draft.day == self.today and draft.clock is None and draft.repeat is None
        return today and moment(self.today, self.defaults.default_time) <= self.now

    def ask_when(self, operation: SetReminder) -> Said:
        draft, hours = operation.draft, hours_of(self.session, self.person, self.defaults)
        asked = operation.model_copy(update={"asked": "when", "problem": "", "options": ()})

        def choice(label: str, day: date, *, named: bool) -> Choice:
            told = draft.model_copy(update={"day": day, "named": named})
            return Choice(label=label, then=SetReminder(number=draft.number, draft=told))

        if operation.options:
            rows = [[choice(day_in_words(day), day, named=True)] for day in operation.options]
            question = "Welcher Tag ist gemeint?"
        else:
            later = [
                ("in 1 Woche", relativedelta(weeks=1)),
                ("in 1 Monat", relativedelta(months=1)),
                ("in 6 Monaten", relativedelta(months=6)),
            ]
            next_day = hours.day_after(self.today)
            rows = [
                [choice(f"{day_in_words(next_day)}", next_day, named=True)],
                [choice(label, self.today + step, named=False) for label, step in later],
            ]
            question = "Wann soll ich Sie erinnern? Zum Beispiel „nächsten Dienstag 9 Uhr“ oder „in 3 Wochen“."
        text = f"{operation.problem} {question}".strip()
        return Said(text=text, rows=rows, awaits=asked, numbers=[draft.number] if draft.number else [])

    def ask_clock(self, operation: SetReminder) -> Said:
        draft = operation.draft
        hours = [time(hour) for hour in USUAL_HOURS if moment(self.today, time(hour)) > self.now]
        rows = [
            [
                Choice(
                    label=clock_in_words(hour),
                    then=SetReminder(number=draft.number, draft=draft.model_copy(update={"clock": hour})),
                )
                for hour in hours
            ]
        ]
        asked = operation.model_copy(update={"asked": "clock", "problem": ""})
        text = f"{operation.problem} Um wie viel Uhr heute?".strip()
        return Said(text=text, rows=rows if hours else [], awaits=asked, numbers=[draft.number] if draft.number else [])

    def confirmed(self, reminder: Reminder, *, changed: bool = False) -> Said:
        """That it is kept, and when it comes; where it was moved, why, with a way back."""
        number = number_of(self.session, reminder)
        found = self.next_of(reminder)
        when = moment_in_words(found.due_at, self.now) if found else "nicht mehr"
        often = f"{repeat_in_words(reminder.repeat)}, zuerst " if reminder.repeat else ""
        lines = [f"{'Geändert: ' if changed else ''}{self.whom(reminder)} {often}{when}: {in_full(reminder, number)}."]
        rows = [self.change_buttons(reminder, number)]
        said = next(days_of(reminder.repeat, reminder.day)) if reminder.repeat else reminder.day
        if found is not None and found.day < said:
            lines.append(
                f"Der {day_in_words(said)} ist {why_no_work(said)}, deshalb am Arbeitstag davor."
                if not is_working_day(said)
                else f"Am {day_in_words(said)} arbeiten Sie nicht, deshalb am Arbeitstag davor."
            )
            keep = KeepDay(number=number, entry_id=reminder.entry_id)
            label = "Doch immer am genannten Tag" if reminder.repeat else f"Doch am {day_in_words(said)}"
            rows.insert(0, [Choice(label=label, then=keep)])
        return Said(text="\n".join(lines), rows=rows, numbers=[number] if number else [], about_cases=True)

    def whom(self, reminder: Reminder) -> str:
        """Who is reminded: the person, or whose reminder it is."""
        if reminder.person_id == self.person.id:
            return "Ich erinnere Sie"
        return f"Ich erinnere „{self.session.get_one(Person, reminder.person_id).alias}“"

    def change_buttons(self, reminder: Reminder, number: str | None) -> list[Choice]:
        entry_id = reminder.entry_id
        rename = Choice(label="Umbenennen …", then=RenameReminder(number=number, entry_id=entry_id))
        return [
            Choice(label="Verschieben …", then=MoveReminder(number=number, entry_id=entry_id)),
            *([] if reminder.kind is ReminderKind.PERMIT else [rename]),
            Choice(label="Löschen", then=DeleteReminder(number=number, entry_id=entry_id)),
        ]

    def next_of(self, reminder: Reminder) -> Occurrence | None:
        """The occurrence that is next, or waits to be acknowledged."""
        still = select(Occurrence).where(
            Occurrence.reminder_id == reminder.id, Occurrence.state != State.ACKNOWLEDGED
        )  # fmt: skip
        return self.session.exec(still.order_by(col(Occurrence.due_at))).first()

    def with_next(self, reminder: Reminder) -> tuple[Reminder, Occurrence | None]:
        return reminder, self.next_of(reminder)

    def line(self, reminder: Reminder, occurrence: Occurrence | None) -> str:
        number = number_of(self.session, reminder)
        when = moment_in_words(occurrence.due_at, self.now) if occurrence else "vorbei"
        often = f" ({repeat_in_words(reminder.repeat)})" if reminder.repeat else ""
        waits = "offen seit " if occurrence and occurrence.state is State.SENT else ""
        if reminder.kind is ReminderKind.PERMIT:
            often = f" (Ende {day_in_words(reminder.day)})"
        return f"{waits}{when}: {in_full(reminder, number)}{often}"

    def listed(self, start: int) -> Said:
        """Open reminders, a page of them, each behind its number."""
        found = open_reminders(self.session, person=self.person, day=self.today)
        if not found:
            text = "Sie haben keine offenen Erinnerungen. „Erinner mich in 3 Wochen an …“ legt eine an."
            return Said(text=text, rows=[[Choice(label="Einstellungen", then=ShowPreferences())]])
        start = min(start, len(found) - 1)
        page = found[start : start + PER_PAGE]
        lines = [f"{n}. {self.line(one.reminder, one.occurrence)}" for n, one in enumerate(page, start + 1)]
        single = [
            Choice(label=f"{n}", then=ShowReminder(number=one.number, entry_id=one.reminder.entry_id))
            for n, one in enumerate(page, start + 1)
        ]
        rows = [single[i : i + BUTTONS_PER_ROW] for i in range(0, len(single), BUTTONS_PER_ROW)]
        turn = [Choice(label="← Frühere", then=ListReminders(start=max(start - PER_PAGE, 0)))] if start else []
        if start + PER_PAGE < len(found):
            turn.append(Choice(label="Weitere →", then=ListReminders(start=start + PER_PAGE)))
        rows += [turn] if turn else []
        rows.append([Choice(label="Einstellungen", then=ShowPreferences())])
        return Said(
            title=f"Offene Erinnerungen: {len(found)}",
            text="\n".join(lines),
            rows=rows,
            numbers=list(dict.fromkeys(one.number for one in page if one.number)),
            about_cases=True,
        )

    def find(self, operation: FindReminder) -> Said:
        """The one that is meant, if it is clear which; else those that may be."""
        words = set(operation.words.split())
        scored = []
        for reminder, _, number in open_reminders(self.session, person=self.person, day=self.today):
            if operation.number is not None and number != operation.number:
                continue
            own = set(folded(in_full(reminder, number)).split())
            hits = sum(any(alike(word, other) for other in own) for word in words)
            if hits or not words:
                scored.append((hits, reminder, number))
        most = max((hits for hits, *_ in scored), default=0)
        best = [one for one in scored if one[0] == most]
        if not best:
            return Said(
                text="Eine solche Erinnerung finde ich nicht.",
                rows=[[Choice(label="Erinnerungen zeigen", then=ListReminders())]],
            )
        if len(best) == 1:
            _, reminder, number = best[0]
            return self.about(self.then(operation, reminder, number), reminder)
        rows = [
            [Choice(label=self.line(*self.with_next(reminder))[:60], then=self.then(operation, reminder, number))]
            for _, reminder, number in best[:MOST_BUTTONS]
        ]
        numbers = [number for *_, number in best if number]
        return Said(text="Welche ist gemeint?", rows=rows, numbers=numbers, about_cases=True)

    def then(self, operation: FindReminder, reminder: Reminder, number: str | None) -> AboutOne:
        match operation.then:
            case "move":
                return MoveReminder(
                    number=number, entry_id=reminder.entry_id, to=operation.to, problem=operation.problem
                )
            case "delete":
                return DeleteReminder(number=number, entry_id=reminder.entry_id)
        return ShowReminder(number=number, entry_id=reminder.entry_id)

    def about(self, operation: OneReminder, reminder: Reminder) -> Said:
        """An operation on one the person may act on."""
        number = number_of(self.session, reminder)
        numbers = [number] if number else []
        match operation:
            case ShowReminder():
                rows = [self.change_buttons(reminder, number)]
                found = self.next_of(reminder)
                if found is not None and found.state is State.SENT:
                    rows = [*buttons(Nudge(reminder, found, number), subject_shown=True), *rows]
                elif number:
                    rows.append([Choice(label="Fall öffnen", then=ShowCase(number=number))])
                return Said(text=self.line(reminder, found), rows=rows, numbers=numbers, about_cases=True)
            case MoveReminder(to=None, problem=problem):
                text = f"{problem} Auf wann? Zum Beispiel „Freitag“, „um 14 Uhr“ oder „um eine Woche“.".strip()
                return Said(text=text, awaits=operation.model_copy(update={"problem": ""}), numbers=numbers)
            case MoveReminder(to=Move() as to, series=series):
                return self.moved(operation, reminder, to, series)
            case RenameReminder(subject=None):
                return Said(text="Wie soll sie heißen? Bitte ohne Namen.", awaits=operation, numbers=numbers)
            case RenameReminder(subject=str(subject)):
                reminder.subject = subject[:LONGEST_SUBJECT]
                self.session.add(reminder)
                return self.confirmed(reminder, changed=True)
            case FinishReminder():
                end_reminder(self.session, by=self.by, reminder=reminder, now=self.now)
                back = RestoreReminder(number=number, entry_id=reminder.entry_id)
                text = "Gut, daran erinnere ich nicht mehr."
                rows = [[Choice(label="Rückgängig", then=back)]]
                return Said(text=text, rows=rows, numbers=numbers, in_place=True)
            case KeepDay():
                return self.rewritten(reminder, kept=True)
            case DeleteReminder():
                end_reminder(self.session, by=self.by, reminder=reminder, now=self.now)
                back = RestoreReminder(number=number, entry_id=reminder.entry_id)
                text = f"Gelöscht: {in_full(reminder, number)}."
                rows = [[Choice(label="Rückgängig", then=back)]]
                return Said(text=text, rows=rows, numbers=numbers, about_cases=True)
            case RestoreReminder():
                return self.restored(reminder, number)
        raise TypeError(operation)

    def restored(self, reminder: Reminder, number: str | None) -> Said:
        """It is back as it was."""
        restore_reminder(self.session, by=self.by, reminder=reminder, defaults=self.defaults, now=self.now)
        if reminder.kind is ReminderKind.DEADLINE:
            plan_deadlines(self.session, person=self.person, practice=self.practice, now=self.now)
            return Said(text="Gut, ich erinnere Sie wieder daran.", in_place=True)
        if reminder.kind is ReminderKind.PERMIT:
            return self.permits.until(number or "", reminder.day)
        return self.confirmed(reminder, changed=True)

    def moved(self, operation: MoveReminder, reminder: Reminder, to: Move, series: bool | None) -> Said:
        """To another day or time; of a repetition, this time only or from now on."""
        found = self.next_of(reminder)
        here = (found.due_at if found else self.now).astimezone(BERLIN)
        day, clock = to.day or here.date(), to.clock or reminder.clock
        if to.later is not None:
            day = moved_by(here.date(), months=to.later[0], days=to.later[1])
        if reminder.repeat is not None and series is None:
            once = operation.model_copy(update={"series": False})
            always = operation.model_copy(update={"series": True})
            rows = [[Choice(label="Nur diesmal", then=once), Choice(label="Alle künftigen", then=always)]]
            number = operation.number
            return Said(text="Nur diesmal oder von da an immer?", rows=rows, numbers=[number] if number else [])
        if reminder.repeat is not None and not series and found is not None:
            at = moment(day, clock or self.defaults.default_time)
            if at <= self.now:
                raise ReminderRefusedError("Dieser Zeitpunkt ist schon vorbei – bitte einen kommenden nennen.")
            postpone(found, until=at)
            self.session.add(found)
            return self.confirmed(reminder, changed=True)
        return self.rewritten(reminder, day=day, clock=clock, named=to.named, kept=False)

    def rewritten(self, reminder: Reminder, **changes: object) -> Said:
        """The same reminder with these changes, planned anew."""
        draft = ReminderDraft(
            entry_id=reminder.entry_id,
            number=number_of(self.session, reminder),
            subject=reminder.subject,
            day=reminder.day,
            clock=reminder.clock,
            repeat=reminder.repeat,
            kind=reminder.kind,
            named=reminder.named,
            kept=reminder.kept,
        ).model_copy(update=changes)
        if reminder.kind is ReminderKind.PERMIT:
            return self.permits.until(draft.number or "", draft.day or reminder.day)
        if self.hour_missing(draft):
            return self.ask_clock(SetReminder(number=draft.number, draft=draft))
        return self.confirmed(self.keep(draft), changed=True)


AboutOne = ShowReminder | MoveReminder | DeleteReminder


def alike(word: str, other: str) -> bool:
    """The same word, or one the beginning of the other."""
    return word == other or (min(len(word), len(other)) > 3 and (word.startswith(other) or other.startswith(word)))
