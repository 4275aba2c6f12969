"""Disposable trackers: in memory only, gone after a day, the longest unused first when there are too many."""

from __future__ import annotations

import time
from typing import Any

from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

DAY_SECONDS = 24 * 3600
MOST = 5000


class DisposableTrackerStore(InMemoryTrackerStore):
    """Forgets trackers unused for `max_age` seconds, and beyond `most` of them."""

    def __init__(self, domain: Any, event_broker: Any = None, max_age: float = DAY_SECONDS, most: int = MOST, **_: Any):
        super().__init__(domain, event_broker)
        self.max_age = max_age
        self.most = most
        self.saved_at: dict[str, float] = {}

    async def save(self, tracker: DialogueStateTracker) -> None:
        await super().save(tracker)
        self.saved_at.pop(tracker.sender_id, None)
        self.saved_at[tracker.sender_id] = time.monotonic()
        self.forget(time.monotonic() - self.max_age)

    def forget_all(self) -> None:
        """Drop every tracker."""
        self.saved_at.clear()
        self.store.clear()

    def forget(self, before: float) -> None:
        """Drop what was last saved before that moment (monotonic seconds) and what is too many; oldest come first."""
        for sender, saved_at in list(self.saved_at.items()):
            if saved_at >= before and len(self.saved_at) <= self.most:
                break
            del self.saved_at[sender]
            self.store.pop(sender, None)


def forget_trackers(store: Any) -> None:
    """Drop every tracker of a running Rasa, which wraps our store in one of its own."""
    inner = getattr(store, "_tracker_store", store)
    if not isinstance(inner, DisposableTrackerStore):
        raise TypeError(type(inner).__name__)
    inner.forget_all()
