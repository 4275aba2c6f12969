"""Over the Bot API stand-in: invitations, roles, cases by buttons, and chats that are cleaned up."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, SQLModel, select

from actions.access import OPERATOR
from actions.cases import open_case
from actions.hygiene import chat_counts
from actions.people import change_role, disable, invite, require_person
from actions.settings import Settings
from actions.store.models import Case, ChatMessage, Consultation, Role
from bot.chain import Chain
from bot.channels.telegram import telegram_channel
from bot.housekeeping import Housekeeping
from bot.runtime.assembly import LOCAL_ALIAS, TELEGRAM
from tests.bot.talking import (
    ANNA,
    BEN,
    MORNING,
    STRANGER,
    ManualClock,
    Person,
    RunningChannel,
    Talk,
    audit_of,
    labels,
    mentions,
    text_of,
)
from tests.standin.botapi import BotApi

Serving = Callable[..., AbstractContextManager[RunningChannel]]
REFUSED = "nur angemeldete Mitarbeitende"
GREETING = "Fragen Sie mich zu den Regeln"


def invited(chain: Chain, alias: str, *, role: Role = Role.CASE_MANAGER, new_account: bool = False) -> str:
    """The token of a fresh invitation."""
    with Session(chain.engine) as session:
        made = invite(
            session, by=OPERATOR, alias=alias, role=role, share=1.0, new_account=new_account, now=chain.clock()
        )
        session.commit()
        return made.token


def opened(chain: Chain, number: str, owner: str = "anna") -> None:
    with Session(chain.engine) as session:
        open_case(
            session,
            by=OPERATOR,
            owner=require_person(session, owner),
            number=number,
            form="short",
            started_on=MORNING.date(),
            signed_on=MORNING.date(),
            now=MORNING,
        )
        session.commit()


@pytest.fixture
def stranger(api: BotApi) -> Person:
    return Person(api, STRANGER)


class TestInvitations:
    def test_a_link_lets_one_person_in_once(
        self, lotse: RunningChannel, chain: Chain, stranger: Person, api: BotApi
    ) -> None:
        link = stranger.sends(f"/start {invited(chain, 'lotse-7')}")
        assert GREETING in stranger.gets()[0].text
        assert api.message(STRANGER, link.message_id) is None, "the link does not stay in the chat"
        assert "KIM-Lotse" in stranger.writes("/hilfe").text

    def test_a_used_link_lets_nobody_else_in(self, lotse: RunningChannel, chain: Chain, stranger: Person) -> None:
        token = invited(chain, "lotse-7")
        stranger.writes(f"/start {token}")
        second = Person(stranger.api, STRANGER + 1)
        assert "gilt nicht mehr" in second.writes(f"/start {token}").text

    def test_an_expired_link_lets_nobody_in(
        self, lotse: RunningChannel, chain: Chain, stranger: Person, clock: ManualClock
    ) -> None:
        token = invited(chain, "lotse-7")
        clock.forward(hours=72, seconds=1)
        assert "gilt nicht mehr" in stranger.writes(f"/start {token}").text

    def test_a_guessed_link_is_refused_once_like_everything_else(self, lotse: RunningChannel, stranger: Person) -> None:
        assert "gilt nicht mehr" in stranger.writes("/start aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").text
        stranger.sends("/start bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
        lotse.stop()
        assert len(stranger.reads()) == 1

    def test_somebody_who_is_in_does_not_use_up_a_link(
        self, lotse: RunningChannel, chain: Chain, anna: Person, stranger: Person
    ) -> None:
        token = invited(chain, "lotse-7")
        assert GREETING in anna.writes(f"/start {token}").text
        assert GREETING in stranger.writes(f"/start {token}").text

    def test_a_new_account_of_a_person_replaces_the_old_one(
        self, lotse: RunningChannel, chain: Chain, stranger: Person
    ) -> None:
        stranger.writes(f"/start {invited(chain, 'lotse-7')}")
        moved = Person(stranger.api, STRANGER + 1)
        assert GREETING in moved.writes(f"/start {invited(chain, 'lotse-7', new_account=True)}").text
        assert REFUSED in stranger.writes("/hilfe").text

    def test_who_is_disabled_is_out_at_once(self, lotse: RunningChannel, chain: Chain, anna: Person) -> None:
        anna.writes("/hilfe")
        with Session(chain.engine) as session:
            person = require_person(session, "anna")
            disable(session, by=OPERATOR, person=person, hand_over_to=None, now=chain.clock())
            session.commit()
        assert REFUSED in anna.writes("/hilfe").text

    def test_no_name_of_a_profile_is_kept(self, lotse: RunningChannel, chain: Chain, stranger: Person) -> None:
        stranger.writes(f"/start {invited(chain, 'lotse-7')}")
        lotse.stop()
        assert f"User {STRANGER}" not in everything_stored(chain)


class TestRoles:
    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATION, Role.AUTHORITY, Role.ADMIN])
    def test_help_and_menu_hold_no_cases_for_whom_they_are_not(
        self, serving: Serving, chain: Chain, anna: Person, role: Role
    ) -> None:
        with serving(telegram_staff=f"{ANNA}:anna:{role}"):
            reply = anna.writes("/hilfe")
            assert "Fälle" not in reply.text
            assert "Meine Fälle" not in labels(reply)
            assert "nicht freigegeben" in anna.writes("/faelle").text
        assert "denied" in [line.event for line in audit_of(chain)]

    def test_a_changed_role_counts_from_the_next_message(
        self, lotse: RunningChannel, chain: Chain, anna: Person
    ) -> None:
        assert "keine laufenden Fälle" in anna.writes("/faelle").text
        with Session(chain.engine) as session:
            person = require_person(session, "anna")
            change_role(
                session, by=OPERATOR, person=person, role=Role.COORDINATOR, hand_over_to=None, now=chain.clock()
            )
            session.commit()
        assert "nicht freigegeben" in anna.writes("/faelle").text


class TestCasesByButtons:
    def test_a_case_is_closed_and_opened_again(self, lotse: RunningChannel, chain: Chain, anna: Person) -> None:
        opened(chain, "KIM-1042")
        assert "KIM-1042 · Kurzberatung" in anna.writes("/faelle").text
        assert "Einwilligung vom 23.11.2026" in anna.taps("KIM-1042").text
        assert "ist abgeschlossen" in anna.taps("Abschließen").text
        assert "läuft wieder" in anna.taps("Wieder öffnen").text

    def test_a_case_changes_hands_and_its_old_owner_sees_it_no_more(
        self, lotse: RunningChannel, chain: Chain, anna: Person, ben: Person
    ) -> None:
        opened(chain, "KIM-1042")
        anna.writes("/faelle")
        anna.taps("KIM-1042")
        anna.taps("Übergeben …")
        assert "liegt jetzt bei „ben“" in anna.taps("ben").text
        assert "liegt bei einer Kollegin" in anna.taps("Abschließen").text
        assert "KIM-1042" in ben.writes("/faelle").text

    def test_a_button_of_somebody_elses_chat_does_nothing(
        self, lotse: RunningChannel, chain: Chain, anna: Person, ben: Person, api: BotApi
    ) -> None:
        opened(chain, "KIM-1042")
        anna.writes("/faelle")
        card = anna.taps("KIM-1042")
        stolen = next(button for row in card.buttons for button in row if button.text == "Abschließen")
        with Session(chain.engine) as session:
            assert chain.keyboards.meaning(
                session, conversation=f"telegram:{BEN}", button=str(stolen.data)
            ) is None  # fmt: skip

    def test_a_withdrawn_consent_leaves_nothing_in_store_and_chat(
        self, serving: Serving, chain: Chain, anna: Person, api: BotApi, clock: ManualClock
    ) -> None:
        with serving():
            opened(chain, "KIM-1042")
            anna.writes("/faelle")
            anna.taps("KIM-1042")
            anna.taps("Einwilligung widerrufen …")
            assert "alles gelöscht" in anna.taps("Ja, alles löschen").text
        assert not mentions("1042", everything_stored(chain))
        asyncio.run(tidied(chain, api))
        clock.forward(hours=24)
        asyncio.run(tidied(chain, api))
        assert not [message.text for message in anna.reads() if "1042" in message.text]

    def test_a_button_of_a_forgotten_case_gets_a_kind_answer(
        self, lotse: RunningChannel, chain: Chain, anna: Person
    ) -> None:
        opened(chain, "KIM-1042")
        anna.writes("/faelle")
        anna.taps("KIM-1042")
        anna.taps("Einwilligung widerrufen …")
        anna.taps("Ja, alles löschen")
        assert "älteren Nachricht" in anna.taps("Abschließen").text

    def test_own_data_is_shown_sent_as_a_file_and_erased(
        self, lotse: RunningChannel, chain: Chain, anna: Person, api: BotApi
    ) -> None:
        assert "Alias: anna" in anna.writes("/meinedaten").text
        anna.touches("Als Datei")
        _, document = anna.gets(2)
        assert document.attachment is not None
        assert b'"alias": "anna"' in document.attachment.content
        anna.taps("Löschen …")
        assert "gelöscht" in anna.taps("Ja, löschen").text
        assert REFUSED in anna.writes("/hilfe").text
        with Session(chain.engine) as session:
            assert session.exec(select(Case)).first() is None
        assert '"anna"' not in everything_stored(chain)


class TestAStoreThatIsLocked:
    async def test_nothing_told_is_lost_and_a_second_tap_saves_once(self, chain: Chain, settings: Settings) -> None:
        talk = Talk(chain)
        opened(chain, "KIM-1042", owner=LOCAL_ALIAS)
        await talk.commands("beratung")
        for answer in ("KIM-1042", "Heute", "20 min", "Telefon", "Wohnen", "Fertig", "Überspringen"):
            await talk.taps(answer)
        other = sqlite3.connect(settings.database, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        assert "konnte gerade nichts speichern" in text_of(await talk.taps("Speichern"))
        other.execute("ROLLBACK")
        other.close()
        for _ in range(2):
            assert "Gespeichert zu KIM-1042" in text_of(await talk.taps("Speichern"))
        with Session(chain.engine) as session:
            assert len(session.exec(select(Consultation)).all()) == 1


class TestChatHygiene:
    def test_what_speaks_of_a_case_is_gone_after_a_day(
        self, serving: Serving, chain: Chain, anna: Person, api: BotApi, clock: ManualClock
    ) -> None:
        with serving():
            opened(chain, "KIM-1042")
            question = anna.sends("KIM-1042: Wie hoch ist der Eigenanteil?")
            anna.gets()
            anna.writes("Wie hoch ist der Eigenanteil?")
        clock.forward(hours=23)
        asyncio.run(tidied(chain, api))
        assert api.message(ANNA, question.message_id) is not None
        clock.forward(hours=1)
        asyncio.run(tidied(chain, api))
        assert api.message(ANNA, question.message_id) is None
        assert len(anna.reads()) == 1, "the answer that names no case stays"
        assert counts(chain) == (0, 0, 0)

    def test_a_failed_deletion_is_counted_and_tried_again(
        self, serving: Serving, chain: Chain, anna: Person, api: BotApi, clock: ManualClock
    ) -> None:
        with serving():
            opened(chain, "KIM-1042")
            anna.writes("/faelle")
        clock.forward(hours=24)
        api.fail_next("deleteMessage", 2)
        asyncio.run(tidied(chain, api))
        assert counts(chain) == (2, 2, 0)
        asyncio.run(tidied(chain, api))
        assert anna.reads(), "not tried again at once"
        clock.forward(minutes=2)
        asyncio.run(tidied(chain, api))
        assert counts(chain) == (0, 0, 0)
        assert not anna.reads()

    def test_what_can_never_be_deleted_is_given_up_and_visible(
        self, serving: Serving, chain: Chain, anna: Person, api: BotApi, clock: ManualClock
    ) -> None:
        with serving():
            opened(chain, "KIM-1042")
            anna.writes("/faelle")
        clock.forward(hours=24)
        api.fail_next("deleteMessage", None, 400, "Bad Request: message can't be deleted")
        asyncio.run(tidied(chain, api))
        assert counts(chain) == (0, 0, 2)

    def test_a_message_the_person_deleted_is_done(
        self, serving: Serving, chain: Chain, anna: Person, api: BotApi, clock: ManualClock
    ) -> None:
        with serving():
            opened(chain, "KIM-1042")
            anna.writes("/faelle")
        api.fail_next("deleteMessage", None, 400, "Bad Request: message to delete not found")
        clock.forward(hours=24)
        asyncio.run(tidied(chain, api))
        assert counts(chain) == (0, 0, 0)

    def test_before_a_consent_no_number_stands_beside_the_message(
        self, lotse: RunningChannel, chain: Chain, anna: Person
    ) -> None:
        anna.writes("KIM-1042: Wie hoch ist der Eigenanteil?")
        lotse.stop()
        with Session(chain.engine) as session:
            noted = session.exec(select(ChatMessage)).all()
        assert [message.case_id for message in noted] == [None, None]
        assert not mentions("1042", everything_stored(chain))


async def tidied(chain: Chain, api: BotApi) -> None:
    """One round of housekeeping, through a real channel."""
    settings = Settings(telegram_api_url=api.url, telegram_token=api.token)
    channel = telegram_channel(replace(chain), settings)
    async with channel.application.bot:
        await Housekeeping(chain.engine, chain.clock, chain.transferred_for, {TELEGRAM: channel.delete_later}).tidy()


def counts(chain: Chain) -> tuple[int, int, int]:
    with Session(chain.engine) as session:
        return chat_counts(session)


def everything_stored(chain: Chain) -> str:
    """Every row of every table, decrypted."""
    with chain.engine.connect() as connection:
        rows = [
            str(dict(row._mapping))
            for table in SQLModel.metadata.sorted_tables
            for row in connection.execute(table.select())
        ]
    return "\n".join(rows)


def test_the_time_before_deletion_lies_below_what_telegram_allows() -> None:
    assert timedelta(hours=Settings.model_fields["chat_hours"].metadata[1].le) < timedelta(hours=48)
