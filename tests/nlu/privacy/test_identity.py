"""Numbers of documents, insurances and registers: what is one, what is none, and why."""

from __future__ import annotations

import pytest

from nlu.privacy.identity import IdentityFinder
from nlu.privacy.spans import without_overlaps

FIND = IdentityFinder()


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in without_overlaps(FIND(text))]


@pytest.mark.parametrize(
    ("text", "number", "why"),
    [
        ("AZR-Nr. 123456789012", "123456789012", "register of foreigners"),
        ("azr 123456789012 bitte", "123456789012", "small letters"),
        ("180412345671", "180412345671", "twelve digits are one without a word"),
        ("bg nummer 12345//0012345", "12345//0012345", "household"),
        ("BG 35502BG0078123", "35502BG0078123", "household with letters"),
        ("35502//0078123 liegt vor", "35502//0078123", "its form is enough"),
        ("Pass L01X00T47", "L01X00T47", "passport"),
        ("Reisepass Türkei U 23456789", "U 23456789", "a letter apart"),
        ("pass nr ist ab1234567", "ab1234567", "small letters"),
        ("Passnummer von ihm: N7384512", "N7384512", "words between"),
        ("RV-Nr 65 170839 J 003", "65 170839 J 003", "pension insurance"),
        ("65170839J003", "65170839J003", "right check digit, no word"),
        ("Steuer-ID 12 345 678 901", "12 345 678 901", "tax"),
        ("IdNr. 72/493/108/568", "72/493/108/568", "tax with slashes"),
        ("eAT nr YZ4K8T2M1", "YZ4K8T2M1", "residence card"),
        ("KVNR A123456780", "A123456780", "health insurance"),
        ("Krankenkasse: T902 184 76", "T902 184 76", "grouped and short"),
        ("Kundennummer 317A123456", "317A123456", "Jobcenter"),
        ("Kindergeldnummer 317FK123456", "317FK123456", "child benefit"),
        ("Versicherungsnr. 53120585K018", "53120585K018", "together"),
        ("Perso LZ6311T47", "LZ6311T47", "identity card"),
    ],
)
def test_identity_numbers(text: str, number: str, why: str) -> None:
    assert found(text) == [number], why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Pass läuft am 12.03.2027 ab", "a date is no number"),
        ("Ausweis gültig bis 03/2027", "a month"),
        ("Pass kostet 60,00 €", "a sum"),
        ("Duldung seit 2019", "a year"),
        ("Krankenkasse um 10:30", "a time"),
        ("§ 25b Abs. 1 AufenthG, Duldung 12 Monate", "law and months"),
        ("57.000 Euro Pauschale", "sums"),
        ("45127 Essen", "postcode"),
        ("AZ 33.41.02-0815/26", "a file's reference"),
        ("TVöD E9a, SGB12, B1/2", "short signs"),
        ("Baustein 3, FAQ 42", "the programme's words"),
    ],
)
def test_what_is_none(text: str, why: str) -> None:
    assert found(text) == [], why
