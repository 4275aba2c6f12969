"""From what was typed about cases and absences to an operation, or to the question that is still open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from actions.operations import (
    AddDeputy,
    AnyOperation,
    AskWithdraw,
    CaseOperation,
    ChangeForm,
    Choice,
    CloseCase,
    DeclineConsent,
    EndAbsence,
    HandOver,
    ListCases,
    OpenCase,
    ReopenCase,
    Said,
    SetAbsence,
    ShowAbsence,
    ShowCase,
    ShowConsent,
    TakeOver,
)
from knowledge.casework import Casework
from nlu.readers.case_commands import CaseCommand, CaseCommandReader, read_aliases, read_form
from nlu.readers.case_numbers import CaseNumberReader, Doubtful
from nlu.readers.dates import read_past_day, read_period
from nlu.readers.folding import fold
from nlu.readers.results import Day, InFuture, Period

NOT_UNDERSTOOD = (
    "Das habe ich nicht verstanden. Zum Beispiel: „Fall anlegen {example}“, „meine Fälle“, „Fall {example} schließen“."
)

SIGNED = re.compile(
    r"\b(?:einwillig|eingewilligt|einverstand|einverstaendnis|zustimm|zugestimmt|unterschr|unterzeich|signier)"
)
DENIED = re.compile(r"\b(?:nein|nicht|nie|kein\w*|ohne|fehlt|fehlen|verweiger\w*|widerruf\w*)\b")
"""Whoever says that there is no consent is never taken to say when it was given."""
CLAUSE_ENDS = re.compile(r"[,;!\n]|\.(?=\s+[^\W\d])|\bund\b|\baber\b")


@dataclass(frozen=True)
class CaseRequests:
    """Reads requests with a municipality's patterns and words. Made once; safe to share."""

    casework: Casework
    numbers: CaseNumberReader
    commands: CaseCommandReader

    def read(self, text: str, *, aliases: Sequence[str], now: datetime) -> AnyOperation | Said:
        """The operation a message asks for, or what has to be asked first. `now` is when it was written (aware)."""
        numbers = self.numbers.numbers(text)
        doubtful = [] if numbers else self.numbers.doubtful(text)
        command = self.commands.read(text, case_named=bool(numbers or doubtful), aliases=aliases)
        if command is None:
            return Said(text=NOT_UNDERSTOOD.format(example=self.casework.case_numbers[-1].example))
        operation = operation_of(command, numbers[0] if len(numbers) == 1 else None, text, now)
        if not isinstance(operation, CaseOperation) or len(numbers) == 1:
            return operation
        if len(numbers) > 1:
            rows = [[Choice(label=number, then=with_number(operation, number))] for number in numbers]
            return Said(text="Bitte einen Fall nach dem anderen. Welcher ist gemeint?", rows=rows, numbers=numbers)
        asked = meant_instead(operation, doubtful)
        if asked is not None:
            return asked
        slip = "Diese Fallnummer hat nicht die richtige Form. " if doubtful else ""
        return Said(text=f"{slip}Wie lautet die Fallnummer? Zum Beispiel {self.casework.examples}.", awaits=operation)

    def complete(
        self, awaited: AnyOperation, text: str, *, aliases: Sequence[str], now: datetime
    ) -> AnyOperation | Said | None:
        """The awaited operation with what this message adds, or what is wrong with it; None if it adds nothing: also a
        message that names another case, or a question in between, is about something else."""
        found: dict[str, object] = {}
        if isinstance(awaited, CaseOperation) and awaited.number:
            if "?" in text or set(self.numbers.numbers(text)) - {awaited.number}:
                return None
            if isinstance(awaited, OpenCase) and awaited.signed_on is None and DENIED.search(fold(text).text):
                return DeclineConsent(number=awaited.number)
        if isinstance(awaited, CaseOperation) and awaited.number is None:
            numbers = self.numbers.numbers(text if not text.strip().isdecimal() else f"Fall {text}")
            asked = None if numbers else meant_instead(awaited, self.numbers.doubtful(text))
            if asked is not None:
                return asked
            found |= {"number": numbers[0]} if len(numbers) == 1 else {}
        if isinstance(awaited, OpenCase) and awaited.number and awaited.signed_on is None:
            day = read_past_day(text, now)
            if isinstance(day, Day):
                found["signed_on"] = day.day
            elif day is not None:
                future = isinstance(day, InFuture)
                why = "liegt in der Zukunft" if future else "gibt es nicht oder ist nicht eindeutig"
                return Said(
                    text=f"Dieses Datum {why}. Wann wurde unterschrieben? Zum Beispiel „gestern“ oder „12.03.2026“.",
                    awaits=awaited,
                    numbers=[awaited.number],
                )
        if isinstance(awaited, OpenCase | ChangeForm) and awaited.form is None:
            form = read_form(fold(text).text, self.casework.counselling_forms)
            found |= {"form": form} if form else {}
        named = read_aliases(fold(text).text, aliases)
        if len(named) == 1:
            found |= {"to": named[0]} if isinstance(awaited, HandOver) else {}
            found |= {"deputy": named[0]} if isinstance(awaited, AddDeputy | SetAbsence) else {}
        if isinstance(awaited, SetAbsence) and awaited.first_day is None:
            period = read_period(text, now)
            if isinstance(period, Period):
                found |= {"first_day": period.first, "last_day": period.last or period.first}
        return awaited.model_copy(update=found) if found else None


def operation_of(command: CaseCommand, number: str | None, text: str, now: datetime) -> AnyOperation:
    """The typed form of a command; `number` is None where none or several were named, and so are colleagues."""
    alias = command.aliases[0] if len(command.aliases) == 1 else None
    match command.verb:
        case "open" | "consent_given" | "consent_shown":
            day = day_signed(text, now)
            if command.verb == "consent_shown" and day is None:
                return ShowConsent(number=number)
            return OpenCase(number=number, form=command.form, signed_on=day)
        case "list" | "list_closed":
            return ListCases(closed=command.verb == "list_closed")
        case "show":
            return ShowCase(number=number)
        case "close":
            return CloseCase(number=number)
        case "reopen":
            return ReopenCase(number=number)
        case "change_form":
            return ChangeForm(number=number, form=command.form)
        case "take_over":
            return TakeOver(number=number)
        case "hand_over":
            return HandOver(number=number, to=alias)
        case "add_deputy":
            return AddDeputy(number=number, deputy=alias)
        case "consent_withdrawn":
            return AskWithdraw(number=number)
        case "absent":
            period = read_period(text, now)
            if isinstance(period, Period):
                return SetAbsence(first_day=period.first, last_day=period.last or period.first, deputy=alias)
            return SetAbsence(deputy=alias)
        case "back":
            return EndAbsence()
        case "absence_shown":
            return ShowAbsence()


def day_signed(text: str, now: datetime) -> date | None:
    """The day on which a message says the consent was signed; none where it denies or asks it, or dates something
    else."""
    said = [clause for clause in CLAUSE_ENDS.split(fold(text).text) if SIGNED.search(clause)]
    if len(said) != 1 or DENIED.search(said[0]) or "?" in text:
        return None
    signed = read_past_day(said[0], now)
    return signed.day if isinstance(signed, Day) else None


def meant_instead(operation: AnyOperation, doubtful: Sequence[Doubtful]) -> Said | None:
    """Asks back for the number that a mistyped one probably stands for; none if none can be told."""
    meant = [found.meant for found in doubtful if found.meant]
    rows = [[Choice(label=f"Ja, {number}", then=with_number(operation, number))] for number in meant]
    text = f"Meinten Sie {' oder '.join(meant)}?"
    return Said(text=text, rows=rows, awaits=operation, numbers=meant) if meant else None


def with_number(operation: AnyOperation, number: str) -> AnyOperation:
    return operation.model_copy(update={"number": number})


def case_requests(casework: Casework) -> CaseRequests:
    return CaseRequests(
        casework, CaseNumberReader(casework.case_numbers, casework.case_words), CaseCommandReader(casework)
    )
