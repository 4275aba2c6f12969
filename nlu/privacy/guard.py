"""The privacy guard, first in the chain: finds personal data and masks it before anything else sees it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from knowledge.errors import LotseError
from nlu.privacy.addresses import addresses
from nlu.privacy.births import births
from nlu.privacy.cleaning import cleaned
from nlu.privacy.contacts import ContactFinder
from nlu.privacy.identity import IdentityFinder
from nlu.privacy.people import PersonFinder
from nlu.privacy.spans import NAMED, Masked, Span, without_overlaps
from nlu.privacy.tagger import BLANK, NameTagger, tokens
from nlu.readers.case_numbers import CaseNumberReader

MOST_ROUNDS = 6
PLACEHOLDERS = tuple(f"[{label}]" for label in NAMED)


class GuardError(LotseError):
    """A text could not be searched for personal data, so it must not go on. Carries nothing of the text."""


class PrivacyGuard:
    """Masks texts. Made once at start from a trained tagger; safe to share."""

    def __init__(self, tagger: NameTagger, case_numbers: CaseNumberReader) -> None:
        self._people = PersonFinder(tagger)
        self._contacts = ContactFinder()
        self._identity = IdentityFinder()
        self._case_numbers = case_numbers
        self.mask("Frau Muster, 0170 0000000")  # warms up what is built at first use

    def mask(self, text: str) -> Masked:
        """Personal data replaced by its kind in square brackets, invisible characters dropped.

        The spans' positions are those of `text` as given. Raises `GuardError` if anything goes wrong.
        """
        try:
            return self._masked(text)
        except Exception as error:
            raise GuardError(
                "Ihre Nachricht konnte nicht auf personenbezogene Daten geprüft werden und wurde nicht verarbeitet.",
                cause=type(error).__name__,
            ) from None

    def _masked(self, text: str) -> Masked:
        """Searched again until nothing more is found: what is masked changes what its neighbours look like."""
        clean = cleaned(text)
        found: list[Span] = []
        for _ in range(MOST_ROUNDS):
            spans = without_overlaps(span for span in self._find(clean.text) if span.start < span.end)
            if not spans:
                break
            found += [Span(*clean.original(span.start, span.end), span.label) for span in spans]
            clean = clean.with_placeholders(spans)
        return Masked(clean.text, tuple(sorted(found)))

    def _find(self, text: str) -> Iterator[Span]:
        """Everything personal outside case numbers and placeholders, which are blanked out for the search."""
        kept = [*self._case_numbers.read(text)]
        for number in kept:
            text = text[: number.start] + blank(text[number.start : number.end]) + text[number.end :]
        for placeholder in PLACEHOLDERS:
            text = text.replace(placeholder, blank(placeholder))
        people = list(self._people(text, tokens(text)))
        found: Iterator[Span] = iter(people)
        if "@" in text or any(map(str.isdigit, text)):
            found = chain(found, self._contacts(text), self._identity(text), births(text, people), addresses(text))
        return found


def blank(text: str) -> str:
    """As long as the text, and nothing to be found in it."""
    return BLANK * len(text)
