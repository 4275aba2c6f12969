"""Asks Rasa what a message means; while Rasa is away, the same ranking and decision answer from here."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import httpx
from pydantic import ValidationError

from actions.answering import Answer, Context, answer_question
from knowledge.load import NO_ANSWER_LABEL, Knowledge
from knowledge.ranking import NOT_A_QUESTION, Ranker

logger = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE = 2.0
"""Seconds in which Rasa is not asked again after it failed, so that nobody waits for the same time-out twice."""
DEGRADED_ANSWER_FROM = 0.8
"""Confidence from which an answer is given without Rasa; measured with `lotse evaluate --degraded`."""


@dataclass
class Understanding:
    """The way to Rasa. `ranker` is the trained one, loaded at start, so that questions can be served without Rasa."""

    client: httpx.AsyncClient
    timeout: float
    knowledge: Knowledge
    ranker: Ranker
    always_degraded: bool = False
    _away_until: float = 0.0

    async def understand(
        self,
        *,
        text: str,
        context: Context,
        conversation: str,
        person: int,
        channel: str,
        written_at: datetime,
        today: date,
    ) -> tuple[Answer, bool]:
        """The answer, and whether it had to be found without Rasa. `person` is who asks, by number."""
        if not self.always_degraded and time.monotonic() >= self._away_until:
            metadata = {
                "now": written_at.isoformat(),
                "context": context.model_dump(),
                "person": person,
                "channel": channel,
            }
            answer = await self._ask_rasa(text, conversation, metadata)
            if answer is not None:
                return answer, False
            self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE
        return self._search(text, context, today), True

    async def forget(self) -> None:
        """Have Rasa drop all its trackers: they are disposable, and one of them spoke of a forgotten case."""
        if not self.always_degraded:
            await forget_trackers(self.client, self.timeout)

    async def _ask_rasa(self, text: str, conversation: str, metadata: dict[str, Any]) -> Answer | None:
        body = {"sender": conversation, "message": text, "metadata": metadata}
        try:
            response = await self.client.post("/webhooks/lotse/webhook", json=body, timeout=self.timeout)
            response.raise_for_status()
            return reply_of(response.json())
        except (httpx.HTTPError, ValueError):
            return None

    def _search(self, text: str, context: Context, today: date) -> Answer:
        ranking = self.ranker.rank(text)
        intent = ranking.candidates[0].label if ranking.candidates else ""
        if intent in NOT_A_QUESTION - {NO_ANSWER_LABEL}:
            return Answer(status="other", intent=intent, question=text)
        return answer_question(
            question=text,
            ranking=ranking,
            context=context,
            today=today,
            knowledge=self.knowledge,
            ranker=self.ranker,
            answer_from=DEGRADED_ANSWER_FROM,
        )


def reply_of(replies: list[dict[str, Any]]) -> Answer | None:
    """The one reply that Rasa's turn ends in; none if the action server failed."""
    customs = [reply["custom"] for reply in replies if "custom" in reply]
    try:
        answer = Answer.model_validate(customs[-1]) if customs else None
    except ValidationError:
        return None
    return None if answer is None or answer.intent == "failed" else answer


async def forget_trackers(client: httpx.AsyncClient, timeout: float) -> None:
    """Have a running Rasa drop all its trackers; one that does not run has none. `timeout` in seconds."""
    try:
        response = await client.delete("/webhooks/lotse/trackers", timeout=timeout)
        response.raise_for_status()
    except httpx.ConnectError:
        return
    except httpx.HTTPError as error:
        logger.warning("trackers could not be dropped: %s", type(error).__name__)


def rasa_client(port: int, token: str) -> httpx.AsyncClient:
    """A client of Rasa on loopback that shows the shared token."""
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, trust_env=False
    )
