"""Consultations: logged once, through the gate, changed and read by nobody else, and forgotten with the consent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from actions.access import OPERATOR, NotAllowedError
from actions.cases import (
    ConsentMissingError,
    NotYourCaseError,
    add_deputy,
    deputies_of,
    hand_over,
    open_case,
    withdraw_consent,
)
from actions.consultations import (
    EntryGoneError,
    Talk,
    TalkRefusedError,
    UndoTooLateError,
    check_talk,
    consultation_for,
    count_for_case,
    delete_consultation,
    edit_consultation,
    least_talks,
    log_consultation,
    looks_like_duplicate,
    recent_consultations,
    talk_of,
    too_many_needs,
    undo_consultation,
)
from actions.people import enrol
from actions.store.engine import open_store
from actions.store.models import AuditEvent, Case, Consultation, Person, Role
from knowledge.casework import Casework, load_casework
from knowledge.errors import KnowledgeError
from knowledge.load import Knowledge
from tests.actions.conftest import NOW, NUMBER, TODAY, Enrol, OpenCase, acting, count, events
from tests.actions.talks import CASEWORK, NEEDS, TALK, logged

BOUNDS = CASEWORK.consultations
SECRET = "Termin beim Schlüsseldienst vereinbart"


class TestLogging:
    def test_a_talk_is_kept_as_it_was_said(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        talk = replace(
            TALK,
            referral="Jobcenter",
            follow_up=TODAY,
            note=SECRET,
            next_steps="anrufen",
            gap="kein Kurs",
            form="short",
        )
        entry = logged(session, anna, **vars(talk))
        session.expire_all()
        assert talk_of(entry) == talk
        assert (entry.created_at, entry.updated_at, entry.transferred_at) == (NOW, NOW, None)
        assert entry.person_id == anna.id

    def test_it_has_the_form_of_the_case_at_that_time(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        case = opened(anna)
        entry = logged(session, anna)
        case.form = "case_management"
        session.commit()
        assert entry.form == "short"
        assert logged(session, anna, "e2").form == "case_management"

    def test_the_audit_says_so_without_content(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna, note=SECRET)
        last = session.exec(select(AuditEvent).order_by(AuditEvent.id.desc())).first()  # type: ignore[union-attr]
        assert last is not None
        assert (last.event, last.detail, last.person_id) == ("consultation logged", None, anna.id)
        assert last.subject is not None
        assert NUMBER not in last.subject

    def test_free_text_is_not_readable_in_the_files(
        self, session: Session, person: Enrol, opened: OpenCase, tmp_path: Path
    ) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna, note=SECRET, next_steps=SECRET, gap=SECRET)
        for file in (tmp_path / "data").iterdir():
            assert SECRET.encode() not in file.read_bytes(), file.name

    def test_empty_texts_are_none_and_a_need_counts_once(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna = person("anna")
        opened(anna)
        entry = logged(session, anna, note=" ", gap="", topics=("Wohnen", "Wohnen"))
        assert (entry.note, entry.gap, entry.topics) == (None, None, ["Wohnen"])

    @pytest.mark.parametrize(
        ("field", "said"),
        [
            ("day", {"day": TODAY + timedelta(days=1)}),
            ("day", {"day": TODAY - timedelta(days=BOUNDS.days_back + 1)}),
            ("duration_min", {"duration_min": 0}),
            ("duration_min", {"duration_min": -5}),
            ("duration_min", {"duration_min": 900}),
            ("duration_min", {"duration_min": BOUNDS.max_minutes + 1}),
            ("channel", {"channel": "brieftaube"}),
            ("topics", {"topics": ()}),
            ("topics", {"topics": ("Wohnen", "frei erfunden")}),
            ("referral", {"referral": "irgendwer"}),
            ("follow_up", {"follow_up": TODAY - timedelta(days=1)}),
            ("form", {"form": "anders"}),
        ],
    )
    def test_what_cannot_be_is_refused_in_german_and_names_the_field(
        self, session: Session, person: Enrol, opened: OpenCase, field: str, said: dict[str, Any]
    ) -> None:
        anna = person("anna")
        opened(anna)
        with pytest.raises(TalkRefusedError, match=r"bitte|Bitte") as refused:
            logged(session, anna, **said)
        assert refused.value.field == field
        session.rollback()
        assert count(session, Consultation) == 0
        assert "consultation logged" not in events(session)

    @pytest.mark.parametrize(
        "said",
        [
            {"day": TODAY - timedelta(days=BOUNDS.days_back)},
            {"duration_min": BOUNDS.min_minutes},
            {"duration_min": BOUNDS.max_minutes},
            {"follow_up": TODAY},
        ],
    )
    def test_what_just_can_be_is_kept(
        self, session: Session, person: Enrol, opened: OpenCase, said: dict[str, Any]
    ) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna, **said)
        assert count(session, Consultation) == 1

    def test_today_is_the_day_in_germany(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        after_midnight = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
        logged(session, anna, day=date(2026, 11, 24), now=after_midnight)
        assert count(session, Consultation) == 1

    def test_without_consent_nothing_is_stored(self, session: Session, person: Enrol) -> None:
        anna = person("anna")
        with pytest.raises(ConsentMissingError):
            logged(session, anna)
        session.rollback()
        assert count(session, Consultation) == 0

    def test_nor_in_the_case_of_somebody_else(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        opened(person("anna"))
        with pytest.raises(NotYourCaseError):
            logged(session, person("bert"))

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.CASE_MANAGER])
    def test_nor_by_other_roles(self, session: Session, person: Enrol, opened: OpenCase, role: Role) -> None:
        opened(person("anna"))
        with pytest.raises(NotAllowedError):
            logged(session, person("bert", role))

    def test_nor_by_the_operator(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        opened(person("anna"))
        with pytest.raises(NotAllowedError):
            log_consultation(
                session,
                by=OPERATOR,
                number=NUMBER,
                entry_id="e1",
                talk=TALK,
                needs=NEEDS,
                casework=CASEWORK,
                now=NOW,
            )


class TestDoubleTap:
    def test_the_second_gets_what_the_first_saved(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        first = logged(session, anna)
        second = logged(session, anna, duration_min=45, now=NOW + timedelta(seconds=1))
        assert second.id == first.id
        assert second.duration_min == 20
        assert events(session).count("consultation logged") == 1

    def test_it_is_not_somebody_elses(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna, bert = person("anna"), person("bert")
        opened(anna)
        opened(bert, "KIM-2000")
        logged(session, anna, note=SECRET)
        with pytest.raises(NotYourCaseError):
            logged(session, bert, number="KIM-2000")

    def test_at_the_same_moment_from_many_connections_it_is_saved_once(
        self, engine: Engine, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna = person("anna")
        opened(anna)
        start, saved, errors = threading.Barrier(6), list[int | None](), list[BaseException]()

        def tap() -> None:
            with Session(engine) as own:
                me = own.get_one(Person, anna_id)
                start.wait()
                try:
                    saved.append(logged(own, me).id)
                except Exception as error:
                    errors.append(error)

        anna_id = anna.id
        threads = [threading.Thread(target=tap) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert len(saved) == 6
        assert len(set(saved)) == 1
        assert count(session, Consultation) == 1


class TestChanging:
    def test_any_field_can_be_changed(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        entry = logged(session, anna)
        talk = Talk(
            day=TODAY - timedelta(days=3),
            duration_min=45,
            channel="video",
            topics=("Arbeit",),
            referral="JMD",
            follow_up=TODAY,
            note="n",
            next_steps="s",
            gap="g",
            form="case_management",
        )
        later = NOW + timedelta(hours=1)
        changed = self.edit(session, anna, entry.entry_id, talk, now=later)
        session.commit()
        session.expire_all()
        assert talk_of(changed) == talk
        assert (changed.created_at, changed.updated_at) == (NOW, later)
        assert events(session)[-1] == "consultation changed"

    def test_the_same_again_changes_nothing(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        entry = logged(session, anna)
        entry.transferred_at = NOW
        self.edit(session, anna, entry.entry_id, talk_of(entry))
        assert entry.transferred_at == NOW
        assert "consultation changed" not in events(session)

    def test_what_was_transferred_has_to_be_again(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        entry = logged(session, anna)
        entry.transferred_at = NOW
        self.edit(session, anna, entry.entry_id, replace(talk_of(entry), duration_min=30))
        assert entry.transferred_at is None

    def test_an_old_day_may_stay_but_not_come(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        entry = logged(session, anna)
        later = NOW + timedelta(days=BOUNDS.days_back + 5)
        self.edit(session, anna, entry.entry_id, replace(talk_of(entry), note="n"), now=later)
        assert entry.note == "n"
        with pytest.raises(TalkRefusedError):
            self.edit(session, anna, entry.entry_id, replace(talk_of(entry), day=TODAY - timedelta(days=1)), now=later)

    def test_it_can_belong_to_another_case(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna, bert = person("anna"), person("bert")
        opened(anna)
        other = opened(anna, "KIM-2000")
        opened(bert, "KIM-3000")
        entry = logged(session, anna)
        self.edit(session, anna, entry.entry_id, talk_of(entry), number="KIM-2000")
        assert entry.case_id == other.id
        for number, error in (("KIM-3000", NotYourCaseError), ("KIM-9999", ConsentMissingError)):
            with pytest.raises(error):
                self.edit(session, anna, entry.entry_id, talk_of(entry), number=number)
        assert entry.case_id == other.id

    def test_deleting_and_undoing(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna)
        logged(session, anna, "e2")
        assert delete_consultation(session, by=acting(anna), entry_id="e1", now=NOW) == NUMBER
        assert undo_consultation(session, by=acting(anna), entry_id="e2", casework=CASEWORK, now=NOW) == NUMBER
        session.commit()
        assert count(session, Consultation) == 0
        assert events(session).count("consultation deleted") == 2
        with pytest.raises(EntryGoneError):
            delete_consultation(session, by=acting(anna), entry_id="e1", now=NOW)

    def test_undo_has_its_time(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna)
        last = NOW + timedelta(minutes=BOUNDS.undo_minutes)
        with pytest.raises(UndoTooLateError):
            undo_consultation(
                session, by=acting(anna), entry_id="e1", casework=CASEWORK, now=last + timedelta(seconds=1)
            )
        undo_consultation(session, by=acting(anna), entry_id="e1", casework=CASEWORK, now=last)
        assert count(session, Consultation) == 0

    def test_a_withdrawn_consent_forgets_them(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        case = opened(anna)
        logged(session, anna)
        withdraw_consent(session, by=acting(anna), case=case, now=NOW)
        session.commit()
        session.expire_all()
        assert count(session, Consultation) == 0
        with pytest.raises(ConsentMissingError):
            logged(session, anna)

    def edit(
        self,
        session: Session,
        by: Person,
        entry_id: str,
        talk: Talk,
        number: str | None = None,
        now: datetime = NOW,
    ) -> Consultation:
        return edit_consultation(
            session,
            by=acting(by),
            entry_id=entry_id,
            talk=talk,
            number=number,
            needs=NEEDS,
            casework=CASEWORK,
            now=now,
        )


class TestReading:
    def test_the_newest_entry_comes_first(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna, "a", now=NOW)
        logged(session, anna, "b", now=NOW + timedelta(minutes=1), day=TODAY - timedelta(days=9))
        logged(session, anna, "c", now=NOW + timedelta(minutes=1))
        found = recent_consultations(session, person=anna, day=TODAY)
        assert [entry.entry_id for entry in found] == ["c", "b", "a"]
        assert len(recent_consultations(session, person=anna, day=TODAY, limit=2)) == 2

    def test_what_was_handed_over_is_the_new_owners(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna, bert = person("anna"), person("bert")
        case = opened(anna)
        entry = logged(session, anna)
        hand_over(session, by=acting(anna), case=case, to=bert, now=NOW)
        assert recent_consultations(session, person=anna, day=TODAY) == []
        with pytest.raises(NotYourCaseError):
            consultation_for(session, by=acting(anna), entry_id="e1", day=TODAY)
        assert consultation_for(session, by=acting(bert), entry_id="e1", day=TODAY) is entry

    def test_only_who_may_act_in_the_case_may_read_change_or_delete(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna, bert = person("anna"), person("bert")
        opened(anna)
        logged(session, anna)
        for attempt in (
            lambda: consultation_for(session, by=acting(bert), entry_id="e1", day=TODAY),
            lambda: delete_consultation(session, by=acting(bert), entry_id="e1", now=NOW),
            lambda: undo_consultation(session, by=acting(bert), entry_id="e1", casework=CASEWORK, now=NOW),
            lambda: TestChanging().edit(session, bert, "e1", TALK),
        ):
            with pytest.raises(NotYourCaseError):
                attempt()
        assert recent_consultations(session, person=bert, day=TODAY) == []

    def test_somebody_whose_role_changed_reads_nothing(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        opened(anna)
        logged(session, anna)
        anna.role = Role.ADMIN
        session.commit()
        assert recent_consultations(session, person=anna, day=TODAY) == []


class TestDuplicates:
    @pytest.mark.parametrize(
        ("said", "later", "alike"),
        [
            ({"duration_min": 45, "topics": ("Arbeit",)}, timedelta(minutes=5), True),
            (
                {"duration_min": 45, "topics": ("Arbeit",)},
                timedelta(minutes=BOUNDS.duplicate_minutes, seconds=1),
                False,
            ),
            ({}, timedelta(hours=3), True),
            ({"topics": ("Sprache", "Wohnen")}, timedelta(hours=3), True),
            ({"topics": ("Sprache",)}, timedelta(hours=3), False),
            ({"day": TODAY - timedelta(days=1)}, timedelta(minutes=1), False),
        ],
    )
    def test_the_same_day_and_minutes_ago_or_alike(
        self, session: Session, person: Enrol, opened: OpenCase, said: dict[str, Any], later: timedelta, alike: bool
    ) -> None:
        anna = person("anna")
        case = opened(anna)
        first = logged(session, anna)
        found = looks_like_duplicate(
            session, case=case, talk=replace(TALK, **said), casework=CASEWORK, now=NOW + later, entry_id="e2"
        )
        assert found is (first if alike else None)

    def test_an_entry_is_not_its_own_nor_one_of_another_case(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna = person("anna")
        case, other = opened(anna), opened(anna, "KIM-2000")
        logged(session, anna)
        for tried, entry_id in ((case, "e1"), (other, "e2")):
            assert (
                looks_like_duplicate(session, case=tried, talk=TALK, casework=CASEWORK, now=NOW, entry_id=entry_id)
                is None
            )


class TestRulesOfTheField:
    def test_talks_of_a_case_are_counted(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna = person("anna")
        case = opened(anna)
        opened(anna, "KIM-2000")
        assert count_for_case(session, case=case) == 0
        logged(session, anna)
        logged(session, anna, "e2")
        logged(session, anna, "e3", "KIM-2000")
        assert count_for_case(session, case=case) == 2

    def test_the_figures_come_from_the_knowledge_and_bite_in_a_kurzberatung_only(self, knowledge: Knowledge) -> None:
        facts = knowledge.facts
        assert least_talks(form="short", facts=facts) == facts["kurzberatung-gespraeche"].value
        assert least_talks(form="case_management", facts=facts) is None
        two, three = ["Wohnen", "Sprache", "Wohnen"], ["Wohnen", "Sprache", "Arbeit"]
        assert not too_many_needs(two, form="short", facts=facts)
        assert too_many_needs(three, form="short", facts=facts)
        assert not too_many_needs(three, form="case_management", facts=facts)
        raised = {**facts, "kurzberatung-bedarfe": facts["kurzberatung-bedarfe"].model_copy(update={"value": 3})}
        assert not too_many_needs(three, form="short", facts=raised)


class TestBounds:
    def test_an_overlay_sets_its_own(self, tmp_path: Path) -> None:
        casework = local_casework(tmp_path, days_back=30, min_minutes=5, max_minutes=60)
        for said in ({"duration_min": 4}, {"duration_min": 61}, {"day": TODAY - timedelta(days=31)}):
            with pytest.raises(TalkRefusedError):
                check_talk(replace(TALK, **said), needs=NEEDS, casework=casework, now=NOW)
        check_talk(replace(TALK, duration_min=60), needs=NEEDS, casework=casework, now=NOW)

    def test_those_that_contradict_each_other_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(KnowledgeError, match=r"^casework\.yml"):
            local_casework(tmp_path, min_minutes=5, max_minutes=4)


def local_casework(folder: Path, **bounds: int) -> Casework:
    """As an overlay in this folder sets it, that changes these bounds."""
    content = {"consultations": BOUNDS.model_dump() | bounds}
    (folder / "casework.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_casework(folder)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["log", "edit", "delete", "hand_over", "deputy", "withdraw", "open"]),
        st.sampled_from(["anna", "bert", "cora"]),
        st.sampled_from(["KIM-1001", "KIM-1002"]),
        st.sampled_from(["e1", "e2"]),
        st.sampled_from(["anna", "bert", "cora"]),
    ),
    max_size=20,
)


class TestWhateverHappens:
    @settings(deadline=None, derandomize=True, max_examples=60)
    @given(steps=STEPS)
    def test_nothing_is_saved_twice_without_consent_or_readable_by_others(
        self, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, str, str, str]]
    ) -> None:
        with store_of(tmp_path_factory) as session:
            people = {
                alias: enrol(session, channel="telegram", address=alias, alias=alias)
                for alias in ("anna", "bert", "cora")
            }
            session.commit()
            for step in steps:
                try:
                    take(session, people, *step)
                    session.commit()
                except (ConsentMissingError, NotYourCaseError, EntryGoneError, KeyError, ValueError):
                    session.rollback()
                session.expire_all()
                check(session, people)


def take(session: Session, people: dict[str, Person], what: str, alias: str, number: str, entry: str, to: str) -> None:
    by = acting(people[alias])
    case = session.exec(select(Case).where(Case.number == number)).first()
    match what:
        case "log":
            logged(session, people[alias], entry, number)
        case "edit":
            talk = replace(TALK, duration_min=33)
            edit_consultation(
                session, by=by, entry_id=entry, talk=talk, number=number, needs=NEEDS, casework=CASEWORK, now=NOW
            )
        case "delete":
            delete_consultation(session, by=by, entry_id=entry, now=NOW)
        case "open" if case is None:
            open_case(
                session,
                by=by,
                owner=people[alias],
                number=number,
                form="short",
                started_on=TODAY,
                signed_on=TODAY,
                now=NOW,
            )
        case "withdraw" if case is not None:
            withdraw_consent(session, by=by, case=case, now=NOW)
        case "hand_over" if case is not None and case.owner_id != people[to].id:
            hand_over(session, by=by, case=case, to=people[to], now=NOW)
        case "deputy" if case is not None:
            add_deputy(session, by=by, case=case, person=people[to], now=NOW)


def check(session: Session, people: dict[str, Person]) -> None:
    entries = session.exec(select(Consultation)).all()
    assert len({entry.entry_id for entry in entries}) == len(entries)
    for entry in entries:
        case = session.get_one(Case, entry.case_id)
        allowed = {case.owner_id, *(deputy.id for deputy in deputies_of(session, case))}
        for one in people.values():
            shown = {found.entry_id for found in recent_consultations(session, person=one, day=TODAY)}
            try:
                consultation_for(session, by=acting(one), entry_id=entry.entry_id, day=TODAY)
            except NotYourCaseError:
                assert one.id not in allowed
                assert entry.entry_id not in shown
            else:
                assert one.id in allowed
                assert (entry.entry_id in shown) == (entry.person_id == one.id)


@contextmanager
def store_of(factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A store for one example of hypothesis."""
    engine = open_store(factory.mktemp("store") / "lotse.db")
    with Session(engine) as session:
        yield session
    engine.dispose()
