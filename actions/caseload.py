"""Caseload: running cases against the range recommended for a post, pro rata (FAQ 33), of a person or of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from sqlmodel import Session, col, func, select

from actions.access import Actor, NotAllowedError, Permission, may, require
from actions.people import everybody
from actions.store.models import Case, Person
from actions.store.records import audit
from knowledge.casework import CASE_MANAGEMENT, Casework
from knowledge.errors import LotseError
from knowledge.models import Fact

RANGE = "fallzahl"
EXPECTED_PART = "anteil-cm-faelle"


class NotSharedError(LotseError):
    """The figures would tell one person's caseload, who does not share it."""


class FormCount(NamedTuple):
    """Running cases of one form of counselling; `form` is its id, `title` how it is called."""

    form: str
    title: str
    running: int


@dataclass(frozen=True)
class Caseload:
    """Running cases of people who together fill `share` full posts (VZÄ).

    `low` to `high` are the cases recommended for that share, `expected` how many of the running ones would be Case
    Management by the `part` that FAQ 33 expects; all rounded to whole cases.
    """

    forms: Sequence[FormCount]
    share: float
    low: int
    high: int
    expected: int
    part: str
    people: int = 1

    @property
    def total(self) -> int:
        return sum(form.running for form in self.forms)

    @property
    def case_management(self) -> int:
        return next((form.running for form in self.forms if form.form == CASE_MANAGEMENT), 0)

    @property
    def state(self) -> Literal["below", "within", "above"]:
        if self.total < self.low:
            return "below"
        return "above" if self.total > self.high else "within"


def caseload_of(
    session: Session, *, by: Actor, person: Person, casework: Casework, facts: Mapping[str, Fact]
) -> Caseload:
    """A person's caseload, for that person, or for the coordination where the person shares it.

    Raises `NotAllowedError`, `NotSharedError`.
    """
    if by.person_id == person.id:
        require(by, Permission.CASES)
    else:
        require(by, Permission.STATISTICS)
        if not person.share_caseload:
            raise NotSharedError(f"„{person.alias}“ teilt die eigene Auslastung nicht – alle zusammen sehen Sie.")
    return reckoned(session, [person], casework, facts)


def caseload_of_all(
    session: Session, *, by: Actor, casework: Casework, facts: Mapping[str, Fact], smallest_group: int
) -> Caseload:
    """The caseload of everybody who holds cases, together, for the coordination.

    Raises `NotAllowedError`, and `NotSharedError` where so few do not share theirs (below `smallest_group`) that one
    person's could be told from the others'.
    """
    require(by, Permission.STATISTICS)
    people = [person for person in everybody(session) if may(person, Permission.CASES)]
    if 0 < sum(not person.share_caseload for person in people) < smallest_group:
        raise NotSharedError(
            "Das wären zu wenige Personen: Die Auslastung Einzelner ließe sich ablesen. Wer möchte, kann die eigene "
            "Auslastung freigeben."
        )
    return reckoned(session, people, casework, facts)


def share_caseload(session: Session, *, by: Actor, shared: bool, now: datetime) -> None:
    """Let the coordination see one's own caseload, or no longer. The caller commits. Raises `NotAllowedError`."""
    require(by, Permission.CASES)
    if by.person is None:
        raise NotAllowedError("Die eigene Auslastung gibt nur frei, wer Fälle führt.")
    by.person.share_caseload = shared
    session.add(by.person)
    audit(session, by=by, event="caseload shared" if shared else "caseload not shared", now=now)


def reckoned(session: Session, people: Sequence[Person], casework: Casework, facts: Mapping[str, Fact]) -> Caseload:
    owned = col(Case.owner_id).in_([person.id for person in people])
    by_form = select(Case.form, func.count()).where(owned, col(Case.closed_on).is_(None)).group_by(Case.form)
    counts = dict(session.exec(by_form).all())
    known = [form.id for form in casework.counselling_forms]
    forms = [FormCount(form, casework.form_title(form), counts.get(form, 0)) for form in known]
    forms += [FormCount(form, casework.form_title(form), n) for form, n in sorted(counts.items()) if form not in known]
    share = round(sum(person.share for person in people), 2)
    low, high = recommended(facts)
    total = sum(counts.values())
    part = facts[EXPECTED_PART]
    return Caseload(
        forms,
        share,
        whole(low * share),
        whole(high * share),
        whole(total * Fraction(str(part.value))),
        part.text,
        people=len(people),
    )


def recommended(facts: Mapping[str, Fact]) -> tuple[float, float]:
    """The range for a full post."""
    value = facts[RANGE].value
    if not isinstance(value, list) or len(value) != 2:
        raise TypeError(f"{RANGE} is no range")
    return value[0], value[1]


def whole(number: float | Fraction) -> int:
    """Rounded as people do, halves up."""
    return int(number + Fraction(1, 2))
