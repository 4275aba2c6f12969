"""The hand-over: every entry is due to exactly one person, transferred once, and forgotten with its counts kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from actions.absences import set_absence
from actions.cases import NotYourCaseError, add_deputy, hand_over, withdraw_consent
from actions.consultations import EntryGoneError, count_for_case, edit_consultation, talk_of
from actions.hygiene import due_messages, note_messages
from actions.people import enrol
from actions.statistics import Cell, cells_of, counted
from actions.store.engine import open_store
from actions.store.models import Case, ChatMessage, Consultation, Person, Role, Statistic
from actions.transfer import (
    mark_transferred,
    pending_entries,
    purge,
    undo_transferred,
    what_will_be_purged,
)
from tests.actions.conftest import NOW, NUMBER, TODAY, Enrol, OpenCase, acting, count, events
from tests.actions.talks import CASEWORK, NEEDS, logged

KEPT_FOR = timedelta(days=30)
DAY = timedelta(days=1)


def pending(session: Session, person: Person, day: date = TODAY) -> list[str]:
    return [entry.entry_id for entry in pending_entries(session, person=person, day=day)]


class TestPending:
    def test_the_oldest_talk_comes_first_and_what_is_marked_is_gone(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna, "new")
        logged(session, anna, "old", day=TODAY - DAY)
        assert pending(session, anna) == ["old", "new"]
        mark_transferred(session, by=acting(anna), entry_ids=["old"], now=NOW)
        assert pending(session, anna) == ["new"]
        undo_transferred(session, by=acting(anna), entry_ids=["old"], now=NOW)
        assert pending(session, anna) == ["old", "new"]

    def test_what_a_permanent_deputy_logged_is_due_to_the_deputy(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna, bert = person("anna"), person("bert")
        add_deputy(session, by=acting(anna), case=opened(anna), person=bert, now=NOW)
        logged(session, bert, "his")
        logged(session, anna, "hers")
        assert (pending(session, anna), pending(session, bert)) == (["hers"], ["his"])

    def test_what_an_absent_person_left_is_due_to_the_deputy_for_so_long(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna, bert = person("anna"), person("bert")
        opened(anna)
        logged(session, anna)
        set_absence(session, by=acting(anna), person=anna, deputy=bert, first_day=TODAY, last_day=TODAY, now=NOW)
        assert (pending(session, anna), pending(session, bert)) == ([], ["e1"])
        assert (pending(session, anna, TODAY + DAY), pending(session, bert, TODAY + DAY)) == (["e1"], [])

    def test_what_was_logged_in_an_absence_falls_to_the_owner_afterwards(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna, bert = person("anna"), person("bert")
        opened(anna)
        set_absence(session, by=acting(anna), person=anna, deputy=bert, first_day=TODAY, last_day=TODAY, now=NOW)
        logged(session, bert)
        assert (pending(session, anna), pending(session, bert)) == ([], ["e1"])
        assert (pending(session, anna, TODAY + DAY), pending(session, bert, TODAY + DAY)) == (["e1"], [])

    def test_with_a_case_its_entries_are_handed_over(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna, bert = person("anna"), person("bert")
        case = opened(anna)
        logged(session, anna)
        hand_over(session, by=acting(anna), case=case, to=bert, now=NOW)
        assert (pending(session, anna), pending(session, bert)) == ([], ["e1"])

    def test_other_roles_have_none(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna)
        anna.role = Role.COORDINATOR
        assert pending(session, anna) == []


class TestMarking:
    def test_a_second_tap_marks_nothing_and_keeps_the_first_moment(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna = person("anna")
        opened(anna)
        entry = logged(session, anna)
        assert mark_transferred(session, by=acting(anna), entry_ids=["e1"], now=NOW) == [entry]
        assert mark_transferred(session, by=acting(anna), entry_ids=["e1"], now=NOW + DAY) == []
        assert entry.transferred_at == NOW
        assert events(session).count("consultation transferred") == 1

    def test_the_chat_messages_of_these_cases_are_due_and_no_others(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna = person("anna")
        opened(anna)
        opened(anna, "KIM-2000")
        for message, number in ((1, NUMBER), (2, "KIM-2000")):
            note_messages(
                session,
                channel="telegram",
                chat="anna",
                messages=[message],
                numbers=[number],
                sent_at=NOW,
                kept_for=timedelta(hours=24),
            )
        logged(session, anna)
        assert list(due_messages(session, channel="telegram", now=NOW, limit=9)) == []
        mark_transferred(session, by=acting(anna), entry_ids=["e1"], now=NOW)
        assert [row.message for row in due_messages(session, channel="telegram", now=NOW, limit=9)] == [1]
        assert count(session, ChatMessage) == 2

    def test_somebody_else_marks_nothing(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna, bert = person("anna"), person("bert")
        opened(anna)
        logged(session, anna)
        with pytest.raises(NotYourCaseError):
            mark_transferred(session, by=acting(bert), entry_ids=["e1"], now=NOW)
        mark_transferred(session, by=acting(anna), entry_ids=["e1"], now=NOW)
        with pytest.raises(NotYourCaseError):
            undo_transferred(session, by=acting(bert), entry_ids=["e1"], now=NOW)

    def test_what_is_gone_is_named(self, session: Session, person: Enrol) -> None:
        with pytest.raises(EntryGoneError, match=r"gibt es nicht mehr"):
            mark_transferred(session, by=acting(person("anna")), entry_ids=["e9"], now=NOW)


class TestPurge:
    def test_only_what_was_transferred_long_enough_ago_goes(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna = person("anna")
        case = opened(anna)
        for entry_id in ("old", "new", "open"):
            logged(session, anna, entry_id)
        mark_transferred(session, by=acting(anna), entry_ids=["old"], now=NOW)
        mark_transferred(session, by=acting(anna), entry_ids=["new"], now=NOW + timedelta(seconds=1))
        assert purge(session, kept_for=KEPT_FOR, now=NOW + KEPT_FOR) == 1
        session.commit()
        session.expire_all()
        assert sorted(session.exec(select(Consultation.entry_id))) == ["new", "open"]
        assert count_for_case(session, case=case) == 3
        assert events(session)[-1] == "consultation purged"

    def test_what_goes_is_shown_before(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna, bert = person("anna"), person("bert")
        opened(anna)
        logged(session, anna, "first")
        logged(session, anna, "second")
        logged(session, anna, "open")
        mark_transferred(session, by=acting(anna), entry_ids=["second"], now=NOW + DAY)
        mark_transferred(session, by=acting(anna), entry_ids=["first"], now=NOW)

        def soon(who: Person, within: timedelta) -> list[str]:
            found = what_will_be_purged(
                session, person=who, kept_for=KEPT_FOR, within=within, now=NOW + KEPT_FOR - 2 * DAY
            )
            return [entry.entry_id for entry in found]

        assert soon(anna, DAY) == []
        assert soon(anna, 2 * DAY) == ["first"]
        assert soon(anna, 3 * DAY) == ["first", "second"]
        assert soon(bert, 3 * DAY) == []

    def test_counted_once_and_an_edit_in_between_keeps_the_entry(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna = person("anna")
        opened(anna)
        entry = logged(session, anna)
        mark_transferred(session, by=acting(anna), entry_ids=["e1"], now=NOW)
        talk = replace(talk_of(entry), duration_min=25)
        edit_consultation(session, by=acting(anna), entry_id="e1", talk=talk, needs=NEEDS, casework=CASEWORK, now=NOW)
        assert purge(session, kept_for=KEPT_FOR, now=NOW + 2 * KEPT_FOR) == 0
        mark_transferred(session, by=acting(anna), entry_ids=["e1"], now=NOW)
        assert [purge(session, kept_for=KEPT_FOR, now=NOW + 2 * KEPT_FOR) for _ in range(2)] == [1, 0]
        talks = session.exec(select(Statistic).where(Statistic.kind == "talks")).one()
        assert (talks.month, talks.form, talks.count) == (TODAY.replace(day=1), "short", 1)

    def test_a_purge_that_lost_the_race_counts_nothing(
        self, session: Session, person: Enrol, opened: OpenCase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another process purges between this one's look and its deletion."""
        anna = person("anna")
        case = opened(anna)
        logged(session, anna)
        mark_transferred(session, by=acting(anna), entry_ids=["e1"], now=NOW)
        session.commit()
        others: list[int] = []

        def meanwhile(entry: Consultation) -> list[Cell]:
            cells = cells_of(entry)
            monkeypatch.undo()
            with Session(session.get_bind()) as other:
                others.append(purge(other, kept_for=KEPT_FOR, now=NOW + KEPT_FOR))
                other.commit()
            return cells

        monkeypatch.setattr("actions.transfer.cells_of", meanwhile)
        assert purge(session, kept_for=KEPT_FOR, now=NOW + KEPT_FOR) == 0
        session.commit()
        assert others == [1]
        assert session.exec(select(Statistic.count).where(Statistic.kind == "talks")).one() == 1
        assert count_for_case(session, case=case) == 1

    def test_the_statistics_hold_neither_case_nor_person(self) -> None:
        assert set(Statistic.model_fields) == {"month", "form", "kind", "value", "count"}

    def test_after_a_withdrawal_only_sums_remain(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        case = opened(anna)
        logged(session, anna)
        mark_transferred(session, by=acting(anna), entry_ids=["e1"], now=NOW)
        purge(session, kept_for=KEPT_FOR, now=NOW + KEPT_FOR)
        withdraw_consent(session, by=acting(anna), case=case, now=NOW)
        session.commit()
        assert count(session, Case) == 0
        assert count(session, Statistic) == 3


TALKS = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.lists(st.sampled_from([need.title for need in NEEDS.needs]), min_size=1, max_size=3, unique=True),
        st.sampled_from([None, "Jobcenter", "JMD"]),
        st.sampled_from([None, "kein Kurs"]),
        st.booleans(),
    ),
    max_size=8,
)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(talks=TALKS)
def test_whatever_is_purged_the_counts_stay_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    talks: list[tuple[int, list[str], str | None, str | None, bool]],
) -> None:
    engine = open_store(tmp_path_factory.mktemp("store") / "lotse.db")
    with Session(engine) as session:
        anna = enrol(session, channel="telegram", address="anna", alias="anna")
        session.add(
            Case(
                number=NUMBER,
                form="short",
                owner_id=anna.id or 0,
                started_on=TODAY,
                consent_signed_on=TODAY,
                consent_confirmed_by=anna.id or 0,
                consent_confirmed_at=NOW,
            )
        )
        session.commit()
        for number, (days, topics, referral, gap, done) in enumerate(talks):
            said = {"topics": tuple(topics), "referral": referral, "gap": gap}
            logged(session, anna, f"e{number}", day=TODAY - timedelta(days=days), **said)
            if done:
                mark_transferred(session, by=acting(anna), entry_ids=[f"e{number}"], now=NOW)
        first, last = TODAY.replace(month=9, day=1), TODAY.replace(day=1)
        before = counted(session, first, last)
        assert purge(session, kept_for=KEPT_FOR, now=NOW + KEPT_FOR) == sum(done for *_, done in talks)
        session.commit()
        assert counted(session, first, last) == before
        assert sum(n for cell, n in before.items() if cell.kind == "talks") == len(talks)
        left = session.exec(select(Consultation).where(col(Consultation.transferred_at).is_not(None))).all()
        assert left == []
    engine.dispose()
