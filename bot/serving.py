"""Serves all channels at once: Telegram where a token is set, and the terminal where a person sits at one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta

from sqlmodel import Session

from actions.people import anybody_in
from actions.settings import Settings
from bot.chain import Chain
from bot.channels.telegram import telegram_channel
from bot.channels.terminal import TerminalChat
from bot.housekeeping import Delete, Housekeeping
from bot.reminders.delivery import Deliver, Delivery
from bot.reminders.ticking import Ticking
from bot.runtime.assembly import TELEGRAM, TERMINAL


async def serve(chain: Chain, settings: Settings, *, with_terminal: bool, say: Callable[[str], None]) -> None:
    """Serve until the terminal chat ends or the process is asked to stop. `say` shows a line to the operator."""
    async with AsyncExitStack() as stack:
        deletes: dict[str, Delete] = {}
        delivers: dict[str, Deliver] = {}
        if settings.telegram_token is not None:
            telegram = await stack.enter_async_context(telegram_channel(chain, settings))
            deletes[TELEGRAM] = telegram.delete_later
            say("Telegram wird bedient.")
            with Session(chain.engine) as session:
                if not anybody_in(session, TELEGRAM):
                    say("Noch darf dort niemand schreiben: „lotse staff invite ALIAS“ lädt jemanden ein.")
            delivers[TELEGRAM] = telegram.deliver
        await stack.enter_async_context(Housekeeping(chain.engine, chain.clock, chain.transferred_for, deletes))
        terminal = TerminalChat(chain, settings.data_dir / "exports") if with_terminal else None
        if terminal is not None:
            delivers[TERMINAL] = terminal.deliver
        lease = timedelta(seconds=settings.claim_seconds)
        await stack.enter_async_context(Ticking(Delivery(chain, delivers, lease)))
        if terminal is not None:
            say("Chat im Terminal; /ende beendet alles.")
            await terminal.run()
        else:
            say("Der Lotse läuft; Strg-C beendet alles.")
            await asyncio.Event().wait()
