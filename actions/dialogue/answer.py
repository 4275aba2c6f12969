"""Rasa's `action_answer`: translates a tracker into a question and the answer into a reply."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import Context, answer_question
from actions.clock import Clock, local_day
from knowledge.load import Knowledge
from knowledge.ranking import Candidate, Ranker, Ranking


class ActionAnswer(Action):
    """Decides on the ranking that travelled with the message."""

    def __init__(self, *, knowledge: Knowledge, ranker: Ranker, clock: Clock) -> None:
        self.knowledge = knowledge
        self.ranker = ranker
        self.clock = clock

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        message = tracker.latest_message
        metadata = message.get("metadata") or {}
        written_at = datetime.fromisoformat(metadata["now"]) if "now" in metadata else self.clock()
        answer = answer_question(
            question=message.get("text") or "",
            ranking=as_ranking(message.get("question_ranking") or {}),
            context=Context.model_validate(metadata.get("context") or {}),
            today=local_day(written_at),
            knowledge=self.knowledge,
            ranker=self.ranker,
        )
        dispatcher.utter_message(json_message=answer.model_dump())
        return []


def as_ranking(travelled: dict[str, Any]) -> Ranking:
    candidates = tuple(Candidate(c["label"], c["score"]) for c in travelled.get("candidates", []))
    return Ranking(candidates, travelled.get("confidence", 0.0))
