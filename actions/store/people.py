"""People and their accounts: who may write."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, select

from actions.store.models import Account, Person


def known_person(session: Session, *, channel: str, address: str) -> Person | None:
    """The active person behind an account, or none."""
    statement = (
        select(Person)
        .join(Account)
        .where(Account.channel == channel, Account.address == address, Person.active == True)  # noqa: E712 - SQL
    )
    return session.exec(statement).first()


def enrol(session: Session, *, channel: str, address: str, alias: str) -> Person:
    """The person with this alias, reachable by this account from now on. The caller commits."""
    person = session.exec(select(Person).where(Person.alias == alias)).first() or Person(alias=alias)
    person.active = True
    session.add(person)
    session.flush()
    account = session.exec(select(Account).where(Account.channel == channel, Account.address == address)).first()
    if account is None:
        account = Account(channel=channel, address=address, person_id=person.id or 0)
    account.person_id = person.id or 0
    session.add(account)
    session.flush()
    return person


def keep_only(session: Session, *, channel: str, listed: Mapping[str, str]) -> None:
    """Make a channel's accounts exactly those listed (address → alias); others are forgotten. The caller commits."""
    for account in session.exec(select(Account).where(Account.channel == channel)).all():
        if account.address not in listed:
            session.delete(account)
    for address, alias in listed.items():
        enrol(session, channel=channel, address=address, alias=alias)
