"""From what was typed, and the intent behind it, to an operation: one place for every task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from actions.case_requests import CaseRequests, case_requests
from actions.operations import AnyOperation, Said, ShowMyData, TellTalk
from actions.practice import Practice
from actions.settling import Settler, load_settler
from actions.talk_requests import TalkRequests, talk_requests
from nlu.readers.case_numbers import CaseNumberReader


@dataclass(frozen=True)
class Requests:
    """Made once; safe to share."""

    practice: Practice
    cases: CaseRequests
    talks: TalkRequests
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
        return self.cases.complete(awaited, text, aliases=aliases, now=now)


def requests_of(practice: Practice) -> Requests:
    cases = case_requests(practice.casework)
    talks = talk_requests(practice, cases.numbers)
    return Requests(practice, cases, talks, load_settler(cases.numbers, talks.reader))
