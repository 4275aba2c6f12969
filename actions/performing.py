"""Does an operation on behalf of a person: one place that commits, refuses and writes the audit."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from actions.absence_dialogue import perform_absence
from actions.access import Actor, NotAllowedError
from actions.case_dialogue import CaseDialogue
from actions.cases import CaseError, ConsentMissingError, NotYourCaseError, readable_cases
from actions.clock import local_day
from actions.my_data import perform_my_data
from actions.operations import (
    AnyOperation,
    AskEraseMe,
    CaseOperation,
    Choice,
    EndAbsence,
    EraseMe,
    ExportMyData,
    Leave,
    ListCases,
    OpenCase,
    Said,
    SetAbsence,
    ShowAbsence,
    ShowMyData,
)
from actions.store.models import Person
from actions.store.records import audit
from knowledge.casework import Casework
from knowledge.errors import LotseError
from nlu.readers.case_numbers import one_slip_apart

UNKNOWN_PERSON = "Diesen Dienst können nur angemeldete Mitarbeitende nutzen."


def perform(
    session: Session, *, person_id: int, channel: str, operation: AnyOperation, casework: Casework, now: datetime
) -> Said:
    """Do it, commit, and say what came of it; whatever refuses leaves nothing behind but a line in the audit.

    `now` is aware. Errors of the store itself are the caller's.
    """
    person = session.get(Person, person_id)
    if person is None or not person.active:
        return Said(text=UNKNOWN_PERSON)
    by = Actor(channel, person)
    try:
        said = done(session, by, person, operation, casework, now)
        session.commit()
    except LotseError as error:
        session.rollback()
        number = error.number if isinstance(error, CaseError) else None
        if isinstance(error, NotAllowedError | NotYourCaseError):
            audit(session, by=by, event="denied", detail=operation.do, case_number=number, now=now)
            session.commit()
        return refused(session, person, operation, error, now)
    return said


def done(
    session: Session, by: Actor, person: Person, operation: AnyOperation, casework: Casework, now: datetime
) -> Said:
    match operation:
        case CaseOperation() | ListCases():
            return CaseDialogue(session, by, person, casework, now).perform(operation)
        case SetAbsence() | EndAbsence() | ShowAbsence():
            return perform_absence(session, by=by, person=person, operation=operation, now=now)
        case ShowMyData() | ExportMyData() | AskEraseMe() | EraseMe():
            return perform_my_data(session, by=by, person=person, operation=operation, now=now)
        case Leave():
            return Said(text="Gut, ich habe nichts geändert.")


def refused(session: Session, person: Person, operation: AnyOperation, error: LotseError, now: datetime) -> Said:
    """The reason; where a number is unknown, also the person's cases that are one slip away, and the way to open it."""
    if not isinstance(error, ConsentMissingError):
        return Said(text=error.sentence, numbers=[error.number] if isinstance(error, CaseError) else [])
    day = local_day(now)
    near = [
        case.number
        for closed in (False, True)
        for case in readable_cases(session, person, day, closed=closed)
        if one_slip_apart(case.number, error.number)
    ]
    rows = [[Choice(label=f"Meinten Sie {n}?", then=operation.model_copy(update={"number": n}))] for n in near[:3]]
    rows.append([Choice(label=f"{error.number} anlegen", then=OpenCase(number=error.number))])
    return Said(text=error.sentence, rows=rows, numbers=[error.number])
