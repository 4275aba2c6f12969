"""The action server: rasa-sdk's app on loopback, behind the shared token, and silent about what was written.

Our own entry instead of `python -m rasa_sdk`, which listens on every interface, asks for no token, and puts the whole
request, text included, into the answer and the log when an action fails.
"""

from __future__ import annotations

import hmac
import logging
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor, ActionExecutorRunResult
from sanic import Request, Sanic, response
from sanic.response import HTTPResponse
from sqlalchemy import Engine

from actions.answering import Answer
from actions.clock import system_clock
from actions.dialogue.answer import ActionAnswer
from actions.dialogue.task import ActionTask
from actions.practice import load_practice
from actions.requests import requests_of
from actions.settings import LOOPBACK, TOKEN_VARIABLE
from knowledge.load import load_knowledge
from knowledge.ranking import load_ranker

FIRST = 1000
"""Priority of the token check: before the CORS answers that rasa-sdk installs."""

logger = logging.getLogger(__name__)


class DiscreetExecutor(ActionExecutor):
    """A failing action becomes a reply that says so; its error is logged by kind only, since it may quote the text."""

    async def run(self, action_call: dict[str, Any], *args: Any, **kwargs: Any) -> ActionExecutorRunResult | None:
        try:
            return await super().run(action_call, *args, **kwargs)
        except Exception as error:
            logger.error("action %s failed: %s", action_call.get("next_action"), type(error).__name__)
            failed = Answer(status="other", intent="failed").model_dump()
            return ActionExecutorRunResult(events=[], responses=[{"custom": failed}])


def action_app(executor: ActionExecutor, token: str) -> Sanic[Any, Any]:
    """rasa-sdk's app, refusing every request without the token."""
    app = create_app(executor)

    @app.on_request(priority=FIRST)
    async def refuse_strangers(request: Request) -> HTTPResponse | None:
        given = request.headers.get("authorization", "")
        if hmac.compare_digest(given.encode("utf-8", "surrogateescape"), f"Bearer {token}".encode()):
            return None
        return response.json({"status": "unauthorised"}, status=401)

    @app.on_response
    async def quote_nothing(_request: Request, answer: HTTPResponse) -> HTTPResponse | None:
        return response.json({"status": "failed"}, status=500) if answer.status >= 500 else None

    return app


def serve(
    port: int, ranker_file: Path, token: str, engine: Engine, *, kept_for: timedelta, overlay: Path | None = None
) -> None:
    """Load what a turn needs, then serve on loopback until ended. `kept_for`: how long transferred entries stay."""
    knowledge = load_knowledge(overlay)
    executor = DiscreetExecutor()
    task = ActionTask(engine=engine, requests=requests_of(load_practice(knowledge, overlay)), kept_for=kept_for)
    executor.register_action(task)
    ranker = load_ranker(ranker_file)
    executor.register_action(ActionAnswer(knowledge=knowledge, ranker=ranker, clock=system_clock, task=task))
    app = action_app(executor, token)
    app.run(host=LOOPBACK, port=port, single_process=True, motd=False, access_log=False)


def token_from_environment() -> str:
    """The shared token, which the starting process passes on; raises KeyError where it is missing."""
    return os.environ[TOKEN_VARIABLE]
