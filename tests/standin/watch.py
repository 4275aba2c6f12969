"""The test side, second half: what the person sees, what the bot called, and how the server misbehaves."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from tests.standin.faults import Fault, Faults, Pace, RateLimits
from tests.standin.model import ApiError, Button, Call, Message, Tap, TapAnswer
from tests.standin.world import Chat, World

Found = TypeVar("Found")

DESCRIPTIONS = {
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict",
    429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 504: "Gateway Timeout",
}  # fmt: skip
SHOWN_ON_TIMEOUT = 8
LONGEST_LINE = 300


class WatchSide:
    """Looking and waiting. The waits block their thread: in async code put them into asyncio.to_thread."""

    world: World

    def messages(self, chat_id: int) -> list[Message]:
        """The chat as the person sees it now, oldest first."""
        with self.world.changed:
            chat = self.world.chats.get(chat_id)
            return [chat.messages[key] for key in sorted(chat.messages)] if chat else []

    def message(self, chat_id: int, message_id: int) -> Message | None:
        with self.world.changed:
            chat = self.world.chats.get(chat_id)
            return chat.messages.get(message_id) if chat else None

    def buttons(self, message: Message) -> list[Button]:
        """Its inline buttons, row by row."""
        return [button for row in message.buttons for button in row]

    def calls(self, method: str | None = None) -> list[Call]:
        """The log of every call, or those of one method, in order of arrival."""
        with self.world.changed:
            wanted = method.lower() if method else None
            return [call for call in self.world.log if wanted in (None, call.method.lower())]

    def wait_for_reply(
        self,
        chat_id: int,
        *,
        after: Message | Tap | int | None = None,
        timeout: float = 5.0,
        edited: bool = False,
    ) -> Message:
        """The bot's first message after `after`: a message, a tap, a message id, or (None) what the person
        did last in this chat. With `edited` an older message the bot changed since then counts too."""
        if edited and isinstance(after, int):
            raise ValueError("edits are found by time: give the message or tap itself, not its id")
        return self.wait_until(
            lambda: self._reply(chat_id, after, edited), timeout=timeout, what=f"a reply in chat {chat_id}"
        )

    def wait_for_change(self, message: Message, *, timeout: float = 5.0) -> Message | None:
        """The message once it has changed since `message` was looked at; None if it was deleted."""

        def changed() -> tuple[Message | None] | None:
            now = self.world.chats[message.chat_id].messages.get(message.message_id)
            return (now,) if now is None or now.stamp > message.stamp else None

        what = f"a change of message {message.message_id} in chat {message.chat_id}"
        return self.wait_until(changed, timeout=timeout, what=what)[0]

    def wait_for_answer(self, tap: Tap | str, *, timeout: float = 5.0) -> TapAnswer:
        """How the bot answered the tap (answerCallbackQuery)."""
        query_id = tap.query_id if isinstance(tap, Tap) else tap
        return self.wait_until(
            lambda: self.world.tap_answers.get(query_id), timeout=timeout, what=f"an answer to tap {query_id}"
        )

    def wait_for_call(self, method: str, *, count: int = 1, timeout: float = 5.0) -> list[Call]:
        """The finished calls of a method, once there are `count` of them."""

        def enough() -> list[Call] | None:
            finished = [call for call in self.calls(method) if call.finished]
            return finished if len(finished) >= count else None

        return self.wait_until(enough, timeout=timeout, what=f"{count} x {method}")

    def wait_until(self, check: Callable[[], Found | None], *, timeout: float = 5.0, what: str = "") -> Found:
        """What `check` gives as soon as it is not None; it runs again after every change, under the lock."""
        deadline = time.monotonic() + timeout
        with self.world.changed:
            while True:
                found = check()
                if found is not None:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"not seen: {what or 'the state'} within {timeout} s{self._recently()}")
                self.world.changed.wait(left)

    def _reply(self, chat_id: int, after: Message | Tap | int | None, edited: bool) -> Message | None:
        chat = self.world.chats.get(chat_id)
        if chat is None:
            return None
        theirs = [message for message in chat.messages.values() if message.from_bot]
        if isinstance(after, int):
            later = [message for message in theirs if message.message_id > after]
        else:
            since = _stamp(chat, after)
            later = [m for m in theirs if (m.stamp if edited else m.sent_stamp) > since]
        return min(later, key=lambda m: m.stamp if edited else m.message_id, default=None)

    def _recently(self) -> str:
        calls = [call for call in self.world.log if call.method != "getUpdates"][-SHOWN_ON_TIMEOUT:]
        return "; last calls:" + "".join([_line(call) for call in calls] or [" none"])


class FaultSide:
    """Rules for the server's misbehaviour. A method "*" stands for all of them."""

    world: World
    faults: Faults

    def fail_next(
        self,
        method: str,
        count: int | None = 1,
        status: int = 500,
        description: str = "",
        retry_after: int | None = None,
        *,
        carried_out: bool = False,
        chat_id: int | None = None,
    ) -> None:
        """The next `count` calls (None: all) get this error, after being `carried_out` or not."""
        error = ApiError(status, description or DESCRIPTIONS.get(status, "Error"), retry_after)
        self._add(Fault(method.lower(), count, error, carried_out, chat_id))

    def drop_connections(
        self, method: str, count: int | None = 1, *, carried_out: bool = False, chat_id: int | None = None
    ) -> None:
        """The next `count` calls find the socket closed without an answer."""
        self._add(Fault(method.lower(), count, None, carried_out, chat_id))

    def halve_answers(self, method: str, count: int | None = 1, *, chat_id: int | None = None) -> None:
        """The next `count` calls are carried out; the socket closes in the middle of the answer."""
        self._add(Fault(method.lower(), count, None, True, chat_id, half=True))

    def delay(self, method: str, seconds: float) -> None:
        """Every call waits this long before it is carried out; 0 ends it."""
        with self.world.changed:
            self.faults.delays[method.lower()] = seconds

    def delay_answers(self, method: str, seconds: float) -> None:
        """Every call is carried out and answered this long afterwards; 0 ends it."""
        with self.world.changed:
            self.faults.answer_delays[method.lower()] = seconds

    def remove_method(self, name: str) -> None:
        """The server does not know the method, as an older one would not."""
        with self.world.changed:
            self.faults.removed.add(name.lower())

    def restore_method(self, name: str) -> None:
        with self.world.changed:
            self.faults.removed.discard(name.lower())

    def rate_limits(
        self,
        per_chat_per_second: float | None = None,
        overall_per_second: float | None = None,
        *,
        group_per_minute: int | None = None,
    ) -> None:
        """429 with retry_after for sends and edits beyond these; None: no limit."""
        limits = RateLimits()
        limits.chat = Pace.per_second(per_chat_per_second) if per_chat_per_second else None
        limits.overall = Pace.per_second(overall_per_second) if overall_per_second else None
        limits.group = Pace(group_per_minute, 60.0) if group_per_minute else None
        with self.world.changed:
            self.faults.limits = limits

    def clear_faults(self) -> None:
        """Behaves again: no failures, drops, delays, limits or missing methods."""
        with self.world.changed:
            self.faults.rules.clear()
            self.faults.delays.clear()
            self.faults.answer_delays.clear()
            self.faults.removed.clear()
            self.faults.limits = RateLimits()

    def _add(self, fault: Fault) -> None:
        with self.world.changed:
            self.faults.rules.append(fault)


def _line(call: Call) -> str:
    return f"\n  {call.method} -> {call.status} {call.description} {dict(call.params)}"[:LONGEST_LINE]


def _stamp(chat: Chat, after: Message | Tap | int | None) -> int:
    return after.stamp if isinstance(after, Message | Tap) else chat.person_stamp
