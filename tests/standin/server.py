"""The HTTP side: one request from the log entry to the answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from tests.standin import methods
from tests.standin.faults import Fault, Faults
from tests.standin.model import ApiError, too_many_requests
from tests.standin.params import Params, read_params
from tests.standin.text import JsonObject
from tests.standin.webhook import Changes, WebhookSender
from tests.standin.world import World

LONGEST_POLL = 50
LARGEST_BODY = 60 * 1024 * 1024
OTHER_POLL = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
LOGGER = logging.getLogger(__name__)


class NoAnswerError(Exception):
    """The socket closes without an answer."""


class HalfAnswerError(Exception):
    """The socket closes in the middle of the answer."""


class Server:
    """The web application; lives in its own loop and thread."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._polls = 0
        self.changes = Changes()

    def application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self._handle)
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._download)
        app.cleanup_ctx.append(self._webhook_task)
        return app

    async def _webhook_task(self, _app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(WebhookSender(self._world, self.changes).run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        name, _ = methods.find_method(request.match_info["method"])
        try:
            params = await read_params(request)
        except ApiError as error:
            return _answer(error.status, error.body())
        index = self._world.log_call(name, params.values, tuple(params.files))
        entry = _Entry(self._world, index)
        try:
            entry.result = await self._serve(request, name, params, entry)
            entry.status, body = 200, {"ok": True, "result": entry.result}
        except ApiError as error:
            entry.status, entry.description, body = error.status, error.description, error.body()
        except NoAnswerError:
            entry.description, body = "connection dropped", {}
        except HalfAnswerError:
            entry.description = "connection dropped in the middle of the answer"
            return await _half(request, {"ok": True, "result": entry.result})
        finally:
            entry.finish()
        return _answer(entry.status, body) if entry.status else _cut(request)

    async def _serve(self, request: web.Request, name: str, params: Params, entry: _Entry) -> Any:
        self._check_token(request)
        await _dawdle(self._faults.delay_of(name))
        with self._world.changed:
            handler = methods.METHODS.get(name)
            if handler is None or name.lower() in self._faults.removed:
                raise ApiError(404, "Not Found: method not found")
            fault = self._faults.take(name, params.values.get("chat_id"))
            if fault is not None and not fault.carried_out:
                raise _outcome(fault)
            self._check_pace(name, params)
        if name == "getUpdates":
            result = await self._poll(request, params)
        else:
            result = self._carry_out(handler, params)
        entry.carried_out = True
        await _dawdle(self._faults.answer_delay_of(name))
        if fault is not None and fault.half:
            entry.result = result
            raise HalfAnswerError
        if fault is not None:
            raise _outcome(fault)
        return result

    def _check_token(self, request: web.Request) -> None:
        if request.match_info["token"] != self._world.token:
            raise ApiError(401, "Unauthorized")

    def _check_pace(self, name: str, params: Params) -> None:
        wait = self._faults.limits.retry_after(name, params.values.get("chat_id"), time.monotonic())
        if wait is not None:
            raise too_many_requests(wait)

    def _carry_out(self, handler: methods.Handler, params: Params) -> Any:
        try:
            with self._world.changed:
                return handler(self._world, params)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            LOGGER.exception("The stand-in could not make sense of %r", params.values)
            raise ApiError(400, f"Bad Request: stand-in: {error!r}") from error

    async def _poll(self, request: web.Request, params: Params) -> list[JsonObject]:
        """Long polling: waits for an update, the end of the time, or a newer poll that takes over."""
        self._polls += 1
        mine = self._polls
        self.changes.happened()
        with self._world.changed:
            methods.remember_allowed(self._world, params)
        deadline = time.monotonic() + min(params.integer("timeout"), LONGEST_POLL)
        while True:
            change = self.changes.next
            if request.transport is None:
                raise NoAnswerError
            if mine != self._polls:
                raise ApiError(409, OTHER_POLL)
            updates = self._carry_out(methods.get_updates, params)
            left = deadline - time.monotonic()
            if updates or left <= 0:
                return list(updates)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(change.wait(), left)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        file_id = request.match_info["path"].rsplit("/", 1)[-1]
        with self._world.changed:
            attachment = self._world.files.get(file_id)
        if request.match_info["token"] != self._world.token or attachment is None:
            return _answer(404, ApiError(404, "Not Found").body())
        return web.Response(body=attachment.content, content_type="application/octet-stream")


class _Entry:
    """What will stand in the log about one call; stays as it is here if the handler is cancelled."""

    def __init__(self, world: World, index: int) -> None:
        self._world = world
        self._index = index
        self.status: int | None = None
        self.description = ""
        self.carried_out = False
        self.result: Any = None

    def finish(self) -> None:
        self._world.log_answer(
            self._index, self.status, self.description, carried_out=self.carried_out, result=self.result
        )


async def _dawdle(seconds: float) -> None:
    """Without seconds nothing else comes between."""
    if seconds > 0:
        await asyncio.sleep(seconds)


def _outcome(fault: Fault) -> Exception:
    return NoAnswerError() if fault.error is None else fault.error


def _answer(status: int, body: JsonObject) -> web.Response:
    headers = {}
    retry_after = body.get("parameters", {}).get("retry_after")
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return web.json_response(body, status=status, headers=headers)


async def _half(request: web.Request, body: JsonObject) -> web.StreamResponse:
    content = json.dumps(body).encode()
    answer = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(content))})
    await answer.prepare(request)
    await answer.write(content[: len(content) // 2])
    if request.transport is not None:
        request.transport.close()
    return answer


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
