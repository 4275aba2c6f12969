"""The name tagger's training: the same inputs give the same tagger, and without its file there is no guard."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from knowledge.casework import load_casework
from knowledge.errors import ModelError
from knowledge.load import Knowledge
from knowledge.models import Example
from nlu.privacy import training
from nlu.privacy.generating import Writer
from nlu.privacy.lexicon import name_pools
from nlu.privacy.tagger import NameTagger, load_tagger, tokens
from nlu.privacy.training import ensure_names, fingerprint, load_guard, names_file, train_names

FEW = 300


def test_the_same_inputs_give_the_same_tagger(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    example = Example(label="faq-01", voice="hurried", text="Was gilt für die Klientin mit Duldung?")
    monkeypatch.setattr(training, "load_examples", lambda overlay: [example] * FEW)
    first, second = (train_names(knowledge, sentences=FEW) for _ in range(2))
    assert np.array_equal(first.weights, second.weights)


def test_a_saved_tagger_is_the_same(tagger: NameTagger, tmp_path: Path) -> None:
    tagger.save(tmp_path / "names.npz")
    loaded = load_tagger(tmp_path / "names.npz")
    words = [token.text for token in tokens("die klientin Olena Kovalenko aus Essen ruft an")]
    assert loaded.scores(words) == tagger.scores(words)


def test_a_saved_tagger_holds_no_pickles(tagger: NameTagger, tmp_path: Path) -> None:
    tagger.save(tmp_path / "names.npz")
    with np.load(tmp_path / "names.npz", allow_pickle=False) as data:
        assert {name: data[name].dtype.kind for name in data.files} == {"meta": "u", "buckets": "i", "weights": "f"}
        meta = json.loads(bytes(data["meta"]).decode())
    assert meta.keys() == {"given", "family", "places", "things", "foreign", "words", "threshold"}


@pytest.mark.parametrize("content", [None, b"", b"nonsense", b"PK\x03\x04 half"])
def test_without_a_whole_file_there_is_no_guard(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "names.npz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelError) as failure:
        load_guard(file, load_casework())
    assert "Namensmodell" in failure.value.sentence


def test_what_is_there_is_not_trained_again(
    knowledge: Knowledge, tagger: NameTagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainings = []
    monkeypatch.setattr(training, "train_names", lambda *_: trainings.append(1) or tagger)
    assert ensure_names(tmp_path, knowledge) == ensure_names(tmp_path, knowledge) == names_file(tmp_path)
    assert len(trainings) == 1


def test_few_old_models_are_kept(
    knowledge: Knowledge, tagger: NameTagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "train_names", lambda *_: tagger)
    for number in range(5):
        monkeypatch.setattr(training, "fingerprint", lambda _, number=number: f"print{number}")
        newest = ensure_names(tmp_path, knowledge)
    assert newest.exists()
    assert len(list(tmp_path.glob("*.names.npz"))) == training.KEPT_MODELS


def test_what_an_overlay_brings_changes_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    assert fingerprint(tmp_path) == fingerprint()
    before = fingerprint(tmp_path)
    (tmp_path / "facts.yml").write_text("- nichts", encoding="utf-8")
    assert fingerprint(tmp_path) != before
    line = json.dumps({"for": "faq-01", "q": "Ganz neue Frage?", "voice": "hurried"})
    (tmp_path / "examples" / "own.jsonl").write_text(line + "\n", encoding="utf-8")
    assert fingerprint(tmp_path) != fingerprint()


def test_written_sentences_mark_their_names() -> None:
    sentences = list(Writer(name_pools(), 1).sentences(FEW, ["Was darf die Klientin?"]))
    assert any(sentence.names for sentence in sentences)
    assert not any(sign in sentence.text for sentence in sentences for sign in "{}\ue000\ue001")
    assert all(sentence.text[start:end].strip() for sentence in sentences for start, end in sentence.names)
