"""What the assistant says about saved entries: shown, changed, deleted, undone, handed over to the KIM-Datenbank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from actions.access import Actor
from actions.case_dialogue import MOST_BUTTONS
from actions.consultations import (
    EntryGoneError,
    case_of,
    consultation_for,
    delete_consultation,
    recent_consultations,
    undo_consultation,
)
from actions.drafts import drop_draft
from actions.follow_ups import drop_next_talk
from actions.operations import (
    AskDeleteTalk,
    Choice,
    DeleteTalk,
    EditTalk,
    EntryOperation,
    Leave,
    ListPending,
    MarkTransferred,
    Said,
    ShowTalk,
    ShowTalks,
    UndoTalk,
    UnmarkTransferred,
)
from actions.practice import Practice
from actions.store.models import Consultation, Person
from actions.talk_dialogue import DRAFT_KIND, SAME_DAY_ENTRY, TalkDialogue
from actions.talk_fields import TITLES, draft_from, filled, in_rows, line_of, shown
from actions.talk_requests import told
from actions.transfer import mark_transferred, pending_entries, undo_transferred, what_will_be_purged

MOST_SHOWN = 10
SOON = timedelta(days=7)


@dataclass(frozen=True)
class EntryDialogue:
    """Works through the dialogue of talks, since a saved entry is changed like one that is being told."""

    talks: TalkDialogue

    @property
    def session(self) -> Session:
        return self.talks.session

    @property
    def by(self) -> Actor:
        return self.talks.by

    @property
    def person(self) -> Person:
        return self.talks.person

    @property
    def practice(self) -> Practice:
        return self.talks.practice

    @property
    def now(self) -> datetime:
        return self.talks.now

    @property
    def today(self) -> date:
        return self.talks.today

    def line(self, entry: Consultation) -> str:
        return line_of(entry, self.practice.layout)

    def entries(self, operation: EntryOperation | ShowTalks) -> Said:
        """Saved entries: shown, changed, deleted, undone."""
        if isinstance(operation, ShowTalks):
            return self.recent()
        entry_id = operation.entry_id or self.newest(operation.number, operation.day)
        match operation:
            case ShowTalk():
                return self.card(consultation_for(self.session, by=self.by, entry_id=entry_id, day=self.today))
            case EditTalk(changes=changes, asks=asks):
                entry = consultation_for(self.session, by=self.by, entry_id=entry_id, day=self.today)
                begun = self.talks.draft(entry_id)
                draft = begun or draft_from(entry, case_of(self.session, entry).number)
                if asks is not None:
                    return self.talks.ask(draft, asks)
                said = {field: getattr(changes, field) for field in filled(changes)} if changes else {}
                if not said:
                    self.talks.keep(draft)
                    return self.talks.menu(draft)
                return self.talks.go_on(told(draft, asked=None, **said).draft)
            case AskDeleteTalk():
                entry = consultation_for(self.session, by=self.by, entry_id=entry_id, day=self.today)
                yes = Choice(label="Ja, löschen", then=DeleteTalk(entry_id=entry_id))
                number = case_of(self.session, entry).number
                text = f"Diesen Eintrag löschen? {number}: {self.line(entry)}"
                return Said(text=text, rows=[[yes, Choice(label="Nein", then=Leave())]], numbers=[number])
            case DeleteTalk():
                number = delete_consultation(self.session, by=self.by, entry_id=entry_id, now=self.now)
                self.forget(entry_id)
                return Said(text=f"Der Eintrag zu {number} ist gelöscht.", numbers=[number])
            case UndoTalk():
                number = undo_consultation(
                    self.session,
                    by=self.by,
                    entry_id=entry_id,
                    casework=self.practice.casework,
                    now=self.now,
                )
                self.forget(entry_id)
                return Said(text=f"Rückgängig gemacht: Der Eintrag zu {number} ist weg.", numbers=[number])
        raise TypeError(operation)

    def forget(self, entry_id: str) -> None:
        """Nothing begun on a deleted entry stays, nor the reminder of the next talk."""
        drop_draft(self.session, person=self.person, kind=DRAFT_KIND + entry_id)
        drop_next_talk(self.session, entry_id=entry_id)

    def newest(self, number: str | None, day: date | None) -> str:
        """The entry that was logged last, of this case and of a talk on that day if these are named."""
        for entry in recent_consultations(self.session, person=self.person, day=self.today, limit=None):
            if number in (None, case_of(self.session, entry).number) and day in (None, entry.day):
                return entry.entry_id
        which = f"{f' zu {number}' if number else ''}{f' vom {day:%d.%m.%Y}' if day else ''}"
        raise EntryGoneError(f"Es gibt hier noch keinen Eintrag von Ihnen{which}.")

    def recent(self) -> Said:
        entries = recent_consultations(self.session, person=self.person, day=self.today, limit=MOST_SHOWN)
        if not entries:
            return Said(text="Sie haben hier noch keine Beratungen eingetragen.")
        numbers = [case_of(self.session, entry).number for entry in entries]
        lines = [f"{number} · {self.line(entry)}" for number, entry in zip(numbers, entries, strict=True)]
        choices = [
            Choice(label=f"{number} {entry.day:%d.%m.}", then=ShowTalk(entry_id=entry.entry_id))
            for number, entry in zip(numbers[:MOST_BUTTONS], entries, strict=False)
        ]
        return Said(title="Ihre letzten Beratungen", text="\n".join(lines), rows=in_rows(choices, 2), numbers=numbers)

    def card(self, entry: Consultation) -> Said:
        number = case_of(self.session, entry).number
        draft = draft_from(entry, number)
        lines = [
            f"{TITLES[field]}: {shown(draft, field, self.practice.layout)}"
            for field in filled(draft)
            if field != "number"
        ]
        lines.append("übertragen" if entry.transferred_at else "noch nicht in der KIM-Datenbank")
        id_ = entry.entry_id
        rows = [
            [
                Choice(label="Ändern …", then=EditTalk(entry_id=id_)),
                Choice(label="Löschen …", then=AskDeleteTalk(entry_id=id_)),
            ],
        ]
        if entry.transferred_at is None:
            rows.append([Choice(label="Ist übertragen", then=MarkTransferred(entry_ids=(id_,)))])
        title = f"{self.practice.casework.form_title(entry.form)} {number}"
        return Said(title=title, text="\n".join(lines), rows=rows, numbers=[number])

    def transfer(self, operation: ListPending | MarkTransferred | UnmarkTransferred) -> Said:
        """The hand-over to the KIM-Datenbank: what waits, and what is done."""
        match operation:
            case ListPending():
                return self.pending()
            case MarkTransferred(entry_ids=ids):
                marked = mark_transferred(self.session, by=self.by, entry_ids=self.there(ids), now=self.now)
                if not marked:
                    return Said(text="Das ist schon als übertragen markiert.")
                left = len(pending_entries(self.session, person=self.person, day=self.today))
                days = self.talks.kept_for.days
                text = (
                    f"{entries_word(len(marked))} als übertragen markiert; hier wird das nach {days} Tagen gelöscht. "
                )
                text += f"Noch offen: {left}." if left else "Es ist nichts mehr offen."
                ids = tuple(entry.entry_id for entry in marked)
                undo = Choice(label="Rückgängig", then=UnmarkTransferred(entry_ids=ids))
                return Said(text=text, rows=[[undo]])
            case UnmarkTransferred(entry_ids=ids):
                undone = undo_transferred(self.session, by=self.by, entry_ids=ids, now=self.now)
                return Said(
                    text=f"{entries_word(len(undone))} wieder offen.",
                    rows=[[Choice(label="Offene zeigen", then=ListPending())]],
                )
        raise TypeError(operation)

    def there(self, entry_ids: Sequence[str]) -> Sequence[str]:
        """Those that were not deleted since they were shown."""
        found = select(Consultation.entry_id).where(col(Consultation.entry_id).in_(entry_ids))
        return self.session.exec(found).all()

    def pending(self) -> Said:
        entries = pending_entries(self.session, person=self.person, day=self.today)
        soon = what_will_be_purged(
            self.session, person=self.person, kept_for=self.talks.kept_for, within=SOON, now=self.now
        )
        lines = [f"{case_of(self.session, entry).number} · {self.line(entry)}" for entry in entries]
        if soon:
            lines.append(f"In den nächsten {SOON.days} Tagen hier gelöscht, weil übertragen: {len(soon)}.")
        if not entries:
            return Said(text="\n".join(["Es ist nichts offen: Alle Einträge sind übertragen.", *lines]))
        ids = tuple(entry.entry_id for entry in entries)
        rows = [
            [
                Choice(
                    label=f"Übertragen: {case_of(self.session, one).number} {one.day:%d.%m.}",
                    then=MarkTransferred(entry_ids=(one.entry_id,)),
                )
            ]
            for one in entries[:MOST_BUTTONS]
        ]
        if len(ids) > 1:
            rows.append([Choice(label=f"Alle {len(ids)} übertragen", then=MarkTransferred(entry_ids=ids))])
        return Said(
            title=f"Noch in die KIM-Datenbank: {len(entries)}",
            text="\n".join(lines),
            rows=rows,
            numbers=[case_of(self.session, entry).number for entry in entries],
            cites=[SAME_DAY_ENTRY],
        )


def entries_word(count: int) -> str:
    return f"{count} Eintrag ist" if count == 1 else f"{count} Einträge sind"
