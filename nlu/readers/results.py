"""What readers of dates answer when a date was said: the day, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Impossible:
    """Not on any calendar or clock: "31.02.", "KW 54", "25 Uhr"."""

    said: str


@dataclass(frozen=True)
class InFuture:
    """A day after today, where only a past one can be meant."""

    said: str
    day: date


@dataclass(frozen=True)
class InPast:
    """A moment before now, where only a coming one can be meant."""

    said: str
    day: date


@dataclass(frozen=True)
class Ambiguous:
    """Several days come into question: two readings, the nearer first, or all days of "letzte woche"."""

    said: str
    options: tuple[date, ...]


@dataclass(frozen=True)
class Day:
    """A calendar day in Germany."""

    day: date


@dataclass(frozen=True)
class Period:
    """Calendar days in Germany, both included; `last` is None where no end was said."""

    first: date
    last: date | None


@dataclass(frozen=True)
class Due:
    """When something is due, as said, before any moving for holidays; local time, or None for the day as a whole."""

    day: date
    clock: time | None = None

    def iso(self) -> str:
        """ "2026-12-01", or with a clock time "2026-12-01T09:15:00+01:00"."""
        if self.clock is None:
            return self.day.isoformat()
        return datetime.combine(self.day, self.clock, ZONE).isoformat()


Problem = Impossible | InFuture | InPast | Ambiguous


def local(now: datetime) -> datetime:
    """An aware moment on the clock in Germany; raises ValueError for a naive one."""
    if now.tzinfo is None:
        raise ValueError("an aware datetime is needed")
    return now.astimezone(ZONE)
