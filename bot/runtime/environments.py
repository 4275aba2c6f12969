"""Builds Rasa's own environment (Python 3.10) from the hashed requirements, once per change of them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bot.runtime.progress import Progress
from knowledge.errors import LotseError

ROOT = Path(__file__).resolve().parents[2]
RASA_ENVIRONMENT = ROOT / ".venv-rasa"
REQUIREMENTS = ROOT / "requirements" / "rasa.txt"
VERSION = "3.10"
PROBE_SECONDS = 20


class MissingEnvironmentError(LotseError):
    """Rasa's environment cannot be built."""


def rasa_python() -> Path:
    return RASA_ENVIRONMENT / "bin" / "python"


def ensure_rasa_environment(progress: Progress, python310: Path | None = None) -> Path:
    """The interpreter of Rasa's environment, built where it is missing or out of date (about two minutes)."""
    stamp = RASA_ENVIRONMENT / "built-from"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted and rasa_python().exists():
        return rasa_python()
    interpreter = find_python310(python310)
    with progress.step("Rasas Umgebung wird gebaut (einmalig, etwa zwei Minuten)"):
        run([str(interpreter), "-m", "venv", "--clear", str(RASA_ENVIRONMENT)])
        run([str(rasa_python()), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(REQUIREMENTS)])
        stamp.write_text(wanted, encoding="ascii")
    return rasa_python()


def find_python310(given: Path | None = None) -> Path:
    """A Python 3.10 that really starts; raises `MissingEnvironmentError` naming what to install."""
    for candidate in [given] if given else candidates():
        if candidate is not None and is_python310(candidate):
            return candidate
    where = f"LOTSE_PYTHON310 ({given})" if given else "dieser Maschine"
    raise MissingEnvironmentError(
        f"Auf {where} fehlt ein Python {VERSION} für Rasa – bitte installieren (etwa „uv python install {VERSION}“ "
        f"oder „pyenv install {VERSION}“) oder LOTSE_PYTHON310 auf eines zeigen lassen."
    )


def candidates() -> Iterator[Path]:
    """Where one may be; version managers last, since their shims on the PATH may fail."""
    on_path = shutil.which(f"python{VERSION}")
    if on_path:
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local" / "share" / "uv" / "python")
    yield from sorted(pyenv.glob(f"versions/{VERSION}*/bin/python{VERSION}"), reverse=True)
    yield from sorted(uv.glob(f"*{VERSION}*/bin/python{VERSION}"), reverse=True)
    yield from (Path(prefix) / "bin" / f"python{VERSION}" for prefix in ("/usr", "/usr/local", "/opt/homebrew"))


def is_python310(interpreter: Path) -> bool:
    try:
        probe = subprocess.run(
            [str(interpreter), "-c", "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return probe.returncode == 0 and probe.stdout.strip() == VERSION


def run(command: list[str]) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        last = (finished.stderr.strip() or finished.stdout.strip()).splitlines()[-1:]
        raise MissingEnvironmentError(
            f"Rasas Umgebung ließ sich nicht bauen ({' '.join(last)}) – bitte das Netz prüfen und wiederholen."
        )
