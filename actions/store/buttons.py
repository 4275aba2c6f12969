"""Short ids for buttons: channels carry the id, the store knows what it means."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete

from actions.store.models import Button, SeenUpdate

ID_BYTES = 9
KEPT_FOR = timedelta(days=30)
UPDATES_KEPT_FOR = timedelta(days=3)


def new_button_id() -> str:
    return secrets.token_urlsafe(ID_BYTES)


def remember_button(
    session: Session, *, conversation: str, meaning: dict[str, Any], case_id: int | None, now: datetime
) -> str:
    """An id for a meaning, valid in this conversation only; with its case it is forgotten. The caller commits."""
    button = Button(id=new_button_id(), conversation=conversation, meaning=meaning, case_id=case_id, created_at=now)
    session.add(button)
    return button.id


def meaning_of(session: Session, *, conversation: str, button: str) -> dict[str, Any] | None:
    """What a button of this conversation means; none if it is unknown, forgotten, or belongs elsewhere."""
    found = session.get(Button, button)
    return found.meaning if found is not None and found.conversation == conversation else None


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop buttons and update numbers past their time. The caller commits."""
    session.exec(delete(Button).where(col(Button.created_at) < now - KEPT_FOR))
    session.exec(delete(SeenUpdate).where(col(SeenUpdate.seen_at) < now - UPDATES_KEPT_FOR))
