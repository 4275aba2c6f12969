"""PostgreSQL as the store: opening it, what a server does that a file cannot, and several processes at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, select, text

from actions.access import Actor
from actions.cases import withdraw_consent
from actions.drafts import keep_draft
from actions.occurrences import LEASE, add, begin, claim
from actions.people import known_person
from actions.settings import Settings, load_settings
from actions.statistics import counted
from actions.store.buttons import remember_button
from actions.store.engine import StoreError, open_store, pseudonym
from actions.store.lock import StoreInUseError
from actions.store.models import Case, Consultation, Draft, Feedback, FeedbackKind, Occurrence, Person, Reminder, State
from actions.store.postgres import STARTING, URL_VARIABLE, require_alone
from actions.store.records import add_reason, audit, keep_feedback, take_in, work_list
from actions.store.rotation import reseal_everything
from actions.store.vault import KEY_FILE, KeyUnusableError, new_key, read_key_file, vault_of
from actions.transfer import mark_transferred, purge
from knowledge.errors import LotseError
from tests.actions.conftest import NOW, NUMBER, TODAY, Enrol, OpenCase, acting, count, events, named
from tests.actions.talks import logged
from tests.postgres import Postgres

T = TypeVar("T")
QUESTION, REASON, NOTE, STEPS = "Gilt das auch für Xanthippe?", "Zäsur zwei", "Zahnbürste", "Quittenbrot"
ROOT = Path(__file__).parents[2]
OPENS = """
import os, pathlib, sys
from actions.store.engine import open_store
open_store(pathlib.Path(sys.argv[1]), url=os.environ["LOTSE_DATABASE_URL"]).dispose()
"""
REACHED = r"^Die PostgreSQL-Datenbank lässt sich nicht öffnen – bitte prüfen, ob ihr Server läuft, .*\.$"
MISSING = r"^Der Schlüssel zur Datenbank fehlt – .*\.$"
WRONG = r"^Der Schlüssel passt nicht zur Datenbank – .*\.$"


@pytest.fixture
def engine(postgres_store: Engine) -> Engine:
    return postgres_store


@pytest.fixture
def url(engine: Engine) -> str:
    """The address of the store that `engine` has opened."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def empty(postgres: Postgres) -> Iterator[str]:
    """The address of a database that holds nothing."""
    with postgres.database() as name:
        yield postgres.url(name)


def fill(session: Session) -> None:
    """Something in encrypted columns of several tables. The caller has enrolled "anna", whose case it is."""
    note = keep_feedback(session, kind=FeedbackKind.UNHELPFUL, question=QUESTION, entries=["faq-27"], now=NOW)
    add_reason(session, feedback=note, reason=REASON)
    remember_button(session, conversation="c", meaning={"note": NOTE}, case_id=None, now=NOW)
    anna, case = named(session, "anna"), session.exec(select(Case)).one()
    keep_draft(session, person=anna, kind="consultation", case=case, content={"note": NOTE}, now=NOW)
    logged(session, anna, note=NOTE, next_steps=STEPS)
    session.commit()


def dump(engine: Engine) -> str:
    """Every row of every table as text."""
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        rows = [connection.execute(text(f'SELECT t::text FROM "{table}" t')).scalars().all() for table in tables]
    return "\n".join(row for of_table in rows for row in of_table)


def planned(session: Session, person: Person, how_many: int) -> list[int]:
    """Occurrences that are due now, by the number they have."""
    reminder = Reminder(entry_id="r1", person_id=person.id or 0, day=TODAY, created_at=NOW)
    session.add(reminder)
    session.flush()
    days = [TODAY - timedelta(days=number) for number in range(how_many)]
    due = [add(session, reminder=reminder, day=day, due_at=NOW) for day in days]
    session.commit()
    return [occurrence.id or 0 for occurrence in due]


def at_once(work: Callable[[], T], times: int) -> list[T]:
    """What the same work gives, done by several threads that begin together."""
    begin = threading.Barrier(times)

    def one(_: int) -> T:
        begin.wait()
        return work()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


class TestAddress:
    def test_only_the_key_is_kept_in_the_data_folder(self, empty: str, tmp_path: Path) -> None:
        open_store(tmp_path / "data" / "lotse.db", url=empty).dispose()
        assert [file.name for file in (tmp_path / "data").iterdir()] == [KEY_FILE]

    @pytest.mark.parametrize(
        "address",
        [
            "mysql://lotse:geheim@server/lotse",
            "sqlite:///geheim.db",
            "postgres://lotse:geheim@server/lotse",
            "postgresql+asyncpg://lotse:geheim@server/lotse",
            "postgresql://lotse:geheim@server",
            "postgresql://lotse:geheim@server:port/lotse",
            "postgresql://lotse:p@geheim@server/lotse",
            "postgresql://server/lotse?password=geheim",
            "geheim",
            "://",
        ],
    )
    def test_what_is_none_is_refused_in_one_german_line_that_quotes_nothing(
        self, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(URL_VARIABLE, address)
        with pytest.raises(LotseError, match=rf"^Einstellung {URL_VARIABLE}: erwartet wird .*\.$") as caught:
            load_settings()
        assert "geheim" not in "".join(traceback.format_exception(caught.value))

    @pytest.mark.parametrize(
        "address",
        [
            "postgresql://lotse:geheim@127.0.0.1:1/lotse",
            "postgresql://lotse:geheim@127.0.0.1:99999/lotse",
            "postgresql://lotse:geheim@/lotse?host=/nowhere",
            "postgresql://lotse:geheim@127.0.0.1/lotse?nonsense=1",
        ],
    )
    def test_a_server_that_is_not_there_is_named_in_one_german_line_without_the_password(
        self, address: str, tmp_path: Path
    ) -> None:
        with pytest.raises(StoreError, match=REACHED) as caught:
            open_store(tmp_path / "lotse.db", url=address)
        assert "geheim" not in "".join(traceback.format_exception(caught.value))

    def test_so_is_a_database_that_is_not_there(self, postgres: Postgres, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match=REACHED):
            open_store(tmp_path / "lotse.db", url=postgres.url("nobodys"))

    def test_so_is_an_account_that_may_not_make_tables(self, postgres: Postgres, empty: str, tmp_path: Path) -> None:
        postgres.run("CREATE ROLE guest LOGIN")
        with pytest.raises(StoreError, match=REACHED):
            open_store(tmp_path / "lotse.db", url=empty.replace("postgres:@", "guest:@"))

    def test_the_password_is_not_shown_by_the_engine_or_the_settings(self, empty: str, tmp_path: Path) -> None:
        address = empty.replace("postgres:@", "postgres:geheim@")
        settings = Settings(database_url=SecretStr(address))
        engine = open_store(tmp_path / "lotse.db", url=address)
        assert "geheim" not in f"{engine!r} {engine.url} {settings!r}"
        engine.dispose()


class TestOpening:
    def test_several_processes_that_start_at_once_all_come_up(
        self, postgres: Postgres, empty: str, tmp_path: Path
    ) -> None:
        """They are held back until all of them stand at the same place."""
        waiting = f"SELECT count(*) FROM pg_locks WHERE objid = {STARTING} AND NOT granted"
        environment = os.environ | {URL_VARIABLE: empty}
        command = [sys.executable, "-c", OPENS, str(tmp_path / "lotse.db")]
        with postgres.connected(empty) as holder:
            holder.execute(f"SELECT pg_advisory_lock({STARTING})")
            processes = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(3)]
            deadline = time.monotonic() + 30
            while postgres.run(waiting) != [(3,)] and time.monotonic() < deadline:
                time.sleep(0.05)
            assert postgres.run(waiting) == [(3,)]
            holder.execute(f"SELECT pg_advisory_unlock({STARTING})")
        assert [process.wait(30) for process in processes] == [0, 0, 0]
        assert len(read_key_file(tmp_path / KEY_FILE)) == 1
        open_store(tmp_path / "lotse.db", url=empty).dispose()

    def test_a_migration_that_breaks_off_leaves_nothing_behind(
        self, postgres: Postgres, empty: str, tmp_path: Path
    ) -> None:
        """Half-way in, something of the name that a table needs is in the way."""
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        with postgres.connected(empty) as connection:
            connection.execute("CREATE TABLE chatmessage (id INTEGER)")
            with pytest.raises(StoreError, match=REACHED):
                open_store(tmp_path / "lotse.db", url=empty)
            assert connection.execute(tables).fetchall() == [("chatmessage",)]
            connection.execute("DROP TABLE chatmessage")
        open_store(tmp_path / "lotse.db", url=empty).dispose()

    def test_nothing_waits_for_ever(self, engine: Engine) -> None:
        with Session(engine) as session:
            session.rollback()
            assert session.connection().execute(text("SHOW lock_timeout")).scalar_one() == "5s"
            assert session.connection().execute(text("SHOW statement_timeout")).scalar_one() == "30s"


class TestKeys:
    def test_on_another_machine_a_sealed_store_asks_for_its_key_and_no_new_one_is_made(
        self, url: str, tmp_path: Path
    ) -> None:
        with pytest.raises(KeyUnusableError, match=MISSING):
            open_store(tmp_path / "other" / "lotse.db", url=url)
        assert list((tmp_path / "other").iterdir()) == []

    def test_another_key_does_not_open_it(self, engine: Engine, url: str, tmp_path: Path) -> None:
        before = dump(engine)
        with pytest.raises(KeyUnusableError, match=WRONG):
            open_store(tmp_path / "data" / "lotse.db", url=url, keys=new_key())
        assert dump(engine) == before

    def test_the_key_of_the_environment_is_as_good_as_the_file(self, url: str, tmp_path: Path) -> None:
        (key,) = read_key_file(tmp_path / "data" / KEY_FILE)
        open_store(tmp_path / "other" / "lotse.db", url=url, keys=key).dispose()
        assert list((tmp_path / "other").iterdir()) == []

    def test_no_column_holds_a_readable_text(self, engine: Engine, session: Session, told: Person) -> None:
        content = dump(engine)
        assert NUMBER in content  # what is no free text is there to be found, so the search is a real one
        assert not [secret for secret in (QUESTION, "Xanthippe", "sur zwei", "Zahnb", STEPS) if secret in content]

    @pytest.fixture
    def told(self, session: Session, person: Enrol, opened: OpenCase) -> Person:
        anna = person("anna")
        opened(anna)
        fill(session)
        return anna

    def test_renewed_the_old_key_is_superfluous(
        self, engine: Engine, session: Session, told: Person, url: str, tmp_path: Path
    ) -> None:
        (old,), new = read_key_file(tmp_path / "data" / KEY_FILE), new_key()
        before = pseudonym(session, NUMBER)
        session.close()
        assert reseal_everything(engine, vault_of([new, old])) == 7
        engine.dispose()
        with pytest.raises(KeyUnusableError, match=WRONG):
            open_store(tmp_path / "data" / "lotse.db", url=url)
        renewed = open_store(tmp_path / "data" / "lotse.db", url=url, keys=new)
        with Session(renewed) as again:
            assert [(note.question, note.reason) for note in work_list(again)] == [(QUESTION, REASON)]
            assert again.exec(select(Consultation.note, Consultation.next_steps)).one() == (NOTE, STEPS)
            assert pseudonym(again, NUMBER) == before
        renewed.dispose()

    def test_they_are_not_renewed_while_another_process_serves(
        self, engine: Engine, session: Session, told: Person, url: str, tmp_path: Path
    ) -> None:
        session.close()
        other = open_store(tmp_path / "data" / "lotse.db", url=url)
        before = dump(engine)
        keys = [new_key(), *read_key_file(tmp_path / "data" / KEY_FILE)]
        with pytest.raises(StoreInUseError):
            reseal_everything(engine, vault_of(keys))
        assert dump(engine) == before
        other.dispose()
        assert reseal_everything(engine, vault_of(keys)) == 7

    def test_who_starts_meanwhile_waits_and_then_needs_the_new_key(
        self, engine: Engine, url: str, tmp_path: Path
    ) -> None:
        (old,), new = read_key_file(tmp_path / "data" / KEY_FILE), new_key()
        outcome: list[Exception] = []

        def start() -> None:
            try:
                open_store(tmp_path / "other" / "lotse.db", url=url, keys=old)
            except KeyUnusableError as error:
                outcome.append(error)

        late = threading.Thread(target=start)
        with engine.begin() as connection:
            require_alone(connection)
            late.start()
            late.join(0.5)
            assert late.is_alive()
            sealed = connection.execute(text("SELECT value FROM secret")).scalar_one()
            connection.execute(text("UPDATE secret SET value = :value"), {"value": vault_of([new, old]).reseal(sealed)})
        late.join(5)
        assert len(outcome) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE auditevent",
        "TRUNCATE auditevent CASCADE",
        "INSERT INTO auditevent (id, at, channel, event) VALUES (1, now(), 'cli', 'nothing') "
        "ON CONFLICT (id) DO UPDATE SET event = 'nothing'",
        "MERGE INTO auditevent USING (SELECT 1 AS one) AS what ON id = one WHEN MATCHED THEN DELETE",
    ],
)
def test_the_audit_cannot_be_emptied_or_written_over(session: Session, statement: str) -> None:
    audit(session, by=Actor("cli"), event="refused", now=NOW)
    session.commit()
    with pytest.raises(IntegrityError, match="append-only"):
        session.connection().execute(text(statement))
    session.rollback()
    assert events(session) == ["refused"]


class TestRestart:
    def test_between_two_turns_it_is_not_even_noticed(self, engine: Engine, person: Enrol, postgres: Postgres) -> None:
        person("anna")
        postgres.restart()
        with Session(engine) as session:
            assert known_person(session, channel="telegram", address="anna") is not None
            assert take_in(session, channel="telegram", update_id=1, now=NOW)

    def test_in_the_middle_of_a_turn_nothing_is_half_done_and_the_next_one_works(
        self, engine: Engine, postgres: Postgres
    ) -> None:
        with Session(engine) as session:
            keep_feedback(session, kind=FeedbackKind.PASSED_ON, question=QUESTION, entries=[], now=NOW)
            postgres.restart()
            with pytest.raises(OperationalError):
                session.commit()
        with Session(engine) as session:
            assert count(session, Feedback) == 0
            keep_feedback(session, kind=FeedbackKind.PASSED_ON, question=QUESTION, entries=[], now=NOW)
            session.commit()

    def test_keys_are_still_not_renewed_while_another_process_serves(
        self, engine: Engine, url: str, tmp_path: Path, postgres: Postgres
    ) -> None:
        """What says so went with the connection, and comes back with the next one."""
        other = open_store(tmp_path / "data" / "lotse.db", url=url)
        postgres.restart()
        with Session(other) as session:
            assert work_list(session) == []
        with pytest.raises(StoreInUseError):
            reseal_everything(engine, vault_of(read_key_file(tmp_path / "data" / KEY_FILE)))
        other.dispose()


class TestAtOnce:
    def test_an_update_is_taken_in_by_one_of_many(self, engine: Engine) -> None:
        def taken() -> bool:
            with Session(engine) as session:
                return take_in(session, channel="telegram", update_id=7, now=NOW)

        assert sorted(at_once(taken, 8)) == [False] * 7 + [True]

    def test_what_many_purge_is_counted_once(
        self, engine: Engine, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna = person("anna")
        opened(anna)
        entries = [f"e{number}" for number in range(10)]
        for entry in entries:
            logged(session, anna, entry)
        mark_transferred(session, by=acting(anna), entry_ids=entries, now=NOW)
        session.commit()
        month = TODAY.replace(day=1)
        before = counted(session, month, month)
        session.close()

        def purged() -> int:
            with Session(engine) as own:
                gone = purge(own, kept_for=timedelta(0), now=NOW)
                own.commit()
                return gone

        assert sum(at_once(purged, 4)) == len(entries)
        assert counted(session, month, month) == before
        assert session.exec(select(Case.purged_talks)).one() == len(entries)

    @pytest.mark.parametrize("first", ["withdrawn", "written"])
    def test_nothing_is_written_into_a_case_while_its_consent_goes(
        self, engine: Engine, session: Session, person: Enrol, opened: OpenCase, first: str
    ) -> None:
        """Whichever comes first, the other waits for its end; nothing of the case is left."""
        anna = person("anna")
        opened(anna)

        def withdraw(own: Session) -> None:
            case = own.exec(select(Case)).one()
            withdraw_consent(own, by=acting(named(own, "anna")), case=case, now=NOW)

        def write(own: Session) -> None:
            case = own.exec(select(Case)).one()
            keep_draft(own, person=named(own, "anna"), kind="consultation", case=case, content={}, now=NOW)
            own.flush()

        def later() -> None:
            with Session(engine) as own, suppress(IntegrityError):
                second(own)
                own.commit()

        ahead, second = (withdraw, write) if first == "withdrawn" else (write, withdraw)
        thread = threading.Thread(target=later)
        with Session(engine) as own:
            ahead(own)
            thread.start()
            thread.join(0.5)
            assert thread.is_alive()
            own.commit()
        thread.join(5)
        assert not thread.is_alive()
        assert (count(session, Case), count(session, Draft)) == (0, 0)

    def test_schedulers_never_claim_the_same_occurrence(self, engine: Engine, session: Session, person: Enrol) -> None:
        """None of them commits its first claim before all have made theirs; then each takes what it gets."""
        due = planned(session, person("anna"), 100)
        session.close()
        all_have_some = threading.Barrier(4)

        def claimed() -> list[int]:
            mine: list[int] = []
            while True:
                with Session(engine) as own:
                    found = [one.id or 0 for one in claim(own, now=NOW, limit=3)]
                    if not mine:
                        all_have_some.wait(10)
                    own.commit()
                if not found:
                    return mine
                mine += found

        assert sorted(id_ for part in at_once(claimed, 4) for id_ in part) == due
        session.expire_all()
        assert {one.state for one in session.exec(select(Occurrence))} == {State.CLAIMED}

    def test_a_claim_that_is_not_committed_yet_keeps_nobody_waiting(
        self, engine: Engine, session: Session, person: Enrol
    ) -> None:
        due = planned(session, person("anna"), 5)
        with Session(engine) as one, Session(engine) as other:
            ahead = [found.id for found in claim(one, now=NOW, limit=3)]
            behind = [found.id for found in claim(other, now=NOW, limit=3)]
        assert (ahead, behind) == (due[:3], due[3:])

    def test_what_one_did_not_hand_over_in_time_another_takes_over_once(
        self, engine: Engine, session: Session, person: Enrol
    ) -> None:
        due = planned(session, person("anna"), 8)
        claim(session, now=NOW, limit=len(due))
        begin(session, due, until=NOW + LEASE)
        session.commit()
        session.close()

        def taken_over() -> list[int]:
            with Session(engine) as own:
                found = [one.id or 0 for one in claim(own, now=NOW + LEASE, limit=len(due)) if one.uncertain]
                own.commit()
                return found

        assert sorted(id_ for part in at_once(taken_over, 4) for id_ in part) == due
