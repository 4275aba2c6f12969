"""Renews the key of the store: everything sealed is sealed again, in one transaction."""

from __future__ import annotations

from sqlalchemy import Engine, Text, type_coerce, update
from sqlmodel import Session, SQLModel, select

from actions.store.postgres import require_alone
from actions.store.types import Encrypted
from actions.store.vault import Vault


def reseal_everything(engine: Engine, vault: Vault) -> int:
    """Seal every encrypted value with the vault's first key; how many. All of them or, on any error, none. Raises
    `StoreInUseError` while another process serves from the same PostgreSQL."""
    count = 0
    with Session(engine) as session:
        if engine.dialect.name == "postgresql":
            require_alone(session.connection())
        for table in SQLModel.metadata.sorted_tables:
            keys = list(table.primary_key.columns)
            for column in (one for one in table.columns if isinstance(one.type, Encrypted)):
                raw = type_coerce(column, Text)
                for row in session.execute(select(*keys, raw).where(column.is_not(None))).all():  # type: ignore[call-overload]
                    *key, sealed = row
                    where = [one == value for one, value in zip(keys, key, strict=True)]
                    session.execute(
                        update(table).where(*where).values({column: type_coerce(vault.reseal(sealed), Text)})
                    )
                    count += 1
        session.commit()
    return count
