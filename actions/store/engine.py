"""Opens the store, SQLite or PostgreSQL: migrated to the newest schema, its free text under the key that fits."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, event, insert, inspect
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, create_engine, select, text

from actions.store.models import Secret
from actions.store.postgres import URL_VARIABLE, postgres_engine, start_alone
from actions.store.types import use_vault
from actions.store.vault import (
    KEY_FILE,
    Vault,
    create_key_file,
    keyed_hash,
    missing_key,
    new_key,
    read_key_file,
    split_keys,
    vault_of,
)
from knowledge.errors import LotseError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 5000
HASH_KEY = "hash key"
NO_FILE = "lässt sich nicht öffnen – bitte Rechte, Platz und Datei prüfen."
NO_SERVER = (
    f"Die PostgreSQL-Datenbank lässt sich nicht öffnen – bitte prüfen, ob ihr Server läuft, ob {URL_VARIABLE} "
    "stimmt und ob das Konto dort Tabellen anlegen darf."
)


class StoreError(LotseError):
    """The store cannot be opened or written."""


def open_store(file: Path, *, url: str | None = None, keys: str | None = None) -> Engine:
    """Engine on the migrated store: the PostgreSQL database at `url`, else the SQLite file, which only its owner reads.

    `keys` come from the environment, separated by commas, newest first; without them a key file stands beside `file`,
    made with the store. Raises `StoreError` if the store can't be opened, `KeyUnusableError` if no key fits.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = postgres_engine(url) if url else sqlite_engine(file)
        with engine.begin() as connection:
            begin_alone(connection)
            vault = fitting_vault(connection, file.with_name(KEY_FILE), keys)
            use_vault(engine, vault)
            migrate(connection, vault)
            ensure_hash_key(connection)
    except (OSError, DatabaseError) as error:
        raise StoreError(NO_SERVER if url else f"Die Datenbank {file} {NO_FILE}") from error
    return engine


def sqlite_engine(file: Path) -> Engine:
    file.touch(mode=0o600)
    file.chmod(0o600)
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", set_pragmas)
    return engine


def begin_alone(connection: Connection) -> None:
    """Of several processes that start at once, one after the other makes keys and changes the schema."""
    if connection.dialect.name == "sqlite":  # whose driver would otherwise commit every change of the schema at once
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        start_alone(connection)


def fitting_vault(connection: Connection, key_file: Path, given: str | None) -> Vault:
    """The keys given or kept; a new one only for a store that was never sealed. Proven on what the store holds."""
    keys = split_keys(given) if given else read_key_file(key_file)
    sealed = None
    if inspect(connection).has_table("secret"):
        sealed = connection.execute(text("SELECT value FROM secret LIMIT 1")).scalar()
    if not keys and sealed is not None:
        raise missing_key()
    if not keys:
        keys = create_key_file(key_file, [new_key()])
    vault = vault_of(keys)
    if sealed is not None:
        vault.open(sealed)
    return vault


def migrate(connection: Connection, vault: Vault) -> None:
    """Bring the schema up to date, all steps or none; does nothing where it is."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes |= {"connection": connection, "vault": vault}
    command.upgrade(config, "head")


def ensure_hash_key(connection: Connection) -> None:
    if connection.execute(select(Secret.name).where(Secret.name == HASH_KEY)).first() is None:
        connection.execute(insert(Secret).values(name=HASH_KEY, value=secrets.token_hex(32)))


def erase_traces(engine: Engine) -> None:
    """What was deleted leaves SQLite's journal too, as far as no other connection reads in it. PostgreSQL overwrites it
    in its own time."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))


def pseudonym(session: Session, case_number: str) -> str:
    """What stands for a case in the audit: a keyed hash, the same for the same number, also after keys are rotated."""
    found = session.get_one(Secret, HASH_KEY)
    return keyed_hash(case_number, found.value)


def set_pragmas(connection: Any, _record: object) -> None:
    """`secure_delete`: what is forgotten is overwritten in the file, not only marked as free. `recursive_triggers`:
    what REPLACE would take away counts as deleted, so that the audit refuses it."""
    pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON", "recursive_triggers=ON")
    for pragma in (*pragmas, f"busy_timeout={BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}")
