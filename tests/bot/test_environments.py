"""Finding the Python 3.10 that Rasa needs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.runtime.environments import MissingEnvironmentError, find_python310

SYSTEM_WIDE = [Path(prefix) / "bin" / "python3.10" for prefix in ("/usr", "/usr/local", "/opt/homebrew")]


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of our own: nothing on the PATH, no version manager. Gives the folder on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    return folder


def interpreter(place: Path, *lines: str) -> Path:
    """A program that acts as an interpreter does when asked for its version."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="ascii")
    place.chmod(0o755)
    return place


def test_the_one_on_the_path_is_taken(bare_machine: Path) -> None:
    good = interpreter(bare_machine / "python3.10", "echo 3.10")
    assert find_python310() == good


def test_a_shim_that_fails_is_passed_over_for_the_one_behind_it(bare_machine: Path, tmp_path: Path) -> None:
    shim = interpreter(bare_machine / "python3.10", "echo 'pyenv: python3.10: command not found' >&2", "exit 127")
    good = interpreter(tmp_path / "pyenv/versions/3.10.14/bin/python3.10", "echo 3.10")
    assert shutil.which("python3.10") == str(shim)
    assert find_python310() == good


def test_one_that_is_no_program_is_passed_over(bare_machine: Path, tmp_path: Path) -> None:
    broken = interpreter(bare_machine / "python3.10")
    broken.write_bytes(b"\x00\x01")
    good = interpreter(tmp_path / "uv/cpython-3.10.14-linux/bin/python3.10", "echo 3.10")
    assert find_python310() == good


def test_the_newest_of_several_versions_is_taken(tmp_path: Path) -> None:
    interpreter(tmp_path / "pyenv/versions/3.10.4/bin/python3.10", "exit 1")
    good = interpreter(tmp_path / "pyenv/versions/3.10.14/bin/python3.10", "echo 3.10")
    assert find_python310() == good


@pytest.mark.skipif(any(place.exists() for place in SYSTEM_WIDE), reason="this machine has a Python 3.10 of its own")
def test_where_there_is_none_one_german_line_says_what_to_do() -> None:
    with pytest.raises(MissingEnvironmentError) as raised:
        find_python310()
    sentence = raised.value.sentence
    assert "\n" not in sentence
    assert "fehlt ein Python 3.10" in sentence
    assert "bitte installieren" in sentence


def test_a_given_path_that_is_wrong_is_named_with_its_variable(bare_machine: Path, tmp_path: Path) -> None:
    interpreter(bare_machine / "python3.10", "echo 3.10")
    with pytest.raises(MissingEnvironmentError) as raised:
        find_python310(tmp_path / "nirgends")
    assert "LOTSE_PYTHON310" in raised.value.sentence
    assert str(tmp_path / "nirgends") in raised.value.sentence
    assert "\n" not in raised.value.sentence


def test_a_given_path_to_another_version_is_refused(tmp_path: Path) -> None:
    newer = interpreter(tmp_path / "python", "echo 3.12")
    with pytest.raises(MissingEnvironmentError, match="LOTSE_PYTHON310"):
        find_python310(newer)


def test_a_given_path_is_taken_before_the_one_on_the_path(bare_machine: Path, tmp_path: Path) -> None:
    interpreter(bare_machine / "python3.10", "echo 3.10")
    given = interpreter(tmp_path / "mine", "echo 3.10")
    assert find_python310(given) == given
