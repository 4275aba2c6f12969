"""The files a reply may name: what each is called, what it holds, and for whom it is made."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from actions.access import OPERATOR, Actor, NotAllowedError
from actions.caseload import NotSharedError
from actions.cases import open_case
from actions.consultations import Talk, log_consultation
from actions.operations import FileId
from actions.people import enrol
from actions.practice import Practice, load_practice
from actions.settings import Settings
from actions.store.engine import open_store
from actions.store.models import Role
from actions.transfer import mark_transferred
from bot.files import rendered
from bot.messages import File
from knowledge.load import Knowledge

LATE = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
"""The 24th in Germany."""
NUMBER = "KIM-1042"


@pytest.fixture
def session(settings: Settings) -> Iterator[Session]:
    engine = open_store(settings.database)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def practice(knowledge: Knowledge) -> Practice:
    return load_practice(knowledge)


def somebody(session: Session, alias: str, role: Role = Role.CASE_MANAGER) -> Actor:
    person = enrol(session, channel="telegram", address=alias, alias=alias, role=role)
    session.commit()
    return Actor("telegram", person)


@pytest.fixture
def anna(session: Session, practice: Practice) -> Actor:
    """A case manager with one talk transferred and one to transfer."""
    by = somebody(session, "lotse-1")
    assert by.person is not None
    day = LATE.date()
    open_case(
        session, by=OPERATOR, owner=by.person, number=NUMBER, form="short", started_on=day, signed_on=day, now=LATE
    )  # fmt: skip
    for entry_id, minutes in (("transferred", 15), ("open", 25)):
        log_consultation(
            session, by=by, number=NUMBER, entry_id=entry_id,
            talk=Talk(day=day, duration_min=minutes, channel="telefon", topics=("Wohnen",), note=f"Notiz {minutes}"),
            needs=practice.needs, casework=practice.casework, now=LATE,
        )  # fmt: skip
    mark_transferred(session, by=by, entry_ids=["transferred"], now=LATE)
    session.commit()
    return by


def text_of(file: File) -> str:
    if not file.name.endswith("xlsx"):
        return file.content.decode("utf-8-sig")
    book = load_workbook(io.BytesIO(file.content))
    return "\n".join(str(cell.value) for sheet in book for row in sheet.rows for cell in row)


@pytest.mark.parametrize(
    ("name", "called", "holds"),
    [
        ("talks_xlsx", "beratungen-offen-2026-11-24.xlsx", {"Notiz 25": True, "Notiz 15": False}),
        ("talks_csv", "beratungen-offen-2026-11-24.csv", {"Notiz 25": True, "Notiz 15": False}),
        ("all_talks_xlsx", "beratungen-alle-2026-11-24.xlsx", {"Notiz 25": True, "Notiz 15": True}),
        ("all_talks_csv", "beratungen-alle-2026-11-24.csv", {"Notiz 25": True, "Notiz 15": True}),
    ],
)
def test_talks_to_transfer_or_all_of_them(
    session: Session, practice: Practice, anna: Actor, name: FileId, called: str, holds: dict[str, bool]
) -> None:
    file = rendered(session, name, by=anna, practice=practice, now=LATE)
    assert file.name == called
    assert {note: note in text_of(file) for note in holds} == holds
    assert NUMBER in text_of(file)


def test_a_colleagues_file_holds_nothing_of_it(session: Session, practice: Practice, anna: Actor) -> None:
    ben = somebody(session, "lotse-2")
    names: tuple[FileId, ...] = ("talks_csv", "all_talks_csv", "talks_xlsx", "all_talks_xlsx", "my_data")
    for name in names:
        content = text_of(rendered(session, name, by=ben, practice=practice, now=LATE))
        assert NUMBER not in content
        assert "Notiz" not in content


def test_own_data_is_a_file_a_machine_can_read(session: Session, practice: Practice, anna: Actor) -> None:
    file = rendered(session, "my_data", by=anna, practice=practice, now=LATE)
    assert file.name == "meine-daten.json"
    read = json.loads(file.content)
    assert read["person"]["alias"] == "lotse-1"
    assert [case["number"] for case in read["cases"]] == [NUMBER]


def test_counts_are_for_the_coordination_only(session: Session, practice: Practice, anna: Actor) -> None:
    coordination = somebody(session, "koord-1", Role.COORDINATOR)
    file = rendered(session, "counts_xlsx", by=coordination, practice=practice, now=LATE)
    assert file.name == "zahlen-2026-11.xlsx"
    assert NUMBER not in text_of(file)
    assert "Notiz" not in text_of(file)
    with pytest.raises(NotAllowedError):
        rendered(session, "counts_xlsx", by=anna, practice=practice, now=LATE)


@pytest.mark.parametrize("name", ["talks_xlsx", "talks_csv", "all_talks_xlsx", "all_talks_csv"])
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATION, Role.AUTHORITY, Role.ADMIN])
def test_talks_are_for_case_managers_only(session: Session, practice: Practice, name: FileId, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        rendered(session, name, by=somebody(session, "andere-1", role), practice=practice, now=LATE)


def test_the_picture_of_the_caseload_is_ones_own_or_that_of_all(
    session: Session, practice: Practice, anna: Actor
) -> None:
    own = rendered(session, "caseload_png", by=anna, practice=practice, now=LATE)
    coordination = somebody(session, "koord-1", Role.COORDINATOR)
    with pytest.raises(NotSharedError):
        rendered(session, "caseload_png", by=coordination, practice=practice, now=LATE)
    for alias in ("lotse-2", "lotse-3"):
        somebody(session, alias)
    of_all = rendered(session, "caseload_png", by=coordination, practice=practice, now=LATE)
    for picture in (own, of_all):
        assert picture.name == "auslastung.png"
        assert picture.content.startswith(b"\x89PNG")
    assert own.content != of_all.content
