"""Short ids for buttons: channels carry the id, the store knows what it means."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete

from actions.store.models import Button, SeenUpdate

ID_BYTES = 9
KEPT_FOR = timedelta(days=30)
UPDATES_KEPT_FOR = timedelta(days=3)


def remember_buttons(
    session: Session, *, conversation: str, meanings: Sequence[dict[str, Any]], now: datetime
) -> list[str]:
    """An id for each meaning, valid in this conversation only. `now` is aware. The caller commits."""
    ids = [secrets.token_urlsafe(ID_BYTES) for _ in meanings]
    session.add_all(
        Button(id=id_, conversation=conversation, meaning=meaning, created_at=now)
        for id_, meaning in zip(ids, meanings, strict=True)
    )
    return ids


def meaning_of(session: Session, *, conversation: str, button: str) -> dict[str, Any] | None:
    """What a button of this conversation means; none if it is unknown, forgotten, or belongs elsewhere."""
    found = session.get(Button, button)
    return found.meaning if found is not None and found.conversation == conversation else None


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop buttons and update numbers past their time. The caller commits."""
    session.exec(delete(Button).where(col(Button.created_at) < now - KEPT_FOR))
    session.exec(delete(SeenUpdate).where(col(SeenUpdate.seen_at) < now - UPDATES_KEPT_FOR))
