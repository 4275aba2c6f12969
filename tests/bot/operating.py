"""The operator's side in tests: runs `lotse` in this process, with a data folder of its own."""

from __future__ import annotations

import io
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Engine

from actions.store.engine import open_store
from bot.cli import main


class Ran(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The one line a refused command ends with, whatever it named before."""
        assert self.code == 1, self
        assert "Traceback" not in self.err
        line = self.err.splitlines()[-1]
        assert line.startswith("Fehler: "), self
        return line


@dataclass
class Operator:
    """Types commands; every variable given stays set for the next ones."""

    data_dir: Path
    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, stdin: str | bytes = "", **variables: str) -> Ran:
        for name, value in {"LOTSE_DATA_DIR": str(self.data_dir), **variables}.items():
            self.patch.setenv(name, value)
        given = stdin if isinstance(stdin, bytes) else stdin.encode()
        self.patch.setattr(sys, "argv", ["lotse", *arguments])
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
        handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
        self.capture.readouterr()
        try:
            with pytest.raises(SystemExit) as ended:
                main()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        printed = self.capture.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    @property
    def database(self) -> Path:
        return self.data_dir / "lotse.db"

    def store(self) -> Engine:
        """The store as another process, such as the running bot, has it open."""
        return open_store(self.database)
