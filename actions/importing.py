"""Imports cases from a CSV file: all rows or none, and every broken row is named."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from actions.access import Actor
from actions.cases import open_case
from actions.clock import local_day
from actions.store.models import Case, Person
from knowledge.casework import Casework
from knowledge.errors import LotseError
from nlu.readers.case_commands import read_form
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.folding import fold

ENCODINGS = ("utf-8-sig", "cp1252")
"""What spreadsheets write; anything else is refused."""
COLUMNS: Mapping[str, frozenset[str]] = {
    "number": frozenset({"nummer", "fallnummer", "fall", "number", "case"}),
    "form": frozenset({"form", "beratungsform", "counselling"}),
    "start": frozenset({"start", "beginn", "startdatum", "seit"}),
    "consent": frozenset({"einwilligung", "einwilligung vom", "consent"}),
}
"""By which headings each column is known; others are not read."""
DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y")
MOST_ROWS = 5000


class ImportRefusedError(LotseError):
    """Nothing was imported; `problems` name the rows and what is wrong with each."""

    def __init__(self, sentence: str, problems: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.problems = list(problems)


@dataclass(frozen=True)
class Row:
    """One case of the file, checked."""

    number: str
    form: str
    started_on: date
    signed_on: date


def import_cases(
    session: Session, *, by: Actor, owner: Person, file: Path, casework: Casework, signed_on: date | None, now: datetime
) -> int:
    """Open every case of the file for its owner; how many. The caller commits.

    `signed_on` is the day on which the consents were signed, for rows that do not say it themselves (FAQ 34: no case
    without one). Raises `ImportRefusedError` with every problem found; then nothing was imported.
    """
    rows, problems = read_rows(file, casework, signed_on, local_day(now))
    known = set(session.exec(select(Case.number).where(col(Case.number).in_([row.number for _, row in rows]))))
    first: dict[str, int] = {}
    for line, row in rows:
        if row.number in known:
            problems[line] = f"{row.number} ist schon angelegt"
        elif row.number in first:
            problems[line] = f"{row.number} steht schon in Zeile {first[row.number]}"
        first.setdefault(row.number, line)
    if problems:
        raise ImportRefusedError(
            "Nichts importiert – bitte die genannten Zeilen berichtigen und die Datei noch einmal einlesen.",
            [f"Zeile {line}: {problem}." for line, problem in sorted(problems.items())],
        )
    for _, row in rows:
        open_case(
            session,
            by=by,
            owner=owner,
            number=row.number,
            form=row.form,
            started_on=row.started_on,
            signed_on=row.signed_on,
            now=now,
        )
    return len(rows)


def read_rows(
    file: Path, casework: Casework, signed_on: date | None, today: date
) -> tuple[list[tuple[int, Row]], dict[int, str]]:
    """The rows that can be read and the problems of the others, by their line in the file."""
    text = decoded(file).replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    kinds = [(kind, heading) for heading in reader.fieldnames or [] if (kind := kind_of(heading))]
    places = {heading: kind for kind, heading in kinds}
    if len({kind for kind, _ in kinds}) < len(kinds):
        raise ImportRefusedError(f"{file.name} nennt eine Spalte zweimal – bitte jede nur einmal.")
    missing = {"number", "form", "start"} - set(places.values())
    if missing or (signed_on is None and "consent" not in places.values()):
        raise ImportRefusedError(
            f"{file.name} braucht die Spalten nummer, form und start, dazu einwilligung oder --consent-signed mit dem "
            "Tag der Unterschrift."
        )
    numbers = CaseNumberReader(casework.case_numbers, casework.case_words)
    rows: list[tuple[int, Row]] = []
    problems: dict[int, str] = {}
    for content in lines_of(reader, file):
        if reader.line_num > MOST_ROWS:
            raise ImportRefusedError(
                f"{file.name} hat mehr als {MOST_ROWS} Zeilen – bitte in mehreren Dateien einlesen."
            )
        cells = {kind: (content.get(heading) or "").strip() for heading, kind in places.items()}
        if not any(cells.values()):
            continue
        try:
            rows.append((reader.line_num, row_of(cells, casework, numbers, signed_on, today)))
        except ValueError as error:
            problems[reader.line_num] = str(error)
    if not rows and not problems:
        raise ImportRefusedError(f"{file.name} enthält keine Fälle – bitte die Datei prüfen.")
    return rows, problems


def lines_of(reader: csv.DictReader[str], file: Path) -> Iterator[dict[str, str | None]]:
    try:
        yield from reader
    except csv.Error:
        raise ImportRefusedError(
            f"{file.name} lässt sich ab Zeile {reader.line_num} nicht lesen – bitte als CSV (UTF-8) speichern."
        ) from None


def row_of(
    cells: Mapping[str, str], casework: Casework, numbers: CaseNumberReader, signed_on: date | None, today: date
) -> Row:
    """Raises ValueError with the German reason, which quotes nothing but the case number."""
    found = numbers.numbers(cells["number"] if not cells["number"].isdecimal() else f"Fall {cells['number']}")
    if len(found) != 1:
        raise ValueError(f"keine Fallnummer wie {casework.examples}")
    form = read_form(fold(cells["form"]).text, casework.counselling_forms)
    if form is None:
        forms = " oder ".join(one.title for one in casework.counselling_forms)
        raise ValueError(f"die Beratungsform ist nicht {forms}")
    started = day_of(cells["start"], "das Startdatum", today)
    signed = day_of(cells["consent"], "das Datum der Einwilligung", today) if cells.get("consent") else signed_on
    if signed is None:
        raise ValueError(f"{found[0]} hat kein Datum der Einwilligung")
    return Row(found[0], form, started, signed)


def day_of(cell: str, what: str, today: date) -> date:
    for pattern in DATE_FORMATS:
        try:
            day = datetime.strptime(cell, pattern).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
        if day > today:
            raise ValueError(f"{what} liegt in der Zukunft")
        return day
    raise ValueError(f"{what} fehlt oder ist keines wie 31.12.2026")


def kind_of(heading: str) -> str | None:
    plain = heading.strip().lower()
    return next((kind for kind, headings in COLUMNS.items() if plain in headings), None)


def decoded(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError:
        raise ImportRefusedError(f"{file} lässt sich nicht lesen – bitte den Pfad prüfen.") from None
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ImportRefusedError(f"{file.name} ist keine Textdatei – bitte als CSV (UTF-8) speichern.")
