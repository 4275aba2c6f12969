"""What a message asks for is settled by its parts where the ranking alone is not sure."""

from __future__ import annotations

from datetime import datetime

import pytest

from actions.clock import BERLIN
from actions.settling import Settler, load_settler
from knowledge.casework import load_casework
from knowledge.needs import load_needs
from knowledge.ranking import Candidate, Ranking
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.consultation import ConsultationReader

NOW = datetime(2026, 3, 27, 14, 10, tzinfo=BERLIN)


@pytest.fixture(scope="module")
def settler() -> Settler:
    casework = load_casework()
    numbers = CaseNumberReader(casework.case_numbers, casework.case_words)
    return load_settler(numbers, ConsultationReader.of(cases=numbers, needs=load_needs()))


def ranking(first: str, second: str, *, confidence: float = 0.0, behind: float = 0.5) -> Ranking:
    return Ranking((Candidate(first, 0.5), Candidate(second, 0.5 * behind)), confidence)


@pytest.mark.parametrize(
    ("text", "first", "second", "confidence", "settled"),
    [
        ("nächsten freitag den controllingbogen ausfüllen", "faq-29", "set_reminder", 0.9, "set_reminder"),
        ("erinner mich am 31.3. an die rückzahlung", "faq-46", "case", 0.9, "set_reminder"),
        ("was ist am 31.3. fällig", "faq-46", "set_reminder", 0.9, "faq-46"),
        ("bis wann ist die rückzahlung fällig?", "faq-46", "set_reminder", 0.9, "faq-46"),
        ("nächsten dienstag blumen gießen", "out_of_scope", "set_reminder", 0.0, "set_reminder"),
        ("wie wird das wetter am dienstag", "out_of_scope", "case", 0.0, "out_of_scope"),
        ("formulier eine mail an den vermieter von 2190", "out_of_scope", "log_consultation", 0.0, "out_of_scope"),
        ("mit 2190 telefoniert, 20 min, mietvertrag", "out_of_scope", "case", 0.0, "log_consultation"),
        ("alle sechs wochen mit 2190 telefonieren", "log_consultation", "case", 0.0, "set_reminder"),
        ("1401 war da, 40 min, duldung, wv bei uns am 4.5.", "set_reminder", "case", 0.0, "log_consultation"),
        ("wv 1401 am 4.5., duldung", "set_reminder", "log_consultation", 0.0, "set_reminder"),
        ("danke, bis morgen", "smalltalk", "set_reminder", 0.0, "smalltalk"),
    ],
)
def test_the_parts_of_a_message_settle_what_it_asks_for(
    settler: Settler, text: str, first: str, second: str, confidence: float, settled: str
) -> None:
    assert settler.settle(ranking(first, second, confidence=confidence), text, NOW) == settled


def test_a_reminder_that_only_begins_with_its_day_must_have_come_into_question(settler: Settler) -> None:
    far = ranking("out_of_scope", "set_reminder", behind=0.01)
    assert settler.settle(far, "nächsten dienstag blumen gießen", NOW) == "out_of_scope"
