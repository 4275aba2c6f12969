"""Records as the JSON the Bot API sends."""

from __future__ import annotations

from tests.standin.model import Attachment, Message, Tap
from tests.standin.text import JsonObject
from tests.standin.world import Chat, World


def user_json(user_id: int) -> JsonObject:
    return {"id": user_id, "is_bot": False, "first_name": f"User {user_id}", "language_code": "en"}


def bot_json(world: World) -> JsonObject:
    return {"id": world.bot_id, "is_bot": True, "first_name": "Stand-in", "username": world.username}


def get_me_json(world: World) -> JsonObject:
    return bot_json(world) | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def chat_json(chat: Chat) -> JsonObject:
    name = {"first_name": f"User {chat.chat_id}"} if chat.type == "private" else {"title": chat.title}
    return {"id": chat.chat_id, "type": chat.type, **name}


def full_chat_json(chat: Chat) -> JsonObject:
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    return chat_json(chat) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys((*gifts, "gifts_from_channels"), True),
    }


def message_json(world: World, message: Message, *, with_reply: bool = True) -> JsonObject:
    chat = world.chats[message.chat_id]
    data: JsonObject = {
        "message_id": message.message_id,
        "date": message.date,
        "chat": chat_json(chat),
        "from": bot_json(world) if message.from_bot else user_json(message.user_id),
        **message.extra,
    }
    _add_text(data, message)
    if message.edit_date is not None:
        data["edit_date"] = message.edit_date
    if message.forwarded:
        data["forward_origin"] = {"type": "user", "date": message.date - 60, "sender_user": user_json(77)}
    if message.protected:
        data["has_protected_content"] = True
    if message.markup and "inline_keyboard" in message.markup:
        data["reply_markup"] = message.markup
    replied = chat.messages.get(message.reply_to) if message.reply_to and with_reply else None
    if replied is not None:
        data["reply_to_message"] = message_json(world, replied, with_reply=False)
    return data


def _add_text(data: JsonObject, message: Message) -> None:
    if not message.text:
        return
    plain = message.kind == "text"
    data["text" if plain else "caption"] = message.text
    if message.entities:
        data["entities" if plain else "caption_entities"] = [entity.to_json() for entity in message.entities]


def tap_json(world: World, tap: Tap) -> JsonObject:
    chat = world.chats[tap.chat_id]
    message = chat.messages.get(tap.message_id)
    gone = {"chat": chat_json(chat), "message_id": tap.message_id, "date": 0}
    return {
        "id": tap.query_id,
        "from": user_json(tap.user_id),
        "chat_instance": str(tap.chat_id * 31),
        "message": message_json(world, message) if message else gone,
        "data": tap.data,
    }


def membership_json(world: World, chat: Chat, user_id: int, date: int, *, old: str, new: str) -> JsonObject:
    return {
        "chat": chat_json(chat),
        "from": user_json(user_id),
        "date": date,
        "old_chat_member": _member_json(world, old),
        "new_chat_member": _member_json(world, new),
    }


def _member_json(world: World, status: str) -> JsonObject:
    until = {"until_date": 0} if status == "kicked" else {}
    return {"user": bot_json(world), "status": status, **until}


def file_json(attachment: Attachment) -> JsonObject:
    return {
        "file_id": attachment.file_id,
        "file_unique_id": f"u-{attachment.file_id}",
        "file_size": len(attachment.content),
    }


def media_json(attachment: Attachment) -> JsonObject:
    """The part of a message that carries this file: {"document": {…}}, {"photo": […]} and so on."""
    base = file_json(attachment)
    named = base | {"file_name": attachment.file_name, "mime_type": attachment.mime_type}
    square = {"width": 512, "height": 512}
    still = {"is_animated": False, "is_video": False}
    shapes: dict[str, object] = {
        "document": named,
        "photo": [base | square],
        "voice": base | {"duration": 3, "mime_type": attachment.mime_type},
        "audio": named | {"duration": 3},
        "video": named | square | {"duration": 3},
        "animation": named | square | {"duration": 3},
        "video_note": base | {"length": 240, "duration": 3},
        "sticker": base | square | still | {"type": "regular", "emoji": "👍"},
    }
    return {attachment.kind: shapes[attachment.kind]}
