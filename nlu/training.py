"""Writes what Rasa trains from: the project's own files plus everything generated from `knowledge/`."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

import yaml

from knowledge.casework import Casework
from knowledge.load import Knowledge
from knowledge.models import Example
from knowledge.ranking import NOT_A_QUESTION, QUESTION_INTENT, SMALL_TALK

HERE = Path(__file__).parent
RANKING_CODE = ("ranking.py", "normalise.py")


def write_training_data(folder: Path, knowledge: Knowledge, casework: Casework, examples: Iterable[Example]) -> None:
    """A complete Rasa project in `folder` (config.yml, domain.yml, data/); what was there is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "data", folder / "data")
    shutil.copy(HERE / "domain.yml", folder)
    config = yaml.safe_load((HERE / "config.yml").read_text(encoding="utf-8"))
    config["pipeline"][0] |= {
        "abbreviations": dict(knowledge.vocabulary.abbreviations),
        "shapes": knowledge.vocabulary.shapes | {"fallnummer": casework.number_shape},
        "group_of": knowledge.group_of,
    }
    dump(folder / "config.yml", config)
    dump(folder / "data" / "questions.yml", {"version": "3.1", "nlu": intents(examples)})


def intents(examples: Iterable[Example]) -> list[dict[str, str]]:
    """Examples in blocks by label and voice, as Rasa's retrieval intents (`faq/faq-27.hurried`).

    Blocks, since Rasa reads ten thousand examples with metadata of their own about ten times more slowly.
    """
    blocks: dict[str, list[str]] = {}
    for example in examples:
        intent = example.label if example.label in NOT_A_QUESTION else QUESTION_INTENT
        # Rasa utters the reply to small talk itself; of a retrieval intent it would look for it elsewhere
        name = intent if intent in SMALL_TALK else f"{intent}/{example.label}.{example.voice}"
        blocks.setdefault(name, []).append(f"- {one_line(example.text)}")
    return [{"intent": name, "examples": "\n".join(lines) + "\n"} for name, lines in blocks.items()]


def one_line(text: str) -> str:
    """Without what Rasa's format would read as markup."""
    return " ".join(text.translate({ord(char): " " for char in "[]{}\\"}).split())


def fingerprint(folder: Path) -> str:
    """What a model is trained from, as a short hash: the generated project and the code that trains."""
    digest = hashlib.sha256()
    code = [HERE / "components" / "question_ranker.py", *(HERE.parent / "knowledge" / name for name in RANKING_CODE)]
    for file in [*sorted(path for path in folder.rglob("*") if path.is_file()), *code]:
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def dump(file: Path, content: object) -> None:
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000), encoding="utf-8")
