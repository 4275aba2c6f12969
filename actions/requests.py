"""From what was typed, and the intent behind it, to an operation: one place for every task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from actions.case_requests import CaseRequests, case_requests
from actions.operations import AnyOperation, ReminderOperation, Said, ShowDeadlines, ShowMyData, TellTalk
from actions.practice import Practice
from actions.reminder_requests import ReminderRequests
from actions.settling import Settler, load_settler
from actions.talk_requests import TalkRequests, talk_requests
from knowledge.bausteine import read_bausteine
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.folding import fold

BAUSTEINE = (1, 2, 3)


@dataclass(frozen=True)
class Requests:
    """Made once; safe to share."""

    practice: Practice
    cases: CaseRequests
    talks: TalkRequests
    reminders: ReminderRequests
    settler: Settler

    @property
    def numbers(self) -> CaseNumberReader:
        return self.cases.numbers

    def read(self, intent: str, text: str, *, aliases: Sequence[str], now: datetime) -> AnyOperation | Said:
        """The operation a message asks for, or what has to be asked first. `now` is when it was written (aware)."""
        match intent:
            case "my_data":
                return ShowMyData()
            case "log_consultation":
                return self.talks.begin(text, now)
            case "set_reminder":
                return self.reminders.begin(text, now)
            case "list_reminders":
                return self.reminders.listed(text, now)
            case "list_deadlines":
                return ShowDeadlines(baustein=baustein_in(text))
            case "edit_entry" if self.reminders.speaks_of_one(text):
                return self.reminders.listed(text, now)
            case "edit_entry" | "pending" | "export" | "caseload":
                return self.talks.about_entries(intent, text, now)
        return self.cases.read(text, aliases=aliases, now=now)

    def complete(
        self,
        awaited: AnyOperation,
        text: str,
        *,
        aliases: Sequence[str],
        now: datetime,
        is_question: Callable[[str], bool],
    ) -> AnyOperation | Said | None:
        """What a message makes of the operation it was asked to complete; None if it is about something else."""
        if isinstance(awaited, TellTalk):
            return self.talks.answer(awaited, text, now, is_question=is_question)
        if isinstance(awaited, ReminderOperation):
            return None if is_question(text) else self.reminders.answer(awaited, text, now)
        return self.cases.complete(awaited, text, aliases=aliases, now=now)


def baustein_in(text: str) -> int | None:
    """The one Baustein a message names; None for none or several."""
    named = read_bausteine(fold(text).text, dict.fromkeys(BAUSTEINE, ())).named
    return next(iter(named)) if len(named) == 1 else None


def requests_of(practice: Practice) -> Requests:
    cases = case_requests(practice.casework)
    talks = talk_requests(practice, cases.numbers)
    return Requests(practice, cases, talks, ReminderRequests(cases.numbers), load_settler(cases.numbers, talks.reader))
