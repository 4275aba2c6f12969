"""Which store the settings stand for."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from actions.settings import Settings
from bot.runtime.assembly import open_database
from tests.postgres import Postgres


def test_the_file_in_the_data_folder(tmp_path: Path) -> None:
    engine = open_database(Settings(data_dir=tmp_path))
    assert (engine.dialect.name, engine.url.database) == ("sqlite", str(tmp_path / "lotse.db"))
    engine.dispose()


def test_the_postgresql_that_is_set(postgres: Postgres, tmp_path: Path) -> None:
    with postgres.database() as name:
        engine = open_database(Settings(data_dir=tmp_path, database_url=SecretStr(postgres.url(name))))
        assert (engine.dialect.name, engine.url.database) == ("postgresql", name)
        engine.dispose()
