"""Persons' names in the way casework chats hold them, and the words that look like names and are none."""

from __future__ import annotations

from random import Random

import pytest

from nlu.privacy.generating import Writer
from nlu.privacy.guard import PrivacyGuard
from nlu.privacy.lexicon import name_pools
from nlu.privacy.people import PersonFinder
from nlu.privacy.tagger import NameTagger, tokens

UNSEEN_SEED = 7
FEWEST_FOUND = 0.97


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("frau yilmaz hat angerufen", ["yilmaz"]),
        ("ahmad hat angerufen", ["ahmad"]),
        ("kind lena braucht einen kitaplatz", ["lena"]),
        ("klientin olena war heute da", ["olena"]),
        ("der vater hamid kommt morgen", ["hamid"]),
        ("Mandantin Kovalenko fragt nach dem Bescheid", ["Kovalenko"]),
        ("kollegin Schmitt ist krank", ["Schmitt"]),
        ("Sachbearbeiter Weber vom Jobcenter ruft zurück", ["Weber"]),
        ("Yilmaz' Antrag liegt beim Jobcenter", ["Yilmaz"]),
        ("Olenas Kurs beginnt im Mai", ["Olenas"]),
        ("Müllers ziehen um", ["Müllers"]),
        ("Frau Müller-Lüdenscheidt und Herr Al-Masri", ["Müller-Lüdenscheidt", "Al-Masri"]),
        ("Herr von der Heide kommt", ["von der Heide"]),
        ("El Khatib war beim Standesamt", ["El Khatib"]),
        ("mit Abu Bakr telefoniert", ["Abu Bakr"]),
        ("Frau Sommer, Herr Kaiser und Frau Lang", ["Sommer", "Kaiser", "Lang"]),
        ("herr jung ruft an", ["jung"]),
        ("Herr August und Frau Mai", ["August", "Mai"]),
        ("Herr Köln ist da", ["Köln"]),
        ("Herr Dr. med. Stein", ["Stein"]),
        ("termin mit fatoumata diallo am montag", ["fatoumata diallo"]),
        ("Tesfalem Gebremedhin, Eritrea", ["Tesfalem Gebremedhin"]),
        ("nguyen thi hoa hat b1 geschafft", ["nguyen thi hoa"]),
        ("Dragana Petrović sucht Arbeit", ["Dragana Petrović"]),
        ("arben gashi will nach essen ziehen", ["arben gashi"]),
        ("Berîvan und Rojhat waren da", ["Berîvan", "Rojhat"]),
        ("Олена Шевченко hat angerufen", ["Олена Шевченко"]),
        ("Termin mit محمد الحسن am Montag", ["محمد الحسن"]),
        ("fr. K. Wiśniewska / wohngeld", ["K. Wiśniewska"]),
        ("hab mit wladimir telefoniert", ["wladimir"]),
        ("frau große-wiesmann ist die vermieterin", ["große-wiesmann"]),
        ("FRAU HOXHA HAT NEUE NUMMER", ["HOXHA"]),
        ("Herr M. aus Gambia möchte eine Ausbildung", ["M."]),
        ("frau will vom jobcenter ruft zurück", ["will"]),
        ("die kinder ali, sara und noor sind angemeldet", ["ali", "sara", "noor"]),
        ("Özdemir, Hülya: Unterlagen fehlen", ["Özdemir", "Hülya"]),
        ("hab ruslana gesagt sie soll zum jobcenter", ["ruslana"]),
        ("heute 9:00 Ramadani, 10:00 Schäfer", ["Ramadani", "Schäfer"]),
        ("Лікар сказав, що Олена Шевченко не прийшла", ["Олена Шевченко"]),
        ("أحمد يريد موعدا غدا", ["أحمد"]),
        ("Frau Непомнящая", ["Непомнящая"]),
    ],
)
def test_names_are_found(guard: PrivacyGuard, text: str, names: list[str]) -> None:
    assert [text[s.start : s.end] for s in guard.mask(text).spans if s.label == "PERSON"] == names


@pytest.mark.parametrize(
    "text",
    [
        "Jobcenter, ABH, Caritas, VHS, AWO und Diakonie sind zuständig",
        "Bezirksregierung Arnsberg bewilligt die Mittel",
        "Anmeldung an der Konrad-Adenauer-Gesamtschule",
        "das Geschwister-Scholl-Gymnasium hat Plätze",
        "St. Josef Krankenhaus meldet sich",
        "Kita Sonnenschein hat im Sommer zu",
        "kommt aus Aleppo, wohnt in Essen",
        "ein Syrer und eine Ukrainerin, sprechen arabisch und ukrainisch",
        "Frau und Kinder leben noch im Irak",
        "die Frau hat Arbeit, der Mann auch",
        "im Mai und August, montags und freitags",
        "Hartz IV heißt jetzt Bürgergeld",
        "§ 25b AufenthG, Baustein 3, FAQ 42, VZÄ",
        "frau mit zwei kindern sucht wohnung",
        "der herr war sehr freundlich",
        "Familie aus Syrien mit drei Kindern",
        "wer hat den schlüssel vom büro",
        "KIM-1042 Kurzberatung 20 Minuten Wohngeld",
        "Die Ausbildung zum Koch oder Schneider dauert drei Jahre",
        "Rewe und Penny zahlen mehr als Aldi",
        "Brambauer und Coerde haben keinen Kinderarzt",
        "vermieter stur, mieterverein eingeschaltet",
        "frau will nicht mehr in der unterkunft bleiben",
        "Nouruz und Ostern sind im Kalender",
        "Яка завтра погода?",
        "كيف حال الطقس غدا؟",
        "Wie heißt das: كيف حال الطقس غدا؟",
        "Ποιος είναι ο καιρός αύριο;",
    ],
)
def test_other_words_stay(guard: PrivacyGuard, text: str) -> None:
    assert guard.mask(text).text == text


def test_a_name_once_found_is_found_everywhere(guard: PrivacyGuard) -> None:
    text = "Frau Xhemajli war da. xhemajli kommt wieder, Xhemajlis Antrag auch."
    assert "hemajli" not in guard.mask(text).text


def test_a_word_behind_an_article_is_not_a_name_for_being_titled_elsewhere(guard: PrivacyGuard) -> None:
    assert guard.mask("Frau Sommer kommt im Sommer").text == "Frau [PERSON] kommt im Sommer"


def test_nothing_typed_stays_in_the_vocabulary(tagger: NameTagger) -> None:
    finder = PersonFinder(tagger)
    text = "Frau Qwertzuiopson ruft an"
    assert list(finder(text, tokens(text)))
    assert "Qwertzuiopson" not in finder.vocab.strings


def test_names_in_sentences_of_another_seed_do_not_go_on(guard: PrivacyGuard) -> None:
    sentences = [
        s for s in Writer(name_pools(), UNSEEN_SEED).sentences(1500, ["Was gilt für die Klientin?"]) if s.names
    ]
    gone_on = [
        sentence.text[start:end]
        for sentence in sentences
        for start, end in sentence.names
        if not any(span.start < end and start < span.end for span in guard.mask(sentence.text).spans)
    ]
    names = sum(len(sentence.names) for sentence in sentences)
    assert len(gone_on) <= names * (1 - FEWEST_FOUND), gone_on


def test_names_that_nobody_ever_had_are_found(guard: PrivacyGuard) -> None:
    """Made of the beginnings and endings of real ones, so in no list."""
    chance = Random(UNSEEN_SEED)
    pool = sorted(
        {name for given, _ in name_pools().origins for name in given if 5 < len(name) < 10 and name.isalpha()}
    )
    made = []
    while len(made) < 200:
        first, second = chance.choice(pool), chance.choice(pool)
        name = first[: len(first) // 2 + 1] + second[len(second) // 2 + 1 :].lower()
        if name not in pool:
            made.append(name)
    kept = [
        name for name in made if name in guard.mask(f"Klientin {name} hat heute angerufen, {name} kommt morgen.").text
    ]
    assert len(kept) <= len(made) * (1 - FEWEST_FOUND), kept
