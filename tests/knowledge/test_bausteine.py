"""Which Baustein a message names, or implies by what belongs to one."""

from __future__ import annotations

import pytest

from knowledge.bausteine import Bausteine, read_bausteine
from knowledge.load import Knowledge


def read(message: str, knowledge: Knowledge) -> Bausteine:
    return read_bausteine(knowledge.normaliser(message), knowledge.vocabulary.bausteine)


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("Wie hoch ist die Förderung in Baustein 3?", {3}),
        ("B3", {3}),
        ("b 3", {3}),
        ("B-3", {3}),
        ("bs3", {3}),
        ("Baustein3", {3}),
        ("Baustein drei", {3}),
        ("im dritten Baustein", {3}),
        ("der zweite Baustein", {2}),
        ("im 3. Baustein", {3}),
        ("des Bausteins 2", {2}),
        ("Baustein 1/2", {1, 2}),
        ("B1/2", {1, 2}),
        ("B1 & B2", {1, 2}),
        ("B1+B2", {1, 2}),
        ("Bausteine 1 und 2", {1, 2}),
        ("Baustein 1 & 2", {1, 2}),
        ("Bausteine 1, 2 und 3", {1, 2, 3}),
        ("Baustein 1 u. Baustein 3", {1, 3}),
        ("Baustein 2 bzw. 3", {2, 3}),
        ("Bausteine 1 bis 3", {1, 2, 3}),
        ("Bausteine 1-3", {1, 2, 3}),
        ("Läuft Baustein 1 bis 31.12.2028?", {1}),
    ],
)
def test_a_number_names_the_baustein(knowledge: Knowledge, message: str, named: set[int]) -> None:
    assert read(message, knowledge).named == named


@pytest.mark.parametrize("message", ["Was sind die Bausteine?", "Baustein 4", "3 Stellen", "Bausteinkasten", ""])
def test_no_baustein_is_made_up(knowledge: Knowledge, message: str) -> None:
    assert read(message, knowledge) == Bausteine()


@pytest.mark.parametrize(
    ("message", "implied"),
    [
        ("gilt das für die ABH?", {3}),
        ("und die EBH", {3}),
        ("Sachbearbeiterin im Ausländeramt", {3}),
        ("die Pauschale", {3}),
        ("Koordination", {1}),
        ("unsere Koordis", {1}),
        ("halbe Verwaltungsassistenz", {1}),
        ("CM-Stelle", {2}),
        ("Case Managerin", {2}),
        ("Koordination und Ausländerbehörde", {1, 3}),
        ("Wie lange läuft die Förderung?", set()),
    ],
)
def test_a_post_implies_its_baustein(knowledge: Knowledge, message: str, implied: set[int]) -> None:
    found = read(message, knowledge)
    assert found.named == set()
    assert found.implied == found.meant == implied


def test_the_number_wins_over_what_is_implied(knowledge: Knowledge) -> None:
    found = read("Koordination in Baustein 3", knowledge)
    assert (found.named, found.implied, found.meant) == ({3}, {1}, {3})
