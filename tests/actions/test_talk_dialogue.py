"""Talks told, saved, changed, handed over and taken back, over the services and a real store."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlmodel import Session, col, select

from actions.absences import set_absence
from actions.access import OPERATOR
from actions.cases import case_for, hand_over
from actions.consultations import case_of
from actions.drafts import drop_old_drafts, newest_draft
from actions.operations import (
    AnswerTalk,
    AskTalk,
    ChangeTalk,
    Choice,
    CloseCase,
    DeleteTalk,
    DropTalk,
    EditTalk,
    ListPending,
    MarkTransferred,
    ResumeTalk,
    SaveTalk,
    ShowTalks,
    TalkDraft,
    TalkField,
    TellTalk,
    ToggleNeed,
    UndoTalk,
    UnmarkTransferred,
    Withdraw,
)
from actions.people import disable
from actions.performing import UNKNOWN_PERSON
from actions.store.models import Case, Consultation, Draft, Person, Role
from actions.talk_dialogue import DRAFT_KIND
from actions.talk_fields import QUESTIONS
from actions.talk_requests import new_talk
from tests.actions.conftest import NOW, NUMBER, TODAY, Enrol, OpenCase, acting, count, events
from tests.actions.telling import Conversation

YESTERDAY = date(2026, 11, 22)
OTHER = "KIM-1043"
ONE_SHOT = "kurzberatung kim 1042 heute 20 min telefon, wohnung"


@pytest.fixture
def owner(person: Enrol, opened: OpenCase) -> Person:
    """Somebody with a case."""
    owner = person("lotse-1")
    opened(owner)
    return owner


@pytest.fixture
def talk(session: Session, owner: Person) -> Conversation:
    return Conversation(session, owner)


def entries(session: Session) -> list[Consultation]:
    session.expire_all()
    return list(session.exec(select(Consultation).order_by(col(Consultation.id))))


def only_entry(session: Session) -> Consultation:
    [entry] = entries(session)
    return entry


def kept(talk: Conversation) -> TalkDraft | None:
    found = newest_draft(talk.session, person=talk.person, kind=DRAFT_KIND, now=talk.now)
    return None if found is None else TalkDraft.model_validate(found.content)


def given_away(session: Session, number: str, to: Person) -> None:
    case = case_for(session, by=OPERATOR, number=number, day=TODAY)
    hand_over(session, by=OPERATOR, case=case, to=to, now=NOW)
    session.commit()


class TestTelling:
    def test_one_message_and_one_tap(self, talk: Conversation, session: Session) -> None:
        told = talk.says(ONE_SHOT + ", termin bei vhs ausgemacht")
        assert told.title == f"Kurzberatung {NUMBER}"
        assert told.text.splitlines() == [
            "Datum: 23.11.2026",
            "Dauer: 20 min",
            "Kontaktart: Telefon",
            "Bedarfe: Wohnen",
            "Nächste Schritte: termin bei vhs ausgemacht",
        ]
        assert talk.labels == ["Speichern", "Ändern …", "Verwerfen"]
        saved = talk.taps("Speichern")
        assert "Gespeichert zu KIM-1042: 23.11.2026, 20 min, Telefon, Wohnen." in saved.text
        assert saved.cites == ["faq-32", "faq-34"]
        entry = only_entry(session)
        assert (entry.day, entry.duration_min, entry.channel, entry.topics) == (TODAY, 20, "telefon", ["Wohnen"])
        assert (entry.form, entry.next_steps, entry.person_id) == ("short", "termin bei vhs ausgemacht", talk.person.id)
        assert count(session, Draft) == 0
        assert talk.awaits is None

    def test_step_by_step_by_taps(self, talk: Conversation, session: Session) -> None:
        taps = [NUMBER, "Gestern", "45 min", "Video", "Arbeit", "Wohnen", "Fertig", "Überspringen", "Speichern"]
        questions = ["day", "duration_min", "channel", "topics", "topics", "topics", "note", None, None]
        assert QUESTIONS["number"] in talk.does(new_talk()).text
        for tap, question in zip(taps, questions, strict=True):
            talk.taps(tap)
            assert question is None or QUESTIONS[question] in talk.last.text  # type: ignore[index]
        entry = only_entry(session)
        assert (entry.day, entry.duration_min, entry.channel, entry.topics, entry.note) == (
            YESTERDAY,
            45,
            "video",
            ["Arbeit", "Wohnen"],
            None,
        )

    def test_every_field_by_hand(self, talk: Conversation, session: Session) -> None:
        talk.says(ONE_SHOT)
        answers: dict[str, str] = {
            "Datum": "gestern",
            "Dauer": "1h30",
            "Kontaktart": "video",
            "+ Notiz": "wohnungssuche familie",
            "+ Nächste Schritte": "ruft an",
            "+ Verweis": "jc",
            "+ Lücke im Angebot": "kein Abendkurs",
            "+ Wiedervorlage": "in 2 wochen",
        }
        for field, answer in answers.items():
            talk.taps("Ändern …")
            talk.taps(field)
            assert "Speichern" in [choice.label for row in talk.says(answer).rows for choice in row], field
        talk.taps("Speichern")
        entry = only_entry(session)
        assert (entry.day, entry.duration_min, entry.channel) == (YESTERDAY, 90, "video")
        assert (entry.note, entry.next_steps, entry.referral) == ("wohnungssuche familie", "ruft an", "Jobcenter")
        assert (entry.gap, entry.follow_up) == ("kein Abendkurs", date(2026, 12, 7))

    def test_a_need_tapped_again_is_taken_back_in_the_same_message(self, talk: Conversation) -> None:
        talk.says("kurzberatung kim 1042 heute 20 min telefon")
        assert "Fertig" not in talk.labels
        assert talk.taps("Arbeit").in_place
        assert {"✓ Arbeit", "Fertig"} <= {*talk.labels}
        talk.taps("✓ Arbeit")
        assert "✓ Arbeit" not in talk.labels
        assert "Fertig" not in talk.labels

    def test_no_note_is_asked_for_where_one_sentence_said_most(self, talk: Conversation) -> None:
        talk.says("kurzberatung kim 1042 heute 20 min telefon")
        talk.says("miete")
        assert "Speichern" in talk.labels

    def test_the_second_talk_of_the_standard_is_suggested_once(self, talk: Conversation) -> None:
        talk.says(ONE_SHOT)
        assert "Das war Gespräch 1; Mindeststandard" in talk.taps("Speichern").text
        assert QUESTIONS["follow_up"] in talk.taps("Zweites Gespräch vormerken …").text
        talk.taps("in 2 W.")
        talk.taps("Speichern")
        assert "Zweites Gespräch vormerken …" not in talk.labels
        talk.says("kurzberatung kim 1042 gestern 30 min video, arbeit")
        assert "Das war Gespräch 2" in talk.taps("Speichern").text
        assert "Zweites Gespräch vormerken …" not in talk.labels

    def test_a_third_need_asks_and_the_form_may_be_switched_in_between(
        self, talk: Conversation, session: Session
    ) -> None:
        told = talk.says("kurzberatung kim 1042 heute 20 min telefon: miete, b1 kurs und schulden")
        assert "Ist das ein Case-Management-Fall?" in told.text
        assert told.cites == ["faq-32"]
        told = talk.taps("Zu Case Management wechseln")
        assert told.title == f"Case Management {NUMBER}"
        assert "Case-Management-Fall" not in told.text
        saved = talk.taps("Speichern")
        assert "Mindeststandard" not in saved.text
        assert only_entry(session).form == "case_management"

    def test_three_needs_can_be_saved_as_a_kurzberatung(self, talk: Conversation, session: Session) -> None:
        talk.says("kurzberatung kim 1042 heute 20 min telefon: miete, b1 kurs und schulden")
        talk.taps("Speichern")
        assert (only_entry(session).form, len(only_entry(session).topics)) == ("short", 3)

    def test_another_thing_in_between_and_the_talk_goes_on(self, talk: Conversation) -> None:
        talk.says("kurzberatung kim 1042 heute")
        assert QUESTIONS["duration_min"] in talk.says("zeig meine letzten beratungen", intent="edit_entry").text
        assert QUESTIONS["channel"] in talk.says("20").text

    def test_a_talk_of_another_case_in_between_is_another_talk(
        self, talk: Conversation, session: Session, owner: Person, opened: OpenCase
    ) -> None:
        opened(owner, OTHER)
        talk.says("kurzberatung kim 1042 heute 20 min telefon")
        told = talk.says("kurzberatung kim 1043 gestern 40 min video, arbeit")
        assert told.title == f"Kurzberatung {OTHER}"
        talk.taps("Speichern")
        talk.tapped(talk.shown[0])
        assert {draft.content["number"] for draft in session.exec(select(Draft))} == {NUMBER}
        assert (only_entry(session).duration_min, case_of(session, only_entry(session)).number) == (40, OTHER)


class TestWaysOut:
    STEPS: tuple[tuple[TalkField, str], ...] = (
        ("number", "1042"), ("day", "gestern"), ("duration_min", "45"), ("channel", "video"), ("topics", "miete"),
        ("note", "kam zu spät"),
    )  # fmt: skip

    def told_until(self, talk: Conversation, field: TalkField) -> None:
        talk.does(new_talk())
        for step, answer in self.STEPS:
            if step == field:
                return
            talk.says(answer)

    @pytest.mark.parametrize("field", [field for field, _ in STEPS])
    def test_waiting_and_going_on(self, talk: Conversation, field: TalkField) -> None:
        self.told_until(talk, field)
        asked = talk.current
        assert asked is not None
        assert "ich warte" in talk.says("moment").text
        assert QUESTIONS[field] in talk.says("weiter").text
        assert talk.current == asked
        talk.says("moment")
        assert QUESTIONS[field] in talk.taps("Weiter").text
        assert talk.current == asked

    @pytest.mark.parametrize("field", [field for field, _ in STEPS])
    def test_stopping_and_going_on_after_all(self, talk: Conversation, session: Session, field: TalkField) -> None:
        self.told_until(talk, field)
        asked = talk.current
        assert "gespeichert wurde nichts" in talk.says("abbrechen").text
        assert talk.awaits is None
        assert count(session, Draft) == 0
        assert QUESTIONS[field] in talk.taps("Doch weitermachen").text
        assert talk.current == asked
        assert entries(session) == []

    @pytest.mark.parametrize(("before", "field"), pairwise(STEPS))
    def test_going_back(self, talk: Conversation, before: tuple[TalkField, str], field: tuple[TalkField, str]) -> None:
        self.told_until(talk, field[0])
        assert QUESTIONS[before[0]] in talk.says("zurück").text
        assert QUESTIONS[field[0]] in talk.says(before[1]).text

    def test_going_back_from_the_note_to_needs_that_were_tapped(self, talk: Conversation) -> None:
        self.told_until(talk, "topics")
        talk.taps("Wohnen")
        talk.taps("Fertig")
        assert QUESTIONS["topics"] in talk.says("zurück").text

    @pytest.mark.parametrize("field", ["number", "day", "duration_min", "channel", "topics"])
    def test_what_is_needed_cannot_be_skipped(self, talk: Conversation, field: TalkField) -> None:
        self.told_until(talk, field)
        assert "Überspringen" not in talk.labels
        assert QUESTIONS[field] in talk.says("weiter").text

    @pytest.mark.parametrize("label", ["Notiz", "Nächste Schritte", "Verweis", "Lücke im Angebot", "Wiedervorlage"])
    def test_optional_fields_are_skipped_by_a_tap(self, talk: Conversation, label: str) -> None:
        told = talk.says(ONE_SHOT)
        talk.taps("Ändern …")
        talk.taps(f"+ {label}")
        assert talk.taps("Überspringen").text == told.text

    def test_a_late_skip_does_not_take_back_what_was_typed(self, talk: Conversation, session: Session) -> None:
        self.told_until(talk, "note")
        skip = talk.button("Überspringen")
        talk.says("kam zu spät")
        assert "Notiz: kam zu spät" in talk.tapped(skip).text

    def test_a_note_is_left_or_taken_out_when_it_is_changed(self, talk: Conversation) -> None:
        self.told_until(talk, "note")
        talk.says("kam zu spät")
        for tap, there in (("So lassen", True), ("Entfernen", False)):
            talk.taps("Ändern …")
            talk.taps("Notiz")
            assert ("Notiz" in talk.taps(tap).text) is there

    def test_from_the_menu_back_to_the_summary(self, talk: Conversation) -> None:
        told = talk.says(ONE_SHOT)
        talk.taps("Ändern …")
        assert talk.taps("← Zur Übersicht").text == told.text


class TestWrongAnswers:
    @pytest.mark.parametrize(
        ("started", "answer", "why", "question"),
        [
            ("kurzberatung kim 1042 am 31.02. 20 min telefon, wohnung", None, "31.02.“ gibt es nicht", "day"),
            ("kurzberatung kim 1042 morgen 20 min telefon, wohnung", None, "liegt in der Zukunft", "day"),
            ("kurzberatung kim 1042 am 15.8.2026 20 min telefon, wohnung", None, "mehr als 90 Tage", "day"),
            ("kurzberatung kim 1042 heute 0 min telefon, wohnung", None, "nicht 0", "duration_min"),
            ("kurzberatung kim 1042 heute 900 min telefon, wohnung", None, "nicht 900", "duration_min"),
            ("kurzberatung kim 1042 20 min telefon", "31.02.", "gibt es nicht", "day"),
            ("kurzberatung kim 1042 20 min telefon", "übermorgen", "liegt in der Zukunft", "day"),
            ("kurzberatung kim 1042 20 min telefon", "am 15.8.2026", "mehr als 90 Tage", "day"),
            ("kurzberatung kim 1042 heute telefon", "0", "nicht 0", "duration_min"),
            ("kurzberatung kim 1042 heute telefon", "900", "nicht 900", "duration_min"),
            ("kurzberatung kim 1042 heute telefon", "9999", "nicht 9999", "duration_min"),
            ("kurzberatung kim 1042 heute telefon", "20 std", "nicht 1200", "duration_min"),
        ],
    )
    def test_are_named_and_asked_again(
        self, talk: Conversation, started: str, answer: str | None, why: str, question: TalkField
    ) -> None:
        said = talk.says(started)
        said = said if answer is None else talk.says(answer)
        assert why in said.text
        assert QUESTIONS[question] in said.text
        assert talk.current is not None
        assert talk.current.draft.number == NUMBER
        assert talk.current.draft.channel == "telefon"

    @pytest.mark.parametrize("minutes", ["1", "480"])
    def test_the_bounds_themselves_are_fine(self, talk: Conversation, minutes: str) -> None:
        talk.says("kurzberatung kim 1042 heute telefon, wohnung")
        assert f"Dauer: {minutes} min" in talk.says(minutes).text

    def test_the_ninetieth_day_back_is_fine(self, talk: Conversation) -> None:
        assert "Datum: 25.08.2026" in talk.says("kurzberatung kim 1042 am 25.8.2026 20 min telefon, wohnung").text

    @pytest.mark.parametrize("answer", ["gestern", "31.02."])
    def test_a_follow_up_must_come(self, talk: Conversation, answer: str) -> None:
        talk.says(ONE_SHOT)
        talk.does(AskTalk(entry_id=talk.current.draft.entry_id, field="follow_up") if talk.current else ListPending())
        assert QUESTIONS["follow_up"] in talk.says(answer).text

    def test_a_follow_up_before_the_talk_is_asked_again(self, talk: Conversation) -> None:
        talk.says("kurzberatung kim 1042 gestern 20 min telefon, wohnung")
        assert talk.current is not None
        id_ = talk.current.draft.entry_id
        said = talk.does(AnswerTalk(entry_id=id_, field="follow_up", value="2026-11-01"))
        assert "liegt vor dem Gespräch" in said.text

    @pytest.mark.parametrize(
        ("field", "value", "question"),
        [("referral", "Amt für Alles", "referral"), ("topics", ("Hundesteuer",), "topics")],
    )
    def test_what_the_words_of_the_field_no_longer_know_is_asked_again(
        self, talk: Conversation, field: TalkField, value: object, question: TalkField
    ) -> None:
        talk.says(ONE_SHOT)
        assert talk.current is not None
        draft = talk.current.draft.model_copy(update={field: value})
        assert QUESTIONS[question] in talk.does(TellTalk(number=NUMBER, draft=draft)).text

    def test_two_cases_become_two_talks(
        self, talk: Conversation, session: Session, owner: Person, opened: OpenCase
    ) -> None:
        opened(owner, OTHER)
        talk.says("kurzberatung kim 1042 und kim 1043 heute 20 min telefon, wohnung")
        first, second = talk.buttons
        for choice in (first, second):
            talk.tapped(choice)
            talk.taps("Speichern")
        assert [case_of(session, entry).number for entry in entries(session)] == [NUMBER, OTHER]
        assert "nicht mehr offen" in talk.tapped(first).text


class TestCasesThatCannotBe:
    def test_without_consent_it_is_begun_on_the_way_by_taps(self, talk: Conversation, session: Session) -> None:
        said = talk.says("kurzberatung kim 2001 gestern 28 min hausbesuch wegen miete, hat brief dabei")
        assert "unterschriebene Einwilligungserklärung" in said.text
        assert count(session, Draft) == 0
        talk.taps("Ja, heute unterschrieben")
        told = talk.taps("Kurzberatung")
        assert told.title == "Kurzberatung KIM-2001"
        assert {"Datum: 22.11.2026", "Dauer: 28 min", "Bedarfe: Wohnen"} <= {*told.text.splitlines()}
        talk.taps("Speichern")
        assert case_of(session, only_entry(session)).number == "KIM-2001"

    def test_and_by_words(self, talk: Conversation, session: Session) -> None:
        talk.says("kurzberatung kim 2001 gestern 28 min hausbesuch wegen miete")
        talk.taps("Ja, an einem anderen Tag …")
        talk.says("gestern")
        assert "Dauer: 28 min" in talk.says("kurzberatung").text

    def test_in_the_middle_of_a_dialogue_it_goes_on_where_it_was(self, talk: Conversation) -> None:
        talk.says("kurzberatung eintragen")
        talk.says("20 min telefon")
        talk.says("kim 2001")
        talk.taps("Ja, heute unterschrieben")
        assert QUESTIONS["day"] in talk.taps("Kurzberatung").text
        talk.says("heute")
        talk.says("miete")
        assert "Dauer: 20 min" in talk.taps("Überspringen").text

    def test_declined_nothing_is_stored(self, talk: Conversation, session: Session) -> None:
        talk.says("kurzberatung kim 2001 gestern 28 min hausbesuch wegen miete")
        talk.says("nein, noch nicht")
        assert (count(session, Draft), count(session, Consultation), count(session, Case)) == (0, 0, 1)
        assert talk.restarts() is None

    def test_a_mistyped_number_is_put_right_with_all_that_was_told(self, talk: Conversation) -> None:
        talk.says("kurzberatung kim 1024 gestern 28 min hausbesuch wegen miete")
        assert QUESTIONS["number"] in talk.taps("Andere Fallnummer …").text
        told = talk.taps(NUMBER)
        assert told.title == f"Kurzberatung {NUMBER}"
        assert "Dauer: 28 min" in told.text

    def test_a_talk_moved_to_a_case_to_come_is_not_left_in_the_first(
        self, talk: Conversation, session: Session
    ) -> None:
        talk.says(ONE_SHOT)
        talk.says("kim 2001")
        assert count(session, Draft) == 0
        talk.taps("Ja, heute unterschrieben")
        told = talk.taps("Kurzberatung")
        assert (told.title, "Dauer: 20 min" in told.text) == ("Kurzberatung KIM-2001", True)

    def test_a_late_tap_on_the_consent_does_not_bring_back_the_old_draft(self, talk: Conversation) -> None:
        talk.says("kurzberatung kim 2001 gestern 28 min hausbesuch wegen miete")
        talk.taps("Ja, heute unterschrieben")
        form = talk.button("Kurzberatung")
        talk.tapped(form)
        talk.says("doch 35 min")
        assert "Dauer: 35 min" in talk.tapped(form).text

    def test_somebody_elses_is_refused_noted_and_another_one_asked_for(
        self, talk: Conversation, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        opened(person("lotse-2"), OTHER)
        said = talk.says("kurzberatung kim 1043 heute 29 min telefon, wohnung")
        assert "liegt bei einer Kollegin" in said.text
        assert QUESTIONS["number"] in said.text
        assert "denied" in events(session)
        assert (count(session, Draft), talk.labels) == (0, [NUMBER])
        assert "Dauer: 29 min" in talk.taps(NUMBER).text

    def test_in_vertretung_it_can_be_told(
        self, talk: Conversation, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        other = person("lotse-2")
        opened(other, OTHER)
        days = {"first_day": TODAY, "last_day": TODAY}
        set_absence(session, by=acting(other), person=other, deputy=talk.person, now=NOW, **days)
        session.commit()
        talk.says("kurzberatung kim 1043 heute 29 min telefon, wohnung")
        talk.taps("Speichern")
        assert only_entry(session).person_id == talk.person.id

    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMIN, Role.ADMINISTRATION, Role.AUTHORITY])
    def test_who_holds_no_cases_is_refused_whatever_they_tap(
        self, talk: Conversation, session: Session, person: Enrol, role: Role
    ) -> None:
        talk.says(ONE_SHOT)
        talk.taps("Speichern")
        entry_id = only_entry(session).entry_id
        talk.says("kurzberatung kim 1042 gestern 30 min telefon")
        assert talk.current is not None
        draft = talk.current.draft
        other = Conversation(session, person("lotse-9", role), awaits=talk.current)
        ids = {"number": NUMBER, "entry_id": draft.entry_id}
        for operation in (
            new_talk(),
            TellTalk(number=NUMBER, draft=draft),
            AnswerTalk(**ids, field="duration_min", value=20),
            ToggleNeed(**ids, need="Arbeit"),
            AskTalk(**ids, field="day"),
            ChangeTalk(**ids),
            SaveTalk(**ids),
            DropTalk(**ids),
            ResumeTalk(**ids, told=draft),
            ShowTalks(),
            EditTalk(entry_id=entry_id),
            DeleteTalk(entry_id=entry_id),
            UndoTalk(entry_id=entry_id),
            ListPending(),
            MarkTransferred(entry_ids=(entry_id,)),
            UnmarkTransferred(entry_ids=(entry_id,)),
        ):
            assert "nicht freigegeben" in other.does(operation).text
        assert other.restarts() is None
        assert (len(entries(session)), only_entry(session).transferred_at) == (1, None)
        assert kept(talk) == draft


class TestSavedEntries:
    @pytest.fixture
    def saved(self, talk: Conversation) -> Conversation:
        talk.says(ONE_SHOT)
        talk.taps("Speichern")
        return talk

    def test_are_shown(self, saved: Conversation) -> None:
        assert saved.taps("Ändern …").text == "Was möchten Sie ändern oder ergänzen?"
        shown = saved.says("zeig meine letzten beratungen", intent="edit_entry")
        assert "KIM-1042 · 23.11.2026, 20 min, Telefon, Wohnen" in saved.does(ShowTalks()).text
        assert shown.rows
        card = saved.taps("KIM-1042 23.11.")
        assert card.title == f"Kurzberatung {NUMBER}"
        assert "noch nicht in der KIM-Datenbank" in card.text

    def test_are_changed_by_a_message(self, saved: Conversation, session: Session) -> None:
        told = saved.says("bei der letzten beratung waren es 24 min", intent="edit_entry")
        assert "Dauer: 24 min" in told.text
        assert only_entry(session).duration_min == 20
        saved.taps("Speichern")
        assert only_entry(session).duration_min == 24

    def test_are_changed_by_taps(self, saved: Conversation, session: Session) -> None:
        saved.taps("Ändern …")
        saved.taps("Dauer")
        saved.taps("45 min")
        saved.taps("Speichern")
        assert only_entry(session).duration_min == 45

    def test_a_change_taken_up_again_is_not_lost(self, saved: Conversation) -> None:
        change = saved.button("Ändern …")
        saved.tapped(change)
        saved.taps("Dauer")
        saved.taps("45 min")
        saved.tapped(change)
        assert "Dauer: 45 min" in saved.taps("← Zur Übersicht").text

    def test_a_change_that_is_dropped_leaves_the_entry(self, saved: Conversation, session: Session) -> None:
        saved.says("bei der letzten beratung waren es 24 min", intent="edit_entry")
        assert saved.taps("Verwerfen").text == "Die Änderung ist verworfen."
        assert only_entry(session).duration_min == 20

    @pytest.mark.parametrize(("day", "why"), [("2026-08-15", "mehr als 90 Tage"), ("2026-11-24", "erst eintragen")])
    def test_cannot_be_changed_to_a_day_that_cannot_be(self, saved: Conversation, day: str, why: str) -> None:
        saved.taps("Ändern …")
        assert saved.current is not None
        said = saved.does(AnswerTalk(entry_id=saved.current.draft.entry_id, field="day", value=day))
        assert why in said.text
        assert QUESTIONS["day"] in said.text

    def test_of_long_ago_can_still_be_changed_otherwise(self, saved: Conversation, session: Session) -> None:
        saved.passes(timedelta(days=100))
        saved.says("bei der letzten beratung waren es 24 min", intent="edit_entry")
        saved.taps("Speichern")
        assert (only_entry(session).day, only_entry(session).duration_min) == (TODAY, 24)

    def test_what_was_transferred_is_due_again_only_if_something_changed(
        self, saved: Conversation, session: Session
    ) -> None:
        saved.taps("Ist übertragen")
        saved.taps("Ändern …")
        saved.taps("← Zur Übersicht")
        saved.taps("Speichern")
        assert only_entry(session).transferred_at is not None
        saved.says("bei der letzten beratung waren es 24 min", intent="edit_entry")
        saved.taps("Speichern")
        assert only_entry(session).transferred_at is None

    def test_a_number_picks_the_entry_and_never_moves_one(
        self, saved: Conversation, session: Session, owner: Person, opened: OpenCase
    ) -> None:
        opened(owner, OTHER)
        said = saved.says("ändere die beratung von kim 1043 auf 30 min", intent="edit_entry")
        assert said.text == "Es gibt hier noch keinen Eintrag von Ihnen zu KIM-1043."
        saved.says("kurzberatung kim 1043 heute 15 min telefon, arbeit")
        saved.taps("Speichern")
        told = saved.says("ändere die beratung von kim 1042 auf 30 min", intent="edit_entry")
        assert (told.title, "Dauer: 30 min" in told.text) == (f"Kurzberatung {NUMBER}", True)
        saved.taps("Verwerfen")
        assert f"{NUMBER}: " in saved.says("lösch die beratung von kim 1042", intent="edit_entry").text

    def test_can_be_moved_to_another_case(
        self, saved: Conversation, session: Session, owner: Person, opened: OpenCase
    ) -> None:
        opened(owner, OTHER)
        saved.taps("Ändern …")
        saved.taps("Fall")
        saved.says("1043")
        saved.taps("Speichern")
        assert case_of(session, only_entry(session)).number == OTHER

    def test_are_deleted_after_a_question(self, saved: Conversation, session: Session) -> None:
        saved.says("lösch die von eben", intent="edit_entry")
        assert len(entries(session)) == 1
        assert "geändert" in saved.taps("Nein").text
        assert saved.taps("Ja, löschen").text == "Der Eintrag zu KIM-1042 ist gelöscht."
        assert entries(session) == []
        assert "gibt es nicht mehr" in saved.taps("Ja, löschen").text

    @pytest.mark.parametrize(("minutes", "left"), [(0, 0), (10, 0), (11, 1)])
    def test_can_be_undone_for_ten_minutes(
        self, saved: Conversation, session: Session, minutes: int, left: int
    ) -> None:
        saved.passes(timedelta(minutes=minutes))
        said = saved.taps("Rückgängig")
        assert ("ist weg" in said.text, len(entries(session))) == (not left, left)
        assert left == 0 or "Rückgängig geht nur 10 Minuten" in said.text

    def test_undoing_is_not_offered_for_a_change(self, saved: Conversation) -> None:
        saved.passes(timedelta(minutes=1))
        saved.says("bei der letzten beratung waren es 24 min", intent="edit_entry")
        saved.taps("Speichern")
        assert "Rückgängig" not in saved.labels

    @pytest.mark.parametrize("gone", ["Ja, löschen", "Rückgängig"])
    def test_an_entry_that_is_gone_cannot_be_changed_any_more(
        self, saved: Conversation, session: Session, gone: str
    ) -> None:
        saved.says("lösch die von eben", intent="edit_entry")
        saved.says("bei der letzten beratung waren es 24 min", intent="edit_entry")
        saved.taps(gone)
        assert "gibt es nicht mehr" in saved.last.text
        assert "nicht mehr" in saved.taps("Speichern").text
        assert (entries(session), saved.restarts()) == ([], None)

    def test_nothing_saved_yet_is_said_so(self, talk: Conversation) -> None:
        assert "noch keine Beratungen" in talk.does(ShowTalks()).text
        for operation in (UndoTalk(), DeleteTalk(), EditTalk()):
            assert "noch keinen Eintrag" in talk.does(operation).text


class TestDuplicates:
    def test_the_same_talk_is_asked_about(self, talk: Conversation, session: Session) -> None:
        for _ in range(2):
            talk.says(ONE_SHOT)
            said = talk.taps("Speichern")
        assert "gibt es schon etwas Ähnliches: 23.11.2026, 20 min" in said.text
        assert len(entries(session)) == 1
        talk.taps("Trotzdem speichern")
        assert len(entries(session)) == 2

    def test_by_words_too(self, talk: Conversation, session: Session) -> None:
        for _ in range(2):
            talk.says(ONE_SHOT)
            talk.says("speichern")
        assert len(entries(session)) == 1
        talk.says("trotzdem speichern")
        assert len(entries(session)) == 2

    def test_it_can_be_changed_or_dropped_instead(self, talk: Conversation, session: Session) -> None:
        for _ in range(2):
            talk.says(ONE_SHOT)
            talk.taps("Speichern")
        talk.taps("Ändern …")
        talk.taps("Datum")
        talk.taps("Gestern")
        talk.taps("Speichern")
        assert [entry.day for entry in entries(session)] == [TODAY, YESTERDAY]


class TestLateTaps:
    """A tap on a button of before gets a kind answer and loses nothing."""

    def open_buttons(self, talk: Conversation) -> list[Choice]:
        talk.says("kurzberatung kim 1042 heute")
        talk.says("moment")
        talk.says("weiter")
        for answer in ("20", "telefon", "miete"):
            talk.says(answer)
        talk.taps("Überspringen")
        talk.taps("Ändern …")
        return [choice for choice in talk.shown if hasattr(choice.then, "entry_id")]

    def test_after_saving_nothing_is_saved_or_changed(self, talk: Conversation, session: Session) -> None:
        buttons = self.open_buttons(talk)
        talk.taps("Speichern")
        before = [entry.model_dump() for entry in entries(session)]
        for choice in buttons:
            said = talk.tapped(choice)
            assert ("Gespeichert zu" if isinstance(choice.then, SaveTalk) else "nicht mehr offen") in said.text
        assert [entry.model_dump() for entry in entries(session)] == before
        assert count(session, Draft) == 0

    def test_after_dropping_nothing_is_saved(self, talk: Conversation, session: Session) -> None:
        buttons = [one for one in self.open_buttons(talk) if not isinstance(one.then, ResumeTalk)]
        talk.taps("Verwerfen")
        for choice in buttons:
            assert "nicht mehr offen" in talk.tapped(choice).text
        assert (entries(session), count(session, Draft)) == ([], 0)

    def test_of_another_talk_keep_the_one_at_hand(self, talk: Conversation) -> None:
        buttons = self.open_buttons(talk)
        talk.taps("Speichern")
        talk.says("kurzberatung 30 min video")
        at_hand = talk.current
        assert at_hand is not None
        for choice in buttons:
            talk.tapped(choice)
            assert talk.current == at_hand

    def test_dropping_another_talk_keeps_the_one_at_hand(
        self, talk: Conversation, session: Session, owner: Person, opened: OpenCase
    ) -> None:
        opened(owner, OTHER)
        talk.says(ONE_SHOT)
        drop = talk.button("Verwerfen")
        talk.says("kurzberatung kim 1043 heute 30 min video, arbeit")
        at_hand = talk.current
        talk.tapped(drop)
        assert talk.current == at_hand
        assert [draft.content["number"] for draft in session.exec(select(Draft))] == [OTHER]

    @pytest.mark.parametrize("label", ["Weiter", "Doch weitermachen"])
    def test_going_on_once_more_does_not_bring_back_an_older_state(self, talk: Conversation, label: str) -> None:
        talk.says("kurzberatung kim 1042 heute")
        talk.says("moment" if label == "Weiter" else "abbrechen")
        go_on = talk.button(label)
        talk.tapped(go_on)
        talk.says("20")
        talk.says("telefon")
        talk.tapped(go_on)
        assert talk.current is not None
        assert (talk.current.draft.duration_min, talk.current.draft.channel) == (20, "telefon")

    def test_telling_begun_from_a_case_twice_is_two_talks(self, talk: Conversation, session: Session) -> None:
        talk.says("fall anlegen kim-2001", intent="case")
        talk.taps("Ja, heute unterschrieben")
        talk.taps("Kurzberatung")
        begin = talk.button("Beratung eintragen")
        for answer in ("20 min telefon heute, wohnung", "40 min video gestern, arbeit"):
            assert QUESTIONS["day"] in talk.tapped(begin).text
            talk.says(answer)
            talk.taps("Speichern")
        assert [entry.duration_min for entry in entries(session)] == [20, 40]

    def test_telling_begun_from_a_case_goes_on_after_a_restart(self, talk: Conversation) -> None:
        talk.says("fall anlegen kim-2001", intent="case")
        talk.taps("Ja, heute unterschrieben")
        talk.taps("Kurzberatung")
        begin = talk.button("Beratung eintragen")
        talk.tapped(begin)
        talk.says("20 min telefon")
        talk.restarts()
        talk.tapped(begin)
        assert talk.current is not None
        assert talk.current.draft.duration_min == 20

    def test_after_the_case_was_handed_over_another_number_is_asked_for(
        self, talk: Conversation, session: Session, person: Enrol, owner: Person, opened: OpenCase
    ) -> None:
        opened(owner, OTHER)
        talk.says(ONE_SHOT)
        given_away(session, NUMBER, person("lotse-2"))
        said = talk.taps("Speichern")
        assert "liegt bei einer Kollegin" in said.text
        assert QUESTIONS["number"] in said.text
        assert entries(session) == []
        assert "Dauer: 20 min" in talk.taps(OTHER).text

    def test_after_handing_over_and_a_restart_nothing_is_open(
        self, talk: Conversation, session: Session, person: Enrol
    ) -> None:
        buttons = self.open_buttons(talk)
        given_away(session, NUMBER, person("lotse-2"))
        assert talk.restarts() is None
        for choice in buttons:
            talk.awaits = None
            said = talk.tapped(choice)
            assert "nicht mehr offen" in said.text or "liegt bei einer Kollegin" in said.text
        assert entries(session) == []

    def test_after_the_case_was_forgotten_nothing_of_it_comes_back(self, talk: Conversation, session: Session) -> None:
        buttons = self.open_buttons(talk)
        talk.does(Withdraw(number=NUMBER))
        talk.awaits = None
        for choice in buttons:
            said = talk.tapped(choice)
            assert "nicht mehr offen" in said.text or "Einwilligungserklärung" in said.text
            talk.awaits = None
        assert [count(session, table) for table in (Case, Draft, Consultation)] == [0, 0, 0]

    def test_saving_with_the_case_just_forgotten_asks_for_the_consent(
        self, talk: Conversation, session: Session
    ) -> None:
        talk.says(ONE_SHOT)
        at_hand = talk.awaits
        talk.does(Withdraw(number=NUMBER))
        talk.awaits = at_hand
        assert "unterschriebene Einwilligungserklärung" in talk.taps("Speichern").text
        assert [count(session, table) for table in (Case, Draft, Consultation)] == [0, 0, 0]

    def test_after_the_person_was_disabled_all_is_refused(
        self, talk: Conversation, session: Session, owner: Person, person: Enrol
    ) -> None:
        buttons = self.open_buttons(talk)
        disable(session, by=OPERATOR, person=owner, hand_over_to=person("lotse-2"), now=NOW)
        session.commit()
        for choice in buttons:
            assert talk.tapped(choice).text == UNKNOWN_PERSON
        assert entries(session) == []

    def test_saving_shows_first_what_changed_since_the_summary(self, talk: Conversation, session: Session) -> None:
        talk.says(ONE_SHOT)
        save = talk.button("Speichern")
        talk.taps("Ändern …")
        talk.taps("Bedarfe")
        talk.taps("Arbeit")
        assert "Bedarfe: Wohnen, Arbeit" in talk.tapped(save).text
        assert entries(session) == []
        talk.tapped(save)
        assert only_entry(session).topics == ["Wohnen", "Arbeit"]

    def test_in_a_closed_case_a_talk_can_still_be_added(self, talk: Conversation, session: Session) -> None:
        talk.says(ONE_SHOT)
        talk.tapped(Choice(label="Abschließen", then=CloseCase(number=NUMBER)))
        talk.taps("Speichern")
        assert len(entries(session)) == 1

    def test_saved_in_one_conversation_and_gone_on_with_in_another(self, talk: Conversation, session: Session) -> None:
        talk.says(ONE_SHOT)
        other = Conversation(session, talk.person, awaits=talk.awaits, shown=list(talk.shown))
        talk.taps("Speichern")
        assert "Dauer: 30 min" in other.says("doch 30 min").text
        other.taps("Speichern")
        assert only_entry(session).duration_min == 30

    def test_a_summary_from_too_long_ago_is_asked_about_again(self, talk: Conversation, session: Session) -> None:
        talk.says("kurzberatung kim 1042 am 25.8.2026 20 min telefon, wohnung")
        talk.passes(timedelta(days=1))
        said = talk.taps("Speichern")
        assert "mehr als 90 Tage" in said.text
        assert QUESTIONS["day"] in said.text
        assert entries(session) == []


class TestDrafts:
    def test_after_a_restart_the_talk_is_offered_and_goes_on_where_it_was(self, talk: Conversation) -> None:
        talk.says("kurzberatung kim 1042 heute 31 min")
        offer = talk.restarts()
        assert offer is not None
        assert "KIM-1042 gibt es noch eine angefangene Beratung" in offer.text
        assert QUESTIONS["channel"] in talk.taps("Weiter").text
        talk.says("telefon")
        talk.says("miete")
        assert "Dauer: 31 min" in talk.taps("Überspringen").text

    def test_the_offer_can_be_declined(self, talk: Conversation) -> None:
        talk.says("kurzberatung kim 1042 heute 31 min")
        talk.restarts()
        talk.taps("Verwerfen")
        assert talk.restarts() is None

    @pytest.mark.parametrize(("hours", "there"), [(23, True), (24, False)])
    def test_it_is_kept_for_a_day(self, talk: Conversation, session: Session, hours: int, there: bool) -> None:
        talk.says("kurzberatung kim 1042 heute 31 min")
        talk.passes(timedelta(hours=hours))
        offer = talk.restarts()
        assert (offer is not None) is there
        drop_old_drafts(session, now=talk.now)
        assert count(session, Draft) == there

    def test_an_expired_one_is_not_open_any_more(self, talk: Conversation) -> None:
        talk.says("kurzberatung kim 1042 heute 31 min")
        talk.passes(timedelta(hours=24))
        talk.restarts()
        assert "älter als einen Tag" in talk.taps("Telefon").text

    def test_nothing_is_kept_before_a_case_is_named_or_consented_to(self, talk: Conversation, session: Session) -> None:
        talk.says("kurzberatung heute 31 min telefon")
        assert (count(session, Draft), talk.restarts()) == (0, None)
        talk.says("kurzberatung kim 2001 heute 31 min telefon")
        assert (count(session, Draft), talk.restarts()) == (0, None)

    def test_every_step_is_kept_at_once(self, talk: Conversation) -> None:
        talk.says("kurzberatung kim 1042")
        for tap in ("Heute", "20 min", "Video", "Arbeit"):
            talk.taps(tap)
            assert talk.current is not None
            assert kept(talk) == talk.current.draft

    def test_what_was_saved_is_not_offered(self, talk: Conversation) -> None:
        talk.says(ONE_SHOT)
        talk.taps("Speichern")
        assert talk.restarts() is None


class TestHandOver:
    @pytest.fixture
    def three(self, talk: Conversation) -> Conversation:
        for text in ("heute 20 min telefon, wohnung", "gestern 30 min video, arbeit", "am 20.11. 40 min mail, miete"):
            talk.says(f"kurzberatung kim 1042 {text}")
            talk.taps("Speichern")
        return talk

    def waiting(self, session: Session) -> list[int]:
        return [entry.duration_min for entry in entries(session) if entry.transferred_at is None]

    def test_what_waits_is_listed_and_marked_one_by_one(self, three: Conversation, session: Session) -> None:
        listed = three.says("was muss ich noch übertragen?", intent="pending")
        assert listed.title == "Noch in die KIM-Datenbank: 3"
        assert three.labels[-1] == "Alle 3 übertragen"
        said = three.taps("Übertragen: KIM-1042 22.11.")
        assert said.text.startswith("1 Eintrag ist als übertragen markiert; hier wird das nach 30 Tagen gelöscht.")
        assert said.text.endswith("Noch offen: 2.")
        assert self.waiting(session) == [20, 40]

    def test_all_at_once_and_back(self, three: Conversation, session: Session) -> None:
        three.does(ListPending())
        assert three.taps("Alle 3 übertragen").text.endswith("Es ist nichts mehr offen.")
        assert "3 Einträge sind wieder offen." in three.taps("Rückgängig").text
        assert self.waiting(session) == [20, 30, 40]
        assert three.taps("Offene zeigen").title == "Noch in die KIM-Datenbank: 3"

    def test_taking_back_undoes_only_what_that_tap_did(self, three: Conversation, session: Session) -> None:
        three.does(ListPending())
        every = three.button("Alle 3 übertragen")
        three.taps("Übertragen: KIM-1042 22.11.")
        three.tapped(every)
        three.taps("Rückgängig")
        assert self.waiting(session) == [20, 40]

    def test_one_that_was_deleted_meanwhile_does_not_hold_up_the_others(
        self, three: Conversation, session: Session
    ) -> None:
        three.does(ListPending())
        every = three.button("Alle 3 übertragen")
        three.says("lösch die beratung vom 22.11.", intent="edit_entry")
        three.taps("Ja, löschen")
        assert three.tapped(every).text.startswith("2 Einträge sind als übertragen markiert")

    def test_a_second_tap_says_that_it_is_done(self, three: Conversation, session: Session) -> None:
        three.does(ListPending())
        every = three.button("Alle 3 übertragen")
        three.tapped(every)
        assert three.tapped(every).text == "Das ist schon als übertragen markiert."
        assert three.labels == []

    def test_what_was_logged_since_is_not_among_all(self, three: Conversation, session: Session) -> None:
        three.does(ListPending())
        every = three.button("Alle 3 übertragen")
        three.says("kurzberatung kim 1042 am 19.11. 50 min telefon, arbeit")
        three.taps("Speichern")
        three.tapped(every)
        assert self.waiting(session) == [50]

    def test_with_nothing_open_it_says_so(self, talk: Conversation) -> None:
        assert talk.does(ListPending()).text == "Es ist nichts offen: Alle Einträge sind übertragen."

    def test_of_a_case_that_was_handed_over_it_is_refused(
        self, three: Conversation, session: Session, person: Enrol
    ) -> None:
        three.does(ListPending())
        given_away(session, NUMBER, person("lotse-2"))
        assert "liegt bei einer Kollegin" in three.taps("Alle 3 übertragen").text
        assert self.waiting(session) == [20, 30, 40]
