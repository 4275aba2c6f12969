"""Several schedulers against one PostgreSQL: each due occurrence is claimed by exactly one of them."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from actions.occurrences import add, begin, claim
from actions.store.models import Occurrence, Reminder, State
from actions.store.postgres import URL_VARIABLE
from tests.actions.conftest import NOW, TODAY, Enrol
from tests.postgres import Postgres

ROOT = Path(__file__).parents[2]
MANY = 2000
SCHEDULERS = 3
GATE = 20_261_123
"""An advisory lock behind which the schedulers wait, so that they begin together."""
CLAIMS = f"""
import os, pathlib, sys
from datetime import datetime
from sqlmodel import Session, text
from actions.occurrences import claim
from actions.store.engine import open_store
engine = open_store(pathlib.Path(sys.argv[1]), url=os.environ["{URL_VARIABLE}"])
now, limit = datetime.fromisoformat(sys.argv[2]), int(sys.argv[3])
with engine.connect() as gate:
    print("ready", flush=True)
    gate.execute(text("SELECT pg_advisory_lock_shared({GATE})"))
    while True:
        with Session(engine) as session:
            ids = [occurrence.id for occurrence in claim(session, now=now, limit=limit)]
            session.commit()
        if not ids:
            break
        print(*ids, flush=True)
"""


@pytest.fixture
def engine(postgres_store: Engine) -> Engine:
    return postgres_store


@pytest.fixture
def due(session: Session, person: Enrol) -> set[int]:
    """The ids of occurrences that are due."""
    anna = person("anna")
    ids = set()
    for number in range(MANY):
        reminder = Reminder(entry_id=f"e{number}", person_id=anna.id or 0, day=TODAY, created_at=NOW)
        session.add(reminder)
        session.flush()
        ids.add(add(session, reminder=reminder, day=TODAY, due_at=NOW).id or 0)
    session.commit()
    return ids


@pytest.mark.parametrize("at_once", [7, 250])
def test_processes_that_claim_at_once_share_what_is_due_without_overlap(
    engine: Engine, due: set[int], postgres: Postgres, tmp_path: Path, at_once: int
) -> None:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [sys.executable, "-c", CLAIMS, str(tmp_path / "data" / "lotse.db"), NOW.isoformat(), str(at_once)]
    with postgres.connected(url) as holder:
        holder.execute(f"SELECT pg_advisory_lock({GATE})")
        processes = [
            subprocess.Popen(command, cwd=ROOT, env=os.environ | {URL_VARIABLE: url}, stdout=subprocess.PIPE, text=True)
            for _ in range(SCHEDULERS)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        holder.execute(f"SELECT pg_advisory_unlock({GATE})")
    claimed = [[int(id_) for id_ in process.communicate(timeout=60)[0].split()] for process in processes]
    assert [process.returncode for process in processes] == [0] * SCHEDULERS
    assert all(claimed), "each of them got some"
    assert sorted(id_ for ids in claimed for id_ in ids) == sorted(due)


def test_what_one_has_claimed_the_other_leaves_even_before_it_is_committed(engine: Engine, due: set[int]) -> None:
    with Session(engine) as one, Session(engine) as other:
        first = {occurrence.id for occurrence in claim(one, now=NOW, limit=MANY // 2)}
        second = {occurrence.id for occurrence in claim(other, now=NOW, limit=MANY)}
        one.commit()
        other.commit()
    assert first.isdisjoint(second)
    assert first | second == due


def test_a_claim_given_up_uncommitted_is_nobodys(engine: Engine, due: set[int]) -> None:
    """As when the process that made it dies."""
    with Session(engine) as one:
        claim(one, now=NOW, limit=MANY)
    with Session(engine) as other:
        assert {occurrence.id for occurrence in claim(other, now=NOW, limit=MANY)} == due
        assert not other.exec(select(Occurrence).where(col(Occurrence.uncertain))).all()
        other.commit()


def test_only_the_end_of_the_lease_gives_it_to_somebody_else_who_then_is_not_sure(
    engine: Engine, due: set[int]
) -> None:
    lease = timedelta(seconds=30)
    with Session(engine) as session:
        claim(session, now=NOW, limit=MANY, lease=lease)
        begin(session, due, until=NOW + lease)
        session.commit()
        just_before = NOW + lease - timedelta(microseconds=1)
        assert claim(session, now=just_before, limit=MANY, lease=lease) == []
        taken_over = claim(session, now=NOW + lease, limit=MANY, lease=lease)
        session.commit()
        assert {occurrence.id for occurrence in taken_over} == due
        assert all(occurrence.uncertain and occurrence.state is State.CLAIMED for occurrence in taken_over)
