"""How a person wants to be nudged: working hours, what a notification shows, which deadlines and how long before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time

from sqlmodel import Session

from actions.store.models import Person, Preference, Shows
from actions.working_time import WorkingTime
from knowledge.casework import ReminderDefaults
from knowledge.errors import LotseError


class PreferenceError(LotseError):
    """What was chosen leaves no time to be nudged in."""


def preference_of(session: Session, person: Person, defaults: ReminderDefaults) -> Preference:
    """What a person chose, else the practice's defaults, not yet in the store."""
    return session.get(Preference, person.id) or Preference(
        person_id=person.id or 0, days=list(defaults.working_days), starts=defaults.starts, ends=defaults.ends
    )


def hours_of(session: Session, person: Person, defaults: ReminderDefaults) -> WorkingTime:
    """When a person works."""
    chosen = preference_of(session, person, defaults)
    return WorkingTime(frozenset(chosen.days), chosen.starts, chosen.ends)


def choose_hours(
    session: Session, *, person: Person, days: Collection[int], starts: time, ends: time, defaults: ReminderDefaults
) -> Preference:
    """Set working days (Monday is 0) and local times. The caller commits. Raises `PreferenceError` for none at all."""
    if not days or starts >= ends:
        raise PreferenceError("Dann bliebe keine Arbeitszeit übrig – bitte mindestens einen Tag und ein Ende danach.")
    chosen = preference_of(session, person, defaults)
    chosen.days, chosen.starts, chosen.ends = sorted(days), starts, ends
    session.add(chosen)
    return chosen


def choose_shown(session: Session, *, person: Person, shows: Shows, defaults: ReminderDefaults) -> Preference:
    """Set what a notification shows. The caller commits."""
    chosen = preference_of(session, person, defaults)
    chosen.shows = shows
    session.add(chosen)
    return chosen


def choose_leads(session: Session, *, person: Person, days: Collection[int], defaults: ReminderDefaults) -> Preference:
    """Set how many days before a deadline nudges are sent. The caller commits."""
    chosen = preference_of(session, person, defaults)
    chosen.lead_days = sorted(set(days), reverse=True) or None
    session.add(chosen)
    return chosen


def choose_deadline(
    session: Session, *, person: Person, deadline: str, wanted: bool, defaults: ReminderDefaults
) -> Preference:
    """Take a programme deadline (by id) in, or leave it out, whatever the role. The caller commits."""
    chosen = preference_of(session, person, defaults)
    chosen.deadlines = chosen.deadlines | {deadline: wanted}
    session.add(chosen)
    return chosen
