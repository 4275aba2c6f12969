"""The privacy guard, first in the chain: finds personal data by pattern and masks it before anything else sees it.

Built on spaCy's tokeniser and matcher (titles, birth dates) and on patterns for what has a fixed form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import spacy
from spacy.language import Language
from spacy.matcher import Matcher

TITLES = ["frau", "fr.", "herr", "herrn", "hr.", "familie", "fam.", "fam"]
BIRTH = ["geb.", "geb", "geboren", "geburtsdatum", "geburtstag"]
DEGREES = ["dr.", "dr", "prof.", "prof"]
NOT_NAMES = ["und", "oder", "mit", "aus", "kollegin", "kollege", "landrat", "nachbar", "doktor", "in", "die", "der"]
NAMED = {
    "PERSON": "ein Name",
    "PHONE": "eine Telefonnummer",
    "EMAIL": "eine E-Mail-Adresse",
    "IBAN": "eine Kontonummer",
    "DOB": "ein Geburtsdatum",
}
PATTERNS = {
    "EMAIL": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "IBAN": re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b"),
    "PHONE": re.compile(r"(?<![\w.,/-])(?:\+\d{2}|00\d{2}|0)[1-9](?:[ /()-]{0,2}\d){5,13}(?!\w|,\d)"),
}
DATE = r"\d{1,2}\.\s?\d{1,2}\.\s?(?:19|20)?\d{2}"
BIRTH_DATE = re.compile(rf"(?:\b(?:{'|'.join(map(re.escape, BIRTH))})\s*(?:am|:)?|\*)\s*({DATE})", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


class Span(NamedTuple):
    """Where personal data stands: start and end in characters, and its kind."""

    start: int
    end: int
    label: str


class Masked(NamedTuple):
    """The text that may go on, and what was taken out of it."""

    text: str
    spans: tuple[Span, ...]

    @property
    def kinds(self) -> list[str]:
        """In words, for the person: "ein Name", …"""
        return [NAMED[label] for label in NAMED if any(span.label == label for span in self.spans)]


class PrivacyGuard:
    """Masks texts. Made once at start; safe to share."""

    def __init__(self) -> None:
        self._nlp: Language = spacy.blank("de")
        self._matcher = Matcher(self._nlp.vocab)
        title: list[dict[str, Any]] = [
            {"LOWER": {"IN": TITLES}},
            {"TEXT": ".", "OP": "?"},
            {"LOWER": {"IN": DEGREES}, "OP": "*"},
        ]
        name: dict[str, Any] = {"TEXT": {"REGEX": r"^[A-ZÄÖÜ][\w'’-]+$"}, "LOWER": {"NOT_IN": NOT_NAMES}}
        self._matcher.add("PERSON", [[*title, name], [*title, name, {**name, "OP": "{1,2}"}]], greedy="LONGEST")

    def mask(self, text: str) -> Masked:
        """Personal data replaced by its kind in square brackets; control characters dropped."""
        text = CONTROL.sub("", text)
        spans = without_overlaps(sorted(self._find(text), key=lambda span: (span.start, -span.end)))
        masked, at = [], 0
        for span in spans:
            masked += [text[at : span.start], f"[{span.label}]"]
            at = span.end
        return Masked("".join([*masked, text[at:]]), tuple(spans))

    def _find(self, text: str) -> Iterator[Span]:
        for label, pattern in PATTERNS.items():
            yield from (Span(found.start(), found.end(), label) for found in pattern.finditer(text))
        yield from (Span(found.start(1), found.end(1), "DOB") for found in BIRTH_DATE.finditer(text))
        doc = self._nlp.make_doc(text)
        for _, start, end in self._matcher(doc):
            first = next(i for i in range(start + 1, end) if not doc[i].is_punct and doc[i].lower_ not in DEGREES)
            yield Span(doc[first].idx, doc[end - 1].idx + len(doc[end - 1]), "PERSON")


def without_overlaps(spans: list[Span]) -> list[Span]:
    """Of overlapping spans the first and longest."""
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept
