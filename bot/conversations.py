"""What conversations remember between turns, in memory only, and how they forget."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from actions.operations import AnyOperation, CaseOperation, TellTalk

MOST_CONVERSATIONS = 10_000


def new_id() -> str:
    return secrets.token_hex(16)


@dataclass
class Conversation:
    """One conversation. `rasa_id` is its name in Rasa, without a trace of the person; `fresh` until its first turn."""

    rasa_id: str = field(default_factory=new_id)
    turns: int = 0
    question: str = ""
    entries: list[str] = field(default_factory=list)
    awaits_reason_for: int | None = None
    awaits: AnyOperation | None = None
    fresh: bool = True

    @property
    def talk(self) -> TellTalk | None:
        """The talk that is being told, if one is."""
        return self.awaits if isinstance(self.awaits, TellTalk) else None

    def reset(self) -> None:
        """Begin anew: no question before, nothing awaited, another conversation for Rasa."""
        self.rasa_id, self.turns = new_id(), 0
        self.question, self.entries = "", []
        self.awaits_reason_for = self.awaits = None

    def forget(self, numbers: Sequence[str]) -> None:
        """Nothing of these cases stays; what is awaited of another one does."""
        awaited = self.awaits
        self.reset()
        if not (isinstance(awaited, CaseOperation) and awaited.number in numbers):
            self.awaits = awaited


@dataclass
class Conversations:
    """By place (channel and chat); the longest unused goes first when there are too many."""

    by_place: OrderedDict[str, Conversation] = field(default_factory=OrderedDict)

    def at(self, place: str) -> Conversation:
        found = self.by_place.setdefault(place, Conversation())
        self.by_place.move_to_end(place)
        if len(self.by_place) > MOST_CONVERSATIONS:
            self.by_place.popitem(last=False)
        return found

    def __iter__(self) -> Iterator[Conversation]:
        return iter(self.by_place.values())
