"""Runs under Rasa's interpreter and prints, as one line of JSON, what test_components.py asks about."""

import asyncio
import json
import sys
from types import SimpleNamespace
from unittest import mock

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from knowledge.ranking import Candidate, Ranking
from nlu.components.channel import LotseInput, as_text
from nlu.components.question_ranker import annotate, sample_of
from nlu.components.trackers import DisposableTrackerStore
from tests.knowledge.tiny_ranker import train_tiny_ranker

TYPED = [
    "/restart",
    " //x",
    "und/oder",
    "1/3",
    "",
    "/",
    "\t/a",
    "\n/a",
    "\u00a0/a",
    "\u2003/a",
    "\u3000//a",
    "/ \u00a0/a",
]


def ours() -> list:
    return sorted(name for name in sys.modules if name.split(".")[0] in {"bot", "actions", "nlu", "knowledge"})


def without_token() -> str:
    try:
        LotseInput.from_credentials({})
    except Exception as error:
        return type(error).__name__
    return ""


async def status(authorization: str):
    refused = await LotseInput("secret").refuse_strangers(SimpleNamespace(headers={"authorization": authorization}))
    return refused and refused.status


async def saved(store: DisposableTrackerStore, *senders: str, at: float) -> None:
    with mock.patch("nlu.components.trackers.time.monotonic", return_value=at):
        for sender in senders:
            await store.save(DialogueStateTracker(sender, []))


async def senders_after_old() -> list:
    store = DisposableTrackerStore(Domain.empty(), max_age=60)
    await saved(store, "old", "older", at=1000)
    await saved(store, "fresh", at=1061)
    return list(store.store)


async def senders_after_surplus() -> tuple:
    store = DisposableTrackerStore(Domain.empty(), most=2)
    await saved(store, "a", "b", "a", "c", at=1000)
    await saved(store, "a", at=1001)
    found = [await store.retrieve(sender) for sender in ("a", "b")]
    return sorted(store.store, key=store.saved_at.get), [tracker and tracker.sender_id for tracker in found]


def annotated(ranking: Ranking) -> dict:
    message = Message({"text": "egal"})
    annotate(message, ranking)
    return message.as_dict(only_output_properties=True)


def fields(sample) -> list:
    return [sample.text, sample.label, sample.voice]


async def main() -> None:
    loaded = ours()
    after_surplus, retrieved = await senders_after_surplus()
    three = (Candidate("faq-27", 0.6), Candidate("out_of_scope", 0.3), Candidate("faq-33", 0.1))
    seen = {
        "python": list(sys.version_info[:2]),
        "ours": loaded,
        "read": {typed: UserMessage(as_text(typed)).text or "" for typed in TYPED},
        "statuses": {
            given: await status(given) for given in ("", "Bearer wrong", "Bearer ", "secret", "Bearer secret")
        },
        "without_token": without_token(),
        "sample": fields(
            sample_of(
                Message({"text": "bis wann antrag", "intent": "faq", "intent_response_key": "faq/faq-27.hurried"})
            )
        ),
        "small_talk_sample": fields(sample_of(Message({"text": "hallo", "intent": "smalltalk"}))),
        "message": annotated(Ranking(three, 0.8)),
        "empty_message": annotated(Ranking((), 0.0)),
        "after_old": await senders_after_old(),
        "after_surplus": after_surplus,
        "retrieved": retrieved,
    }
    ranking = train_tiny_ranker().rank("bis wann muss der antrag da sein")
    seen["ranked"] = [[candidate.label, candidate.score] for candidate in ranking.candidates]
    print(json.dumps(seen))


asyncio.run(main())
