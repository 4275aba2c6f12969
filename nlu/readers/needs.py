"""Reads which topics a person needs help with, as said, from free words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.needs import Needs
from nlu.readers.folding import fold
from nlu.readers.spelling import Speller
from nlu.readers.terms import FoundTerm, Terms
from nlu.readers.vocabulary import RIGHT_WORDS

NO_NEED = ""
ANYTHING = "Sonstiges"
RECOGNISED = "Anerkennung"
TRADES = frozenset({"Arbeit", "Ausbildung", "Gesundheit", "Schule/Kita"})
"""What is recognised or trained for is named by words of these needs."""
LEARNING, WHERE_USED = ("Sprache", "Ausbildung"), ("Arbeit", "Schule/Kita")
STATUS = ("Aufenthalt", "Einbürgerung")
"""What something else is only needed for: "sprachnachweis für die einbürgerung"."""
DETAIL = re.compile(r" (?:(?:als|zu[rm]|ohne|vom|von der|beim|in der|im) )?(?:(?!und |u |oder |sowie )\w+ )?")
"""Between a need and what only says more of it: "umschulung zur pflegehelferin"."""
PREPOSITION = re.compile(r" (?:als|zu[rm]|ohne|vom|von der|beim|in der|im) ")
FOR = re.compile(r" (?:fuer|fuers|zur|zum)(?: (?:die|den|das|ihre|seine))? ")
SAME_PIECE = re.compile(r"(?!.*\b(?:und|u|sowie|oder)\b)[^,;.:\n+/&]{1,40}")


@dataclass(frozen=True)
class NeedsReader:
    """Made once from the curated words; safe to share."""

    terms: Terms
    """Also of what sounds like a need and is none, under the label `NO_NEED`."""
    offices: Terms
    mend: Speller

    @classmethod
    def of(cls, needs: Needs) -> NeedsReader:
        terms = Terms({need.title: need.words for need in needs.needs} | {NO_NEED: needs.no_needs})
        offices = Terms({need.title: need.offices for need in needs.needs if need.offices})
        return cls(terms, offices, Speller([*terms.single_words(), *offices.single_words()], RIGHT_WORDS))

    def read(self, text: str) -> list[str]:
        """The different topics in the order they are said; all of the text counts as needs."""
        return topics(self.find(fold(text, self.mend).text))

    def find(self, folded: str) -> list[FoundTerm]:
        """Terms of needs; offices only where there is nothing else."""
        return self.precise(folded) or self.weak(folded)

    def weak(self, folded: str) -> list[FoundTerm]:
        """Offices and other words that only hint at a need; what may be anything counts where nothing else does."""
        found = self.offices.find(folded)
        return [term for term in found if term.label != ANYTHING] or found

    def precise(self, folded: str) -> list[FoundTerm]:
        """Terms of needs without the offices that may stand for them."""
        return heads([term for term in self.terms.find(folded) if term.label != NO_NEED], folded)


def heads(found: list[FoundTerm], folded: str) -> list[FoundTerm]:
    """Without the terms that only say more of the one before or, of what is recognised, of the one after."""
    kept: list[FoundTerm] = []
    for term in found:
        before = kept[-1] if kept else None
        between = folded[before.end : term.start] if before else ""
        if before and before.label != term.label:
            of_trade = before.label in (RECOGNISED, "Ausbildung") and term.label in TRADES
            learned_for = before.label in LEARNING and term.label in WHERE_USED and FOR.fullmatch(between)
            proven_for = term.label in STATUS and FOR.fullmatch(between)
            recognised = term.label == RECOGNISED and before.label in TRADES and SAME_PIECE.fullmatch(between)
            if proven_for or recognised:
                kept.pop()
            elif learned_for or PREPOSITION.fullmatch(between) or (of_trade and DETAIL.fullmatch(between)):
                continue
        kept.append(term)
    return kept


def topics(found: list[FoundTerm]) -> list[str]:
    return list(dict.fromkeys(term.label for term in found))
