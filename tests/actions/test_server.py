"""The action server as it runs: its own process on loopback, asked over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from actions.server import LOOPBACK, TOKEN_VARIABLE
from tests.conftest import free_port
from tests.knowledge.tiny_ranker import train_tiny_ranker

ROOT = Path(__file__).parents[2]
TOKEN = "nur-fuer-diesen-test"
SECRET_TEXT = "Klientin Xanthippe fragt nach der Frist"
STARTS_WITHIN = 30.0
"""Seconds."""


@dataclass
class Server:
    url: str
    log: Path

    def post(self, path: str, body: Any, token: str = TOKEN) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", json=body, headers={"Authorization": f"Bearer {token}"})

    def run(self, action: str, **message: Any) -> list[dict[str, Any]]:
        """The responses of one turn, as Rasa asks for it."""
        call = {
            "next_action": action,
            "sender_id": "conversation-1",
            "tracker": {
                "sender_id": "conversation-1",
                "slots": {},
                "latest_message": {"text": SECRET_TEXT, "intent": {"name": "faq"}, "entities": [], **message},
                "events": [],
                "paused": False,
                "latest_input_channel": "lotse",
                "active_loop": {},
                "latest_action": {},
            },
            "domain": {},
            "version": "3.6.21",
        }
        answer = self.post("/webhook", call)
        assert answer.status_code == 200
        responses: list[dict[str, Any]] = answer.json()["responses"]
        return responses


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    port = free_port()
    train_tiny_ranker().save(folder / "ranker.npz")
    running = Server(f"http://{LOOPBACK}:{port}", folder / "actions.log")
    with running.log.open("w") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "actions", "--port", str(port)),
                *("--ranker", str(folder / "ranker.npz"), "--store", str(folder / "lotse.db")),
                *("--transferred-days", "30"),
            ],
            cwd=ROOT,
            env={**os.environ, TOKEN_VARIABLE: TOKEN},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_it_answers(running, process)
        yield running
    finally:
        process.terminate()
        process.wait(10)


def wait_until_it_answers(running: Server, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < give_up and process.poll() is None:
        try:
            httpx.get(f"{running.url}/health")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the action server did not start: {running.log.read_text()[-2000:]}")


@pytest.mark.parametrize("path", ["/", "/health", "/webhook", "/actions", "/docs", "/nothing/here"])
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT"])
def test_nothing_is_answered_without_the_token(server: Server, method: str, path: str) -> None:
    assert httpx.request(method, f"{server.url}{path}").status_code == 401


def test_not_even_a_browsers_preflight_is(server: Server) -> None:
    assert httpx.options(f"{server.url}/webhook", headers={"Origin": "https://example.org"}).status_code == 401


@pytest.mark.parametrize("given", [b"", b"Bearer", b"Bearer wrong", b"Bearer " + TOKEN.encode() + b"x", b"Bearer \xff"])
def test_a_wrong_token_is_none(server: Server, given: bytes) -> None:
    answer = httpx.get(f"{server.url}/health", headers={b"Authorization": given})
    assert (answer.status_code, answer.json()) == (401, {"status": "unauthorised"})


def test_with_the_token_it_says_that_it_is_well(server: Server) -> None:
    answer = httpx.get(f"{server.url}/health", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_question_is_answered_from_the_ranking_that_travelled_with_it(server: Server) -> None:
    ranking = {"confidence": 0.99, "candidates": [{"label": "faq-27", "score": 0.9}]}
    (reply,) = server.run("action_answer", question_ranking=ranking, metadata={"now": "2026-11-23T09:00:00+00:00"})
    assert reply["custom"]["status"] == "answer"
    assert [entry["id"] for entry in reply["custom"]["entries"]] == ["faq-27"]


def test_the_messages_own_time_decides_what_is_valid(server: Server) -> None:
    ranking = {"confidence": 0.99, "candidates": [{"label": "faq-27", "score": 0.9}]}
    last_minute, next_day = "2028-12-31T22:59:00+00:00", "2028-12-31T23:00:00+00:00"  # midnight in Germany
    (before,) = server.run("action_answer", question_ranking=ranking, metadata={"now": last_minute})
    (after,) = server.run("action_answer", question_ranking=ranking, metadata={"now": next_day})
    assert (before["custom"]["status"], after["custom"]["status"]) == ("answer", "no_answer")


def test_a_failing_action_says_so_without_the_text(server: Server) -> None:
    (reply,) = server.run("action_answer", metadata={"now": SECRET_TEXT})
    assert (reply["custom"]["status"], reply["custom"]["intent"]) == ("other", "failed")
    assert "Xanthippe" not in str(reply)


def test_an_unknown_action_says_so_too(server: Server) -> None:
    (reply,) = server.run("action_unknown")
    assert reply["custom"]["intent"] == "failed"


@pytest.mark.parametrize(
    "body",
    [
        f'{{"broken": "{SECRET_TEXT}',
        f'"{SECRET_TEXT}"',
        f'{{"next_action": "action_answer", "tracker": "{SECRET_TEXT}"}}',
    ],
    ids=["no json", "no object", "no tracker"],
)
def test_a_request_that_makes_no_sense_is_not_quoted_back(server: Server, body: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    answer = httpx.post(f"{server.url}/webhook", content=body.encode(), headers=headers)
    assert "Xanthippe" not in answer.text


def test_its_log_names_what_failed_and_never_what_was_written(server: Server) -> None:
    server.run("action_answer", metadata={"now": SECRET_TEXT})
    httpx.post(
        f"{server.url}/webhook",
        content=f'{{"broken": "{SECRET_TEXT}'.encode(),
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    log = server.log.read_text()
    assert "action action_answer failed: ValueError" in log
    assert "Xanthippe" not in log
    assert TOKEN not in log
