"""Reads the extracted text of the official FAQ: two numbering styles, page breaks, an inner numbered list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from knowledge.errors import KnowledgeError

NUMBERED = re.compile(r"^\s*(?:- )?\**(\d+)\.\s+(.*)$")
HEADING = re.compile(r"^(?:BAUSTEIN \d|Vernetzung und Kooperation vor Ort$|STAND:)")


class Part(NamedTuple):
    """One question of the FAQ and its answer."""

    question: str
    answer: str


def read_source(file: Path) -> Mapping[int, Part]:
    """Questions by number. Raises `KnowledgeError` if the file is missing or holds no numbered questions."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{file.name} lässt sich nicht lesen – bitte den Pfad der FAQ prüfen.") from error
    questions: dict[int, str] = {}
    answers: dict[int, list[str]] = {}
    current = 0
    for line in lines:
        found = NUMBERED.match(line)
        if found and int(found.group(1)) == current + 1:
            current += 1
            questions[current] = unmark(found.group(2))
            answers[current] = []
        elif HEADING.match(line) and current:
            continue
        elif current:
            answers[current].append(unmark(line))
    if not questions:
        raise KnowledgeError(f"{file.name} enthält keine nummerierten Fragen – ist es der Text der FAQ?")
    return {number: Part(questions[number], tidy(answers[number])) for number in questions}


def unmark(line: str) -> str:
    """Without Markdown emphasis; bullets become "•"."""
    line = line.replace("**", "").strip()
    return re.sub(r"^- ", "• ", line)


def tidy(lines: list[str]) -> str:
    """Lines joined, page breaks closed: a line that goes on in lower case continues the one before."""
    text = "\n".join(line for line in lines if line)
    return re.sub(r"(?<![.:;!?])\n(?=[a-zäöü(])", " ", text).strip()
