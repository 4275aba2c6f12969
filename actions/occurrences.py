"""Due moments of reminders: planned, claimed for a while, sent, acknowledged. None is ever dropped silently.

A claim is a lease: whoever holds it hands the occurrence over and marks it; when the lease ends without a mark, the
next one takes it over, and it may then be sent twice, which is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.orm import defer
from sqlmodel import Session, col, delete, func, select, update

from actions.recurrence import days_of, moment
from actions.store.models import Occurrence, Reminder, ReminderKind, State
from actions.working_time import WorkingTime
from knowledge.casework import ReminderDefaults

LEASE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=30)
STANDING = frozenset({ReminderKind.MORNING, ReminderKind.TRANSFER})
"""Set for everybody; they say what is due when they are sent, so that one that was missed is made up by the next."""
MOST_SKIPPED = 20_000
"""Days of a repetition that are looked at for the next one: fifty years of a daily one."""


def moved_day(reminder: Reminder, day: date, *, hours: WorkingTime, defaults: ReminderDefaults) -> date:
    """What is due on `day` (local) moves to the working day before if the day was reckoned and is none of work; never a
    time or a day that the person named, nor what was due within a day of saying it."""
    if reminder.clock is not None or reminder.named or reminder.kept:
        return day
    if moment(day, defaults.default_time) - reminder.created_at < timedelta(hours=defaults.never_moved_hours):
        return day
    return hours.day_until(day)


def due_on(reminder: Reminder, day: date, *, hours: WorkingTime, defaults: ReminderDefaults) -> datetime:
    """The moment (aware, UTC) at which it is sent on a day: the time that was said, else the usual one, within the
    person's hours unless they are off that day."""
    if reminder.clock is not None:
        return moment(day, reminder.clock)
    return (hours.at if hours.works_on(day) else moment)(day, defaults.default_time)


def plan(
    session: Session, *, reminder: Reminder, hours: WorkingTime, defaults: ReminderDefaults, now: datetime
) -> None:
    """Plan what comes: the one occurrence, or of a repetition each that is due by now and the first that is not. The
    caller commits. What was planned before stays."""
    newest = last_planned(session, reminder)
    if newest is not None and newest.state is State.PLANNED and newest.due_at > now:
        return
    last = newest.day if newest else None
    for day in days_after(reminder, last, hours=hours, defaults=defaults, now=now):
        due_at = due_on(reminder, day, hours=hours, defaults=defaults)
        if due_at <= now and last is None and reminder.repeat:
            continue
        add(session, reminder=reminder, day=day, due_at=due_at)
        if due_at > now:
            return


def last_planned(session: Session, reminder: Reminder) -> Occurrence | None:
    """What of a reminder is or was planned for the last day."""
    planned = select(Occurrence).where(Occurrence.reminder_id == reminder.id)
    return session.exec(planned.order_by(col(Occurrence.day).desc())).first()


def days_after(
    reminder: Reminder, last: date | None, *, hours: WorkingTime, defaults: ReminderDefaults, now: datetime
) -> Iterator[date]:
    """The days of sending after the last one planned. What is moved to the same day is one; nothing is moved from a
    day to come to one that has passed."""
    due = partial(due_on, reminder, hours=hours, defaults=defaults)
    raw = islice(days_of(reminder.repeat, reminder.day), MOST_SKIPPED) if reminder.repeat else iter([reminder.day])
    for day in raw:
        moved = moved_day(reminder, day, hours=hours, defaults=defaults)
        if last is not None and moved <= last:
            continue
        last = day if due(moved) <= now < due(day) else moved
        yield last


def plan_days(
    session: Session, *, reminder: Reminder, days: Iterable[date], hours: WorkingTime, defaults: ReminderDefaults,
    now: datetime,
) -> None:  # fmt: skip
    """Plan a reminder for these days (local), the coming ones of them, each at the usual time and none on a day off;
    what was planned for other days and not sent yet is dropped. The caller commits."""
    wanted = {day: hours.at(day, defaults.default_time) for day in map(hours.day_until, days)}
    for occurrence in session.exec(select(Occurrence).where(Occurrence.reminder_id == reminder.id)):
        coming = occurrence.state is State.PLANNED and hours.at(occurrence.day, defaults.default_time) > now
        if coming and wanted.get(occurrence.day) != occurrence.due_at:
            session.delete(occurrence)
        else:
            wanted.pop(occurrence.day, None)
    session.flush()
    for day, due_at in sorted(wanted.items()):
        if due_at > now:
            add(session, reminder=reminder, day=day, due_at=due_at)


def add(session: Session, *, reminder: Reminder, day: date, due_at: datetime) -> Occurrence:
    occurrence = Occurrence(reminder_id=reminder.id or 0, day=day, due_at=due_at, try_at=due_at)
    session.add(occurrence)
    session.flush()
    return occurrence


def forget(session: Session, reminder: Reminder) -> None:
    """Drop its occurrences, to be planned anew. The caller commits."""
    session.exec(delete(Occurrence).where(col(Occurrence.reminder_id) == reminder.id))


def stop(session: Session, reminder: Reminder) -> None:
    """Nothing more is sent of it; what was not sent yet is dropped. The caller commits."""
    mine = col(Occurrence.reminder_id) == reminder.id
    session.exec(delete(Occurrence).where(mine, col(Occurrence.state) == State.PLANNED))
    session.exec(update(Occurrence).where(mine).values(try_at=None))


def resume(session: Session, reminder: Reminder, *, again: timedelta, now: datetime) -> None:
    """Undo `stop` for what was on its way or sent by then: the former is tried again now, the latter sent once more
    after `again` if it was not yet. The caller commits."""
    halted = select(Occurrence).where(Occurrence.reminder_id == reminder.id, col(Occurrence.try_at).is_(None))
    for occurrence in session.exec(halted):
        if occurrence.state is State.CLAIMED:
            failed(occurrence, after=timedelta(0), uncertain=True, now=now)
        elif occurrence.state is State.SENT and occurrence.repeated_at is None:
            occurrence.try_at = now + again
        session.add(occurrence)
    session.flush()


def claim(session: Session, *, now: datetime, limit: int, lease: timedelta = LEASE) -> Sequence[Occurrence]:
    """Take what is to be handed over now, longest due first; nobody else gets it until the lease ends. The caller
    commits at once."""
    statement = (
        select(Occurrence)
        .where(col(Occurrence.try_at) <= now)
        .order_by(col(Occurrence.try_at), col(Occurrence.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = session.exec(statement).all()
    for occurrence in claimed:
        begun = occurrence.state is State.CLAIMED and occurrence.attempts > 0
        occurrence.uncertain = occurrence.uncertain or begun
        occurrence.state, occurrence.try_at = State.CLAIMED, now + lease
        session.add(occurrence)
    session.flush()
    return claimed


def begin(session: Session, ids: Iterable[int], *, until: datetime) -> None:
    """Those of these that are still claimed are about to be sent: they stay claimed until then (aware), and whoever
    takes them over later has to reckon with their having been sent. The caller commits at once."""
    for occurrence in still_claimed(session, ids):
        occurrence.try_at = until
        occurrence.attempts += 1
        session.add(occurrence)


def still_claimed(session: Session, ids: Iterable[int]) -> Sequence[Occurrence]:
    """Those of these that nobody acknowledged, changed or ended since they were claimed."""
    mine = (col(Occurrence.id).in_(ids), col(Occurrence.state) == State.CLAIMED, col(Occurrence.try_at).is_not(None))
    return session.exec(select(Occurrence).where(*mine).order_by(col(Occurrence.id))).all()


def reminders_of(session: Session, occurrences: Sequence[Occurrence]) -> list[Reminder]:
    """What each of these occurrences belongs to; subjects are opened only where they are read."""
    ids = {occurrence.reminder_id for occurrence in occurrences}
    statement = select(Reminder).where(col(Reminder.id).in_(ids)).options(defer(Reminder.subject))  # type: ignore[arg-type]
    found = {one.id: one for one in session.exec(statement)}
    return [found[occurrence.reminder_id] for occurrence in occurrences]


def hurry(session: Session, *, people: Iterable[int], now: datetime) -> None:
    """Try again now what could not be delivered for these people (by id). The caller commits."""
    mine = select(Reminder.id).where(col(Reminder.person_id).in_(people))
    waiting = (col(Occurrence.reminder_id).in_(mine), col(Occurrence.state) == State.PLANNED)
    overdue = (col(Occurrence.due_at) <= now, col(Occurrence.try_at).is_not(None))
    session.exec(update(Occurrence).where(*waiting, *overdue).values(try_at=now))


class OccurrenceCounts(NamedTuple):
    """What is still to come, and what should have been delivered by now."""

    planned: int
    stuck: int


def occurrence_counts(session: Session, *, now: datetime) -> OccurrenceCounts:
    """How many occurrences are planned, and how many of them are overdue: what the operator sees."""
    unsent = (col(Occurrence.state) != State.ACKNOWLEDGED, col(Occurrence.sent_at).is_(None))

    def count(*where: ColumnElement[bool]) -> int:
        return session.exec(select(func.count()).select_from(Occurrence).where(*unsent, *where)).one()

    return OccurrenceCounts(count(col(Occurrence.due_at) > now), count(col(Occurrence.due_at) <= now))


def next_try(session: Session) -> datetime | None:
    """When something is to be done next (aware, UTC); None if nothing is planned."""
    return session.exec(select(func.min(Occurrence.try_at))).one()


def sent(occurrence: Occurrence, *, kind: ReminderKind, again_at: datetime, now: datetime) -> None:
    """It reached the channel; after the first time it is sent once more unless acknowledged by `again_at`. The caller
    commits."""
    occurrence.uncertain, occurrence.attempts = False, 0
    if occurrence.state is State.ACKNOWLEDGED:
        return
    if kind in STANDING:
        occurrence.state, occurrence.sent_at, occurrence.try_at = State.ACKNOWLEDGED, now, None
    elif occurrence.sent_at is None:
        occurrence.state, occurrence.sent_at, occurrence.try_at = State.SENT, now, again_at
    else:
        occurrence.state, occurrence.repeated_at, occurrence.try_at = State.SENT, now, None


def failed(occurrence: Occurrence, *, after: timedelta | None, uncertain: bool, now: datetime) -> None:
    """It could not be handed over: tried again after the pause the channel asked for, or a growing one. The caller
    commits."""
    if occurrence.state is State.ACKNOWLEDGED:
        return
    growing = min(FIRST_PAUSE * 2 ** min(max(occurrence.attempts - 1, 0), 10), LONGEST_PAUSE)
    occurrence.state = State.SENT if occurrence.sent_at else State.PLANNED
    occurrence.uncertain = occurrence.uncertain or uncertain
    occurrence.try_at = now + (growing if after is None else after)


def acknowledge(occurrence: Occurrence, *, now: datetime) -> None:
    """The person has seen to it. The caller commits."""
    occurrence.state, occurrence.acknowledged_at, occurrence.try_at = State.ACKNOWLEDGED, now, None


def postpone(occurrence: Occurrence, *, until: datetime) -> None:
    """Send it again at that moment (aware), as if it were due then. The caller commits."""
    occurrence.state, occurrence.due_at, occurrence.try_at = State.PLANNED, until, until
    occurrence.sent_at = occurrence.repeated_at = occurrence.acknowledged_at = None
    occurrence.attempts, occurrence.uncertain = 0, False
