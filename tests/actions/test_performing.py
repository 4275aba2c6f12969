"""Dialogues about cases as they go, between what is typed or tapped and the store: with every way to get it wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from actions.access import OPERATOR
from actions.case_requests import case_requests
from actions.cases import withdraw_consent
from actions.operations import AnyOperation, EraseMe, OpenCase, Said, ShowMyData, Withdraw
from actions.people import aliases_of_colleagues, change_role, disable, enrol
from actions.performing import UNKNOWN_PERSON, perform
from actions.store.engine import pseudonym
from actions.store.models import AuditEvent, Case, CaseDeputy, Person, Role
from tests.actions.conftest import NOW, NUMBER, TODAY, count, events, named, practice

REQUESTS = case_requests(practice().casework)


@dataclass
class Talk:
    """A person writing and tapping, as the bot has it done: what is awaited first, then what is asked for."""

    engine: Engine
    alias: str
    now: datetime = NOW
    said: Said = field(default_factory=lambda: Said(text=""))

    def write(self, text: str) -> str:
        with Session(self.engine) as session:
            aliases = aliases_of_colleagues(session, named(session, self.alias))
        completed = (
            REQUESTS.complete(self.said.awaits, text, aliases=aliases, now=self.now) if self.said.awaits else None
        )
        meant = completed or REQUESTS.read(text, aliases=aliases, now=self.now)
        self.said = meant if isinstance(meant, Said) else self.done(meant)
        return self.said.text

    def tap(self, label: str) -> str:
        choices = {choice.label: choice.then for row in self.said.rows for choice in row}
        self.said = self.done(choices[label])
        return self.said.text

    def done(self, operation: AnyOperation) -> Said:
        with Session(self.engine) as session:
            return perform(
                session,
                person_id=named(session, self.alias).id or 0,
                channel="telegram",
                operation=operation,
                practice=practice(),
                kept_for=timedelta(days=30),
                now=self.now,
            )

    @property
    def labels(self) -> list[str]:
        return [choice.label for row in self.said.rows for choice in row]

    def open(self, number: str = NUMBER) -> None:
        self.write(f"fall anlegen {number}, einwilligung heute unterschrieben, kurzberatung")
        assert "ist angelegt" in self.said.text


@pytest.fixture
def talk(engine: Engine) -> Talk:
    """The first of three in case management; there is an admin too."""
    with Session(engine) as session:
        for alias in ("lotse-1", "lotse-2", "lotse-3"):
            enrol(session, channel="telegram", address=alias, alias=alias)
        enrol(session, channel="telegram", address="admin-1", alias="admin-1", role=Role.ADMIN)
        session.commit()
    return Talk(engine, "lotse-1")


@pytest.fixture
def other(talk: Talk) -> Talk:
    return Talk(talk.engine, "lotse-2")


@pytest.fixture
def store(talk: Talk) -> Iterator[Session]:
    """What stands in the store, read anew each time."""
    with Session(talk.engine) as session:
        yield session


class TestOpening:
    def test_consent_first_then_the_form_then_it_is_there(self, talk: Talk, store: Session) -> None:
        assert "unterschriebene Einwilligungserklärung" in talk.write("fall anlegen kim-1042")
        assert talk.said.cites == ["faq-34"]
        assert count(store, Case) == 0
        assert "Beratungsform" in talk.tap("Ja, heute unterschrieben")
        assert count(store, Case) == 0
        text = talk.tap("Kurzberatung")
        assert text == "KIM-1042 ist angelegt: Kurzberatung, Einwilligung vom 23.11.2026."
        case = store.exec(select(Case)).one()
        assert (case.number, case.form, case.started_on, case.consent_signed_on) == (NUMBER, "short", TODAY, TODAY)
        assert case.owner_id == case.consent_confirmed_by == named(store, "lotse-1").id

    def test_signed_on_another_day(self, talk: Talk, store: Session) -> None:
        talk.write("fall anlegen kim-1042 case management")
        assert "Wann wurde" in talk.tap("Ja, an einem anderen Tag …")
        assert "liegt in der Zukunft" in talk.write("morgen")
        assert "gibt es nicht" in talk.write("31.02.2026")
        assert "Einwilligung vom 20.11.2026" in talk.write("20.11.2026")
        assert store.exec(select(Case.consent_signed_on)).one() == date(2026, 11, 20)

    @pytest.mark.parametrize("no", ["nein", "noch nicht, erst gestern besprochen"])
    def test_without_consent_nothing_is_stored(self, talk: Talk, store: Session, no: str) -> None:
        talk.write("fall anlegen kim-1042")
        assert "speichere ich zu KIM-1042 nichts" in talk.write(no)
        assert (count(store, Case), events(store)) == (0, [])

    def test_a_tap_on_no_stores_nothing_either(self, talk: Talk, store: Session) -> None:
        talk.write("fall anlegen kim-1042")
        talk.tap("Nein, noch nicht")
        assert (count(store, Case), events(store)) == (0, [])

    def test_another_case_in_between_is_not_taken_for_the_answer(self, talk: Talk, store: Session) -> None:
        talk.write("fall anlegen kim-1042")
        assert "Liegt für KIM-1043" in talk.write("fall anlegen kim-1043, war gestern da, kurzberatung")
        assert count(store, Case) == 0

    def test_twice_shows_the_consent_on_record(self, talk: Talk, store: Session) -> None:
        talk.open()
        text = talk.write("fall anlegen kim-1042")
        assert text.startswith("Für KIM-1042 liegt die Einwilligungserklärung vom 23.11.2026 vor")
        assert count(store, Case) == 1

    def test_the_same_tap_twice_opens_it_once(self, talk: Talk, store: Session) -> None:
        talk.write("fall anlegen kim-1042 kurzberatung")
        asked = talk.said
        talk.tap("Ja, heute unterschrieben")
        talk.said = asked
        assert "liegt die Einwilligungserklärung" in talk.tap("Ja, heute unterschrieben")
        assert count(store, Case) == 1

    def test_somebody_elses_number_is_not_opened_again(self, talk: Talk, other: Talk, store: Session) -> None:
        other.open()
        assert "liegt bei einer Kollegin oder einem Kollegen" in talk.write("fall anlegen kim-1042")
        assert store.exec(select(Case.owner_id)).one() == named(store, "lotse-2").id

    def test_meanwhile_opened_by_somebody_else(self, talk: Talk, other: Talk, store: Session) -> None:
        talk.write("fall anlegen kim-1042 kurzberatung")
        other.open()
        assert "liegt bei einer Kollegin" in talk.tap("Ja, heute unterschrieben")
        assert store.exec(select(Case.owner_id)).one() == named(store, "lotse-2").id


class TestSomebodyElsesCase:
    @pytest.mark.parametrize(
        "text",
        [
            "kim-1042",
            "fall kim-1042 schließen",
            "kim-1042 wieder öffnen",
            "fall kim-1042 übernehmen",
            "übergib kim-1042 an lotse-3",
            "lotse-3 vertritt mich in kim-1042",
            "kim-1042 wechselt zu case management",
            "liegt die einwilligung von kim-1042 vor?",
            "einwilligung kim-1042 widerrufen",
        ],
    )
    def test_is_refused_unchanged_and_audited_as_a_hash(
        self, talk: Talk, other: Talk, store: Session, text: str
    ) -> None:
        other.open()
        before = store.exec(select(Case)).one().model_dump()
        assert "liegt bei einer Kollegin oder einem Kollegen" in talk.write(text)
        assert talk.labels == []
        assert "lotse-2" not in talk.said.text
        store.rollback()
        assert [case.model_dump() for case in store.exec(select(Case))] == [before]
        denied = store.exec(select(AuditEvent).where(AuditEvent.event == "denied")).one()
        assert (denied.subject, denied.person_id) == (pseudonym(store, NUMBER), named(store, "lotse-1").id)
        assert NUMBER not in str(denied)

    def test_a_forged_tap_is_refused_too(self, talk: Talk, other: Talk, store: Session) -> None:
        other.open()
        said = talk.done(Withdraw(number=NUMBER))
        assert not said.forgotten
        assert count(store, Case) == 1

    def test_is_not_listed(self, talk: Talk, other: Talk) -> None:
        other.open()
        assert "keine laufenden Fälle" in talk.write("meine fälle")
        assert "1042" in other.write("meine fälle")


class TestNumbersOfNobody:
    def test_are_said_to_have_no_consent_and_can_be_opened(self, talk: Talk, store: Session) -> None:
        assert "keine Einwilligungserklärung" in talk.write("kim-1042 schließen")
        assert talk.labels == ["KIM-1042 anlegen"]
        assert "Liegt für KIM-1042" in talk.tap("KIM-1042 anlegen")
        assert count(store, Case) == 0

    @pytest.mark.parametrize("typed", ["kim-1024", "kim-1043", "kim-2026-1042"])
    def test_a_slip_away_from_ones_own_is_asked_back(self, talk: Talk, store: Session, typed: str) -> None:
        talk.open()
        talk.write(f"fall {typed} schließen")
        near = typed != "kim-2026-1042"
        assert ("Meinten Sie KIM-1042?" in talk.labels) is near
        if near:
            assert talk.tap("Meinten Sie KIM-1042?") == "KIM-1042 ist abgeschlossen."

    def test_a_slip_away_from_somebody_elses_is_not(self, talk: Talk, other: Talk) -> None:
        other.open()
        talk.write("kim-1024 schließen")
        assert talk.labels == ["KIM-1024 anlegen"]

    def test_a_typed_slip_is_asked_back(self, talk: Talk) -> None:
        talk.open()
        assert talk.write("kmi 1042 schließen") == "Meinten Sie KIM-1042?"
        assert talk.tap("Ja, KIM-1042") == "KIM-1042 ist abgeschlossen."

    def test_the_number_may_follow(self, talk: Talk) -> None:
        talk.open()
        assert "Wie lautet die Fallnummer?" in talk.write("einen fall schließen")
        assert talk.write("1042") == "KIM-1042 ist abgeschlossen."

    def test_two_are_done_one_after_the_other(self, talk: Talk, store: Session) -> None:
        talk.open()
        talk.open("KIM-1043")
        talk.write("kim-1042 und kim-1043 schließen")
        talk.tap("KIM-1043")
        closed = store.exec(select(Case.number).where(Case.closed_on != None)).all()  # noqa: E711 - SQL
        assert closed == ["KIM-1043"]


class TestCases:
    def test_closed_and_opened_again_by_tap(self, talk: Talk) -> None:
        talk.open()
        assert talk.write("kim-1042 schließen") == "KIM-1042 ist abgeschlossen."
        again = talk.said
        assert "schon seit dem 23.11.2026" in talk.write("kim-1042 schließen")
        talk.said = again
        assert talk.tap("Wieder öffnen") == "KIM-1042 läuft wieder."

    def test_the_form_is_switched_and_back(self, talk: Talk, store: Session) -> None:
        talk.open()
        assert talk.write("kim-1042 wechselt zu case management") == "KIM-1042 ist jetzt Case Management."
        assert talk.tap("Rückgängig") == "KIM-1042 ist jetzt Kurzberatung."
        assert store.exec(select(Case.form)).one() == "short"

    def test_what_is_shown_fits_who_looks(self, talk: Talk, other: Talk) -> None:
        talk.open()
        talk.write("lotse-2 vertritt mich in kim-1042")
        talk.write("kim-1042")
        assert "dauerhafte Vertretung: lotse-2" in talk.said.text
        assert "Übergeben …" in talk.labels
        other.write("kim-1042")
        assert "liegt bei „lotse-1“" in other.said.text
        assert "Übernehmen" in other.labels

    def test_every_reply_about_a_case_names_it_for_the_chat_to_be_cleaned(self, talk: Talk) -> None:
        talk.open()
        for text in ("meine fälle", "kim-1042", "kim-1042 schließen", "kim-1042 widerrufen", "kim-1099", "kim-1042 an"):
            talk.write(text)
            assert talk.said.numbers, text

    def test_sixty_cases_are_listed_and_the_rest_counted(self, talk: Talk) -> None:
        for number in range(1, 63):
            talk.open(f"KIM-{number:04}")
        text = talk.write("meine fälle")
        assert talk.said.title == "Laufende Fälle: 62"
        assert text.endswith("… und 2 weitere")
        assert len(talk.said.numbers) == 62


class TestHandingOver:
    def test_to_whom_is_asked_and_then_it_is_theirs(self, talk: Talk, other: Talk, store: Session) -> None:
        talk.open()
        assert talk.write("übergabe kim-1042") == "Wem geben Sie KIM-1042?"
        assert talk.labels == ["lotse-2", "lotse-3"]  # the admin holds no cases
        talk.write("an lotse-2.")
        assert "liegt jetzt bei „lotse-2“" in talk.said.text
        assert "liegt bei einer Kollegin" in talk.write("kim-1042")
        other.write("kim-1042")
        assert "Übergeben …" in other.labels
        assert count(store, CaseDeputy) == 0

    @pytest.mark.parametrize("alias", ["lotse-9", "admin-1", "lotse-1"])
    def test_somebody_unknown_without_cases_or_oneself_is_not_possible(
        self, talk: Talk, store: Session, alias: str
    ) -> None:
        talk.open()
        assert talk.write(f"übergib kim-1042 an {alias}") == "Wem geben Sie KIM-1042?"
        assert store.exec(select(Case.owner_id)).one() == named(store, "lotse-1").id

    def test_to_somebody_disabled_in_between_it_is_not_possible(self, talk: Talk, store: Session) -> None:
        talk.open()
        talk.write("übergabe kim-1042")
        disable(store, by=OPERATOR, person=named(store, "lotse-2"), hand_over_to=None, now=NOW)
        store.commit()
        assert "führt hier keine Fälle" in talk.tap("lotse-2")
        assert store.exec(select(Case.owner_id)).one() == named(store, "lotse-1").id

    def test_a_case_named_in_the_answer_is_not_handed_over_by_the_question_before(
        self, talk: Talk, store: Session
    ) -> None:
        talk.open()
        talk.open("KIM-1043")
        talk.write("übergabe kim-1042")
        talk.write("übergib kim-1043 an lotse-2")
        owners = dict(store.exec(select(Case.number, Case.owner_id)).all())
        assert owners == {NUMBER: named(store, "lotse-1").id, "KIM-1043": named(store, "lotse-2").id}

    def test_alone_there_is_nobody_to_give_it_to(self, talk: Talk, store: Session) -> None:
        talk.open()
        for alias in ("lotse-2", "lotse-3"):
            disable(store, by=OPERATOR, person=named(store, alias), hand_over_to=None, now=NOW)
        store.commit()
        assert "noch niemand Fälle" in talk.write("übergabe kim-1042")

    def test_a_deputy_takes_over(self, talk: Talk, other: Talk, store: Session) -> None:
        talk.open()
        talk.write("bin heute krank, lotse-2 vertritt mich")
        assert other.write("fall kim-1042 übernehmen") == "KIM-1042 liegt jetzt bei Ihnen."
        assert "liegt schon bei" in other.write("fall kim-1042 übernehmen")
        assert "case handed over" in events(store)


class TestAbsence:
    def test_days_and_deputy_are_asked_and_the_deputy_sees_the_case_on_those_days(
        self, talk: Talk, other: Talk
    ) -> None:
        talk.open()
        assert talk.write("bin im urlaub").startswith("Von wann bis wann?")
        assert talk.write("vom 1.12. bis 14.12.") == "Wer vertritt Sie?"
        assert talk.tap("lotse-2").startswith("Notiert: Vom 01.12. bis 14.12.2026 vertritt Sie „lotse-2“")
        assert "keine laufenden Fälle" in other.write("meine fälle")
        other.now = NOW + timedelta(days=8)
        assert "in Vertretung für „lotse-1“" in other.write("meine fälle")
        assert "Heute vertreten Sie „lotse-1“" in other.write("wen vertrete ich")
        other.now = NOW + timedelta(days=22)
        assert "keine laufenden Fälle" in other.write("meine fälle")

    def test_undone_by_tap(self, talk: Talk) -> None:
        talk.write("bin vom 1.12. bis 14.12. im urlaub, lotse-2 vertritt")
        assert talk.tap("Rückgängig") == "Willkommen zurück; die Vertretung ist beendet."
        assert talk.write("wer vertritt mich?") == "Es ist keine Vertretung eingetragen."
        assert talk.write("bin wieder da") == "Sie sind nicht abwesend."

    def test_somebody_disabled_in_between_does_not_stand_in(self, talk: Talk, store: Session) -> None:
        talk.write("bin vom 1.12. bis 14.12. im urlaub")
        disable(store, by=OPERATOR, person=named(store, "lotse-2"), hand_over_to=None, now=NOW)
        store.commit()
        assert "kann hier nicht vertreten" in talk.tap("lotse-2")
        assert talk.write("wer vertritt mich?") == "Es ist keine Vertretung eingetragen."


class TestWithdrawal:
    def test_it_is_asked_and_a_no_changes_nothing(self, talk: Talk, store: Session) -> None:
        talk.open()
        assert "nicht rückgängig" in talk.write("einwilligung kim-1042 widerrufen")
        assert talk.tap("Nein") == "Gut, ich habe nichts geändert."
        assert count(store, Case) == 1

    def test_then_everything_is_gone_and_the_reply_says_so_to_the_bot(self, talk: Talk, store: Session) -> None:
        talk.open()
        talk.write("einwilligung kim-1042 widerrufen")
        talk.tap("Ja, alles löschen")
        assert (talk.said.forgotten, talk.said.numbers) == (True, [NUMBER])
        assert count(store, Case) == 0
        assert "keine Einwilligungserklärung" in talk.write("kim-1042")
        last = store.exec(select(AuditEvent)).all()[-1]
        assert (last.event, last.subject) == ("consent withdrawn, case forgotten", pseudonym(store, NUMBER))

    def test_a_button_of_before_finds_nothing(self, talk: Talk, store: Session) -> None:
        talk.open()
        talk.write("kim-1042")
        withdraw_consent(store, by=OPERATOR, case=store.exec(select(Case)).one(), now=NOW)
        store.commit()
        assert "keine Einwilligungserklärung" in talk.tap("Abschließen")

    def test_twice_says_that_there_is_nothing(self, talk: Talk) -> None:
        talk.open()
        talk.write("einwilligung kim-1042 widerrufen")
        asked = talk.said
        talk.tap("Ja, alles löschen")
        talk.said = asked
        assert "keine Einwilligungserklärung" in talk.tap("Ja, alles löschen")
        assert not talk.said.forgotten


class TestWhoAsks:
    @pytest.mark.parametrize(
        "text", ["meine fälle", "fall anlegen kim-1042", "kim-1042", "kim-1042 schließen", "kim-1042 widerrufen"]
    )
    def test_a_role_without_cases_is_refused_and_audited(self, talk: Talk, store: Session, text: str) -> None:
        talk.open()
        admin = Talk(talk.engine, "admin-1")
        assert "Ihrer Rolle nicht freigegeben" in admin.write(text)
        assert admin.labels == []
        assert events(store).count("denied") == 1

    def test_somebody_whose_role_changed_in_between_gets_no_further(self, talk: Talk, store: Session) -> None:
        talk.write("fall anlegen kim-1042 kurzberatung")
        change_role(store, by=OPERATOR, person=named(store, "lotse-1"), role=Role.ADMIN, hand_over_to=None, now=NOW)
        store.commit()
        assert "Ihrer Rolle nicht freigegeben" in talk.tap("Ja, heute unterschrieben")
        assert count(store, Case) == 0

    def test_somebody_disabled_in_between_is_nobody(self, talk: Talk, store: Session) -> None:
        talk.write("fall anlegen kim-1042 kurzberatung")
        before = events(store)
        disable(store, by=OPERATOR, person=named(store, "lotse-1"), hand_over_to=None, now=NOW)
        store.commit()
        assert talk.tap("Ja, heute unterschrieben") == UNKNOWN_PERSON
        assert count(store, Case) == 0
        assert events(store) == [*before, "staff disabled"]

    def test_a_person_that_never_was_is_nobody(self, talk: Talk, store: Session) -> None:
        said = perform(
            store,
            person_id=4711,
            channel="telegram",
            operation=OpenCase(number=NUMBER, form="short", signed_on=TODAY),
            practice=practice(),
            kept_for=timedelta(days=30),
            now=NOW,
        )
        assert said.text == UNKNOWN_PERSON
        assert (count(store, Case), count(store, Person)) == (0, 4)

    def test_ones_own_data_are_there_for_every_role(self, talk: Talk, store: Session) -> None:
        admin = Talk(talk.engine, "admin-1")
        assert "Alias: admin-1" in admin.done(ShowMyData()).text
        assert "Alles Gute" in admin.done(EraseMe()).text
        talk.open()
        assert "noch Fälle (1)" in talk.done(EraseMe()).text
        assert named(store, "lotse-1").active
