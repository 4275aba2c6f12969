"""The chat in the terminal: the same chain and features as in the messenger, with numbered choices."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Console
from rich.text import Text

from bot.chain import Chain
from bot.messages import File, Incoming, Message, Style, Tapped, Turn, Typed
from bot.reminders.delivery import NotDeliveredError
from bot.runtime.assembly import LOCAL_ADDRESS, TERMINAL

STYLES = {Style.TITLE: "bold", Style.BODY: "", Style.SOURCE: "italic cyan", Style.NOTE: "yellow"}
END_WORDS = frozenset({"/ende", "/exit", "/quit"})
WIDTH = 88


@dataclass
class TerminalChat:
    """One conversation at a terminal. Numbers tap the buttons of the last message that had some."""

    chain: Chain
    exports: Path
    console: Console = field(default_factory=lambda: Console(highlight=False, width=min(WIDTH, Console().width)))
    conversation: str = "terminal"
    buttons: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Chat until the person ends it (/ende, Ctrl-D)."""
        await self.say("/start")
        async for line in lines():
            if line.strip().lower() in END_WORDS:
                return
            if line.strip():
                await self.say(line)

    async def say(self, line: str) -> Turn:
        """One line of the person; shows and returns the reply."""
        turn = await self.chain.handle(
            Incoming(TERMINAL, LOCAL_ADDRESS, self.conversation, self.chain.clock(), self.content(line))
        )
        self.show(turn)
        return turn

    def content(self, line: str) -> Typed | Tapped:
        word = line.strip()
        if word.isascii() and word.isdecimal() and 1 <= int(word) <= len(self.buttons):
            return Tapped(self.buttons[int(word) - 1])
        return Typed(line)

    def show(self, turn: Turn) -> None:
        if turn.notice:
            self.console.print(Text(turn.notice, style="green"))
        for message in turn.messages:
            self.console.print(render(message))
            for file in message.files:
                self.console.print(Text(f"Gespeichert: {self.save(file)}", "dim"))
            flat = [button for row in message.rows for button in row]
            if flat:
                self.buttons = self.chain.buttons(message, channel=TERMINAL, conversation=self.conversation)
                for number, button in enumerate(flat, 1):
                    self.console.print(Text(f"[{number}] {button.label}", "dim"))
        self.console.print()

    async def deliver(self, address: str, turn: Turn) -> None:
        """Show a reminder below what stands there."""
        if address != LOCAL_ADDRESS:
            raise NotDeliveredError
        self.show(turn)

    def save(self, file: File) -> Path:
        """Keep a file for its reader only, and never over another one."""
        self.exports.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.exports / f"{self.chain.clock():%Y%m%d-%H%M%S}-{file.name}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(file.content)
        return path


def render(message: Message) -> Text:
    text = Text()
    for number, paragraph in enumerate(message.paragraphs):
        text.append("\n" if number else "")
        text.append(paragraph.text, style=STYLES[paragraph.style])
    return text


async def lines() -> AsyncIterator[str]:
    """What is typed: with editing and history at a terminal, plain lines from a pipe."""
    if not sys.stdin.isatty():
        for line in sys.stdin:
            yield line.rstrip("\n")
        return
    prompt: PromptSession[str] = PromptSession("› ", history=InMemoryHistory())
    while True:
        try:
            with patch_stdout():
                yield await prompt.prompt_async()
        except (EOFError, KeyboardInterrupt):
            return
