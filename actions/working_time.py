"""When a person may be nudged: their working days and hours, without the holidays of NRW."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from actions.clock import BERLIN
from actions.recurrence import moment
from actions.workdays import holiday_name

WEEK = 7


@dataclass(frozen=True)
class WorkingTime:
    """Weekdays (Monday is 0) and local times from and until which a person works. At least one day, and some time."""

    days: frozenset[int]
    starts: time
    ends: time

    def works_on(self, day: date) -> bool:
        return day.weekday() in self.days and holiday_name(day) is None

    def day_until(self, day: date) -> date:
        """The day itself (local) if it is one of work, else the last one before it."""
        while not self.works_on(day):
            day -= timedelta(days=1)
        return day

    def day_after(self, day: date) -> date:
        """The first working day after that one."""
        day += timedelta(days=1)
        while not self.works_on(day):
            day += timedelta(days=1)
        return day

    def at(self, day: date, clock: time) -> datetime:
        """That time of a day, or the nearest one within the hours of work; aware, UTC."""
        return moment(day, min(max(clock, self.starts), self.ends))

    def start_of(self, day: date) -> datetime:
        """When work begins on that day; aware, UTC."""
        return moment(day, self.starts)

    def earliest(self, at: datetime) -> datetime:
        """The moment itself if it lies within work, else the next beginning of work. `at` is aware."""
        here = at.astimezone(BERLIN)
        if self.works_on(here.date()):
            if self.starts <= here.time() <= self.ends:
                return at
            if here.time() < self.starts:
                return max(at, self.start_of(here.date()))  # in the doubled hour, that may have been
        return self.start_of(self.day_after(here.date()))
