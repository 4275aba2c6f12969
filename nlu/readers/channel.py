"""Reads how a talk took place: by telephone, in person, by video or by e-mail."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.needs import Channel, Needs
from nlu.readers.folding import fold
from nlu.readers.spelling import Speller
from nlu.readers.terms import FoundTerm, Terms


@dataclass(frozen=True)
class ChannelReader:
    """Made once from the curated words; safe to share."""

    terms: Terms
    ids: dict[str, Channel]
    mend: Speller

    @classmethod
    def of(cls, needs: Needs) -> ChannelReader:
        terms = Terms({channel.id: channel.words for channel in needs.channels})
        return cls(terms, {channel.id: channel.id for channel in needs.channels}, Speller(terms.single_words()))

    def read(self, text: str) -> Channel | None:
        """The first channel said; None if none was, or another one (WhatsApp)."""
        found = self.find(fold(text, self.mend).text)
        return self.ids[found[0].label] if found else None

    def find(self, folded: str) -> list[FoundTerm]:
        return self.terms.find(folded)
