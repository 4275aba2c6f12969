"""Numbers that stand for one person: documents, insurances, taxes, registers of offices.

Presidio's German recognisers judge what has a check digit; what has none needs a form of its own, or a word before it
that says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from presidio_analyzer import EntityRecognizer, PatternRecognizer
from presidio_analyzer.predefined_recognizers import (
    DeHealthInsuranceRecognizer,
    DeIdCardRecognizer,
    DePassportRecognizer,
    DeSocialSecurityRecognizer,
    DeTaxIdRecognizer,
)

from nlu.privacy.spans import Span

CHECKED: Sequence[type[PatternRecognizer]] = (
    DeHealthInsuranceRecognizer,
    DeIdCardRecognizer,
    DePassportRecognizer,
    DeSocialSecurityRecognizer,
    DeTaxIdRecognizer,
)
SURE = EntityRecognizer.MAX_SCORE
"""What Presidio gives for a right check digit."""

NUMBERED = (
    r"azr|bg|bedarfsgemeinschaft(?:s|en)?|(?:[a-zäöü]+)?pass|(?:[a-zäöü]+)?ausweis|perso|eat|"
    r"aufenthalts?(?:titels?|karten?)|"
    r"(?:aufenthalts)?gestattung(?:s)?|duldung(?:s)?|fiktionsbescheinigung(?:s)?|dokument(?:en)?|serien|rv|sv|kv|"
    r"renten?|(?:[a-zäöü]+)?versicherung(?:s)?|(?:[a-zäöü]+)?versicherten|krankenkassen?|krankenk|"
    r"gesundheitskarten?|egk|"
    r"steuer|(?:steuer-?)?identifikation(?:s)?|kunden|kindergeld|ausl(?:änder|aender)?|register|mitglied(?:s)?|mitgl|"
    r"führerschein|fuehrerschein|matrikel|bamf|vers|renten?\.?-?\s?vers|soz\.?-?\s?vers|karten|teilnehmer|visum(?:s)?|"
    r"ankunftsnachweis|personen|st"
)
NUMBER = r"(?:nummern?|nr|numer|nummr|no|kennung|kennzeichen|kennziffer|id|ident)(?![a-zäöüß])\.?"
NUMBER_WORD = (
    rf"(?:{NUMBERED})[\s.\-–]{{0,2}}{NUMBER}|azr|bg|svnr|rvnr|kvnr|pkz|zemis|idnr|tin|kdnr|tazkira|"
    rf"(?:ausländer)?zentralregister|"
    r"sozialversicherung|rentenversicherung|bedarfsgemeinschaft"
)
CARD_WORD = (
    r"(?:[a-zäöü]+)?pass|(?:[a-zäöü.]+)?ausweis|perso|eat|aufenthalts?(?:titels?|karte|gestattung|erlaubnis)|"
    r"fiktionsbescheinigung|duldung|ankunftsnachweis|niederlassungserlaubnis|visum|krankenversicherung|krankenkasse|"
    r"(?:[a-zäöü]+)?karte|egk|aok|barmer|dak|ikk|bkk|tk|knappschaft|führerschein|kindergeld|dokument|rv|sv|kv"
)
NO_DATE = r"(?!\d{1,2}\.\s?\d{1,2}\.|\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d\d\b|\d{1,2}/(?:19|20)\d\d\b|\d{1,2}:\d\d)"
PART = r"[A-Z]{0,4}\d[\dA-Z]*"
MORE = rf"(?:(?:\s?//?\s?|[ .\-–_]){NO_DATE}(?:[A-Z][ .\-])?{PART})"
VALUE = (
    rf"(?P<value>(?<![\w.,]){NO_DATE}(?:[A-Z]{{1,3}} (?=\d{{4}}))?{PART}{MORE}*"
    r"(?!\w|[.,:]\d|\s?(?:€|euro|eur\b|uhr|%|prozent|tage|jahre|monate|wochen|stunden)))"
)
NAMED_NUMBER = re.compile(rf"(?<!\w)(?:{NUMBER_WORD})(?!\w)[^\d\n;!?§]{{0,48}}?{VALUE}", re.IGNORECASE)
CARD_NUMBER = re.compile(rf"(?<!\w)(?:{CARD_WORD})(?!\w)[^\d\n;!?§]{{0,32}}?{VALUE}", re.IGNORECASE)
OF_A_PHONE = re.compile(
    r"(?<!\w)(?:tel|telefon\w*|handy\w*|mobil\w*|erreichbar|anruf\w*|anrufen|ruf\w*)(?!\w)|(?<![\d/])(?<!\d "
    r")0[1-9][\d /-]{7,}\Z",
    re.IGNORECASE,
)
LEAST_DIGITS = 5
CARD_FORM = re.compile(
    r"[A-Z]{1,3}[ -]?\d{5,10}|(?=(?:.*\d){3})(?=(?:.*[A-Z]))[A-Z\d]{7,12}|(?:\D*\d){7,15}\D*", re.IGNORECASE
)
EDGE = r"(?<![\w/.+-])(?:{})(?![\w/]|[.,-]\d)"
FORMS = [
    re.compile(EDGE.format(form), flags)
    for form, flags in {
        r"\d{2}[ .\-/]?\d{6}[ .\-/]?[A-Z][ .\-/]?\d{2}[ .\-/]?\d": re.IGNORECASE,  # pension insurance
        r"\d{3,6}\s?(?://|BG)\s?\d{5,8}": re.IGNORECASE,  # household of the Jobcenter
        r"\d{3}[ ]?(?:[A-Z]|FK)[ ]?\d{6}": 0,  # Jobcenter's customer, child benefit
        r"[1-9]\d{11}|[1-9]\d{3} \d{4} \d{4}|[1-9]\d\d \d{3} \d{3} \d{3}": 0,  # central register of foreigners
        r"[1-9]\d([ /.-])\d{3}\1\d{3}\1\d{3}": 0,  # tax
        r"[A-Z]{1,3}[ ]?\d{6,9}|[A-Z](?:[ ]?\d){9}": 0,  # passports, health insurance
        r"(?=(?:[A-Z]*\d){3})(?=(?:\d*[A-Z]){2})[A-Z][A-Z\d]{7,8}": 0,  # cards with letters between
    }.items()
]


class IdentityFinder:
    """Finds identity numbers. Made once; holds Presidio's recognisers."""

    def __init__(self) -> None:
        self._checked = [kind() for kind in CHECKED]

    def __call__(self, text: str) -> Iterator[Span]:
        """Spans in the text as given."""
        for recogniser in self._checked:
            for found in recogniser.analyze(text, recogniser.supported_entities):
                if found.score == SURE and sum(char.isdigit() for char in text[found.start : found.end]) > 2:
                    yield Span(found.start, found.end, "ID_NUMBER")
        for form in FORMS:
            yield from (Span(*found.span(), "ID_NUMBER") for found in form.finditer(text))
        for found in NAMED_NUMBER.finditer(text):
            if sum(char.isdigit() for char in found["value"]) >= LEAST_DIGITS and not OF_A_PHONE.search(found.group()):
                yield Span(*found.span("value"), "ID_NUMBER")
        for found in CARD_NUMBER.finditer(text):
            if CARD_FORM.fullmatch(found["value"]) and not OF_A_PHONE.search(found.group()):
                yield Span(*found.span("value"), "ID_NUMBER")
