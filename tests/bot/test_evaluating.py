"""What an evaluation counts as right, and how it says so."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from actions.answering import ScoredEntry
from bot.asking import Asked
from bot.evaluating import Question, Rate, judge, read_questions, summary
from knowledge.errors import LotseError


def asked(status: str, *entries: str, ms: int = 10, degraded: bool = False) -> Asked:
    shown = [ScoredEntry(id=entry, score=0.9) for entry in entries]
    return Asked(
        question="?", status=status, intent="faq", entries=shown, citation=None, text="", buttons=[], ms=ms,
        degraded=degraded,
    )  # fmt: skip


def question(kind: str, *expect: int | str, accept: list[int | str] | None = None, q: str = "?") -> Question:
    return Question.model_validate({"q": q, "kind": kind, "expect": list(expect), "accept": accept or []})


@pytest.mark.parametrize(
    ("expected", "came", "right", "reached", "wrong_but_sure"),
    [
        (question("in", 27), asked("answer", "faq-27"), True, True, False),
        (question("in", 27), asked("answer", "faq-28", "faq-27"), True, True, False),
        (question("in", 27), asked("choices", "faq-24", "faq-27"), False, True, False),
        (question("in", 27), asked("choices", "faq-24"), False, False, False),
        (question("in", 27), asked("answer", "faq-24"), False, False, True),
        (question("in", 27, accept=[24]), asked("answer", "faq-24"), True, True, False),
        (question("in", 7), asked("answer", "faq-07"), True, True, False),
        (question("in", 7), asked("answer", "faq-70"), False, False, True),
        (question("in", 27), asked("no_answer"), False, False, False),
        (question("law", "aufenthg-25a"), asked("answer", "aufenthg-25a-alter"), True, True, False),
        (question("law", "aufenthg-25a-"), asked("answer", "aufenthg-25a-alter"), True, True, False),
        (question("law", "aufenthg-25a"), asked("answer", "aufenthg-25b-alter"), False, False, True),
        (question("law", "aufenthg-25"), asked("answer", "aufenthg-25a-alter"), False, False, True),
        (question("ambiguous", 13, 38), asked("answer", "faq-13", "faq-38"), True, True, False),
        (question("ambiguous", 13, 38), asked("choices", "faq-13", "faq-38", "faq-14"), True, True, False),
        (question("ambiguous", 13, 38), asked("answer", "faq-13"), False, False, False),
        (question("ambiguous", 13, 38), asked("answer", "faq-27"), False, False, True),
        (question("ambiguous", 13, 38), asked("no_answer"), False, False, False),
        (question("oos"), asked("no_answer"), True, True, False),
        (question("oos"), asked("other"), True, True, False),
        (question("oos"), asked("choices", "faq-27"), False, False, False),
        (question("oos"), asked("answer", "faq-27"), False, False, True),
    ],
)
def test_an_answer_is_judged_by_what_was_expected(
    expected: Question, came: Asked, right: bool, reached: bool, wrong_but_sure: bool
) -> None:
    judged = judge(expected, came)
    assert (judged.right, judged.reached, judged.wrong_but_sure) == (right, reached, wrong_but_sure)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (50, 100, 0.4038, 0.5962),
        (1, 1, 0.2065, 1),
    ],
)
def test_the_interval_of_a_rate_is_wilsons(hits: int, total: int, low: float, high: float) -> None:
    assert Rate(hits, total).interval == pytest.approx((low, high), abs=1e-4)


def test_a_rate_of_nothing_is_no_number() -> None:
    rate = Rate(0, 0)
    assert math.isnan(rate.share)
    assert all(math.isnan(bound) for bound in rate.interval)


def test_the_summary_counts_by_kind_and_lists_what_was_not_right() -> None:
    judged = [
        judge(question("in", 27, q="Wann ist die Frist?"), asked("answer", "faq-27", ms=10)),
        judge(question("in", 13, q="Wie viel Geld gibt es?"), asked("choices", "faq-13", "faq-38", ms=20)),
        judge(question("ambiguous", 13, 38), asked("answer", "faq-13", "faq-38", ms=30)),
        judge(question("oos", q="Wie wird das Wetter?"), asked("answer", "faq-01", ms=400, degraded=True)),
    ]
    assert summary(judged) == [
        "in scope      right at once       50.0%  [9.5%–90.5%]  (1/2)",
        "              or among choices  100.0%  [34.2%–100.0%]  (2/2)",
        "              wrong but sure      0.0%  [0.0%–65.8%]  (0/2)",
        "ambiguous     all covered        100.0%  [20.7%–100.0%]  (1/1)",
        "              wrong but sure      0.0%  [0.0%–79.3%]  (0/1)",
        "out of scope  abstained            0.0%  [0.0%–79.3%]  (0/1)",
        "              wrong but sure    100.0%  [20.7%–100.0%]  (1/1)",
        "answered without Rasa: 1",
        "turn: median 30 ms, p95 30 ms",
        "not right: 2",
        "  in: expected 13, choices faq-13, faq-38: Wie viel Geld gibt es?",
        "  oos: expected –, answer faq-01: Wie wird das Wetter?",
    ]


def test_the_summary_of_nothing_is_empty() -> None:
    assert summary([]) == []


def test_questions_are_read_and_blank_lines_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "fragen.jsonl"
    file.write_text('{"q": "Frist?", "kind": "in", "expect": [27]}\n\n{"q": "Wetter?", "kind": "oos"}\n', "utf-8")
    assert [(one.q, one.kind, one.expect) for one in read_questions(file)] == [
        ("Frist?", "in", [27]),
        ("Wetter?", "oos", []),
    ]


@pytest.mark.parametrize("broken", ["{", "5", '{"q": "Frist?"}', json.dumps({"q": "Frist?", "kind": "innen"})])
def test_a_broken_line_is_named_by_its_number(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "fragen.jsonl"
    file.write_text('{"q": "Wetter?", "kind": "oos"}\n\n' + broken + "\n", "utf-8")
    with pytest.raises(LotseError, match=r"fragen\.jsonl, Zeile 3:"):
        read_questions(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LotseError, match=r"keine\.jsonl lässt sich nicht lesen"):
        read_questions(tmp_path / "keine.jsonl")
