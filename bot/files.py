"""Renders the files that a reply names: they are made here, in the bot, and never pass through Rasa."""

from __future__ import annotations

import json
from typing import Literal

from sqlmodel import Session

from actions.my_data import export
from actions.store.models import Person
from bot.messages import File


def rendered(session: Session, name: Literal["my_data"], person: Person) -> File:
    """The file of this name for this person."""
    match name:
        case "my_data":
            content = json.dumps(export(session, person=person), ensure_ascii=False, indent=2)
            return File("meine-daten.json", content.encode())
