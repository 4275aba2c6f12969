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
    Said,
    ShareCaseload,
    ShowCaseload,
    ShowTalks,
    TalkDraft,
    TalkField,
    TellTalk,
    UndoTalk,
)
from actions.practice import Practice
from nlu.readers.case_numbers import CaseNumberReader
from nlu.readers.consultation import ConsultationReader, ConsultationSlots
from nlu.readers.dates import read_due, read_past_day
from nlu.readers.duration import read_minutes
from nlu.readers.folding import fold
from nlu.readers.results import Ambiguous, Day, Due, Impossible, InFuture, InPast

FREE_TEXT: frozenset[TalkField] = frozenset({"note", "next_steps", "gap"})
OPTIONAL: frozenset[TalkField] = FREE_TEXT | {"referral", "follow_up"}
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
SKIP = re.compile(r"(?:ueberspringen|weiter|nein|nichts|keine?r?|nix|nee|nö|noe|-+|ohne)[.!]?")
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
            rows = [
                [Choice(label=n, then=TellTalk(number=n, draft=draft.model_copy(update={"number": n})))]
                for n in slots.cases
            ]
            return Said(
                text="Bitte einen Fall nach dem anderen. Zu welchem gehört dieses Gespräch?",
                rows=rows,
                awaits=TellTalk(draft=draft.model_copy(update={"asked": "number"})),
                numbers=list(slots.cases),
            )
        return TellTalk(number=draft.number, draft=draft, problem=problem_of(slots))

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
        if RESUME.fullmatch(plain) and draft.asked not in OPTIONAL:
            return told(draft)
        if draft.asked in OPTIONAL and SKIP.fullmatch(plain):
            return told(draft, **{draft.asked or "": None}, asked=None, passed=(*draft.passed, draft.asked))
        if draft.asked in FREE_TEXT:
            if is_question(text):
                return None
            return told(draft, **{draft.asked or "": text.strip()}, asked=None, passed=(*draft.passed, draft.asked))
        return None if is_question(text) else self.filled(draft, text, now)

    def filled(self, draft: TalkDraft, text: str, now: datetime) -> AnyOperation | None:
        """The draft with what a message says of the closed fields; what was asked for is read most generously."""
        slots = self.reader.read(text, now)
        problem = problem_of(slots)
        asked = self.asked_for(draft, text, now)
        if isinstance(asked, str):
            return TellTalk(number=draft.number, draft=draft, problem=asked)
        update = merged(draft, slots, found_only=draft.asked is not None).model_dump()
        changed = {name: value for name, value in update.items() if value != getattr(draft, name)} | asked
        if not changed:
            return TellTalk(number=draft.number, draft=draft, problem=problem) if problem else None
        passed = (*draft.passed, draft.asked) if draft.asked in changed else draft.passed
        still = None if draft.asked in changed else draft.asked
        return told(draft, **changed, asked=still, passed=passed)

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
            case "topics":
                added = self.reader.read(text, now).topics or ()
                return {"topics": tuple(dict.fromkeys([*draft.topics, *added]))} if added else {}
            case "follow_up":
                due = read_due(text, now)
                return {"follow_up": due.day} if isinstance(due, Due) else {} if due is None else sentence(due)
            case "referral":
                named = [t.title for t in self.practice.needs.referrals if fold(t.title).text in fold(text).text]
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
        if UNDO.search(plain):
            return UndoTalk()
        if DELETE.search(plain):
            return AskDeleteTalk()
        if SHOW.search(plain):
            return ShowTalks()
        slots = self.reader.read(text, now)
        return EditTalk(changes=merged(TalkDraft(entry_id=""), slots, found_only=True))


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
    closed = {"number", "day", "duration_min", "channel", "topics", "referral", "follow_up"}
    update = {
        name: value
        for name, value in said.items()
        if value not in (None, (), "") and (getattr(draft, name) in (None, ()) or (not found_only and name in closed))
    }
    return draft.model_copy(update=update)


def without_command(text: str | None) -> str | None:
    """Free words, unless they only ask to log a talk ("kurzberatung eintragen")."""
    return None if text and set(re.findall(r"\w+", fold(text).text)) <= COMMAND_WORDS else text


def problem_of(slots: ConsultationSlots) -> str:
    problem = slots.date_problem or slots.follow_up_problem
    return sentence(problem) if problem else ""


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
