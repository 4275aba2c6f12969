"""Counts of talks without cases or people: kept when entries are purged, and published so that none points to a person.

What is published are single months. A sum over months adds only what was published of each, so that no two questions
can be held against each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from sqlmodel import Session, col, select, update

from actions.access import Actor, Permission, require
from actions.store.models import Consultation, Statistic
from knowledge.errors import LotseError
from knowledge.needs import Needs

Kind = Literal["talks", "need", "referral", "gap"]


class PeriodError(LotseError):
    """A period that ends before it begins."""


class Cell(NamedTuple):
    """What is counted: talks of a month (its first day) and form, with a need, with a referral, with a gap noted.

    `value` is the name of the need or referral, else empty.
    """

    month: date
    form: str
    kind: Kind
    value: str


class Figure(NamedTuple):
    """What is said of a count: that it is from `low` to `high`; without `high` it may be any number from `low` on."""

    low: int
    high: int | None

    def __str__(self) -> str:
        """ "12", "<5" for what is too small to be shown, "8–12" for sums with such counts, "mindestens 8" and
        "k. A." (nothing is said) for what would tell them."""
        if self.low == self.high:
            return str(self.low)
        if self.high is None:
            return f"mindestens {self.low}" if self.low else "k. A."
        return f"{self.low}–{self.high}" if self.low else f"<{self.high + 1}"


@dataclass(frozen=True)
class Published:
    """A figure that may be shown; `month` is None for a sum over the period."""

    month: date | None
    form: str
    kind: Kind
    value: str
    figure: Figure


def statistics(
    session: Session, *, by: Actor, from_month: date, to_month: date, needs: Needs, smallest: int
) -> list[Published]:
    """Sums over the months from the one to the other (any day of them) of every form in which there were talks. Raises
    `NotAllowedError`, `PeriodError`."""
    months = statistics_by_month(
        session, by=by, from_month=from_month, to_month=to_month, needs=needs, smallest=smallest
    )
    return summed(months)


def statistics_by_month(
    session: Session, *, by: Actor, from_month: date, to_month: date, needs: Needs, smallest: int
) -> list[Published]:
    """The same, month by month. Counts below `smallest` (at least 3) are not told apart, nor zero from them. Raises
    `NotAllowedError`, `PeriodError`."""
    require(by, Permission.STATISTICS)
    first, last = from_month.replace(day=1), to_month.replace(day=1)
    if last < first:
        raise PeriodError("Der Zeitraum endet, bevor er beginnt – bitte die Monate prüfen.")
    blocks: dict[tuple[date, str], dict[tuple[Kind, str], int]] = defaultdict(dict)
    for cell, count in counted(session, first, last).items():
        blocks[cell.month, cell.form][cell.kind, cell.value] = count
    return [
        Published(month, form, kind, value, figure)
        for (month, form), counts in sorted(blocks.items())
        for (kind, value), figure in published(counts, needs=needs, smallest=smallest).items()
    ]


def cells_of(entry: Consultation) -> list[Cell]:
    """Where an entry is counted, once each."""
    what: list[tuple[Kind, str]] = [("talks", ""), *(("need", topic) for topic in entry.topics)]
    what += [("referral", entry.referral)] if entry.referral else []
    what += [("gap", "")] if entry.gap else []
    return [Cell(entry.day.replace(day=1), entry.form, kind, value) for kind, value in what]


def count_in(session: Session, cells: Iterable[Cell]) -> None:
    """Keep one more of each. The caller commits, and deletes the entry they are of in the same transaction."""
    for cell in cells:
        same = [col(getattr(Statistic, name)) == part for name, part in cell._asdict().items()]
        if session.exec(update(Statistic).where(*same).values(count=Statistic.count + 1)).rowcount == 0:
            session.add(Statistic(**cell._asdict(), count=1))
            session.flush()


def counted(session: Session, first: date, last: date) -> Counter[Cell]:
    """Exact counts of the months from the one to the other (their first days): purged talks and those still here."""
    counts: Counter[Cell] = Counter()
    within = select(Statistic).where(col(Statistic.month) >= first, col(Statistic.month) <= last)
    for row in session.exec(within):
        counts[Cell(row.month, row.form, kind_of(row), row.value)] += row.count
    for entry in session.exec(select(Consultation).where(col(Consultation.day) >= first)):
        counts.update(cell for cell in cells_of(entry) if cell.month <= last)
    return counts


def published(counts: Mapping[tuple[Kind, str], int], *, needs: Needs, smallest: int) -> dict[tuple[Kind, str], Figure]:
    """What is shown of a month and form: how many talks there were, and for every need and referral that there is, and
    for gaps, a count or that it is small.

    Every talk has a need, so that what says that there were many talks (their number, all referrals, the gaps) could
    tell that small needs are not so small; where it would, only as much of it is shown as tells nothing.
    """
    keys: list[tuple[Kind, str]] = [("need", need.title) for need in needs.needs]
    keys += [("referral", target.title) for target in needs.referrals]
    former = [key for key, count in counts.items() if count >= smallest and key[0] != "talks"]
    keys = list(dict.fromkeys([*keys, *former, ("gap", "")]))
    shown = {
        ("talks", ""): told(counts["talks", ""], smallest),
        **{key: told(counts.get(key, 0), smallest) for key in keys},
    }
    of_needs = [figure for (kind, _), figure in shown.items() if kind == "need"]
    if all(figure.low for figure in of_needs):
        return shown
    harmless = max(sum(figure.high or 0 for figure in of_needs) - (smallest - 1), 0)
    for kind in ("talks", "referral", "gap"):
        of_kind = [key for key in shown if key[0] == kind]
        if sum(shown[key].low for key in of_kind) > harmless:
            shown |= dict.fromkeys(of_kind, Figure(harmless if kind == "talks" else 0, None))
    return shown


def told(count: int, smallest: int) -> Figure:
    """A count, or only that it is below `smallest`."""
    return Figure(count, count) if count >= smallest else Figure(0, smallest - 1)


def summed(rows: Sequence[Published]) -> list[Published]:
    """Over all months, in the order in which forms, kinds and values come first."""
    sums: dict[tuple[str, Kind, str], Figure] = {}
    for row in rows:
        key = (row.form, row.kind, row.value)
        before, more = sums.get(key, Figure(0, 0)), row.figure
        high = None if before.high is None or more.high is None else before.high + more.high
        sums[key] = Figure(before.low + more.low, high)
    return [Published(None, *key, figure) for key, figure in sums.items()]


def kind_of(row: Statistic) -> Kind:
    kinds: dict[str, Kind] = {"talks": "talks", "need": "need", "referral": "referral", "gap": "gap"}
    return kinds[row.kind]
