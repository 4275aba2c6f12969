"""Real Rasa and the real action server, started once for all end-to-end tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from actions.people import enrol
from actions.settings import Settings
from actions.store.models import Role
from bot.asking import prepare_local_person
from bot.chain import Chain
from bot.runtime.assembly import TERMINAL, open_chain
from bot.runtime.model import Model
from bot.runtime.progress import Progress
from bot.runtime.services import Services
from knowledge.load import Knowledge
from nlu.privacy.guard import PrivacyGuard
from tests.bot.talking import Talk
from tests.conftest import free_port

Colleague = Callable[..., Talk]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Iterator[Services]:
    """Both servers on free ports."""
    folder: Path = tmp_path_factory.mktemp("running")
    settings = Settings(
        data_dir=folder, rasa_port=free_port(), action_port=free_port(), turn_timeout=10.0, log_level="DEBUG"
    )
    with Services(settings, model, Progress()) as services:
        yield services


@pytest.fixture
async def rasa_chain(running: Services, knowledge: Knowledge, guard: PrivacyGuard) -> AsyncIterator[Chain]:
    """The chain of a bot with both servers behind it."""
    chain = open_chain(running.settings, knowledge, running.model, guard, running.token)
    prepare_local_person(chain)
    yield chain
    await chain.understanding.client.aclose()
    chain.engine.dispose()


@pytest.fixture
def colleague(rasa_chain: Chain) -> Colleague:
    """A conversation of somebody with this alias."""

    def make(alias: str, role: Role = Role.CASE_MANAGER) -> Talk:
        with Session(rasa_chain.engine) as session:
            enrol(session, channel=TERMINAL, address=alias, alias=alias, role=role)
            session.commit()
        return Talk(rasa_chain, conversation=alias, address=alias)

    return make
