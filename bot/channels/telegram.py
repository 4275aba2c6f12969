"""The Telegram channel: translates updates into incoming messages and replies into sendings; decides nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import httpx
from sqlmodel import Session
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    Chat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Update,
)
from telegram import Message as TelegramMessage
from telegram.constants import ChatAction, ChatType, ParseMode
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, Application, ApplicationBuilder, BaseUpdateProcessor, ContextTypes, TypeHandler

from actions.access import PERMISSIONS, Permission
from actions.people import keep_only, known_person, mark_blocked
from actions.settings import Settings
from actions.store.models import Role
from actions.store.records import take_in
from bot.chain import Chain
from bot.channels.telegram_text import html_parts
from bot.messages import File, Incoming, Message, Tapped, Turn, Typed, Unreadable
from bot.reminders.delivery import BlockedError, NotDeliveredError
from bot.runtime.assembly import TELEGRAM
from bot.runtime.telegram_api import api_roots
from knowledge.errors import LotseError

COMMANDS = (
    (Permission.RULES, "themen", "Wissensbasis durchblättern"),
    (Permission.CASES, "beratung", "Kurzberatung eintragen"),
    (Permission.CASES, "offen", "Noch in die KIM-Datenbank"),
    (Permission.CASES, "faelle", "Meine laufenden Fälle"),
    (Permission.DEADLINES, "erinnerungen", "Meine offenen Erinnerungen"),
    (Permission.DEADLINES, "fristen", "Termine des Programms"),
    (Permission.CASES, "export", "Einträge als Datei"),
    (Permission.RULES, "hilfe", "Was ich kann"),
    (Permission.DEADLINES, "einstellungen", "Wie ich erinnert werde"),
    (Permission.RULES, "meinedaten", "Was über mich gespeichert ist"),
    (Permission.RULES, "abbrechen", "Von vorn beginnen"),
)
"""The command menu: each person's holds what they may do; everybody else's only the greeting."""
UPDATES = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
AT_ONCE = 256
RATE_RETRIES = 5
NETWORK_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further try when the network failed."""
TYPING_AFTER = 0.4
TYPING_EVERY = 4.5
ONLY_PRIVATE = "KIM-Lotse arbeitet nur in Einzelchats. Bitte schreiben Sie mir direkt; ich verlasse diese Gruppe jetzt."
NOT_DELETED = "Ihre Nachricht konnte ich hier nicht löschen. Bitte löschen Sie sie selbst; sie enthält Persönliches."
FAILED = "Das hat gerade nicht geklappt. Bitte versuchen Sie es in einer Minute noch einmal."

logger = logging.getLogger(__name__)

Sent = TypeVar("Sent")


class TelegramUnavailableError(LotseError):
    """Telegram cannot be served; the sentence says why."""


class OneAtATimePerChat(BaseUpdateProcessor):
    """Messages of one chat in their order, chats side by side."""

    def __init__(self) -> None:
        super().__init__(AT_ONCE)
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        chat = update.effective_chat if isinstance(update, Update) else None
        lock = self._locks.setdefault(chat.id if chat else 0, asyncio.Lock())
        async with lock:
            await coroutine

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""


@dataclass
class TelegramChannel:
    """Serves one bot. As a context: starts receiving (long polling or webhook) and ends it."""

    chain: Chain
    settings: Settings
    application: Application[Any, Any, Any, Any, Any, Any]
    menus: dict[int, Role | None] = field(default_factory=dict)

    async def __aenter__(self) -> TelegramChannel:
        self.admit_staff()
        self.application.add_handler(TypeHandler(Update, self.receive))
        self.application.add_error_handler(self.failed)
        try:
            await self.application.initialize()
            await self.introduce()
            await self.application.start()
            await self.start_receiving()
        except InvalidToken:
            await self.__aexit__()
            raise TelegramUnavailableError(
                "Telegram kennt den Token nicht – bitte LOTSE_TELEGRAM_TOKEN mit dem von BotFather vergleichen."
            ) from None
        except TelegramError:
            await self.__aexit__()
            raise TelegramUnavailableError(
                "Telegram ist nicht erreichbar – bitte das Netz und LOTSE_TELEGRAM_API_URL prüfen."
            ) from None
        except OSError:
            await self.__aexit__()
            raise TelegramUnavailableError(
                f"Port {self.settings.telegram_webhook_port} für den Webhook ist belegt – bitte "
                "LOTSE_TELEGRAM_WEBHOOK_PORT ändern."
            ) from None
        return self

    def admit_staff(self) -> None:
        """Those listed in the settings are admitted; everybody else comes by invitation."""
        with Session(self.chain.engine) as session:
            listed = {str(account): staff for account, staff in self.settings.staff.items()}
            keep_only(session, channel=TELEGRAM, listed=listed)
            session.commit()

    async def __aexit__(self, *_: object) -> None:
        if self.application.updater and self.application.updater.running:
            await self.application.updater.stop()
        if self.application.running:
            await self.application.stop()
        await self.application.shutdown()

    async def introduce(self) -> None:
        """The command menu; a server that does not know the method is no reason to fail."""
        with contextlib.suppress(TelegramError):
            await self.application.bot.set_my_commands([BotCommand("start", "Begrüßung")])

    async def offer_menu(self, chat_id: int, user_id: int) -> None:
        """Show a person the commands of their role, once per role and process."""
        with Session(self.chain.engine) as session:
            person = known_person(session, channel=TELEGRAM, address=str(user_id))
            role = person.role if person else None
        if self.menus.get(chat_id) == role:
            return
        self.menus[chat_id] = role
        allowed = PERMISSIONS[role] if role else frozenset()
        commands = [BotCommand(name, what) for permission, name, what in COMMANDS if permission in allowed]
        with contextlib.suppress(TelegramError):
            scope = BotCommandScopeChat(chat_id)
            await (
                self.application.bot.set_my_commands(commands, scope=scope)
                if commands
                else self.application.bot.delete_my_commands(scope=scope)
            )

    async def start_receiving(self) -> None:
        updater, settings = self.application.updater, self.settings
        if updater is None:
            raise RuntimeError("the application was built without an updater")
        if settings.telegram_webhook_url and settings.telegram_webhook_secret:
            await updater.start_webhook(
                listen=settings.telegram_webhook_host,
                port=settings.telegram_webhook_port,
                webhook_url=settings.telegram_webhook_url,
                url_path=settings.telegram_webhook_url.partition("://")[2].partition("/")[2],
                secret_token=settings.telegram_webhook_secret.get_secret_value(),
                allowed_updates=UPDATES,
            )
        else:
            await updater.start_polling(allowed_updates=UPDATES, error_callback=polling_failed)

    async def receive(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """One update, once."""
        now = self.chain.clock()
        with Session(self.chain.engine) as session:
            if not take_in(session, channel=TELEGRAM, update_id=update.update_id, now=now):
                return
        chat, user = update.effective_chat, update.effective_user
        if chat is None or user is None:
            return
        if chat.type != ChatType.PRIVATE:
            await self.leave(chat, update)
            return
        if update.my_chat_member is not None and update.my_chat_member.new_chat_member.status == "kicked":
            self.blocked(user.id, now)
        content, written_at = read(update, now)
        if content is None:
            return
        incoming = Incoming(TELEGRAM, str(user.id), str(chat.id), written_at, content)
        async with self.typing(chat.id):
            turn = await self.chain.handle(incoming)
        if update.callback_query is not None:
            with contextlib.suppress(TelegramError):
                await update.callback_query.answer(text=turn.notice)
        typed = update.effective_message if update.callback_query is None else None
        deleted = typed is None or not turn.forget_incoming or await self.deleted(typed)
        if typed is not None and not (turn.forget_incoming and deleted):
            self.note(typed, turn)
        if not (turn.in_place and await self.show_in_place(update, turn)):
            await self.send(chat.id, turn)
        if not deleted:
            await self.send_html(chat.id, NOT_DELETED)
        await self.offer_menu(chat.id, user.id)

    def blocked(self, user_id: int, now: datetime) -> None:
        """A person stopped the bot: nothing reaches them until they write again."""
        with Session(self.chain.engine) as session:
            mark_blocked(session, channel=TELEGRAM, address=str(user_id), now=now)
            session.commit()

    async def leave(self, chat: Chat, update: Update) -> None:
        """Groups are left with one sentence; being told that one has left needs no answer."""
        member = update.my_chat_member
        if member is not None and member.new_chat_member.status in ("left", "kicked"):
            return
        with contextlib.suppress(TelegramError):
            await self.application.bot.send_message(chat.id, ONLY_PRIVATE)
        with contextlib.suppress(TelegramError):
            await self.application.bot.leave_chat(chat.id)

    async def show_in_place(self, update: Update, turn: Turn) -> bool:
        """Change the message whose button was tapped into the reply; false if Telegram will not."""
        tapped, message = update.effective_message, turn.messages[-1]
        if update.callback_query is None or tapped is None:
            return False
        keyboard = self.keyboard(tapped.chat_id, message)
        text = html_parts(message)[0]
        try:
            await persistently(
                lambda: self.application.bot.edit_message_text(
                    text, tapped.chat_id, tapped.message_id, parse_mode=ParseMode.HTML, reply_markup=keyboard
                )
            )
        except TelegramError as error:
            logger.info("a message could not be changed: %s", type(error).__name__)
            return False
        return True

    async def send(self, chat_id: int, turn: Turn) -> None:
        """Every message of the turn; those that carry case content are noted as soon as they are sent."""
        for message in turn.messages:
            *parts, last = html_parts(message)
            for part in parts:
                self.note(await self.send_html(chat_id, part), turn)
            self.note(await self.send_html(chat_id, last, self.keyboard(chat_id, message)), turn)
            for file in message.files:
                self.note(await self.send_file(chat_id, file), turn)

    def note(self, message: TelegramMessage, turn: Turn) -> None:
        self.chain.note([message.message_id], turn, channel=TELEGRAM, conversation=str(message.chat_id))

    async def send_html(self, chat_id: int, text: str, keyboard: InlineKeyboardMarkup | None = None) -> TelegramMessage:
        return await persistently(lambda: self.send_once(chat_id, text, keyboard))

    async def send_file(self, chat_id: int, file: File) -> TelegramMessage:
        bot, content = self.application.bot, InputFile(file.content, filename=file.name)
        if file.name.endswith(".png"):
            return await persistently(lambda: bot.send_photo(chat_id, content))
        return await persistently(lambda: bot.send_document(chat_id, content))

    async def send_once(self, chat_id: int, text: str, keyboard: InlineKeyboardMarkup | None) -> TelegramMessage:
        sent: TelegramMessage = await self.application.bot.send_message(
            chat_id,
            text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        return sent

    def keyboard(self, chat_id: int, message: Message) -> InlineKeyboardMarkup | None:
        """Buttons that carry a short id; what they mean stays in the store."""
        if not message.rows:
            return None
        ids = iter(self.chain.buttons(message, channel=TELEGRAM, conversation=str(chat_id)))
        return InlineKeyboardMarkup(
            [[InlineKeyboardButton(button.label, callback_data=next(ids)) for button in row] for row in message.rows]
        )

    async def deliver(self, address: str, turn: Turn) -> None:
        """Send a reminder, once: whoever calls tries again. Raises `BlockedError` and `NotDeliveredError`."""
        begun = False
        try:
            for message in turn.messages:
                *parts, last = html_parts(message)
                for part, keyboard in [*((part, None) for part in parts), (last, self.keyboard(int(address), message))]:
                    self.note(await self.send_once(int(address), part, keyboard), turn)
                    begun = True
        except Forbidden:
            raise BlockedError from None
        except BadRequest as error:
            logger.warning("a reminder was refused: %s", type(error).__name__)
            raise (BlockedError if "chat not found" in error.message.lower() else NotDeliveredError) from None
        except RetryAfter as error:
            raise NotDeliveredError(after=seconds_of(error), uncertain=begun) from None
        except TelegramError as error:
            logger.warning("a reminder could not be sent: %s", type(error).__name__)
            raise NotDeliveredError(uncertain=begun or may_have_arrived(error)) from None

    async def delete_later(self, chat: str, message: int) -> bool:
        """Delete a message whose time has come; false if Telegram will never let us. Raises on a passing fault."""
        try:
            await patiently(lambda: self.application.bot.delete_message(int(chat), message))
        except (BadRequest, Forbidden) as error:
            return "not found" in error.message.lower()
        return True

    async def deleted(self, message: TelegramMessage) -> bool:
        """Take a message with personal data out of the chat; false if that failed for good."""
        try:
            await persistently(message.delete)
        except TelegramError as error:
            logger.warning("a message with personal data could not be deleted: %s", type(error).__name__)
            return False
        return True

    @contextlib.asynccontextmanager
    async def typing(self, chat_id: int) -> AsyncIterator[None]:
        """ "schreibt …" while a reply takes longer than a moment."""
        task = asyncio.create_task(self.show_typing(chat_id))
        try:
            yield
        finally:
            task.cancel()

    async def show_typing(self, chat_id: int) -> None:
        await asyncio.sleep(TYPING_AFTER)
        while True:
            with contextlib.suppress(TelegramError):
                await self.application.bot.send_chat_action(chat_id, ChatAction.TYPING)
            await asyncio.sleep(TYPING_EVERY)

    async def failed(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Whatever went wrong: logged by kind only, and the person is told."""
        logger.error("an update failed: %s", type(context.error).__name__)
        if isinstance(update, Update) and update.callback_query is not None:
            with contextlib.suppress(TelegramError):
                await update.callback_query.answer()
        if isinstance(context.error, Forbidden):
            return
        if isinstance(update, Update) and update.effective_chat and update.effective_chat.type == ChatType.PRIVATE:
            with contextlib.suppress(TelegramError):
                await self.application.bot.send_message(update.effective_chat.id, FAILED)


def telegram_channel(chain: Chain, settings: Settings) -> TelegramChannel:
    """The channel for the bot of the settings; raises `TelegramUnavailableError` if no token is set."""
    if settings.telegram_token is None:
        raise TelegramUnavailableError("Es ist kein Telegram-Token gesetzt (LOTSE_TELEGRAM_TOKEN).")
    builder = (
        ApplicationBuilder()
        .token(settings.telegram_token.get_secret_value())
        .rate_limiter(AIORateLimiter())
        .concurrent_updates(OneAtATimePerChat())
    )
    base, files = api_roots(settings)
    builder = builder.base_url(base).base_file_url(files)
    return TelegramChannel(chain, settings, builder.build())


def seconds_of(error: RetryAfter) -> timedelta:
    """How long Telegram asks us to wait."""
    return error.retry_after if isinstance(error.retry_after, timedelta) else timedelta(seconds=error.retry_after)


def may_have_arrived(error: TelegramError) -> bool:
    """Whether a message that failed so may be in the chat all the same: not if it was refused or never left us, but if
    no answer, half of one, or an error of the server came back."""
    refused = isinstance(error, BadRequest | Forbidden | InvalidToken)
    never_left = isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    return not refused and not never_left


async def persistently(call: Callable[[], Awaitable[Sent]]) -> Sent:
    """Call again, with growing pauses, while the network fails; what Telegram refuses is final."""
    for pause in NETWORK_PAUSES:
        try:
            return await patiently(call)
        except (BadRequest, Forbidden):
            raise
        except NetworkError:
            await asyncio.sleep(pause)
    return await patiently(call)


async def patiently(call: Callable[[], Awaitable[Sent]]) -> Sent:
    """Call again after the time Telegram asks us to wait. Only this call waits, nobody else's."""
    for _ in range(RATE_RETRIES):
        try:
            return await call()
        except RetryAfter as error:
            await asyncio.sleep(seconds_of(error).total_seconds())
    return await call()


def read(update: Update, now: datetime) -> tuple[Typed | Tapped | Unreadable | None, datetime]:
    """What an update holds, and when it was written (aware)."""
    if update.callback_query is not None:
        return Tapped(update.callback_query.data or ""), now
    message = update.effective_message
    if message is None or update.my_chat_member is not None:
        return None, now
    written_at = message.edit_date or message.date
    if message.text is not None:
        return Typed(message.text), written_at
    if message.effective_attachment is None:
        return None, written_at
    return Unreadable(kind_of(message), message.caption or ""), written_at


def kind_of(message: TelegramMessage) -> str:
    if message.voice or message.audio or message.video_note:
        return "voice"
    if message.contact:
        return "contact"
    if message.location or message.venue:
        return "location"
    return "file"


def polling_failed(error: TelegramError) -> None:
    logger.warning("receiving failed, trying again: %s", type(error).__name__)
