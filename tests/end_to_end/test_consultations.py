"""A Kurzberatung from the call to the hand-over, as people type and tap it, through real Rasa, services and store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from actions.store.models import Consultation, Role
from bot.chain import Chain
from bot.conversations import Conversations
from bot.keyboards import Keyboards
from tests.bot.talking import MORNING, mentions, text_of
from tests.end_to_end.conftest import Colleague
from tests.end_to_end.test_cases import opened, stored

pytestmark = pytest.mark.rasa


def entries(chain: Chain, day_min: int | None = None) -> list[Consultation]:
    with Session(chain.engine) as session:
        found = session.exec(select(Consultation).order_by(Consultation.id)).all()
        return [entry for entry in found if day_min is None or entry.duration_min == day_min]


async def test_one_message_and_one_tap(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("eins")
    await opened(talk, "KIM-4001")
    told = text_of(
        await talk.says("kurzberatung kim 4001 heute 21 min telefon, wohnung und sprachkurs, termin bei vhs ausgemacht")
    )
    for line in (
        "Kurzberatung KIM-4001",
        "Datum: 23.11.2026",
        "Dauer: 21 min",
        "Kontaktart: Telefon",
        "Bedarfe: Wohnen, Sprache",
    ):
        assert line in told
    saved = text_of(await talk.taps("Speichern"))
    assert "Gespeichert zu KIM-4001" in saved
    assert "Das war Gespräch 1" in saved
    assert "FAQ KIM NRW, Frage 32" in saved
    assert "heute noch in die KIM-Datenbank" in saved
    assert "FAQ KIM NRW, Frage 34" in saved
    [entry] = entries(rasa_chain, 21)
    assert (entry.channel, entry.topics, entry.next_steps) == (
        "telefon",
        ["Wohnen", "Sprache"],
        "termin bei vhs ausgemacht",
    )


async def test_step_by_step_takes_at_most_nine_answers(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("zwei")
    await opened(talk, "KIM-4002")
    answers = 0
    assert "Zu welchem Fall?" in text_of(await talk.says("kurzberatung eintragen"))
    for tap in ("KIM-4002", "Gestern", "45 min", "Video"):
        turn = await talk.taps(tap)
        answers += 1
    assert "Worum ging es?" in text_of(turn)
    for need in ("Arbeit", "Wohnen"):
        turn = await talk.taps(need)  # toggles are not counted
        assert turn.in_place
    for tap in ("Fertig", "Überspringen", "Speichern"):
        turn = await talk.taps(tap)
        answers += 1
    assert "Gespeichert zu KIM-4002: 22.11.2026, 45 min, Video, Arbeit, Wohnen" in text_of(turn)
    assert answers + 1 <= 9


async def test_a_rule_question_in_the_middle_is_answered_and_the_dialogue_goes_on(colleague: Colleague) -> None:
    talk = colleague("drei")
    await opened(talk, "KIM-4003")
    await talk.says("beratung kim 4003 heute eintragen")
    turn = await talk.says("bis wann muss der antrag fürs nächste jahr raus?")
    assert "bis Ende Oktober" in text_of(turn)
    assert text_of(turn).endswith("Wie lange hat es gedauert?")
    assert "Wie fand es statt?" in text_of(await talk.says("20"))


async def test_a_note_in_the_words_of_a_rule_is_no_question(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("vier")
    await opened(talk, "KIM-4004")
    await talk.says("beratung kim 4004 heute eintragen")
    await talk.says("22 min")
    await talk.says("telefon")
    await talk.says("wohnung")
    assert "Notiz: wohnungssuche familie" in text_of(await talk.says("wohnungssuche familie"))
    await talk.taps("Speichern")
    [entry] = entries(rasa_chain, 22)
    assert entry.note == "wohnungssuche familie"


async def test_back_wait_and_stop_work_at_any_step(colleague: Colleague) -> None:
    talk = colleague("fuenf")
    await opened(talk, "KIM-4005")
    await talk.says("beratung kim 4005 eintragen")
    await talk.taps("Heute")
    assert "Wann war das Gespräch?" in text_of(await talk.says("zurück"))
    await talk.taps("Gestern")
    assert "ich warte" in text_of(await talk.says("moment"))
    assert "Wie lange hat es gedauert?" in text_of(await talk.says("weiter"))
    assert "gespeichert wurde nichts" in text_of(await talk.says("abbrechen"))
    assert "Wie lange hat es gedauert?" in text_of(await talk.taps("Doch weitermachen"))


async def test_a_field_is_changed_before_and_after_saving(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("sechs")
    await opened(talk, "KIM-4006")
    await talk.says("kurzberatung kim 4006 heute 20 min telefon wegen schulden")
    await talk.taps("Ändern …")
    await talk.taps("Dauer")
    assert "Dauer: 23 min" in text_of(await talk.says("23"))
    await talk.taps("Speichern")
    assert "Dauer: 24 min" in text_of(await talk.says("bei der letzten beratung waren es 24 min"))
    assert "24 min" in text_of(await talk.taps("Speichern"))
    assert [entry.duration_min for entry in entries(rasa_chain) if entry.duration_min in (20, 23, 24)] == [24]


async def test_saving_can_be_undone_for_ten_minutes(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("sieben")
    await opened(talk, "KIM-4007")
    await talk.says("kurzberatung kim 4007 heute 25 min telefon, wohnung")
    await talk.taps("Speichern")
    late = replace(talk, written_at=MORNING + timedelta(minutes=11))
    assert "Rückgängig geht nur" in text_of(await late.taps("Rückgängig"))
    assert "ist weg" in text_of(await talk.taps("Rückgängig"))
    assert entries(rasa_chain, 25) == []


async def test_a_double_tap_saves_once_and_a_late_tap_gets_a_kind_answer(
    rasa_chain: Chain, colleague: Colleague
) -> None:
    talk = colleague("acht")
    await opened(talk, "KIM-4008")
    await talk.says("kurzberatung kim 4008 heute 26 min telefon, wohnung")
    first = await talk.taps("Speichern")
    assert text_of(await talk.taps("Speichern")) == text_of(first)
    assert len(entries(rasa_chain, 26)) == 1
    assert "nicht mehr offen" in text_of(await talk.taps("Verwerfen"))
    assert len(entries(rasa_chain, 26)) == 1


async def test_the_same_talk_twice_is_asked_about(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("neun")
    await opened(talk, "KIM-4009")
    for _ in range(2):
        await talk.says("kurzberatung kim 4009 heute 27 min telefon, wohnung")
        turn = await talk.taps("Speichern")
    assert "schon etwas Ähnliches" in text_of(turn)
    assert len(entries(rasa_chain, 27)) == 1
    assert "Gespeichert" in text_of(await talk.taps("Trotzdem speichern"))
    assert len(entries(rasa_chain, 27)) == 2


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("kurzberatung kim 4010 am 31.02. 20 min telefon, wohnung", "31.02.“ gibt es nicht"),
        ("kurzberatung kim 4010 morgen 20 min telefon, wohnung", "liegt in der Zukunft"),
        ("kurzberatung kim 4010 am 1.3.2026 20 min telefon, wohnung", "mehr als 90 Tage zurück"),
        ("kurzberatung kim 4010 heute 900 min telefon, wohnung", "nicht 900"),
        ("kurzberatung kim 4010 heute 0 min telefon, wohnung", "nicht 0"),
        ("kurzberatung kim 4010 und kim 4011 heute 20 min telefon", "Bitte einen Fall nach dem anderen"),
    ],
)
async def test_what_cannot_be_is_asked_again(colleague: Colleague, said: str, answer: str) -> None:
    talk = colleague("zehn")
    if "KIM-4010" not in text_of(await talk.says("meine fälle")):
        await opened(talk, "KIM-4010")
    assert answer in text_of(await talk.says(said))


async def test_a_case_without_consent_is_begun_on_the_way_and_nothing_told_is_lost(
    rasa_chain: Chain, colleague: Colleague
) -> None:
    talk = colleague("elf")
    await talk.says("kurzberatung kim 4012 gestern 28 min hausbesuch wegen miete")
    assert not mentions("4012", stored(rasa_chain))
    await talk.taps("Ja, heute unterschrieben")
    told = text_of(await talk.taps("Kurzberatung"))
    assert "KIM-4012 ist angelegt" in told
    assert "Dauer: 28 min" in told
    await talk.taps("Speichern")
    assert len(entries(rasa_chain, 28)) == 1


async def test_somebody_elses_case_is_refused_and_the_rest_is_kept(colleague: Colleague) -> None:
    owner, other = colleague("zwoelf"), colleague("dreizehn")
    await opened(owner, "KIM-4013")
    await opened(other, "KIM-4014")
    turn = await other.says("kurzberatung kim 4013 heute 29 min telefon, wohnung")
    assert "liegt bei einer Kollegin" in text_of(turn)
    assert "Dauer: 29 min" in text_of(await other.taps("KIM-4014"))


async def test_a_third_need_asks_for_case_management_and_the_person_decides(colleague: Colleague) -> None:
    talk = colleague("vierzehn")
    await opened(talk, "KIM-4015")
    told = text_of(await talk.says("kurzberatung kim 4015 heute 20 min telefon: miete, b1 kurs und schulden"))
    assert "in der Regel" in told
    assert "FAQ KIM NRW, Frage 32" in told
    switched = text_of(await talk.taps("Zu Case Management wechseln"))
    assert "KIM-4015 ist jetzt Case Management" in switched
    assert "Case Management KIM-4015" in switched
    assert "in der Regel" not in switched


async def test_an_unfinished_talk_survives_a_restart_and_is_offered_again(
    rasa_chain: Chain, colleague: Colleague
) -> None:
    talk = colleague("fuenfzehn")
    await opened(talk, "KIM-4016")
    await talk.says("beratung kim 4016 heute eintragen")
    await talk.says("31 min")
    restarted = replace(rasa_chain, conversations=Conversations(), keyboards=Keyboards())
    after = replace(talk, chain=restarted, buttons={})
    offer = text_of(await after.says("guten morgen"))
    assert "Zu KIM-4016 gibt es noch eine angefangene Beratung" in offer
    assert "Wie fand es statt?" in text_of(await after.taps("Weiter"))
    await after.says("telefon")
    assert "Dauer" not in text_of(await after.says("arbeit"))
    assert "Dauer: 31 min" in text_of(await after.taps("Überspringen"))


async def test_what_is_open_is_transferred_one_by_one_or_at_once_and_exported(colleague: Colleague) -> None:
    talk = colleague("sechzehn")
    await opened(talk, "KIM-4017")
    for minutes in (32, 33, 34):
        await talk.says(f"kurzberatung kim 4017 heute {minutes} min telefon, wohnung")
        await talk.taps("Speichern")
        if minutes > 32:
            await talk.taps("Trotzdem speichern")
    listed = text_of(await talk.says("was muss ich noch übertragen?"))
    assert "Noch in die KIM-Datenbank: 3" in listed
    files = [file.name for message in (await talk.commands("export")).messages for file in message.files]
    assert [name.rpartition(".")[2] for name in files] == ["xlsx", "csv"]
    await talk.says("was muss ich noch übertragen?")
    assert "3 Einträge sind als übertragen markiert" in text_of(await talk.taps("Alle 3 übertragen"))
    assert "nichts offen" in text_of(await talk.commands("offen"))


async def test_the_caseload_is_shown_in_words_and_as_a_picture(colleague: Colleague) -> None:
    talk = colleague("siebzehn")
    await opened(talk, "KIM-4018")
    turn = await talk.says("wie ist meine auslastung?")
    assert "50 bis 60" in text_of(turn)
    assert "FAQ KIM NRW, Frage 33" in text_of(turn)
    [picture] = [file for message in turn.messages for file in message.files]
    assert picture.content.startswith(b"\x89PNG")


async def test_the_coordination_sees_counts_and_no_talks(colleague: Colleague) -> None:
    coordinator = colleague("achtzehn", Role.COORDINATOR)
    assert "nicht freigegeben" in text_of(await coordinator.says("kurzberatung kim 4018 heute 20 min telefon, wohnung"))
    turn = await coordinator.commands("export")
    assert "Zahlen" in text_of(turn)
    assert [file.name[:6] for message in turn.messages for file in message.files] == ["zahlen"]


async def test_an_entry_is_shown_and_deleted(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("neunzehn")
    await opened(talk, "KIM-4019")
    await talk.says("kurzberatung kim 4019 heute 35 min telefon, wohnung")
    await talk.taps("Speichern")
    assert "KIM-4019 · 23.11.2026, 35 min" in text_of(await talk.says("zeig meine letzten beratungen"))
    await talk.says("lösch die von eben")
    assert "ist gelöscht" in text_of(await talk.taps("Ja, löschen"))
    assert entries(rasa_chain, 35) == []
