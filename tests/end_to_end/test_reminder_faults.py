"""No reminder is lost: processes are killed at any moment and the Bot API misbehaves in every way it can."""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import psutil
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from actions.access import Actor
from actions.cases import open_case
from actions.clock import local_day, system_clock
from actions.occurrences import postpone
from actions.people import enrol
from actions.practice import load_practice
from actions.preferences import choose_shown
from actions.reminders import Wanted, set_reminder
from actions.store.engine import open_store
from actions.store.models import Occurrence, Person, Reminder, ReminderKind, Shows, State
from bot.runtime.assembly import TELEGRAM, enrol_local_person
from bot.runtime.model import Model
from knowledge.casework import ReminderDefaults
from knowledge.load import Knowledge
from nlu.privacy.guard import PrivacyGuard
from tests.bot import talking
from tests.end_to_end.faulting import ALONE, WHOLE, BotProcess, environment
from tests.standin.botapi import BotApi

SEED = 2027
CHATS = range(6001, 6025)
PER_CHAT = 10
SPAN = 24.0
"""Seconds over which the reminders fall due."""
KILLS = 4
STARTS_AHEAD = 2
FAULTS_OF_A_KIND = 3
PATIENCE = 150.0
"""Seconds until what was put off after a fault has to be there."""
SUBJECT = re.compile(r"Federkiel \d{4}")
CASE = "KIM-77"
"""What the numbers of the cases begin with."""
AGAIN = "Wiederholung"


@dataclass(frozen=True)
class Promise:
    """A reminder that was confirmed: to whom, and about what."""

    chat: int
    subject: str


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as running:
        for chat in CHATS:
            running.open_chat(chat)
        yield running


@pytest.fixture
def data_dir(tmp_path: Path, guard: PrivacyGuard) -> Path:
    return tmp_path / "data"


@pytest.fixture
def engine(data_dir: Path) -> Iterator[Engine]:
    """The store beside the running bot, set up before it starts."""
    engine = open_store(data_dir / "lotse.db")
    enrol_local_person(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def defaults(knowledge: Knowledge) -> ReminderDefaults:
    return load_practice(knowledge).casework.reminders


def enrolled(engine: Engine, defaults: ReminderDefaults) -> None:
    """People who want to see what a reminder is about, every other one with a case."""
    now = system_clock()
    today = local_day(now)
    with Session(engine) as session:
        for chat in CHATS:
            person = enrol(session, channel=TELEGRAM, address=str(chat), alias=f"lotse-{chat}")
            choose_shown(session, person=person, shows=Shows.FULL, defaults=defaults)
            if chat % 2:
                open_case(
                    session,
                    by=Actor(TELEGRAM, person),
                    owner=person,
                    number=f"{CASE}{chat}",
                    form="short",
                    started_on=today,
                    signed_on=today,
                    now=now,
                )
        session.commit()


def promised(engine: Engine, defaults: ReminderDefaults) -> list[Promise]:
    """Reminders set one by one, all for tomorrow."""
    tomorrow = local_day(system_clock()) + timedelta(days=1)
    promises = [Promise(CHATS[n % len(CHATS)], f"Federkiel {n:04}") for n in range(len(CHATS) * PER_CHAT)]
    for number, promise in enumerate(promises):
        with Session(engine) as session:
            person = session.exec(select(Person).where(Person.alias == f"lotse-{promise.chat}")).one()
            set_reminder(
                session,
                by=Actor(TELEGRAM, person),
                entry_id=promise.subject,
                number=f"{CASE}{promise.chat}" if promise.chat % 2 and number % 3 == 0 else None,
                wanted=Wanted(day=tomorrow, subject=promise.subject, named=True),
                defaults=defaults,
                now=system_clock(),
            )
            session.commit()
    return promises


def bring_near(engine: Engine, chance: Random, start: datetime) -> None:
    """Let tomorrow's reminders fall due one after the other from `start` on (aware)."""
    with Session(engine) as session:
        of_promises = select(Occurrence).join(Reminder).where(Reminder.kind == ReminderKind.REMINDER)
        for occurrence in session.exec(of_promises.order_by(col(Occurrence.id))).all():
            postpone(occurrence, until=start + timedelta(seconds=chance.uniform(0, SPAN)))
            session.add(occurrence)
        session.commit()


def misbehaviour(api: BotApi, chance: Random) -> list[Callable[[], None]]:
    """What happens to one message each."""
    kinds: list[Callable[[], None]] = [
        lambda: api.fail_next("sendMessage", 1, 429, retry_after=chance.randint(1, 2)),
        lambda: api.fail_next("sendMessage", 1, 500),
        lambda: api.fail_next("sendMessage", 1, 502, carried_out=True),
        lambda: api.drop_connections("sendMessage", 1),
        lambda: api.drop_connections("sendMessage", 1, carried_out=True),
        lambda: api.halve_answers("sendMessage", 1),
    ]
    return kinds * FAULTS_OF_A_KIND


def claimed(engine: Engine) -> list[str]:
    """The subjects somebody is handing over, or was when it died."""
    with Session(engine) as session:
        statement = select(Reminder.subject).join(Occurrence).where(Occurrence.state == State.CLAIMED)
        return [subject for subject in session.exec(statement) if subject]


def open_still(engine: Engine) -> int:
    """How many of the promises are not marked as sent."""
    with Session(engine) as session:
        statement = select(Occurrence).join(Reminder).where(Reminder.kind == ReminderKind.REMINDER)
        return sum(occurrence.state is not State.SENT for occurrence in session.exec(statement))


def wait_until(check: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def nudges(api: BotApi, chat: int) -> list[str]:
    """The texts of what the bot wrote in a chat, without the overviews of the day."""
    texts = [message.text for message in api.messages(chat) if message.from_bot]
    return [text for text in texts if not text.startswith("Guten Morgen")]


def swallowed(api: BotApi) -> Counter[str]:
    """How often each subject was sent and the bot could not know it."""
    calls = [call for call in api.calls("sendMessage") if call.carried_out and call.status != 200]
    return Counter(subject for call in calls for subject in SUBJECT.findall(str(call.params["text"])))


def nothing_in_the_logs(data_dir: Path, token: str) -> None:
    files = [*(data_dir / "logs").iterdir(), data_dir / "printed.txt"]
    content = "".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
    assert content, "there is a log to look at"
    assert not [word for word in ("federkiel", CASE.lower(), token) if word in content.lower()]


def test_every_reminder_arrives_and_twice_only_what_was_between_sending_and_marking(
    data_dir: Path, engine: Engine, defaults: ReminderDefaults, model: Model, api: BotApi
) -> None:
    chance = Random(SEED)
    enrolled(engine, defaults)
    promises = promised(engine, defaults)
    api.delay("sendMessage", 0.05)
    api.delay_answers("sendMessage", 0.3)
    api.rate_limits(per_chat_per_second=1, overall_per_second=30)
    with BotProcess(ALONE, environment(data_dir, model, api), api) as bot:
        for _ in range(1 + STARTS_AHEAD):
            bot.prepare()
        bot.start()
        start = system_clock()
        bring_near(engine, chance, start)

        left, fell_between = Counter[str](), 0

        def kill() -> None:
            nonlocal fell_between
            wait_until(lambda: bool(claimed(engine)), SPAN, "nothing is being delivered")
            bot.kill()
            died_with = claimed(engine)
            left.update(died_with)
            there = {subject for chat in CHATS for text in nudges(api, chat) for subject in SUBJECT.findall(text)}
            fell_between += len(there.intersection(died_with))
            bot.start()
            bot.prepare()

        faults = misbehaviour(api, chance)
        events = [(chance.uniform(0, 0.7 * SPAN), fault) for fault in faults]
        events += [((number + chance.random()) * SPAN / KILLS, kill) for number in range(KILLS)]
        for moment, happen in sorted(events, key=lambda event: event[0]):
            time.sleep(max(0.0, (start - system_clock()).total_seconds() + moment))
            happen()
        wait_until(lambda: all(rule.count == 0 for rule in api.faults.rules), SPAN, "a fault hit nobody")
        api.clear_faults()
        wait_until(lambda: open_still(engine) == 0, PATIENCE, "a reminder is not delivered")

    assert len(promises) == len(CHATS) * PER_CHAT
    received = {chat: nudges(api, chat) for chat in CHATS}
    own = {promise: [text for text in received[promise.chat] if promise.subject in text] for promise in promises}
    assert not [promise for promise, texts in own.items() if not texts], "nobody waits in vain"
    everything = Counter(subject for texts in received.values() for text in texts for subject in SUBJECT.findall(text))
    assert everything == {promise.subject: len(texts) for promise, texts in own.items()}, "nobody gets another's"
    lost_answers = swallowed(api)
    for promise, (_, *more) in own.items():
        assert len(more) <= left[promise.subject] + lost_answers[promise.subject], (promise, own[promise])
        assert all(AGAIN in text for text in more), (promise, own[promise])
    assert fell_between > 0, "a kill fell between sending and marking"
    assert lost_answers.total() > 0, "an answer got lost after the message had arrived"
    nothing_in_the_logs(data_dir, api.token)


@pytest.mark.rasa
def test_what_was_confirmed_arrives_whatever_is_killed_in_between(
    data_dir: Path, engine: Engine, model: Model, api: BotApi
) -> None:
    """Said in a chat and confirmed; then everything is killed at once, and later both servers behind the bot."""
    anna = talking.Person(api, talking.ANNA)
    ours = environment(data_dir, model, api, LOTSE_TELEGRAM_STAFF=f"{talking.ANNA}:lotse-1")
    with BotProcess(WHOLE, ours, api) as bot:
        bot.start()
        consent = f"fall anlegen {CASE}01, kurzberatung, einwilligung heute unterschrieben"
        assert f"{CASE}01 ist angelegt" in anna.writes(consent, date=system_clock()).text
        of_case = anna.writes(f"wv morgen um 10 fall {CASE}01 federkiel prüfen", date=system_clock()).text
        assert "morgen um 10:00 Uhr" in of_case
        of_none = anna.writes("erinner mich in 2 stunden an den federkielbrief", date=system_clock()).text
        assert of_none.startswith(("Ich erinnere Sie heute um", "Ich erinnere Sie morgen um"))

        servers = processes_behind(bot)
        assert len(servers) == 2
        bot.kill()
        kill_all(servers)
        fall_due(engine, "federkiel prüfen")
        bot.start()
        assert arrives(anna, f"Wiedervorlage · {CASE}01")

        kill_all(processes_behind(bot))
        fall_due(engine, "federkielbrief")
        assert arrives(anna, "Erinnerung")
        assert anna.taps("Worum geht es?").text.startswith("federkielbrief")
        assert open_still(engine) == 0

    assert [text.splitlines()[0] for text in nudges(api, talking.ANNA) if "fällig" in text] == [
        f"Wiedervorlage · {CASE}01",
        "Erinnerung",
        "federkielbrief",
    ]
    nothing_in_the_logs(data_dir, api.token)


def processes_behind(bot: BotProcess) -> list[psutil.Process]:
    """The action server and Rasa, with a process group each."""
    assert bot.serving is not None
    return psutil.Process(bot.serving.pid).children()


def kill_all(servers: list[psutil.Process]) -> None:
    """As `kill -9` does it, with whatever they started."""
    for server in servers:
        os.killpg(server.pid, signal.SIGKILL)


def fall_due(engine: Engine, subject: str) -> None:
    """Now, instead of when it was set for."""
    with Session(engine) as session:
        everyone = session.exec(select(Occurrence, Reminder).join(Reminder)).all()
        (occurrence,) = [occurrence for occurrence, reminder in everyone if reminder.subject == subject]
        postpone(occurrence, until=system_clock())
        session.add(occurrence)
        session.commit()


def arrives(anna: talking.Person, title: str) -> bool:
    def there() -> bool:
        return any(message.text.startswith(title) for message in anna.reads() if "fällig" in message.text)

    wait_until(there, 20, title)
    return True
