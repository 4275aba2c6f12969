"""Folded text: what readers search in, lower case, no umlauts, single spaces, with the way back to what was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

TAKEN = "\x00"
"""Stands where a reader has already taken something, so that no other reader takes it again."""
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
SIGNS = {"–": "-", "—": "-", "−": "-", "’": "'", "½": ",5", "→": "->", "➔": "->", "⇒": "->", TAKEN: " "}
MASKED = re.compile(r"\[(?:person|phone|email|iban|dob)\]")
"""What the privacy guard left of personal data: no reader may read "[EMAIL]" as a word."""
WORD = re.compile(r"[a-z]+")


class Folded(NamedTuple):
    """`text` is searched; `offsets[i]` is where its character `i` stands in `typed` (one more for the end)."""

    typed: str
    text: str
    offsets: tuple[int, ...]

    def as_typed(self, start: int, end: int) -> str:
        """What was typed between two places of `text`."""
        return self.typed[self.offsets[start] : self.offsets[end]]

    def part(self, start: int, end: int) -> Folded:
        """Only what stands between two places of `text`."""
        return Folded(self.typed, self.text[start:end], self.offsets[start : end + 1])

    def without(self, *spans: tuple[int, int]) -> Folded:
        """The same with these spans of `text` marked as taken."""
        text = list(self.text)
        for start, end in spans:
            text[start:end] = TAKEN * (end - start)
        return self._replace(text="".join(text))


def fold(typed: str, mend: Callable[[str], str] | None = None) -> Folded:
    """Fold a text; `mend` may put every folded word right (typing errors). Umlauts become ae, oe, ue."""
    typed = unicodedata.normalize("NFC", typed)
    text: list[str] = []
    offsets: list[int] = []
    for place, char in enumerate(typed):
        piece = fold_char(char)
        if piece == " " and text[-1:] in ([" "], ["\n"]):
            continue
        text.append(piece)
        offsets += [place] * len(piece)
    offsets.append(len(typed))
    folded = Folded(typed, "".join(text), tuple(offsets))
    folded = folded.without(*(match.span() for match in MASKED.finditer(folded.text)))
    return folded if mend is None else mended(folded, mend)


def fold_char(char: str) -> str:
    """One folded character; never empty, so that the way back stays simple."""
    low = char.lower()
    if char.isspace():
        return "\n" if char in "\n\r" else " "
    if low in UMLAUTS or low in SIGNS:
        return UMLAUTS.get(low) or SIGNS[low]
    if char.isascii():
        return low
    bare = "".join(part for part in unicodedata.normalize("NFKD", low) if not unicodedata.combining(part))
    return bare or " "


def mended(folded: Folded, mend: Callable[[str], str]) -> Folded:
    text: list[str] = []
    offsets: list[int] = []
    at = 0
    for found in WORD.finditer(folded.text):
        start, end = found.span()
        word = found.group()
        right = mend(word)
        text += [folded.text[at:start], right]
        offsets += folded.offsets[at:start]
        offsets += [folded.offsets[min(start + place, end - 1)] for place in range(len(right))]
        at = end
    text.append(folded.text[at:])
    offsets += folded.offsets[at:]
    return Folded(folded.typed, "".join(text), tuple(offsets))
