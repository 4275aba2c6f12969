"""The state behind the stand-in: chats, pending updates, taps, files and the log of calls, under one lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.standin.model import (
    ApiError,
    Attachment,
    Call,
    ChatType,
    Membership,
    Message,
    Tap,
    TapAnswer,
    bad_request,
)
from tests.standin.text import JsonObject

FIRST_UPDATE_ID = 100_000_001
FIRST_QUERY_ID = 4_000_000_000_000_001
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
SHUT_OUT = {
    "blocked": "bot was blocked by the user",
    "kicked": "bot was kicked from the {type} chat",
    "left": "bot is not a member of the {type} chat",
}


@dataclass(slots=True)
class Chat:
    """A chat; message ids start at 1 in each."""

    chat_id: int
    type: ChatType
    title: str = ""
    membership: Membership = "member"
    messages: dict[int, Message] = field(default_factory=dict)
    next_message_id: int = 1
    person_stamp: int = 0

    def take_message_id(self, wanted: int | None = None) -> int:
        message_id = self.next_message_id if wanted is None else wanted
        self.next_message_id = max(self.next_message_id, message_id + 1)
        return message_id


@dataclass(slots=True)
class Pending:
    """An update on its way; `handed_over` once a getUpdates answer carried it."""

    update: JsonObject
    handed_over: bool = False

    @property
    def update_id(self) -> int:
        return int(self.update["update_id"])


@dataclass(slots=True)
class Webhook:
    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    last_error_date: int | None = None
    last_error_message: str = ""


class UpdateQueue:
    """Updates not yet confirmed. One pushed again under an old id is delivered again, whatever the offset."""

    def __init__(self) -> None:
        self.pending: list[Pending] = []
        self.history: list[JsonObject] = []
        self.allowed: tuple[str, ...] = ()
        self.next_id = FIRST_UPDATE_ID

    def push(self, update: JsonObject) -> int:
        update_id = int(update.get("update_id", self.next_id))
        complete = {"update_id": update_id} | update
        self.next_id = max(self.next_id, update_id + 1)
        self.history.append(complete)
        if self._wanted(complete):
            self.pending.append(Pending(complete))
            self.pending.sort(key=lambda entry: entry.update_id)
        return update_id

    def take(self, offset: int, limit: int) -> list[JsonObject]:
        """Confirms what lies below the offset and hands over what is left, as getUpdates does."""
        if offset < 0:
            self.pending = self.pending[offset:]
        else:
            self.pending = [e for e in self.pending if e.update_id >= offset or not e.handed_over]
        batch = self.pending[: max(1, min(limit, 100))]
        for entry in batch:
            entry.handed_over = True
        return [entry.update for entry in batch]

    def confirm(self, entry: Pending) -> None:
        self.pending = [other for other in self.pending if other is not entry]

    def _wanted(self, update: JsonObject) -> bool:
        kinds = [key for key in update if key != "update_id"]
        if self.allowed:
            return not kinds or any(kind in self.allowed for kind in kinds)
        return not kinds or any(kind not in NOT_BY_DEFAULT for kind in kinds)


class World:
    """Everything the server and the test side share. Take `changed` before touching it."""

    def __init__(
        self, token: str, username: str, *, any_chat: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.token = token
        self.username = username
        self.any_chat = any_chat
        self.clock = clock
        self.bot_id = int(token.split(":", 1)[0])
        self.chats: dict[int, Chat] = {}
        self.updates = UpdateQueue()
        self.webhook = Webhook()
        self.taps: dict[str, Tap] = {}
        self.tap_answers: dict[str, TapAnswer] = {}
        self.tap_lifetime: float | None = None
        self.files: dict[str, Attachment] = {}
        self.profile: dict[str, Any] = {}
        self.log: list[Call] = []
        self.wake: Callable[[], None] = lambda: None
        self._stamp = 0

    def next_stamp(self) -> int:
        self._stamp += 1
        return self._stamp

    def next_query_id(self) -> str:
        return str(FIRST_QUERY_ID + len(self.taps))

    def push(self, update: JsonObject) -> int:
        with self.changed:
            update_id = self.updates.push(update)
            self.changed.notify_all()
        self.wake()
        return update_id

    def open_chat(self, chat_id: int, chat_type: ChatType = "private", title: str = "") -> Chat:
        """The chat, made if new. A negative id is a group whatever the caller said."""
        if chat_id not in self.chats:
            kind: ChatType = chat_type
            if chat_id < 0 and chat_type == "private":
                kind = "supergroup" if str(chat_id).startswith("-100") else "group"
            self.chats[chat_id] = Chat(chat_id, kind, title or f"Group {-chat_id}")
        return self.chats[chat_id]

    def known_chat(self, chat_id: object) -> Chat:
        """The chat a call names; Telegram refuses one the bot never met."""
        if chat_id is None or chat_id == "":
            raise bad_request("chat_id is empty")
        if isinstance(chat_id, int) and chat_id and (chat_id in self.chats or self.any_chat):
            return self.open_chat(chat_id)
        raise bad_request("chat not found")

    def writable_chat(self, chat_id: object) -> Chat:
        chat = self.known_chat(chat_id)
        if chat.membership != "member":
            raise ApiError(403, f"Forbidden: {SHUT_OUT[chat.membership].format(type=chat.type)}")
        return chat

    def put_message(self, message: Message) -> Message:
        """Stores a new or changed message; `message.stamp` must be fresh."""
        self.chats[message.chat_id].messages[message.message_id] = message
        self.changed.notify_all()
        return message

    def remove_message(self, chat: Chat, message_id: int) -> None:
        del chat.messages[message_id]
        self.next_stamp()
        self.changed.notify_all()

    def add_file(self, attachment: Attachment) -> Attachment:
        self.files[attachment.file_id] = attachment
        return attachment

    def next_file_id(self, kind: str) -> str:
        return f"standin-{kind}-{len(self.files) + 1}"

    def log_call(self, method: str, params: JsonObject, files: tuple[str, ...]) -> int:
        with self.changed:
            index = len(self.log)
            self.log.append(Call(index, method, params, files, time.monotonic(), time.time()))
            self.changed.notify_all()
            return index

    def log_answer(
        self, index: int, status: int | None, description: str, *, carried_out: bool, result: object = None
    ) -> None:
        with self.changed:
            self.log[index] = replace(
                self.log[index],
                answered=time.monotonic(),
                answered_at=time.time(),
                status=status,
                description=description,
                carried_out=carried_out,
                result=result,
            )
            self.changed.notify_all()
