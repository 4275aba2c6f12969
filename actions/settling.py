"""Settles what a message asks for, where the ranking alone is not sure: by what the readers find in it.

A message with a case number, a duration and a channel tells of a talk, whatever its words resemble; one with a coming
day and "WV" wants a reminder. Only neighbouring intents are settled; a rule question that is ranked surely stays one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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
from nlu.readers.dates import find_due
from nlu.readers.folding import fold
from nlu.readers.reminder import read_reminder
from nlu.readers.repeats import find_repeat
from nlu.readers.vocabulary import mend_time

FILE = Path(__file__).parents[1] / "knowledge" / "cues.yml"
LOG, REMIND = "log_consultation", "set_reminder"
ABOUT_CASES = frozenset({"case", "consent", "referral", "check_25a_25b"})
NEAR_ENOUGH = 0.25
"""Share of the best score from which another task comes into question beside a refusal."""
NEAR_WHEN_LED = 0.1
"""The same for a reminder where the message begins with when it is due."""
LEAD = re.compile(r"(?:(?:bitte|ab|am|an|zum|im|in|den|der|dann|noch|naechste\w*|spaetestens|immer)[ :]+)*")
ASKS = re.compile(
    r"\?|\b(?:was|wann|wieso|warum|welche\w*|wer|wem|wie ?viele?|hab ich|habe ich|haben wir|gibt es|gibts|steht|stehen|"
    r"zeig\w*|liste)\b"
)
"""Whoever asks or wants to see something sets no reminder."""


class Cues(Curated):
    """Words that tell tasks apart."""

    remind: list[str]
    change: list[str]
    order: list[str]


class Evidence(NamedTuple):
    """What the readers find. `told` counts what is said of a talk, `firm` whether how long and how; `ahead`: a day or a
    repetition to come and none that passed; `led`: the message begins with it and asks nothing."""

    case: bool
    told: int
    firm: int
    topics: bool
    dated: bool
    follow_up: bool
    ahead: bool
    repeats: bool
    led: bool
    asked: bool
    remind: bool
    change: bool
    order: bool


@dataclass(frozen=True)
class Settler:
    """Made once; safe to share."""

    cues: Cues
    numbers: CaseNumberReader
    reader: ConsultationReader

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        return words(self.cues.remind), words(self.cues.change), words(self.cues.order)

    def settle(self, ranking: Ranking, text: str, now: datetime) -> str:
        """The label of the message: the ranking's first, or the task its parts speak for. `now` is aware."""
        top = ranking.candidates[0].label if ranking.candidates else NO_ANSWER_LABEL
        if top in SMALL_TALK:
            return top
        found, near = self.evidence(text, now), nearness(ranking)
        refused = top == NO_ANSWER_LABEL
        if top in NOT_A_QUESTION and not refused:
            return moved(top, found)
        if not refused and ranking.confidence >= ANSWER_FROM:
            told = found.ahead and found.remind and not found.asked
            return REMIND if told or (found.led and near(REMIND) >= NEAR_ENOUGH) else top
        return top if refused and found.order else task_of(found, near) or top

    def evidence(self, text: str, now: datetime) -> Evidence:
        slots, reminder = self.reader.read(text, now), read_reminder(text, now, self.numbers)
        remind, change, order = self.patterns
        folded = " ".join(fold(text).text.split())
        firm = bool(slots.duration_min) + bool(slots.channel)
        coming = bool(reminder.due or reminder.repeat)
        ahead = bool(reminder.repeat) or (coming and not slots.date)
        asked = bool(ASKS.search(folded))
        return Evidence(
            case=bool(slots.cases),
            told=firm + bool(slots.date) + bool(slots.topics) + bool(slots.referral),
            firm=firm,
            topics=bool(slots.topics),
            dated=bool(slots.date),
            follow_up=bool(slots.follow_up),
            ahead=ahead,
            repeats=bool(reminder.repeat),
            led=coming and not (slots.date and firm) and not asked and begins_with_when(text, now),
            asked=asked,
            remind=bool(remind.search(folded)),
            change=bool(change.search(folded)),
            order=bool(order.search(folded)),
        )


def nearness(ranking: Ranking) -> Callable[[str], float]:
    """How near the score of a label comes to the best one, between 0 and 1."""
    scores = {candidate.label: candidate.score for candidate in ranking.candidates}
    best = max(scores.values(), default=0.0) or 1.0
    return lambda label: scores.get(label, 0.0) / best


def begins_with_when(text: str, now: datetime) -> bool:
    folded = fold(text, mend_time)
    due, repeat = find_due(folded, now), find_repeat(folded)
    starts = [*(start for start, _ in (due.spans if due else ())), *([repeat.span[0]] if repeat else [])]
    return bool(starts) and LEAD.fullmatch(folded.text[: min(starts)]) is not None


def task_of(found: Evidence, near: Callable[[str], float]) -> str | None:
    """The task a message without a sure intent speaks for, if it speaks for one."""
    if found.remind and found.ahead:
        return REMIND
    if found.led and not found.firm and near(REMIND) >= NEAR_WHEN_LED:
        return REMIND
    if found.case and found.firm and found.told >= 2 and not (found.ahead and found.firm < 2):
        return LOG
    if found.firm == 2 and found.topics:
        return LOG
    if found.ahead and found.case:
        return REMIND
    if found.case and found.told >= 2:
        return LOG
    if (found.case and found.remind) or (found.ahead and near(REMIND) >= NEAR_ENOUGH):
        return REMIND
    return REMIND if found.led and near(REMIND) >= NEAR_WHEN_LED else None


def moved(top: str, found: Evidence) -> str:
    """A task, or the neighbour of it that the parts of the message speak for."""
    if top == REMIND:
        met = found.follow_up and found.case and found.topics and found.firm == 2
        told = found.firm == 2 or (found.dated and found.firm) or (found.follow_up and found.firm and found.topics)
        return LOG if (met or (told and not found.remind)) and not found.led else top
    if top == "edit_entry":
        return LOG if not found.change and found.case and found.firm and found.told >= 2 else top
    if top in ABOUT_CASES:
        return LOG if found.case and found.firm and found.told >= 2 else top
    untold = not found.told and not found.follow_up
    planned = found.led and (found.repeats or not found.firm)
    if top == LOG and found.ahead and (untold or planned or (found.remind and not found.firm)):
        return REMIND
    return top


def words(listed: Sequence[str]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in listed)
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)")


def load_settler(numbers: CaseNumberReader, reader: ConsultationReader) -> Settler:
    """Raises `KnowledgeError` naming what is wrong with the words."""
    return Settler(parse(Cues, load_yaml(FILE), FILE), numbers, reader)
