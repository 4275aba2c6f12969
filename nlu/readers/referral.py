"""Reads to whom a person was referred (Verweisberatung); an office that is merely named is no referral."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from knowledge.needs import Needs
from nlu.readers.folding import fold
from nlu.readers.terms import Terms

REFERRED = re.compile(
    r"\b(?:(?:weiter)?verw(?:iesen|eis(?:t|ung|e|en)?|eisberatung)|verwisen|weiterverwies\w*|"
    r"weitergeleitet|weiterleitung|"
    r"weitervermittel\w+|weitervermittlung|vermittelt|vermittlung|angebunden|anbindung|uebergeleitet|"
    r"ueberleitung|ueberwiesen|"
    r"weitergeschickt|weiter an|geschickt|hingeschickt|weitergegeben|abgegeben)\b"
)
NOT_A_PERSON = re.compile(
    r"(?<!per )\b(?:unterlagen?|dokumente?|e-?mails?|mail|schreiben|brief|briefe|formulare?|"
    r"bescheide?|anfrage|antraege?|antrag|kopien?|"
    r"nachweise?|link|liste|zeugnis|zeugnisse|bescheinigung|vollmacht)\b"
)
BACKWARDS = re.compile(
    r"\b(?:an|zu) (?:uns|mich|mir)\b|\b(?:vom|von (?:der|dem)?|durch|kein\w*|nicht|ohne|soll|will|"
    r"evtl|ggf) $|\bnicht\b|\bkeine?n?\b"
)
WEAK = ("geschickt", "weitergegeben", "abgegeben", "weitergeleitet", "weiterleitung", "vermittelt", "ueberwiesen")
CLAUSE = re.compile(r"[^,;\n!?]+")
TO = re.compile(
    r"(?:\b(?:an|zu|zum|zur|ans|beim|bei|aufs|->|an)\b[ :]*)(?:(?:das|die|den|der|dem|eine[nr]?|unser\w*)\b ?)?$"
)


class FoundReferral(NamedTuple):
    """To whom, and the place in the folded text that says so."""

    start: int
    end: int
    target: str


@dataclass(frozen=True)
class ReferralReader:
    """Made once from the curated words; safe to share."""

    terms: Terms

    @classmethod
    def of(cls, needs: Needs) -> ReferralReader:
        return cls(Terms({target.title: target.words for target in needs.referrals}))

    def read(self, text: str) -> list[str]:
        """All targets, in the order they are said."""
        return list(dict.fromkeys(found.target for found in self.find(fold(text).text)))

    def find(self, folded: str) -> list[FoundReferral]:
        found: list[FoundReferral] = []
        for clause in CLAUSE.finditer(folded):
            found += self._in_clause(clause.group(), clause.start())
        return found

    def _in_clause(self, clause: str, offset: int) -> list[FoundReferral]:
        verb = REFERRED.search(clause)
        if verb is None or BACKWARDS.search(clause):
            return []
        if verb.group() in WEAK and NOT_A_PERSON.search(clause):
            return []
        targets = [term for term in self.terms.find(clause) if not came_from(clause[: term.start])]
        if verb.group() in ("geschickt", "vermittelt", "vermittlung"):
            targets = [term for term in targets if TO.search(clause[: term.start])]
        first = next((term.start for term in targets if TO.search(clause[: term.start])), len(clause))
        led = [term for term in targets if first <= term.start < verb.start()]
        chosen = led or targets
        if chosen:
            start = min(verb.start(), *(before_preposition(clause, term.start) for term in chosen))
            end = max(verb.end(), *(term.end for term in chosen))
            return [FoundReferral(offset + start, offset + end, term.label) for term in chosen]
        return []


def came_from(before: str) -> bool:
    return re.search(r"\b(?:vom|von der|von dem|von|durch|durchs)(?: das| die)? $", before) is not None


def before_preposition(clause: str, start: int) -> int:
    led = TO.search(clause[:start])
    return led.start() if led else start
