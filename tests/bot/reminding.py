"""A chain whose reminders are handed to lists instead of messengers, on a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from actions.clock import local_day
from actions.operations import AnyOperation, OpenCase, Said
from actions.people import enrol
from actions.performing import perform
from actions.standing import plan_everything
from actions.store.models import Person, Role
from bot.chain import Chain
from bot.messages import Do, Turn
from bot.reminders.delivery import Delivery
from tests.bot.talking import MORNING, ManualClock, text_of

CHANNEL = "post"


@dataclass
class Post:
    """A channel that keeps what it is given, by address; `fails` raises in turn before anything gets through."""

    clock: ManualClock
    got: list[tuple[str, datetime, Turn]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    async def deliver(self, address: str, turn: Turn) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.got.append((address, self.clock(), turn))

    def texts(self, address: str) -> list[str]:
        return [text_of(turn) for to, _, turn in self.got if to == address]

    def times(self, address: str) -> list[datetime]:
        return [at for to, at, _ in self.got if to == address]


@dataclass
class Reminded:
    """People reached by post, and the delivery on its clock."""

    chain: Chain
    clock: ManualClock
    post: Post
    delivery: Delivery

    def enrol(self, alias: str, role: Role = Role.CASE_MANAGER) -> Person:
        with Session(self.chain.engine, expire_on_commit=False) as session:
            person = enrol(session, channel=CHANNEL, address=alias, alias=alias, role=role)
            session.commit()
        return person

    def does(self, person: Person, operation: AnyOperation) -> Said:
        """What the person says or taps, done now."""
        requests = self.chain.requests
        with Session(self.chain.engine) as session:
            return perform(
                session,
                person_id=person.id or 0,
                channel=CHANNEL,
                operation=operation,
                practice=requests.practice,
                kept_for=timedelta(days=30),
                now=self.clock(),
            )

    def says(self, person: Person, text: str) -> Said:
        """A message about a reminder."""
        operation = self.chain.requests.reminders.begin(text, self.clock())
        return self.does(person, operation)

    def taps(self, person: Person, label: str) -> Said:
        """The newest button of that label that was delivered to the person."""
        for _, _, turn in reversed([one for one in self.post.got if one[0] == person.alias]):
            for message in turn.messages:
                for button in (button for row in message.rows for button in row):
                    if button.label == label and isinstance(button.meaning, Do):
                        return self.does(person, button.meaning.operation)
        raise LookupError(label)

    def opens(self, person: Person, number: str, form: str = "short") -> None:
        today = local_day(self.clock())
        self.does(person, OpenCase(number=number, form=form, signed_on=today, started_on=today))

    def plan(self) -> None:
        with Session(self.chain.engine) as session:
            plan_everything(session, practice=self.chain.requests.practice, now=self.clock())
            session.commit()

    async def tick(self) -> None:
        self.delivery.tick()
        await self.delivery.settled()

    async def until(self, moment: datetime, *, step: timedelta = timedelta(minutes=30)) -> None:
        """Let time pass, ticking at every step."""
        while self.clock() < moment:
            self.clock.now = min(self.clock() + step, moment)
            await self.tick()


def reminded(chain: Chain, now: datetime = MORNING) -> Reminded:
    clock = ManualClock(now)
    chain.clock = clock
    post = Post(clock)
    return Reminded(chain, clock, post, Delivery(chain, {CHANNEL: post.deliver}))
