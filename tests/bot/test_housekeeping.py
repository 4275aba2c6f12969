"""Housekeeping beside the running bot: it ticks on whatever fails, and nothing stays longer than it should."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, func, select

from actions.access import OPERATOR, Actor
from actions.cases import open_case
from actions.consultations import Talk, log_consultation
from actions.drafts import keep_draft
from actions.hygiene import chat_counts, note_messages
from actions.people import invite, require_person
from actions.practice import Practice, load_practice
from actions.settings import Settings
from actions.store import engine as store_engine
from actions.store.buttons import remember_button
from actions.store.models import (
    AuditEvent,
    Button,
    Case,
    ChatMessage,
    Consultation,
    Draft,
    Invitation,
    Role,
    SeenUpdate,
    Statistic,
)
from actions.store.records import take_in
from actions.transfer import mark_transferred
from bot import housekeeping
from bot.chain import Chain
from bot.channels.telegram import RATE_RETRIES, telegram_channel
from bot.housekeeping import AT_ONCE, Delete, Housekeeping
from bot.runtime.assembly import LOCAL_ALIAS, TELEGRAM
from knowledge.load import Knowledge
from tests.bot.talking import ANNA, MORNING, ManualClock
from tests.standin.botapi import TOKEN, BotApi

TICK = 0.05
KEPT_FOR = timedelta(days=30)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store does not wait long for a lock; it is asked for before the store is opened."""
    monkeypatch.setattr(store_engine, "BUSY_TIMEOUT_MS", 20)


@pytest.fixture
def engine(impatient: None, chain: Chain) -> Engine:
    return chain.engine


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds follow each other closely."""
    monkeypatch.setattr(housekeeping, "EVERY_SECONDS", TICK)


@pytest.fixture
async def delete(chain: Chain, api: BotApi) -> AsyncIterator[Delete]:
    """How the real channel deletes, at the stand-in of the Bot API."""
    channel = telegram_channel(chain, Settings(telegram_api_url=api.url, telegram_token=TOKEN))
    async with channel.application.bot:
        yield channel.delete_later


def keeper(engine: Engine, clock: ManualClock, delete: Delete | None = None) -> Housekeeping:
    return Housekeeping(engine, clock, KEPT_FOR, {TELEGRAM: delete} if delete else {})


async def until(done: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(TICK)


def lock(settings: Settings) -> sqlite3.Connection:
    """Another process that writes and does not come to an end before it is closed."""
    other = sqlite3.connect(settings.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def count(engine: Engine, table: type[SQLModel]) -> int:
    with Session(engine) as session:
        return session.exec(select(func.count()).select_from(table)).one()


def counts(engine: Engine) -> tuple[int, int, int]:
    """Waiting, failing, given up."""
    with Session(engine) as session:
        return chat_counts(session)


def invited(engine: Engine, clock: ManualClock, alias: str = "lotse-7") -> None:
    with Session(engine) as session:
        invite(session, by=OPERATOR, alias=alias, role=Role.CASE_MANAGER, share=1.0, new_account=False, now=clock())
        session.commit()


def opened(session: Session, number: str = "KIM-1042") -> Case:
    return open_case(
        session, by=OPERATOR, owner=require_person(session, LOCAL_ALIAS), number=number, form="short",
        started_on=MORNING.date(), signed_on=MORNING.date(), now=MORNING,
    )  # fmt: skip


def noted(engine: Engine, api: BotApi, clock: ManualClock, messages: int = 1) -> list[int]:
    """Messages that stand in a chat and are due a day later."""
    ids = [api.user_sends(ANNA, f"Nachricht {number}").message_id for number in range(messages)]
    with Session(engine) as session:
        note_messages(
            session, channel=TELEGRAM, chat=str(ANNA), messages=ids, numbers=[], sent_at=clock(),
            kept_for=timedelta(hours=24),
        )  # fmt: skip
        session.commit()
    clock.forward(hours=24)
    return ids


class TestTicking:
    async def test_a_round_is_made_at_the_start(self, engine: Engine, clock: ManualClock) -> None:
        invited(engine, clock)
        clock.forward(hours=72)
        async with keeper(engine, clock):
            assert count(engine, Invitation) == 0

    async def test_and_again_and_again(self, engine: Engine, clock: ManualClock, often: None) -> None:
        async with keeper(engine, clock):
            for number in range(3):
                invited(engine, clock, f"lotse-{number}")
                clock.forward(hours=72)
                await until(lambda: count(engine, Invitation) == 0)

    async def test_not_after_the_end(self, engine: Engine, clock: ManualClock, often: None) -> None:
        async with keeper(engine, clock):
            invited(engine, clock)
        clock.forward(hours=72)
        await asyncio.sleep(5 * TICK)
        assert count(engine, Invitation) == 1

    async def test_a_store_that_is_locked_for_a_moment_does_not_end_it(
        self, engine: Engine, clock: ManualClock, often: None, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        invited(engine, clock)
        clock.forward(hours=72)
        other = lock(settings)
        async with keeper(engine, clock):
            await until(lambda: caplog.text.count("tidying failed: OperationalError") >= 3)
            assert count(engine, Invitation) == 1
            other.close()
            await until(lambda: count(engine, Invitation) == 0)

    async def test_a_round_that_takes_long_is_not_joined_by_a_second(
        self, engine: Engine, clock: ManualClock, often: None, api: BotApi
    ) -> None:
        noted(engine, api, clock)
        running, begun, most = 0, 0, 0

        async def slowly(_chat: str, _message: int) -> bool:
            nonlocal running, begun, most
            running, begun = running + 1, begun + 1
            most = max(most, running)
            await asyncio.sleep(4 * TICK)
            running -= 1
            raise ConnectionError

        def a_while_later() -> bool:
            clock.forward(minutes=5)
            return begun >= 3

        async with keeper(engine, clock, slowly):
            await until(a_while_later)
        assert most == 1


class TestForgetting:
    @pytest.fixture
    def practice(self, knowledge: Knowledge) -> Practice:
        return load_practice(knowledge)

    def logged(self, session: Session, practice: Practice, entry_id: str, note: str = "Antrag liegt beim Amt") -> None:
        log_consultation(
            session, by=Actor("terminal", require_person(session, LOCAL_ALIAS)), number="KIM-1042", entry_id=entry_id,
            talk=Talk(day=MORNING.date(), duration_min=20, channel="telefon", topics=("Wohnen",), note=note),
            needs=practice.needs, casework=practice.casework, now=MORNING,
        )  # fmt: skip

    async def test_transferred_entries_go_after_their_time_and_leave_counts(
        self, engine: Engine, clock: ManualClock, practice: Practice
    ) -> None:
        with Session(engine) as session:
            opened(session)
            for entry_id in ("transferred", "waiting"):
                self.logged(session, practice, entry_id)
            by = Actor("terminal", require_person(session, LOCAL_ALIAS))
            mark_transferred(session, by=by, entry_ids=["transferred"], now=clock())
            session.commit()
        clock.forward(days=30, seconds=-1)
        await keeper(engine, clock).tidy()
        assert count(engine, Consultation) == 2
        clock.forward(seconds=1)
        await keeper(engine, clock).tidy()
        with Session(engine) as session:
            assert [entry.entry_id for entry in session.exec(select(Consultation))] == ["waiting"]
            assert session.exec(select(Case)).one().purged_talks == 1
            assert {(cell.kind, cell.value, cell.count) for cell in session.exec(select(Statistic))} == {
                ("talks", "", 1), ("need", "Wohnen", 1),
            }  # fmt: skip
            last = session.exec(select(AuditEvent)).all()[-1]
            assert (last.channel, last.person_id, last.event) == ("housekeeping", None, "consultation purged")

    async def test_drafts_go_after_a_day(self, engine: Engine, clock: ManualClock) -> None:
        with Session(engine) as session:
            person, case = require_person(session, LOCAL_ALIAS), opened(session)
            for kind in ("early", "late"):
                keep_draft(session, person=person, kind=kind, case=case, content={"note": kind}, now=clock())
                session.commit()
                clock.forward(hours=1)
        clock.forward(hours=22)
        await keeper(engine, clock).tidy()
        with Session(engine) as session:
            assert [draft.kind for draft in session.exec(select(Draft))] == ["late"]

    async def test_invitations_go_after_three_days(self, engine: Engine, clock: ManualClock) -> None:
        invited(engine, clock)
        clock.forward(hours=72, seconds=-1)
        await keeper(engine, clock).tidy()
        assert count(engine, Invitation) == 1
        clock.forward(seconds=1)
        await keeper(engine, clock).tidy()
        assert count(engine, Invitation) == 0

    async def test_buttons_and_update_numbers_go_in_their_time(self, engine: Engine, clock: ManualClock) -> None:
        with Session(engine) as session:
            remember_button(session, conversation="c", meaning={}, case_id=None, now=clock())
            take_in(session, channel=TELEGRAM, update_id=1, now=clock())
            session.commit()
        left = []
        for days in (3, 1, 27):
            clock.forward(days=days)
            await keeper(engine, clock).tidy()
            left.append((count(engine, SeenUpdate), count(engine, Button)))
        assert left == [(1, 1), (0, 1), (0, 0)]

    async def test_the_note_of_a_message_given_up_goes_after_a_month(
        self, engine: Engine, clock: ManualClock, api: BotApi, delete: Delete
    ) -> None:
        noted(engine, api, clock)
        clock.forward(hours=24, minutes=1)
        await keeper(engine, clock, delete).tidy()
        assert counts(engine) == (0, 0, 1)
        clock.forward(days=27)
        await keeper(engine, clock, delete).tidy()
        assert counts(engine) == (0, 0, 1)
        clock.forward(days=2)
        await keeper(engine, clock, delete).tidy()
        assert count(engine, ChatMessage) == 0

    async def test_without_a_channel_messages_wait_for_one(
        self, engine: Engine, clock: ManualClock, api: BotApi, delete: Delete
    ) -> None:
        [message] = noted(engine, api, clock)
        await keeper(engine, clock).tidy()
        assert counts(engine) == (1, 0, 0)
        await keeper(engine, clock, delete).tidy()
        assert counts(engine) == (0, 0, 0)
        assert api.message(ANNA, message) is None


class TestDeleting:
    async def test_what_is_due_goes_while_the_bot_runs(
        self, engine: Engine, clock: ManualClock, api: BotApi, delete: Delete, often: None
    ) -> None:
        async with keeper(engine, clock, delete):
            first = noted(engine, api, clock, 3)
            await until(lambda: counts(engine) == (0, 0, 0))
            assert [api.message(ANNA, message) for message in first] == [None] * 3

    @pytest.mark.parametrize("fault", ["500", "502", "401", "closed socket", "outage"])
    async def test_a_passing_fault_is_counted_and_the_message_tried_again(
        self, engine: Engine, clock: ManualClock, api: BotApi, delete: Delete, fault: str
    ) -> None:
        [message] = noted(engine, api, clock)
        match fault:
            case "closed socket":
                api.drop_connections("deleteMessage")
            case "outage":
                api.stop()
            case _:
                api.fail_next("deleteMessage", 1, int(fault))
        await keeper(engine, clock, delete).tidy()
        assert counts(engine) == (1, 1, 0)
        if fault == "outage":
            api.start()
        await keeper(engine, clock, delete).tidy()
        assert counts(engine) == (1, 1, 0), "not tried again at once"
        clock.forward(minutes=1)
        await keeper(engine, clock, delete).tidy()
        assert counts(engine) == (0, 0, 0)
        assert api.message(ANNA, message) is None

    async def test_the_pauses_grow_up_to_an_hour_and_telegrams_limit_ends_them(
        self, engine: Engine, clock: ManualClock, api: BotApi, delete: Delete
    ) -> None:
        noted(engine, api, clock)
        api.fail_next("deleteMessage", None, 500)
        tried = []
        for minute in range(24 * 60 + 61):
            before = len(api.calls("deleteMessage"))
            await keeper(engine, clock, delete).clean_chats(TELEGRAM, delete)
            tried += [minute] * (len(api.calls("deleteMessage")) - before)
            clock.forward(minutes=1)
        assert tried[:9] == [0, 1, 3, 7, 15, 31, 63, 123, 183]
        assert {later - sooner for sooner, later in pairwise(tried[7:])} == {60}
        assert 24 * 60 <= tried[-1] <= 25 * 60, "given up once 48 hours have passed"
        assert counts(engine) == (0, 0, 1)

    async def test_after_a_moment_too_many_the_message_is_deleted_in_the_same_round(
        self, engine: Engine, clock: ManualClock, api: BotApi, delete: Delete
    ) -> None:
        noted(engine, api, clock, 2)
        api.fail_next("deleteMessage", 1, 429, retry_after=1)
        began = time.monotonic()
        await keeper(engine, clock, delete).tidy()
        assert time.monotonic() - began >= 1
        assert counts(engine) == (0, 0, 0)

    async def test_if_it_stays_too_many_it_is_counted_like_any_fault(
        self, engine: Engine, clock: ManualClock, api: BotApi, delete: Delete
    ) -> None:
        noted(engine, api, clock)
        api.fail_next("deleteMessage", RATE_RETRIES + 1, 429, retry_after=1)
        await keeper(engine, clock, delete).tidy()
        assert counts(engine) == (1, 1, 0)
        clock.forward(minutes=1)
        await keeper(engine, clock, delete).tidy()
        assert counts(engine) == (0, 0, 0)

    @pytest.mark.parametrize(
        ("status", "description", "after"),
        [
            (400, "Bad Request: message can't be deleted", (0, 0, 1)),
            (400, "Bad Request: message can't be deleted for everyone", (0, 0, 1)),
            (403, "Forbidden: bot was blocked by the user", (0, 0, 1)),
            (400, "Bad Request: message to delete not found", (0, 0, 0)),
            (400, "Bad Request: chat not found", (0, 0, 0)),
        ],
    )
    async def test_a_final_answer_is_asked_for_once(
        self,
        engine: Engine,
        clock: ManualClock,
        api: BotApi,
        delete: Delete,
        status: int,
        description: str,
        after: tuple[int, int, int],
    ) -> None:
        noted(engine, api, clock)
        api.fail_next("deleteMessage", None, status, description)
        for _ in range(3):
            await keeper(engine, clock, delete).tidy()
            clock.forward(hours=1)
        assert counts(engine) == after
        assert len(api.calls("deleteMessage")) == 1

    async def test_one_fault_does_not_keep_the_others_from_being_deleted(
        self, engine: Engine, clock: ManualClock, api: BotApi, delete: Delete, caplog: pytest.LogCaptureFixture
    ) -> None:
        messages = noted(engine, api, clock, 5)
        api.fail_next("deleteMessage", 2, 500)
        await keeper(engine, clock, delete).tidy()
        assert counts(engine) == (2, 2, 0)
        assert [api.message(ANNA, message) is None for message in messages] == [False, False, True, True, True]
        assert "chat messages: 2 failing, 0 given up" in caplog.text
        assert "Nachricht" not in caplog.text

    async def test_what_was_deleted_without_an_answer_is_found_gone_the_next_time(
        self, engine: Engine, clock: ManualClock, api: BotApi, delete: Delete
    ) -> None:
        [message] = noted(engine, api, clock)
        api.drop_connections("deleteMessage", 1, carried_out=True)
        await keeper(engine, clock, delete).tidy()
        assert api.message(ANNA, message) is None
        assert counts(engine) == (1, 1, 0)
        clock.forward(minutes=1)
        await keeper(engine, clock, delete).tidy()
        assert counts(engine) == (0, 0, 0)

    async def test_nor_is_it_lost_if_the_store_is_locked_when_it_is_gone(
        self, engine: Engine, clock: ManualClock, api: BotApi, delete: Delete, settings: Settings
    ) -> None:
        noted(engine, api, clock)
        others: list[sqlite3.Connection] = []

        async def then_locked(chat: str, message: int) -> bool:
            gone = await delete(chat, message)
            others.append(lock(settings))
            return gone

        await keeper(engine, clock, then_locked).tidy()
        others[0].close()
        assert counts(engine) == (1, 0, 0)
        await keeper(engine, clock, delete).tidy()
        assert counts(engine) == (0, 0, 0)

    async def test_many_are_deleted_in_several_rounds_the_longest_due_first(
        self, engine: Engine, clock: ManualClock, api: BotApi
    ) -> None:
        ids = noted(engine, api, clock, AT_ONCE + 5)
        gone: list[int] = []

        async def delete(_chat: str, message: int) -> bool:
            gone.append(message)
            return True

        await keeper(engine, clock, delete).tidy()
        assert len(gone) == AT_ONCE
        assert counts(engine) == (5, 0, 0)
        await keeper(engine, clock, delete).tidy()
        assert sorted(gone) == ids

    async def test_a_log_line_says_that_something_fails_but_only_then(
        self, engine: Engine, clock: ManualClock, api: BotApi, delete: Delete, caplog: pytest.LogCaptureFixture
    ) -> None:
        noted(engine, api, clock)
        with caplog.at_level(logging.INFO, "bot.housekeeping"):
            await keeper(engine, clock, delete).tidy()
        assert [record for record in caplog.records if record.name == "bot.housekeeping"] == []
