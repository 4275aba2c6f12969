"""A staff member's own data: shown, exported, deleted (Art. 15, 17 and 20 DSGVO)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from actions.absences import absences_of
from actions.access import ROLE_NAMES, Actor
from actions.cases import cases_of
from actions.clock import local_day
from actions.operations import AskEraseMe, Choice, EraseMe, ExportMyData, Leave, Said, ShowMyData
from actions.people import accounts_of, erase
from actions.reminders import open_reminders
from actions.store.models import AuditEvent, Case, Consultation, Draft, Person, Preference, Reminder
from actions.store.records import audit

MyDataOperation = ShowMyData | ExportMyData | AskEraseMe | EraseMe


def perform_my_data(session: Session, *, by: Actor, person: Person, operation: MyDataOperation, now: datetime) -> Said:
    """Do it and say so. The caller commits. Raises `StaffError` where cases are in the way of leaving."""
    match operation:
        case ShowMyData():
            return overview(session, person, now)
        case ExportMyData():
            audit(session, by=by, event="own data exported", now=now)
            numbers = [case.number for case in cases_of(session, person)]
            return Said(text="Hier sind Ihre Daten als Datei.", files=["my_data"], numbers=numbers)
        case AskEraseMe():
            return Said(
                text="Soll ich Ihr Konto und alles, was dazu gespeichert ist, löschen? Danach kommen Sie nur mit einer "
                "neuen Einladung wieder herein.",
                rows=[[Choice(label="Ja, löschen", then=EraseMe()), Choice(label="Nein", then=Leave())]],
            )
        case EraseMe():
            held = len(cases_of(session, person))
            if held:
                return Said(text=f"Bei Ihnen liegen noch Fälle ({held}). Bitte übergeben Sie diese zuerst.")
            erase(session, by=by, person=person, now=now)
            return Said(text="Ihre Daten sind gelöscht. Alles Gute!")


def overview(session: Session, person: Person, now: datetime) -> Said:
    """What is kept of a person, in words."""
    channels = ", ".join(sorted({account.channel for account in accounts_of(session, person)})) or "keine"
    cases = cases_of(session, person)
    running = sum(case.closed_on is None for case in cases)
    entries = entries_of(session, person)
    lines = [
        f"Alias: {person.alias} (Ihr Name ist nicht gespeichert)",
        f"Rolle: {ROLE_NAMES[person.role]} · Stellenanteil: {person.share:g}",
        f"Konten: {channels}",
        f"Fälle: {running} laufend, {len(cases) - running} abgeschlossen",
        f"Beratungen: {len(entries)} Einträge, die hier noch liegen",
        f"Erinnerungen: {len(open_reminders(session, person=person, day=local_day(now)))} offen",
        f"Auslastung: {'mit der Koordination geteilt' if person.share_caseload else 'nur für Sie sichtbar'}",
        f"Abwesenheiten: {len(absences_of(session, person, from_day=local_day(now)))} eingetragen",
        f"Protokoll: {events_of(session, person)} Einträge, ohne Inhalte",
    ]
    rows = [[Choice(label="Als Datei", then=ExportMyData()), Choice(label="Löschen …", then=AskEraseMe())]]
    return Said(title="Ihre Daten", text="\n".join(lines), rows=rows)


def export(session: Session, *, person: Person) -> dict[str, Any]:
    """Everything kept of a person, for a file a machine can read. What drafts say is about Klient:innen, so it is not
    in it."""
    return {
        "person": session.get_one(Person, person.id).model_dump(mode="json"),  # loaded, even after a commit
        "accounts": [account.model_dump(mode="json") for account in accounts_of(session, person)],
        "cases": [case.model_dump(mode="json") for case in cases_of(session, person)],
        "consultations": [entry.model_dump(mode="json") for entry in entries_of(session, person)],
        "absences": [absence.model_dump(mode="json") for absence in absences_of(session, person, from_day=date.min)],
        "reminders": [reminder.model_dump(mode="json") for reminder in reminders_of(session, person)],
        "preferences": [
            chosen.model_dump(mode="json")
            for chosen in session.exec(select(Preference).where(Preference.person_id == person.id))
        ],
        "drafts": [
            draft.model_dump(mode="json", exclude={"content"})
            for draft in session.exec(select(Draft).where(Draft.person_id == person.id)).all()
        ],
        "audit": [
            event.model_dump(mode="json", exclude={"person_id"})
            for event in session.exec(
                select(AuditEvent).where(AuditEvent.person_id == person.id).order_by(AuditEvent.id)  # type: ignore[arg-type]
            ).all()
        ],
    }


def entries_of(session: Session, person: Person) -> Sequence[Consultation]:
    """Talks a person logged, in cases they may still act in."""
    return session.exec(
        select(Consultation).join(Case).where(Consultation.person_id == person.id, Case.owner_id == person.id)
    ).all()


def reminders_of(session: Session, person: Person) -> Sequence[Reminder]:
    """What a person has asked to be reminded of, in no case or their own, and what is set for them."""
    own = select(Reminder).join(Case, col(Case.id) == Reminder.case_id, isouter=True)
    readable = col(Reminder.case_id).is_(None) | (col(Case.owner_id) == person.id)
    return session.exec(own.where(Reminder.person_id == person.id, readable)).all()


def events_of(session: Session, person: Person) -> int:
    return session.exec(select(func.count()).select_from(AuditEvent).where(AuditEvent.person_id == person.id)).one()
