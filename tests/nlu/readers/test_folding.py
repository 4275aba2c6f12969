"""Folding and putting slips right: what is searched leads back to what was typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.readers.folding import fold
from nlu.readers.spelling import Speller
from tests.nlu.readers.conftest import QUICK

KNOWN = Speller(["donnerstag", "monaten", "monate", "minuten", "minute", "telefon"])


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("Müller–Straße", "mueller-strasse"), ("GRÖSSE", "groesse"), ("é\u00a0½", "e ,5"), ("a  b\tc", "a b c")],
)
def test_spellings_become_one(typed: str, folded: str) -> None:
    assert fold(typed).text == folded


@QUICK
@given(st.text())
def test_every_place_leads_back(typed: str) -> None:
    for folded in (fold(typed), fold(typed, KNOWN)):
        assert len(folded.offsets) == len(folded.text) + 1
        assert list(folded.offsets) == sorted(folded.offsets)
        assert folded.as_typed(0, len(folded.text)) in (
            unicodedata.normalize("NFC", typed),
            folded.typed[folded.offsets[0] :],
        )


def test_what_was_mended_leads_back_to_the_slip() -> None:
    folded = fold("am Donerstag um 9", KNOWN)
    assert folded.text == "am donnerstag um 9"
    assert folded.as_typed(3, 13) == "Donerstag"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("donerstag", "donnerstag"),
        ("donnertsag", "donnerstag"),
        ("donnnerstag", "donnerstag"),
        ("donnerstak", "donnerstag"),
        ("telfon", "telefon"),
        ("monatn", "monaten"),
        ("monate", "monate"),
        ("minuten", "minuten"),
        ("konnerstag", "konnerstag"),  # the first letter is always right
        ("telefons", "telefons"),  # another ending is no slip
        ("wohnung", "wohnung"),
    ],
)
def test_one_slip_is_put_right(typed: str, meant: str) -> None:
    assert KNOWN(typed) == meant
