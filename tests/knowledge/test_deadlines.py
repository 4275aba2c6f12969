"""The programme's calendar: what the source dates, what only a municipality can date, and what an overlay may say."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.check import check_deadlines
from knowledge.deadlines import Deadline, Deadlines, Yearly, load_deadlines
from knowledge.errors import KnowledgeError
from knowledge.load import load_knowledge

OURS = load_deadlines()
KNOWLEDGE = load_knowledge()
SPAN = (date(2026, 11, 1), date(2029, 6, 30))
UNDATED = [
    "durchfuehrungszeitraum-ende",
    "verwendungsnachweis",
    "testat-baustein-3",
    "konzepte-fortschreiben",
    "fde-nrw",
    "bericht-baustein-3",
]


def overlaid(folder: Path, content: object) -> Deadlines:
    text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    (folder / "deadlines.yml").write_text(text, encoding="utf-8")
    return load_deadlines(folder)


def days(calendar: Deadlines, deadline_id: str, first: date = SPAN[0], last: date = SPAN[1]) -> list[date]:
    return [found.day for found in calendar.between(first, last) if found.deadline.id == deadline_id]


class TestFromTheSource:
    def test_what_falls_from_november_2026_to_june_2029(self) -> None:
        assert [found.key for found in OURS.between(*SPAN)] == [
            "auszahlung-erste-rate/2027-02-01",
            "rueckzahlung-baustein-3/2027-03-31",
            "auszahlung-zweite-rate/2027-06-30",
            "antrag-folgejahr/2027-10-31",
            "auszahlung-erste-rate/2028-02-01",
            "rueckzahlung-baustein-3/2028-03-31",
            "auszahlung-zweite-rate/2028-06-30",
            "foerderperiode-ende/2028-12-31",
            "auszahlung-erste-rate/2029-02-01",
            "rueckzahlung-baustein-3/2029-03-31",
            "auszahlung-zweite-rate/2029-06-30",
        ]

    def test_no_application_is_due_for_a_year_after_the_funding_period(self) -> None:
        assert days(OURS, "antrag-folgejahr", date(2020, 1, 1), date(2040, 1, 1)) == [
            date(2026, 10, 31),
            date(2027, 10, 31),
        ]

    def test_money_of_2028_is_still_paid_back_in_2029(self) -> None:
        assert date(2029, 3, 31) in days(OURS, "rueckzahlung-baustein-3")

    @pytest.mark.parametrize(
        ("deadline_id", "entry", "bausteine", "named"),
        [
            ("antrag-folgejahr", "faq-27", (1, 2), "Ende Oktober"),
            ("auszahlung-erste-rate", "faq-45", (3,), "01. Februar"),
            ("auszahlung-zweite-rate", "faq-45", (3,), "30. Juni"),
            ("rueckzahlung-baustein-3", "faq-46", (3,), "31.03."),
            ("foerderperiode-ende", "faq-18", (1, 2), "31.12.2028"),
        ],
    )
    def test_each_names_its_source(self, deadline_id: str, entry: str, bausteine: tuple[int, ...], named: str) -> None:
        found = OURS.by_id(deadline_id)
        assert found is not None
        assert (found.entry, found.bausteine, found.named) == (entry, bausteine, named)

    def test_the_interest_that_follows_is_said(self) -> None:
        found = OURS.by_id("rueckzahlung-baustein-3")
        assert found is not None
        assert "3 Prozentpunkte über dem Basiszinssatz" in found.what

    def test_what_the_source_does_not_date_has_no_day(self) -> None:
        assert [deadline.id for deadline in OURS.undated()] == UNDATED
        assert not any(days(OURS, deadline_id, date.min, date.max) for deadline_id in UNDATED)

    def test_nobody_is_without_lead_times(self) -> None:
        assert OURS.lead_days == (28, 14, 7, 1)
        assert {OURS.lead_days_of(deadline) for deadline in OURS.deadlines} == {(28, 14, 7, 1)}

    def test_a_permit_is_due_at_its_own_end_within_the_limit(self) -> None:
        assert (OURS.permit.months, OURS.permit.limit, OURS.permit.entry) == (
            (6, 3, 1),
            date(2027, 6, 30),
            "aufenthg-104c-antrag",
        )
        assert OURS.by_id(OURS.permit.id) is None

    def test_texts_carry_the_figures_not_their_names(self) -> None:
        texts = [f"{one.title}{one.what}{one.note}" for one in (*OURS.deadlines, OURS.permit)]
        assert not any("{" in text for text in texts)

    def test_the_real_calendar_has_no_findings(self) -> None:
        assert list(check_deadlines(KNOWLEDGE, OURS)) == []


class TestKeys:
    def test_every_key_leads_back_to_its_day(self) -> None:
        found = OURS.between(*SPAN)
        assert [OURS.by_key(day.key) for day in found] == list(found)

    @pytest.mark.parametrize(
        "key",
        [
            "",
            "antrag-folgejahr",
            "antrag-folgejahr/",
            "antrag-folgejahr/2027",
            "antrag-folgejahr/2027-10-30",
            "antrag-folgejahr/2028-10-31",
            "antrag-folgejahr/2027-13-45",
            "verwendungsnachweis/2027-03-31",
            "nie/2027-10-31",
        ],
    )
    def test_what_the_calendar_does_not_hold_is_none(self, key: str) -> None:
        assert OURS.by_key(key) is None

    def test_a_corrected_day_has_another_key(self, tmp_path: Path) -> None:
        before = overlaid(tmp_path, {"fde-nrw": "15.03."}).between(*SPAN)
        after = overlaid(tmp_path, {"fde-nrw": "15.04."}).between(*SPAN)
        assert {day.key for day in before} ^ {day.key for day in after} == {
            "fde-nrw/2027-03-15",
            "fde-nrw/2028-03-15",
            "fde-nrw/2027-04-15",
            "fde-nrw/2028-04-15",
        }


class TestBetween:
    @settings(derandomize=True, deadline=None, max_examples=200)
    @given(st.dates(date(2025, 1, 1), date(2031, 12, 31)), st.integers(-40, 900), st.integers(0, 900))
    def test_two_spans_side_by_side_hold_what_the_whole_holds(self, first: date, cut: int, rest: int) -> None:
        middle = date.fromordinal(first.toordinal() + cut)
        last = date.fromordinal(max(first.toordinal(), middle.toordinal()) + rest)
        whole = OURS.between(first, last)
        if middle >= first:
            after = date.fromordinal(middle.toordinal() + 1)
            assert OURS.between(first, middle) + OURS.between(after, last) == whole
        assert list(whole) == sorted(whole, key=lambda found: (found.day, found.deadline.id))
        assert all(first <= found.day <= last for found in whole)

    def test_both_ends_count(self) -> None:
        day = date(2027, 3, 31)
        assert [found.day for found in OURS.between(day, day)] == [day]
        assert OURS.between(date(2027, 4, 1), day) == ()

    def test_the_29_february_falls_on_the_last_day_of_the_month(self) -> None:
        leap = Yearly(month=2, day=29)
        assert [leap.in_year(year) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]


class TestOverlay:
    @pytest.mark.parametrize(
        ("written", "found"),
        [
            ("30.04.", [date(2027, 4, 30), date(2028, 4, 30), date(2029, 4, 30)]),
            ("30.4.", [date(2027, 4, 30), date(2028, 4, 30), date(2029, 4, 30)]),
            (date(2027, 4, 30), [date(2027, 4, 30)]),
            ("30.04.2027", [date(2027, 4, 30)]),
            (["30.04.2027", date(2028, 5, 15)], [date(2027, 4, 30), date(2028, 5, 15)]),
            (["31.03.2027", "31.03.2027"], [date(2027, 3, 31)]),
            ([], []),
            (None, []),
        ],
    )
    def test_it_dates_what_the_source_leaves_open(self, tmp_path: Path, written: object, found: list[date]) -> None:
        calendar = overlaid(tmp_path, {"verwendungsnachweis": written})
        assert days(calendar, "verwendungsnachweis") == found
        assert ("verwendungsnachweis" in [one.id for one in calendar.undated()]) == (not found)

    def test_a_yearly_day_ends_with_the_duty(self, tmp_path: Path) -> None:
        calendar = overlaid(
            tmp_path, {"fde-nrw": "15.03.", "verwendungsnachweis": "30.04.", "testat-baustein-3": "1.5."}
        )
        until_2031 = (date(2028, 1, 1), date(2031, 12, 31))
        assert [day.year for day in days(calendar, "fde-nrw", *until_2031)] == [2028]
        assert [day.year for day in days(calendar, "verwendungsnachweis", *until_2031)] == [2028, 2029]
        assert [day.year for day in days(calendar, "testat-baustein-3", *until_2031)] == [2028, 2029, 2030, 2031]

    def test_a_day_the_bescheid_names_counts_even_after_it(self, tmp_path: Path) -> None:
        calendar = overlaid(tmp_path, {"fde-nrw": "15.03.2029"})
        assert days(calendar, "fde-nrw") == [date(2029, 3, 15)]

    def test_a_municipality_adds_deadlines_of_its_own(self, tmp_path: Path) -> None:
        own = {
            "title": "Lenkungsgruppe vorbereiten",
            "what": "Unterlagen an die Leitungen schicken.",
            "roles": ["coordinator"],
            "when": ["01.03.", "01.09."],
            "years": {"last": 2027},
            "lead_days": [10],
        }
        calendar = overlaid(tmp_path, {"lenkungsgruppe": own})
        assert days(calendar, "lenkungsgruppe") == [date(2027, 3, 1), date(2027, 9, 1)]
        added = calendar.by_id("lenkungsgruppe")
        assert added is not None
        assert calendar.lead_days_of(added) == (10,)
        assert list(check_deadlines(KNOWLEDGE, calendar)) == []

    def test_its_own_ones_may_wait_for_their_day(self, tmp_path: Path) -> None:
        own = {"title": "Prüfung der Kommune", "what": "Belege bereitlegen.", "roles": ["administration"]}
        assert [one.id for one in overlaid(tmp_path, {"pruefung": own}).undated()] == [*UNDATED, "pruefung"]

    def test_without_one_all_is_as_the_source_says(self, tmp_path: Path) -> None:
        assert load_deadlines(tmp_path) == OURS

    @pytest.mark.parametrize(
        ("content", "named"),
        [
            ({"verwendungsnachweis": "31.02."}, "deadlines.yml, „verwendungsnachweis“: „31.02.“ ist kein Termin"),
            ({"verwendungsnachweis": "31.02.2027"}, "„31.02.2027“ ist kein Termin"),
            ({"verwendungsnachweis": "29.02.2027"}, "„29.02.2027“ ist kein Termin"),
            ({"verwendungsnachweis": "01.13."}, "„01.13.“ ist kein Termin"),
            ({"verwendungsnachweis": "0.1."}, "„0.1.“ ist kein Termin"),
            ({"verwendungsnachweis": "Ende April"}, "„Ende April“ ist kein Termin"),
            ({"verwendungsnachweis": 30.04}, "„30.04“ ist kein Termin"),
            ({"verwendungsnachweis": ["30.04.", "bald"]}, "„bald“ ist kein Termin"),
            ("verwendungsnachweis: 2027-04-30 09:00:00", "„2027-04-30 09:00:00“ ist kein Termin"),
            ({"verwendungsnachweiß": "30.04."}, "deadlines.yml, „verwendungsnachweiß“: diese Frist gibt es nicht"),
            ({"antrag-folgejahr": "30.09."}, "deadlines.yml, „antrag-folgejahr“: der Termin steht in der FAQ"),
            ({"fde-nrw": {"title": "FDE"}}, "deadlines.yml, „fde-nrw“: die Kennung ist vergeben"),
            ({"eigene": {"title": "Eigene", "what": "Etwas tun."}}, "deadlines.yml, „eigene“, Feld roles fehlt"),
            ({"eigene": {"titel": "Eigene"}}, "deadlines.yml, „eigene“, Feld"),
            ({"Große Frist": {"title": "Große"}}, "deadlines.yml, „Große Frist“, Feld id ist ungültig"),
            (
                {"eigene": {"title": "Eigene", "what": "Etwas tun.", "roles": ["chef"]}},
                "deadlines.yml, „eigene“, Feld roles.0 ist ungültig",
            ),
            (
                {"eigene": {"title": "Eigene", "what": "Etwas tun.", "roles": ["admin"], "lead_days": [-1]}},
                "deadlines.yml, „eigene“, Feld lead_days.0 ist ungültig",
            ),
            ("- fde-nrw", "deadlines.yml: Schlüssel mit Werten werden erwartet"),
            ("fde-nrw: [", "deadlines.yml, Zeile"),
        ],
    )
    def test_what_is_wrong_is_named(self, tmp_path: Path, content: object, named: str) -> None:
        with pytest.raises(KnowledgeError) as refused:
            overlaid(tmp_path, content)
        assert named in str(refused.value)


class TestCheck:
    def changed(self, deadline_id: str, **fields: Any) -> Deadlines:
        def change(deadline: Deadline) -> Deadline:
            return deadline.model_copy(update=fields) if deadline.id == deadline_id else deadline

        return OURS.model_copy(update={"deadlines": tuple(map(change, OURS.deadlines))})

    @pytest.mark.parametrize(
        ("deadline_id", "fields", "finding"),
        [
            ("fde-nrw", {"entry": "faq-99"}, "Frist fde-nrw: unbekannter Eintrag „faq-99“."),
            (
                "antrag-folgejahr",
                {"entry": "faq-28"},
                "Frist antrag-folgejahr: der Eintrag „faq-28“ nennt den Wert „antragsfrist“ nicht.",
            ),
            (
                "antrag-folgejahr",
                {"when": (Yearly(month=10, day=30),)},
                "Frist antrag-folgejahr: ihr Tag ist nicht „Ende Oktober“.",
            ),
            (
                "rueckzahlung-baustein-3",
                {"when": (Yearly(month=3, day=30),)},
                "Frist rueckzahlung-baustein-3: ihr Tag ist nicht „31.03.“.",
            ),
            (
                "foerderperiode-ende",
                {"when": (date(2027, 12, 31),)},
                "Frist foerderperiode-ende: ihr Tag ist nicht „31.12.2028“.",
            ),
        ],
    )
    def test_a_day_that_is_not_the_sources_is_found(
        self, deadline_id: str, fields: dict[str, Any], finding: str
    ) -> None:
        assert list(check_deadlines(KNOWLEDGE, self.changed(deadline_id, **fields))) == [finding]

    def test_a_wrong_limit_of_permits_is_found(self) -> None:
        permit = OURS.permit.model_copy(update={"when": (date(2027, 6, 29),)})
        changed = OURS.model_copy(update={"permit": permit})
        assert list(check_deadlines(KNOWLEDGE, changed)) == ["Frist titel-104c: ihr Tag ist nicht „30.06.2027“."]
