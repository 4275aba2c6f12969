"""The store: its file and schema, moments in time, and what is written down of people, buttons and turns."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError
from sqlmodel import Session, SQLModel, select, text

from actions.access import Actor
from actions.people import disable, enrol, keep_only, known_person
from actions.store.buttons import forget_old, meaning_of, remember_button
from actions.store.engine import StoreError, open_store
from actions.store.models import Account, AuditEvent, Button, Feedback, FeedbackKind, Person, Role, SeenUpdate
from actions.store.records import add_reason, audit, close_note, keep_feedback, take_in, work_list
from actions.store.types import UtcDateTime
from tests.actions.conftest import NOW

QUICK = settings(deadline=None, derandomize=True)
NAIVE = NOW.replace(tzinfo=None)


def button(session: Session, meaning: dict[str, Any], conversation: str, now: datetime = NOW) -> str:
    return remember_button(session, conversation=conversation, meaning=meaning, case_id=None, now=now)


def managers(listed: dict[str, str]) -> dict[str, tuple[str, Role]]:
    return {address: (alias, Role.CASE_MANAGER) for address, alias in listed.items()}


def one(session: Session, address: str) -> Person:
    found = known_person(session, channel="telegram", address=address)
    assert found is not None
    return found


def test_the_migrations_make_exactly_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


class TestFile:
    @pytest.fixture
    def engine(self, sqlite_store: Engine) -> Engine:
        return sqlite_store

    def test_only_its_owner_may_read_it(self, engine: Engine, tmp_path: Path) -> None:
        with Session(engine) as session:
            take_in(session, channel="telegram", update_id=1, now=NOW)
        files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "data").iterdir()}
        assert files["lotse.db"] == 0o600
        assert set(files.values()) == {0o600}
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700

    def test_a_file_that_others_could_read_is_closed_to_them(self, tmp_path: Path) -> None:
        (tmp_path / "restored.db").touch()
        (tmp_path / "restored.db").chmod(0o644)
        open_store(tmp_path / "restored.db").dispose()
        assert stat.S_IMODE((tmp_path / "restored.db").stat().st_mode) == 0o600

    @pytest.mark.parametrize(
        ("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 5000)]
    )
    def test_every_connection_is_set_up(self, engine: Engine, pragma: str, value: object) -> None:
        with engine.connect() as connection:
            assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value

    def test_opening_again_keeps_what_is_there(self, engine: Engine, tmp_path: Path) -> None:
        with Session(engine) as session:
            enrol(session, channel="telegram", address="4711", alias="lotse-1")
            session.commit()
        again = open_store(tmp_path / "data" / "lotse.db")
        with Session(again) as session:
            assert known_person(session, channel="telegram", address="4711") is not None
        again.dispose()

    def test_what_is_no_database_is_named_in_one_german_line(self, tmp_path: Path) -> None:
        (tmp_path / "lotse.db").write_bytes(b"kein SQLite" * 100)
        with pytest.raises(StoreError, match=r"^Die Datenbank .*lotse\.db lässt sich nicht öffnen – .*\.$"):
            open_store(tmp_path / "lotse.db")

    def test_a_path_that_cannot_be_is_named_in_one_german_line(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StoreError, match=r"^Die Datenbank .*lotse\.db lässt sich nicht öffnen – .*\.$"):
            open_store(tmp_path / "file" / "lotse.db")


class TestMoments:
    def test_a_naive_one_is_refused(self, session: Session) -> None:
        session.add(SeenUpdate(channel="telegram", update_id=1, seen_at=NAIVE))
        with pytest.raises(StatementError, match="naive"):
            session.commit()

    @QUICK
    @given(
        st.datetimes(NAIVE.replace(year=1970), NAIVE.replace(year=2100), timezones=st.timezones()),
        st.sampled_from([sqlite.dialect(), postgresql.dialect()]),
    )
    def test_any_aware_one_comes_back_as_the_same_moment_in_utc(self, moment: datetime, dialect: object) -> None:
        column = UtcDateTime()
        kept = column.process_bind_param(moment, dialect)  # type: ignore[arg-type]
        back = column.process_result_value(kept, dialect)  # type: ignore[arg-type]
        assert back is not None
        assert back == moment.astimezone(UTC)
        assert back.utcoffset() == timedelta(0)

    def test_none_stays_none(self) -> None:
        assert UtcDateTime().process_bind_param(None, sqlite.dialect()) is None
        assert UtcDateTime().process_result_value(None, sqlite.dialect()) is None

    def test_through_the_store_it_comes_back_aware(self, engine: Engine) -> None:
        berlin = datetime.fromisoformat("2026-10-25T02:30:00+01:00")  # the second 2:30 of the autumn clock change
        with Session(engine) as session:
            take_in(session, channel="telegram", update_id=1, now=berlin)
        with Session(engine) as session:
            assert session.exec(select(SeenUpdate)).one().seen_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


class TestUpdates:
    def test_each_is_taken_in_once(self, session: Session) -> None:
        assert take_in(session, channel="telegram", update_id=7, now=NOW)
        assert not take_in(session, channel="telegram", update_id=7, now=NOW)
        assert take_in(session, channel="telegram", update_id=6, now=NOW)
        assert take_in(session, channel="console", update_id=7, now=NOW)

    def test_once_even_after_a_restart(self, engine: Engine) -> None:
        with Session(engine) as session:
            assert take_in(session, channel="telegram", update_id=7, now=NOW)
        with Session(engine) as session:
            assert not take_in(session, channel="telegram", update_id=7, now=NOW)


class TestButtons:
    def test_a_button_means_something_only_in_its_conversation(self, session: Session) -> None:
        show, more = (button(session, {"kind": kind}, "telegram:1") for kind in ("show", "more"))
        session.commit()
        assert meaning_of(session, conversation="telegram:1", button=show) == {"kind": "show"}
        assert meaning_of(session, conversation="telegram:1", button=more) == {"kind": "more"}
        assert meaning_of(session, conversation="telegram:2", button=show) is None
        assert meaning_of(session, conversation="telegram:1", button="made-up") is None

    def test_ids_are_short_and_never_the_same(self, session: Session) -> None:
        ids = [button(session, {}, "telegram:1") for _ in range(100)]
        assert len(set(ids)) == 100
        assert all(len(id_.encode()) <= 64 for id_ in ids)  # what Telegram carries

    def test_what_is_past_its_time_is_forgotten(self, session: Session) -> None:
        old = button(session, {}, "c", NOW - timedelta(days=31))
        new = button(session, {}, "c", NOW - timedelta(days=29))
        take_in(session, channel="telegram", update_id=1, now=NOW - timedelta(days=4))
        take_in(session, channel="telegram", update_id=2, now=NOW - timedelta(days=2))
        forget_old(session, now=NOW)
        session.commit()
        assert [button.id for button in session.exec(select(Button))] == [new]
        assert meaning_of(session, conversation="c", button=old) is None
        assert [update.update_id for update in session.exec(select(SeenUpdate))] == [2]


class TestPeople:
    def test_a_stranger_is_nobody(self, session: Session) -> None:
        assert known_person(session, channel="telegram", address="4711") is None

    def test_who_is_enrolled_is_known_in_that_channel_only(self, session: Session) -> None:
        enrol(session, channel="telegram", address="4711", alias="lotse-1")
        found = known_person(session, channel="telegram", address="4711")
        assert found is not None
        assert found.alias == "lotse-1"
        assert known_person(session, channel="console", address="4711") is None

    def test_a_second_account_belongs_to_the_same_person(self, session: Session) -> None:
        first = enrol(session, channel="telegram", address="4711", alias="lotse-1")
        second = enrol(session, channel="console", address="local", alias="lotse-1")
        assert first.id == second.id

    def test_who_is_not_active_is_nobody(self, session: Session) -> None:
        enrol(session, channel="telegram", address="4711", alias="lotse-1").active = False
        assert known_person(session, channel="telegram", address="4711") is None

    def test_only_those_listed_may_write_from_now_on(self, session: Session) -> None:
        enrol(session, channel="console", address="local", alias="lotse-0")
        keep_only(session, channel="telegram", listed=managers({"1": "lotse-1", "2": "lotse-2"}))
        keep_only(session, channel="telegram", listed=managers({"2": "lotse-2b", "3": "lotse-1"}))
        session.commit()
        accounts = session.exec(select(Account.channel, Account.address, Person.alias).join(Person)).all()
        assert sorted(accounts) == [
            ("console", "local", "lotse-0"),
            ("telegram", "2", "lotse-2b"),
            ("telegram", "3", "lotse-1"),
        ]

    def test_an_empty_list_shuts_everybody_out(self, session: Session) -> None:
        keep_only(session, channel="telegram", listed=managers({"1": "lotse-1"}))
        keep_only(session, channel="telegram", listed={})
        assert known_person(session, channel="telegram", address="1") is None

    def test_the_role_listed_is_that_of_somebody_new(self, session: Session) -> None:
        keep_only(session, channel="telegram", listed={"1": ("lotse-1", Role.ADMIN)})
        keep_only(session, channel="telegram", listed={"1": ("lotse-1", Role.CASE_MANAGER)})
        assert one(session, "1").role is Role.ADMIN

    def test_who_came_by_invitation_is_not_shut_out_by_the_list(self, session: Session) -> None:
        enrol(session, channel="telegram", address="9", alias="lotse-9")
        keep_only(session, channel="telegram", listed={})
        assert one(session, "9").alias == "lotse-9"

    def test_who_is_disabled_does_not_come_back_by_the_list(self, session: Session) -> None:
        keep_only(session, channel="telegram", listed=managers({"1": "lotse-1"}))
        disable(session, by=Actor("cli"), person=one(session, "1"), hand_over_to=None, now=NOW)
        keep_only(session, channel="telegram", listed=managers({"1": "lotse-1"}))
        assert known_person(session, channel="telegram", address="1") is None
        assert session.exec(select(Account)).all() == []

    def test_an_account_listed_for_somebody_disabled_is_nobodys(self, session: Session) -> None:
        keep_only(session, channel="telegram", listed=managers({"1": "lotse-1", "2": "lotse-2"}))
        disable(session, by=Actor("cli"), person=one(session, "2"), hand_over_to=None, now=NOW)
        keep_only(session, channel="telegram", listed=managers({"1": "lotse-2"}))
        assert known_person(session, channel="telegram", address="1") is None


class TestFeedback:
    def test_the_work_list_holds_what_waits_for_the_curators_oldest_first(self, session: Session) -> None:
        for kind, question, minutes in [
            (FeedbackKind.UNHELPFUL, "später", 2),
            (FeedbackKind.HELPFUL, "gut so", 0),
            (FeedbackKind.PASSED_ON, "früher", 1),
        ]:
            moment = NOW + timedelta(minutes=minutes)
            keep_feedback(session, kind=kind, question=question, entries=["faq-27"], now=moment)
        session.commit()
        assert [(found.question, found.entries) for found in work_list(session)] == [
            ("früher", ["faq-27"]),
            ("später", ["faq-27"]),
        ]

    def test_a_reason_is_added_to_its_note(self, session: Session) -> None:
        note = keep_feedback(session, kind=FeedbackKind.UNHELPFUL, question="q", entries=[], now=NOW)
        assert add_reason(session, feedback=note, reason="veraltet")
        session.commit()
        assert session.get_one(Feedback, note).reason == "veraltet"

    @pytest.mark.parametrize("number", [-1, 0, 99, 10**12, 10**30])
    def test_a_note_that_is_not_there_cannot_be_closed(self, session: Session, number: int) -> None:
        assert not close_note(session, feedback=number, now=NOW)

    def test_a_reason_for_a_note_that_is_gone_is_not_kept(self, session: Session) -> None:
        assert not add_reason(session, feedback=99, reason="veraltet")


def test_the_audit_says_who_did_what_and_when(session: Session) -> None:
    person = enrol(session, channel="telegram", address="4711", alias="lotse-1")
    audit(session, by=Actor("telegram", person), event="answered", detail="faq-27", now=NOW)
    audit(session, by=Actor("telegram"), event="refused", now=NOW)
    session.commit()
    events = session.exec(select(AuditEvent).order_by(AuditEvent.id)).all()  # type: ignore[arg-type]
    assert [(event.person_id, event.channel, event.event, event.detail, event.at) for event in events] == [
        (person.id, "telegram", "answered", "faq-27", NOW),
        (None, "telegram", "refused", None, NOW),
    ]
