"""`make bench`: what a turn costs through the whole path, beside Rasa's own starter project in the same run.

Prints medians and 95th percentiles in milliseconds, the ratios to the starter, throughput, cold start and memory.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from actions.settings import Settings
from bot.runtime.environments import ROOT
from bot.runtime.model import ensure_model
from bot.runtime.progress import Progress
from bot.runtime.services import internal_token
from knowledge.load import load_knowledge
from tests.bench import starter
from tests.conftest import free_port
from tests.standin.botapi import BotApi

ROUNDS = 5
TURNS_PER_ROUND = 40
CASES = 30
LONG_CONVERSATION = 195
AROUND = 5
CHATS = 10
EVERY = 2.0
PAUSE = 0.05
STEADY_SECONDS = 40.0
FLOOD = 300
STAFF = range(1001, 1001 + CHATS + 2)
QUESTIONS = (
    "bis wann muss der antrag fürs nächste jahr raus?",
    "wie hoch ist der eigenanteil?",
    "welche fallzahl je stelle?",
    "muss man die kim datenbank nutzen?",
    "wann wird die pauschale ausgezahlt?",
)

Timed = list[float]


def main() -> None:
    progress = Progress()
    knowledge = load_knowledge()
    home = Settings(data_dir=ROOT / ".lotse")
    model = ensure_model(home, knowledge, progress)
    with tempfile.TemporaryDirectory() as folder, BotApi() as api:
        data = Path(folder)
        (data / "models").symlink_to(model.archive.parent.resolve())
        settings = Settings(data_dir=data, rasa_port=free_port(), action_port=free_port())
        with progress.step("Rasas Starterprojekt vorbereiten"):
            starter.prepare(home.data_dir / "bench" / "starter")
        began = time.monotonic()
        with lotse(settings, api) as process:
            turn(api, STAFF[0], QUESTIONS[0], timeout=120)
            cold_start = time.monotonic() - began
            with starter.running(home.data_dir / "bench" / "starter") as starter_url:
                report(api, settings, starter_url, process, cold_start)


def report(api: BotApi, settings: Settings, starter_url: str, process: psutil.Process, cold_start: float) -> None:
    edge = our_edge(settings)
    theirs = starter_edge(starter_url)
    measured: dict[str, Timed] = {"starter at its edge": [], "ours at Rasa's edge": [], "ours, whole path": []}
    for _ in range(ROUNDS):
        measured["starter at its edge"] += [theirs(i) for i in range(TURNS_PER_ROUND)]
        measured["ours at Rasa's edge"] += [edge(i) for i in range(TURNS_PER_ROUND)]
        measured["ours, whole path"] += [turn(api, STAFF[0], question(i)) for i in range(TURNS_PER_ROUND)]
    told, saved = consultations(api)
    fresh, long = long_conversation(api)
    steady = steady_chats(api)
    flood_rate = flood(api)
    base = statistics.median(measured["starter at its edge"])
    for name, times in measured.items():
        median = statistics.median(times)
        print(f"{name:22} median {median:6.1f} ms  p95 {p95(times):6.1f} ms  ratio of medians {median / base:.2f}")
    median = statistics.median(steady)
    print(f"{f'{CHATS} chats, every {EVERY:.0f} s':22} median {median:6.1f} ms  p95 {p95(steady):6.1f} ms")
    both = [one + two for one, two in zip(told, saved, strict=True)]
    for name, times in (("Kurzberatung: message", told), ("Kurzberatung: save", saved), ("Kurzberatung: both", both)):
        print(f"{name:22} median {statistics.median(times):6.1f} ms  p95 {p95(times):6.1f} ms")
    early, late = statistics.median(fresh), statistics.median(long)
    print(f"long conversation      turn 10: {early:.1f} ms, turn 200: {late:.1f} ms, ratio {late / early:.2f}")
    print(f"saturated              {flood_rate:.1f} messages/s (the bot holds itself to Telegram's 30/s)")
    print(f"cold start             {cold_start:.1f} s to the first answer (model trained before)")
    for name, megabytes in memory(process).items():
        print(f"memory                 {megabytes:5.0f} MB {name}")
    print(json.dumps({name: round(statistics.median(times), 2) for name, times in measured.items()}))


def question(number: int) -> str:
    return QUESTIONS[number % len(QUESTIONS)]


@contextmanager
def lotse(settings: Settings, api: BotApi) -> Iterator[psutil.Process]:
    """The real bot with its servers, against the stand-in."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")} | {
        "LOTSE_DATA_DIR": str(settings.data_dir),
        "LOTSE_RASA_PORT": str(settings.rasa_port),
        "LOTSE_ACTION_PORT": str(settings.action_port),
        "LOTSE_TELEGRAM_TOKEN": api.token,
        "LOTSE_TELEGRAM_API_URL": api.url,
        "LOTSE_TELEGRAM_STAFF": ",".join(f"{account}:bench-{account}" for account in STAFF),
        "LOTSE_MESSAGES_PER_MINUTE": "1000000",
    }
    command = [sys.executable, "-c", "from bot.cli import main; main()", "run", "--no-chat"]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def turn(api: BotApi, chat: int, text: str, timeout: float = 30) -> float:
    """Milliseconds from the update at the Bot API to the reply there."""
    began = time.monotonic()
    sent = api.user_sends(chat, text, user_id=chat)
    api.wait_for_reply(chat, after=sent, timeout=timeout)
    return (time.monotonic() - began) * 1000


def consultations(api: BotApi) -> tuple[Timed, Timed]:
    """Whole consultations, each in a case of its own: the message that tells everything, and the tap that saves it."""
    chat, told, saved = STAFF[0], [], []
    for case in range(CASES):
        number = f"KIM-{1001 + case}"
        paced_turn(api, chat, f"fall anlegen {number}, kurzberatung, einwilligung heute unterschrieben")
        time.sleep(PAUSE)
        began = time.monotonic()
        sent = api.user_sends(chat, f"kurzberatung {number} heute {10 + case} min telefon, wohnung", user_id=chat)
        summary = api.wait_for_reply(chat, after=sent, timeout=30)
        told.append((time.monotonic() - began) * 1000)
        time.sleep(PAUSE)
        began = time.monotonic()
        tap = api.user_taps(chat, summary.message_id, "Speichern", user_id=chat)
        api.wait_for_reply(chat, after=tap, timeout=30)
        saved.append((time.monotonic() - began) * 1000)
    return told, saved


def long_conversation(api: BotApi) -> tuple[Timed, Timed]:
    """Turns around the 10th and around the 200th of a conversation, in turn, so that the machine's moods meet both."""
    short_chat, long_chat = STAFF[1], STAFF[2]
    for number in range(LONG_CONVERSATION):
        paced_turn(api, long_chat, question(number))
    for number in range(AROUND):
        paced_turn(api, short_chat, question(number))
    both = [
        (paced_turn(api, short_chat, question(number)), paced_turn(api, long_chat, question(number)))
        for number in range(2 * AROUND)
    ]
    return [early for early, _ in both], [late for _, late in both]


def paced_turn(api: BotApi, chat: int, text: str) -> float:
    """A turn after a pause, so that the bot's own limit of messages per second plays no part."""
    time.sleep(PAUSE)
    return turn(api, chat, text)


def steady_chats(api: BotApi) -> Timed:
    """Ten people who each write every two seconds, out of step."""
    times: Timed = []

    def person(chat: int, offset: float) -> None:
        time.sleep(offset)
        end = time.monotonic() + STEADY_SECONDS
        number = 0
        while time.monotonic() < end:
            took = turn(api, chat, question(number))
            times.append(took)
            number += 1
            time.sleep(max(0.0, EVERY - took / 1000))

    people = [threading.Thread(target=person, args=(STAFF[2 + i], i * EVERY / CHATS)) for i in range(CHATS)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return times


def flood(api: BotApi) -> float:
    """Messages per second when everything is sent at once."""
    before = len([call for call in api.calls("sendMessage") if call.carried_out])
    began = time.monotonic()
    for number in range(FLOOD):
        chat = STAFF[2 + number % CHATS]
        api.user_sends(chat, question(number), user_id=chat)
    api.wait_for_call("sendMessage", count=before + FLOOD, timeout=120)
    return FLOOD / (time.monotonic() - began)


def our_edge(settings: Settings) -> Callable[[int], float]:
    token = internal_token(settings)
    client = httpx.Client(headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    url = f"http://127.0.0.1:{settings.rasa_port}/webhooks/lotse/webhook"
    return lambda number: post(client, url, {"message": question(number), "metadata": {}}, number)


def starter_edge(url: str) -> Callable[[int], float]:
    client = httpx.Client(trust_env=False)
    return lambda number: post(client, url, {"message": "are you a bot?"}, number)


def post(client: httpx.Client, url: str, body: dict[str, object], number: int) -> float:
    """One turn at Rasa's edge; every tenth begins a new conversation, as our bot does."""
    began = time.monotonic()
    answer = client.post(url, json=body | {"sender": f"bench-{began // 600}-{number // 10}"}, timeout=30)
    took = (time.monotonic() - began) * 1000
    if not answer.json():
        raise RuntimeError(f"no reply from {url}")
    return took


def memory(process: psutil.Process) -> dict[str, float]:
    """Resident megabytes of the bot and its servers."""
    found = {"bot": process.memory_info().rss / 1e6}
    for child in process.children(recursive=True):
        command = child.cmdline()
        name = "Rasa" if "rasa" in command else "action server" if "actions" in command else command[0]
        found[name] = found.get(name, 0.0) + child.memory_info().rss / 1e6
    return found


def p95(times: Timed) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


if __name__ == "__main__":
    main()
