"""The trained model: trained where none fits the data, kept under the fingerprint of what it was trained from."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from actions.settings import Settings
from bot.runtime.environments import ROOT, ensure_rasa_environment
from bot.runtime.progress import Progress
from knowledge.casework import load_casework
from knowledge.errors import ModelError
from knowledge.load import Knowledge, load_examples
from knowledge.ranking import RANKER_FILE
from nlu.training import fingerprint, write_training_data

KEPT_MODELS = 3
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONWARNINGS": "ignore",
}
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


@dataclass(frozen=True)
class Model:
    """Rasa's archive, and the ranker taken out of it for the processes beside Rasa."""

    archive: Path
    ranker: Path


def ensure_model(settings: Settings, knowledge: Knowledge, progress: Progress) -> Model:
    """The model that fits the data; raises `ModelError` if training fails."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with one_at_a_time(settings.data_dir / "training.lock"):
        project = settings.data_dir / "training"
        write_training_data(project, knowledge, load_casework(settings.overlay), load_examples(settings.overlay))
        name = fingerprint(project)
        model = Model(settings.models_dir / f"{name}.tar.gz", settings.models_dir / f"{name}.{RANKER_FILE}")
        if not (model.archive.exists() and model.ranker.exists()):
            python = ensure_rasa_environment(progress, settings.python310)
            with progress.step("Das Sprachmodell wird trainiert (ein bis zwei Minuten)"):
                train(python, project, model, settings.logs_dir / "training.log")
            forget_old(settings.models_dir)
    return model


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Hold a lock that other processes wait for, so that no two train at once."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def train(python: Path, project: Path, model: Model, log: Path) -> None:
    """Run `rasa train` on the written project."""
    folder = model.archive.parent
    folder.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    arguments = ["--config", project / "config.yml", "--domain", project / "domain.yml", "--data", project / "data"]
    arguments += ["--out", folder, "--fixed-model-name", model.archive.name.removesuffix(".tar.gz")]
    arguments += ["--force", "--quiet"]  # Rasa's own cache does not see changes in the code that the component calls
    with log.open("w", encoding="utf-8") as out:
        finished = subprocess.run(
            [str(python), "-m", "rasa", "train", *map(str, arguments)],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=child_environment({}),
            cwd=ROOT,
            check=False,
        )
    if finished.returncode or not model.archive.exists():
        model.archive.unlink(missing_ok=True)
        raise ModelError(f"Das Training ist gescheitert – Einzelheiten stehen in {log}.")
    take_out_ranker(model)


def take_out_ranker(model: Model) -> None:
    """Put the ranker beside the archive, so that questions can be answered while Rasa is away."""
    with tarfile.open(model.archive) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name.endswith(f"/{RANKER_FILE}") else None
            if content is not None:
                partial = model.ranker.with_suffix(".part")
                partial.write_bytes(content.read())
                partial.rename(model.ranker)
                return
    raise ModelError("Im Sprachmodell fehlt die Rangfolge – bitte „lotse train“ wiederholen.")


def forget_old(folder: Path) -> None:
    """Keep the newest models only; another checkout or an older process may still use the one before."""
    archives = sorted(folder.glob("*.tar.gz"), key=lambda file: file.stat().st_mtime, reverse=True)
    for archive in archives[KEPT_MODELS:]:
        archive.unlink(missing_ok=True)
        archive.with_name(archive.name.removesuffix("tar.gz") + RANKER_FILE).unlink(missing_ok=True)


def child_environment(extra: dict[str, str]) -> dict[str, str]:
    """What a child process needs to know and no more: no bot token, no settings."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed | QUIET | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | extra
