"""What the assistant says and asks about absences and who stands in."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from actions.absences import AbsenceError, absences_of, acts_for, end_absence, set_absence
from actions.access import Actor
from actions.case_dialogue import MOST_BUTTONS
from actions.clock import local_day
from actions.operations import Choice, EndAbsence, Said, SetAbsence, ShowAbsence
from actions.people import colleagues
from actions.store.models import Absence, Person

AbsenceOperation = SetAbsence | EndAbsence | ShowAbsence


def perform_absence(session: Session, *, by: Actor, person: Person, operation: AbsenceOperation, now: datetime) -> Said:
    """Do it and say so, or ask for what is missing. The caller commits. Raises `AbsenceError`."""
    match operation:
        case SetAbsence():
            return away(session, by, person, operation, now)
        case EndAbsence():
            ended = end_absence(session, by=by, person=person, now=now)
            return Said(text="Willkommen zurück; die Vertretung ist beendet." if ended else "Sie sind nicht abwesend.")
        case ShowAbsence():
            return overview(session, person, now)


def away(session: Session, by: Actor, person: Person, operation: SetAbsence, now: datetime) -> Said:
    if operation.first_day is None or operation.last_day is None:
        return Said(text="Von wann bis wann? Zum Beispiel „vom 1.12. bis 14.12.“.", awaits=operation)
    others = colleagues(session, person)
    if operation.deputy is None:
        rows = [[Choice(label=one.alias, then=operation.model_copy(update={"deputy": one.alias}))] for one in others]
        if not rows:
            raise AbsenceError("Hier ist noch niemand, der vertreten kann – bitte fragen Sie Ihre Administration.")
        return Said(text="Wer vertritt Sie?", rows=rows[:MOST_BUTTONS], awaits=operation)
    deputy = next((one for one in others if one.alias == operation.deputy), None)
    if deputy is None:
        raise AbsenceError(f"„{operation.deputy}“ kann hier nicht vertreten – bitte den Alias prüfen.")
    absence = set_absence(
        session,
        by=by,
        person=person,
        deputy=deputy,
        first_day=operation.first_day,
        last_day=operation.last_day,
        now=now,
    )
    return Said(
        text=f"Notiert: {days(absence)} vertritt Sie „{deputy.alias}“ in Ihren Fällen und bekommt, was fällig wird.",
        rows=[[Choice(label="Rückgängig", then=EndAbsence())]],
    )


def overview(session: Session, person: Person, now: datetime) -> Said:
    today = local_day(now)
    lines = [
        f"{days(absence)} vertritt Sie „{session.get_one(Person, absence.deputy_id).alias}“."
        for absence in absences_of(session, person, from_day=today)
    ]
    for other in sorted(acts_for(session, person, today)):
        lines.append(f"Heute vertreten Sie „{session.get_one(Person, other).alias}“.")
    return Said(text="\n".join(lines) or "Es ist keine Vertretung eingetragen.")


def days(absence: Absence) -> str:
    if absence.first_day == absence.last_day:
        return f"Am {absence.first_day:%d.%m.%Y}"
    return f"Vom {absence.first_day:%d.%m.} bis {absence.last_day:%d.%m.%Y}"
