"""A real store of each test's own, the moment it is in these tests, and people and cases to begin with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, func, select

from actions.access import Actor
from actions.cases import open_case
from actions.people import by_alias, enrol
from actions.practice import Practice, load_practice
from actions.store.engine import open_store
from actions.store.models import AuditEvent, Case, Person, Role
from actions.store.vault import KEY_FILE
from knowledge.load import load_knowledge
from tests.postgres import Postgres, running_postgres

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""A Monday, half past ten in Germany."""
TODAY = date(2026, 11, 23)
NUMBER = "KIM-1042"


class Enrol(Protocol):
    """Somebody known, reachable in Telegram under their own alias."""

    def __call__(self, alias: str, role: Role = Role.CASE_MANAGER) -> Person: ...


class OpenCase(Protocol):
    """A case with a consent signed today, in the hands of its owner."""

    def __call__(self, owner: Person, number: str = NUMBER) -> Case: ...


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A PostgreSQL store that nobody used yet, to be copied, and its key file."""
    file = tmp_path_factory.mktemp("migrated") / "lotse.db"
    with postgres.database() as name:
        open_store(file, url=postgres.url(name)).dispose()
        yield name, file.with_name(KEY_FILE)


@pytest.fixture
def postgres_store(postgres: Postgres, migrated: tuple[str, Path], tmp_path: Path) -> Iterator[Engine]:
    template, key = migrated
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    shutil.copy(key, folder)
    with postgres.database(template) as name:
        engine = open_store(folder / "lotse.db", url=postgres.url(name))
        yield engine
        engine.dispose()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(tmp_path / "data" / "lotse.db")
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite_store", "postgres_store"], ids=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """An empty store; what takes one is tested on both databases."""
    engine: Engine = request.getfixturevalue(request.param)
    return engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


@pytest.fixture
def person(session: Session) -> Enrol:
    def enrolled(alias: str, role: Role = Role.CASE_MANAGER) -> Person:
        found = enrol(session, channel="telegram", address=alias, alias=alias, role=role)
        session.commit()
        return found

    return enrolled


@pytest.fixture
def opened(session: Session) -> OpenCase:
    def opened(owner: Person, number: str = NUMBER) -> Case:
        case = open_case(
            session,
            by=acting(owner),
            owner=owner,
            number=number,
            form="short",
            started_on=TODAY,
            signed_on=TODAY,
            now=NOW,
        )
        session.commit()
        return case

    return opened


@cache
def practice() -> Practice:
    """What the repository's own files say, without an overlay."""
    return load_practice(load_knowledge())


def acting(person: Person) -> Actor:
    return Actor("telegram", person)


def named(session: Session, alias: str) -> Person:
    found = by_alias(session, alias)
    assert found is not None
    return found


def count(session: Session, table: type[SQLModel]) -> int:
    return session.exec(select(func.count()).select_from(table)).one()


def events(session: Session) -> list[str]:
    """What the audit holds, in its order."""
    return list(session.exec(select(AuditEvent.event).order_by(col(AuditEvent.id))))
