"""Reads the knowledge base and a municipality's overlay into one immutable `Knowledge`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from knowledge.errors import KnowledgeError
from knowledge.models import Contact, Document, Entry, Example, Fact, Family, LocalDate, Topic, Vocabulary
from knowledge.normalise import Normaliser
from knowledge.source_text import read_source

HERE = Path(__file__).parent
FACT = re.compile(r"\{fact:([a-z0-9-]+)\}")
NO_ANSWER_LABEL = "out_of_scope"

Model = TypeVar("Model", bound=BaseModel)
Named = TypeVar("Named", Document, Entry, Fact, Family, Topic)


@dataclass(frozen=True)
class Knowledge:
    """All that is known. Texts of entries already carry their facts; `raw_entries` still name them."""

    documents: Mapping[str, Document]
    facts: Mapping[str, Fact]
    raw_entries: Mapping[str, Entry]
    families: Mapping[str, Family]
    topics: Mapping[str, Topic]
    vocabulary: Vocabulary
    contacts: tuple[Contact, ...] = ()
    local_dates: tuple[LocalDate, ...] = ()
    original_texts: Mapping[int, str] | None = None

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Entries by id, in the order of their files, facts filled in."""
        return {entry.id: fill_facts(entry, self.facts) for entry in self.raw_entries.values()}

    @cached_property
    def normaliser(self) -> Normaliser:
        return Normaliser(self.vocabulary.abbreviations)

    @cached_property
    def family_of(self) -> dict[str, Family]:
        """The family of each entry that has siblings."""
        return {entry: family for family in self.families.values() for entry in family.entries}

    @cached_property
    def group_of(self) -> dict[str, str]:
        """What the ranker may mix up without harm: siblings of a family, and entries on one section of the law."""
        groups = {entry: family.id for entry, family in self.family_of.items()}
        for entry in self.raw_entries.values():
            if entry.source.section is not None:
                groups.setdefault(entry.id, section_group(entry))
        return groups

    def entries_for(self, label: str) -> list[str]:
        """The entries behind a label of the ranker: a family's entries, the entry itself, or none."""
        if label in self.families:
            return list(self.families[label].entries)
        return [label] if label in self.raw_entries else []

    def citation(self, entry: Entry) -> str:
        """How the entry's source is cited under its answer, with its Stand."""
        document = self.documents[entry.source.document]
        stand = f"Stand {document.stand:%d.%m.%Y}"
        if entry.source.question is not None:
            return f"{document.cited_as}, Frage {entry.source.question}, {stand}"
        place = " ".join(filter(None, [entry.source.section and f"§ {entry.source.section}", entry.source.passage]))
        return f"{place} {document.cited_as}, {stand}".strip()

    def original_text(self, entry: Entry) -> str | None:
        """The official FAQ's own words, where the overlay brings them."""
        if self.original_texts is None or entry.source.question is None or entry.source.document != "faq":
            return None
        return self.original_texts.get(entry.source.question)


def load_knowledge(overlay: Path | None = None) -> Knowledge:
    """Read everything; raises `KnowledgeError` with the file and the place of the first thing that is wrong."""
    roots = [HERE] if overlay is None else [HERE, require_folder(overlay)]
    documents = collect([file for root in roots for file in root.glob("documents.yml")], Document)
    entry_files = [file for root in roots for file in sorted(root.glob("entries/*.yml"))]
    entries = collect(entry_files, Entry)
    for entry in entries.values():
        if entry.source.document not in documents:
            file = next(file for file in entry_files if f"id: {entry.id}" in file.read_text(encoding="utf-8"))
            raise KnowledgeError(
                f"{file.name}, „{entry.id}“: unbekannte Quelle „{entry.source.document}“ – siehe documents.yml."
            )
    facts = collect([file for root in roots for file in sorted(root.glob("facts*.yml"))], Fact)
    contacts: list[Contact] = []
    local_dates: list[LocalDate] = []
    original_texts = None
    if overlay is not None:
        contacts = read(overlay / "contacts.yml", Contact) if (overlay / "contacts.yml").exists() else []
        local_dates = read(overlay / "dates.yml", LocalDate) if (overlay / "dates.yml").exists() else []
        if (overlay / "faq.txt").exists():
            original_texts = {number: part.answer for number, part in read_source(overlay / "faq.txt").items()}
    knowledge = Knowledge(
        documents=documents,
        facts=facts,
        raw_entries=entries,
        families=collect([HERE / "families.yml"], Family),
        topics=collect([HERE / "topics.yml"], Topic),
        vocabulary=parse(Vocabulary, load_yaml(HERE / "vocabulary.yml"), HERE / "vocabulary.yml"),
        contacts=tuple(contacts),
        local_dates=tuple(local_dates),
        original_texts=original_texts,
    )
    _ = knowledge.entries
    return knowledge


def section_group(entry: Entry) -> str:
    """The group of a law entry: the beginning of its id, document and section."""
    return "-".join(entry.id.split("-")[:2])


def load_examples(overlay: Path | None = None) -> list[Example]:
    """All example questions, in the order of their files; an overlay's entries bring at least their own question."""
    examples = examples_in(HERE / "examples")
    for file in sorted((HERE / "intents").glob("*.jsonl")):
        examples += read_examples(file, label=file.name.partition(".")[0])
    if overlay is not None:
        own = [entry for file in sorted(overlay.glob("entries/*.yml")) for entry in read(file, Entry)]
        examples += examples_in(overlay / "examples")
        examples += [Example(label=entry.id, voice="overlay", text=text) for entry in own for text in titles(entry)]
    return examples


def examples_in(folder: Path) -> list[Example]:
    return [example for file in sorted(folder.glob("*.jsonl")) for example in read_examples(file)]


def titles(entry: Entry) -> tuple[str, str]:
    return entry.question, entry.title


def read_examples(file: Path, label: str = NO_ANSWER_LABEL) -> Iterator[Example]:
    """One file of examples; its name is the voice unless a line names its own. Lines without `for` have this label."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            yield Example(label=data.get("for", label), voice=data.get("voice", file.stem), text=data["q"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KnowledgeError(
                f"{file.name}, Zeile {number}: keine gültige Beispielfrage – bitte die Zeile berichtigen."
            ) from error


def fill_facts(entry: Entry, facts: Mapping[str, Fact]) -> Entry:
    """The entry with `{fact:…}` replaced by the facts' texts."""

    def fact(found: re.Match[str]) -> str:
        if found.group(1) not in facts:
            raise KnowledgeError(f"Eintrag „{entry.id}“ nennt den unbekannten Wert „{found.group(1)}“ (facts.yml).")
        return facts[found.group(1)].text

    texts = {"answer": entry.answer, "details": entry.details, "note": entry.note, "question": entry.question}
    return entry.model_copy(update={name: FACT.sub(fact, text) for name, text in texts.items() if text is not None})


def read(file: Path, model: type[Model]) -> list[Model]:
    """A YAML list of one kind of thing."""
    items = load_yaml(file)
    if not isinstance(items, list):
        raise KnowledgeError(f"{file.name}: eine Liste wird erwartet – bitte jeden Eintrag mit „- “ beginnen.")
    return [parse(model, item, file) for item in items]


def parse(model: type[Model], item: object, file: Path) -> Model:
    try:
        return model.model_validate(item)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        name = item.get("id", "?") if isinstance(item, dict) else "?"
        problem = {"missing": "fehlt", "extra_forbidden": "ist unbekannt"}.get(first["type"], "ist ungültig")
        raise KnowledgeError(f"{file.name}, „{name}“, Feld {place} {problem} – bitte berichtigen.") from error


def load_yaml(file: Path) -> object:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", Zeile {mark.line + 1}" if mark else ""
        raise KnowledgeError(f"{file.name}{line}: kein gültiges YAML – bitte die Datei berichtigen.") from error
    except OSError as error:
        raise KnowledgeError(f"{file.name} lässt sich nicht lesen – bitte Pfad und Rechte prüfen.") from error


def collect(files: Iterable[Path], model: type[Named]) -> dict[str, Named]:
    """The items of several files by their id; raises `KnowledgeError` where one stands twice."""
    found: dict[str, Named] = {}
    for file in files:
        for item in read(file, model):
            key = item.id
            if key in found:
                raise KnowledgeError(f"{file.name}: die Kennung „{key}“ ist doppelt – bitte eine davon ändern.")
            found[key] = item
    return found


def require_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise KnowledgeError(f"Der Ordner {folder} (LOTSE_OVERLAY) fehlt – bitte anlegen oder die Einstellung leeren.")
    return folder
