"""Asks a file of questions with known answers and counts what came of them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ValidationError

from bot.asking import Asked
from knowledge.errors import LotseError

Z = 1.96
"""For intervals that hold in 95 of 100 samples."""

Kind = Literal["in", "ambiguous", "oos", "law"]


class Question(BaseModel):
    """A line of an evaluation file. Numbers are FAQ numbers, strings prefixes of entry ids."""

    q: str
    kind: Kind
    expect: list[int | str] = []
    accept: list[int | str] = []


class Judged(NamedTuple):
    """What one answer was worth: right at once, right at once or among the choices, wrong but sure."""

    question: Question
    asked: Asked
    right: bool
    reached: bool
    wrong_but_sure: bool


class Rate(NamedTuple):
    """A share with its 95 % interval (Wilson)."""

    hits: int
    total: int

    @property
    def share(self) -> float:
        return self.hits / self.total if self.total else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.total:
            return math.nan, math.nan
        p, n = self.share, self.total
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        reach = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return max(0.0, middle - reach), min(1.0, middle + reach)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.share:6.1%}  [{low:.1%}–{high:.1%}]  ({self.hits}/{self.total})"


def read_questions(file: Path) -> list[Question]:
    """The lines of an evaluation file; raises `LotseError` naming the first broken line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LotseError(f"{file} lässt sich nicht lesen – bitte den Pfad prüfen.") from error
    questions = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                questions.append(Question.model_validate(json.loads(line)))
            except (ValueError, ValidationError) as error:
                raise LotseError(f"{file.name}, Zeile {number}: keine gültige Frage – bitte berichtigen.") from error
    return questions


def judge(question: Question, asked: Asked) -> Judged:
    """Against what was expected; for a question out of scope only a refusal is right."""
    shown = [entry.id for entry in asked.entries]
    expected = [entry_prefix(item) for item in question.expect]
    accepted = expected + [entry_prefix(item) for item in question.accept]
    answered = asked.status == "answer"
    if question.kind == "oos":
        refused = asked.status in ("no_answer", "other")
        return Judged(question, asked, refused, refused, answered)
    if question.kind == "ambiguous":
        covers = asked.status in ("answer", "choices") and all(any(fits(s, e) for s in shown) for e in expected)
        return Judged(question, asked, covers, covers, answered and not any_fits(shown, accepted))
    found = any_fits(shown, accepted)
    return Judged(question, asked, answered and found, found, answered and not found)


def any_fits(shown: Sequence[str], prefixes: Sequence[str]) -> bool:
    return any(fits(entry, prefix) for entry in shown for prefix in prefixes)


def fits(entry: str, prefix: str) -> bool:
    return entry == prefix or entry.startswith(prefix.rstrip("-") + "-")


def entry_prefix(item: int | str) -> str:
    return f"faq-{item:02d}" if isinstance(item, int) else item


def summary(judged: Sequence[Judged]) -> list[str]:
    """The figures by kind, then every question that was not right."""
    lines: list[str] = []
    names = {"in": "in scope", "law": "law", "ambiguous": "ambiguous", "oos": "out of scope"}
    for kind, name in names.items():
        group = [one for one in judged if one.question.kind == kind]
        if not group:
            continue
        right = Rate(sum(one.right for one in group), len(group))
        if kind in ("in", "law"):
            lines.append(f"{name:13} right at once      {right}")
            lines.append(f"{'':13} or among choices  {Rate(sum(one.reached for one in group), len(group))}")
        else:
            lines.append(f"{name:13} {'abstained' if kind == 'oos' else 'all covered':17}  {right}")
        lines.append(f"{'':13} wrong but sure    {Rate(sum(one.wrong_but_sure for one in group), len(group))}")
    degraded = sum(one.asked.degraded for one in judged)
    lines += [f"answered without Rasa: {degraded}"] if degraded else []
    times = sorted(one.asked.ms for one in judged)
    if times:
        lines.append(f"turn: median {times[len(times) // 2]} ms, p95 {times[int(0.95 * (len(times) - 1))]} ms")
    misses = [one for one in judged if not one.right]
    lines += [f"not right: {len(misses)}"] if misses else []
    for one in misses:
        shown = ", ".join(entry.id for entry in one.asked.entries) or "–"
        expected = ", ".join(map(str, one.question.expect)) or "–"
        lines.append(f"  {one.question.kind}: expected {expected}, {one.asked.status} {shown}: {one.question.q}")
    return lines
