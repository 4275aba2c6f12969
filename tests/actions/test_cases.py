"""Cases and the gate: nothing without a consent, nothing in somebody else's case, nothing left after a withdrawal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, select, text

from actions.absences import set_absence
from actions.access import OPERATOR, Actor, NotAllowedError
from actions.cases import (
    CaseError,
    ConsentMissingError,
    NotYourCaseError,
    add_deputy,
    case_for,
    cases_of,
    change_form,
    close_case,
    deputies_of,
    hand_over,
    hand_over_all,
    open_case,
    readable_cases,
    reopen_case,
    withdraw_consent,
)
from actions.drafts import keep_draft
from actions.hygiene import note_messages
from actions.people import disable
from actions.store.buttons import meaning_of, remember_button
from actions.store.engine import pseudonym
from actions.store.models import AuditEvent, Case, CaseDeputy, ChatMessage, Draft, Person, Role
from tests.actions.conftest import NOW, NUMBER, TODAY, Enrol, OpenCase, acting, count, events

DAY = timedelta(days=1)


def opening(session: Session, owner: Person, by: Actor | None = None, signed_on: date = TODAY) -> Case:
    return open_case(
        session,
        by=by or acting(owner),
        owner=owner,
        number=NUMBER,
        form="short",
        started_on=TODAY,
        signed_on=signed_on,
        now=NOW,
    )


def numbers(session: Session, person: Person, day: date = TODAY, *, closed: bool = False) -> list[str]:
    return [case.number for case in readable_cases(session, person, day, closed=closed)]


class TestConsent:
    def test_who_confirmed_it_and_when_is_on_record(self, session: Session, person: Enrol) -> None:
        owner, writer = person("lotse-1"), person("lotse-2")
        case = opening(session, owner, acting(writer), TODAY - 3 * DAY)
        assert (case.consent_signed_on, case.consent_confirmed_by) == (TODAY - 3 * DAY, writer.id)
        assert (case.consent_confirmed_at, case.owner_id) == (NOW, owner.id)

    def test_one_signed_tomorrow_is_none(self, session: Session, person: Enrol) -> None:
        with pytest.raises(CaseError, match="nicht erst in Zukunft"):
            opening(session, person("lotse-1"), signed_on=TODAY + DAY)
        assert count(session, Case) == 0

    def test_today_is_the_day_in_germany(self, session: Session, person: Enrol) -> None:
        owner = person("lotse-1")
        late = NOW.replace(hour=23, minute=30)  # half past midnight of the next day in Germany
        case = open_case(
            session,
            by=acting(owner),
            owner=owner,
            number=NUMBER,
            form="short",
            started_on=TODAY,
            signed_on=TODAY + DAY,
            now=late,
        )
        assert case.consent_signed_on == TODAY + DAY

    @pytest.mark.parametrize("missing", ["consent_signed_on", "consent_confirmed_by", "consent_confirmed_at"])
    def test_the_store_itself_holds_no_case_without_one(
        self, session: Session, person: Enrol, opened: OpenCase, missing: str
    ) -> None:
        opened(person("lotse-1"))
        with pytest.raises(IntegrityError):
            session.connection().execute(text(f'UPDATE "case" SET {missing} = NULL'))

    def test_without_one_nobody_gets_through_the_gate(self, session: Session, person: Enrol) -> None:
        for by in (acting(person("lotse-1")), OPERATOR):
            with pytest.raises(ConsentMissingError, match=NUMBER) as caught:
                case_for(session, by=by, number=NUMBER, day=TODAY)
            assert caught.value.number == NUMBER

    def test_nothing_can_hang_on_a_case_that_is_none(self, session: Session, person: Enrol) -> None:
        person("lotse-1")
        for statement in (
            "INSERT INTO draft VALUES (1, 'reminder', 99, 'x', 'now')",
            "INSERT INTO casedeputy VALUES (99, 1)",
            "INSERT INTO button (id, conversation, meaning, case_id, created_at) VALUES ('a', 'b', 'c', 99, 'now')",
        ):
            with pytest.raises(IntegrityError):
                session.connection().execute(text(statement))
            session.rollback()


class TestOpening:
    def test_a_number_is_opened_once(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        opened(person("lotse-1"))
        for other in (person("lotse-1"), person("lotse-2")):
            with pytest.raises(CaseError, match="schon angelegt"):
                opening(session, other)
        assert events(session).count("case opened with consent") == 1

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.CASE_MANAGER])
    def test_not_by_a_role_without_cases_and_not_for_one(self, session: Session, person: Enrol, role: Role) -> None:
        manager, other = person("lotse-1"), person("other", role)
        with pytest.raises(NotAllowedError):
            opening(session, manager, acting(other))
        with pytest.raises(CaseError, match="führt keine Fälle"):
            opening(session, other, acting(manager))
        with pytest.raises(CaseError, match="führt keine Fälle"):
            opening(session, other, OPERATOR)
        assert count(session, Case) == 0

    def test_not_by_somebody_disabled_meanwhile(self, session: Session, person: Enrol) -> None:
        gone = person("lotse-1")
        disable(session, by=OPERATOR, person=gone, hand_over_to=None, now=NOW)
        with pytest.raises(NotAllowedError):
            opening(session, gone)


class TestWhoMay:
    def test_the_owner_only(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner, other = person("lotse-1"), person("lotse-2")
        case = opened(owner)
        assert case_for(session, by=acting(owner), number=NUMBER, day=TODAY) is case
        with pytest.raises(NotYourCaseError) as caught:
            case_for(session, by=acting(other), number=NUMBER, day=TODAY)
        assert "lotse-1" not in caught.value.sentence  # whose case it is, is not told
        assert (numbers(session, owner), numbers(session, other)) == ([NUMBER], [])

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.CASE_MANAGER])
    def test_no_other_role_not_even_whether_the_number_exists(
        self, session: Session, person: Enrol, opened: OpenCase, role: Role
    ) -> None:
        opened(person("lotse-1"))
        other = person("other", role)
        for number in (NUMBER, "KIM-9999"):
            with pytest.raises(NotAllowedError):
                case_for(session, by=acting(other), number=number, day=TODAY)
        assert numbers(session, other) == []

    def test_a_stranger_is_not_taken_for_the_operator(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        opened(person("lotse-1"))
        with pytest.raises(NotAllowedError):
            case_for(session, by=Actor("telegram"), number=NUMBER, day=TODAY)

    def test_a_deputy_for_good_until_the_case_is_theirs(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        owner, deputy = person("lotse-1"), person("lotse-2")
        case = opened(owner)
        add_deputy(session, by=acting(owner), case=case, person=deputy, now=NOW)
        add_deputy(session, by=acting(owner), case=case, person=deputy, now=NOW)
        assert [one.alias for one in deputies_of(session, case)] == ["lotse-2"]
        assert events(session).count("deputy added") == 1
        assert case_for(session, by=acting(deputy), number=NUMBER, day=TODAY) is case
        hand_over(session, by=acting(owner), case=case, to=deputy, now=NOW)
        assert count(session, CaseDeputy) == 0
        assert (numbers(session, owner), numbers(session, deputy)) == ([], [NUMBER])

    def test_the_owner_is_no_deputy_of_their_own(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner = person("lotse-1")
        add_deputy(session, by=acting(owner), case=opened(owner), person=owner, now=NOW)
        assert count(session, CaseDeputy) == 0

    def test_the_deputy_of_an_absence_on_its_days_only(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner, deputy = person("lotse-1"), person("lotse-2")
        opened(owner)
        set_absence(
            session,
            by=acting(owner),
            person=owner,
            deputy=deputy,
            first_day=TODAY + DAY,
            last_day=TODAY + 2 * DAY,
            now=NOW,
        )
        seen = [numbers(session, deputy, TODAY + days * DAY) for days in range(4)]
        assert seen == [[], [NUMBER], [NUMBER], []]
        assert all(numbers(session, owner, TODAY + days * DAY) == [NUMBER] for days in range(4))

    def test_a_case_is_not_given_to_who_may_hold_none_or_has_it(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        owner = person("lotse-1")
        case = opened(owner)
        for to in (owner, person("admin-1", Role.ADMIN)):
            with pytest.raises(CaseError):
                hand_over(session, by=acting(owner), case=case, to=to, now=NOW)
        with pytest.raises(CaseError):
            add_deputy(session, by=acting(owner), case=case, person=person("admin-1"), now=NOW)
        assert (case.owner_id, count(session, CaseDeputy)) == (owner.id, 0)


class TestLifeOfACase:
    def test_closed_today_and_opened_again(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner = person("lotse-1")
        case = opened(owner)
        close_case(session, by=acting(owner), case=case, now=NOW)
        assert case.closed_on == TODAY
        assert (numbers(session, owner), numbers(session, owner, closed=True)) == ([], [NUMBER])
        with pytest.raises(CaseError, match=r"schon seit dem 23\.11\.2026"):
            close_case(session, by=acting(owner), case=case, now=NOW)
        reopen_case(session, by=acting(owner), case=case, now=NOW)
        with pytest.raises(CaseError, match="läuft noch"):
            reopen_case(session, by=acting(owner), case=case, now=NOW)
        assert numbers(session, owner) == [NUMBER]

    def test_every_change_is_in_the_audit_without_the_number(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        owner, other = person("lotse-1"), person("lotse-2")
        case, by = opened(owner), acting(owner)
        change_form(session, by=by, case=case, form="case_management", now=NOW)
        add_deputy(session, by=by, case=case, person=other, now=NOW)
        close_case(session, by=by, case=case, now=NOW)
        reopen_case(session, by=by, case=case, now=NOW)
        hand_over(session, by=by, case=case, to=other, now=NOW)
        withdraw_consent(session, by=by, case=case, now=NOW)
        session.commit()
        trail = session.exec(select(AuditEvent)).all()
        assert [event.event for event in trail] == [
            "case opened with consent",
            "case form changed",
            "deputy added",
            "case closed",
            "case reopened",
            "case handed over",
            "consent withdrawn, case forgotten",
        ]
        assert {event.subject for event in trail} == {pseudonym(session, NUMBER)}
        assert {event.person_id for event in trail} == {owner.id}
        assert NUMBER not in str([event.model_dump() for event in trail])

    def test_all_cases_of_somebody_go_closed_ones_too(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner, heir = person("lotse-1"), person("lotse-2")
        close_case(session, by=acting(owner), case=opened(owner), now=NOW)
        opened(owner, "KIM-1043")
        assert hand_over_all(session, by=OPERATOR, owner=owner, to=heir, now=NOW) == 2
        assert [case.number for case in cases_of(session, heir)] == [NUMBER, "KIM-1043"]

    def test_cases_are_listed_by_number(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner = person("lotse-1")
        for number in ("KIM-2026-0002", "KIM-1043", NUMBER):
            opened(owner, number)
        assert numbers(session, owner) == [NUMBER, "KIM-1043", "KIM-2026-0002"]


class TestWithdrawal:
    def test_everything_goes_and_the_neighbour_stays(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner, deputy = person("lotse-1"), person("lotse-2")
        cases = [opened(owner), opened(owner, "KIM-1043")]
        for case in cases:
            add_deputy(session, by=acting(owner), case=case, person=deputy, now=NOW)
            keep_draft(session, person=owner, kind=f"about {case.id}", case=case, content={"n": case.number}, now=NOW)
            remember_button(session, conversation="telegram:1", meaning={"n": case.number}, case_id=case.id, now=NOW)
        session.commit()
        withdraw_consent(session, by=acting(owner), case=cases[0], now=NOW)
        session.commit()
        everything = "".join(
            str(tuple(row)) for table in SQLModel.metadata.sorted_tables for row in session.execute(select(table))
        )
        assert NUMBER not in everything
        assert "KIM-1043" in everything
        assert [count(session, table) for table in (Case, CaseDeputy, Draft)] == [1, 1, 1]

    def test_its_buttons_mean_nothing_any_more(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner = person("lotse-1")
        case = opened(owner)
        button = remember_button(session, conversation="c", meaning={"a": 1}, case_id=case.id, now=NOW)
        session.commit()
        withdraw_consent(session, by=acting(owner), case=case, now=NOW)
        session.commit()
        assert meaning_of(session, conversation="c", button=button) is None

    def test_its_chat_messages_are_due_at_once_but_not_those_of_others(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        owner = person("lotse-1")
        case = opened(owner)
        opened(owner, "KIM-1043")
        for message, about in ((1, [NUMBER]), (2, ["KIM-1043"])):
            note_messages(
                session,
                channel="telegram",
                chat="1",
                messages=[message],
                numbers=about,
                sent_at=NOW,
                kept_for=DAY,
            )
        later = NOW + timedelta(minutes=5)
        withdraw_consent(session, by=acting(owner), case=case, now=later)
        session.commit()
        due = {row.message: (row.due_at, row.case_id is None) for row in session.exec(select(ChatMessage))}
        assert due == {1: (later, True), 2: (NOW + DAY, False)}

    def test_it_can_be_opened_anew_and_starts_empty(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner, deputy = person("lotse-1"), person("lotse-2")
        case = opened(owner)
        add_deputy(session, by=acting(owner), case=case, person=deputy, now=NOW)
        keep_draft(session, person=owner, kind="reminder", case=case, content={}, now=NOW)
        withdraw_consent(session, by=acting(owner), case=case, now=NOW)
        session.commit()
        again = opened(deputy)
        assert (deputies_of(session, again), count(session, Draft)) == ([], 0)
        assert numbers(session, owner) == []
