"""No sequence of events leaves a record with somebody who may not read it, or one without consent.

What the store allows is held against a model of plain Python after every step.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import Session, SQLModel, select, text

from actions.absences import AbsenceError, acting_for, end_absence, set_absence
from actions.access import OPERATOR, Actor, NotAllowedError
from actions.cases import (
    CaseError,
    ConsentMissingError,
    NotYourCaseError,
    add_deputy,
    case_for,
    close_case,
    hand_over,
    open_case,
    readable_cases,
    reopen_case,
    withdraw_consent,
)
from actions.drafts import draft_of, drop_old_drafts, keep_draft
from actions.hygiene import deleted, due_messages, note_messages
from actions.operations import HandOver, ShowCase, TakeOver, Withdraw
from actions.people import (
    InvitationError,
    StaffError,
    change_role,
    disable,
    drop_expired_invitations,
    invite,
    known_person,
    redeem,
)
from actions.performing import perform
from actions.store.buttons import forget_old, meaning_of, remember_button
from actions.store.engine import open_store, pseudonym
from actions.store.models import Absence, AuditEvent, Button, Case, CaseDeputy, ChatMessage, Person, Role
from knowledge.errors import LotseError
from tests.actions.conftest import practice

BEGIN = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ALIASES = ["lotse-1", "lotse-2", "lotse-3", "lotse-4"]
NUMBERS = ["KIM-1042", "KIM-2026-0042"]
aliases = st.sampled_from(ALIASES)
numbers = st.sampled_from(NUMBERS)
roles = st.sampled_from([*[Role.CASE_MANAGER] * 4, Role.COORDINATOR, Role.ADMIN])


@dataclass
class Someone:
    """A person as the model knows them."""

    role: Role
    active: bool = True
    account: str | None = None
    token: str | None = None
    token_until: datetime = BEGIN

    @property
    def holds_cases(self) -> bool:
        return self.active and self.role is Role.CASE_MANAGER


@dataclass
class Held:
    """A case as the model knows it."""

    owner: str
    deputies: set[str] = field(default_factory=set)
    open: bool = True


@dataclass
class Model:
    """Who may, by the rules and nothing else."""

    people: dict[str, Someone] = field(default_factory=dict)
    cases: dict[str, Held] = field(default_factory=dict)
    away: list[tuple[str, str, date, date]] = field(default_factory=list)
    now: datetime = BEGIN

    @property
    def today(self) -> date:
        return self.now.date()  # no step comes near midnight

    def may(self, alias: str, number: str) -> bool:
        someone, case = self.people[alias], self.cases.get(number)
        if case is None or not someone.holds_cases:
            return False
        return case.owner == alias or alias in case.deputies or self.reaches(case.owner, alias)

    def reaches(self, absent: str, deputy: str) -> bool:
        """Whether standing in leads, over any number of absences today, from one to the other."""
        seen, todo = {absent}, [absent]
        while todo:
            one = todo.pop()
            for away, by, first, last in self.away:
                if away == one and first <= self.today <= last and by not in seen:
                    seen.add(by)
                    todo.append(by)
        return deputy in seen

    def leave(self, alias: str, heir: str | None) -> None:
        for case in self.cases.values():
            case.deputies.discard(alias)
            if case.owner == alias:
                case.owner = heir or alias
                case.deputies.discard(case.owner)
        self.away = [row for row in self.away if alias not in row[:2]]

    def owned(self, alias: str) -> list[str]:
        return [number for number, case in self.cases.items() if case.owner == alias]


class Access(RuleBasedStateMachine):
    """The services and the model, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.engine = open_store(self.folder / "lotse.db")
        self.session = Session(self.engine)
        self.model = Model()
        self.drafts: dict[tuple[str, str], tuple[str, datetime]] = {}
        self.buttons: dict[str, str] = {}
        self.withdrawn: set[str] = set()
        self.audited: list[Any] = []
        self.messages = 0
        self.noted: dict[int, set[str]] = {}

    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()
        shutil.rmtree(self.folder)

    def person(self, alias: str) -> Person:
        return self.session.exec(select(Person).where(Person.alias == alias)).one()

    def everybody(self) -> dict[str, Person]:
        return {person.alias: person for person in self.session.exec(select(Person))}

    def case(self, number: str) -> Case:
        return self.session.exec(select(Case).where(Case.number == number)).one()

    def done(self, *refusals: type[LotseError]) -> Any:
        """Commit what goes well, roll back what is refused as expected."""
        return Step(self.session, refusals)

    @initialize(role=roles)
    def four_work_in_two_cases(self, role: Role) -> None:
        for alias in ALIASES:
            self.invite(alias, role if alias == ALIASES[-1] else Role.CASE_MANAGER)
            self.redeem(alias)
        for alias, number in zip(ALIASES, NUMBERS, strict=False):
            self.open_with_consent(alias, number)

    # People

    @rule(alias=aliases, role=roles)
    def invite(self, alias: str, role: Role) -> None:
        stuck = role is not Role.CASE_MANAGER and bool(self.model.owned(alias))
        with self.done(*([StaffError] if stuck else [])) as step:
            invited = invite(
                self.session, by=OPERATOR, alias=alias, role=role, share=1.0, new_account=True, now=self.model.now
            )
            step.went_well()
            someone = self.model.people.setdefault(alias, Someone(role))
            if role is not Role.CASE_MANAGER:
                self.model.leave(alias, None)
                self.forget_drafts_of(alias)
            someone.role, someone.active = role, True
            someone.token, someone.token_until = invited.token, invited.expires_at

    @rule(alias=aliases)
    def redeem(self, alias: str) -> None:
        someone = self.model.people[alias]
        if someone.token is None:
            return
        good = someone.active and self.model.now < someone.token_until
        self.messages += 1
        address = f"{alias}/{self.messages}"
        with self.done(*([] if good else [InvitationError])) as step:
            redeem(self.session, token=someone.token, channel="telegram", address=address, now=self.model.now)
            step.went_well()
            someone.account, someone.token = address, None

    @rule(alias=aliases, heir=aliases)
    def disable(self, alias: str, heir: str) -> None:
        to = self.model.people[heir]
        owned = self.model.owned(alias)
        fine = not owned or (to.holds_cases and heir != alias)
        with self.done(*([] if fine else [StaffError, CaseError])) as step:
            disable(
                self.session,
                by=OPERATOR,
                person=self.person(alias),
                hand_over_to=self.person(heir),
                now=self.model.now,
            )
            step.went_well()
            self.model.leave(alias, heir)
            self.forget_drafts_of(alias)
            someone = self.model.people[alias]
            someone.active, someone.account, someone.token = False, None, None

    @rule(alias=aliases, role=roles, heir=aliases)
    def change_role(self, alias: str, role: Role, heir: str) -> None:
        to = self.model.people[heir]
        loses = role is not Role.CASE_MANAGER
        fine = not (loses and self.model.owned(alias)) or (to.holds_cases and heir != alias)
        with self.done(*([] if fine else [StaffError, CaseError])) as step:
            change_role(
                self.session,
                by=OPERATOR,
                person=self.person(alias),
                role=role,
                hand_over_to=self.person(heir),
                now=self.model.now,
            )
            step.went_well()
            if loses:
                self.model.leave(alias, heir)
                self.forget_drafts_of(alias)
            self.model.people[alias].role = role

    def forget_drafts_of(self, alias: str) -> None:
        self.drafts = {key: kept for key, kept in self.drafts.items() if key[0] != alias}

    @rule(alias=aliases, deputy=aliases, begins=st.sampled_from([0, 0, -1, 1, 4]), lasts=st.integers(0, 4))
    def be_absent(self, alias: str, deputy: str, begins: int, lasts: int) -> None:
        away, other = self.model.people[alias], self.model.people[deputy]
        if not away.active:
            return
        first = self.model.today + timedelta(days=begins)
        last = first + timedelta(days=lasts)
        fine = alias != deputy and other.active and (not away.holds_cases or other.holds_cases)
        fine = fine and last >= self.model.today
        with self.done(*([] if fine else [AbsenceError])) as step:
            set_absence(
                self.session,
                by=OPERATOR,
                person=self.person(alias),
                deputy=self.person(deputy),
                first_day=first,
                last_day=last,
                now=self.model.now,
            )
            step.went_well()
            self.model.away = [row for row in self.model.away if row[0] != alias or row[3] < first or row[2] > last] + [
                (alias, deputy, first, last)
            ]

    @rule(alias=aliases, deputy=aliases)
    def fall_ill(self, alias: str, deputy: str) -> None:
        self.be_absent(alias, deputy, begins=0, lasts=3)

    @rule(alias=aliases)
    def come_back(self, alias: str) -> None:
        with self.done() as step:
            end_absence(self.session, by=OPERATOR, person=self.person(alias), now=self.model.now)
            step.went_well()
            self.model.away = [row for row in self.model.away if row[0] != alias or row[3] < self.model.today]

    # Cases

    @rule(alias=aliases, number=numbers)
    def open_with_consent(self, alias: str, number: str) -> None:
        fine = self.model.people[alias].holds_cases and number not in self.model.cases
        with self.done(*([] if fine else [LotseError])) as step:
            person = self.person(alias)
            open_case(
                self.session,
                by=Actor("telegram", person),
                owner=person,
                number=number,
                form="short",
                started_on=self.model.today,
                signed_on=self.model.today,
                now=self.model.now,
            )
            step.went_well()
            self.model.cases[number] = Held(alias)
            self.withdrawn.discard(number)

    @rule(alias=aliases, number=numbers)
    def withdraw(self, alias: str, number: str) -> None:
        if self.attempt(alias, Withdraw(number=number)):
            self.forgotten(number)

    @precondition(lambda self: self.model.cases)
    @rule(data=st.data())
    def forget_at_the_command_line(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.cases)))
        withdraw_consent(self.session, by=OPERATOR, case=self.case(number), now=self.model.now)
        self.session.commit()
        self.forgotten(number)

    def forgotten(self, number: str) -> None:
        del self.model.cases[number]
        self.withdrawn.add(number)
        self.drafts = {key: kept for key, kept in self.drafts.items() if kept[0] != number}
        self.buttons = {button: about for button, about in self.buttons.items() if about != number}
        due = {row.message for row in due_messages(self.session, channel="telegram", now=self.model.now, limit=1000)}
        left = {row.message for row in self.session.exec(select(ChatMessage))}
        assert {message for message, about in self.noted.items() if number in about} & left <= due

    @rule(alias=aliases, number=numbers)
    def take_over(self, alias: str, number: str) -> None:
        if self.attempt(alias, TakeOver(number=number)) and self.model.cases[number].owner != alias:
            self.owned_by(number, alias)

    @rule(alias=aliases, number=numbers, heir=aliases)
    def hand_over(self, alias: str, number: str, heir: str) -> None:
        allowed = self.attempt(alias, HandOver(number=number, to=heir))
        if allowed and self.model.people[heir].holds_cases and heir != alias:
            self.owned_by(number, heir)

    @rule(number=numbers, heir=aliases)
    def hand_over_at_the_command_line(self, number: str, heir: str) -> None:
        if number not in self.model.cases:
            return
        fine = self.model.people[heir].holds_cases and self.model.cases[number].owner != heir
        with self.done(*([] if fine else [CaseError])) as step:
            hand_over(self.session, by=OPERATOR, case=self.case(number), to=self.person(heir), now=self.model.now)
            step.went_well()
            self.owned_by(number, heir)

    def owned_by(self, number: str, alias: str) -> None:
        self.model.cases[number].owner = alias
        self.model.cases[number].deputies.discard(alias)

    def attempt(self, alias: str, operation: Any) -> bool:
        """Have it done as from a channel; whether the model lets the person act in the case."""
        allowed = self.model.may(alias, operation.number)
        said = perform(
            self.session,
            person_id=self.person(alias).id or 0,
            channel="telegram",
            operation=operation,
            practice=practice(),
            kept_for=timedelta(days=30),
            now=self.model.now,
        )
        if not allowed:
            assert not said.forgotten
        return allowed

    @rule(number=numbers, deputy=aliases)
    def name_deputy(self, number: str, deputy: str) -> None:
        case = self.model.cases.get(number)
        if case is None:
            return
        with self.done(*([] if self.model.people[deputy].holds_cases else [CaseError])) as step:
            owner = Actor("telegram", self.person(case.owner))
            add_deputy(self.session, by=owner, case=self.case(number), person=self.person(deputy), now=self.model.now)
            step.went_well()
            if deputy != case.owner:
                case.deputies.add(deputy)

    @rule(number=numbers)
    def close_or_reopen(self, number: str) -> None:
        case = self.model.cases.get(number)
        if case is None:
            return
        change = close_case if case.open else reopen_case
        change(self.session, by=OPERATOR, case=self.case(number), now=self.model.now)
        self.session.commit()
        case.open = not case.open

    # What hangs on a case

    @rule(number=numbers, kind=st.sampled_from(["consultation", "reminder"]), data=st.data())
    def draft(self, number: str, kind: str, data: st.DataObject) -> None:
        writers = [alias for alias in ALIASES if self.model.may(alias, number)]
        if not writers:
            return
        alias = data.draw(st.sampled_from(writers))
        person = self.person(alias)
        case = case_for(self.session, by=Actor("telegram", person), number=number, day=self.model.today)
        keep_draft(self.session, person=person, kind=kind, case=case, content={"case": number}, now=self.model.now)
        self.session.commit()
        self.drafts[alias, kind] = (number, self.model.now)

    @rule(chat=aliases, about=st.sets(numbers, min_size=1))
    def note_message(self, chat: str, about: set[str]) -> None:
        self.messages += 1
        self.noted[self.messages] = about & self.model.cases.keys()
        note_messages(
            self.session,
            channel="telegram",
            chat=chat,
            messages=[self.messages],
            numbers=sorted(about),
            sent_at=self.model.now,
            kept_for=timedelta(hours=24),
        )
        self.session.commit()

    @rule(number=numbers, chat=aliases)
    def show_button(self, number: str, chat: str) -> None:
        """As the keyboards do: only a case on record has buttons in the store."""
        if number in self.model.cases:
            id_ = remember_button(
                self.session,
                conversation=f"telegram:{chat}",
                meaning={"kind": "do", "operation": ShowCase(number=number).model_dump(mode="json")},
                case_id=self.case(number).id,
                now=self.model.now,
            )
            self.session.commit()
            self.buttons[id_] = number

    @rule(passing=st.integers(1, 3))
    def days_pass(self, passing: int) -> None:
        self.model.now += timedelta(days=passing)

    @precondition(lambda self: self.model.now > BEGIN)
    @rule()
    def tidy(self) -> None:
        forget_old(self.session, now=self.model.now)
        drop_old_drafts(self.session, now=self.model.now)
        drop_expired_invitations(self.session, now=self.model.now)
        for message in due_messages(self.session, channel="telegram", now=self.model.now, limit=100):
            deleted(self.session, message)
        self.session.commit()
        assert not due_messages(self.session, channel="telegram", now=self.model.now, limit=1)

    # What must hold after every step

    @invariant()
    def exactly_those_may_who_may(self) -> None:
        for alias, person in self.everybody().items():
            readable = {number for number in NUMBERS if self.model.may(alias, number)}
            for closed in (False, True):
                state = {number for number in readable if self.model.cases[number].open is not closed}
                listed = readable_cases(self.session, person, self.model.today, closed=closed)
                assert {case.number for case in listed} == state, alias
            for number in NUMBERS:
                assert self.gate_opens(person, number) == (number in readable), (alias, number)

    def gate_opens(self, person: Person, number: str) -> bool:
        try:
            found = case_for(self.session, by=Actor("telegram", person), number=number, day=self.model.today)
        except NotAllowedError:
            assert not self.model.people[person.alias].holds_cases
            return False
        except CaseError as refusal:
            assert self.model.people[person.alias].holds_cases
            assert isinstance(refusal, NotYourCaseError if number in self.model.cases else ConsentMissingError)
            return False
        return found.number == number

    @invariant()
    def only_the_active_are_known_by_their_newest_account(self) -> None:
        for alias, person in self.everybody().items():
            someone = self.model.people[alias]
            assert (person.active, person.role) == (someone.active, someone.role)
            if someone.account is not None:
                found = known_person(self.session, channel="telegram", address=someone.account)
                assert found is not None
                assert found.alias == alias
        accounts = {someone.account for someone in self.model.people.values() if someone.account}
        assert self.column("SELECT address FROM account") == accounts

    @invariant()
    def every_owner_may_hold_cases(self) -> None:
        for number, case in self.model.cases.items():
            assert self.model.people[case.owner].holds_cases, number
            assert self.session.get_one(Person, self.case(number).owner_id).alias == case.owner

    @invariant()
    def drafts_are_read_only_by_who_may_and_for_a_day(self) -> None:
        for alias, person in self.everybody().items():
            for kind in ("consultation", "reminder"):
                number, kept_at = self.drafts.get((alias, kind), ("", BEGIN))
                fresh = self.model.now - kept_at < timedelta(hours=24)
                found = draft_of(self.session, person=person, kind=kind, now=self.model.now)
                assert (found is not None) == (fresh and self.model.may(alias, number)), (alias, kind)
                assert found is None or found.content == {"case": number}

    @invariant()
    def nothing_hangs_on_a_number_without_consent(self) -> None:
        assert self.column('SELECT number FROM "case"') == set(self.model.cases)
        assert self.column('SELECT id FROM "case" WHERE consent_signed_on IS NULL') == set()
        for name in (table.name for table in SQLModel.metadata.sorted_tables if "case_id" in table.columns):
            orphans = f'SELECT case_id FROM {name} WHERE case_id IS NOT NULL EXCEPT SELECT id FROM "case"'
            assert self.column(orphans) == set(), name
        for alias in ALIASES:
            for button, number in self.buttons.items():
                meant = meaning_of(self.session, conversation=f"telegram:{alias}", button=button)
                assert meant is None or meant["operation"]["number"] == number
        assert {button.id for button in self.session.exec(select(Button))} <= set(self.buttons)

    @invariant()
    def a_withdrawn_number_stands_in_no_table(self) -> None:
        if not self.withdrawn:
            return
        self.session.expire_all()
        for table in SQLModel.metadata.sorted_tables:
            for row in self.session.connection().execute(select(table)):  # decrypted, as a reader of the store would
                for number in self.withdrawn:
                    assert number not in json.dumps(list(row), default=str, ensure_ascii=False), table.name
        hashes = set(self.session.exec(select(AuditEvent.subject)))
        assert {pseudonym(self.session, number) for number in self.withdrawn} <= hashes

    @invariant()
    def the_audit_only_grows(self) -> None:
        rows = list(self.session.connection().execute(text("SELECT * FROM auditevent ORDER BY id")))
        assert rows[: len(self.audited)] == self.audited
        self.audited = rows

    @invariant()
    def what_is_due_goes_to_somebody_active_or_stays(self) -> None:
        for alias, person in self.everybody().items():
            target = acting_for(self.session, person, self.model.today).alias
            if target != alias:
                assert self.model.people[target].active
                assert self.model.reaches(alias, target)
                assert self.model.people[target].holds_cases or not self.model.people[alias].holds_cases
                assert not [row for row in self.model.away if row[0] == target and row[2] <= self.model.today <= row[3]]
            for number in self.model.owned(alias):
                assert self.model.may(target, number)

    @invariant()
    def who_stands_in_is_what_was_said(self) -> None:
        alias = {person.id: name for name, person in self.everybody().items()}
        number = {case.id: case.number for case in self.session.exec(select(Case))}
        standing = {(number[row.case_id], alias[row.person_id]) for row in self.session.exec(select(CaseDeputy))}
        assert standing == {(number, one) for number, case in self.model.cases.items() for one in case.deputies}
        away = [
            (alias[row.person_id], alias[row.deputy_id], row.first_day, row.last_day)
            for row in self.session.exec(select(Absence))
        ]
        assert sorted(away) == sorted(self.model.away)

    @invariant()
    def every_key_leads_somewhere(self) -> None:
        assert self.session.connection().execute(text("PRAGMA foreign_key_check")).all() == []

    def column(self, statement: str) -> set[Any]:
        return set(self.session.connection().execute(text(statement)).scalars())


class Step:
    """One step: it must go well, or be refused with one of the errors expected and leave nothing behind."""

    def __init__(self, session: Session, refusals: tuple[type[LotseError], ...]) -> None:
        self.session, self.refusals = session, refusals

    def __enter__(self) -> Step:
        return self

    def went_well(self) -> None:
        assert not self.refusals, f"was expected to be refused with {self.refusals}"
        self.session.commit()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> bool:
        if error is None or not isinstance(error, LotseError):
            return False
        self.session.rollback()
        assert isinstance(error, self.refusals or ()), error
        return True


Access.TestCase.settings = settings(max_examples=60, stateful_step_count=40, derandomize=True, deadline=None)
TestAccess = pytest.mark.timeout(120)(Access.TestCase)
