"""The moment every message of these tests was sent, and the readers made from the real curated words."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from knowledge.casework import load_casework
from knowledge.needs import load_needs
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.consultation import ConsultationReader
from nlu.readers.results import ZONE

NOW = datetime(2026, 3, 27, 16, 30, tzinfo=ZONE)
"""A Friday, two days before the clocks go forward."""
QUICK = settings(derandomize=True, deadline=None)

WORDS = (
    "heute gestern vorgestern morgen übermorgen früh abend letzten nächsten kommenden diesen montag dienstag fr so "
    "do freitag am um bis ab vom von in vor seit alle jeden jede ersten zweiten letzte woche wochen tag tagen monat "
    "monaten jahr jahre halbes halb viertel dreiviertel drei zwei zehn 0 1 3 12 29 30 31 32 99 2026 1. 3. 3.3. "
    "31.2. 29.2. 31.12.26 3.4.2030 9999-12-31 0000-01-01 10:30 25:00 9 uhr 10-11 kw 12 kw 53 kw 99 ende anfang "
    "mitte oktober märz februar quartal stunde std min 1h30 900 minuten täglich werktags im monat 99999999 kim 1042 "
    "kim-2026-0042 telefon zoom mail wohnung kita schulden verwiesen an jobcenter wv wiedervorlage lücke: notiz: "
    "nächste schritte: , . ; : - / + ( ) erinner mich ü ß ½ İ ﬁ"
)
FRAGMENTS = [*WORDS.split(), "\n", "\x00"]
messages = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(" ".join) | st.text(max_size=60)
"""Anything: words of this field in any order, and text of any kind."""


def rows(name: str) -> list[dict[str, Any]]:
    """The messages of one file beside this one, with what they say."""
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def case_reader() -> CaseNumberReader:
    casework = load_casework()
    return CaseNumberReader(casework.case_numbers, casework.case_words)


@pytest.fixture(scope="session")
def reader() -> ConsultationReader:
    return ConsultationReader.of(cases=case_reader(), needs=load_needs())
