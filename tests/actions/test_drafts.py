"""Drafts: for a day, one per person and kind, and only for who may act in the case now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from actions.absences import end_absence, set_absence
from actions.access import OPERATOR
from actions.cases import hand_over, withdraw_consent
from actions.drafts import KEPT_FOR, draft_of, drop_draft, drop_old_drafts, keep_draft, newest_draft
from actions.people import change_role
from actions.store.models import Case, Draft, Person, Role
from tests.actions.conftest import NOW, TODAY, Enrol, OpenCase, acting, count

KIND = "consultation"


def keep(session: Session, person: Person, case: Case, kind: str = KIND, note: str = "x") -> None:
    keep_draft(session, person=person, kind=kind, case=case, content={"note": note}, now=NOW)
    session.commit()


def found(session: Session, person: Person, after: timedelta = timedelta(), kind: str = KIND) -> str | None:
    draft = draft_of(session, person=person, kind=kind, now=NOW + after)
    newest = newest_draft(session, person=person, kind=kind, now=NOW + after)
    assert draft is newest
    return draft.content["note"] if draft else None


def test_the_last_of_a_kind_is_kept(session: Session, person: Enrol, opened: OpenCase) -> None:
    owner = person("lotse-1")
    case, other = opened(owner), opened(owner, "KIM-1043")
    keep(session, owner, case, note="first")
    keep(session, owner, other, note="second")
    keep(session, owner, case, kind="reminder", note="third")
    assert (found(session, owner), found(session, owner, kind="reminder")) == ("second", "third")
    assert session.exec(select(Draft.case_id).where(Draft.kind == KIND)).one() == other.id


def test_each_person_has_their_own(session: Session, person: Enrol, opened: OpenCase) -> None:
    owner = person("lotse-1")
    keep(session, owner, opened(owner))
    assert found(session, person("lotse-2")) is None


def test_after_a_day_it_is_gone(session: Session, person: Enrol, opened: OpenCase) -> None:
    owner = person("lotse-1")
    keep(session, owner, opened(owner))
    assert found(session, owner, KEPT_FOR - timedelta(seconds=1)) == "x"
    assert found(session, owner, KEPT_FOR) is None
    drop_old_drafts(session, now=NOW + KEPT_FOR - timedelta(seconds=1))
    assert count(session, Draft) == 1
    drop_old_drafts(session, now=NOW + KEPT_FOR)
    assert count(session, Draft) == 0


def test_a_dropped_one_leaves_the_others(session: Session, person: Enrol, opened: OpenCase) -> None:
    owner = person("lotse-1")
    case = opened(owner)
    keep(session, owner, case)
    keep(session, owner, case, kind="reminder")
    drop_draft(session, person=owner, kind=KIND)
    assert (found(session, owner), found(session, owner, kind="reminder")) == (None, "x")


def test_who_handed_the_case_over_reads_it_no_more(session: Session, person: Enrol, opened: OpenCase) -> None:
    owner = person("lotse-1")
    case = opened(owner)
    keep(session, owner, case)
    hand_over(session, by=acting(owner), case=case, to=person("lotse-2"), now=NOW)
    assert found(session, owner) is None


def test_a_deputy_reads_it_while_the_absence_lasts(session: Session, person: Enrol, opened: OpenCase) -> None:
    owner, deputy = person("lotse-1"), person("lotse-2")
    case = opened(owner)
    set_absence(session, by=OPERATOR, person=owner, deputy=deputy, first_day=TODAY, last_day=TODAY, now=NOW)
    keep(session, deputy, case)
    assert found(session, deputy) == "x"
    assert found(session, deputy, timedelta(hours=14)) is None  # past midnight in Germany
    end_absence(session, by=OPERATOR, person=owner, now=NOW)
    session.flush()
    assert found(session, deputy) is None


def test_a_role_without_cases_reads_none(session: Session, person: Enrol, opened: OpenCase) -> None:
    owner = person("lotse-1")
    case = opened(owner)
    keep(session, owner, case)
    change_role(session, by=OPERATOR, person=owner, role=Role.ADMIN, hand_over_to=person("lotse-2"), now=NOW)
    assert found(session, owner) is None


def test_a_case_forgotten_meanwhile_takes_no_draft(session: Session, person: Enrol, opened: OpenCase) -> None:
    owner = person("lotse-1")
    case = opened(owner)
    keep(session, owner, case)
    number = case.id
    withdraw_consent(session, by=acting(owner), case=case, now=NOW)
    session.commit()
    assert found(session, owner) is None
    session.add(Draft(person_id=owner.id or 0, kind=KIND, case_id=number or 0, content={}, updated_at=NOW))
    with pytest.raises(IntegrityError):
        session.commit()
