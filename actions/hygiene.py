"""Chat hygiene: which messages in a chat carry case content, and when they are deleted there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, delete, select, update

from actions.store.models import Case, ChatMessage

DELETABLE_FOR = timedelta(hours=48)
"""How long Telegram lets a bot delete messages in a private chat."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


class ChatCounts(NamedTuple):
    """Messages that wait to be deleted, those of them that failed at least once, and those given up."""

    waiting: int
    failing: int
    given_up: int


def note_messages(
    session: Session,
    *,
    channel: str,
    chat: str,
    messages: Sequence[int],
    numbers: Sequence[str],
    sent_at: datetime,
    kept_for: timedelta,
) -> None:
    """Remember messages that carry case content; they are due after `kept_for`. The caller commits.

    Tied to those of the case numbers that are on record; without a consent no number is kept with them.
    """
    cases: list[int | None] = list(session.exec(select(Case.id).where(col(Case.number).in_(numbers))))
    for message in messages:
        where = (ChatMessage.channel == channel, ChatMessage.chat == chat, ChatMessage.message == message)
        noted = {row.case_id for row in session.exec(select(ChatMessage).where(*where))}
        for case_id in cases or [None]:
            if case_id in noted:
                continue
            session.add(
                ChatMessage(
                    channel=channel,
                    chat=chat,
                    message=message,
                    case_id=case_id,
                    sent_at=sent_at,
                    due_at=sent_at + kept_for,
                )
            )
    session.flush()


def due_messages(session: Session, *, channel: str, now: datetime, limit: int) -> Sequence[ChatMessage]:
    """What is to be deleted now, longest due first."""
    statement = select(ChatMessage).where(
        ChatMessage.channel == channel,
        col(ChatMessage.due_at) <= now,
        ChatMessage.given_up == False,  # noqa: E712 - SQL
    )
    return session.exec(statement.order_by(col(ChatMessage.due_at)).limit(limit)).all()


def deleted(session: Session, message: ChatMessage) -> None:
    """It is gone from the chat, whichever of its cases it was due for. The caller commits."""
    same = (
        col(ChatMessage.channel) == message.channel,
        col(ChatMessage.chat) == message.chat,
        col(ChatMessage.message) == message.message,
    )
    session.exec(delete(ChatMessage).where(*same))


def failed(session: Session, message: ChatMessage, *, final: bool, now: datetime) -> None:
    """It could not be deleted: tried again after growing pauses, until the channel no longer lets us. The caller
    commits."""
    message.attempts += 1
    message.given_up = final or now - message.sent_at >= DELETABLE_FOR
    message.due_at = now + min(FIRST_PAUSE * 2 ** min(message.attempts - 1, 10), LONGEST_PAUSE)
    session.add(message)


def clear_chats(session: Session, *, case: Case, now: datetime) -> None:
    """The case was handed over to the KIM-Datenbank: its messages are due now. The caller commits."""
    session.exec(update(ChatMessage).where(col(ChatMessage.case_id) == case.id).values(due_at=now))


def chat_counts(session: Session) -> ChatCounts:
    """How many messages wait, fail, and were given up: what the operator sees."""

    def count(*where: object) -> int:
        return session.exec(select(func.count()).select_from(ChatMessage).where(*where)).one()  # type: ignore[arg-type]

    waiting = ChatMessage.given_up == False  # noqa: E712 - SQL
    return ChatCounts(count(waiting), count(waiting, col(ChatMessage.attempts) > 0), count(ChatMessage.given_up))


def forget_given_up(session: Session, *, before: datetime) -> None:
    """Drop the note of messages given up long ago. The caller commits."""
    given_up = delete(ChatMessage).where(col(ChatMessage.given_up), col(ChatMessage.sent_at) < before)
    session.exec(given_up)
