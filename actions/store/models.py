"""The tables. Texts are masked before they come here and encrypted; moments are aware and UTC, days are local."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer
from sqlmodel import Field, SQLModel, UniqueConstraint

from actions.store.types import Encrypted, UtcDateTime


class Role(StrEnum):
    """What a person works as; `actions.access` says what each may do."""

    CASE_MANAGER = "case_manager"
    COORDINATOR = "coordinator"
    ADMINISTRATION = "administration"
    AUTHORITY = "authority"
    ADMIN = "admin"


class Person(SQLModel, table=True):
    """A member of staff, known by an alias only. `share` is the part of a full post (VZÄ); `share_caseload`: the
    coordination may see this person's caseload."""

    __table_args__ = (CheckConstraint("share > 0 AND share <= 1", name="share_of_a_post"),)
    id: int | None = Field(default=None, primary_key=True)
    alias: str = Field(unique=True)
    role: Role = Role.CASE_MANAGER
    share: float = 1.0
    active: bool = True
    share_caseload: bool = False


class Account(SQLModel, table=True):
    """How a person reaches us: an account in a channel. `listed`: admitted by the settings, not by invitation;
    `blocked_at`: since when they do not let us write to them."""

    __table_args__ = (UniqueConstraint("channel", "address"),)
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    address: str
    person_id: int = Field(foreign_key="person.id", index=True)
    listed: bool = False
    blocked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Invitation(SQLModel, table=True):
    """A one-time link that lets a person in. Only the hash of its token is kept; one open invitation per person."""

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id", unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Case(SQLModel, table=True):
    """A case of counselling. There is none without a signed Einwilligungserklärung (FAQ 34): its day and who confirmed
    it stand in the same row, and with the consent the row goes, and all that hangs on it.

    `purged_talks`: how many talks were logged, transferred and forgotten here; the minimum standard counts them.
    """

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    form: str
    owner_id: int = Field(foreign_key="person.id", index=True)
    started_on: date
    closed_on: date | None = None
    consent_signed_on: date
    consent_confirmed_by: int = Field(foreign_key="person.id")
    consent_confirmed_at: datetime = Field(sa_type=UtcDateTime)
    purged_talks: int = 0


def of_case(*, required: bool = True, primary_key: bool = False) -> Any:
    """A column that ties a row to its case: with the case, the row goes."""
    key = ForeignKey("case.id", ondelete="CASCADE")
    return Field(
        default=None,
        sa_column=Column(Integer, key, nullable=not required, index=not primary_key, primary_key=primary_key),
    )


class CaseDeputy(SQLModel, table=True):
    """A colleague who may always act in a case."""

    case_id: int = of_case(primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)


class Absence(SQLModel, table=True):
    """Days on which a person is away and the deputy acts in their cases; both days included."""

    __table_args__ = (CheckConstraint("first_day <= last_day", name="absence_in_order"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    deputy_id: int = Field(foreign_key="person.id", index=True)
    first_day: date
    last_day: date


class Draft(SQLModel, table=True):
    """What was entered of an unfinished dialogue about a case; one per person and kind, for a day."""

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    kind: str = Field(primary_key=True)
    case_id: int = of_case()
    content: dict[str, Any] = Field(sa_column=Column(Encrypted, nullable=False))
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ChatMessage(SQLModel, table=True):
    """A message in a chat that carries case content, ours or theirs, to be deleted there when its time has come.

    One row for each case it speaks of: whichever is due first takes the message away.
    """

    __table_args__ = (
        UniqueConstraint("channel", "chat", "message", "case_id"),
        Index("ix_chatmessage_due_at", "due_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    chat: str
    message: int
    case_id: int | None = Field(
        default=None, sa_column=Column(Integer, ForeignKey("case.id", ondelete="SET NULL"), nullable=True, index=True)
    )
    sent_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    given_up: bool = False


class Button(SQLModel, table=True):
    """What a button means. Channels carry only the short id; a tap counts only in the conversation it was shown in."""

    __table_args__ = (Index("ix_button_created_at", "created_at"),)
    id: str = Field(primary_key=True)
    conversation: str
    meaning: dict[str, Any] = Field(sa_column=Column(Encrypted, nullable=False))
    case_id: int | None = of_case(required=False)
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
    """A question kept for the curators, or a verdict on an answer. `question` and `reason` name no case."""

    id: int | None = Field(default=None, primary_key=True)
    kind: FeedbackKind
    question: str = Field(sa_column=Column(Encrypted, nullable=False))
    entries: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    reason: str | None = Field(default=None, sa_column=Column(Encrypted, nullable=True))
    created_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuditEvent(SQLModel, table=True):
    """What happened, without content; the database refuses to change or delete a row. `subject` is the keyed hash of
    the case number it was about."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    channel: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    event: str
    detail: str | None = None
    subject: str | None = None


class Secret(SQLModel, table=True):
    """What the store itself must keep secret: the key of the hashes. Opening it proves that the vault's key fits."""

    name: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Encrypted, nullable=False))


class Consultation(SQLModel, table=True):
    """A talk in a case, on its way to the KIM-Datenbank. `day` is local; `form` is the form of counselling it had;
    `entry_id` comes from the dialogue, so that what is saved twice is there once."""

    __table_args__ = (CheckConstraint("duration_min > 0", name="talk_of_some_length"),)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: str = Field(unique=True)
    case_id: int = of_case()
    person_id: int = Field(foreign_key="person.id", index=True)
    form: str
    day: date
    duration_min: int
    channel: str
    topics: list[str] = Field(sa_column=Column(JSON, nullable=False))
    referral: str | None = None
    follow_up: date | None = None
    note: str | None = Field(default=None, sa_column=Column(Encrypted, nullable=True))
    next_steps: str | None = Field(default=None, sa_column=Column(Encrypted, nullable=True))
    gap: str | None = Field(default=None, sa_column=Column(Encrypted, nullable=True))
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    transferred_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class Statistic(SQLModel, table=True):
    """How many purged talks of a month had something: no case, no person, and no two properties of one talk.

    `month` is its first day; `kind` is talks, need, referral or gap, `value` the name of the need or referral.
    """

    month: date = Field(primary_key=True)
    form: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    count: int


class Shows(StrEnum):
    """What a notification shows of a reminder before it is tapped."""

    NONE = "none"
    KIND = "kind"
    FULL = "full"


class Preference(SQLModel, table=True):
    """When and how a person wants to be nudged; without a row the practice's defaults hold. `days`: Monday is 0; the
    times are local. `deadlines`: which programme deadlines (by id) they do or do not want other than by their role;
    `lead_days`: how many days before one they are nudged."""

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    days: list[int] = Field(sa_column=Column(JSON, nullable=False))
    starts: time
    ends: time
    shows: Shows = Shows.KIND
    deadlines: dict[str, bool] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    lead_days: list[int] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class ReminderKind(StrEnum):
    """What a reminder is for. Those from `PERMIT` on have several occurrences before one day, those from `MORNING` on
    are set for everybody and say what is due when they are sent."""

    REMINDER = "reminder"
    RESUBMISSION = "resubmission"
    RE_ASSESSMENT = "re_assessment"
    SECOND_TALK = "second_talk"
    PERMIT = "permit"
    DEADLINE = "deadline"
    MORNING = "morning"
    TRANSFER = "transfer"


class Reminder(SQLModel, table=True):
    """Something to be remembered. `day` (local) is the first or only day it is due, as said; `clock` the local time, if
    one was said; `repeat` a name or RRULE of `actions.recurrence`.

    `named`: the person named the day, so it is not moved; `kept`: they wanted it where it was. `deadline` is the key of
    a programme deadline. `entry_id` comes from the dialogue, so that what is saved twice is there once.
    """

    __table_args__ = (UniqueConstraint("person_id", "deadline"),)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    case_id: int | None = of_case(required=False)
    kind: ReminderKind = ReminderKind.REMINDER
    subject: str | None = Field(default=None, sa_column=Column(Encrypted, nullable=True))
    day: date
    clock: time | None = None
    repeat: str | None = None
    named: bool = False
    kept: bool = False
    deadline: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class State(StrEnum):
    """How far an occurrence is. Claimed: somebody is handing it over until the lease ends."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"


class Occurrence(SQLModel, table=True):
    """One due moment of a reminder. `day` (local) is the day it is sent on, and with the reminder its key: what is
    moved to the same day is one.

    `try_at`: when to do something about it next: hand it over, take over a claim whose lease has ended, or send what
    nobody acknowledged once more; None when nothing is left to do. `uncertain`: it may have been sent already.
    """

    __table_args__ = (
        UniqueConstraint("reminder_id", "day"),
        Index("ix_occurrence_try_at", "try_at"),
        {"sqlite_autoincrement": True},  # an old button must never mean a new occurrence
    )
    id: int | None = Field(default=None, primary_key=True)
    reminder_id: int = Field(sa_column=Column(Integer, ForeignKey("reminder.id", ondelete="CASCADE"), nullable=False))
    day: date
    due_at: datetime = Field(sa_type=UtcDateTime)
    state: State = State.PLANNED
    try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    uncertain: bool = False
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    repeated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
