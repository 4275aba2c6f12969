"""What has to be tidied while the bot runs: chat messages, drafts, buttons, invitations, transferred entries."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from actions.clock import BERLIN, Clock
from actions.drafts import drop_old_drafts
from actions.hygiene import chat_counts, deleted, due_messages, failed, forget_given_up
from actions.people import drop_expired_invitations
from actions.reminders import drop_ended
from actions.store.buttons import forget_old
from actions.store.models import ChatMessage
from actions.transfer import purge

EVERY_SECONDS = 30
AT_ONCE = 100
"""Messages deleted in one go; the bot's own rate limit spreads them."""
GIVEN_UP_KEPT_FOR = timedelta(days=30)

logger = logging.getLogger(__name__)

Delete = Callable[[str, int], Awaitable[bool]]
"""Deletes a message of a chat; false if that can never be done, any exception if it failed for now."""


@dataclass
class Housekeeping:
    """Tidies at regular times; as a context, from start to end. `channels` are those whose messages can be deleted."""

    engine: Engine
    clock: Clock
    transferred_for: timedelta
    channels: dict[str, Delete]

    def __post_init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=BERLIN)
        self._scheduler.add_job(
            self.tidy, "interval", seconds=EVERY_SECONDS, max_instances=1, coalesce=True, misfire_grace_time=None
        )

    async def __aenter__(self) -> Self:
        await self.tidy()
        self._scheduler.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scheduler.shutdown(wait=False)

    async def tidy(self) -> None:
        """One round; a store that fails is tried again in the next one."""
        try:
            self.forget()
            for channel, delete in self.channels.items():
                await self.clean_chats(channel, delete)
        except SQLAlchemyError as error:
            logger.error("tidying failed: %s", type(error).__name__)

    def forget(self) -> None:
        now = self.clock()
        with Session(self.engine) as session:
            forget_old(session, now=now)
            drop_old_drafts(session, now=now)
            drop_expired_invitations(session, now=now)
            forget_given_up(session, before=now - GIVEN_UP_KEPT_FOR)
            drop_ended(session, before=now - self.transferred_for)
            purge(session, kept_for=self.transferred_for, now=now)
            session.commit()

    async def clean_chats(self, channel: str, delete: Delete) -> None:
        """Delete what is due in the chats; what fails is counted, tried again later, and in the end reported."""
        with Session(self.engine) as session:
            due = [(message.id, message.chat, message.message) for message in self.due(session, channel)]
        for id_, chat, number in due:
            gone: bool | None = None
            try:
                gone = await delete(chat, number)
            except Exception as error:  # whatever the channel raises, the message stays noted
                logger.warning("a chat message could not be deleted: %s", type(error).__name__)
            self.record(id_ or 0, gone)
        if due:
            with Session(self.engine) as session:
                counts = chat_counts(session)
            if counts.failing or counts.given_up:
                logger.warning("chat messages: %d failing, %d given up", counts.failing, counts.given_up)

    def due(self, session: Session, channel: str) -> list[ChatMessage]:
        return list(due_messages(session, channel=channel, now=self.clock(), limit=AT_ONCE))

    def record(self, id_: int, gone: bool | None) -> None:
        with Session(self.engine) as session:
            message = session.get(ChatMessage, id_)
            if message is None:
                return
            if gone:
                deleted(session, message)
            else:
                failed(session, message, final=gone is False, now=self.clock())
            session.commit()
