"""Both sides of a talk in tests: the person (in Telegram or straight at the chain), the running channel, and a Rasa."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from sqlmodel import Session, select

from actions.settings import Settings
from actions.store.models import AuditEvent, Feedback
from actions.store.records import work_list
from bot.asking import plain_text
from bot.chain import Chain
from bot.channels.telegram import telegram_channel
from bot.messages import Incoming, Tapped, Turn, Typed
from bot.runtime.assembly import LOCAL_ADDRESS, TERMINAL
from tests.standin.botapi import BotApi
from tests.standin.model import Button, Date, Message, Tap, TapAnswer

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""When the talks take place, so that no entry expires under them."""
ANNA, BEN, STRANGER = 4711, 4712, 9999
CROWD = range(5001, 5011)
PATIENCE = 15.0
TODAY = object()


def mentions(number: str, text: str) -> bool:
    """Whether a number stands in a text by itself, not by chance within a longer number or a hash."""
    return re.search(rf"\b{number}\b", text) is not None


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class RunningChannel:
    """The real Telegram channel in a thread with an event loop of its own; once stopped, every update is handled."""

    def __init__(self, chain: Chain, settings: Settings) -> None:
        self._chain, self._settings = chain, settings
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="telegram-channel", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE), "the channel did not start"
        if self._error is not None:
            raise self._error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the channel did not end"
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self._error = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        async with telegram_channel(self._chain, self._settings):
            self._ready.set()
            await self._stopping.wait()


@dataclass
class Person:
    """A person in a private chat: writes, taps, reads."""

    api: BotApi
    chat: int
    last: Message | Tap | None = None

    def writes(self, text: str, *, date: Date | object = TODAY) -> Message:
        """Sends a text and waits for the first message that comes back."""
        self.sends(text, date=date)
        return self.gets()[0]

    def is_told(self, text: str, sentence: str) -> bool:
        """Sends a text and waits for a message that says this; one about masked words may come before it."""
        self.sends(text)
        self.api.wait_until(
            lambda: next((message for message in self.news() if sentence in message.text), None),
            timeout=PATIENCE,
            what=f"„{sentence}“",
        )
        return True

    def sends(self, text: str, *, date: Date | object = TODAY) -> Message:
        written: Any = MORNING if date is TODAY else date
        self.last = sent = self.api.user_sends(self.chat, text, date=written)
        return sent

    def edits(self, sent: Message, text: str) -> Message:
        self.last = self.api.user_edits(self.chat, sent.message_id, text, date=MORNING)
        return self.gets()[0]

    def shows(self, kind: Any, **more: Any) -> Message:
        """Sends something that is no text and waits for the first message that comes back."""
        self.last = self.api.user_sends_media(self.chat, kind, **more)
        return self.gets()[0]

    def taps(self, label: str) -> Message:
        """Taps the newest button with this label and waits for the first message that comes back."""
        self.touches(label)
        return self.gets()[0]

    def touches(self, label: str) -> TapAnswer:
        """Taps the newest button with this label; gives what Telegram shows at once."""
        shown = next(message for message in reversed(self.reads()) if label in labels(message))
        self.last = tap = self.api.user_taps(self.chat, shown.message_id, label)
        return self.api.wait_for_answer(tap, timeout=PATIENCE)

    def gets(self, count: int = 1) -> list[Message]:
        """The messages since the person last did something, once there are so many."""
        return self.api.wait_until(
            lambda: found if len(found := self.news()) >= count else None,
            timeout=PATIENCE,
            what=f"{count} messages in chat {self.chat}",
        )

    def news(self) -> list[Message]:
        since = self.last.stamp if self.last else 0
        return [message for message in self.reads() if message.sent_stamp > since]

    def reads(self) -> list[Message]:
        """All the bot wrote in this chat and has not deleted."""
        return [message for message in self.api.messages(self.chat) if message.from_bot]

    def own_texts(self) -> list[str]:
        """What stands of the person's own messages in the chat."""
        return [message.text for message in self.api.messages(self.chat) if not message.from_bot]


@dataclass
class Talk:
    """A conversation straight with the chain, as a channel leads it."""

    chain: Chain
    conversation: str = "talk"
    address: str = LOCAL_ADDRESS
    written_at: datetime = MORNING
    buttons: dict[str, str] = field(default_factory=dict)

    async def says(self, text: str) -> Turn:
        return await self._handle(Typed(text))

    async def commands(self, name: str) -> Turn:
        return await self._handle(Typed(f"/{name}"))

    async def taps(self, label: str) -> Turn:
        return await self._handle(Tapped(self.buttons[label]))

    async def _handle(self, content: Typed | Tapped) -> Turn:
        turn = await self.chain.handle(
            Incoming(TERMINAL, self.address, self.conversation, self.written_at, content),
        )
        flat = [button for message in turn.messages for row in message.rows for button in row]
        ids = [
            id_
            for message in turn.messages
            for id_ in self.chain.buttons(message, channel=TERMINAL, conversation=self.conversation)
        ]
        self.buttons |= {button.label: id_ for button, id_ in zip(flat, ids, strict=True)}
        return turn


class RasaStandIn:
    """Answers on loopback as Rasa's own channel does, with what `reply` makes of a text; keeps what it was sent."""

    def __init__(self, reply: Callable[[str], dict[str, Any]], seconds: Callable[[str], float] = lambda _: 0.0) -> None:
        self.received: list[dict[str, Any]] = []
        self.failing = False
        received, standin = self.received, self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                received.append(body)
                time.sleep(seconds(body["message"]))
                answer = json.dumps([{"recipient_id": body["sender"], "custom": reply(body["message"])}]).encode()
                self.send_response(500 if standin.failing else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Nothing on standard error."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def answer(*entries: str, question: str = "") -> dict[str, Any]:
    return found("answer", *entries, question=question)


def choices(*entries: str, question: str = "") -> dict[str, Any]:
    return found("choices", *entries, question=question)


def found(status: str, *entries: str, question: str) -> dict[str, Any]:
    """What the action server sends for a question."""
    scored = [{"id": entry, "score": 1.0} for entry in entries]
    return {"status": status, "intent": "faq", "entries": scored, "question": question, "base": question}


def labels(message: Message) -> list[str]:
    return [button.text for button in buttons(message)]


def buttons(message: Message) -> list[Button]:
    return [button for row in message.buttons for button in row]


def shown_ids(turn: Turn) -> list[str]:
    return [entry.id for entry in turn.outcome.entries]


def text_of(turn: Turn) -> str:
    return "\n\n".join(plain_text(message) for message in turn.messages)


def waiting(chain: Chain) -> list[Feedback]:
    """The curators' work list."""
    with Session(chain.engine) as session:
        return list(work_list(session))


def audit_of(chain: Chain) -> list[AuditEvent]:
    with Session(chain.engine) as session:
        return list(session.exec(select(AuditEvent).order_by(AuditEvent.id)))


def stored_bytes(settings: Settings) -> bytes:
    """Everything the store has on disk, its journal included."""
    return b"".join(file.read_bytes() for file in sorted(settings.database.parent.glob("lotse.db*")))
