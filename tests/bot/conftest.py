"""The chain at a fixed hour, and the real Telegram channel against the stand-in of the Bot API."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session

from actions.people import keep_only
from actions.settings import Settings
from bot.chain import Chain
from bot.logs import LOUD, configure_logging
from bot.runtime.assembly import TELEGRAM
from bot.understanding import Understanding
from tests.bot.talking import ANNA, BEN, CROWD, ManualClock, Person, RasaStandIn, RunningChannel
from tests.standin.botapi import TOKEN, BotApi


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def chain(chain: Chain, clock: ManualClock) -> Chain:
    return replace(chain, clock=clock)


@pytest.fixture
def api(clock: ManualClock) -> Iterator[BotApi]:
    with BotApi(clock=lambda: clock().timestamp()) as running:
        yield running


@pytest.fixture
def telegram_settings(settings: Settings, api: BotApi) -> Settings:
    staff = {ANNA: "anna", BEN: "ben"} | {number: f"lotse-{number}" for number in CROWD}
    listed = ",".join(f"{number}:{alias}" for number, alias in staff.items())
    return with_telegram(settings, telegram_api_url=api.url, telegram_token=TOKEN, telegram_staff=listed)


def with_telegram(settings: Settings, **telegram: Any) -> Settings:
    """The settings with those of Telegram set, checked like the ones of a real start."""
    kept = {name: getattr(settings, name) for name in ("data_dir", "rasa_port", "action_port")}
    return Settings(**kept, **telegram)


@pytest.fixture
def serving(chain: Chain, telegram_settings: Settings) -> Callable[..., AbstractContextManager[RunningChannel]]:
    """Starts the channel for this chain or another, with changed settings where given."""

    def start(other: Chain | None = None, **changed: Any) -> RunningChannel:
        settings = telegram_settings
        if changed:
            names = ("telegram_api_url", "telegram_token", "telegram_staff")
            settings = with_telegram(settings, **({name: getattr(settings, name) for name in names} | changed))
        serves = other or chain
        with Session(serves.engine) as session:
            listed = {str(account): staff for account, staff in settings.staff.items()}
            keep_only(session, channel=TELEGRAM, listed=listed)
            session.commit()
        return RunningChannel(serves, settings)

    return start


@pytest.fixture
def lotse(serving: Callable[..., AbstractContextManager[RunningChannel]]) -> Iterator[RunningChannel]:
    """The channel, running by long polling."""
    with serving() as running:
        yield running


@pytest.fixture
def anna(api: BotApi) -> Person:
    return Person(api, ANNA)


@pytest.fixture
def ben(api: BotApi) -> Person:
    return Person(api, BEN)


@pytest.fixture
def behind_rasa(chain: Chain) -> Iterator[Callable[..., tuple[Chain, RasaStandIn]]]:
    """A chain with a stand-in of Rasa behind it; takes what that replies to a text, and how many seconds it takes."""
    with ExitStack() as stack:

        def start(reply: Callable[[str], dict[str, Any]], **more: Any) -> tuple[Chain, RasaStandIn]:
            rasa = stack.enter_context(RasaStandIn(reply, **more))
            client = httpx.AsyncClient(base_url=rasa.url, trust_env=False)
            own = Understanding(client, 5.0, chain.knowledge, chain.understanding.ranker)
            return replace(chain, understanding=own), rasa

        yield start


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The log file of a process that logs all it can; logging is as before afterwards."""
    root = logging.getLogger()
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in ("", *LOUD)}
    file = tmp_path / "logs" / "bot.log"
    configure_logging(file, "DEBUG", [TOKEN])
    [own] = root.handlers
    yield file
    own.close()
    others = [handler for handler in root.handlers if handler is not own]
    root.handlers[:] = others + [handler for handler in handlers if handler not in others]
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
