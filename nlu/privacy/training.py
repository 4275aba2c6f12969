"""Trains the name tagger and keeps it under the fingerprint of everything it was trained from."""

from __future__ import annotations

import fcntl
import hashlib
from importlib.metadata import version
from pathlib import Path
from random import Random

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import SGDClassifier

from knowledge.casework import Casework, load_casework
from knowledge.load import Knowledge, load_examples
from nlu.privacy.generating import Sentence, Writer
from nlu.privacy.guard import PrivacyGuard
from nlu.privacy.lexicon import NAMES_FILE, SENTENCES_FILE, WORDS_FILE, build_lexicon, name_pools, spelled
from nlu.privacy.tagger import (
    BUCKETS,
    NameTagger,
    Reader,
    Reading,
    bucket,
    by_neighbour,
    capitals,
    contexts,
    load_tagger,
    tokens,
)
from nlu.readers.case_numbers import CaseNumberReader

SEED = 20260423
SENTENCES = 125_000
ROUNDS = 6
SMOOTHING = 4e-6
THRESHOLD = 0.6
NAMES_FORGOTTEN = 0.2
WORDS_FORGOTTEN = 0.2
RARE = 40
"""Words seen more often than this are never forgotten."""
KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
INPUTS = (NAMES_FILE, WORDS_FILE, SENTENCES_FILE)
CODE = ("lexicon.py", "tagger.py", "generating.py", "training.py")
KEPT_MODELS = 3


def train_names(knowledge: Knowledge, overlay: Path | None = None, *, sentences: int = SENTENCES) -> NameTagger:
    """The tagger; the same inputs give the same one. Takes about three quarters of a minute."""
    pools = name_pools()
    lexicon = build_lexicon(pools, knowledge, overlay)
    reader, chance = Reader(lexicon), Random(SEED)  # noqa: S311 - training data, not secrets
    clean = [example.text for example in load_examples(overlay)]
    written = list(Writer(pools, SEED).sentences(sentences, clean))
    written += [Sentence(text if chance.random() < 0.7 else text.lower(), ()) for text in clean]
    rows: list[int] = []
    ends = [0]
    truths: list[bool] = []
    for sentence in written:
        found = tokens(sentence.text)
        if not found:
            continue
        truth = [
            any(start <= token.start < end for start, end in sentence.names)
            and len(token.text) > 1
            and token.text[0].isalpha()
            for token in found
        ]
        mixed = capitals([token.text for token in found])
        forget_names = chance.random() < NAMES_FORGOTTEN
        readings: list[Reading] = []
        for token, is_name in zip(found, truth, strict=True):
            seen = lexicon.words.get(spelled(token.text), 0)
            forget_word = not is_name and seen < RARE and chance.random() < WORDS_FORGOTTEN
            readings.append(reader.read(token.text, as_name=not (forget_names and is_name), as_word=not forget_word))
        before = False
        for reading, features, is_name in zip(readings, contexts(readings, mixed), truth, strict=True):
            rows += [bucket(feature) for feature in features]
            if before:
                rows += [bucket(feature) for feature in by_neighbour(reading, mixed)]
            ends.append(len(rows))
            truths.append(is_name)
            before = is_name
    matrix = csr_matrix(
        (np.ones(len(rows), dtype=np.float32), np.array(rows, dtype=np.int32), np.array(ends, dtype=np.int32)),
        shape=(len(truths), BUCKETS),
    )
    model = SGDClassifier(loss="log_loss", alpha=SMOOTHING, max_iter=ROUNDS, tol=None, average=True, random_state=SEED)
    model.fit(matrix, np.array(truths))
    weights = model.coef_[0].astype(np.float32)
    weights[bucket("bias")] += np.float32(model.intercept_[0])
    return NameTagger(lexicon, weights, THRESHOLD)


def fingerprint(overlay: Path | None = None) -> str:
    """Changes with every file, text and library that training reads."""
    digest = hashlib.sha256()
    files = [*INPUTS, *(Path(__file__).parent / name for name in CODE)]
    for folder in (KNOWLEDGE, overlay):
        files += sorted([*folder.glob("entries/*.yml"), *folder.glob("facts*.yml")]) if folder else []
    for file in files:
        digest.update(file.read_bytes())
    for example in load_examples(overlay):
        digest.update(f"{example.label}\t{example.text}\n".encode())
    for library in ("faker", "phonenumbers", "scikit-learn", "numpy", "spacy"):
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:16]


def ensure_guard(folder: Path, knowledge: Knowledge, overlay: Path | None = None) -> PrivacyGuard:
    """The guard with the tagger that fits the data, trained into `folder` if there is none yet."""
    return load_guard(ensure_names(folder, knowledge, overlay), load_casework(overlay))


def load_guard(file: Path, casework: Casework) -> PrivacyGuard:
    """The guard with the tagger of that file; raises `ModelError` if it is missing or broken: no guard without it."""
    return PrivacyGuard(load_tagger(file), CaseNumberReader(casework.case_numbers, casework.case_words))


def names_file(folder: Path, overlay: Path | None = None) -> Path:
    """Where the tagger that fits the data is kept, whether or not it is there yet."""
    return folder / f"{fingerprint(overlay)}.names.npz"


def ensure_names(folder: Path, knowledge: Knowledge, overlay: Path | None = None) -> Path:
    """The file of the tagger that fits the data; two processes never train at once."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "names.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        file = names_file(folder, overlay)
        if not file.exists():
            partial = file.with_suffix(".part")
            train_names(knowledge, overlay).save(partial)
            partial.rename(file)
            for old in sorted(folder.glob("*.names.npz"), key=lambda one: one.stat().st_mtime)[:-KEPT_MODELS]:
                old.unlink(missing_ok=True)
    return file
