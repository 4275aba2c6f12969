"""What is written down of a turn: feedback for the curators, the audit, and which updates were taken in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from actions.access import Actor
from actions.store.engine import pseudonym
from actions.store.models import AuditEvent, Feedback, FeedbackKind, SeenUpdate

COUNTED = range(1, 2**31)
"""The numbers a database gives to rows; PostgreSQL does not even look for any other."""


def take_in(session: Session, *, channel: str, update_id: int, now: datetime) -> bool:
    """Whether this update is new; commits, so that a second one of the same number is never handled."""
    session.add(SeenUpdate(channel=channel, update_id=update_id, seen_at=now))
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
        return False
    return True


def keep_feedback(session: Session, *, kind: FeedbackKind, question: str, entries: Sequence[str], now: datetime) -> int:
    """Keep a masked question with the entries shown for it; returns the number of the note. The caller commits.

    The same again, while the first note is still open, is the same note.
    """
    for open_note in session.exec(select(Feedback).where(Feedback.kind == kind, col(Feedback.done_at).is_(None))):
        if open_note.question == question and open_note.entries == list(entries):
            return open_note.id or 0
    feedback = Feedback(kind=kind, question=question, entries=list(entries), created_at=now)
    session.add(feedback)
    session.flush()
    return feedback.id or 0


def add_reason(session: Session, *, feedback: int, reason: str) -> bool:
    """Add the (masked) reason of a 👎; false if the note is gone. The caller commits."""
    found = session.get(Feedback, feedback)
    if found is None:
        return False
    found.reason = reason
    session.add(found)
    return True


def work_list(session: Session) -> Sequence[Feedback]:
    """What waits for the curators, oldest first: questions passed on, and answers that did not help."""
    waiting = col(Feedback.kind).in_([FeedbackKind.PASSED_ON, FeedbackKind.UNHELPFUL])
    still_open = col(Feedback.done_at).is_(None)
    return session.exec(select(Feedback).where(waiting, still_open).order_by(col(Feedback.created_at))).all()


def close_note(session: Session, *, feedback: int, now: datetime) -> bool:
    """Take a note off the work list; false if there is none of that number. The caller commits."""
    found = session.get(Feedback, feedback) if feedback in COUNTED else None
    if found is None:
        return False
    found.done_at = now
    session.add(found)
    return True


def audit(
    session: Session,
    *,
    by: Actor,
    event: str,
    detail: str | None = None,
    case_number: str | None = None,
    now: datetime,
) -> None:
    """Append to the audit: what happened, never its content; of a case only a keyed hash. The caller commits."""
    subject = pseudonym(session, case_number) if case_number else None
    session.add(
        AuditEvent(at=now, channel=by.channel, person_id=by.person_id, event=event, detail=detail, subject=subject)
    )
