"""Opens the store: SQLite in WAL mode by default, migrated to the newest schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, event
from sqlalchemy.exc import DatabaseError
from sqlmodel import create_engine

from knowledge.errors import LotseError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 5000


class StoreError(LotseError):
    """The store cannot be opened or written."""


def open_store(file: Path) -> Engine:
    """Engine on the migrated SQLite file, which only its owner may read; raises `StoreError` if it can't be opened."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.chmod(0o600)
        engine = create_engine(f"sqlite:///{file}")
        event.listen(engine, "connect", set_pragmas)
        migrate(engine)
    except (OSError, DatabaseError) as error:
        raise StoreError(
            f"Die Datenbank {file} lässt sich nicht öffnen – bitte Rechte, Platz und Datei prüfen."
        ) from error
    return engine


def migrate(engine: Engine) -> None:
    """Bring the schema up to date; does nothing where it is."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def set_pragmas(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}")
