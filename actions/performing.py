"""Does an operation on behalf of a person: one place that commits, refuses and writes the audit."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from actions.absence_dialogue import perform_absence
from actions.access import Actor, NotAllowedError, Permission, require
from actions.case_dialogue import CaseDialogue
from actions.cases import CaseError, ConsentMissingError, NotYourCaseError, readable_cases
from actions.clock import local_day
from actions.deadline_dialogue import DeadlineDialogue
from actions.entry_dialogue import EntryDialogue
from actions.my_data import perform_my_data
from actions.nudge_dialogue import NudgeDialogue
from actions.operations import (
    AcknowledgeAll,
    AnyOperation,
    AskEraseMe,
    CaseOperation,
    Choice,
    ChooseHours,
    ChooseLeads,
    ChooseShown,
    EndAbsence,
    EntryOperation,
    EraseMe,
    ExportMyData,
    ExportTalks,
    FindReminder,
    Leave,
    ListCases,
    ListPending,
    ListReminders,
    MarkTransferred,
    NudgeOperation,
    OpenCase,
    ReminderOperation,
    ReopenAll,
    Said,
    SendCalendar,
    SetAbsence,
    SetReminders,
    ShareCaseload,
    ShowAbsence,
    ShowCaseload,
    ShowDeadline,
    ShowDeadlines,
    ShowMyData,
    ShowPreferences,
    ShowTalks,
    SubscribeDeadline,
    TalkDraft,
    TalkOperation,
    UnmarkTransferred,
)
from actions.overview_dialogue import perform_overview
from actions.practice import Practice
from actions.preference_dialogue import PreferenceDialogue
from actions.reminder_dialogue import ReminderDialogue
from actions.store.models import Person
from actions.store.records import audit
from actions.talk_dialogue import TalkDialogue
from knowledge.errors import LotseError
from nlu.readers.case_numbers import one_slip_apart

UNKNOWN_PERSON = "Diesen Dienst können nur angemeldete Mitarbeitende nutzen."


def perform(
    session: Session,
    *,
    person_id: int,
    channel: str,
    operation: AnyOperation,
    practice: Practice,
    kept_for: timedelta,
    current: TalkDraft | None = None,
    now: datetime,
) -> Said:
    """Do it, commit, and say what came of it; whatever refuses leaves nothing behind but a line in the audit.

    `kept_for` is how long transferred entries stay; `current` the talk this conversation is at; `now` is aware. Errors
    of the store itself are the caller's.
    """
    person = session.get(Person, person_id)
    if person is None or not person.active:
        return Said(text=UNKNOWN_PERSON)
    by = Actor(channel, person)
    try:
        talks = TalkDialogue(session, by, person, practice, kept_for, now, current)
        said = done(talks, operation)
        session.commit()
    except LotseError as error:
        session.rollback()
        number = error.number if isinstance(error, CaseError) else None
        if isinstance(error, NotAllowedError | NotYourCaseError):
            audit(session, by=by, event="denied", detail=operation.do, case_number=number, now=now)
            session.commit()
        return refused(session, person, operation, error, now)
    return said


def offer_draft(
    session: Session, *, person: Person, channel: str, practice: Practice, kept_for: timedelta, now: datetime
) -> Said | None:
    """A talk begun before this process started, offered again; none if there is none."""
    return TalkDialogue(session, Actor(channel, person), person, practice, kept_for, now, None).offered()


def done(talks: TalkDialogue, operation: AnyOperation) -> Said:
    session, by, person, now = talks.session, talks.by, talks.person, talks.now
    match operation:
        case TalkOperation():
            require(by, Permission.CASES)
            return talks.perform(operation)
        case EntryOperation() | ShowTalks():
            require(by, Permission.CASES)
            return EntryDialogue(talks).entries(operation)
        case ListPending() | MarkTransferred() | UnmarkTransferred():
            require(by, Permission.CASES)
            return EntryDialogue(talks).transfer(operation)
        case ExportTalks() | ShowCaseload() | ShareCaseload():
            return perform_overview(
                session, by=by, person=person, operation=operation, practice=talks.practice, now=now
            )
        case NudgeOperation() | AcknowledgeAll() | ReopenAll():
            return NudgeDialogue(session, by, person, talks.practice, now).perform(operation)
        case ReminderOperation() | SetReminders() | ListReminders() | FindReminder():
            return ReminderDialogue(session, by, person, talks.practice, now).perform(operation)
        case ShowDeadlines() | ShowDeadline() | SubscribeDeadline() | SendCalendar():
            return DeadlineDialogue(session, by, person, talks.practice, now).perform(operation)
        case ShowPreferences() | ChooseShown() | ChooseHours() | ChooseLeads():
            return PreferenceDialogue(session, person, talks.practice, now).perform(operation)
        case CaseOperation() | ListCases():
            return CaseDialogue(session, by, person, talks.practice, now).perform(operation)
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
