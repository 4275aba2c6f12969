"""Real Rasa and the real action server, started once for all end-to-end tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from actions.settings import Settings
from bot.asking import prepare_local_person
from bot.chain import Chain
from bot.runtime.assembly import open_chain
from bot.runtime.model import Model
from bot.runtime.progress import Progress
from bot.runtime.services import Services
from knowledge.load import Knowledge
from nlu.privacy.guard import PrivacyGuard
from tests.conftest import free_port


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
