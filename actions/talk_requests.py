"""Reads messages about talks: one that tells of a talk, one that answers what was asked, one about saved entries."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from actions.operations import (
    AnyOperation,
    AskDeleteTalk,
    Choice,
    DropTalk,
    EditTalk,
    ExportTalks,
    ListPending,
    ResumeTalk,
    Said,
    SaveTalk,
    ShareCaseload,
    ShowCaseload,
    ShowTalks,
    TalkDraft,
    TalkField,
    TellTalk,
    UndoTalk,
)
from actions.practice import Practice
from knowledge.needs import ReferralTarget
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.consultation import ConsultationReader, ConsultationSlots
from nlu.readers.dates import read_due, read_past_day
from nlu.readers.duration import read_minutes
from nlu.readers.folding import fold
from nlu.readers.results import Ambiguous, Day, Due, Impossible, InFuture, InPast

FREE_TEXT: frozenset[TalkField] = frozenset({"note", "next_steps", "gap"})
OPTIONAL: frozenset[TalkField] = FREE_TEXT | {"referral", "follow_up"}
CLOSED: frozenset[TalkField] = frozenset({"day", "duration_min", "channel", "topics", "referral", "follow_up"})
OTHER_CASE = "[FALL]"
"""Stands for a case number in a free text: what hangs on one case must not tell of another."""
ONE_CASE = "Bitte einen Fall nach dem anderen."
COMMAND_WORDS = frozenset(
    [
        "kurzberatung",
        "beratung",
        "kb",
        "gespraech",
        "talk",
        "eintrag",
        "eintragen",
        "erfassen",
        "anlegen",
        "dokumentieren",
        "loggen",
        "notieren",
        "aufnehmen",
        "aufschreiben",
        "speichern",
        "protokollieren",
        "neu",
        "neue",
        "neuer",
        "neues",
        "bitte",
        "mal",
        "ein",
        "eine",
        "einen",
        "zu",
        "fuer",
        "fall",
        "klient",
        "klientin",
    ]
)
ID_BYTES = 9
SKIP = re.compile(r"(?:ueberspringen|weiter|nein(?: danke)?|nee|noe|so lassen)[.!]?")
NOTHING = re.compile(r"(?:nichts|keine?r?|nix|-+|ohne|entfernen|loeschen)[.!]?")
SAVE = re.compile(r"(?:(?:ja,? ?)?(?:bitte )?(?:trotzdem )?speichern|passt(?: so)?|stimmt(?: so)?)[.!]?")
BACK = re.compile(r"(?:zurueck|eins zurueck|einen schritt zurueck|nochmal zurueck)[.!]?")
PAUSE = re.compile(r"(?:moment(?: mal)?|warte(?: mal)?|augenblick|sekunde|gleich|spaeter|pause)[.!]?")
RESUME = re.compile(r"(?:weiter|fortsetzen|weitermachen|wo waren wir|bin wieder da|so)[.!]?")
STOP = re.compile(r"(?:abbrechen|abbruch|stopp?|verwerfen|vergiss es|lass (?:es|gut sein)|doch nicht)[.!]?")
DELETE = re.compile(r"\b(?:loesch\w*|entfern\w*|weg damit|raus damit|wegmachen)\b")
UNDO = re.compile(r"\b(?:rueckgaengig|zuruecknehmen|nimm\b.*\bzurueck|mach\b.*\brueckgaengig|undo)\b")
SHOW = re.compile(
    r"^(?:zeig\w*|was (?:hab|habe|hatte)|welche|liste|uebersicht|meine letzten|"
    r"letzte\b.*\b(?:beratung|gespraech|eintra))"
)
OF_DAY = re.compile(
    r"\b(?:\w*beratung\w*|gespraech\w*|eintr\w+|telefonat\w*|die|den|das)\b(?: \w+)? (?:von|vom) (.{1,30})"
)
ALL = re.compile(r"\b(?:alle|alles|saemtliche|gesamt\w*|komplett\w*)\b")
SHARE = re.compile(r"\b(?:freigeb\w*|teil\w*|freigabe|sichtbar)\b")
SHARE_NOT = re.compile(r"\b(?:nicht|kein\w*|beend\w*|zuruecknehm\w*|sperr\w*)\b")


@dataclass(frozen=True)
class TalkRequests:
    """Made once; safe to share."""

    practice: Practice
    numbers: CaseNumberReader
    reader: ConsultationReader

    def begin(self, text: str, now: datetime) -> AnyOperation | Said:
        """A message that tells of a talk; `now` is when it was written (aware)."""
        slots = self.reader.read(text, now)
        draft = merged(new_talk().draft, slots, found_only=True)
        if len(slots.cases) > 1:
            rows = [[self.of_case(number, draft)] for number in slots.cases]
            return Said(
                text=f"{ONE_CASE} Zu welchem gehört dieses Gespräch?",
                rows=rows,
                awaits=TellTalk(draft=draft.model_copy(update={"asked": "number"})),
                numbers=list(slots.cases),
            )
        return TellTalk(number=draft.number, draft=draft, problem=problem_of(slots))

    def of_case(self, number: str, draft: TalkDraft) -> Choice:
        """Go on with what was told, as a talk of this case; each case gets a talk of its own."""
        own = draft.model_copy(update={"number": number, "entry_id": new_talk().draft.entry_id})
        return Choice(label=number, then=ResumeTalk(number=number, entry_id=own.entry_id, told=own))

    def answer(
        self, awaited: TellTalk, text: str, now: datetime, *, is_question: Callable[[str], bool]
    ) -> AnyOperation | None:
        """What a message makes of the draft; None if it is about something else."""
        draft, plain = awaited.draft, " ".join(fold(text).text.split())
        if STOP.fullmatch(plain):
            return DropTalk(number=draft.number, entry_id=draft.entry_id)
        if PAUSE.fullmatch(plain):
            return awaited.model_copy(update={"paused": True})
        if BACK.fullmatch(plain):
            before = told(draft, asked=draft.passed[-1] if draft.passed else draft.asked, passed=draft.passed[:-1])
            return before.model_copy(update={"again": before.draft.asked is not None})
        if RESUME.fullmatch(plain) and awaited.paused:
            return told(draft).model_copy(update={"again": draft.asked is not None})
        if RESUME.fullmatch(plain) and draft.asked not in OPTIONAL:
            return told(draft)
        if SAVE.fullmatch(plain) and draft.asked is None and draft.summed_up:
            return SaveTalk(number=draft.number, entry_id=draft.entry_id, anyway="trotzdem" in plain)
        if draft.asked in OPTIONAL and SKIP.fullmatch(plain):
            return told(draft, asked=None, passed=(*draft.passed, draft.asked))
        if draft.asked in OPTIONAL and NOTHING.fullmatch(plain):
            return told(draft, **{draft.asked or "": None}, asked=None, passed=(*draft.passed, draft.asked))
        slots = self.reader.read(text, now)
        if is_question(text) or (not text.strip().isdecimal() and tells_of_another(draft, slots)):
            return None
        if draft.asked in FREE_TEXT:
            own = self.numbers.without(text.strip(), OTHER_CASE)
            return told(draft, **{draft.asked or "": own}, asked=None, passed=(*draft.passed, draft.asked))
        return self.filled(draft, text, slots, now)

    def filled(self, draft: TalkDraft, text: str, slots: ConsultationSlots, now: datetime) -> AnyOperation | None:
        """The draft with what a message says of the closed fields; what was asked for is read most generously."""
        problem = problem_of(slots)
        asked = self.asked_for(draft, text, now)
        if isinstance(asked, str):
            problem, asked = asked, {}
        update = merged(draft, slots, found_only=draft.asked is not None).model_dump()
        changed = {name: value for name, value in update.items() if value != getattr(draft, name)} | asked
        if not changed:
            return TellTalk(number=draft.number, draft=draft, problem=problem) if problem else None
        if draft.asked not in changed:
            return told(draft, **changed).model_copy(update={"problem": problem})
        return told(draft, **changed, asked=None, passed=(*draft.passed, draft.asked))

    def asked_for(self, draft: TalkDraft, text: str, now: datetime) -> dict[str, object] | str:
        """The field that was asked for, or the German sentence on what is wrong with the answer."""
        match draft.asked:
            case "number":
                found = self.numbers.numbers(text if not text.strip().isdecimal() else f"Fall {text}")
                return {"number": found[0]} if len(found) == 1 else {}
            case "day":
                day = read_past_day(text, now)
                return {"day": day.day} if isinstance(day, Day) else {} if day is None else sentence(day)
            case "duration_min":
                minutes = int(text) if text.strip().isdecimal() and len(text.strip()) < 5 else read_minutes(text)
                return {} if minutes is None else {"duration_min": minutes}
            case "channel":
                channel = self.reader.read(text, now).channel
                return {"channel": channel} if channel else {}
            case "topics":
                added = self.reader.read(text, now).topics or ()
                return {"topics": tuple(dict.fromkeys([*draft.topics, *added]))} if added else {}
            case "follow_up":
                due = read_due(text, now)
                return {"follow_up": due.day} if isinstance(due, Due) else {} if due is None else sentence(due)
            case "referral":
                plain = fold(text).text
                named = [target.title for target in self.practice.needs.referrals if is_named(target, plain)]
                return {"referral": named[0]} if named else {}
        return {}

    def about_entries(self, intent: str, text: str, now: datetime) -> AnyOperation:
        """A message about saved entries, the hand-over or the caseload."""
        plain = " ".join(fold(text).text.split())
        if intent == "pending":
            return ListPending()
        if intent == "export":
            return ExportTalks(pending_only=not ALL.search(plain))
        if intent == "caseload":
            return ShareCaseload(shared=not SHARE_NOT.search(plain)) if SHARE.search(plain) else ShowCaseload()
        slots = self.reader.read(text, now)
        day = day_meant(plain, now)
        if UNDO.search(plain):
            return UndoTalk(number=slots.case, day=day)
        if DELETE.search(plain):
            return AskDeleteTalk(number=slots.case, day=day)
        if SHOW.search(plain):
            return ShowTalks()
        said = merged(TalkDraft(entry_id=""), slots, found_only=True)
        changes = TalkDraft(entry_id="", **{field: getattr(said, field) for field in CLOSED})
        if changes.day == day:
            changes = changes.model_copy(update={"day": None})
        return EditTalk(number=slots.case, changes=changes, day=day)


def day_meant(plain: str, now: datetime) -> date | None:
    """The day of the talk a (folded) message means: "die Beratung von gestern", not "ändere das Datum auf gestern"."""
    found = OF_DAY.search(plain)
    day = read_past_day(found[1], now) if found else None
    return day.day if isinstance(day, Day) else None


def new_talk() -> TellTalk:
    """A talk of which nothing is told yet."""
    return TellTalk(draft=TalkDraft(entry_id=secrets.token_urlsafe(ID_BYTES)))


def told(draft: TalkDraft, **changed: object) -> TellTalk:
    """The draft with these fields changed, to be gone on with."""
    draft = TalkDraft.model_validate(draft.model_dump() | changed)
    return TellTalk(number=draft.number, draft=draft)


def merged(draft: TalkDraft, slots: ConsultationSlots, *, found_only: bool) -> TalkDraft:
    """The draft with what a message says; with `found_only`, what the draft holds already stays."""
    said: dict[str, object] = {
        "number": slots.case,
        "day": slots.date and date.fromisoformat(slots.date),
        "duration_min": slots.duration_min,
        "channel": slots.channel,
        "topics": slots.topics,
        "referral": slots.referral,
        "follow_up": slots.follow_up and date.fromisoformat(slots.follow_up),
        "note": without_command(slots.note),
        "next_steps": without_command(slots.next_steps),
        "gap": slots.gap,
    }
    closed = {"number", *CLOSED}
    update = {
        name: value
        for name, value in said.items()
        if value not in (None, (), "") and (getattr(draft, name) in (None, ()) or (not found_only and name in closed))
    }
    return draft.model_copy(update=update)


def is_named(target: ReferralTarget, plain: str) -> bool:
    """Whether an answer, folded, names this office by its title or one of its words."""
    words = "|".join(re.escape(word) for word in (fold(target.title).text, *target.words))
    return re.search(rf"(?<!\w)(?:{words})(?!\w)", plain) is not None


def tells_of_another(draft: TalkDraft, slots: ConsultationSlots) -> bool:
    """Whether a message is about a talk in another case: it must not be mixed into this one. A number alone may be the
    answer, or put right the one in the summary."""
    if draft.number is None or draft.asked == "number" or not {*slots.cases} - {draft.number}:
        return False
    if draft.asked is None and len(slots.cases) == 1:
        return bool(said_of(slots))
    return draft.asked not in FREE_TEXT or bool(said_of(slots))


def said_of(slots: ConsultationSlots) -> list[str]:
    """The closed fields a message speaks of, but for the case."""
    said = merged(TalkDraft(entry_id=""), slots, found_only=True)
    return [field for field in CLOSED if getattr(said, field)]


def without_command(text: str | None) -> str | None:
    """Free words, unless they only ask to log a talk ("kurzberatung eintragen")."""
    return None if text and set(re.findall(r"\w+", fold(text).text)) <= COMMAND_WORDS else text


def problem_of(slots: ConsultationSlots) -> str:
    problem = slots.date_problem or slots.follow_up_problem
    return sentence(problem) if problem else ONE_CASE if len(slots.cases) > 1 else ""


def sentence(problem: Impossible | InFuture | InPast | Ambiguous) -> str:
    """What is wrong with a date, in one sentence."""
    match problem:
        case Impossible(said):
            return f"„{said.strip()}“ gibt es nicht."
        case InFuture(said):
            return f"„{said.strip()}“ liegt in der Zukunft."
        case InPast(said):
            return f"„{said.strip()}“ ist schon vorbei."
        case Ambiguous(said, options):
            return f"„{said.strip()}“ kann {' oder '.join(f'{day:%d.%m.%Y}' for day in options)} sein."


def talk_requests(practice: Practice, numbers: CaseNumberReader) -> TalkRequests:
    return TalkRequests(practice, numbers, ConsultationReader.of(cases=numbers, needs=practice.needs))


def looks_like_a_question(text: str, words: Sequence[str]) -> bool:
    """By its shape alone: a question mark at the end, or one of the words a question begins with."""
    plain = " ".join(fold(text).text.split())
    return plain.endswith("?") or plain.split(" ", 1)[0] in words
