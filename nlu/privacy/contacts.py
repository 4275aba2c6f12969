"""Ways to reach or pay a person: e-mail addresses, telephone numbers, bank accounts.

Presidio's recognisers, and behind them wider forms: people mistype check digits and write numbers that no plan has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import PatternRecognizer
from presidio_analyzer.predefined_recognizers import EmailRecognizer, IbanRecognizer, PhoneRecognizer

from nlu.privacy.spans import Span

COUNTRY_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
}
ACCOUNTS = "|".join(
    rf"(?:{countries.replace(' ', '|')})[ ]?\d[ ]?\d(?:[ .-]?[A-Z\d]){{{size - 4}}}"
    for size, countries in COUNTRY_LENGTHS.items()
)
ACCOUNT = re.compile(rf"(?<!\w)(?=(?:[^\d\n]{{0,8}}\d){{9}})(?:{ACCOUNTS})(?!\w)", re.IGNORECASE)
WORDS = re.compile(r"[ .-](?!(?<=^.{5})[A-Z]{4}[ .-])[^\W\d]{3,}(?![\w])", re.IGNORECASE)
MISTYPED_ACCOUNT = re.compile(r"(?<!\w)[A-Z]{2}[ ]?\d{2}(?:[ .-]?\d){10,30}(?!\w)", re.IGNORECASE)
NAMED_ACCOUNT = re.compile(
    r"(?<!\w)(?:kto|konto|kontonummer|konto-?nr|"
    r"kto\.?-?nr)(?!\w)[^\d\n]{0,16}?(?<![\w.])((?:\d[ ]?){6,12}\d)(?!\w|[.,]\d)",
    re.IGNORECASE,
)

MAIL = re.compile(
    r"(?<![\w.+-])[\w.+%-]+(?:@|[ ]?(?:\((?:at|ät)\)|\[(?:at|ät)\])[ ]?|[ ]@[ ]?(?=[\w-]+\.[a-z]{2}))"
    r"[\w-]+(?:(?:\.|[ ]?\((?:dot|punkt)\)[ ]?)[\w-]+)*(?<![-_.])",
    re.IGNORECASE,
)

NOT_A_DATE = (
    r"(?!\(?\s?\d{1,2}\.\s?\d{1,2}\.|\d{1,2}/(?:19|20)\d{2}|\d\d-\d\d-\d{4}\b|\d\d/\d\d/\d{4}\b|0\d00\s?(?:bis|-|–))"
)
DATE = re.compile(r"\(?\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}(?!\d)")
PHONE = re.compile(
    rf"(?<![\w.,/+–-]){NOT_A_DATE}"
    r"(?:(?:\(?\+|\(?00)[1-9](?:[ ]?\d){0,2}\)?[ /.–-]{0,3}(?:\(0\))?|"
    r"\(?[ ]?0)[ ]?(?:\(?\d{1,5}\)?)(?:[ /().–-]{0,3}\d){4,12}"
    r"(?!\w|,\d|\.\d{4}|\s?(?:€|euro|uhr))",
    re.IGNORECASE,
)
INSIDE = re.compile(r"[\w.,/+–-]\Z")
"""Before a number: it is the rest of a longer one."""
NAMED_PHONE = re.compile(
    r"(?<!\w)(?:tel|telefon\w*|fon|phone|handy\w*|mobil\w*|whatsapp|whats app|wa|fax|rufnummer|rufnr|durchwahl|dw|"
    r"festnetz\w*|"
    r"erreichbar(?:\s+\w+)?\s+unter|an(?:zu)?rufen\s+unter|(?:neue|meine|deine|seine|ihre)\s(?:nummer|"
    r"nr))(?!\w)[^\d\n+]{0,16}?(?<![\w.,])"
    r"(?!\d{1,2}\.\s?\d{1,2}\.)((?:\d[ /.–-]{0,3}){6,13}\d)(?!\w|[.,/-]\d|\s?(?:€|euro|eur|uhr|%))",
    re.IGNORECASE,
)


class ContactFinder:
    """Finds e-mail addresses, telephone numbers and accounts. Made once; holds Presidio's recognisers."""

    def __init__(self) -> None:
        self._mail = PatternRecognizer("EMAIL_ADDRESS", patterns=EmailRecognizer.PATTERNS, supported_language="de")
        """Without Presidio's check of the top-level domain, which would be looked up in the network."""
        self._account = IbanRecognizer(supported_language="de")
        self._phone = PhoneRecognizer(supported_language="de", supported_regions=("DE",))

    def __call__(self, text: str) -> Iterator[Span]:
        """Spans in the text as given."""
        if "@" in text or "(" in text or "[" in text:
            yield from (Span(found.start, found.end, "EMAIL") for found in self._mail.analyze(text, ["EMAIL_ADDRESS"]))
            yield from (Span(*found.span(), "EMAIL") for found in MAIL.finditer(text))
        for account in self._account.analyze(text, ["IBAN_CODE"]):
            yield Span(account.start, account.end, "IBAN")
        for form in (ACCOUNT, MISTYPED_ACCOUNT):
            yield from (Span(*found.span(), "IBAN") for found in form.finditer(text) if not WORDS.search(found.group()))
        yield from (Span(*found.span(1), "IBAN") for found in NAMED_ACCOUNT.finditer(text))
        for number in self._phone.analyze(text, ["PHONE_NUMBER"]):
            inside = INSIDE.search(text, max(0, number.start - 1), number.start)
            if text[number.start] in "+0(" and not inside and not DATE.match(text, number.start):
                yield unopened(text, number.start, number.end)
        yield from (unopened(text, *found.span()) for found in PHONE.finditer(text))
        yield from (Span(*found.span(1), "PHONE") for found in NAMED_PHONE.finditer(text))


def unopened(text: str, start: int, end: int) -> Span:
    """The number without a bracket in front that does not close within it."""
    number = text[start:end]
    bare = number if ")" in number else number.lstrip("( ")
    return Span(end - len(bare), end, "PHONE")
