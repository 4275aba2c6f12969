"""Talks with KIM-Lotse in Telegram: the real channel and chain, over HTTP, against the stand-in of the Bot API."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text as sql
from sqlmodel import Session

from actions.settings import Settings
from actions.store.buttons import forget_old
from bot.chain import Chain
from bot.logs import configure_logging
from knowledge.errors import LotseError
from knowledge.load import load_knowledge
from tests.bot.talking import (
    ANNA,
    BEN,
    CROWD,
    MORNING,
    STRANGER,
    ManualClock,
    Person,
    RasaStandIn,
    RunningChannel,
    answer,
    audit_of,
    buttons,
    choices,
    labels,
    stored_bytes,
    waiting,
)
from tests.standin.botapi import TOKEN, BotApi
from tests.standin.driver import free_port
from tests.standin.model import Message
from tests.standin.text import utf16_length

DEADLINE = "Bis wann muss der Antrag fürs nächste Jahr raus?"
OFF_TOPIC = "Wie wird das Wetter morgen?"
PHONE = "0171 2345678"
GROUP = -500
REASONS = ["Stimmt nicht", "Beantwortet meine Frage nicht", "Unverständlich", "Veraltet", "Eigener Grund …"]

Serving = Callable[..., RunningChannel]
BehindRasa = Callable[..., tuple[Chain, RasaStandIn]]


def sent_to(api: BotApi, chat: int) -> list[dict[str, Any]]:
    """Every text the bot tried to send to a chat, as it went over the wire."""
    return [dict(call.params) for call in api.calls("sendMessage") if call.chat_id == chat]


class TestAnswers:
    def test_a_question_is_answered_with_citation_related_topics_and_thumbs(
        self, lotse: RunningChannel, anna: Person, chain: Chain
    ) -> None:
        reply = anna.writes(DEADLINE)
        entry = chain.knowledge.entries["faq-27"]
        assert "bis Ende Oktober" in reply.text
        assert reply.html.startswith("<b>")
        assert f"<i>{chain.knowledge.citation(entry)}</i>" in reply.html
        related = [chain.knowledge.entries[other].title for other in entry.related[:3]]
        assert labels(reply) == ["🔔 Frist 31.10.2027", *related, "👍", "👎"]

    def test_a_choice_is_tapped_and_its_entry_shown(
        self, serving: Serving, behind_rasa: BehindRasa, anna: Person
    ) -> None:
        chain, _ = behind_rasa(lambda text: choices("faq-27", "faq-24", question=text))
        titles = [chain.knowledge.entries[one].title for one in ("faq-27", "faq-24")]
        with serving(chain):
            reply = anna.writes("Antrag?")
            assert reply.text == "Meinten Sie …"
            assert labels(reply) == [*titles, "Nichts davon: an die Koordination geben"]
            assert "bis Ende Oktober" in anna.taps(titles[0]).text

    def test_none_of_the_choices_hands_the_question_to_the_coordination(
        self, serving: Serving, behind_rasa: BehindRasa, anna: Person
    ) -> None:
        chain, _ = behind_rasa(lambda text: choices("faq-27", "faq-24", question=text))
        with serving(chain):
            anna.writes("Antrag?")
            assert "für die Koordination notiert" in anna.taps("Nichts davon: an die Koordination geben").text
        assert [(note.question, note.entries) for note in waiting(chain)] == [("Antrag?", ["faq-27", "faq-24"])]

    def test_what_is_not_known_is_said_and_goes_masked_to_the_coordination(
        self, lotse: RunningChannel, anna: Person, chain: Chain
    ) -> None:
        anna.sends(f"Wie wird das Wetter für Frau Zwölfuhr, Tel. {PHONE}?", date=None)
        _, reply = anna.gets(2)
        assert "Dazu weiß ich nichts Verlässliches." in reply.text
        assert labels(reply)[-2:] == ["Alle Themen", "An die Koordination geben"]
        assert "für die Koordination notiert" in anna.taps("An die Koordination geben").text
        [note] = waiting(chain)
        assert note.question == "Wie wird das Wetter für Frau [PERSON], Tel. [PHONE]?"

    def test_an_edited_question_is_answered_anew(self, lotse: RunningChannel, anna: Person) -> None:
        question = anna.sends(OFF_TOPIC)
        assert "Dazu weiß ich nichts" in anna.gets()[0].text
        assert "bis Ende Oktober" in anna.edits(question, DEADLINE).text

    def test_a_follow_up_in_the_same_chat_is_understood(self, lotse: RunningChannel, anna: Person, ben: Person) -> None:
        anna.writes("Wie hoch ist die Förderung pro Stelle?")
        assert "Frage 38" in anna.writes("und bei Baustein 3?").text
        assert "Frage 38" not in ben.writes("und bei Baustein 3?").text


class TestFeedback:
    def test_a_thumb_up_is_thanked_for_without_a_message(self, lotse: RunningChannel, anna: Person) -> None:
        anna.writes(DEADLINE)
        assert anna.touches("👍").text == "Danke für die Rückmeldung."
        lotse.stop()
        assert anna.news() == []

    def test_a_thumb_down_asks_why_and_lands_in_the_work_list(
        self, lotse: RunningChannel, anna: Person, chain: Chain
    ) -> None:
        anna.writes(DEADLINE)
        assert labels(anna.taps("👎")) == REASONS
        assert anna.taps("Veraltet").text == "Danke für die Rückmeldung."
        [note] = waiting(chain)
        assert (note.kind.value, note.question, note.entries, note.reason) == (
            "unhelpful", DEADLINE, ["faq-27"], "Veraltet",
        )  # fmt: skip

    def test_an_own_reason_is_the_next_message_and_masked(
        self, lotse: RunningChannel, anna: Person, chain: Chain
    ) -> None:
        anna.writes(DEADLINE)
        anna.taps("👎")
        assert "Bitte schreiben Sie den Grund" in anna.taps("Eigener Grund …").text
        anna.sends(f"Herr Sonnabend unter {PHONE} weiß es besser", date=None)
        warning, thanks = anna.gets(2)
        assert "eine Telefonnummer" in warning.text
        assert thanks.text == "Danke für die Rückmeldung."
        assert [note.reason for note in waiting(chain)] == ["Herr [PERSON] unter [PHONE] weiß es besser"]
        assert "bis Ende Oktober" in anna.writes(DEADLINE).text


class TestButtons:
    def test_they_carry_short_ids_and_nothing_of_what_they_mean(self, lotse: RunningChannel, anna: Person) -> None:
        shown = [*buttons(anna.writes(DEADLINE)), *buttons(anna.writes(OFF_TOPIC)), *buttons(anna.writes("/themen"))]
        data = [button.data or "" for button in shown]
        assert all(1 <= len(one.encode()) <= 64 for one in data)
        assert len(set(data)) == len(data)
        assert not any(word in one for one in data for word in ("faq", "show", "b3", "{"))

    def test_they_mean_nothing_in_another_chat(
        self, lotse: RunningChannel, anna: Person, ben: Person, api: BotApi, chain: Chain
    ) -> None:
        anna.writes(OFF_TOPIC)
        theirs = buttons(anna.reads()[-1])[-1].data or ""
        shown = ben.writes(DEADLINE)
        tap = api.user_taps(BEN, shown.message_id, theirs, stale=True)
        assert "gehört zu einer älteren Nachricht" in api.wait_for_reply(BEN, after=tap).text
        assert waiting(chain) == []

    @pytest.mark.parametrize("data", ["nonsense", "x" * 64, '{"do": "show"}', "'; DROP TABLE button; --", "ä🙂"])
    def test_an_unknown_one_is_answered_kindly(
        self, lotse: RunningChannel, anna: Person, api: BotApi, data: str
    ) -> None:
        shown = anna.writes(DEADLINE)
        tap = api.user_taps(ANNA, shown.message_id, data, stale=True)
        assert api.wait_for_answer(tap).text == "Älterer Knopf"
        assert "Bitte stellen Sie Ihre Frage noch einmal." in api.wait_for_reply(ANNA, after=tap).text

    def test_one_forgotten_after_weeks_is_answered_kindly(
        self, serving: Serving, anna: Person, chain: Chain, clock: ManualClock
    ) -> None:
        with serving():
            anna.writes(DEADLINE)
            clock.forward(days=31)
            with Session(chain.engine) as session:
                forget_old(session, now=clock())
                session.commit()
            assert "älteren Nachricht" in anna.taps("👎").text

    def test_they_outlast_a_restart(self, serving: Serving, anna: Person) -> None:
        with serving():
            anna.writes(DEADLINE)
        with serving():
            assert labels(anna.taps("👎")) == REASONS

    def test_a_tap_too_old_for_telegram_still_gets_its_reply(
        self, lotse: RunningChannel, anna: Person, api: BotApi
    ) -> None:
        shown = anna.writes(DEADLINE)
        api.expire_taps(0)
        anna.last = api.user_taps(ANNA, shown.message_id, "👎")
        assert labels(anna.gets()[0]) == REASONS


class TestCommands:
    def test_start_greets_and_says_what_not_to_write(self, lotse: RunningChannel, anna: Person) -> None:
        reply = anna.writes("/start")
        assert "Fragen Sie mich zu den Regeln" in reply.text
        assert "keine Namen" in reply.text
        assert labels(reply) == ["Alle Themen", "Meine Fälle", "Meine Daten"]

    @pytest.mark.parametrize("command", ["/hilfe", "/help", "/HILFE", "/hilfe@standin_bot", " /hilfe bitte"])
    def test_hilfe_says_what_it_can_do(self, lotse: RunningChannel, anna: Person, command: str) -> None:
        assert "So hilft Ihnen KIM-Lotse" in anna.writes(command).text

    def test_abbrechen_begins_afresh(self, lotse: RunningChannel, anna: Person) -> None:
        anna.writes("Wie hoch ist die Förderung pro Stelle?")
        assert "von vorn" in anna.writes("/abbrechen").text
        assert "Frage 38" not in anna.writes("und bei Baustein 3?").text

    def test_themen_leads_to_an_entry_and_back_by_taps_alone(self, lotse: RunningChannel, anna: Person) -> None:
        shelves = anna.writes("/themen")
        assert "Baustein 3: ABH und EBH" in labels(shelves)
        topics = anna.taps("Baustein 3: ABH und EBH")
        assert "Förderung und Beträge" in labels(topics)
        entries = anna.taps("Förderung und Beträge")
        assert entries.text == "Baustein 3: ABH und EBH · Förderung und Beträge"
        assert labels(anna.taps("← Zurück")) == labels(topics)
        assert labels(anna.taps("← Zurück")) == labels(shelves)
        anna.taps("Baustein 3: ABH und EBH")
        anna.taps("Förderung und Beträge")
        assert "Frage 38" in anna.taps("Förderhöhe (Baustein 3)").text

    def test_every_entry_is_found_by_browsing(self, lotse: RunningChannel, anna: Person, chain: Chain) -> None:
        found: set[str] = set()
        for shelf in labels(anna.writes("/themen")):
            for topic in labels(anna.taps(shelf))[:-1]:
                found |= set(labels(anna.taps(topic))[:-1])
                anna.taps("← Zurück")
            anna.taps("← Zurück")
        today = chain.clock().date()
        assert found == {entry.title for entry in chain.knowledge.entries.values() if entry.valid_on(today)}

    @pytest.mark.parametrize("text", ["/faq", "/intent", '/intent{"slot": 1}', "/start{}", "/wetter morgen"])
    def test_anything_else_with_a_slash_is_an_unknown_command(
        self, serving: Serving, behind_rasa: BehindRasa, anna: Person, text: str
    ) -> None:
        chain, rasa = behind_rasa(lambda text: answer("faq-27", question=text))
        with serving(chain):
            assert anna.is_told(text, "Diesen Befehl kenne ich nicht. /hilfe zeigt, was ich kann.")
        assert rasa.received == []


class TestStrangersAndGroups:
    def test_a_stranger_gets_one_refusal_and_nothing_goes_further(
        self, serving: Serving, behind_rasa: BehindRasa, api: BotApi, telegram_settings: Settings
    ) -> None:
        chain, rasa = behind_rasa(lambda text: answer("faq-27", question=text))
        stranger = Person(api, STRANGER)
        with serving(chain):
            reply = stranger.writes("Was kostet das in Kleinkleckersdorf?")
        assert [message.text for message in stranger.reads()] == [reply.text]
        assert "nur angemeldete Mitarbeitende" in reply.text
        assert labels(reply) == []
        assert rasa.received == []
        assert [(line.event, line.person_id) for line in audit_of(chain)] == [("refused", None)]
        assert b"Kleinkleckersdorf" not in stored_bytes(telegram_settings)
        assert str(STRANGER).encode() not in stored_bytes(telegram_settings)

    def test_a_stranger_who_taps_or_sends_a_file_is_refused_too(self, lotse: RunningChannel, api: BotApi) -> None:
        stranger = Person(api, STRANGER)
        assert "nur angemeldete" in stranger.shows("document").text
        assert "nur angemeldete" in Person(api, STRANGER + 1).writes("/themen").text

    def test_a_stranger_is_refused_once_and_then_not_answered(self, lotse: RunningChannel, api: BotApi) -> None:
        stranger = Person(api, STRANGER)
        stranger.writes(DEADLINE)
        api.user_sends(STRANGER, DEADLINE, user_id=STRANGER)
        assert "bis Ende Oktober" in Person(api, ANNA).writes(DEADLINE).text
        assert len([message for message in api.messages(STRANGER) if message.from_bot]) == 1

    def test_who_is_no_longer_listed_is_a_stranger(
        self, serving: Serving, anna: Person, telegram_settings: Settings
    ) -> None:
        with serving():
            assert "bis Ende Oktober" in anna.writes(DEADLINE).text
        with serving(telegram_staff=f"{BEN}:ben"):
            assert "nur angemeldete" in anna.writes(DEADLINE).text

    def test_a_group_is_told_one_sentence_and_left(self, lotse: RunningChannel, api: BotApi) -> None:
        api.bot_added_to_group(GROUP, title="Team", by_user=ANNA)
        api.wait_for_call("leaveChat")
        lotse.stop()
        said = [message.text for message in api.messages(GROUP) if message.from_bot]
        assert said == [
            "KIM-Lotse arbeitet nur in Einzelchats. Bitte schreiben Sie mir direkt; ich verlasse diese Gruppe jetzt."
        ]
        assert api.world.chats[GROUP].membership == "left"

    def test_a_question_in_a_group_is_not_answered_there(self, lotse: RunningChannel, api: BotApi) -> None:
        api.user_sends(GROUP, DEADLINE, user_id=ANNA, chat_type="group")
        api.wait_for_call("leaveChat")
        lotse.stop()
        assert not any("Oktober" in message.text for message in api.messages(GROUP))

    def test_being_blocked_and_unblocked_is_borne(self, lotse: RunningChannel, api: BotApi, anna: Person) -> None:
        anna.writes(DEADLINE)
        api.block(ANNA)
        api.unblock(ANNA)
        assert "bis Ende Oktober" in anna.writes(DEADLINE).text


class TestWhatIsNoText:
    def test_files_voices_contacts_and_places_get_a_kind_sentence_and_are_never_opened(
        self, lotse: RunningChannel, api: BotApi, anna: Person
    ) -> None:
        assert "Sprachnachrichten höre ich nicht an." in anna.shows("voice").text
        assert "Sprachnachrichten höre ich nicht an." in anna.shows("video_note").text
        assert "Kontakte nehme ich nicht an" in anna.shows("contact").text
        assert "Standorte brauche ich nicht." in anna.shows("location").text
        assert "Bilder und Dateien öffne ich nicht." in anna.shows("photo", caption=DEADLINE).text
        assert "Bilder und Dateien öffne ich nicht." in anna.shows("document", file_name="akte.pdf").text
        assert "Bilder und Dateien öffne ich nicht." in anna.shows("sticker").text
        assert "Bilder und Dateien öffne ich nicht." in anna.shows("animation").text
        assert all("Bitte schreiben Sie" in m.text or "Schreiben Sie mir" in m.text for m in anna.reads())
        assert api.calls("getFile") == []

    @pytest.mark.parametrize("nothing", ["🙂🙂", "?!", "\x00\x01\x07", "\u202e\u200b", "   "])
    def test_a_message_without_words_is_asked_for_words(
        self, lotse: RunningChannel, anna: Person, nothing: str
    ) -> None:
        assert "Darin finde ich keine Frage." in anna.writes(nothing).text

    def test_an_endless_message_is_asked_to_be_short(self, lotse: RunningChannel, anna: Person) -> None:
        assert "zu lang für mich" in anna.writes("Wie hoch ist die Förderung? " * 400).text

    @pytest.mark.parametrize(
        "foreign", ["What is the weather like?", "Yarın hava nasıl olacak?", "كيف حال الطقس غدا؟", "Яка завтра погода?"]
    )
    def test_another_language_gets_the_honest_reply(self, lotse: RunningChannel, anna: Person, foreign: str) -> None:
        assert anna.is_told(foreign, "Dazu weiß ich nichts Verlässliches.")

    @pytest.mark.parametrize("text", ["<b>&", "<script>alert(1)</script> & Co?", "Frist</i></b>?", "&lt;&amp;&#0;"])
    def test_signs_of_markup_break_nothing(self, lotse: RunningChannel, api: BotApi, anna: Person, text: str) -> None:
        assert "Ich konnte gerade nichts speichern" not in anna.writes(text).text
        lotse.stop()
        assert [call.status for call in api.calls("sendMessage")] == [200]

    def test_signs_of_markup_in_own_contacts_are_shown_as_they_are(
        self, serving: Serving, chain: Chain, anna: Person, tmp_path: Path
    ) -> None:
        overlay = tmp_path / "overlay"
        overlay.mkdir()
        (overlay / "contacts.yml").write_text("- {id: amt, responsible_for: A & B, text: Amt <50>}\n", "utf-8")
        with serving(replace(chain, knowledge=load_knowledge(overlay))):
            assert "A & B: Amt <50>" in anna.writes("wer ist bei uns zuständig?").text


class TestOrder:
    def test_an_update_delivered_twice_is_handled_once(
        self, lotse: RunningChannel, api: BotApi, anna: Person, chain: Chain
    ) -> None:
        anna.writes(DEADLINE)
        [update] = api.updates()
        api.push_update(update)
        assert "So hilft" in anna.writes("/hilfe").text
        lotse.stop()
        assert [line.event for line in audit_of(chain)] == ["text", "command"]
        assert len(anna.reads()) == 2

    def test_a_tap_delivered_twice_after_a_restart_counts_once(
        self, serving: Serving, api: BotApi, anna: Person, chain: Chain
    ) -> None:
        with serving():
            anna.writes(OFF_TOPIC)
            anna.taps("An die Koordination geben")
        api.push_update(api.updates()[-1])
        with serving():
            anna.writes("/hilfe")
        assert len(waiting(chain)) == 1

    def test_one_chat_keeps_its_order_while_ten_chats_run_side_by_side(
        self, serving: Serving, behind_rasa: BehindRasa, api: BotApi
    ) -> None:
        order = ["faq-27", "faq-24", "faq-21"]
        slow_first = {"faq-27": 0.8, "faq-24": 0.3, "faq-21": 0.0}
        chain, _ = behind_rasa(lambda text: answer(text, question=text), seconds=slow_first.__getitem__)
        crowd = [Person(api, number) for number in CROWD]
        with serving(chain):
            began = time.monotonic()
            for entry in order:
                for person in crowd:
                    person.sends(entry)
            for person in crowd:
                api.wait_until(lambda person=person: len(person.reads()) == 3 or None, timeout=15)
            took = time.monotonic() - began
        sources = [chain.knowledge.citation(chain.knowledge.entries[entry]) for entry in order]
        for person in crowd:
            assert [message.text.splitlines()[-1] for message in person.reads()] == sources
        assert took < 6, "ten chats one after the other would take eleven seconds"

    def test_a_slow_reply_shows_that_something_is_being_written(
        self, serving: Serving, behind_rasa: BehindRasa, api: BotApi, anna: Person
    ) -> None:
        chain, _ = behind_rasa(lambda text: answer("faq-27", question=text), seconds=lambda _: 1.0)
        with serving(chain):
            anna.writes(DEADLINE)
        [call] = api.calls("sendChatAction")
        assert (call.chat_id, call.params["action"]) == (ANNA, "typing")


class TestPersonalData:
    def test_the_message_is_deleted_the_kind_is_named_and_nothing_of_it_is_kept(
        self, serving: Serving, api: BotApi, anna: Person, chain: Chain, telegram_settings: Settings
    ) -> None:
        with serving():
            question = anna.sends(f"Frau Zwölfuhr, {PHONE}: {OFF_TOPIC}", date=None)
            warning, _ = anna.gets(2)
            anna.taps("An die Koordination geben")
            anna.taps("Alle Themen")
        assert "eine Telefonnummer" in warning.text
        assert PHONE not in warning.text
        assert api.message(ANNA, question.message_id) is None
        [note] = waiting(chain)
        assert note.question == f"Frau [PERSON], [PHONE]: {OFF_TOPIC}"
        stored = stored_bytes(telegram_settings)
        for trace in (PHONE, "2345678", "Zwölfuhr"):
            assert trace.encode() not in stored
        assert not any(PHONE in str(sent) or "Zwölfuhr" in str(sent) for sent in sent_to(api, ANNA))

    def test_an_edit_that_brings_personal_data_is_deleted_too(
        self, lotse: RunningChannel, api: BotApi, anna: Person
    ) -> None:
        question = anna.sends(OFF_TOPIC, date=None)
        anna.gets()
        assert "eine Telefonnummer" in anna.edits(question, f"{OFF_TOPIC} {PHONE}").text
        lotse.stop()
        assert anna.own_texts() == []

    def test_it_is_deleted_though_the_reply_is_refused(self, serving: Serving, api: BotApi, anna: Person) -> None:
        with serving():
            api.fail_next("sendMessage", 1, 400, chat_id=ANNA)
            anna.writes(f"{OFF_TOPIC} {PHONE}", date=None)
        assert anna.own_texts() == []

    def test_deleting_is_tried_again_when_the_connection_drops(
        self, serving: Serving, api: BotApi, anna: Person
    ) -> None:
        with serving():
            api.drop_connections("deleteMessage", 1)
            anna.sends(f"{OFF_TOPIC} {PHONE}", date=None)
            anna.gets(2)
            api.wait_for_call("deleteMessage")
            time.sleep(1)
        assert anna.own_texts() == []

    def test_it_is_deleted_behind_a_command_and_in_a_long_message_too(
        self, serving: Serving, api: BotApi, anna: Person
    ) -> None:
        with serving():
            anna.writes(f"/hilfe {PHONE}", date=None)
            anna.writes(f"/wetter {PHONE}", date=None)
            anna.writes("Sehr geehrte Damen und Herren, " * 80 + PHONE, date=None)
        assert [text[-20:] for text in anna.own_texts()] == []

    def test_a_message_too_old_to_be_deleted_is_no_reason_to_fail(
        self, serving: Serving, api: BotApi, anna: Person
    ) -> None:
        with serving():
            anna.sends(f"{OFF_TOPIC} {PHONE}", date=int(MORNING.timestamp()) - 3 * 24 * 3600)
            warning, reply, regret = anna.gets(3)
        assert "eine Telefonnummer" in warning.text
        assert "Dazu weiß ich nichts" in reply.text
        assert "nicht löschen" in regret.text


class TestTroubleWithTelegram:
    def test_too_many_requests_are_waited_out(self, lotse: RunningChannel, api: BotApi, anna: Person) -> None:
        api.fail_next("sendMessage", 1, 429, retry_after=1)
        assert "bis Ende Oktober" in anna.writes(DEADLINE).text
        lotse.stop()
        first, second = api.calls("sendMessage")
        assert (first.status, second.status) == (429, 200)
        assert second.received - first.received >= 1.0

    def test_dropped_connections_and_server_errors_are_tried_again(
        self, lotse: RunningChannel, api: BotApi, anna: Person
    ) -> None:
        api.drop_connections("sendMessage", 1)
        api.fail_next("sendMessage", 1, 500)
        assert "bis Ende Oktober" in anna.writes(DEADLINE).text
        lotse.stop()
        assert [call.status for call in api.calls("sendMessage")] == [None, 500, 200]

    def test_failing_polls_are_outlived(self, lotse: RunningChannel, api: BotApi, anna: Person) -> None:
        anna.writes("/start")
        api.fail_next("getUpdates", 1, 502)
        api.drop_connections("getUpdates", 1)
        assert "bis Ende Oktober" in anna.writes(DEADLINE).text

    def test_an_outage_is_outlived_and_no_message_lost(self, lotse: RunningChannel, api: BotApi, anna: Person) -> None:
        anna.writes("/start")
        api.stop()
        anna.sends(DEADLINE)
        api.start()
        assert "bis Ende Oktober" in anna.gets()[0].text

    def test_what_was_written_before_the_start_is_answered(self, serving: Serving, anna: Person) -> None:
        anna.sends(DEADLINE)
        with serving():
            assert "bis Ende Oktober" in anna.gets()[0].text

    def test_a_refused_reply_is_followed_by_an_honest_sentence(
        self, lotse: RunningChannel, api: BotApi, anna: Person
    ) -> None:
        api.fail_next("sendMessage", 1, 400)
        assert "Das hat gerade nicht geklappt." in anna.writes(DEADLINE).text
        assert "bis Ende Oktober" in anna.writes(DEADLINE).text

    def test_a_tap_that_fails_does_not_leave_its_button_waiting(
        self, lotse: RunningChannel, api: BotApi, anna: Person, chain: Chain
    ) -> None:
        shown = anna.writes(DEADLINE)
        with Session(chain.engine) as session:
            session.execute(sql("DROP TABLE feedback"))
            session.commit()
        tap = api.user_taps(ANNA, shown.message_id, "👎")
        assert "Ich konnte gerade nichts speichern" in api.wait_for_reply(ANNA, after=tap).text
        api.wait_for_answer(tap, timeout=2)

    def test_who_blocked_the_bot_does_not_stop_it_for_others(
        self, lotse: RunningChannel, api: BotApi, anna: Person, ben: Person
    ) -> None:
        api.fail_next("sendMessage", 1, 403, chat_id=ANNA)
        anna.sends(DEADLINE)
        assert "bis Ende Oktober" in ben.writes(DEADLINE).text
        lotse.stop()
        assert anna.reads() == []

    def test_the_menu_names_the_commands(self, lotse: RunningChannel, api: BotApi) -> None:
        [call] = api.calls("setMyCommands")
        assert [command["command"] for command in call.params["commands"]] == ["start"]

    @pytest.mark.parametrize(
        ("role", "names"),
        [
            (
                "case_manager",
                [
                    "themen",
                    "beratung",
                    "offen",
                    "faelle",
                    "erinnerungen",
                    "fristen",
                    "export",
                    "hilfe",
                    "einstellungen",
                    "meinedaten",
                    "abbrechen",
                ],
            ),
            (
                "administration",
                ["themen", "erinnerungen", "fristen", "hilfe", "einstellungen", "meinedaten", "abbrechen"],
            ),
        ],
    )
    def test_a_persons_menu_holds_what_they_may_do(
        self, serving: Serving, api: BotApi, anna: Person, role: str, names: list[str]
    ) -> None:
        with serving(telegram_staff=f"{ANNA}:anna:{role}"):
            anna.writes("/hilfe")
            anna.writes("/hilfe")
        _, own = api.calls("setMyCommands")
        assert own.params["scope"] == {"type": "chat", "chat_id": ANNA}
        assert [command["command"] for command in own.params["commands"]] == names

    def test_a_server_without_command_menus_is_served_all_the_same(
        self, serving: Serving, api: BotApi, anna: Person
    ) -> None:
        api.remove_method("setMyCommands")
        with serving():
            assert "bis Ende Oktober" in anna.writes(DEADLINE).text

    def test_a_wrong_token_is_said_in_one_sentence(self, serving: Serving) -> None:
        wrong = TOKEN.replace("stand-in", "mistaken")
        with pytest.raises(LotseError) as raised, serving(telegram_token=wrong):
            pass
        assert "LOTSE_TELEGRAM_TOKEN" in raised.value.sentence
        assert wrong not in raised.value.sentence
        assert "\n" not in raised.value.sentence

    def test_an_unreachable_telegram_is_said_in_one_sentence(self, serving: Serving) -> None:
        with pytest.raises(LotseError) as raised, serving(telegram_api_url=f"http://127.0.0.1:{free_port()}"):
            pass
        assert "Telegram ist nicht erreichbar" in raised.value.sentence
        assert "\n" not in raised.value.sentence


class TestWebhook:
    def test_updates_come_by_webhook_and_only_with_the_secret(
        self, serving: Serving, api: BotApi, anna: Person
    ) -> None:
        port = free_port()
        hook = f"http://127.0.0.1:{port}/hook"
        webhook = {
            "telegram_webhook_url": hook,
            "telegram_webhook_secret": "hook-secret",
            "telegram_webhook_port": port,
        }
        with serving(**webhook):
            assert "bis Ende Oktober" in anna.writes(DEADLINE).text
            assert labels(anna.taps("👎")) == REASONS
            forged = httpx.post(hook, json=api.updates()[0] | {"update_id": 1}, trust_env=False)
            assert forged.status_code == 403
        assert api.calls("getUpdates") == []


class TestLongTexts:
    def test_a_long_original_text_comes_in_several_messages_none_too_long(
        self, serving: Serving, api: BotApi, anna: Person, chain: Chain, tmp_path: Path
    ) -> None:
        wording = " ".join(f"Satz {number} <mit> & Zeichen 𝔄." for number in range(400))
        overlay = tmp_path / "overlay"
        overlay.mkdir()
        parts = [f"{number}. Frage {number}?\n{wording if number == 27 else 'Kurz.'}" for number in range(1, 51)]
        (overlay / "faq.txt").write_text("\n".join(parts), "utf-8")
        with serving(replace(chain, knowledge=load_knowledge(overlay))):
            anna.writes(DEADLINE)
            anna.taps("Originaltext")
        messages = anna.news()
        assert len(messages) > 1
        assert all(utf16_length(message.text) <= 4096 for message in messages)
        assert wording.split() == [word for word in words(messages) if word in set(wording.split())]
        assert [call.status for call in api.calls("sendMessage")] == [200] * (1 + len(messages))


def words(messages: list[Message]) -> list[str]:
    return [word for message in messages for word in message.text.split()]


class TestLogs:
    def test_neither_token_nor_texts_reach_the_log_whatever_fails(
        self, log: Path, serving: Serving, api: BotApi, anna: Person, chain: Chain
    ) -> None:
        with serving():
            anna.sends(f"Frau Zwölfuhr, {PHONE}: Frist in Kleinkleckersdorf?", date=None)
            anna.gets(2)
            anna.writes(DEADLINE)
            api.fail_next("sendMessage", 1, 400)
            anna.writes(DEADLINE)
            api.drop_connections("sendMessage", 1)
            api.fail_next("getUpdates", 1, 500)
            anna.writes(DEADLINE)
            with Session(chain.engine) as session:
                session.execute(sql("DROP TABLE feedback"))
                session.commit()
            tap = api.user_taps(ANNA, anna.reads()[-1].message_id, "👎")
            assert "Ich konnte gerade nichts speichern" in api.wait_for_reply(ANNA, after=tap).text
        logged = log.read_text("utf-8")
        assert "an update failed: BadRequest" in logged
        assert "the store failed: OperationalError" in logged
        secret = TOKEN.partition(":")[2]
        for trace in (secret, PHONE, "Zwölfuhr", "Kleinkleckersdorf", DEADLINE, "Antrag fürs", "Oktober", "DROP TABLE"):
            assert trace not in logged

    def test_a_token_in_an_address_is_struck_out_even_where_nobody_named_it(self, tmp_path: Path, log: Path) -> None:
        configure_logging(log.parent / "other.log", "DEBUG")
        [handler] = logging.getLogger().handlers
        token = "7123456789:AAFq3-abcdefghijklmnopqrstuvwxyz01"
        logging.getLogger("other").info("POST https://api.telegram.org/bot%s/getMe with %s", token, token)
        handler.close()
        logging.getLogger().handlers.remove(handler)
        assert token.partition(":")[2] not in (log.parent / "other.log").read_text("utf-8")

    def test_an_error_is_logged_by_its_kind_only(self, log: Path) -> None:
        try:
            raise ValueError("Kleinkleckersdorf")
        except ValueError:
            logging.getLogger("bot").exception("a turn failed")
        logged = log.read_text("utf-8")
        assert "a turn failed (ValueError)" in logged
        assert "Kleinkleckersdorf" not in logged
