"""What the check of the knowledge base finds: nothing in the real one, everything that was tampered with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.check import check_figures, check_knowledge, missing_figures
from knowledge.load import Knowledge, load_examples
from knowledge.models import Example, Source

TODAY = date(2026, 11, 23)


def tampered(knowledge: Knowledge, entry: str, **changes: Any) -> Knowledge:
    raw = knowledge.raw_entries
    return replace(knowledge, raw_entries={**raw, entry: raw[entry].model_copy(update=changes)})


def findings(knowledge: Knowledge, *examples: Example) -> list[str]:
    return check_knowledge(knowledge, examples, today=TODAY)


def test_the_real_knowledge_has_no_findings(knowledge: Knowledge) -> None:
    assert check_knowledge(knowledge, load_examples(), today=TODAY) == []


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"related": ["faq-99"]}, "faq-27: verweist auf „faq-99“, das es so nicht gibt."),
        ({"related": ["faq-27"]}, "faq-27: verweist auf „faq-27“, das es so nicht gibt."),
        ({"topics": ["wetter"]}, "faq-27: unbekanntes Thema „wetter“."),
        ({"review_by": date(2026, 11, 22)}, "faq-27: Prüftermin 22.11.2026 ist verstrichen."),
        ({"checked_on": date(2026, 11, 24)}, "faq-27: Prüfdatum 24.11.2026 liegt in der Zukunft."),
        ({"valid_from": date(2029, 1, 1)}, "faq-27: Gültigkeit endet, bevor sie beginnt."),
        ({"source": Source(document="faq")}, "faq-27: die Nummer der Frage fehlt in der Quelle."),
        (
            {"source": Source(document="aufenthg", section="25a")},
            "faq-27: Paragraf und Absatz fehlen in der Quelle.",
        ),
    ],
)
def test_a_tampered_entry_is_found(knowledge: Knowledge, changes: dict[str, Any], finding: str) -> None:
    assert finding in findings(tampered(knowledge, "faq-27", **changes))


def test_an_answer_too_long_for_a_phone_is_found(knowledge: Knowledge) -> None:
    fits = tampered(knowledge, "faq-41", answer="x" * 400)
    too_long = tampered(knowledge, "faq-41", answer="x" * 401)
    assert findings(fits) == []
    assert findings(too_long) == ["faq-41: Antwort hat 401 Zeichen, erlaubt sind 400."]


def test_the_length_is_that_of_the_answer_as_it_is_read(knowledge: Knowledge) -> None:
    written = "{fact:foerderung-stelle} " * 34
    assert findings(tampered(knowledge, "faq-41", answer=written)) == [
        "faq-41: Antwort hat 408 Zeichen, erlaubt sind 400."
    ]


def test_on_its_review_date_an_entry_is_still_fine(knowledge: Knowledge) -> None:
    assert findings(tampered(knowledge, "faq-27", review_by=TODAY, checked_on=TODAY)) == []


def test_a_family_with_an_unknown_member_is_found(knowledge: Knowledge) -> None:
    family = knowledge.families["antrag"].model_copy(update={"entries": ["faq-24", "faq-99"]})
    changed = replace(knowledge, families={**knowledge.families, "antrag": family})
    assert "Familie antrag: unbekannter Eintrag „faq-99“." in findings(changed)


def test_a_fact_that_no_entry_names_is_found(knowledge: Knowledge) -> None:
    spare = knowledge.facts["antragsfrist"].model_copy(update={"id": "ungenutzt"})
    changed = replace(knowledge, facts={**knowledge.facts, "ungenutzt": spare})
    assert findings(changed) == ["Wert ungenutzt: wird in keinem Eintrag genannt."]


class TestExamples:
    def test_a_question_that_stands_twice_is_found_in_any_spelling(self, knowledge: Knowledge) -> None:
        doubled = findings(
            knowledge,
            Example(label="faq-27", voice="hurried", text="Frist für den Antrag?"),
            Example(label="faq-24", voice="umlaut", text="frist fuer den antrag"),
        )
        assert doubled == ["Beispiel doppelt (hurried/faq-27 und umlaut/faq-24): frist fuer den antrag"]

    def test_an_unknown_label_is_found(self, knowledge: Knowledge) -> None:
        found = findings(knowledge, Example(label="faq-99", voice="hurried", text="gibt es das?"))
        assert found == ["Beispiel (hurried) mit unbekanntem Ziel „faq-99“: gibt es das?"]

    def test_families_and_out_of_scope_are_known_labels(self, knowledge: Knowledge) -> None:
        family = Example(label="foerderhoehe", voice="hurried", text="wie viel gibt es?")
        elsewhere = Example(label="out_of_scope", voice="hurried", text="wie wird das Wetter?")
        assert findings(knowledge, family, elsewhere) == []


class TestFigures:
    @pytest.mark.parametrize(
        ("answer", "finding"),
        [
            ("Bis zu 58.000 Euro.", "faq-13: number 58000 steht nicht in der Antwort der Quelle."),
            ("Ab dem 01.02.2027.", "faq-13: date (1, 2, 2027) steht nicht in der Antwort der Quelle."),
            ("Zwölf Stellen.", "faq-13: number 12 steht nicht in der Antwort der Quelle."),
        ],
    )
    def test_a_figure_the_source_does_not_give_is_found(self, knowledge: Knowledge, answer: str, finding: str) -> None:
        entry = knowledge.entries["faq-13"].model_copy(update={"answer": answer, "details": None})
        assert list(missing_figures(entry, "Bis zu 57.000 Euro ab dem 01.02.2028, vgl. Frage 12.")) == [finding]

    def test_a_figure_in_other_words_is_the_same(self, knowledge: Knowledge) -> None:
        entry = knowledge.entries["faq-13"].model_copy(update={"answer": "Zwei Raten, 1/3.", "details": "Am 30.06."})
        assert list(missing_figures(entry, "2 Raten am 30. Juni, ein Drittel")) == []

    def test_a_question_the_source_lacks_is_found(self, knowledge: Knowledge, tmp_path: Path) -> None:
        (tmp_path / "faq.txt").write_text("1. Nur eine?\n\nJa.\n")
        assert "faq-27: Frage 27 fehlt im Quelltext." in list(check_figures(knowledge, tmp_path / "faq.txt"))


@pytest.mark.source
class TestAgainstTheOfficialText:
    def test_every_figure_of_the_real_answers_stands_there(self, knowledge: Knowledge, faq_source: Path) -> None:
        assert check_knowledge(knowledge, (), today=TODAY, source=faq_source) == []

    def test_a_wrong_fact_is_found_where_it_is_used(self, knowledge: Knowledge, faq_source: Path) -> None:
        wrong = knowledge.facts["foerderung-stelle"].model_copy(update={"text": "75.000 Euro"})
        changed = replace(knowledge, facts={**knowledge.facts, wrong.id: wrong})
        found = check_knowledge(changed, (), today=TODAY, source=faq_source)
        assert "faq-13: number 75000 steht nicht in der Antwort der Quelle." in found
