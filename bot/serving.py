"""Serves all channels at once: Telegram where a token is set, and the terminal where a person sits at one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from actions.settings import Settings
from bot.chain import Chain
from bot.channels.telegram import telegram_channel
from bot.channels.terminal import TerminalChat


async def serve(chain: Chain, settings: Settings, *, with_terminal: bool, say: Callable[[str], None]) -> None:
    """Serve until the terminal chat ends or the process is asked to stop. `say` shows a line to the operator."""
    async with AsyncExitStack() as stack:
        if settings.telegram_token is not None:
            await stack.enter_async_context(telegram_channel(chain, settings))
            say("Telegram wird bedient.")
            if not settings.staff:
                say("Noch darf dort niemand schreiben: bitte LOTSE_TELEGRAM_STAFF setzen (siehe .env.example).")
        if with_terminal:
            say("Chat im Terminal; /ende beendet alles.")
            await TerminalChat(chain).run()
        else:
            say("Der Lotse läuft; Strg-C beendet alles.")
            await asyncio.Event().wait()
