"""What casework needs to know: how case numbers look, and the forms of counselling (FAQ 32)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from knowledge.errors import KnowledgeError
from knowledge.load import load_yaml, parse
from knowledge.models import Curated

FILE = Path(__file__).parent / "casework.yml"


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


class Casework(Curated):
    """The practice of a municipality."""

    case_numbers: Annotated[list[CaseNumberPattern], Field(min_length=1)]
    case_words: list[str]
    counselling_forms: Annotated[list[CounsellingForm], Field(min_length=1)]

    @property
    def examples(self) -> str:
        """How case numbers look, for a person: "KIM-2026-0042 oder KIM-1042"."""
        return " oder ".join(pattern.example for pattern in self.case_numbers)

    def form(self, form_id: str) -> CounsellingForm:
        """The form of counselling with this id; raises KeyError if there is none."""
        return {form.id: form for form in self.counselling_forms}[form_id]


def load_casework(overlay: Path | None = None) -> Casework:
    """Ours, with the keys an overlay's `casework.yml` replaces; raises `KnowledgeError` naming what is wrong."""
    content = mapping(FILE)
    local = overlay / FILE.name if overlay else None
    if local is not None and local.exists():
        content |= mapping(local)
        return parse(Casework, content, local)
    return parse(Casework, content, FILE)


def mapping(file: Path) -> dict[str, object]:
    content = load_yaml(file)
    if not isinstance(content, dict):
        raise KnowledgeError(f"{file.name}: Schlüssel mit Werten werden erwartet – bitte berichtigen.")
    return content
