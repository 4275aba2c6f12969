"""What is understood of a message, as plain data: what `lotse understand` prints. Nothing is done and nothing kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from actions.clock import BERLIN
from actions.requests import Requests
from knowledge.errors import LotseError
from knowledge.ranking import NOT_A_QUESTION, QUESTION_INTENT, Ranker
from nlu.readers.reminder import read_reminder

AS_ONE = {"thanks": "smalltalk", "contacts": QUESTION_INTENT}
"""Intents that are told apart only to reply in other words."""
CONSULTATION = (
    "case", "date", "duration_min", "channel", "topics", "referral", "follow_up", "next_steps", "note", "gap",
)  # fmt: skip
REMINDER = ("case", "due", "subject", "repeat")


class Line(BaseModel):
    """A line of a file of messages; `now` is when it was written."""

    q: str
    now: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """Reads with the trained ranking and the readers, without Rasa."""

    ranker: Ranker
    requests: Requests

    def read(self, text: str, now: datetime) -> dict[str, Any]:
        """Intent and slots; a slot that was not said is absent. `now` is aware, or local to Germany."""
        now = now if now.tzinfo else now.replace(tzinfo=BERLIN)
        ranking = self.ranker.rank(text)
        label = self.requests.settler.settle(ranking, text, now)
        intent = AS_ONE.get(label, label) if label in NOT_A_QUESTION else QUESTION_INTENT
        return {"intent": intent, "slots": self.slots(intent, text, now)}

    def slots(self, intent: str, text: str, now: datetime) -> dict[str, Any]:
        if intent in ("log_consultation", "edit_entry"):
            return said(self.requests.talks.reader.read(text, now), CONSULTATION)
        if intent == "set_reminder":
            return said(read_reminder(text, now, self.requests.numbers), REMINDER)
        numbers = self.requests.numbers.numbers(text)
        return {"case": numbers[0]} if len(numbers) == 1 else {}


def said(slots: object, names: tuple[str, ...]) -> dict[str, Any]:
    """Those of the slots that hold something."""
    found = {name: getattr(slots, name) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items() if value}


def read_lines(file: Path) -> Iterator[Line]:
    """The messages of a file; raises `LotseError` naming the first broken line."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")  # other line breaks may stand inside a message
    except (OSError, UnicodeDecodeError) as error:
        raise LotseError(f"{file} lässt sich nicht lesen – bitte den Pfad prüfen.") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield Line.model_validate(json.loads(line))
            except (ValueError, ValidationError) as error:
                raise LotseError(
                    f"{file.name}, Zeile {number}: keine gültige Nachricht – bitte berichtigen."
                ) from error
