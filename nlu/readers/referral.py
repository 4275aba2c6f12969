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
    r"weitergeleitet|weiterleitung|zugeleitet|zugewiesen|refer(?:red|ral|iert)?|verwies|schicke|schickte|schick|ueberweise|verweise|"
    r"weitervermittel\w+|weitervermittlung|vermittelt|vermittlung|angebunden|angedockt|anbindung|uebergeleitet|"
    r"ueberleitung|ueberwiesen|"
    r"weitergeschickt|weiter an|geschickt|hingeschickt|weitergegeben|abgegeben|empfohlen|angeraten|ans herz "
    r"gelegt|angebahnt|"
    r"weitergereicht|weiter gereicht|rueberg\w+|verw\.?(?= |$)|vermittle|geschickt worden|weiterverm\w*|angemeldet)\b"
)
NOT_A_PERSON = re.compile(
    r"(?<!per )\b(?:unterlagen?|dokumente?|e-?mails?|mail|schreiben|brief|briefe|formulare?|"
    r"bescheide?|anfrage|antraege?|antrag|kopien?|"
    r"nachweise?|link|liste|zeugnis|zeugnisse|bescheinigung|vollmacht)\b"
)
BACKWARDS = re.compile(
    r"\b(?:(?:an|zu)|hat|haben) (?:uns|mich|mir)\b|\b(?:vom|von (?:der|dem)?|durch|ohne|soll|will|evtl|ggf) $|"
    r"\bnicht\b|\bkeine?n?\b"
)
NEARBY = 25
"""Characters before a referral in which a "nicht" still belongs to it."""
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
    "empfohlen",
    "angemeldet",
    "angebahnt",
    "ans herz gelegt",
    "angeraten",
)
CLAUSE = re.compile(rf"(?:(?!{NOT_AFTER_SHORT}(?<!\b\d)(?<!\b\d\d)\.(?: |$))[^,;\n!?])+")
ARTICLE = r"(?:(?:das|die|den|der|dem|eine[nmr]?|unser\w*|oertliche\w*)\b ?)?"
TO = re.compile(rf"(?:\b(?:an|zu|zum|zur|ans|beim|bei|aufs|fuer)\b[ :]*){ARTICLE}$")
LIGHT = (
    r"(?:jetzt|nun|dann|nur|selbst|selber|allein|erst|erstmal|mal|noch|kuenftig|direkt|hin|bitte|damit|auch|"
    r"sich|lieber|gleich|"
    r"weiter|wieder|das|es|er|sie|die|der|ihn|als naechstes|ab jetzt|ab sofort|in zukunft|danach|zuerst|doch|"
    r"parallel|zusaetzlich)"
)
SENT_ON = re.compile(
    rf"(?:->|=>|>>|>|\u2192) ?(?:(?:an|zu[rm]?|ans|verweis|weiter)\b ?)*{ARTICLE}$|"
    rf"(?:\b(?:gehen?|geht|ging|soll\w*|muss|kann|wende[nt]|wendet|wechselt|jetzt|nun|ab|weiter|hin|uebergabe|"
    rf"uebergeben|"
    rf"abgabe|tipp|rat|empfehlung|empfohlen)\b ?:?)(?: {LIGHT})* ?\b(?:an|zu|zum|zur|ans|zu der|aufs|ins)\b "
    rf"?{ARTICLE}$|"
    rf"\b(?:rueber|hin) (?:zu|zum|zur|ans?)\b ?{ARTICLE}$|"
    r"\b(?:das macht|das uebernimmt|darum kuemmert sich|zustaendig(?: ist)?|jetzt dran)(?: (?:jetzt|nun|dann|ab "
    r"jetzt))?:? (?:das |die |der )?$|"
    rf"\bdanach (?:zu[rm]? )?{ARTICLE}$|"
    r"\b(?:jetzt|dann) (?:geht|gehen) (?:er|sie|die|der|es)(?: zu)? $|"
    r"\b(?:empfehlung|tipp|rat|verw\.?|verweisung|verweise|uebergabe|weitervermittlung) ?:? (?:(?:war|ist|an|auf) )?$"
)
"""Right before the office: "-> JMD", "geht jetzt zur", "soll sich an die"."""
TAKES_OVER = re.compile(
    r"^ ?(?:weiter\b|(?:soll|wird|kann|muss)(?: \w+){0,2} (?:uebernehmen|weitermachen|weiterhelfen)|"
    r"ist (?:jetzt )?dran|"
    r"geht (?:er|sie|die|der)\b(?: \w+)? hin|da geht (?:er|sie)|"
    r"uebernimmt|uebernehmen|uebernommen|macht(?: \w+)? weiter|macht (?:das|es)\b|"
    r"hilft (?:da |dann |jetzt )?weiter|begleitet (?:jetzt|weiter)|kuemmert sich|betreut|"
    r"uebergeben|"
    r"(?:ist|sind|waere)(?: \w+)? (?:die )?(?:naechsten? (?:adressen?|station(?:en)?|anlaufstellen?)|zustaendig|"
    r"der richtige)|"
    r"(?:hab\w* ich )?(?:empfohlen|angeraten|geraten|gesagt)\b|"
    r"(?:und|u|,|\+) \w+ sind (?:die )?naechsten? (?:adressen?|stationen|anlaufstellen))"
)
"""Right after the office: "MBE übernimmt", "an die Agentur weiter"."""
TURNS_TO = re.compile(
    rf"\b(?:soll\w*|muss|kann|wird|will|moechte|darf)(?: {LIGHT})* (?:bei|beim|an|ans|zu|zum|zur)\b ?{ARTICLE}$"
)
TURNING = re.compile(
    r"^ ?(?:\w+ )?(?:melden|wenden|vorstellen|vorsprechen|gehen|hingehen|beraten lassen|hilfe holen|anklopfen)\b"
)
DETAILS_OF = re.compile(
    r"\b(?:nummer|nr|telefonnummer|adresse|kontakt|kontaktdaten|flyer|infos?|info|ansprechpartner\w*|"
    r"anlaufstelle|tel)\b\.? "
    rf"(?:(?:von|vom|der|des|zur|zum|fuer)\b )*{ARTICLE}$"
)
GIVEN = re.compile(
    r"\b(?:mit|weiter|raus)?ge?geben\b|\bgab\b|\bgebe\b|\bgenannt\b|\bausgehaendigt\b|\bgeschickt\b|\bgegebn\b|"
    r"\bhergestellt\b|\baufgenommen\b|\bvermittelt\b"
)
ONLY_TO = re.compile(
    rf"^ ?(?:und |dann |jetzt |also |als naechstes )*(?:an|ans|zu|zum|zur|richtung|ab zu[rm]?|ab ins)\b ?{ARTICLE}$"
)
ONLY_AFTER = re.compile(r"^[ \x00]*(?:$|(?:weiter|verw\.?|damit|hin|gegangen|und)\b)")
"""A clause that says no more than to whom: "an JMD"."""
TAKEN_BACK = re.compile(r"\b(?:nicht|keine?n?|kommt vo[nm]|ohne)\b")
TO_WHOM = ("geschickt", "schicke", "schickte", "schick", "vermittelt", "vermittlung", "vermittle", "angemeldet")
"""Verbs that need an office with a preposition, or right beside them."""
GUIDES = ("JMD", "MBE")
AND = re.compile(r"\b(?:und|u|oder|sowie|bzw|evtl|ggf|die|das|der)\b")
DOWN_THERE = re.compile(
    r"\b(?:hin|dahin|dorthin|rueber|weiter)(?:geschickt|verwiesen|vermittelt)|"
    r"(?:dahin|dorthin) (?:geschickt|vermittelt)"
)


THERE = re.compile(
    r"\b(?:da|dahin|dorthin|dort hin|da hin|hin|daran|dazu)\b.*\b(?:verwiesen|geschickt|vermittelt|"
    r"weitergeleitet|hingeschickt)\b|"
    r"\bhin(?:geschickt|verwiesen|vermittelt)\b|\bda geht (?:er|sie)\b.*\bhin\b"
)
"""Right after a clause that names the office: "Sozialamt ist zuständig, dahin verwiesen"."""


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
            here = self._in_clause(clause.group(), clause.start())
            if not here and THERE.search(clause.group()) and not self.terms.find(clause.group()):
                here = [
                    FoundReferral(term.start, clause.end(), term.label)
                    for term in self.terms.find(folded[: clause.start()])[-1:]
                ]
            found += here
        return found

    def _in_clause(self, clause: str, offset: int) -> list[FoundReferral]:
        terms = self.terms.find(clause)
        verb = REFERRED.search(clause) if terms else None
        spans: list[tuple[int, int, FoundTerm]] = []
        if verb:
            chosen = referred_by(verb, clause, terms)
            near = around(clause, verb, chosen) if chosen else ""
            thing = verb.group() in WEAK and NOT_A_PERSON.search(near)
            if chosen and not thing and not BACKWARDS.search(near):
                start = min(verb.start(), *(before_preposition(clause, term.start) for term in chosen))
                end = max(verb.end(), *(term.end for term in chosen))
                spans = [(start, end, term) for term in chosen]
        if not spans:
            spans = [(sent_from(clause, term), term.end, term) for term in terms if is_sent_on(clause, term)]
        return [FoundReferral(offset + start, offset + end, term.label) for start, end, term in spans]

    def alone(self, piece: str) -> list[FoundTerm]:
        """The offices of a piece of text that names nothing else: "Schuldnerberatung", "JMD + Jobcenter"."""
        terms = self.terms.find(piece)
        rest = list(piece)
        for term in terms:
            rest[term.start : term.end] = " " * (term.end - term.start)
        return terms if not re.search(r"[a-z0-9]", AND.sub(" ", "".join(rest))) else []


def referred_by(verb: re.Match[str], clause: str, terms: list[FoundTerm]) -> list[FoundTerm]:
    """The offices that belong to a verb of referring."""
    said = verb.group()
    targets = [term for term in terms if not came_from(clause[: term.start])]
    if said == "angemeldet":
        targets = [term for term in targets if term.label in GUIDES or term.label.endswith("beratung")]
    if said in TO_WHOM and not DOWN_THERE.search(clause):
        beside = (verb.start() - 1, verb.start())
        targets = [term for term in targets if TO.search(clause[: term.start]) or term.end in beside]
    first = next((term.start for term in targets if TO.search(clause[: term.start])), len(clause))
    return [term for term in targets if first <= term.start < verb.start()] or targets


def around(clause: str, verb: re.Match[str], chosen: list[FoundTerm]) -> str:
    """The words of a referral and a little before them, where it may be taken back."""
    start = min(verb.start(), *(term.start for term in chosen))
    end = max(verb.end(), *(term.end for term in chosen))
    since = max(clause.rfind(arrow, 0, start) for arrow in ("->", " - "))
    return clause[max(0, since, start - NEARBY) : end]


def is_sent_on(clause: str, term: FoundTerm) -> bool:
    """Without a verb of referring: "-> JMD", "geht jetzt zur MBE", "soll sich bei der AWO melden"."""
    before, after = clause[: term.start], clause[term.end :]
    if TAKEN_BACK.search(before[-NEARBY:]):
        return False
    turned = TURNS_TO.search(before) and TURNING.search(after)
    given = DETAILS_OF.search(before) and GIVEN.search(clause)
    led = ONLY_TO.search(before) and ONLY_AFTER.match(after)
    return bool(SENT_ON.search(before) or TAKES_OVER.search(after) or turned or given or led)


def sent_from(clause: str, term: FoundTerm) -> int:
    led = SENT_ON.search(clause[: term.start])
    return led.start() if led else before_preposition(clause, term.start)


def came_from(before: str) -> bool:
    return re.search(r"\b(?:vom|von der|von dem|von|durch|durchs)(?: das| die)? $", before) is not None


def before_preposition(clause: str, start: int) -> int:
    led = TO.search(clause[:start])
    return led.start() if led else start
