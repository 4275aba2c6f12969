"""Delivery of updates to the webhook, one after the other, again and again until it answers 2xx."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from tests.standin.world import Pending, Webhook, World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
PATIENCE = 10.0
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 2.0


class Changes:
    """Lets coroutines of the server's loop wait for the next change of the queue."""

    def __init__(self) -> None:
        self.next = asyncio.Event()

    def happened(self) -> None:
        self.next.set()
        self.next = asyncio.Event()


class WebhookSender:
    """Runs in the server's loop as long as the server does."""

    def __init__(self, world: World, changes: Changes) -> None:
        self._world = world
        self._changes = changes
        self._pause = FIRST_PAUSE

    async def run(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session:
            while True:
                change = self._changes.next
                work = self._next()
                if work is None:
                    await change.wait()
                else:
                    await self._deliver(session, *work)

    def _next(self) -> tuple[Webhook, Pending] | None:
        with self._world.changed:
            pending = self._world.updates.pending
            return (self._world.webhook, pending[0]) if self._world.webhook.url and pending else None

    async def _deliver(self, session: aiohttp.ClientSession, hook: Webhook, entry: Pending) -> None:
        problem = await _post(session, hook, entry)
        if not problem:
            self._pause = FIRST_PAUSE
            with self._world.changed:
                self._world.updates.confirm(entry)
                self._world.changed.notify_all()
            return
        with self._world.changed:
            hook.last_error_date, hook.last_error_message = int(time.time()), problem
            self._world.changed.notify_all()
        await asyncio.sleep(self._pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)


async def _post(session: aiohttp.ClientSession, hook: Webhook, entry: Pending) -> str:
    """What went wrong, or nothing."""
    headers = {SECRET_HEADER: hook.secret_token} if hook.secret_token else {}
    try:
        async with session.post(hook.url, json=entry.update, headers=headers, ssl=False) as answer:
            return "" if answer.ok else f"Wrong response from the webhook: {answer.status} {answer.reason}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"Connection failed: {error}"
