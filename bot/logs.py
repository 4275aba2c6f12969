"""Logging that can't leak: a file per process under the data folder, bot token and message texts kept out."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOUD = ("httpx", "httpcore", "telegram", "tornado", "asyncio", "apscheduler")
"""Libraries that put addresses (with the token) or whole updates into their messages, or speak at every tick: only
their warnings are kept, and of those only the form, never what was filled in."""
TOKEN_SHAPE = re.compile(r"(?<!\d)\d{3,}:[A-Za-z0-9_-]{20,}")
MOST_BYTES = 2_000_000


class Redact(logging.Filter):
    """Replaces secrets, and anything shaped like a bot token; reduces errors to their kind."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self.secrets = [secret for secret in secrets if secret]

    def filter(self, record: logging.LogRecord) -> bool:
        loud = record.name.partition(".")[0] in LOUD
        message = TOKEN_SHAPE.sub("[token]", str(record.msg) if loud else record.getMessage())
        for secret in self.secrets:
            message = message.replace(secret, "[secret]")
        if record.exc_info and record.exc_info[0]:
            message = f"{message} ({record.exc_info[0].__name__})"
        record.msg, record.args, record.exc_info, record.exc_text = message, (), None, None
        return True


def configure_logging(file: Path, level: str, secrets: Iterable[str] = ()) -> None:
    """Log this process to `file`; times are local. Loud libraries are held at WARNING whatever the level."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = RotatingFileHandler(file, maxBytes=MOST_BYTES, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(Redact(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
