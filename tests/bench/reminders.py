"""`make bench-reminders`: how soon what is due reaches the channel while 100,000 reminders wait, on both databases.

The real delivery and the real Telegram channel in this process, the Bot API's stand-in in one of its own. Prints
start-up times, the time from due to received at 10 due per second, the rate at which a backlog is handed over, and the
longest pause of the event loop, which every conversation waits for.
"""

from __future__ import annotations

import asyncio
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, insert
from sqlmodel import Session, col, func, select

from actions.clock import local_day
from actions.occurrences import LONGEST_PAUSE
from actions.practice import load_practice
from actions.requests import requests_of
from actions.settings import Settings
from actions.store.models import Account, Case, Occurrence, Person, Reminder, ReminderKind, State
from bot.chain import Chain
from bot.channels.telegram import telegram_channel
from bot.door import Door
from bot.reminders.delivery import Delivery
from bot.reminders.ticking import TICK_SECONDS, Ticking
from bot.runtime.assembly import TELEGRAM, open_database
from bot.runtime.environments import ROOT
from bot.understanding import Understanding
from knowledge.load import Knowledge, load_knowledge
from nlu.privacy.guard import PrivacyGuard
from nlu.privacy.training import ensure_guard
from tests.conftest import free_port
from tests.knowledge.tiny_ranker import train_tiny_ranker
from tests.postgres import FAST, running_postgres
from tests.standin.botapi import TOKEN

PENDING = 100_000
PEOPLE = 500
CASES_PER_PERSON = 10
PER_SECOND = 10
SECONDS = 40
BACKLOG = 1_000
OF_ONE_PERSON = 10_000
MEDIAN_BELOW, P99_BELOW = 1.0, 5.0
BOT_API_PER_SECOND = 30
BEGINNING = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
"""A Tuesday at eleven in Germany, whenever the bench runs: no overview and no deadline of everybody's falls in it."""
SOON = timedelta(seconds=3)
HEARTBEAT = 0.05
PATIENCE = 300.0
CHAT = 700_000
"""What chat numbers count from."""

Row = dict[str, Any]
Figures = dict[str, float]


class BenchClock:
    """Runs as the real one does, from the beginning of the bench."""

    def __init__(self) -> None:
        self.shift = BEGINNING - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def seconds_late(self, received_at: float, due_at: datetime) -> float:
        """From due to received (seconds since 1970, by the real clock)."""
        return (datetime.fromtimestamp(received_at, UTC) + self.shift - due_at).total_seconds()


@dataclass
class StandIn:
    """The Bot API in its own process."""

    port: int
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=60))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bot"

    def sent(self) -> list[Row]:
        """Every message it took, in order of arrival."""
        answer = self.client.post(f"http://127.0.0.1:{self.port}/control/calls", json={"method": "sendMessage"})
        return [call for call in answer.json()["result"] if call["carried_out"]]


@contextmanager
def standing_in() -> Iterator[StandIn]:
    port = free_port()
    command = [sys.executable, "-m", "tests.standin.botapi", "--port", str(port), "--any-chat"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield StandIn(port)
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Heartbeat:
    """Wakes up every 50 ms; `longest` is how late it once was, in seconds."""

    longest: float = 0.0

    async def beat(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(HEARTBEAT)
            self.longest = max(self.longest, time.monotonic() - before - HEARTBEAT)

    def taken(self) -> float:
        """The longest so far; counts anew."""
        longest, self.longest = self.longest, 0.0
        return longest


@dataclass
class Bench:
    """One database, filled; measures what happens on it."""

    chain: Chain
    settings: Settings
    api: StandIn
    clock: BenchClock
    heartbeat: Heartbeat = field(default_factory=Heartbeat)
    figures: Figures = field(default_factory=dict)

    async def run(self) -> Figures:
        async with AsyncExitStack() as stack:
            telegram = await stack.enter_async_context(telegram_channel(self.chain, self.settings))
            delivery = Delivery(self.chain, {TELEGRAM: telegram.deliver})
            await self.started(delivery)
            beating = asyncio.create_task(self.heartbeat.beat())
            stack.callback(beating.cancel)
            await stack.enter_async_context(Ticking(delivery))
            await self.paced(delivery)
            await self.planned_meanwhile(Ticking(delivery))
            await self.backlog(delivery)
            await self.one_person(delivery)
        return self.figures

    async def started(self, delivery: Delivery) -> None:
        """What is done before anything is delivered: for people who are new to it, and as every start after that."""
        ticking = Ticking(delivery)
        for name in ("start: first planning for everybody [s]", "start: planning when all is planned [s]"):
            began = time.monotonic()
            await ticking.plan()
            self.figures[name] = time.monotonic() - began
        began = time.monotonic()
        await ticking.tick()
        self.figures["start: first tick, nothing due [s]"] = time.monotonic() - began

    async def planned_meanwhile(self, ticking: Ticking) -> None:
        self.heartbeat.taken()
        await ticking.plan()
        await asyncio.sleep(2 * HEARTBEAT)
        self.figures["planning meanwhile: longest pause of the loop [s]"] = self.heartbeat.taken()

    async def paced(self, delivery: Delivery) -> None:
        """So many due per second, each for another person."""
        first = self.clock() + SOON
        due = {person: first + timedelta(seconds=person / PER_SECOND) for person in range(PER_SECOND * SECONDS)}
        received = await self.delivered(delivery, list(due.items()))
        late = sorted(self.clock.seconds_late(call["received_at"], due[person_of(call)]) for call in received)
        if len(late) != len(due):
            raise RuntimeError(f"{len(due)} were due, {len(late)} came")
        self.figures["10 due per second: median from due to received [s]"] = statistics.median(late)
        self.figures["10 due per second: p99 from due to received [s]"] = percentile(late, 99)
        self.figures["10 due per second: longest pause of the loop [s]"] = self.heartbeat.taken()

    async def backlog(self, delivery: Delivery) -> None:
        """Much that is due at once, for everybody."""
        at = self.clock() + SOON
        received = await self.delivered(delivery, [(number % PEOPLE, at) for number in range(BACKLOG)])
        times = [call["received_at"] for call in received]
        self.figures["1,000 due at once for 500: messages"] = len(times)
        self.figures["1,000 due at once for 500: messages per second"] = (len(times) - 1) / (times[-1] - times[0])
        self.figures["1,000 due at once for 500: first received after [s]"] = self.clock.seconds_late(times[0], at)
        self.figures["1,000 due at once for 500: longest pause of the loop [s]"] = self.heartbeat.taken()

    async def one_person(self, delivery: Delivery) -> None:
        at = self.clock() + SOON
        received = await self.delivered(delivery, [(0, at)] * OF_ONE_PERSON)
        last = received[-1]["received_at"]
        self.figures["10,000 due at once for one: messages"] = len(received)
        self.figures["10,000 due at once for one: last received after [s]"] = self.clock.seconds_late(last, at)
        self.figures["10,000 due at once for one: longest pause of the loop [s]"] = self.heartbeat.taken()

    async def delivered(self, delivery: Delivery, due: Sequence[tuple[int, datetime]]) -> list[Row]:
        """Set reminders (person, moment), wait until each is handed over; the messages that came of it."""
        before = len(self.api.sent())
        set_reminders(self.chain.engine, due, self.clock())
        self.heartbeat.taken()
        last, deadline = max(at for _, at in due), time.monotonic() + PATIENCE
        while self.clock() < last or delivery.tasks or self.overdue():
            if time.monotonic() > deadline:
                raise TimeoutError("what was due was not handed over")
            await asyncio.sleep(TICK_SECONDS)
        return self.api.sent()[before:]

    def overdue(self) -> bool:
        """Whether anything is due and not handed over, put off or not."""
        now = self.clock()
        soon = col(Occurrence.try_at) <= now + LONGEST_PAUSE  # what is put off comes again by then; an index has it
        waiting = col(Occurrence.state).in_([State.PLANNED, State.CLAIMED])
        with Session(self.chain.engine) as session:
            found = session.exec(select(Occurrence.id).where(soon, waiting, col(Occurrence.due_at) <= now)).first()
        return found is not None


def main() -> None:
    knowledge = load_knowledge()
    guard = ensure_guard(ROOT / ".lotse" / "models", knowledge)
    measured: dict[str, Figures] = {"SQLite": measure(knowledge, guard, None)}
    try:
        with running_postgres() as postgres, postgres.database() as name:
            for setting in FAST:
                postgres.run(f"ALTER SYSTEM RESET {setting}")
            postgres.run("SELECT pg_reload_conf()")
            measured["PostgreSQL"] = measure(knowledge, guard, postgres.url(name))
    except pytest.skip.Exception as reason:
        print(f"PostgreSQL was not measured: {reason}")
    report(measured)


def measure(knowledge: Knowledge, guard: PrivacyGuard, url: str | None) -> Figures:
    """All figures of one database; `url` is a PostgreSQL's, else it is SQLite."""
    with tempfile.TemporaryDirectory() as folder, standing_in() as api:
        settings = Settings(
            data_dir=Path(folder),
            database_url=SecretStr(url) if url else None,
            telegram_token=SecretStr(TOKEN),
            telegram_api_url=api.url,
        )
        clock, figures = BenchClock(), Figures()
        began = time.monotonic()
        fill(open_database(settings), clock())
        figures["filling [s]"] = time.monotonic() - began
        began = time.monotonic()
        engine = open_database(settings)
        figures["start: opening the store [s]"] = time.monotonic() - began
        try:
            return figures | asyncio.run(Bench(chain_on(engine, knowledge, guard, clock), settings, api, clock).run())
        finally:
            engine.dispose()


def chain_on(engine: Engine, knowledge: Knowledge, guard: PrivacyGuard, clock: BenchClock) -> Chain:
    """The chain without Rasa, which has no part in delivering."""
    understanding = Understanding(httpx.AsyncClient(), 5.0, knowledge, train_tiny_ranker(), always_degraded=True)
    requests = requests_of(load_practice(knowledge))
    return Chain(engine, knowledge, requests, guard, understanding, clock, Door(messages_per_minute=1000))


def fill(engine: Engine, now: datetime) -> None:
    """People, their cases, and the reminders that wait in the coming year. Disposes of the engine."""
    with engine.begin() as connection:
        people = range(1, PEOPLE + 1)
        connection.execute(insert(Person), [{"alias": f"bench-{number}"} for number in people])
        accounts = [{"channel": TELEGRAM, "address": str(CHAT + n), "person_id": n} for n in people]
        connection.execute(insert(Account), accounts)
        cases = range(1, PEOPLE * CASES_PER_PERSON + 1)
        connection.execute(insert(Case), [case_row(number, now) for number in cases])
    tomorrow, year = now + timedelta(days=1), timedelta(days=364)
    set_reminders(engine, [(n % PEOPLE, tomorrow + year * (n / PENDING)) for n in range(PENDING)], now)
    engine.dispose()


def case_row(number: int, now: datetime) -> Row:
    owner = 1 + number % PEOPLE
    signed = {"consent_signed_on": local_day(now), "consent_confirmed_by": owner, "consent_confirmed_at": now}
    return {
        "number": f"KIM-{number}",
        "form": "short",
        "owner_id": owner,
        "started_on": local_day(now),
    } | signed


def set_reminders(engine: Engine, due: Sequence[tuple[int, datetime]], now: datetime) -> None:
    """A reminder for each (person from 0, moment), with its occurrence; every other one about one of their cases, every
    tenth monthly."""
    with engine.begin() as connection:
        first = 1 + (connection.execute(select(func.max(Reminder.id))).scalar() or 0)
        rows = [reminder_row(first + n, person, local_day(at), now) for n, (person, at) in enumerate(due)]
        ids = connection.scalars(insert(Reminder).returning(col(Reminder.id), sort_by_parameter_order=True), rows)
        times = zip(ids, (at for _, at in due), strict=True)
        occurrences = [{"reminder_id": id_, "day": local_day(at), "due_at": at, "try_at": at} for id_, at in times]
        connection.execute(insert(Occurrence), occurrences)


def reminder_row(number: int, person: int, day: date, now: datetime) -> Row:
    case = (number % CASES_PER_PERSON) * PEOPLE + person
    return {
        "entry_id": f"bench-{number}",
        "person_id": 1 + person,
        "case_id": (case or None) if number % 2 else None,
        "kind": ReminderKind.RE_ASSESSMENT if number % 2 else ReminderKind.REMINDER,
        "subject": f"Rückfrage {number} zum Wohngeld klären",
        "day": day,
        "repeat": "monthly" if number % 10 == 0 else None,
        "named": True,
        "created_at": now,
    }


def person_of(call: Row) -> int:
    """The person (from 0) whose chat a message went to."""
    return int(call["params"]["chat_id"]) - CHAT - 1


def percentile(ordered: Sequence[float], percent: int) -> float:
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]


def report(measured: Mapping[str, Figures]) -> None:
    names = list(next(iter(measured.values())))
    widest = max(map(len, names))
    print(f"{PENDING:,} reminders wait, {PEOPLE} people")
    print(" " * widest + "".join(f"{database:>12}" for database in measured))
    for name in names:
        print(f"{name:{widest}}" + "".join(f"{figures[name]:12.2f}" for figures in measured.values()))
    print(
        f"targets: at {PER_SECOND} due per second median < {MEDIAN_BELOW:.0f} s, p99 < {P99_BELOW:.0f} s; a backlog "
        f"near the Bot API's limit of about {BOT_API_PER_SECOND} messages per second"
    )


if __name__ == "__main__":
    main()
