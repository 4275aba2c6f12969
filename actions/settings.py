"""Settings from the environment or `.env`; what each means for operation stands in `.env.example`."""

from __future__ import annotations

import ipaddress
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from actions.store.models import Role
from actions.store.postgres import postgres_url
from knowledge.errors import LotseError

LOOPBACK = "127.0.0.1"
"""Where the servers behind the bot listen, and nowhere else."""
TOKEN_VARIABLE = "LOTSE_INTERNAL_TOKEN"  # noqa: S105 - the name of a variable
"""How the processes behind the bot are told the token they share."""


class Settings(BaseSettings):
    """Refuses to start on what is unsafe or contradictory. Times are in seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(
        env_prefix="LOTSE_", env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    data_dir: Path = Field(Path(".lotse"), validate_default=True)
    overlay: Path | None = None
    python310: Path | None = None
    rasa_port: int = Field(5005, ge=1, le=65535)
    action_port: int = Field(5055, ge=1, le=65535)
    turn_timeout: float = Field(5.0, gt=0)
    messages_per_minute: int = Field(30, ge=1)
    internal_token: SecretStr | None = None
    keys: SecretStr | None = None
    database_url: SecretStr | None = None
    chat_hours: int = Field(24, ge=1, le=47)
    transferred_days: int = Field(30, ge=1)
    claim_seconds: int = Field(60, ge=5)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    telegram_token: SecretStr | None = None
    telegram_api_url: str | None = None
    telegram_staff: str = ""
    telegram_webhook_url: str | None = None
    telegram_webhook_secret: SecretStr | None = None
    telegram_webhook_host: str = "127.0.0.1"
    telegram_webhook_port: int = Field(8443, ge=1, le=65535)

    @field_validator("data_dir", "overlay")
    @classmethod
    def from_here(cls, folder: Path | None) -> Path | None:
        """Relative to the folder the command was given in, whatever a child process runs in."""
        return folder.absolute() if folder else None

    @field_validator("database_url")
    @classmethod
    def an_address_of_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            postgres_url(url.get_secret_value())
        return url

    @field_validator("telegram_webhook_host")
    @classmethod
    def an_address(cls, host: str) -> str:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise ValueError("eine IP-Adresse wird erwartet") from None
        return host

    @model_validator(mode="after")
    def consistent(self) -> Self:
        if self.rasa_port == self.action_port:
            raise ValueError("LOTSE_RASA_PORT und LOTSE_ACTION_PORT sind gleich; bitte zwei verschiedene Ports setzen")
        if self.telegram_webhook_url and not self.telegram_webhook_secret:
            raise ValueError("LOTSE_TELEGRAM_WEBHOOK_URL braucht auch LOTSE_TELEGRAM_WEBHOOK_SECRET")
        _ = self.staff
        return self

    @cached_property
    def staff(self) -> dict[int, tuple[str, Role]]:
        """Telegram accounts admitted without invitation, with alias and role ("4711:lotse-1,4712:lotse-2:admin")."""
        listed: dict[int, tuple[str, Role]] = {}
        for item in filter(None, (part.strip() for part in self.telegram_staff.split(","))):
            account, _, rest = item.partition(":")
            alias, _, role = rest.partition(":")
            if not (account.isascii() and account.isdecimal()) or not alias.strip() or role not in ("", *Role):
                raise ValueError("LOTSE_TELEGRAM_STAFF erwartet „Nummer:Alias“ oder „Nummer:Alias:Rolle“, mit Kommas")
            listed[int(account)] = (alias.strip().lower(), Role(role or Role.CASE_MANAGER))
        return listed

    @property
    def database(self) -> Path:
        """The embedded store; beside it lie key and lock, also where PostgreSQL is the store."""
        return self.data_dir / "lotse.db"

    @property
    def models_dir(self) -> Path:
        return self.data_dir / "models"

    @property
    def logs_dir(self) -> Path:
        return self.data_dir / "logs"

    @property
    def run_dir(self) -> Path:
        return self.data_dir / "run"


def load_settings() -> Settings:
    """The settings of this process; raises `LotseError` naming the variable that is wrong, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        place = "_".join(str(part).upper() for part in first["loc"])
        name = f"LOTSE_{place}: " if place else ""
        own = first.get("ctx", {}).get("error")
        what = str(own) if first["type"] == "value_error" else "dieser Wert ist hier nicht erlaubt"
        raise LotseError(f"Einstellung {name}{what} – bitte die Umgebung oder .env berichtigen.") from None
