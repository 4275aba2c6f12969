"""`make bench-nlu`: which method understands best, trained on all voices but one and tested on the one left out.

For each method: accuracy and macro-F1 over question groups (families, sections, single entries) for questions that have
an answer, top-3 accuracy, and what is answered right while 95 % of the questions without an answer are refused.
`--diet` adds Rasa's own classifier (DIET, default settings, fewer epochs); it wants `--voices` and `--most`.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import yaml
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import f1_score

from bot.evaluating import Rate
from bot.runtime.environments import rasa_python
from bot.runtime.model import child_environment
from knowledge.load import NO_ANSWER_LABEL, Knowledge, load_examples, load_knowledge
from knowledge.ranking import CHARACTERS, NOT_A_QUESTION, SEED, Ranker, Sample, fit_scores, train_ranker

REFUSED = 0.95
DIET_EPOCHS = 20
K1, B = 1.5, 0.75
RANK_OFFSET = 5


class Guess(NamedTuple):
    """The groups by falling score, and how much the first is trusted."""

    groups: list[str]
    trust: float


Method = Callable[[Sequence[Sample], Sequence[Sample], Knowledge], list[Guess]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--diet", action="store_true")
    parser.add_argument("--voices", nargs="*", help="only these voices are left out in turn")
    parser.add_argument("--most", type=int, help="train on at most so many examples per label")
    parser.add_argument("--curve", action="store_true", help="also print our figures by confidence")
    arguments = parser.parse_args()
    knowledge = load_knowledge()
    samples = [Sample(example.text, example.label, example.voice) for example in load_examples()]
    voices = arguments.voices or sorted({sample.voice for sample in samples})
    methods: dict[str, Method] = dict(METHODS)
    if arguments.diet:
        methods["Rasa DIET"] = diet
    print(f"{len(samples)} examples, {len({s.label for s in samples})} labels, left out in turn: {', '.join(voices)}")
    for name, method in methods.items():
        outcomes: list[tuple[Sample, Guess]] = []
        by_voice: dict[str, float] = {}
        for voice in voices:
            rest = at_most(arguments.most, [sample for sample in samples if sample.voice != voice])
            unseen = [sample for sample in samples if sample.voice == voice]
            guessed = list(zip(unseen, method(rest, unseen, knowledge), strict=True))
            by_voice[voice] = accuracy(guessed, knowledge)
            outcomes += guessed
        report(name, outcomes, by_voice, knowledge)
        if arguments.curve and method is ours:
            curve(outcomes, knowledge)


def at_most(most: int | None, samples: list[Sample]) -> list[Sample]:
    """At most so many examples per label, drawn by a fixed seed; all of them without a limit."""
    if most is None:
        return samples
    by_label: dict[str, list[Sample]] = defaultdict(list)
    for sample in random.Random(SEED).sample(samples, len(samples)):
        by_label[sample.label].append(sample)
    return [sample for label in sorted(by_label) for sample in by_label[label][:most]]


def truth(sample: Sample, knowledge: Knowledge) -> str:
    return knowledge.group_of.get(sample.label, sample.label)


def split(outcomes: Sequence[tuple[Sample, Guess]]) -> tuple[list[tuple[Sample, Guess]], list[Guess]]:
    asked = [(sample, guess) for sample, guess in outcomes if sample.label != NO_ANSWER_LABEL]
    return asked, [guess for sample, guess in outcomes if sample.label == NO_ANSWER_LABEL]


def accuracy(outcomes: Sequence[tuple[Sample, Guess]], knowledge: Knowledge) -> float:
    asked, _ = split(outcomes)
    return sum(guess.groups[:1] == [truth(sample, knowledge)] for sample, guess in asked) / max(1, len(asked))


def report(
    name: str, outcomes: Sequence[tuple[Sample, Guess]], by_voice: dict[str, float], knowledge: Knowledge
) -> None:
    asked, strange = split(outcomes)
    truths = [truth(sample, knowledge) for sample, _ in asked]
    firsts = [(guess.groups or [""])[0] for _, guess in asked]
    top1 = Rate(sum(a == b for a, b in zip(truths, firsts, strict=True)), len(asked))
    top3 = Rate(sum(t in guess.groups[:3] for t, (_, guess) in zip(truths, asked, strict=True)), len(asked))
    macro = f1_score(truths, firsts, average="macro", labels=sorted(set(truths)), zero_division=0)
    print(f"\n{name}\n  top-1 {top1}\n  top-3 {top3}\n  macro-F1 {macro:.3f}")
    if strange:
        bar = float(np.quantile([guess.trust for guess in strange], REFUSED))
        held = sum(g.trust > bar and f == t for (_, g), f, t in zip(asked, firsts, truths, strict=True))
        print(f"  answered right at {REFUSED:.0%} refused {Rate(held, len(asked))}")
    print("  by voice " + ", ".join(f"{voice} {share:.1%}" for voice, share in by_voice.items()))


def curve(outcomes: Sequence[tuple[Sample, Guess]], knowledge: Knowledge) -> None:
    asked, strange = split(outcomes)
    print("  confidence   right at once   wrong but sure   refused (no answer exists)")
    for bar in np.arange(0.4, 0.96, 0.05):
        sure = [(sample, guess) for sample, guess in asked if guess.trust >= bar]
        right = sum(guess.groups[:1] == [truth(sample, knowledge)] for sample, guess in sure)
        refused = sum(guess.trust < bar for guess in strange)
        print(
            f"  from {bar:.2f}     {right / len(asked):6.1%}          {(len(sure) - right) / len(asked):6.1%}"
            f"           {refused / len(strange):6.1%}"
        )


def bm25(train: Sequence[Sample], test: Sequence[Sample], knowledge: Knowledge) -> list[Guess]:
    """BM25 over the examples, each label one document."""
    labels, texts = documents(train, knowledge)
    counter = CountVectorizer(token_pattern=r"\S+")
    counts = counter.fit_transform(texts).astype(float)
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    found = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log(1 + (len(texts) - found + 0.5) / (found + 0.5))
    norm = K1 * (1 - B + B * lengths / lengths.mean())
    dense = counts.toarray()
    weights = idf * dense * (K1 + 1) / (dense + norm[:, None])
    return guesses(counter.transform([knowledge.normaliser(s.text) for s in test]) @ weights.T, labels)


def tfidf_characters(train: Sequence[Sample], test: Sequence[Sample], knowledge: Knowledge) -> list[Guess]:
    """Cosine of character n-grams to the nearest example."""
    vectorizer = TfidfVectorizer(lowercase=False, **CHARACTERS)
    known = vectorizer.fit_transform([knowledge.normaliser(s.text) for s in train])
    groups = np.array([truth(sample, knowledge) for sample in train])
    labels = sorted(set(groups))
    similar = (vectorizer.transform([knowledge.normaliser(s.text) for s in test]) @ known.T).toarray()
    return guesses(np.stack([similar[:, groups == label].max(axis=1) for label in labels], axis=1), labels)


def linear(train: Sequence[Sample], test: Sequence[Sample], knowledge: Knowledge) -> list[Guess]:
    """A plain linear classifier over character and word n-grams, with a plain threshold."""
    return read_ranker(
        fit_scores(train, normaliser=knowledge.normaliser, group_of=knowledge.group_of), test, gate=False
    )


def combined(train: Sequence[Sample], test: Sequence[Sample], knowledge: Knowledge) -> list[Guess]:
    """The linear classifier, BM25 and the nearest example together, by reciprocal rank; trusted as the first is."""
    lists = [method(train, test, knowledge) for method in (linear, bm25, tfidf_characters)]
    return [fuse(guessed) for guessed in zip(*lists, strict=True)]


def fuse(guessed: Sequence[Guess]) -> Guess:
    scores: dict[str, float] = defaultdict(float)
    for guess in guessed:
        for rank, name in enumerate(guess.groups):
            scores[name] += 1 / (RANK_OFFSET + rank)
    return Guess(sorted(scores, key=lambda name: -scores[name]), guessed[0].trust)


def ours(train: Sequence[Sample], test: Sequence[Sample], knowledge: Knowledge) -> list[Guess]:
    """The ranker with its trained gate."""
    return read_ranker(
        train_ranker(train, normaliser=knowledge.normaliser, group_of=knowledge.group_of), test, gate=True
    )


def read_ranker(ranker: Ranker, test: Sequence[Sample], *, gate: bool) -> list[Guess]:
    read = []
    for sample in test:
        ranking = ranker.rank(sample.text)
        scores: dict[str, float] = defaultdict(float)
        for candidate in ranking.candidates:
            scores[ranker.group_of.get(candidate.label, candidate.label)] += candidate.score
        groups = sorted((g for g in scores if g not in NOT_A_QUESTION), key=lambda g: -scores[g])
        plain_trust = scores[groups[0]] if groups else 0.0
        read.append(Guess(groups, ranking.confidence if gate else plain_trust))
    return read


def diet(train: Sequence[Sample], test: Sequence[Sample], knowledge: Knowledge) -> list[Guess]:
    """Rasa's default pipeline, trained on the same examples in Rasa's environment."""
    names = {label: f"g{number}" for number, label in enumerate(sorted({truth(s, knowledge) for s in train}))}
    back = {name: label for label, name in names.items()}
    blocks: dict[str, list[str]] = defaultdict(list)
    for sample in train:
        blocks[names[truth(sample, knowledge)]].append(f"- {knowledge.normaliser(sample.text) or 'x'}")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        nlu = [{"intent": name, "examples": "\n".join(lines) + "\n"} for name, lines in blocks.items()]
        (work / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True))
        (work / "config.yml").write_text(yaml.safe_dump(DIET_CONFIG))
        (work / "test.json").write_text(json.dumps([knowledge.normaliser(sample.text) or "x" for sample in test]))
        (work / "run.py").write_text(DIET_SCRIPT)
        command = [str(rasa_python()), str(work / "run.py")]
        subprocess.run(command, cwd=work, env=child_environment({}), check=True, capture_output=True)
        parsed = json.loads((work / "out.json").read_text())
    read = []
    for ranking in parsed:
        labels = [(back[intent["name"]], intent["confidence"]) for intent in ranking]
        asked = [(label, score) for label, score in labels if label != NO_ANSWER_LABEL]
        read.append(Guess([label for label, _ in asked], asked[0][1] if asked else 0.0))
    return read


DIET_CONFIG = {
    "recipe": "default.v1",
    "language": "de",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": DIET_EPOCHS, "random_seed": 20260423, "entity_recognition": False},
    ],
}
DIET_SCRIPT = """
import asyncio, json
from rasa.core.agent import Agent
from rasa.model_training import train_nlu
path = train_nlu("config.yml", "nlu.yml", "models")
agent = Agent.load(path)
texts = json.load(open("test.json"))
async def all_of_them():
    return [(await agent.parse_message(text))["intent_ranking"] for text in texts]
json.dump(asyncio.run(all_of_them()), open("out.json", "w"))
"""


def documents(train: Sequence[Sample], knowledge: Knowledge) -> tuple[list[str], list[str]]:
    texts: dict[str, list[str]] = defaultdict(list)
    for sample in train:
        texts[truth(sample, knowledge)].append(knowledge.normaliser(sample.text))
    labels = sorted(texts)
    return labels, [" ".join(texts[label]) for label in labels]


def guesses(scores: npt.NDArray[np.float64], labels: Sequence[str]) -> list[Guess]:
    read = []
    for row in np.asarray(scores):
        order = [i for i in np.argsort(-row, kind="stable") if labels[i] != NO_ANSWER_LABEL]
        refusal = max((row[i] for i in range(len(labels)) if labels[i] == NO_ANSWER_LABEL), default=0.0)
        read.append(Guess([labels[i] for i in order[:10]], float(row[order[0]] - refusal)))
    return read


METHODS: dict[str, Method] = {
    "BM25 over examples": bm25,
    "TF-IDF character n-grams, nearest example": tfidf_characters,
    "support vectors, characters and words, threshold": linear,
    "the three above, combined": combined,
    "ours: support vectors with a trained gate": ours,
}

if __name__ == "__main__":
    main()
