"""Rasa's own starter project as the yardstick: `rasa init`, its default pipeline, one custom action."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.runtime.environments import rasa_python
from bot.runtime.model import child_environment
from tests.conftest import free_port

ACTION = """
from rasa_sdk import Action


class ActionHello(Action):
    def name(self):
        return "action_hello"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="Hello!")
        return []
"""
RULE = """
- rule: say hello by a custom action
  steps:
  - intent: bot_challenge
  - action: action_hello
"""
START_SECONDS = 180


def rasa(folder: Path, *arguments: str) -> None:
    command = [str(rasa_python()), "-m", "rasa", *arguments]
    subprocess.run(command, cwd=folder, env=child_environment({}), check=True, capture_output=True)


def prepare(folder: Path) -> None:
    """The starter project, trained once and kept."""
    if (folder / "ready").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    rasa(folder, "init", "--no-prompt", "--init-dir", str(folder.resolve()))
    (folder / "actions" / "actions.py").write_text(ACTION)
    rules = folder / "data" / "rules.yml"
    kept = rules.read_text().split("- rule: Say 'I am a bot'")[0]
    rules.write_text(kept + RULE)
    domain = folder / "domain.yml"
    domain.write_text(domain.read_text() + "\nactions:\n  - action_hello\n")
    rasa(folder, "train", "--quiet")
    (folder / "ready").touch()


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Serve the starter; gives the address of its REST channel."""
    prepare(folder)
    port, action_port = free_port(), free_port()
    (folder / "endpoints.yml").write_text(f"action_endpoint:\n  url: http://127.0.0.1:{action_port}/webhook\n")
    (folder / "credentials.yml").write_text("rest:\n")
    environment = child_environment({"SANIC_HOST": "127.0.0.1"})
    action = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(action_port)]
    server = [str(rasa_python()), "-m", "rasa", "run", "-i", "127.0.0.1", "--port", str(port)]
    processes = [
        subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in (action, server)
    ]
    try:
        await_port(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/webhooks/rest/webhook"
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def await_port(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            httpx.get(url, timeout=2, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(url)
