"""Reminders as they are kept: what is moved and what never is, what is refused, who gets them, and what ends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from actions.absences import set_absence
from actions.access import OPERATOR, NotAllowedError
from actions.cases import ConsentMissingError, NotYourCaseError, hand_over, withdraw_consent
from actions.occurrences import claim, failed, plan, plan_days, sent
from actions.operations import (
    Acknowledge,
    AnyOperation,
    Choice,
    DeleteReminder,
    ListReminders,
    Move,
    MoveReminder,
    ReminderDraft,
    ReopenNudge,
    RestoreReminder,
    Said,
    SetReminder,
    Snooze,
)
from actions.people import change_role, disable, enrol
from actions.performing import perform
from actions.preferences import choose_hours, hours_of
from actions.reminders import (
    MOST_OPEN,
    ReminderGoneError,
    ReminderRefusedError,
    Wanted,
    end_reminder,
    open_reminders,
    recipient_of,
    reminder_for,
    set_reminder,
)
from actions.standing import plan_everything, plan_standing
from actions.store.models import AuditEvent, Occurrence, Person, Reminder, ReminderKind, Role, State
from actions.working_time import WorkingTime
from tests.actions.conftest import NOW, NUMBER, TODAY, Enrol, OpenCase, acting, count, named, practice

GERMANY = ZoneInfo("Europe/Berlin")
DEFAULTS = practice().casework.reminders
SHORT = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")


def remembered(
    session: Session,
    by: Person,
    day: date,
    *,
    now: datetime = NOW,
    number: str | None = None,
    entry_id: str = "r1",
    clock: time | None = None,
    subject: str | None = "bericht",
    repeat: str | None = None,
    named: bool = False,
    kept: bool = False,
) -> Reminder:
    reminder = set_reminder(
        session,
        by=acting(by),
        entry_id=entry_id,
        number=number,
        wanted=Wanted(day=day, clock=clock, subject=subject, repeat=repeat, named=named, kept=kept),
        defaults=DEFAULTS,
        now=now,
    )
    session.commit()
    return reminder


def german(at: datetime) -> str:
    here = at.astimezone(GERMANY)
    return f"{SHORT[here.weekday()]} {here:%d.%m.%Y %H:%M}"


def occurrences(session: Session, reminder: Reminder) -> Sequence[Occurrence]:
    planned = select(Occurrence).where(Occurrence.reminder_id == reminder.id).order_by(Occurrence.due_at)  # type: ignore[arg-type]
    return session.exec(planned).all()


def due(session: Session, reminder: Reminder) -> list[str]:
    return [german(one.due_at) for one in occurrences(session, reminder)]


def here(written: str) -> datetime:
    """An aware moment from "2026-11-27 08:30" on the German clock."""
    return datetime.fromisoformat(written).replace(tzinfo=GERMANY).astimezone(UTC)


def does(session: Session, person: Person, operation: AnyOperation, now: datetime = NOW) -> Said:
    return perform(
        session,
        person_id=person.id or 0,
        channel="telegram",
        operation=operation,
        practice=practice(),
        kept_for=timedelta(days=30),
        now=now,
    )


@pytest.mark.parametrize(
    ("day", "when"),
    [
        (date(2026, 11, 27), "Fr 27.11.2026 09:00"),
        (date(2026, 11, 28), "Fr 27.11.2026 09:00"),
        (date(2026, 12, 6), "Fr 04.12.2026 09:00"),
        (date(2026, 12, 25), "Do 24.12.2026 09:00"),
        (date(2026, 12, 27), "Do 24.12.2026 09:00"),
        (date(2027, 3, 29), "Do 25.03.2027 09:00"),
        (date(2027, 5, 6), "Mi 05.05.2027 09:00"),
        (date(2027, 11, 1), "Fr 29.10.2027 09:00"),
    ],
)
def test_a_day_that_was_reckoned_gives_way_to_the_working_day_before(
    session: Session, person: Enrol, day: date, when: str
) -> None:
    """Weekends, Christmas, Easter Monday, Ascension Day, All Saints' Day (a holiday in NRW)."""
    assert due(session, remembered(session, person("anna"), day)) == [when]


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ({"clock": time(9)}, "Sa 28.11.2026 09:00"),
        ({"clock": time(21, 30)}, "Sa 28.11.2026 21:30"),
        ({"named": True}, "Sa 28.11.2026 09:00"),
        ({"kept": True}, "Sa 28.11.2026 09:00"),
    ],
)
def test_what_the_person_chose_is_not_moved(
    session: Session, person: Enrol, said: dict[str, object], when: str
) -> None:
    assert due(session, remembered(session, person("anna"), date(2026, 11, 28), **said)) == [when]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "day", "when"),
    [
        ("2026-11-27 08:30", date(2026, 11, 28), "Fr 27.11.2026 09:00"),
        ("2026-11-27 09:01", date(2026, 11, 28), "Sa 28.11.2026 09:00"),
        ("2026-11-27 10:30", date(2026, 11, 28), "Sa 28.11.2026 09:00"),
        ("2026-11-27 10:30", date(2026, 11, 29), "So 29.11.2026 09:00"),
        ("2026-11-27 10:30", date(2026, 12, 5), "Fr 04.12.2026 09:00"),
    ],
)
def test_nothing_is_moved_within_a_day_nor_to_before_now(
    session: Session, person: Enrol, now: str, day: date, when: str
) -> None:
    assert due(session, remembered(session, person("anna"), day, now=here(now))) == [when]


def test_the_hours_of_a_person_are_kept_to_unless_they_named_the_day(session: Session, person: Enrol) -> None:
    anna = person("anna")
    choose_hours(session, person=anna, days={1, 2, 3}, starts=time(10), ends=time(14), defaults=DEFAULTS)
    assert due(session, remembered(session, anna, date(2026, 12, 4))) == ["Do 03.12.2026 10:00"]
    assert due(session, remembered(session, anna, date(2026, 12, 4), entry_id="r2", named=True)) == [
        "Fr 04.12.2026 09:00"
    ]
    assert due(session, remembered(session, anna, date(2026, 12, 2), entry_id="r3", clock=time(18))) == [
        "Mi 02.12.2026 18:00"
    ]


def carried_on(session: Session, person: Person, reminder: Reminder, times: int) -> list[str]:
    """What a repetition plans when each was due."""
    hours = hours_of(session, person, DEFAULTS)
    for _ in range(times):
        now = occurrences(session, reminder)[-1].due_at
        plan(session, reminder=reminder, hours=hours, defaults=DEFAULTS, now=now)
        session.commit()
    return due(session, reminder)


def test_what_a_daily_one_moves_to_the_same_day_is_one(session: Session, person: Enrol) -> None:
    anna = person("anna")
    daily = remembered(session, anna, date(2026, 11, 24), repeat="daily")
    assert carried_on(session, anna, daily, 5) == [
        "Di 24.11.2026 09:00",
        "Mi 25.11.2026 09:00",
        "Do 26.11.2026 09:00",
        "Fr 27.11.2026 09:00",
        "Mo 30.11.2026 09:00",
        "Di 01.12.2026 09:00",
    ]


def test_a_repetition_is_moved_each_time_and_does_not_drift(session: Session, person: Enrol) -> None:
    """From a Saturday, every four weeks; the 21st of May is a Friday, the 25th of December as well, and a holiday."""
    anna = person("anna")
    monthly = remembered(session, anna, date(2026, 12, 25), repeat="monthly")
    assert carried_on(session, anna, monthly, 4) == [
        "Do 24.12.2026 09:00",
        "Mo 25.01.2027 09:00",
        "Do 25.02.2027 09:00",
        "Do 25.03.2027 09:00",
        "Fr 23.04.2027 09:00",
    ]


def test_a_repetition_goes_on_when_somebody_begins_to_work_later(session: Session, person: Enrol) -> None:
    anna = person("anna")
    weekly = remembered(session, anna, date(2026, 11, 24), repeat="weekly")
    choose_hours(session, person=anna, days=range(5), starts=time(12), ends=time(17), defaults=DEFAULTS)
    (first,) = given_out(session, here("2026-11-24 09:00"))
    does(session, anna, Acknowledge(entry_id="r1", occurrence=first.id or 0), here("2026-11-24 09:01"))
    assert due(session, weekly) == ["Di 24.11.2026 09:00", "Di 01.12.2026 12:00"]


def test_a_weekday_that_was_named_comes_on_a_holiday_too(session: Session, person: Enrol) -> None:
    anna = person("anna")
    friday = remembered(session, anna, date(2026, 12, 18), repeat="FREQ=WEEKLY;BYDAY=FR", named=True)
    assert carried_on(session, anna, friday, 1) == ["Fr 18.12.2026 09:00", "Fr 25.12.2026 09:00"]


def test_a_repetition_that_began_long_ago_comes_next_time(session: Session, person: Enrol) -> None:
    assert due(session, remembered(session, person("anna"), date(2020, 1, 31), repeat="monthly")) == [
        "Mo 30.11.2026 09:00"
    ]


def test_after_a_long_pause_each_missed_one_is_there_and_the_next(session: Session, person: Enrol) -> None:
    anna = person("anna")
    daily = remembered(session, anna, date(2026, 11, 24), repeat="daily", clock=time(12))
    plan(
        session,
        reminder=daily,
        hours=hours_of(session, anna, DEFAULTS),
        defaults=DEFAULTS,
        now=here("2026-12-24 13:00"),
    )
    days = [one.day for one in occurrences(session, daily)]
    assert days[0] == date(2026, 11, 24)
    assert days[-1] == date(2026, 12, 25)
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(day=TODAY - timedelta(days=1), subject="bericht"),
        Wanted(day=TODAY, clock=time(10, 30), subject="bericht"),
        Wanted(day=TODAY, clock=time(10, 29), subject="bericht"),
        Wanted(day=date(1926, 11, 23), subject="bericht"),
        Wanted(day=date(2026, 12, 1), subject="bericht", repeat="now and then"),
    ],
)
def test_the_past_and_what_is_no_repetition_are_refused(session: Session, person: Enrol, wanted: Wanted) -> None:
    anna = person("anna")
    with pytest.raises(ReminderRefusedError):
        set_reminder(session, by=acting(anna), entry_id="r1", number=None, wanted=wanted, defaults=DEFAULTS, now=NOW)
    session.rollback()
    assert count(session, Reminder) == count(session, Occurrence) == 0


def test_saved_twice_it_is_there_once_and_says_what_was_said_last(session: Session, person: Enrol) -> None:
    anna = person("anna")
    remembered(session, anna, date(2026, 12, 1))
    again = remembered(session, anna, date(2026, 12, 2), subject="anderer bericht")
    assert count(session, Reminder) == count(session, Occurrence) == 1
    assert again.subject == "anderer bericht"
    assert due(session, again) == ["Mi 02.12.2026 09:00"]


def test_nobody_writes_over_what_is_somebody_elses(session: Session, person: Enrol) -> None:
    reminder = remembered(session, person("anna"), date(2026, 12, 1))
    with pytest.raises(ReminderGoneError):
        remembered(session, person("ben"), date(2026, 12, 2))
    session.rollback()
    assert due(session, reminder) == ["Di 01.12.2026 09:00"]


def test_a_case_opens_the_gate_first(session: Session, person: Enrol, opened: OpenCase) -> None:
    anna, ben, chef = person("anna"), person("ben"), person("chef", Role.COORDINATOR)
    with pytest.raises(ConsentMissingError):
        remembered(session, anna, date(2026, 12, 1), number=NUMBER)
    opened(anna)
    with pytest.raises(NotYourCaseError):
        remembered(session, ben, date(2026, 12, 1), number=NUMBER)
    with pytest.raises(NotAllowedError):
        remembered(session, chef, date(2026, 12, 1), number=NUMBER)
    session.rollback()
    assert count(session, Reminder) == 0
    assert remembered(session, anna, date(2026, 12, 1), number=NUMBER).case_id is not None


def test_a_long_subject_is_kept_and_read_only_with_the_key(session: Session, person: Enrol) -> None:
    anna, subject = person("anna"), "ö" * 2000
    reminder = remembered(session, anna, date(2026, 12, 1), subject=subject)
    session.expire_all()
    assert reminder.subject == subject
    stored = session.connection().exec_driver_sql("SELECT subject FROM reminder").scalar_one()
    assert "ö" not in stored


def test_the_dialogue_keeps_the_beginning_of_a_long_subject_and_shows_what_it_kept(
    session: Session, person: Enrol
) -> None:
    anna = person("anna")
    draft = ReminderDraft(entry_id="r1", subject="ab " * 667, day=date(2026, 12, 1))
    said = does(session, anna, SetReminder(draft=draft))
    kept = session.exec(select(Reminder)).one().subject or ""
    assert kept == ("ab " * 667)[: len(kept)]
    assert 100 < len(kept) < 1000
    assert kept.strip() in said.text
    assert "ab" in does(session, anna, ListReminders()).text


@pytest.fixture
def crowded(sqlite_store: Engine) -> tuple[Session, Person]:
    """Somebody with as many open reminders as there may be, a minute apart."""
    session = Session(sqlite_store)
    anna = enrol(session, channel="telegram", address="anna", alias="anna")
    session.flush()
    reminders = [
        Reminder(entry_id=f"many-{n}", person_id=anna.id or 0, day=TODAY, subject=f"nr {n}", created_at=NOW)
        for n in range(MOST_OPEN)
    ]
    session.add_all(reminders)
    session.flush()
    session.add_all(
        Occurrence(
            reminder_id=reminder.id or 0,
            day=TODAY,
            due_at=NOW + timedelta(days=1, minutes=n),
            try_at=NOW + timedelta(days=1, minutes=n),
        )
        for n, reminder in enumerate(reminders)
    )
    session.commit()
    return session, anna


def labels(said: Said) -> list[str]:
    return [choice.label for row in said.rows for choice in row]


def test_ten_thousand_are_listed_by_the_page_and_one_more_is_refused(crowded: tuple[Session, Person]) -> None:
    session, anna = crowded
    first = does(session, anna, ListReminders())
    assert first.title == "Offene Erinnerungen: 10000"
    assert "nr 0" in first.text
    assert len(first.text) < 2000
    assert "Weitere →" in labels(first)
    last = does(session, anna, ListReminders(start=MOST_OPEN - 1))
    assert last.text.splitlines()[-1].startswith("10000. ")
    assert "Weitere →" not in labels(last)
    with pytest.raises(ReminderRefusedError, match="10000"):
        remembered(session, anna, date(2026, 12, 1), entry_id="one more")
    session.rollback()
    does(session, anna, DeleteReminder(entry_id="many-17"))
    assert remembered(session, anna, date(2026, 12, 1), entry_id="one more").id


def test_a_full_list_does_not_keep_anything_from_being_changed(crowded: tuple[Session, Person]) -> None:
    session, anna = crowded
    said = does(session, anna, MoveReminder(entry_id="many-17", to=Move(day=date(2026, 12, 1))))
    assert "Di, 01.12.2026" in said.text


def given_out(session: Session, at: datetime) -> list[Occurrence]:
    """What is due by then, claimed and sent."""
    found = list(claim(session, now=at, limit=100))
    for occurrence in found:
        reminder = session.get_one(Reminder, occurrence.reminder_id)
        sent(occurrence, kind=reminder.kind, again_at=at + timedelta(hours=4), now=at)
        if reminder.repeat:
            hours = hours_of(session, session.get_one(Person, reminder.person_id), DEFAULTS)
            plan(session, reminder=reminder, hours=hours, defaults=DEFAULTS, now=at)
    session.commit()
    return found


def coming(session: Session) -> list[str]:
    """When anything is going to be tried."""
    return [german(at) for at in sorted(one.try_at for one in session.exec(select(Occurrence)) if one.try_at)]


def test_a_deleted_one_is_not_sent_and_no_old_button_makes_it_open_again(session: Session, person: Enrol) -> None:
    anna = person("anna")
    reminder = remembered(session, anna, date(2026, 11, 24), repeat="weekly")
    (first,) = given_out(session, here("2026-11-24 09:00"))
    does(session, anna, DeleteReminder(entry_id="r1"), here("2026-11-24 09:05"))
    assert coming(session) == []
    does(session, anna, Acknowledge(entry_id="r1", occurrence=first.id or 0), here("2026-11-24 09:06"))
    session.refresh(reminder)
    assert reminder.ended_at is not None
    assert open_reminders(session, person=anna, day=date(2026, 11, 24)) == []


def test_a_nudge_of_a_deleted_reminder_revives_nothing_until_it_is_restored(session: Session, person: Enrol) -> None:
    """Whatever the assistant promises is planned: the one that was put off, and if it is open again, what follows."""
    anna = person("anna")
    remembered(session, anna, date(2026, 11, 24), repeat="weekly")
    (first,) = given_out(session, here("2026-11-24 09:00"))
    does(session, anna, DeleteReminder(entry_id="r1"), here("2026-11-24 09:05"))
    later = Snooze(entry_id="r1", occurrence=first.id or 0, until="hour")
    assert "wurde geändert" in does(session, anna, later, here("2026-11-24 09:06")).text
    assert coming(session) == []
    does(session, anna, RestoreReminder(entry_id="r1"), here("2026-11-24 09:06"))
    assert "heute um 10:06 Uhr" in does(session, anna, later, here("2026-11-24 09:06")).text
    given_out(session, here("2026-11-24 10:06"))
    assert "Di 01.12.2026 09:00" in coming(session)


def test_what_was_put_off_and_is_not_done_after_all_comes_when_it_was_to_come(session: Session, person: Enrol) -> None:
    anna = person("anna")
    remembered(session, anna, date(2026, 11, 24))
    at = here("2026-11-24 09:05")
    (first,) = given_out(session, here("2026-11-24 09:00"))
    about = {"entry_id": "r1", "occurrence": first.id or 0}
    does(session, anna, Snooze.model_validate(about | {"until": "week"}), at)
    does(session, anna, Acknowledge.model_validate(about), at)
    assert coming(session) == []
    does(session, anna, ReopenNudge.model_validate(about), at)
    assert coming(session) == ["Di 01.12.2026 09:00"]


def test_who_changes_it_for_somebody_keeps_to_the_hours_of_whose_it_is(
    session: Session, person: Enrol, opened: OpenCase
) -> None:
    anna, ben = person("anna"), person("ben")
    opened(anna)
    choose_hours(session, person=anna, days={1, 2, 3}, starts=time(10), ends=time(14), defaults=DEFAULTS)
    set_absence(session, by=OPERATOR, person=anna, deputy=ben, first_day=TODAY, last_day=TODAY, now=NOW)
    remembered(session, anna, date(2026, 12, 1), number=NUMBER)
    moved = remembered(session, ben, date(2026, 12, 4), number=NUMBER)
    assert moved.person_id == anna.id
    assert due(session, moved) == ["Do 03.12.2026 10:00"]


def test_a_reminder_goes_to_the_deputy_while_somebody_is_away(session: Session, person: Enrol) -> None:
    anna, ben = person("anna"), person("ben")
    reminder = remembered(session, anna, date(2026, 12, 1))
    set_absence(
        session, by=OPERATOR, person=anna, deputy=ben, first_day=date(2026, 12, 1), last_day=date(2026, 12, 2), now=NOW
    )
    days = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 3)]
    assert [recipient_of(session, reminder, day).alias for day in days] == ["anna", "ben", "ben", "anna"]
    assert reminder_for(session, by=acting(ben), entry_id="r1", day=days[1]) == reminder
    with pytest.raises(ReminderGoneError):
        reminder_for(session, by=acting(ben), entry_id="r1", day=days[3])


def test_a_case_handed_over_takes_its_reminders_along(session: Session, person: Enrol, opened: OpenCase) -> None:
    anna, ben = person("anna"), person("ben")
    case = opened(anna)
    reminder = remembered(session, anna, date(2026, 12, 1), number=NUMBER)
    hand_over(session, by=acting(anna), case=case, to=ben, now=NOW)
    session.commit()
    assert recipient_of(session, reminder, date(2026, 12, 1)).alias == "ben"
    assert open_reminders(session, person=ben, day=TODAY)
    assert not open_reminders(session, person=anna, day=TODAY)


def test_whoever_leaves_leaves_nothing_that_reaches_nobody(session: Session, person: Enrol, opened: OpenCase) -> None:
    anna, ben = person("anna"), person("ben")
    opened(anna)
    remembered(session, anna, date(2026, 12, 1), number=NUMBER, entry_id="of the case")
    remembered(session, anna, date(2026, 12, 1), entry_id="own")
    plan_everything(session, practice=practice(), now=NOW)
    disable(session, by=OPERATOR, person=anna, hand_over_to=ben, now=NOW)
    session.commit()
    mine = open_reminders(session, person=ben, day=TODAY)
    assert {one.reminder.entry_id for one in mine} == {"of the case", "own"}
    for occurrence in session.exec(select(Occurrence)):
        reminder = session.get_one(Reminder, occurrence.reminder_id)
        assert recipient_of(session, reminder, date(2026, 12, 1)).active, reminder.entry_id


def test_whoever_may_not_read_cases_any_more_gets_none_of_them(
    session: Session, person: Enrol, opened: OpenCase
) -> None:
    anna, ben = person("anna"), person("ben")
    opened(anna)
    reminder = remembered(session, anna, date(2026, 12, 1), number=NUMBER)
    change_role(session, by=OPERATOR, person=anna, role=Role.COORDINATOR, hand_over_to=ben, now=NOW)
    session.commit()
    assert recipient_of(session, reminder, date(2026, 12, 1)).alias == "ben"


def test_a_withdrawn_consent_leaves_neither_reminder_nor_occurrence(
    session: Session, person: Enrol, opened: OpenCase
) -> None:
    anna = person("anna")
    case = opened(anna)
    remembered(session, anna, date(2026, 12, 1), number=NUMBER)
    withdraw_consent(session, by=acting(anna), case=case, now=NOW)
    session.commit()
    assert count(session, Reminder) == count(session, Occurrence) == 0


def test_what_is_set_and_ended_stands_in_the_audit_without_its_subject(session: Session, person: Enrol) -> None:
    anna = person("anna")
    reminder = remembered(session, anna, date(2026, 12, 1), subject="geheimnis")
    end_reminder(session, by=acting(anna), reminder=reminder, now=NOW)
    session.commit()
    rows = session.exec(select(AuditEvent)).all()
    assert [row.event for row in rows][-2:] == ["reminder set", "reminder ended"]
    assert "geheimnis" not in " ".join(str(row.model_dump()) for row in rows)


@pytest.fixture
def overview(session: Session, person: Enrol) -> Callable[[], Occurrence]:
    """The morning's overview of somebody, planned for eight on Tuesday."""
    person("anna")
    plan_everything(session, practice=practice(), now=NOW)
    session.commit()

    def found() -> Occurrence:
        mine = select(Occurrence).join(Reminder).where(Reminder.kind == ReminderKind.MORNING)
        return session.exec(mine).one()

    assert german(found().due_at) == "Di 24.11.2026 08:00"
    return found


def test_planning_does_not_take_away_an_overview_that_is_being_sent(
    session: Session, overview: Callable[[], Occurrence]
) -> None:
    id_ = overview().id
    claim(session, now=here("2026-11-24 08:00"), limit=100)
    session.commit()
    plan_everything(session, practice=practice(), now=here("2026-11-24 08:00") + timedelta(seconds=2))
    session.commit()
    assert (overview().id, overview().state) == (id_, State.CLAIMED)


def test_planning_does_not_take_away_an_overview_that_is_tried_again(
    session: Session, overview: Callable[[], Occurrence]
) -> None:
    at = here("2026-11-24 08:00")
    for occurrence in claim(session, now=at, limit=100):
        failed(occurrence, after=timedelta(minutes=5), uncertain=False, now=at)
    session.commit()
    plan_everything(session, practice=practice(), now=at + timedelta(minutes=1))
    session.commit()
    assert overview().try_at == at + timedelta(minutes=5)


def test_an_overview_nobody_could_be_given_makes_way_for_that_of_the_next_day(
    session: Session, overview: Callable[[], Occurrence]
) -> None:
    at = here("2026-11-24 08:00")
    for occurrence in claim(session, now=at, limit=100):
        failed(occurrence, after=timedelta(hours=24), uncertain=False, now=at)
    session.commit()
    plan_everything(session, practice=practice(), now=here("2026-11-25 07:00"))
    session.commit()
    assert german(overview().due_at) == "Mi 25.11.2026 08:00"


def test_an_overview_of_somebody_who_came_back_is_planned_again(
    session: Session, overview: Callable[[], Occurrence]
) -> None:
    anna = named(session, "anna")
    claim(session, now=here("2026-11-24 08:00"), limit=100)
    anna.active = False
    plan_standing(session, person=anna, practice=practice(), now=here("2026-11-24 08:01"))
    session.commit()
    anna.active = True
    plan_standing(session, person=anna, practice=practice(), now=here("2026-11-24 12:00"))
    session.commit()
    assert german(overview().due_at) == "Mi 25.11.2026 08:00"


EARLY = WorkingTime(frozenset(range(5)), time(6), time(8))


@pytest.fixture
def early(session: Session, person: Enrol) -> Reminder:
    """A deadline called to mind at eight, the end of somebody's day, on Tuesday and Thursday."""
    reminder = Reminder(
        entry_id="frist",
        person_id=person("anna").id or 0,
        kind=ReminderKind.DEADLINE,
        deadline="frist/2026-11-30",
        day=date(2026, 11, 30),
        created_at=NOW,
    )
    session.add(reminder)
    session.flush()
    planned_anew(session, reminder, NOW)
    assert due(session, reminder) == ["Di 24.11.2026 08:00", "Do 26.11.2026 08:00"]
    return reminder


def planned_anew(
    session: Session, reminder: Reminder, now: datetime, days: Sequence[int] = (24, 26), hours: WorkingTime = EARLY
) -> None:
    wanted = [date(2026, 11, day) for day in days]
    plan_days(session, reminder=reminder, days=wanted, hours=hours, defaults=DEFAULTS, now=now)
    session.commit()


def test_planning_leaves_alone_what_could_not_be_delivered_yet(session: Session, early: Reminder) -> None:
    at = here("2026-11-24 08:00")
    for occurrence in claim(session, now=at, limit=100):
        failed(occurrence, after=timedelta(minutes=10), uncertain=False, now=at)
    session.commit()
    planned_anew(session, early, at + timedelta(minutes=5))
    assert coming(session) == ["Di 24.11.2026 08:10", "Do 26.11.2026 08:00"]


@pytest.mark.parametrize(("until", "at"), [("hour", "Di 24.11.2026 09:05"), ("week", "Di 01.12.2026 09:00")])
def test_planning_leaves_alone_what_was_put_off(session: Session, early: Reminder, until: str, at: str) -> None:
    anna = session.get_one(Person, early.person_id)
    (first,) = given_out(session, here("2026-11-24 08:00"))
    snooze = Snooze.model_validate({"entry_id": "frist", "occurrence": first.id, "until": until})
    does(session, anna, snooze, here("2026-11-24 08:05"))
    planned_anew(session, early, here("2026-11-24 08:15"))
    assert set(coming(session)) == {at, "Do 26.11.2026 08:00"}


def test_planning_follows_other_days_and_hours_and_leaves_the_rest_as_it_is(session: Session, early: Reminder) -> None:
    before = [one.id for one in occurrences(session, early)]
    planned_anew(session, early, NOW)
    assert [one.id for one in occurrences(session, early)] == before
    later = WorkingTime(frozenset(range(5)), time(10), time(12))
    planned_anew(session, early, NOW, days=(25, 26), hours=later)
    assert due(session, early) == ["Mi 25.11.2026 10:00", "Do 26.11.2026 10:00"]


def test_one_button_answers_for_all_that_was_due_of_a_repetition(session: Session, person: Enrol) -> None:
    anna = person("anna")
    daily = remembered(session, anna, date(2026, 11, 24), repeat="daily", clock=time(12))
    at = here("2026-11-27 13:00")
    given_out(session, at)
    last = given_out(session, at)[-1]
    assert last.day == date(2026, 11, 27)
    does(session, anna, Acknowledge(entry_id="r1", occurrence=last.id or 0), at)
    session.expire_all()
    states = [one.state for one in occurrences(session, daily)]
    assert states == [State.ACKNOWLEDGED] * 4 + [State.PLANNED]


def test_a_choice_of_the_list_leads_to_each_of_its_lines(session: Session, person: Enrol) -> None:
    anna = person("anna")
    for n in range(3):
        remembered(session, anna, date(2026, 12, 1 + n), entry_id=f"r{n}", subject=f"sache {n}")
    listed = does(session, anna, ListReminders())
    choices: list[Choice] = [choice for row in listed.rows for choice in row if choice.label in ("1", "2", "3")]
    shown = [does(session, anna, choice.then).text for choice in choices]
    assert ["sache 0" in shown[0], "sache 1" in shown[1], "sache 2" in shown[2]] == [True] * 3
