"""The one text normaliser: what people type becomes what the ranker, the readers and the checks compare."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
NOT_SPOKEN = re.compile(r"[^\w%€+/.,:-]+|_+")
EDGE_PUNCTUATION = re.compile(r"(?<!\d)[.,:/+-]+|[.,:/+-]+(?!\d)")
SPACES = re.compile(r"\s+")


class Normaliser:
    """Lower case, umlauts as ae/oe/ue, punctuation dropped except inside figures, abbreviations spelled out.

    `abbreviations` maps normalised words (or phrases) to what they stand for, `shapes` a word to the pattern (of
    normalised text) it takes the place of: whatever a case number is, it reads as "fallnummer". Idempotent: normalising
    twice changes nothing, provided no expansion contains an abbreviation and no shape matches one.
    """

    def __init__(self, abbreviations: Mapping[str, str], shapes: Mapping[str, str] | None = None) -> None:
        self.shapes = dict(shapes or {})
        self._shapes = [(word, re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")) for word, pattern in self.shapes.items()]
        self.abbreviations = {plain(short): plain(long) for short, long in abbreviations.items()}
        longest_first = sorted(self.abbreviations, key=lambda short: (-len(short), short))
        alternatives = "|".join(re.escape(short) for short in longest_first)
        self._pattern = re.compile(rf"(?<!\S)(?:{alternatives})(?!\S)") if longest_first else None

    def __call__(self, text: str) -> str:
        text = plain(text)
        if self._pattern is not None:
            text = self._pattern.sub(lambda found: self.abbreviations[found.group()], text)
        for word, pattern in self._shapes:
            text = pattern.sub(word, text)
        return text


def plain(text: str) -> str:
    """Lower case, umlauts spelled out, other accents and punctuation dropped, single spaces."""
    text = unicodedata.normalize("NFKC", text).lower().translate(UMLAUTS)
    text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    text = NOT_SPOKEN.sub(" ", text)
    return SPACES.sub(" ", EDGE_PUNCTUATION.sub(" ", text)).strip()
