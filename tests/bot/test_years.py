"""The whole of 2027 and of 2028 on the injected clock: every deadline is called to mind on its days, at its hour."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from actions.access import OPERATOR
from actions.occurrences import next_try
from actions.operations import SetAbsence
from actions.people import by_alias, disable
from actions.preferences import choose_hours
from actions.store.models import Person, Role
from bot.chain import Chain
from bot.runtime.assembly import LOCAL_ALIAS
from tests.actions.test_nudge_days import BY_HAND, free_day
from tests.bot.reminding import Reminded, reminded
from tests.bot.talking import MORNING, text_of

GERMANY = ZoneInfo("Europe/Berlin")
QUARTER = timedelta(minutes=15)
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
    planning at every midnight and in the quarter of an hour after anything was sent."""
    lotse.clock.now = start
    lotse.plan()
    planning = start
    while True:
        with Session(lotse.chain.engine) as session:
            due = next_try(session)
        midnight = datetime.combine(lotse.clock().astimezone(GERMANY).date() + timedelta(days=1), time.min, GERMANY)
        at = min(moment for moment in (due, planning, midnight.astimezone(UTC)) if moment and moment > lotse.clock())
        if at >= end:
            return
        lotse.clock.now = at
        if at == planning or at == midnight:
            lotse.plan()
        before = len(lotse.post.got)
        await lotse.tick()
        if len(lotse.post.got) > before:
            planning = at + QUARTER
            answer()


def new_years_eve(before: int) -> datetime:
    """Noon (UTC) of the last day before that year."""
    return datetime(before - 1, 12, 31, 12, tzinfo=UTC)


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
    """The messages of a year: local day and hour, and what is said; on its day also in the morning's overview."""
    told = []
    for deadline_id, deadline, days in by_hand(year):
        if deadline_id in SUBSCRIBED[role]:
            for day in map(read, days):
                said = line(deadline_id, deadline, day)
                told += [(day, EIGHT, f"Heute fällig: {said}"), (day, NINE, said)]
    return sorted(told)


def received(lotse: Reminded, person: Person) -> list[tuple[date, time, str]]:
    """What reached a person: local day and hour, and what it says of deadlines."""
    mine = [(at.astimezone(GERMANY), text_of(turn)) for to, at, turn in lotse.post.got if to == person.alias]
    return [(at.date(), at.time(), in_a_line(text)) for at, text in mine]


def in_a_line(text: str) -> str:
    """A nudge or overview without headline and bullets."""
    headline, *rest = filter(None, text.splitlines())
    assert headline in ("Frist", "Guten Morgen")
    return " ".join(re.sub(r"^• Frist \((.*)\)$", r"\1", one) for one in rest)


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
    people = {role: lotse.enrol(role.replace("_", "-"), role) for role in Role}
    await through(lotse, new_years_eve(year), new_years_eve(year + 1), answer=answering(lotse, *people.values()))
    for role, person in people.items():
        assert received(lotse, person) == expected(role, year), role
    assert not [at for _, at, _ in lotse.post.got if free_day(at.astimezone(GERMANY).date())]
