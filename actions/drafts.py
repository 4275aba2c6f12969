"""Drafts of unfinished dialogues about a case: encrypted, for a day, and only where the case is consented to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select

from actions.access import Permission, may
from actions.cases import readable_by
from actions.clock import local_day
from actions.store.models import Case, Draft, Person

KEPT_FOR = timedelta(hours=24)


def keep_draft(
    session: Session, *, person: Person, kind: str, case: Case, content: dict[str, Any], now: datetime
) -> None:
    """Keep what was entered so far, in place of an earlier draft of that kind. The caller commits.

    Takes the case itself, as the gate (`actions.cases.case_for`) gives it: no consent, no draft.
    """
    draft = session.get(Draft, (person.id, kind)) or Draft(
        person_id=person.id or 0, kind=kind, case_id=case.id or 0, content=content, updated_at=now
    )
    draft.case_id, draft.content, draft.updated_at = case.id or 0, content, now
    session.add(draft)
    session.flush()


def draft_of(session: Session, *, person: Person, kind: str, now: datetime) -> Draft | None:
    """The draft a person left, unless its day has passed or the case is in other hands by now."""
    return newest(session, person, col(Draft.kind) == kind, now)


def newest_draft(session: Session, *, person: Person, kind: str, now: datetime) -> Draft | None:
    """The last draft whose kind begins so; like `draft_of`, only a fresh one in a case the person may act in."""
    return newest(session, person, col(Draft.kind).startswith(kind, autoescape=True), now)


def newest(session: Session, person: Person, of_kind: ColumnElement[bool], now: datetime) -> Draft | None:
    if not may(person, Permission.CASES):
        return None
    mine = select(Draft).join(Case).where(Draft.person_id == person.id, of_kind)
    fresh = col(Draft.updated_at) > now - KEPT_FOR
    readable = readable_by(session, person, local_day(now))
    return session.exec(mine.where(fresh, readable).order_by(col(Draft.updated_at).desc())).first()


def drop_draft(session: Session, *, person: Person, kind: str) -> None:
    """The dialogue is over. The caller commits."""
    session.exec(delete(Draft).where(col(Draft.person_id) == person.id, col(Draft.kind) == kind))


def drop_old_drafts(session: Session, *, now: datetime) -> None:
    """Drafts whose day has passed. The caller commits."""
    session.exec(delete(Draft).where(col(Draft.updated_at) <= now - KEPT_FOR))
