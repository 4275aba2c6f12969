"""What casework needs to know: our own file holds together, and an overlay replaces single keys or is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from knowledge.casework import FILE, Casework, Verb, load_casework
from knowledge.errors import KnowledgeError
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.folding import fold

OURS = load_casework()


def overlaid(folder: Path, content: object) -> Casework:
    text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
    (folder / "casework.yml").write_text(text, encoding="utf-8")
    return load_casework(folder)


class TestOurs:
    def test_every_example_is_a_number_of_its_own_pattern(self) -> None:
        for pattern in OURS.case_numbers:
            reader = CaseNumberReader([pattern], [])
            assert reader.numbers(pattern.example) == [pattern.example]
        assert OURS.examples == "KIM-2026-0042 oder KIM-1042"

    def test_every_verb_has_words(self) -> None:
        spoken = {command.verb for command in OURS.commands}
        assert spoken == set(get_args(Verb)) - {"show"}  # a number alone asks to see it

    def test_forms_are_told_apart_by_their_words(self) -> None:
        words = [word for form in OURS.counselling_forms for word in form.words]
        assert len(set(words)) == len(words)
        assert [fold(word).text for word in words] == words  # as the reader searches them
        assert [form.id for form in OURS.counselling_forms] == ["short", "case_management"]

    def test_a_form_is_named_by_its_title_or_by_its_id_if_it_is_gone(self) -> None:
        assert OURS.form_title("case_management") == "Case Management"
        assert OURS.form_title("group") == "group"

    @pytest.mark.parametrize(
        ("text", "whole"),
        [
            ("kim-1042", True),
            ("kim 1042", True),
            ("kim1042", True),
            ("kim-2026-0042", True),
            ("kim 2026 0042", True),
            ("fall 1042", True),
            ("fall nr 1042", True),
            ("kim 10", False),
            ("kim", False),
            ("baustein 3", False),
        ],
    )
    def test_the_ranker_knows_a_number_by_its_shape(self, text: str, whole: bool) -> None:
        assert bool(re.fullmatch(OURS.number_shape, text)) is whole


class TestOverlay:
    def test_without_a_file_of_its_own_it_is_ours(self, tmp_path: Path) -> None:
        assert load_casework(tmp_path) == OURS
        assert load_casework(None) == OURS

    def test_a_key_replaces_ours_and_the_others_stay(self, tmp_path: Path) -> None:
        theirs = {"case_numbers": [{"parts": ["HSK", r"\d{3}"], "example": "HSK-042"}]}
        casework = overlaid(tmp_path, theirs)
        assert casework.examples == "HSK-042"
        assert casework.case_words == OURS.case_words
        assert casework.commands == OURS.commands
        reader = CaseNumberReader(casework.case_numbers, casework.case_words)
        assert reader.numbers("hsk 042, Fall 043, KIM-1042") == ["HSK-042", "HSK-043"]
        assert re.fullmatch(casework.number_shape, "hsk 042")

    @pytest.mark.parametrize(
        "content",
        [
            {"case_numbers": []},
            {"case_numbers": [{"parts": ["KIM"], "example": "KIM"}]},
            {"case_numbers": [{"parts": ["KIM", "("], "example": "KIM-1"}]},
            {"case_numbers": [{"parts": ["KIM", r"\d"]}]},
            {"counselling_forms": []},
            {"counselling_forms": [{"id": "short", "title": "Kurzberatung", "words": []}]},
            {"counselling_forms": [{"id": "short"}]},
            {"case_words": None},
            {"commands": []},
            {"commands": [{"verb": "dance", "phrases": ["tanz*"]}]},
            {"commands": [{"verb": "close", "phrases": []}]},
            {"commands": [{"verb": "close", "phrases": ["zu"], "needs": "luck"}]},
            {"unknown": 1},
            [],
            "nur Text",
            "",
            "a: [",
        ],
        ids=lambda content: str(content)[:40],
    )
    def test_what_is_wrong_is_told_with_the_name_of_the_file(self, tmp_path: Path, content: object) -> None:
        with pytest.raises(KnowledgeError, match=r"casework\.yml"):
            overlaid(tmp_path, content)

    def test_ours_is_not_changed_by_it(self, tmp_path: Path) -> None:
        before = FILE.read_bytes()
        overlaid(tmp_path, {"case_words": ["akte"]})
        assert load_casework() == OURS
        assert FILE.read_bytes() == before
