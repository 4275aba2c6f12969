"""What is published of the counts: for the coordination only, and nothing from which a small count can be reckoned."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import product

import pytest
from sqlmodel import Session

from actions.access import NotAllowedError
from actions.statistics import (
    Cell,
    Figure,
    Kind,
    PeriodError,
    Published,
    count_in,
    published,
    statistics,
    statistics_by_month,
    summed,
)
from actions.store.models import Role
from knowledge.needs import Need, Needs, ReferralTarget
from tests.actions.conftest import NOW, TODAY, Enrol, OpenCase, acting
from tests.actions.talks import NEEDS, logged

NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)
FEW = Needs(
    needs=[Need(title="A", words=["a"]), Need(title="B", words=["b"])],
    referrals=[ReferralTarget(title="X", words=["x"]), ReferralTarget(title="Y", words=["y"])],
    channels=[],
)
SMALL = Figure(0, 4)


def counted_in(session: Session, month: date, form: str = "short", times: int = 1, **values: int) -> None:
    """Talks of a month, that many of them with a need of this name."""
    cells = [Cell(month, form, "talks", "")] * times
    cells += [Cell(month, form, "need", need) for need, many in values.items() for _ in range(many)]
    count_in(session, cells)


def figures(rows: list[Published], kind: Kind, form: str = "short") -> dict[str, Figure]:
    return {row.value: row.figure for row in rows if row.kind == kind and row.form == form}


class TestPublished:
    def test_purged_talks_and_those_still_here_are_counted_together(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        anna, boss = person("anna"), person("boss", Role.COORDINATOR)
        opened(anna)
        counted_in(session, NOVEMBER, times=4, Wohnen=4)
        logged(session, anna, topics=("Wohnen",), gap="kein Kurs")
        rows = statistics(session, by=acting(boss), from_month=TODAY, to_month=TODAY, needs=NEEDS, smallest=5)
        assert figures(rows, "talks") == {"": Figure(5, 5)}
        needs = figures(rows, "need")
        assert needs["Wohnen"] == Figure(5, 5)
        assert list(needs) == [need.title for need in NEEDS.needs]
        assert {figure for need, figure in needs.items() if need != "Wohnen"} == {SMALL}
        assert figures(rows, "gap") == {"": SMALL}
        assert set(figures(rows, "referral")) == {target.title for target in NEEDS.referrals}

    def test_only_the_months_asked_for(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        anna, boss = person("anna"), person("boss", Role.COORDINATOR)
        opened(anna)
        counted_in(session, OCTOBER, times=9, Arbeit=9)
        for number in range(6):
            logged(session, anna, f"e{number}", topics=("Wohnen",), day=TODAY - timedelta(days=number))
            logged(session, anna, f"o{number}", topics=("Wohnen",), day=OCTOBER + timedelta(days=number))

        def talks(first: date, last: date) -> list[tuple[date | None, str, str]]:
            rows = statistics_by_month(
                session, by=acting(boss), from_month=first, to_month=last, needs=NEEDS, smallest=5
            )
            return [(row.month, row.form, str(row.figure)) for row in rows if row.kind == "talks"]

        assert talks(NOVEMBER, NOVEMBER) == [(NOVEMBER, "short", "6")]
        assert talks(OCTOBER, OCTOBER) == [(OCTOBER, "short", "15")]
        assert talks(date(2026, 10, 31), TODAY) == [(OCTOBER, "short", "15"), (NOVEMBER, "short", "6")]
        assert talks(date(2027, 1, 1), date(2027, 2, 1)) == []

    def test_forms_are_apart(self, session: Session, person: Enrol) -> None:
        boss = person("boss", Role.COORDINATOR)
        counted_in(session, NOVEMBER, times=7, Wohnen=7)
        counted_in(session, NOVEMBER, "case_management", times=2, Wohnen=2)
        rows = statistics(session, by=acting(boss), from_month=TODAY, to_month=TODAY, needs=NEEDS, smallest=5)
        assert figures(rows, "talks") == {"": Figure(7, 7)}
        assert figures(rows, "talks", "case_management") == {"": SMALL}

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.COORDINATOR])
    def test_other_roles_see_none(self, session: Session, person: Enrol, role: Role) -> None:
        with pytest.raises(NotAllowedError):
            statistics(session, by=acting(person("x", role)), from_month=TODAY, to_month=TODAY, needs=NEEDS, smallest=5)

    def test_a_period_that_ends_before_it_begins_is_refused(self, session: Session, person: Enrol) -> None:
        boss = person("boss", Role.COORDINATOR)
        with pytest.raises(PeriodError):
            statistics(session, by=acting(boss), from_month=NOVEMBER, to_month=OCTOBER, needs=NEEDS, smallest=5)

    def test_a_need_that_the_data_no_longer_holds_is_shown_if_it_is_large(self) -> None:
        counts: dict[tuple[Kind, str], int] = {
            ("talks", ""): 9,
            ("need", "A"): 9,
            ("need", "alt"): 6,
            ("need", "neu"): 2,
        }
        shown = published(counts, needs=FEW, smallest=5)
        assert shown["need", "alt"] == Figure(6, 6)
        assert ("need", "neu") not in shown


class TestFigures:
    @pytest.mark.parametrize(
        ("figure", "text"),
        [
            (Figure(12, 12), "12"),
            (Figure(0, 0), "0"),
            (Figure(0, 4), "<5"),
            (Figure(0, 8), "<9"),
            (Figure(8, 12), "8–12"),
            (Figure(8, None), "mindestens 8"),
            (Figure(0, None), "k. A."),
        ],
    )
    def test_read_as_what_is_known(self, figure: Figure, text: str) -> None:
        assert str(figure) == text

    def test_a_sum_adds_only_what_was_published(self) -> None:
        months = [Figure(7, 7), SMALL, Figure(9, 9)]
        rows = [Published(NOVEMBER, "short", "need", "A", figure) for figure in months]
        assert [row.figure for row in summed(rows)] == [Figure(16, 20)]
        unknown = Published(NOVEMBER, "short", "need", "A", Figure(2, None))
        assert [row.figure for row in summed([*rows, unknown])] == [Figure(18, None)]
        assert {row.month for row in summed(rows)} == {None}


class TestNothingLeaks:
    @pytest.mark.parametrize(("smallest", "most"), [(3, 5), (4, 5)])
    def test_no_small_count_follows_from_all_that_is_published(self, smallest: int, most: int) -> None:
        """Every possible month of two needs and two referrals: whoever knows the rules and sees the figures still
        cannot tell any small count that is not zero."""
        worlds: dict[tuple[object, ...], list[dict[tuple[Kind, str], int]]] = defaultdict(list)
        for counts in possible_months(most):
            shown = published(counts, needs=FEW, smallest=smallest)
            worlds[tuple(shown.items())].append(counts)
        checked = 0
        for months in worlds.values():
            for key in months[0]:
                values = {counts[key] for counts in months}
                if min(values) > 0 and max(values) < smallest:
                    checked += 1
                    assert len(values) > 1, (key, months)
        assert len(worlds) > 100
        assert checked

    @pytest.mark.parametrize("smallest", [3, 5])
    def test_what_is_small_is_told_from_no_other(self, smallest: int) -> None:
        for counts in possible_months(4):
            shown = published(counts, needs=FEW, smallest=smallest)
            for key, figure in shown.items():
                assert figure.low <= counts[key]
                assert figure.high is None or counts[key] <= figure.high
                if 0 <= counts[key] < smallest:
                    assert figure.low == 0
                    assert figure.high in (smallest - 1, None)


def possible_months(most: int) -> list[dict[tuple[Kind, str], int]]:
    """All counts that talks can have, each with one need or both, with one referral at most, with or without a gap."""
    months: list[dict[tuple[Kind, str], int]] = []
    for a, b in product(range(most + 1), repeat=2):
        for talks in range(max(a, b, 1), a + b + 1):
            for x in range(talks + 1):
                for y in range(talks - x + 1):
                    for gap in range(talks + 1):
                        months.append(
                            {
                                ("talks", ""): talks,
                                ("need", "A"): a,
                                ("need", "B"): b,
                                ("referral", "X"): x,
                                ("referral", "Y"): y,
                                ("gap", ""): gap,
                            }
                        )
    return months


def test_counting_in_adds_to_what_is_there(session: Session, person: Enrol) -> None:
    boss = person("boss", Role.COORDINATOR)
    counted_in(session, NOVEMBER, times=3, Wohnen=3)
    counted_in(session, NOVEMBER, times=3, Wohnen=3)
    session.commit()
    rows = statistics(session, by=acting(boss), from_month=NOW.date(), to_month=TODAY, needs=NEEDS, smallest=5)
    assert figures(rows, "talks") == {"": Figure(6, 6)}
