"""The hand-over to the KIM-Datenbank: what is still to be transferred, what was, and when that is forgotten here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, delete, select, update

from actions.absences import acting_for
from actions.access import Actor, Permission, may
from actions.cases import readable_by
from actions.clock import local_day
from actions.consultations import case_of, consultation_for
from actions.hygiene import clear_chats
from actions.statistics import cells_of, count_in
from actions.store.models import Case, Consultation, Person
from actions.store.records import audit

HOUSEKEEPING = Actor("housekeeping")
"""On whose behalf entries are purged: nobody's."""


def pending_entries(session: Session, *, person: Person, day: date) -> Sequence[Consultation]:
    """What this person has to transfer that day (local), the oldest talk first. Every entry is due to one person."""
    if not may(person, Permission.CASES):
        return []
    waiting = select(Consultation).join(Case).where(col(Consultation.transferred_at).is_(None))
    oldest = (col(Consultation.day), col(Consultation.created_at), col(Consultation.id))
    readable = session.exec(waiting.where(readable_by(session, person, day)).order_by(*oldest))
    return [entry for entry in readable if due_to(session, entry, day).id == person.id]


def due_to(session: Session, entry: Consultation, day: date) -> Person:
    """Who has to transfer an entry that day (local): who logged it, or the owner of the case if that one may not act in
    it any more; while they are away, their deputy."""
    case = case_of(session, entry)
    logger = acting_for(session, session.get_one(Person, entry.person_id), day)
    mine = select(Case.id).where(Case.id == case.id, readable_by(session, logger, day))
    if may(logger, Permission.CASES) and session.exec(mine).first() is not None:
        return logger
    return acting_for(session, session.get_one(Person, case.owner_id), day)


def mark_transferred(session: Session, *, by: Actor, entry_ids: Iterable[str], now: datetime) -> list[Consultation]:
    """These entries stand in the KIM-Datenbank; those marked now, and with them the chat messages of their cases are
    due. The caller commits.

    Give the ids that the person has seen: what was logged since is not among them. Raises `EntryGoneError`, and what
    `case_for` raises.
    """
    marked = []
    for entry_id in entry_ids:
        entry = consultation_for(session, by=by, entry_id=entry_id, day=local_day(now))
        if entry.transferred_at is None:
            set_transferred(session, by=by, entry=entry, at=now, now=now)
            clear_chats(session, case=case_of(session, entry), now=now)
            marked.append(entry)
    session.flush()
    return marked


def undo_transferred(session: Session, *, by: Actor, entry_ids: Iterable[str], now: datetime) -> list[Consultation]:
    """These entries still have to be transferred after all; those that had been marked. The chat messages stay
    deleted. The caller commits. Raises as `mark_transferred`."""
    undone = []
    for entry_id in entry_ids:
        entry = consultation_for(session, by=by, entry_id=entry_id, day=local_day(now))
        if entry.transferred_at is not None:
            set_transferred(session, by=by, entry=entry, at=None, now=now)
            undone.append(entry)
    session.flush()
    return undone


def set_transferred(session: Session, *, by: Actor, entry: Consultation, at: datetime | None, now: datetime) -> None:
    entry.transferred_at = at
    session.add(entry)
    event = "consultation transferred" if at else "consultation not transferred"
    audit(session, by=by, event=event, case_number=case_of(session, entry).number, now=now)


def what_will_be_purged(
    session: Session, *, person: Person, kept_for: timedelta, within: timedelta, now: datetime
) -> Sequence[Consultation]:
    """Entries this person may read that `purge` deletes until `within` from now, the next ones first."""
    if not may(person, Permission.CASES):
        return []
    soon = select(Consultation).join(Case).where(col(Consultation.transferred_at) <= now + within - kept_for)
    mine = soon.where(readable_by(session, person, local_day(now)))
    return session.exec(mine.order_by(col(Consultation.transferred_at), col(Consultation.id))).all()


def purge(session: Session, *, kept_for: timedelta, now: datetime) -> int:
    """Delete what was transferred `kept_for` ago or longer, once its counts are kept; how many. The caller commits.

    Of two processes that purge at once, one counts and deletes: who deletes the row counts it.
    """
    old = select(Consultation).where(col(Consultation.transferred_at) <= now - kept_for)
    purged = 0
    for entry in session.exec(old.order_by(col(Consultation.id))).all():
        unchanged = (col(Consultation.id) == entry.id, col(Consultation.transferred_at) == entry.transferred_at)
        number, case_id, cells = case_of(session, entry).number, entry.case_id, cells_of(entry)
        if session.exec(delete(Consultation).where(*unchanged)).rowcount != 1:
            continue
        count_in(session, cells)
        talks = Case.purged_talks + 1
        session.exec(update(Case).where(col(Case.id) == case_id).values(purged_talks=talks))
        audit(session, by=HOUSEKEEPING, event="consultation purged", case_number=number, now=now)
        purged += 1
    return purged
