"""Settles what a message asks for, where the ranking alone is not sure: by what the readers find in it.

A message with a case number, a duration and a channel tells of a talk, whatever its words resemble; one with a coming
day and "WV" wants a reminder. Only neighbouring intents are settled; a rule question that is ranked surely stays one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from knowledge.decide import ANSWER_FROM
from knowledge.load import NO_ANSWER_LABEL, load_yaml, parse
from knowledge.models import Curated
from knowledge.ranking import NOT_A_QUESTION, SMALL_TALK, Ranking
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.consultation import ConsultationReader
from nlu.readers.folding import fold
from nlu.readers.reminder import read_reminder

FILE = Path(__file__).parents[1] / "knowledge" / "cues.yml"
LOG, REMIND = "log_consultation", "set_reminder"
ABOUT_CASES = frozenset({"case", "consent", "referral", "check_25a_25b"})
NEAR_ENOUGH = 0.25
"""Share of the best score from which a reminder comes into question beside a refusal."""


class Cues(Curated):
    """Words that tell tasks apart."""

    remind: list[str]
    change: list[str]


class Evidence(NamedTuple):
    """What the readers find. `told` counts what is said of a talk, `firm` whether how long and how; `ahead`: a day or a
    repetition to come and none that passed."""

    case: bool
    told: int
    firm: int
    topics: bool
    dated: bool
    follow_up: bool
    ahead: bool
    remind: bool
    change: bool


@dataclass(frozen=True)
class Settler:
    """Made once; safe to share."""

    cues: Cues
    numbers: CaseNumberReader
    reader: ConsultationReader

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        return words(self.cues.remind), words(self.cues.change)

    def settle(self, ranking: Ranking, text: str, now: datetime) -> str:
        """The label of the message: the ranking's first, or the task its parts speak for. `now` is aware."""
        top = ranking.candidates[0].label if ranking.candidates else NO_ANSWER_LABEL
        sure_question = top not in NOT_A_QUESTION and ranking.confidence >= ANSWER_FROM
        if sure_question or top in SMALL_TALK:
            return top
        found = self.evidence(text, now)
        if top == NO_ANSWER_LABEL or top not in NOT_A_QUESTION:
            scores = {candidate.label: candidate.score for candidate in ranking.candidates}
            near = scores.get(REMIND, 0.0) >= NEAR_ENOUGH * ranking.candidates[0].score if ranking.candidates else False
            return task_of(found, reminder_near=near) or top
        return moved(top, found)

    def evidence(self, text: str, now: datetime) -> Evidence:
        slots, reminder = self.reader.read(text, now), read_reminder(text, now, self.numbers)
        remind, change = self.patterns
        folded = " ".join(fold(text).text.split())
        firm = bool(slots.duration_min) + bool(slots.channel)
        return Evidence(
            case=bool(slots.cases),
            told=firm + bool(slots.date) + bool(slots.topics) + bool(slots.referral),
            firm=firm,
            topics=bool(slots.topics),
            dated=bool(slots.date),
            follow_up=bool(slots.follow_up),
            ahead=bool(reminder.due or reminder.repeat) and not slots.date,
            remind=bool(remind.search(folded)),
            change=bool(change.search(folded)),
        )


def task_of(found: Evidence, *, reminder_near: bool) -> str | None:
    """The task a message without a sure intent speaks for, if it speaks for one."""
    if found.remind and found.ahead:
        return REMIND
    if found.case and found.firm and found.told >= 2 and not (found.ahead and found.firm < 2):
        return LOG
    if found.firm == 2 and found.topics:
        return LOG
    if found.ahead and found.case:
        return REMIND
    if found.case and found.told >= 2:
        return LOG
    if (found.case and found.remind) or (found.ahead and reminder_near):
        return REMIND
    return None


def moved(top: str, found: Evidence) -> str:
    """A task, or the neighbour of it that the parts of the message speak for."""
    if top == REMIND and not found.remind:
        told = found.firm == 2 or (found.dated and found.firm) or (found.follow_up and found.firm and found.topics)
        return LOG if told else top
    if top == "edit_entry":
        return LOG if not found.change and found.case and found.firm and found.told >= 2 else top
    if top in ABOUT_CASES:
        return LOG if found.case and found.firm and found.told >= 2 else top
    if top == LOG and found.ahead and ((found.remind and found.firm == 0) or found.told == 0):
        return REMIND
    return top


def words(listed: Sequence[str]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in listed)
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)")


def load_settler(numbers: CaseNumberReader, reader: ConsultationReader) -> Settler:
    """Raises `KnowledgeError` naming what is wrong with the words."""
    return Settler(parse(Cues, load_yaml(FILE), FILE), numbers, reader)
