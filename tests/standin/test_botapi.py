"""The stand-in driven by the real python-telegram-bot over HTTP."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.standin.botapi import BotApi
from tests.standin.driver import RunningBot
from tests.standin.model import MediaKind

CHAT = 4242
GROUP = -500


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as running:
        yield running


@pytest.fixture(params=[False, True], ids=["polling", "webhook"])
def bot(api: BotApi, request: pytest.FixtureRequest) -> Iterator[RunningBot]:
    with RunningBot(api, webhook=bool(request.param)) as running:
        yield running


@pytest.fixture
def polling_bot(api: BotApi) -> Iterator[RunningBot]:
    with RunningBot(api) as running:
        yield running


@pytest.mark.usefixtures("bot")
def test_answers_a_text(api: BotApi) -> None:
    sent = api.user_sends(CHAT, "hello")
    reply = api.wait_for_reply(CHAT, after=sent)
    assert reply.text == "echo: hello"
    assert reply.message_id > sent.message_id
    assert not reply.silent
    assert [message.text for message in api.messages(CHAT)] == ["hello", "echo: hello"]


@pytest.mark.usefixtures("bot")
def test_tap_is_answered_and_edits_the_message(api: BotApi) -> None:
    api.user_sends(CHAT, "/start")
    question = api.wait_for_reply(CHAT)
    assert question.text == "Sure? Then tap & go"
    assert question.html == "<b>Sure?</b> Then tap &amp; go"
    assert question.silent
    assert [(button.text, button.data) for button in api.buttons(question)] == [("Yes", "yes"), ("No", "no")]
    tap = api.user_taps(CHAT, question.message_id, "Yes")
    assert api.wait_for_answer(tap).text == "noted yes"
    edited = api.wait_for_reply(CHAT, after=tap, edited=True)
    assert (edited.message_id, edited.text, edited.buttons) == (question.message_id, "You said yes", ())
    assert edited.edit_date is not None


@pytest.mark.usefixtures("bot")
def test_edited_message(api: BotApi) -> None:
    first = api.user_sends(CHAT, "helo")
    api.wait_for_reply(CHAT, after=first)
    edit = api.user_edits(CHAT, first.message_id, "hello")
    assert api.wait_for_reply(CHAT, after=edit).text == "edited: hello"
    assert api.messages(CHAT)[0].text == "hello"


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("voice", "Voice"),
        ("photo", "tuple"),
        ("document", "Document"),
        ("contact", "Contact"),
        ("location", "Location"),
        ("sticker", "Sticker"),
        ("audio", "Audio"),
        ("video", "Video"),
        ("video_note", "VideoNote"),
        ("animation", "Animation"),
    ],
)
def test_media(api: BotApi, kind: MediaKind, name: str) -> None:
    sent = api.user_sends_media(CHAT, kind, caption="look")
    assert api.wait_for_reply(CHAT, after=sent).text == f"media: {name} look"


@pytest.mark.usefixtures("bot")
def test_same_update_twice_arrives_twice(api: BotApi) -> None:
    api.user_sends(CHAT, "once")
    api.wait_for_reply(CHAT)
    [update] = api.updates()
    assert api.push_update(update) == update["update_id"]
    api.wait_for_call("sendMessage", count=2)
    texts = [message.text for message in api.messages(CHAT) if message.from_bot]
    assert texts == ["echo: once", "echo: once"]
    later = api.user_sends(CHAT, "next")
    assert api.wait_for_reply(CHAT, after=later).text == "echo: next"
    assert api.updates()[-1]["update_id"] == update["update_id"] + 1
    assert len(api.calls("sendMessage")) == 3


@pytest.mark.usefixtures("bot")
def test_document_arrives_with_its_content(api: BotApi) -> None:
    api.user_sends(CHAT, "/file")
    reply = api.wait_for_reply(CHAT)
    assert reply.attachment is not None
    assert (reply.kind, reply.text) == ("document", "The table")
    assert (reply.attachment.file_name, reply.attachment.content) == ("table.csv", b"a,b\n1,2\n")
    [call] = api.wait_for_call("sendDocument")
    assert call.files == ("document",)


@pytest.mark.usefixtures("bot")
def test_added_to_a_group_the_bot_leaves(api: BotApi) -> None:
    api.bot_added_to_group(GROUP, title="Team")
    [call] = api.wait_for_call("leaveChat")
    assert (call.status, call.chat_id, call.carried_out) == (200, GROUP, True)
    with pytest.raises(ValueError, match="the bot is left"):
        api.user_sends(GROUP, "anyone?")


@pytest.mark.usefixtures("polling_bot")
def test_blocked_chat_gets_403(api: BotApi) -> None:
    api.user_sends(CHAT, "hi")
    api.wait_for_reply(CHAT)
    update = api.updates()[0]
    api.block(CHAT)
    api.push_update(update)
    call = api.wait_for_call("sendMessage", count=2)[1]
    assert (call.status, call.carried_out) == (403, False)
    assert call.description == "Forbidden: bot was blocked by the user"
    api.unblock(CHAT)
    assert api.wait_for_reply(CHAT, after=api.user_sends(CHAT, "back")).text == "echo: back"


@pytest.mark.usefixtures("polling_bot")
def test_reply_forward_group_and_date(api: BotApi) -> None:
    first = api.user_sends(CHAT, "one", date=dt.datetime(2024, 1, 2, tzinfo=dt.UTC), message_id=70)
    reply = api.wait_for_reply(CHAT, after=first)
    assert (first.date, reply.message_id) == (1704153600, 71)
    api.user_sends(CHAT, "two", forward_origin=True, reply_to=reply.message_id)
    assert api.wait_for_reply(CHAT).text == "forwarded: two"
    assert api.updates()[1]["message"]["reply_to_message"]["text"] == "echo: one"
    api.user_sends(GROUP, "three", chat_type="supergroup", user_id=9)
    assert api.wait_for_reply(GROUP).text == "echo: three"
    assert api.updates()[2]["message"]["from"]["id"] == 9


def test_429_is_waited_out_by_the_rate_limiter(api: BotApi) -> None:
    with RunningBot(api, retries=2):
        api.fail_next("sendMessage", 1, 429, "Too Many Requests: retry after 1", retry_after=1)
        api.user_sends(CHAT, "slowly")
        assert api.wait_for_reply(CHAT).text == "echo: slowly"
    first, second = api.calls("sendMessage")
    assert (first.status, first.carried_out, second.status, second.carried_out) == (429, False, 200, True)
    assert second.received - first.received >= 1.0


def test_rate_limits_hold_and_the_rate_limiter_copes(api: BotApi) -> None:
    with RunningBot(api, retries=5):
        api.rate_limits(per_chat_per_second=1)
        for number in range(3):
            api.user_sends(CHAT, f"m{number}")
        api.wait_until(lambda: len(api.messages(CHAT)) == 6 or None, timeout=15)
    calls = api.calls("sendMessage")
    let_through = [call.received for call in calls if call.carried_out]
    assert any(call.status == 429 for call in calls)
    assert all(later - earlier >= 0.95 for earlier, later in pairwise(let_through))


def test_messages_sent_before_the_bot_starts_are_waiting(api: BotApi) -> None:
    api.user_sends(CHAT, "anyone there?")
    with RunningBot(api):
        assert api.wait_for_reply(CHAT).text == "echo: anyone there?"


@pytest.mark.usefixtures("polling_bot")
def test_outage_and_return(api: BotApi) -> None:
    port = api.port
    api.wait_until(lambda: api.calls("getUpdates") or None)
    api.stop()
    api.start()
    assert api.port == port
    api.user_sends(CHAT, "still there?")
    assert api.wait_for_reply(CHAT, timeout=15).text == "echo: still there?"


@pytest.mark.usefixtures("polling_bot")
def test_failing_polls_are_survived(api: BotApi) -> None:
    api.fail_next("getUpdates", 2, 502)
    api.drop_connections("getUpdates", 1, carried_out=True)
    api.user_sends(CHAT, "first")
    assert api.wait_for_reply(CHAT, timeout=20).text == "echo: first"
    api.user_sends(CHAT, "second")
    assert api.wait_for_reply(CHAT, timeout=20).text == "echo: second"
    statuses = [call.status for call in api.calls("getUpdates") if call.finished]
    assert statuses.count(502) == 2
    assert None in statuses


@pytest.mark.usefixtures("polling_bot")
def test_log_has_times_and_the_long_poll_lasts(api: BotApi) -> None:
    before, clock = time.monotonic(), time.time()
    api.wait_until(lambda: api.calls("getUpdates") or None)
    time.sleep(0.4)
    api.user_sends(CHAT, "tick")
    api.wait_for_reply(CHAT)
    [send] = api.wait_for_call("sendMessage")
    assert before <= send.received <= (send.answered or 0) <= time.monotonic()
    assert clock <= send.received_at <= time.time()
    polls = [call for call in api.calls("getUpdates") if call.finished and call.result]
    assert (polls[0].answered or 0) - polls[0].received >= 0.3
