"""Needs, referrals and channels: found by their curated words, in any spelling."""

from __future__ import annotations

import pytest

from knowledge.needs import load_needs
from nlu.readers.channel import ChannelReader
from nlu.readers.needs import NeedsReader
from nlu.readers.referral import ReferralReader

NEEDS = load_needs()
TOPICS = NeedsReader.of(NEEDS)
CHANNELS = ChannelReader.of(NEEDS)
REFERRALS = ReferralReader.of(NEEDS)


@pytest.mark.parametrize(
    ("said", "topics"),
    [
        ("kündigung der wohnung", ["Wohnen"]),
        ("kuendigung der wohnung", ["Wohnen"]),
        ("b1 kurs", ["Sprache"]),
        ("kitaplatz", ["Schule/Kita"]),
        ("Bewerbung", ["Arbeit"]),
        ("schulden", ["Finanzen/Leistungen"]),
        ("schule", ["Schule/Kita"]),
        ("aufenthaltstitel verlängern", ["Aufenthalt"]),
        ("einbürgerungstest", ["Einbürgerung"]),
        ("zeugnisanerkennung", ["Anerkennung"]),
        ("anerkennung der ausbildung", ["Anerkennung"]),
        ("arzt", ["Gesundheit"]),
        ("kinderarzt", ["Gesundheit"]),
        ("familiennachzug", ["Familie"]),
        ("wohngeld", ["Finanzen/Leistungen"]),
        ("wohnsitzauflage", ["Aufenthalt"]),
        ("deutscher pass", ["Einbürgerung"]),
        ("bewerbung um ausbildungsplatz", ["Ausbildung"]),
        ("arbeit, wohnung und arbeit", ["Arbeit", "Wohnen"]),
        ("sprachkurs und wohnung", ["Sprache", "Wohnen"]),
        ("wohnugn", ["Wohnen"]),  # swapped
        ("kindergrten", ["Schule/Kita"]),  # left out
        ("jobcenter", ["Finanzen/Leistungen"]),
        ("arbeit jobcenter", ["Arbeit"]),  # an office beside a need is no second need
        ("sie sucht rat", []),
        ("kündigung", []),  # of what?
        ("nichts davon", []),
        ("mit der ganzen familie", []),  # who came, not what for
        ("diplom der krankenschwester", ["Anerkennung"]),  # what she is, not what she needs
        ("sprach über duldung", ["Aufenthalt"]),
        ("brief vom bamf", ["Aufenthalt"]),  # what it is about, not the paper
        ("brief", ["Sonstiges"]),
        ("beraten", []),
        ("gehabt", []),  # no slip of Gehalt
        ("sucht arbeit", ["Arbeit"]),
    ],
)
def test_needs_are_found_in_the_order_said(said: str, topics: list[str]) -> None:
    assert TOPICS.read(said) == topics


@pytest.mark.parametrize(
    ("said", "channel"),
    [
        ("telefonisch", "telefon"),
        ("am telefon", "telefon"),
        ("hat angerufen", "telefon"),
        ("rief gestern an", "telefon"),
        ("tel. 20 min", "telefon"),
        ("Videocall", "video"),
        ("über zoom", "video"),
        ("per teams", "video"),
        ("per mail", "email"),
        ("E-Mail", "email"),
        ("im Büro", "persoenlich"),
        ("vor ort", "persoenlich"),
        ("hausbesuch", "persoenlich"),
        ("persönlich", "persoenlich"),
        ("sprechstunde", "persoenlich"),
        ("war hier", "persoenlich"),
        ("face to face", "persoenlich"),
        ("telofonisch", "telefon"),
        ("whatsapp", None),
        ("telefonnummer notiert", None),
        ("am hörer", "telefon"),
        ("kurz am ohr gehabt", "telefon"),
        ("kam mit ihrer tochter vorbei", "persoenlich"),
        ("auf dem flur", "persoenlich"),
        ("stand vor der tür", "persoenlich"),
        ("persönl.", "persoenlich"),
        ("mail beantwortet", "email"),
        ("geskypt", "video"),
        ("streit zuhause, tel", "telefon"),  # the plain word before the vague one
        ("", None),
    ],
)
def test_channels_are_found(said: str, channel: str | None) -> None:
    assert CHANNELS.read(said) == channel


@pytest.mark.parametrize(
    ("said", "targets"),
    [
        ("an jobcenter verwiesen", ["Jobcenter"]),
        ("Verweis JMD", ["JMD"]),
        ("weitergeleitet an MBE", ["MBE"]),
        ("verwiesen an das Jugendamt", ["Jugendamt"]),
        ("an die Schuldnerberatung geschickt", ["Schuldnerberatung"]),
        ("ans sozialamt vermittelt", ["Sozialamt"]),
        ("an Jobcenter und JMD verwiesen", ["Jobcenter", "JMD"]),
        ("Termin beim Jobcenter", []),
        ("jobcenter hat nicht geantwortet", []),
        ("unterlagen ans jobcenter geschickt", []),
        ("vom jobcenter an uns verwiesen", []),
        ("-> JMD", ["JMD"]),
        ("→ jugendamt", ["Jugendamt"]),
        ("geht jetzt zur schuldnerberatung", ["Schuldnerberatung"]),
        ("soll sich bei der familienkasse melden", ["Familienkasse"]),
        ("JMD-Verweis", ["JMD"]),
        ("schuldnerberatung vermittelt", ["Schuldnerberatung"]),
        ("MBE übernimmt ab jetzt", ["MBE"]),
        ("an agentur für arbeit weiter", ["Agentur für Arbeit"]),
        ("schickte ihn zum jobcenter", ["Jobcenter"]),
        ("soll beim jobcenter den antrag stellen", []),
        ("nicht an die abh verwiesen", []),
    ],
)
def test_only_who_was_referred_to_is_a_referral(said: str, targets: list[str]) -> None:
    assert REFERRALS.read(said) == targets
