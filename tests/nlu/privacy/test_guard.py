"""The privacy guard: personal data is masked, and what a question needs is left alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nlu.privacy.guard import GuardError, PrivacyGuard
from nlu.privacy.spans import NAMED

QUICK = settings(deadline=None, derandomize=True)
FIXTURES = settings(QUICK, suppress_health_check=[HealthCheck.function_scoped_fixture])
Mask = Callable[[str], str]


@pytest.fixture(scope="session")
def masked(guard: PrivacyGuard) -> Mask:
    return lambda text: guard.mask(text).text


@pytest.mark.parametrize(
    ("typed", "goes_on"),
    [
        ("Frau Müller ruft an", "Frau [PERSON] ruft an"),
        ("FRAU MÜLLER ruft an", "FRAU [PERSON] ruft an"),
        ("für Herrn Ali Hassan.", "für Herrn [PERSON]."),
        ("Herr Prof. Dr. Schmidt", "Herr Prof. Dr. [PERSON]"),
        ("Hr. Schmidt und Fr. Yılmaz", "Hr. [PERSON] und Fr. [PERSON]"),
        ("Fam. Nguyen Van An", "Fam. [PERSON]"),
        ("Frau Müller-Lüdenscheidt", "Frau [PERSON]"),
        ("Herr O'Neill", "Herr [PERSON]"),
        ("Frau Şahin", "Frau [PERSON]"),  # names of this field begin with more than the German capitals
        ("Herr Çelik und Frau Đorđević", "Herr [PERSON] und Frau [PERSON]"),
        ("Familie al-Masri", "Familie [PERSON]"),
        ("Frau von Berg", "Frau [PERSON]"),
        ("Frau Maria Ana Sofia Lopez", "Frau [PERSON]"),
        ("Frau  Müller", "Frau  [PERSON]"),  # two spaces
        ("Frau\u00a0Müller", "Frau\u00a0[PERSON]"),
        ("Frau Mu\u0308ller", "Frau [PERSON]"),  # as macOS writes an ü
    ],
)
def test_a_name_after_a_title_is_masked(masked: Mask, typed: str, goes_on: str) -> None:
    assert masked(typed) == goes_on


@pytest.mark.parametrize(
    "number",
    [
        "0170 1234567",
        "0170/1234567",
        "0170-1234567",
        "01701234567",
        "0221 12 34 56",
        "0221 / 123456",
        "0221 - 123456",
        "0221–123456",
        "+491701234567",
        "+49 170 1234567",
        "+49 (0)170 1234567",
        "+49-221-123456",
        "0049 170 1234567",
        "+43 660 1234567",
        "+90 532 123 45 67",
        "+380 67 123 4567",
    ],
)
def test_a_telephone_number_is_masked(masked: Mask, number: str) -> None:
    assert masked(f"Tel. {number}, bitte") == "Tel. [PHONE], bitte"


@pytest.mark.parametrize(
    ("typed", "goes_on"),
    [
        ("anna.muster@stadt-koeln.de", "[EMAIL]"),
        ("Mail: a_b+c@x.co.uk.", "Mail: [EMAIL]."),
        ("jürgen@köln.de", "[EMAIL]"),
        ("IBAN DE89 3704 0044 0532 0130 00 bitte", "IBAN [IBAN] bitte"),
        ("DE89370400440532013000", "[IBAN]"),
        ("de89 3704 0044 0532 0130 00", "[IBAN]"),
        ("NL91ABNA0417164300", "[IBAN]"),
        ("geb. 12.03.1990", "geb. [DOB]"),
        ("geboren am 1.3.90 in Aleppo", "geboren am [DOB] in Aleppo"),
        ("Geburtsdatum: 12.03.1990", "Geburtsdatum: [DOB]"),
        ("*12.03.1990", "*[DOB]"),
        ("geboren am 12. März 1990", "geboren am [DOB]"),
    ],
)
def test_addresses_accounts_and_birth_dates_are_masked(masked: Mask, typed: str, goes_on: str) -> None:
    assert masked(typed) == goes_on


@pytest.mark.parametrize(
    "typed",
    [
        "Bis wann muss der Antrag für Mai und August da sein?",
        "Bis 31.03.2027, spätestens 31.12.2028",
        "vom 01.01.2027-31.12.2027",
        "Zeitraum 01/2026-12/2026",
        "01/2026 02/2026 03/2026",
        "am 12. März 2027 um 10:30 Uhr",
        "0800 bis 1200 Uhr",
        "57.000 Euro, 22.500,00 €, 5.700 EUR",
        "0,5 oder 1,0 Stellen, EG 9a TVöD",
        "§ 25b Abs. 1 Satz 2 Nr. 3 AufenthG, §§ 25a/25b",
        "Fall 2026-0042, KIM-2026-0815, Fall 4711",
        "AZ 33.41.02-0815/26",
        "Frau und Kinder",
        "Die Frau hat Arbeit. Der Mann auch.",
        "Familie aus Syrien mit drei Kindern",
        "Herr Landrat, Frau Kollegin",
        "Mai, August und Herbst sind keine Namen",
        "geboren in Deutschland",
        "Stand 23.04.2026",
        "B1/2, SGB II, 50-60 Fälle, 1/3",
    ],
)
def test_what_a_question_needs_is_left_alone(masked: Mask, typed: str) -> None:
    assert masked(typed) == typed


@pytest.mark.parametrize(
    "invisible", ["\u200b", "\u200e", "\u202e", "\u2060", "\ufeff", "\x00", "\x1b", "\x7f", "\u00ad", "\u2066"]
)
def test_invisible_characters_hide_nothing(masked: Mask, invisible: str) -> None:
    assert masked(f"Frau M{invisible}üller, 0170{invisible}1234567") == "Frau [PERSON], [PHONE]"


def test_line_breaks_and_tabs_stay(masked: Mask) -> None:
    assert masked("erstens\n\tzweitens") == "erstens\n\tzweitens"


def test_several_things_are_masked_and_named_once_each(guard: PrivacyGuard) -> None:
    found = guard.mask("Frau Müller und Herr Kaya, 0170 1234567, a@b.de, geb. 01.02.1990, DE89370400440532013000")
    assert found.text == "Frau [PERSON] und Herr [PERSON], [PHONE], [EMAIL], geb. [DOB], [IBAN]"
    assert found.kinds == [
        "einen Namen",
        "eine Telefonnummer",
        "eine E-Mail-Adresse",
        "eine Kontonummer",
        "ein Geburtsdatum",
    ]


def test_where_nothing_is_personal_nothing_is_named(guard: PrivacyGuard) -> None:
    assert guard.mask("Wie hoch ist die Förderung?").kinds == []


@FIXTURES
@given(st.text())
@example("Frau ")
@example("Herr Dr.")
def test_no_text_is_too_strange(guard: PrivacyGuard, text: str) -> None:
    found = guard.mask(text)
    assert bool(found.spans) == bool(found.kinds)


DIGITS = "0123456789"
AROUND = st.sampled_from(["{}", "Tel. {}", "bitte {} anrufen", "({})", "Klientin, {}, kommt morgen.", "{}\nDanke"])
PHONES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["0170", "0221", "02151", "+49170", "+49 170", "0049221", "+49 (0)221"]),
    st.sampled_from(["", " ", "/", "-", " / "]),
    st.text(DIGITS, min_size=6, max_size=8),
)
EMAILS = st.from_regex(r"[a-z][a-z0-9._-]{0,15}@[a-z][a-z0-9-]{1,12}\.(de|com|nrw)", fullmatch=True)
IBANS = st.builds(
    lambda digits, separator: separator.join(("DE" + digits)[i : i + 4] for i in range(0, 22, 4)),
    st.text(DIGITS, min_size=20, max_size=20),
    st.sampled_from(["", " "]),
)


@FIXTURES
@given(AROUND, PHONES)
def test_no_telephone_number_goes_on(masked: Mask, around: str, phone: str) -> None:
    assert masked(around.format(phone)).count("[PHONE]") == 1
    assert phone[-6:] not in masked(around.format(phone))


@FIXTURES
@given(AROUND, EMAILS)
def test_no_address_goes_on(masked: Mask, around: str, email: str) -> None:
    assert masked(around.format(email)) == around.format("[EMAIL]")


@FIXTURES
@given(AROUND, IBANS)
def test_no_account_goes_on(masked: Mask, around: str, iban: str) -> None:
    assert masked(around.format(iban)) == around.format("[IBAN]")


@FIXTURES
@given(
    st.dates(min_value=date(2015, 1, 1)).map("{:%d.%m.%Y}".format)  # an older one is a birth date
    | st.integers(0, 10**8).map(lambda cents: f"{cents / 100:,.2f} €".translate(str.maketrans(",.", ".,")))
    | st.builds("§ {}{} Abs. {}".format, st.integers(1, 120), st.sampled_from(["", "a", "b", "c"]), st.integers(1, 9))
    | st.builds("Fall {}-{:04}".format, st.integers(2020, 2030), st.integers(1, 9999)),
    AROUND.filter(lambda around: "Tel" not in around),
)
def test_dates_sums_sections_and_case_numbers_go_on(masked: Mask, figure: str, around: str) -> None:
    assert masked(around.format(figure)) == around.format(figure)


@pytest.mark.parametrize(
    ("typed", "personal"),
    [
        ("Frau M\u200büller, bitte", "M\u200büller"),
        ("Frau Mu\u0308ller kommt", "Mu\u0308ller"),
        ("\ufeff\u200eTel. 0170\u200b1234567", "0170\u200b1234567"),
        ("e\u0301 Frau Yılmaz e\u0301", "Yılmaz"),
        ("👩‍💼 Herr Kaya 👍", "Kaya"),
    ],
)
def test_positions_are_those_of_the_text_as_given(guard: PrivacyGuard, typed: str, personal: str) -> None:
    (span,) = guard.mask(typed).spans
    assert typed[span.start : span.end] == personal


PIECES = st.sampled_from(
    [
        "Frau ",
        "Kaya",
        " ruft an",
        "0170 1234567",
        " ",
        "\n",
        "[PERSON]",
        "a@b.de",
        "geb. ",
        "1.2.1990",
        "\u200b",
        "u\u0308",
        "Олена",
        "KIM-1042",
        ", ",
        "wohnt ",
        "Hauptstr. 3",
        "AZR 123456789012",
        "Müller-",
        "’s",
        "§ 25b",
    ]
)


@FIXTURES
@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_masking_twice_changes_nothing_more(guard: PrivacyGuard, text: str) -> None:
    once = guard.mask(text).text
    again = guard.mask(once)
    assert (again.text, again.spans) == (once, ())


@FIXTURES
@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_spans_stand_in_the_text_in_order_and_apart(guard: PrivacyGuard, text: str) -> None:
    at = 0
    for span in guard.mask(text).spans:
        assert at <= span.start < span.end <= len(text)
        assert span.label in NAMED
        at = span.end


@pytest.mark.parametrize("placeholder", [f"[{label}]" for label in NAMED])
def test_a_placeholder_that_was_typed_stays(masked: Mask, placeholder: str) -> None:
    text = f"Rückruf {placeholder} wegen {placeholder}, Termin {placeholder}@"
    assert masked(text) == text


@pytest.mark.parametrize(
    "number", ["KIM-1042", "kim 1042", "KIM-2026-0042", "Kim_2026/0042", "fall 1042", "Fall 1042", "kim1042"]
)
def test_a_case_number_stays(masked: Mask, number: str) -> None:
    for text in (f"{number} Termin verschoben", f"bitte zu {number} notieren", f"hat angerufen, {number}"):
        assert masked(text) == text


def test_a_failing_guard_says_nothing_of_the_text(guard: PrivacyGuard, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str) -> None:
        raise ValueError(text)

    monkeypatch.setattr("nlu.privacy.guard.cleaned", fail)
    with pytest.raises(GuardError) as failure:
        guard.mask("Frau Geheim")
    assert "Geheim" not in f"{failure.value.sentence} {failure.value.data} {failure.value.__cause__}"
    assert failure.value.__suppress_context__


@pytest.mark.parametrize(
    "text",
    [
        "Frau Yilmaz und Ahmad Al-Masri, Olena Kovalenko, " * 205,
        "1 " * 5000,
        "0170 " * 2000,
        "a." * 5000,
        "wohnt " * 1666,
        "Müller-" * 1428,
        "DE12 " * 2000,
        "A1" * 5000,
        "a" + "\u0301" * 9999,
        "x" * 10_000,
        "str. " * 2000,
        "am " + "a" * 9000,
        "an der " + "a-" * 4000,
        "wohnt in der " + "ab " * 3000,
        "pass " + "1 " * 4900,
        "geb. " + "a " * 4900,
        "([" * 5000,
        "@" * 10_000,
    ],
)
def test_a_long_text_takes_no_long_time(guard: PrivacyGuard, text: str) -> None:
    started = time.process_time()
    guard.mask(text[:10_000])
    assert time.process_time() - started < 2.0


def test_several_threads_share_one_guard(guard: PrivacyGuard) -> None:
    texts = [f"Frau Kaya und Herr Yılmaz, Fall {number}" for number in range(1000, 1200)]
    with ThreadPoolExecutor(4) as pool:
        assert {len(masked.spans) for masked in pool.map(guard.mask, texts)} == {2}


def test_addresses_and_numbers_have_words_for_the_person(guard: PrivacyGuard) -> None:
    found = guard.mask("wohnt Hauptstr. 12, AZR 123456789012")
    assert found.kinds == ["eine Anschrift", "eine persönliche Kennnummer"]
