"""What a person can have done about cases, absences and their own data: typed, whether it was typed or tapped."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.needs import Channel


class Operation(BaseModel):
    """One thing to do. What is None is asked for."""

    model_config = ConfigDict(frozen=True)


TalkField = Literal[
    "number", "day", "duration_min", "channel", "topics", "note", "next_steps", "referral", "gap", "follow_up"
]


class TalkDraft(BaseModel):
    """A talk as far as it was told. `entry_id` becomes the entry's; `saved`: it changes an entry that is there.

    `asked` is the field that is asked for now, `passed` what was answered or skipped, in order, so that "zurück" works.
    `summed_up`: the summary was shown.
    """

    model_config = ConfigDict(frozen=True)
    entry_id: str
    number: str | None = None
    day: date | None = None
    duration_min: int | None = None
    channel: Channel | None = None
    topics: tuple[str, ...] = ()
    note: str | None = None
    next_steps: str | None = None
    referral: str | None = None
    gap: str | None = None
    follow_up: date | None = None
    asked: TalkField | None = None
    passed: tuple[TalkField, ...] = ()
    summed_up: bool = False
    saved: bool = False


class CaseOperation(Operation):
    """About one case; `number` is normalised, or None where none was said."""

    number: str | None = None


class OpenCase(CaseOperation):
    """`talk` is what was told before the case was there: it goes on once it is."""

    do: Literal["open_case"] = "open_case"
    form: str | None = None
    signed_on: date | None = None
    started_on: date | None = None
    talk: TalkDraft | None = None


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


class RemoveDeputy(CaseOperation):
    do: Literal["remove_deputy"] = "remove_deputy"
    deputy: str


class ShowConsent(CaseOperation):
    do: Literal["show_consent"] = "show_consent"


class AskWithdraw(CaseOperation):
    do: Literal["ask_withdraw"] = "ask_withdraw"


class Withdraw(CaseOperation):
    do: Literal["withdraw"] = "withdraw"


class TalkOperation(CaseOperation):
    """About a talk that is being told; `number` is its case, as far as it was said."""


class TellTalk(TalkOperation):
    """Begin, or go on with, telling a talk: the draft as it stands, and what was wrong with the last answer.

    `again`: the field asked for has an answer already and is asked once more ("zurück").
    """

    do: Literal["tell_talk"] = "tell_talk"
    draft: TalkDraft
    problem: str = ""
    again: bool = False
    paused: bool = False


class AnswerTalk(TalkOperation):
    """A field of the draft is answered by a tap; None leaves it as it is, an empty text empties it."""

    do: Literal["answer_talk"] = "answer_talk"
    entry_id: str
    field: TalkField
    value: str | int | None = None


class ToggleNeed(TalkOperation):
    do: Literal["toggle_need"] = "toggle_need"
    entry_id: str
    need: str


class AskTalk(TalkOperation):
    """Ask for a field of the draft (again)."""

    do: Literal["ask_talk"] = "ask_talk"
    entry_id: str
    field: TalkField


class ChangeTalk(TalkOperation):
    """Show which fields of the draft can be changed."""

    do: Literal["change_talk"] = "change_talk"
    entry_id: str


class SaveTalk(TalkOperation):
    do: Literal["save_talk"] = "save_talk"
    entry_id: str
    anyway: bool = False


class DropTalk(TalkOperation):
    do: Literal["drop_talk"] = "drop_talk"
    entry_id: str


class ResumeTalk(TalkOperation):
    """Go on with a draft as it stands by now; `told` is where to begin if there is none."""

    do: Literal["resume_talk"] = "resume_talk"
    entry_id: str
    told: TalkDraft | None = None


class EntryOperation(Operation):
    """About a saved entry; without `entry_id` the newest one is meant, or the newest of the case `number`."""

    entry_id: str | None = None
    number: str | None = None


class ShowTalks(Operation):
    do: Literal["show_talks"] = "show_talks"


class ShowTalk(EntryOperation):
    do: Literal["show_talk"] = "show_talk"


class EditTalk(EntryOperation):
    """Change a saved entry; `changes` is what the message says of it already, `asks` the field to ask for at once."""

    do: Literal["edit_talk"] = "edit_talk"
    changes: TalkDraft | None = None
    asks: TalkField | None = None


class AskDeleteTalk(EntryOperation):
    do: Literal["ask_delete_talk"] = "ask_delete_talk"


class DeleteTalk(EntryOperation):
    do: Literal["delete_talk"] = "delete_talk"


class UndoTalk(EntryOperation):
    do: Literal["undo_talk"] = "undo_talk"


class ListPending(Operation):
    do: Literal["list_pending"] = "list_pending"


class MarkTransferred(Operation):
    do: Literal["mark_transferred"] = "mark_transferred"
    entry_ids: tuple[str, ...]


class UnmarkTransferred(Operation):
    do: Literal["unmark_transferred"] = "unmark_transferred"
    entry_ids: tuple[str, ...]


class ExportTalks(Operation):
    do: Literal["export_talks"] = "export_talks"
    pending_only: bool = True


class ShowCaseload(Operation):
    do: Literal["show_caseload"] = "show_caseload"


class ShareCaseload(Operation):
    do: Literal["share_caseload"] = "share_caseload"
    shared: bool


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
    | RemoveDeputy
    | ShowConsent
    | AskWithdraw
    | Withdraw
    | TellTalk
    | AnswerTalk
    | ToggleNeed
    | AskTalk
    | ChangeTalk
    | SaveTalk
    | DropTalk
    | ResumeTalk
    | ShowTalks
    | ShowTalk
    | EditTalk
    | AskDeleteTalk
    | DeleteTalk
    | UndoTalk
    | ListPending
    | MarkTransferred
    | UnmarkTransferred
    | ExportTalks
    | ShowCaseload
    | ShareCaseload
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


FileId = Literal["my_data", "talks_xlsx", "talks_csv", "all_talks_xlsx", "all_talks_csv", "counts_xlsx", "caseload_png"]


class Choice(BaseModel):
    """A button and what a tap on it does."""

    model_config = ConfigDict(frozen=True)
    label: str
    then: AnyOperation


class Said(BaseModel):
    """The reply to an operation, as plain data: it may travel through Rasa.

    `awaits` is completed by the next message. `numbers` are the cases it speaks of, so that the chat is cleaned up
    later; `about_cases`: some stand only in its files. `cites` are the entries that say why. `forgotten`: a case was
    forgotten, so Rasa's trackers go too. `files` names what the front end renders. `in_place`: shown in place of the
    message whose button was tapped. `then` is done next, and its reply shown below this one.
    """

    model_config = ConfigDict(frozen=True)
    title: str = ""
    text: str
    cites: list[str] = []
    rows: list[list[Choice]] = []
    awaits: AnyOperation | None = None
    numbers: list[str] = []
    about_cases: bool = False
    forgotten: bool = False
    files: list[FileId] = []
    in_place: bool = False
    then: AnyOperation | None = None
