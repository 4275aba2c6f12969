"""How well intents are told apart in messages by other writers."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

from actions.practice import load_practice
from actions.requests import requests_of
from bot.reading import Reading
from knowledge.load import Knowledge, load_examples
from knowledge.normalise import plain
from knowledge.ranking import Ranker

HERE = Path(__file__).parent
SETS = ("intents.jsonl", "consultations.jsonl", "reminders.jsonl")
LEAST = 0.95
"""What is asked."""


def messages() -> list[dict[str, str]]:
    """All but the few fragments that everybody writes in the same words, examples included."""
    trained = {plain(example.text) for example in load_examples()}
    lines = [line for name in SETS for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
    return [message for message in map(json.loads, lines) if plain(message["q"]) not in trained]


def test_intents_are_told_apart(knowledge: Knowledge, ranker: Ranker) -> None:
    reading = Reading(ranker, requests_of(load_practice(knowledge)))
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for message in messages():
        intent = message["intent"]
        asked[intent] += 1
        right[intent] += reading.read(message["q"], datetime.fromisoformat(message["now"]))["intent"] == intent
    assert asked.total() >= 900
    figures = ", ".join(f"{intent} {right[intent]}/{count}" for intent, count in asked.items())
    assert right.total() / asked.total() >= LEAST, figures
