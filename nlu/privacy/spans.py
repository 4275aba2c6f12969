"""What the guard finds and what goes on: spans of personal data, and the masked text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

NAMED = {
    "PERSON": "einen Namen",
    "PHONE": "eine Telefonnummer",
    "EMAIL": "eine E-Mail-Adresse",
    "ADDRESS": "eine Anschrift",
    "IBAN": "eine Kontonummer",
    "ID_NUMBER": "eine persönliche Kennnummer",
    "DOB": "ein Geburtsdatum",
}
FIRST_COME = ("EMAIL", "IBAN", "DOB", "ID_NUMBER", "ADDRESS", "PHONE", "PERSON")
"""Where two kinds overlap, the one with the stricter form is right."""


class Span(NamedTuple):
    """Where personal data stands: start and end in characters of the text as it was given, and its kind."""

    start: int
    end: int
    label: str


class Masked(NamedTuple):
    """The text that may go on, and what was taken out of it."""

    text: str
    spans: tuple[Span, ...]

    @property
    def kinds(self) -> list[str]:
        """In words, for the person: "einen Namen", …"""
        return [NAMED[label] for label in NAMED if any(span.label == label for span in self.spans)]


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """By position; of overlapping ones the kind with the stricter form, then the longest."""
    taken: dict[int, Span] = {}
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (FIRST_COME.index(s.label), s.start - s.end, s.start)):
        rest = span
        while rest.start < rest.end and rest.start in taken:
            rest = rest._replace(start=taken[rest.start].end)
        while rest.start < rest.end and rest.end - 1 in taken:
            rest = rest._replace(end=taken[rest.end - 1].start)
        if rest == span or (span.label == "PERSON" and rest.start < rest.end):
            inner = [taken[at] for at in range(rest.start, rest.end) if at in taken]
            if not inner:
                kept.append(rest)
                taken.update(dict.fromkeys(range(rest.start, rest.end), rest))
    return sorted(kept)
