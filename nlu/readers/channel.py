"""Reads how a talk took place: by telephone, in person, by video or by e-mail."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.needs import Channel, Needs
from nlu.readers.folding import fold
from nlu.readers.spelling import Speller
from nlu.readers.terms import FoundTerm, Terms
from nlu.readers.vocabulary import RIGHT_WORDS


@dataclass(frozen=True)
class ChannelReader:
    """Made once from the curated words; safe to share."""

    terms: Terms
    weak: Terms
    ids: dict[str, Channel]
    mend: Speller

    @classmethod
    def of(cls, needs: Needs) -> ChannelReader:
        terms = Terms({channel.id: channel.words for channel in needs.channels})
        weak = Terms({channel.id: channel.weak for channel in needs.channels})
        return cls(
            terms,
            weak,
            {channel.id: channel.id for channel in needs.channels},
            Speller(terms.single_words(), RIGHT_WORDS),
        )

    def read(self, text: str) -> Channel | None:
        """The first channel said; None if none was, or another one (WhatsApp)."""
        return self.first(fold(text, self.mend).text)

    def first(self, folded: str) -> Channel | None:
        """The first one said plainly, else the first one hinted at."""
        found = self.terms.find(folded) or self.weak.find(folded)
        return self.ids[found[0].label] if found else None

    def find(self, folded: str) -> list[FoundTerm]:
        """Where channels are named or hinted at."""
        return sorted([*self.terms.find(folded), *self.weak.find(folded)])
