"""`lotse keys`: make a key, renew the one in use."""

from __future__ import annotations

import typer

from actions.settings import load_settings
from actions.store.engine import erase_traces
from actions.store.lock import store_to_oneself
from actions.store.postgres import require_alone
from actions.store.rotation import reseal_everything
from actions.store.vault import KEY_FILE, KEYS_VARIABLE, new_key, read_key_file, split_keys, vault_of, write_key_file
from bot.commands.output import out
from bot.runtime.assembly import open_database

app = typer.Typer(no_args_is_help=True, help="Schlüssel der Datenbank.")


@app.command()
def new() -> None:
    """Einen neuen Schlüssel ausgeben, für die Umgebung."""
    out.print(new_key(), markup=False)


@app.command()
def rotate() -> None:
    """Alles Verschlüsselte mit einem neuen Schlüssel versiegeln; der alte ist danach überflüssig."""
    settings = load_settings()
    with store_to_oneself(settings.database):
        engine = open_database(settings)
        if settings.keys is not None:
            count = reseal_everything(engine, vault_of(split_keys(settings.keys.get_secret_value())))
            erase_traces(engine)
            out.print(f"{count} Werte sind mit dem ersten Schlüssel in {KEYS_VARIABLE} versiegelt.")
            out.print("Weitere Schlüssel dort können jetzt weg.")
            return
        if settings.database_url is not None:  # refused before the key file changes
            with engine.begin() as connection:
                require_alone(connection)
        file = settings.database.with_name(KEY_FILE)
        keys = [new_key(), *read_key_file(file)]
        write_key_file(file, keys)
        count = reseal_everything(engine, vault_of(keys))
        write_key_file(file, keys[:1])
        erase_traces(engine)
        out.print(f"{count} Werte sind mit einem neuen Schlüssel versiegelt.")
