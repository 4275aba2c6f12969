"""People and their accounts: who may write, invitations, roles, and leaving."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select, update

from actions.absences import acts_for
from actions.access import PERMISSIONS, Actor, Permission, may
from actions.cases import cases_of, hand_over_all
from actions.clock import local_day
from actions.occurrences import hurry
from actions.store.models import (
    Absence,
    Account,
    Button,
    CaseDeputy,
    Draft,
    Invitation,
    Occurrence,
    Person,
    Preference,
    Reminder,
    ReminderKind,
    Role,
    State,
)
from actions.store.records import audit
from knowledge.errors import LotseError

VALID_FOR = timedelta(hours=72)
TOKEN_BYTES = 24
ALIAS = re.compile(r"[a-z0-9äöüß][a-z0-9äöüß_-]{1,31}")
GONE = "gelöscht"
SET_FOR_EACH = (ReminderKind.MORNING, ReminderKind.TRANSFER, ReminderKind.DEADLINE)
"""Kinds of reminders that everybody has of their own."""


class StaffError(LotseError):
    """Something about a person cannot be done; the sentence says why and what to do."""


class InvitationError(LotseError):
    """A link that lets nobody in: unknown, used, or expired."""


class AlreadyKnownError(LotseError):
    """The account belongs to somebody already; the invitation stays open."""


@dataclass(frozen=True)
class Invited:
    """The one-time token (kept nowhere), whom it lets in, and whether it replaced an open one."""

    token: str
    person: Person
    expires_at: datetime
    replaced: bool


def known_person(session: Session, *, channel: str, address: str) -> Person | None:
    """The active person behind an account, or none."""
    statement = (
        select(Person)
        .join(Account)
        .where(Account.channel == channel, Account.address == address, Person.active == True)  # noqa: E712 - SQL
    )
    return session.exec(statement).first()


def reachable_account(session: Session, *, person: Person, channels: Sequence[str]) -> Account | None:
    """The account by which an active person can be written to now, of the first of these channels; none if there is
    none."""
    accounts = [one for one in accounts_of(session, person) if one.channel in channels and one.blocked_at is None]
    return min(accounts, key=lambda one: channels.index(one.channel), default=None) if person.active else None


def mark_blocked(session: Session, *, channel: str, address: str, now: datetime) -> None:
    """The person does not let us write to them any more. The caller commits."""
    account = session.exec(select(Account).where(Account.channel == channel, Account.address == address)).first()
    if account is not None and account.blocked_at is None:
        account.blocked_at = now
        session.add(account)
        audit(session, by=Actor(channel), event="blocked us", detail=f"person {account.person_id}", now=now)


def heard_from(session: Session, *, channel: str, address: str, now: datetime) -> None:
    """The person lets us write to them again: what could not be delivered is due now. The caller commits."""
    account = session.exec(select(Account).where(Account.channel == channel, Account.address == address)).first()
    if account is not None and account.blocked_at is not None:
        account.blocked_at = None
        session.add(account)
        person = session.get_one(Person, account.person_id)
        hurry(session, people={account.person_id} | acts_for(session, person, local_day(now)), now=now)


def blocked_people(session: Session) -> Sequence[tuple[Person, datetime]]:
    """Whom no reminder reaches, and since when (aware, UTC), by alias."""
    statement = select(Person, Account).join(Account).where(col(Account.blocked_at).is_not(None))
    rows = session.exec(statement.order_by(Person.alias))
    return [(person, account.blocked_at) for person, account in rows if account.blocked_at is not None]


def people_without_account(session: Session, *, since: datetime) -> Sequence[Person]:
    """Active people without any account to whom something has been due since before that moment (aware), by alias."""
    statement = (
        select(Person)
        .join(Reminder, col(Reminder.person_id) == Person.id)
        .join(Occurrence, col(Occurrence.reminder_id) == Reminder.id)
        .join(Account, col(Account.person_id) == Person.id, isouter=True)
        .where(
            Person.active == True,  # noqa: E712 - SQL
            col(Account.id).is_(None),
            Occurrence.state == State.PLANNED,
            Occurrence.due_at < since,
        )
    )
    return session.exec(statement.distinct().order_by(Person.alias)).all()


def by_alias(session: Session, alias: str) -> Person | None:
    return session.exec(select(Person).where(Person.alias == alias.strip().lower())).first()


def require_person(session: Session, alias: str) -> Person:
    """The person with this alias; raises `StaffError` if there is none."""
    found = by_alias(session, alias)
    if found is None:
        raise StaffError(f"„{alias}“ gibt es nicht – „lotse staff list“ zeigt alle.")
    return found


def everybody(session: Session) -> Sequence[Person]:
    return session.exec(select(Person).order_by(Person.alias)).all()


def colleagues(session: Session, person: Person) -> Sequence[Person]:
    """Everybody else who may hold cases, by alias."""
    return [one for one in everybody(session) if one.id != person.id and may(one, Permission.CASES)]


def aliases_of_colleagues(session: Session, person: Person) -> list[str]:
    return [one.alias for one in colleagues(session, person)]


def accounts_of(session: Session, person: Person) -> Sequence[Account]:
    return session.exec(select(Account).where(Account.person_id == person.id)).all()


def open_invitation(session: Session, person: Person, now: datetime) -> Invitation | None:
    found = session.exec(select(Invitation).where(Invitation.person_id == person.id)).first()
    return found if found is not None and found.expires_at > now else None


def drop_expired_invitations(session: Session, *, now: datetime) -> None:
    """The caller commits."""
    session.exec(delete(Invitation).where(col(Invitation.expires_at) <= now))


def anybody_in(session: Session, channel: str) -> bool:
    """Whether at least one account may write in a channel."""
    return session.exec(select(Account.id).where(Account.channel == channel)).first() is not None


def enrol(
    session: Session, *, channel: str, address: str, alias: str, role: Role = Role.CASE_MANAGER, listed: bool = False
) -> Person:
    """The person with this alias, reachable by this account from now on. The caller commits.

    Who is known keeps role and state: nobody who was disabled comes back this way.
    """
    person = by_alias(session, alias) or Person(alias=alias.strip().lower(), role=role)
    session.add(person)
    session.flush()
    account = session.exec(select(Account).where(Account.channel == channel, Account.address == address)).first()
    if account is None:
        account = Account(channel=channel, address=address, person_id=person.id or 0, listed=listed)
    account.person_id, account.listed = person.id or 0, listed
    session.add(account)
    session.flush()
    return person


def keep_only(session: Session, *, channel: str, listed: Mapping[str, tuple[str, Role]]) -> None:
    """Admit a channel's accounts listed in the settings (address → alias, role), and forget those that were but are no
    longer, or for somebody disabled. Accounts that came by invitation are not touched. The caller commits."""
    disabled = {person.alias for person in everybody(session) if not person.active}
    admitted = {address: (alias, role) for address, (alias, role) in listed.items() if alias not in disabled}
    statement = select(Account).where(Account.channel == channel, Account.listed == True)  # noqa: E712 - SQL
    for account in session.exec(statement).all():
        if account.address not in admitted:
            session.delete(account)
    for address, (alias, role) in admitted.items():
        enrol(session, channel=channel, address=address, alias=alias, role=role, listed=True)


def invite(
    session: Session, *, by: Actor, alias: str, role: Role, share: float, new_account: bool, now: datetime
) -> Invited:
    """A one-time link for a person; valid for 72 hours, kept as a hash only. The caller commits.

    Whoever was invited before gets a new link, and the older one is void. Raises `StaffError` for an alias that cannot
    be one, a share that is none, a person who is in already (unless it is for another account), or one whose cases the
    new role may not hold.
    """
    alias = alias.strip().lower()
    if not ALIAS.fullmatch(alias) or alias.startswith(GONE):
        raise StaffError("Ein Alias hat 2 bis 32 Zeichen: kleine Buchstaben, Ziffern, Bindestrich – etwa „lotse-3“.")
    require_share(share)
    person = by_alias(session, alias) or Person(alias=alias, role=role, share=share)
    if person.id is not None and accounts_of(session, person) and not new_account:
        raise StaffError(f"„{alias}“ ist schon angemeldet – für ein anderes Konto bitte mit --new-account einladen.")
    if person.id is not None and Permission.CASES not in PERMISSIONS[role]:
        give_away(session, by=by, person=person, to=None, now=now)
    person.active, person.role, person.share = True, role, share
    session.add(person)
    session.flush()
    earlier = session.exec(select(Invitation).where(Invitation.person_id == person.id)).first()
    replaced = earlier is not None and earlier.expires_at > now
    session.exec(delete(Invitation).where(col(Invitation.person_id) == person.id))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation(
        token_hash=hashed(token), person_id=person.id or 0, created_at=now, expires_at=now + VALID_FOR
    )
    session.add(invitation)
    audit(session, by=by, event="staff invited", detail=f"person {person.id} as {role}", now=now)
    session.flush()
    return Invited(token, person, invitation.expires_at, replaced)


def redeem(session: Session, *, token: str, channel: str, address: str, now: datetime) -> Person:
    """Let an account in. The caller commits.

    An account the person had in this channel before is out from now on: one person, one account per channel. Raises
    `InvitationError` for a link that is unknown, used or expired, `AlreadyKnownError` for an account that is in.
    """
    invitation = session.exec(select(Invitation).where(Invitation.token_hash == hashed(token))).first()
    known = known_person(session, channel=channel, address=address)
    if known is not None:
        raise AlreadyKnownError("Sie sind schon angemeldet. /hilfe zeigt, was ich kann.")
    if invitation is None or invitation.expires_at <= now:
        raise InvitationError("Dieser Einladungslink gilt nicht mehr – bitte lassen Sie sich einen neuen geben.")
    used = session.exec(delete(Invitation).where(col(Invitation.id) == invitation.id))
    if used.rowcount != 1:
        raise InvitationError("Dieser Einladungslink gilt nicht mehr – bitte lassen Sie sich einen neuen geben.")
    person = session.get_one(Person, invitation.person_id)
    session.exec(delete(Account).where(col(Account.person_id) == person.id, col(Account.channel) == channel))
    session.exec(delete(Account).where(col(Account.channel) == channel, col(Account.address) == address))
    session.add(Account(channel=channel, address=address, person_id=person.id or 0))
    audit(session, by=Actor(channel, person), event="staff joined", now=now)
    session.flush()
    return person


def change_role(
    session: Session, *, by: Actor, person: Person, role: Role, hand_over_to: Person | None, now: datetime
) -> int:
    """Give a person another role; how many cases were handed over. The caller commits.

    Raises `StaffError` where cases remain that the new role may not hold and nobody is named to take them.
    """
    moved = 0
    if Permission.CASES not in PERMISSIONS[role]:
        moved = give_away(session, by=by, person=person, to=hand_over_to, now=now)
    person.role = role
    session.add(person)
    audit(session, by=by, event="staff role", detail=f"person {person.id} is {role}", now=now)
    return moved


def change_share(session: Session, *, by: Actor, person: Person, share: float, now: datetime) -> None:
    """Set the part of a full post (VZÄ, above 0 to 1). The caller commits. Raises `StaffError` for any other."""
    require_share(share)
    person.share = share
    session.add(person)
    audit(session, by=by, event="staff share", detail=f"person {person.id}", now=now)


def disable(session: Session, *, by: Actor, person: Person, hand_over_to: Person | None, now: datetime) -> int:
    """Shut a person out of every channel at once; how many cases were handed over. The caller commits.

    Raises `StaffError` where cases remain and nobody is named to take them (FAQ 34: Vorgangsübernahme).
    """
    moved = give_away(session, by=by, person=person, to=hand_over_to, now=now)
    leave_reminders(session, person=person, to=hand_over_to)
    person.active = False
    session.add(person)
    for table, column in ((Account, Account.person_id), (Invitation, Invitation.person_id)):
        session.exec(delete(table).where(col(column) == person.id))
    audit(session, by=by, event="staff disabled", detail=f"person {person.id}", now=now)
    return moved


def erase(session: Session, *, by: Actor, person: Person, now: datetime) -> None:
    """Delete what is kept of a person: accounts, alias, absences, buttons. The audit keeps a number.

    The caller commits. Raises `StaffError` while cases are theirs.
    """
    chats = [f"{account.channel}:{account.address}" for account in accounts_of(session, person)]
    disable(session, by=by, person=person, hand_over_to=None, now=now)
    session.exec(delete(Button).where(col(Button.conversation).in_(chats)))
    session.exec(delete(Preference).where(col(Preference.person_id) == person.id))
    person.alias, person.share, person.share_caseload = f"{GONE}-{person.id}", 1.0, False
    session.add(person)
    audit(session, by=by, event="staff erased", detail=f"person {person.id}", now=now)


def give_away(session: Session, *, by: Actor, person: Person, to: Person | None, now: datetime) -> int:
    """All cases to a colleague; no standing in for anybody any more, and nothing left of what was begun."""
    left = len(cases_of(session, person))
    if left and to is None:
        raise StaffError(
            f"Bei „{person.alias}“ liegen noch Fälle ({left}) – bitte mit --hand-over-to angeben, wer sie übernimmt."
        )
    moved = hand_over_all(session, by=by, owner=person, to=to, now=now)
    session.exec(delete(CaseDeputy).where(col(CaseDeputy.person_id) == person.id))
    session.exec(delete(Draft).where(col(Draft.person_id) == person.id))
    mine = (col(Absence.person_id) == person.id) | (col(Absence.deputy_id) == person.id)
    session.exec(delete(Absence).where(mine))
    return moved


def leave_reminders(session: Session, *, person: Person, to: Person | None) -> None:
    """What somebody who leaves wanted to be reminded of: in a case it reaches the owner of that case anyhow; the rest
    goes to who takes over, or is deleted if nobody does."""
    own = (col(Reminder.person_id) == person.id, col(Reminder.case_id).is_(None))
    session.exec(delete(Reminder).where(*own, col(Reminder.kind).in_(SET_FOR_EACH)))
    if to is None:
        session.exec(delete(Reminder).where(*own))
    else:
        session.exec(update(Reminder).where(*own).values(person_id=to.id))


def require_share(share: float) -> None:
    if not 0 < share <= 1:
        raise StaffError("Der Stellenanteil ist eine Zahl über 0 bis 1 – etwa 0.5 für eine halbe Stelle.")


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
