"""Answers a rule question: its own words first, the question before where it leans on that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from actions.operations import Said
from knowledge.bausteine import NAMED, read_bausteine
from knowledge.decide import ANSWER_FROM, Decision, Scored, decide
from knowledge.load import NO_ANSWER_LABEL, Knowledge
from knowledge.models import Entry
from knowledge.ranking import NOT_A_QUESTION, Ranker, Ranking

LONGEST_FOLLOW_UP = 8
"""Words; what is longer stands by itself."""


class ScoredEntry(BaseModel):
    """An entry shown or offered, with the ranking's score."""

    model_config = ConfigDict(frozen=True)
    id: str
    score: float


class Context(BaseModel):
    """The question before and what was shown for it; travels with the message, so no process has to remember it."""

    model_config = ConfigDict(frozen=True)
    question: str = ""
    entries: list[str] = []


class Answer(BaseModel):
    """What a turn comes to. `question` is what was answered; `base` is what a follow-up would lean on; `said` is the
    reply where something was to be done."""

    model_config = ConfigDict(frozen=True)
    status: Literal["answer", "choices", "no_answer", "other"]
    intent: str = "faq"
    entries: list[ScoredEntry] = []
    question: str = ""
    base: str = ""
    elsewhere: bool = False
    said: Said | None = None


def answer_question(
    *,
    question: str,
    ranking: Ranking,
    context: Context,
    today: date,
    knowledge: Knowledge,
    ranker: Ranker,
    answer_from: float = ANSWER_FROM,
) -> Answer:
    """Decide on one message; `today` is the day in Germany on which it was written.

    A follow-up joins the question before only if it does not look out of scope by itself.
    """
    intent = ranking.candidates[0].label if ranking.candidates else NO_ANSWER_LABEL
    if context.entries and leans_on_context(question, knowledge):
        if asks_other_baustein(question, knowledge):
            return same_question_for(question, context, today, knowledge)
        if ranking.confidence < answer_from and intent not in NOT_A_QUESTION:
            whole = f"{context.question} {question}"
            decision = decide(whole, ranker.rank(whole), knowledge, today, answer_from=answer_from)
            if decision.status != "no_answer":
                return as_answer(decision, whole, "faq", base=context.question)
    decision = decide(question, ranking, knowledge, today, answer_from=answer_from)
    refused = decision.status == "no_answer" and intent == NO_ANSWER_LABEL
    return as_answer(decision, question, NO_ANSWER_LABEL if refused else "faq", base=question)


def leans_on_context(question: str, knowledge: Knowledge) -> bool:
    """Whether a message is short and begins like a follow-up ("und bei …", "gilt das auch …")."""
    normalised = knowledge.normaliser(question)
    begins = any(re.match(rf"{re.escape(start)}\b", normalised) for start in knowledge.vocabulary.follow_ups)
    return begins and len(normalised.split()) <= LONGEST_FOLLOW_UP


def asks_other_baustein(question: str, knowledge: Knowledge) -> bool:
    """Whether nothing but a Baustein (or what belongs to one) is named."""
    normalised = knowledge.normaliser(question)
    if not read_bausteine(normalised, knowledge.vocabulary.bausteine).meant:
        return False
    stems = tuple(stem for stems in knowledge.vocabulary.bausteine.values() for stem in stems)
    left = NAMED.sub(" ", normalised)
    for stem in stems:
        left = re.sub(rf"\b{re.escape(stem)}\w*", " ", left)
    return set(left.split()) <= set(knowledge.vocabulary.filler)


def same_question_for(question: str, context: Context, today: date, knowledge: Knowledge) -> Answer:
    """The question before, for the Baustein named now; where it has no answer there, that is said."""
    meant = read_bausteine(knowledge.normaliser(question), knowledge.vocabulary.bausteine).meant
    known = [entry for entry in context.entries if entry in knowledge.entries]
    candidates: list[str] = []
    for entry in known:
        family = knowledge.family_of.get(entry)
        candidates += family.entries if family else [entry]
    fitting = [
        entry
        for entry in dict.fromkeys(candidates)
        if holds_for(knowledge.entries[entry], meant) and knowledge.entries[entry].valid_on(today)
    ]
    whole = f"{context.question} {question}"
    base = NAMED.sub(" ", context.question)
    if fitting:
        return as_answer(Decision("answer", scored(fitting)), whole, "faq", base=base)
    valid = [entry for entry in known if knowledge.entries[entry].valid_on(today)]
    return as_answer(Decision("no_answer", scored(valid), elsewhere=bool(valid)), whole, "faq", base=base)


def holds_for(entry: Entry, meant: frozenset[int]) -> bool:
    """Whether an entry speaks of one of these Bausteine; a general one speaks of all, one on the law of none."""
    if not entry.bausteine:
        return entry.source.section is None
    return bool(meant & set(entry.bausteine))


def scored(entries: Sequence[str]) -> tuple[Scored, ...]:
    return tuple(Scored(entry, 1.0) for entry in entries)


def as_answer(decision: Decision, question: str, intent: str, *, base: str) -> Answer:
    return Answer(
        status=decision.status,
        intent=intent,
        entries=[ScoredEntry(id=entry.id, score=entry.score) for entry in decision.entries],
        question=question,
        base=base,
        elsewhere=decision.elsewhere,
    )
