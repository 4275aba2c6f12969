"""Misbehaviour by rule: failures, dropped connections, delays, missing methods, rate limits."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from tests.standin.model import ApiError

ANY = "*"
PACED = frozenset({"sendmessage", "senddocument", "sendphoto", "editmessagetext", "editmessagereplymarkup"})


@dataclass(slots=True)
class Fault:
    """What happens to the next `count` calls (None: all). Without `error` the socket just closes; `half`: in the middle
    of the answer."""

    method: str
    count: int | None
    error: ApiError | None
    carried_out: bool
    chat_id: int | None = None
    half: bool = False

    def applies(self, method: str, chat_id: object) -> bool:
        if self.count == 0 or self.method not in (ANY, method.lower()):
            return False
        return self.chat_id is None or self.chat_id == chat_id


@dataclass(slots=True)
class Pace:
    """At most `count` calls within any `window` seconds."""

    count: int
    window: float

    @classmethod
    def per_second(cls, rate: float) -> Pace:
        return cls(max(1, int(rate)), max(1.0, 1.0 / rate))


def _wait(times: deque[float], pace: Pace, now: float) -> float:
    """Seconds until there is room for one more call."""
    while times and times[0] <= now - pace.window:
        times.popleft()
    return 0.0 if len(times) < pace.count else times[0] + pace.window - now


class RateLimits:
    """Sends and edits per chat, per group and minute, and overall; only calls let through count."""

    def __init__(self) -> None:
        self.chat: Pace | None = None
        self.group: Pace | None = None
        self.overall: Pace | None = None
        self._times: dict[tuple[str, object], deque[float]] = {}

    def retry_after(self, method: str, chat_id: object, now: float) -> int | None:
        if method.lower() not in PACED:
            return None
        paces: list[tuple[tuple[str, object], Pace]] = [(("all", None), self.overall)] if self.overall else []
        if self.chat:
            paces.append((("chat", chat_id), self.chat))
        if self.group and isinstance(chat_id, int) and chat_id < 0:
            paces.append((("group", chat_id), self.group))
        windows = [(self._times.setdefault(key, deque()), pace) for key, pace in paces]
        wait = max((_wait(times, pace, now) for times, pace in windows), default=0.0)
        if wait > 0:
            return max(1, math.ceil(wait))
        for times, _ in windows:
            times.append(now)
        return None


@dataclass(slots=True)
class Faults:
    rules: list[Fault] = field(default_factory=list)
    delays: dict[str, float] = field(default_factory=dict)
    answer_delays: dict[str, float] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    limits: RateLimits = field(default_factory=RateLimits)

    def take(self, method: str, chat_id: object) -> Fault | None:
        """The first rule that applies, used up by one."""
        rule = next((rule for rule in self.rules if rule.applies(method, chat_id)), None)
        if rule is not None and rule.count is not None:
            rule.count -= 1
        return rule

    def delay_of(self, method: str) -> float:
        return self.delays.get(method.lower(), self.delays.get(ANY, 0.0))

    def answer_delay_of(self, method: str) -> float:
        return self.answer_delays.get(method.lower(), self.answer_delays.get(ANY, 0.0))
