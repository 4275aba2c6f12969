"""What a person can have done: typed, whether it was typed or tapped."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from actions.store.models import ReminderKind, Shows
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


class ReminderDraft(BaseModel):
    """A reminder as far as it was told; days and times are local and as said. `entry_id` becomes the reminder's."""

    model_config = ConfigDict(frozen=True)
    entry_id: str
    number: str | None = None
    subject: str | None = None
    day: date | None = None
    clock: time | None = None
    repeat: str | None = None
    kind: ReminderKind = ReminderKind.REMINDER
    named: bool = False
    kept: bool = False


class CaseOperation(Operation):
    """About one case; `number` is normalised, or None where none was said."""

    number: str | None = None


class OpenCase(CaseOperation):
    """`talk` or `reminder` is what was told before the case was there: it goes on once it is."""

    do: Literal["open_case"] = "open_case"
    form: str | None = None
    signed_on: date | None = None
    started_on: date | None = None
    talk: TalkDraft | None = None
    reminder: ReminderDraft | None = None


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
    """About a saved entry; without `entry_id` the newest one is meant, of the case `number` and of a talk on `day`
    (local) if these were said."""

    entry_id: str | None = None
    number: str | None = None
    day: date | None = None


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


class ReminderOperation(CaseOperation):
    """About a reminder; `number` is its case, or None where it is about none."""


class SetReminder(ReminderOperation):
    """Keep it once nothing is missing; `asked` is what is asked for now, `options` days that may be meant, and
    `problem` what was wrong with the last answer."""

    do: Literal["set_reminder"] = "set_reminder"
    draft: ReminderDraft
    asked: Literal["when", "clock", "subject"] | None = None
    options: tuple[date, ...] = ()
    problem: str = ""


class SetReminders(Operation):
    """Several that one message asked for, each complete; `left` more were too many at once."""

    do: Literal["set_reminders"] = "set_reminders"
    drafts: tuple[ReminderDraft, ...]
    left: int = 0


class OneReminder(ReminderOperation):
    """About one that is kept."""

    entry_id: str


class ShowReminder(OneReminder):
    do: Literal["show_reminder"] = "show_reminder"


class Move(BaseModel):
    """To another day or time, or `later` by so many months and days (both may be negative) than it was."""

    model_config = ConfigDict(frozen=True)
    day: date | None = None
    clock: time | None = None
    later: tuple[int, int] | None = None
    named: bool = True


class MoveReminder(OneReminder):
    """Without `to` it is asked for. Of a repetition, this time only or from now on (`series`), which is asked too."""

    do: Literal["move_reminder"] = "move_reminder"
    to: Move | None = None
    series: bool | None = None
    problem: str = ""


class RenameReminder(OneReminder):
    do: Literal["rename_reminder"] = "rename_reminder"
    subject: str | None = None


class KeepDay(OneReminder):
    """Not on the working day before, but on the day that was said."""

    do: Literal["keep_day"] = "keep_day"


class DeleteReminder(OneReminder):
    do: Literal["delete_reminder"] = "delete_reminder"


class RestoreReminder(OneReminder):
    do: Literal["restore_reminder"] = "restore_reminder"


class NudgeOperation(OneReminder):
    """About what was sent: the occurrence of this number."""

    occurrence: int


class ShowNudge(NudgeOperation):
    """All of it, with its subject."""

    do: Literal["show_nudge"] = "show_nudge"


class Acknowledge(NudgeOperation):
    do: Literal["acknowledge"] = "acknowledge"


class ReopenNudge(NudgeOperation):
    """It is not done after all."""

    do: Literal["reopen_nudge"] = "reopen_nudge"


class Snooze(NudgeOperation):
    do: Literal["snooze"] = "snooze"
    until: Literal["hour", "morning", "week"]


class AcknowledgeAll(Operation):
    do: Literal["acknowledge_all"] = "acknowledge_all"
    occurrences: tuple[int, ...]


class ReopenAll(Operation):
    """They are not done after all."""

    do: Literal["reopen_all"] = "reopen_all"
    occurrences: tuple[int, ...]


class FinishReminder(OneReminder):
    """Done with for good: no further nudge before the day it is about."""

    do: Literal["finish_reminder"] = "finish_reminder"


class ListReminders(Operation):
    """What is open, from the `start`th on."""

    do: Literal["list_reminders"] = "list_reminders"
    start: int = 0


class FindReminder(Operation):
    """The one whose subject has these words or whose case is `number`, to be shown, moved or deleted."""

    do: Literal["find_reminder"] = "find_reminder"
    words: str = ""
    number: str | None = None
    then: Literal["show", "move", "delete"] = "show"
    to: Move | None = None
    problem: str = ""


class SetPermit(ReminderOperation):
    """Be reminded before a permit under § 104c AufenthG ends; `end` is the last day, or the first of the month if only
    that is known (`month_only`)."""

    do: Literal["set_permit"] = "set_permit"
    end: date | None = None
    month_only: bool = False


class ShowDeadlines(Operation):
    """The programme's deadlines to come; of one Baustein if it is given."""

    do: Literal["show_deadlines"] = "show_deadlines"
    baustein: int | None = None


class ShowDeadline(Operation):
    """One of them: what is to be done, and whether the person is nudged."""

    do: Literal["show_deadline"] = "show_deadline"
    key: str


class SubscribeDeadline(Operation):
    do: Literal["subscribe_deadline"] = "subscribe_deadline"
    key: str
    wanted: bool


class SendCalendar(Operation):
    """Deadlines and own reminders as a file for the calendar."""

    do: Literal["send_calendar"] = "send_calendar"


class ShowPreferences(Operation):
    do: Literal["show_preferences"] = "show_preferences"


class ChooseShown(Operation):
    do: Literal["choose_shown"] = "choose_shown"
    shows: Shows


class ChooseHours(Operation):
    """Working days (Monday is 0) and local times; what is None stays."""

    do: Literal["choose_hours"] = "choose_hours"
    toggled: int | None = None
    starts: time | None = None
    ends: time | None = None


class ChooseLeads(Operation):
    """How many days before a deadline nudges are sent; one of them taken in or out."""

    do: Literal["choose_leads"] = "choose_leads"
    toggled: int | None = None


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
    | SetReminder
    | SetReminders
    | ShowReminder
    | MoveReminder
    | RenameReminder
    | KeepDay
    | DeleteReminder
    | RestoreReminder
    | ShowNudge
    | Acknowledge
    | ReopenNudge
    | Snooze
    | AcknowledgeAll
    | ReopenAll
    | FinishReminder
    | ListReminders
    | FindReminder
    | SetPermit
    | ShowDeadlines
    | ShowDeadline
    | SubscribeDeadline
    | SendCalendar
    | ShowPreferences
    | ChooseShown
    | ChooseHours
    | ChooseLeads
    | Leave,
    Field(discriminator="do"),
]


FileId = Literal[
    "my_data",
    "talks_xlsx",
    "talks_csv",
    "all_talks_xlsx",
    "all_talks_csv",
    "counts_xlsx",
    "caseload_png",
    "deadlines_png",
    "calendar_ics",
]


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
