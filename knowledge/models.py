"""What the knowledge base is made of: documents, facts, entries, families, examples."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

ANSWER_LIMIT = 400
"""Characters one reads on a phone without scrolling."""

EntryId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Curated(BaseModel):
    """Everything curated is immutable and refuses unknown fields, so that a typo in a file is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(Curated):
    """A source: what it is called in a citation, its Stand, and where it is published."""

    id: str
    title: str
    stand: date
    cited_as: str
    url: str | None = None


class Source(Curated):
    """Where a statement stands: a numbered question, or a section of a law with its passage."""

    document: str
    question: int | None = None
    section: str | None = None
    passage: str | None = None


class Fact(Curated):
    """A figure, date or range that several places need. `text` is how an answer says it, `value` what code reads."""

    id: EntryId
    text: str
    value: float | int | str | list[float | int]
    unit: str | None = None
    source: Source


class Entry(Curated):
    """One curated answer. Dates are calendar days in Germany; `valid_to` is the last day the answer may be given."""

    id: EntryId
    title: Annotated[str, Field(min_length=3, max_length=48)]
    question: Annotated[str, Field(min_length=5, max_length=120)]
    answer: Annotated[str, Field(min_length=2)]
    details: str | None = None
    note: str | None = None
    source: Source
    checked_on: date
    bausteine: list[Literal[1, 2, 3]] = []
    topics: Annotated[list[str], Field(min_length=1)]
    related: list[EntryId] = []
    valid_from: date | None = None
    valid_to: date | None = None
    review_by: date
    derived_from: str | None = None

    def valid_on(self, day: date) -> bool:
        """Whether the answer may be given on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class Family(Curated):
    """A question as people ask it, which several entries answer, one per Baustein."""

    id: EntryId
    title: Annotated[str, Field(min_length=3, max_length=48)]
    entries: Annotated[list[EntryId], Field(min_length=2)]


class Topic(Curated):
    """A shelf of the browse menu."""

    id: str
    title: str


class Contact(Curated):
    """Who is responsible in this municipality (from the overlay only)."""

    id: EntryId
    responsible_for: str
    text: str


class LocalDate(Curated):
    """A date from the municipality's Bescheid (from the overlay only), shown under the entries it concerns."""

    id: EntryId
    entries: Annotated[list[EntryId], Field(min_length=1)]
    text: str
    date: date


class Vocabulary(Curated):
    """The field's words: abbreviations to spell out, shapes that read as one word whatever they hold, word beginnings
    that imply a Baustein, how follow-ups and questions begin."""

    abbreviations: dict[str, str]
    shapes: dict[str, str]
    bausteine: dict[int, list[str]]
    follow_ups: list[str]
    question_words: list[str]
    filler: list[str]


class Example(Curated):
    """One example question: `label` is an entry, a family, or a reason why there is no answer (`out_of_scope`)."""

    label: str
    voice: str
    text: Annotated[str, Field(min_length=1)]
