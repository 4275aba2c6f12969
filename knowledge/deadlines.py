"""The programme's own calendar: which deadlines there are, on which days they fall, who is told of them by default."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, date
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from knowledge.casework import mapping
from knowledge.errors import KnowledgeError
from knowledge.load import FACT, collect, parse
from knowledge.models import Curated, EntryId, Fact

HERE = Path(__file__).parent
FILE = HERE / "deadlines.yml"
LEAP_YEAR = 2028
GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?")

RoleName = Literal["case_manager", "coordinator", "administration", "authority", "admin"]
LeadDays = Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]
"""Days before a deadline."""


class Yearly(Curated):
    """A day of every year; the last of its month where that is shorter (29.02.)."""

    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def exists(self) -> Self:
        if self.day > monthrange(LEAP_YEAR, self.month)[1]:
            raise ValueError("kein Tag des Kalenders")
        return self

    def in_year(self, year: int) -> date:
        return date(year, self.month, min(self.day, monthrange(year, self.month)[1]))


class Years(Curated):
    """The years in which a yearly deadline falls, both included."""

    first: Annotated[int, Field(ge=MINYEAR)] = MINYEAR
    last: Annotated[int, Field(le=MAXYEAR)] = MAXYEAR


class Deadline(Curated):
    """One duty or date of the programme. `when` is empty if nobody has named a day yet; `named` is how the source says
    it ("Ende Oktober"). `roles` are those subscribed by default; `lead_days` None means the calendar's."""

    id: EntryId
    title: Annotated[str, Field(min_length=3, max_length=48)]
    what: Annotated[str, Field(min_length=5)]
    entry: EntryId | None = None
    fact: EntryId | None = None
    named: str | None = None
    when: tuple[Yearly | date, ...] = ()
    years: Years = Years()
    bausteine: tuple[Literal[1, 2, 3], ...] = ()
    roles: Annotated[tuple[RoleName, ...], Field(min_length=1)]
    lead_days: LeadDays | None = None
    note: str | None = None
    undated_hint: str = "Termin laut Bescheid – bitte eintragen"

    def days(self, first: date, last: date) -> Iterator[date]:
        """The days it falls on, both ends included."""
        for when in self.when:
            if isinstance(when, date):
                days = [when]
            else:
                years = range(max(first.year, self.years.first), min(last.year, self.years.last) + 1)
                days = [when.in_year(year) for year in years]
            yield from (day for day in days if first <= day <= last)


class DeadlineDay(NamedTuple):
    """One deadline on one calendar day in Germany, which is never moved."""

    deadline: Deadline
    day: date

    @property
    def key(self) -> str:
        """Unique, and the same as long as the day is: "antrag-folgejahr/2027-10-31"."""
        return f"{self.deadline.id}/{self.day.isoformat()}"


class Permit(Deadline):
    """The deadline of each holder of a § 104c permit: the end of their own permit. `months` before it they are told of;
    `when` is but the outer limit of all such permits."""

    when: Annotated[tuple[date, ...], Field(min_length=1, max_length=1)]
    months: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]

    @property
    def limit(self) -> date:
        return self.when[0]


class Deadlines(Curated):
    """The calendar of a municipality."""

    lead_days: LeadDays
    deadlines: tuple[Deadline, ...]
    permit: Permit

    @field_validator("deadlines")
    @classmethod
    def told_apart(cls, deadlines: tuple[Deadline, ...]) -> tuple[Deadline, ...]:
        if len({deadline.id for deadline in deadlines}) < len(deadlines):
            raise ValueError("eine Kennung ist doppelt")
        return deadlines

    def between(self, first: date, last: date) -> tuple[DeadlineDay, ...]:
        """What falls on these days (both included), by day and then by id."""
        found = {DeadlineDay(deadline, day) for deadline in self.deadlines for day in deadline.days(first, last)}
        return tuple(sorted(found, key=lambda one: (one.day, one.deadline.id)))

    def undated(self) -> tuple[Deadline, ...]:
        """Those whose day neither the source nor the municipality has named, in the order of the file."""
        return tuple(deadline for deadline in self.deadlines if not deadline.when)

    def by_id(self, deadline_id: str) -> Deadline | None:
        return next((deadline for deadline in self.deadlines if deadline.id == deadline_id), None)

    def by_key(self, key: str) -> DeadlineDay | None:
        """The day with this key; None if the calendar does not (or no longer) hold it."""
        deadline_id, _, iso = key.partition("/")
        deadline = self.by_id(deadline_id)
        try:
            day = date.fromisoformat(iso)
        except ValueError:
            return None
        return DeadlineDay(deadline, day) if deadline and day in deadline.days(day, day) else None

    def lead_days_of(self, deadline: Deadline) -> tuple[int, ...]:
        """How many days before this deadline people are told."""
        return self.lead_days if deadline.lead_days is None else deadline.lead_days


def load_deadlines(overlay: Path | None = None) -> Deadlines:
    """The programme's deadlines, with the days and the own deadlines of an overlay's `deadlines.yml`. Raises
    `KnowledgeError` naming file and key of what is wrong."""
    facts = collect(sorted(HERE.glob("facts*.yml")), Fact)
    content = mapping(FILE)
    listed = content.get("deadlines")
    content["deadlines"] = [from_source(item, facts) for item in listed] if isinstance(listed, list) else listed
    content["permit"] = from_source(content.get("permit"), facts)
    calendar = parse(Deadlines, content, FILE)
    deadlines = {deadline.id: deadline for deadline in calendar.deadlines}
    local = overlay / FILE.name if overlay else None
    if local is not None and local.exists():
        for key, value in mapping(local).items():
            deadlines[str(key)] = from_overlay(str(key), value, deadlines.get(str(key)), local)
    return calendar.model_copy(update={"deadlines": tuple(deadlines.values())})


def from_source(item: object, facts: Mapping[str, Fact]) -> object:
    """What stands in our file, with the day of its fact and the facts its texts name."""
    if not isinstance(item, dict):
        return item

    def fact(fact_id: str) -> Fact:
        if fact_id not in facts:
            raise KnowledgeError(
                f"{FILE.name}, „{item.get('id')}“: unbekannter Wert „{fact_id}“ – siehe die facts-Dateien."
            )
        return facts[fact_id]

    filled = {
        name: FACT.sub(lambda found: fact(found[1]).text, value) if isinstance(value, str) else value
        for name, value in item.items()
    }
    if "fact" in item:
        named = fact(str(item["fact"]))
        filled |= {"named": named.text, "when": [day_of(str(named.value))]}
    return filled


def day_of(value: str) -> object:
    """A fact's value: "10-31" is every year, "2028-12-31" once."""
    month, _, day = value.partition("-")
    return {"month": month, "day": day} if day.isdecimal() else value


def from_overlay(key: str, value: object, known: Deadline | None, file: Path) -> Deadline:
    """A day for a duty without one, or (fields with `when`) a deadline of the municipality's own."""
    if isinstance(value, dict):
        if known is not None:
            raise KnowledgeError(f"{file.name}, „{key}“: die Kennung ist vergeben – bitte eine andere wählen.")
        return parse(Deadline, value | {"id": key, "when": days_written(key, value.get("when"), file)}, file)
    if known is None:
        raise KnowledgeError(f"{file.name}, „{key}“: diese Frist gibt es nicht – bitte die Kennung prüfen.")
    if known.fact is not None:
        raise KnowledgeError(f"{file.name}, „{key}“: der Termin steht in der FAQ – bitte eine eigene Frist anlegen.")
    return known.model_copy(update={"when": tuple(days_written(key, value, file))})


def days_written(key: str, value: object, file: Path) -> list[Yearly | date]:
    """One day, a list of them or none yet: "30.04." is every year, "30.04.2027" and 2027-04-30 once."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [day_written(key, one, file) for one in values]


def day_written(key: str, value: object, file: Path) -> Yearly | date:
    if type(value) is date:
        return value
    found = GERMAN_DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        if found and found[3]:
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found:
            return Yearly(month=int(found[2]), day=int(found[1]))
    except ValueError:
        found = None
    raise KnowledgeError(
        f"{file.name}, „{key}“: „{value}“ ist kein Termin – bitte „30.04.“ (jedes Jahr) oder 2027-04-30 schreiben."
    )
