"""A local Bot API: in a test `with BotApi() as api: …`, as a program
`python -m tests.standin.botapi --port N`, with the test side at POST /control/<name> (see control.py).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from aiohttp import web

from tests.standin.control import add_control
from tests.standin.faults import Faults
from tests.standin.script import PersonSide
from tests.standin.server import Server
from tests.standin.watch import FaultSide, WatchSide
from tests.standin.world import World

TOKEN = "123456789:stand-in-token-for-tests-only-000000"
USERNAME = "standin_bot"
START_WITHIN = 10.0
BACKLOG = 512


class BotApi(PersonSide, WatchSide, FaultSide):
    """The server in its own thread, and the test side. Chats, updates and rules outlast stop() and start(),
    so stopping is an outage. `any_chat` lets the bot write first to chats it never met. `clock` (seconds since 1970)
    dates messages and decides which are too old to be deleted."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        port: int = 0,
        host: str = "127.0.0.1",
        username: str = USERNAME,
        any_chat: bool = False,
        control: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.world = World(token, username, any_chat=any_chat, clock=clock)
        self.faults = Faults()
        self.token = token
        self.host = host
        self.port = port
        self._control = control
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def __enter__(self) -> BotApi:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """For python-telegram-bot's `base_url`."""
        return f"http://{self.host}:{self.port}/bot"

    @property
    def file_url(self) -> str:
        """For python-telegram-bot's `base_file_url`."""
        return f"http://{self.host}:{self.port}/file/bot"

    def start(self) -> None:
        """Listens; the free port found for port 0 is kept for later starts."""
        if self._thread is not None:
            raise RuntimeError("the stand-in runs already")
        listener = socket.create_server((self.host, self.port), backlog=BACKLOG)
        self.port = int(listener.getsockname()[1])
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._main(listener, ready)), name="bot-api-stand-in", daemon=True
        )
        self._thread.start()
        if not ready.wait(START_WITHIN):
            raise RuntimeError("the stand-in did not start")

    def stop(self) -> None:
        """Closes the port and every connection at once."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(START_WITHIN)
        self._thread = None

    async def _main(self, listener: socket.socket, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        server = Server(self.world, self.faults)
        app = server.application()
        if self._control:
            add_control(app, self._action)
        self.world.wake = _waker(self._loop, server.changes.happened)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        ready.set()
        try:
            await self._stopping.wait()
        finally:
            self.world.wake = lambda: None
            await runner.cleanup()

    def _action(self, name: str) -> Callable[..., Any]:
        action: Callable[..., Any] = getattr(self, name)
        return action


def _waker(loop: asyncio.AbstractEventLoop, happened: Callable[[], None]) -> Callable[[], None]:
    def wake() -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(happened)

    return wake


def main() -> None:
    parser = argparse.ArgumentParser(description="A local stand-in of the Telegram Bot API.")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--any-chat", action="store_true", help="let the bot write to chats it never met")
    options = parser.parse_args()
    with BotApi(
        token=options.token, port=options.port, host=options.host, any_chat=options.any_chat, control=True
    ) as api:
        print(f"base_url {api.url}  token {api.token}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)


if __name__ == "__main__":
    main()
