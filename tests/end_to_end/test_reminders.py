"""Reminders and deadlines as people type them, through real Rasa, the real action server and the store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from actions.store.models import Occurrence, Reminder, Role
from bot.chain import Chain
from bot.reminders.delivery import Delivery
from bot.runtime.assembly import TERMINAL
from tests.bot.reminding import Post
from tests.bot.talking import ManualClock, mentions, text_of
from tests.end_to_end.conftest import Colleague
from tests.end_to_end.test_cases import opened, stored

pytestmark = pytest.mark.rasa


def kept(chain: Chain, subject: str) -> list[tuple[Reminder, Occurrence]]:
    with Session(chain.engine) as session:
        rows = session.exec(select(Reminder, Occurrence).join(Occurrence)).all()
        return [(reminder, occurrence) for reminder, occurrence in rows if reminder.subject == subject]


async def test_the_sentence_of_the_mission(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("r-eins")
    await opened(talk, "KIM-5001")
    said = text_of(await talk.says("erinner mich in 6 monaten an re-assessment kim-5001"))
    assert "Ich erinnere Sie am Fr, 21.05.2027 um 9:00 Uhr: Re-Assessment · KIM-5001." in said
    assert "Der So, 23.05.2027 ist ein Sonntag, deshalb am Arbeitstag davor." in said
    said = text_of(await talk.taps("Doch am So, 23.05.2027"))
    assert "So, 23.05.2027 um 9:00 Uhr" in said


async def test_from_words_to_the_messenger(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("r-zwei")
    await talk.says("nächsten dienstag 9:15 uhr an den verwendungsnachweis erinnern")
    clock = ManualClock(datetime(2026, 11, 24, 8, 15, tzinfo=UTC))
    rasa_chain.clock = clock
    post = Post(clock)
    delivery = Delivery(rasa_chain, {TERMINAL: post.deliver})
    delivery.tick()
    await delivery.settled()
    assert any("fällig heute um 9:15 Uhr" in text for text in post.texts("r-zwei"))


@pytest.mark.parametrize(
    ("said", "asked", "answer", "confirmed"),
    [
        (
            "erinner mich an den fachtag",
            "Wann soll ich Sie erinnern?",
            "am 3. dezember um 14 uhr",
            "03.12.2026 um 14:00",
        ),
        ("erinner mich am 31.02. an den fachtag", "„am 31.02.“ gibt es nicht.", "am 28.2.", "So, 28.02.2027 um 9:00"),
        ("erinner mich gestern an den fachtag", "ist schon vorbei", "morgen", "morgen um 9:00"),
        ("erinner mich irgendwann an den fachtag", "Wann soll ich Sie erinnern?", "in 2 wochen", "07.12.2026"),
        ("erinner mich morgen um 8 uhr", "Woran soll ich Sie erinnern?", "Fachtag vorbereiten", "Fachtag vorbereiten"),
        ("erinner mich heute an den fachtag", "Um wie viel Uhr heute?", "16", "heute um 16:00"),
    ],
)
async def test_what_is_missing_is_asked(
    colleague: Colleague, said: str, asked: str, answer: str, confirmed: str
) -> None:
    talk = colleague("r-drei")
    assert asked in text_of(await talk.says(said))
    assert confirmed in text_of(await talk.says(answer))


async def test_a_rule_question_in_between_is_answered(colleague: Colleague) -> None:
    talk = colleague("r-vier")
    await talk.says("erinner mich an den fachtag")
    assert "Sachausgaben" in text_of(await talk.says("Wie hoch ist die Pauschale für Sachausgaben der Koordination?"))


async def test_a_case_without_consent_is_begun_on_the_way(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("r-fuenf")
    asked = await talk.says("WV in 6 wochen fall kim 5005")
    assert "unterschriebene Einwilligungserklärung" in text_of(asked)
    assert not mentions("5005", stored(rasa_chain))
    await talk.taps("Ja, heute unterschrieben")
    said = text_of(await talk.taps("Kurzberatung"))
    assert "KIM-5005 ist angelegt" in said
    assert "Ich erinnere Sie am Mo, 04.01.2027 um 9:00 Uhr: Wiedervorlage · KIM-5005." in said


async def test_listed_moved_renamed_deleted(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("r-sechs")
    await talk.says("erinner mich in 3 wochen an den haushaltsplan")
    await talk.says("erinner mich jeden ersten montag im monat an den teambericht")
    listed = text_of(await talk.says("welche erinnerungen habe ich?"))
    assert "1. am Mo, 07.12.2026 um 9:00 Uhr: teambericht (jeden 1. Montag im Monat)" in listed
    assert "2. am Mo, 14.12.2026 um 9:00 Uhr: haushaltsplan" in listed
    assert "Fr, 27.11.2026" in text_of(await talk.says("verschieb den haushaltsplan auf freitag"))
    await talk.taps("Umbenennen …")
    assert "Haushalt 2027" in text_of(await talk.says("Haushalt 2027"))
    assert "Gelöscht: Haushalt 2027" in text_of(await talk.taps("Löschen"))
    assert "teambericht" in text_of(await talk.commands("erinnerungen"))


async def test_deadlines_are_listed_with_a_picture_and_a_calendar(colleague: Colleague) -> None:
    talk = colleague("r-sieben", Role.COORDINATOR)
    turn = await talk.says("welche fristen stehen an?")
    said = text_of(turn)
    assert "Mi, 31.03.2027: Baustein 3: Restmittel zurückzahlen 🔔" in said
    assert "Termin laut Bescheid" in said
    assert turn.messages[0].files[0].name == "fristen.png"
    turn = await talk.taps("Kalenderdatei (.ics)")
    assert b"BEGIN:VCALENDAR" in turn.messages[0].files[0].content


async def test_a_deadline_is_explained_and_can_be_left_out(colleague: Colleague) -> None:
    talk = colleague("r-acht", Role.COORDINATOR)
    await talk.commands("fristen")
    said = text_of(await talk.taps("2"))
    assert "Ich erinnere Sie am Mi, 03.03.2027; Mi, 17.03.2027; Mi, 24.03.2027; Di, 30.03.2027." in said
    assert "3 Prozentpunkte über dem Basiszinssatz" in said
    assert "Ich erinnere Sie" not in text_of(await talk.taps("Nicht mehr erinnern"))


async def test_a_permit_under_104c(colleague: Colleague) -> None:
    talk = colleague("r-neun")
    await opened(talk, "KIM-5009")
    await talk.says("fall kim-5009 zeigen")
    assert "Monat und Jahr genügen" in text_of(await talk.taps("§ 104c: Ende der Erlaubnis …"))
    said = text_of(await talk.says("märz 2027"))
    assert "Ich erinnere Sie am Di, 01.12.2026; Mo, 01.02.2027." in said


async def test_how_i_am_reminded(colleague: Colleague) -> None:
    talk = colleague("r-zehn")
    await talk.commands("einstellungen")
    assert "Meldungen zeigen: alles" in text_of(await talk.taps("alles"))
    assert "Mo, Di, Mi, Do, 8:00" in text_of(await talk.taps("✓ Fr"))


async def test_after_a_talk_the_next_one_is_remembered(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("r-elf")
    await opened(talk, "KIM-5011")
    await talk.says("kurzberatung kim 5011 heute 20 min telefon, wohnung, nächstes gespräch am 10.12.")
    said = text_of(await talk.taps("Speichern"))
    assert "An das nächste Gespräch am 10.12.2026 erinnere ich Sie." in said
    due = datetime(2026, 12, 10, 8, tzinfo=UTC)
    assert due in [occurrence.due_at for _, occurrence in kept(rasa_chain, "nächstes Gespräch")]
    await talk.taps("Rückgängig")
    assert due not in [occurrence.due_at for _, occurrence in kept(rasa_chain, "nächstes Gespräch")]
