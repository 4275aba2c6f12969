"""Finds curated words in folded text: whole words, beginnings ("wohn*"), ends ("*kurs") and phrases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

ANY_LETTERS = r"[\w-]*"
ANY_WORD = r"\ [\w\x00-]*\ "
"""Also what was taken already: "rief * an" with a date between."""


class FoundTerm(NamedTuple):
    """Where a term stands in the folded text, and what it stands for."""

    start: int
    end: int
    label: str


class Terms:
    """Words and what they stand for; of several words that fit at a place, the one with the most letters wins."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        labels = {word: label for label, listed in words.items() for word in listed}
        self._ordered = sorted(labels, key=lambda word: (-len(word.strip("*")), word.count("*"), word))
        self._labels = [labels[word] for word in self._ordered]
        by_first: dict[str, list[int]] = {}
        for place, word in enumerate(self._ordered):
            by_first.setdefault(word[0], []).append(place)
        self._by_first = {first: self._any(places) for first, places in by_first.items()}

    def _any(self, places: list[int]) -> re.Pattern[str]:
        return re.compile("|".join(f"(?P<t{place}>{as_pattern(self._ordered[place])})" for place in places))

    def find(self, text: str) -> list[FoundTerm]:
        """All terms, in their order, none inside another."""
        found: list[FoundTerm] = []
        at = 0
        for word in re.finditer(r"(?<![\w-])[\w§]", text):
            if word.start() < at:
                continue
            matches = (
                self._by_first[key].match(text, word.start()) for key in (word.group(), "*") if key in self._by_first
            )
            places = [(int(str(match.lastgroup)[1:]), match.end()) for match in matches if match]
            if places:
                place, at = min(places)
                found.append(FoundTerm(word.start(), at, self._labels[place]))
        return found

    def single_words(self) -> list[str]:
        """The words without their stars, for putting slips right."""
        return [word.strip("*") for word in self._ordered if re.fullmatch(r"\*?[a-z]+\*?", word)]


def as_pattern(word: str) -> str:
    return re.escape(word).replace(r"\ \*\ ", ANY_WORD).replace(r"\*", ANY_LETTERS) + r"(?!\w)"
