"""Finds what is wrong with the knowledge base: links, dates, lengths, doubled examples, figures the source lacks."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from knowledge.deadlines import LEAP_YEAR, Deadlines, Yearly
from knowledge.figures import Figure, figures
from knowledge.load import FACT, Knowledge
from knowledge.models import ANSWER_LIMIT, Entry, Example
from knowledge.ranking import NOT_A_QUESTION
from knowledge.source_text import read_source


def check_knowledge(
    knowledge: Knowledge,
    examples: Iterable[Example],
    *,
    today: date,
    deadlines: Deadlines | None = None,
    source: Path | None = None,
) -> list[str]:
    """All findings, each one German line; an empty list means all is well. `today` decides what is expired."""
    findings = [*check_entries(knowledge, today), *check_families(knowledge), *check_facts(knowledge)]
    findings += check_examples(knowledge, examples)
    if deadlines is not None:
        findings += check_deadlines(knowledge, deadlines)
    if source is not None:
        findings += check_figures(knowledge, source)
    return findings


def check_entries(knowledge: Knowledge, today: date) -> Iterator[str]:
    for entry in knowledge.entries.values():
        if len(entry.answer) > ANSWER_LIMIT:
            yield f"{entry.id}: Antwort hat {len(entry.answer)} Zeichen, erlaubt sind {ANSWER_LIMIT}."
        for other in entry.related:
            if other not in knowledge.entries or other == entry.id:
                yield f"{entry.id}: verweist auf „{other}“, das es so nicht gibt."
        for topic in entry.topics:
            if topic not in knowledge.topics:
                yield f"{entry.id}: unbekanntes Thema „{topic}“."
        if entry.review_by < today:
            yield f"{entry.id}: Prüftermin {entry.review_by:%d.%m.%Y} ist verstrichen."
        if entry.checked_on > today:
            yield f"{entry.id}: Prüfdatum {entry.checked_on:%d.%m.%Y} liegt in der Zukunft."
        if entry.valid_from and entry.valid_to and entry.valid_to < entry.valid_from:
            yield f"{entry.id}: Gültigkeit endet, bevor sie beginnt."
        if entry.source.document == "faq" and entry.source.question is None:
            yield f"{entry.id}: die Nummer der Frage fehlt in der Quelle."
        if entry.source.document == "aufenthg" and not (entry.source.section and entry.source.passage):
            yield f"{entry.id}: Paragraf und Absatz fehlen in der Quelle."


def check_families(knowledge: Knowledge) -> Iterator[str]:
    for family in knowledge.families.values():
        for entry in family.entries:
            if entry not in knowledge.entries:
                yield f"Familie {family.id}: unbekannter Eintrag „{entry}“."


def check_facts(knowledge: Knowledge) -> Iterator[str]:
    named = {
        found
        for entry in knowledge.raw_entries.values()
        for text in (entry.answer, entry.details, entry.note, entry.question)
        for found in FACT.findall(text or "")
    }
    for fact in knowledge.facts.values():
        if fact.id not in named:
            yield f"Wert {fact.id}: wird in keinem Eintrag genannt."


def check_examples(knowledge: Knowledge, examples: Iterable[Example]) -> Iterator[str]:
    """Unknown labels, and questions that stand twice (after normalising)."""
    seen: dict[str, Example] = {}
    for example in examples:
        if example.label not in NOT_A_QUESTION and not knowledge.entries_for(example.label):
            yield f"Beispiel ({example.voice}) mit unbekanntem Ziel „{example.label}“: {example.text}"
        key = knowledge.normaliser(example.text)
        if key in seen:
            first = seen[key]
            yield f"Beispiel doppelt ({first.voice}/{first.label} und {example.voice}/{example.label}): {example.text}"
        seen.setdefault(key, example)


def check_deadlines(knowledge: Knowledge, deadlines: Deadlines) -> Iterator[str]:
    """Every deadline is cited, and the day it falls on is what its entry says."""
    for deadline in (*deadlines.deadlines, deadlines.permit):
        if deadline.entry is None:
            continue
        if deadline.entry not in knowledge.raw_entries:
            yield f"Frist {deadline.id}: unbekannter Eintrag „{deadline.entry}“."
        elif deadline.fact is not None:
            entry = knowledge.raw_entries[deadline.entry]
            if f"{{fact:{deadline.fact}}}" not in f"{entry.answer}{entry.details}":
                yield f"Frist {deadline.id}: der Eintrag „{entry.id}“ nennt den Wert „{deadline.fact}“ nicht."
            if not all(figures(deadline.named or "") & said_as(when) for when in deadline.when):
                yield f"Frist {deadline.id}: ihr Tag ist nicht „{deadline.named}“."


def said_as(when: Yearly | date) -> set[Figure]:
    """The figures that stand for a day: the date, or its month alone for the last day ("Ende Oktober")."""
    year = when.year if isinstance(when, date) else None
    said: set[Figure] = {("date", (when.day, when.month, year))}
    if when.day == monthrange(year or LEAP_YEAR, when.month)[1]:
        said.add(("month", when.month))
    return said


def check_figures(knowledge: Knowledge, source: Path) -> Iterator[str]:
    """Every number, date, fraction and number word of a FAQ answer must occur in the source's answer."""
    parts = read_source(source)
    for entry in knowledge.entries.values():
        if entry.source.document != "faq" or entry.source.question is None:
            continue
        if entry.source.question not in parts:
            yield f"{entry.id}: Frage {entry.source.question} fehlt im Quelltext."
        elif entry.derived_from is None:
            yield from missing_figures(entry, parts[entry.source.question].answer)


def missing_figures(entry: Entry, source_answer: str) -> Iterator[str]:
    given = figures(source_answer)
    for kind, value in sorted(figures(f"{entry.answer}\n{entry.details or ''}") - given, key=str):
        yield f"{entry.id}: {kind} {value} steht nicht in der Antwort der Quelle."
