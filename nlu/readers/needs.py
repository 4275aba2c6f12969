"""Reads which topics a person needs help with, as said, from free words."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.needs import Needs
from nlu.readers.folding import fold
from nlu.readers.spelling import Speller
from nlu.readers.terms import FoundTerm, Terms


@dataclass(frozen=True)
class NeedsReader:
    """Made once from the curated words; safe to share."""

    terms: Terms
    offices: Terms
    mend: Speller

    @classmethod
    def of(cls, needs: Needs) -> NeedsReader:
        terms = Terms({need.title: need.words for need in needs.needs})
        offices = Terms({need.title: need.offices for need in needs.needs if need.offices})
        return cls(terms, offices, Speller(terms.single_words()))

    def read(self, text: str) -> list[str]:
        """The different topics in the order they are said; all of the text counts as needs."""
        return topics(self.find(fold(text, self.mend).text))

    def find(self, folded: str) -> list[FoundTerm]:
        """Terms of needs; offices only where there is nothing else."""
        return self.terms.find(folded) or self.offices.find(folded)


def topics(found: list[FoundTerm]) -> list[str]:
    return list(dict.fromkeys(term.label for term in found))
