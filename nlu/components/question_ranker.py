"""Rasa's intent classifier of this project: one ranking gives the intent and the entries that may answer.

Runs under Python 3.10 inside Rasa. The ranking travels with the message (`question_ranking`), so that our own action
decides whether to answer; Rasa's intent alone could not (with one question intent it is always sure).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from knowledge.normalise import Normaliser
from knowledge.ranking import (
    NOT_A_QUESTION,
    QUESTION_INTENT,
    RANKER_FILE,
    Ranker,
    Ranking,
    Sample,
    load_ranker,
    train_ranker,
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class QuestionRanker(GraphComponent, IntentClassifier):
    """Trains, keeps and asks the ranker of `knowledge.ranking`."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, ranker: Ranker | None = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._ranker = ranker

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"abbreviations": {}, "shapes": {}, "group_of": {}}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionRanker:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> QuestionRanker:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, load_ranker(Path(folder) / RANKER_FILE))

    def train(self, training_data: TrainingData) -> Resource:
        samples = [sample_of(message) for message in training_data.intent_examples]
        self._ranker = train_ranker(
            samples,
            normaliser=Normaliser(self._config["abbreviations"], self._config["shapes"]),
            group_of=self._config["group_of"],
        )
        with self._storage.write_to(self._resource) as folder:
            self._ranker.save(Path(folder) / RANKER_FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if self._ranker is not None:
                annotate(message, self._ranker.rank(message.get(TEXT) or ""))
        return messages


def sample_of(message: Message) -> Sample:
    """Questions carry label and voice in their retrieval intent; for everything else the intent is the label."""
    _, _, key = (message.get(INTENT_RESPONSE_KEY) or "").partition("/")
    label, _, voice = key.partition(".")
    return Sample(text=message.get(TEXT), label=label or message.get(INTENT), voice=voice)


def annotate(message: Message, ranking: Ranking) -> None:
    intents: dict[str, float] = {}
    for candidate in ranking.candidates:
        intent = intent_of(candidate.label)
        intents[intent] = max(intents.get(intent, 0.0), candidate.score)
    by_score: Iterable[tuple[str, float]] = sorted(intents.items(), key=lambda pair: -pair[1])
    listed = [{"name": name, "confidence": float(score)} for name, score in by_score]
    message.set(INTENT, listed[0] if listed else {"name": "out_of_scope", "confidence": 0.0}, add_to_output=True)
    message.set("intent_ranking", listed, add_to_output=True)
    message.set(
        "question_ranking",
        {
            "confidence": ranking.confidence,
            "candidates": [{"label": c.label, "score": c.score} for c in ranking.candidates],
        },
        add_to_output=True,
    )


def intent_of(label: str) -> str:
    return label if label in NOT_A_QUESTION else QUESTION_INTENT
