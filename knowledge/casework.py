"""What casework needs to know: how case numbers look, the forms of counselling (FAQ 32), how people ask for things."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from knowledge.errors import KnowledgeError
from knowledge.load import load_yaml, parse, read
from knowledge.models import Curated

HERE = Path(__file__).parent
FILE = HERE / "casework.yml"
NO_CASE = r"(?:19|20)\d\d(?!\S)"
"""A bare number that is rather a year than a case."""
COMMANDS = HERE / "commands.yml"
SHORT = "short"
CASE_MANAGEMENT = "case_management"
"""The two forms that FAQ 32 knows, whose rules differ; how they are called is data."""

Verb = Literal[
    "open", "list", "list_closed", "show", "close", "reopen", "change_form", "take_over", "hand_over", "add_deputy",
    "consent_given", "consent_shown", "consent_withdrawn", "absent", "back", "absence_shown",
]  # fmt: skip


class CaseNumberPattern(Curated):
    """One shape of case numbers: a prefix and groups of digits (regular expressions), joined by hyphens."""

    parts: Annotated[list[str], Field(min_length=2)]
    example: str
    only_hyphenated: str | None = None

    @field_validator("parts")
    @classmethod
    def compiles(cls, parts: list[str]) -> list[str]:
        for part in parts:
            try:
                re.compile(part)
            except re.error as error:
                raise ValueError(f"„{part}“ ist kein gültiges Muster") from error
        return parts


class CounsellingForm(Curated):
    """Kurzberatung or Case Management; `words` are how people name it."""

    id: str
    title: str
    words: Annotated[list[str], Field(min_length=1)]


class Command(Curated):
    """What is asked for, and in which words; `needs` says what else the message must hold or must not."""

    verb: Verb
    phrases: Annotated[list[str], Field(min_length=1)]
    needs: Literal["case", "no_case", "form"] | None = None


class ConsultationBounds(Curated):
    """What may be logged of a talk: days back, minutes it may have lasted, and for how many minutes after saving a
    second entry looks like the same and the saving can be undone."""

    days_back: Annotated[int, Field(ge=0)]
    min_minutes: Annotated[int, Field(ge=1)]
    max_minutes: Annotated[int, Field(ge=1)]
    duplicate_minutes: Annotated[int, Field(ge=0)]
    undo_minutes: Annotated[int, Field(ge=0)]
    usual_minutes: Annotated[list[int], Field(min_length=1)]
    usual_weeks: Annotated[list[int], Field(min_length=1)]

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if self.max_minutes < self.min_minutes:
            raise ValueError("max_minutes liegt unter min_minutes")
        return self


class ReminderDefaults(Curated):
    """When people are nudged who chose no times of their own; weekdays from Monday (0), times local."""

    default_time: time
    working_days: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1)]
    starts: time
    ends: time
    never_moved_hours: Annotated[int, Field(ge=0)]
    again_hours: Annotated[int, Field(ge=1)]
    late_minutes: Annotated[int, Field(ge=1)]
    transfer_time: time
    re_assessment_months: dict[str, Annotated[int, Field(ge=1)]]
    second_talk_weeks: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if self.starts >= self.ends:
            raise ValueError("starts liegt nicht vor ends")
        return self


class Casework(Curated):
    """The practice of a municipality."""

    case_numbers: Annotated[list[CaseNumberPattern], Field(min_length=1)]
    case_words: list[str]
    counselling_forms: Annotated[list[CounsellingForm], Field(min_length=1)]
    consultations: ConsultationBounds
    reminders: ReminderDefaults
    commands: Annotated[list[Command], Field(min_length=1)]

    @property
    def examples(self) -> str:
        """How case numbers look, for a person: "KIM-2026-0042 oder KIM-1042"."""
        return " oder ".join(pattern.example for pattern in self.case_numbers)

    @property
    def number_shape(self) -> str:
        """The pattern of a case number in normalised text, for the ranker."""
        whole = [" ?[-/]?".join([p.parts[0].lower(), "[-/ ]?".join(p.parts[1:])]) for p in self.case_numbers]
        bare = ["[-/ ]?".join(pattern.parts[1:]) for pattern in self.case_numbers]
        words = "|".join(re.escape(word) for word in self.case_words)
        named = [rf"(?:{words}) (?:nr |nummer )?(?:{digits})" for digits in bare]
        alone = [rf"(?!{NO_CASE})(?:{digits})(?! (?:euro|eur|€|uhr)\b)" for digits in bare]
        return "|".join([*whole, *named, *alone])

    def form_title(self, form_id: str) -> str:
        """The name of a form of counselling; its id if the data no longer holds it."""
        return next((form.title for form in self.counselling_forms if form.id == form_id), form_id)


def load_casework(overlay: Path | None = None) -> Casework:
    """Ours, with the keys an overlay's `casework.yml` replaces; raises `KnowledgeError` naming what is wrong."""
    content = mapping(FILE) | {"commands": read(COMMANDS, Command)}
    local = overlay / FILE.name if overlay else None
    if local is not None and local.exists():
        return parse(Casework, content | mapping(local), local)
    return parse(Casework, content, FILE)


def mapping(file: Path) -> dict[str, object]:
    content = load_yaml(file)
    if not isinstance(content, dict):
        raise KnowledgeError(f"{file.name}: Schlüssel mit Werten werden erwartet – bitte berichtigen.")
    return content
