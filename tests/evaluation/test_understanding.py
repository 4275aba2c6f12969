"""How well one-shot messages by other writers are read: target figures per slot for consultations and reminders."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge.casework import load_casework
from knowledge.needs import load_needs
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.consultation import ConsultationReader
from nlu.readers.reminder import read_reminder

HERE = Path(__file__).parent
CONSULTATION_SLOTS = ("case", "date", "duration_min", "channel", "topics", "referral", "follow_up")
REMINDER_SLOTS = ("case", "due", "repeat", "subject")
LEAST_PER_SLOT, LEAST_WHOLE, LEAST_DUE, LEAST_SUBJECT = 0.95, 0.85, 0.97, 0.95
"""What is asked."""
SAME_SUBJECT = 0.6
"""Share of common words from which two subjects say the same."""


@dataclass
class Figures:
    """What was read right of one set of messages."""

    messages: int = 0
    right: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    unsaid: int = 0
    invented: int = 0

    def add(self, right: dict[str, bool], invented: Iterable[bool]) -> None:
        self.messages += 1
        self.right.update(slot for slot, is_right in right.items() if is_right)
        self.whole += all(right.values())
        found = list(invented)
        self.unsaid += len(found)
        self.invented += sum(found)

    def share(self, slot: str) -> float:
        return self.right[slot] / self.messages

    def report(self, slots: Iterable[str]) -> str:
        lines = [f"{slot:>12} {self.share(slot):6.1%}" for slot in slots]
        lines += [f"{'whole':>12} {self.whole / self.messages:6.1%}"]
        lines += [f"{'invented':>12} {self.invented / max(self.unsaid, 1):6.1%}  ({self.messages} messages)"]
        return "\n" + "\n".join(lines)


def messages(name: str) -> list[dict[str, Any]]:
    file = HERE / name
    if not file.exists():
        pytest.skip(f"{name} is not here")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def measured(rows: list[dict[str, Any]], slots: Iterable[str], read: Callable[[str, datetime], Any]) -> Figures:
    figures = Figures()
    for row in rows:
        said = row["slots"]
        found = read(row["q"], datetime.fromisoformat(row["now"]))
        got = {slot: getattr(found, slot) for slot in slots}
        right = {slot: same(slot, got[slot], said.get(slot)) for slot in slots}
        figures.add(right, (got[slot] is not None for slot in slots if said.get(slot) is None))
    return figures


def same(slot: str, got: Any, said: Any) -> bool:
    if slot == "topics":
        return list(got or []) == list(said or [])
    if slot == "subject" and got and said:
        words, wanted = (set(re.findall(r"\w+", text.lower())) for text in (got, said))
        return len(words & wanted) / len(words | wanted) >= SAME_SUBJECT
    return bool(got == said)


@pytest.fixture(scope="module")
def cases() -> CaseNumberReader:
    casework = load_casework()
    return CaseNumberReader(casework.case_numbers, casework.case_words)


def test_consultations_are_read_as_people_write_them(cases: CaseNumberReader) -> None:
    reader = ConsultationReader.of(cases=cases, needs=load_needs())
    figures = measured(messages("consultations.jsonl"), CONSULTATION_SLOTS, reader.read)
    report = figures.report(CONSULTATION_SLOTS)
    assert min(figures.share(slot) for slot in CONSULTATION_SLOTS) >= LEAST_PER_SLOT, report
    assert figures.whole / figures.messages >= LEAST_WHOLE, report
    assert figures.invented / max(figures.unsaid, 1) <= 0.02, report


def test_reminders_are_read_as_people_write_them(cases: CaseNumberReader) -> None:
    figures = measured(messages("reminders.jsonl"), REMINDER_SLOTS, lambda text, now: read_reminder(text, now, cases))
    report = figures.report(REMINDER_SLOTS)
    assert figures.share("due") >= LEAST_DUE, report
    assert min(figures.share(slot) for slot in ("case", "repeat")) >= LEAST_PER_SLOT, report
    assert figures.share("subject") >= LEAST_SUBJECT, report
