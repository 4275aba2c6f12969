"""Shows what is going on whenever it takes longer than a moment; on standard error, so that output stays clean."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """One line per step: a spinner on a terminal, plain lines elsewhere."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Shows the step while it runs, and how many seconds it took."""
        began = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(f"{what} …"):
                yield
        else:
            self.console.print(f"{what} …")
            yield
        self.console.print(f"✓ {what} ({time.monotonic() - began:.0f} s)")

    def say(self, sentence: str) -> None:
        self.console.print(sentence)
