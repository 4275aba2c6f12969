"""The test side, first half: what a person does in a chat."""

from __future__ import annotations

import copy
import time
from dataclasses import replace

from tests.standin.html import with_detected
from tests.standin.model import (
    Attachment,
    ChatType,
    Date,
    MediaKind,
    Membership,
    Message,
    Tap,
    as_timestamp,
)
from tests.standin.text import FormattedText, JsonObject
from tests.standin.wire import (
    bot_json,
    media_json,
    membership_json,
    message_json,
    tap_json,
)
from tests.standin.world import Chat, World

SOMEBODY = 777
MIME_TYPES = {
    "voice": "audio/ogg", "audio": "audio/mpeg", "photo": "image/jpeg", "video": "video/mp4",
    "video_note": "video/mp4", "animation": "video/mp4", "sticker": "image/webp",
    "document": "application/pdf",
}  # fmt: skip
STATUS_OF: dict[Membership, str] = {
    "member": "member", "blocked": "kicked", "left": "left", "kicked": "kicked",
}  # fmt: skip


class PersonSide:
    """Actions of the person; each makes the update Telegram would send. Safe to call from any thread."""

    world: World

    def open_chat(self, chat_id: int, chat_type: ChatType = "private", *, title: str = "") -> None:
        """Makes the chat known without an update, as if the person had written before."""
        with self.world.changed:
            self.world.open_chat(chat_id, chat_type, title)

    def user_sends(
        self,
        chat_id: int,
        text: str,
        *,
        user_id: int | None = None,
        message_id: int | None = None,
        date: Date = None,
        chat_type: ChatType = "private",
        reply_to: int | None = None,
        forward_origin: bool = False,
    ) -> Message:
        """A text message. An explicit `message_id` may lie ahead; ids go on ascending from there."""
        with self.world.changed:
            message = self._new_message(chat_id, user_id, message_id, date, chat_type)
            formatted = with_detected(FormattedText(text))
            complete = replace(
                message, text=text, entities=formatted.entities, reply_to=reply_to, forwarded=forward_origin
            )
            return self._announce(complete)

    def user_edits(self, chat_id: int, message_id: int, text: str, *, date: Date = None) -> Message:
        """Changes a message the person sent before. `date` is the time of the edit."""
        with self.world.changed:
            chat = self._open_for_person(chat_id)
            before = chat.messages.get(message_id)
            if before is None or before.from_bot:
                raise LookupError(f"chat {chat_id} has no message {message_id} of a person")
            after = replace(
                before,
                text=text,
                entities=with_detected(FormattedText(text)).entities,
                edit_date=as_timestamp(date, self.world.clock()),
                stamp=self._person_acts(chat),
            )
            return self._announce(after, "edited_message")

    def user_sends_media(
        self,
        chat_id: int,
        kind: MediaKind,
        *,
        caption: str = "",
        user_id: int | None = None,
        message_id: int | None = None,
        date: Date = None,
        chat_type: ChatType = "private",
        file_name: str = "",
        content: bytes = b"stand-in",
    ) -> Message:
        """A voice message, photo, document, contact, location, sticker and so on; files can be downloaded."""
        with self.world.changed:
            message = self._new_message(chat_id, user_id, message_id, date, chat_type)
            attachment = self._file(kind, file_name, content)
            extra = media_json(attachment) if attachment else _fileless(kind, message.user_id)
            formatted = with_detected(FormattedText(caption))
            return self._announce(
                replace(
                    message,
                    kind=kind,
                    text=caption,
                    entities=formatted.entities,
                    attachment=attachment,
                    extra=extra,
                )
            )

    def user_taps(
        self, chat_id: int, message_id: int, button: str, *, user_id: int | None = None, stale: bool = False
    ) -> Tap:
        """Taps the button with this callback_data, or else this text. `stale`: on a screen not yet up to
        date, so `button` is the callback_data of a button that is gone by now."""
        with self.world.changed:
            chat = self._open_for_person(chat_id)
            data = button if stale else _callback_data(chat, message_id, button)
            tap = Tap(
                query_id=self.world.next_query_id(),
                chat_id=chat_id,
                message_id=message_id,
                user_id=self._person(chat, user_id),
                data=data,
                stamp=self._person_acts(chat),
                tapped=time.monotonic(),
            )
            self.world.taps[tap.query_id] = tap
            self.world.push({"callback_query": tap_json(self.world, tap)})
            return tap

    def push_update(self, update: JsonObject) -> int:
        """Any update as it stands; without update_id the next one is given. An old id is delivered again."""
        return self.world.push(copy.deepcopy(update))

    def updates(self) -> list[JsonObject]:
        """Every update made so far, oldest first."""
        with self.world.changed:
            return copy.deepcopy(self.world.updates.history)

    def bot_added_to_group(
        self, chat_id: int, *, title: str = "", chat_type: ChatType = "group", by_user: int = SOMEBODY
    ) -> None:
        """my_chat_member and the service message, in that order."""
        with self.world.changed:
            chat = self.world.open_chat(chat_id, chat_type, title)
            if chat.membership == "member":
                chat.membership = "left"
            self._set_membership(chat, "member", by_user)
            message = self._new_message(chat_id, by_user, None, None, chat_type)
            newcomer = {"new_chat_members": [bot_json(self.world)]}
            self._announce(replace(message, kind="service", extra=newcomer))

    def bot_removed_from_group(self, chat_id: int, *, by_user: int = SOMEBODY) -> None:
        with self.world.changed:
            self._set_membership(self.world.open_chat(chat_id), "kicked", by_user)

    def block(self, chat_id: int) -> None:
        """The person blocks the bot: 403 from now on, and a my_chat_member update."""
        with self.world.changed:
            self._set_membership(self.world.open_chat(chat_id), "blocked", chat_id)

    def unblock(self, chat_id: int) -> None:
        with self.world.changed:
            self._set_membership(self.world.open_chat(chat_id), "member", chat_id)

    def expire_taps(self, after_seconds: float | None) -> None:
        """Answers to taps older than this get 400 "query is too old"; None: never."""
        with self.world.changed:
            self.world.tap_lifetime = after_seconds

    def _set_membership(self, chat: Chat, new: Membership, user_id: int) -> None:
        old, chat.membership = chat.membership, new
        if STATUS_OF[old] != STATUS_OF[new]:
            change = membership_json(
                self.world, chat, user_id, int(self.world.clock()), old=STATUS_OF[old], new=STATUS_OF[new]
            )
            self.world.push({"my_chat_member": change})

    def _open_for_person(self, chat_id: int, chat_type: ChatType = "private") -> Chat:
        chat = self.world.open_chat(chat_id, chat_type)
        if chat.membership != "member":
            raise ValueError(f"in chat {chat_id} the bot is {chat.membership}; unblock or add it first")
        return chat

    def _person(self, chat: Chat, user_id: int | None) -> int:
        return user_id if user_id is not None else chat.chat_id if chat.type == "private" else SOMEBODY

    def _person_acts(self, chat: Chat) -> int:
        chat.person_stamp = self.world.next_stamp()
        return chat.person_stamp

    def _new_message(
        self, chat_id: int, user_id: int | None, message_id: int | None, date: Date, chat_type: ChatType
    ) -> Message:
        chat = self._open_for_person(chat_id, chat_type)
        if message_id is not None and message_id in chat.messages:
            raise ValueError(f"message {message_id} exists already in chat {chat_id}")
        stamp = self._person_acts(chat)
        return Message(
            chat_id=chat_id,
            message_id=chat.take_message_id(message_id),
            from_bot=False,
            user_id=self._person(chat, user_id),
            date=as_timestamp(date, self.world.clock()),
            sent_stamp=stamp,
            stamp=stamp,
        )

    def _announce(self, message: Message, kind: str = "message") -> Message:
        self.world.put_message(message)
        self.world.push({kind: message_json(self.world, message)})
        return message

    def _file(self, kind: str, file_name: str, content: bytes) -> Attachment | None:
        if kind not in MIME_TYPES:
            return None
        name = file_name or f"{kind}.bin"
        attachment = Attachment(kind, self.world.next_file_id(kind), name, MIME_TYPES[kind], content)
        return self.world.add_file(attachment)


def _fileless(kind: str, user_id: int) -> JsonObject:
    if kind == "contact":
        person = {"first_name": f"User {user_id}", "user_id": user_id}
        return {"contact": {"phone_number": "+10000000000", **person}}
    if kind == "location":
        return {"location": {"latitude": 52.52, "longitude": 13.405}}
    raise ValueError(f"unknown kind of media: {kind}")


def _callback_data(chat: Chat, message_id: int, wanted: str) -> str:
    message = chat.messages.get(message_id)
    keys = [key for row in message.buttons for key in row if key.data] if message else []
    for name in ("data", "text"):
        for key in keys:
            if getattr(key, name) == wanted and key.data:
                return key.data
    shown = ", ".join(f"{key.text!r} ({key.data})" for key in keys) or "none"
    where = f"message {message_id} of chat {chat.chat_id}"
    raise LookupError(f"{where} has no button {wanted!r}; it has: {shown}")
