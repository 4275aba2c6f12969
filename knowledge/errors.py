"""The root of every error a person may see."""

from __future__ import annotations


class LotseError(Exception):
    """Something went wrong that a person can act on.

    `sentence` is the German sentence a person may read (what happened, what to do); `data` is what a log may hold and
    never contains message texts.
    """

    def __init__(self, sentence: str, **data: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.data = data


class KnowledgeError(LotseError):
    """A file of the knowledge base is broken; the sentence names the file and what to mend."""


class ModelError(LotseError):
    """There is no trained model, or it does not fit the data."""
