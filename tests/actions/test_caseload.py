"""Caseload: running cases against the recommended range pro rata, and whose figures the coordination sees."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from actions.access import OPERATOR, NotAllowedError
from actions.caseload import Caseload, FormCount, NotSharedError, caseload_of, caseload_of_all, share_caseload
from actions.cases import add_deputy, close_case
from actions.store.models import Person, Role
from knowledge.load import Knowledge
from tests.actions.conftest import NOW, Enrol, OpenCase, acting, events
from tests.actions.talks import CASEWORK


def of(session: Session, knowledge: Knowledge, person: Person, by: Person | None = None) -> Caseload:
    return caseload_of(session, by=acting(by or person), person=person, casework=CASEWORK, facts=knowledge.facts)


def of_all(session: Session, knowledge: Knowledge, by: Person) -> Caseload:
    return caseload_of_all(session, by=acting(by), casework=CASEWORK, facts=knowledge.facts, smallest_group=3)


class TestOnesOwn:
    def test_running_cases_count_by_form(
        self, session: Session, person: Enrol, opened: OpenCase, knowledge: Knowledge
    ) -> None:
        anna, bert = person("anna"), person("bert")
        cases = [opened(anna, f"KIM-{number}") for number in range(1001, 1008)]
        cases[0].form = cases[1].form = "case_management"
        close_case(session, by=acting(anna), case=cases[6], now=NOW)
        add_deputy(session, by=acting(bert), case=opened(bert, "KIM-2000"), person=anna, now=NOW)
        found = of(session, knowledge, anna)
        assert list(found.forms) == [
            FormCount("short", "Kurzberatung", 4),
            FormCount("case_management", "Case Management", 2),
        ]
        assert (found.total, found.case_management, found.expected, found.part) == (6, 2, 2, "1/3")

    @pytest.mark.parametrize(
        ("share", "low", "high"), [(1.0, 50, 60), (0.5, 25, 30), (0.75, 38, 45), (0.77, 39, 46), (0.01, 1, 1)]
    )
    def test_the_range_is_pro_rata_in_whole_cases(
        self, session: Session, person: Enrol, knowledge: Knowledge, share: float, low: int, high: int
    ) -> None:
        anna = person("anna")
        anna.share = share
        found = of(session, knowledge, anna)
        assert (found.low, found.high) == (low, high)

    @pytest.mark.parametrize(("running", "state"), [(24, "below"), (25, "within"), (30, "within"), (31, "above")])
    def test_it_is_below_within_or_above(self, running: int, state: str) -> None:
        load = Caseload([FormCount("short", "Kurzberatung", running)], 0.5, 25, 30, 8, "1/3")
        assert load.state == state

    def test_a_form_that_the_data_no_longer_holds_still_counts(
        self, session: Session, person: Enrol, opened: OpenCase, knowledge: Knowledge
    ) -> None:
        anna = person("anna")
        opened(anna).form = "alt"
        assert of(session, knowledge, anna).forms[-1] == FormCount("alt", "alt", 1)
        assert of(session, knowledge, anna).total == 1

    def test_who_holds_no_cases_has_none(self, session: Session, person: Enrol, knowledge: Knowledge) -> None:
        with pytest.raises(NotAllowedError):
            of(session, knowledge, person("boss", Role.COORDINATOR))


class TestOthers:
    def test_nobody_elses_unless_they_share_it(self, session: Session, person: Enrol, knowledge: Knowledge) -> None:
        anna, boss = person("anna"), person("boss", Role.COORDINATOR)
        with pytest.raises(NotSharedError):
            of(session, knowledge, anna, by=boss)
        share_caseload(session, by=acting(anna), shared=True, now=NOW)
        session.commit()
        assert of(session, knowledge, anna, by=boss).share == 1.0
        share_caseload(session, by=acting(anna), shared=False, now=NOW)
        with pytest.raises(NotSharedError):
            of(session, knowledge, anna, by=boss)
        assert events(session)[-2:] == ["caseload shared", "caseload not shared"]

    def test_never_a_colleagues(self, session: Session, person: Enrol, knowledge: Knowledge) -> None:
        anna, bert = person("anna"), person("bert")
        share_caseload(session, by=acting(anna), shared=True, now=NOW)
        with pytest.raises(NotAllowedError):
            of(session, knowledge, anna, by=bert)
        with pytest.raises(NotAllowedError):
            of_all(session, knowledge, by=bert)

    def test_the_operator_shares_for_nobody(self, session: Session) -> None:
        with pytest.raises(NotAllowedError):
            share_caseload(session, by=OPERATOR, shared=True, now=NOW)


class TestAll:
    def test_shares_and_cases_add_up(
        self, session: Session, person: Enrol, opened: OpenCase, knowledge: Knowledge
    ) -> None:
        boss = person("boss", Role.COORDINATOR)
        for number, alias in enumerate(("anna", "bert", "cora")):
            one = person(alias)
            one.share = 0.7
            opened(one, f"KIM-{1000 + number}")
        found = of_all(session, knowledge, by=boss)
        assert (found.people, found.share, found.total, found.low, found.high) == (3, 2.1, 3, 105, 126)

    @pytest.mark.parametrize(
        ("people", "sharing", "shown"),
        [
            (1, 0, False),
            (2, 0, False),
            (3, 0, True),
            (4, 1, True),
            (4, 2, False),
            (3, 2, False),
            (3, 3, True),
            (0, 0, True),
        ],
    )
    def test_not_where_a_single_persons_could_be_told(
        self, session: Session, person: Enrol, knowledge: Knowledge, people: int, sharing: int, shown: bool
    ) -> None:
        boss = person("boss", Role.COORDINATOR)
        for number in range(people):
            one = person(f"lotse-{number}")
            if number < sharing:
                share_caseload(session, by=acting(one), shared=True, now=NOW)
        if shown:
            assert of_all(session, knowledge, by=boss).people == people
        else:
            with pytest.raises(NotSharedError):
                of_all(session, knowledge, by=boss)

    def test_who_was_disabled_no_longer_counts(self, session: Session, person: Enrol, knowledge: Knowledge) -> None:
        boss = person("boss", Role.COORDINATOR)
        for alias in ("anna", "bert", "cora", "dora"):
            person(alias)
        person("dora").active = False
        assert of_all(session, knowledge, by=boss).people == 3
