"""Birth dates: what is one, what is another date, and why."""

from __future__ import annotations

import pytest

from nlu.privacy.births import births
from nlu.privacy.spans import Span, without_overlaps


def found(text: str, *names: str) -> list[str]:
    people = [Span(text.index(name), text.index(name) + len(name), "PERSON") for name in names]
    return [text[span.start : span.end] for span in without_overlaps(births(text, people))]


@pytest.mark.parametrize(
    ("text", "date", "why"),
    [
        ("geb. 12.03.1990", "12.03.1990", "short word"),
        ("geb.12.03.90", "12.03.90", "no space, two digits"),
        ("geboren am 1.3.2015 in Aleppo", "1.3.2015", "a child"),
        ("geboren in Aleppo am 1.3.1990", "1.3.1990", "place between"),
        ("Geburtsdatum: 12.03.1990", "12.03.1990", "heading"),
        ("Geb.-Dat.: 24/08/2001", "24/08/2001", "slashes"),
        ("*12.03.1990", "12.03.1990", "star"),
        ("am 3.4.85 geboren", "3.4.85", "word behind"),
        ("ist am 12. März 1990 zur Welt gekommen", "12. März 1990", "in words"),
        ("12. März 85 ist sein Geburtstag", "12. März 85", "word behind, month in words"),
        ("geb 12031990", "12031990", "no dots"),
        ("geb. 1990-03-12", "1990-03-12", "year first"),
        ("geb 3/85", "3/85", "month and year"),
        ("geb. 03/1985 in Asmara", "03/1985", "month and year in full"),
        ("wurde im Juli 2009 geboren", "Juli 2009", "month in words, no day"),
        ("ist am ersten januar 1990 geboren", "ersten januar 1990", "day in words"),
        ("der Sohn ist vom 11.11.2016", "11.11.2016", "somebody is from a day"),
        ("Geburtstage der Drillinge: alle 18.1.2025", "18.1.2025", "announced before"),
        ("hier steht 12.03.1985", "12.03.1985", "too old for anything else"),
    ],
)
def test_birth_dates(text: str, date: str, why: str) -> None:
    assert found(text) == [date], why


def test_a_date_right_behind_a_name_is_a_birth_date() -> None:
    assert found("Olena Kovalenko (12.03.2014), Taras 3.4.2016", "Olena Kovalenko", "Taras") == [
        "12.03.2014",
        "3.4.2016",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Termin am 12.03.2027 um 10:30", "appointment"),
        ("Frist 31.03.2027", "deadline"),
        ("Stand 23.04.2026", "state"),
        ("bj 1987", "a year alone"),
        ("Gesetz vom 30.07.2004", "law"),
        ("eingereist am 12.03.2015", "entry"),
        ("der Bescheid ist vom 11.11.2026", "a thing is from a day"),
        ("Hochzeit war am 7. September 2001", "wedding"),
        ("Frist 3/2027", "a month alone"),
        ("Geburtsurkunde vom 12.03.2026", "the certificate's date"),
        ("geboren in Deutschland", "no date"),
        ("vom 01.01.2027-31.12.2027", "a period"),
    ],
)
def test_other_dates(text: str, why: str) -> None:
    assert found(text) == [], why


def test_an_appointment_behind_a_name_stays() -> None:
    assert found("Frau Kaya, 12.03.2026 um 10 Uhr", "Kaya") == []


def test_the_day_of_death_is_no_birth_date() -> None:
    assert found("geb.: 03.07.1962, gest.: 19.02.2026") == ["03.07.1962"]
