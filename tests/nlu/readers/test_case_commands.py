"""Commands about cases, consents and absences are read in many words, and the first verb that fits is meant."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from knowledge.casework import Casework, Verb, load_casework
from nlu.readers.case_commands import CaseCommandReader, phrase_pattern, read_aliases, read_form
from nlu.readers.folding import fold
from tests.nlu.readers.conftest import QUICK, messages

CASEWORK = load_casework()
READER = CaseCommandReader(CASEWORK)
ALIASES = ["lotse-1", "lotse-2", "lotse-12"]


def verb(text: str, *, case_named: bool | None = None) -> Verb | None:
    named = "kim" in text.lower() if case_named is None else case_named
    command = READER.read(text, case_named=named, aliases=ALIASES)
    return command.verb if command else None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Fall anlegen KIM-1042", "open"),
        ("lege kim-1042 bitte an", "open"),
        ("neuer klient kim-1042", "open"),
        ("neuaufnahme kim-1042", "open"),
        ("kim-1042 schließen", "close"),
        ("bitte kim-1042 abschliessen", "close"),
        ("kim-1042 ist abgeschlossen", "close"),
        ("KIM-1042 kann zu", "close"),
        ("kim-1042 archivieren", "close"),
        ("kim-1042 wieder aufmachen", "reopen"),
        ("kim-1042 nochmal öffnen", "reopen"),
        ("kim-1042 wiedereröffnen", "reopen"),
        ("meine Fälle", "list"),
        ("welche fälle habe ich", "list"),
        ("fallliste", "list"),
        ("abgeschlossene fälle", "list_closed"),
        ("meine geschlossenen Fälle zeigen", "list_closed"),
        ("kim-1042", "show"),
        ("zeig kim-1042", "show"),
        ("kim-1042 übernehmen", "take_over"),
        ("ich übernehme kim-1042", "take_over"),
        ("lotse-2 soll kim-1042 übernehmen", "hand_over"),
        ("kim-1042 an lotse-2 übergeben", "hand_over"),
        ("gib kim-1042 an lotse-2", "hand_over"),
        ("kim-1042 geht an lotse-2", "hand_over"),
        ("lotse-2 vertritt mich bei kim-1042", "add_deputy"),
        ("kim-1042 wird jetzt case management", "change_form"),
        ("kim-1042 kurzberatung statt cm", "change_form"),
        ("einwilligung für kim-1042 liegt vor", "consent_given"),
        ("kim-1042 hat unterschrieben", "consent_shown"),
        ("liegt für kim-1042 die einwilligung vor?", "consent_shown"),
        ("wann hat kim-1042 unterschrieben", "consent_shown"),
        ("kim-1042 widerruft die einwilligung", "consent_withdrawn"),
        ("kim-1042 zieht einwilligung zurück", "consent_withdrawn"),
        ("kim-1042 will gelöscht werden", "consent_withdrawn"),
        ("lösche kim-1042", "consent_withdrawn"),
        ("kim-1042 löschen", "consent_withdrawn"),
        ("alle daten von kim-1042 löschen", "consent_withdrawn"),
        ("bin ab montag im urlaub", "absent"),
        ("bin krank", "absent"),
        ("bin nächste woche nicht da", "absent"),
        ("lotse-2 vertritt mich morgen", "absent"),
        ("wieder da", "back"),
        ("bin zurück aus dem urlaub", "back"),
        ("abwesenheit löschen", "back"),
        ("vertretung beenden", "back"),
        ("wer vertritt mich nächste woche", "absence_shown"),
        ("wen vertrete ich gerade", "absence_shown"),
        ("löschen", "consent_withdrawn"),
    ],
)
def test_it_is_read_in_the_words_of_everyday(text: str, meant: Verb) -> None:
    assert verb(text) == meant
    assert verb(text.upper()) == meant
    assert verb(f"  {text.replace(' ', '  ')}\n") == meant


@pytest.mark.parametrize("text", ["", "   ", "guten morgen", "was kostet das", "\x00", "falle", "unterlagen kommen"])
def test_without_a_case_and_a_word_of_ours_nothing_is_meant(text: str) -> None:
    assert verb(text, case_named=False) is None


def test_with_a_case_and_no_word_of_ours_it_is_shown() -> None:
    assert verb("guten morgen kim-1042") == "show"


@pytest.mark.parametrize(
    ("text", "with_case", "without"),
    [("lotse-2 vertritt", "add_deputy", "absent"), ("urlaub", "show", "absent"), ("lösche", "consent_withdrawn", None)],
)
def test_some_words_mean_something_else_with_a_case(text: str, with_case: Verb, without: Verb | None) -> None:
    assert verb(text, case_named=True) == with_case
    assert verb(text, case_named=False) == without


def test_a_change_of_form_needs_a_form() -> None:
    assert verb("kim-1042 wechselt") == "show"
    assert verb("kim-1042 wechselt zu kurzberatung") == "change_form"


class TestPhrases:
    @pytest.mark.parametrize(
        ("phrase", "text", "fits"),
        [
            ("wieder da", "bin wieder da", True),
            ("wieder da", "wieder dabei", False),
            ("wieder da", "schonwieder da", False),
            ("urlaub*", "urlaubsreif", True),
            ("urlaub*", "kurzurlaub", False),
            ("*schließ*", "abschließend", True),
            ("leg* … an", "lege den fall an", True),
            ("leg* … an", "lege an", True),
            ("leg* … an", "lege den fall anders", False),
            ("leg* … an", "an lege", False),
            ("liegt … einwillig* … vor?", "liegt eine einwilligung vor ?", True),
            ("liegt … einwillig* … vor?", "liegt eine einwilligung vor", False),
            ("wieder öffnen", "wieder oeffnen", True),
            ("ad acta", "ad  acta", False),
        ],
    )
    def test_whole_words_in_their_order(self, phrase: str, text: str, fits: bool) -> None:
        assert bool(re.search(phrase_pattern(phrase), fold(text).text if fits else text)) is fits

    def test_every_phrase_fits_itself(self) -> None:
        for command in CASEWORK.commands:
            for phrase in command.phrases:
                written = phrase.replace("*", "xx").replace(" … ", " etwas dazwischen ")
                assert re.search(phrase_pattern(phrase), fold(written).text), phrase

    def test_no_phrase_stands_twice_under_different_verbs(self) -> None:
        seen: dict[tuple[str, str | None], Verb] = {}
        for command in CASEWORK.commands:
            for phrase in command.phrases:
                assert seen.setdefault((phrase, command.needs), command.verb) == command.verb, phrase


class TestForms:
    @pytest.mark.parametrize(
        ("text", "form"),
        [
            ("kurzberatung", "short"),
            ("KB", "short"),
            ("Case-Management", "case_management"),
            ("cm", "case_management"),
            ("von Kurzberatung zu Case Management", "case_management"),
            ("von cm auf kb", "short"),
            ("kbx", None),
            ("acm", None),
            ("", None),
        ],
    )
    def test_the_last_one_named_is_meant(self, text: str, form: str | None) -> None:
        assert read_form(fold(text).text, CASEWORK.counselling_forms) == form


class TestAliases:
    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ("an lotse-2", ("lotse-2",)),
            ("an LOTSE-2!", ("lotse-2",)),
            ("an lotse-12", ("lotse-12",)),
            ("lotse-1, lotse-2", ("lotse-1", "lotse-2")),
            ("lotse", ()),
            ("lotse-22", ()),
            ("xlotse-2", ()),
            ("lotse-2-b", ()),
        ],
    )
    def test_only_whole_ones_are_named(self, text: str, named: tuple[str, ...]) -> None:
        assert read_aliases(fold(text).text, ALIASES) == named

    def test_umlauts_and_signs_in_an_alias_are_no_pattern(self) -> None:
        assert read_aliases(fold("an Grün_1 und a.b").text, ["grün_1", "a.b", "axb", "(", "*"]) == ("grün_1", "a.b")


@QUICK
@given(messages)
def test_whatever_is_written_it_is_read_without_an_error(text: str) -> None:
    for named in (True, False):
        command = READER.read(text, case_named=named, aliases=ALIASES)
        assert command is not None or not named


def test_another_municipality_may_use_other_words() -> None:
    other = Casework.model_validate(CASEWORK.model_dump() | {"commands": [{"verb": "close", "phrases": ["zuklappen"]}]})
    reader = CaseCommandReader(other)
    command = reader.read("akte zuklappen", case_named=False, aliases=[])
    assert command is not None
    assert command.verb == "close"
    assert reader.read("akte schließen", case_named=False, aliases=[]) is None
