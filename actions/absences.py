"""Who is away and who acts for them: what is due to an absent person goes to the deputy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.access import Actor, Permission, may
from actions.clock import local_day
from actions.store.models import Absence, Person
from actions.store.records import audit
from knowledge.errors import LotseError


class AbsenceError(LotseError):
    """An absence that cannot be recorded; the sentence says why."""


def set_absence(
    session: Session, *, by: Actor, person: Person, deputy: Person, first_day: date, last_day: date, now: datetime
) -> Absence:
    """Record an absence, both days included (local). An earlier one that overlaps is replaced. The caller commits.

    Raises `AbsenceError` for days in the wrong order or past, and for a deputy who may not stand in.
    """
    if last_day < first_day or last_day < local_day(now):
        raise AbsenceError("Dieser Zeitraum liegt nicht in der Zukunft – bitte „vom … bis …“ prüfen.")
    if deputy.id == person.id or not deputy.active:
        raise AbsenceError(
            "Diese Vertretung geht nicht – bitte eine andere Kollegin oder einen anderen Kollegen nennen."
        )
    if may(person, Permission.CASES) and not may(deputy, Permission.CASES):
        raise AbsenceError(f"„{deputy.alias}“ führt keine Fälle – bitte jemanden aus dem Case Management nennen.")
    for earlier in absences_of(session, person, from_day=first_day):
        if earlier.first_day <= last_day:
            session.delete(earlier)
    absence = Absence(person_id=person.id or 0, deputy_id=deputy.id or 0, first_day=first_day, last_day=last_day)
    session.add(absence)
    audit(session, by=by, event="absence set", detail=f"person {person.id}, deputy {deputy.id}", now=now)
    session.flush()
    return absence


def end_absence(session: Session, *, by: Actor, person: Person, now: datetime) -> bool:
    """The person is back: absences of today and later are dropped; false if there were none. The caller commits."""
    current = absences_of(session, person, from_day=local_day(now))
    for absence in current:
        session.delete(absence)
    if current:
        audit(session, by=by, event="absence ended", detail=f"person {person.id}", now=now)
    return bool(current)


def absences_of(session: Session, person: Person, *, from_day: date) -> Sequence[Absence]:
    """Absences that last on that day (local) or later, the next one first."""
    statement = select(Absence).where(Absence.person_id == person.id, col(Absence.last_day) >= from_day)
    return session.exec(statement.order_by(col(Absence.first_day))).all()


def acting_for(session: Session, person: Person, day: date) -> Person:
    """Who gets what is due to a person on that day (local): the deputy while they are away, that one's deputy if away
    too, and the person themselves where that leads in a circle, to nobody active, or to somebody without cases."""
    seen: set[int | None] = set()
    current = person
    while current.id not in seen:
        seen.add(current.id)
        away = session.exec(
            select(Absence).where(
                Absence.person_id == current.id, col(Absence.first_day) <= day, col(Absence.last_day) >= day
            )
        ).first()
        if away is None:
            fits = may(current, Permission.CASES) or not may(person, Permission.CASES)
            return current if current.active and fits else person
        current = session.get_one(Person, away.deputy_id)
    return person


def acts_for(session: Session, person: Person, day: date) -> set[int]:
    """The ids of those a person stands in for on that day (local): who is away and named them, and so on from there."""
    today = select(Absence).where(col(Absence.first_day) <= day, col(Absence.last_day) >= day)
    away = [(absence.person_id, absence.deputy_id) for absence in session.exec(today)]
    reached, new = set[int](), {person.id or 0}
    while new:
        new = {absent for absent, deputy in away if deputy in new} - reached - {person.id or 0}
        reached |= new
    return reached
