"""What is kept of a member of staff: shown in words, taken along as a file, deleted on a word of their own."""

from __future__ import annotations

import json

from sqlmodel import Session, SQLModel, select

from actions.absences import set_absence
from actions.access import OPERATOR
from actions.cases import add_deputy, close_case, hand_over
from actions.drafts import keep_draft
from actions.my_data import MyDataOperation, export, perform_my_data
from actions.operations import AskEraseMe, EraseMe, ExportMyData, Leave, Said, ShowMyData
from actions.people import enrol, known_person
from actions.store.models import Absence, Account, AuditEvent, CaseDeputy, Draft, Person, Role
from tests.actions.conftest import NOW, NUMBER, TODAY, Enrol, OpenCase, acting, count, events


def perform(session: Session, person: Person, operation: MyDataOperation) -> Said:
    said = perform_my_data(session, by=acting(person), person=person, operation=operation, now=NOW)
    session.commit()
    return said


class TestShown:
    def test_all_kinds_of_it_are_named(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        me = person("lotse-1")
        enrol(session, channel="console", address="local", alias="lotse-1")
        close_case(session, by=acting(me), case=opened(me), now=NOW)
        opened(me, "KIM-1043")
        set_absence(session, by=OPERATOR, person=me, deputy=person("lotse-2"), first_day=TODAY, last_day=TODAY, now=NOW)
        text = perform(session, me, ShowMyData()).text
        assert "Alias: lotse-1" in text
        assert "Rolle: KIM-Case-Management · Stellenanteil: 1" in text
        assert "Konten: console, telegram" in text
        assert "Fälle: 1 laufend, 1 abgeschlossen" in text
        assert "Abwesenheiten: 1 eingetragen" in text
        assert "Protokoll: 3 Einträge" in text

    def test_it_leads_to_the_file_and_to_deleting(self, session: Session, person: Enrol) -> None:
        said = perform(session, person("lotse-1"), ShowMyData())
        assert [choice.then for row in said.rows for choice in row] == [ExportMyData(), AskEraseMe()]

    def test_whoever_has_no_cases_sees_theirs_too(self, session: Session, person: Enrol) -> None:
        text = perform(session, person("admin-1", Role.ADMIN), ShowMyData()).text
        assert "Rolle: Administration des Lotsen" in text
        assert "Fälle: 0 laufend, 0 abgeschlossen" in text


class TestTakenAlong:
    def test_the_file_holds_ones_own_and_nothing_of_others(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        me, other = person("lotse-1"), person("lotse-2")
        case = opened(me)
        foreign = opened(other, "KIM-1043")
        add_deputy(session, by=acting(other), case=foreign, person=me, now=NOW)
        keep_draft(session, person=me, kind="reminder", case=case, content={"note": "geheim"}, now=NOW)
        session.commit()
        data = json.loads(json.dumps(export(session, person=me)))
        assert (data["person"]["alias"], data["person"]["role"]) == ("lotse-1", "case_manager")
        assert [account["address"] for account in data["accounts"]] == ["lotse-1"]
        assert [case["number"] for case in data["cases"]] == [NUMBER]
        assert [event["event"] for event in data["audit"]] == ["case opened with consent"]
        assert [draft["kind"] for draft in data["drafts"]] == ["reminder"]
        for word in ("lotse-2", "KIM-1043", "geheim"):
            assert word not in json.dumps(data)

    def test_what_was_begun_in_a_case_of_somebody_else_by_now_is_not_told(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        me = person("lotse-1")
        case = opened(me)
        keep_draft(session, person=me, kind="reminder", case=case, content={"note": "geheim"}, now=NOW)
        hand_over(session, by=acting(me), case=case, to=person("lotse-2"), now=NOW)
        session.commit()
        assert "geheim" not in json.dumps(export(session, person=me))
        assert NUMBER not in json.dumps(export(session, person=me))

    def test_the_reply_names_the_file_and_the_cases_in_it(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        me = person("lotse-1")
        opened(me)
        said = perform(session, me, ExportMyData())
        assert (said.files, said.numbers) == (["my_data"], [NUMBER])
        assert events(session)[-1] == "own data exported"


class TestDeleted:
    def test_it_is_asked_first(self, session: Session, person: Enrol) -> None:
        me = person("lotse-1")
        said = perform(session, me, AskEraseMe())
        assert [choice.then for row in said.rows for choice in row] == [EraseMe(), Leave()]
        assert known_person(session, channel="telegram", address="lotse-1") is me

    def test_then_nothing_says_who_it_was(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        me, other = person("lotse-1"), person("lotse-2")
        case = opened(other)
        add_deputy(session, by=acting(other), case=case, person=me, now=NOW)
        keep_draft(session, person=me, kind="reminder", case=case, content={}, now=NOW)
        set_absence(session, by=OPERATOR, person=me, deputy=other, first_day=TODAY, last_day=TODAY, now=NOW)
        perform(session, me, EraseMe())
        assert known_person(session, channel="telegram", address="lotse-1") is None
        assert [count(session, table) for table in (CaseDeputy, Draft, Absence)] == [0, 0, 0]
        assert [account.address for account in session.exec(select(Account))] == ["lotse-2"]
        everything = [
            str(tuple(row)) for table in SQLModel.metadata.sorted_tables for row in session.execute(select(table))
        ]
        assert "lotse-1" not in "".join(everything)

    def test_the_audit_keeps_that_it_happened(self, session: Session, person: Enrol) -> None:
        me = person("lotse-1")
        perform(session, me, EraseMe())
        assert events(session) == ["staff disabled", "staff erased"]
        assert {event.person_id for event in session.exec(select(AuditEvent))} == {me.id}

    def test_cases_have_to_be_handed_over_first_closed_ones_too(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        me = person("lotse-1")
        close_case(session, by=acting(me), case=opened(me), now=NOW)
        assert "noch Fälle (1)" in perform(session, me, EraseMe()).text
        assert known_person(session, channel="telegram", address="lotse-1") is me
