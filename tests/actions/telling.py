"""One person's conversation about talks on the services alone, carried on as the bot's chain does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from actions.operations import AnyOperation, Choice, Said, TalkOperation, TellTalk
from actions.performing import offer_draft, perform
from actions.requests import Requests, requests_of
from actions.store.models import Person
from tests.actions.conftest import NOW, practice

KEPT_FOR = timedelta(days=30)
REQUESTS: Requests = requests_of(practice())


def no_question(_: str) -> bool:
    return False


@dataclass
class Conversation:
    """All that was said to the person, every button ever shown, and what the next message completes."""

    session: Session
    person: Person
    now: datetime = NOW
    awaits: AnyOperation | None = None
    shown: list[Choice] = field(default_factory=list)
    heard: list[Said] = field(default_factory=list)

    @property
    def current(self) -> TellTalk | None:
        return self.awaits if isinstance(self.awaits, TellTalk) else None

    def does(self, operation: AnyOperation) -> Said:
        said = perform(
            self.session,
            person_id=self.person.id or 0,
            channel="telegram",
            operation=operation,
            practice=practice(),
            kept_for=KEPT_FOR,
            current=self.current.draft if self.current else None,
            now=self.now,
        )
        return self.hears(said)

    def hears(self, said: Said) -> Said:
        self.awaits = said.awaits
        self.show(said)
        return said if said.then is None else self.does(said.then)

    def show(self, said: Said) -> None:
        self.heard.append(said)
        self.shown += self.buttons

    @property
    def last(self) -> Said:
        return self.heard[-1]

    @property
    def buttons(self) -> list[Choice]:
        return [choice for row in self.last.rows for choice in row]

    @property
    def labels(self) -> list[str]:
        return [choice.label for choice in self.buttons]

    def button(self, label: str) -> Choice:
        """The newest button of that label, to be tapped now or later."""
        return next(choice for choice in reversed(self.shown) if choice.label == label)

    def taps(self, label: str) -> Said:
        return self.tapped(self.button(label))

    def tapped(self, choice: Choice) -> Said:
        """A tap; after one that is not about a talk, the talk at hand is gone on with."""
        talk = self.awaits = self.current
        said = self.does(choice.then)
        if talk is None or isinstance(choice.then, TalkOperation) or self.awaits is not None:
            return said
        return self.does(talk)

    def says(
        self, text: str, intent: str = "log_consultation", is_question: Callable[[str], bool] = no_question
    ) -> Said:
        """A message; `intent` is what Rasa makes of it where it completes nothing."""
        completed = self.awaits and REQUESTS.complete(
            self.awaits, text, aliases=[], now=self.now, is_question=is_question
        )
        if isinstance(completed, Said):
            return self.hears(completed)
        if completed is not None:
            return self.does(completed)
        talk = self.current
        meant = REQUESTS.read(intent, text, aliases=[], now=self.now)
        said = self.hears(meant) if isinstance(meant, Said) else self.does(meant)
        return said if talk is None or self.awaits not in (talk, None) else self.does(talk)

    def passes(self, span: timedelta) -> None:
        self.now += span

    def restarts(self) -> Said | None:
        """Every process is gone but for the store; what is offered in the first turn after."""
        self.session.expire_all()
        self.awaits = None
        said = offer_draft(
            self.session, person=self.person, channel="telegram", practice=practice(), kept_for=KEPT_FOR, now=self.now
        )
        if said is not None:
            self.show(said)
        return said
