"""No sequence of changes, faults and pauses loses a reminder, sends it early, or sends what was ended.

People set, move, put off and delete reminders through their dialogues while two schedulers on the same store claim and
hand over, are interrupted, or do not get through. What reached the channel is held against a model after every step.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from actions.absences import end_absence, set_absence
from actions.access import OPERATOR
from actions.cases import open_case
from actions.occurrences import LEASE, next_try
from actions.operations import (
    Acknowledge,
    AnyOperation,
    DeleteReminder,
    Move,
    MoveReminder,
    ReminderDraft,
    ReopenNudge,
    RestoreReminder,
    Said,
    SetReminder,
    Snooze,
    Withdraw,
)
from actions.people import disable, enrol, heard_from
from actions.performing import perform
from actions.preferences import choose_hours, hours_of
from actions.recurrence import days_of
from actions.requests import Requests, requests_of
from actions.standing import plan_everything
from actions.store.engine import open_store
from actions.store.models import Absence, Case, Occurrence, Person, Reminder, ReminderKind, State
from bot.chain import Chain
from bot.messages import Turn
from bot.reminders.delivery import BlockedError, Delivery, NotDeliveredError, Parcel
from knowledge.load import Knowledge, load_knowledge
from tests.actions.conftest import acting, named, practice
from tests.actions.test_nudge_days import free_day

BEGIN = datetime(2026, 12, 18, 9, 30, tzinfo=UTC)
"""The Friday before Christmas."""
GERMANY = ZoneInfo("Europe/Berlin")
ALIASES = ["lotse-1", "lotse-2", "lotse-3"]
NUMBERS = [None, None, "KIM-1042", "KIM-1043"]
RULES = [None, None, None, "daily", "weekly", "monthly", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=DAILY;COUNT=3"]
PERSONAL = (ReminderKind.REMINDER, ReminderKind.RESUBMISSION)
Fault = Literal["lost", "perhaps", "asked to wait", "blocked", "killed before", "killed after"]
Meanwhile = Literal["a moment", "two minutes", "the other one ticks", "deleted", "planned", "killed"]
MEANWHILE: tuple[Meanwhile, ...] = ("a moment", "two minutes", "the other one ticks", "deleted", "planned", "killed")
FAULTS: tuple[Fault, ...] = ("lost", "perhaps", "asked to wait", "blocked", "killed before", "killed after")
aliases = st.sampled_from(ALIASES)
picks = st.integers(0, 10_000)
clocks = st.sampled_from([None, None, None, time(2, 30), time(11), time(22, 15)])
pauses = st.sampled_from(
    [
        timedelta(seconds=40),
        timedelta(minutes=5),
        timedelta(hours=2),
        timedelta(hours=5),
        timedelta(days=1),
        timedelta(days=2),
    ]
)
FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 9).map(lambda days: FIRST + timedelta(days=days))
bare = st.builds(ReminderDraft, entry_id=st.just(""), subject=st.just("bericht"), day=DAYS)
wanted = bare | st.builds(
    ReminderDraft,
    entry_id=st.just(""),
    number=st.sampled_from(NUMBERS),
    subject=st.just("bericht"),
    day=DAYS,
    clock=clocks,
    repeat=st.sampled_from(RULES),
    named=st.booleans(),
)


@cache
def content() -> tuple[Knowledge, Requests]:
    knowledge = load_knowledge()
    return knowledge, requests_of(practice())


@cache
def empty_store() -> Path:
    """A store nobody used yet, to be copied."""
    folder = Path(tempfile.mkdtemp())
    open_store(folder / "lotse.db").dispose()
    return folder


@dataclass
class Parts:
    """What the delivery takes of the chain."""

    engine: Engine
    knowledge: Knowledge
    requests: Requests
    now: datetime = BEGIN

    def clock(self) -> datetime:
        return self.now


@dataclass
class Sent:
    """An occurrence in a message that reached somebody: when it was due then, and whether it may have been there."""

    at: datetime
    due_at: datetime
    to: str
    uncertain: bool


class KilledError(Exception):
    """The process ended; what it held it holds no more."""


@dataclass
class Scheduler(Delivery):
    """The delivery, noting what it is handing over."""

    parcel: Parcel | None = None

    async def send(self, parcel: Parcel) -> None:
        self.parcel = parcel
        await super().send(parcel)


@dataclass
class Model:
    """What is true by the rules: what was promised and is still to be kept, and what is over."""

    promised: dict[int, str] = field(default_factory=dict)
    """Occurrences of personal reminders that may only go when somebody changes or ends them."""
    over: set[str] = field(default_factory=set)
    """Reminders that were deleted, or forgotten with their case or person."""

    reopened: set[int] = field(default_factory=set)
    """Occurrences that somebody had before them when they said that these are not done after all."""

    def forget(self, entry_id: str) -> None:
        self.promised = {id_: own for id_, own in self.promised.items() if own != entry_id}

    def end(self, entry_id: str) -> None:
        self.forget(entry_id)
        self.over.add(entry_id)


class Reminders(RuleBasedStateMachine):
    """Three people, two schedulers, one channel, one store."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp()) / "store"
        shutil.copytree(empty_store(), self.folder)
        knowledge, requests = content()
        self.parts = Parts(open_store(self.folder / "lotse.db"), knowledge, requests)
        self.model = Model()
        self.sent: dict[int, list[Sent]] = {}
        self.held: list[tuple[Scheduler, Parcel, datetime]] = []
        self.faults: list[Fault] = []
        self.unmarked: dict[int, datetime] = {}
        self.broken: list[AssertionError] = []
        self.count = 0
        self.schedulers = [self.scheduler(), self.scheduler()]
        self.loop = asyncio.new_event_loop()

    def scheduler(self) -> Scheduler:
        made = Scheduler(cast(Chain, self.parts), {})

        async def deliver(address: str, turn: Turn) -> None:
            assert made.parcel is not None
            self.deliver(made, made.parcel, address, turn)

        made.channels = {"post": deliver}
        return made

    def teardown(self) -> None:
        self.parts.engine.dispose()
        self.loop.close()
        shutil.rmtree(self.folder.parent)

    @property
    def now(self) -> datetime:
        return self.parts.now

    @property
    def today(self) -> date:
        return self.now.astimezone(GERMANY).date()

    # What the channel sees

    def deliver(self, scheduler: Scheduler, parcel: Parcel, address: str, turn: Turn) -> None:
        fault = self.faults.pop(0) if self.faults else None
        match fault:
            case "lost":
                raise NotDeliveredError
            case "asked to wait":
                raise NotDeliveredError(after=timedelta(minutes=3))
            case "blocked":
                raise BlockedError
            case "killed before":
                raise KilledError
        assert turn.messages
        with Session(self.parts.engine) as session:
            for id_ in parcel.occurrences:
                occurrence = session.get(Occurrence, id_)
                if occurrence is not None and occurrence.state is State.CLAIMED and occurrence.try_at is not None:
                    try:
                        self.check_sent(session, scheduler, address, occurrence)
                    except AssertionError as error:  # the delivery goes on after any error, so it is raised afterwards
                        self.broken.append(error)
                    self.unmarked.pop(id_, None)
                    if fault is not None:
                        self.unmarked[id_] = occurrence.due_at
        if fault == "perhaps":
            raise NotDeliveredError(uncertain=True)
        if fault == "killed after":
            raise KilledError

    def check_sent(self, session: Session, scheduler: Scheduler, address: str, occurrence: Occurrence) -> None:
        reminder = session.get_one(Reminder, occurrence.reminder_id)
        assert occurrence.due_at <= self.now, "nothing is sent before it is due"
        assert reminder.entry_id not in self.model.over, "nothing is sent of what was ended"
        assert reminder.ended_at is None
        assert named(session, address).active
        twice = self.unmarked.get(occurrence.id or 0) == occurrence.due_at
        assert occurrence.uncertain or not twice, "what may have been there is said to be a repetition"
        for holder, parcel, until in self.held:
            mine = occurrence.id in parcel.occurrences and until > self.now
            assert not mine or holder is scheduler, "a claim is held by one alone"
        self.sent.setdefault(occurrence.id or 0, []).append(
            Sent(self.now, occurrence.due_at, address, occurrence.uncertain)
        )

    # What people do

    def does(self, alias: str, operation: AnyOperation) -> Said:
        with Session(self.parts.engine) as session:
            return perform(
                session,
                person_id=named(session, alias).id or 0,
                channel="post",
                operation=operation,
                practice=practice(),
                kept_for=timedelta(days=30),
                now=self.now,
            )

    def personal(self, session: Session) -> list[Reminder]:
        return list(session.exec(select(Reminder).where(col(Reminder.kind).in_(PERSONAL)).order_by(Reminder.entry_id)))

    def picked(self, pick: int) -> tuple[str, str | None, str] | None:
        """A reminder: its id, its case and who may change it."""
        with Session(self.parts.engine) as session:
            there = self.personal(session)
            if not there:
                return None
            reminder = there[pick % len(there)]
            number = session.get_one(Case, reminder.case_id).number if reminder.case_id else None
            return reminder.entry_id, number, session.get_one(Person, reminder.person_id).alias

    def reconsidered(self, entry_id: str) -> None:
        """It was set or changed: what is planned of it now is promised, and lies right."""
        with Session(self.parts.engine) as session:
            reminder = session.exec(select(Reminder).where(Reminder.entry_id == entry_id)).first()
            if reminder is None:
                return
            planned = session.exec(select(Occurrence).where(Occurrence.reminder_id == reminder.id)).all()
            self.model.forget(entry_id)
            self.model.promised |= {occurrence.id or 0: entry_id for occurrence in planned}
            person = session.get_one(Person, reminder.person_id)
            works = hours_of(session, person, practice().casework.reminders).days
            for occurrence in (one for one in planned if one.state is State.PLANNED and one.due_at > self.now):
                self.check_planned(reminder, occurrence, works)

    def check_planned(self, reminder: Reminder, occurrence: Occurrence, works: frozenset[int]) -> None:
        if reminder.repeat is None:
            as_said = occurrence.day == reminder.day
        else:
            first = next((day for day in days_of(reminder.repeat, reminder.day) if day >= occurrence.day), None)
            as_said = occurrence.day == first
        if not as_said:
            assert occurrence.day.weekday() in works, "what is moved is moved to a day of work"
            assert occurrence.day.weekday() > 4 or not free_day(occurrence.day), "and to no holiday"
            assert reminder.clock is None, "a time that was said is not moved"
            assert not reminder.named, "a day that was named is not moved"
            assert occurrence.due_at > self.now, "nothing is moved to before now"

    @initialize(drawn=st.lists(wanted, min_size=4, max_size=4))
    def people_come(self, drawn: list[ReminderDraft]) -> None:
        with Session(self.parts.engine) as session:
            for alias in ALIASES:
                enrol(session, channel="post", address=alias, alias=alias)
            owner = named(session, ALIASES[0])
            for number in ("KIM-1042", "KIM-1043"):
                open_case(
                    session,
                    by=acting(owner),
                    owner=owner,
                    number=number,
                    form="short",
                    started_on=self.today,
                    signed_on=self.today,
                    now=self.now,
                )
            session.commit()
        for draft in drawn:
            self.remember(ALIASES[0], draft)

    @rule(alias=aliases, draft=wanted)
    def remember(self, alias: str, draft: ReminderDraft) -> None:
        """A reminder some days after what the clock shows; `draft.day` counts them from `FIRST`."""
        self.count += 1
        entry_id, day = f"r{self.count:03}", self.today + ((draft.day or FIRST) - FIRST)
        said = self.does(
            alias,
            SetReminder(number=draft.number, draft=draft.model_copy(update={"entry_id": entry_id, "day": day})),
        )
        if said.text.startswith("Ich erinnere Sie"):
            with Session(self.parts.engine) as session:
                assert session.exec(select(Reminder).where(Reminder.entry_id == entry_id)).one()
            self.reconsidered(entry_id)

    def remember_soon(self, alias: str, minutes: int) -> str:
        at = (self.now + timedelta(minutes=minutes)).astimezone(GERMANY)
        later = FIRST + (at.date() - self.today)
        self.remember(alias, ReminderDraft(entry_id="", subject="anruf", day=later, clock=at.time()))
        return f"r{self.count:03}"

    @rule(alias=aliases, which=st.integers(0, 1), faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=3))
    def remember_soon_with_faults(self, alias: str, which: int, faults: list[Fault]) -> None:
        self.remember_soon(alias, 1)
        self.wait(timedelta(minutes=30), which, faults)

    @rule(alias=aliases, first=st.integers(0, 1), meanwhile=st.lists(st.sampled_from(MEANWHILE), max_size=3))
    def hand_over_slowly(self, alias: str, first: int, meanwhile: list[Meanwhile]) -> None:
        """One scheduler claims what is due; before it hands over, or instead, other things happen."""
        entry_id = self.remember_soon(alias, 1)
        self.parts.now += timedelta(minutes=1)
        scheduler, until = self.schedulers[first], self.now + LEASE
        self.held = [(scheduler, parcel, until) for parcel in scheduler.claimed()]
        self.promise_repetitions()
        for what in meanwhile:
            match what:
                case "a moment" | "two minutes":
                    self.parts.now += timedelta(seconds=20 if what == "a moment" else 120)
                case "the other one ticks":
                    self.tick(self.schedulers[1 - first])
                case "deleted":
                    if self.does(alias, DeleteReminder(entry_id=entry_id)).text.startswith("Gelöscht"):
                        self.model.end(entry_id)
                case "planned":
                    self.plan()
                case "killed":
                    self.held = []
        held, self.held = self.held, []
        for holder, parcel, _ in held:
            self.loop.run_until_complete(holder.hand_over(parcel))

    @rule(pick=picks, days=st.integers(-2, 12), clock=clocks, named_day=st.booleans())
    def move(self, pick: int, days: int, clock: time | None, named_day: bool) -> None:
        found = self.picked(pick)
        if found is None:
            return
        entry_id, number, alias = found
        day = self.today + timedelta(days=days)
        to = Move(day=day, clock=clock, named=named_day)
        said = self.does(alias, MoveReminder(number=number, entry_id=entry_id, to=to, series=True))
        if said.text.startswith("Geändert"):
            self.model.over.discard(entry_id)
            self.reconsidered(entry_id)

    @rule(pick=picks)
    def delete(self, pick: int) -> None:
        found = self.picked(pick)
        if found is not None:
            entry_id, number, alias = found
            if self.does(alias, DeleteReminder(number=number, entry_id=entry_id)).text.startswith("Gelöscht"):
                self.model.end(entry_id)

    @rule(pick=picks)
    def restore(self, pick: int) -> None:
        over = sorted(self.model.over)
        found = self.picked(pick)
        if not over or found is None or found[0] not in over:
            return
        entry_id, number, alias = found
        if self.does(alias, RestoreReminder(number=number, entry_id=entry_id)).text.startswith("Geändert"):
            self.model.over.discard(entry_id)
            self.reconsidered(entry_id)

    def nudged(self, pick: int) -> tuple[Occurrence, Reminder, str | None] | None:
        """One that was sent of a personal reminder, and so has buttons."""
        with Session(self.parts.engine, expire_on_commit=False) as session:
            there = [found for id_ in sorted(self.sent) if (found := session.get(Occurrence, id_)) is not None]
            both = [(one, session.get_one(Reminder, one.reminder_id)) for one in there]
            both = [(occurrence, reminder) for occurrence, reminder in both if reminder.kind in PERSONAL]
            if not both:
                return None
            occurrence, reminder = both[pick % len(both)]
            number = session.get_one(Case, reminder.case_id).number if reminder.case_id else None
            return occurrence, reminder, number

    @rule(pick=picks, what=st.sampled_from(["done", "done", "not done", "hour", "morning", "week"]))
    def answer(self, pick: int, what: Literal["done", "not done", "hour", "morning", "week"]) -> None:
        found = self.nudged(pick)
        if found is None:
            return
        occurrence, reminder, number = found
        entry_id, id_ = reminder.entry_id, occurrence.id or 0
        to = self.sent[id_][-1].to
        if what == "done":
            self.does(to, Acknowledge(number=number, entry_id=entry_id, occurrence=id_))
        elif what == "not done":
            if occurrence.state is State.ACKNOWLEDGED:
                self.does(to, ReopenNudge(number=number, entry_id=entry_id, occurrence=id_))
                self.model.reopened |= {id_} if occurrence.due_at <= self.now else set()
        else:
            said = self.does(to, Snooze(number=number, entry_id=entry_id, occurrence=id_, until=what))
            if said.text.startswith("Gut, ich erinnere Sie"):
                self.model.over.discard(entry_id)
                self.model.promised[id_] = entry_id
                self.model.reopened.discard(id_)

    @rule(alias=aliases, deputy=aliases, days=st.integers(-1, 6))
    def go_away_or_come_back(self, alias: str, deputy: str, days: int) -> None:
        with Session(self.parts.engine) as session:
            absent, by = named(session, alias), named(session, deputy)
            if days < 0:
                end_absence(session, by=OPERATOR, person=absent, now=self.now)
            elif alias != deputy and absent.active and by.active:
                last = self.today + timedelta(days=days)
                set_absence(
                    session, by=OPERATOR, person=absent, deputy=by, first_day=self.today, last_day=last, now=self.now
                )
            session.commit()

    @rule(alias=aliases, days=st.frozensets(st.integers(0, 6), min_size=1), starts=st.integers(5, 12))
    def work_otherwise(self, alias: str, days: frozenset[int], starts: int) -> None:
        with Session(self.parts.engine) as session:
            defaults = practice().casework.reminders
            ends = time(starts + 3)
            choose_hours(
                session, person=named(session, alias), days=days, starts=time(starts), ends=ends, defaults=defaults
            )
            session.commit()

    @precondition(lambda self: self.count > 8)
    @rule(number=st.sampled_from(["KIM-1042", "KIM-1043"]))
    def withdraw(self, number: str) -> None:
        with Session(self.parts.engine) as session:
            case = session.exec(select(Case).where(Case.number == number)).first()
            if case is None:
                return
            owner = session.get_one(Person, case.owner_id).alias
            ended = [one.entry_id for one in self.personal(session) if one.case_id == case.id]
        said = self.does(owner, Withdraw(number=number))
        with Session(self.parts.engine) as session:
            if session.exec(select(Case).where(Case.number == number)).first() is None:
                for entry_id in ended:
                    self.model.end(entry_id)
            else:
                assert said.text

    @precondition(lambda self: self.count > 10)
    @rule(alias=aliases, heir=aliases)
    def leave(self, alias: str, heir: str) -> None:
        with Session(self.parts.engine) as session:
            person, to = named(session, alias), named(session, heir)
            if alias == heir or not person.active or not to.active:
                return
            disable(session, by=OPERATOR, person=person, hand_over_to=to, now=self.now)
            session.commit()

    # What the schedulers do

    def tick(self, scheduler: Scheduler) -> None:
        async def once() -> None:
            scheduler.tick()
            await scheduler.settled()

        self.loop.run_until_complete(once())
        self.promise_repetitions()

    def promise_repetitions(self) -> None:
        """What a repetition planned anew is promised too."""
        with Session(self.parts.engine) as session:
            for reminder in self.personal(session):
                if reminder.repeat is not None and reminder.entry_id not in self.model.over:
                    ids = session.exec(select(Occurrence.id).where(Occurrence.reminder_id == reminder.id))
                    self.model.promised |= {id_ or 0: reminder.entry_id for id_ in ids}

    @rule(pause=pauses, which=st.integers(0, 1), faults=st.lists(st.sampled_from(FAULTS), max_size=3))
    def wait(self, pause: timedelta, which: int, faults: list[Fault]) -> None:
        """Time passes, with a scheduler that ticks whenever there is something to do, and what may befall it."""
        end, self.faults = self.now + pause, faults
        while True:
            with Session(self.parts.engine) as session:
                due = next_try(session)
            if due is None or due > end:
                break
            self.parts.now = max(self.now, due)
            self.tick(self.schedulers[which])
        self.parts.now, self.faults = end, []

    @rule()
    def plan(self) -> None:
        with Session(self.parts.engine) as session:
            plan_everything(session, practice=practice(), now=self.now)
            session.commit()

    @rule(alias=aliases)
    def write(self, alias: str) -> None:
        """Somebody who had blocked the bot lets it write again."""
        with Session(self.parts.engine) as session:
            heard_from(session, channel="post", address=alias, now=self.now)
            session.commit()

    # What always holds

    @invariant()
    def whatever_was_sent_was_right(self) -> None:
        for error in self.broken:
            raise error

    @invariant()
    def nothing_that_was_promised_is_gone(self) -> None:
        with Session(self.parts.engine) as session:
            there = set(session.exec(select(Occurrence.id)))
            assert not set(self.model.promised) - there

    @invariant()
    def whatever_is_open_is_going_to_be_tried(self) -> None:
        with Session(self.parts.engine) as session:
            rows = session.exec(select(Occurrence, Reminder).join(Reminder)).all()
            for occurrence, reminder in rows:
                if reminder.kind not in PERSONAL or reminder.ended_at is not None:
                    continue
                seen = occurrence.id in self.model.reopened
                open_ = occurrence.state in (State.PLANNED, State.CLAIMED)
                once_more = occurrence.state is State.SENT and occurrence.repeated_at is None and not seen
                assert occurrence.try_at is not None or not (open_ or once_more)

    @invariant()
    def a_repetition_goes_on(self) -> None:
        with Session(self.parts.engine) as session:
            for reminder in self.personal(session):
                endless = reminder.repeat is not None and "COUNT" not in reminder.repeat
                if endless and reminder.ended_at is None:
                    mine = session.exec(select(Occurrence).where(Occurrence.reminder_id == reminder.id))
                    assert {State.PLANNED, State.CLAIMED} & {occurrence.state for occurrence in mine}

    @invariant()
    def each_day_of_a_reminder_is_there_once(self) -> None:
        with Session(self.parts.engine) as session:
            days = Counter((one.reminder_id, one.day) for one in session.exec(select(Occurrence)))
            assert not [day for day, times in days.items() if times > 1]

    @invariant()
    def what_is_over_is_not_tried(self) -> None:
        with Session(self.parts.engine) as session:
            for reminder in self.personal(session):
                if reminder.entry_id in self.model.over:
                    mine = select(Occurrence.try_at).where(Occurrence.reminder_id == reminder.id)
                    assert not [at for at in session.exec(mine) if at is not None]

    @invariant()
    def it_comes_once_and_once_more_unless_it_is_said_to_be_a_repetition(self) -> None:
        for sent in self.sent.values():
            certain = Counter(one.due_at for one in sent if not one.uncertain)
            assert all(times <= 2 for times in certain.values())

    @rule()
    def all_is_well_for_some_days(self) -> None:
        """Everybody can be written to, a scheduler runs: what was due by now has been sent, or was seen to before."""
        self.held = []
        for alias in ALIASES:
            self.write(alias)
        by_now = self.now
        self.wait(timedelta(days=2), 0, [])
        with Session(self.parts.engine) as session:
            absent = set(session.exec(select(Absence.person_id)))
            for occurrence, reminder in session.exec(select(Occurrence, Reminder).join(Reminder)).all():
                due = occurrence.due_at <= by_now and reminder.kind in PERSONAL and reminder.ended_at is None
                due = due and occurrence.id not in self.model.reopened
                if due and occurrence.state is not State.ACKNOWLEDGED and reminder.person_id not in absent:
                    sent = self.sent.get(occurrence.id or 0, [])
                    assert [one for one in sent if one.at >= occurrence.due_at], "it was due and is not sent"


Reminders.TestCase.settings = settings(max_examples=20, stateful_step_count=40, derandomize=True, deadline=None)
TestReminders = pytest.mark.timeout(120)(Reminders.TestCase)
