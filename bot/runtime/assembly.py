"""Puts the chain together from the settings: store, knowledge, guard, the way to Rasa."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from actions.clock import Clock, system_clock
from actions.people import enrol
from actions.practice import load_practice
from actions.requests import requests_of
from actions.settings import Settings
from actions.store.engine import open_store
from bot.chain import Chain
from bot.door import Door
from bot.runtime.model import Model
from bot.understanding import Understanding, rasa_client
from knowledge.load import Knowledge
from knowledge.ranking import load_ranker
from nlu.privacy.guard import PrivacyGuard

TERMINAL = "terminal"
TELEGRAM = "telegram"
LOCAL_ADDRESS = "local"
LOCAL_ALIAS = "lokal"


def open_chain(
    settings: Settings,
    knowledge: Knowledge,
    model: Model,
    guard: PrivacyGuard,
    token: str,
    *,
    clock: Clock = system_clock,
    always_degraded: bool = False,
) -> Chain:
    """The chain of this process."""
    engine = open_database(settings)
    ranker = load_ranker(model.ranker)
    ranker.rank("Aufwärmen, damit die erste Frage nicht wartet")
    understanding = Understanding(
        client=rasa_client(settings.rasa_port, token),
        timeout=settings.turn_timeout,
        knowledge=knowledge,
        ranker=ranker,
        always_degraded=always_degraded,
    )
    return Chain(
        engine,
        knowledge,
        requests_of(load_practice(knowledge, settings.overlay)),
        guard,
        understanding,
        clock,
        Door(settings.messages_per_minute),
        timedelta(hours=settings.chat_hours),
        timedelta(days=settings.transferred_days),
    )


def open_database(settings: Settings) -> Engine:
    """The store of the settings, under its key."""
    url, keys = (secret.get_secret_value() if secret else None for secret in (settings.database_url, settings.keys))
    return open_store(settings.database, url=url, keys=keys)


def enrol_local_person(engine: Engine) -> None:
    """The named person of the terminal on this machine, made by `lotse setup`."""
    with Session(engine) as session, suppress(IntegrityError):  # another command made it at this very moment
        enrol(session, channel=TERMINAL, address=LOCAL_ADDRESS, alias=LOCAL_ALIAS)
        session.commit()
