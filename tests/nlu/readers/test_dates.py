"""Days of talks, days of absence, and when something is due."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.readers.dates import read_due, read_past_day, read_period
from nlu.readers.results import ZONE, Ambiguous, Day, Due, Impossible, InFuture, InPast, Period
from tests.nlu.readers.conftest import NOW, QUICK, messages

MORNING = datetime(2026, 3, 27, 10, 12, tzinfo=ZONE)
MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
WEEKDAYS = "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"
days = st.dates(date(2020, 1, 1), date(2039, 12, 31))

PAST = {
    "heute": "2026-03-27",
    "gestern": "2026-03-26",
    "vorgestern": "2026-03-25",
    "letzten Freitag": "2026-03-20",
    "am Freitag": "2026-03-20",
    "am 3.": "2026-03-03",
    "3.3.": "2026-03-03",
    "03.03.26": "2026-03-03",
    "12. März": "2026-03-12",
    "vor einer Woche": "2026-03-20",
    "vor 3 Tagen": "2026-03-24",
    "letzte Woche Dienstag": "2026-03-17",
    "heut": "2026-03-27",
    "heute morgen": "2026-03-27",
    "3.3. 20 min": "2026-03-03",
    "am 3.3.2026": "2026-03-03",
    "2026-03-04": "2026-03-04",
    "fr 20 min": "2026-03-20",
    "di 20 min": "2026-03-24",
    "am 31.12.": "2025-12-31",
    "vorletzten Montag": "2026-03-16",
    "mo": "2026-03-23",
}
DUE = {
    "ende 2027": "2027-12-31",
    "am ersten advent, 29.11.": "2026-11-29",
    "ultimo mai": "2026-05-31",
    "ende des monats oktober": "2026-10-31",
    "im september mitte": "2026-09-15",
    "am letzten februartag": "2027-02-28",
    "am monatsletzten": "2026-03-31",
    "am 12.4. nächstes jahr": "2027-04-12",
    "übernächsten monat am 13.": "2026-05-13",
    "in knapp drei monaten": "2026-06-27",
    "nächsten donnerstach": "2026-04-02",
    "montag geht nicht, dienstag um elf": "2026-03-31T11:00:00+02:00",
    "nicht heute, sondern übermorgen": "2026-03-29",
    "in drei tagen, nein in vier tagen": "2026-03-31",
    "um zwei, also 14 uhr": "2026-03-27T14:00:00+01:00",
    "sonntag wird umgestellt, montag 7:55 alle uhren": "2026-03-30T07:55:00+02:00",
    "im urlaub bis 10.5., danach am 11.5.": "2026-05-11",
    "3 tage nach dem 20.4.": "2026-04-23",
    "am 31.12. ist ende, drei monate vorher also 30.9.": "2026-09-30",
    "30.6. 16 uhr, eine stunde vorher": "2026-06-30T15:00:00+02:00",
    "nächsten Dienstag 9 uhr": "2026-03-31T09:00:00+02:00",
    "in 3 wochen": "2026-04-17",
    "ende oktober": "2026-10-31",
    "am 31.3.": "2026-03-31",
    "in einem halben jahr": "2026-09-27",
    "freitag um halb zehn": "2026-04-03T09:30:00+02:00",
    "in 6 wochen": "2026-05-08",
    "morgen früh": "2026-03-28",
    "übermorgen 14:30": "2026-03-29T14:30:00+02:00",
    "heute abend": "2026-03-27",
    "in 2 stunden": "2026-03-27T12:12:00+01:00",
    "in einer dreiviertelstunde": "2026-03-27T10:57:00+01:00",
    "viertel nach acht": "2026-03-28T08:15:00+01:00",
    "drei viertel zehn": "2026-03-28T09:45:00+01:00",
    "um 11": "2026-03-27T11:00:00+01:00",
    "WV 6 wochen": "2026-05-08",
    "am 1.12. um 9.15": "2026-12-01T09:15:00+01:00",
    "am 27. um 9": "2026-04-27T09:00:00+02:00",
    "in einer halben stunde": "2026-03-27T10:42:00+01:00",
    "in 20 min": "2026-03-27T10:32:00+01:00",
    "mittwoch, 1.4., 10 uhr": "2026-04-01T10:00:00+02:00",
    "montag früh um 8": "2026-03-30T08:00:00+02:00",
    "morgen um 9": "2026-03-28T09:00:00+01:00",
    "naechste woche": "2026-03-30",
    "nächste woche mi 15 uhr": "2026-04-01T15:00:00+02:00",
    "in 1 monat": "2026-04-27",
    "in zwei tagen": "2026-03-29",
    "in 24 stunden": "2026-03-28T10:12:00+01:00",
    "nächsten monat": "2026-04-01",
    "am 1. april 2027": "2027-04-01",
    "bis 15.4.": "2026-04-15",
    "am donerstag": "2026-04-02",
    "15.04.26 14h30": "2026-04-15T14:30:00+02:00",
    "am 9.4. 9 uhr": "2026-04-09T09:00:00+02:00",
    "heute in einer woche": "2026-04-03",
    "diese woche": "2026-03-27",
    "am montag den 13.4.": "2026-04-13",
    "in der kw 20": "2026-05-11",
    "mitte des monats": "2026-04-15",
    "di in 2 wochen": "2026-04-14",
    "dienstag in zwei wochen": "2026-04-14",
    "in acht tagen": "2026-04-04",
    "in 3 monaten um 10 uhr": "2026-06-27T10:00:00+02:00",
    "übernächste woche": "2026-04-06",
    "zum 1.7.": "2026-07-01",
    "1. Juli": "2026-07-01",
    "um 15h": "2026-03-27T15:00:00+01:00",
    "am 05.05.": "2026-05-05",
    "anfang kommender woche": "2026-03-30",
    "in einem jahr": "2027-03-27",
    "in nem monat": "2026-04-27",
    "morgn": "2026-03-28",
    "in 6 monatn": "2026-09-27",
    "in drei Wochen am Mittwoch": "2026-04-15",
}
PERIODS = {
    "vom 1.12. bis 14.12.": "2026-12-01 2026-12-14",
    "nächste woche": "2026-03-30 2026-04-05",
    "morgen": "2026-03-28 2026-03-28",
    "1.-14.12.": "2026-12-01 2026-12-14",
    "ab montag bis freitag": "2026-03-30 2026-04-03",
    "bis ende des monats": "2026-03-27 2026-03-31",
    "vom 20.3. bis 3.4.": "2026-03-20 2026-04-03",
    "28.12.-3.1.": "2026-12-28 2027-01-03",
    "vom 1. bis 14. april": "2026-04-01 2026-04-14",
    "ab montag": "2026-03-30 None",
    "ab morgen für eine woche": "2026-03-28 2026-04-03",
    "2 wochen ab montag": "2026-03-30 2026-04-12",
    "die nächsten 3 tage": "2026-03-27 2026-03-29",
    "bis freitag": "2026-03-27 2026-04-03",
    "im august": "2026-08-01 2026-08-31",
    "heute": "2026-03-27 2026-03-27",
    "vom 27.3. bis 3.4.": "2026-03-27 2026-04-03",
    "ich bin vom 13.07.2026 bis 31.07.2026 im urlaub": "2026-07-13 2026-07-31",
    "urlaub 13.7.-31.7.": "2026-07-13 2026-07-31",
    "nächste woche montag bis mittwoch": "2026-03-30 2026-04-01",
    "krank bis 3.4.": "2026-03-27 2026-04-03",
    "kw 31": "2026-07-27 2026-08-02",
    "heute und morgen": "2026-03-27 2026-03-28",
    "1.12.26 bis 14.12.26": "2026-12-01 2026-12-14",
}


@pytest.mark.parametrize(("said", "day"), PAST.items())
def test_the_day_of_a_talk_is_the_last_such_day(said: str, day: str) -> None:
    assert read_past_day(said, NOW) == Day(date.fromisoformat(day))


@pytest.mark.parametrize("said", ["31.02.", "30.2.", "am 31.4.2026", "32. märz", "29.2.2026", "am 32."])
def test_days_on_no_calendar_are_named(said: str) -> None:
    assert isinstance(read_past_day(said, NOW), Impossible)
    assert isinstance(read_due(said, NOW), Impossible)


@pytest.mark.parametrize(
    ("said", "day"), [("morgen", "2026-03-28"), ("am 3.4.", "2026-04-03"), ("nächsten Montag", "2026-03-30")]
)
def test_a_talk_still_to_come_is_no_day_of_a_talk(said: str, day: str) -> None:
    found = read_past_day(said, NOW)
    assert isinstance(found, InFuture)
    assert found.day == date.fromisoformat(day)


@pytest.mark.parametrize(
    "said", ["", "wohnung und sprachkurs", "2.5 stunden", "guten morgen", "seit 3.3. krank", "so ein tag"]
)
def test_where_no_day_is_said_none_is_read(said: str) -> None:
    assert read_past_day(said, NOW) is None


def test_a_week_is_no_day() -> None:
    week = tuple(date(2026, 3, 16) + timedelta(days=later) for later in range(7))
    assert read_past_day("letzte woche", NOW) == Ambiguous("letzte woche", week)


def test_a_part_of_today_is_today() -> None:
    assert read_past_day("heute nachmittag", NOW) == Day(NOW.date())


@pytest.mark.parametrize("said", ["vor einer stunde", "vor 20 min", "vorhin", "gerade mit ihr gesprochen"])
def test_without_a_day_word_there_is_no_day(said: str) -> None:
    assert read_past_day(said, NOW) is None


def test_a_weekday_that_contradicts_its_date_leaves_both() -> None:
    assert read_due("freitag, 4.4.", NOW) == Ambiguous("freitag, 4.4.", (date(2026, 4, 3), date(2026, 4, 4)))


@pytest.mark.parametrize(("said", "iso"), DUE.items())
def test_when_something_is_due(said: str, iso: str) -> None:
    due = read_due(said, MORNING)
    assert isinstance(due, Due)
    assert due.iso() == iso


@pytest.mark.parametrize("said", ["gestern", "am 3.3.2025", "heute 8 uhr", "letzten freitag"])
def test_what_is_over_cannot_be_due(said: str) -> None:
    assert isinstance(read_due(said, MORNING), InPast)


def test_todays_number_means_today_or_next_month() -> None:
    assert read_due("am 27.", MORNING) == Ambiguous("am 27.", (date(2026, 3, 27), date(2026, 4, 27)))
    assert read_due("27.3.", MORNING) == Ambiguous("27.3.", (date(2026, 3, 27), date(2027, 3, 27)))


@pytest.mark.parametrize(
    ("today", "said", "day"),
    [
        ((2026, 8, 31), "in 6 monaten", (2027, 2, 28)),
        ((2027, 8, 31), "in 6 monaten", (2028, 2, 29)),
        ((2026, 1, 31), "in einem monat", (2026, 2, 28)),
        ((2028, 2, 29), "in einem jahr", (2029, 2, 28)),
        ((2026, 8, 31), "in einem halben jahr", (2027, 2, 28)),
    ],
)
def test_spans_of_months_end_on_the_last_day_where_needed(
    today: tuple[int, int, int], said: str, day: tuple[int, int, int]
) -> None:
    assert read_due(said, datetime(*today, 12, tzinfo=ZONE)) == Due(date(*day))


def test_hours_count_across_the_clock_change() -> None:
    due = read_due("in 2 stunden", datetime(2026, 3, 29, 1, 30, tzinfo=ZONE))
    assert isinstance(due, Due)
    assert due.iso() == "2026-03-29T04:30:00+02:00"


@pytest.mark.parametrize(("said", "days"), PERIODS.items())
def test_days_of_absence(said: str, days: str) -> None:
    period = read_period(said, MORNING)
    assert isinstance(period, Period)
    assert f"{period.first} {period.last}" == days


def test_an_absence_on_no_calendar_or_over_is_named() -> None:
    assert isinstance(read_period("31.2. bis 3.3.", NOW), Impossible)
    assert isinstance(read_period("vom 3.3.2026 bis 1.3.2026", NOW), Impossible)
    assert isinstance(read_period("vom 1.3.2025 bis 3.3.2025", NOW), InPast)
    assert read_period("keine ahnung", NOW) is None


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        read_due("morgen", datetime(2026, 3, 27))  # noqa: DTZ001


def written(day: date) -> list[str]:
    """One day in many ways, with its year."""
    month, weekday = MONTHS.split()[day.month - 1], WEEKDAYS.split()[day.weekday()]
    return [
        f"{day:%d.%m.%Y}",
        f"am {day.day}.{day.month}.{day:%y}",
        f"{day.day}. {day.month}. {day.year}",
        f"{day:%Y-%m-%d}",
        f"{day.day}. {month} {day.year}",
        f"{day.day}.{month.lower()} {day.year}".replace("ä", "ae"),
        f"{day.day} {month[:3]} {day.year}",
        f"{weekday}, den {day:%d.%m.%Y}",
        f"{weekday[:2].lower()} {day.day}.{day.month}.{day.year}",
        f"{day:%d/%m/%Y}",
    ]


@QUICK
@given(days)
def test_a_day_is_read_back_in_any_format(day: date) -> None:
    before = datetime(2019, 12, 31, 12, tzinfo=ZONE)
    after = datetime(2040, 1, 1, 12, tzinfo=ZONE)
    for said in written(day):
        assert read_due(f"erinnerung {said} bericht", before) == Due(day), said
        assert read_past_day(f"{said} 20 min tel", after) == Day(day), said


@QUICK
@given(days, st.integers(1, 120))
def test_a_day_without_a_year_is_the_next_such_day(today: date, later: int) -> None:
    day = today + timedelta(days=later)
    now = datetime(today.year, today.month, today.day, 12, tzinfo=ZONE)
    assert read_due(f"am {day.day}.{day.month}.", now) == Due(day)
    assert read_past_day(f"am {today.day}.{today.month}.", now) == Day(today)


@QUICK
@given(days, st.integers(1, 240))
def test_months_keep_the_day_or_end_with_the_month(today: date, months: int) -> None:
    due = read_due(f"in {months} monaten", datetime(today.year, today.month, today.day, 12, tzinfo=ZONE))
    assert isinstance(due, Due)
    assert (due.day.year - today.year) * 12 + due.day.month - today.month == months
    assert due.day.day == min(today.day, calendar.monthrange(due.day.year, due.day.month)[1])


@QUICK
@given(messages, st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_due_is_never_before_now(text: str, moment: datetime) -> None:
    now = moment.replace(tzinfo=ZONE)
    due = read_due(text, now)
    if isinstance(due, Due):
        assert due.day >= now.date()
        assert due.clock is None or due.day > now.date() or due.clock >= now.time().replace(second=0, microsecond=0)


@QUICK
@given(messages, st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_a_talk_is_never_after_now_and_an_absence_never_ends_before_it_begins(text: str, moment: datetime) -> None:
    now = moment.replace(tzinfo=ZONE)
    talk, period = read_past_day(text, now), read_period(text, now)
    assert not isinstance(talk, Day) or talk.day <= now.date()
    assert not isinstance(period, Period) or period.last is None or period.first <= period.last
