"""`lotse` as a person runs it: a real process, a real terminal, and nothing left behind."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bot.runtime.model import Model
from nlu.privacy.guard import PrivacyGuard
from nlu.privacy.training import names_file
from tests.conftest import free_port
from tests.standin.botapi import BotApi

pytestmark = pytest.mark.rasa
LOTSE = [sys.executable, "-c", "from bot.cli import main; main()"]


@pytest.fixture
def environment(tmp_path: Path, model: Model, guard: PrivacyGuard) -> dict[str, str]:
    """A data folder of its own with what is trained in it, and free ports."""
    models = tmp_path / "data" / "models"
    models.mkdir(parents=True)
    for file in (model.archive, model.ranker, names_file(model.archive.parent)):
        shutil.copy(file, models)
    ours = {
        "LOTSE_DATA_DIR": str(tmp_path / "data"),
        "LOTSE_RASA_PORT": str(free_port()),
        "LOTSE_ACTION_PORT": str(free_port()),
        "TERM": "dumb",
    }
    return {**{name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")}, **ours}


@pytest.fixture
def nothing_left(environment: dict[str, str]) -> Iterator[None]:
    yield
    ports = {int(environment["LOTSE_RASA_PORT"]), int(environment["LOTSE_ACTION_PORT"])}
    deadline = time.monotonic() + 10
    while listening(ports):
        assert time.monotonic() < deadline, "a server was left behind"
        time.sleep(0.2)


def listening(ports: set[int]) -> bool:
    return any(c.status == psutil.CONN_LISTEN and c.laddr.port in ports for c in psutil.net_connections(kind="inet"))


@pytest.mark.usefixtures("nothing_left")
def test_ask_starts_what_is_not_running_and_answers_as_json(environment: dict[str, str]) -> None:
    question = "Welche Fallzahl wird je Stelle empfohlen?"
    finished = subprocess.run([*LOTSE, "ask", "--json", question], env=environment, capture_output=True, text=True)
    answer = json.loads(finished.stdout)
    assert finished.returncode == 0
    assert answer["status"] == "answer"
    assert [entry["id"] for entry in answer["entries"]] == ["faq-33"]
    assert set(answer) >= {"question", "status", "intent", "entries", "citation", "text", "buttons", "ms"}


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_run_chats_in_a_terminal_and_leaves_nothing_behind(environment: dict[str, str], how: signal.Signals) -> None:
    process, terminal = in_a_terminal([*LOTSE, "run"], environment)
    seen = read_until(terminal, "/ende beendet alles", 120)
    os.write(terminal, b"wer zahlt den eigenanteil?\r")
    seen += read_until(terminal, "Frage 21", 30)
    assert "Vollfinanzierung" in seen
    process.send_signal(how)
    assert process.wait(30) in (0, 130, -signal.SIGINT)


@pytest.mark.usefixtures("nothing_left")
def test_run_serves_telegram_through_real_rasa(environment: dict[str, str]) -> None:
    with BotApi() as api:
        environment |= {
            "LOTSE_TELEGRAM_TOKEN": api.token,
            "LOTSE_TELEGRAM_API_URL": api.url,
            "LOTSE_TELEGRAM_STAFF": "4711:lotse-1",
            "LOTSE_LOG_LEVEL": "DEBUG",
        }
        process = subprocess.Popen([*LOTSE, "run", "--no-chat"], env=environment, stdin=subprocess.DEVNULL)
        try:
            api.wait_for_call("getUpdates", count=1, timeout=120)
            api.user_sends(4711, "bis wann muss der antrag fürs nächste jahr raus?", user_id=4711)
            reply = api.wait_for_reply(4711, timeout=20)
            assert "FAQ KIM NRW, Frage 27, Stand 23.04.2026" in reply.text
            api.user_sends(99, "darf ich auch?", user_id=99)
            assert "nur angemeldete" in api.wait_for_reply(99, timeout=20).text
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
        for log in (Path(environment["LOTSE_DATA_DIR"]) / "logs").iterdir():
            text = log.read_text(encoding="utf-8", errors="replace")
            assert api.token not in text
            assert "antrag fürs" not in text


def test_a_taken_port_is_one_clear_line(environment: dict[str, str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["LOTSE_RASA_PORT"])))
        taken.listen()
        finished = subprocess.run([*LOTSE, "ask", "hallo"], env=environment, capture_output=True, text=True)
    assert finished.returncode == 1
    assert "LOTSE_RASA_PORT" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_wrong_token_is_one_clear_line(environment: dict[str, str]) -> None:
    with BotApi() as api:
        environment |= {
            "LOTSE_TELEGRAM_TOKEN": "1234567:" + "x" * 35,
            "LOTSE_TELEGRAM_API_URL": api.url,
            "LOTSE_TELEGRAM_STAFF": "4711:lotse-1",
        }
        command = [*LOTSE, "run", "--no-chat"]
        finished = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
        )
    assert finished.returncode == 1
    assert "LOTSE_TELEGRAM_TOKEN" in finished.stderr
    assert "Traceback" not in finished.stderr


def in_a_terminal(command: list[str], environment: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    return process, ours


def read_until(terminal: int, words: str, seconds: float) -> str:
    seen = ""
    deadline = time.monotonic() + seconds
    while words not in seen:
        assert time.monotonic() < deadline, f"waited in vain for {words!r}; saw: {seen[-2000:]}"
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 65536).decode("utf-8", errors="replace")
    return seen
