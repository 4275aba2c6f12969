"""Opens the store: SQLite in WAL mode, migrated to the newest schema, its free text under the key that fits."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, event, inspect
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, create_engine, text

from actions.store.models import Secret
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


class StoreError(LotseError):
    """The store cannot be opened or written."""


def open_store(file: Path, *, keys: str | None = None) -> Engine:
    """Engine on the migrated SQLite file, which only its owner may read.

    `keys` come from the environment, separated by commas, newest first; without them a key file stands beside the
    store, made with it. Raises `StoreError` if the store can't be opened, `KeyUnusableError` if no key fits.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.chmod(0o600)
        engine = create_engine(f"sqlite:///{file}")
        event.listen(engine, "connect", set_pragmas)
        vault = fitting_vault(engine, file.with_name(KEY_FILE), keys)
        use_vault(engine, vault)
        migrate(engine, vault)
        ensure_hash_key(engine)
    except (OSError, DatabaseError) as error:
        raise StoreError(
            f"Die Datenbank {file} lässt sich nicht öffnen – bitte Rechte, Platz und Datei prüfen."
        ) from error
    return engine


def fitting_vault(engine: Engine, key_file: Path, given: str | None) -> Vault:
    """The keys given or kept; a new one only for a store that was never sealed. Proven on what the store holds."""
    keys = split_keys(given) if given else read_key_file(key_file)
    sealed = None
    if inspect(engine).has_table("secret"):
        with engine.connect() as connection:
            sealed = connection.execute(text("SELECT value FROM secret LIMIT 1")).scalar()
    if not keys and sealed is not None:
        raise missing_key()
    if not keys:
        keys = create_key_file(key_file, [new_key()])
    vault = vault_of(keys)
    if sealed is not None:
        vault.open(sealed)
    return vault


def ensure_hash_key(engine: Engine) -> None:
    with Session(engine) as session:
        if session.get(Secret, HASH_KEY) is None:
            session.add(Secret(name=HASH_KEY, value=secrets.token_hex(32)))
            session.commit()


def erase_traces(engine: Engine) -> None:
    """What was deleted leaves SQLite's journal too, as far as no other connection reads in it."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))


def pseudonym(session: Session, case_number: str) -> str:
    """What stands for a case in the audit: a keyed hash, the same for the same number, also after keys are rotated."""
    found = session.get_one(Secret, HASH_KEY)
    return keyed_hash(case_number, found.value)


def migrate(engine: Engine, vault: Vault) -> None:
    """Bring the schema up to date, all steps or none; does nothing where it is."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":  # whose driver would otherwise commit every change of the schema at once
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes |= {"connection": connection, "vault": vault}
        command.upgrade(config, "head")


def set_pragmas(connection: Any, _record: object) -> None:
    """`secure_delete`: what is forgotten is overwritten in the file, not only marked as free. `recursive_triggers`:
    what REPLACE would take away counts as deleted, so that the audit refuses it."""
    pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON", "recursive_triggers=ON")
    for pragma in (*pragmas, f"busy_timeout={BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}")
