"""What the assistant says about exports and caseloads: own ones, and counts for the coordination."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from actions.access import Actor, Permission, may, require
from actions.caseload import Caseload, caseload_of, caseload_of_all, share_caseload
from actions.clock import local_day
from actions.consultations import recent_consultations
from actions.operations import Choice, ExportTalks, ListPending, Said, ShareCaseload, ShowCaseload
from actions.practice import Practice
from actions.store.models import Person
from actions.transfer import pending_entries

CASELOAD_ENTRY = "faq-33"
"""The entry with the recommended range and the expected third."""
OverviewOperation = ExportTalks | ShowCaseload | ShareCaseload


def perform_overview(
    session: Session, *, by: Actor, person: Person, operation: OverviewOperation, practice: Practice, now: datetime
) -> Said:
    """Do it and say so; files and pictures are only named here. The caller commits."""
    match operation:
        case ExportTalks():
            return export(session, by, person, operation, now)
        case ShowCaseload():
            return caseload(session, by, person, practice)
        case ShareCaseload(shared=shared):
            share_caseload(session, by=by, shared=shared, now=now)
            text = "Die Koordination sieht jetzt Ihre Auslastung." if shared else "Ihre Auslastung sehen nur Sie."
            back = Choice(label="Rückgängig", then=ShareCaseload(shared=not shared))
            return Said(text=text, rows=[[back]])


def export(session: Session, by: Actor, person: Person, operation: ExportTalks, now: datetime) -> Said:
    if may(person, Permission.STATISTICS):
        return Said(text="Hier sind die Zahlen der letzten zwölf Monate, kleine sind verdeckt.", files=["counts_xlsx"])
    require(by, Permission.CASES)
    today = local_day(now)
    if operation.pending_only:
        waiting = len(pending_entries(session, person=person, day=today))
        if not waiting:
            rows = [[Choice(label="Alle eigenen Einträge", then=ExportTalks(pending_only=False))]]
            return Said(text="Es ist nichts offen, also auch nichts zu exportieren.", rows=rows)
        rows = [[Choice(label="Als übertragen markieren …", then=ListPending())]]
        what = "ist 1 offener Eintrag" if waiting == 1 else f"sind {waiting} offene Einträge"
        text = f"Hier {what} als Excel- und CSV-Datei."
        return Said(text=text, rows=rows, files=["talks_xlsx", "talks_csv"], about_cases=True)
    if not recent_consultations(session, person=person, day=today, limit=1):
        return Said(text="Sie haben hier noch keine Beratungen eingetragen.")
    return Said(text="Hier sind alle Ihre Einträge.", files=["all_talks_xlsx", "all_talks_csv"], about_cases=True)


def caseload(session: Session, by: Actor, person: Person, practice: Practice) -> Said:
    facts, casework = practice.facts, practice.casework
    if may(person, Permission.STATISTICS):
        smallest = practice.layout.smallest_group
        load = caseload_of_all(session, by=by, casework=casework, facts=facts, smallest_group=smallest)
        title = f"Auslastung aller {load.people} Case Manager:innen"
        rows = []
    else:
        load = caseload_of(session, by=by, person=person, casework=casework, facts=facts)
        title = "Ihre Auslastung"
        label = "Nicht mehr mit der Koordination teilen" if person.share_caseload else "Mit der Koordination teilen"
        rows = [[Choice(label=label, then=ShareCaseload(shared=not person.share_caseload))]]
    return Said(title=title, text=in_words(load), rows=rows, files=["caseload_png"], cites=[CASELOAD_ENTRY])


def in_words(load: Caseload) -> str:
    states = {"below": "unter", "within": "in", "above": "über"}
    forms = ", ".join(f"{form.running} {form.title}" for form in load.forms)
    return (
        f"{load.total} laufende Fälle: {forms}.\n"
        f"Empfohlen sind bei {f'{load.share:g}'.replace('.', ',')} VZÄ {load.low} bis {load.high} Fälle: Das liegt "
        f"{states[load.state]} der Empfehlung.\n"
        f"Erwartet wird {load.part} Case Management: Das wären {load.expected}, es sind {load.case_management}."
    )
