"""The guard on texts that others wrote, apart from everything its tagger was trained from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nlu.privacy.generating import SLOT
from nlu.privacy.guard import PrivacyGuard
from nlu.privacy.lexicon import SENTENCES_FILE, keys, name_pools
from tests.nlu.privacy.measuring import Case, Figures, read_cases, score

EVALUATION = Path(__file__).parents[2] / "evaluation"
TEXTS = EVALUATION / "privacy_texts.jsonl"
QUESTIONS = EVALUATION / "rule_questions.jsonl"


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    if not TEXTS.exists():
        pytest.skip("die markierten Texte liegen noch nicht vor")
    return read_cases(TEXTS)


@pytest.fixture(scope="module")
def figures(guard: PrivacyGuard, cases: list[Case]) -> Figures:
    return score(guard, cases)


def test_personal_data_is_found(figures: Figures) -> None:
    assert figures.recall >= 0.97, f"{figures}; missed: {figures.missed}"


def test_little_else_is_masked(figures: Figures) -> None:
    assert figures.masked_outside <= 0.02, f"{figures}; touched: {figures.touched}"


def test_clean_texts_stay_clean(figures: Figures) -> None:
    assert figures.clean_touched <= 0.03, f"{figures}; touched: {figures.touched}"


def test_rule_questions_stay_untouched(guard: PrivacyGuard) -> None:
    questions = [json.loads(line)["q"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    figures = score(guard, [Case(question, ()) for question in questions])
    assert figures.clean_touched <= 0.01, figures.touched


def test_no_evaluated_text_is_among_the_sentences_of_the_training(cases: list[Case]) -> None:
    templates = {bare(SLOT.sub(" ", line)) for line in SENTENCES_FILE.read_text(encoding="utf-8").splitlines()}
    for case in cases:
        text = case.text
        for span in reversed(case.spans):
            text = f"{text[: span.start]} {text[span.end :]}"
        assert len(bare(text).split()) < 4 or bare(text) not in templates


def test_how_many_evaluated_names_the_lists_hold_is_told(
    cases: list[Case], record_property: pytest.RecordProperty
) -> None:
    known = {key for origin in name_pools().origins for names in origin for name in names for key in keys(name)}
    names = [case.text[span.start : span.end] for case in cases for span in case.spans if span.label == "PERSON"]
    held = sum(any(key in known for key in keys(name)) for name in names)
    record_property("names in the lists", f"{held} of {len(names)}")
    assert 0 < held <= len(names)


def bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
