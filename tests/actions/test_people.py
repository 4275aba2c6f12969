"""People: invitations that hold once, accounts that change, roles, and being out at once."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select, text

from actions.absences import set_absence
from actions.access import (
    OPERATOR,
    PERMISSIONS,
    ROLE_NAMES,
    Actor,
    NotAllowedError,
    Permission,
    may,
    require,
)
from actions.cases import CaseError, add_deputy, cases_of, close_case
from actions.drafts import keep_draft
from actions.people import (
    ALIAS,
    AlreadyKnownError,
    InvitationError,
    Invited,
    StaffError,
    anybody_in,
    by_alias,
    change_role,
    change_share,
    colleagues,
    disable,
    drop_expired_invitations,
    enrol,
    erase,
    invite,
    known_person,
    open_invitation,
    redeem,
    require_person,
)
from actions.store.models import Absence, Account, AuditEvent, CaseDeputy, Draft, Invitation, Person, Role
from tests.actions.conftest import NOW, TODAY, Enrol, OpenCase, acting, count, events, named

HOUR = timedelta(hours=1)
HOLD_NO_CASES = [role for role in Role if Permission.CASES not in PERMISSIONS[role]]


def invited(session: Session, alias: str = "lotse-3", *, role: Role = Role.CASE_MANAGER, **other: object) -> Invited:
    details = {"share": 1.0, "new_account": False, "now": NOW} | other
    return invite(session, by=OPERATOR, alias=alias, role=role, **details)  # type: ignore[arg-type]


def joined(session: Session, token: str, address: str = "4711", **other: object) -> Person:
    details = {"channel": "telegram", "now": NOW} | other
    return redeem(session, token=token, address=address, **details)  # type: ignore[arg-type]


def known(session: Session, address: str = "4711", channel: str = "telegram") -> str | None:
    found = known_person(session, channel=channel, address=address)
    return found.alias if found else None


class TestPermissions:
    def test_only_case_management_reads_cases(self) -> None:
        assert [role for role in Role if Permission.CASES in PERMISSIONS[role]] == [Role.CASE_MANAGER]

    def test_every_role_has_permissions_and_a_german_name(self) -> None:
        assert set(PERMISSIONS) == set(ROLE_NAMES) == set(Role)
        assert all(PERMISSIONS[role] >= {Permission.RULES, Permission.DEADLINES} for role in Role)

    @pytest.mark.parametrize("permission", Permission)
    def test_the_operator_may_and_a_stranger_may_not(self, permission: Permission) -> None:
        require(OPERATOR, permission)
        with pytest.raises(NotAllowedError):
            require(Actor("telegram"), permission)

    def test_somebody_disabled_may_nothing_whatever_the_role(self) -> None:
        for role in Role:
            gone = Person(alias="lotse-1", role=role, active=False)
            assert not [permission for permission in Permission if may(gone, permission)]

    def test_a_refusal_says_in_german_whom_to_ask(self) -> None:
        with pytest.raises(NotAllowedError, match=r"^Das ist Ihrer Rolle nicht freigegeben – bitte .*\.$"):
            require(Actor("telegram", Person(alias="a-1", role=Role.ADMIN)), Permission.CASES)


class TestInvitations:
    def test_a_link_lets_one_account_in(self, session: Session) -> None:
        link = invited(session, "Lotse-3", role=Role.COORDINATOR, share=0.5)
        assert known(session) is None
        person = joined(session, link.token)
        assert (person.alias, person.role, person.share) == ("lotse-3", Role.COORDINATOR, 0.5)
        assert known(session) == "lotse-3"
        assert known(session, channel="console") is None
        assert events(session) == ["staff invited", "staff joined"]

    def test_a_second_use_lets_nobody_in(self, session: Session) -> None:
        link = invited(session)
        joined(session, link.token)
        with pytest.raises(InvitationError, match=r"gilt nicht mehr – .*\.$"):
            joined(session, link.token, "4712")
        assert known(session, "4712") is None
        assert known(session, "4711") == "lotse-3"

    @pytest.mark.parametrize(("after", "holds"), [(timedelta(), True), (71 * HOUR, True), (72 * HOUR, False)])
    def test_a_link_holds_for_72_hours(self, session: Session, after: timedelta, holds: bool) -> None:
        link = invited(session)
        assert link.expires_at == NOW + 72 * HOUR
        if holds:
            joined(session, link.token, now=NOW + after)
            assert known(session) == "lotse-3"
        else:
            with pytest.raises(InvitationError):
                joined(session, link.token, now=NOW + after)
            assert known(session) is None

    @pytest.mark.parametrize("token", ["", "made-up", "A" * 32, "' OR 1=1 --"])
    def test_a_made_up_link_lets_nobody_in(self, session: Session, token: str) -> None:
        invited(session)
        with pytest.raises(InvitationError):
            joined(session, token)

    def test_the_token_is_kept_nowhere(self, session: Session) -> None:
        link = invited(session)
        session.commit()
        (row,) = session.connection().execute(text("SELECT * FROM invitation")).all()
        assert link.token not in map(str, row)
        assert link.token not in str(session.exec(select(AuditEvent)).all())

    def test_tokens_differ_and_fit_a_telegram_link(self, session: Session) -> None:
        tokens = {invited(session, f"lotse-{i}").token for i in range(10, 30)}
        assert len(tokens) == 20
        assert all(len(token) <= 64 and set(token) <= set(ALLOWED_IN_START) for token in tokens)

    def test_two_admins_invite_the_same_person_and_only_the_later_link_holds(self, session: Session) -> None:
        first = invited(session)
        second = invited(session, now=NOW + HOUR)
        assert (first.replaced, second.replaced) == (False, True)
        assert first.person is second.person
        with pytest.raises(InvitationError):
            joined(session, first.token, now=NOW + HOUR)
        assert joined(session, second.token, now=NOW + HOUR).alias == "lotse-3"

    def test_an_expired_link_is_not_said_to_be_replaced(self, session: Session) -> None:
        invited(session)
        assert not invited(session, now=NOW + 72 * HOUR).replaced

    def test_two_accounts_use_the_link_at_once_and_one_is_in(self, engine: Engine) -> None:
        with Session(engine) as session:
            link = invited(session)
            session.commit()
        with Session(engine) as one, Session(engine) as other:
            joined(one, link.token, "4711")
            one.commit()
            with pytest.raises(InvitationError):
                joined(other, link.token, "4712")
        with Session(engine) as session:
            assert [account.address for account in session.exec(select(Account))] == ["4711"]

    def test_a_link_passed_on_to_a_colleague_does_not_make_them_somebody_else(self, session: Session) -> None:
        enrol(session, channel="telegram", address="1", alias="lotse-1")
        link = invited(session)
        with pytest.raises(AlreadyKnownError):
            joined(session, link.token, "1")
        assert known(session, "1") == "lotse-1"
        assert joined(session, link.token, "4711").alias == "lotse-3"

    def test_who_is_in_gets_no_second_link_by_accident(self, session: Session, person: Enrol) -> None:
        person("lotse-1")
        with pytest.raises(StaffError, match="--new-account"):
            invited(session, "lotse-1")
        assert count(session, Invitation) == 0

    def test_another_telegram_account_takes_the_place_of_the_old_one(self, session: Session) -> None:
        joined(session, invited(session).token, "old")
        enrol(session, channel="console", address="local", alias="lotse-3")
        link = invited(session, new_account=True)
        assert known(session, "old") == "lotse-3"  # until the new one is there
        joined(session, link.token, "new")
        assert (known(session, "old"), known(session, "new")) == (None, "lotse-3")
        assert known(session, "local", "console") == "lotse-3"
        assert count(session, Person) == 1

    def test_an_account_somebody_left_behind_can_be_another_persons(self, session: Session) -> None:
        joined(session, invited(session).token, "shared")
        disable(session, by=OPERATOR, person=named(session, "lotse-3"), hand_over_to=None, now=NOW)
        joined(session, invited(session, "lotse-4").token, "shared")
        assert known(session, "shared") == "lotse-4"

    @pytest.mark.parametrize(
        "alias",
        ["", "a", "-lotse", "zwei wörter", "lotse/3", "x" * 33, "gelöscht-3", "Gelöscht", "a\nb", "ä😀", "../x", "a;b"],
    )
    def test_what_is_no_alias_is_refused(self, session: Session, alias: str) -> None:
        with pytest.raises(StaffError, match="Alias"):
            invited(session, alias)
        assert (count(session, Person), count(session, Invitation)) == (0, 0)

    @pytest.mark.parametrize("share", [0.0, -0.5, 1.01, math.nan, math.inf])
    def test_what_is_no_share_of_a_post_is_refused(self, session: Session, person: Enrol, share: float) -> None:
        with pytest.raises(StaffError, match="Stellenanteil"):
            invited(session, share=share)
        assert count(session, Person) == 0
        known_one = person("lotse-1")
        with pytest.raises(StaffError, match="Stellenanteil"):
            change_share(session, by=OPERATOR, person=known_one, share=share, now=NOW)
        assert known_one.share == 1.0

    def test_the_audit_names_nobody(self, session: Session) -> None:
        joined(session, invited(session, "lotse-3").token)
        change_share(session, by=OPERATOR, person=named(session, "lotse-3"), share=0.5, now=NOW)
        session.flush()
        assert "lotse-3" not in str([event.detail for event in session.exec(select(AuditEvent))])

    def test_expired_ones_are_dropped_and_open_ones_kept(self, session: Session) -> None:
        old = invited(session, "lotse-1", now=NOW - 72 * HOUR).person
        new = invited(session, "lotse-2", now=NOW - 71 * HOUR).person
        assert open_invitation(session, old, NOW) is None
        drop_expired_invitations(session, now=NOW)
        assert [row.person_id for row in session.exec(select(Invitation))] == [new.id]
        assert open_invitation(session, new, NOW) is not None


ALLOWED_IN_START = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
"""What Telegram carries in a deep link."""


@hypothesis_settings(derandomize=True, deadline=None)
@given(st.from_regex(ALIAS, fullmatch=True))
def test_an_alias_says_itself_however_it_is_typed(alias: str) -> None:
    assert alias == alias.strip()
    assert ALIAS.fullmatch(alias.lower())


class TestBeingInvitedAgain:
    def test_with_another_role_the_cases_may_not_be_left_in_hands_that_cannot_hold_them(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        holder = person("lotse-1")
        opened(holder)
        with pytest.raises(StaffError, match=r"noch Fälle \(1\)"):
            invited(session, "lotse-1", role=Role.ADMIN, new_account=True)
        session.rollback()
        assert named(session, "lotse-1").role is Role.CASE_MANAGER
        assert count(session, Invitation) == 0

    def test_with_another_role_nobody_is_stood_in_for_any_more(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        owner, deputy = person("lotse-1"), person("lotse-2")
        add_deputy(session, by=acting(owner), case=opened(owner), person=deputy, now=NOW)
        set_absence(session, by=OPERATOR, person=owner, deputy=deputy, first_day=TODAY, last_day=TODAY, now=NOW)
        invited(session, "lotse-2", role=Role.COORDINATOR, new_account=True)
        assert (count(session, CaseDeputy), count(session, Absence)) == (0, 0)

    def test_with_the_same_role_cases_stay_where_they_are(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        holder = person("lotse-1")
        opened(holder)
        joined(session, invited(session, "lotse-1", new_account=True).token, "new")
        assert len(cases_of(session, named(session, "lotse-1"))) == 1

    def test_somebody_disabled_comes_back_without_what_they_had(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        gone, heir = person("lotse-1"), person("lotse-2")
        opened(gone)
        disable(session, by=OPERATOR, person=gone, hand_over_to=heir, now=NOW)
        back = joined(session, invited(session, "lotse-1").token, "new")
        assert back.id == gone.id
        assert may(back, Permission.CASES)
        assert cases_of(session, back) == []
        assert known(session, "lotse-1") is None  # the old account stays out


class TestRoles:
    @pytest.mark.parametrize("role", HOLD_NO_CASES)
    def test_a_role_without_cases_needs_somebody_to_take_them(
        self, session: Session, person: Enrol, opened: OpenCase, role: Role
    ) -> None:
        holder, heir = person("lotse-1"), person("lotse-2")
        case = opened(holder)
        with pytest.raises(StaffError, match="--hand-over-to"):
            change_role(session, by=OPERATOR, person=holder, role=role, hand_over_to=None, now=NOW)
        session.rollback()
        assert holder.role is Role.CASE_MANAGER
        assert change_role(session, by=OPERATOR, person=holder, role=role, hand_over_to=heir, now=NOW) == 1
        assert (holder.role, case.owner_id) == (role, heir.id)

    def test_a_role_without_cases_leaves_no_draft_of_one(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        owner, deputy = person("lotse-1"), person("lotse-2")
        case = opened(owner)
        add_deputy(session, by=acting(owner), case=case, person=deputy, now=NOW)
        keep_draft(session, person=deputy, kind="consultation", case=case, content={"note": "x"}, now=NOW)
        change_role(session, by=OPERATOR, person=deputy, role=Role.COORDINATOR, hand_over_to=None, now=NOW)
        assert (count(session, Draft), count(session, CaseDeputy)) == (0, 0)

    def test_closed_cases_are_cases_too(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        holder = person("lotse-1")
        close_case(session, by=acting(holder), case=opened(holder), now=NOW)
        with pytest.raises(StaffError, match=r"noch Fälle \(1\)"):
            change_role(session, by=OPERATOR, person=holder, role=Role.ADMIN, hand_over_to=None, now=NOW)

    @pytest.mark.parametrize("role", HOLD_NO_CASES)
    def test_cases_are_not_given_to_who_may_hold_none(
        self, session: Session, person: Enrol, opened: OpenCase, role: Role
    ) -> None:
        holder, wrong = person("lotse-1"), person("lotse-2", role)
        opened(holder)
        with pytest.raises(CaseError, match="führt keine Fälle"):
            disable(session, by=OPERATOR, person=holder, hand_over_to=wrong, now=NOW)

    def test_nor_to_themselves(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        holder = person("lotse-1")
        opened(holder)
        with pytest.raises(CaseError):
            disable(session, by=OPERATOR, person=holder, hand_over_to=holder, now=NOW)

    def test_nor_to_somebody_disabled(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        holder, gone = person("lotse-1"), person("lotse-2")
        opened(holder)
        disable(session, by=OPERATOR, person=gone, hand_over_to=None, now=NOW)
        with pytest.raises(CaseError):
            disable(session, by=OPERATOR, person=holder, hand_over_to=gone, now=NOW)

    def test_a_change_between_roles_is_in_the_audit(self, session: Session, person: Enrol) -> None:
        change_role(session, by=OPERATOR, person=person("a-1"), role=Role.ADMIN, hand_over_to=None, now=NOW)
        session.flush()
        last = session.exec(select(AuditEvent)).all()[-1]
        assert (last.channel, last.event, last.person_id) == ("cli", "staff role", None)
        assert last.detail == f"person {named(session, 'a-1').id} is admin"


class TestLeaving:
    def test_out_of_every_channel_at_once(self, session: Session, person: Enrol) -> None:
        gone = person("lotse-1")
        enrol(session, channel="console", address="local", alias="lotse-1")
        link = invited(session, "lotse-1", new_account=True)
        disable(session, by=OPERATOR, person=gone, hand_over_to=None, now=NOW)
        assert (known(session, "lotse-1"), known(session, "local", "console")) == (None, None)
        with pytest.raises(InvitationError):
            joined(session, link.token)
        assert (count(session, Account), count(session, Invitation)) == (0, 0)

    def test_every_case_goes_to_the_one_named(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        gone, heir = person("lotse-1"), person("lotse-2")
        cases = [opened(gone, number) for number in ("KIM-1042", "KIM-1043", "KIM-2026-0001")]
        close_case(session, by=acting(gone), case=cases[1], now=NOW)
        assert disable(session, by=OPERATOR, person=gone, hand_over_to=heir, now=NOW) == 3
        assert {case.owner_id for case in cases} == {heir.id}
        assert events(session).count("case handed over") == 3

    def test_a_refused_leave_keeps_the_person_in(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        holder = person("lotse-1")
        opened(holder)
        with pytest.raises(StaffError, match="--hand-over-to"):
            disable(session, by=OPERATOR, person=holder, hand_over_to=None, now=NOW)
        session.commit()
        assert known(session, "lotse-1") == "lotse-1"

    def test_nothing_of_standing_in_is_left(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner, gone = person("lotse-1"), person("lotse-2")
        case = opened(owner)
        add_deputy(session, by=acting(owner), case=case, person=gone, now=NOW)
        keep_draft(session, person=gone, kind="consultation", case=case, content={}, now=NOW)
        for away, deputy in ((owner, gone), (gone, owner)):
            set_absence(session, by=OPERATOR, person=away, deputy=deputy, first_day=TODAY, last_day=TODAY, now=NOW)
        disable(session, by=OPERATOR, person=gone, hand_over_to=None, now=NOW)
        assert [count(session, table) for table in (CaseDeputy, Absence, Draft)] == [0, 0, 0]

    def test_enrolling_does_not_bring_anybody_back(self, session: Session, person: Enrol) -> None:
        gone = person("lotse-1")
        disable(session, by=OPERATOR, person=gone, hand_over_to=None, now=NOW)
        enrol(session, channel="console", address="local", alias="lotse-1", role=Role.ADMIN)
        assert known(session, "local", "console") is None
        assert gone.role is Role.CASE_MANAGER

    def test_who_is_erased_has_no_alias_left_and_it_may_be_given_anew(self, session: Session, person: Enrol) -> None:
        gone = person("lotse-1")
        erase(session, by=acting(gone), person=gone, now=NOW)
        session.commit()
        assert by_alias(session, "lotse-1") is None
        again = invited(session, "lotse-1").person
        assert again.id != gone.id
        assert count(session, Account) == 0

    def test_nobody_is_erased_while_cases_are_theirs(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        holder = person("lotse-1")
        opened(holder)
        with pytest.raises(StaffError):
            erase(session, by=acting(holder), person=holder, now=NOW)
        session.commit()
        assert known(session, "lotse-1") == "lotse-1"

    def test_two_may_be_erased(self, session: Session, person: Enrol) -> None:
        for alias in ("lotse-1", "lotse-2"):
            someone = person(alias)
            erase(session, by=acting(someone), person=someone, now=NOW)
        session.commit()
        assert count(session, Person) == 2


class TestLookingUp:
    def test_colleagues_are_those_who_may_hold_cases(self, session: Session, person: Enrol) -> None:
        me = person("lotse-1")
        person("lotse-3")
        person("admin-1", Role.ADMIN)
        disable(session, by=OPERATOR, person=person("lotse-2"), hand_over_to=None, now=NOW)
        assert [one.alias for one in colleagues(session, me)] == ["lotse-3"]

    def test_an_alias_that_is_nobodys_is_named(self, session: Session) -> None:
        with pytest.raises(StaffError, match=r"^„lotse-9“ gibt es nicht – .*\.$"):
            require_person(session, "lotse-9")

    def test_an_alias_is_found_however_it_is_written(self, session: Session, person: Enrol) -> None:
        me = person("lotse-1")
        assert require_person(session, "  LOTSE-1 ") is me

    def test_whether_anybody_is_in_a_channel(self, session: Session, person: Enrol) -> None:
        assert not anybody_in(session, "telegram")
        person("lotse-1")
        assert (anybody_in(session, "telegram"), anybody_in(session, "console")) == (True, False)
