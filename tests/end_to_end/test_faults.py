"""What a person told survives what fails: the action server dying in the middle of a talk, a store that is full."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from actions.store.models import Consultation, Reminder
from bot.chain import MUST_WAIT, NOT_STORED, Chain
from bot.runtime.services import Service, Services
from tests.bot.talking import text_of
from tests.end_to_end.conftest import Colleague
from tests.end_to_end.test_cases import opened
from tests.end_to_end.test_path import recovered

pytestmark = pytest.mark.rasa


@pytest.fixture
def action_server(running: Services) -> Service:
    return next(service for service in running.own if service.name == "Wissensdienst")


@asynccontextmanager
async def killed(service: Service, chain: Chain) -> AsyncIterator[None]:
    """The server is gone at once, as after `kill -9`; afterwards the watcher has started it again."""
    assert service.process is not None
    os.killpg(service.process.pid, signal.SIGKILL)
    service.process.wait(10)
    try:
        yield
    finally:
        await recovered(chain, f"after-{service.process.pid}")


@contextmanager
def full(chain: Chain) -> Iterator[None]:
    """The store may not grow by a page: SQLite answers as on a full disk."""

    def no_more_pages(connection: Any, _: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(chain.engine, "connect", no_more_pages)
    chain.engine.dispose()
    try:
        yield
    finally:
        event.remove(chain.engine, "connect", no_more_pages)
        chain.engine.dispose()


def logged(chain: Chain, minutes: int) -> int:
    with Session(chain.engine) as session:
        return len(session.exec(select(Consultation).where(Consultation.duration_min == minutes)).all())


async def test_the_action_server_dies_before_the_tap_that_saves(
    rasa_chain: Chain, action_server: Service, colleague: Colleague
) -> None:
    talk = colleague("f-eins")
    await opened(talk, "KIM-6001")
    await talk.says("kurzberatung kim 6001 heute 133 min telefon, wohnung")
    async with killed(action_server, rasa_chain):
        assert "Gespeichert zu KIM-6001" in text_of(await talk.taps("Speichern"))
    assert logged(rasa_chain, 133) == 1


async def test_the_action_server_dies_between_two_answers(
    rasa_chain: Chain, action_server: Service, colleague: Colleague
) -> None:
    """What was asked for is answered without it, and the talk goes on."""
    talk = colleague("f-zwei")
    await opened(talk, "KIM-6002")
    await talk.says("kurzberatung kim 6002")
    await talk.taps("Heute")
    async with killed(action_server, rasa_chain):
        assert "Wie fand es statt?" in text_of(await talk.says("134 minuten"))
        await talk.taps("Telefon")
    await talk.says("wohnung")
    turn = await talk.taps("Speichern") if "Speichern" in talk.buttons else await talk.says("überspringen")
    if "Gespeichert" not in text_of(turn):
        turn = await talk.taps("Speichern")
    assert "Gespeichert zu KIM-6002" in text_of(turn)
    assert logged(rasa_chain, 134) == 1


async def test_the_action_server_dies_before_a_reminder_is_set(
    rasa_chain: Chain, action_server: Service, colleague: Colleague
) -> None:
    """Nothing is confirmed that is not kept; said again, it is kept once."""
    talk = colleague("f-drei")
    async with killed(action_server, rasa_chain):
        assert MUST_WAIT in text_of(await talk.says("erinner mich morgen um 9 an den kassensturz"))
    assert "Ich erinnere Sie" in text_of(await talk.says("erinner mich morgen um 9 an den kassensturz"))
    with Session(rasa_chain.engine) as session:
        kept = [one for one in session.exec(select(Reminder)) if one.subject == "kassensturz"]
    assert len(kept) == 1


async def test_a_full_store_confirms_nothing_and_loses_nothing(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("f-vier")
    await opened(talk, "KIM-6004")
    await talk.says("kurzberatung kim 6004 heute 135 min telefon, wohnung")
    with full(rasa_chain):
        filling = [text_of(await talk.commands("hilfe")) for _ in range(200)]
        assert NOT_STORED in filling, "the store is full by now"
        assert text_of(await talk.taps("Speichern")) == NOT_STORED
        assert text_of(await talk.says("erinner mich morgen um 9 an den tresor")) == NOT_STORED
    assert logged(rasa_chain, 135) == 0
    assert "Gespeichert zu KIM-6004" in text_of(await talk.taps("Speichern"))
    assert logged(rasa_chain, 135) == 1
