"""Which Baustein a question names ("Baustein 3") or implies ("ABH")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAMED = re.compile(r"\bbaustein(?:e|en|s)? ?(\d(?: ?(?:/|\+|,|-|und|oder|bzw|bis) ?(?:baustein(?:e|en|s)? ?)?\d)*)")


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
    named = {int(digit) for found in NAMED.finditer(normalised) for digit in re.findall(r"\d", found.group(1))}
    implied = {
        number
        for number, stems in implied_by.items()
        if any(re.search(rf"\b{re.escape(stem)}", normalised) for stem in stems)
    }
    return Bausteine(named=frozenset(named & set(implied_by)), implied=frozenset(implied))
