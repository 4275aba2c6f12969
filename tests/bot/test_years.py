"""The whole of 2027 and of 2028 on the injected clock: every deadline is called to mind on its days, at its hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from actions.absences import set_absence
from actions.access import OPERATOR
from actions.occurrences import next_try
from actions.people import by_alias, disable
from actions.preferences import choose_hours
from actions.store.models import Person, Role
from bot.chain import Chain
from bot.runtime.assembly import LOCAL_ALIAS
from tests.actions.test_nudge_days import BY_HAND, free_day
from tests.bot.reminding import Reminded, reminded
from tests.bot.talking import MORNING, text_of

GERMANY = ZoneInfo("Europe/Berlin")
QUARTER, WEEK = timedelta(minutes=15), timedelta(weeks=1)
EIGHT, NINE = time(8), time(9)

TITLES = {
    "antrag-folgejahr": "KIM-Förderung fürs Folgejahr beantragen",
    "auszahlung-erste-rate": "Baustein 3: früheste Auszahlung, erste Rate",
    "auszahlung-zweite-rate": "Baustein 3: Auszahlung, zweite Rate",
    "rueckzahlung-baustein-3": "Baustein 3: Restmittel zurückzahlen",
    "foerderperiode-ende": "Ende der Förderperiode (Baustein 1/2)",
}
SUBSCRIBED = {
    Role.CASE_MANAGER: {"foerderperiode-ende"},
    Role.COORDINATOR: {"antrag-folgejahr", "rueckzahlung-baustein-3", "foerderperiode-ende"},
    Role.ADMINISTRATION: set(TITLES),
    Role.AUTHORITY: {"auszahlung-erste-rate", "auszahlung-zweite-rate", "rueckzahlung-baustein-3"},
    Role.ADMIN: set(),
}

TUESDAY_TO_THURSDAY = {
    2027: (
        # Mon 04.01. and 18.01. and 25.01. go back to the Thursday before; that of the 4th is still in 2026.
        "Do 31.12.2026, Do 14.01.2027, Do 21.01.2027, Do 28.01.2027",
        "Mi 03.03.2027, Mi 17.03.2027, Mi 24.03.2027, Di 30.03.2027",
        "Mi 02.06.2027, Mi 16.06.2027, Mi 23.06.2027, Di 29.06.2027",
        "Do 30.09.2027, Do 14.10.2027, Do 21.10.2027, Do 28.10.2027",
    ),
    2028: (
        "Di 04.01.2028, Di 18.01.2028, Di 25.01.2028, Do 27.01.2028",
        "Do 02.03.2028, Do 16.03.2028, Do 23.03.2028, Do 30.03.2028",
        # 15.06. is Corpus Christi, so the nudge of Friday the 16th goes out on Wednesday.
        "Do 01.06.2028, Mi 14.06.2028, Do 22.06.2028, Do 29.06.2028",
        "Do 30.11.2028, Do 14.12.2028, Do 21.12.2028, Do 28.12.2028",
    ),
}
"""The days of a person of the administration who works from Tuesday to Thursday, in the order of the deadlines."""


@pytest.fixture
def lotse(chain: Chain) -> Reminded:
    with Session(chain.engine) as session:
        local = by_alias(session, LOCAL_ALIAS)
        assert local is not None
        disable(session, by=OPERATOR, person=local, hand_over_to=None, now=MORNING)
        session.commit()
    return reminded(chain)


async def through(lotse: Reminded, start: datetime, end: datetime, *, answer: Callable[[], None]) -> None:
    """Let the clock run, as the ticking does but without the idle time: to whatever is to be tried next, and to the
    planning once a week and a quarter of an hour after anything was sent."""
    lotse.clock.now = planning = start
    while lotse.clock() < end:
        if lotse.clock() == planning:
            lotse.plan()
            planning += WEEK
        before = len(lotse.post.got)
        await lotse.tick()
        if len(lotse.post.got) > before:
            planning = lotse.clock() + QUARTER
            answer()
        with Session(lotse.chain.engine) as session:
            lotse.clock.now = min(planning, next_try(session) or planning)


def almost(year: int) -> datetime:
    """Noon (UTC) of the last day but one before that year."""
    return datetime(year - 1, 12, 30, 12, tzinfo=UTC)


def by_hand(year: int) -> Iterator[tuple[str, date, list[str]]]:
    """The deadlines of a year: id, day, and the written days on which they are called to mind."""
    for key, days in BY_HAND.items():
        deadline_id, _, iso = key.partition("/")
        if iso.startswith(f"{year}-"):
            yield deadline_id, date.fromisoformat(iso), days.split(", ")


def read(written: str) -> date:
    """The day of "Fr 01.10.2027"."""
    return datetime.strptime(written[3:], "%d.%m.%Y").replace(tzinfo=GERMANY).date()


def line(deadline_id: str, deadline: date, day: date) -> str:
    """What a notification of that day says about a deadline."""
    left = (deadline - day).days
    return f"{TITLES[deadline_id]}: {deadline:%d.%m.%Y}, {'morgen' if left == 1 else f'in {left} Tagen'}"


def expected(role: Role, year: int) -> list[tuple[date, time, str]]:
    """The messages of a year to a person of that role, at the usual times."""
    subscribed = [one for one in by_hand(year) if one[0] in SUBSCRIBED[role]]
    return messages(subscribed, overview=EIGHT, nudge=NINE)


def messages(
    told: Iterable[tuple[str, date, list[str]]], *, overview: time, nudge: time
) -> list[tuple[date, time, str]]:
    """Local day and hour, and what is said: in the overview of the day and then by itself."""
    said = [(read(written), line(name, deadline, read(written))) for name, deadline, days in told for written in days]
    return sorted(
        [(day, overview, f"Heute fällig: {text}") for day, text in said] + [(day, nudge, text) for day, text in said]
    )


def received(lotse: Reminded, person: Person) -> list[tuple[date, time, str]]:
    """What reached a person, in order: local day and hour, and what it says of deadlines."""
    mine = [(at.astimezone(GERMANY), text_of(turn)) for to, at, turn in lotse.post.got if to == person.alias]
    return sorted((at.date(), at.time(), in_a_line(text)) for at, text in mine)


def in_a_line(text: str) -> str:
    """A nudge or overview without headline and bullets."""
    headline, *rest = filter(None, text.splitlines())
    assert headline in ("Frist", "Guten Morgen")
    return " ".join(one.removeprefix("• ") for one in rest)


def answering(lotse: Reminded, *people: Person) -> Callable[[], None]:
    """Each of these taps "Erledigt" under whatever nudge they got, at once."""
    answered = 0

    def answer() -> None:
        nonlocal answered
        for to, _, turn in lotse.post.got[answered:]:
            if "Guten Morgen" not in text_of(turn):
                said = lotse.taps(next(person for person in people if person.alias == to), "Erledigt")
                assert said.text.startswith("✓")
        answered = len(lotse.post.got)

    return answer


@pytest.mark.parametrize("year", [2027, 2028])
async def test_every_deadline_of_the_year_is_nudged_on_its_days_at_nine_by_the_german_clock(
    lotse: Reminded, year: int
) -> None:
    """One person of every role, and one who works from Tuesday to Thursday, from six to half past eight."""
    people = {role: lotse.enrol(role.replace("_", "-"), role) for role in Role}
    part_time = lotse.enrol("teilzeit", Role.ADMINISTRATION)
    works(lotse, part_time, days={1, 2, 3}, starts=time(6), ends=time(8, 30))
    answer = answering(lotse, part_time, *people.values())
    await through(lotse, almost(year), almost(year + 1), answer=answer)
    for role, person in people.items():
        assert received(lotse, person) == expected(role, year), role
    told = [
        (name, day, written.split(", "))
        for (name, day, _), written in zip(by_hand(year), TUESDAY_TO_THURSDAY[year], strict=True)
    ]
    assert received(lotse, part_time) == messages(told, overview=time(6), nudge=time(8, 30))
    assert not [at for _, at, _ in lotse.post.got if free_day(at.astimezone(GERMANY).date())]


def works(lotse: Reminded, person: Person, *, days: set[int], starts: time, ends: time) -> None:
    defaults = lotse.chain.requests.practice.casework.reminders
    with Session(lotse.chain.engine) as session:
        choose_hours(session, person=person, days=days, starts=starts, ends=ends, defaults=defaults)
        session.commit()


def stands_in(lotse: Reminded, deputy: Person, *, absent: Person, first: date, last: date) -> None:
    with Session(lotse.chain.engine) as session:
        set_absence(
            session, by=OPERATOR, person=absent, deputy=deputy, first_day=first, last_day=last, now=lotse.clock()
        )
        session.commit()


def nobody_answers() -> None:
    """Nothing is tapped."""


def hours(lotse: Reminded, person: Person, day: date) -> list[str]:
    """When anything reached a person on a day, by the German clock."""
    mine = [at.astimezone(GERMANY) for at in lotse.post.times(person.alias)]
    return [f"{at:%H:%M}" for at in mine if at.date() == day]


async def test_what_nobody_acknowledges_comes_once_more_that_day_and_then_each_working_morning(
    lotse: Reminded,
) -> None:
    """October 2027, with the nudges on the 1st, 15th, 22nd and 29th; the 1st of November is a holiday."""
    anna = lotse.enrol("anna", Role.ADMINISTRATION)
    start, end = datetime(2027, 9, 30, 12, tzinfo=UTC), datetime(2027, 11, 4, 12, tzinfo=UTC)
    await through(lotse, start, end, answer=nobody_answers)
    first, last = date(2027, 10, 1), date(2027, 11, 4)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    nudged = {date(2027, 10, day) for day in (1, 15, 22, 29)}
    for day in days:
        wanted = [] if free_day(day) else ["08:00", "09:00", "13:00"] if day in nudged else ["08:00"]
        assert hours(lotse, anna, day) == wanted, day
    texts = lotse.post.texts("anna")
    assert "Noch nicht als erledigt markiert" in texts[2]
    assert "Noch offen:\n• KIM-Förderung fürs Folgejahr beantragen: 31.10.2027, in 27 Tagen" in texts[3]
    assert "31.10.2027, vorbei" in texts[-1]


async def test_one_tap_answers_for_the_deadline_however_often_it_was_nudged(lotse: Reminded) -> None:
    anna = lotse.enrol("anna", Role.ADMINISTRATION)
    start, middle = datetime(2027, 9, 30, 12, tzinfo=UTC), datetime(2027, 10, 15, 8, tzinfo=UTC)
    await through(lotse, start, middle, answer=nobody_answers)
    lotse.taps(anna, "Erledigt")
    lotse.post.got.clear()
    await through(lotse, middle, datetime(2027, 10, 22, 5, tzinfo=UTC), answer=nobody_answers)
    assert lotse.post.texts("anna") == []


async def test_whoever_begins_at_ten_is_nudged_at_ten(lotse: Reminded) -> None:
    anna = lotse.enrol("anna", Role.ADMINISTRATION)
    works(lotse, anna, days={0, 1, 2, 3, 4}, starts=time(10), ends=time(14))
    start = datetime(2027, 9, 30, 12, tzinfo=UTC)
    await through(lotse, start, datetime(2027, 10, 1, 22, tzinfo=UTC), answer=nobody_answers)
    assert set(hours(lotse, anna, date(2027, 10, 1))) == {"10:00", "14:00"}


async def test_what_falls_on_the_same_hour_is_one_message(lotse: Reminded) -> None:
    anna = lotse.enrol("anna", Role.ADMINISTRATION)
    start = datetime(2027, 9, 24, 12, tzinfo=UTC)
    lotse.clock.now = start
    lotse.says(anna, "erinner mich am 1.10. an den haushalt")
    await through(lotse, start, datetime(2027, 10, 1, 8, tzinfo=UTC), answer=nobody_answers)
    assert hours(lotse, anna, date(2027, 10, 1)) == ["08:00", "09:00"]
    text = lotse.post.texts("anna")[-1]
    assert "2 Erinnerungen" in text
    assert line("antrag-folgejahr", date(2027, 10, 31), date(2027, 10, 1)) in text
    assert "2 Erinnerungen sind" in lotse.taps(anna, "Diese 2 sind erledigt").text
    await through(lotse, lotse.clock(), datetime(2027, 10, 4, 8, tzinfo=UTC), answer=nobody_answers)
    assert len(lotse.post.texts("anna")) == 2, "acknowledged, so not once more"


async def test_the_deputy_of_somebody_absent_is_nudged_once(lotse: Reminded) -> None:
    """Both look after the application; in the last week before it one is away."""
    anna, ben = lotse.enrol("anna", Role.COORDINATOR), lotse.enrol("ben", Role.COORDINATOR)
    carla = lotse.enrol("carla", Role.AUTHORITY)
    start = datetime(2027, 10, 15, 12, tzinfo=UTC)
    lotse.clock.now = start
    stands_in(lotse, ben, absent=anna, first=date(2027, 10, 25), last=date(2027, 10, 31))
    await through(lotse, start, datetime(2027, 11, 3, 12, tzinfo=UTC), answer=answering(lotse, anna, ben, carla))
    assert [at.astimezone(GERMANY).day for at in lotse.post.times("anna")] == [22, 22]
    said = line("antrag-folgejahr", date(2027, 10, 31), date(2027, 10, 29))
    assert hours(lotse, ben, date(2027, 10, 29)) == ["08:00", "09:00"]
    assert lotse.post.texts("ben")[-1].count(said) == 1


async def test_a_deputy_without_that_deadline_gets_it_while_somebody_is_absent(lotse: Reminded) -> None:
    anna, carla = lotse.enrol("anna", Role.COORDINATOR), lotse.enrol("carla", Role.AUTHORITY)
    start = datetime(2027, 10, 15, 12, tzinfo=UTC)
    lotse.clock.now = start
    stands_in(lotse, carla, absent=anna, first=date(2027, 10, 25), last=date(2027, 10, 31))
    await through(lotse, start, datetime(2027, 11, 3, 12, tzinfo=UTC), answer=answering(lotse, anna, carla))
    assert lotse.post.times("carla")[-1].astimezone(GERMANY) == datetime(2027, 10, 29, 9, tzinfo=GERMANY)
    assert lotse.post.texts("carla")[-1].count("31.10.2027") == 1
