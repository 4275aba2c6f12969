"""The official FAQ's text: both numbering styles, the inner list of question 16, page breaks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from knowledge.errors import KnowledgeError
from knowledge.source_text import Part, read_source

SMALL_FAQ = """\
Häufige Fragen

Inhaltsverzeichnis

BAUSTEIN 1 und BAUSTEIN 2: Förderrichtlinie.....\t5

1. Was ist das?

Eine **kommunale Steuerung**, die Jugend-



(JMD) und andere einbezieht.

Vernetzung und Kooperation vor Ort

2. **Was ist beizufügen?**
 - Ein Bericht mit drei Punkten:
 1. Stellen.
2. Absprachen.
 - Dazu der Antrag.

BAUSTEIN 3: Fachbezogene Pauschale

- 3. Ab wann?**

- Ab sofort.

STAND: 23.04.2026
"""


@pytest.fixture
def small(tmp_path: Path) -> Mapping[int, Part]:
    file = tmp_path / "faq.txt"
    file.write_text(SMALL_FAQ, encoding="utf-8")
    return read_source(file)


def test_both_numbering_styles_are_read(small: Mapping[int, Part]) -> None:
    assert {number: part.question for number, part in small.items()} == {
        1: "Was ist das?",
        2: "Was ist beizufügen?",
        3: "Ab wann?",
    }


def test_a_page_break_does_not_tear_a_sentence(small: Mapping[int, Part]) -> None:
    assert small[1].answer == "Eine kommunale Steuerung, die Jugend- (JMD) und andere einbezieht."


def test_an_inner_list_stays_in_its_answer(small: Mapping[int, Part]) -> None:
    assert small[2].answer.splitlines() == [
        "• Ein Bericht mit drei Punkten:",
        "1. Stellen.",
        "2. Absprachen.",
        "• Dazu der Antrag.",
    ]


def test_headings_belong_to_no_answer(small: Mapping[int, Part]) -> None:
    assert small[3].answer == "• Ab sofort."


@pytest.mark.parametrize("content", [None, b"", b"Nur ein Brief ohne Fragen.", b"1. Gr\xfc\xdfe"])
def test_what_is_not_the_faq_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "faq.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(KnowledgeError, match=r"^faq\.txt .* – .*[.?]$"):
        read_source(file)


@pytest.mark.source
class TestOfficialText:
    def test_all_fifty_questions_have_an_answer(self, faq_source: Path) -> None:
        parts = read_source(faq_source)
        assert list(parts) == list(range(1, 51))
        assert all(part.question and part.answer for part in parts.values())

    def test_question_41_of_the_second_style(self, faq_source: Path) -> None:
        assert read_source(faq_source)[41] == Part(
            "Durchführungszeitraum?", "• Es ist eine kalenderjährliche Förderung vorgesehen."
        )

    def test_question_16_holds_the_inner_list_to_its_end(self, faq_source: Path) -> None:
        lines = read_source(faq_source)[16].answer.splitlines()
        assert [line[0] for line in lines if line[0].isdigit()] == list("123456")
        assert lines[-1].startswith("• Darlegung der Beantragung von Koordinationsstellen")
