"""Renewing keys is kept apart from whatever serves from the store, over processes too."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from actions.store.lock import LOCK_FILE, StoreInUseError, hold_store, store_to_oneself

HOLDS = """
import pathlib, sys
from actions.store.lock import hold_store
held = hold_store(pathlib.Path(sys.argv[1]))
print(flush=True)
input()
"""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "data" / "lotse.db"


def alone(store: Path) -> None:
    with store_to_oneself(store):
        pass


def test_many_may_serve_at_once(store: Path) -> None:
    with hold_store(store), hold_store(store):
        pass


def test_while_one_serves_nobody_has_it_to_oneself(store: Path) -> None:
    with hold_store(store):
        with pytest.raises(StoreInUseError, match=r"^Der Lotse läuft noch – .*\.$"):
            alone(store)
        with hold_store(store), pytest.raises(StoreInUseError):
            alone(store)
    alone(store)


def test_one_of_two_who_serve_is_enough(store: Path) -> None:
    first, second = hold_store(store), hold_store(store)
    first.close()
    with pytest.raises(StoreInUseError):
        alone(store)
    second.close()
    alone(store)


def test_nobody_renews_twice_at_once(store: Path) -> None:
    with store_to_oneself(store), pytest.raises(StoreInUseError):
        alone(store)


def test_after_an_error_it_is_free_again(store: Path) -> None:
    with pytest.raises(RuntimeError), store_to_oneself(store):
        raise RuntimeError
    hold_store(store).close()


def test_who_starts_to_serve_waits_for_the_end(store: Path) -> None:
    served = threading.Event()

    def serve() -> None:
        hold_store(store).close()
        served.set()

    with store_to_oneself(store):
        thread = threading.Thread(target=serve)
        thread.start()
        assert not served.wait(0.2)
    assert served.wait(5)
    thread.join()


def test_the_end_of_a_process_lets_go_even_when_killed(store: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(store)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(StoreInUseError):
            alone(store)
    finally:
        process.kill()
        process.communicate(timeout=10)
    alone(store)


def test_the_file_is_its_owners_and_holds_nothing(store: Path) -> None:
    with hold_store(store):
        file = store.with_name(LOCK_FILE)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert file.read_text() == ""
