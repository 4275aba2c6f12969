"""Personal data sent through every channel and dialogue is found afterwards in no file, table, log or process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from sqlmodel import Session

from actions.people import enrol
from actions.settings import Settings
from bot.asking import ask, prepare_local_person
from bot.chain import Chain
from bot.channels.terminal import TerminalChat
from bot.runtime.assembly import TELEGRAM, open_chain
from bot.runtime.services import Services
from knowledge.load import Knowledge
from nlu.privacy.guard import PrivacyGuard
from tests.bot.talking import ANNA, Person, RunningChannel
from tests.end_to_end.test_cases import stored
from tests.standin.botapi import TOKEN, BotApi

pytestmark = pytest.mark.rasa

NAME, STREET, TOWN, PHONE = "Zwölfuhrigkeit", "Quittenbaumweg 17", "45127 Essen", "0171 8264093"
MAIL, IBAN, BORN, AZR = "zoe.z@quittenbaum.example", "DE89 3704 0044 0532 0130 00", "12.03.1987", "170504060789"
SECRETS = (NAME, "Quittenbaumweg", PHONE, "8264093", MAIL, IBAN, "DE89370400440532013000", BORN, AZR)
TALE = (
    f"Frau {NAME}, geb. {BORN}, wohnt {STREET}, {TOWN}, Tel. {PHONE}, {MAIL}, IBAN {IBAN}, AZR-Nummer {AZR}. "
    "Bis wann muss der Antrag raus?"
)


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as running:
        yield running


@pytest.fixture
def served_chain(running: Services, knowledge: Knowledge, guard: PrivacyGuard) -> Iterator[Chain]:
    """A chain for a channel with an event loop of its own."""
    chain = open_chain(running.settings, knowledge, running.model, guard, running.token)
    prepare_local_person(chain)
    with Session(chain.engine) as session:
        enrol(session, channel=TELEGRAM, address=str(ANNA), alias="lotse-7")
        session.commit()
    yield chain
    chain.engine.dispose()


def through_telegram(chain: Chain, running: Services, api: BotApi) -> None:
    """Every kind of message a person can send, and every dialogue that takes free words."""
    kept = {name: getattr(running.settings, name) for name in ("data_dir", "rasa_port", "action_port")}
    settings = Settings(**kept, telegram_api_url=api.url, telegram_token=TOKEN)
    anna = Person(api, ANNA)
    now = datetime.now(UTC)

    def says(text: str) -> None:
        """Something with personal data in it: a warning comes back, and a reply."""
        anna.sends(text, date=now)
        anna.gets(2)

    with RunningChannel(chain, settings):
        says(TALE)
        says(f"Wie wird das Wetter bei Frau {NAME}?")
        anna.taps("An die Koordination geben")
        sent = anna.sends("Wie wird das Wetter?", date=now)
        anna.gets()
        anna.edits(sent, f"Wie wird das Wetter für Frau {NAME} im {STREET}?")
        anna.gets(2)
        anna.last = api.user_sends(ANNA, f"Von: Herr {NAME} {PHONE}", forward_origin=True, date=now)
        anna.gets(2)
        for kind in ("photo", "document"):
            anna.shows(kind, caption=TALE, date=now)
            anna.gets(2)
        for kind in ("voice", "contact", "location"):
            anna.shows(kind, date=now)
        says(f"/start Frau {NAME}, {PHONE}")
        says(f"/hilfe {MAIL}")
        anna.writes("Wie hoch ist der Eigenanteil?", date=now)
        anna.taps("👎")
        anna.taps("Eigener Grund …")
        says(f"Frau {NAME} sagt, das stimmt nicht, {PHONE}")
        says(f"fall anlegen KIM-3001 für Frau {NAME}, {PHONE}")
        anna.taps("Ja, an einem anderen Tag …")
        says(f"gestern, sagt Herr {NAME}, {MAIL}")
        says(f"kurzberatung mit frau {NAME}")
        anna.writes("fall anlegen KIM-3001, kurzberatung, einwilligung heute unterschrieben", date=now)
        says(f"übergib KIM-3001 an Frau {NAME}")
        says(f"ich bin morgen im urlaub, vertretung macht Frau {NAME}")
        says(" ".join([TALE] * 12)[:4000])


async def through_terminal_and_command(chain: Chain, exports: Path) -> None:
    chat = TerminalChat(chain, exports)
    for line in (TALE, f"fall anlegen kim-3002 Herr {NAME}", f"kurzberatung frau {NAME.lower()}", "/meinedaten"):
        await chat.say(line)
    await ask(chain, TALE, conversation="ask")
    await ask(chain, (TALE + " ") * 50, conversation="long")
    await chain.understanding.client.aclose()


def test_no_trace_is_left(running: Services, served_chain: Chain, api: BotApi, knowledge: Knowledge) -> None:
    through_telegram(served_chain, running, api)
    terminal = open_chain(running.settings, knowledge, running.model, served_chain.guard, running.token)
    terminal.door.messages_per_minute = 1_000_000
    asyncio.run(through_terminal_and_command(terminal, running.settings.data_dir / "exports"))
    terminal.engine.dispose()

    tables = stored(served_chain)
    assert "[PERSON]" in tables, "something was kept, masked"
    assert not [secret for secret in SECRETS if secret in tables]
    for file in (file for file in running.settings.data_dir.rglob("*") if file.is_file()):
        content = file.read_bytes()
        assert not [secret for secret in SECRETS if secret.encode() in content], file.name
    chat = "\n".join(message.text for message in api.messages(ANNA))
    assert not [secret for secret in SECRETS if secret in chat]
    for service in running.own:
        assert service.process is not None
        assert not secrets_in_memory(service.process.pid), service.name


def secrets_in_memory(pid: int) -> set[str]:
    """Which secrets stand in the memory of a process or its children: trackers are kept in Rasa's."""
    encodings = ("utf-8", "latin-1", "utf-16-le")
    wanted = {secret.encode(encoding): secret for secret in SECRETS for encoding in encodings}
    found: set[str] = set()
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        for region in writable_regions(process.pid):
            found |= {secret for code, secret in wanted.items() if code in region}
    return found


def writable_regions(pid: int) -> Iterator[bytes]:
    try:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                addresses, rights, *_ = line.split()
                start, end = (int(part, 16) for part in addresses.split("-"))
                if rights.startswith("rw"):
                    with contextlib.suppress(OSError, OverflowError):
                        memory.seek(start)
                        yield memory.read(end - start)
    except PermissionError:
        pytest.skip("das Betriebssystem lässt Tests nicht in den Speicher anderer Prozesse sehen")
