"""Cases and the consent gate: who may act in which case, and no case without a signed Einwilligungserklärung (FAQ 34).

`case_for` is the gate: whatever is written about a case number passes it. A case is its consent: the row cannot exist
without one (the columns are mandatory), and every other table holds a case only by a key that goes with that row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, or_, select, update

from actions.absences import acts_for
from actions.access import Actor, Permission, may, require
from actions.clock import local_day
from actions.hygiene import clear_chats
from actions.store.models import Case, CaseDeputy, Person, Reminder
from actions.store.records import audit
from knowledge.errors import LotseError


class CaseError(LotseError):
    """Something about a case cannot be done; `number` is the case number as normalised."""

    def __init__(self, sentence: str, number: str) -> None:
        super().__init__(sentence)
        self.number = number


class ConsentMissingError(CaseError):
    """There is no signed consent on record, so nothing about this number is stored."""


class NotYourCaseError(CaseError):
    """The case is in other hands."""


def readable_by(session: Session, person: Person, day: date) -> ColumnElement[bool]:
    """Which cases a person may read and act in on that day (local): their own, those they always stand in for, and
    those of colleagues they stand in for while these are away."""
    owners = {person.id or 0} | acts_for(session, person, day)
    stands_in = exists().where(col(CaseDeputy.case_id) == Case.id, col(CaseDeputy.person_id) == person.id)
    return or_(col(Case.owner_id).in_(owners), stands_in)


def readable_cases(session: Session, person: Person, day: date, *, closed: bool = False) -> Sequence[Case]:
    """Running (or closed) cases a person may read that day, by number; none for whom cases are not allowed."""
    if not may(person, Permission.CASES):
        return []
    state = col(Case.closed_on).is_not(None) if closed else col(Case.closed_on).is_(None)
    return session.exec(select(Case).where(readable_by(session, person, day), state).order_by(Case.number)).all()


def case_for(session: Session, *, by: Actor, number: str, day: date) -> Case:
    """The gate: the case of this number, consented to, for someone who may act in it that day (local).

    Raises `NotAllowedError`, `ConsentMissingError` where no consent is on record, `NotYourCaseError`.
    """
    require(by, Permission.CASES)
    found = session.exec(select(Case).where(Case.number == number)).first()
    if found is None:
        raise ConsentMissingError(
            f"Zu {number} liegt hier keine Einwilligungserklärung vor, deshalb ist nichts gespeichert.", number
        )
    if by.person is not None:
        mine = select(Case.id).where(Case.id == found.id, readable_by(session, by.person, day))
        if session.exec(mine).first() is None:
            raise NotYourCaseError(
                f"{number} liegt bei einer Kollegin oder einem Kollegen – bitte dort oder bei Ihrer Administration um "
                "Übergabe bitten.",
                number,
            )
    return found


def open_case(
    session: Session,
    *,
    by: Actor,
    owner: Person,
    number: str,
    form: str,
    started_on: date,
    signed_on: date,
    now: datetime,
) -> Case:
    """Record a consent and with it the case; the one way a case number gets into the store. The caller commits.

    `signed_on` is the day (local) on which the Einwilligungserklärung was signed, as `by` confirms. Raises
    `NotAllowedError`, `CaseError` if the case is there already, or if the consent is from a day to come.
    """
    require(by, Permission.CASES)
    if not may(owner, Permission.CASES):
        raise CaseError(f"„{owner.alias}“ führt keine Fälle – bitte jemanden aus dem Case Management wählen.", number)
    if session.exec(select(Case.id).where(Case.number == number)).first() is not None:
        raise CaseError(f"{number} ist schon angelegt.", number)
    if signed_on > local_day(now):
        raise CaseError(
            "Die Einwilligung kann nicht erst in Zukunft unterschrieben sein – bitte das Datum prüfen.", number
        )
    case = Case(
        number=number,
        form=form,
        owner_id=owner.id or 0,
        started_on=started_on,
        consent_signed_on=signed_on,
        consent_confirmed_by=by.person_id or owner.id or 0,
        consent_confirmed_at=now,
    )
    session.add(case)
    session.flush()
    audit(session, by=by, event="case opened with consent", case_number=number, now=now)
    return case


def withdraw_consent(session: Session, *, by: Actor, case: Case, now: datetime) -> None:
    """Forget a case: its row and by it everything that hangs on it; its chat messages are deleted next. The caller
    commits, and has Rasa forget its trackers."""
    clear_chats(session, case=case, now=now)
    audit(session, by=by, event="consent withdrawn, case forgotten", case_number=case.number, now=now)
    session.delete(case)
    session.flush()


def close_case(session: Session, *, by: Actor, case: Case, now: datetime) -> None:
    """Close a running case today. Raises `CaseError` if it is closed. The caller commits."""
    if case.closed_on is not None:
        raise CaseError(f"{case.number} ist schon seit dem {case.closed_on:%d.%m.%Y} abgeschlossen.", case.number)
    case.closed_on = local_day(now)
    session.add(case)
    audit(session, by=by, event="case closed", case_number=case.number, now=now)


def reopen_case(session: Session, *, by: Actor, case: Case, now: datetime) -> None:
    """Open a closed case again. Raises `CaseError` if it is running. The caller commits."""
    if case.closed_on is None:
        raise CaseError(f"{case.number} läuft noch.", case.number)
    case.closed_on = None
    session.add(case)
    audit(session, by=by, event="case reopened", case_number=case.number, now=now)


def change_form(session: Session, *, by: Actor, case: Case, form: str, now: datetime) -> None:
    """Switch the form of counselling, as the person decides at any time (FAQ 32). The caller commits."""
    case.form = form
    session.add(case)
    audit(session, by=by, event="case form changed", case_number=case.number, now=now)


def hand_over(session: Session, *, by: Actor, case: Case, to: Person, now: datetime) -> None:
    """Give a case to a colleague, who is its owner from now on. The caller commits.

    Raises `CaseError` for somebody who holds no cases, or who owns it already.
    """
    if not may(to, Permission.CASES):
        raise CaseError(f"„{to.alias}“ führt keine Fälle – bitte jemanden aus dem Case Management wählen.", case.number)
    if to.id == case.owner_id:
        raise CaseError(f"{case.number} liegt schon bei „{to.alias}“.", case.number)
    give_reminders(session, case=case, to=to)
    case.owner_id = to.id or 0
    session.add(case)
    drop_deputy(session, case=case, person=to)
    audit(session, by=by, event="case handed over", detail=f"to person {to.id}", case_number=case.number, now=now)


def give_reminders(session: Session, *, case: Case, to: Person) -> None:
    """With a case, what its owner wanted to be reminded of in it goes to the new one."""
    mine = (col(Reminder.case_id) == case.id, col(Reminder.person_id) == case.owner_id)
    session.exec(update(Reminder).where(*mine).values(person_id=to.id))


def hand_over_all(session: Session, *, by: Actor, owner: Person, to: Person | None, now: datetime) -> int:
    """All cases of an owner, closed ones too, to a colleague; how many. The caller commits."""
    cases = cases_of(session, owner)
    if to is not None:
        for case in cases:
            hand_over(session, by=by, case=case, to=to, now=now)
    return len(cases)


def add_deputy(session: Session, *, by: Actor, case: Case, person: Person, now: datetime) -> None:
    """Let a colleague act in a case for good. The caller commits. Raises `CaseError` for who holds no cases."""
    if not may(person, Permission.CASES):
        raise CaseError(
            f"„{person.alias}“ führt keine Fälle – bitte jemanden aus dem Case Management wählen.", case.number
        )
    if person.id != case.owner_id and session.get(CaseDeputy, (case.id, person.id)) is None:
        session.add(CaseDeputy(case_id=case.id or 0, person_id=person.id or 0))
        audit(session, by=by, event="deputy added", detail=f"person {person.id}", case_number=case.number, now=now)
        session.flush()


def remove_deputy(session: Session, *, by: Actor, case: Case, person: Person, now: datetime) -> None:
    """End a standing deputyship. The caller commits."""
    drop_deputy(session, case=case, person=person)
    audit(session, by=by, event="deputy removed", detail=f"person {person.id}", case_number=case.number, now=now)


def drop_deputy(session: Session, *, case: Case, person: Person) -> None:
    found = session.get(CaseDeputy, (case.id, person.id))
    if found is not None:
        session.delete(found)
        session.flush()


def deputies_of(session: Session, case: Case) -> Sequence[Person]:
    statement = select(Person).join(CaseDeputy, col(CaseDeputy.person_id) == Person.id)
    return session.exec(statement.where(CaseDeputy.case_id == case.id).order_by(Person.alias)).all()


def cases_of(session: Session, owner: Person) -> Sequence[Case]:
    """All cases somebody owns, closed ones too."""
    return session.exec(select(Case).where(Case.owner_id == owner.id).order_by(Case.number)).all()
