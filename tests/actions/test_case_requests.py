"""From what is typed to an operation: requests as people write them, and answers to what was asked."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from actions.case_requests import CaseRequests, case_requests
from actions.operations import (
    AddDeputy,
    AnyOperation,
    AskWithdraw,
    ChangeForm,
    CloseCase,
    DeclineConsent,
    EndAbsence,
    HandOver,
    ListCases,
    OpenCase,
    ReopenCase,
    Said,
    SetAbsence,
    ShowAbsence,
    ShowCase,
    ShowConsent,
    TakeOver,
    Withdraw,
)
from knowledge.casework import load_casework

NOW = datetime.fromisoformat("2026-11-23T10:30:00+01:00")
"""A Monday."""
YESTERDAY = date(2026, 11, 22)
N = "KIM-1042"
ALIASES = ["lotse-1", "lotse-2", "lotse-12"]
REQUESTS = case_requests(load_casework())


def read(text: str) -> AnyOperation | Said:
    return REQUESTS.read(text, aliases=ALIASES, now=NOW)


def asked(text: str) -> Said:
    said = read(text)
    assert isinstance(said, Said)
    return said


def complete(awaited: AnyOperation, text: str) -> AnyOperation | Said | None:
    return REQUESTS.complete(awaited, text, aliases=ALIASES, now=NOW)


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("fall anlegen kim-1042", OpenCase(number=N)),
        ("leg bitte Fall 1042 an", OpenCase(number=N)),
        ("neuer Fall KIM 2026 0042, case management", OpenCase(number="KIM-2026-0042", form="case_management")),
        ("meine fälle", ListCases()),
        ("MEINE FAELLE", ListCases()),
        ("zeig mir meine abgeschlossenen fälle", ListCases(closed=True)),
        ("kim-1042", ShowCase(number=N)),
        ("was ist mit kim1042", ShowCase(number=N)),
        ("fall kim_1042 schließen", CloseCase(number=N)),
        ("kim-1042 ist erledigt", CloseCase(number=N)),
        ("kim-1042 wieder öffnen", ReopenCase(number=N)),
        ("kim-1042 doch nicht abgeschlossen", ReopenCase(number=N)),
        ("kim-1042 von kurzberatung auf case management umstellen", ChangeForm(number=N, form="case_management")),
        ("fall kim-1042 übernehmen", TakeOver(number=N)),
        ("übergib kim-1042 an lotse-2", HandOver(number=N, to="lotse-2")),
        ("kim-1042 an LOTSE-12 abgeben", HandOver(number=N, to="lotse-12")),
        ("übergabe kim-1042", HandOver(number=N)),
        ("lotse-2 vertritt mich in kim-1042", AddDeputy(number=N, deputy="lotse-2")),
        ("einwilligung kim-1042 widerrufen", AskWithdraw(number=N)),
        ("Die Klientin KIM-1042 möchte alles gelöscht haben", AskWithdraw(number=N)),
        ("lösche kim-1042", AskWithdraw(number=N)),
        ("liegt die einwilligung für kim-1042 vor?", ShowConsent(number=N)),
        ("wer vertritt mich?", ShowAbsence()),
        ("bin wieder da", EndAbsence()),
        ("abwesenheit löschen", EndAbsence()),
        (
            "bin vom 1.12. bis 14.12. im urlaub, lotse-2 vertritt mich",
            SetAbsence(first_day=date(2026, 12, 1), last_day=date(2026, 12, 14), deputy="lotse-2"),
        ),
        ("bin morgen krank", SetAbsence(first_day=date(2026, 11, 24), last_day=date(2026, 11, 24))),
        ("bin im urlaub", SetAbsence()),
    ],
)
def test_a_request_is_read_as_it_is_meant(text: str, operation: AnyOperation) -> None:
    assert read(text) == operation


class TestWhoseConsent:
    """A consent is only what somebody says it is: signed, on that day, for that case."""

    @pytest.mark.parametrize(
        ("text", "signed_on"),
        [
            ("kim-1042 anlegen, Einwilligung gestern unterschrieben", YESTERDAY),
            ("kim-1042: einwilligung vom 12.03.2026", date(2026, 3, 12)),
            ("kim-1042 hat am 3.11.2026 unterschrieben", date(2026, 11, 3)),
            ("kim-1042 anlegen. Unterschrieben am 20.11.2026. Case Management", date(2026, 11, 20)),
            ("kim-1042 hat gestern angerufen und heute unterschrieben", date(2026, 11, 23)),
            ("fall kim-1042 anlegen, war gestern da", None),
            ("neuer fall kim-1042, wohnt seit 1.11.2026 in der Unterkunft", None),
            ("kim-1042 anlegen, Unterlagen gestern gebracht", None),
            ("kim-1042 anlegen, Bewilligung vom 1.10.2026", None),
            ("kim-1042 anlegen, freiwillig ausgereist am 1.10.2026", None),
            ("kim-1042 anlegen, unter 18 seit gestern", None),
            ("kim-1042 anlegen, Einwilligung liegt vor, Beginn gestern", None),
            ("kim-1042 anlegen, Einwilligung morgen", None),
            ("kim-1042 anlegen, Einwilligung vom 31.02.2026", None),
            ("kim-1042 anlegen, hat gestern nicht unterschrieben", None),
            ("kim-1042 aufnehmen, Unterschrift fehlt seit gestern", None),
            ("kim-1042 anlegen, gestern ohne Einwilligung gegangen", None),
            ("kim-1042 anlegen, keine Einwilligung gestern", None),
        ],
    )
    def test_the_day_is_the_one_of_the_signature_or_asked_for(self, text: str, signed_on: date | None) -> None:
        operation = read(text)
        assert isinstance(operation, OpenCase | ShowConsent)
        assert (operation.number, getattr(operation, "signed_on", None)) == (N, signed_on)

    @pytest.mark.parametrize("text", ["hat kim-1042 gestern unterschrieben?", "einwilligung kim-1042 von gestern da?"])
    def test_a_question_is_no_consent(self, text: str) -> None:
        assert not (isinstance(read(text), OpenCase) and read(text).signed_on)  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("text", "signed_on"),
        [
            ("gestern", YESTERDAY),
            ("ja, heute", date(2026, 11, 23)),
            ("am 12.03.2026", date(2026, 3, 12)),
            ("KIM-1042 gestern", YESTERDAY),
        ],
    )
    def test_the_day_asked_for_is_taken(self, text: str, signed_on: date) -> None:
        assert complete(OpenCase(number=N), text) == OpenCase(number=N, signed_on=signed_on)

    @pytest.mark.parametrize(
        "text", ["nein", "Nein, erst morgen", "noch nicht, vielleicht am 1.12.", "gestern nicht", "liegt keine vor"]
    )
    def test_a_no_is_a_no_whatever_day_it_names(self, text: str) -> None:
        assert complete(OpenCase(number=N), text) == DeclineConsent(number=N)

    @pytest.mark.parametrize(
        ("text", "why"), [("morgen", "liegt in der Zukunft"), ("31.02.2026", "gibt es nicht"), ("1.12.2026", "Zukunft")]
    )
    def test_a_day_that_cannot_be_is_asked_again(self, text: str, why: str) -> None:
        said = complete(OpenCase(number=N, form="short"), text)
        assert isinstance(said, Said)
        assert why in said.text
        assert (said.awaits, said.numbers) == (OpenCase(number=N, form="short"), [N])

    @pytest.mark.parametrize(
        "text",
        [
            "kim-1043 gestern 20 min kurzberatung",
            "fall anlegen kim-2026-0042",
            "gilt die Frist seit gestern?",
            "und bei Kurzberatung?",
            "ja",
            "hallo",
            "",
        ],
    )
    def test_a_message_about_something_else_says_nothing_of_it(self, text: str) -> None:
        assert complete(OpenCase(number=N), text) is None

    def test_day_and_form_may_come_at_once_or_one_after_the_other(self) -> None:
        whole = OpenCase(number=N, signed_on=YESTERDAY, form="short")
        assert complete(OpenCase(number=N), "gestern, Kurzberatung") == whole
        assert complete(OpenCase(number=N, signed_on=YESTERDAY), "kb") == whole
        assert complete(OpenCase(number=N), "kurzberatung") == OpenCase(number=N, form="short")


class TestNumbers:
    def test_two_are_asked_back_one_by_one(self) -> None:
        said = asked("kim-1042 und kim-1043 schließen")
        assert [row[0].then for row in said.rows] == [CloseCase(number=N), CloseCase(number="KIM-1043")]
        assert said.numbers == [N, "KIM-1043"]

    @pytest.mark.parametrize("typed", ["kmi-1042", "kimm 1042", "kim-1O42", "kin 1042"])
    def test_a_slip_is_asked_back_with_what_was_probably_meant(self, typed: str) -> None:
        said = asked(f"fall {typed} schließen")
        assert said.text == "Meinten Sie KIM-1042?"
        assert [choice.then for row in said.rows for choice in row] == [CloseCase(number=N)]
        assert said.awaits == CloseCase()

    @pytest.mark.parametrize("typed", ["kim-104", "kim-10422"])
    def test_a_number_of_the_wrong_length_is_asked_for_again(self, typed: str) -> None:
        said = asked(f"{typed} schließen")
        assert "nicht die richtige Form" in said.text
        assert said.awaits == CloseCase()

    @pytest.mark.parametrize(
        ("typed", "number"), [("1042", N), ("kim 1042", N), ("es ist 2026-0042, also KIM-2026-0042", "KIM-2026-0042")]
    )
    def test_the_number_asked_for_is_taken(self, typed: str, number: str) -> None:
        assert complete(CloseCase(), typed) == CloseCase(number=number)

    def test_a_slip_in_the_number_asked_for_is_asked_back_and_nothing_forgotten(self) -> None:
        said = complete(HandOver(to="lotse-2"), "kmi 1042")
        assert isinstance(said, Said)
        assert [row[0].then for row in said.rows] == [HandOver(number=N, to="lotse-2")]

    @pytest.mark.parametrize("typed", ["", "hm", "104", "kim-1042 oder kim-1043", "0x412"])
    def test_what_is_no_number_adds_nothing(self, typed: str) -> None:
        assert complete(CloseCase(), typed) is None

    def test_without_a_number_the_request_is_kept(self) -> None:
        assert asked("fall schließen").awaits == CloseCase()


class TestColleagues:
    @pytest.mark.parametrize("typed", ["lotse-2", "an Lotse-2.", "lotse-2!", "bitte an lotse-2, danke"])
    def test_the_one_asked_for_is_taken(self, typed: str) -> None:
        assert complete(HandOver(number=N), typed) == HandOver(number=N, to="lotse-2")
        assert complete(AddDeputy(number=N), typed) == AddDeputy(number=N, deputy="lotse-2")
        assert complete(SetAbsence(), typed) == SetAbsence(deputy="lotse-2")

    @pytest.mark.parametrize(
        "typed", ["lotse-1 oder lotse-2", "nicht lotse-1, sondern lotse-2", "lotse-9", "lotse", "xlotse-2", "lotse-22"]
    )
    def test_several_or_unknown_ones_add_nothing(self, typed: str) -> None:
        assert complete(HandOver(number=N), typed) is None

    def test_two_in_a_request_are_asked_back(self) -> None:
        assert read("übergib kim-1042 an lotse-2, nicht an lotse-1") == HandOver(number=N)

    def test_an_answer_that_names_another_case_hands_over_neither(self) -> None:
        assert complete(HandOver(number=N), "übergib kim-1043 an lotse-2") is None


class TestAbsences:
    def test_days_and_deputy_may_come_at_once_or_one_after_the_other(self) -> None:
        days = SetAbsence(first_day=date(2026, 12, 1), last_day=date(2026, 12, 14))
        assert complete(SetAbsence(), "vom 1.12. bis 14.12.") == days
        assert complete(days, "lotse-2") == days.model_copy(update={"deputy": "lotse-2"})
        assert complete(SetAbsence(), "1.12. bis 14.12., lotse-2") == days.model_copy(update={"deputy": "lotse-2"})

    @pytest.mark.parametrize("typed", ["31.02.", "vom 1.10.2026 bis 2.10.2026", "irgendwann"])
    def test_days_that_cannot_be_add_nothing(self, typed: str) -> None:
        assert complete(SetAbsence(), typed) is None


@pytest.mark.parametrize("text", ["", "   ", "hallo", "!!!", "Wie hoch ist die Förderung", "\x00", "[PERSON] war da"])
def test_what_is_not_understood_is_said_with_examples(text: str) -> None:
    said = asked(text)
    assert said.text.startswith("Das habe ich nicht verstanden.")
    assert (said.awaits, said.numbers) == (None, [])


def test_what_nobody_asked_to_complete_is_left_alone() -> None:
    for operation in (Withdraw(number=N), ListCases(), EndAbsence()):
        assert complete(operation, "ja, gestern, lotse-2, kurzberatung") is None


WORDS = (
    "kim-1042 kim-1043 kmi-1042 kim-9 gestern morgen heute 31.02. 12.03.2026 einwilligung unterschrieben nicht nein ja "
    "lotse-1 lotse-2 kurzberatung cm anlegen schließen löschen übergeben urlaub bis vom , . ? ! ß \x00 ½ 😀"
)


@hypothesis_settings(derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split()), max_size=8).map(" ".join) | st.text(max_size=40))
def test_whatever_is_typed_a_case_is_only_done_to_the_number_it_names(text: str) -> None:
    result = read(text)
    number = getattr(result, "number", None)
    assert number is None or REQUESTS.numbers.numbers(text) == [number]
    for awaited in (OpenCase(number=N), HandOver(number=N), ChangeForm(number=N), CloseCase(), SetAbsence()):
        added = complete(awaited, text)
        if isinstance(added, OpenCase):
            assert added.number == N
            assert added.signed_on is None or added.signed_on <= NOW.date()
            assert not set(REQUESTS.numbers.numbers(text)) - {N}


def test_the_same_requests_are_made_for_another_municipality() -> None:
    other = load_casework().model_copy(update={"case_words": ["akte"]})
    requests: CaseRequests = case_requests(other)
    assert requests.read("akte 1042 schließen", aliases=[], now=NOW) == CloseCase(number=N)
