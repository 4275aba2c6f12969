"""What clients need, where they are referred to and how talks take place: the words of `needs.yml`, for the readers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from knowledge.load import load_yaml, parse
from knowledge.models import Curated

FILE = Path(__file__).parent / "needs.yml"

Channel = Literal["telefon", "persoenlich", "video", "email"]


def only_folded(words: list[str]) -> list[str]:
    for word in words:
        if word != word.lower() or any(char in word for char in "äöüß") or not word.strip("* "):
            raise ValueError(f"„{word}“ muss klein und mit ae/oe/ue geschrieben sein")
    return words


Words = Annotated[list[str], Field(min_length=1)]


class Worded(Curated):
    """Something that is said in these words, whole or with stars for more letters."""

    words: Words

    @field_validator("words")
    @classmethod
    def folded(cls, words: list[str]) -> list[str]:
        return only_folded(words)


class Need(Worded):
    """A topic of counselling; `offices` stand for it only where nothing more precise is said."""

    title: str
    offices: list[str] = []

    @field_validator("offices")
    @classmethod
    def offices_folded(cls, words: list[str]) -> list[str]:
        return only_folded(words)


class ReferralTarget(Worded):
    """Who takes over after a Verweisberatung; `law` is what they decide on."""

    title: str
    law: str | None = None


class ChannelWords(Worded):
    """How a talk took place; `weak` words say so only where nothing plainer does ("zuhause")."""

    id: Channel
    weak: list[str] = []

    @field_validator("weak")
    @classmethod
    def weak_folded(cls, words: list[str]) -> list[str]:
        return only_folded(words)


class Needs(Curated):
    """All of it, in the order of the file; `no_needs` sound like needs and are none."""

    needs: list[Need]
    no_needs: list[str] = []
    referrals: list[ReferralTarget]
    channels: list[ChannelWords]

    @field_validator("no_needs")
    @classmethod
    def no_needs_folded(cls, words: list[str]) -> list[str]:
        return only_folded(words)


def load_needs(file: Path = FILE) -> Needs:
    """Raises `KnowledgeError` with the file and the place of what is wrong."""
    return parse(Needs, load_yaml(file), file)
