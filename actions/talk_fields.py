"""The fields of a talk: how they are called, asked for and shown, and the way between draft, talk and saved entry."""

from __future__ import annotations

from collections.abc import Sequence

from actions.consultations import Talk, TalkRefusedError
from actions.operations import Choice, TalkDraft, TalkField
from actions.store.models import Consultation
from knowledge.transfer import TransferLayout

REQUIRED: Sequence[TalkField] = ("number", "day", "duration_min", "channel", "topics")
TITLES: dict[TalkField, str] = {
    "number": "Fall",
    "day": "Datum",
    "duration_min": "Dauer",
    "channel": "Kontaktart",
    "topics": "Bedarfe",
    "note": "Notiz",
    "next_steps": "Nächste Schritte",
    "referral": "Verweis",
    "gap": "Lücke im Angebot",
    "follow_up": "Wiedervorlage",
}
QUESTIONS: dict[TalkField, str] = {
    "number": "Zu welchem Fall?",
    "day": "Wann war das Gespräch?",
    "duration_min": "Wie lange hat es gedauert?",
    "channel": "Wie fand es statt?",
    "topics": "Worum ging es? Mehreres ist möglich.",
    "note": "Noch eine Notiz? Ohne Namen, in einem Satz.",
    "next_steps": "Welche nächsten Schritte sind vereinbart?",
    "referral": "An wen haben Sie verwiesen?",
    "gap": "Welches Angebot hat gefehlt?",
    "follow_up": "Wann ist das nächste Gespräch?",
}


def missing_in(draft: TalkDraft, field: TalkField) -> bool:
    return getattr(draft, field) in (None, ())


def filled(draft: TalkDraft) -> list[TalkField]:
    """The fields that hold something, in the order they are shown."""
    return [field for field in TITLES if getattr(draft, field)]


def field_of(error: TalkRefusedError) -> TalkField:
    return next(field for field in TITLES if field == error.field)


def talk_from(draft: TalkDraft, *, form: str) -> Talk:
    """The talk a complete draft tells of, in the form of counselling that the case has."""
    if draft.day is None or draft.duration_min is None or draft.channel is None:
        raise ValueError("the draft is not complete")
    return Talk(
        day=draft.day,
        duration_min=draft.duration_min,
        channel=draft.channel,
        topics=draft.topics,
        referral=draft.referral,
        follow_up=draft.follow_up,
        note=draft.note,
        next_steps=draft.next_steps,
        gap=draft.gap,
        form=form,
    )


def draft_from(entry: Consultation, number: str) -> TalkDraft:
    """A saved entry as a draft that changes it."""
    fields = {field: getattr(entry, field) for field in TITLES if field != "number"}
    return TalkDraft.model_validate({"entry_id": entry.entry_id, "number": number, "saved": True} | fields)


def numbers_of(draft: TalkDraft) -> list[str]:
    return [draft.number] if draft.number else []


def in_rows(choices: Sequence[Choice], width: int) -> list[list[Choice]]:
    return [list(choices[i : i + width]) for i in range(0, len(choices), width)]


def line_of(entry: Consultation, layout: TransferLayout) -> str:
    """An entry in one line, without its case."""
    topics = ", ".join(entry.topics)
    return f"{entry.day:%d.%m.%Y}, {entry.duration_min} min, {layout.channel_title(entry.channel)}, {topics}"


def shown(draft: TalkDraft, field: TalkField, layout: TransferLayout) -> str:
    """What a field of a draft holds, for a person."""
    value = getattr(draft, field)
    match field:
        case "day" | "follow_up":
            return f"{value:%d.%m.%Y}"
        case "duration_min":
            return f"{value} min"
        case "channel":
            return layout.channel_title(value)
        case "topics":
            return ", ".join(value)
    return str(value)
