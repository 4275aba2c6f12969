"""A store of an earlier version is brought up to date with all it holds, and from then on its audit only grows."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, create_engine, select, text

from actions.access import Actor
from actions.people import known_person
from actions.store.engine import MIGRATIONS, StoreError, open_store
from actions.store.models import Account, AuditEvent, Feedback, FeedbackKind, Role
from actions.store.records import audit, work_list
from actions.store.vault import KEY_FILE
from tests.actions.conftest import NOW

QUESTION = "Gilt die Frist vom 31.03. auch für die Verwaltungsassistenz?"
REASON = "veraltet, „seit“ Mai gilt Ä"
FIRST_VERSION = [
    "INSERT INTO person (id, alias, active) VALUES (1, 'lotse-1', 1), (2, 'lotse-2', 0)",
    "INSERT INTO account (channel, address, person_id) VALUES ('telegram', '4711', 1), ('console', 'local', 2)",
    f"INSERT INTO feedback VALUES (7, 'UNHELPFUL', '{QUESTION}', '[\"faq-27\"]', '{REASON}', '{NOW:%F %T}', NULL)",
    f"INSERT INTO feedback VALUES (8, 'PASSED_ON', 'offen', '[]', NULL, '{NOW:%F %T}', NULL)",
    "INSERT INTO button VALUES ('abc', 'telegram:4711', '{\"kind\": \"show\"}', '2026-11-23 09:30:00')",
    "INSERT INTO auditevent (at, channel, person_id, event, detail)"
    " VALUES ('2026-11-23 09:30:00', 'telegram', 1, 'text', 'answer/faq')",
]


@pytest.fixture
def old_store(tmp_path: Path) -> Path:
    """A store as revision 0001 made it, its texts readable by anybody."""
    file = tmp_path / "lotse.db"
    engine = create_engine(f"sqlite:///{file}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in FIRST_VERSION:
            connection.exec_driver_sql(statement)
    engine.dispose()
    assert QUESTION.encode() in file.read_bytes()
    return file


class TestUpgrade:
    def test_texts_are_encrypted_and_read_through_the_model(self, old_store: Path) -> None:
        engine = open_store(old_store)
        with Session(engine) as session:
            notes = {note.id: note for note in work_list(session)}
            assert (notes[7].question, notes[7].reason, notes[7].entries) == (QUESTION, REASON, ["faq-27"])
            assert (notes[7].kind, notes[7].created_at, notes[7].done_at) == (FeedbackKind.UNHELPFUL, NOW, None)
            assert (notes[8].question, notes[8].reason) == ("offen", None)
            raw = session.connection().execute(text("SELECT question, reason FROM feedback WHERE id = 7")).one()
        assert not [value for value in raw if value in (QUESTION, REASON)]
        engine.dispose()

    def test_nothing_of_the_texts_stays_readable_in_the_files(self, old_store: Path) -> None:
        open_store(old_store).dispose()
        for file in old_store.parent.iterdir():
            assert QUESTION.encode() not in file.read_bytes(), file.name
            assert REASON.encode() not in file.read_bytes(), file.name

    def test_people_keep_their_accounts_and_state_and_work_in_case_management(self, old_store: Path) -> None:
        engine = open_store(old_store)
        with Session(engine) as session:
            found = known_person(session, channel="telegram", address="4711")
            assert found is not None
            assert (found.alias, found.role, found.share) == ("lotse-1", Role.CASE_MANAGER, 1.0)
            assert known_person(session, channel="console", address="local") is None
            assert [account.listed for account in session.exec(select(Account))] == [False, False]
        engine.dispose()

    def test_what_the_audit_held_is_there_and_protected(self, old_store: Path) -> None:
        engine = open_store(old_store)
        with Session(engine) as session:
            event = session.exec(select(AuditEvent)).one()
            assert (event.person_id, event.event, event.detail, event.subject) == (1, "text", "answer/faq", None)
            with pytest.raises(IntegrityError, match="append-only"):
                session.connection().execute(text("DELETE FROM auditevent"))
        engine.dispose()

    def test_a_second_opening_changes_nothing(self, old_store: Path) -> None:
        open_store(old_store).dispose()
        engine = open_store(old_store)
        with Session(engine) as session:
            assert [note.id for note in session.exec(select(Feedback))] == [7, 8]
        engine.dispose()

    def test_an_upgrade_that_breaks_off_leaves_everything_as_it_was(self, old_store: Path) -> None:
        """Half-way in, something of the name that the last table needs is in the way."""
        engine = create_engine(f"sqlite:///{old_store}")
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE chatmessage (id INTEGER)")
        with pytest.raises(StoreError):
            open_store(old_store)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE chatmessage")
        engine.dispose()
        repaired = open_store(old_store)
        with Session(repaired) as session:
            assert [note.question for note in session.exec(select(Feedback))] == [QUESTION, "offen"]
        repaired.dispose()
        assert (old_store.parent / KEY_FILE).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auditevent SET event = 'nothing'",
        "UPDATE auditevent SET person_id = NULL WHERE id = 1",
        "DELETE FROM auditevent",
        "DELETE FROM auditevent WHERE id = 1",
    ],
)
def test_the_audit_refuses_to_be_changed(engine: Engine, statement: str) -> None:
    with Session(engine) as session:
        audit(session, by=Actor("telegram"), event="refused", detail="other/refused", now=NOW)
        session.commit()
    with Session(engine) as session, pytest.raises(IntegrityError, match="append-only"):
        session.connection().execute(text(statement))
    with Session(engine) as session:
        assert [(event.event, event.detail) for event in session.exec(select(AuditEvent))] == [
            ("refused", "other/refused")
        ]


def test_nor_can_a_row_be_replaced(sqlite_store: Engine) -> None:
    """REPLACE deletes without firing a DELETE trigger, unless recursive triggers are on."""
    with Session(sqlite_store) as session:
        audit(session, by=Actor("telegram"), event="refused", now=NOW)
        session.commit()
        replace = "REPLACE INTO auditevent (id, at, channel, event) VALUES (1, '2026-11-23', 'cli', 'nothing')"
        with pytest.raises(IntegrityError, match="append-only"):
            session.connection().execute(text(replace))
