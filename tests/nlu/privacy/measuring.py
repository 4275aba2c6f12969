"""How well the guard does on marked texts: what it finds of each kind, and what it masks that it should not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nlu.privacy.guard import PrivacyGuard
from nlu.privacy.spans import Span


@dataclass(frozen=True)
class Case:
    """A text and the personal data in it; none in a clean text."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Figures:
    """Counts over all texts. `missed` and `touched` hold the places, for reading."""

    spans: Mapping[str, int]
    found: Mapping[str, int]
    plain_characters: int
    masked_plain_characters: int
    clean_texts: int
    touched_clean_texts: int
    missed: tuple[tuple[str, str], ...]
    touched: tuple[tuple[str, str], ...]

    @property
    def recall(self) -> float:
        """Share of spans overlapped by one found of the same kind."""
        return sum(self.found.values()) / max(1, sum(self.spans.values()))

    @property
    def masked_outside(self) -> float:
        """Share of the characters that are no personal data and were masked all the same."""
        return self.masked_plain_characters / max(1, self.plain_characters)

    @property
    def clean_touched(self) -> float:
        """Share of clean texts in which anything was masked."""
        return self.touched_clean_texts / max(1, self.clean_texts)

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {self.found.get(kind, 0)}/{count}" for kind, count in sorted(self.spans.items()))
        return (
            f"found {self.recall:.1%} ({kinds}); masked outside {self.masked_outside:.2%}; "
            f"clean texts touched {self.touched_clean_texts}/{self.clean_texts} ({self.clean_touched:.1%})"
        )


def read_cases(file: Path) -> list[Case]:
    """Lines of `{"text", "spans": [[start, end, label], …]}`."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Case(line["text"], tuple(Span(*span) for span in line["spans"])) for line in lines]


def score(guard: PrivacyGuard, cases: Iterable[Case]) -> Figures:
    """The guard's figures on these cases."""
    spans: Counter[str] = Counter()
    found: Counter[str] = Counter()
    plain = masked_plain = clean = touched_clean = 0
    missed: list[tuple[str, str]] = []
    touched: list[tuple[str, str]] = []
    for case in cases:
        masked = guard.mask(case.text).spans
        personal = {at for span in case.spans for at in range(span.start, span.end)}
        plain += len(case.text) - len(personal)
        for span in case.spans:
            spans[span.label] += 1
            if any(m.label == span.label and m.start < span.end and span.start < m.end for m in masked):
                found[span.label] += 1
            else:
                missed.append((span.label, case.text[span.start : span.end]))
        for m in masked:
            outside = sum(at not in personal for at in range(m.start, m.end))
            masked_plain += outside
            if outside == m.end - m.start:
                touched.append((m.label, case.text[m.start : m.end]))
        if not case.spans:
            clean += 1
            touched_clean += bool(masked)
    return Figures(spans, found, plain, masked_plain, clean, touched_clean, tuple(missed), tuple(touched))
