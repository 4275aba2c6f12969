"""Files: entries for the hand-over to the KIM-Datenbank, counts for the coordination, as XLSX and CSV."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
from sqlmodel import Session

from actions.access import Actor, Permission, require
from actions.clock import local_day
from actions.consultations import case_of, person_of, recent_consultations
from actions.statistics import Kind, statistics_by_month, summed
from actions.store.models import Consultation
from actions.store.records import audit
from actions.transfer import pending_entries
from knowledge.casework import Casework
from knowledge.needs import Needs
from knowledge.transfer import ColumnField, TransferLayout

FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet would take for a formula at the beginning of a cell."""
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
LONG_AGO = (1980, 1, 1, 0, 0, 0)
WIDEST = 60
KIND_TITLES: dict[Kind, str] = {"talks": "Beratungen", "need": "Bedarf", "referral": "Verweis an", "gap": "mit Lücke"}

Cell = str | int | date | None
Table = Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Export:
    """Both files, the entries in them, and their case numbers, for the hygiene of the chat."""

    xlsx: bytes
    csv: bytes
    entry_ids: Sequence[str] = ()
    numbers: Sequence[str] = ()


def export_entries(
    session: Session, *, by: Actor, pending_only: bool, layout: TransferLayout, casework: Casework, now: datetime
) -> Export:
    """A person's own entries, those they still have to transfer or all they logged, the oldest talk first. The caller
    commits. Raises `NotAllowedError`."""
    require(by, Permission.CASES)
    person, today = person_of(by), local_day(now)
    entries = list(pending_entries(session, person=person, day=today))
    if not pending_only:
        logged = recent_consultations(session, person=person, day=today, limit=None)
        entries = sorted({entry.id: entry for entry in [*entries, *logged]}.values(), key=in_order)
    numbers = [case_of(session, entry).number for entry in entries]
    header: list[Cell] = [column.heading for column in layout.columns]
    rows = [
        [field_of(entry, number, column.field, layout, casework) for column in layout.columns]
        for entry, number in zip(entries, numbers, strict=True)
    ]
    audit(session, by=by, event="consultations exported", detail=f"{len(entries)} entries", now=now)
    table = [header, *rows]
    ids = [entry.entry_id for entry in entries]
    return Export(as_xlsx(table, "Beratungen", now), as_csv(table), ids, list(dict.fromkeys(numbers)))


def export_statistics(
    session: Session,
    *,
    by: Actor,
    from_month: date,
    to_month: date,
    layout: TransferLayout,
    needs: Needs,
    casework: Casework,
    now: datetime,
) -> Export:
    """Counts by month and of the whole period, as they may be published. The caller commits. Raises `NotAllowedError`,
    `PeriodError`."""
    months = statistics_by_month(
        session, by=by, from_month=from_month, to_month=to_month, needs=needs, smallest=layout.smallest_count
    )
    table: list[list[Cell]] = [["Monat", "Beratungsform", "Art", "Wert", "Anzahl"]]
    for row in [*months, *summed(months)]:
        month = f"{row.month:%m/%Y}" if row.month else f"{from_month:%m/%Y}–{to_month:%m/%Y}"
        figure = row.figure
        count = figure.low if figure.low == figure.high else str(figure)
        table.append([month, casework.form_title(row.form), KIND_TITLES[row.kind], row.value, count])
    audit(session, by=by, event="statistics exported", now=now)
    return Export(as_xlsx(table, "Statistik", now), as_csv(table))


def field_of(entry: Consultation, number: str, field: ColumnField, layout: TransferLayout, casework: Casework) -> Cell:
    """What stands in a column: days as dates, moments as the day in Germany, several needs in one cell."""
    match field:
        case "number":
            return number
        case "form":
            return casework.form_title(entry.form)
        case "channel":
            return layout.channel_title(entry.channel)
        case "topics":
            return ", ".join(entry.topics)
        case "created_at":
            return local_day(entry.created_at)
        case "transferred_at":
            return local_day(entry.transferred_at) if entry.transferred_at else None
    value: Cell = getattr(entry, field)
    return value


def as_csv(table: Table) -> bytes:
    """For spreadsheets in Germany: semicolons, UTF-8 with its mark; no cell can be taken for a formula."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([[csv_cell(cell) for cell in row] for row in table])
    return out.getvalue().encode("utf-8-sig")


def csv_cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case date():
            return f"{cell:%d.%m.%Y}"
        case str():
            text = printable(cell)
            return f"'{text}" if text.lstrip().startswith(FORMULA) else text
    return str(cell)


def as_xlsx(table: Table, title: str, now: datetime) -> bytes:
    """One sheet with a fixed header; every text is kept as text. The same bytes for the same table and `now`."""
    book = Workbook()
    book.properties.creator = "KIM-Lotse"
    book.properties.created = now.astimezone(UTC).replace(tzinfo=None)
    sheet = book.active
    sheet.title = title
    for r, row in enumerate(table, 1):
        for c, value in enumerate(row, 1):
            cell = sheet.cell(r, c)
            if isinstance(value, str):
                cell.value = printable(value)
                cell.data_type, cell.quotePrefix = "s", value.lstrip().startswith(FORMULA)
            else:
                cell.value = value
            if isinstance(value, date):
                cell.number_format = "DD.MM.YYYY"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=r == 1)
    for c, column in enumerate(zip(*table, strict=True), 1):
        widest = max(len(csv_cell(cell)) for cell in column)
        sheet.column_dimensions[get_column_letter(c)].width = min(widest + 2, WIDEST)
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return without_clock(out.getvalue(), book.properties.created)


def without_clock(xlsx: bytes, moment: datetime) -> bytes:
    """openpyxl stamps the time of writing into the archive and its properties; here it is the given moment."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in made.namelist():
            content = made.read(name)
            if name == "docProps/core.xml":
                stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}".encode()
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            fixed.writestr(zipfile.ZipInfo(name, LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def printable(text: str) -> str:
    """Without control characters, which no spreadsheet takes; line breaks stay."""
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n"))


def in_order(entry: Consultation) -> tuple[date, datetime, int]:
    return entry.day, entry.created_at, entry.id or 0
