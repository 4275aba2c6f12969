"""The way from the chain to what is done: operations, the talk at hand, files, and talks left unfinished."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from actions.access import Actor
from actions.operations import AnyOperation, Said, TalkDraft
from actions.people import aliases_of_colleagues
from actions.performing import offer_draft, perform
from actions.requests import Requests
from actions.store.models import Person
from bot.files import rendered
from bot.messages import File, Incoming


@dataclass(frozen=True)
class Tasks:
    """Opens a session for each; `transferred_for` is how long transferred entries stay."""

    engine: Engine
    requests: Requests
    transferred_for: timedelta

    def perform(self, operation: AnyOperation, incoming: Incoming, person: Person, current: TalkDraft | None) -> Said:
        """Have it done on behalf of the person; `current` is the talk this conversation is at."""
        with Session(self.engine) as session:
            return perform(
                session,
                person_id=person.id or 0,
                channel=incoming.channel,
                operation=operation,
                practice=self.requests.practice,
                kept_for=self.transferred_for,
                current=current,
                now=incoming.written_at,
            )

    def completed(
        self,
        awaited: AnyOperation,
        text: str,
        incoming: Incoming,
        person: Person,
        *,
        is_question: Callable[[str], bool],
    ) -> AnyOperation | Said | None:
        """What a message makes of the operation it was asked to complete; None if it says something else."""
        with Session(self.engine) as session:
            aliases = aliases_of_colleagues(session, person)
        now = incoming.written_at
        return self.requests.complete(awaited, text, aliases=aliases, now=now, is_question=is_question)

    def files(self, said: Said, person: Person, channel: str, now: datetime) -> list[File]:
        """The files and pictures a reply names; `now` is aware."""
        if not said.files:
            return []
        by = Actor(channel, person)
        with Session(self.engine, expire_on_commit=False) as session:
            files = [rendered(session, name, by=by, practice=self.requests.practice, now=now) for name in said.files]
            session.commit()
        return files

    def unfinished(self, incoming: Incoming, person: Person) -> Said | None:
        """A talk that was begun and not finished, offered again; none if there is none."""
        with Session(self.engine) as session:
            return offer_draft(
                session,
                person=person,
                channel=incoming.channel,
                practice=self.requests.practice,
                kept_for=self.transferred_for,
                now=incoming.written_at,
            )
