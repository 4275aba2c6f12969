"""Starts, watches and ends the two servers behind the bot: Rasa and the action server, both on loopback."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import yaml

from actions.settings import LOOPBACK, TOKEN_VARIABLE, Settings
from actions.store.postgres import URL_VARIABLE
from actions.store.vault import KEYS_VARIABLE
from bot.runtime.environments import ROOT, ensure_rasa_environment
from bot.runtime.model import Model, child_environment
from bot.runtime.progress import Progress
from knowledge.errors import LotseError

START_SECONDS = 180
STOP_SECONDS = 8
WATCH_EVERY = 1.0
RESTART_PAUSE = 2.0


logger = logging.getLogger(__name__)


class ServiceError(LotseError):
    """A server did not start; the sentence says which and what to do."""


@dataclass
class Service:
    """One server: how to start it, and where it says that it is well."""

    name: str
    command: list[str]
    environment: dict[str, str]
    port: int
    health: str
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=ROOT,
                start_new_session=True,
            )

    def ask_to_end(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)

    def stop(self) -> None:
        """Wait for the server to end, and end by force what is left of it and of whatever it started."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)
        self.process = None

    def healthy(self, token: str) -> bool:
        try:
            answer = httpx.get(
                f"http://{LOOPBACK}:{self.port}{self.health}",
                headers={"Authorization": f"Bearer {token}"},
                timeout=2,
                trust_env=False,
            )
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK


@dataclass
class Services:
    """Both servers. As a context: starts what does not run yet, restarts what dies, ends only what it started."""

    settings: Settings
    model: Model
    progress: Progress
    token: str = ""
    own: list[Service] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _watcher: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.token = internal_token(self.settings)
        described = self.described()
        missing = [service for service in described if not service.healthy(self.token)]
        serving = self.settings.run_dir / "serving"
        if len(missing) < len(described) and not (serving.exists() and serving.read_text() == self.model.archive.name):
            raise ServiceError(
                "Es läuft noch ein Lotse mit anderem Stand der Wissensbasis – bitte ihn beenden und neu starten."
            )
        for service in missing:
            require_free(service.port, service.name)
        try:
            if missing:
                with self.progress.step("Sprachverständnis und Wissensdienst starten"):
                    for service in missing:
                        self.own.append(service)
                        service.start()
                    for service in missing:
                        self.wait_for(service)
                serving.write_text(self.model.archive.name)
        except BaseException:
            self.stop()
            raise
        self._watcher = threading.Thread(target=self.watch, name="services", daemon=True)
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End what was started here; another Ctrl-C meanwhile changes nothing."""
        self._stopping.set()
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            if self._watcher is not None:
                self._watcher.join(WATCH_EVERY + STOP_SECONDS)
            for service in self.own:
                service.ask_to_end()
            for service in self.own:
                service.stop()
            self.own.clear()
        finally:
            signal.signal(signal.SIGINT, before)

    def watch(self) -> None:
        """Start again what died, after a pause."""
        while not self._stopping.wait(WATCH_EVERY):
            for service in self.own:
                if service.process is not None and service.process.poll() is not None:
                    if self._stopping.wait(RESTART_PAUSE):
                        return
                    try:
                        service.start()
                    except OSError as error:
                        logger.error("%s does not start again: %s", service.name, type(error).__name__)

    def wait_for(self, service: Service) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not service.healthy(self.token):
            if service.process is None or service.process.poll() is not None or time.monotonic() > deadline:
                raise ServiceError(f"Der Dienst „{service.name}“ startet nicht – Einzelheiten stehen in {service.log}.")
            time.sleep(0.1)

    def described(self) -> list[Service]:
        settings, logs = self.settings, self.settings.logs_dir
        logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = {TOKEN_VARIABLE: self.token}
        keys = {KEYS_VARIABLE: settings.keys.get_secret_value()} if settings.keys else {}
        url = {URL_VARIABLE: settings.database_url.get_secret_value()} if settings.database_url else {}
        overlay = ["--overlay", str(settings.overlay.resolve())] if settings.overlay else []
        action_command = [sys.executable, "-m", "actions", "--port", str(settings.action_port)]
        action_command += ["--ranker", str(self.model.ranker.resolve()), *overlay]
        action_command += ["--store", str(settings.database.resolve())]
        action_command += ["--transferred-days", str(settings.transferred_days)]
        python = ensure_rasa_environment(self.progress, settings.python310)
        credentials, endpoints = write_rasa_wiring(settings.run_dir, settings.action_port)
        rasa_command = [str(python), "-m", "rasa", "run", "--quiet", "--interface", LOOPBACK]
        rasa_command += ["--port", str(settings.rasa_port), "--model", str(self.model.archive.resolve())]
        rasa_command += ["--credentials", str(credentials), "--endpoints", str(endpoints)]
        return [
            Service(
                "Wissensdienst", action_command, child_environment(secret | keys | url), settings.action_port,
                "/health", logs / "actions.log",
            ),
            Service(
                "Rasa", rasa_command, child_environment(secret), settings.rasa_port, "/webhooks/lotse/",
                logs / "rasa.log",
            ),
        ]  # fmt: skip


def write_rasa_wiring(folder: Path, action_port: int) -> tuple[Path, Path]:
    """Rasa's credentials and endpoints; the token stays in the environment."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    credentials, endpoints = folder / "credentials.yml", folder / "endpoints.yml"
    token = "${" + TOKEN_VARIABLE + "}"
    credentials.write_text(yaml.safe_dump({"nlu.components.channel.LotseInput": {"token": token}}), encoding="utf-8")
    wiring = {
        "action_endpoint": {
            "url": f"http://{LOOPBACK}:{action_port}/webhook",
            "headers": {"Authorization": f"Bearer {token}"},
        },
        "tracker_store": {"type": "nlu.components.trackers.DisposableTrackerStore"},
    }
    endpoints.write_text(yaml.safe_dump(wiring), encoding="utf-8")
    return credentials.resolve(), endpoints.resolve()


def internal_token(settings: Settings) -> str:
    """The token the processes share: from the settings, else kept in a file only its owner may read."""
    if settings.internal_token is not None:
        return settings.internal_token.get_secret_value()
    folder = settings.run_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "internal-token"
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(32))
    return file.read_text(encoding="ascii").strip()


def require_free(port: int, name: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            variable = "LOTSE_RASA_PORT" if name == "Rasa" else "LOTSE_ACTION_PORT"
            raise ServiceError(
                f"Port {port} für „{name}“ ist schon belegt – bitte das andere Programm beenden oder {variable} ändern."
            ) from error
