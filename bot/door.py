"""At the door: strangers hear one refusal, and nobody floods the chain."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
REFUSE_AGAIN = timedelta(hours=1)
MOST_STRANGERS = 10_000


@dataclass
class Door:
    """Counts messages by person and refusals by account, in memory; every `now` is aware."""

    messages_per_minute: int
    recent: dict[int, deque[datetime]] = field(default_factory=dict)
    refusals: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    slowed: dict[int, datetime] = field(default_factory=dict)

    def was_just_refused(self, place: str, now: datetime) -> bool:
        """Whether this account heard the refusal a short while ago; if not, it does now."""
        last = self.refusals.pop(place, None)
        lately = last is not None and now - last < REFUSE_AGAIN
        self.refusals[place] = last if last is not None and lately else now
        if len(self.refusals) > MOST_STRANGERS:
            self.refusals.popitem(last=False)
        return lately

    def too_fast(self, person_id: int, now: datetime) -> bool:
        """Whether this message is one too many for its minute; counts those let through."""
        times = self.recent.setdefault(person_id, deque())
        while times and times[0] <= now - MINUTE:
            times.popleft()
        if len(times) >= self.messages_per_minute:
            return True
        times.append(now)
        return False

    def was_just_slowed(self, person_id: int, now: datetime) -> bool:
        """Whether a person was told within a minute that they are too fast; if not, they are now."""
        last = self.slowed.get(person_id)
        if last is not None and now - last < MINUTE:
            return True
        self.slowed[person_id] = now
        return False
