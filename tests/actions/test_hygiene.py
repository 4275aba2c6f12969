"""Chat hygiene: which messages are deleted when, what is tried again, and what the operator sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from actions.cases import withdraw_consent
from actions.hygiene import (
    DELETABLE_FOR,
    LONGEST_PAUSE,
    chat_counts,
    clear_chats,
    deleted,
    due_messages,
    failed,
    forget_given_up,
    note_messages,
)
from actions.store.models import ChatMessage
from tests.actions.conftest import NOW, NUMBER, Enrol, OpenCase, acting, count

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)


def note(session: Session, *messages: int, about: Sequence[str] = (), chat: str = "1", sent_at: datetime = NOW) -> None:
    note_messages(
        session,
        channel="telegram",
        chat=chat,
        messages=messages,
        numbers=about,
        sent_at=sent_at,
        kept_for=DAY,
    )
    session.commit()


def due(session: Session, after: timedelta = timedelta(), limit: int = 100) -> list[int]:
    return [row.message for row in due_messages(session, channel="telegram", now=NOW + after, limit=limit)]


def noted(session: Session) -> list[tuple[int, int | None]]:
    return [(row.message, row.case_id) for row in session.exec(select(ChatMessage).order_by(col(ChatMessage.id)))]


class TestNoting:
    def test_due_after_their_time_oldest_first(self, session: Session) -> None:
        note(session, 2, sent_at=NOW + HOUR)
        note(session, 1, 3)
        assert due(session, DAY - timedelta(seconds=1)) == []
        assert due(session, DAY) == [1, 3]
        assert due(session, DAY + HOUR) == [1, 3, 2]
        assert due(session, DAY + HOUR, limit=2) == [1, 3]

    def test_of_this_channel_only(self, session: Session) -> None:
        note(session, 1)
        assert due_messages(session, channel="console", now=NOW + DAY, limit=9) == []

    def test_twice_is_once(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        case = opened(person("lotse-1"))
        for _ in range(2):
            note(session, 1)
            note(session, 2, about=[NUMBER])
        note(session, 2, about=[NUMBER, NUMBER])
        assert noted(session) == [(1, None), (2, case.id)]

    def test_the_same_number_in_another_chat_is_another_message(self, session: Session) -> None:
        note(session, 1, chat="1")
        note(session, 1, chat="2")
        assert count(session, ChatMessage) == 2

    def test_one_about_two_cases_is_tied_to_both(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner = person("lotse-1")
        cases = [opened(owner), opened(owner, "KIM-1043")]
        note(session, 1, about=["KIM-1043", NUMBER])
        assert {case_id for _, case_id in noted(session)} == {case.id for case in cases}

    def test_a_number_without_consent_is_not_kept_but_the_message_is_deleted(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        case = opened(person("lotse-1"))
        note(session, 1, about=["KIM-9999"])
        note(session, 2, about=["KIM-9999", NUMBER])
        assert noted(session) == [(1, None), (2, case.id)]
        assert "KIM-9999" not in str([row.model_dump() for row in session.exec(select(ChatMessage))])
        assert due(session, DAY) == [1, 2]


class TestDeleting:
    def test_one_about_two_cases_is_gone_for_both(self, session: Session, person: Enrol, opened: OpenCase) -> None:
        owner = person("lotse-1")
        opened(owner)
        opened(owner, "KIM-1043")
        note(session, 1, about=[NUMBER, "KIM-1043"])
        note(session, 2, about=[NUMBER])
        note(session, 1, about=[NUMBER], chat="2")
        deleted(session, due_messages(session, channel="telegram", now=NOW + DAY, limit=1)[0])
        session.commit()
        assert sorted((row.chat, row.message) for row in session.exec(select(ChatMessage))) == [("1", 2), ("2", 1)]

    def test_on_transfer_those_of_the_case_are_due_at_once(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        owner = person("lotse-1")
        case = opened(owner)
        opened(owner, "KIM-1043")
        note(session, 1, about=[NUMBER])
        note(session, 2, about=["KIM-1043"])
        note(session, 3)
        note(session, 4, about=["KIM-1043", NUMBER])
        clear_chats(session, case=case, now=NOW + HOUR)
        session.commit()
        assert set(due(session, HOUR)) == {1, 4}

    def test_after_a_withdrawal_the_messages_are_still_known(
        self, session: Session, person: Enrol, opened: OpenCase
    ) -> None:
        owner = person("lotse-1")
        case = opened(owner)
        note(session, 1, 2, about=[NUMBER])
        withdraw_consent(session, by=acting(owner), case=case, now=NOW)
        session.commit()
        assert noted(session) == [(1, None), (2, None)]
        assert due(session) == [1, 2]


class TestFailing:
    def one(self, session: Session) -> ChatMessage:
        return session.exec(select(ChatMessage)).one()

    def test_it_is_tried_again_after_growing_pauses(self, session: Session) -> None:
        note(session, 1)
        pauses = []
        for _ in range(9):
            failed(session, self.one(session), final=False, now=NOW + DAY)
            session.commit()
            pauses.append((self.one(session).due_at - NOW - DAY) / timedelta(minutes=1))
        assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        assert due(session, DAY) == []
        assert due(session, DAY + LONGEST_PAUSE) == [1]

    @pytest.mark.parametrize("attempts", [1, 40, 5000])
    def test_the_pause_never_overflows(self, session: Session, attempts: int) -> None:
        note(session, 1)
        message = self.one(session)
        message.attempts = attempts
        failed(session, message, final=False, now=NOW)
        assert NOW < message.due_at <= NOW + LONGEST_PAUSE

    def test_it_is_given_up_when_telegram_no_longer_lets_us(self, session: Session) -> None:
        note(session, 1)
        failed(session, self.one(session), final=False, now=NOW + DELETABLE_FOR - timedelta(seconds=1))
        assert not self.one(session).given_up
        failed(session, self.one(session), final=False, now=NOW + DELETABLE_FOR)
        session.commit()
        assert self.one(session).given_up
        assert due(session, 10 * DAY) == []

    def test_a_final_no_is_one(self, session: Session) -> None:
        note(session, 1)
        failed(session, self.one(session), final=True, now=NOW)
        assert self.one(session).given_up

    def test_the_operator_sees_how_many_wait_fail_and_were_given_up(self, session: Session) -> None:
        assert tuple(chat_counts(session)) == (0, 0, 0)
        note(session, 1, 2, 3, 4)
        messages = {row.message: row for row in session.exec(select(ChatMessage))}
        failed(session, messages[1], final=False, now=NOW)
        failed(session, messages[2], final=True, now=NOW)
        session.commit()
        counts = chat_counts(session)
        assert (counts.waiting, counts.failing, counts.given_up) == (3, 1, 1)

    def test_the_note_of_what_was_given_up_goes_in_time(self, session: Session) -> None:
        note(session, 1, 2)
        note(session, 3, sent_at=NOW + HOUR)
        messages = {row.message: row for row in session.exec(select(ChatMessage))}
        for number in (1, 3):
            failed(session, messages[number], final=True, now=NOW)
        forget_given_up(session, before=NOW + HOUR)
        session.commit()
        assert [message for message, _ in noted(session)] == [2, 3]
