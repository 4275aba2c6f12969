"""The table of methods, and those about the bot itself: updates, webhook, profile, chats, files."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from tests.standin import messages
from tests.standin.model import ApiError, bad_request
from tests.standin.params import Params
from tests.standin.text import JsonObject
from tests.standin.wire import file_json, full_chat_json, get_me_json
from tests.standin.world import Webhook, World

Handler: TypeAlias = Callable[[World, Params], Any]

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
MAX_COMMANDS = 100
MAX_COMMAND_DESCRIPTION = 256
LIMITS = {"description": 512, "short_description": 120}
WEBHOOK_IS_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


def get_me(world: World, _params: Params) -> JsonObject:
    return get_me_json(world)


def get_updates(world: World, params: Params) -> list[JsonObject]:
    """What is there now; the server calls again until the timeout has passed."""
    if world.webhook.url:
        raise ApiError(409, WEBHOOK_IS_ACTIVE)
    return world.updates.take(params.integer("offset"), params.integer("limit", 100))


def remember_allowed(world: World, params: Params) -> None:
    """An allowed_updates list holds for updates made from now on, until another list is given."""
    allowed = params.array("allowed_updates")
    if allowed is not None:
        world.updates.allowed = tuple(str(kind) for kind in allowed)


def set_webhook(world: World, params: Params) -> bool:
    url, secret = params.text("url"), params.text("secret_token")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    if url and not url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    remember_allowed(world, params)
    _drop_pending(world, params)
    world.webhook = Webhook(url, secret, params.integer("max_connections", 40))
    world.wake()
    return True


def delete_webhook(world: World, params: Params) -> bool:
    _drop_pending(world, params)
    world.webhook = Webhook()
    world.wake()
    return True


def _drop_pending(world: World, params: Params) -> None:
    if params.flag("drop_pending_updates"):
        world.updates.pending = []


def get_webhook_info(world: World, _params: Params) -> JsonObject:
    hook = world.webhook
    info: JsonObject = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending),
    }
    if hook.url:
        info["max_connections"] = hook.max_connections
    if hook.last_error_date is not None:
        info |= {"last_error_date": hook.last_error_date, "last_error_message": hook.last_error_message}
    if world.updates.allowed:
        info["allowed_updates"] = list(world.updates.allowed)
    return info


def set_my_commands(world: World, params: Params) -> bool:
    commands = params.array("commands")
    if commands is None:
        raise bad_request("can't parse commands list")
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= MAX_COMMAND_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.profile[_scoped("commands", params)] = commands
    return True


def get_my_commands(world: World, params: Params) -> list[JsonObject]:
    return list(world.profile.get(_scoped("commands", params), []))


def delete_my_commands(world: World, params: Params) -> bool:
    world.profile.pop(_scoped("commands", params), None)
    return True


def _scoped(name: str, params: Params) -> str:
    """The profile key; scope and language only where the call gives them."""
    scope = params.object("scope") or {"type": "default"}
    parts = [str(scope[key]) for key in sorted(scope, reverse=True) if scope[key] != "default"]
    return ":".join([name, *parts, *filter(None, [params.text("language_code")])])


def _setter(field: str) -> Handler:
    def set_field(world: World, params: Params) -> bool:
        text = params.text(field)
        if len(text) > LIMITS[field]:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        world.profile[_scoped(field, params)] = text
        return True

    return set_field


def _getter(field: str) -> Handler:
    def get_field(world: World, params: Params) -> JsonObject:
        return {field: world.profile.get(_scoped(field, params), "")}

    return get_field


def get_chat(world: World, params: Params) -> JsonObject:
    return full_chat_json(world.known_chat(params.values.get("chat_id")))


def leave_chat(world: World, params: Params) -> bool:
    chat = world.writable_chat(params.values.get("chat_id"))
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chat.membership = "left"
    world.changed.notify_all()
    return True


def get_file(world: World, params: Params) -> JsonObject:
    attachment = world.files.get(params.text("file_id"))
    if attachment is None:
        raise bad_request("invalid file_id")
    return file_json(attachment) | {"file_path": f"{attachment.kind}/{attachment.file_id}"}


def done(_world: World, _params: Params) -> bool:
    return True


METHODS: dict[str, Handler] = messages.METHODS | {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyDescription": _setter("description"),
    "getMyDescription": _getter("description"),
    "setMyShortDescription": _setter("short_description"),
    "getMyShortDescription": _getter("short_description"),
    "getChat": get_chat,
    "leaveChat": leave_chat,
    "getFile": get_file,
    "logOut": done,
    "close": done,
}
CANONICAL = {name.lower(): name for name in METHODS}


def find_method(name: str) -> tuple[str, Handler | None]:
    """The method under its proper name; Telegram does not mind the case."""
    proper = CANONICAL.get(name.lower(), name)
    return proper, METHODS.get(proper)
