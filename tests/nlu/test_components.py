"""What runs inside Rasa, asked under Rasa's own interpreter (Python 3.10), one process for all questions."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.knowledge.tiny_ranker import train_tiny_ranker

ROOT = Path(__file__).parents[2]
RASA_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
INSIDE = Path(__file__).parent / "inside_rasa.py"

pytestmark = pytest.mark.skipif(
    not RASA_PYTHON.exists(), reason="die Umgebung für Rasa (.venv-rasa) fehlt; „lotse setup“ legt sie an"
)


@pytest.fixture(scope="module")
def inside() -> dict[str, Any]:
    """What inside_rasa.py saw."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    finished = subprocess.run([RASA_PYTHON, INSIDE], env=environment, capture_output=True, text=True, timeout=120)
    assert finished.returncode == 0, finished.stderr[-2000:]
    seen: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return seen


def test_it_is_rasas_interpreter_and_everything_it_needs_loads(inside: dict[str, Any]) -> None:
    assert inside["python"] == [3, 10]


def test_nothing_else_of_the_project_is_loaded_there(inside: dict[str, Any]) -> None:
    assert inside["ours"] == [
        "knowledge",
        "knowledge.errors",
        "knowledge.normalise",
        "knowledge.ranking",
        "nlu",
        "nlu.components",
        "nlu.components.channel",
        "nlu.components.question_ranker",
        "nlu.components.trackers",
    ]


def test_what_a_person_typed_never_becomes_an_intent(inside: dict[str, Any]) -> None:
    assert {typed: read for typed, read in inside["read"].items() if read.startswith("/")} == {}


@pytest.mark.parametrize(
    ("typed", "read"),
    [("/restart", "restart"), (" //x", "x"), ("und/oder", "und/oder"), ("1/3", "1/3"), ("", ""), ("/", "")],
)
def test_leading_slashes_are_taken_off(inside: dict[str, Any], typed: str, read: str) -> None:
    assert inside["read"][typed] == read


def test_strangers_are_refused_at_the_door(inside: dict[str, Any]) -> None:
    assert inside["statuses"] == {"": 401, "Bearer wrong": 401, "Bearer ": 401, "secret": 401, "Bearer secret": None}


def test_a_door_without_a_token_is_not_opened(inside: dict[str, Any]) -> None:
    assert inside["without_token"] == "RasaException"


def test_a_question_carries_its_label_and_voice_into_training(inside: dict[str, Any]) -> None:
    assert inside["sample"] == ["bis wann antrag", "faq-27", "hurried"]
    assert inside["small_talk_sample"] == ["hallo", "smalltalk", ""]


def test_the_ranking_travels_with_the_message(inside: dict[str, Any]) -> None:
    message = inside["message"]
    assert message["intent"] == {"name": "faq", "confidence": 0.6}
    assert message["intent_ranking"] == [
        {"name": "faq", "confidence": 0.6},
        {"name": "out_of_scope", "confidence": 0.3},
    ]
    assert message["question_ranking"]["confidence"] == 0.8
    assert [candidate["label"] for candidate in message["question_ranking"]["candidates"]] == [
        "faq-27",
        "out_of_scope",
        "faq-33",
    ]


def test_a_message_without_a_ranking_is_out_of_scope(inside: dict[str, Any]) -> None:
    assert inside["empty_message"]["intent"] == {"name": "out_of_scope", "confidence": 0.0}


def test_a_ranker_trained_there_says_the_same_as_here(inside: dict[str, Any]) -> None:
    here = train_tiny_ranker().rank("bis wann muss der antrag da sein")
    assert [candidate[0] for candidate in inside["ranked"]] == [candidate.label for candidate in here.candidates]
    assert [candidate[1] for candidate in inside["ranked"]] == pytest.approx(
        [c.score for c in here.candidates], abs=0.01
    )


class TestTrackers:
    def test_what_was_unused_too_long_is_forgotten(self, inside: dict[str, Any]) -> None:
        assert inside["after_old"] == ["fresh"]

    def test_the_longest_unused_go_when_there_are_too_many(self, inside: dict[str, Any]) -> None:
        assert inside["after_surplus"] == ["c", "a"]

    def test_a_conversation_still_kept_is_found_again(self, inside: dict[str, Any]) -> None:
        assert inside["retrieved"] == ["a", None]
