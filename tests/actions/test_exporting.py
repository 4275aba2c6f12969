"""Files of entries and counts, opened again: what is in them, who gets which, and that no cell is a formula."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook  # type: ignore[import-untyped]
from sqlmodel import Session

from actions.access import NotAllowedError
from actions.exporting import FORMULA, Export, as_csv, as_xlsx, export_entries, export_statistics
from actions.statistics import Cell, count_in
from actions.store.models import Person, Role
from actions.transfer import mark_transferred
from knowledge.errors import KnowledgeError
from knowledge.transfer import TransferColumn, TransferLayout, load_transfer
from tests.actions.conftest import NOW, NUMBER, TODAY, Enrol, OpenCase, acting, events
from tests.actions.talks import CASEWORK, LAYOUT, NEEDS, logged

HEADER = [
    "Fallnummer",
    "Beratungsform",
    "Datum",
    "Kontaktart",
    "Dauer (Minuten)",
    "Bedarfe",
    "Verweis an",
    "Vermerk",
    "Nächste Schritte",
    "Lücke im Angebot",
    "Wiedervorlage",
]


def exported(
    session: Session, by: Person, *, pending_only: bool = True, layout: TransferLayout = LAYOUT, now: datetime = NOW
) -> Export:
    return export_entries(session, by=acting(by), pending_only=pending_only, layout=layout, casework=CASEWORK, now=now)


def rows_of_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet_of(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content)).active


def rows_of_xlsx(content: bytes) -> list[list[Any]]:
    return [list(row) for row in sheet_of(content).iter_rows(values_only=True)]


class TestEntries:
    def test_both_files_say_what_was_logged(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        logged(
            session,
            anna,
            channel="persoenlich",
            referral="Jobcenter",
            follow_up=TODAY + timedelta(days=7),
            note="Wohnung; „gekündigt“\nzum Monatsende",
            gap="kein Kurs am Abend",
        )
        export = exported(session, anna)
        assert rows_of_csv(export.csv) == [
            HEADER,
            [
                NUMBER,
                "Kurzberatung",
                "23.11.2026",
                "persönlich",
                "20",
                "Wohnen, Sprache",
                "Jobcenter",
                "Wohnung; „gekündigt“\nzum Monatsende",
                "",
                "kein Kurs am Abend",
                "30.11.2026",
            ],
        ]
        header, row = rows_of_xlsx(export.xlsx)
        assert header == HEADER
        assert row[:2] == [NUMBER, "Kurzberatung"]
        assert (row[2].date(), row[4], row[8], row[10].date()) == (TODAY, 20, None, date(2026, 11, 30))
        assert row[7] == "Wohnung; „gekündigt“\nzum Monatsende"
        assert (export.entry_ids, export.numbers) == (["e1"], [NUMBER])

    def test_pending_ones_or_all_and_the_oldest_first(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        for number in range(12):
            logged(session, anna, f"e{number}", day=TODAY - timedelta(days=number))
        mark_transferred(session, by=acting(anna), entry_ids=["e3"], now=NOW)
        newest_last = [f"e{number}" for number in range(11, -1, -1)]
        assert exported(session, anna).entry_ids == [one for one in newest_last if one != "e3"]
        assert exported(session, anna, pending_only=False).entry_ids == newest_last

    def test_nobody_elses(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna, bert = person("anna"), person("bert")
        opened(anna)
        logged(session, anna, note="nur für Anna")
        for pending_only in (True, False):
            export = exported(session, bert, pending_only=pending_only)
            assert rows_of_csv(export.csv) == [HEADER]
            assert rows_of_xlsx(export.xlsx) == [HEADER]

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.CASE_MANAGER])
    def test_other_roles_get_no_entries(self, session: Session, person: Enrol, role: Role) -> None:
        with pytest.raises(NotAllowedError):
            exported(session, person("boss", role))

    def test_the_audit_says_so(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        exported(session, anna)
        assert events(session)[-1] == "consultations exported"

    def test_the_same_entries_give_the_same_bytes(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna)
        first, second = exported(session, anna), exported(session, anna)
        assert (first.xlsx, first.csv) == (second.xlsx, second.csv)

    def test_columns_are_data(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna)
        mark_transferred(session, by=acting(anna), entry_ids=["e1"], now=NOW)
        columns = [
            TransferColumn(heading="Übertragen", field="transferred_at"),
            TransferColumn(heading="Erfasst", field="created_at"),
            TransferColumn(heading="Kanal", field="channel"),
        ]
        layout = LAYOUT.model_copy(update={"columns": columns, "channels": {}})
        export = exported(session, anna, pending_only=False, layout=layout)
        assert rows_of_csv(export.csv) == [
            ["Übertragen", "Erfasst", "Kanal"],
            ["23.11.2026", "23.11.2026", "telefon"],
        ]


class TestFormulas:
    @pytest.mark.parametrize("start", ["=1+1", "+49", "-2", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1"])
    def test_no_cell_is_one(self, session: Session, person: Enrol, opened: OpenCase, start: str) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna, note=f"x{start}", next_steps=start, gap=f"{start}; „weiter“")
        export = exported(session, anna)
        assert not [cell for row in rows_of_csv(export.csv) for cell in row if cell.lstrip().startswith(FORMULA)]
        cells = [cell for row in sheet_of(export.xlsx).iter_rows() for cell in row if isinstance(cell.value, str)]
        assert {cell.data_type for cell in cells} == {"s"}
        quoted = [cell.value for cell in cells if cell.quotePrefix]
        assert quoted == [value for value in quoted if value.lstrip().startswith(FORMULA)]
        assert len(quoted) == 2

    @settings(deadline=None, derandomize=True)
    @given(st.lists(st.lists(st.text() | st.integers() | st.dates() | st.none(), min_size=2, max_size=2), min_size=1))
    def test_whatever_is_written_every_text_comes_back_as_text(self, table: list[list[Any]]) -> None:
        read = rows_of_csv(as_csv(table))
        assert len(read) == len(table)
        for row, found in zip(table, read, strict=True):
            for cell, text in zip(row, found, strict=True):
                assert not (isinstance(cell, str) and text.lstrip().startswith(FORMULA))
                assert isinstance(cell, str) or not text.startswith("'")

    @settings(deadline=None, derandomize=True, max_examples=30)
    @given(st.text(min_size=1))
    def test_and_opens_in_a_workbook(self, text: str) -> None:
        found = sheet_of(as_xlsx([["Text", text]], "Test", NOW)).cell(1, 2)
        assert found.data_type in ("s", "n")
        assert found.value is None or isinstance(found.value, str)


class TestStatistics:
    def test_the_coordination_gets_counts_and_no_small_ones(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna, boss = person("anna"), person("boss", Role.COORDINATOR)
        opened(anna)
        month = TODAY.replace(day=1)
        cells = [Cell(month, "short", "talks", ""), Cell(month, "short", "need", "Wohnen")]
        count_in(session, cells * 6)
        logged(session, anna, topics=("Arbeit",), note="nicht für alle", gap="g")
        export = export_statistics(
            session,
            by=acting(boss),
            from_month=TODAY,
            to_month=TODAY,
            layout=LAYOUT,
            needs=NEEDS,
            casework=CASEWORK,
            now=NOW,
        )
        rows = rows_of_csv(export.csv)
        assert rows[0] == ["Monat", "Beratungsform", "Art", "Wert", "Anzahl"]
        assert rows[1] == ["11/2026", "Kurzberatung", "Beratungen", "", "7"]
        assert ["11/2026", "Kurzberatung", "Bedarf", "Wohnen", "6"] in rows
        assert ["11/2026", "Kurzberatung", "Bedarf", "Arbeit", "<5"] in rows
        assert ["11/2026–11/2026", "Kurzberatung", "mit Lücke", "", "<5"] in rows
        assert rows_of_xlsx(export.xlsx)[1][-1] == 7
        for content in (export.csv, "\n".join(map(str, rows_of_xlsx(export.xlsx))).encode()):
            assert NUMBER.encode() not in content
            assert "nicht für alle".encode() not in content
            assert b"anna" not in content

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.COORDINATOR])
    def test_nobody_else_does(self, session: Session, person: Enrol, role: Role) -> None:
        with pytest.raises(NotAllowedError):
            export_statistics(
                session,
                by=acting(person("x", role)),
                from_month=TODAY,
                to_month=TODAY,
                layout=LAYOUT,
                needs=NEEDS,
                casework=CASEWORK,
                now=NOW,
            )


class TestLayout:
    def test_an_overlay_replaces_single_keys(self, tmp_path: Path) -> None:
        (tmp_path / "transfer.yml").write_text("columns:\n  - {heading: Nr, field: number}\n", encoding="utf-8")
        layout = load_transfer(tmp_path)
        assert layout == replace_columns(load_transfer(), [TransferColumn(heading="Nr", field="number")])
        assert load_transfer(tmp_path / "nothing") == load_transfer()

    @pytest.mark.parametrize(
        "content",
        ["columns:\n  - {heading: Nr, field: nummer}\n", "columns: []\n", "smallest_count: 2\n", "spalten: []\n"],
    )
    def test_a_broken_one_is_named(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "transfer.yml").write_text(content, encoding="utf-8")
        with pytest.raises(KnowledgeError, match=r"^transfer\.yml"):
            load_transfer(tmp_path)


def replace_columns(layout: TransferLayout, columns: list[TransferColumn]) -> TransferLayout:
    return layout.model_copy(update={"columns": columns})
