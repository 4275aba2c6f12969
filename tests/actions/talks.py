"""Talks for the tests: one that can be logged, and the shortest way to log it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from actions.consultations import Talk, log_consultation
from actions.store.models import Consultation, Person
from knowledge.casework import load_casework
from knowledge.needs import load_needs
from knowledge.transfer import load_transfer
from tests.actions.conftest import NOW, NUMBER, TODAY, acting

CASEWORK = load_casework()
NEEDS = load_needs()
LAYOUT = load_transfer()
TALK = Talk(day=TODAY, duration_min=20, channel="telefon", topics=("Wohnen", "Sprache"))


def logged(
    session: Session, by: Person, entry_id: str = "e1", number: str = NUMBER, now: datetime = NOW, **said: Any
) -> Consultation:
    """A talk like `TALK` but for what is said, saved."""
    entry = log_consultation(
        session,
        by=acting(by),
        number=number,
        entry_id=entry_id,
        talk=replace(TALK, **said),
        needs=NEEDS,
        casework=CASEWORK,
        now=now,
    )
    session.commit()
    return entry
