"""What the stand-in refuses and how it misbehaves, call by call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.standin.botapi import BotApi
from tests.standin.driver import free_port
from tests.standin.text import JsonObject

CHAT = 11


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi(control=True) as running:
        running.open_chat(CHAT)
        yield running


def call(api: BotApi, method: str, **params: Any) -> JsonObject:
    answer: JsonObject = httpx.post(f"{api.url}{api.token}/{method}", json=params, timeout=30).json()
    return answer


def refusal(api: BotApi, method: str, **params: Any) -> str:
    answer = call(api, method, **params)
    assert answer["ok"] is False
    assert api.calls()[-1].carried_out is False
    return f"{answer['error_code']} {answer['description']}"


def keyboard(data: str) -> JsonObject:
    return {"inline_keyboard": [[{"text": "Tap", "callback_data": data}]]}


def test_unknown_method_and_wrong_token(api: BotApi) -> None:
    assert call(api, "getNothing") == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }
    answer = httpx.get(f"{api.url}1:wrong/getMe")
    assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")
    api.remove_method("getChat")
    assert refusal(api, "getChat", chat_id=CHAT) == "404 Not Found: method not found"
    api.restore_method("getChat")
    assert call(api, "GETCHAT", chat_id=CHAT)["result"]["id"] == CHAT


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "a", "reply_markup": keyboard("")}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": keyboard("é" * 33)}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "chat_id": 99}, "chat not found"),
        ({"text": "a", "chat_id": None}, "chat_id is empty"),
        ({"text": "a", "reply_parameters": {"message_id": 9}}, "message to be replied not found"),
    ],
)
def test_send_message_refuses(api: BotApi, params: JsonObject, reason: str) -> None:
    assert refusal(api, "sendMessage", **({"chat_id": CHAT} | params)) == f"400 Bad Request: {reason}"
    assert api.messages(CHAT) == []


def test_length_counts_after_parsing(api: BotApi) -> None:
    assert call(api, "sendMessage", chat_id=CHAT, text=f"<b>{'x' * 4096}</b>", parse_mode="HTML")["ok"]
    assert call(api, "sendMessage", chat_id=CHAT, text="a", reply_markup=keyboard("é" * 32))["ok"]


def test_form_and_query_parameters(api: BotApi) -> None:
    form = {"chat_id": str(CHAT), "text": "12", "disable_notification": "true"}
    form["reply_markup"] = json.dumps(keyboard("k"))
    assert httpx.post(f"{api.url}{api.token}/sendMessage", data=form).status_code == 200
    assert httpx.get(f"{api.url}{api.token}/sendMessage", params={"chat_id": CHAT, "text": "13"}).is_success
    first, second = api.messages(CHAT)
    assert (first.text, first.silent, first.buttons[0][0].data, second.text) == ("12", True, "k", "13")
    assert api.calls()[0].params["disable_notification"] is True


def test_edit_refusals(api: BotApi) -> None:
    sent = call(api, "sendMessage", chat_id=CHAT, text="a", reply_markup=keyboard("k"))["result"]["message_id"]
    same = {"chat_id": CHAT, "message_id": sent, "text": "a", "reply_markup": keyboard("k")}
    assert "message is not modified" in refusal(api, "editMessageText", **same)
    assert refusal(api, "editMessageText", **(same | {"message_id": 50})).endswith("message to edit not found")
    theirs = api.user_sends(CHAT, "mine").message_id
    assert refusal(api, "editMessageText", **(same | {"message_id": theirs})).endswith("can't be edited")
    assert call(api, "editMessageReplyMarkup", chat_id=CHAT, message_id=sent)["ok"]
    assert "not modified" in refusal(api, "editMessageReplyMarkup", chat_id=CHAT, message_id=sent)


def test_delete(api: BotApi) -> None:
    ids = [call(api, "sendMessage", chat_id=CHAT, text=str(n))["result"]["message_id"] for n in range(3)]
    assert call(api, "deleteMessage", chat_id=CHAT, message_id=ids[0])["result"] is True
    again = refusal(api, "deleteMessage", chat_id=CHAT, message_id=ids[0])
    assert again == "400 Bad Request: message to delete not found"
    assert call(api, "deleteMessages", chat_id=CHAT, message_ids=ids)["result"] is True
    assert api.messages(CHAT) == []
    old = api.user_sends(CHAT, "long ago", date=1_600_000_000).message_id
    assert refusal(api, "deleteMessage", chat_id=CHAT, message_id=old).endswith("can't be deleted for everyone")


def test_old_and_unknown_queries(api: BotApi) -> None:
    sent = call(api, "sendMessage", chat_id=CHAT, text="a", reply_markup=keyboard("k"))["result"]["message_id"]
    assert "query is too old" in refusal(api, "answerCallbackQuery", callback_query_id="1")
    api.expire_taps(0.0)
    tap = api.user_taps(CHAT, sent, "k")
    assert "query is too old" in refusal(api, "answerCallbackQuery", callback_query_id=tap.query_id)
    api.expire_taps(None)
    assert call(api, "answerCallbackQuery", callback_query_id=tap.query_id, text="ok")["ok"]
    assert api.wait_for_answer(tap).text == "ok"
    with pytest.raises(LookupError, match="has no button 'gone'"):
        api.user_taps(CHAT, sent, "gone")
    assert api.user_taps(CHAT, sent, "gone", stale=True).data == "gone"


def test_failure_before_and_after_carrying_out(api: BotApi) -> None:
    api.fail_next("sendMessage", 1, 500)
    assert refusal(api, "sendMessage", chat_id=CHAT, text="lost") == "500 Internal Server Error"
    api.fail_next("sendMessage", 1, 502, carried_out=True)
    assert call(api, "sendMessage", chat_id=CHAT, text="kept")["error_code"] == 502
    assert [message.text for message in api.messages(CHAT)] == ["kept"]
    assert [(c.status, c.carried_out) for c in api.calls("sendMessage")] == [(500, False), (502, True)]


@pytest.mark.parametrize("carried_out", [False, True])
def test_dropped_connection(api: BotApi, carried_out: bool) -> None:
    api.drop_connections("sendMessage", 1, carried_out=carried_out)
    with pytest.raises(httpx.TransportError):
        call(api, "sendMessage", chat_id=CHAT, text="hm")
    [logged] = api.wait_for_call("sendMessage")
    assert (logged.status, logged.carried_out) == (None, carried_out)
    assert len(api.messages(CHAT)) == int(carried_out)
    assert call(api, "sendMessage", chat_id=CHAT, text="again")["ok"]


def test_half_an_answer(api: BotApi) -> None:
    api.halve_answers("sendMessage", 1)
    with pytest.raises(httpx.RemoteProtocolError):
        call(api, "sendMessage", chat_id=CHAT, text="hm")
    [logged] = api.wait_for_call("sendMessage")
    assert (logged.status, logged.carried_out) == (None, True)
    assert [message.text for message in api.messages(CHAT)] == ["hm"]


def test_a_late_answer_to_what_was_carried_out_at_once(api: BotApi) -> None:
    api.delay_answers("sendMessage", 0.3)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{api.url}{api.token}/sendMessage", json={"chat_id": CHAT, "text": "hm"}, timeout=0.1)
    assert [message.text for message in api.messages(CHAT)] == ["hm"]
    [logged] = api.wait_for_call("sendMessage")
    assert (logged.answered or 0) - logged.received >= 0.3


def test_delay_and_overall_limit(api: BotApi) -> None:
    api.delay("getMe", 0.3)
    call(api, "getMe")
    [logged] = api.calls("getMe")
    assert (logged.answered or 0) - logged.received >= 0.3
    api.open_chat(12)
    api.rate_limits(overall_per_second=2)
    answers = [call(api, "sendMessage", chat_id=chat, text="x") for chat in (CHAT, 12, CHAT)]
    assert [answer["ok"] for answer in answers] == [True, True, False]
    assert answers[2]["parameters"] == {"retry_after": 1}
    api.clear_faults()
    assert call(api, "sendMessage", chat_id=CHAT, text="x")["ok"]


def test_updates_offset_filter_and_webhook_conflict(api: BotApi) -> None:
    for text in "abc":
        api.user_sends(CHAT, text)
    first = call(api, "getUpdates", limit=2, allowed_updates=["message"])["result"]
    assert [update["message"]["text"] for update in first] == ["a", "b"]
    rest = call(api, "getUpdates", offset=first[-1]["update_id"] + 1)["result"]
    assert [update["message"]["text"] for update in rest] == ["c"]
    api.block(CHAT)
    assert call(api, "getUpdates", offset=rest[-1]["update_id"] + 1)["result"] == []
    assert call(api, "setWebhook", url="http://127.0.0.1:9/hook", secret_token="s")["ok"]
    assert refusal(api, "getUpdates").startswith("409 Conflict: can't use getUpdates")
    assert call(api, "deleteWebhook")["ok"]


def test_profile_methods_keep_what_was_set(api: BotApi) -> None:
    commands = [{"command": "start", "description": "Begin"}]
    assert call(api, "setMyCommands", commands=commands)["ok"]
    assert call(api, "getMyCommands")["result"] == commands
    assert refusal(api, "setMyCommands", commands=[{"command": "No!", "description": "x"}]).startswith("400")
    assert call(api, "setMyDescription", description="What I do", language_code="en")["ok"]
    assert call(api, "getMyDescription", language_code="en")["result"] == {"description": "What I do"}
    assert call(api, "setMyShortDescription", short_description="s" * 121)["error_code"] == 400
    assert call(api, "logOut")["result"] is True


def test_files_can_be_downloaded(api: BotApi) -> None:
    voice = api.user_sends_media(CHAT, "voice", content=b"ogg")
    assert voice.attachment
    path = call(api, "getFile", file_id=voice.attachment.file_id)["result"]["file_path"]
    assert httpx.get(f"{api.file_url}{api.token}/{path}").content == b"ogg"


def test_control_over_http(api: BotApi) -> None:
    control = api.url.removesuffix("bot") + "control"
    sent = httpx.post(f"{control}/user_sends", json={"chat_id": CHAT, "text": "hi"}).json()["result"]
    assert (sent["text"], sent["html"], sent["message_id"]) == ("hi", "hi", 1)
    call(api, "sendMessage", chat_id=CHAT, text="hello", reply_markup=keyboard("k"))
    reply = httpx.post(f"{control}/wait_for_reply", json={"chat_id": CHAT}).json()["result"]
    assert reply["buttons"] == [[{"text": "Tap", "data": "k", "url": None}]]
    assert httpx.post(f"{control}/stop").status_code == 404
    late = httpx.post(f"{control}/wait_for_reply", json={"chat_id": CHAT, "after": 99, "timeout": 0.1})
    assert late.status_code == 408


def test_a_newer_poll_ends_the_older(api: BotApi) -> None:
    with ThreadPoolExecutor() as pool:
        older = pool.submit(call, api, "getUpdates", timeout=20)
        api.wait_until(lambda: api.calls("getUpdates") or None)
        assert call(api, "getUpdates")["ok"]
        assert older.result()["description"].startswith("Conflict: terminated by other getUpdates request")


def test_undeliverable_webhook_keeps_the_update(api: BotApi) -> None:
    call(api, "setWebhook", url=f"http://127.0.0.1:{free_port()}/hook")
    api.user_sends(CHAT, "hello?")
    api.wait_until(lambda: api.world.webhook.last_error_message or None)
    assert "last_error_message" in call(api, "getWebhookInfo")["result"]
    call(api, "deleteWebhook")
    [update] = call(api, "getUpdates")["result"]
    assert update["message"]["text"] == "hello?"


def test_waiting_for_a_change(api: BotApi) -> None:
    call(api, "sendMessage", chat_id=CHAT, text="a", reply_markup=keyboard("k"))
    [sent] = api.messages(CHAT)
    call(api, "editMessageReplyMarkup", chat_id=CHAT, message_id=sent.message_id)
    changed = api.wait_for_change(sent)
    assert changed is not None
    assert (changed.text, changed.buttons) == ("a", ())
    call(api, "deleteMessage", chat_id=CHAT, message_id=sent.message_id)
    assert api.wait_for_change(changed) is None
    with pytest.raises(TimeoutError, match="not seen: a reply in chat 11"):
        api.wait_for_reply(CHAT, timeout=0.1)
