"""What all tests share: the real knowledge, the trained ranker, settings of their own, and no network but loopback."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from actions.clock import system_clock
from actions.practice import load_practice
from actions.requests import requests_of
from actions.settings import Settings
from actions.store.engine import open_store
from bot.chain import Chain
from bot.door import Door
from bot.runtime.assembly import enrol_local_person
from bot.runtime.environments import ROOT
from bot.runtime.model import Model, ensure_model
from bot.runtime.progress import Progress
from bot.understanding import Understanding
from knowledge.load import Knowledge, load_knowledge
from knowledge.ranking import Ranker, load_ranker
from nlu.privacy.guard import PrivacyGuard
from nlu.privacy.training import ensure_guard
from tests.postgres import Postgres, running_postgres

SOURCE = ROOT.parent / "shared" / "sources" / "kim-faq-nrw-2026-04-23.txt"


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """A test that reaches for the network fails."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
            raise AssertionError(f"a test reached for the network: {address[0]}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host.partition("%")[0]).is_loopback


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LOTSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="session")
def model(knowledge: Knowledge) -> Model:
    """The model that fits the data, trained if there is none yet."""
    return ensure_model(Settings(data_dir=ROOT / ".lotse"), knowledge, Progress())


@pytest.fixture(scope="session")
def ranker(model: Model) -> Ranker:
    return load_ranker(model.ranker)


@pytest.fixture(scope="session")
def guard(knowledge: Knowledge) -> PrivacyGuard:
    return ensure_guard(ROOT / ".lotse" / "models", knowledge)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of this test alone, on free ports."""
    return Settings(data_dir=tmp_path / "data", rasa_port=free_port(), action_port=free_port())


@pytest.fixture
def chain(settings: Settings, knowledge: Knowledge, ranker: Ranker, guard: PrivacyGuard) -> Iterator[Chain]:
    """The real chain on a store of its own, with the local person; without Rasa behind it."""
    engine = open_store(settings.database)
    enrol_local_person(engine)
    understanding = Understanding(httpx.AsyncClient(), 5.0, knowledge, ranker, always_degraded=True)
    requests = requests_of(load_practice(knowledge))
    yield Chain(engine, knowledge, requests, guard, understanding, system_clock, Door(messages_per_minute=1000))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def faq_source() -> Path:
    """The official FAQ's text, which is not part of the repository."""
    if not SOURCE.exists():
        pytest.skip("der Text der offiziellen FAQ liegt nicht vor; er gehört nicht zum Repository")
    return SOURCE
