"""The methods that change what a chat shows: send, edit, delete, and the answer to a tap."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from tests.standin.html import parse_html, trimmed, with_detected
from tests.standin.model import (
    Attachment,
    Message,
    TapAnswer,
    bad_request,
)
from tests.standin.params import Params
from tests.standin.text import Entity, FormattedText, JsonObject
from tests.standin.wire import media_json, message_json
from tests.standin.world import Chat, World

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_TAP_ANSWER = 200
MAX_CALLBACK_DATA = 64
MAX_BUTTONS = 100
MAX_DELETED_AT_ONCE = 100
DELETABLE_FOR = 48 * 3600
ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
})  # fmt: skip
OTHER_BUTTON_KINDS = frozenset({
    "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
})  # fmt: skip
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def send_message(world: World, params: Params) -> JsonObject:
    chat = world.writable_chat(params.values.get("chat_id"))
    return _post(world, params, chat, _message_text(params))


def send_document(world: World, params: Params) -> JsonObject:
    return _send_file(world, params, "document")


def send_photo(world: World, params: Params) -> JsonObject:
    return _send_file(world, params, "photo")


def edit_message_text(world: World, params: Params) -> JsonObject:
    message = _editable(world, params)
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    formatted = _message_text(params)
    content = replace(message, text=formatted.text, entities=formatted.entities)
    return _change(world, replace(content, markup=_inline(params)))


def edit_message_reply_markup(world: World, params: Params) -> JsonObject:
    return _change(world, replace(_editable(world, params), markup=_inline(params)))


def delete_message(world: World, params: Params) -> bool:
    chat = world.known_chat(params.values.get("chat_id"))
    message = chat.messages.get(params.integer("message_id"))
    if not params.integer("message_id"):
        raise bad_request("message identifier is not specified")
    if message is None:
        raise bad_request("message to delete not found")
    _check_deletable(world, chat, message)
    world.remove_message(chat, message.message_id)
    return True


def delete_messages(world: World, params: Params) -> bool:
    """Those that are gone already are passed over without an error."""
    chat = world.known_chat(params.values.get("chat_id"))
    wanted = params.array("message_ids") or []
    if not wanted:
        raise bad_request("message identifiers are not specified")
    if len(wanted) > MAX_DELETED_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    found = [chat.messages[int(message_id)] for message_id in wanted if int(message_id) in chat.messages]
    for message in found:
        _check_deletable(world, chat, message)
    for message_id in {message.message_id for message in found}:
        world.remove_message(chat, message_id)
    return True


def answer_callback_query(world: World, params: Params) -> bool:
    query_id = params.text("callback_query_id")
    tap = world.taps.get(query_id)
    if tap is None or (world.tap_lifetime is not None and time.monotonic() - tap.tapped > world.tap_lifetime):
        raise bad_request(QUERY_TOO_OLD)
    text = params.text("text")
    if len(text) > MAX_TAP_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    world.tap_answers[query_id] = TapAnswer(query_id, text, params.flag("show_alert"), params.text("url"))
    world.next_stamp()
    world.changed.notify_all()
    return True


def send_chat_action(world: World, params: Params) -> bool:
    world.writable_chat(params.values.get("chat_id"))
    if params.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


def _message_text(params: Params) -> FormattedText:
    if not params.text("text"):
        raise bad_request("message text is empty")
    formatted = _formatted(params, "text", "entities")
    if not formatted.text:
        raise bad_request("text must be non-empty")
    if len(formatted.text) > MAX_TEXT:
        raise bad_request("message is too long")
    return formatted


def _formatted(params: Params, text_key: str, entities_key: str) -> FormattedText:
    mode = params.text("parse_mode").lower()
    if mode == "html":
        parsed = parse_html(params.text(text_key))
    elif mode in ("", "none"):
        parsed = FormattedText(params.text(text_key), _given_entities(params, entities_key))
    else:
        raise bad_request(f"unsupported parse_mode ({mode} is not supported by the stand-in)")
    return with_detected(trimmed(parsed))


def _given_entities(params: Params, key: str) -> tuple[Entity, ...]:
    return tuple(_given_entity(raw) for raw in params.array(key) or [])


def _given_entity(raw: JsonObject) -> Entity:
    named = (raw.get(key) for key in ("url", "language", "custom_emoji_id"))
    argument = next(filter(None, named), raw.get("user", {}).get("id", ""))
    return Entity(str(raw["type"]), int(raw["offset"]), int(raw["length"]), str(argument))


def _markup(params: Params) -> JsonObject | None:
    """The reply markup, checked; an inline keyboard without buttons is none."""
    markup = params.object("reply_markup")
    if markup is None or "inline_keyboard" not in markup:
        return markup
    keys = [key for row in markup["inline_keyboard"] for key in row]
    for key in keys:
        _check_button(key)
    if len(keys) > MAX_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    rows = [row for row in markup["inline_keyboard"] if row]
    return {"inline_keyboard": rows} if rows else None


def _inline(params: Params) -> JsonObject | None:
    markup = _markup(params)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def _check_button(key: JsonObject) -> None:
    if not str(key.get("text", "")):
        raise bad_request("BUTTON_TEXT_INVALID")
    if "callback_data" in key:
        if not 1 <= len(str(key["callback_data"]).encode()) <= MAX_CALLBACK_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    elif "url" in key:
        if not _is_link(str(key["url"])):
            raise bad_request(f"inline keyboard button URL '{key['url']}' is invalid: Wrong HTTP URL")
    elif not OTHER_BUTTON_KINDS & key.keys():
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")


def _is_link(url: str) -> bool:
    return url.startswith(("tg://", "ton://")) or ("." in url and " " not in url)


def _replied_to(params: Params, chat: Chat) -> int | None:
    reply = params.object("reply_parameters") or {}
    message_id = int(reply.get("message_id") or params.integer("reply_to_message_id"))
    if not message_id or message_id in chat.messages:
        return message_id or None
    if reply.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def _post(
    world: World, params: Params, chat: Chat, formatted: FormattedText, attachment: Attachment | None = None
) -> JsonObject:
    markup, reply_to = _markup(params), _replied_to(params, chat)
    stamp = world.next_stamp()
    message = Message(
        chat_id=chat.chat_id,
        message_id=chat.take_message_id(),
        from_bot=True,
        user_id=world.bot_id,
        date=int(world.clock()),
        sent_stamp=stamp,
        stamp=stamp,
        kind=attachment.kind if attachment else "text",
        text=formatted.text,
        entities=formatted.entities,
        markup=markup,
        silent=params.flag("disable_notification"),
        protected=params.flag("protect_content"),
        reply_to=reply_to,
        attachment=attachment,
        extra=media_json(attachment) if attachment else {},
    )
    return message_json(world, world.put_message(message))


def _send_file(world: World, params: Params, kind: str) -> JsonObject:
    chat = world.writable_chat(params.values.get("chat_id"))
    caption = _formatted(params, "caption", "caption_entities")
    if len(caption.text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return _post(world, params, chat, caption, _attachment(world, params, kind))


def _attachment(world: World, params: Params, kind: str) -> Attachment:
    """An uploaded file, one the server knows by its id, or one named by its address."""
    given = params.text(kind)
    upload = params.files.get(given.removeprefix("attach://") if given.startswith("attach://") else kind)
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        file_id = world.next_file_id(kind)
        return world.add_file(Attachment(kind, file_id, upload.name, upload.content_type, upload.content))
    if not given:
        raise bad_request(f"there is no {kind} in the request")
    if given in world.files:
        return replace(world.files[given], kind=kind)
    if given.startswith(("http://", "https://")):
        return world.add_file(Attachment(kind, world.next_file_id(kind), given.rsplit("/", 1)[-1]))
    raise bad_request("wrong file identifier/HTTP URL specified")


def _editable(world: World, params: Params) -> Message:
    if params.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = world.writable_chat(params.values.get("chat_id"))
    message_id = params.integer("message_id")
    if not message_id:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return message


def _change(world: World, changed: Message) -> JsonObject:
    if changed == world.chats[changed.chat_id].messages[changed.message_id]:
        raise bad_request(NOT_MODIFIED)
    stamped = replace(changed, stamp=world.next_stamp(), edit_date=int(world.clock()))
    return message_json(world, world.put_message(stamped))


def _check_deletable(world: World, chat: Chat, message: Message) -> None:
    if world.clock() - message.date > DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")
    if chat.type != "private" and not message.from_bot:
        raise bad_request("message can't be deleted")


METHODS: dict[str, Any] = {
    "sendMessage": send_message,
    "sendDocument": send_document,
    "sendPhoto": send_photo,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback_query,
    "sendChatAction": send_chat_action,
}
