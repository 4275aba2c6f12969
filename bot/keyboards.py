"""Button ids and their meanings: in the store, and in memory where no consent is on record yet (FAQ 34)."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from actions.operations import CaseOperation, ReminderOperation
from actions.store.buttons import meaning_of, new_button_id, remember_button
from actions.store.models import Case
from bot.messages import AnyMeaning, Do, Message

logger = logging.getLogger(__name__)

IN_MEMORY_FOR = timedelta(hours=24)
MOST_IN_MEMORY = 10_000

MEANINGS: TypeAdapter[AnyMeaning] = TypeAdapter(AnyMeaning)


@dataclass(frozen=True)
class Unsaved:
    """A button about a case number that must not be stored yet."""

    conversation: str
    meaning: AnyMeaning
    shown_at: datetime


@dataclass
class Keyboards:
    """Every channel's buttons. One per process."""

    unsaved: OrderedDict[str, Unsaved] = field(default_factory=OrderedDict)

    def ids(self, engine: Engine, message: Message, *, conversation: str, now: datetime) -> list[str]:
        """An id for every button of the message, row by row; `now` is aware. Whatever it shows, what has been in memory
        for too long is dropped. While the store fails, buttons are kept in memory: what was done is not told as undone.
        """
        while self.unsaved and next(iter(self.unsaved.values())).shown_at <= now - IN_MEMORY_FOR:
            self.unsaved.popitem(last=False)
        meanings = [button.meaning for row in message.rows for button in row]
        try:
            with Session(engine) as session:
                ids = [self._id(session, meaning, conversation, now) for meaning in meanings]
                session.commit()
        except SQLAlchemyError as error:
            logger.error("buttons could not be stored: %s", type(error).__name__)
            ids = [self._keep_in_memory(Unsaved(conversation, meaning, now)) for meaning in meanings]
        return ids

    def _id(self, session: Session, meaning: AnyMeaning, conversation: str, now: datetime) -> str:
        case_id = None
        if about_case(meaning):
            case_id = session.exec(select(Case.id).where(Case.number == number_of(meaning))).first()
            if case_id is None:
                return self._keep_in_memory(Unsaved(conversation, meaning, now))
        return remember_button(
            session, conversation=conversation, meaning=meaning.model_dump(mode="json"), case_id=case_id, now=now
        )

    def _keep_in_memory(self, button: Unsaved) -> str:
        if len(self.unsaved) >= MOST_IN_MEMORY:
            self.unsaved.popitem(last=False)
        id_ = new_button_id()
        self.unsaved[id_] = button
        return id_

    def meaning(self, session: Session, *, conversation: str, button: str) -> AnyMeaning | None:
        """What a tap means; none for a button that is unknown, forgotten, of another conversation, or from before an
        update that did away with it."""
        unsaved = self.unsaved.get(button)
        if unsaved is not None:
            return unsaved.meaning if unsaved.conversation == conversation else None
        stored = meaning_of(session, conversation=conversation, button=button)
        try:
            return None if stored is None else MEANINGS.validate_python(stored)
        except ValidationError:
            return None

    def forget(self, numbers: tuple[str, ...]) -> None:
        """Drop what is in memory about these case numbers."""
        for id_, unsaved in list(self.unsaved.items()):
            if number_of(unsaved.meaning) in numbers:
                del self.unsaved[id_]


def about_case(meaning: AnyMeaning) -> bool:
    """Whether a button may only be stored with a case: a talk or a case without a number is about one all the same, a
    reminder without one is about none."""
    operation = meaning.operation if isinstance(meaning, Do) else None
    if isinstance(operation, ReminderOperation):
        return operation.number is not None
    return isinstance(operation, CaseOperation)


def number_of(meaning: AnyMeaning) -> str | None:
    """The case number a button carries."""
    operation = meaning.operation if isinstance(meaning, Do) else None
    return operation.number if isinstance(operation, CaseOperation) else None
