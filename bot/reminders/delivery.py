"""Hands over what is due: claimed in the store, sent through the person's channel, marked; at least once."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from actions.clock import local_day
from actions.nudging import Nudge, morning, nudged, transfer
from actions.occurrences import LEASE, STANDING, begin, claim, failed, plan, reminders_of, sent, still_claimed
from actions.operations import Said
from actions.people import mark_blocked, reachable_account
from actions.practice import Practice
from actions.preferences import hours_of
from actions.reminders import number_of, recipient_of
from actions.standing import plan_standing
from actions.store.models import Person, ReminderKind
from bot import presenting
from bot.chain import Chain
from bot.messages import Outcome, Turn

logger = logging.getLogger(__name__)

AT_ONCE = 1000
"""The most that is claimed and waits to be sent: not more than the channel takes within a lease."""
ROUNDS = 2
"""What was due of a repetition meanwhile is planned in the first round and claimed in the second."""
IN_FLIGHT = 30
"""Messages that are being sent at the same time; the channel's own rate limit spreads them."""

Deliver = Callable[[str, Turn], Awaitable[None]]
"""Sends a turn to an address, once. Raises `BlockedError`, or `NotDeliveredError` on a passing fault."""


class BlockedError(Exception):
    """The person does not let us write to them."""


class NotDeliveredError(Exception):
    """It did not get through for now. `after`: how long the channel asks us to wait; `uncertain`: it may have."""

    def __init__(self, *, after: timedelta | None = None, uncertain: bool = False) -> None:
        super().__init__()
        self.after = after
        self.uncertain = uncertain


@dataclass(frozen=True)
class Parcel:
    """One message to one person: what they are to be reminded of, or one of the reminders set for everybody."""

    person_id: int
    occurrences: tuple[int, ...]
    standing: ReminderKind | None = None


@dataclass
class Delivery:
    """The way from a due occurrence to the person. `channels` are those that can be written to now, by name."""

    chain: Chain
    channels: Mapping[str, Deliver]
    lease: timedelta = LEASE
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_FLIGHT))

    @property
    def practice(self) -> Practice:
        return self.chain.requests.practice

    def tick(self) -> None:
        """Claim what is due and start handing it over; does not wait for it, so that nobody waits for anybody."""
        try:
            parcels = self.claimed()
        except Exception as error:  # whatever it is, it must not end the ticking; a lease that ends is tried again
            logger.error("reminders could not be claimed: %s", type(error).__name__)
            return
        for parcel in parcels:
            task = asyncio.create_task(self.hand_over(parcel))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def settled(self) -> None:
        """Wait until everything claimed is handed over or put off."""
        while self.tasks:
            await asyncio.gather(*self.tasks)

    def claimed(self) -> list[Parcel]:
        """What is due now, by person; of a repetition all that was due meanwhile, and its next one planned."""
        now, defaults = self.chain.clock(), self.practice.casework.reminders
        by_person: defaultdict[tuple[int, ReminderKind | None], list[int]] = defaultdict(list)
        recipients: dict[object, int] = {}
        room = max(AT_ONCE - len(self.tasks), 0)
        with Session(self.chain.engine) as session:
            for _ in range(ROUNDS):
                found = claim(session, now=now, limit=room, lease=self.lease)
                session.commit()
                room -= len(found)
                for occurrence, reminder in zip(found, reminders_of(session, found), strict=True):
                    standing = reminder.kind if reminder.kind in STANDING else None
                    key = reminder.person_id, reminder.case_id, standing
                    if key not in recipients:
                        recipients[key] = recipient_of(session, reminder, local_day(now)).id or 0
                    by_person[recipients[key], standing].append(occurrence.id or 0)
                    if reminder.repeat:
                        hours = hours_of(session, session.get_one(Person, reminder.person_id), defaults)
                        plan(session, reminder=reminder, hours=hours, defaults=defaults, now=now)
                session.commit()
        return [Parcel(person, tuple(ids), standing) for (person, standing), ids in by_person.items()]

    async def hand_over(self, parcel: Parcel) -> None:
        """Send one message and mark what it was about; whatever fails is put off, and tried again."""
        async with self.slots:
            try:
                await self.send(parcel)
            except Exception as error:  # what nobody foresaw must not lose it: its lease ends, and it is tried again
                logger.error("a reminder failed: %s", type(error).__name__)

    async def send(self, parcel: Parcel) -> None:
        now = self.chain.clock()
        with Session(self.chain.engine, expire_on_commit=False) as session:
            begin(session, parcel.occurrences, until=now + self.lease)
            session.commit()
            person = session.get_one(Person, parcel.person_id)
            account = reachable_account(session, person=person, channels=list(self.channels))
            said = None if account is None else self.said(session, parcel, person, now)
        if account is None:
            self.put_off(parcel, NotDeliveredError())
            return
        if said is not None:
            try:
                await self.channels[account.channel](account.address, self.turn(said))
            except BlockedError:
                with Session(self.chain.engine) as session:
                    mark_blocked(session, channel=account.channel, address=account.address, now=now)
                    session.commit()
                self.put_off(parcel, NotDeliveredError())
                return
            except NotDeliveredError as error:
                self.put_off(parcel, error)
                return
        self.mark(parcel)

    def said(self, session: Session, parcel: Parcel, person: Person, now: datetime) -> Said | None:
        """The message; none if there is nothing to say by now."""
        claimed = still_claimed(session, parcel.occurrences)
        pairs = zip(claimed, reminders_of(session, claimed), strict=True)
        nudges = [Nudge(reminder, occurrence, number_of(session, reminder)) for occurrence, reminder in pairs]
        if not nudges:
            return None
        if parcel.standing is None:
            due = min((nudge.occurrence.due_at for nudge in nudges if not nudge.again), default=now)
            late = now - due > timedelta(minutes=self.practice.casework.reminders.late_minutes)
            return nudged(session, person=person, nudges=nudges, practice=self.practice, late=late, now=now)
        if nudges[-1].occurrence.day != local_day(now):
            return None
        if parcel.standing is ReminderKind.MORNING:
            return morning(session, person=person, practice=self.practice, now=now)
        return transfer(session, person=person, now=now)

    def turn(self, said: Said) -> Turn:
        message = presenting.done(said, self.chain.knowledge, [])
        about_case = bool(said.numbers) or said.about_cases
        return Turn(Outcome("other", "nudge"), (message,), about_case=about_case, numbers=tuple(said.numbers))

    def mark(self, parcel: Parcel) -> None:
        """It is sent: what nobody acknowledges is sent once more, within the person's hours."""
        now, defaults = self.chain.clock(), self.practice.casework.reminders
        with Session(self.chain.engine) as session:
            person = session.get_one(Person, parcel.person_id)
            again_at = hours_of(session, person, defaults).earliest(now + timedelta(hours=defaults.again_hours))
            claimed = still_claimed(session, parcel.occurrences)
            for occurrence, reminder in zip(claimed, reminders_of(session, claimed), strict=True):
                sent(occurrence, kind=reminder.kind, again_at=again_at, now=now)
                session.add(occurrence)
            session.flush()
            if parcel.standing is not None:
                plan_standing(session, person=person, practice=self.practice, now=now)
            session.commit()

    def put_off(self, parcel: Parcel, error: NotDeliveredError) -> None:
        now = self.chain.clock()
        logger.warning("%d reminders could not be delivered, put off", len(parcel.occurrences))
        with Session(self.chain.engine) as session:
            for occurrence in still_claimed(session, parcel.occurrences):
                failed(occurrence, after=error.after, uncertain=error.uncertain, now=now)
                session.add(occurrence)
            session.commit()
