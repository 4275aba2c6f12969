"""A bot that is killed and started again: the process of `lotse run`, as a program without the servers behind it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from actions.settings import Settings
from bot.chain import Chain
from bot.cli import served
from bot.runtime.environments import ROOT
from bot.runtime.model import Model
from bot.serving import serve
from nlu.privacy.training import names_file
from tests.conftest import free_port
from tests.standin.botapi import BotApi

ALONE = (sys.executable, "-m", "tests.end_to_end.faulting")
"""Serves once its standard input ends, and answers from the knowledge alone; all else is as in `lotse run`."""
WHOLE = (sys.executable, "-c", "from bot.cli import main; main()", "run", "--no-chat")
START_SECONDS = 120.0
END_SECONDS = 30.0


def environment(data_dir: Path, model: Model, api: BotApi, **more: str) -> dict[str, str]:
    """A data folder of its own with what is trained in it, free ports, and the stand-in as Telegram."""
    models = data_dir / "models"
    models.mkdir(parents=True, exist_ok=True)
    for file in (model.archive, model.ranker, names_file(model.archive.parent)):
        shutil.copy(file, models)
    ours = {
        "LOTSE_DATA_DIR": str(data_dir),
        "LOTSE_RASA_PORT": str(free_port()),
        "LOTSE_ACTION_PORT": str(free_port()),
        "LOTSE_TELEGRAM_TOKEN": api.token,
        "LOTSE_TELEGRAM_API_URL": api.url,
        "LOTSE_CLAIM_SECONDS": "5",
        "LOTSE_LOG_LEVEL": "DEBUG",
        "TERM": "dumb",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")} | ours | more


@dataclass
class BotProcess:
    """The process, started anew after each kill. What it prints goes to a file beside its data."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    api: BotApi
    serving: subprocess.Popen[bytes] | None = None
    ahead: deque[subprocess.Popen[bytes]] = field(default_factory=deque)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Politely, so that whatever it started ends with it."""
        processes = [*self.ahead, *filter(None, [self.serving])]
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(END_SECONDS)

    def prepare(self) -> None:
        """Load everything for a start to come, which is a matter of a moment then; only for `ALONE`."""
        with Path(self.environment["LOTSE_DATA_DIR"], "printed.txt").open("ab") as printed:
            process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.PIPE,
                stdout=printed,
                stderr=subprocess.STDOUT,
            )
        self.ahead.append(process)

    def start(self) -> None:
        """Once this returns, Telegram is served."""
        before = len(self.api.calls("getUpdates"))
        if not self.ahead:
            self.prepare()
        self.serving = self.ahead.popleft()
        assert self.serving.stdin is not None
        self.serving.stdin.close()
        deadline = time.monotonic() + START_SECONDS
        while len(self.api.calls("getUpdates")) == before:
            assert self.serving.poll() is None, "it ended by itself"
            assert time.monotonic() < deadline, "it does not ask for updates"
            time.sleep(0.02)

    def kill(self) -> None:
        """As `kill -9` does it."""
        assert self.serving is not None
        assert self.serving.poll() is None, "it ended by itself"
        self.serving.kill()
        self.serving.wait()


async def serve_when_told(chain: Chain, settings: Settings) -> None:
    """Wait for the end of standard input, then serve."""
    sys.stdin.read()
    await serve(chain, settings, with_terminal=False, say=print)


if __name__ == "__main__":
    served(serve_when_told, degraded=True)
