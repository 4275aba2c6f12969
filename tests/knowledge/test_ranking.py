"""The ranker: trained in an instant on forty questions, saved without pickles, the same every time."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from knowledge.errors import ModelError
from knowledge.ranking import Ranker, Ranking, load_ranker, train_ranker
from tests.knowledge.tiny_ranker import SAMPLES, train_tiny_ranker

QUESTIONS = ["bis wann geht der Antrag?", "Wie viele Fälle pro CM?", "wie wird das wetter", "xyzzy", "geld"]


def bare_array(_: bytes) -> bytes:
    file = BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


def other_archive(_: bytes) -> bytes:
    file = BytesIO()
    np.savez(file, other=np.zeros(3))
    return file.getvalue()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "text": lambda whole: b"kein Modell",
    "cut off": lambda whole: whole[: len(whole) // 2],
    "overwritten": lambda whole: whole[: len(whole) // 2] + bytes(64) + whole[len(whole) // 2 + 64 :],
    "a bare array": bare_array,
    "another archive": other_archive,
}


@pytest.fixture(scope="module")
def tiny() -> Ranker:
    return train_tiny_ranker()


@pytest.fixture
def saved(tiny: Ranker, tmp_path: Path) -> Path:
    tiny.save(tmp_path / "ranker.npz")
    return tmp_path / "ranker.npz"


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("bis wann muss der antrag da sein", "faq-27"),
        ("WIE VIELE FAELLE?", "faq-33"),
        ("Fallzahl im CM", "faq-33"),
        ("zielgruppe von kim", "faq-09"),
        ("erzähl einen witz", "out_of_scope"),
    ],
)
def test_the_entry_meant_comes_first(tiny: Ranker, question: str, label: str) -> None:
    assert tiny.rank(question).candidates[0].label == label


def test_scores_fall_and_sum_to_one(tiny: Ranker) -> None:
    ranking = tiny.rank("bis wann muss der antrag da sein")
    scores = [candidate.score for candidate in ranking.candidates]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=1e-3)
    assert 0 <= ranking.confidence <= 1


def test_a_known_question_is_trusted_more_than_gibberish(tiny: Ranker) -> None:
    assert tiny.rank("Bis wann muss der Antrag gestellt werden?").confidence > tiny.rank("xyzzy").confidence


def test_no_more_candidates_than_asked_for(tiny: Ranker) -> None:
    assert len(tiny.rank("antrag", limit=2).candidates) == 2


@pytest.mark.parametrize("text", ["", "   ", "???", "🙂"])
def test_an_empty_text_ranks_nothing_and_is_never_trusted(tiny: Ranker, text: str) -> None:
    assert tiny.rank(text) == Ranking((), 0.0)


def test_the_same_samples_train_the_same_weights(tiny: Ranker) -> None:
    again = train_tiny_ranker()
    assert again.labels == tiny.labels
    assert np.array_equal(again.weights, tiny.weights)
    assert np.array_equal(again.biases, tiny.biases)
    assert np.array_equal(again.gate, tiny.gate)


def test_samples_of_one_voice_are_too_few(tiny: Ranker) -> None:
    one_voice = [replace(sample, voice="mixed") for sample in SAMPLES]
    with pytest.raises(ModelError, match="mindestens zwei Stimmen"):
        train_ranker(one_voice, normaliser=tiny.normaliser, group_of={})


class TestSaved:
    def test_it_ranks_as_before(self, tiny: Ranker, saved: Path) -> None:
        loaded = load_ranker(saved)
        for question in QUESTIONS:
            before, after = tiny.rank(question), loaded.rank(question)
            assert after.confidence == pytest.approx(before.confidence, abs=1e-3)
            assert {c.label: c.score for c in after.candidates} == pytest.approx(
                {c.label: c.score for c in before.candidates}, abs=1e-3
            )

    def test_it_reads_abbreviations_and_groups_as_before(self, tiny: Ranker, saved: Path) -> None:
        loaded = load_ranker(saved)
        assert loaded.normaliser("CM?") == "case management"
        assert loaded.group_of == tiny.group_of

    def test_saving_again_changes_nothing(self, saved: Path, tmp_path: Path) -> None:
        load_ranker(saved).save(tmp_path / "once")
        load_ranker(tmp_path / "once").save(tmp_path / "twice")
        assert load_ranker(tmp_path / "twice").rank("antrag") == load_ranker(tmp_path / "once").rank("antrag")

    @pytest.mark.parametrize("damage", DAMAGES)
    def test_a_broken_file_is_named_as_such(self, saved: Path, damage: str) -> None:
        saved.write_bytes(DAMAGES[damage](saved.read_bytes()))
        with pytest.raises(ModelError, match="lotse train"):
            load_ranker(saved)

    def test_a_missing_file_is_named_as_such(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="lotse train"):
            load_ranker(tmp_path / "ranker.npz")


class Opened:
    """Leaves a trace where it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.trace,)


class TestPickles:
    def test_a_pickle_is_refused_unopened(self, tmp_path: Path) -> None:
        (tmp_path / "ranker.npz").write_bytes(pickle.dumps(Opened(tmp_path / "trace")))
        with pytest.raises(ModelError):
            load_ranker(tmp_path / "ranker.npz")
        assert not (tmp_path / "trace").exists()

    def test_a_pickle_inside_the_archive_is_refused_unopened(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "ranker.npz", meta=np.array([Opened(tmp_path / "trace")], dtype=object))
        with pytest.raises(ModelError):
            load_ranker(tmp_path / "ranker.npz")
        assert not (tmp_path / "trace").exists()

    def test_a_saved_ranker_holds_none(self, saved: Path) -> None:
        with np.load(saved, allow_pickle=False) as data:
            assert all(data[name].dtype != object for name in data.files)
