"""Reads to whom a person was referred (Verweisberatung); an office that is merely named is no referral."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from knowledge.needs import Needs
from nlu.readers.clauses import NOT_AFTER_SHORT
from nlu.readers.folding import fold
from nlu.readers.terms import FoundTerm, Terms

REFERRED = re.compile(
    r"\b(?:(?:weiter)?verw(?:iesen|eis(?:t|ung|e|en)?|eisberatung)|verwisen|weiterverwies\w*|"
    r"weitergeleitet|weiterleitung|refer(?:red|ral|iert)?|verwies|schicke|schickte|schick|ueberweise|verweise|"
    r"weitervermittel\w+|weitervermittlung|vermittelt|vermittlung|angebunden|angedockt|anbindung|uebergeleitet|"
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
WEAK = (
    "geschickt",
    "schicke",
    "schickte",
    "schick",
    "weitergegeben",
    "abgegeben",
    "weitergeleitet",
    "weiterleitung",
    "vermittelt",
    "ueberwiesen",
)
CLAUSE = re.compile(rf"(?:(?!{NOT_AFTER_SHORT}(?<!\b\d)(?<!\b\d\d)\.(?: |$))[^,;\n!?])+")
ARTICLE = r"(?:(?:das|die|den|der|dem|eine[nmr]?|unser\w*|oertliche\w*)\b ?)?"
TO = re.compile(rf"(?:\b(?:an|zu|zum|zur|ans|beim|bei|aufs|fuer)\b[ :]*){ARTICLE}$")
LIGHT = (
    r"(?:jetzt|nun|dann|nur|selbst|selber|allein|erst|erstmal|mal|noch|kuenftig|direkt|hin|bitte|damit|auch|sich|lieber|gleich|"
    r"weiter|wieder|als naechstes|ab jetzt|ab sofort|in zukunft|danach|zuerst|doch|parallel|zusaetzlich)"
)
SENT_ON = re.compile(
    rf"(?:->|=>|>>|>|\u2192) ?(?:(?:an|zu[rm]?|ans|verweis|weiter)\b ?)*{ARTICLE}$|"
    rf"(?:\b(?:gehen?|geht|ging|soll\w*|muss|kann|wende[nt]|wendet|wechselt|jetzt|nun|ab|weiter|hin|uebergabe|uebergeben|"
    rf"abgabe|tipp|rat|empfehlung|empfohlen)\b ?:?)(?: {LIGHT})* ?\b(?:an|zu|zum|zur|ans|zu der|aufs)\b ?{ARTICLE}$"
)
"""Right before the office: "-> JMD", "geht jetzt zur", "soll sich an die"."""
TAKES_OVER = re.compile(
    r"^ ?(?:weiter\b|(?:soll|wird|kann)(?: \w+)? uebernehmen|ist (?:jetzt )?dran|"
    r"geht (?:er|sie|die|der)\b(?: \w+)? hin|da geht (?:er|sie)|"
    r"uebernimmt|uebernehmen|macht(?: \w+)? weiter|kuemmert sich|betreut|uebergeben)"
)
"""Right after the office: "MBE übernimmt", "an die Agentur weiter"."""
TURNS_TO = re.compile(
    rf"\b(?:soll\w*|muss|kann|wird|will|moechte|darf)(?: {LIGHT})* (?:bei|beim|an|ans|zu|zum|zur)\b ?{ARTICLE}$"
)
TURNING = re.compile(
    r"^ ?(?:\w+ )?(?:melden|wenden|vorstellen|vorsprechen|gehen|hingehen|beraten lassen|hilfe holen|anklopfen)\b"
)
DOWN_THERE = re.compile(
    r"\b(?:hin|dahin|dorthin|rueber|weiter)(?:geschickt|verwiesen|vermittelt)|"
    r"(?:dahin|dorthin) (?:geschickt|vermittelt)"
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
        if BACKWARDS.search(clause):
            return []
        if verb is None:
            return [
                FoundReferral(offset + sent_from(clause, term), offset + term.end, term.label)
                for term in self.terms.find(clause)
                if is_sent_on(clause, term)
            ]
        if verb.group() in WEAK and NOT_A_PERSON.search(clause):
            return []
        targets = [term for term in self.terms.find(clause) if not came_from(clause[: term.start])]
        if verb.group() in (
            "geschickt",
            "schicke",
            "schickte",
            "schick",
            "vermittelt",
            "vermittlung",
        ) and not DOWN_THERE.search(clause):
            beside = (verb.start() - 1, verb.start())
            targets = [term for term in targets if TO.search(clause[: term.start]) or term.end in beside]
        first = next((term.start for term in targets if TO.search(clause[: term.start])), len(clause))
        led = [term for term in targets if first <= term.start < verb.start()]
        chosen = led or targets
        if chosen:
            start = min(verb.start(), *(before_preposition(clause, term.start) for term in chosen))
            end = max(verb.end(), *(term.end for term in chosen))
            return [FoundReferral(offset + start, offset + end, term.label) for term in chosen]
        return []


def is_sent_on(clause: str, term: FoundTerm) -> bool:
    """Without a verb of referring: "-> JMD", "geht jetzt zur MBE", "soll sich bei der AWO melden"."""
    before, after = clause[: term.start], clause[term.end :]
    turned = TURNS_TO.search(before) and TURNING.search(after)
    return bool(SENT_ON.search(before) or TAKES_OVER.search(after) or turned)


def sent_from(clause: str, term: FoundTerm) -> int:
    led = SENT_ON.search(clause[: term.start])
    return led.start() if led else before_preposition(clause, term.start)


def came_from(before: str) -> bool:
    return re.search(r"\b(?:vom|von der|von dem|von|durch|durchs)(?: das| die)? $", before) is not None


def before_preposition(clause: str, start: int) -> int:
    led = TO.search(clause[:start])
    return led.start() if led else start
