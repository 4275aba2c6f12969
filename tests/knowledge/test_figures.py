"""The figures of a German text, in a form that can be compared."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.figures import figures

QUICK = settings(deadline=None, derandomize=True)


def numbers(*values: int | str) -> set[tuple[str, object]]:
    return {("number", Fraction(value)) for value in values}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("57.000 Euro", numbers(57000)),
        ("22.500,50 €", numbers("22500.5")),
        ("1.234.567 Euro", numbers(1234567)),
        ("3,5 Stellen", numbers("3.5")),
        ("3,0 Stellen", numbers(3)),
        ("50 - 60 Fälle", numbers(50, 60)),
        ("50–60 Fälle", numbers(50, 60)),
        ("Das sind 35.", numbers(35)),
        ("1/3 der Fälle", numbers("1/3")),
        ("ein Drittel", numbers("1/3")),
        ("zwei Drittel der Stellen", numbers("2/3")),
        ("Drei Viertel", numbers("3/4")),
        ("eine halbe Stelle", numbers("1/2")),
        ("die Hälfte", numbers("1/2")),
        ("Zwei Bedarfe, zwölf Monate", numbers(2, 12)),
        ("mit beiden Behörden", numbers(2)),
        ("dreißig Tage", numbers(30)),
        ("eine Stelle", set()),
        ("allein, dreist und achtsam", set()),
    ],
)
def test_numbers_fractions_and_number_words_are_found(text: str, found: set[tuple[str, object]]) -> None:
    assert figures(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bis 31.03. eines Jahres", {("date", (31, 3, None))}),
        ("am 12. Dezember 2024", {("date", (12, 12, 2024))}),
        ("ab dem 01. Februar", {("date", (1, 2, None))}),
        ("Ende Oktober", {("month", 10)}),
        ("im März", {("month", 3)}),
    ],
)
def test_dates_and_months_are_found(text: str, found: set[tuple[str, object]]) -> None:
    assert figures(text) == found


def test_a_date_reads_the_same_in_figures_and_in_words() -> None:
    assert figures("30.06.") == figures("30. Juni")


@pytest.mark.parametrize(
    "citation",
    [
        "siehe Frage 22",
        "Fragen 22, 23 und 24",
        "Baustein 1/2",
        "in den Bausteinen 1 und 2",
        "Abs. 3 Satz 2",
        "Nr. 4 ZustAVO",
        "Stand 23.04.2026",
        "Anlage 2a",
    ],
)
def test_citations_are_no_figures(citation: str) -> None:
    assert figures(citation) == set()


def test_a_figure_beside_a_citation_is_still_found() -> None:
    assert figures("Frage 13: 57.000 Euro, Baustein 3: zwei Raten") == numbers(57000, 2)


def german(number: Decimal) -> str:
    return f"{number:,f}".translate(str.maketrans(",.", ".,"))


@QUICK
@given(st.decimals(min_value=0, max_value=10**9, places=2) | st.integers(0, 10**9).map(Decimal))
@example(Decimal(1000))
@example(Decimal("57000.50"))
def test_a_number_in_german_style_comes_back_as_it_was(number: Decimal) -> None:
    assert figures(f"höchstens {german(number)} Euro") == {("number", Fraction(number))}


@QUICK
@given(st.text(alphabet="0123456789./,- §aeinzwdrtlhb") | st.text())
@example("Bereich 1/0")
def test_no_text_is_too_strange(text: str) -> None:
    assert all(kind in {"number", "date", "month"} for kind, _ in figures(text))
