"""The test side over HTTP, for programs beside the stand-in: POST /control/<name> with JSON arguments."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.standin.model import Message

NAMES = frozenset({
    "open_chat", "user_sends", "user_edits", "user_sends_media", "user_taps", "push_update", "updates",
    "bot_added_to_group", "bot_removed_from_group", "block", "unblock", "expire_taps", "messages", "message",
    "calls", "wait_for_reply", "wait_for_answer", "wait_for_call", "fail_next", "drop_connections", "halve_answers",
    "delay", "delay_answers", "remove_method", "restore_method", "rate_limits", "clear_faults",
})  # fmt: skip


def as_plain(value: Any) -> Any:
    """Records as JSON: their fields, and for a message its buttons and html as well."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        plain = {field.name: as_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        if isinstance(value, Message):
            plain |= {"buttons": as_plain(value.buttons), "html": value.html}
        return plain
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def add_control(app: web.Application, find: Callable[[str], Callable[..., Any]]) -> None:
    async def handle(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in NAMES:
            return web.json_response({"ok": False, "error": f"no such action: {name}"}, status=404)
        try:
            arguments = json.loads(await request.read() or b"{}")
            result = await asyncio.to_thread(find(name), **arguments)
        except TimeoutError as error:
            return web.json_response({"ok": False, "error": str(error)}, status=408)
        except (TypeError, ValueError, LookupError) as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        return web.json_response({"ok": True, "result": as_plain(result)})

    app.router.add_post("/control/{name}", handle)
