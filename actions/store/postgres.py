"""PostgreSQL as the store: its address, how connections are set up, and what keeps processes apart there."""

from __future__ import annotations

from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError

from actions.store.lock import in_use

URL_VARIABLE = "LOTSE_DATABASE_URL"
CONNECT_SECONDS = 5
LOCK_MS = 5_000
STATEMENT_MS = 30_000
MIGRATION_LOCK_MS = 60_000
ENDING_MS = 1_000
STARTING, SERVING = 4_711_001, 4_711_002
"""Numbers of advisory locks, which mean something in the database of the store only."""


def postgres_url(given: str) -> URL:
    """The address with the driver we use; raises ValueError for what is none, or would show its password in a log."""
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        url = None
    if (
        url is None
        or url.drivername != "postgresql"
        or not url.database
        or "@" in (url.host or "")
        or any("password" in name for name in url.query)
    ):
        raise ValueError(
            "erwartet wird eine Adresse der Form postgresql://Konto:Passwort@Server/Datenbank, Sonderzeichen im "
            "Passwort prozentkodiert"
        )
    return url.set(drivername="postgresql+psycopg")


def postgres_engine(url: str) -> Engine:
    """Connections that survive a restart of the server: each is tried before it is used, and made anew if it is gone.

    A server that vanished is noticed after seconds, not minutes.
    """
    limits = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": 2 * LOCK_MS}
    engine = create_engine(postgres_url(url), pool_pre_ping=True, connect_args=limits, hide_parameters=True)
    event.listen(engine, "connect", set_up)
    return engine


def set_up(connection: Any, _record: object) -> None:
    """Nothing waits for ever. The shared lock says that this process serves from the store; while keys are renewed, who
    starts waits here."""
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = {LOCK_MS}")
    connection.execute(f"SET statement_timeout = {STATEMENT_MS}")
    connection.execute(f"SELECT pg_advisory_lock_shared({SERVING})")
    connection.autocommit = False


def start_alone(connection: Connection) -> None:
    """Whoever opens the store meanwhile waits for the end of this transaction, which may take its time."""
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text(f"SET LOCAL lock_timeout = {MIGRATION_LOCK_MS}"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({STARTING})"))


def require_alone(connection: Connection) -> None:
    """Raises `StoreInUseError` while another process serves from the store, on whatever machine; new ones wait for the
    end of this transaction. The server takes a moment to notice that a process has ended."""
    connection.execute(text(f"SET LOCAL lock_timeout = {ENDING_MS}"))
    try:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({SERVING})"))
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise in_use() from None
        raise
