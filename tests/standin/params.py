"""A call's parameters, whatever way they came: form, multipart, JSON or the query string."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.standin.model import bad_request
from tests.standin.text import JsonObject

STRINGS = frozenset({
    "text", "caption", "parse_mode", "url", "secret_token", "callback_query_id", "action", "file_id",
    "language_code", "description", "short_description", "name", "business_connection_id",
    "message_effect_id", "inline_message_id",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Params:
    values: JsonObject
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return value if isinstance(value, str) else "" if value is None else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        value = self.values.get(name)
        return int(value) if isinstance(value, int | float) else default

    def flag(self, name: str) -> bool:
        return self.values.get(name) in (True, 1, "True")

    def object(self, name: str) -> JsonObject | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, dict):
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object")
        return value

    def array(self, name: str) -> list[Any] | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, list):
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object")
        return value


def decoded(name: str, value: str) -> Any:
    """The typed value of a form field; texts stay as they are."""
    if name in STRINGS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


async def read_params(request: web.Request) -> Params:
    values: JsonObject = {name: decoded(name, value) for name, value in request.query.items()}
    files: dict[str, Upload] = {}
    if request.content_type == "application/json":
        values |= await _json_body(request)
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = Upload(value.filename, value.content_type, value.file.read())
            elif isinstance(value, str):
                values[name] = decoded(name, value)
            else:
                files[name] = Upload(name, "application/octet-stream", bytes(value))
    return Params({name: value for name, value in values.items() if value is not None}, files)


async def _json_body(request: web.Request) -> JsonObject:
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise bad_request("can't parse request: can't parse JSON object")
    return {name: decoded(name, v) if isinstance(v, str) else v for name, v in body.items()}
