"""What a person can have done about cases, absences and their own data: typed, whether it was typed or tapped."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Operation(BaseModel):
    """One thing to do. What is None is asked for."""

    model_config = ConfigDict(frozen=True)


class CaseOperation(Operation):
    """About one case; `number` is normalised, or None where none was said."""

    number: str | None = None


class OpenCase(CaseOperation):
    do: Literal["open_case"] = "open_case"
    form: str | None = None
    signed_on: date | None = None
    started_on: date | None = None


class AskConsentDay(OpenCase):
    """It was signed, but not today."""

    do: Literal["ask_consent_day"] = "ask_consent_day"  # type: ignore[assignment]


class DeclineConsent(CaseOperation):
    do: Literal["decline_consent"] = "decline_consent"


class ListCases(Operation):
    do: Literal["list_cases"] = "list_cases"
    closed: bool = False


class ShowCase(CaseOperation):
    do: Literal["show_case"] = "show_case"


class CloseCase(CaseOperation):
    do: Literal["close_case"] = "close_case"


class ReopenCase(CaseOperation):
    do: Literal["reopen_case"] = "reopen_case"


class ChangeForm(CaseOperation):
    do: Literal["change_form"] = "change_form"
    form: str | None = None


class TakeOver(CaseOperation):
    do: Literal["take_over"] = "take_over"


class HandOver(CaseOperation):
    do: Literal["hand_over"] = "hand_over"
    to: str | None = None


class AddDeputy(CaseOperation):
    do: Literal["add_deputy"] = "add_deputy"
    deputy: str | None = None


class ShowConsent(CaseOperation):
    do: Literal["show_consent"] = "show_consent"


class AskWithdraw(CaseOperation):
    do: Literal["ask_withdraw"] = "ask_withdraw"


class Withdraw(CaseOperation):
    do: Literal["withdraw"] = "withdraw"


class SetAbsence(Operation):
    do: Literal["set_absence"] = "set_absence"
    first_day: date | None = None
    last_day: date | None = None
    deputy: str | None = None


class EndAbsence(Operation):
    do: Literal["end_absence"] = "end_absence"


class ShowAbsence(Operation):
    do: Literal["show_absence"] = "show_absence"


class ShowMyData(Operation):
    do: Literal["show_my_data"] = "show_my_data"


class ExportMyData(Operation):
    do: Literal["export_my_data"] = "export_my_data"


class AskEraseMe(Operation):
    do: Literal["ask_erase_me"] = "ask_erase_me"


class EraseMe(Operation):
    do: Literal["erase_me"] = "erase_me"


class Leave(Operation):
    """A question is answered with "no": nothing is done."""

    do: Literal["leave"] = "leave"


AnyOperation = Annotated[
    OpenCase
    | AskConsentDay
    | DeclineConsent
    | ListCases
    | ShowCase
    | CloseCase
    | ReopenCase
    | ChangeForm
    | TakeOver
    | HandOver
    | AddDeputy
    | ShowConsent
    | AskWithdraw
    | Withdraw
    | SetAbsence
    | EndAbsence
    | ShowAbsence
    | ShowMyData
    | ExportMyData
    | AskEraseMe
    | EraseMe
    | Leave,
    Field(discriminator="do"),
]


class Choice(BaseModel):
    """A button and what a tap on it does."""

    model_config = ConfigDict(frozen=True)
    label: str
    then: AnyOperation


class Said(BaseModel):
    """The reply to an operation, as plain data: it may travel through Rasa.

    `awaits` is completed by the next message; `numbers` are the cases it speaks of, so that the chat is cleaned up
    later; `cites` is the entry that says why; `forgotten`: a case was forgotten, so Rasa's trackers go too; `file`
    names what the front end renders.
    """

    model_config = ConfigDict(frozen=True)
    title: str = ""
    text: str
    cites: str | None = None
    rows: list[list[Choice]] = []
    awaits: AnyOperation | None = None
    numbers: list[str] = []
    forgotten: bool = False
    file: Literal["my_data"] | None = None
