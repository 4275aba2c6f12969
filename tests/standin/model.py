"""Typed records of the stand-in: what the person sees, what the bot called, what went wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from tests.standin.text import Entity, FormattedText, JsonObject, to_html

ChatType: TypeAlias = Literal["private", "group", "supergroup"]
Membership: TypeAlias = Literal["member", "blocked", "left", "kicked"]
MediaKind: TypeAlias = Literal[
    "voice", "photo", "document", "contact", "location", "sticker",
    "audio", "video", "video_note", "animation",
]  # fmt: skip
Date: TypeAlias = int | dt.datetime | None


class ApiError(Exception):
    """A call the Bot API refuses."""

    def __init__(self, status: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after

    def body(self) -> JsonObject:
        answer: JsonObject = {"ok": False, "error_code": self.status, "description": self.description}
        if self.retry_after is not None:
            answer["parameters"] = {"retry_after": self.retry_after}
        return answer


def bad_request(reason: str) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after)


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button; `data` is its callback_data."""

    text: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file the bot or the person sent."""

    kind: str
    file_id: str
    file_name: str = ""
    mime_type: str = ""
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the person sees it at the moment it is asked for. `text` is the caption of a file.

    `stamp` counts every change of the whole stand-in: `sent_stamp` is the sending, `stamp` the last change.
    """

    chat_id: int
    message_id: int
    from_bot: bool
    user_id: int
    date: int
    sent_stamp: int
    stamp: int
    kind: str = "text"
    text: str = ""
    entities: tuple[Entity, ...] = ()
    markup: JsonObject | None = None
    silent: bool = False
    protected: bool = False
    edit_date: int | None = None
    reply_to: int | None = None
    forwarded: bool = False
    attachment: Attachment | None = None
    extra: JsonObject = field(default_factory=dict)

    @property
    def buttons(self) -> tuple[tuple[Button, ...], ...]:
        rows = (self.markup or {}).get("inline_keyboard", [])
        return tuple(tuple(_button(key) for key in row) for row in rows)

    @property
    def reply_keyboard(self) -> tuple[tuple[str, ...], ...]:
        rows = (self.markup or {}).get("keyboard", [])
        return tuple(tuple(key if isinstance(key, str) else str(key["text"]) for key in row) for row in rows)

    @property
    def html(self) -> str:
        return to_html(FormattedText(self.text, self.entities))


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap on an inline button."""

    query_id: str
    chat_id: int
    message_id: int
    user_id: int
    data: str
    stamp: int
    tapped: float


@dataclass(frozen=True, slots=True)
class TapAnswer:
    """What the person sees when the bot answers the tap: a toast, an alert, or nothing."""

    query_id: str
    text: str
    show_alert: bool
    url: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call in the log. `status` is None while under way and when the socket closed without an answer."""

    index: int
    method: str
    params: Mapping[str, Any]
    files: tuple[str, ...]
    received: float
    received_at: float
    answered: float | None = None
    answered_at: float | None = None
    status: int | None = None
    description: str = ""
    carried_out: bool = False
    result: Any = None

    @property
    def finished(self) -> bool:
        return self.answered is not None

    @property
    def chat_id(self) -> int | None:
        value = self.params.get("chat_id")
        return value if isinstance(value, int) else None


def _button(key: JsonObject) -> Button:
    return Button(str(key["text"]), key.get("callback_data"), key.get("url"))


def as_timestamp(date: Date, default: float) -> int:
    if isinstance(date, dt.datetime):
        return int(date.timestamp())
    return int(default) if date is None else date
