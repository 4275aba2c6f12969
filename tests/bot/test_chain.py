"""The one chain of every message: who may write, how fast, what is remembered, and what is written down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from actions.clock import local_day
from actions.people import enrol, known_person
from actions.store.models import Person
from bot.chain import TURNS_PER_SESSION, Chain
from bot.conversations import Conversations
from bot.door import Door
from bot.runtime.assembly import LOCAL_ADDRESS, TERMINAL
from knowledge.load import Knowledge, load_knowledge
from nlu.privacy.guard import GuardError, PrivacyGuard
from nlu.privacy.spans import Masked
from tests.bot.talking import (
    MORNING,
    ManualClock,
    RasaStandIn,
    Talk,
    answer,
    audit_of,
    choices,
    shown_ids,
    text_of,
    waiting,
)

DEADLINE = "Bis wann muss der Antrag fürs nächste Jahr raus?"
AMOUNT = "Wie hoch ist die Förderung pro Stelle?"
BehindRasa = Callable[..., tuple[Chain, RasaStandIn]]


@pytest.fixture
def talk(chain: Chain) -> Talk:
    return Talk(chain)


@pytest.fixture
def hurried(chain: Chain) -> Chain:
    """A chain that lets three messages a minute through."""
    return replace(chain, door=Door(messages_per_minute=3), conversations=Conversations())


def with_entry(chain: Chain, entry: str, **changed: object) -> Chain:
    """The chain with one entry of its knowledge changed."""
    entries = dict(chain.knowledge.raw_entries)
    entries[entry] = entries[entry].model_copy(update=changed)
    return replace(chain, knowledge=replace(chain.knowledge, raw_entries=entries))


def colleague(chain: Chain) -> Talk:
    with Session(chain.engine) as session:
        enrol(session, channel=TERMINAL, address="desk-2", alias="colleague")
        session.commit()
    return Talk(chain, conversation="desk-2", address="desk-2")


def set_active(chain: Chain, *, active: bool) -> None:
    with Session(chain.engine) as session:
        person = known_person(session, channel=TERMINAL, address=LOCAL_ADDRESS) or session.get(Person, 1)
        assert person is not None
        person.active = active
        session.add(person)
        session.commit()


class TestWhoMayWrite:
    async def test_an_unknown_person_is_refused(self, chain: Chain) -> None:
        turn = await Talk(chain, address="nobody").says(DEADLINE)
        assert "nur angemeldete Mitarbeitende" in text_of(turn)
        assert shown_ids(turn) == []

    async def test_a_person_who_left_is_refused_and_back_again_is_answered(self, chain: Chain, talk: Talk) -> None:
        set_active(chain, active=False)
        assert "nur angemeldete Mitarbeitende" in text_of(await talk.says(DEADLINE))
        set_active(chain, active=True)
        assert shown_ids(await talk.says(DEADLINE)) == ["faq-27"]

    async def test_the_same_address_in_another_channel_is_unknown(self, chain: Chain) -> None:
        with Session(chain.engine) as session:
            assert known_person(session, channel="telegram", address=LOCAL_ADDRESS) is None


class TestHowFast:
    async def test_the_fourth_message_within_a_minute_has_to_wait(self, hurried: Chain, clock: ManualClock) -> None:
        talk = Talk(hurried)
        for _ in range(3):
            assert shown_ids(await talk.says(DEADLINE)) == ["faq-27"]
            clock.forward(seconds=10)
        turn = await talk.says(DEADLINE)
        assert "Bitte warten Sie eine Minute" in text_of(turn)
        assert shown_ids(turn) == []

    async def test_a_minute_after_the_first_one_more_is_let_through(self, hurried: Chain, clock: ManualClock) -> None:
        talk = Talk(hurried)
        for _ in range(3):
            await talk.says(DEADLINE)
            clock.forward(seconds=10)
        clock.forward(seconds=31)
        assert shown_ids(await talk.says(DEADLINE)) == ["faq-27"]

    async def test_one_person_does_not_slow_another(self, hurried: Chain) -> None:
        talk, other = Talk(hurried), colleague(hurried)
        for _ in range(4):
            await talk.says(DEADLINE)
        assert shown_ids(await other.says(DEADLINE)) == ["faq-27"]

    async def test_a_second_conversation_is_no_way_around(self, hurried: Chain) -> None:
        for number in range(3):
            await Talk(hurried, conversation=f"window-{number}").says(DEADLINE)
        assert "Bitte warten" in text_of(await Talk(hurried, conversation="window-4").says(DEADLINE))

    async def test_thirty_people_at_once_wait_for_a_slow_rasa_side_by_side(
        self, behind_rasa: BehindRasa, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chain, _ = behind_rasa(lambda _: answer("faq-27"), seconds=lambda _: 0.5)
        monkeypatch.setattr(chain.engine.pool, "_timeout", 0.1, raising=False)  # no wait of 30 s where this fails
        began = time.monotonic()
        turns = await asyncio.gather(*(Talk(chain, conversation=f"desk-{n}").says(DEADLINE) for n in range(30)))
        assert [shown_ids(turn) for turn in turns] == [["faq-27"]] * 30
        assert not any(turn.outcome.degraded for turn in turns)
        assert time.monotonic() - began < 5


class TestWhatIsWrittenDown:
    async def test_every_turn_leaves_a_line_without_content(self, chain: Chain, talk: Talk) -> None:
        await talk.says(DEADLINE)
        await talk.taps("👎")
        await talk.taps("Eigener Grund …")
        await talk.says("Kleinkleckersdorf fehlt")
        await talk.commands("themen")
        await talk.says("Wie wird das Wetter in Kleinkleckersdorf?")
        talk.buttons["alt"] = "unknown"
        await talk.taps("alt")
        await Talk(chain, address="nobody").says("Kleinkleckersdorf?")
        lines = audit_of(chain)
        assert [(line.event, line.detail) for line in lines] == [
            ("text", "answer/faq"),
            ("tap", "other/feedback"),
            ("tap", "other/feedback"),
            ("text", "other/feedback"),
            ("command", "other/help"),
            ("text", "no_answer/out_of_scope"),
            ("stale tap", "other/out_of_scope"),
            ("refused", "other/refused"),
        ]
        assert [line.person_id is None for line in lines] == [False] * 7 + [True]
        assert {line.at for line in lines} == {MORNING}
        assert "Kleinkleckersdorf" not in " ".join(str(line.model_dump()) for line in lines)

    async def test_a_throttled_message_leaves_one_too(self, hurried: Chain) -> None:
        talk = Talk(hurried)
        for _ in range(4):
            await talk.says(DEADLINE)
        assert audit_of(hurried)[-1].event == "throttled"

    async def test_a_passed_on_question_stands_masked_in_the_work_list(self, chain: Chain, talk: Talk) -> None:
        turn = await talk.says("Wie wird das Wetter für Frau Zwölfuhr, Tel. 0171 2345678?")
        assert "einen Namen und eine Telefonnummer" in text_of(turn)
        assert "notiert" in text_of(await talk.taps("An die Koordination geben"))
        [note] = waiting(chain)
        assert note.question == "Wie wird das Wetter für Frau [PERSON], Tel. [PHONE]?"

    async def test_a_helpful_answer_is_no_work(self, chain: Chain, talk: Talk) -> None:
        await talk.says(DEADLINE)
        assert (await talk.taps("👍")).notice == "Danke für die Rückmeldung."
        assert waiting(chain) == []

    async def test_an_own_reason_is_masked_and_the_next_message_a_question_again(
        self, chain: Chain, talk: Talk
    ) -> None:
        await talk.says(DEADLINE)
        await talk.taps("👎")
        await talk.taps("Eigener Grund …")
        assert "Danke für die Rückmeldung." in text_of(await talk.says("Frau Zwölfuhr sagt, das stimmt nicht"))
        [note] = waiting(chain)
        assert (note.question, note.reason, note.entries) == (
            DEADLINE, "Frau [PERSON] sagt, das stimmt nicht", ["faq-27"],
        )  # fmt: skip
        assert shown_ids(await talk.says(DEADLINE)) == ["faq-27"]

    async def test_a_reason_not_given_after_all_is_left_out(self, chain: Chain, talk: Talk) -> None:
        await talk.says(DEADLINE)
        await talk.taps("👎")
        await talk.taps("Eigener Grund …")
        await talk.commands("abbrechen")
        assert shown_ids(await talk.says(DEADLINE)) == ["faq-27"]
        assert [note.reason for note in waiting(chain)] == [None]


class TestPersonalData:
    async def test_rasa_sees_only_what_was_masked(self, behind_rasa: BehindRasa) -> None:
        chain, rasa = behind_rasa(lambda text: answer("faq-27", question=text))
        await Talk(chain).says("Frau Zwölfuhr (0171 2345678, z@example.org) fragt nach der Frist")
        [body] = rasa.received
        assert body["message"] == "Frau [PERSON] ([PHONE], [EMAIL]) fragt nach der Frist"
        assert "Zwölfuhr" not in str(body)

    async def test_what_is_remembered_for_follow_ups_is_masked(self, behind_rasa: BehindRasa) -> None:
        chain, rasa = behind_rasa(lambda text: answer("faq-27", question=text))
        talk = Talk(chain)
        await talk.says("Frau Zwölfuhr fragt nach der Frist")
        await talk.says("und bei Baustein 3?")
        assert rasa.received[1]["metadata"]["context"]["question"] == "Frau [PERSON] fragt nach der Frist"

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("Frau Zwölfuhr fragt nach der Frist", "einen Namen"),
            ("Rückruf unter 0171 2345678: Wann ist die Frist?", "eine Telefonnummer"),
            ("Antwort an z@example.org: Wann ist die Frist?", "eine E-Mail-Adresse"),
            ("Konto DE89 3704 0044 0532 0130 00: Wann kommt das Geld?", "eine Kontonummer"),
            ("Klientin, geb. 01.02.1990: Wann ist die Frist?", "ein Geburtsdatum"),
        ],
    )
    async def test_the_warning_names_the_kind_and_the_message_has_to_go(self, talk: Talk, text: str, kind: str) -> None:
        turn = await talk.says(text)
        assert f"Ihre Nachricht enthielt {kind}." in text_of(turn)
        assert turn.forget_incoming

    async def test_a_message_too_long_to_be_a_question_is_warned_about_all_the_same(self, talk: Talk) -> None:
        turn = await talk.says("Sehr geehrte Damen und Herren, " * 100 + "Tel. 0171 2345678")
        assert "zu lang" in text_of(turn)
        assert "eine Telefonnummer" in text_of(turn)
        assert turn.forget_incoming


class TestAGuardThatFails:
    """Closed by default: what could not be checked goes nowhere."""

    @pytest.fixture
    def unguarded(self, behind_rasa: BehindRasa) -> tuple[Chain, RasaStandIn]:
        class Failing(PrivacyGuard):
            def mask(self, text: str) -> Masked:
                raise GuardError("ging nicht")

        chain, rasa = behind_rasa(lambda text: answer("faq-27", question=text))
        failing = Failing.__new__(Failing)
        return replace(chain, guard=failing), rasa

    @pytest.mark.parametrize("text", [DEADLINE, "fall anlegen KIM-1042", "/hilfe", "/faelle"])
    async def test_nothing_is_passed_on_or_kept_and_the_message_has_to_go(
        self, unguarded: tuple[Chain, RasaStandIn], text: str
    ) -> None:
        chain, rasa = unguarded
        turn = await Talk(chain).says(text)
        assert "konnte nicht prüfen" in text_of(turn)
        assert turn.forget_incoming
        assert rasa.received == []
        assert waiting(chain) == []
        assert [line.event for line in audit_of(chain)] == ["guard failed"]


class TestFollowUps:
    async def test_another_baustein_repeats_the_question_for_it(self, talk: Talk) -> None:
        assert shown_ids(await talk.says(AMOUNT)) == ["faq-13", "faq-38"]
        assert shown_ids(await talk.says("und bei Baustein 3?")) == ["faq-38"]
        assert shown_ids(await talk.says("und für die Verwaltungsassistenz?")) == ["faq-13"]

    async def test_a_post_repeats_the_question_for_its_baustein(self, talk: Talk) -> None:
        await talk.says(AMOUNT)
        assert shown_ids(await talk.says("und für die Verwaltungsassistenz?")) == ["faq-13"]

    async def test_an_entry_opened_by_a_tap_can_be_followed_up(self, behind_rasa: BehindRasa, chain: Chain) -> None:
        asking, _ = behind_rasa(lambda text: choices("faq-13", "faq-27", question=text))
        talk = Talk(asking)
        await talk.says("Förderung?")
        await talk.taps(chain.knowledge.entries["faq-13"].title)
        talk.chain = replace(asking, understanding=chain.understanding)
        assert shown_ids(await talk.says("und bei Baustein 3?")) == ["faq-38"]

    async def test_without_a_question_before_nothing_is_claimed(self, talk: Talk) -> None:
        assert (await talk.says("und bei Baustein 3?")).outcome.status != "answer"

    async def test_another_conversation_knows_nothing_of_it(self, chain: Chain, talk: Talk) -> None:
        await talk.says(AMOUNT)
        assert (await Talk(chain, conversation="other").says("und bei Baustein 3?")).outcome.status != "answer"

    async def test_after_abbrechen_the_question_before_is_forgotten(self, talk: Talk) -> None:
        await talk.says(AMOUNT)
        assert "von vorn" in text_of(await talk.commands("abbrechen"))
        assert (await talk.says("und bei Baustein 3?")).outcome.status != "answer"


class TestRasaBehindIt:
    async def test_rasa_gets_a_fresh_conversation_after_so_many_turns(self, behind_rasa: BehindRasa) -> None:
        chain, rasa = behind_rasa(lambda text: answer("faq-27", question=text))
        talk = Talk(chain, conversation="desk-4711")
        for _ in range(TURNS_PER_SESSION + 1):
            await talk.says(DEADLINE)
        senders = [body["sender"] for body in rasa.received]
        assert len(set(senders[:-1])) == 1
        assert senders[-1] != senders[0]
        assert not any("4711" in sender for sender in senders)

    async def test_abbrechen_gives_rasa_a_fresh_conversation(self, behind_rasa: BehindRasa) -> None:
        chain, rasa = behind_rasa(lambda text: answer("faq-27", question=text))
        talk = Talk(chain)
        await talk.says(DEADLINE)
        await talk.commands("abbrechen")
        await talk.says(DEADLINE)
        first, second = rasa.received
        assert first["sender"] != second["sender"]
        assert second["metadata"]["context"] == {"question": "", "entries": []}

    async def test_the_time_of_the_message_travels_along(self, behind_rasa: BehindRasa) -> None:
        chain, rasa = behind_rasa(lambda text: answer("faq-27", question=text))
        await Talk(chain, written_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC)).says(DEADLINE)
        assert rasa.received[0]["metadata"]["now"] == "2026-12-31T23:30:00+00:00"

    async def test_while_rasa_fails_the_knowledge_is_searched_and_that_is_said(self, behind_rasa: BehindRasa) -> None:
        chain, rasa = behind_rasa(lambda text: answer("faq-01", question=text))
        talk = Talk(chain)
        rasa.failing = True
        turn = await talk.says(DEADLINE)
        assert shown_ids(turn) == ["faq-27"]
        assert turn.outcome.degraded
        assert "Das Sprachverständnis (Rasa) antwortet gerade nicht" in text_of(turn)

    async def test_a_failed_rasa_is_left_alone_for_a_moment(self, behind_rasa: BehindRasa) -> None:
        chain, rasa = behind_rasa(lambda text: answer("faq-01", question=text))
        talk = Talk(chain)
        rasa.failing = True
        await talk.says(DEADLINE)
        await talk.says(DEADLINE)
        assert len(rasa.received) == 1


class TestWhatIsShown:
    async def test_past_its_review_date_an_entry_says_so(self, chain: Chain) -> None:
        due = chain.knowledge.entries["faq-27"].review_by
        on_the_day = await Talk(with_entry(chain, "faq-27", review_by=local_day(MORNING))).says(DEADLINE)
        assert "hätte bis" not in text_of(on_the_day)
        after = await Talk(with_entry(chain, "faq-27", review_by=local_day(MORNING) - timedelta(days=1))).says(DEADLINE)
        assert "Achtung: Dieser Eintrag hätte bis 22.11.2026 geprüft werden sollen." in text_of(after)
        assert due > local_day(MORNING)

    async def test_an_expired_entry_is_not_shown_by_an_older_button(self, chain: Chain, talk: Talk) -> None:
        await talk.says(DEADLINE)
        last_day = local_day(MORNING) - timedelta(days=1)
        talk.chain = with_entry(chain, "faq-24", valid_to=last_day)
        turn = await talk.taps(chain.knowledge.entries["faq-24"].title)
        assert "gilt heute nicht mehr" in text_of(turn)
        assert shown_ids(turn) == []

    async def test_on_its_last_day_an_entry_is_still_shown(self, chain: Chain, talk: Talk) -> None:
        await talk.says(DEADLINE)
        talk.chain = with_entry(chain, "faq-24", valid_to=local_day(MORNING))
        assert shown_ids(await talk.taps(chain.knowledge.entries["faq-24"].title)) == ["faq-24"]

    async def test_the_day_changes_at_midnight_in_germany(self, chain: Chain) -> None:
        late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
        turn = await Talk(with_entry(chain, "faq-27", review_by=late.date()), written_at=late).says(DEADLINE)
        assert "Achtung: Dieser Eintrag hätte bis 23.11.2026 geprüft werden sollen." in text_of(turn)

    async def test_an_expired_entry_is_no_longer_browsed_to(self, chain: Chain) -> None:
        talk = Talk(with_entry(chain, "faq-38", valid_to=local_day(MORNING) - timedelta(days=1)))
        await talk.commands("themen")
        await talk.taps("Baustein 3: ABH und EBH")
        await talk.taps("Förderung und Beträge")
        assert "Förderhöhe (Baustein 3)" not in talk.buttons

    async def test_a_button_of_an_entry_that_is_gone_is_answered_kindly(self, chain: Chain, talk: Talk) -> None:
        await talk.says(AMOUNT)
        left = {id_: entry for id_, entry in chain.knowledge.raw_entries.items() if id_ != "faq-38"}
        talk.chain = replace(chain, knowledge=replace(chain.knowledge, raw_entries=left))
        assert "älteren Nachricht" in text_of(await talk.taps("Mehr dazu (Baustein 3)"))

    @pytest.mark.parametrize("nothing", ["", "   ", "?!", "🙂🙂", "\x00\x01\x07", "1 2 3", "\u200b\u202e"])
    async def test_a_message_without_words_is_asked_for_words(self, talk: Talk, nothing: str) -> None:
        assert "Darin finde ich keine Frage." in text_of(await talk.says(nothing))

    @pytest.mark.parametrize("scrap", ["b", "<b>&", "x", "A?"])
    async def test_a_single_letter_gets_no_sure_answer(self, talk: Talk, scrap: str) -> None:
        assert (await talk.says(scrap)).outcome.status != "answer"

    @pytest.mark.parametrize("text", ["/faq", "/intent", '/intent{"slot": 1}', "/faq/faq-27", "  /faq"])
    async def test_what_looks_like_an_intent_is_never_taken_for_one(self, behind_rasa: BehindRasa, text: str) -> None:
        chain, rasa = behind_rasa(lambda text: answer("faq-27", question=text))
        turn = await Talk(chain).says(text)
        assert "Diesen Befehl kenne ich nicht." in text_of(turn)
        assert rasa.received == []


class TestOverlay:
    """A municipality's own additions."""

    @pytest.fixture
    def overlay(self, tmp_path: Path) -> Path:
        folder = tmp_path / "overlay"
        folder.mkdir()
        return folder

    def of(self, chain: Chain, overlay: Path) -> Talk:
        local: Knowledge = load_knowledge(overlay)
        return Talk(replace(chain, knowledge=local, understanding=replace(chain.understanding, knowledge=local)))

    async def test_who_is_responsible_is_answered_from_it(self, chain: Chain, overlay: Path) -> None:
        (overlay / "contacts.yml").write_text(
            "- {id: foerderung, responsible_for: Fördermittel, text: 'Amt 50, Zimmer 12'}\n", "utf-8"
        )
        turn = await self.of(chain, overlay).says("wer ist bei uns zuständig?")
        assert "Fördermittel: Amt 50, Zimmer 12" in text_of(turn)

    async def test_without_contacts_the_coordination_is_named(self, talk: Talk) -> None:
        assert "noch nicht hinterlegt" in text_of(await talk.says("wer ist bei uns zuständig?"))

    async def test_a_date_of_the_own_bescheid_stands_under_its_entry(self, chain: Chain, overlay: Path) -> None:
        (overlay / "dates.yml").write_text(
            "- {id: antrag, entries: [faq-27], text: Interne Frist, date: 2026-10-15}\n", "utf-8"
        )
        assert "Bei Ihnen: Interne Frist, 15.10.2026" in text_of(await self.of(chain, overlay).says(DEADLINE))

    async def test_the_original_text_is_a_tap_away(self, chain: Chain, overlay: Path) -> None:
        lines = [f"{number}. Frage {number}?\nWortlaut {number}." for number in range(1, 51)]
        (overlay / "faq.txt").write_text("\n".join(lines), "utf-8")
        talk = self.of(chain, overlay)
        await talk.says(DEADLINE)
        assert "Wortlaut 27." in text_of(await talk.taps("Originaltext"))
