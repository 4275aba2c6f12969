"""Buttons: kept where they may be, for as long as they may, and only for the conversation they were shown in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from actions.access import OPERATOR
from actions.cases import open_case, withdraw_consent
from actions.operations import (
    AnswerTalk,
    AnyOperation,
    CloseCase,
    HandOver,
    ListCases,
    OpenCase,
    SaveTalk,
    SetAbsence,
    TalkDraft,
    TellTalk,
)
from actions.people import enrol
from actions.settings import Settings
from actions.store.buttons import remember_button
from actions.store.engine import open_store
from actions.store.models import Button as StoredButton
from actions.store.models import Case
from bot import keyboards as module
from bot.keyboards import Keyboards
from bot.messages import AnyMeaning, Browse, Button, Details, Do, Message, PassOn, Reason, Show, Verdict
from tests.bot.talking import MORNING, stored_bytes

CHAT, OTHER_CHAT = "telegram:4711", "telegram:4712"
UNCONSENTED = "KIM-2026-0042"
DRAFT = TalkDraft(entry_id="e1", number=UNCONSENTED, day=date(2026, 11, 23), note="Wohngeld beantragt")
ABOUT_A_CASE: list[AnyOperation] = [
    CloseCase(number=UNCONSENTED),
    HandOver(number=UNCONSENTED, to="lotse-2"),
    OpenCase(number=UNCONSENTED, form="short", signed_on=date(2026, 11, 23), talk=DRAFT),
    TellTalk(number=UNCONSENTED, draft=DRAFT),
    TellTalk(draft=DRAFT.model_copy(update={"number": None})),
    AnswerTalk(number=UNCONSENTED, entry_id="e1", field="channel", value="telefon"),
    SaveTalk(number=UNCONSENTED, entry_id="e1"),
]
ABOUT_NONE: list[AnyMeaning] = [
    Show(entry="faq-27"),
    Details(entry="faq-27"),
    Browse(shelf="fristen"),
    PassOn(question="Wie [PERSON]?", entries=["faq-27"]),
    Verdict(helpful=False, question="Wie?", entries=["faq-27"]),
    Reason(feedback=1, reason="Veraltet"),
    Do(operation=ListCases(closed=True)),
    Do(operation=SetAbsence(first_day=date(2026, 12, 1))),
]


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_store(settings.database)
    yield engine
    engine.dispose()


@pytest.fixture
def keyboards() -> Keyboards:
    return Keyboards()


def shown(
    keyboards: Keyboards, engine: Engine, *meanings: AnyMeaning, chat: str = CHAT, now: datetime = MORNING
) -> Sequence[str]:
    """The ids of buttons with these meanings, each in a row of its own."""
    message = Message((), tuple((Button("Knopf", meaning),) for meaning in meanings))
    return keyboards.ids(engine, message, conversation=chat, now=now)


def tapped(keyboards: Keyboards, engine: Engine, button: str, chat: str = CHAT) -> AnyMeaning | None:
    with Session(engine) as session:
        return keyboards.meaning(session, conversation=chat, button=button)


def stored(engine: Engine) -> int:
    with Session(engine) as session:
        return session.exec(select(func.count()).select_from(StoredButton)).one()


def consented(engine: Engine, number: str = UNCONSENTED) -> None:
    with Session(engine) as session:
        owner = enrol(session, channel="telegram", address="4711", alias="lotse-1")
        open_case(
            session, by=OPERATOR, owner=owner, number=number, form="short",
            started_on=MORNING.date(), signed_on=MORNING.date(), now=MORNING,
        )  # fmt: skip
        session.commit()


class TestIds:
    def test_each_button_gets_one_of_its_own_row_by_row(self, keyboards: Keyboards, engine: Engine) -> None:
        rows = ((Button("a", Show(entry="faq-1")), Button("b", Show(entry="faq-2"))), (Button("c", Browse()),))
        ids = keyboards.ids(engine, Message((), rows), conversation=CHAT, now=MORNING)
        assert [tapped(keyboards, engine, id_) for id_ in ids] == [
            Show(entry="faq-1"), Show(entry="faq-2"), Browse(),
        ]  # fmt: skip
        assert len(set(ids)) == 3
        assert all(len(id_.encode()) <= 64 for id_ in ids), "what Telegram lets a button carry"

    def test_the_same_button_shown_twice_has_two(self, keyboards: Keyboards, engine: Engine) -> None:
        first, second = (shown(keyboards, engine, Browse())[0] for _ in range(2))
        assert first != second

    def test_a_message_without_buttons_has_none(self, keyboards: Keyboards, engine: Engine) -> None:
        assert shown(keyboards, engine) == []

    @pytest.mark.parametrize("meaning", ABOUT_NONE, ids=lambda one: one.do)
    def test_what_is_about_no_case_outlives_the_process(self, engine: Engine, meaning: AnyMeaning) -> None:
        [id_] = shown(Keyboards(), engine, meaning)
        assert tapped(Keyboards(), engine, id_) == meaning


class TestConsent:
    @pytest.mark.parametrize("operation", ABOUT_A_CASE, ids=lambda one: one.do)
    def test_nothing_about_a_case_without_it_is_stored(
        self, keyboards: Keyboards, engine: Engine, settings: Settings, operation: AnyOperation
    ) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        before = stored_bytes(settings)
        [id_] = shown(keyboards, engine, Do(operation=operation))
        assert tapped(keyboards, engine, id_) == Do(operation=operation)
        assert stored(engine) == 0
        assert stored_bytes(settings) == before

    def test_a_restart_loses_them(self, engine: Engine) -> None:
        [id_] = shown(Keyboards(), engine, Do(operation=CloseCase(number=UNCONSENTED)))
        assert tapped(Keyboards(), engine, id_) is None

    def test_beside_others_only_they_stay_out(self, keyboards: Keyboards, engine: Engine) -> None:
        meanings = [Browse(), Do(operation=CloseCase(number=UNCONSENTED)), Show(entry="faq-1")]
        ids = shown(keyboards, engine, *meanings)
        assert [tapped(keyboards, engine, id_) for id_ in ids] == meanings
        assert stored(engine) == 2

    def test_with_it_they_are_stored_encrypted_and_go_with_the_case(
        self, keyboards: Keyboards, engine: Engine, settings: Settings
    ) -> None:
        consented(engine)
        meaning = Do(operation=HandOver(number=UNCONSENTED, to="lotse-geheim"))
        [id_] = shown(keyboards, engine, meaning)
        assert keyboards.unsaved == {}
        assert tapped(Keyboards(), engine, id_) == meaning
        assert b"lotse-geheim" not in stored_bytes(settings)
        with Session(engine) as session:
            withdraw_consent(session, by=OPERATOR, case=session.exec(select(Case)).one(), now=MORNING)
            session.commit()
        assert tapped(keyboards, engine, id_) is None
        assert stored(engine) == 0

    def test_that_of_another_case_does_not_count(self, keyboards: Keyboards, engine: Engine) -> None:
        consented(engine, "KIM-1042")
        shown(keyboards, engine, Do(operation=CloseCase(number=UNCONSENTED)))
        assert stored(engine) == 0


class TestMemory:
    def test_it_is_bounded_and_the_oldest_go_first(
        self, keyboards: Keyboards, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MOST_IN_MEMORY", 20)
        ids = shown(keyboards, engine, *[Do(operation=CloseCase(number=f"KIM-{n}")) for n in range(1000, 1050)])
        assert len(keyboards.unsaved) == 20
        known = [tapped(keyboards, engine, id_) is not None for id_ in ids]
        assert known == [False] * 30 + [True] * 20

    def test_it_forgets_after_a_day(self, keyboards: Keyboards, engine: Engine) -> None:
        day = timedelta(hours=24)
        [early] = shown(keyboards, engine, Do(operation=CloseCase(number="KIM-1001")))
        [late] = shown(keyboards, engine, Do(operation=CloseCase(number="KIM-1002")), now=MORNING + timedelta(hours=1))
        shown(keyboards, engine, Do(operation=CloseCase(number="KIM-1003")), now=MORNING + day - timedelta(seconds=1))
        assert tapped(keyboards, engine, early) is not None
        shown(keyboards, engine, Do(operation=CloseCase(number="KIM-1003")), now=MORNING + day)
        assert tapped(keyboards, engine, early) is None
        assert tapped(keyboards, engine, late) is not None

    def test_whatever_is_shown_next(self, keyboards: Keyboards, engine: Engine) -> None:
        shown(keyboards, engine, Do(operation=CloseCase(number="KIM-1001")), now=MORNING)
        shown(keyboards, engine, Browse(), now=MORNING + timedelta(hours=24))
        assert keyboards.unsaved == {}

    def test_a_forgotten_case_is_dropped_from_it_and_no_other(self, keyboards: Keyboards, engine: Engine) -> None:
        gone, kept = shown(
            keyboards, engine, Do(operation=CloseCase(number="KIM-1001")), Do(operation=CloseCase(number="KIM-1002"))
        )
        keyboards.forget(("KIM-1001", "KIM-1003"))
        assert tapped(keyboards, engine, gone) is None
        assert tapped(keyboards, engine, kept) is not None


class TestTaps:
    @pytest.mark.parametrize(
        "meaning", [Browse(), Do(operation=CloseCase(number=UNCONSENTED))], ids=["stored", "in memory"]
    )
    def test_a_button_of_another_conversation_means_nothing(
        self, keyboards: Keyboards, engine: Engine, meaning: AnyMeaning
    ) -> None:
        [id_] = shown(keyboards, engine, meaning, chat=OTHER_CHAT)
        for chat in (CHAT, "terminal:4712", "", "telegram:"):
            assert tapped(keyboards, engine, id_, chat) is None
        assert tapped(keyboards, engine, id_, OTHER_CHAT) == meaning

    @pytest.mark.parametrize("button", ["", "unbekannt", "' OR 1=1 --", "x" * 5000, "\x00", "ü"])
    def test_what_was_never_a_button_means_nothing(self, keyboards: Keyboards, engine: Engine, button: str) -> None:
        shown(keyboards, engine, Browse())
        assert tapped(keyboards, engine, button) is None

    def test_one_from_before_an_update_that_did_away_with_it_means_nothing(
        self, keyboards: Keyboards, engine: Engine
    ) -> None:
        for meaning in ({"do": "do", "operation": {"do": "once_was"}}, {"do": "once_was"}, {"do": "show"}, {}):
            with Session(engine) as session:
                id_ = remember_button(session, conversation=CHAT, meaning=meaning, case_id=None, now=MORNING)
                session.commit()
            assert tapped(keyboards, engine, id_) is None

    def test_a_tap_can_be_repeated(self, keyboards: Keyboards, engine: Engine) -> None:
        [id_] = shown(keyboards, engine, Browse())
        assert tapped(keyboards, engine, id_) == tapped(keyboards, engine, id_) == Browse()
