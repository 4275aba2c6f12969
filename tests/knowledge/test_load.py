"""The real knowledge loads, an overlay adds to it, and what is broken is named in one German line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.errors import KnowledgeError
from knowledge.load import NO_ANSWER_LABEL, Knowledge, examples_in, load_examples, load_knowledge
from knowledge.ranking import NOT_A_QUESTION

ENGLISH = ("input", "should", "permitted", "required", "valid ", "string", "error")
LOCAL_ENTRY = """\
- id: lokal-hausbrief
  title: Hausbrief bestellen
  question: Wo bestelle ich den Hausbrief?
  answer: Im Bürgeramt, Zimmer 4.
  source: {document: lokal, question: 1}
  checked_on: 2026-11-01
  topics: [grundlagen]
  review_by: 2027-11-01
"""
LOCAL_DOCUMENT = "- {id: lokal, title: Hausmitteilung, cited_as: Hausmitteilung, stand: 2026-11-01}\n"


def write(folder: Path, **files: str) -> Path:
    """An overlay; `entries__x` becomes entries/x.yml, everything else a file in the folder itself."""
    for name, content in files.items():
        file = folder / f"{name.replace('__', '/')}.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder


def complaint(overlay: Path) -> str:
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(overlay)
    return caught.value.sentence


def is_one_german_line(sentence: str) -> bool:
    return "\n" not in sentence and sentence.endswith(".") and not any(word in sentence.lower() for word in ENGLISH)


class TestRealKnowledge:
    def test_every_question_of_the_faq_has_its_entry(self, knowledge: Knowledge) -> None:
        faq = [entry for entry in knowledge.entries.values() if entry.source.document == "faq"]
        assert sorted(entry.source.question or 0 for entry in faq) == list(range(1, 51))
        assert all(entry.id == f"faq-{entry.source.question:02}" for entry in faq)

    def test_the_law_has_entries_too(self, knowledge: Knowledge) -> None:
        assert sum(entry.source.document == "aufenthg" for entry in knowledge.entries.values()) >= 20

    def test_facts_stand_in_the_answers(self, knowledge: Knowledge) -> None:
        assert "57.000 Euro" in knowledge.entries["faq-13"].answer
        assert "{fact:foerderung-stelle}" in knowledge.raw_entries["faq-13"].answer

    def test_no_placeholder_is_left_in_any_text(self, knowledge: Knowledge) -> None:
        texts = [f"{e.question} {e.answer} {e.details} {e.note}" for e in knowledge.entries.values()]
        assert not [text for text in texts if "{" in text or "}" in text]

    def test_the_faq_is_cited_with_question_and_stand(self, knowledge: Knowledge) -> None:
        assert knowledge.citation(knowledge.entries["faq-27"]) == "FAQ KIM NRW, Frage 27, Stand 23.04.2026"

    def test_the_law_is_cited_with_section_and_passage(self, knowledge: Knowledge) -> None:
        entry = knowledge.entries["aufenthg-25a-voraussetzungen"]
        cited = knowledge.citation(entry)
        assert cited == f"§ 25a {entry.source.passage} AufenthG, Stand 16.04.2026"

    def test_siblings_share_a_family_and_sections_a_group(self, knowledge: Knowledge) -> None:
        assert knowledge.entries_for("foerderhoehe") == ["faq-13", "faq-38"]
        assert knowledge.entries_for("faq-27") == ["faq-27"]
        assert knowledge.entries_for("out_of_scope") == []
        assert knowledge.group_of["faq-38"] == "foerderhoehe"
        assert knowledge.group_of["aufenthg-25a-dauer"] == "aufenthg-25a"

    def test_without_an_overlay_there_is_no_original_text(self, knowledge: Knowledge) -> None:
        assert knowledge.original_text(knowledge.entries["faq-27"]) is None

    def test_every_example_has_a_voice_and_a_target(self, knowledge: Knowledge) -> None:
        examples = load_examples()
        assert all(e.voice and (e.label in NOT_A_QUESTION or knowledge.entries_for(e.label)) for e in examples)


class TestOverlay:
    def test_it_adds_entries_contacts_and_dates(self, tmp_path: Path) -> None:
        knowledge = load_knowledge(
            write(
                tmp_path,
                entries__lokal=LOCAL_ENTRY,
                documents=LOCAL_DOCUMENT,
                contacts="- {id: ki, responsible_for: Koordination, text: Zimmer 12}\n",
                dates="- {id: bescheid, entries: [faq-25], text: Nachweis fällig, date: 2027-03-31}\n",
            )
        )
        assert knowledge.citation(knowledge.entries["lokal-hausbrief"]) == "Hausmitteilung, Frage 1, Stand 01.11.2026"
        assert knowledge.contacts[0].text == "Zimmer 12"
        assert knowledge.local_dates[0].date == date(2027, 3, 31)
        assert "faq-50" in knowledge.entries

    def test_it_brings_the_faqs_own_words(self, tmp_path: Path) -> None:
        (tmp_path / "faq.txt").write_text("1. Frage?\n\nWortlaut eins.\n\n2. Noch eine?\n\nWortlaut zwei.\n")
        knowledge = load_knowledge(tmp_path)
        assert knowledge.original_text(knowledge.entries["faq-02"]) == "Wortlaut zwei."
        assert knowledge.original_text(knowledge.entries["faq-03"]) is None
        assert knowledge.original_text(knowledge.entries["aufenthg-25a-dauer"]) is None

    def test_an_empty_folder_changes_nothing(self, tmp_path: Path, knowledge: Knowledge) -> None:
        assert load_knowledge(tmp_path).entries == knowledge.entries

    def test_its_entries_may_use_the_common_facts(self, tmp_path: Path) -> None:
        text = LOCAL_ENTRY.replace("Im Bürgeramt, Zimmer 4.", "Kostet {fact:foerderung-stelle}.")
        overlay = write(tmp_path, entries__lokal=text, documents=LOCAL_DOCUMENT)
        assert load_knowledge(overlay).entries["lokal-hausbrief"].answer == "Kostet 57.000 Euro."


class TestBrokenOverlay:
    @pytest.mark.parametrize(
        ("content", "named"),
        [
            ("- id: [offen", "lokal.yml, Zeile "),
            ("id: kein-listenpunkt", "lokal.yml: eine Liste"),
            (LOCAL_ENTRY + "  farbe: blau\n", "„lokal-hausbrief“, Feld farbe"),
            (LOCAL_ENTRY.replace("2027-11-01", "morgen"), "„lokal-hausbrief“, Feld review_by"),
            (LOCAL_ENTRY.replace("  answer: Im Bürgeramt, Zimmer 4.\n", ""), "„lokal-hausbrief“, Feld answer"),
            (LOCAL_ENTRY.replace("lokal-hausbrief", "faq-01"), "„faq-01“"),
            (LOCAL_ENTRY.replace("Zimmer 4", "{fact:gibt-es-nicht}"), "„gibt-es-nicht“"),
            (LOCAL_ENTRY.replace("document: lokal", "document: unbekannt"), "„unbekannt“"),
        ],
        ids=["yaml", "list", "unknown field", "no date", "missing field", "double id", "unknown fact", "document"],
    )
    def test_the_file_and_the_place_are_named_in_german(self, tmp_path: Path, content: str, named: str) -> None:
        sentence = complaint(write(tmp_path, entries__lokal=content, documents=LOCAL_DOCUMENT))
        assert named in sentence
        assert ".yml" in sentence
        assert is_one_german_line(sentence)

    def test_the_line_of_broken_yaml_is_named(self, tmp_path: Path) -> None:
        assert "Zeile 2" in complaint(write(tmp_path, contacts="- id: a\n  text: b: c\n"))

    def test_a_file_in_another_encoding_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "contacts.yml").write_bytes("- {id: a, text: Grüße}".encode("latin-1"))
        sentence = complaint(tmp_path)
        assert sentence.startswith("contacts.yml")
        assert is_one_german_line(sentence)

    def test_a_missing_folder_is_named_with_its_setting(self, tmp_path: Path) -> None:
        sentence = complaint(tmp_path / "fehlt")
        assert "fehlt" in sentence
        assert "LOTSE_OVERLAY" in sentence
        assert is_one_german_line(sentence)


@pytest.mark.parametrize("line", ["{", "[]", '{"for": "faq-01"}', '{"q": ""}', '{"q": 5}'])
def test_a_broken_example_is_named_by_file_and_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "hurried.jsonl").write_text(f'{{"for": "faq-01", "q": "wer macht was"}}\n\n{line}\n')
    with pytest.raises(KnowledgeError, match=r"^hurried\.jsonl, Zeile 3: "):
        examples_in(tmp_path)


def test_an_example_has_the_voice_of_its_file_unless_it_names_one(tmp_path: Path) -> None:
    (tmp_path / "hurried.jsonl").write_text('{"for": "faq-01", "q": "a"}\n{"voice": "mixed", "q": "b"}\n')
    read = [(example.voice, example.label) for example in examples_in(tmp_path)]
    assert read == [("hurried", "faq-01"), ("mixed", NO_ANSWER_LABEL)]
