"""The ranker: which entry, family or refusal a question means, and how far it can be trusted.

Two stages, both linear and both trained: support vectors, one label against the rest, over character and word n-grams;
then a gate that reads the shape of those scores (fitted on voices the first stage had not seen) and gives the
probability that the top group is right. Runs under Rasa's interpreter (3.10) and the project's; saved without pickles.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from knowledge.errors import ModelError
from knowledge.normalise import Normaliser

Floats = npt.NDArray[np.float32]

CHARACTERS: Mapping[str, object] = {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 2, "sublinear_tf": True}
WORDS: Mapping[str, object] = {"analyzer": "word", "ngram_range": (1, 2), "sublinear_tf": True, "token_pattern": r"\S+"}
STRENGTH = 1.0
SHARPNESS = 4.0
"""Turns distances from the separating plane into scores between 0 and 1."""
GATE_STRENGTH = 1.0
GATE_FEATURES = 7
FOLDS = 4
RANKER_FILE = "ranker.npz"
QUESTION_INTENT = "faq"
TASKS = frozenset(
    {
        "calculate",
        "case",
        "caseload",
        "check_25a_25b",
        "consent",
        "edit_entry",
        "export",
        "list_deadlines",
        "list_reminders",
        "log_consultation",
        "my_data",
        "pending",
        "referral",
        "set_reminder",
    }
)
"""Intents that have something done, rather than answered; their examples stand in `knowledge/intents/`."""
SMALL_TALK = frozenset({"smalltalk", "help", "cancel", "thanks", "contacts"})
NOT_A_QUESTION = TASKS | SMALL_TALK | {"out_of_scope"}
SEED = 20260423


@dataclass(frozen=True)
class Candidate:
    """A label (an entry, a family, or a refusal) with its score between 0 and 1; scores of one ranking sum to 1."""

    label: str
    score: float


@dataclass(frozen=True)
class Ranking:
    """Labels by falling score, and the probability that the top group answers the question."""

    candidates: tuple[Candidate, ...]
    confidence: float


@dataclass(frozen=True)
class Sample:
    """One training example. `voice` groups the folds on which the gate is fitted."""

    text: str
    label: str
    voice: str


class Ranker:
    """Ranks texts. Made by `train_ranker` or `load_ranker`; immutable and safe to share between threads."""

    def __init__(
        self,
        *,
        normaliser: Normaliser,
        group_of: Mapping[str, str],
        vectorizers: Sequence[TfidfVectorizer],
        labels: Sequence[str],
        weights: Floats,
        biases: Floats,
        gate: Floats,
    ) -> None:
        self.normaliser = normaliser
        self.group_of = dict(group_of)
        self.vectorizers = list(vectorizers)
        self.labels = list(labels)
        self.weights = weights
        self.biases = biases
        self.gate = gate
        groups = [self.group_of.get(label, label) for label in self.labels]
        self._groups = sorted(set(groups))
        self._membership = np.array([[group == other for other in self._groups] for group in groups], dtype=np.float32)
        self._refusals = np.array([group in NOT_A_QUESTION for group in self._groups])

    def rank(self, text: str, limit: int = 10) -> Ranking:
        """The ranking of one text; an empty one ranks nothing and is never trusted."""
        normalised = self.normaliser(text)
        if not normalised:
            return Ranking((), 0.0)
        scores, reach = self._scores([normalised])
        confidence = float(sigmoid(self._shape(scores, reach, [normalised]) @ self.gate[:-1] + self.gate[-1])[0])
        order = np.argsort(-scores[0], kind="stable")[:limit]
        total = float(scores[0].sum()) or 1.0
        return Ranking(
            tuple(Candidate(self.labels[i], round(float(scores[0, i]) / total, 4)) for i in order), round(confidence, 4)
        )

    def _scores(self, normalised: Sequence[str]) -> tuple[Floats, Floats]:
        """Independent probabilities per label, and the share of each text's n-grams that training had seen."""
        features = vectorise(self.vectorizers, normalised)
        known = np.array([min(1.0, float(row.multiply(row).sum()) / len(self.vectorizers)) for row in features])
        return sigmoid(features @ self.weights + self.biases), known.astype(np.float32)

    def _shape(self, scores: Floats, reach: Floats, normalised: Sequence[str]) -> Floats:
        """What the gate reads of each ranking: how high, how far ahead, how close to a refusal."""
        groups = np.clip(scores @ self._membership, 1e-6, None)
        answers = np.sort(np.where(self._refusals, 0.0, groups), axis=1)[:, ::-1]
        refusals = np.max(np.where(self._refusals, groups, 1e-6), axis=1)
        words = np.array([max(1, len(text.split())) for text in normalised], dtype=np.float32)
        top, second, third = (np.log(np.clip(answers[:, i], 1e-6, None)) for i in range(3))
        columns = [top, top - second, top - third, top - np.log(refusals), np.log(refusals), np.log(words), reach]
        return np.stack(columns, axis=1).astype(np.float32)

    def save(self, file: Path) -> None:
        """One compressed numpy archive without pickles."""
        meta = {
            "labels": self.labels,
            "group_of": self.group_of,
            "abbreviations": self.normaliser.abbreviations,
            "shapes": self.normaliser.shapes,
            "vocabularies": [sorted(v.vocabulary_, key=v.vocabulary_.__getitem__) for v in self.vectorizers],
        }
        arrays = {f"idf{i}": v.idf_.astype(np.float32) for i, v in enumerate(self.vectorizers)}
        with file.open("wb") as out:
            np.savez_compressed(
                out,
                meta=np.frombuffer(json.dumps(meta, ensure_ascii=False).encode(), dtype=np.uint8),
                weights=self.weights.astype(np.float16),
                biases=self.biases,
                gate=self.gate,
                **arrays,
            )


def load_ranker(file: Path) -> Ranker:
    """A saved ranker; raises `ModelError` if the file is missing or broken."""
    try:
        with np.load(file, allow_pickle=False) as data:
            meta = json.loads(bytes(data["meta"]).decode())
            vectorizers = [
                fixed_vectorizer(options, vocabulary, data[f"idf{i}"])
                for i, (options, vocabulary) in enumerate(
                    zip((CHARACTERS, WORDS), meta["vocabularies"])  # noqa: B905 - 3.10 reads this too
                )
            ]
            return Ranker(
                normaliser=Normaliser(meta["abbreviations"], meta["shapes"]),
                group_of=meta["group_of"],
                vectorizers=vectorizers,
                labels=meta["labels"],
                weights=data["weights"].astype(np.float32),
                biases=data["biases"],
                gate=data["gate"],
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise ModelError("Das Sprachmodell fehlt oder ist beschädigt – bitte „lotse train“ ausführen.") from error


def train_ranker(samples: Sequence[Sample], *, normaliser: Normaliser, group_of: Mapping[str, str]) -> Ranker:
    """Train both stages; the same samples give the same ranker."""
    ranker = fit_scores(samples, normaliser=normaliser, group_of=group_of)
    shapes: list[Floats] = []
    truths: list[npt.NDArray[np.bool_]] = []
    for unseen_voices in folds(samples):
        rest = [sample for sample in samples if sample.voice not in unseen_voices]
        unseen = [sample for sample in samples if sample.voice in unseen_voices]
        shape, truth = judge(fit_scores(rest, normaliser=normaliser, group_of=group_of), unseen)
        shapes.append(shape)
        truths.append(truth)
    ranker.gate = fit_gate(np.concatenate(shapes), np.concatenate(truths))
    return ranker


def folds(samples: Sequence[Sample]) -> list[frozenset[str]]:
    """The voices, dealt into folds; samples without a voice are always trained from and never judged."""
    voices = sorted({sample.voice for sample in samples if sample.voice})
    if len(voices) < 2:
        raise ModelError("Für das Training werden Beispiele aus mindestens zwei Stimmen gebraucht.")
    return [frozenset(voices[start::FOLDS]) for start in range(min(FOLDS, len(voices)))]


def judge(ranker: Ranker, samples: Sequence[Sample]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The shape of each sample's ranking and whether its top answer group is the right one."""
    normalised = [ranker.normaliser(sample.text) for sample in samples]
    scores, reach = ranker._scores(normalised)
    groups = scores @ ranker._membership
    best = np.argmax(np.where(ranker._refusals, -1.0, groups), axis=1)
    right = np.array(
        [ranker._groups[i] == ranker.group_of.get(s.label, s.label) for i, s in zip(best, samples)]  # noqa: B905
    )
    return ranker._shape(scores, reach, normalised), right


def fit_gate(shapes: Floats, right: npt.NDArray[np.bool_]) -> Floats:
    """Coefficients and, last, the intercept of the gate."""
    if right.all() or not right.any():
        return np.zeros(shapes.shape[1] + 1, dtype=np.float32)
    model = LogisticRegression(C=GATE_STRENGTH, max_iter=2000, random_state=SEED).fit(shapes, right)
    return np.append(model.coef_[0], model.intercept_[0]).astype(np.float32)


def fit_scores(samples: Sequence[Sample], *, normaliser: Normaliser, group_of: Mapping[str, str]) -> Ranker:
    """The first stage alone, with a gate that trusts nothing."""
    texts = [normaliser(sample.text) for sample in samples]
    vectorizers = [TfidfVectorizer(lowercase=False, **options) for options in (CHARACTERS, WORDS)]
    features = hstack([vectorizer.fit_transform(texts) for vectorizer in vectorizers], format="csr")
    model = LinearSVC(C=STRENGTH, random_state=SEED).fit(features, [sample.label for sample in samples])
    return Ranker(
        normaliser=normaliser,
        group_of=group_of,
        vectorizers=vectorizers,
        labels=[str(label) for label in model.classes_],
        weights=(model.coef_.T * SHARPNESS).astype(np.float32),
        biases=(model.intercept_ * SHARPNESS).astype(np.float32),
        gate=np.zeros(GATE_FEATURES + 1, dtype=np.float32),
    )


def vectorise(vectorizers: Sequence[TfidfVectorizer], normalised: Sequence[str]) -> csr_matrix:
    return hstack([vectorizer.transform(normalised) for vectorizer in vectorizers], format="csr", dtype=np.float32)


def fixed_vectorizer(options: Mapping[str, object], vocabulary: Sequence[str], idf: Floats) -> TfidfVectorizer:
    vectorizer = TfidfVectorizer(lowercase=False, vocabulary={term: i for i, term in enumerate(vocabulary)}, **options)
    vectorizer.idf_ = idf.astype(np.float64)
    return vectorizer


def sigmoid(values: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-values)), dtype=np.float32)
