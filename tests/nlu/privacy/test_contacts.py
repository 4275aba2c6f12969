"""E-mail addresses, telephone numbers and accounts: what is one, what is none, and why."""

from __future__ import annotations

import pytest

from nlu.privacy.contacts import ContactFinder
from nlu.privacy.spans import without_overlaps

FIND = ContactFinder()


def found(text: str) -> list[tuple[str, str]]:
    return [(span.label, text[span.start : span.end]) for span in without_overlaps(FIND(text))]


@pytest.mark.parametrize(
    ("text", "number", "why"),
    [
        ("Tel. 0170 1234567", "0170 1234567", "mobile"),
        ("tel 0170/1234567 bitte", "0170/1234567", "slash"),
        ("(0201) 12 34 56", "(0201) 12 34 56", "area code in brackets"),
        ("(0 25 1) 77 88 99 1", "(0 25 1) 77 88 99 1", "spaced out"),
        ("0 1 7 6 1 2 3 4 5 6 7", "0 1 7 6 1 2 3 4 5 6 7", "each digit apart"),
        ("0152.22334455", "0152.22334455", "dot"),
        ("+49 (0)170 1234567", "+49 (0)170 1234567", "country and area"),
        ("0049-170-1234567", "0049-170-1234567", "country by zeros"),
        ("+963 944 123 456", "+963 944 123 456", "Syria"),
        ("+380 67 123 45 67", "+380 67 123 45 67", "Ukraine"),
        ("00355 69 123 4567", "00355 69 123 4567", "Albania"),
        ("0176 99887712, danach 10:30", "0176 99887712", "ends before the time"),
        ("Handy: 17612345678", "17612345678", "no zero, but a word says it"),
        ("(0171 8264093, abends)", "0171 8264093", "the bracket holds more than the number"),
        ("unter meine nummer 4711234", "4711234", "local, but a word says it"),
    ],
)
def test_telephone_numbers(text: str, number: str, why: str) -> None:
    assert found(text) == [("PHONE", number)], why


@pytest.mark.parametrize(
    ("text", "address", "why"),
    [
        ("an anna.muster@stadt-koeln.de.", "anna.muster@stadt-koeln.de", "full stop outside"),
        ("jürgen@köln.de", "jürgen@köln.de", "umlauts"),
        ("hamid90@gmail", "hamid90@gmail", "ending forgotten"),
        ("amina (at) web.de", "amina (at) web.de", "written out"),
        ("Mail a_b+c@x.co.uk!", "a_b+c@x.co.uk", "plus and two endings"),
    ],
)
def test_email_addresses(text: str, address: str, why: str) -> None:
    assert found(text) == [("EMAIL", address)], why


@pytest.mark.parametrize(
    ("text", "account", "why"),
    [
        ("DE89 3704 0044 0532 0130 00 bitte", "DE89 3704 0044 0532 0130 00", "grouped"),
        ("de89370400440532013000", "de89370400440532013000", "small letters"),
        (
            "DE00 1234 5678 9012 3456 78",
            "DE00 1234 5678 9012 3456 78",
            "wrong check digits: mistyped, still an account",
        ),
        ("DE8937040044 0532013000", "DE8937040044 0532013000", "grouped anyhow"),
        ("NL91ABNA0417164300", "NL91ABNA0417164300", "letters inside"),
        ("BG80BNBG96611020345678", "BG80BNBG96611020345678", "Bulgaria, not a household's number"),
        ("UA213223130000026007233566001", "UA213223130000026007233566001", "long"),
        ("Kontonummer 1234567890", "1234567890", "old kind, but a word says it"),
    ],
)
def test_accounts(text: str, account: str, why: str) -> None:
    assert found(text) == [("IBAN", account)], why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("57.000 Euro und 22.500,00 €", "sums"),
        ("am 03.04.2026 um 10:30", "date and time"),
        ("0800 bis 1200 Uhr", "times"),
        ("01/2026 bis 12/2026", "months"),
        ("AZ 33.41.02-0815/26", "a file's reference"),
        ("0,5 bis 1,0 Stellen", "shares"),
        ("2026-004711", "an invoice"),
        ("§ 25b Abs. 1 Satz 2 Nr. 3", "law"),
        ("45127 Essen", "postcode"),
        ("bei @ steht nichts", "sign alone"),
        ("de 10 leute kommen heute und morgen", "words that begin like an account"),
    ],
)
def test_what_is_none(text: str, why: str) -> None:
    assert found(text) == [], why
