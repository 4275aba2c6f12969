"""The store's own column types: aware moments, and texts that are encrypted at rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import DateTime, Dialect, Engine, Text
from sqlalchemy.types import TypeDecorator

from actions.store.vault import Vault

_vaults: WeakKeyDictionary[Dialect, Vault] = WeakKeyDictionary()


def use_vault(engine: Engine, vault: Vault) -> None:
    """Encrypted columns of this engine use that vault."""
    _vaults[engine.dialect] = vault


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. Refuses naive datetimes; SQLite would silently drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the store")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Encrypted(TypeDecorator[Any]):
    """Anything JSON can hold, encrypted with the vault of the engine. Cannot be compared or searched in SQL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else _vaults[dialect].seal(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(_vaults[dialect].open(value))
