"""The tables. Every text a person wrote is masked before it comes here; moments are aware and UTC."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from actions.store.types import UtcDateTime


class Person(SQLModel, table=True):
    """A member of staff, known by an alias only."""

    id: int | None = Field(default=None, primary_key=True)
    alias: str = Field(unique=True)
    active: bool = True


class Account(SQLModel, table=True):
    """How a person reaches us: an account in a channel."""

    __table_args__ = (UniqueConstraint("channel", "address"),)
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    address: str
    person_id: int = Field(foreign_key="person.id", index=True)


class Button(SQLModel, table=True):
    """What a button means. Channels carry only the short id; a tap counts only in the conversation it was shown in."""

    __table_args__ = (Index("ix_button_created_at", "created_at"),)
    id: str = Field(primary_key=True)
    conversation: str
    meaning: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=UtcDateTime)


class SeenUpdate(SQLModel, table=True):
    """An update of a channel that was taken in; each is handled once."""

    channel: str = Field(primary_key=True)
    update_id: int = Field(primary_key=True)
    seen_at: datetime = Field(sa_type=UtcDateTime)


class FeedbackKind(StrEnum):
    """What a person said of an answer, or that a question was passed on to the coordination."""

    PASSED_ON = "passed_on"
    UNHELPFUL = "unhelpful"
    HELPFUL = "helpful"


class Feedback(SQLModel, table=True):
    """A question kept for the curators, or a verdict on an answer. `question` and `reason` are masked."""

    id: int | None = Field(default=None, primary_key=True)
    kind: FeedbackKind
    question: str
    entries: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    reason: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuditEvent(SQLModel, table=True):
    """What happened, without content. Append-only."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    channel: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    event: str
    detail: str | None = None
