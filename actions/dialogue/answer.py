"""Rasa's `action_answer`: translates a tracker into a question and the answer into a reply."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import Context, answer_question
from actions.clock import Clock, local_day
from actions.dialogue.task import ActionTask, as_ranking
from knowledge.load import Knowledge
from knowledge.ranking import TASKS, Ranker


class ActionAnswer(Action):
    """Decides on the ranking that travelled with the message; what turns out to be a task is handed on."""

    def __init__(self, *, knowledge: Knowledge, ranker: Ranker, clock: Clock, task: ActionTask) -> None:
        self.knowledge = knowledge
        self.ranker = ranker
        self.clock = clock
        self.task = task

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        message = tracker.latest_message
        metadata = message.get("metadata") or {}
        written_at = datetime.fromisoformat(metadata["now"]) if "now" in metadata else self.clock()
        ranking = as_ranking(message.get("question_ranking") or {})
        label = self.task.requests.settler.settle(ranking, message.get("text") or "", written_at)
        if label in TASKS:
            reply = self.task.reply(label, message, written_at)
            dispatcher.utter_message(json_message=reply.model_dump(mode="json"))
            return []
        answer = answer_question(
            question=message.get("text") or "",
            ranking=ranking,
            context=Context.model_validate(metadata.get("context") or {}),
            today=local_day(written_at),
            knowledge=self.knowledge,
            ranker=self.ranker,
        )
        dispatcher.utter_message(json_message=answer.model_dump())
        return []
