"""Cases, consents and absences as people type them, through real Rasa, the real action server and the store."""

from __future__ import annotations

import pytest
from sqlmodel import SQLModel

from bot.chain import Chain
from tests.bot.talking import Talk, mentions, text_of
from tests.end_to_end.conftest import Colleague

pytestmark = pytest.mark.rasa


def stored(chain: Chain) -> str:
    """Every row of every table, decrypted."""
    with chain.engine.connect() as connection:
        rows = [
            str(dict(row._mapping))
            for table in SQLModel.metadata.sorted_tables
            for row in connection.execute(table.select())
        ]
    return "\n".join(rows)


async def test_a_case_is_opened_in_two_taps(colleague: Colleague) -> None:
    talk = colleague("anna")
    asked = await talk.says("fall anlegen kim-2001")
    assert "Liegt für KIM-2001 die unterschriebene Einwilligungserklärung vor?" in text_of(asked)
    assert "FAQ KIM NRW, Frage 34" in text_of(asked)
    assert "Welche Beratungsform" in text_of(await talk.taps("Ja, heute unterschrieben"))
    assert "KIM-2001 ist angelegt: Kurzberatung, Einwilligung vom 23.11.2026." in text_of(
        await talk.taps("Kurzberatung")
    )
    assert "KIM-2001 · Kurzberatung" in text_of(await talk.says("meine fälle"))


async def test_one_sentence_may_say_it_all(colleague: Colleague) -> None:
    talk = colleague("anna")
    turn = await talk.says("neuer fall kim 2026 0007, case management, einwilligung gestern unterschrieben")
    assert "KIM-2026-0007 ist angelegt: Case Management, Einwilligung vom 22.11.2026." in text_of(turn)


async def test_another_day_is_asked_for_and_an_impossible_one_asked_again(colleague: Colleague) -> None:
    talk = colleague("anna")
    await talk.says("fall anlegen KIM-2002")
    await talk.taps("Ja, an einem anderen Tag …")
    assert "Wann wurde unterschrieben?" in text_of(await talk.says("31.02."))
    assert "liegt in der Zukunft" in text_of(await talk.says("morgen"))
    assert "Welche Beratungsform" in text_of(await talk.says("letzten freitag"))
    assert "Einwilligung vom 20.11.2026" in text_of(await talk.says("kurzberatung"))


async def test_a_question_in_the_middle_is_answered_and_nothing_is_lost(colleague: Colleague) -> None:
    talk = colleague("anna")
    await talk.says("fall anlegen KIM-2003")
    await talk.taps("Ja, heute unterschrieben")
    answered = await talk.says("bis wann muss der antrag fürs nächste jahr raus?")
    assert [entry.id for entry in answered.outcome.entries] == ["faq-27"]
    assert "ist angelegt" in text_of(await talk.taps("Case Management"))


async def test_without_a_consent_nothing_is_stored(rasa_chain: Chain, colleague: Colleague) -> None:
    talk = colleague("anna")
    await talk.says("fall anlegen KIM-2004")
    assert "speichere ich zu KIM-2004 nichts" in text_of(await talk.taps("Nein, noch nicht"))
    await talk.says("fall kim 2004 schließen")
    await talk.says("Wie wird das Wetter für KIM-2004?")
    await talk.taps("An die Koordination geben")
    assert not mentions("2004", stored(rasa_chain))


async def test_somebody_elses_case_stays_theirs(colleague: Colleague) -> None:
    anna, ben = colleague("anna"), colleague("ben")
    await opened(anna, "KIM-2005")
    for wish in ("fall kim-2005 schließen", "fall kim 2005 übernehmen", "einwilligung kim 2005 widerrufen"):
        assert "liegt bei einer Kollegin oder einem Kollegen" in text_of(await ben.says(wish)), wish
    assert "KIM-2005" not in text_of(await ben.says("meine fälle"))


async def test_a_slip_in_the_number_is_asked_back(colleague: Colleague) -> None:
    anna = colleague("anna")
    await opened(anna, "KIM-2006")
    await anna.says("fall kim 2060 schließen")
    assert "KIM-2006 ist abgeschlossen" in text_of(await anna.taps("Meinten Sie KIM-2006?"))
    assert "Meinten Sie KIM-2006?" in text_of(await anna.says("fall kmi 2006 wieder öffnen"))
    assert "läuft wieder" in text_of(await anna.taps("Ja, KIM-2006"))
    assert "nicht die richtige Form" in text_of(await anna.says("fall kim 20066 schließen"))
    assert "ist abgeschlossen" in text_of(await anna.says("2006"))


async def test_two_cases_at_once_are_taken_one_after_the_other(colleague: Colleague) -> None:
    anna = colleague("anna")
    await opened(anna, "KIM-2007")
    await opened(anna, "KIM-2008")
    await anna.says("kim 2007 und kim 2008 schließen")
    assert "KIM-2008 ist abgeschlossen" in text_of(await anna.taps("KIM-2008"))


async def test_a_case_is_handed_over_by_name_of_the_colleague(colleague: Colleague) -> None:
    anna, ben = colleague("anna"), colleague("lotse-8")
    await opened(anna, "KIM-2009")
    assert "liegt jetzt bei „lotse-8“" in text_of(await anna.says("übergib kim-2009 an lotse-8"))
    assert "KIM-2009" in text_of(await ben.says("meine fälle"))
    assert "liegt bei einer Kollegin" in text_of(await anna.says("fall kim-2009 zeigen"))


async def test_who_stands_in_may_act_and_take_over_while_the_owner_is_away(colleague: Colleague) -> None:
    anna, ben = colleague("anna"), colleague("lotse-8")
    await opened(anna, "KIM-2010")
    noted = await anna.says("ich bin ab heute bis zum 4.12. im urlaub, vertretung lotse-8")
    assert "vertritt Sie „lotse-8“" in text_of(noted)
    assert "in Vertretung für „anna“" in text_of(await ben.says("meine fälle"))
    assert "liegt jetzt bei Ihnen" in text_of(await ben.says("fall kim 2010 übernehmen"))
    assert "Vertretung ist beendet" in text_of(await anna.says("bin wieder da"))
    assert "liegt bei einer Kollegin" in text_of(await anna.says("fall kim-2010 zeigen"))


async def test_a_withdrawn_consent_takes_everything_with_it(rasa_chain: Chain, colleague: Colleague) -> None:
    anna = colleague("anna")
    await opened(anna, "KIM-2011")
    assert "Einwilligungserklärung vom 23.11.2026" in text_of(await anna.says("hat kim 2011 schon eingewilligt?"))
    await anna.says("einwilligung kim-2011 widerrufen")
    assert "ist alles gelöscht" in text_of(await anna.taps("Ja, alles löschen"))
    assert not mentions("2011", stored(rasa_chain))
    assert "keine Einwilligungserklärung" in text_of(await anna.says("fall kim-2011 zeigen"))


async def test_while_rasa_is_away_a_case_has_to_wait(chain: Chain) -> None:
    assert "Das muss warten" in text_of(await Talk(chain).says("fall anlegen kim-2012"))
    assert not mentions("2012", stored(chain))


async def opened(talk: Talk, number: str) -> None:
    turn = await talk.says(f"fall anlegen {number}, kurzberatung, einwilligung heute unterschrieben")
    assert f"{number} ist angelegt" in text_of(turn), text_of(turn)
