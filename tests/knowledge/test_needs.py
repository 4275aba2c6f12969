"""The words of needs, referrals and channels: complete, folded, and checked when read."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import KnowledgeError
from knowledge.needs import load_needs


def test_all_needs_have_a_generous_vocabulary() -> None:
    needs = load_needs()
    assert [need.title for need in needs.needs] == [
        "Aufenthalt", "Arbeit", "Ausbildung", "Sprache", "Schule/Kita", "Wohnen", "Gesundheit", "Finanzen/Leistungen",
        "Familie", "Einbürgerung", "Anerkennung", "Sonstiges",
    ]  # fmt: skip
    assert all(len(need.words) >= 40 for need in needs.needs)


def test_no_word_stands_for_two_needs() -> None:
    words = [word for need in load_needs().needs for word in [*need.words, *need.offices]]
    assert sorted(words) == sorted(set(words))


def test_all_channels_have_words() -> None:
    assert {channel.id for channel in load_needs().channels} == {"telefon", "persoenlich", "video", "email"}


@pytest.mark.parametrize("word", ["Wohnung", "büro", "*"])
def test_words_that_could_never_be_found_are_refused(tmp_path: Path, word: str) -> None:
    file = tmp_path / "needs.yml"
    file.write_text(
        f"needs:\n  - {{title: Wohnen, words: ['{word}']}}\nreferrals: []\nchannels: []\n", encoding="utf-8"
    )
    with pytest.raises(KnowledgeError, match=r"needs\.yml"):
        load_needs(file)
