"""Keys at rest: free text is encrypted in the store, and case numbers leave only keyed hashes in the audit."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from knowledge.errors import LotseError

KEY_FILE = "lotse.key"
KEYS_VARIABLE = "LOTSE_KEYS"


class KeyUnusableError(LotseError):
    """The key of the store is missing, malformed or another one; nothing is opened without it."""


@dataclass(frozen=True)
class Vault:
    """Seals with the first key, opens with any."""

    fernet: MultiFernet

    def seal(self, text: str) -> str:
        return self.fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """What was sealed; raises `KeyUnusableError` if it was sealed with none of the keys."""
        try:
            return self.fernet.decrypt(sealed.encode("ascii")).decode()
        except InvalidToken:
            raise wrong_key() from None

    def reseal(self, sealed: str) -> str:
        """The same, sealed with the first key; raises `KeyUnusableError` if it was sealed with none of them."""
        try:
            return self.fernet.rotate(sealed.encode("ascii")).decode("ascii")
        except InvalidToken:
            raise wrong_key() from None


def vault_of(keys: Sequence[str]) -> Vault:
    """From the keys, newest first; raises `KeyUnusableError` if one has not the form of a key."""
    try:
        return Vault(MultiFernet([Fernet(key) for key in keys]))
    except ValueError:
        raise KeyUnusableError(
            f"Ein Schlüssel in {KEYS_VARIABLE} oder {KEY_FILE} ist beschädigt – bitte den gesicherten einsetzen "
            "(neue Schlüssel macht „lotse keys new“)."
        ) from None


def new_key() -> str:
    return Fernet.generate_key().decode("ascii")


def split_keys(given: str) -> list[str]:
    """Keys of the environment: separated by commas, newest first."""
    return [key for key in (part.strip() for part in given.split(",")) if key]


def read_key_file(file: Path) -> list[str]:
    """The keys of the file, one a line, newest first; it is closed to others if it was open. Empty if there is none."""
    if not file.exists():
        return []
    try:
        file.chmod(0o600)
        return file.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        raise KeyUnusableError(
            f"Der Schlüssel {file} lässt sich nicht lesen – bitte Rechte und Datei prüfen."
        ) from None


def write_key_file(file: Path, keys: Sequence[str]) -> None:
    """Replace the file at once, readable by its owner only; on disk before this returns."""
    partial = file.with_name(file.name + ".part")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write("\n".join(keys) + "\n")
        out.flush()
        os.fsync(out.fileno())
    partial.replace(file)


def create_key_file(file: Path, keys: Sequence[str]) -> list[str]:
    """Keep these keys, unless another process has just made a file: then its keys hold. The keys that hold."""
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    write_key_file(partial, keys)
    try:
        os.link(partial, file)
    except FileExistsError:
        return read_key_file(file)
    finally:
        partial.unlink(missing_ok=True)
    return list(keys)


def keyed_hash(text: str, key: str) -> str:
    """What stands for a text where it must not be read: the same text gives the same hash, and none leads back."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def missing_key() -> KeyUnusableError:
    return KeyUnusableError(
        f"Der Schlüssel zur Datenbank fehlt – bitte {KEYS_VARIABLE} setzen oder {KEY_FILE} neben die Datenbank legen."
    )


def wrong_key() -> KeyUnusableError:
    return KeyUnusableError(
        f"Der Schlüssel passt nicht zur Datenbank – bitte in {KEYS_VARIABLE} oder {KEY_FILE} den richtigen einsetzen."
    )
