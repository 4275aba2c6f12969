"""One question through the whole path, as plain data: what `lotse ask` prints and `lotse evaluate` counts."""

from __future__ import annotations

import time

from pydantic import BaseModel

from actions.answering import ScoredEntry
from bot.chain import Chain
from bot.messages import Incoming, Message, Turn, Typed
from bot.runtime.assembly import LOCAL_ADDRESS, TERMINAL, enrol_local_person


class Asked(BaseModel):
    """A question and what came of it. `ms` is the time of the whole turn in milliseconds."""

    question: str
    status: str
    intent: str
    entries: list[ScoredEntry]
    citation: str | None
    text: str
    buttons: list[str]
    ms: int
    degraded: bool = False


async def ask(chain: Chain, question: str, *, conversation: str) -> Asked:
    """Ask as the local person of this machine, in a conversation of its own."""
    began = time.monotonic()
    turn = await chain.handle(Incoming(TERMINAL, LOCAL_ADDRESS, conversation, chain.clock(), Typed(question)))
    return asked(question, turn, ms=round((time.monotonic() - began) * 1000))


def asked(question: str, turn: Turn, *, ms: int) -> Asked:
    outcome = turn.outcome
    return Asked(
        question=question,
        status=outcome.status,
        intent=outcome.intent,
        entries=list(outcome.entries),
        citation=outcome.citation,
        text="\n\n".join(plain_text(message) for message in turn.messages),
        buttons=[button.label for message in turn.messages for row in message.rows for button in row],
        ms=ms,
        degraded=outcome.degraded,
    )


def plain_text(message: Message) -> str:
    return "\n".join(paragraph.text for paragraph in message.paragraphs)


def prepare_local_person(chain: Chain) -> None:
    """The local person exists, and may ask as fast as a machine does."""
    enrol_local_person(chain.engine)
    chain.door.messages_per_minute = 1_000_000
