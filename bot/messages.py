"""What comes in and goes out, the same for every channel: channels know no content, content knows no channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from actions.answering import ScoredEntry
from actions.operations import AnyOperation


class Style(Enum):
    """How a paragraph is meant; each channel renders it in its own way."""

    TITLE = "title"
    BODY = "body"
    SOURCE = "source"
    NOTE = "note"


@dataclass(frozen=True)
class Paragraph:
    """A piece of text; may hold line breaks, never markup."""

    text: str
    style: Style = Style.BODY


class Meaning(BaseModel):
    """What a tap on a button does; kept in the store under the button's short id."""

    model_config = ConfigDict(frozen=True)


class Show(Meaning):
    do: Literal["show"] = "show"
    entry: str


class Details(Meaning):
    do: Literal["details"] = "details"
    entry: str


class Original(Meaning):
    do: Literal["original"] = "original"
    entry: str


class Browse(Meaning):
    do: Literal["browse"] = "browse"
    shelf: str = ""


class PassOn(Meaning):
    do: Literal["pass_on"] = "pass_on"
    question: str
    entries: list[str] = []


class Verdict(Meaning):
    do: Literal["verdict"] = "verdict"
    helpful: bool
    question: str
    entries: list[str] = []


class Reason(Meaning):
    do: Literal["reason"] = "reason"
    feedback: int
    reason: str | None = None


class Do(Meaning):
    """Have an operation done: about a case, an absence, or the person's own data."""

    do: Literal["do"] = "do"
    operation: AnyOperation


AnyMeaning = Annotated[Show | Details | Original | Browse | PassOn | Verdict | Reason | Do, Field(discriminator="do")]


@dataclass(frozen=True)
class Button:
    label: str
    meaning: AnyMeaning


@dataclass(frozen=True)
class File:
    """A file for the person; never passes through Rasa."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """One message to the person: paragraphs, rows of buttons below them, and files if there are some."""

    paragraphs: tuple[Paragraph, ...]
    rows: tuple[tuple[Button, ...], ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Typed:
    """Words a person wrote."""

    text: str


@dataclass(frozen=True)
class Tapped:
    """A tap on one of our buttons, by its short id."""

    button: str


@dataclass(frozen=True)
class Unreadable:
    """Something that is never opened or downloaded: a voice message, a photo, a document, a contact, a place."""

    kind: str
    caption: str = ""


@dataclass(frozen=True)
class Incoming:
    """A message as a channel hands it in. `written_at` is aware: it is "now" for everything the message says."""

    channel: str
    address: str
    conversation: str
    written_at: datetime
    content: Typed | Tapped | Unreadable


@dataclass(frozen=True)
class Outcome:
    """What a turn came to, for the audit and for `lotse ask`."""

    status: Literal["answer", "choices", "no_answer", "other"]
    intent: str
    entries: tuple[ScoredEntry, ...] = ()
    citation: str | None = None
    degraded: bool = False


@dataclass(frozen=True)
class Turn:
    """The reply to one message. `forget_incoming`: it held personal data and is to be deleted from the chat at once.

    `about_case`: message and replies carry case content and are deleted later; `numbers` are the cases they speak of.
    `in_place`: shown in place of the message whose button was tapped, where the channel can.
    """

    outcome: Outcome
    messages: tuple[Message, ...] = ()
    notice: str | None = None
    forget_incoming: bool = False
    about_case: bool = False
    numbers: tuple[str, ...] = ()
    in_place: bool = False
