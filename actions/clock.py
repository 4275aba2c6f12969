"""The injected clock: the only place that asks what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")

Clock = Callable[[], datetime]
"""Returns an aware moment in UTC."""


def system_clock() -> datetime:
    """The machine's time, aware, UTC."""
    return datetime.now(UTC)


def local_day(moment: datetime) -> date:
    """The calendar day of an aware moment in Germany."""
    return moment.astimezone(BERLIN).date()
