"""The evaluation questions were written apart from the training examples."""

from __future__ import annotations

from pathlib import Path

from bot.evaluating import read_questions
from knowledge.load import load_examples
from knowledge.normalise import plain

HERE = Path(__file__).parent
MOST_ALIKE = 0.6
FROM_WORDS = 4


def trigrams(text: str) -> frozenset[str]:
    padded = f"  {plain(text)} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


def test_no_question_resembles_an_example() -> None:
    examples = [trigrams(example.text) for example in load_examples()]
    for question in read_questions(HERE / "rule_questions.jsonl"):
        if len(plain(question.q).split()) < FROM_WORDS:
            continue
        ours = trigrams(question.q)
        for theirs in examples:
            common = len(ours & theirs)
            assert common < MOST_ALIKE * (len(ours) + len(theirs) - common), question.q


def test_the_set_is_large_and_a_quarter_is_out_of_scope() -> None:
    questions = read_questions(HERE / "rule_questions.jsonl")
    out_of_scope = sum(question.kind == "oos" for question in questions) / len(questions)
    assert len(questions) >= 250
    assert 0.2 <= out_of_scope <= 0.35
    assert len({plain(question.q) for question in questions}) == len(questions)
