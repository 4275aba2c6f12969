"""Keeps the renewal of keys apart from this machine's running processes, which hold the key they started with."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from knowledge.errors import LotseError

LOCK_FILE = "lotse.lock"


class StoreInUseError(LotseError):
    """Another process serves from the store."""


def hold_store(store: Path) -> IO[str]:
    """Say that this process serves from the store, until the returned file is closed or the process ends."""
    held = lock_file(store)
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


@contextmanager
def store_to_oneself(store: Path) -> Iterator[None]:
    """Raises `StoreInUseError` while any process serves from the store; keeps new ones waiting meanwhile."""
    with lock_file(store) as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise in_use() from None
        yield


def lock_file(store: Path) -> IO[str]:
    store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = store.with_name(LOCK_FILE)
    file.touch(mode=0o600)
    return file.open("r+")


def in_use() -> StoreInUseError:
    return StoreInUseError("Der Lotse läuft noch – bitte ihn beenden und den Befehl wiederholen.")
