"""Makes a text fit for reading: composed letters, no invisible characters; and knows where each character came from."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nlu.privacy.spans import Span

KEPT = "\t\n"
VARIATION = range(0xFE00, 0xFE10)
JOINER = 0x034F


class Clean(NamedTuple):
    """The readable text; `starts[i]` and `ends[i]` say where its character i stood in the original."""

    text: str
    starts: list[int]
    ends: list[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """A range of the readable text as a range of the original."""
        return self.starts[start], self.ends[end - 1]

    def with_placeholders(self, spans: Sequence[Span]) -> Clean:
        """Each span replaced by its kind in square brackets; all of a placeholder stands for all of its span."""
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for span in spans:
            placeholder = f"[{span.label}]"
            start, end = self.original(span.start, span.end)
            parts += [self.text[at : span.start], placeholder]
            starts += [*self.starts[at : span.start], *[start] * len(placeholder)]
            ends += [*self.ends[at : span.start], *[end] * len(placeholder)]
            at = span.end
        return Clean("".join([*parts, self.text[at:]]), starts + self.starts[at:], ends + self.ends[at:])


def cleaned(text: str) -> Clean:
    """NFC without control and format characters; tabs and line breaks stay."""
    places = [i for i, char in enumerate(text) if not invisible(char)]
    if len(places) == len(text) and unicodedata.is_normalized("NFC", text):
        return Clean(text, places, [place + 1 for place in places])
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    visible = "".join(text[i] for i in places)
    for first, last in segments(visible):
        composed = unicodedata.normalize("NFC", visible[first:last])
        parts.append(composed)
        starts += [places[first]] * len(composed)
        ends += [places[last - 1] + 1] * len(composed)
    return Clean("".join(parts), starts, ends)


def invisible(char: str) -> bool:
    if char.isascii():
        return not char.isprintable() and char not in KEPT
    return unicodedata.category(char) in ("Cc", "Cf") or ord(char) in VARIATION or ord(char) == JOINER


def segments(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of what composition may join: a letter and its marks."""
    first = 0
    for at in range(1, len(text)):
        if not unicodedata.combining(text[at]) and not joins(text[at - 1], text[at]):
            yield first, at
            first = at
    if text:
        yield first, len(text)


def joins(before: str, char: str) -> bool:
    """Of what is no mark, few things join what stands before: Hangul and some Indic vowels."""
    both = before + char
    return not both.isascii() and len(unicodedata.normalize("NFC", both)) < 2
