"""Absences: who gets what is due, over chains and circles, and never somebody who is gone or holds no cases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from actions.absences import AbsenceError, absences_of, acting_for, acts_for, end_absence, set_absence
from actions.access import OPERATOR
from actions.people import change_role, disable
from actions.store.models import Absence, Person, Role
from tests.actions.conftest import NOW, TODAY, Enrol, count, events

DAY = timedelta(days=1)


def absent(session: Session, person: Person, deputy: Person, first: date = TODAY, last: date | None = None) -> Absence:
    return set_absence(
        session, by=OPERATOR, person=person, deputy=deputy, first_day=first, last_day=last or first, now=NOW
    )


def acting(session: Session, person: Person, day: date = TODAY) -> str:
    return acting_for(session, person, day).alias


class TestRecording:
    def test_both_days_are_included(self, session: Session, person: Enrol) -> None:
        me, other = person("lotse-1"), person("lotse-2")
        absent(session, me, other, TODAY + DAY, TODAY + 2 * DAY)
        assert [acting(session, me, TODAY + n * DAY) for n in range(4)] == ["lotse-1", "lotse-2", "lotse-2", "lotse-1"]

    def test_who_is_away_already_may_say_so_later(self, session: Session, person: Enrol) -> None:
        me, other = person("lotse-1"), person("lotse-2")
        absent(session, me, other, TODAY - 3 * DAY, TODAY)
        assert acting(session, me) == "lotse-2"

    @pytest.mark.parametrize(("first", "last"), [(0, -1), (5, 4), (-3, -1)])
    def test_days_in_the_wrong_order_or_past_are_refused(
        self, session: Session, person: Enrol, first: int, last: int
    ) -> None:
        me, other = person("lotse-1"), person("lotse-2")
        with pytest.raises(AbsenceError, match="Zeitraum"):
            absent(session, me, other, TODAY + first * DAY, TODAY + last * DAY)
        assert count(session, Absence) == 0

    def test_the_store_refuses_the_wrong_order_too(self, session: Session, person: Enrol) -> None:
        me, other = person("lotse-1"), person("lotse-2")
        session.add(Absence(person_id=me.id or 0, deputy_id=other.id or 0, first_day=TODAY, last_day=TODAY - DAY))
        with pytest.raises(IntegrityError):
            session.commit()

    def test_not_by_oneself_nor_by_somebody_gone_or_without_cases(self, session: Session, person: Enrol) -> None:
        me, gone = person("lotse-1"), person("lotse-2")
        disable(session, by=OPERATOR, person=gone, hand_over_to=None, now=NOW)
        for deputy in (me, gone, person("admin-1", Role.ADMIN)):
            with pytest.raises(AbsenceError):
                absent(session, me, deputy)
        assert count(session, Absence) == 0

    def test_who_holds_no_cases_may_be_stood_in_for_by_anybody(self, session: Session, person: Enrol) -> None:
        one, other = person("admin-1", Role.ADMIN), person("coordinator-1", Role.COORDINATOR)
        absent(session, one, other)
        assert acting(session, one) == "coordinator-1"

    @pytest.mark.parametrize(
        ("first", "last", "left"),
        [(4, 6, 1), (0, 4, 1), (6, 9, 1), (0, 20, 1), (5, 5, 1), (0, 3, 2), (7, 9, 2)],
    )
    def test_a_later_one_replaces_what_it_overlaps_and_nothing_else(
        self, session: Session, person: Enrol, first: int, last: int, left: int
    ) -> None:
        me, other, third = person("lotse-1"), person("lotse-2"), person("lotse-3")
        absent(session, me, other, TODAY + 4 * DAY, TODAY + 6 * DAY)
        neighbour = person("lotse-4")
        absent(session, neighbour, other, TODAY + 4 * DAY, TODAY + 6 * DAY)
        absent(session, me, third, TODAY + first * DAY, TODAY + last * DAY)
        assert len(absences_of(session, me, from_day=TODAY)) == left
        assert acting(session, me, TODAY + first * DAY) == "lotse-3"
        assert len(absences_of(session, neighbour, from_day=TODAY)) == 1


class TestReturning:
    def test_today_and_later_ones_are_dropped_and_past_ones_kept(self, session: Session, person: Enrol) -> None:
        me, other = person("lotse-1"), person("lotse-2")
        session.add(
            Absence(person_id=me.id or 0, deputy_id=other.id or 0, first_day=TODAY - 9 * DAY, last_day=TODAY - 8 * DAY)
        )
        absent(session, me, other, TODAY - DAY, TODAY)
        absent(session, me, other, TODAY + 5 * DAY, TODAY + 6 * DAY)
        assert end_absence(session, by=OPERATOR, person=me, now=NOW)
        session.flush()
        assert [one.last_day for one in session.exec(select(Absence))] == [TODAY - 8 * DAY]
        assert not end_absence(session, by=OPERATOR, person=me, now=NOW)
        assert events(session).count("absence ended") == 1


class TestActing:
    @pytest.fixture
    def three(self, person: Enrol) -> list[Person]:
        return [person(f"lotse-{i}") for i in range(1, 4)]

    def test_along_a_chain_the_last_one_there_gets_it_and_all_may(self, session: Session, three: list[Person]) -> None:
        one, two, last = three
        absent(session, one, two)
        absent(session, two, last)
        assert acting(session, one) == "lotse-3"
        assert acts_for(session, last, TODAY) == {one.id, two.id}
        assert acts_for(session, two, TODAY) == {one.id}
        assert acts_for(session, one, TODAY) == set()

    def test_in_a_circle_it_stays_with_the_person(self, session: Session, three: list[Person]) -> None:
        for away, deputy in zip(three, [*three[1:], three[0]], strict=True):
            absent(session, away, deputy)
        assert [acting(session, one) for one in three] == ["lotse-1", "lotse-2", "lotse-3"]
        ids = {one.id for one in three}
        assert [acts_for(session, one, TODAY) for one in three] == [ids - {one.id} for one in three]

    def test_into_a_circle_of_others_it_stays_with_the_person(self, session: Session, three: list[Person]) -> None:
        one, two, last = three
        absent(session, one, two)
        absent(session, two, last)
        absent(session, last, two)
        assert acting(session, one) == "lotse-1"
        assert acts_for(session, last, TODAY) == {one.id, two.id}

    def test_who_leaves_stands_in_for_nobody(self, session: Session, three: list[Person]) -> None:
        one, two, _ = three
        absent(session, one, two)
        disable(session, by=OPERATOR, person=two, hand_over_to=None, now=NOW)
        assert acting(session, one) == "lotse-1"

    def test_a_deputy_chosen_before_the_person_had_cases_gets_none_of_what_is_due(
        self, session: Session, person: Enrol
    ) -> None:
        one, other = person("admin-1", Role.ADMIN), person("admin-2", Role.ADMIN)
        absent(session, one, other)
        change_role(session, by=OPERATOR, person=one, role=Role.CASE_MANAGER, hand_over_to=None, now=NOW)
        assert acting(session, one) == "admin-1"
