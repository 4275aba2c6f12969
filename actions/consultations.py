"""Consultations: talks in a case, logged once, shown, changed, deleted and undone by who may act in the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args

from sqlmodel import Session, col, func, select, update

from actions.access import Actor, NotAllowedError, Permission, may
from actions.cases import case_for, readable_by
from actions.clock import local_day
from actions.store.models import Case, Consultation, Person
from actions.store.records import audit
from knowledge.casework import SHORT, Casework
from knowledge.errors import LotseError
from knowledge.models import Fact
from knowledge.needs import Channel, Needs

MOST_NEEDS = "kurzberatung-bedarfe"
LEAST_TALKS = "kurzberatung-gespraeche"

TalkField = Literal["day", "duration_min", "channel", "topics", "referral", "follow_up", "form"]


class TalkRefusedError(LotseError):
    """Something said of a talk cannot be; `field` is what to ask for again."""

    def __init__(self, sentence: str, field: TalkField) -> None:
        super().__init__(sentence, field=field)
        self.field = field


class EntryGoneError(LotseError):
    """There is no such entry: deleted, purged, or its case forgotten."""


class UndoTooLateError(LotseError):
    """The time to undo has passed; deleting still works."""


@dataclass(frozen=True)
class Talk:
    """What is logged of a talk. Days are local; texts are masked; without `form` it is the one the case has now."""

    day: date
    duration_min: int
    channel: Channel
    topics: tuple[str, ...]
    referral: str | None = None
    follow_up: date | None = None
    note: str | None = None
    next_steps: str | None = None
    gap: str | None = None
    form: str | None = None


def talk_of(entry: Consultation) -> Talk:
    """What an entry says, to be changed with `dataclasses.replace`."""
    channel = next(known for known in get_args(Channel) if known == entry.channel)
    return Talk(
        day=entry.day,
        duration_min=entry.duration_min,
        channel=channel,
        topics=tuple(entry.topics),
        referral=entry.referral,
        follow_up=entry.follow_up,
        note=entry.note,
        next_steps=entry.next_steps,
        gap=entry.gap,
        form=entry.form,
    )


def log_consultation(
    session: Session,
    *,
    by: Actor,
    number: str,
    entry_id: str,
    talk: Talk,
    needs: Needs,
    casework: Casework,
    now: datetime,
) -> Consultation:
    """Save a talk through the gate; what was saved under this `entry_id` before is returned as it is. The caller
    commits.

    Raises `TalkRefusedError`, and what `actions.cases.case_for` raises.
    """
    person = person_of(by)
    hold_case(session, number)
    if session.exec(select(Consultation.id).where(Consultation.entry_id == entry_id)).first() is not None:
        return consultation_for(session, by=by, entry_id=entry_id, day=local_day(now))
    case = case_for(session, by=by, number=number, day=local_day(now))
    check_talk(talk, needs=needs, casework=casework, now=now)
    entry = Consultation(
        entry_id=entry_id,
        case_id=case.id or 0,
        person_id=person.id or 0,
        created_at=now,
        updated_at=now,
        **columns_of(talk, case),
    )
    session.add(entry)
    session.flush()
    audit(session, by=by, event="consultation logged", case_number=number, now=now)
    return entry


def edit_consultation(
    session: Session,
    *,
    by: Actor,
    entry_id: str,
    talk: Talk,
    needs: Needs,
    casework: Casework,
    now: datetime,
    number: str | None = None,
) -> Consultation:
    """Make an entry say this, and belong to the case `number` if that is given. What was transferred before has to be
    transferred again. The caller commits.

    Raises `TalkRefusedError`, `EntryGoneError`, and for either case what `case_for` raises.
    """
    today = local_day(now)
    entry = consultation_for(session, by=by, entry_id=entry_id, day=today)
    case = case_of(session, entry)
    to = case if number is None else case_for(session, by=by, number=number, day=today)
    if to is case and talk == talk_of(entry):
        return entry
    check_talk(talk, needs=needs, casework=casework, now=now, kept_day=entry.day)
    for name, value in columns_of(talk, to).items():
        setattr(entry, name, value)
    entry.case_id, entry.updated_at, entry.transferred_at = to.id or 0, now, None
    session.add(entry)
    session.flush()
    audit(session, by=by, event="consultation changed", case_number=case.number, now=now)
    if to is not case:
        audit(session, by=by, event="consultation moved here", case_number=to.number, now=now)
    return entry


def delete_consultation(session: Session, *, by: Actor, entry_id: str, now: datetime) -> str:
    """Delete an entry for good; the number of its case. The caller commits. Raises `EntryGoneError`, and what
    `case_for` raises."""
    entry = consultation_for(session, by=by, entry_id=entry_id, day=local_day(now))
    number = case_of(session, entry).number
    session.delete(entry)
    session.flush()
    audit(session, by=by, event="consultation deleted", case_number=number, now=now)
    return number


def undo_consultation(session: Session, *, by: Actor, entry_id: str, casework: Casework, now: datetime) -> str:
    """Take back the saving of an entry, shortly after; the number of its case. The caller commits. Raises
    `UndoTooLateError`, `EntryGoneError`, and what `case_for` raises."""
    entry = consultation_for(session, by=by, entry_id=entry_id, day=local_day(now))
    minutes = casework.consultations.undo_minutes
    if now - entry.created_at > timedelta(minutes=minutes):
        raise UndoTooLateError(
            f"Rückgängig geht nur {minutes} Minuten lang – den Eintrag ändern oder löschen können Sie weiterhin."
        )
    return delete_consultation(session, by=by, entry_id=entry_id, now=now)


def consultation_for(session: Session, *, by: Actor, entry_id: str, day: date) -> Consultation:
    """The entry, for someone who may act in its case that day (local). Raises `EntryGoneError`, and what `case_for`
    raises."""
    entry = session.exec(select(Consultation).where(Consultation.entry_id == entry_id)).first()
    if entry is None:
        raise EntryGoneError("Diesen Eintrag gibt es nicht mehr – „meine letzten Beratungen“ zeigt, was da ist.")
    case_for(session, by=by, number=case_of(session, entry).number, day=day)
    return entry


def case_of(session: Session, entry: Consultation) -> Case:
    """The case an entry belongs to."""
    return session.get_one(Case, entry.case_id)


def recent_consultations(
    session: Session, *, person: Person, day: date, limit: int | None = 10
) -> Sequence[Consultation]:
    """What a person logged last and may still read that day (local), the newest entry first."""
    if not may(person, Permission.CASES):
        return []
    own = select(Consultation).join(Case).where(Consultation.person_id == person.id, readable_by(session, person, day))
    newest = (col(Consultation.created_at).desc(), col(Consultation.id).desc())
    return session.exec(own.order_by(*newest).limit(limit)).all()


def looks_like_duplicate(
    session: Session, *, case: Case, talk: Talk, casework: Casework, now: datetime, entry_id: str | None = None
) -> Consultation | None:
    """An entry of the case on the same day that was saved minutes ago, or is as long and about the same needs.

    Takes the case itself, as the gate gives it; `entry_id` is the entry being saved, which is no duplicate of itself.
    """
    since = now - timedelta(minutes=casework.consultations.duplicate_minutes)
    same_day = select(Consultation).where(Consultation.case_id == case.id, Consultation.day == talk.day)
    for other in session.exec(same_day.order_by(col(Consultation.created_at).desc())):
        same = other.duration_min == talk.duration_min and set(other.topics) == set(talk.topics)
        if other.entry_id != entry_id and (same or other.created_at >= since):
            return other
    return None


def count_for_case(session: Session, *, case: Case) -> int:
    """How many talks were logged in a case, those that are transferred and purged too; to be held against
    `least_talks`. Takes the case itself, as the gate gives it."""
    stored = select(func.count()).select_from(Consultation).where(Consultation.case_id == case.id)
    return session.exec(stored).one() + case.purged_talks


def least_talks(*, form: str, facts: Mapping[str, Fact]) -> int | None:
    """The minimum standard of a Kurzberatung (FAQ 32); none for another form."""
    return figure(facts, LEAST_TALKS) if form == SHORT else None


def too_many_needs(topics: Sequence[str], *, form: str, facts: Mapping[str, Fact]) -> bool:
    """Whether a Kurzberatung has more needs than usual (FAQ 32), so that the person may think of Case Management."""
    return form == SHORT and len(set(topics)) > figure(facts, MOST_NEEDS)


def check_talk(talk: Talk, *, needs: Needs, casework: Casework, now: datetime, kept_day: date | None = None) -> None:
    """Raises `TalkRefusedError` for the first thing that cannot be. `kept_day` is a day that was accepted before and
    may stay, however long ago."""
    bounds, today = casework.consultations, local_day(now)
    if talk.day > today:
        raise TalkRefusedError("Ein Gespräch lässt sich erst eintragen, wenn es war – bitte das Datum prüfen.", "day")
    if talk.day != kept_day and (today - talk.day).days > bounds.days_back:
        raise TalkRefusedError(
            f"Der {talk.day:%d.%m.%Y} liegt mehr als {bounds.days_back} Tage zurück – bitte das Datum prüfen.", "day"
        )
    if not bounds.min_minutes <= talk.duration_min <= bounds.max_minutes:
        raise TalkRefusedError(
            f"Die Dauer kann {bounds.min_minutes} bis {bounds.max_minutes} Minuten sein, nicht {talk.duration_min} – "
            "bitte die Minuten prüfen.",
            "duration_min",
        )
    if talk.channel not in get_args(Channel):
        raise TalkRefusedError("Diese Kontaktart kenne ich nicht – bitte eine der angebotenen wählen.", "channel")
    if not talk.topics or not set(talk.topics) <= {need.title for need in needs.needs}:
        raise TalkRefusedError("Bitte wählen Sie mindestens einen der angebotenen Bedarfe.", "topics")
    if talk.referral is not None and talk.referral not in {target.title for target in needs.referrals}:
        raise TalkRefusedError("Diese Stelle kenne ich nicht – bitte eine der angebotenen wählen.", "referral")
    if talk.follow_up is not None and talk.follow_up < talk.day:
        raise TalkRefusedError("Die Wiedervorlage liegt vor dem Gespräch – bitte das Datum prüfen.", "follow_up")
    if talk.form is not None and talk.form not in {form.id for form in casework.counselling_forms}:
        raise TalkRefusedError("Diese Beratungsform gibt es nicht – bitte eine der angebotenen wählen.", "form")


def columns_of(talk: Talk, case: Case) -> dict[str, Any]:
    """The columns a talk fills; a need named twice counts once, and an empty text is none."""
    return {
        **vars(talk),
        "topics": list(dict.fromkeys(talk.topics)),
        "form": talk.form or case.form,
        "note": text_or_none(talk.note),
        "next_steps": text_or_none(talk.next_steps),
        "gap": text_or_none(talk.gap),
    }


def text_or_none(text: str | None) -> str | None:
    return (text or "").strip() or None


def hold_case(session: Session, number: str) -> None:
    """Let whoever writes about the same case wait until this transaction ends: of two taps, the second finds what the
    first has saved."""
    session.exec(update(Case).where(col(Case.number) == number).values(number=Case.number))


def person_of(by: Actor) -> Person:
    """Who logs: a person, never the operator of the server."""
    if by.person is None:
        raise NotAllowedError("Beratungen trägt nur ein, wer Fälle führt.")
    return by.person


def figure(facts: Mapping[str, Fact], name: str) -> int:
    """A fact that is one number."""
    value = facts[name].value
    if not isinstance(value, int | float):
        raise TypeError(f"{name} is no number")
    return int(value)
