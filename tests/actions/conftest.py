"""A real store of each test's own, the moment it is in these tests, and people and cases to begin with."""

from __future__ import annotations

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
from knowledge.load import load_knowledge

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


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(tmp_path / "data" / "lotse.db")
    yield engine
    engine.dispose()


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
