"""Who may do what: each role's permissions, and the person (or operator) on whose behalf something is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from actions.store.models import Person, Role
from knowledge.errors import LotseError

COMMAND_LINE = "cli"


class Permission(StrEnum):
    """What a menu shows and a service allows."""

    RULES = "rules"
    DEADLINES = "deadlines"
    CASES = "cases"
    STATISTICS = "statistics"
    REFERRALS = "referrals"


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.CASE_MANAGER: frozenset({Permission.RULES, Permission.DEADLINES, Permission.CASES}),
    Role.COORDINATOR: frozenset({Permission.RULES, Permission.DEADLINES, Permission.STATISTICS}),
    Role.ADMINISTRATION: frozenset({Permission.RULES, Permission.DEADLINES}),
    Role.AUTHORITY: frozenset({Permission.RULES, Permission.DEADLINES, Permission.REFERRALS}),
    Role.ADMIN: frozenset({Permission.RULES, Permission.DEADLINES}),
}
"""Admins manage people; what is in a case is not theirs to read."""

ROLE_NAMES: Mapping[Role, str] = {
    Role.CASE_MANAGER: "KIM-Case-Management",
    Role.COORDINATOR: "KIM-Koordination",
    Role.ADMINISTRATION: "Verwaltungsassistenz",
    Role.AUTHORITY: "ABH/EBH (Baustein 3)",
    Role.ADMIN: "Administration des Lotsen",
}


class NotAllowedError(LotseError):
    """The person may not do this; the sentence says who may."""


@dataclass(frozen=True)
class Actor:
    """On whose behalf: a person in a channel, or nobody but the operator at the command line of the server."""

    channel: str
    person: Person | None = None

    @property
    def person_id(self) -> int | None:
        return self.person.id if self.person else None


OPERATOR = Actor(COMMAND_LINE)


def may(person: Person, permission: Permission) -> bool:
    """Whether an active person of this role may do that."""
    return person.active and permission in PERMISSIONS[person.role]


def require(actor: Actor, permission: Permission) -> None:
    """Raises `NotAllowedError` unless the person may; the operator of the server may everything, a stranger nothing."""
    if actor != OPERATOR and (actor.person is None or not may(actor.person, permission)):
        raise NotAllowedError("Das ist Ihrer Rolle nicht freigegeben – bitte wenden Sie sich an Ihre Administration.")
