"""Which Baustein a question names ("Baustein 3") or implies ("ABH")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NUMBER = r"[1-9](?![\d.])"
LIST = rf"{NUMBER}(?: ?(?:/|\+|&|,|-|und|oder|bzw|bis) ?(?:baustein(?:e|en|s)? ?)?{NUMBER}| {NUMBER})*"
NAMED = re.compile(rf"\bbaustein(?:e|en|s)? ?({LIST})|\b([1-9])\.? baustein\b")
RANGE = re.compile(r"([1-9]) ?(?:-|bis) ?([1-9])")


@dataclass(frozen=True)
class Bausteine:
    """What was read: `named` by number, `implied` by what belongs to it."""

    named: frozenset[int] = frozenset()
    implied: frozenset[int] = frozenset()

    @property
    def meant(self) -> frozenset[int]:
        """The number wins; else what is implied."""
        return self.named or self.implied


def read_bausteine(normalised: str, implied_by: Mapping[int, Sequence[str]]) -> Bausteine:
    """Read a normalised text; `implied_by` lists beginnings of words for each Baustein."""
    named = {number for found in NAMED.finditer(normalised) for number in numbers(found.group(1) or found.group(2))}
    implied = {
        number
        for number, stems in implied_by.items()
        if any(re.search(rf"\b{re.escape(stem)}", normalised) for stem in stems)
    }
    return Bausteine(named=frozenset(named & set(implied_by)), implied=frozenset(implied))


def numbers(listed: str) -> set[int]:
    """The numbers of a list, ranges filled in."""
    found = {int(digit) for digit in re.findall(r"[1-9]", listed)}
    for first, last in RANGE.findall(listed):
        found |= set(range(int(first), int(last) + 1))
    return found
