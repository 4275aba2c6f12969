"""The only door into Rasa: a REST channel that asks for the shared token and never logs what was written.

Text that a person typed never becomes an intent: whatever makes Rasa read a message as `/intent{…}` is taken off.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from nlu.components.trackers import forget_trackers

logger = logging.getLogger(__name__)


class LotseInput(InputChannel):
    """POST /webhooks/lotse/webhook {"sender", "message", "metadata"} → the list of replies.

    DELETE /webhooks/lotse/trackers forgets every conversation.
    """

    def __init__(self, token: str) -> None:
        self.token = token

    @classmethod
    def name(cls) -> str:
        return "lotse"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> LotseInput:
        if not credentials or not credentials.get("token"):
            cls.raise_missing_credentials_exception()
        return cls(credentials["token"])

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        door = Blueprint("lotse_door", __name__)

        @door.listener("before_server_start")
        async def guard(app: Sanic, _loop: object) -> None:
            app.register_middleware(self.refuse_strangers, "request")

        @door.get("/")
        async def health(_request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @door.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            body = request.json or {}
            collector = CollectingOutputChannel()
            message = UserMessage(
                as_text(str(body.get("message", ""))),
                collector,
                str(body.get("sender", "")),
                input_channel=self.name(),
                metadata=body.get("metadata"),
            )
            try:
                await on_new_message(message)
            except Exception as error:  # whatever it is, its message may quote the text
                logger.error("a turn failed: %s", type(error).__name__)
                return response.json({"status": "failed"}, status=500)
            return response.json(collector.messages)

        @door.delete("/trackers")
        async def forget(request: Request) -> HTTPResponse:
            forget_trackers(request.app.ctx.agent.tracker_store)
            return response.json({"status": "forgotten"})

        return door

    async def refuse_strangers(self, request: Request) -> HTTPResponse | None:
        given = request.headers.get("authorization", "")
        if hmac.compare_digest(given.encode("utf-8", "surrogateescape"), f"Bearer {self.token}".encode()):
            return None
        return response.json({"status": "unauthorised"}, status=401)


def as_text(typed: str) -> str:
    """What was typed, so that Rasa reads it as words: without leading slashes and white space of any kind."""
    start = next((i for i, char in enumerate(typed) if char != "/" and not char.isspace()), len(typed))
    return typed[start:]
