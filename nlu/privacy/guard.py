"""The privacy guard, first in the chain: finds personal data by pattern and masks it before anything else sees it.

Built on spaCy's tokeniser and matcher (titles, birth dates) and on patterns for what has a fixed form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

import spacy
from spacy.language import Language
from spacy.matcher import Matcher

TITLES = ["frau", "fr.", "herr", "herrn", "hr.", "hr", "familie", "fam.", "fam"]
BIRTH = ["geb.", "geb", "geboren", "geburtsdatum", "geburtstag"]
DEGREES = ["dr.", "dr", "prof.", "prof"]
PARTICLES = ["von", "van", "de", "del", "el", "al", "ben", "bin", "abu", "zu", "zur", "der", "den"]
MOST_NAMES = 4
FUNCTION_WORDS = "und oder mit aus in die der doktor kollegin kollege nachbar nachbarin chefin case"
OFFICES = (
    "landrat landrätin minister ministerin bürgermeister bürgermeisterin kämmerer kämmerin dezernent dezernentin "
    "koordinator koordinatorin präsident präsidentin"
)
NOT_NAMES = [*FUNCTION_WORDS.split(), *OFFICES.split(), *DEGREES]
NAMED = {
    "PERSON": "einen Namen",
    "PHONE": "eine Telefonnummer",
    "EMAIL": "eine E-Mail-Adresse",
    "IBAN": "eine Kontonummer",
    "DOB": "ein Geburtsdatum",
}
PATTERNS = {
    "EMAIL": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "IBAN": re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b", re.IGNORECASE),
    "PHONE": re.compile(
        r"(?<![\w.,/+-])(?!\d{1,2}/(?:19|20)\d{2}|\d{1,2}\.\s?\d{1,2}\.)"
        r"(?:(?:\+|00)[1-9]\d{0,2}[ /.–-]{0,3}(?:\(0\))?|0)[ ]?(?:\(?\d{1,5}\)?)(?:[ /().–-]{0,3}\d){4,12}(?!\w|,\d)"
    ),
}
MONTHS = "januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember"
DATE = rf"(?:\d{{1,2}}[./]\s?(?:\d{{1,2}}[./]|{MONTHS})\s?(?:19|20)?\d{{2}}|\d{{4}}-\d{{2}}-\d{{2}})"
BIRTH_DATE = re.compile(rf"(?:\b(?:{'|'.join(map(re.escape, BIRTH))})\s*(?:am|:)?|\*)\s*({DATE})", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


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
        space = {"IS_SPACE": True, "OP": "*"}
        title: list[dict[str, Any]] = [
            {"LOWER": {"IN": TITLES}},
            {"TEXT": ".", "OP": "?"},
            space,
            {"LOWER": {"IN": DEGREES}, "OP": "*"},
            space,
            {"LOWER": {"IN": PARTICLES}, "OP": "*"},
        ]
        name: dict[str, Any] = {"SHAPE": {"REGEX": r"^(?:x{1,3}[-’'])?X"}, "LOWER": {"NOT_IN": NOT_NAMES}}
        further = [{"LOWER": {"IN": PARTICLES}, "OP": "*"}, name]
        patterns = [[*title, name, *(further * count)] for count in range(MOST_NAMES)]
        self._matcher.add("PERSON", patterns, greedy="LONGEST")

    def mask(self, text: str) -> Masked:
        """Personal data replaced by its kind in square brackets; control characters dropped."""
        text = unicodedata.normalize("NFC", CONTROL.sub("", text))
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
            names = (i for i in range(start + 1, end) if not doc[i].is_space and doc[i].text != ".")
            first = next(i for i in names if doc[i].lower_ not in DEGREES)
            yield Span(doc[first].idx, doc[end - 1].idx + len(doc[end - 1]), "PERSON")


def without_overlaps(spans: list[Span]) -> list[Span]:
    """Of overlapping spans the first and longest."""
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept
