"""Rasa's `action_task`: has done what a message asks for, on behalf of the person the bot names."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import Engine
from sqlmodel import Session

from actions.answering import Answer
from actions.operations import AnyOperation, Said
from actions.people import aliases_of_colleagues
from actions.performing import perform
from actions.requests import Requests
from actions.store.models import Person
from knowledge.ranking import Candidate, Ranking

DONE_HERE = frozenset(
    {
        "case",
        "consent",
        "my_data",
        "log_consultation",
        "edit_entry",
        "pending",
        "export",
        "caseload",
        "set_reminder",
        "list_reminders",
        "list_deadlines",
    }
)
"""Tasks that can be done; the others are named, so that the bot says honestly that they can't be yet."""


class ActionTask(Action):
    """Reads the (masked) message, performs the operation, and hands its reply to the bot as plain data."""

    def __init__(self, *, engine: Engine, requests: Requests, kept_for: timedelta) -> None:
        self.engine = engine
        self.requests = requests
        self.kept_for = kept_for

    def name(self) -> str:
        return "action_task"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        message = tracker.latest_message
        now = datetime.fromisoformat(message["metadata"]["now"])
        ranking = as_ranking(message.get("question_ranking") or {})
        intent = self.requests.settler.settle(ranking, message["text"], now)
        dispatcher.utter_message(json_message=self.reply(intent, message, now).model_dump(mode="json"))
        return []

    def reply(self, intent: str, message: dict[str, Any], now: datetime) -> Answer:
        """What comes of a message whose intent is settled; `now` is aware."""
        if intent not in DONE_HERE:
            return Answer(status="other", intent=intent)
        metadata = message["metadata"]
        with Session(self.engine) as session:
            operation = self.operation(session, intent, message["text"], metadata["person"], now)
            said = operation
            if not isinstance(operation, Said):
                said = perform(
                    session,
                    person_id=metadata["person"],
                    channel=metadata["channel"],
                    operation=operation,
                    practice=self.requests.practice,
                    kept_for=self.kept_for,
                    now=now,
                )
        return Answer(status="other", intent=intent, said=said)

    def operation(self, session: Session, intent: str, text: str, person: int, now: datetime) -> AnyOperation | Said:
        aliases = aliases_of_colleagues(session, session.get_one(Person, person))
        return self.requests.read(intent, text, aliases=aliases, now=now)


def as_ranking(travelled: dict[str, Any]) -> Ranking:
    candidates = tuple(Candidate(c["label"], c["score"]) for c in travelled.get("candidates", []))
    return Ranking(candidates, travelled.get("confidence", 0.0))
