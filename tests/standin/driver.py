"""A small bot on python-telegram-bot, in a thread of its own, to try the stand-in with."""

from __future__ import annotations

import asyncio
import socket
import threading
from types import TracebackType
from typing import Any, TypeAlias

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.ext import (
    AIORateLimiter,
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from tests.standin.botapi import BotApi

Context: TypeAlias = ContextTypes.DEFAULT_TYPE
AnyApplication: TypeAlias = "Application[Any, Any, Any, Any, Any, Any]"
AnyBuilder: TypeAlias = "ApplicationBuilder[Any, Any, Any, Any, Any, Any]"

READY_WITHIN = 10.0
SECRET = "hook-secret_1"
YES_OR_NO = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Yes", callback_data="yes"), InlineKeyboardButton("No", callback_data="no")]]
)


async def _start(update: Update, context: Context) -> None:
    assert update.effective_chat
    await context.bot.send_message(
        update.effective_chat.id,
        "<b>Sure?</b> Then tap &amp; go",
        parse_mode=ParseMode.HTML,
        reply_markup=YES_OR_NO,
        disable_notification=True,
    )


async def _send_file(update: Update, context: Context) -> None:
    assert update.effective_chat
    await context.bot.send_document(update.effective_chat.id, b"a,b\n1,2\n", filename="table.csv", caption="The table")


async def _tapped(update: Update, _context: Context) -> None:
    query = update.callback_query
    assert query
    await query.answer(f"noted {query.data}")
    await query.edit_message_text(f"You said {query.data}")


async def _echo(update: Update, _context: Context) -> None:
    message = update.effective_message
    assert message
    prefix = "edited" if update.edited_message else "forwarded" if message.forward_origin else "echo"
    await message.reply_text(f"{prefix}: {message.text}")


async def _media(update: Update, _context: Context) -> None:
    message = update.effective_message
    assert message
    kind = type(message.effective_attachment).__name__
    await message.reply_text(f"media: {kind} {message.caption or ''}")


async def _membership(update: Update, context: Context) -> None:
    change = update.my_chat_member
    assert change
    if change.new_chat_member.status == "member" and change.chat.type != "private":
        await context.bot.leave_chat(change.chat.id)


def _builder(api: BotApi, retries: int) -> AnyBuilder:
    builder: AnyBuilder = Application.builder()
    if retries:
        builder = builder.rate_limiter(AIORateLimiter(max_retries=retries))
    return builder.token(api.token).base_url(api.url).base_file_url(api.file_url)


def build(api: BotApi, *, retries: int = 0) -> AnyApplication:
    app = _builder(api, retries).build()
    app.add_handler(CommandHandler("start", _start))
    app.add_handler(CommandHandler("file", _send_file))
    app.add_handler(CallbackQueryHandler(_tapped))
    app.add_handler(ChatMemberHandler(_membership, ChatMemberHandler.MY_CHAT_MEMBER))
    app.add_handler(MessageHandler(filters.TEXT, _echo))
    app.add_handler(MessageHandler(~filters.StatusUpdate.ALL, _media))
    return app


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class RunningBot:
    """The bot between `with` and its end, by long polling or by webhook."""

    def __init__(self, api: BotApi, *, webhook: bool = False, retries: int = 0) -> None:
        self._api = api
        self._webhook = webhook
        self._retries = retries
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)

    def __enter__(self) -> RunningBot:
        self._thread.start()
        assert self._ready.wait(READY_WITHIN), "the bot did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(READY_WITHIN)

    async def _main(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        app = build(self._api, retries=self._retries)
        assert app.updater
        async with app:
            await app.start()
            await (self._listen(app) if self._webhook else app.updater.start_polling(timeout=10))
            self._ready.set()
            await self._stopping.wait()
            await app.updater.stop()
            await app.stop()

    async def _listen(self, app: AnyApplication) -> None:
        assert app.updater
        port = free_port()
        await app.updater.start_webhook(
            listen="127.0.0.1",
            port=port,
            url_path="hook",
            webhook_url=f"http://127.0.0.1:{port}/hook",
            secret_token=SECRET,
        )
